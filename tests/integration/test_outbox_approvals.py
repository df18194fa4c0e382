"""What is laid in the outbox, who lets it go, and what holds it."""

import random
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select

from outboxes import (
    A_MINUTE,
    AN_HOUR,
    APPROVED,
    BOUNCED,
    DRAFT,
    FAILED,
    HELD,
    MONTH,
    NOON,
    PDF,
    REFUSED,
    SENDING,
    SENT,
    STANDING,
    SUPERSEDED,
    Clock,
    approve,
    claimed,
    desk_at,
    lay,
    message,
    notice,
    put,
    ready,
    record,
    rows,
    saying,
    set_to,
    states,
    trip,
)
from schemas import tables
from schemas.access import Role
from schemas.errors import AccessError, DondocError
from schemas.notices import Address, Attachment, Delivery, Draft, Kept, Mail, NoticeKind, Released
from schemas.period import Period
from schemas.settings import Access, Person, Tripwires, Watch
from tasks import archive, outbox
from tasks.desk import Desk, login

# --- drafting -------------------------------------------------------------------------------------


def test_a_draft_is_kept_whole_with_one_message_to_each_address(desk: Desk) -> None:
    one = notice(
        to=(Address("An", "an@ubdt.vn"), Address("Bình", "binh@ubdt.vn")),
        cc=(Address("Chi", "chi@ubdt.vn"), Address("An", "an@ubdt.vn")),
        mail=Mail("Tiêu đề", "Lời", "<p>Lời</p>", (Attachment("a.png", b"png", "image/png"),)),
        attachments=(Attachment("b.xlsx", b"sheet", "application/xlsx"),),
        occasion="T+1",
        due=date(2021, 11, 8),
    )
    assert outbox.draft(desk, [one]) == 1
    (kept,) = rows(desk, tables.notice)
    assert (kept.kind, kept.period, kept.unit, kept.occasion) == (
        "urging",
        "2021-10",
        "DV01",
        "T+1",
    )
    assert (kept.subject, kept.text, kept.html) == ("Tiêu đề", "Lời", "<p>Lời</p>")
    assert kept.to == [["An", "an@ubdt.vn"], ["Bình", "binh@ubdt.vn"]]
    assert kept.cc == [["Chi", "chi@ubdt.vn"], ["An", "an@ubdt.vn"]]
    assert kept.images == [["a.png", archive.name_of(b"png"), "image/png"]]
    assert kept.attachments == [["b.xlsx", archive.name_of(b"sheet"), "application/xlsx"]]
    assert kept.due == date(2021, 11, 8)
    assert kept.content == outbox.content_of(one)
    assert {archive.fetch(desk.workspace, archive.name_of(its)) for its in (b"png", b"sheet")}
    its = rows(desk)
    assert [row.recipient for row in its] == ["an@ubdt.vn", "binh@ubdt.vn", "chi@ubdt.vn"]
    assert {(row.state, row.attempts, row.notice) for row in its} == {("draft", 0, kept.id)}
    assert len({row.message_id for row in its}) == 3
    assert all(row.message_id.endswith("@ubdt.vn>") and row.message_id[0] == "<" for row in its)
    assert all(len(row.message_id) == len("<@ubdt.vn>") + 40 for row in its)


def test_a_message_is_known_by_all_that_it_is(desk: Desk) -> None:
    first = notice()
    others = [
        replace(first, kind=NoticeKind.DIGEST),
        replace(first, period=Period(2021, 9)),
        replace(first, unit="DV02"),
        replace(first, occasion="T-3"),
        replace(first, mail=saying("khác")),
        replace(first, to=(Address("An", "an2@ubdt.vn"),)),
        replace(first, to=(Address("Anh", "an.DV01@ubdt.vn"),)),
        replace(first, cc=(Address("Chi", "chi@ubdt.vn"),)),
        replace(first, attachments=(Attachment("b", b"b", PDF),)),
        replace(first, mail=replace(first.mail, images=(Attachment("b", b"b", PDF),))),
    ]
    assert lay(desk, first, first, *others, first) == [True, False, *[True] * 10, True]
    assert lay(desk, first) == [False]
    assert len(rows(desk, tables.notice)) == 11
    ids = [row.message_id for row in rows(desk)]
    assert len(set(ids)) == len(ids) == 12


