"""One message after the other: what may leave, who has it, what the server's answer makes of it."""

import sqlite3
import time
from datetime import date, timedelta
from typing import Any

import pytest

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
    REFUSED,
    SENDING,
    SENT,
    SUPERSEDED,
    TWO_MINUTES,
    Clock,
    approve,
    claim,
    claim_as_read,
    claimed,
    hold_doubtful,
    lay,
    message,
    notice,
    on,
    put,
    ready,
    record,
    rows,
    saying,
    set_to,
    states,
)
from schemas import tables
from schemas.notices import Address, Attachment, Delivery, Kept, Mail, Message, NoticeKind
from schemas.period import Period
from schemas.settings import Mail as MailSettings
from tasks import archive, outbox, sender
from tasks.desk import Desk

# --- what may leave -------------------------------------------------------------------------------


def test_what_may_leave_in_the_order_of_drafting(desk: Desk) -> None:
    lay(desk, *(notice(f"DV{n:02d}", due=date(2021, 11, n)) for n in range(9, 0, -1)))
    its: tuple[dict[str, Any], ...] = (
        {"state": APPROVED},
        {"state": FAILED, "next_attempt": NOON},
        {"state": FAILED, "next_attempt": NOON + A_MINUTE},
        {"state": FAILED},
        {"state": SENDING, "lease_until": NOON - A_MINUTE},
        {"state": SENDING, "lease_until": NOON},
        {"state": DRAFT},
        {"state": HELD},
        {"state": SENT},
    )
    for number, values in enumerate(its, 1):
        put(desk, number, **values)
    due = outbox.due_for_sending(desk, None)
    assert [(one.id, one.due.day, one.now) for one in due] == [
        (1, 9, True), (2, 8, True), (3, 7, False), (4, 6, True), (5, 5, True),
    ]  # fmt: skip
    again = outbox.due_for_sending(desk, None, retry=True)
    assert [(one.id, one.now) for one in again] == [(2, True), (3, True), (4, True)]


def test_of_one_period_or_of_all(desk: Desk) -> None:
    september = Period(2021, 9)
    lay(desk, notice(), notice(period=september), notice("DV02"))
    assert outbox.waiting_periods(desk, "") == []
    for number in (1, 2, 3):
        put(desk, number, state=APPROVED)
    assert [one.id for one in outbox.due_for_sending(desk, MONTH)] == [1, 3]
    assert [one.id for one in outbox.due_for_sending(desk, september)] == [2]
    assert outbox.waiting_periods(desk, "") == [september, MONTH]
    assert outbox.waiting_periods(desk, "2021-07") == [Period(2021, 7)]
    put(desk, 2, state=SENDING, lease_until=NOON)  # its sender may be dead: the page will tell
    assert outbox.waiting_periods(desk, "") == [september, MONTH]
    put(desk, 2, state=SENT)
    assert outbox.waiting_periods(desk, "") == [MONTH]


# --- claiming and recording -----------------------------------------------------------------------


def test_a_message_says_all_that_its_notice_says(desk: Desk) -> None:
    image = Attachment("a.png", b"png", "image/png")
    file = Attachment("b.xlsx", b"sheet", "application/xlsx")
    one = notice(
        cc=(Address("Chi", "chi@ubdt.vn"),),
        mail=Mail("Tiêu đề", "Lời", "<p>Lời</p>", (image,)),
        attachments=(file,),
    )
    lay(desk, notice("DV02"), one)
    approve(desk)
    row = rows(desk)[1]
    assert message(desk, row.id) == Message(
        id=row.id,
        kind=NoticeKind.URGING,
        recipient="an.DV01@ubdt.vn",
        message_id=row.message_id,
        subject="Tiêu đề",
        text="Lời",
        html="<p>Lời</p>",
        to=one.to,
        cc=one.cc,
        images=(Kept("a.png", archive.name_of(b"png"), "image/png"),),
        attachments=(Kept("b.xlsx", archive.name_of(b"sheet"), "application/xlsx"),),
    )
    assert claimed(desk, row.id).attempt == 1
    taken = rows(desk)[1]
    assert (taken.state, taken.attempts) == (SENDING, 1)
    assert taken.owner == sender.ourselves()
    assert taken.lease_until == NOON + TWO_MINUTES
    assert rows(desk)[0].state == rows(desk)[2].state == APPROVED


