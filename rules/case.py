"""Decides how a month's activities, and its units, lie before the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from rules.pace import expected
from schemas.board import ActivityFigure
from schemas.evidence import Evidence
from schemas.flags import Flag
from schemas.forms import dong
from schemas.settings import Rules


@dataclass(frozen=True, eq=False)
class Case:
    """The activities of a month, or its units."""

    rows: pd.DataFrame
    """One a line: `unit`, `activity` (None: the whole unit), `budget` and `disbursed` in đồng
    (int64), `source` (of an activity)."""
    activities: pd.DataFrame
    """The rows of the activities, whatever is judged."""
    evidence: Evidence
    pace: Mapping[int, Fraction]
    """Month of the year, 0 (its start) to the one judged -> the share expected by its end."""
    flags: Sequence[Flag] = ()
    """The money flags of the month; only before rules that judge by flags."""
    before: Sequence[Sequence[Flag]] = ()
    """Those of the months before, the latest first, as far as they are known and asked for."""

    @property
    def month(self) -> int:
        """The month judged."""
        return self.evidence.now.period.month

    @property
    def expected(self) -> Fraction:
        """What the pace asks for by now."""
        return self.pace[self.month]

    def figures(self) -> dict[int, ActivityFigure]:
        """Row -> the activity's figure; without those of units."""
        return dict(enumerate(self.evidence.now.figures)) if self.rows is self.activities else {}


def cases(evidence: Evidence, rules: Rules) -> tuple[Case, Case]:
    """The units of the month judged, in the order of its figures, and its activities."""
    figures = evidence.now.figures
    activities = pd.DataFrame(
        {
            "unit": [f.unit for f in figures],
            "activity": [f.code for f in figures],
            "source": [f.source for f in figures],
            "budget": [dong(f.budget.denominator) for f in figures],
            "disbursed": [dong(f.disbursed) for f in figures],
        }
    ).astype({"budget": "int64", "disbursed": "int64"})
    units = activities.groupby("unit", sort=False)[["budget", "disbursed"]].sum().reset_index()
    units.insert(1, "activity", None)
    months = range(evidence.now.period.month + 1)
    pace = {month: expected(month, rules.pace, evidence.shares) for month in months}
    return tuple(  # type: ignore[return-value]
        Case(rows, activities, evidence, pace) for rows in (units, activities)
    )
