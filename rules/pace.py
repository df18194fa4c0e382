"""Decides what share of the year's budget should be spent by the end of a month."""

from fractions import Fraction

from schemas.period import DECEMBER
from schemas.settings import Pace


def expected(month: int, pace: Pace) -> Fraction:
    """The share of the year (0..1) expected by the end of `month` (0..13; 0 is the year's start).

    A fraction, since a third of a quarter has no exact decimal: October between 0.60 and 0.95 is
    43/60. `linear` is month/12; `quarters` goes in equal monthly steps from one quarter's target
    to the next. The closing month asks for the year's target, as December does. Source of the
    targets: `pace.origin`.
    """
    month = min(month, DECEMBER)
    if pace.name == "linear":
        return Fraction(month, 12)
    targets = (Fraction(0), *map(Fraction, pace.quarters))
    quarters, months = divmod(month, 3)
    reached = targets[quarters]
    return reached + (targets[quarters + 1] - reached) * Fraction(months, 3) if months else reached