def test_a_message_refers_to_the_first_on_the_matter_that_its_recipient_got(desk: Desk) -> None:
    an = (Address("An", "an@ubdt.vn"),)
    kinds = (NoticeKind.BLANK_FORM, NoticeKind.RECEIPT, NoticeKind.URGING, NoticeKind.REMINDER)
    lay(
        desk,
        notice("DV02", to=an),
        notice(to=an, period=Period(2021, 9)),
        notice(kind=NoticeKind.RETURN),
        *(notice(kind=kind, to=an) for kind in kinds),
        notice(kind=NoticeKind.DIGEST, to=an),
    )
    approve(desk)
    for number in (1, 2, 3, 5, 6, 8):
        put(desk, number, state=SENT)
    put(desk, 4, state=REFUSED)
    put(desk, 7, state=APPROVED)
    thread, of = outbox.Thread(), [row.message_id for row in rows(desk)]
    assert thread.first(ready(desk, 7)) == of[4]
    put(desk, 5, state=APPROVED)
    five, seven = ready(desk, 5), ready(desk, 7)  # read before either leaves
    assert (thread.first(five), thread.first(seven)) == (None, of[5])
    thread.goes_on(five)
    thread.goes_on(seven)
    assert thread.first(seven) == of[4]
    assert thread.first(ready(desk, 8)) == of[4]
    assert thread.first(ready(desk, 3)) is None


def test_one_claim_at_a_time_and_the_next_when_the_lease_is_over(desk: Desk, clock: Clock) -> None:
    lay(desk, notice())
    assert not ready(desk).approved
    approve(desk)
    first = claimed(desk)
    clock.now = NOON + TWO_MINUTES
    assert claim(desk, 1) is None
    clock.now += timedelta(milliseconds=1)
    second = claimed(desk)
    assert (first.attempt, second.attempt) == (1, 2)
    assert rows(desk)[0].lease_until == clock.now + TWO_MINUTES
    assert record(desk, first, Delivery.REFUSED, "550 no") is Delivery.REFUSED
    assert (states(desk), rows(desk)[0].error) == ([SENDING], None)  # it is another's now
    assert record(desk, second, Delivery.SENT, None) is Delivery.SENT
    assert states(desk) == [SENT]
    assert record(desk, second, Delivery.FAILED, "450") is Delivery.FAILED
    assert states(desk) == [SENT]
    told = [(row.outbox, row.attempt, row.outcome, row.reply, row.at) for row in
            rows(desk, tables.delivery)]  # fmt: skip
    assert told == [
        (1, 1, "refused", "550 no", clock.now),
        (1, 2, "sent", None, clock.now),
        (1, 2, "failed", "450", clock.now),
    ]


def test_who_was_overtaken_between_looking_and_claiming_gets_nothing(desk: Desk) -> None:
    """Another claims, fails and lets go before our turn comes: our number of the attempt is stale,
    and so is the state that we saw."""
    lay(desk, notice(), notice("DV02"))
    approve(desk)
    meanwhile: dict[int, dict[str, Any]] = {1: {"attempts": 1}, 2: {"state": FAILED}}
    for number, values in meanwhile.items():
        its = ready(desk, number)
        put(desk, number, **values)
        assert claim_as_read(desk, its) is None


def test_what_was_approved_anew_since_it_was_read_does_not_leave_as_it_was(desk: Desk) -> None:
    """With the signed file, which was not there before; another notice's approval is no matter."""
    lay(desk, notice(), notice("DV02"))
    approve(desk)
    its, other = ready(desk), ready(desk, 2)
    put(desk, 1, state=HELD)
    approve(desk, unit="DV01")
    assert states(desk) == [APPROVED] * 2
    assert claim_as_read(desk, its) is None
    assert claim_as_read(desk, other)
    assert claim(desk)


def test_where_doubt_is_held_a_lease_that_ran_out_is_not_taken_over(desk: Desk) -> None:
    lay(desk, notice(), notice("DV02"))
    approve(desk)
    put(desk, 1, state=SENDING, lease_until=NOON - A_MINUTE)
    hold_doubtful(desk)
    assert claim(desk, 1) is None
    assert claimed(desk, 2).attempt == 1
    set_to(desk, mail=MailSettings(in_doubt="resend"))
    assert claimed(desk).attempt == 1


def test_what_cannot_even_be_tried_says_why(desk: Desk) -> None:
    lay(desk, notice(), notice("DV02"))
    approve(desk)
    on(desk, outbox.fail, 1, "Kho lưu trữ thiếu tệp")
    told = [(FAILED, "Kho lưu trữ thiếu tệp"), (APPROVED, None)]
    assert [(row.state, row.error) for row in rows(desk)] == told


def test_a_lease_is_twelve_answers_long() -> None:
    assert outbox.lease(MailSettings(timeout=10)) == TWO_MINUTES
    assert outbox.lease(MailSettings(timeout=1)) == timedelta(seconds=12)


