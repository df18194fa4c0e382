"""A reason that an officer recorded for slow spending: until when it spares a letter."""

from dataclasses import dataclass
from datetime import date

from schemas.period import Period
from schemas.registry import Recorded


@dataclass(frozen=True)
class Excuse:
    """Of the whole unit, one activity, one rule, or both; it holds for the periods from `since`
    on whose last day is not after `until`."""

    unit: str
    activity: str | None
    rule: str | None
    since: Period
    until: date
    because: str
    recorded: Recorded

    @property
    def matter(self) -> tuple[str, str | None, str | None]:
        """What it is about: a later one on the same matter takes its place."""
        return self.unit, self.activity, self.rule
