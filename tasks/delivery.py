"""Sends what is approved: claims each message, hands it to the mail server, records the answer."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rules.workdays import is_too_late
from schemas.errors import DondocError
from schemas.notices import Delivery
from schemas.period import Period
from tasks import audit, mailer, outbox
from tasks.desk import Desk
from tasks.step import step

TOO_LATE = "too-late"


@step()
def send_approved(desk: Desk, period: str, *, late: bool) -> Mapping[str, int]:
    """Outcome (sent, refused, failed, too-late) -> how many messages came to it.

    Each message is tried once. What is too late for its period stays approved and unsent unless
    `late` says otherwise. Raises SettingsError or MailError, with everything kept, where the
    server cannot be spoken to at all.
    """
    outbox.recall(desk)
    schedule, outcomes = desk.settings.schedule, Counter[str]()
    ready = []
    for number, due in outbox.due_for_sending(desk, Period.parse(period) if period else None):
        if not late and is_too_late(due, desk.today, schedule):
            outcomes[TOO_LATE] += 1
        else:
            ready.append(number)
    if ready:
        with _told(desk, period, outcomes), mailer.connection(desk.settings) as transport:
            for number in ready:
                mailer.connect(transport, desk.settings)
                if outcome := _send(desk, transport, number):
                    outcomes[outcome] += 1
    return outcomes


@contextmanager
def _told(desk: Desk, period: str, outcomes: Mapping[str, int]) -> Iterator[None]:
    """The audit log hears what came of the batch, also where it breaks off."""
    try:
        yield
    finally:
        with desk.writer.begin() as connection:
            audit.add(connection, desk.recorded(), "deliver", period, after=dict(outcomes))


def _send(desk: Desk, transport: mailer.Transport, number: int) -> Delivery | None:
    """What became of one message; None where another sender has it. A damaged archive stops the
    messages that need it, not the others."""
    try:
        message = outbox.claim(desk, number)
    except DondocError as error:
        outbox.fail(desk, number, str(error))
        return Delivery.FAILED
    if message is None:
        return None
    outcome, reply = mailer.send(transport, desk.settings, message)
    outbox.record(desk, message, outcome, reply)
    return outcome