def test_an_answer_lets_go_of_the_message(desk: Desk) -> None:
    lay(desk, notice(), notice("DV02"))
    approve(desk)
    record(desk, claimed(desk), Delivery.REFUSED, "550 no")
    row, other = rows(desk)
    assert (row.state, row.error) == (REFUSED, "550 no")
    assert (row.owner, row.lease_until, row.next_attempt) == (None, None, None)
    assert (other.state, other.error) == (APPROVED, None)
    record(desk, claimed(desk, 2), Delivery.SENT, "chỉ gửi thử")
    assert rows(desk)[1].error is None
    assert rows(desk, tables.delivery)[1].reply == "chỉ gửi thử"


def test_an_answer_is_of_its_own_message(desk: Desk) -> None:
    lay(desk, notice(), notice("DV02"))
    approve(desk)
    claimed(desk)
    record(desk, claimed(desk, 2), Delivery.SENT, None)
    assert states(desk) == [SENDING, SENT]


def test_what_fails_waits_twice_as_long_each_time_until_the_horizon(
    desk: Desk, clock: Clock
) -> None:
    lay(desk, notice(), notice("DV02"))
    approve(desk)
    record(desk, claimed(desk, 2), Delivery.FAILED, "450 another's")
    waits = []
    for _ in range(3):
        assert record(desk, claimed(desk), Delivery.FAILED, "450 later") is Delivery.FAILED
        row = rows(desk)[0]
        assert (row.state, row.error, row.failing_since) == (FAILED, "450 later", NOON)
        waits.append((row.next_attempt - clock.now) / A_MINUTE)
        clock.now += AN_HOUR
    assert waits == [15, 30, 60]
    clock.now = NOON + timedelta(hours=48)
    assert record(desk, claimed(desk), Delivery.FAILED, None) is Delivery.REFUSED
    row = rows(desk)[0]
    assert (row.state, row.next_attempt) == (REFUSED, None)
    assert "48" in row.error
    assert row.error.rstrip().endswith(":")  # the server said nothing
    assert [one.outcome for one in rows(desk, tables.delivery)] == ["failed"] * 5


def test_what_it_gave_up_says_what_the_server_said_last(desk: Desk) -> None:
    lay(desk, notice())
    approve(desk)
    put(desk, 1, failing_since=NOON - timedelta(hours=48))
    record(desk, claimed(desk), Delivery.FAILED, "450 later")
    assert rows(desk)[0].error.endswith("450 later")


def test_failures_before_an_approval_count_no_more(desk: Desk, clock: Clock) -> None:
    lay(desk, notice())
    approve(desk)
    for _ in range(3):
        record(desk, claimed(desk), Delivery.FAILED, "450")
    put(desk, 1, state=HELD)
    clock.now += A_MINUTE
    approve(desk)
    record(desk, claimed(desk), Delivery.FAILED, "450")
    row = rows(desk)[0]
    assert (row.failing_since, row.next_attempt) == (clock.now, clock.now + 15 * A_MINUTE)


def test_only_failures_make_a_wait_longer(desk: Desk, clock: Clock) -> None:
    """What a sender that was taken over says in the end is no failure of ours."""
    lay(desk, notice())
    approve(desk)
    overtaken = claimed(desk)
    clock.now += AN_HOUR
    record(desk, claimed(desk), Delivery.FAILED, "450")
    record(desk, overtaken, Delivery.REFUSED, "550")
    record(desk, claimed(desk), Delivery.FAILED, "450")
    assert rows(desk)[0].next_attempt == clock.now + 30 * A_MINUTE


def test_chance_spreads_the_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.random", lambda: 1.0)
    lay(desk, notice())
    approve(desk)
    record(desk, claimed(desk), Delivery.FAILED, "450")
    assert rows(desk)[0].next_attempt == NOON + timedelta(minutes=18, seconds=45)


# --- what comes back ------------------------------------------------------------------------------


def test_a_message_that_came_back_is_told_once_and_of_its_period(desk: Desk) -> None:
    september = Period(2021, 9)
    lay(desk, notice(), notice("DV02"), notice(period=september))
    approve(desk)
    approve(desk, period=september)
    assert outbox.last_answer(desk) == 0
    for number in (1, 2, 3):
        record(desk, claimed(desk, number), Delivery.SENT, None)
    before = outbox.last_answer(desk)
    assert before == 3
    assert outbox.bounced_after(desk, 0) == []
    ids = [row.message_id for row in rows(desk)]
    assert on(desk, outbox.bounce, ids[0], "5.1.1 unknown")
    assert not on(desk, outbox.bounce, ids[0], "5.1.1 unknown")
    assert not on(desk, outbox.bounce, "<other@x.vn>", "5.1.1")
    row, other, _ = rows(desk)
    assert (row.state, row.error, other.state, other.error) == (
        BOUNCED,
        "5.1.1 unknown",
        SENT,
        None,
    )
    answer = rows(desk, tables.delivery)[-1]
    assert (answer.outbox, answer.attempt, answer.outcome) == (1, 1, BOUNCED)
    assert (answer.reply, answer.at) == ("5.1.1 unknown", NOON)
    assert outbox.bounced_after(desk, before) == [MONTH]
    assert on(desk, outbox.bounce, ids[2], "5.1.1")
    assert on(desk, outbox.bounce, ids[1], "5.1.1")
    assert outbox.bounced_after(desk, before) == [september, MONTH]
    assert outbox.bounced_after(desk, before + 1) == [september, MONTH]
    assert outbox.bounced_after(desk, before + 2) == [MONTH]
    assert outbox.bounced_after(desk, outbox.last_answer(desk)) == []


