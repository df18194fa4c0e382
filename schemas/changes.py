"""What changed since last month: what a leader wants to know first."""

from dataclasses import dataclass
from decimal import Decimal

from schemas.period import Period


@dataclass(frozen=True)
class Revision:
    """A figure of an earlier month that is another now than its report said; triệu đồng."""

    unit: str
    activity: str
    period: Period
    reported: Decimal
    now: Decimal


@dataclass(frozen=True)
class Changes:
    """Codes of units, in the board's order, and the revised figures.

    Low is who calls for a letter, or would without an excuse; worse and better are units that
    were low last month too.
    """

    newly_low: tuple[str, ...] = ()
    worse: tuple[str, ...] = ()
    better: tuple[str, ...] = ()
    recovered: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    """Reported last month and has not this month."""
    revisions: tuple[Revision, ...] = ()
