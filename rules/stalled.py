"""Decides whether an activity that had begun to spend has stopped."""

from fractions import Fraction
from typing import Any

import pandas as pd

from rules.case import Case
from rules.line import Facts, below, verdict
from rules.pace import PARAMETERS
from schemas.flags import FlagSeverity, Rule, Subject
from schemas.forms import DONG
from schemas.period import Period
from schemas.settings import Rules

RULE = Rule(
    "stalled",
    "4",
    ("stalled.months", "stalled.low_months", "year_target", *PARAMETERS),
    subjects=(Subject.ACTIVITY,),
)


def flagged(case: Case, rules: Rules) -> pd.DataFrame:
    """The verdict (see rules/line.py) on rows whose cumulative figure has not risen of late.

    A month counts as still where its figure and the one before exist and it is not the larger;
    the still months are counted back from the month judged, and a gap ends the count. `watch`
    from `rules.stalled.months` of them; `low` from `rules.stalled.low_months`, for who is behind
    the pace by now. Left alone: rows that never spent, those that have reached the year's target,
    and still months in which the pace asks for nothing. Expected is the pace's rate: what is short
    of it, none for who is not behind. Any rise over last month's figure clears the flag.
    """
    rule, target, rows, month = rules.stalled, Fraction(rules.year_target), case.rows, case.month
    course = case.course
    still = pd.Series(True, index=rows.index)
    months = pd.Series(0, index=rows.index)
    for later in range(month, 1, -1):
        still &= (course[later] <= course[later - 1]).fillna(False).astype(bool)
        months += still
    asked = {n: case.pace[month] - case.pace[month - n] for n in range(month)}
    due = {n: share > 0 for n, share in asked.items()}
    stopped = (
        (months >= min(rule.months, rule.low_months))
        & months.map(due)
        & (rows["disbursed"] > 0)
        & below(rows, target)
    )
    found = verdict(
        {
            FlagSeverity.WATCH: stopped & (months >= rule.months),
            FlagSeverity.LOW: stopped & (months >= rule.low_months) & below(rows, case.expected),
        },
        case.expected,
    )
    told = [_facts(case, course.loc[at], int(months[at])) for at in found.index]
    return found.assign(facts=pd.Series(told, index=found.index, dtype=object))


def _facts(case: Case, course: "pd.Series[Any]", months: int) -> Facts:
    """How many months, the figure before them, and the one that a rise must be over."""
    since = case.month - months
    day = Period(case.evidence.now.period.year, since).last_day
    return (
        ("months", str(months)),
        ("since_day", day.isoformat()),
        ("stopped_amount", str(int(course[since]) * DONG)),
        ("before_amount", str(int(course[case.month - 1]) * DONG)),
    )