def test_what_comes_back_before_its_sender_has_recorded_it_is_not_lost(
    desk: Desk, clock: Clock
) -> None:
    lay(desk, notice(), notice("DV02"), notice("DV03"))
    approve(desk)
    quick, failed, left = (claimed(desk, number) for number in (1, 2, 3))
    ids = [row.message_id for row in rows(desk)]
    for message_id in ids[:2]:
        assert on(desk, outbox.bounce, message_id, "5.1.1 unknown")
    assert states(desk) == [SENDING] * 3
    assert outbox.bounced_after(desk, 0) == [MONTH]
    assert record(desk, quick, Delivery.SENT, None) is Delivery.SENT
    record(desk, failed, Delivery.FAILED, "450")  # another's word for another time
    clock.now += AN_HOUR
    assert on(
        desk, outbox.bounce, ids[left.message - 1], "5.2.2 full"
    )  # its sender will not record it
    assert states(desk) == [BOUNCED, FAILED, BOUNCED]
    told = [(row.error, row.owner, row.lease_until) for row in rows(desk)]
    assert told[0] == ("5.1.1 unknown", None, None)
    assert told[2] == ("5.2.2 full", None, None)
    record(desk, claimed(desk, 2), Delivery.SENT, None)  # that came back once, not this
    assert states(desk)[1] == SENT


def test_a_doubtful_letter_is_not_sent_unseen_when_it_is_drafted_again(desk: Desk) -> None:
    hold_doubtful(desk)
    first, second = notice(), notice(mail=saying("khác"))
    lay(desk, first)
    approve(desk)
    claimed(desk)
    put(desk, 1, lease_until=NOON - A_MINUTE)
    lay(desk, second)
    assert states(desk) == [HELD, DRAFT]
    assert "phê duyệt lại" in rows(desk)[0].error
    lay(desk, second)
    assert states(desk) == [SUPERSEDED, DRAFT]
    assert lay(desk, first) == [False]
    assert states(desk) == [HELD, SUPERSEDED]


def test_the_longer_of_two_clocks_says_how_long_ago_something_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    then = sender.instant()
    assert 0 <= sender.seconds_since(then) < 60
    for clock in ("time", "clock_gettime"):
        with monkeypatch.context() as patched:
            real = getattr(time, clock)
            patched.setattr(time, clock, lambda *its, real=real: real(*its) + 1000)
            assert 1000 <= sender.seconds_since(then) < 1060
            patched.setattr(time, clock, lambda *its, real=real: real(*its) - 1000)
            assert 0 <= sender.seconds_since(then) < 60


def test_a_restore_says_how_many_it_holds_and_why(desk: Desk) -> None:
    lay(desk, notice(), notice("DV02"), notice("DV03"))
    put(desk, 1, state=SENDING, owner="elsewhere:1", lease_until=NOON)
    put(desk, 2, state=SENT)
    assert on(desk, outbox.hold, "Khôi phục") == 1
    row = rows(desk)[0]
    assert (row.error, row.owner, row.lease_until) == ("Khôi phục", None, None)
    assert [one.error for one in rows(desk)[1:]] == [None, None]


def test_what_is_withdrawn_is_of_these_kinds_this_period_and_these_units(desk: Desk) -> None:
    kinds = (NoticeKind.REMINDER, NoticeKind.URGING)
    its = [
        notice("DV01"), notice("DV02"), notice(None), notice("DV01", NoticeKind.REMINDER),
        notice("DV01", NoticeKind.DIGEST), notice("DV01", period=Period(2021, 9)),
    ]  # fmt: skip
    lay(desk, *its)
    with desk.writer.begin() as connection:
        bound = sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 32_766  # as it comes, of which some have more
        driver: Any = connection.connection.driver_connection
        driver.setlimit(*bound)
        units = {f"ngoài {number}" for number in range(35_000)}
        outbox.withdraw(desk, connection, kinds, MONTH, {"DV01", "", *units})
    assert states(desk) == [SUPERSEDED, DRAFT, SUPERSEDED, SUPERSEDED, DRAFT, DRAFT]
