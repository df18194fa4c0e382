"""The judgement on an activity or a unit (cảnh báo giải ngân thấp)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from schemas.excuses import Excuse

RULES = "2"
"""Raised whenever a rule changes, so that judgements of the same inputs are made anew."""


class FlagSeverity(StrEnum):
    """In rising order; `low` and `critical` lead to an urging letter, `watch` does not."""

    WATCH = "watch"
    LOW = "low"
    CRITICAL = "critical"


@dataclass(frozen=True)
class Rule:
    """What a rule declares of itself; what it says stands in `vi.toml` under `flag.NAME`."""

    name: str
    version: str
    parameters: tuple[str, ...]
    """The settings below `rules` that it judges by, dotted."""


@dataclass(frozen=True)
class Flag:
    """One judgement: which rule, what was, what was expected, and how much is short.

    `actual` and `expected` are rates (fractions), `shortfall` and `needed_per_month` triệu đồng;
    `activity` is None on a judgement of the whole unit. `needed_per_month` is what each month
    from the next to December must pay to reach the year's target, None where no month is left.
    """

    unit: str
    activity: str | None
    rule: str
    version: str
    severity: FlagSeverity
    actual: float
    expected: float
    shortfall: Decimal
    needed_per_month: Decimal | None
    small: bool
    """Below the named small amount: flagged, but never a reason for a letter."""
    parameters: tuple[tuple[str, str], ...] = ()
    """The rule's parameters as they stood: (dotted name, value)."""
    excused: Excuse | None = None
    """The recorded reason for which no letter is written; joined on after judging."""


def gravest(flags: Iterable[Flag]) -> FlagSeverity | None:
    """The highest severity of some flags, None without any."""
    return max((flag.severity for flag in flags), key=tuple(FlagSeverity).index, default=None)
