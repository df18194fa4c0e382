"""Sends what is approved: claims each message, hands it to the mail server, records the answer."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic, sleep

from rules.workdays import is_too_late
from schemas.errors import MailError
from schemas.notices import Delivery, NoticeKind
from schemas.period import Period
from schemas.settings import Settings
from schemas.texts import say
from tasks import audit, mailer, outbox
from tasks.ahead import EACH, MAILS, Letters
from tasks.composing import Composed
from tasks.desk import Desk
from tasks.mailer import Letter
from tasks.step import step

TOO_LATE, WAITING = "too-late", "waiting"

UNWILLING = 2
"""Messages in a row that the server puts off with 421, or does not take from us at all (each on a
connection of its own), before the rest of the batch is left for later."""


_Answer = tuple[outbox.Claim, Delivery, str | None]
"""What a server said to a message of ours."""


@step()
def send_approved(
    desk: Desk, period: str, *, late: bool, retry: bool = False, kind: NoticeKind | None = None
) -> Mapping[str, int]:
    """Outcome (sent, refused, failed, held, too-late, waiting) -> how many messages came to it.

    Each message is tried once; one whose next attempt is not due `waits`, and so does the rest of a
    batch that the server does not want any more. With `retry` what failed is tried now, and nothing
    else; with `kind` only messages of that kind. What is too late for its period stays approved and
    unsent unless `late` says otherwise.
    Raises SettingsError or MailError, with everything kept, where the server cannot be spoken to at
    all.
    """
    desk.crew.expect(MAILS, seconds=EACH * outbox.approved(desk))
    outcomes = Counter[str]()
    if held := outbox.prepare(desk):
        outcomes[Delivery.HELD] = held
    ready = _ready(desk, period, outcomes, late=late, retry=retry, kind=kind)
    if ready:
        with _told(desk, period, outcomes):
            _batch(desk, ready, outcomes, retry=retry)
    return outcomes


def _ready(
    desk: Desk,
    period: str,
    outcomes: Counter[str],
    *,
    late: bool,
    retry: bool,
    kind: NoticeKind | None,
) -> list[int]:
    """The messages that are tried now; the others are counted by what keeps them back."""
    ready = []
    one_period = Period.parse(period) if period else None
    waiting = outbox.due_for_sending(desk, one_period, retry=retry, kind=kind)
    days = {one.due for one in waiting}
    over = {
        day for day in days if not late and is_too_late(day, desk.today, desk.settings.schedule)
    }
    for one in waiting:
        if one.due in over:
            outcomes[TOO_LATE] += 1
        elif one.now:
            ready.append(one.id)
        else:
            outcomes[WAITING] += 1
    return ready


def _batch(desk: Desk, ready: Sequence[int], outcomes: Counter[str], *, retry: bool) -> None:
    """Send the batch at the pace that the settings allow, and count what each message came to.

    The answer to one message and the claim of the next are one transaction, where nothing is to be
    waited for in between: an answer is recorded before anything else is done."""
    letters, thread, unwilling = Letters(desk, ready), outbox.Thread(), 0
    answer: _Answer | None = None
    with mailer.connection(desk.settings) as transport:
        line = _Line(transport, desk.settings)
        while letters.left and unwilling < UNWILLING:
            if answer and not (line.goes_on and letters.at_hand):
                with outbox.turn(desk) as turn:
                    outcomes[outbox.record(desk, turn, *answer)] += 1
                answer = None
            try:
                line.proceed()
            except MailError:  # it was there when the batch began: what is left can wait
                break
            its, mail = letters.next()
            with outbox.turn(desk) as turn:
                if answer:
                    outcomes[outbox.record(desk, turn, *answer)] += 1
                claim = _claimed(desk, turn, its, mail, outcomes, retry=retry)
            answer, transport.unwilling = None, False
            if claim:
                letter = Letter(its.recipient, mail, thread.first(its), claim.since)
                answer = (claim, *mailer.send(transport, desk.settings, letter))
                if answer[1] is Delivery.SENT:
                    thread.goes_on(its)
            unwilling = unwilling + 1 if transport.unwilling else 0
        if answer:
            with outbox.turn(desk) as turn:
                outcomes[outbox.record(desk, turn, *answer)] += 1
    if letters.left:
        outcomes[WAITING] += letters.left


def _claimed(
    desk: Desk,
    turn: outbox.Turn,
    its: outbox.Ready,
    mail: Composed,
    outcomes: Counter[str],
    *,
    retry: bool,
) -> outbox.Claim | None:
    """The claim of one message; None where another sender has it, or where it cannot be sent: a
    damaged archive stops the messages that need it, not the others."""
    if its.approved and mail.outcome is not Delivery.FAILED:
        return outbox.claim(desk, turn, its, retry=retry)
    if outbox.is_left_in_doubt(desk, its):
        return None
    state = Delivery.FAILED if its.approved else Delivery.HELD
    reason = mail.fault if its.approved else say("outbox.not-as-approved")
    outbox.fail(turn.connection, its.message, reason, state)
    outcomes[state] += 1
    return None


class _Line:
    """The line to the mail server, at the pace that the settings allow."""

    def __init__(self, transport: mailer.Transport, settings: Settings) -> None:
        self._transport, self._settings = transport, settings
        pace = settings.mail.per_minute
        self._pause = 60 / pace if pace else 0.0
        self._last, self._on_it = -self._pause, 0

    @property
    def goes_on(self) -> bool:
        """Whether the next message can follow at once."""
        return self._transport.is_up and not self._is_full and self._wait <= 0

    def proceed(self) -> None:
        """Wait until the next message may follow, on a line that is up. Raises MailError."""
        if self._is_full:
            self._transport.close()  # the next one is counted anew
        if self._wait > 0:
            sleep(self._wait)
        fresh = not self._transport.is_up and mailer.connect(self._transport, self._settings)
        self._last, self._on_it = monotonic(), 1 if fresh else self._on_it + 1

    @property
    def _is_full(self) -> bool:
        most = self._settings.mail.per_connection
        return bool(most) and self._on_it >= most

    @property
    def _wait(self) -> float:
        """Seconds until the next message may leave."""
        return self._last + self._pause - monotonic() if self._pause else 0.0


@contextmanager
def _told(desk: Desk, period: str, outcomes: Mapping[str, int]) -> Iterator[None]:
    """The audit log hears what came of the batch, also where it breaks off."""
    try:
        yield
    finally:
        with desk.writer.begin() as connection:
            audit.add(connection, desk.recorded(), "deliver", period, after=dict(outcomes))
