"""What the year will end with, per unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Course = Mapping[int, float]
"""Month -> disbursement rate to date, over the budget of that day."""
Courses = Mapping[str, Mapping[int, Course]]
"""Unit -> year -> its course."""


class Method(StrEnum):
    """How a year's end is foretold."""

    LINEAR = "linear"
    """As fast as so far."""
    OWN_FACTOR = "own-factor"
    """By as many times as the unit's own past years rose from here (median of four)."""
    OWN_RISE = "own-rise"
    """By as many points as the unit's own past years rose from here (mean of four)."""
    POOLED_FACTOR = "pooled-factor"
    """By as many times as bodies of its kind rose from here (median of three years)."""
    POOLED_RISE = "pooled-rise"
    """By as many points as bodies of its kind rose from here (median of three years)."""
    LAST_END = "last-end"
    """Where last year ended."""
    USUAL_END = "usual-end"
    """Where the past four years ended (median)."""
    REGRESSION = "regression"
    """A robust line through its kind's past years: standing, usual standing, usual end."""
    COMBINED = "combined"
    """The median of all but `linear`."""
    ESTIMATE = "estimate"
    """The unit's own estimate, where there is no history to go by."""


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


@dataclass(frozen=True)
class Forecast:
    """One unit's line; `outlook` is None where nothing is known to judge from."""

    code: str
    name: str
    standing: float | None
    """The rate at the period's end."""
    outlook: Outlook | None
