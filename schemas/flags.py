"""The judgement on an activity or a unit (cảnh báo giải ngân thấp)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from schemas.excuses import Excuse

RULES = "5"
"""Raised whenever a rule changes, so that judgements of the same inputs are made anew."""


class FlagSeverity(StrEnum):
    """In rising order; `low` and `critical` lead to an urging letter, `watch` does not."""

    WATCH = "watch"
    LOW = "low"
    CRITICAL = "critical"


class Matter(StrEnum):
    """What a rule speaks of."""

    MONEY = "money"
    """Too little is spent; from `low` on a reason for a letter."""
    OTHER = "other"
    """Estimates, milestones, proposals, promises: never more than `watch`."""
    PRAISE = "praise"
    """Good news: it bears the mildest severity and never counts as grave."""


class Subject(StrEnum):
    """What a rule judges."""

    UNIT = "unit"
    ACTIVITY = "activity"


BOTH = (Subject.UNIT, Subject.ACTIVITY)


@dataclass(frozen=True)
class Rule:
    """What a rule declares of itself; what it says stands in the catalogues under `flag.NAME`."""

    name: str
    version: str
    parameters: tuple[str, ...]
    """The settings below `rules` that it judges by, dotted."""
    subjects: tuple[Subject, ...] = BOTH
    matter: Matter = Matter.MONEY
    spares: str | None = None
    """A rule whose flags this one does not repeat: one mistake, one flag."""
    of_flags: bool = False
    """Judges by the flags of the others, of this month and those before."""

    @property
    def section(self) -> str:
        """The rule's section below `rules` in the settings."""
        return self.name.replace("-", "_")


@dataclass(frozen=True, slots=True)
class Flag:
    """One judgement: which rule, what was, what was expected, and how much is short.

    `actual` and `expected` are rates (fractions), `shortfall` and `needed_per_month` triệu đồng;
    each is None where the rule speaks of something else. `activity` is None on a judgement of the
    whole unit. `needed_per_month` is what each month from the next to December must pay to reach
    the year's target, None where no month is left.
    """

    unit: str
    activity: str | None
    rule: str
    version: str
    severity: FlagSeverity
    actual: float | None
    expected: float | None
    shortfall: Decimal | None
    needed_per_month: Decimal | None
    small: bool
    """Below the named small amount: flagged, but never a reason for a letter."""
    parameters: tuple[tuple[str, str], ...] = ()
    """The rule's parameters as they stood: (dotted name, value)."""
    matter: Matter = Matter.MONEY
    facts: tuple[tuple[str, str], ...] = ()
    """What else the sentence tells, by name. The name's ending says what the text holds: `_day` an
    ISO date, `_amount` triệu đồng, `_rate` a fraction; any other is said as it is. `variant` names
    the sentence where the rule has several."""

    excused: Excuse | None = None
    """The recorded reason for which no letter is written; joined on after judging."""

    @property
    def asked(self) -> Decimal:
        """The shortfall, 0 where none exists: for sums and for ordering."""
        return self.shortfall or Decimal(0)


def gravest(flags: Iterable[Flag]) -> FlagSeverity | None:
    """The highest severity of some flags, None without any; good news is none."""
    grave = (flag.severity for flag in flags if flag.matter is not Matter.PRAISE)
    return max(grave, key=tuple(FlagSeverity).index, default=None)
