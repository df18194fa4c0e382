"""Tells what a judgement hangs on beside its own month, without reading it."""

from collections.abc import Iterator

from sqlalchemy import func, select

from schemas import tables
from schemas.board import State
from schemas.period import Period
from tasks.desk import Desk


def fingerprint(desk: Desk, period: Period) -> Iterator[str]:
    """What the evidence hangs on beside the period's own figures, told without reading it: every
    accepted submission up to the period, the imported history, the registry and its ledger."""
    submission, imported = tables.submission.c, tables.history.c
    accepted = (
        select(
            submission.period,
            func.count(),
            func.max(submission.id),
            func.max(submission.received_at),
        )
        .where(submission.state == State.ACCEPTED, submission.period <= str(period))
        .group_by(submission.period)
        .order_by(submission.period)
    )
    past = select(func.count(), func.max(imported.id), func.max(imported.imported_at))
    with desk.engine.connect() as connection:
        yield repr([tuple(row) for row in connection.execute(accepted)])
        yield repr([tuple(row) for row in connection.execute(past)])
    yield desk.registry.version
    yield from map(repr, desk.registry.ledger)
