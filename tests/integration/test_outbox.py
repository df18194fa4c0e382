"""From draft to letterbox: nothing leaves that nobody approved, and nothing leaves twice."""

import hashlib
import sqlite3
from collections import Counter
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from conftest import killed_at
from ministry import (
    CLOSING,
    DEADLINE,
    DISBURSED,
    LOW,
    OPENING,
    PERIOD,
    Ministry,
    Workspace,
    create,
)
from outboxes import claim, record
from postbox import CUT, Postbox
from schemas import tables
from schemas.notices import Delivery
from schemas.period import Period
from tasks import desk as desk_of
from tasks import outbox
from tasks.database import clock
from tasks.desk import Desk, now

FORM_OF = {f"nop.dv{i:02d}@ubdt.vn": f"DV{i:02d}" for i in range(1, 5)}
ROUTINE = 'standing = ["blank-form", "receipt", "return", "reminder"]'
BY = ("--by", "Nguyễn Văn Duyệt")


def states(workspace: Workspace, *kinds: str) -> dict[tuple[str, str | None, str], str]:
    return {
        (r["kind"], r["unit"], r["to"]): r["state"]
        for r in workspace.outbox()
        if not kinds or r["kind"] in kinds
    }


def rows(workspace: Workspace, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(workspace.path / "dondoc.db") as database:
        found = database.execute(query).fetchall()
    database.close()
    return found


def emptied(workspace: Workspace, box: Postbox) -> None:
    """Send what goes out under the standing approval, and forget it."""
    workspace("deliver")
    box.taken.clear()


def attachments(mail: EmailMessage) -> dict[str, bytes]:
    return {
        str(part.get_filename()): bytes(part.get_payload(decode=True) or b"")
        for part in mail.iter_attachments()
    }


# --- drafts and approvals -----------------------------------------------------------------------


def test_a_report_drafts_only_and_deliver_sends_none_of_it(
    reported: Workspace, postbox: Postbox
) -> None:
    drafts = {key for key, state in states(reported).items() if state == "draft"}
    assert drafts == {
        ("urging", LOW, "truong.dv02@ubdt.vn"),
        ("urging", LOW, "nop.dv02@ubdt.vn"),
        ("digest", None, "lanhdao@ubdt.vn"),
        ("digest", None, "bantin@ubdt.vn"),
    }
    reported.done("deliver")
    kinds = Counter(r["kind"] for r in reported.outbox(state="sent"))
    assert kinds == {"blank-form": 4, "receipt": 3}
    assert len(postbox.taken) == 7
    assert {key for key, state in states(reported).items() if state == "draft"} == drafts


def test_what_was_approved_is_sent_once(reported: Workspace, postbox: Postbox) -> None:
    emptied(reported, postbox)
    assert reported.done("approve", PERIOD, *BY)["approved"] == 4
    assert reported.done("deliver", PERIOD) == {"sent": 4}
    assert Counter(one.recipients for one in postbox.taken) == {
        ("truong.dv02@ubdt.vn",): 1,
        ("nop.dv02@ubdt.vn",): 1,
        ("lanhdao@ubdt.vn",): 1,
        ("bantin@ubdt.vn",): 1,
    }
    for _ in range(2):
        assert reported.done("deliver") == {}
        assert reported.done("report", PERIOD)["drafts"] == 0
    assert reported.done("approve", PERIOD, *BY)["approved"] == 0
    assert reported.done("deliver") == {}
    assert len(postbox.taken) == 4
    assert {r["attempts"] for r in reported.outbox(state="sent")} == {1}
    (recorded,) = rows(reported, "select count(*) from delivery where outcome = 'sent'")
    assert recorded == (11,)


def test_the_letter_that_arrives_is_the_one_in_the_outbox(
    reported: Workspace, postbox: Postbox
) -> None:
    emptied(reported, postbox)
    reported.done("approve", PERIOD, *BY)
    reported.done("deliver")
    sent = {r["to"]: r for r in reported.outbox() if r["kind"] in {"urging", "digest"}}
    for to, row in sent.items():
        (mail,) = postbox.to(to)
        assert mail["Message-ID"] == row["message_id"]
        assert mail["Subject"] == row["subject"]
        assert mail["Bcc"] is None
        assert mail["From"].addresses[0].addr_spec == "dondoc@ubdt.vn"
        assert mail["From"].addresses[0].display_name == "Ủy ban Dân tộc"
        body = mail.get_body(("plain",))
        assert body is not None
        assert "<" not in body.get_content().replace("<https", "")
    assert len({row["message_id"] for row in sent.values()}) == 4
    for to in ("truong.dv02@ubdt.vn", "nop.dv02@ubdt.vn"):
        (urging,) = postbox.to(to)
        assert [a.addr_spec for a in urging["To"].addresses] == ["truong.dv02@ubdt.vn"]
        assert [a.addr_spec for a in urging["Cc"].addresses] == ["nop.dv02@ubdt.vn"]
        text = urging.get_body(("plain",))
        assert text is not None
        assert "DV02.1" in text.get_content()
        assert "30" in text.get_content()
    (digest,) = postbox.to("lanhdao@ubdt.vn")
    assert [a.addr_spec for a in digest["To"].addresses] == ["lanhdao@ubdt.vn", "bantin@ubdt.vn"]
    assert digest["Cc"] is None
    assert attachments(digest) == {
        f"tong-hop-{PERIOD}.xlsx": (
            reported.path / "reports" / PERIOD / f"tong-hop-{PERIOD}.xlsx"
        ).read_bytes()
    }
    (image,) = [part for part in digest.walk() if part.get_content_type() == "image/png"]
    html = digest.get_body(("html",))
    assert html is not None
    assert f"cid:{str(image['Content-ID']).strip('<>')}" in html.get_content()
    assert image.get_content_disposition() == "inline"


def test_the_form_travels_with_its_mail(opened: Workspace, postbox: Postbox) -> None:
    opened.done("deliver", today=OPENING)
    for to, unit in FORM_OF.items():
        (mail,) = postbox.to(to)
        (content,) = attachments(mail).values()
        assert content == (opened.path / "forms" / PERIOD / f"{unit}.xlsx").read_bytes()
    assert postbox.sessions == 1  # one connection a batch


def test_a_returned_workbook_travels_back_marked(opened: Workspace, postbox: Postbox) -> None:
    emptied(opened, postbox)
    sent = opened.submit("DV01", "bản của Vụ.xlsx", DV01_1={DISBURSED: "?"})
    original = sent.read_bytes()
    opened("collect", PERIOD, today=DEADLINE)
    opened.done("deliver", today=DEADLINE)
    (mail,) = postbox.to("nop.dv01@ubdt.vn")
    ((name, content),) = attachments(mail).items()
    assert name == "bản của Vụ.xlsx"
    assert content != original
    assert content[:2] == b"PK"
    text = mail.get_body(("plain",))
    assert text is not None
    assert opened.cell("Giải ngân", "DV01.1", DISBURSED) in text.get_content()


def test_one_figure_changed_makes_a_new_draft_that_needs_a_new_approval(
    reported: Workspace, postbox: Postbox
) -> None:
    emptied(reported, postbox)
    reported.done("approve", PERIOD, *BY)
    older = {r["message_id"] for r in reported.outbox(state="approved")}
    assert len(older) == 4
    reported.submit(LOW, "lần 2.xlsx", DV02_1={DISBURSED: 601})
    reported.done("collect", PERIOD)
    # approved is what was laid before the approver; still so until a report says otherwise
    assert reported.done("report", PERIOD)["drafts"] == 2
    by_state: dict[str, set[str]] = {}
    for row in (*reported.outbox("urging"), *reported.outbox("digest")):
        by_state.setdefault(row["state"], set()).add(row["message_id"])
    assert by_state.keys() == {"superseded", "draft"}
    assert by_state["superseded"] == older
    assert len(by_state["draft"]) == 4
    assert reported.done("deliver") == {"sent": 1}  # the receipt for the new version
    assert reported.done("approve", PERIOD, *BY)["approved"] == 4
    assert reported.done("deliver") == {"sent": 4}
    assert {str(one.mail["Message-ID"]) for one in postbox.taken} >= by_state["draft"]
    assert not {str(one.mail["Message-ID"]) for one in postbox.taken} & older


def test_a_change_after_the_letter_left_is_a_new_letter(
    reported: Workspace, postbox: Postbox
) -> None:
    emptied(reported, postbox)
    reported.done("approve", PERIOD, *BY)
    reported.done("deliver")
    reported.submit(LOW, "lần 2.xlsx", DV02_1={DISBURSED: 601})
    reported.done("collect", PERIOD)
    reported.done("report", PERIOD)
    assert Counter(r["state"] for r in reported.outbox("urging")) == {"sent": 2, "draft": 2}


def test_a_unit_that_is_low_no_longer_gets_no_letter(reported: Workspace, postbox: Postbox) -> None:
    reported.done("approve", PERIOD, *BY, "--kind", "urging")
    enough = {DISBURSED: 1900}
    reported.submit(LOW, "lần 2.xlsx", DV02_1=enough, DV02_2=enough)
    reported.done("collect", PERIOD)
    reported.done("report", PERIOD)
    assert {r["state"] for r in reported.outbox("urging")} == {"superseded"}
    reported.done("deliver")
    assert not postbox.to("truong.dv02@ubdt.vn")


def test_a_figure_changed_back_needs_its_approval_again(
    reported: Workspace, postbox: Postbox
) -> None:
    emptied(reported, postbox)
    reported.done("approve", PERIOD, *BY)
    first = {r["message_id"] for r in reported.outbox("urging")}
    for name, amount in (("lần 2.xlsx", 601), ("lần 3.xlsx", 600)):
        reported.submit(LOW, name, DV02_1={DISBURSED: amount, "Đề xuất, giải pháp": name})
        reported.done("collect", PERIOD)
        reported.done("report", PERIOD)
    waiting = reported.outbox("urging", "draft")
    assert len(waiting) == 2
    emptied(reported, postbox)
    assert not reported.outbox("urging", "sent")
    assert first  # whether the letter reads as the first did or not, it waits for a person
    reported.done("approve", PERIOD, *BY)
    reported.done("deliver")
    assert len(postbox.to("truong.dv02@ubdt.vn")) == 1


def test_an_approval_may_be_of_one_kind_or_one_unit(reported: Workspace) -> None:
    assert reported.done("approve", PERIOD, *BY, "--kind", "digest")["approved"] == 2
    assert set(states(reported, "digest").values()) == {"approved"}
    assert set(states(reported, "urging").values()) == {"draft"}
    assert reported.done("approve", PERIOD, *BY, "--unit", "DV01")["approved"] == 0
    assert reported.done("approve", PERIOD, *BY, "--unit", LOW)["approved"] == 2
    assert rows(reported, "select by, standing from approval where not standing") == [
        (BY[1], 0),
        (BY[1], 0),
    ]


@pytest.mark.parametrize(
    "arguments", [(), ("--by", "  "), (*BY, "--kind", "love-letter")], ids=["none", "blank", "kind"]
)
def test_an_approval_without_a_name_or_of_nothing_known_is_refused(
    reported: Workspace, arguments: tuple[str, ...]
) -> None:
    ran = reported("approve", PERIOD, *arguments)
    assert ran.status == 2
    assert ran.err.count("\n") == 1
    assert set(states(reported, "urging", "digest").values()) == {"draft"}


def test_the_signed_letter_goes_with_the_notice(reported: Workspace, postbox: Postbox) -> None:
    signed = reported.path / "reports" / PERIOD / "signed"
    signed.mkdir()
    (signed / f"{LOW}.pdf").write_bytes(b"%PDF-1.7 signed")
    (signed / "DV01.pdf").write_bytes(b"%PDF-1.7 nobody's")
    reported.done("approve", PERIOD, *BY)
    reported.done("deliver")
    for to in ("truong.dv02@ubdt.vn", "nop.dv02@ubdt.vn"):
        (mail,) = [m for m in postbox.to(to) if "đốc" in m["Subject"]]
        assert attachments(mail) == {f"{LOW}.pdf": b"%PDF-1.7 signed"}
    (digest,) = postbox.to("lanhdao@ubdt.vn")
    assert list(attachments(digest)) == [f"tong-hop-{PERIOD}.xlsx"]


def test_a_signed_letter_changed_after_the_approval_is_not_the_one_that_leaves(
    reported: Workspace, postbox: Postbox
) -> None:
    signed = reported.path / "reports" / PERIOD / "signed" / f"{LOW}.pdf"
    signed.parent.mkdir()
    signed.write_bytes(b"%PDF-1.7 as approved")
    reported.done("approve", PERIOD, *BY)
    signed.write_bytes(b"%PDF-1.7 exchanged")
    reported.done("deliver")
    (mail,) = [m for m in postbox.to("truong.dv02@ubdt.vn") if "đốc" in m["Subject"]]
    assert attachments(mail) == {f"{LOW}.pdf": b"%PDF-1.7 as approved"}


def test_a_standing_approval_that_was_withdrawn_recalls_what_waits(
    collected: Workspace, postbox: Postbox
) -> None:
    collected.setting(ROUTINE, 'standing = ["receipt"]')
    assert collected.done("deliver") == {"sent": 3}
    assert {r["state"] for r in collected.outbox("blank-form")} == {"draft"}
    assert collected.done("approve", PERIOD, *BY, "--kind", "blank-form")["approved"] == 4
    assert collected.done("deliver") == {"sent": 4}
    collected.done("remind")
    assert {r["state"] for r in collected.outbox("reminder")} == {"draft"}


def test_letters_and_digests_can_never_have_a_standing_approval(collected: Workspace) -> None:
    collected.setting(ROUTINE, 'standing = ["receipt", "urging"]')
    ran = collected("deliver")
    assert ran.status == 2
    assert "urging" in ran.err


# --- without a mail server, and when it is too late ---------------------------------------------


def test_without_mail_settings_deliver_says_so_and_keeps_everything(reported: Workspace) -> None:
    reported.done("approve", PERIOD, *BY)
    before = reported.outbox()
    ran = reported("deliver", "--json")
    assert ran.status == 2
    assert ran.out == ""
    assert "mail.host" in ran.err
    assert reported.outbox() == before
    assert {r["state"] for r in before} == {"approved"}


def test_a_server_that_is_not_there_keeps_everything(
    reported: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Postbox() as box:
        for name, value in box.settings().items():
            monkeypatch.setenv(name, value)
    ran = reported("deliver")
    assert ran.status == 2
    assert ran.err.count("\n") == 1
    assert Counter(r["state"] for r in reported.outbox()) == {"approved": 7, "draft": 4}
    assert {r["attempts"] for r in reported.outbox()} == {0}


@pytest.mark.parametrize(
    ("today", "sent"), [(date(2021, 11, 24), True), (date(2021, 11, 25), False)]
)
def test_more_than_ten_working_days_late_nothing_leaves(
    reported: Workspace, postbox: Postbox, today: date, sent: bool
) -> None:
    emptied(reported, postbox)
    reported.done("approve", PERIOD, *BY)  # the letters were due on 10 November
    ran = reported("deliver", "--json", today=today)
    assert ran.status == (0 if sent else 1)
    assert ran.json == ({"sent": 4} if sent else {"too-late": 4})
    assert len(postbox.taken) == (4 if sent else 0)
    if not sent:
        assert ran.err.count("\n") == 1
        assert {r["state"] for r in reported.outbox("urging")} == {"approved"}
        assert reported.done("deliver", "--late", today=today) == {"sent": 4}
        assert len(postbox.taken) == 4


def test_a_period_opened_too_late_says_so_and_mails_only_when_told(
    opened: Workspace, postbox: Postbox
) -> None:
    """Drafted on 1 November already: told `--late`, the same forms may leave in December."""
    december = date(2021, 12, 1)
    ran = opened("open", PERIOD, "--json", today=december)
    assert (ran.status, ran.json["too_late"]) == (1, True)
    assert "--late" in ran.err
    assert opened("deliver", today=december).status == 1
    assert postbox.taken == []
    opened.done("open", PERIOD, "--late", today=december)
    assert opened.done("deliver", today=december) == {"sent": 4}


def test_a_late_report_says_so_and_mails_only_when_told(
    collected: Workspace, postbox: Postbox
) -> None:
    december = date(2021, 12, 20)
    emptied(collected, postbox)
    collected("report", PERIOD, today=december)
    collected("approve", PERIOD, *BY, today=december)
    assert collected("deliver", today=december).status == 1
    assert postbox.taken == []
    collected("report", PERIOD, "--late", today=december)
    assert collected.done("deliver", today=december) == {"sent": 4}


# --- what a mail server may answer --------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "answer"),
    [
        ("rcpt", "451 4.3.0 try again"),
        ("rcpt", "552 5.2.2 full"),
        ("data", "451 4.3.0 try again"),
        ("data", "552 5.2.2 full"),
        ("data", CUT),
    ],
)
def test_one_bad_recipient_among_many(
    opened: Workspace, postbox: Postbox, where: str, answer: str
) -> None:
    bad = "nop.dv02@ubdt.vn"
    (postbox.at_rcpt if where == "rcpt" else postbox.at_data)[bad] = answer
    for_good = answer.startswith("5")
    state = "refused" if for_good else "failed"
    ran = opened("deliver", "--json", today=OPENING)
    assert ran.status == 1
    assert ran.json == {"sent": 3, state: 1}
    assert ran.err.count("\n") == 1
    (row,) = [r for r in opened.outbox() if r["to"] == bad]
    assert (row["state"], row["attempts"]) == (state, 1)
    assert row["error"]
    if answer != CUT:
        assert answer[:3] in row["error"]
    assert {r["state"] for r in opened.outbox() if r["to"] != bad} == {"sent"}
    postbox.at_rcpt.clear()
    postbox.at_data.clear()
    if not for_good:  # its next attempt is not due yet
        assert opened("deliver", "--json", today=OPENING).json == {"waiting": 1}
        assert len(postbox.taken) == 3
    again = opened.done("deliver", "--retry", today=OPENING)
    assert again == ({} if for_good else {"sent": 1})
    got = postbox.to(bad)
    assert [str(mail["Message-ID"]) for mail in got] == ([] if for_good else [row["message_id"]])
    assert len(postbox.taken) == (3 if for_good else 4)


def test_a_message_left_behind_by_a_crash_is_sent_again_under_its_own_name(
    opened: Workspace, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with killed_at(outbox, "record"):
        opened("deliver", today=OPENING)
    (left,) = [r for r in opened.outbox() if r["state"] == "sending"]
    assert opened.done("deliver", today=OPENING) == {"sent": 3}  # its lease still runs
    assert [r["state"] for r in opened.outbox() if r["id"] == left["id"]] == ["sending"]
    monkeypatch.setattr(outbox, "clock", _later)
    assert opened.done("deliver", today=OPENING) == {"sent": 1}
    ids = [str(mail["Message-ID"]) for mail in postbox.to(left["to"])]
    assert ids == [left["message_id"]] * 2  # the one window that SMTP leaves open


def _later(connection: Connection) -> datetime:
    return clock(connection) + timedelta(hours=1)


def test_the_page_tells_of_what_a_deliver_sent_that_was_cut_off(
    reported: Workspace, postbox: Postbox
) -> None:
    """It died after its last answer: nothing waits any more, and the page still says so."""
    page = reported.path / "reports" / PERIOD / "outbox.html"
    approved = page.read_text("utf-8")
    emptied(reported, postbox)
    told = page.read_text("utf-8")
    assert told != approved
    page.write_text(approved, "utf-8")
    assert reported.done("deliver") == {}
    assert page.read_text("utf-8") == approved  # nobody was cut off: it is as it was left
    change(reported, "UPDATE run SET ended_at = NULL, outcome = NULL WHERE flow = 'deliver'")
    assert reported.done("deliver") == {}
    assert page.read_text("utf-8") == told


def test_two_senders_never_take_the_same_message(opened: Workspace) -> None:
    one, other = Desk(opened.path, OPENING), Desk(opened.path, OPENING)
    for waiting in outbox.due_for_sending(one, Period.parse(PERIOD)):
        message = claim(one, waiting.id)
        assert message is not None
        assert claim(other, waiting.id) is None
        record(one, message, Delivery.SENT, None)
        assert claim(other, waiting.id) is None
    assert outbox.due_for_sending(other, None) == []
    one.engine.dispose()
    other.engine.dispose()


def test_what_failed_for_one_sender_waits_for_the_other_too(opened: Workspace) -> None:
    """Both had it in their batches; the server that put it off is not asked again at once."""
    with Desk(opened.path, OPENING) as desk:
        waiting = outbox.due_for_sending(desk, None)[0]
        message = claim(desk, waiting.id)
        assert message is not None
        assert record(desk, message, Delivery.FAILED, "451 later") is Delivery.FAILED
        assert claim(desk, waiting.id) is None
        assert claim(desk, waiting.id, retry=True) is not None


def test_what_is_superseded_while_it_is_being_sent_stays_as_the_server_answered(
    reported: Workspace, postbox: Postbox
) -> None:
    emptied(reported, postbox)
    reported.done("approve", PERIOD, *BY, "--kind", "digest")
    desk = Desk(reported.path, CLOSING)
    (first, *_) = outbox.due_for_sending(desk, None)
    message = claim(desk, first.id)
    assert message is not None
    reported.submit(LOW, "lần 2.xlsx", DV02_1={DISBURSED: 601})
    reported.done("collect", PERIOD)
    reported.done("report", PERIOD)
    record(desk, message, Delivery.SENT, None)
    desk.engine.dispose()
    assert [r["state"] for r in reported.outbox("digest") if r["id"] == first.id] == ["sent"]


def test_the_outbox_has_the_contracts_shape(reported: Workspace) -> None:
    for row in reported.outbox():
        assert list(row) == [
            "id", "kind", "period", "unit", "to", "subject", "state", "message_id", "attempts",
            "error",
        ]  # fmt: skip
        assert row["period"] == PERIOD
    assert reported.done("outbox", "2021-09") == []
    ids = [row["message_id"] for row in reported.outbox()]
    assert len(set(ids)) == len(ids)


def test_a_damaged_archive_stops_the_letters_that_need_it_and_no_others(
    opened: Workspace, postbox: Postbox
) -> None:
    form = opened.path / "forms" / PERIOD / "DV02.xlsx"
    kept = hashlib.sha256(form.read_bytes()).hexdigest()
    (opened.path / "archive" / kept[:2] / kept).unlink()
    ran = opened("deliver", "--json", today=OPENING)
    assert (ran.status, ran.json) == (1, {"sent": 3, "failed": 1})
    assert not postbox.to("nop.dv02@ubdt.vn")
    (row,) = [r for r in opened.outbox() if r["unit"] == "DV02"]
    assert (row["state"], "Kho lưu trữ" in row["error"]) == ("failed", True)
    (opened.path / "archive" / kept[:2] / kept).write_bytes(form.read_bytes())
    assert opened.done("deliver", today=OPENING) == {"sent": 1}
    assert len(postbox.to("nop.dv02@ubdt.vn")) == 1


# --- when, how fast, and what is in doubt -------------------------------------------------------


def change(workspace: Workspace, statement: str, *values: str) -> None:
    with sqlite3.connect(workspace.path / "dondoc.db") as database:
        database.execute(statement, values)
    database.close()


def test_what_is_refused_for_now_is_tried_again_when_it_is_due_and_for_two_days(
    opened: Workspace, postbox: Postbox
) -> None:
    bad = "nop.dv02@ubdt.vn"
    postbox.at_rcpt[bad] = "450 4.7.1 greylisted"
    assert opened("deliver", "--json", today=OPENING).json == {"sent": 3, "failed": 1}
    ran = opened("deliver", "--json", today=OPENING)
    assert (ran.status, ran.json) == (1, {"waiting": 1})
    change(opened, "update outbox set next_attempt = '2021-11-01 00:00:00'")
    assert opened("deliver", "--json", today=OPENING).json == {"failed": 1}
    ((since, again),) = rows(
        opened, "select failing_since, next_attempt from outbox where state = 'failed'"
    )
    wait = datetime.fromisoformat(again) - datetime.fromisoformat(since)
    assert timedelta(minutes=30) <= wait <= timedelta(minutes=38, seconds=30)  # the second wait
    old = f"{datetime.fromisoformat(since) - timedelta(hours=48):%Y-%m-%d %H:%M:%S.%f}"
    change(opened, "update outbox set failing_since = ? where state = 'failed'", old)
    assert opened("deliver", "--retry", "--json", today=OPENING).json == {"refused": 1}
    (row,) = opened.outbox(state="refused")
    assert (row["to"], row["attempts"]) == (bad, 3)
    assert "450 4.7.1 greylisted" in row["error"]
    assert "48" in row["error"]
    assert opened.done("deliver", "--retry", today=OPENING) == {}


def test_a_retry_takes_failures_only(reported: Workspace, postbox: Postbox) -> None:
    bad = "nop.dv01@ubdt.vn"
    postbox.at_rcpt[bad] = "451 4.3.0 try again"
    reported("deliver")
    postbox.at_rcpt.clear()
    failed = len(reported.outbox(state="failed"))
    reported.done("approve", PERIOD, *BY)
    assert reported.done("deliver", "--retry") == {"sent": failed}
    assert len(reported.outbox(state="approved")) == 4


@pytest.mark.parametrize(
    ("unwilling", "outcomes", "sessions"),
    [(1, {"failed": 1, "sent": 3}, 2), (4, {"failed": 2, "waiting": 2}, 2)],
)
def test_a_server_that_says_not_now_is_called_once_more_and_then_left_alone(
    opened: Workspace,
    postbox: Postbox,
    unwilling: int,
    outcomes: dict[str, int],
    sessions: int,
) -> None:
    for to in list(FORM_OF)[:unwilling]:
        postbox.at_rcpt[to] = "421 4.7.0 too much mail"
    ran = opened("deliver", "--json", today=OPENING)
    assert (ran.status, ran.json, postbox.sessions) == (1, outcomes, sessions)
    left = Counter(r["state"] for r in opened.outbox())
    assert left["approved"] == outcomes.get("waiting", 0)


def test_messages_go_at_the_pace_and_by_the_number_that_the_settings_allow(
    opened: Workspace, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_MAIL__PER_CONNECTION", "2")
    monkeypatch.setenv("DONDOC_MAIL__PER_MINUTE", "300")
    times: list[float] = []
    postbox.before = lambda: times.append(monotonic())
    assert opened.done("deliver", today=OPENING) == {"sent": 4}
    assert postbox.sessions == 2
    assert times[-1] - times[0] >= 0.5  # three pauses of a fifth of a second, but for the answers


def test_what_is_in_doubt_may_be_held_for_a_new_approval(
    opened: Workspace, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_MAIL__IN_DOUBT", "hold")
    lost, died = "nop.dv01@ubdt.vn", "nop.dv04@ubdt.vn"
    postbox.at_data[lost] = CUT
    opened("deliver", today=OPENING)
    change(
        opened,
        "update outbox set state = 'sending', owner = 'elsewhere:1',"
        " lease_until = '2021-11-01 00:00:00.000000' where recipient = ?",
        died,
    )
    postbox.at_data.clear()
    postbox.taken.clear()
    ran = opened("deliver", "--json", today=OPENING)
    assert (ran.status, ran.json) == (1, {"held": 1})
    held = opened.outbox(state="held")
    assert [row["to"] for row in held] == [lost, died]
    assert all("phê duyệt lại" in row["error"] for row in held)
    assert "Tạm giữ" in (opened.path / "reports" / PERIOD / "outbox.html").read_text("utf-8")
    assert opened.done("deliver", "--retry", today=OPENING) == {}
    assert postbox.taken == []
    assert opened.done("approve", PERIOD, *BY, today=OPENING)["approved"] == 2
    assert opened.done("deliver", today=OPENING) == {"sent": 2}
    for row in held:
        (mail,) = postbox.to(row["to"])
        assert mail["Message-ID"] == row["message_id"]


def test_a_lease_ends_by_the_databases_clock(
    database: str, tmp_path: Path, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine whose clock is a day ahead takes nothing over that another is sending."""
    month = create(tmp_path / "w", Ministry(1))
    month.done("open", PERIOD, today=OPENING)
    with Desk(month.path, OPENING) as desk:
        (waiting,) = outbox.due_for_sending(desk, None)
        message = claim(desk, waiting.id)
        assert message is not None
        for module in (desk_of, outbox):
            monkeypatch.setattr(module, "now", lambda: now() + timedelta(days=1))
        assert outbox.due_for_sending(desk, None) == []
        assert claim(desk, waiting.id) is None
        its = tables.outbox.c
        with desk.engine.connect() as connection:
            left = connection.scalar(select(its.lease_until))
            assert left is not None
            assert timedelta(minutes=1) < left - clock(connection) <= timedelta(minutes=2)
        with desk.writer.begin() as connection:
            over = clock(connection) - timedelta(seconds=1)
            connection.execute(update(tables.outbox).values(lease_until=over))
        taken_over = claim(desk, waiting.id)
        assert taken_over is not None
        record(desk, message, Delivery.SENT, None)  # too late: it is another's now
        (row,) = outbox.rows(desk.engine, None)
        assert (row["state"], row["attempts"]) == ("sending", 2)
        assert record(desk, taken_over, Delivery.SENT, None) is Delivery.SENT
        (row,) = outbox.rows(desk.engine, None)
        assert row["state"] == "sent"
