"""Decides whether a unit's rate lags behind an average: of the body, a funding source, its kind."""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import pandas as pd

from rules.case import Case
from rules.line import Facts, graded
from schemas.flags import FlagSeverity, Rule, Subject
from schemas.forms import DONG
from schemas.settings import BelowAverage, Rules

RULE = Rule(
    "below-average",
    "2",
    ("below_average.scopes", "below_average.low", "below_average.peers"),
    subjects=(Subject.UNIT,),
)

_GRAVITY = tuple(FlagSeverity)
_COLUMNS = ["severity", "expected", "actual", "shortfall", "facts"]


def flagged(case: Case, rules: Rules) -> pd.DataFrame:
    """The verdict (see rules/line.py) on units with a rate under the average of their peers.

    An average is weighted by money: all that was disbursed over all budgets (`Totals.rate`).
    `watch` below it, `low` below `rules.below_average.low` of it. Nobody is flagged where fewer
    than `rules.below_average.peers` units have a budget, or where the budgets sum up to nothing.
    Of several averages (`rules.below_average.scopes`) a unit is flagged by the one that it is
    gravest under, of these the one that asks for most.

    A unit that pays lifts the average too: what is short counts up to the rate of the others, at
    which both meet.
    """
    rule = rules.below_average
    found: dict[int, dict[str, Any]] = {}
    for scope in rule.scopes:
        for at, one in _SCOPES[scope](case, rule):
            if at not in found or _weight(one) > _weight(found[at]):
                found[at] = one
    index = [at for at in case.rows.index if at in found]
    return pd.DataFrame([found[at] for at in index], index=index, columns=_COLUMNS, dtype=object)


def _weight(one: Mapping[str, Any]) -> tuple[int, Fraction]:
    return _GRAVITY.index(one["severity"]), one["shortfall"]


_Found = Iterator[tuple[int, dict[str, Any]]]


def _body(case: Case, rule: BelowAverage) -> _Found:
    return _among(case.rows, rule)


def _kind(case: Case, rule: BelowAverage) -> _Found:
    kinds = case.rows["unit"].map(case.evidence.kinds)
    for kind, rows in case.rows.groupby(kinds, sort=False):
        yield from _among(rows, rule, (("variant", "kind"), ("scope", str(kind))))


def _source(case: Case, rule: BelowAverage) -> _Found:
    place = {unit: at for at, unit in enumerate(case.rows["unit"])}
    for source, its in case.activities.groupby("source", sort=False):
        rows = its.groupby("unit", sort=False)[["budget", "disbursed"]].sum()
        rows.index = rows.index.map(place)
        told = (("variant", "source"), ("scope", str(source)))
        for at, one in _among(rows, rule, told):
            own = rows.loc[at]
            amounts = tuple((f"{name}_amount", str(int(own[name]) * DONG)) for name in own.index)
            yield at, one | {"facts": (*one["facts"], *amounts)}


_SCOPES: dict[str, Callable[[Case, BelowAverage], _Found]] = {
    "body": _body,
    "source": _source,
    "kind": _kind,
}


def _among(rows: pd.DataFrame, rule: BelowAverage, told: Facts = ()) -> _Found:
    """The units of one average that are under it."""
    budget, disbursed = int(rows["budget"].sum()), int(rows["disbursed"].sum())
    if budget <= 0 or (rows["budget"] > 0).sum() < rule.peers:
        return
    average = Fraction(disbursed, budget)
    sums = tuple(
        (f"all_{name}_amount", str(amount * DONG))
        for name, amount in (("disbursed", disbursed), ("budget", budget))
    )
    found = rows.join(graded(rows, average, Fraction(rule.low)), how="inner")
    columns = found[["severity", "budget", "disbursed"]]
    for at, severity, own, paid in columns.itertuples(name=None):
        rest = budget - own  # 0 or less where budgets below nothing are among them
        others = Fraction(disbursed - paid, rest) if rest > 0 else average
        yield (
            at,
            {
                "severity": severity,
                "expected": average,
                "actual": Fraction(paid, own),
                "shortfall": others * own - paid,
                "facts": (*told, ("others_rate", str(float(others))), *sums),
            },
        )
