"""Decides what an activity may spend at a period's end, and what its rate divides by."""

from collections.abc import Mapping
from decimal import Decimal

from schemas.period import Period
from schemas.registry import Budget, Denominator, Entry, LedgerRow, Registry


def counts(row: LedgerRow, period: Period) -> bool:
    """Whether a ledger row of the period's year is part of the budget at the period's end.

    Assigned and carried-over amounts of the year count whole; an adjustment counts from the day
    it was decided, one without a date from the year's beginning. Source: the design's definition
    of the current budget.
    """
    decided_later = row.day is not None and row.day > period.last_day
    return row.year == period.year and not (row.entry is Entry.ADJUSTMENT and decided_later)


def budgets(
    registry: Registry, period: Period, denominators: Mapping[str, Denominator] | None = None
) -> dict[str, Budget]:
    """Activity code -> its budget in triệu đồng at the end of `period`; an activity without a
    ledger row has an empty one. `denominators` go by funding source; TOTAL where one is not named.
    """
    sums = {a.code: dict.fromkeys(Entry, Decimal(0)) for a in registry.activities}
    for row in registry.ledger:
        if counts(row, period):
            sums[row.activity][row.entry] += row.amount
    return {
        a.code: Budget(
            sums[a.code][Entry.ASSIGNED],
            sums[a.code][Entry.CARRIED],
            sums[a.code][Entry.ADJUSTMENT],
            (denominators or {}).get(a.source, Denominator.TOTAL),
        )
        for a in registry.activities
    }
