"""How well flags foretold who would end the year low: what was judged, and what it came to."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from schemas.flags import FlagSeverity
from schemas.period import Period

YEAR_END = 12
"""Flags of earlier months are tried against the outcome: what a unit's closing month says, else its
December."""


@dataclass(frozen=True)
class Judged:
    """One unit (`activity` None) or one activity in one month: what was flagged by what was known
    then, and how its year ended."""

    period: Period
    unit: str
    activity: str | None
    flags: tuple[tuple[str, FlagSeverity], ...]
    """(rule, severity)"""
    low: bool | None
    """Whether the year ended below the target; None where that is not known."""


@dataclass(frozen=True)
class Counts:
    """Units (or activities) times months: flagged or not, and how many of each ended low."""

    flagged: int
    flagged_low: int
    unflagged: int
    unflagged_low: int

    @property
    def precision(self) -> float | None:
        """Of what was flagged, the share that ended low; None where nothing was."""
        return self.flagged_low / self.flagged if self.flagged else None

    @property
    def recall(self) -> float | None:
        """Of what ended low, the share that was flagged; None where nothing did."""
        low = self.flagged_low + self.unflagged_low
        return self.flagged_low / low if low else None

    @property
    def base(self) -> float | None:
        """The share of all that ended low: the precision of flagging everybody."""
        judged = self.flagged + self.unflagged
        return (self.flagged_low + self.unflagged_low) / judged if judged else None


@dataclass(frozen=True)
class RuleScore:
    """One rule (None: any of them), its flags from one severity on."""

    rule: str | None
    severity: FlagSeverity
    counts: Counts
    low_ends: int
    """Units (or activities) times years that ended low."""
    caught: int
    """Of these, how many were flagged before December at least once."""
    lead: float | None
    """Months from the first flag to December, the mean of the caught; None without any."""


@dataclass(frozen=True)
class MonthScore:
    """One month, any rule; `counts` (by severity, from it on) leave out the `unknown`, whose year
    has not ended or ended without a figure."""

    period: Period
    judged: int
    flags: int
    flagged: int
    unknown: int
    counts: Mapping[FlagSeverity, Counts]


@dataclass(frozen=True)
class Level:
    """All units, or all activities."""

    months: tuple[MonthScore, ...]
    rules: tuple[RuleScore, ...]
    """Those that flagged anything, the sum of all (rule None) first."""


@dataclass(frozen=True)
class BackTest:
    """Rules tried on every stored month before December."""

    target: Decimal
    """`rules.year_target`: below it a year ended low."""
    units: Level
    activities: Level
    unfinished: tuple[int, ...]
    """Years without any figure of December or later: flagged, but not judged for their outcome."""
    without_end: tuple[tuple[int, str], ...]
    """(year, unit) of finished years that have no rate of that unit of December or later."""
