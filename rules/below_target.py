"""Decides whether a rate lags behind the last target that was due."""

from fractions import Fraction

import pandas as pd

from rules import no_disbursement
from rules.case import Case
from rules.line import graded, nothing
from schemas.flags import Rule
from schemas.period import Period
from schemas.settings import Rules, Target

RULE = Rule(
    "below-target",
    "1",
    ("below_target.targets", "below_target.low", "below_target.critical"),
    spares=no_disbursement.RULE.name,
)


def flagged(case: Case, rules: Rules) -> pd.DataFrame:
    """The verdict (see rules/line.py) on rows with a rate under the last target due.

    `watch` below it, `low` below `rules.below_target.low` of it, `critical` below
    `rules.below_target.critical` of it. A target that asks for no more than the pace does by now
    is left to below-pace, where that rule judges: one line, one flag.
    """
    rule = rules.below_target
    target = due(case.evidence.now.period, rules)
    paced = rules.below_pace.enabled and case.month >= rules.from_month
    if target is None or (paced and Fraction(target.share) <= case.expected):
        return nothing()
    line = Fraction(target.share)
    found = graded(case.rows, line, Fraction(rule.low), Fraction(rule.critical))
    day = Period(case.evidence.now.period.year, target.month).last_day.isoformat()
    told = (("due_day", day), ("origin", target.origin))
    return found.assign(facts=pd.Series([told] * len(found), index=found.index, dtype=object))


def due(period: Period, rules: Rules) -> Target | None:
    """The last target of the year that is due by the period's end; one of that very year before
    one of every year."""
    known = [
        target
        for target in rules.below_target.targets
        if target.month <= period.month and target.year in {None, period.year}
    ]
    return max(known, key=lambda target: (target.month, target.year or 0), default=None)
