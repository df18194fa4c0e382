"""Looks at a batch before it is released, beside what this period and the one before released."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, func, or_, select

from rules import tripwires
from rules.tripwires import Extent, Letter
from schemas import tables
from schemas.notices import Delivery, NoticeKind
from schemas.period import Period
from schemas.texts import say
from tasks.database import batched
from tasks.desk import Desk

RELEASED = (
    Delivery.APPROVED,
    Delivery.SENDING,
    Delivery.SENT,
    Delivery.REFUSED,
    Delivery.FAILED,
    Delivery.BOUNCED,
)
"""The states of what was once let go."""

_notice, _outbox = tables.notice.c, tables.outbox.c


@dataclass(frozen=True)
class Caught:
    """Why a batch is held: the sentences, and of each held message its own."""

    reasons: tuple[str, ...]
    held: Mapping[int, str]


def caught(
    desk: Desk, connection: Connection, period: str, kind: str, batch: Collection[int]
) -> Caught:
    """What the tripwires say of these messages of one kind and period."""
    wanted = (
        select(_outbox.id, _outbox.recipient, _outbox.notice, _notice.unit)
        .join(tables.notice)
        .where(
            _notice.period == period,
            _notice.kind == kind,
            or_(_outbox.state.in_(RELEASED), _outbox.state.in_((Delivery.DRAFT, Delivery.HELD))),
        )
        .order_by(_outbox.id)
    )
    released = wanted.with_only_columns(_outbox.id).where(_outbox.state.in_(RELEASED))
    let_go = set(connection.scalars(released))
    rows = [r for r in connection.execute(wanted) if r.id in batch or r.id in let_go]
    contents = _contents(connection, {row.notice for row in rows})
    letters = {row.id: Letter(row.id, row.recipient, contents[row.notice]) for row in rows}
    crossed = tripwires.tripped(
        [one for number, one in letters.items() if number in batch],
        [one for number, one in letters.items() if number not in batch],
        _share(desk, period, kind, (row.unit for row in rows)),
        _earlier(desk, connection, period, kind),
        desk.settings.tripwires,
    )
    told = [(say(f"tripwire.{one.key}", **one.facts), one.letters) for one in crossed]
    held: dict[int, str] = {}
    for reason, its in told:
        held |= {number: " ".join((held.get(number, ""), reason)).strip() for number in its}
    label = say(f"notice.{kind}")
    return Caught(tuple(f"{label}, {period}: {reason}" for reason, _ in told), held)


def _contents(connection: Connection, notices: Collection[int]) -> dict[int, str]:
    """Notice -> what makes it the same letter as another: all that is read, and its occasion."""
    found: dict[int, str] = {}
    for some in batched(notices):
        its = select(
            _notice.id, _notice.occasion, _notice.subject, _notice.text, _notice.attachments
        ).where(_notice.id.in_(some))
        for row in connection.execute(its):
            said = json.dumps([row.occasion, row.subject, row.text, row.attachments])
            found[row.id] = hashlib.sha256(said.encode()).hexdigest()
    return found


def _earlier(desk: Desk, connection: Connection, period: str, kind: str) -> Extent | None:
    """What the last period before that released any of the kind released of it; of watches none,
    since one leaves each day whatever the period has seen."""
    if kind == NoticeKind.WATCH:
        return None
    its = (_notice.kind == kind, _outbox.state.in_(RELEASED))
    joined = select(_notice.unit).join(tables.outbox).where(*its)
    last = joined.with_only_columns(func.max(_notice.period)).where(_notice.period < period)
    earlier = connection.scalar(last)
    if earlier is None:
        return None
    units: list[Any] = list(connection.scalars(joined.where(_notice.period == earlier)))
    return Extent(len(units), _share(desk, earlier, kind, units))


def _share(desk: Desk, period: str, kind: str, units: Iterable[str]) -> Fraction | None:
    """Of the period's units, those that are flagged: to whom an urging letter goes."""
    if kind != NoticeKind.URGING:
        return None
    reporting = desk.registry.reporting_units(Period.parse(period).year)
    return Fraction(len(set(units)), len(reporting)) if reporting else None
