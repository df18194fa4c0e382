"""Decides which estimates of the year are hard to believe, by what the activity did so far."""

from decimal import Decimal
from itertools import pairwise

import pandas as pd

from rules.case import Case
from rules.line import Facts, watched
from schemas.board import ActivityFigure
from schemas.flags import Matter, Rule, Subject
from schemas.forms import DONG
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
    rises = _rises(case)
    last = {f.code: f for f in case.evidence.last.figures} if case.evidence.last else {}
    found: dict[int, Facts] = {}
    for at, one in case.figures().items():
        if one.estimate is None or one.budget.denominator <= 0:
            continue
        if told := (
            _out_of_reach(one, one.estimate, rises.get(one.code, []), case.month, rule)
            or _changed(one, one.estimate, last.get(one.code), rule)
        ):
            found[at] = told
    return watched(found)


def _out_of_reach(
    one: ActivityFigure,
    estimate: Decimal,
    rises: list[Decimal],
    month: int,
    rule: EstimateImplausible,
) -> Facts:
    left = 12 - month
    if left <= 0 or len(rises) < rule.months:
        return ()
    best = max(Decimal(0), *rises)
    if estimate - one.disbursed <= left * rule.times * best:
        return ()
    needed = ((estimate - one.disbursed) / left).quantize(DONG)
    told = ("estimate_amount", str(estimate)), ("needed_amount", str(needed))
    if best == 0:
        return (("variant", "nothing"), *told)
    return (*told, ("best_amount", str(best)))


def _changed(
    one: ActivityFigure, estimate: Decimal, last: ActivityFigure | None, rule: EstimateImplausible
) -> Facts:
    if last is None or last.estimate is None or last.budget.current != one.budget.current:
        return ()
    if abs(estimate - last.estimate) <= rule.change * one.budget.current:
        return ()
    return (
        ("variant", "changed"),
        ("before_amount", str(last.estimate)),
        ("estimate_amount", str(estimate)),
    )


def _rises(case: Case) -> dict[str, list[Decimal]]:
    """Activity -> what each month brought whose figure and the one before are known; January's
    rise is its figure."""
    known: dict[str, dict[int, Decimal]] = {}
    for month in case.evidence.months:
        for one in month.figures:
            known.setdefault(one.code, {0: Decimal(0)})[month.period.month] = one.disbursed
    return {
        code: [its[b] - its[a] for a, b in pairwise(sorted(its)) if b == a + 1]
        for code, its in known.items()
    }
