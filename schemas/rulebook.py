"""A rule as the documents describe it: what it declares, and an example that it judged itself."""

from dataclasses import dataclass

from schemas.board import ActivityFigure
from schemas.flags import Flag, Rule
from schemas.period import Period


@dataclass(frozen=True)
class Example:
    """Figures few enough to work out by hand: month after month, the last one judged."""

    months: tuple[tuple[Period, tuple[ActivityFigure, ...]], ...]

    @property
    def period(self) -> Period:
        """The month that is judged."""
        return self.months[-1][0]


@dataclass(frozen=True)
class Described:
    """`parameters` are (dotted name, default as text); `flags` what the rule found in the
    example."""

    rule: Rule
    parameters: tuple[tuple[str, str], ...]
    example: Example
    flags: tuple[Flag, ...]
