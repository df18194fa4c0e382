"""Decides whether an activity that had begun to spend has stopped."""

from fractions import Fraction

import pandas as pd

from rules import pace
from rules.line import below, verdict
from schemas.flags import FlagSeverity, Rule
from schemas.settings import Rules

RULE = Rule("stalled", "1", ("stalled.months", "stalled.low_months", "year_target"))


def flagged(rows: pd.DataFrame, course: pd.DataFrame, month: int, rules: Rules) -> pd.DataFrame:
    """The verdict (see rules/line.py) on rows whose cumulative figure has not risen of late.

    `course` has the rows' figures in đồng, one column (Int64) per month 1..`month`, NA where none
    was accepted. A month counts as still where its figure and the one before exist and it is not
    the larger; the still months are counted back from `month`, and a gap ends the count. `watch`
    from `rules.stalled.months` of them; `low` from `rules.stalled.low_months`, for who is behind
    the pace by now. Left alone: rows that never spent, and those that have reached the year's
    target. Expected is the present rate and what the pace asks for in the still months, at most
    the year's target.
    """
    rule, target = rules.stalled, Fraction(rules.year_target)
    still = pd.Series(True, index=rows.index)
    months = pd.Series(0, index=rows.index)
    for later in range(month, 1, -1):
        still &= (course[later] <= course[later - 1]).fillna(False).astype(bool)
        months += still
    reached = pace.expected(month, rules.pace)
    asked = {n: reached - pace.expected(month - n, rules.pace) for n in range(month)}
    stopped = (rows["disbursed"] > 0) & below(rows, target) & months.map(asked).gt(0)
    expected = [
        min(Fraction(disbursed, budget) + asked[n], target)
        for disbursed, budget, n in zip(
            rows["disbursed"][stopped], rows["budget"][stopped], months[stopped], strict=True
        )
    ]
    return verdict(
        {
            FlagSeverity.WATCH: stopped & (months >= rule.months),
            FlagSeverity.LOW: stopped & (months >= rule.low_months) & below(rows, reached),
        },
        pd.Series(expected, index=rows.index[stopped], dtype=object),
    )
