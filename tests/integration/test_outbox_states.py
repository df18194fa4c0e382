"""The outbox as a machine of states: what each event makes of a message in each state, and what of
all that is shown."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

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
    TODAY,
    Clock,
    approve,
    claim,
    hold_doubtful,
    lay,
    notice,
    on,
    owner,
    put,
    record,
    rows,
    saying,
    set_to,
    states,
    trip,
)
from schemas.notices import Address, Attachment, Delivery, Draft, Mail, NoticeKind
from schemas.period import Period
from schemas.settings import Approval, Tripwires
from tasks import outbox, sender
from tasks.desk import Desk


@pytest.fixture(scope="module")
def dead() -> str:
    """Who sent from this machine and is no more."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return owner(ended.pid)


# --- the table ------------------------------------------------------------------------------------

AWAY, DEAD, OVER = "sending, elsewhere", "sending, by a dead process", "sending, lease over"
STATES = (
    DRAFT, APPROVED, AWAY, DEAD, OVER, SENT, REFUSED, FAILED, SUPERSEDED, HELD, BOUNCED,
)  # fmt: skip
Event = Callable[[Desk, Draft, int], object]


def newer(desk: Desk, one: Draft, _number: int) -> None:
    lay(desk, replace(one, mail=saying("khác")))


def withdrawn(desk: Desk, one: Draft, _number: int) -> None:
    with desk.writer.begin() as connection:
        outbox.withdraw(desk, connection, (one.kind,), one.period, {one.unit or ""})


def newer_in_doubt(desk: Desk, one: Draft, number: int) -> None:
    hold_doubtful(desk)
    newer(desk, one, number)


def withdrawn_in_doubt(desk: Desk, one: Draft, number: int) -> None:
    hold_doubtful(desk)
    withdrawn(desk, one, number)


def the_same_in_doubt(desk: Desk, one: Draft, number: int) -> None:
    hold_doubtful(desk)
    put(desk, number, attempts=1)  # and nobody recorded an answer
    lay(desk, one)


def no_longer_standing(desk: Desk, _one: Draft, _number: int) -> None:
    set_to(desk, approval=Approval())
    outbox.prepare(desk)


def doubt_held(desk: Desk, _one: Draft, _number: int) -> None:
    hold_doubtful(desk)
    outbox.prepare(desk)


def answered(outcome: Delivery) -> Event:
    def event(desk: Desk, _one: Draft, number: int) -> None:
        if message := claim(desk, number):
            record(desk, message, outcome, "450 later")

    return event


def too_long(desk: Desk, one: Draft, number: int) -> None:
    put(desk, number, failing_since=NOON - timedelta(hours=48))
    answered(Delivery.FAILED)(desk, one, number)


def tripped_by_approval(desk: Desk, one: Draft, number: int) -> None:
    trip(desk)
    assert approve(desk).count == 0


def tripped_by_another_try(desk: Desk, one: Draft, number: int) -> None:
    trip(desk)
    assert approve(desk, again=True).count == 0


def came_back(desk: Desk, _one: Draft, number: int) -> None:
    on(desk, outbox.bounce, rows(desk)[number - 1].message_id, "5.1.1")


def unapproved(desk: Desk, _one: Draft, number: int) -> None:
    on(desk, outbox.fail, number, "Chưa phê duyệt", Delivery.HELD)


def tripped_before_a_batch(desk: Desk, one: Draft, number: int) -> None:
    trip(desk)
    outbox.prepare(desk)


