"""Decides how the year went on: the body's sums by month, and what the period is compared with."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from schemas.board import Board, Since, State
from schemas.course import Course, Stand
from schemas.period import Period

Sums = Mapping[tuple[str, int, int], tuple[Decimal, Decimal]]
"""(unit, year, month) -> what the rate divides by and disbursed to date, in triệu đồng."""


def course(
    period: Period, sums: Sums, last_month_sources: Mapping[tuple[str, str], Stand]
) -> Course:
    """The course of the period's year, of sums of this year and of the one before.

    A month's sums are those of whoever is known then; what was disbursed within a month counts only
    units known at both of its ends, so that a report that came late is no jump.
    """
    year, month = period.year, period.month
    this = {key: sum_ for key, sum_ in sums.items() if key[1] == year and key[2] <= month}
    before = {key: sum_ for key, sum_ in sums.items() if key[1] == year - 1}
    return Course(
        months=_by_month(this),
        reporting=Counter(sorted(month for _, _, month in this)),
        within=_within(this),
        last_month=_units(this, year, month - 1),
        last_month_sources=last_month_sources,
        last_year=_by_month(_alike(this, before)),
        last_year_units=_units(before, year - 1, month),
    )


def since(board: Board, last: Mapping[str, Stand]) -> Since | None:
    """How the body's rate changed from one month earlier, like compared with like: over the units
    accepted now of which the month before is known too. None where there is no such unit, or these
    have no rate in one of the months."""
    now = {
        unit.code: Stand(unit.budget_current, unit.disbursed_to_date or Decimal(0))
        for unit in board.units
        if unit.state is State.ACCEPTED
    }
    both = [code for code in now if code in last]
    here, then = total(now[code] for code in both), total(last[code] for code in both)
    if here.rate is None or then.rate is None:
        return None
    return Since(
        here.rate,
        then.rate,
        len(both),
        joined=tuple(code for code in now if code not in last),
        gone=tuple(u.code for u in board.units if u.code in last and u.code not in now),
    )


def total(stands: Iterable[Stand]) -> Stand:
    """The sum of some."""
    parts = list(stands)
    zero = Decimal(0)
    return Stand(
        sum((one.budget for one in parts), zero), sum((one.disbursed for one in parts), zero)
    )


def _by_month(sums: Sums) -> dict[int, Stand]:
    months: dict[int, list[Stand]] = defaultdict(list)
    for (_, _, month), pair in sums.items():
        months[month].append(Stand(*pair))
    return {month: total(months[month]) for month in sorted(months)}


def _alike(this: Sums, before: Sums) -> Sums:
    """Of the year before what can be compared: the months that know all units of this year's."""
    wanted = {(unit, year - 1, month) for unit, year, month in this}
    short = {month for unit, year, month in wanted if (unit, year, month) not in before}
    return {key: before[key] for key in sorted(wanted) if key[2] not in short}


def _units(sums: Sums, year: int, month: int) -> dict[str, Stand]:
    return {unit: Stand(*its) for (unit, *when), its in sums.items() if when == [year, month]}


def _within(sums: Sums) -> dict[int, Decimal]:
    """Of January all that was disbursed."""
    amounts: dict[int, Decimal] = defaultdict(Decimal)
    for (unit, year, month), (_, disbursed) in sums.items():
        earlier = sums.get((unit, year, month - 1))
        if earlier or month == 1:
            amounts[month] += disbursed - (earlier[1] if earlier else Decimal(0))
    return {month: amounts[month] for month in sorted(amounts)}
