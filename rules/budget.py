"""Decides what an activity may spend at a period's end: the denominator of every rate."""

from decimal import Decimal

from schemas.period import Period
from schemas.registry import Budget, Entry, LedgerRow, Registry


def counts(row: LedgerRow, period: Period) -> bool:
    """Whether a ledger row of the period's year is part of the budget at the period's end.

    Assigned and carried-over amounts of the year count whole; an adjustment counts from the day
    it was decided, one without a date from the year's beginning. Source: the design's definition
    of the current budget.
    """
    decided_later = row.day is not None and row.day > period.last_day
    return row.year == period.year and not (row.entry is Entry.ADJUSTMENT and decided_later)


def budgets(registry: Registry, period: Period) -> dict[str, Budget]:
    """Activity code -> its budget in triệu đồng at the end of `period`; an activity without a
    ledger row has an empty one."""
    sums = {a.code: dict.fromkeys(Entry, Decimal(0)) for a in registry.activities}
    for row in registry.ledger:
        if counts(row, period):
            sums[row.activity][row.entry] += row.amount
    return {
        code: Budget(by[Entry.ASSIGNED], by[Entry.CARRIED], by[Entry.ADJUSTMENT])
        for code, by in sums.items()
    }