def test_a_message_keeps_its_name_from_one_version_to_the_next(desk: Desk) -> None:
    """What is drafted again after a restore or an upgrade is the same to the receiver's server."""
    lay(desk, notice(occasion="T+1"))
    (row,), (kept,) = rows(desk), rows(desk, tables.notice)
    assert kept.content == "a19979aa72cd6c88ec073f93851fdf7dd6e60f2e57fae8f3ae47567650227ba8"
    assert row.message_id == "<a61233955b98af8a275eb97dec7a4720250d3999@ubdt.vn>"


def test_the_whole_body_has_no_unit(desk: Desk) -> None:
    lay(desk, notice(None, NoticeKind.DIGEST))
    assert [row.unit for row in rows(desk, tables.notice)] == [""]
    assert outbox.name_of(notice(None, NoticeKind.DIGEST)) == "digest"
    assert outbox.name_of(notice()) == "urging DV01"


@pytest.mark.parametrize("in_doubt", ["resend", "hold"])
def test_a_batch_of_drafts_comes_to_what_each_alone_comes_to(
    desk: Desk, tmp_path: Path, in_doubt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it holds: the same twice, two on one matter, what was superseded, sent or tried."""
    monkeypatch.setattr(outbox, "AT_ONCE", 7)
    dice = random.Random(20211031)  # noqa: S311
    kinds = (NoticeKind.URGING, NoticeKind.RECEIPT, NoticeKind.RETURN, NoticeKind.WATCH)
    shutil.copytree(desk.workspace, tmp_path / "alone")
    with desk_at(tmp_path / "alone") as alone:
        for each in (desk, alone):
            mail = desk.settings.mail.model_copy(update={"in_doubt": in_doubt})
            set_to(each, mail=mail, watch=Watch(recipients=("it@ubdt.vn",)))
        for _ in range(8):
            batch = [
                notice(
                    dice.choice((None, "DV01", "DV02", "DV03")), dice.choice(kinds),
                    mail=saying(dice.choice("ab")), occasion=dice.choice(("", "T+1")),
                    due=date(2021, 11, dice.randint(8, 12)),
                )
                for _ in range(dice.randint(0, 12))
            ]  # fmt: skip
            assert lay(desk, *batch) == [new for one in batch for new in lay(alone, one)]
            for number in dice.sample(range(1, len(rows(desk)) + 1), len(rows(desk)) // 3):
                left = {"state": dice.choice((SENT, SENDING, HELD, DRAFT)), "attempts": 1}
                for each in (desk, alone):
                    put(each, number, lease_until=NOON - A_MINUTE, owner="elsewhere 1 1", **left)
            for table in (tables.notice, tables.outbox, tables.approval):
                assert _told(desk, table) == _told(alone, table)
    assert {SUPERSEDED, SENT, APPROVED} <= {*states(desk)}


def _told(desk: Desk, table: Table) -> list[Any]:
    """All but when, and in which order within a batch it was approved."""
    apart = ("drafted_at", "approved_at", *(["id"] if table is tables.approval else []))
    return sorted(
        repr({name: its for name, its in row._mapping.items() if name not in apart})
        for row in rows(desk, table)
    )


def test_what_is_as_it_was_before_supersedes_what_came_between(desk: Desk) -> None:
    lay(desk, notice(), notice(mail=saying("khác")))
    assert lay(desk, notice()) == [True]
    assert states(desk) == [DRAFT, SUPERSEDED]


def test_a_notice_to_nobody_is_kept_and_has_no_message(desk: Desk) -> None:
    assert lay(desk, notice(to=())) == [True]
    assert (len(rows(desk, tables.notice)), rows(desk)) == (1, [])


def test_a_newer_one_supersedes_its_own_kind_period_and_unit_only(desk: Desk) -> None:
    others = [
        notice(kind=NoticeKind.DIGEST),
        notice("DV02"),
        notice(period=Period(2021, 9)),
        notice(None),
    ]
    lay(desk, notice(), *others, notice(mail=saying("khác")))
    assert states(desk) == [SUPERSEDED, *[DRAFT] * 4, DRAFT]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (NoticeKind.RECEIPT, NoticeKind.RETURN),
        (NoticeKind.RETURN, NoticeKind.RECEIPT),
        (NoticeKind.RETURN, NoticeKind.RETURN),
    ],
)
def test_one_answer_stands_for_a_units_newest_version(
    desk: Desk, first: NoticeKind, second: NoticeKind
) -> None:
    reminder = notice(kind=NoticeKind.REMINDER)
    lay(desk, reminder, notice(kind=first, occasion="1"), notice(kind=second, occasion="2"))
    assert states(desk)[:2] == [DRAFT, SUPERSEDED]
    assert states(desk)[2] != SUPERSEDED


def test_a_standing_approval_is_recorded_as_one(desk: Desk) -> None:
    lay(desk, notice(kind=NoticeKind.RECEIPT), notice())
    assert states(desk) == [APPROVED, DRAFT]
    (given,) = rows(desk, tables.approval)
    assert (given.notice, given.by, given.standing) == (1, "Chánh Văn phòng", True)
    assert (given.login, given.because, given.tripped, given.signed) == (login(), None, None, None)
    assert given.content == outbox.content_of(notice(kind=NoticeKind.RECEIPT))
    assert abs(given.approved_at - datetime.now(UTC)) < A_MINUTE


def test_a_standing_approval_releases_nothing_that_a_person_must_look_at(desk: Desk) -> None:
    two = notice(kind=NoticeKind.RECEIPT, cc=(Address("Chi", "chi@ubdt.vn"),))
    lay(desk, two)
    put(desk, 1, state=HELD, error="in doubt")
    put(desk, 2, state=SUPERSEDED)
    assert lay(desk, two) == [True]
    assert states(desk) == [HELD, APPROVED]


@pytest.mark.parametrize(("told", "kept"), [(9, 10), (10, 10), (12, 12)])
def test_drafted_again_it_may_be_due_later_never_sooner(desk: Desk, told: int, kept: int) -> None:
    other = notice("DV02")
    lay(desk, notice(), other, notice(due=date(2021, 11, told)))
    assert [row.due.day for row in rows(desk, tables.notice)] == [kept, 10]


def test_the_units_that_have_a_notice_are_known(desk: Desk) -> None:
    reminder = notice("DV02", NoticeKind.REMINDER, occasion="T+1")
    lay(
        desk, reminder, replace(reminder, unit="DV03"), replace(reminder, unit="DV04", occasion="T")
    )
    lay(desk, replace(reminder, unit="DV05", period=Period(2021, 9)), notice(occasion="T+1"))
    put(desk, 1, state=SUPERSEDED)
    assert outbox.drafted_for(desk, NoticeKind.REMINDER, MONTH, "T+1") == {"DV02", "DV03"}


# --- approving ------------------------------------------------------------------------------------


def test_an_approval_is_of_a_period_and_may_be_of_one_kind_or_unit(desk: Desk) -> None:
    def two(kind: NoticeKind, **other: Any) -> Draft:
        return notice(kind=kind, cc=(Address("Chi", "chi@ubdt.vn"),), **other)

    lay(desk, two(NoticeKind.URGING), two(NoticeKind.DIGEST), two(NoticeKind.URGING, unit="DV02"))
    lay(desk, two(NoticeKind.URGING, period=Period(2021, 9)))
    assert approve(desk, NoticeKind.DIGEST, "DV02") == Released(0)
    assert approve(desk, NoticeKind.DIGEST) == Released(2)
    assert approve(desk, unit="DV02") == Released(2)
    assert states(desk) == [*[DRAFT] * 2, *[APPROVED] * 4, *[DRAFT] * 2]
    assert approve(desk) == Released(2)
    assert approve(desk) == Released(0)
    assert states(desk)[-2:] == [DRAFT, DRAFT]
    assert [row.notice for row in rows(desk, tables.approval)] == [2, 3, 1]


def test_what_was_approved_by_whom_is_kept_and_logged(desk: Desk) -> None:
    lay(desk, notice())
    approve(desk, by="  Nguyễn Văn Duyệt ")
    (given,) = rows(desk, tables.approval)
    content = outbox.content_of(notice())
    assert (given.notice, given.content) == (1, content)
    assert (given.by, given.login, given.standing) == ("Nguyễn Văn Duyệt", login(), False)
    assert (given.because, given.tripped, given.signed) == (None, None, None)
    with desk.engine.connect() as connection:
        (logged,) = connection.execute(select(tables.audit)).all()
    assert (logged.what, logged.subject, logged.by) == ("approve", "2021-10", "Nguyễn Văn Duyệt")
    assert logged.after == {"notices": {"1": content}}
    assert approve(desk) == Released(0)  # nothing found is nothing to log
    with desk.engine.connect() as connection:
        assert len(connection.execute(select(tables.audit)).all()) == 1


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ({"by": " "}, "phải ghi tên"),
        ({"anyway": True}, "--because"),
        ({"anyway": True, "because": "  "}, "--because"),
        ({"because": "Đã hỏi"}, "--because"),
        ({"unit": "DV99"}, "DV99"),
    ],
)
def test_an_approval_that_says_too_little_or_too_much_is_refused(
    desk: Desk, named: Mapping[str, Any], told: str
) -> None:
    lay(desk, notice())
    with pytest.raises(DondocError, match=told):
        approve(desk, **named)
    assert states(desk) == [DRAFT]


def test_only_who_may_approve_does(desk: Desk) -> None:
    lay(desk, notice())
    set_to(desk, access=Access(people={login(): Person(name="An", roles=(Role.CLERK,))}))
    with pytest.raises(AccessError):
        approve(desk, by="An")
    set_to(desk, access=Access(people={login(): Person(name="An", roles=(Role.OFFICER,))}))
    with pytest.raises(AccessError):
        approve(desk)
    assert approve(desk, by=" an ") == Released(1)
    assert [row.by for row in rows(desk, tables.approval)] == ["An"]


def test_a_release_clears_what_was_said_against_it(desk: Desk) -> None:
    lay(desk, notice())
    put(desk, 1, state=HELD, error="vì", failing_since=NOON, next_attempt=NOON)
    approve(desk)
    (row,) = rows(desk)
    assert (row.state, row.error, row.failing_since, row.next_attempt) == (APPROVED, *[None] * 3)


def test_the_signed_letter_is_that_of_the_unit_and_of_an_urging(desk: Desk) -> None:
    lay(desk, notice(), notice("DV02"), notice(kind=NoticeKind.RETURN))
    folder = desk.report_folder(MONTH) / "signed"
    folder.mkdir(parents=True)
    (folder / "DV01.pdf").write_bytes(b"%PDF signed")
    (folder / "DV02.pdf").mkdir()  # no file at all
    approve(desk)
    signed = ["DV01.pdf", archive.name_of(b"%PDF signed"), PDF]
    assert {row.notice: row.signed for row in rows(desk, tables.approval)} == {
        1: signed, 2: None, 3: None,
    }  # fmt: skip
    assert archive.fetch(desk.workspace, signed[1]) == b"%PDF signed"
    (folder / "DV01.pdf").write_bytes(b"exchanged")
    assert message(desk).attachments == (Kept(*signed),)
    assert message(desk, 2).attachments == ()


def test_the_newest_approval_says_which_signed_letter_goes(desk: Desk) -> None:
    lay(desk, notice(attachments=(Attachment("a", b"a", "x/y"),)))
    path = desk.report_folder(MONTH) / "signed" / "DV01.pdf"
    path.parent.mkdir(parents=True)
    for content in (b"first", b"second"):
        path.write_bytes(content)
        approve(desk)
        put(desk, 1, state=HELD)
    assert [one.attachments for one in outbox.notices(desk, MONTH)] == [("a", "DV01.pdf")]
    put(desk, 1, state=APPROVED)
    attached = message(desk).attachments
    assert [one.sha256 for one in attached] == [archive.name_of(its) for its in (b"a", b"second")]
    path.unlink()
    put(desk, 1, state=HELD)
    approve(desk)
    assert [one.attachments for one in outbox.notices(desk, MONTH)] == [("a",)]
    assert [one.name for one in message(desk).attachments] == ["a"]


# --- wires ----------------------------------------------------------------------------------------


def test_what_trips_is_held_with_its_reason_until_it_is_approved_anyway(desk: Desk) -> None:
    lay(desk, notice(), notice("DV02", to=(Address("Bà", "ba@khac.vn"),)), notice("DV03"))
    put(desk, 1, next_attempt=NOON)
    trip(desk)
    found = approve(desk)
    assert (found.count, len(found.tripped)) == (0, 1)
    assert (
        found.tripped[0].startswith("Đôn đốc giải ngân, 2021-10: ") or "2021-10" in found.tripped[0]
    )
    assert states(desk) == [HELD, DRAFT, HELD]
    its = rows(desk)
    assert its[0].error
    assert its[0].error in found.tripped[0]
    assert its[0].next_attempt is None
    assert rows(desk, tables.approval) == []
    done = approve(desk, anyway=True, because=" Đã hỏi ")
    assert done == Released(3)
    given = rows(desk, tables.approval)
    assert {(row.because, tuple(row.tripped)) for row in given} == {("Đã hỏi", found.tripped)}
    with desk.engine.connect() as connection:
        (logged,) = connection.execute(select(tables.audit)).all()
    assert logged.after["because"] == "Đã hỏi"
    assert logged.after["tripped"] == [*found.tripped]
    assert {row.error for row in rows(desk)} == {None}


def test_each_kind_and_period_is_a_batch_of_its_own(desk: Desk) -> None:
    september = Period(2021, 9)
    set_to(desk, tripwires=Tripwires(most=2))
    lay(desk, notice("DV01"), notice("DV02"), notice("DV01", NoticeKind.DIGEST))
    lay(desk, *(notice(f"DV{n:02d}", period=september) for n in range(1, 4)))
    assert approve(desk) == Released(3)
    assert approve(desk, period=september).count == 0
    assert states(desk) == [*[APPROVED] * 3, *[HELD] * 3]
    lay(desk, notice("DV03"), notice("DV02", NoticeKind.DIGEST))
    (reason,) = approve(desk).tripped
    assert "3 thư" in reason
    assert states(desk)[-2:] == [HELD, DRAFT]


def test_what_a_person_released_runs_into_no_wire_again(desk: Desk) -> None:
    lay(desk, notice(kind=NoticeKind.RECEIPT), notice("DV02", NoticeKind.RECEIPT))
    trip(desk)
    assert outbox.prepare(desk) == 2
    assert approve(desk, unit="DV01", anyway=True, because="Đã hỏi") == Released(1)
    assert outbox.prepare(desk) == 0
    assert states(desk) == [APPROVED, HELD]
    lay(desk, notice("DV03", NoticeKind.RECEIPT))
    assert outbox.prepare(desk) == 1
    assert states(desk) == [APPROVED, HELD, HELD]


def test_all_that_is_held_is_counted(desk: Desk) -> None:
    lay(desk, *(notice(kind=kind) for kind in STANDING))
    trip(desk)
    assert outbox.prepare(desk) == len(STANDING)


def test_more_than_one_question_to_the_database_may_ask_is_asked_in_portions(desk: Desk) -> None:
    lay(desk, *(notice(f"U{n}", NoticeKind.BLANK_FORM) for n in range(501)))
    set_to(desk, tripwires=Tripwires(most=500))
    assert outbox.prepare(desk) == 501
    assert set(states(desk)) == {HELD}
    assert {row.error.count("501") for row in rows(desk)} == {1}
    assert all(one.html for one in outbox.notices(desk, MONTH))


def test_a_batch_is_compared_with_the_last_period_that_released_any(desk: Desk) -> None:
    set_to(desk, tripwires=Tripwires(few=0, times=Decimal(2), share=Decimal(99)))
    for month, count in ((7, 3), (8, 1), (9, 1)):
        lay(desk, *(notice(f"DV{n:02d}", period=Period(2021, month)) for n in range(count)))
    lay(desk, notice("DV01", NoticeKind.DIGEST, period=Period(2021, 9)))
    lay(desk, notice("DV01", period=Period(2021, 11)))
    for number, state in enumerate((SENT, REFUSED, BOUNCED, SENT, DRAFT, SENT, SENT), 1):
        put(desk, number, state=state)
    lay(desk, *(notice(f"DV{n:02d}") for n in range(3)))
    (reason,) = approve(desk).tripped
    assert reason.startswith("Đôn đốc giải ngân, 2021-10: ")  # 3 letters, 1 in August
    assert "3 thư" in reason
    assert "1 thư" in reason
    put(desk, 5, state=FAILED)  # September had one too, and one more than August in all
    put(desk, 4, state=SUPERSEDED)
    put(desk, 6, state=HELD)
    assert approve(desk).tripped == (reason,)


def test_what_the_period_has_released_already_counts(desk: Desk) -> None:
    set_to(desk, tripwires=Tripwires(most=7))
    lay(desk, *(notice(f"DV{n:02d}") for n in range(1, 12)))
    gone = (APPROVED, SENDING, SENT, REFUSED, FAILED, BOUNCED)
    for number, state in enumerate((*gone, SUPERSEDED, HELD), 1):
        put(desk, number, state=state)
    assert approve(desk, unit="DV09") == Released(1)  # 7 with the six that went
    assert approve(desk, unit="DV10").count == 0
    assert "8 thư" in rows(desk)[9].error


def test_twice_the_share_of_urged_units_is_too_much(desk: Desk) -> None:
    """Of twenty units one, with two letters; then one, and then two."""
    set_to(desk, tripwires=Tripwires(few=0, times=Decimal(9), share=Decimal(2)))
    copy = (Address("Chi", "chi@ubdt.vn"),)
    for month, units in ((8, 1), (9, 1), (10, 2)):
        period = Period(2021, month)
        its = [notice(f"DV{n:02d}", period=period, cc=copy) for n in range(1, units + 1)]
        lay(desk, *its, *(replace(one, kind=NoticeKind.DIGEST) for one in its))
        assert approve(desk, NoticeKind.DIGEST, period=period).count == 2 * units
        assert approve(desk, period=period).count == (2 if units == 1 else 0)
    (reason,) = approve(desk).tripped
    assert "10%" in reason
    assert "kỳ trước là 5%" in reason


def test_where_no_unit_reports_there_is_no_share(desk: Desk) -> None:
    vars(desk)["registry"] = replace(desk.registry, activities=())
    lay(desk, notice())
    assert approve(desk) == Released(1)


def test_the_same_letter_to_one_address_trips_another_does_not(desk: Desk) -> None:
    an = (Address("An", "an@ubdt.vn"),)
    first = notice("DV01", to=an)
    others = [
        notice("DV02", to=an),
        notice("DV03", to=an, mail=replace(first.mail, text="khác")),
        notice("DV04", to=an, mail=first.mail, occasion="T+1"),
        notice("DV05", to=an, mail=first.mail, attachments=(Attachment("b", b"b", PDF),)),
    ]
    lay(desk, first, *others)
    assert approve(desk) == Released(5)
    lay(desk, notice("DV06", to=an, mail=first.mail))
    (reason,) = approve(desk).tripped
    assert "an@ubdt.vn" in reason
    assert states(desk)[-1] == HELD


def test_each_letter_is_held_with_its_own_reasons(desk: Desk) -> None:
    stranger = (Address("Bà", "ba@khac.vn"),)
    set_to(desk, tripwires=Tripwires(domains=("ubdt.vn",)))
    first = notice("DV01", to=stranger)
    lay(desk, first, notice("DV02", to=stranger, mail=first.mail), notice("DV03"))
    domain, twice = approve(desk).tripped
    one, other, third = (row.error for row in rows(desk))
    assert domain.endswith(one)
    assert other == f"{one} {twice.partition(': ')[2]}"
    assert (third, states(desk)) == (None, [HELD, HELD, DRAFT])


def logbook(desk: Desk) -> list[Any]:
    with desk.engine.connect() as connection:
        return list(connection.execute(select(tables.audit).order_by(tables.audit.c.number)))


# --- another try ----------------------------------------------------------------------------------


def test_another_try_is_of_what_ended_and_of_nothing_else(desk: Desk, clock: Clock) -> None:
    lay(desk, *(notice(f"DV{n:02d}") for n in range(1, 5)), notice("DV05", NoticeKind.REMINDER))
    approve(desk)
    before = claimed(desk)
    record(desk, before, Delivery.REFUSED, "554 relay access denied")
    put(desk, 2, state=BOUNCED)
    put(desk, 3, state=DRAFT)
    put(desk, 4, state=SENT)
    put(desk, 5, state=REFUSED, failing_since=NOON, next_attempt=NOON)
    assert approve(desk, unit="DV02", again=True).count == 1
    assert approve(desk, NoticeKind.URGING, again=True).count == 1
    assert states(desk) == [APPROVED, APPROVED, DRAFT, SENT, REFUSED]
    assert approve(desk, again=True).count == 1
    assert approve(desk, again=True).count == 0
    last = rows(desk)[4]
    assert (last.state, last.error, last.failing_since, last.next_attempt) == (
        APPROVED, None, None, None,
    )  # fmt: skip
    logged = [row.after for row in logbook(desk) if row.what == "approve"]
    assert [len(after["notices"]) for after in logged] == [5, 1, 1, 1]
    assert [after.get("again", False) for after in logged] == [False, True, True, True]
    message_id, again = rows(desk)[0].message_id, claimed(desk)
    assert (rows(desk)[0].message_id, again.attempt) == (message_id, before.attempt + 1)
    clock.now += 100 * AN_HOUR  # a clock of its own: it may fail as long as any other
    assert record(desk, again, Delivery.FAILED, "450") is Delivery.FAILED


def test_what_a_newer_one_stands_for_gets_no_other_try(desk: Desk) -> None:
    lay(desk, notice(), notice("DV02", NoticeKind.RECEIPT), notice("DV03"))
    for number in (1, 2, 3):
        put(desk, number, state=REFUSED)
    lay(desk, notice(mail=saying("khác")), notice("DV02", NoticeKind.RETURN))
    assert approve(desk, again=True).count == 1
    assert states(desk)[:3] == [REFUSED, REFUSED, APPROVED]
    put(desk, 4, state=SUPERSEDED)  # it stands for nothing any more
    assert approve(desk, again=True).count == 1
    assert states(desk)[:2] == [APPROVED, REFUSED]


def test_another_try_goes_through_the_wires_and_stays_what_it_was(desk: Desk) -> None:
    lay(desk, notice())
    put(desk, 1, state=BOUNCED, error="5.1.1")
    trip(desk)
    tripped = approve(desk, again=True)
    assert (tripped.count, len(tripped.tripped)) == (0, 1)
    assert (states(desk), rows(desk)[0].error) == ([BOUNCED], "5.1.1")
    assert approve(desk, again=True, anyway=True, because="đã hỏi").count == 1


# --- whose word counts ----------------------------------------------------------------------------


def test_an_approval_during_a_batch_counts(desk: Desk) -> None:
    """What of the log was read before is not read again; what came since is."""
    lay(desk, notice(), notice("DV02"))
    logged = outbox.Logged()
    approve(desk, unit="DV01")
    assert [ready(desk, n, logged).approved for n in (1, 2)] == [True, False]
    approve(desk, unit="DV02")
    assert ready(desk, 2, logged).approved


def test_a_standing_approval_that_the_settings_do_not_give_lets_nothing_go(desk: Desk) -> None:
    lay(desk, notice(), notice("DV02", NoticeKind.RECEIPT))
    with desk.writer.begin() as connection:
        (one, _) = rows(desk, tables.notice)
        outbox._approve(connection, {one.id: one.content}, "Bộ trưởng", standing=True)
    assert [ready(desk, n).approved for n in (1, 2)] == [False, True]