CHANGES: Mapping[str, tuple[NoticeKind, Event, dict[str, str]]] = {
    "the same is drafted again": (
        NoticeKind.URGING, lambda d, one, _: lay(d, one), {SUPERSEDED: DRAFT},
    ),
    "the same is drafted again, with a standing approval": (
        NoticeKind.RECEIPT, lambda d, one, _: lay(d, one), {SUPERSEDED: APPROVED},
    ),
    "a newer one is drafted": (
        NoticeKind.URGING, newer,
        dict.fromkeys((DRAFT, APPROVED, DEAD, OVER, FAILED, HELD), SUPERSEDED),
    ),
    "its reason is gone": (
        NoticeKind.URGING, withdrawn,
        dict.fromkeys((DRAFT, APPROVED, OVER, FAILED, HELD), SUPERSEDED),
    ),
    "a newer one is drafted, what is in doubt is held": (
        NoticeKind.URGING, newer_in_doubt,
        dict.fromkeys((DRAFT, APPROVED, FAILED, HELD), SUPERSEDED)
        | dict.fromkeys((DEAD, OVER), HELD),
    ),
    "its reason is gone, what is in doubt is held": (
        NoticeKind.URGING, withdrawn_in_doubt,
        dict.fromkeys((DRAFT, APPROVED, FAILED, HELD), SUPERSEDED) | {OVER: HELD},
    ),
    "the same is drafted again, what is in doubt is held": (
        NoticeKind.RECEIPT, the_same_in_doubt, {SUPERSEDED: HELD},
    ),
    "a person approves": (
        NoticeKind.URGING, lambda d, _, __: approve(d), dict.fromkeys((DRAFT, HELD), APPROVED),
    ),
    "a person approves, and a wire is tripped": (
        NoticeKind.URGING, tripped_by_approval, {DRAFT: HELD},
    ),
    "a person approves another try": (
        NoticeKind.URGING, lambda d, _, __: approve(d, again=True),
        dict.fromkeys((REFUSED, BOUNCED), APPROVED),
    ),
    "a person approves another try, and a wire is tripped": (
        NoticeKind.URGING, tripped_by_another_try, {},
    ),
    "a batch begins": (NoticeKind.RECEIPT, lambda d, _, __: outbox.prepare(d), {}),
    "a batch begins, the standing approval withdrawn": (
        NoticeKind.RECEIPT, no_longer_standing,
        dict.fromkeys((APPROVED, DEAD, OVER, FAILED), DRAFT),
    ),
    "a batch begins, what is in doubt is held": (
        NoticeKind.RECEIPT, doubt_held, dict.fromkeys((DEAD, OVER), HELD),
    ),
    "a batch begins, and a wire is tripped": (
        NoticeKind.RECEIPT, tripped_before_a_batch, {APPROVED: HELD},
    ),
    "it is claimed": (
        NoticeKind.URGING, lambda d, _, number: claim(d, number),
        dict.fromkeys((APPROVED, FAILED), SENDING),
    ),
    "the server takes it": (
        NoticeKind.URGING, answered(Delivery.SENT), dict.fromkeys((APPROVED, FAILED, OVER), SENT),
    ),
    "the server refuses it for good": (
        NoticeKind.URGING, answered(Delivery.REFUSED),
        dict.fromkeys((APPROVED, FAILED, OVER), REFUSED),
    ),
    "the server refuses it for now": (
        NoticeKind.URGING, answered(Delivery.FAILED),
        dict.fromkeys((APPROVED, FAILED, OVER), FAILED),
    ),
    "the server refuses it for now, for two days": (
        NoticeKind.URGING, too_long, dict.fromkeys((APPROVED, FAILED, OVER), REFUSED),
    ),
    "its answer is lost, and that is held": (
        NoticeKind.URGING, answered(Delivery.HELD), dict.fromkeys((APPROVED, FAILED, OVER), HELD),
    ),
    "its files are gone": (
        NoticeKind.URGING, lambda d, _, number: on(d, outbox.fail, number, "Kho thiếu tệp"),
        dict.fromkeys((APPROVED, OVER), FAILED),
    ),
    "it is not what was approved": (
        NoticeKind.URGING, unapproved, dict.fromkeys((APPROVED, FAILED, OVER), HELD),
    ),
    "it comes back": (
        NoticeKind.URGING, came_back, dict.fromkeys((SENT, HELD, FAILED, OVER), BOUNCED),
    ),
    "the workspace is restored": (
        NoticeKind.URGING, lambda d, _, __: on(d, outbox.hold, "Khôi phục"),
        dict.fromkeys((APPROVED, AWAY, DEAD, OVER, FAILED), HELD),
    ),
}  # fmt: skip
"""Event -> the kind it is shown with, what happens, and each state that becomes another."""


@pytest.mark.parametrize("event", CHANGES)
def test_every_event_changes_these_states_and_no_other(
    desk: Desk, clock: Clock, dead: str, event: str
) -> None:
    """One message in each state, each to a unit of its own."""
    kind, happens, changes = CHANGES[event]
    drafts = [notice(f"DV{n:02d}", kind) for n in range(1, len(STATES) + 1)]
    lay(desk, *drafts)
    if kind is NoticeKind.URGING:  # by a person, as receipts are by a standing approval
        approve(desk)
    sending = {
        AWAY: {"owner": "elsewhere:1", "lease_until": NOON + A_MINUTE},
        DEAD: {"owner": dead, "lease_until": NOON + A_MINUTE},
        OVER: {"owner": "elsewhere:2", "lease_until": NOON - A_MINUTE},
    }
    for number, state in enumerate(STATES, 1):
        put(desk, number, state=SENDING if state in sending else state, **sending.get(state, {}))
    for number, one in enumerate(drafts, 1):
        happens(desk, one, number)
    came_to = dict(zip(STATES, states(desk), strict=False))
    unchanged = {state: SENDING if state in sending else state for state in STATES}
    assert came_to == unchanged | changes


