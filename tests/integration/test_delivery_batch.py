"""A batch goes out: at which pace, on which lines, and what becomes of those that stay behind. The
mail server is told what to say; what it hears is told in tests/integration/test_mailer.py."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from email import message_from_string
from typing import Any

import pytest
from sqlalchemy import QueuePool, select

from outboxes import (
    A_MINUTE,
    APPROVED,
    FAILED,
    HELD,
    MONTH,
    NOON,
    SENDING,
    SENT,
    TODAY,
    approve,
    hold_doubtful,
    lay,
    notice,
    put,
    rows,
    set_to,
    states,
)  # fmt: skip
from schemas import tables
from schemas.errors import MailError
from schemas.notices import Attachment, Delivery, NoticeKind
from schemas.period import Period
from schemas.settings import Mail, Settings
from tasks import ahead, archive, crew, delivery, outbox
from tasks.desk import Desk
from tasks.mailer import Letter

SENDER = "dondoc@ubdt.vn"
LATER, NOT_NOW = "later", "not now"


@dataclass
class Line:
    """Stands for tasks/mailer.py: a line that says what it is told to each message, by its turn;
    `down` are the turns before which it cannot be had."""

    says: Mapping[int, str] = field(default_factory=dict)
    down: tuple[int, ...] = ()
    sent: list[str] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    lines: int = 0
    is_up: bool = False
    unwilling: bool = False
    waits: list[float] = field(default_factory=list)
    clock: float = 0.0
    """A machine that was just started."""

    @contextmanager
    def connection(self, settings: Settings) -> Iterator["Line"]:
        self.connect(self, settings)
        yield self
        self.close()

    def connect(self, line: object, settings: Settings) -> bool:
        assert line is self
        assert isinstance(settings, Settings)
        if len(self.sent) + 1 in self.down:
            raise MailError("gone")
        fresh, self.is_up = not self.is_up, True
        self.lines += fresh
        return fresh

    def close(self) -> None:
        self.is_up = False

    def send(self, line: object, settings: Settings, letter: Letter) -> tuple[Delivery, str | None]:
        assert line is self
        assert isinstance(settings, Settings)
        self.sent.append(letter.recipient)
        self.letters.append(letter)
        said = self.says.get(len(self.sent))
        if said is None:
            return Delivery.SENT, None
        if said == NOT_NOW:
            self.unwilling, self.is_up = True, False
        return Delivery.FAILED, said

    def sleep(self, seconds: float) -> None:
        self.waits.append(round(seconds, 6))
        self.clock += seconds

    def monotonic(self) -> float:
        return self.clock


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    its = Line()
    monkeypatch.setattr(delivery, "mailer", its)
    monkeypatch.setattr(delivery, "sleep", its.sleep)
    monkeypatch.setattr(delivery, "monotonic", its.monotonic)
    return its


def approved(desk: Desk, count: int) -> None:
    lay(desk, *(notice(f"DV{n:02d}") for n in range(1, count + 1)))
    approve(desk)


def send(
    desk: Desk, period: str = "", *, late: bool = False, retry: bool = False
) -> dict[str, int]:
    return dict(delivery.send_approved(desk, period, late=late, retry=retry))


def logged(desk: Desk) -> list[tuple[str, str, Any]]:
    with desk.engine.connect() as connection:
        found = connection.execute(select(tables.audit).order_by(tables.audit.c.number)).all()
    return [(row.what, row.subject, row.after) for row in found if row.what == "deliver"]


def test_everything_goes_on_one_line_in_the_order_of_drafting_and_is_logged(
    desk: Desk, line: Line
) -> None:
    approved(desk, 3)
    assert send(desk) == {"sent": 3}
    assert line.sent == [f"an.DV0{n}@ubdt.vn" for n in (1, 2, 3)]
    assert (line.lines, line.waits) == (1, [])
    assert logged(desk) == [("deliver", "", {"sent": 3})]
    assert send(desk) == {}
    assert line.lines == 1  # nobody is called for nothing
    assert len(logged(desk)) == 1


@pytest.mark.parametrize(
    ("paced", "piece", "says"),
    [({}, 64, {}), ({"per_minute": 600}, 64, {}), ({"per_connection": 2}, 64, {}), ({}, 2, {}),
     ({}, 64, {2: NOT_NOW})],
)  # fmt: skip
def test_an_answer_is_recorded_before_anything_is_waited_for(
    desk: Desk,
    line: Line,
    monkeypatch: pytest.MonkeyPatch,
    paced: dict[str, int],
    piece: int,
    says: Mapping[int, str],
) -> None:
    """And with the claim of the next message where nothing is."""
    monkeypatch.setattr(ahead, "AHEAD", piece)
    set_to(desk, mail=Mail(sender=SENDER, **paced))
    approved(desk, 5)
    line.says = says
    seen = []

    def looked(act: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*its: Any) -> Any:
            seen.append((act.__name__, [*states(desk)]))
            return act(*its)

        return wrapped

    for where, name in ((line, "send"), (line, "connect"), (delivery, "sleep"), (outbox, "read")):
        monkeypatch.setattr(where, name, looked(getattr(where, name)))
    send(desk)
    sent = [its for act, its in seen if act == "send"]
    answers = [FAILED if n + 1 in says else SENT for n in range(5)]
    assert sent == [[*answers[:n], SENDING, *[APPROVED] * (4 - n)] for n in range(5)]
    waits = [act for act, its in seen if act != "send" and SENDING not in its]
    assert waits == [act for act, _ in seen if act != "send"]
    assert len(waits) > 2 or not (paced or says)


def test_pieces_that_are_composed_ahead_leave_as_one_batch(
    desk: Desk, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is too large to be kept is composed in its turn; the second to one person on a
    matter refers to the first, though neither had left when both were read."""
    monkeypatch.setattr(ahead, "AHEAD", 7)
    monkeypatch.setattr(crew, "WORTH", 0.0)  # by another process, whose settings tell it apart
    (desk.workspace / "dondoc.toml").write_text('[mail]\nsender = "beside@ubdt.vn"\n')
    large = Attachment("b", bytes(ahead.LARGE), "x/y")
    approved(desk, 5)
    lay(desk, notice("DV06", attachments=(large,)), notice("DV02", NoticeKind.DIGEST))
    lay(desk, notice("DV02", NoticeKind.REMINDER))
    approve(desk)
    assert send(desk) == {"sent": 8}
    assert line.sent == [f"an.DV{n:02d}@ubdt.vn" for n in (1, 2, 3, 4, 5, 6, 2, 2)]
    mails = [message_from_string(one.composed.content) for one in line.letters]
    ids = [row.message_id for row in rows(desk)]
    assert [mail["Message-ID"] for mail in mails] == ids
    assert ["beside" in mail["From"] for mail in mails] == [False] * 7 + [True]
    assert [one.thread for one in line.letters] == [None] * 6 + [ids[1]] * 2
    (*_, attached) = mails[5].walk()
    assert attached.get_payload(decode=True) == large.content


