"""Decides what share of the year's budget should be spent by the end of a month."""

from fractions import Fraction
from statistics import median

from schemas.evidence import Shares
from schemas.period import DECEMBER
from schemas.settings import Pace

PARAMETERS = ("pace.name", "pace.quarters", "pace.origin", "pace.years")
"""The settings that a rule judges by which judges by the pace."""


def expected(month: int, pace: Pace, shares: Shares | None = None) -> Fraction:
    """The share of the year (0..1) expected by the end of `month` (0 is the year's start; after
    December as in December).

    A fraction, since a third of a quarter has no exact decimal: October between 0.60 and 0.95 is
    43/60. `linear` is month/12; `quarters` goes in equal monthly steps from one quarter's target
    to the next; `own` is the median of the body's past `shares` of that month, times the last
    quarter's target. Source of the targets: `pace.origin`.
    """
    month, name = min(month, DECEMBER), used(month, pace, shares)
    if name == "linear":
        return Fraction(month, 12)
    targets = (Fraction(0), *map(Fraction, pace.quarters))
    if name == "own" and shares and month:
        return min(Fraction(1), median(shares[month].values())) * targets[4]
    quarters, months = divmod(month, 3)
    reached = targets[quarters]
    return reached + (targets[quarters + 1] - reached) * Fraction(months, 3) if months else reached


def used(month: int, pace: Pace, shares: Shares | None = None) -> str:
    """The pace that judges: the named one; for `own` the other one, where fewer past years than
    `pace.years` know the month (after December: December)."""
    month = min(month, DECEMBER)
    if pace.name == "own" and month and len((shares or {}).get(month, {})) < pace.years:
        return pace.otherwise
    return pace.name
