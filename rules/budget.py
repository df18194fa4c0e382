"""Decides what an activity may spend at a period's end, and what its rate divides by."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal

from schemas.period import CLOSING, Period
from schemas.registry import (
    OPEN_IN_JANUARY,
    Activity,
    Budget,
    Denominator,
    Entry,
    LedgerRow,
    Registry,
)

_NONE = Decimal(0)


def last_decision(period: Period, source: str, late: Collection[str] = OPEN_IN_JANUARY) -> date:
    """The last day on which an adjustment that counts in `period` may have been decided.

    The closing month still counts January's for the sources in `late` only: the plan of public
    investment runs to 31 January (Public Investment Law, article 68), that of recurrent money ends
    with the year (State Budget Law, article 64).
    """
    closed = period.is_closing and source not in late
    return period.december.last_day if closed else period.last_day


def counts(row: LedgerRow, period: Period, until: date | None = None) -> bool:
    """Whether a ledger row of the period's year is part of the budget at the period's end.

    Assigned and carried-over amounts of the year count whole; an adjustment counts from the day
    it was decided if that is not after `until` (the period's last day where not given), one without
    a date from the year's beginning. Source: the design's definition of the current budget.
    """
    decided_later = row.day is not None and row.day > (until or period.last_day)
    return row.year == period.year and not (row.entry is Entry.ADJUSTMENT and decided_later)


def budgets(
    registry: Registry,
    period: Period,
    denominators: Mapping[str, Denominator] | None = None,
    late: Collection[str] = OPEN_IN_JANUARY,
) -> dict[str, Budget]:
    """Activity code -> its budget in triệu đồng at the end of `period`; an activity without a
    ledger row has an empty one. `denominators` go by funding source; TOTAL where one is not named.
    `late` are the sources that are adjusted until the closing month's end.
    """
    until_of = {s: last_decision(period, s, late) for s in {a.source for a in registry.activities}}
    until = {a.code: until_of[a.source] for a in registry.activities}
    assigned, carried, adjusted = (dict[str, Decimal]() for _ in range(3))
    sums = {Entry.ASSIGNED: assigned, Entry.CARRIED: carried, Entry.ADJUSTMENT: adjusted}
    for row in registry.ledger:
        if counts(row, period, until[row.activity]):
            its = sums[row.entry]
            its[row.activity] = its.get(row.activity, _NONE) + row.amount
    return {
        a.code: Budget(
            assigned.get(a.code, _NONE),
            carried.get(a.code, _NONE),
            adjusted.get(a.code, _NONE),
            (denominators or {}).get(a.source, Denominator.TOTAL),
        )
        for a in registry.activities
    }


def adds_up(
    rows: Iterable[LedgerRow], year: int, its: Activity, late: Collection[str] = OPEN_IN_JANUARY
) -> Decimal:
    """What the rows of the year that ever count come to for an activity: its budget in the year's
    last period, the closing month; triệu đồng."""
    last = Period(year, CLOSING)
    until = last_decision(last, its.source, late)
    mine = (row for row in rows if row.activity == its.code and counts(row, last, until))
    return sum((row.amount for row in mine), Decimal(0))


def first_period(
    day: date, year: int, source: str, late: Collection[str] = OPEN_IN_JANUARY
) -> Period | None:
    """The first period of the year, its closing month the last, that an adjustment decided on
    `day` counts in; None where the source is closed by then."""
    periods = (Period(year, month) for month in range(1, CLOSING + 1))
    return next((p for p in periods if day <= last_decision(p, source, late)), None)