def test_of_one_period_only(desk: Desk, line: Line) -> None:
    september = Period(2021, 9)
    lay(desk, notice(), notice(period=september))
    for period in (MONTH, september):
        approve(desk, period=period)
    assert send(desk, "2021-09", late=True) == {"sent": 1}
    assert states(desk) == [APPROVED, SENT]
    assert logged(desk) == [("deliver", "2021-09", {"sent": 1})]


def test_what_stays_behind_is_counted_by_its_reason(desk: Desk, line: Line) -> None:
    approved(desk, 3)
    lay(desk, *(notice(f"DV{n:02d}", due=date(2021, 10, 1)) for n in (4, 5)))
    lay(desk, *(notice(f"DV{n:02d}") for n in (6, 7)))
    approve(desk)
    for number in (1, 2):
        put(desk, number, state=FAILED, next_attempt=NOON + A_MINUTE)
    for number in (6, 7):
        put(desk, number, state=SENDING, owner="elsewhere:1", lease_until=NOON - A_MINUTE)
    hold_doubtful(desk)
    assert send(desk) == {"held": 2, "waiting": 2, "too-late": 2, "sent": 1}
    assert states(desk) == [FAILED, FAILED, SENT, APPROVED, APPROVED, HELD, HELD]
    assert send(desk, retry=True) == {"sent": 2}
    assert send(desk, late=True) == {"sent": 2}


