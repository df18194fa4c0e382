"""`dondoc watch`: the proof that silence means all well."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, insert, update

from ministry import CLOSING, OPENING, PERIOD, Ministry, Workspace, create
from postbox import Postbox
from rules.watch import instants
from schemas import tables
from schemas.texts import say
from tasks import audit
from tasks.desk import Desk
from tasks.watch import plans

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
WATCHERS = ("quantri@ubdt.vn", "truc@ubdt.vn")
DAY = timedelta(days=1)


@pytest.fixture
def watched(opened: Workspace) -> Workspace:
    """Opened on the first of the month, with two people who get the mail."""
    opened.setting("# recipients = []  # thư", f"recipients = {json.dumps(WATCHERS)}  # thư")
    return opened


def play(workspace: Workspace, day: date, but: str = "") -> None:
    """Runs of every schedule, each at its time, for twelve days; `but` stands still."""
    begin = datetime(day.year, day.month, day.day, tzinfo=ZONE)
    with Desk(workspace.path, CLOSING) as desk:
        rows = []
        for plan in plans():
            for at in instants(plan, begin, begin + 12 * DAY):
                if plan.flow != but:
                    row = {"flow": plan.flow, "business_date": at.date(), "login": "x"}
                    row |= {"started_at": at, "ended_at": at + timedelta(seconds=9)}
                    rows.append(row | {"outcome": "done"})
        with desk.writer.begin() as connection:
            connection.execute(insert(tables.run), rows)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """A watch at ten o'clock of a day; its answer, which its file gives too."""

    def at_ten(workspace: Workspace, day: date = CLOSING) -> dict[str, Any]:
        instant = datetime(day.year, day.month, day.day, 10, tzinfo=ZONE).astimezone(UTC)
        for room in ("tasks.desk", "tasks.watch"):
            monkeypatch.setattr(f"{room}.now", lambda: instant)
        ran = workspace("watch", "--json", today=day)
        found: dict[str, Any] = ran.json
        assert ran.status == (1 if found["lapses"] else 0), ran.err
        assert json.loads((workspace.path / "watch.json").read_text("utf-8")) == found
        assert found["as_planned"] is not bool(found["lapses"])
        return found

    return at_ten


Watch = Callable[..., dict[str, Any]]


def kinds(found: dict[str, Any]) -> list[str]:
    return [one["kind"] for one in found["lapses"]]


def test_all_ran_as_planned_is_said_once_a_day(
    watched: Workspace, postbox: Postbox, watch: Watch, shown: Callable[..., None]
) -> None:
    play(watched, OPENING)
    watched.done("deliver", today=OPENING)
    watched.done("report", PERIOD)
    watched.done("approve", PERIOD, "--by", "An")
    watched.done("deliver")
    postbox.taken.clear()
    assert kinds(watch(watched)) == kinds(watch(watched)) == []
    assert sorted(one.recipients[0] for one in postbox.taken) == sorted(WATCHERS)
    mail = postbox.to(WATCHERS[0])[0]
    text = mail.get_body(("plain",))
    assert text is not None
    said = " ".join(text.get_content().split())
    assert "Mọi việc đã chạy theo kế hoạch (10/11/2021)" in str(mail["Subject"])
    assert mail["Auto-Submitted"] == "auto-generated"
    with Desk(watched.path) as desk, desk.engine.connect() as connection:
        heads = {entry.hash for entry in audit.entries(connection)}
        assert any(one in said for one in heads)
    (row, _) = watched.outbox("watch", "sent")
    assert row["message_id"] == mail["Message-ID"]
    assert kinds(watch(watched, CLOSING + DAY)) == []
    assert len(postbox.taken) == 4
    shown(
        "runs", "nothing happens", "a mail each day says that all ran as planned",
        f"2 days, 2 addresses, watched 3 times: {len(postbox.taken)} mails",
    )  # fmt: skip


