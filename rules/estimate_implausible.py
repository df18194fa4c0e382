"""Decides which estimates of the year are hard to believe, by what the activity did so far."""

from decimal import Decimal
from fractions import Fraction

import pandas as pd

from rules.case import Case
from rules.line import Facts, under, watched
from schemas.board import ActivityFigure
from schemas.evidence import Month
from schemas.flags import Matter, Rule, Subject
from schemas.forms import DONG, dong
from schemas.settings import EstimateImplausible, Rules

RULE = Rule(
    "estimate-implausible",
    "1",
    (
        "estimate_implausible.months",
        "estimate_implausible.times",
        "estimate_implausible.change",
    ),
    subjects=(Subject.ACTIVITY,),
    matter=Matter.OTHER,
)


def flagged(case: Case, rules: Rules) -> pd.DataFrame:
    """The verdict (see rules/line.py) on activities whose own estimate of the year needs more each
    month that is left than `rules.estimate_implausible.times` the best month so far, where at
    least `.months` months' rises are known; or changed by more than `.change` of the budget since
    last month, while the budget stayed. With no month left, only the change is looked at."""
    rule = rules.estimate_implausible
    best = _best_of_doubtful(case, rule)
    last = case.evidence.last or Month(case.evidence.now.period)
    found: dict[int, Facts] = {}
    figures = case.figures().items()
    for (at, one), budget in zip(figures, case.rows["budget"].tolist(), strict=True):
        if one.estimate is None or budget <= 0:
            continue
        if at in best:
            found[at] = _out_of_reach(one, one.estimate, best[at], case.month)
        elif told := _changed(one, one.estimate, last, rule):
            found[at] = told
    return watched(found)


def _best_of_doubtful(case: Case, rule: EstimateImplausible) -> dict[int, int]:
    """Row -> the most that a month has brought so far, in đồng, of activities whose estimate needs
    too much more than that; January's rise is its figure."""
    left = 12 - case.month
    if left <= 0 or case.month < rule.months:
        return {}
    known = best = before = pd.Series(0, index=case.rows.index)
    for _, paid in case.course.items():
        rise = paid - before
        known = known + rise.notna()
        best = best.where(~(rise > best).fillna(value=False), rise).astype("int64")
        before = paid
    needed = pd.Series(
        [0 if one.estimate is None else dong(one.estimate - one.disbursed)
         for one in case.figures().values()],
        index=case.rows.index, dtype="int64",
    )  # fmt: skip
    doubtful = (known >= rule.months) & under(best, 1 / (left * Fraction(rule.times)), needed)
    return dict(zip(best.index[doubtful].tolist(), best[doubtful].tolist(), strict=True))


def _out_of_reach(one: ActivityFigure, estimate: Decimal, best: int, month: int) -> Facts:
    needed = ((estimate - one.disbursed) / (12 - month)).quantize(DONG)
    told = ("estimate_amount", str(estimate)), ("needed_amount", str(needed))
    if best == 0:
        return (("variant", "nothing"), *told)
    return (*told, ("best_amount", str(best * DONG)))


def _changed(
    one: ActivityFigure, estimate: Decimal, month: Month, rule: EstimateImplausible
) -> Facts:
    if one.code not in month.places:
        return ()
    last = month.figures[month.places[one.code]]
    if last.estimate is None or last.estimate == estimate:
        return ()
    if last.budget.current != one.budget.current:
        return ()
    if abs(estimate - last.estimate) <= rule.change * one.budget.current:
        return ()
    return (
        ("variant", "changed"),
        ("before_amount", str(last.estimate)),
        ("estimate_amount", str(estimate)),
    )
