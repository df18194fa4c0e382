"""What a month is judged on: the year's months as their reports stand now, and the past."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Self

from schemas.board import ActivityFigure
from schemas.forecast import Outlook
from schemas.forms import dong
from schemas.period import Period

Shares = Mapping[int, Mapping[int, Fraction]]
"""Month -> past year -> the share of that year's end that the body had paid by then."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """One row of the forms CNTT or Chiến lược."""

    unit: str
    activity: str
    code: str
    """The activity's own, or that of one of its deliverables."""
    form: str
    due: date | None
    """The row's own date, of the activity itself else the registry's."""
    steps: tuple[tuple[str, str], ...] = ()
    """CNTT: (field, choice) of acceptance, handover, settlement, in that order."""
    completion: Decimal | None = None
    """Chiến lược: 0..100."""
    solution: str | None = None


@dataclass(frozen=True)
class Month:
    """One month: the figures of the units that are accepted, over the budgets at its end."""

    period: Period
    figures: tuple[ActivityFigure, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    """Of the month judged and the one before."""
    outlooks: Mapping[str, Outlook] = field(default_factory=dict)
    """Unit -> what its year will end with, as seen at this month's end."""

    # Reckoned once, however many rules and months look at them.

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Activity -> the place of its figure among the figures."""
        return {one.code: place for place, one in enumerate(self.figures)}

    @cached_property
    def budgets(self) -> "array[int]":
        """What the figures' rates divide by, in đồng."""
        return array("q", [dong(one.budget.denominator) for one in self.figures])

    @cached_property
    def disbursed(self) -> "array[int]":
        """The figures in đồng."""
        return array("q", [dong(one.disbursed) for one in self.figures])


@dataclass(frozen=True)
class Evidence:
    """What the rules see of a month."""

    months: tuple[Month, ...]
    """From January to the month judged, one after the other; a month of which nothing is accepted
    has no figures."""
    kinds: Mapping[str, str | None] = field(default_factory=dict)
    """Unit -> its kind, the registry's column Loại."""
    last_years: Mapping[str, int | None] = field(default_factory=dict)
    """Activity -> the year in which it ends, by its date or its last year."""
    decided: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    """Activity -> the days on which its budget was adjusted."""
    shares: Shares = field(default_factory=dict)

    @property
    def now(self) -> Month:
        """The month judged."""
        return self.months[-1]

    @property
    def last(self) -> Month | None:
        """The month before it in the year; None in the year's first."""
        return self.months[-2] if len(self.months) > 1 else None

    def before(self, months: int) -> Self | None:
        """The same, so many months earlier; None where that is another year."""
        return replace(self, months=self.months[:-months]) if months < len(self.months) else None