def test_a_schedule_that_stands_still_is_named(
    watched: Workspace, postbox: Postbox, watch: Watch, shown: Callable[..., None]
) -> None:
    scheduled = dict.fromkeys(plan.flow for plan in plans())
    named = 0
    for flow in scheduled:
        month = create(watched.path.parent / flow, Ministry(1))
        first = OPENING if flow == "open-period" else CLOSING
        play(month, first - DAY, but=flow)
        (lapse,) = watch(month, first if flow != "watch" else first + DAY)["lapses"]
        assert lapse["kind"] == "missed"
        assert lapse["facts"]["flow"] == flow
        assert say(f"flow.{flow}") in lapse["message"]
        named += 1
    shown(
        "runs", "a schedule stands still for a day", "watch names it on the next",
        f"{named} of {len(scheduled)} schedules named",
    )  # fmt: skip
    assert postbox.taken == []


def test_what_waits_and_what_broke_is_told(
    reported: Workspace, postbox: Postbox, watch: Watch
) -> None:
    """Of one month: a claim that nobody holds, drafts that nobody approved, an answer that was
    never sent, a message refused for good."""
    reported.done("remind")
    postbox.at_rcpt["nop.dv01@ubdt.vn"] = "550 no such user"
    assert reported("deliver").status == 1
    with Desk(reported.path) as desk, desk.writer.begin() as connection:
        connection.execute(update(tables.submission).values(received_on=OPENING))
        its = tables.outbox.c
        (form,) = (r["id"] for r in reported.outbox("blank-form") if r["to"] == "nop.dv02@ubdt.vn")
        past = datetime.now(UTC) - timedelta(minutes=3)
        claimed = update(tables.outbox).where(its.id == form)
        connection.execute(claimed.values(state="sending", owner="elsewhere:1", lease_until=past))
        (receipt,) = (r["id"] for r in reported.outbox("receipt") if r["to"] == "nop.dv02@ubdt.vn")
        connection.execute(update(tables.outbox).where(its.id == receipt).values(state="failed"))
    lapses = watch(reported, CLOSING + 7 * DAY)["lapses"]
    found = {(one["kind"], one["facts"].get("notice")) for one in lapses}
    assert found >= {
        ("lease", "blank-form"), ("refused", "blank-form"), ("undelivered", "receipt"),
        ("unapproved", "urging"), ("unapproved", "digest"), ("unanswered", None),
    }  # fmt: skip
    assert all("@" not in one["message"] for one in lapses)


def test_what_no_schedule_runs_is_told_too(
    watched: Workspace, postbox: Postbox, watch: Watch
) -> None:
    """A backup that stopped, a contact's mail without a file, a file that nobody placed, and a log
    with a row less, whose head is not handed on."""
    today = datetime.now(ZONE).date()
    (watched.path / "inbox" / "held").mkdir()
    (watched.path / "inbox" / "held" / "ai.xlsx").write_bytes(b"x")
    watched.done("excuse", PERIOD, "DV01", "--until", "2031-12-31", "--because", "x", "--by", "An")
    with Desk(watched.path) as desk, desk.writer.begin() as connection:
        made = {"flow": "backup", "login": "x", "outcome": "done", "business_date": today}
        connection.execute(insert(tables.run), made | {"started_at": datetime.now(UTC)})
        came = datetime.now(UTC) + 2 * DAY  # after the first watch
        mail = {"account": "a", "folder": "f", "uidvalidity": 1, "sender": "x", "subject": ""}
        mail |= {"size": 1, "received_at": came, "recorded_at": came}
        rows = [mail | {"uid": n, "state": s} for n, s in enumerate(("fileless", "empty"))]
        connection.execute(insert(tables.message), rows)
        its = tables.audit.c
        connection.execute(delete(tables.audit).where(its.number == 2))
    assert "no-backup" not in kinds(watch(watched, today + DAY))
    postbox.taken.clear()
    found = watch(watched, today + 2 * DAY)
    told = {one["kind"]: one["facts"].get("count") for one in found["lapses"]}
    wanted = {"no-backup": 2, "fileless": 1, "unplaced": 1, "log-damaged": 1}
    assert told | wanted == told
    assert found["head"] is None
    text = postbox.to(WATCHERS[0])[0].get_body(("plain",))
    assert text is not None
    assert "dondoc verify" in text.get_content()
    assert "dondoc verify --head" not in text.get_content()