def test_the_database_is_let_go_while_the_mail_server_is_spoken_to(
    desk: Desk, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line to PostgreSQL that broke meanwhile must not cost the answer: one that is fetched anew
    is looked at first."""
    approved(desk, 3)
    kept, spoken = [], line.send

    def sends(*its: Any) -> Any:
        kept.append(in_use(desk))
        return spoken(*its)

    monkeypatch.setattr(line, "send", sends)
    assert send(desk) == {"sent": 3}
    assert kept == [0, 0, 0]


def in_use(desk: Desk) -> int:
    pool = desk.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


def test_what_falls_into_doubt_in_mid_batch_is_left_to_the_next(
    desk: Desk, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(desk, notice("DV01"))  # whatever else is wrong with it
    put(desk, 1, state=SENDING, owner="elsewhere:1", lease_until=NOON - A_MINUTE)
    hold_doubtful(desk)
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "prepare", lambda _: 0)
        assert send(desk) == {}
    assert states(desk) == [SENDING]
    assert send(desk) == {"held": 1}


@pytest.mark.parametrize(
    ("says", "came_to", "lines"),
    [
        ({1: LATER, 2: LATER, 3: LATER}, {"failed": 3, "sent": 2}, 1),
        ({1: NOT_NOW, 3: NOT_NOW}, {"failed": 2, "sent": 3}, 3),
        ({1: NOT_NOW, 2: LATER, 3: NOT_NOW}, {"failed": 3, "sent": 2}, 3),
        ({2: NOT_NOW, 3: NOT_NOW}, {"sent": 1, "failed": 2, "waiting": 2}, 2),
        ({4: NOT_NOW, 5: NOT_NOW}, {"sent": 3, "failed": 2}, 2),
    ],
)
def test_twice_not_now_in_a_row_leaves_the_rest_for_later(
    desk: Desk, line: Line, says: Mapping[int, str], came_to: Mapping[str, int], lines: int
) -> None:
    approved(desk, 5)
    line.says = says
    assert send(desk) == came_to
    assert line.lines == lines
    assert logged(desk)[0][2] == came_to


def test_a_server_that_is_gone_in_between_leaves_the_rest_for_later(desk: Desk, line: Line) -> None:
    approved(desk, 5)
    put(desk, 5, state=FAILED, next_attempt=NOON + A_MINUTE)  # waits as it is
    line.says, line.down = {2: NOT_NOW}, (3,)
    assert send(desk) == {"sent": 1, "failed": 1, "waiting": 3}
    assert states(desk) == [SENT, FAILED, APPROVED, APPROVED, FAILED]


def test_a_server_that_is_not_there_is_said_and_logged(desk: Desk, line: Line) -> None:
    approved(desk, 2)
    line.down = (1,)
    with pytest.raises(MailError):
        send(desk)
    assert states(desk) == [APPROVED, APPROVED]
    assert logged(desk) == [("deliver", "", {})]


@pytest.mark.parametrize(("most", "lines"), [(0, 1), (1, 5), (2, 3), (4, 2), (5, 1)])
def test_so_many_messages_go_on_one_line(desk: Desk, line: Line, most: int, lines: int) -> None:
    set_to(desk, mail=Mail(sender=SENDER, per_connection=most))
    approved(desk, 5)
    assert send(desk) == {"sent": 5}
    assert line.lines == lines


def test_a_line_that_broke_is_counted_anew(desk: Desk, line: Line) -> None:
    set_to(desk, mail=Mail(sender=SENDER, per_connection=3))
    approved(desk, 8)
    line.says = {2: NOT_NOW}
    assert send(desk) == {"sent": 7, "failed": 1}
    assert line.lines == 3  # of two messages, three and three
    assert [row.error for row in rows(desk)] == [None, NOT_NOW, *[None] * 6]


def test_so_many_messages_go_in_a_minute(desk: Desk, line: Line) -> None:
    set_to(desk, mail=Mail(sender=SENDER, per_minute=20))
    approved(desk, 3)
    assert send(desk) == {"sent": 3}
    assert line.waits == [3.0, 3.0]  # the first waits for nobody


def test_the_time_that_a_message_takes_counts(
    desk: Desk, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(desk, mail=Mail(sender=SENDER, per_minute=20))
    approved(desk, 3)
    took = iter((2.0, 5.0, 0.0))
    real = line.send

    def slowly(*its: Any) -> tuple[Delivery, str | None]:
        line.clock += next(took)
        return real(*its)

    monkeypatch.setattr(line, "send", slowly)
    assert send(desk) == {"sent": 3}
    assert line.waits == [1.0]


def test_a_damaged_archive_stops_its_own_message_only(desk: Desk, line: Line) -> None:
    lay(desk, notice(attachments=(Attachment("b", b"b", "x/y"),)), notice("DV02"))
    approve(desk)
    archive.place(desk.workspace, archive.name_of(b"b")).unlink()
    assert send(desk) == {"failed": 1, "sent": 1}
    assert "Kho lưu trữ" in rows(desk)[0].error


def test_what_another_sender_has_is_no_matter_of_ours(
    desk: Desk, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(desk, 2)
    due = outbox.due_for_sending(desk, None)
    put(desk, 1, state=SENDING, owner="elsewhere:1", lease_until=NOON + A_MINUTE)
    monkeypatch.setattr(outbox, "due_for_sending", lambda *_, **__: due)
    assert send(desk) == {"sent": 1}
    assert line.sent == ["an.DV02@ubdt.vn"]


def test_what_failed_for_too_long_is_counted_as_refused(desk: Desk, line: Line) -> None:
    approved(desk, 1)
    put(desk, 1, state=FAILED, failing_since=NOON - 3000 * A_MINUTE)
    line.says = {1: LATER}
    assert send(desk) == {"refused": 1}
    assert desk.today == TODAY
