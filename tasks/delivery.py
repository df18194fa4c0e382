"""Sends what is approved: claims each message, hands it to the mail server, records the answer."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic, sleep

from rules.workdays import is_too_late
from schemas.errors import DondocError, MailError, UnapprovedError
from schemas.notices import Delivery, NoticeKind
from schemas.period import Period
from tasks import audit, mailer, outbox
from tasks.desk import Desk
from tasks.step import step

TOO_LATE, WAITING = "too-late", "waiting"

UNWILLING = 2
"""Messages in a row that the server puts off with 421, or does not take from us at all (each on a
connection of its own), before the rest of the batch is left for later."""


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
    for one in outbox.due_for_sending(desk, one_period, retry=retry, kind=kind):
        if not late and is_too_late(one.due, desk.today, desk.settings.schedule):
            outcomes[TOO_LATE] += 1
        elif one.now:
            ready.append(one.id)
        else:
            outcomes[WAITING] += 1
    return ready


def _batch(desk: Desk, ready: Iterable[int], outcomes: Counter[str], *, retry: bool) -> None:
    """Send the batch at the pace that the settings allow, and count what each message came to."""
    mail, left = desk.settings.mail, list(ready)
    pause = 60 / mail.per_minute if mail.per_minute else 0.0
    last, on_this_line, unwilling = -pause, 0, 0
    logged = outbox.Logged()
    with mailer.connection(desk.settings) as transport:
        while left and unwilling < UNWILLING:
            if mail.per_connection and on_this_line >= mail.per_connection:
                transport.close()  # the next one is counted anew
            sleep(max(0.0, last + pause - monotonic()))
            try:
                fresh = mailer.connect(transport, desk.settings)
            except MailError:  # it was there when the batch began: what is left can wait
                break
            last, on_this_line = monotonic(), 1 if fresh else on_this_line + 1
            transport.unwilling = False
            if outcome := _send(desk, transport, left.pop(0), logged, retry=retry):
                outcomes[outcome] += 1
            unwilling = unwilling + 1 if transport.unwilling else 0
    if left:
        outcomes[WAITING] += len(left)


@contextmanager
def _told(desk: Desk, period: str, outcomes: Mapping[str, int]) -> Iterator[None]:
    """The audit log hears what came of the batch, also where it breaks off."""
    try:
        yield
    finally:
        with desk.writer.begin() as connection:
            audit.add(connection, desk.recorded(), "deliver", period, after=dict(outcomes))


def _send(
    desk: Desk, transport: mailer.Transport, number: int, logged: outbox.Logged, *, retry: bool
) -> Delivery | None:
    """What became of one message; None where another sender has it. A damaged archive stops the
    messages that need it, not the others."""
    try:
        message = outbox.claim(desk, number, retry=retry, logged=logged)
    except DondocError as error:
        unapproved = isinstance(error, UnapprovedError)
        state = Delivery.HELD if unapproved else Delivery.FAILED
        outbox.fail(desk, number, str(error), state)
        return state
    if message is None:
        return None
    outcome, reply = mailer.send(transport, desk.settings, message)
    return outbox.record(desk, message, outcome, reply)