def test_a_mail_that_cannot_leave_is_told_here_and_tried_again(
    watched: Workspace, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(watched, OPENING)
    told = watch(watched)["lapses"]
    assert told[-1]["kind"] == "untold"
    assert "mail.host" in told[-1]["message"]
    assert "untold" in (watched.path / "watch.json").read_text("utf-8")
    with Postbox() as box:
        for name, value in box.settings().items():
            monkeypatch.setenv(name, value)
        watched("deliver")
        assert {w for w in WATCHERS if box.to(w)} == set(WATCHERS)


def test_a_mail_that_one_of_them_cannot_get_is_told_of(
    watched: Workspace, postbox: Postbox, watch: Watch
) -> None:
    play(watched, OPENING)
    postbox.at_rcpt[WATCHERS[1]] = "550 no such user"
    (lapse,) = watch(watched)["lapses"]
    assert lapse["kind"] == "untold"
    assert "Bị từ chối" in lapse["message"]
    assert "@" not in lapse["message"]
    assert len(postbox.to(WATCHERS[0])) == 1


def test_what_the_sending_of_others_comes_to_is_not_the_mails(
    watched: Workspace, postbox: Postbox, watch: Watch
) -> None:
    """Before a batch, what trips a wire is held, of every kind."""
    play(watched, OPENING)
    watched.setting("# most = 2000", "most = 3")
    assert "untold" not in kinds(watch(watched))
    assert {row["state"] for row in watched.outbox("blank-form")} == {"held"}
    assert len(postbox.taken) == len(WATCHERS)


def test_a_recipient_taken_off_the_settings_gets_nothing_any_more(
    watched: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched("watch")
    watched.setting("recipients = [", "# recipients = [")
    with Postbox() as box:
        for name, value in box.settings().items():
            monkeypatch.setenv(name, value)
        watched("deliver", today=OPENING)
        assert box.taken
        assert not any(box.to(w) for w in WATCHERS)
    assert {row["state"] for row in watched.outbox("watch")} == {"draft"}


def test_what_somebody_looks_up_takes_nothing_out_of_the_next_days_mail(
    watched: Workspace, postbox: Postbox, watch: Watch
) -> None:
    """The second watch of a day may see more than its mail, which left with the first."""
    play(watched, OPENING, but="collect")
    first = watch(watched)
    assert "missed" in kinds(first)
    assert watch(watched)["since"] == first["since"]
    next_day = watch(watched, CLOSING + DAY)
    assert next_day["since"] == first["at"]
    told = [str(mail["Subject"]) for mail in postbox.to(WATCHERS[0])]
    assert len(told) == 2
    assert all(day in subject for day, subject in zip(("10/11", "11/11"), told, strict=True))


def test_a_wrong_address_is_refused_by_name(watched: Workspace) -> None:
    watched.setting(WATCHERS[0], "quan tri")
    ran = watched("status", PERIOD)
    assert ran.status == 2
    assert "watch.recipients" in ran.err


def test_the_instants_are_those_at_which_prefect_starts_a_run() -> None:
    from prefect.server.schemas.schedules import CronSchedule  # noqa: PLC0415 - seconds

    assert {plan.flow for plan in plans()} > {"collect", "watch"}
    now = datetime(2021, 11, 10, 10, tzinfo=ZONE)
    until = now + timedelta(days=70)
    for plan in plans():
        theirs = CronSchedule(cron=plan.cron, timezone=plan.timezone, day_or=True)
        dates = asyncio.run(theirs.get_dates(n=10_000, start=now + timedelta(minutes=1), end=until))
        assert [*instants(plan, now, until)][: len(dates)] == dates
        assert len(dates) > 1


def test_each_database_is_watched_alike(database: str, tmp_path: Path, watch: Watch) -> None:
    month = create(tmp_path / "w", Ministry(1))
    month.setting("# recipients = []  # thư", f"recipients = {json.dumps(WATCHERS)}  # thư")
    month.done("open", PERIOD, today=OPENING)
    play(month, CLOSING - 2 * DAY)
    found = watch(month)
    assert kinds(found) == ["untold"]  # no mail server is set
    assert found["head"]["number"] > 0
