"""Decides whether an activity that had begun to spend has stopped."""

from fractions import Fraction
from typing import Any

import pandas as pd

from rules.case import Case
from rules.line import below, verdict
from schemas.flags import FlagSeverity, Rule, Subject
from schemas.settings import Rules

RULE = Rule(
    "stalled",
    "3",
    ("stalled.months", "stalled.low_months", "year_target"),
    subjects=(Subject.ACTIVITY,),
)


def flagged(case: Case, rules: Rules) -> pd.DataFrame:
    """The verdict (see rules/line.py) on rows whose cumulative figure has not risen of late.

    A month counts as still where its figure and the one before exist and it is not the larger;
    the still months are counted back from the month judged, and a gap ends the count. `watch`
    from `rules.stalled.months` of them; `low` from `rules.stalled.low_months`, for who is behind
    the pace by now. Left alone: rows that never spent, and those that have reached the year's
    target. Expected is the rate before the still months and what the pace asks for in them, at
    most the year's target: where money came back since, less than that would be no rise.
    """
    rule, target, rows, month = rules.stalled, Fraction(rules.year_target), case.rows, case.month
    course = _course(case)
    still = pd.Series(True, index=rows.index)
    months = pd.Series(0, index=rows.index)
    had = rows["disbursed"].copy()
    for later in range(month, 1, -1):
        still &= (course[later] <= course[later - 1]).fillna(False).astype(bool)
        months += still
        had[still] = course[later - 1][still].astype("int64")
    reached = case.expected
    asked = {n: reached - case.pace[month - n] for n in range(month)}
    stopped = (rows["disbursed"] > 0) & below(rows, target) & months.map(asked).gt(0)
    expected = [
        min(Fraction(reached_then, budget) + asked[n], target)
        for reached_then, budget, n in zip(
            had[stopped], rows["budget"][stopped], months[stopped], strict=True
        )
    ]
    return verdict(
        {
            FlagSeverity.WATCH: stopped & (months >= rule.months),
            FlagSeverity.LOW: stopped & (months >= rule.low_months) & below(rows, reached),
        },
        pd.Series(expected, index=rows.index[stopped], dtype=object),
    )


def _course(case: Case) -> pd.DataFrame:
    """The cumulative figures in đồng, a column (Int64) per month of the year; NA where none was
    accepted."""
    columns: dict[int, Any] = {}
    for one in case.evidence.months[:-1]:
        known = pd.Series(one.paid, dtype="Int64")
        columns[one.period.month] = known.reindex(case.rows["activity"]).array
    columns[case.month] = case.rows["disbursed"].astype("Int64").array
    return pd.DataFrame(columns, index=case.rows.index)
