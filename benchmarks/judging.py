"""Judges a month by pandas alone, as somebody would who has read what the rules say.

It knows nothing of `rules/`: that its flags are ours is one of the things the benchmark compares.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import pandas as pd

PACE = Fraction(43, 60)
"""What should be spent by the end of October: a third of the way from 60 to 95 %."""
LOW, CRITICAL = Fraction(9, 10), Fraction(1, 2)
"""Shares of the pace that a rate is low and very low below."""
LOW_AVERAGE = Fraction(1, 2)
"""The same of the average."""
LARGE = 50_000_000
"""Amounts in đồng from which on a low rate calls for a letter."""

Flag = tuple[str, str, str, str, int]
"""Unit, activity (none: the whole unit), rule, severity, what is short in đồng."""


@dataclass(frozen=True)
class Judged:
    """What a month came to."""

    sums: dict[str, tuple[int, int]]
    """Unit -> its budget and what it disbursed, in đồng, of those whose workbook was accepted."""
    flags: list[Flag]
    urged: list[str]


def judged(rows: pd.DataFrame) -> Judged:
    """`rows` have `unit`, `activity`, `budget` and `disbursed` in whole đồng."""
    units = rows.groupby("unit", sort=False)[["budget", "disbursed"]].sum().reset_index()
    units["activity"] = ""
    flags = [*_below_pace(units), *_below_average(units), *_below_pace(rows)]
    large = {*units.loc[units["budget"] >= LARGE, "unit"]}
    large |= {*rows.loc[rows["budget"] >= LARGE, "activity"]}
    urged = {unit for unit, activity, _, grade, _ in flags
             if grade != "watch" and (activity or unit) in large}  # fmt: skip
    columns = zip(units["unit"], units["budget"], units["disbursed"], strict=True)
    return Judged({u: (int(b), int(d)) for u, b, d in columns}, sorted(flags), sorted(urged))


def _below_pace(rows: pd.DataFrame) -> Iterator[Flag]:
    paid, due = rows["disbursed"] * PACE.denominator, rows["budget"] * PACE.numerator
    short = -((paid - due) // PACE.denominator)
    low, critical = (_under(paid, due, share) for share in (LOW, CRITICAL))
    yield from _flags(rows[paid < due], "below-pace", low, critical, short)


def _below_average(units: pd.DataFrame) -> Iterator[Flag]:
    """Against the average of all; what is short counts up to the rate of the others, at which
    both meet."""
    budget, disbursed = units["budget"].astype(object), units["disbursed"].astype(object)
    all_budget, all_disbursed = int(budget.sum()), int(disbursed.sum())
    paid, due = disbursed * all_budget, budget * all_disbursed
    under = units[paid < due]
    short = pd.Series(
        [
            ceil(Fraction(all_disbursed - d, all_budget - b) * b - d)
            for b, d in zip(budget[under.index], disbursed[under.index], strict=True)
        ],
        index=under.index,
        dtype=object,
    )
    low = _under(paid, due, LOW_AVERAGE)
    yield from _flags(under, "below-average", low, low & False, short)


def _under(paid: "pd.Series[int]", due: "pd.Series[int]", share: Fraction) -> "pd.Series[bool]":
    return (paid * share.denominator < due * share.numerator).astype(bool)


def _flags(
    under: pd.DataFrame,
    rule: str,
    low: "pd.Series[bool]",
    critical: "pd.Series[bool]",
    short: "pd.Series[int]",
) -> Iterator[Flag]:
    for at, unit, activity in zip(under.index, under["unit"], under["activity"], strict=True):
        grade = "critical" if critical[at] else "low" if low[at] else "watch"
        yield unit, activity, rule, grade, int(short[at])
