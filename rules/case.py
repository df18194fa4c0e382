"""Decides how a month's activities, and its units, lie before the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import repeat

import numpy as np
import pandas as pd

from rules.pace import expected
from schemas.board import ActivityFigure
from schemas.evidence import Evidence
from schemas.flags import Flag
from schemas.settings import Rules


@dataclass(frozen=True)
class Lows:
    """Who had a money flag of `low` or worse in a month."""

    subjects: frozenset[tuple[str, str | None]]
    """Unit and activity (None: the whole unit)."""
    units: frozenset[str]
    """The units with such a flag on an amount that is not small: `rollup.is_low`."""


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
    before: Sequence[Lows] = ()
    """Who was low in the months before, the latest first; as far as known and asked for."""

    @property
    def month(self) -> int:
        """The month judged."""
        return self.evidence.now.period.month

    @property
    def expected(self) -> Fraction:
        """What the pace asks for by now."""
        return self.pace[self.month]

    @cached_property
    def course(self) -> pd.DataFrame:
        """The cumulative figures of the year in đồng, a column (Int64) per month; NA where none was
        accepted."""
        columns: dict[int, object] = {}
        for one in self.evidence.months[:-1]:
            found = map(one.places.get, self.rows["activity"].tolist(), repeat(-1))
            places = np.array([*found], dtype="int64")
            figures = np.append(np.asarray(one.disbursed), 0)[places]
            columns[one.period.month] = pd.arrays.IntegerArray(figures, places < 0)
        columns[self.month] = self.rows["disbursed"].astype("Int64").array
        return pd.DataFrame(columns, index=self.rows.index)

    def figures(self) -> dict[int, ActivityFigure]:
        """Row -> the activity's figure; without those of units."""
        return dict(enumerate(self.evidence.now.figures)) if self.rows is self.activities else {}


def cases(evidence: Evidence, rules: Rules) -> tuple[Case, Case]:
    """The units of the month judged, in the order of its figures, and its activities."""
    now = evidence.now
    words = {
        "unit": [f.unit for f in now.figures],
        "activity": [f.code for f in now.figures],
        "source": [f.source for f in now.figures],
    }
    amounts = {"budget": np.asarray(now.budgets), "disbursed": np.asarray(now.disbursed)}
    activities = pd.DataFrame(words, dtype=object).assign(**amounts)
    units = activities.groupby("unit", sort=False)[["budget", "disbursed"]].sum().reset_index()
    units.insert(1, "activity", None)
    months = range(evidence.now.period.month + 1)
    pace = {month: expected(month, rules.pace, evidence.shares) for month in months}
    return tuple(  # type: ignore[return-value]
        Case(rows, activities, evidence, pace) for rows in (units, activities)
    )
