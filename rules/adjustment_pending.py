"""Decides which proposals to adjust a budget have waited for a decision."""

import pandas as pd

from rules.case import Case
from rules.line import Facts, watched
from schemas.flags import Matter, Rule, Subject
from schemas.settings import Rules

RULE = Rule(
    "adjustment-pending",
    "1",
    ("adjustment_pending.months",),
    subjects=(Subject.ACTIVITY,),
    matter=Matter.OTHER,
)


def flagged(case: Case, rules: Rules) -> pd.DataFrame:
    """The verdict (see rules/line.py) on activities whose form shows a proposal in this month and
    the `rules.adjustment_pending.months` - 1 before it, and whose budget no decision of the ledger
    has adjusted since the end of the first of these months."""
    months = case.evidence.months[-rules.adjustment_pending.months :]
    if len(months) < rules.adjustment_pending.months:
        return watched({})
    proposing = [{f.code for f in month.figures if f.proposal} for month in months]
    waiting = set.intersection(*proposing)
    since = months[0].period.last_day
    found: dict[int, Facts] = {}
    for at, one in case.figures().items():
        if one.code in waiting and all(
            day <= since for day in case.evidence.decided.get(one.code, ())
        ):
            found[at] = (("proposal_amount", str(one.proposal)), ("since_day", since.isoformat()))
    return watched(found)