# --- before a batch -------------------------------------------------------------------------------


def test_a_batch_says_how_many_it_holds(desk: Desk, dead: str) -> None:
    lay(desk, *(notice(f"DV{n:02d}", NoticeKind.RECEIPT) for n in range(1, 5)))
    for number, its in ((1, dead), (2, "elsewhere:1"), (3, "elsewhere:1")):
        put(desk, number, state=SENDING, owner=its, lease_until=NOON + A_MINUTE)
    put(desk, 2, lease_until=NOON - A_MINUTE)
    assert outbox.prepare(desk) == 0  # `resend`: the next claim takes them
    assert states(desk) == [SENDING, SENDING, SENDING, APPROVED]
    hold_doubtful(desk)
    set_to(desk, tripwires=Tripwires(domains=("khac.vn",)))
    assert outbox.prepare(desk) == 3
    assert states(desk) == [HELD, HELD, SENDING, HELD]
    for row in rows(desk)[:2]:
        assert "phê duyệt lại" in row.error
        assert (row.owner, row.lease_until, row.next_attempt) == (None, None, None)
    assert rows(desk)[2].owner == "elsewhere:1"


def test_who_is_alive_keeps_what_it_sends(desk: Desk) -> None:
    lay(desk, notice(), notice("DV02"))
    put(desk, 1, state=SENDING, owner=sender.ourselves(), lease_until=NOON + A_MINUTE)
    put(desk, 2, state=SENDING, owner=owner(1, sender._started("1")), lease_until=NOON + A_MINUTE)
    on(desk, outbox.release)
    assert {row.lease_until for row in rows(desk)} == {NOON + A_MINUTE}


