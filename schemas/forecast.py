"""What the year will end with, per unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Course = Mapping[int, float]
"""Month -> disbursement rate to date, over the budget of that day."""
Courses = Mapping[str, Mapping[int, Course]]
"""Unit -> year -> its course."""
Estimates = Mapping[tuple[str, int, int], float]
"""(unit, year, month) -> what the unit itself then expected of the year, as a rate."""

ENOUGH_YEARS = 2
"""Past years that patterns of its own, and a back-test, can be drawn from."""


class Method(StrEnum):
    """How a year's end is foretold."""

    LINEAR = "linear"
    """As fast as so far."""
    OWN_FACTOR = "own-factor"
    """By as many times as the unit's own past four years rose from here, mixed with its kind's."""
    OWN_RISE = "own-rise"
    """By as many points as the unit's own past four years rose from here, mixed with its kind's."""
    POOLED_FACTOR = "pooled-factor"
    """By as many times as bodies of its kind rose from here (median of three years)."""
    POOLED_RISE = "pooled-rise"
    """By as many points as bodies of its kind rose from here (median of three years)."""
    LAST_END = "last-end"
    """Where the unit's last known year ended."""
    USUAL_END = "usual-end"
    """Where the unit's own past four years ended, mixed with its kind's."""
    KIND_END = "kind-end"
    """Where bodies of its kind ended (median of two years)."""
    REGRESSION = "regression"
    """A robust line through its kind's past years: standing, usual standing, usual end."""
    POOLED = "pooled"
    """The median of the three pooled ones: where there are less than two years of history."""
    COMBINED = "combined"
    """The median of all above that go by past years."""
    REPORTED = "reported"
    """As December was reported: the year is over."""
    ESTIMATE = "estimate"
    """The unit's own estimate: where it proved better, or there is no history to go by."""


@dataclass(frozen=True)
class Outlook:
    """Rates are fractions: amount over the budget of the year's last day.

    `low` and `high` hold the outcome in 80 of 100 cases, as the back-test saw; `error` is the
    method's mean absolute error there, in points of rate as a fraction. All three are None where
    there is too little history for a back-test.
    """

    rate: float
    method: Method
    years: int = 0
    """Finished past years of the unit itself (of four at most)."""
    low: float | None = None
    high: float | None = None
    error: float | None = None
    held: float | None = None
    """The share of past outcomes that the interval would have held, had it been told then."""


@dataclass(frozen=True)
class Forecast:
    """One unit's line; `outlook` is None where nothing is known to judge from."""

    code: str
    name: str
    standing: float | None
    """The rate at the period's end."""
    outlook: Outlook | None
    imported: tuple[int, ...] = ()
    """The years of the unit's own course that were imported, with no workbook behind them."""
