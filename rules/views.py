"""Decides how a view (quarter, half, nine months, year) reads: where each unit stands at its end,
and what was disbursed within it."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from rules.rates import totals
from schemas.board import Board, Look, State, UnitStatus
from schemas.period import View


def look(view: View, last: Board, before: Mapping[str, Decimal] | None) -> Look:
    """The view whose last month is `last`; `before` is unit -> cumulative disbursement in triệu
    đồng of those accepted in the month before its first, None where it begins with the year.

    What a unit disbursed within the view is the difference of its two cumulative figures, None
    where either was not accepted.
    """
    within = {unit.code: _within(unit, before) for unit in last.units}
    return Look(view, last, within, {unit.code: last.period for unit in last.units})


def year(view: View, closing: Board, december: Board) -> Look:
    """The year: each unit as its accepted closing month says, else as December does."""
    closed = {u.code: u for u in closing.units if u.state is State.ACCEPTED}
    units = tuple(closed.get(unit.code, unit) for unit in december.units)
    stands = closing if closed else december
    activities = (
        *(a for a in closing.activities if a.unit in closed),
        *(a for a in december.activities if a.unit not in closed),
    )
    board = replace(stands, units=units, totals=totals(units), activities=activities)
    as_of = {u.code: (closing if u.code in closed else december).period for u in units}
    return replace(look(view, board, None), as_of=as_of)


def _within(unit: UnitStatus, before: Mapping[str, Decimal] | None) -> Decimal | None:
    if unit.disbursed_to_date is None or before is None:
        return unit.disbursed_to_date
    return unit.disbursed_to_date - before[unit.code] if unit.code in before else None