def test_somebody_elses_process_is_alive(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(_number: int, signal: int) -> None:
        assert signal == 0  # only asked whether it is there
        raise PermissionError

    monkeypatch.setattr(os, "kill", kill)
    assert not sender.is_dead(owner(99_999_999))  # whom we may not even see
    assert not sender.is_dead(owner(os.getpid(), sender._started("self")))
    assert sender.is_dead(owner(os.getpid()))  # the number is theirs now


def test_a_number_that_another_process_has_by_now_is_a_dead_one(desk: Desk) -> None:
    lay(desk, notice())
    put(desk, 1, state=SENDING, owner=owner(os.getpid()), lease_until=NOON + A_MINUTE)
    on(desk, outbox.release)
    assert rows(desk)[0].lease_until < NOON


@pytest.mark.parametrize("elsewhere", ["another boot", "another namespace", "a hostname of old"])
def test_of_another_boot_or_namespace_nobody_here_is_called_dead(
    desk: Desk, dead: str, elsewhere: str
) -> None:
    """A container has our hostname and our kernel, a clone of the machine our hostname."""
    boot, namespace, number, started = dead.split(" ")
    owners = {
        "another boot": f"{boot[::-1]} {namespace} {number} {started}",
        "another namespace": f"{boot} pid:[1] {number} {started}",
        "a hostname of old": f"{socket.gethostname()}:{number}",
    }
    lay(desk, notice())
    lease_until = NOON + A_MINUTE
    put(desk, 1, state=SENDING, owner=owners[elsewhere], lease_until=lease_until)
    on(desk, outbox.release)
    assert rows(desk)[0].lease_until == lease_until


def test_a_sender_within_a_namespace_is_not_dead_to_us_nor_we_to_it() -> None:
    """With a hostname and a /proc that are ours, as containers have them."""
    enter = ["unshare", "--user", "--map-root-user", "--pid", "--fork"]
    if subprocess.run([*enter, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no namespaces here")
    code = (
        "import sys; from tasks import sender;"
        " print(sender.is_dead(sys.argv[1]), sender.is_dead(sender.ourselves()));"
        " print(sender.ourselves())"
    )
    within = [*enter, sys.executable, "-c", code, owner(99_999_999)]
    said = subprocess.run(within, capture_output=True, text=True, check=True).stdout.splitlines()
    assert said[0] == "False False"
    assert not sender.is_dead(said[1])
    assert sender.is_dead(owner(99_999_999))


def test_a_dead_one_of_this_machine_is_let_go_of_at_once_of_another_by_its_lease(
    desk: Desk, dead: str
) -> None:
    lay(desk, notice(), notice("DV02"))
    number = dead.split(" ")[-2]
    put(desk, 1, state=SENDING, owner=dead, lease_until=NOON + A_MINUTE)
    put(desk, 2, state=SENDING, owner=f"elsewhere {number} 1", lease_until=NOON + A_MINUTE)
    on(desk, outbox.release)
    freed, kept = rows(desk)
    assert NOON - A_MINUTE < freed.lease_until < NOON
    assert kept.lease_until == NOON + A_MINUTE
    put(desk, 1, state=SENT, lease_until=NOON + AN_HOUR)
    on(desk, outbox.release)
    assert rows(desk)[0].lease_until == NOON + AN_HOUR


def test_a_withdrawn_standing_approval_takes_back_its_own_only(desk: Desk) -> None:
    both = (NoticeKind.RECEIPT, NoticeKind.BLANK_FORM)
    lay(desk, *(notice(kind=kind) for kind in both), notice("DV02"), notice("DV03", both[0]))
    put(desk, 4, state=HELD)
    approve(desk)
    assert states(desk) == [APPROVED] * 4
    set_to(desk, approval=Approval(standing=both[1:], answerable="Chánh Văn phòng"))
    assert outbox.prepare(desk) == 0
    assert states(desk) == [DRAFT, APPROVED, APPROVED, APPROVED]


# --- looking --------------------------------------------------------------------------------------


def test_the_list_of_the_outbox(desk: Desk) -> None:
    september = Period(2021, 9)
    lay(desk, notice(), notice(None, NoticeKind.DIGEST, period=september))
    put(desk, 1, state=FAILED, attempts=2, error="450")
    listed = [*outbox.rows(desk.engine, None)]
    assert listed[0] == {
        "id": 1,
        "kind": "urging",
        "period": "2021-10",
        "unit": "DV01",
        "to": "an.DV01@ubdt.vn",
        "subject": "Đôn đốc DV01",
        "state": FAILED,
        "message_id": rows(desk)[0].message_id,
        "attempts": 2,
        "error": "450",
    }
    assert (listed[1]["id"], listed[1]["unit"]) == (2, None)
    assert [one["id"] for one in outbox.rows(desk.engine, september)] == [2]
    assert [one["id"] for one in outbox.rows(desk.engine, None, Delivery.FAILED)] == [1]


def test_the_page_shows_each_notice_with_its_envelopes_but_for_the_superseded(desk: Desk) -> None:
    image = Attachment("a.png", b"png", "image/png")
    one = notice(
        cc=(Address("Chi", "chi@ubdt.vn"),),
        mail=Mail("Tiêu đề", "Lời", "<p>Lời</p>", (image,)),
        attachments=(Attachment("b.xlsx", b"sheet", "x/y"),),
    )
    lay(desk, notice(period=Period(2021, 9)), one, notice(None, NoticeKind.DIGEST), notice("DV03"))
    put(desk, 2, state=REFUSED, error="550")
    put(desk, 4, state=SENT)
    put(desk, 5, state=SUPERSEDED)
    shown, sent = outbox.notices(desk, MONTH)
    assert (shown.id, shown.kind, shown.unit, shown.subject) == (2, "urging", "DV01", "Tiêu đề")
    assert (shown.to, shown.cc, shown.due) == (one.to, one.cc, TODAY)
    assert [(e.email, e.state, e.error) for e in shown.envelopes] == [
        ("an.DV01@ubdt.vn", REFUSED, "550"), ("chi@ubdt.vn", DRAFT, None),
    ]  # fmt: skip
    assert (shown.attachments, shown.html, shown.images) == (("b.xlsx",), "<p>Lời</p>", (image,))
    assert (sent.kind, sent.unit, sent.html, sent.images) == ("digest", None, "", ())


def test_of_what_needs_no_approval_so_many_can_be_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "READABLE", 1)
    lay(desk, notice(period=Period(2021, 9)), *(notice(f"DV{n:02d}") for n in range(1, 7)))
    of_september = APPROVED
    for number, state in enumerate((of_september, APPROVED, FAILED, HELD, DRAFT, SENT, REFUSED), 1):
        put(desk, number, state=state)
    readable = [bool(one.html) for one in outbox.notices(desk, MONTH)]
    assert readable == [True, False, True, True, False, False]
