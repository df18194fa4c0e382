"""Decides what stands out in a month: runs the enabled rules, hands on flags."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import repeat
from math import ceil
from operator import truediv
from types import ModuleType
from typing import Any

import pandas as pd

from rules.case import Case, Lows, cases
from rules.catalogue import MODULES
from rules.pace import used
from schemas.evidence import Evidence
from schemas.explanation import FROM_FORECAST
from schemas.flags import Flag, FlagSeverity, Matter, Rule, Subject
from schemas.forms import DONG
from schemas.settings import Rules

_OF_FLAGS = [module for module in MODULES if module.RULE.of_flags]
_OF_MONEY = [
    module for module in MODULES if module.RULE.matter is Matter.MONEY and module not in _OF_FLAGS
]
_OF_OTHER = [module for module in MODULES if module not in (*_OF_FLAGS, *_OF_MONEY)]


def judge(evidence: Evidence, rules: Rules) -> tuple[Flag, ...]:
    """The flags of the month that `evidence` ends with.

    Units come in the order of the figures; of each first the flags of the whole unit, then those
    of its activities; of each of these in the order of rules/catalogue.py.
    """
    if not evidence.now.figures:
        return ()
    before = [_low(one, rules) for one in earlier(evidence, rules)]
    lying = cases(evidence, rules)
    money = _flags(lying, _OF_MONEY, rules)
    seen = [replace(case, flags=money, before=before) for case in lying]
    flags = [*money, *_flags(seen, _OF_FLAGS, rules), *_flags(lying, _OF_OTHER, rules)]
    unit = {code: n for n, code in enumerate(lying[0].rows["unit"])}
    activity: dict[str | None, int] = {f.code: n for n, f in enumerate(evidence.now.figures)}
    activity[None] = -1
    rule = {module.RULE.name: n for n, module in enumerate(MODULES)}
    return tuple(
        sorted(flags, key=lambda flag: (unit[flag.unit], activity[flag.activity], rule[flag.rule]))
    )


def earlier(evidence: Evidence, rules: Rules) -> list[Evidence]:
    """The months before, the latest first, as many as some enabled rule judges by."""
    wanted = max(
        rules.repeat.months - 1 if rules.repeat.enabled else 0,
        1 if rules.recovered.enabled else 0,
    )
    return [one for n in range(1, wanted + 1) if (one := evidence.before(n))]


def _low(evidence: Evidence, rules: Rules) -> Lows:
    """Who was low, for which no flag needs to be made."""
    subjects: set[tuple[str, str | None]] = set()
    units: set[str] = set()
    if evidence.now.figures:
        for rule, case, found in _found(cases(evidence, rules), _OF_MONEY, rules):
            rows = case.rows.loc[found.index[found["severity"] != FlagSeverity.WATCH]]
            if rule.name not in FROM_FORECAST:  # a run is of months that were paid too little in
                subjects.update(zip(rows["unit"], rows["activity"], strict=True))
            units.update(rows["unit"][~_small(rows, rules)])
    return Lows(frozenset(subjects), frozenset(units))


def _flags(lying: Sequence[Case], modules: Sequence[ModuleType], rules: Rules) -> list[Flag]:
    return [
        flag
        for rule, case, found in _found(lying, modules, rules)
        for flag in _told(rule, case, found, rules)
    ]


def _found(
    lying: Sequence[Case], modules: Sequence[ModuleType], rules: Rules
) -> Iterator[tuple[Rule, Case, pd.DataFrame]]:
    """The verdicts of the enabled rules, without what one spares another."""
    enabled = [module for module in modules if getattr(rules, module.RULE.section).enabled]
    for subject, case in zip(Subject, lying, strict=True):
        verdicts: dict[str, pd.DataFrame] = {}
        for module in enabled:
            rule = module.RULE
            if subject not in rule.subjects:
                continue
            found = module.flagged(case, rules)
            if rule.spares in verdicts:
                found = found.drop(verdicts[rule.spares].index, errors="ignore")
            verdicts[rule.name] = found
            yield rule, case, found


def _small(rows: pd.DataFrame, rules: Rules) -> "pd.Series[bool]":
    return rows["budget"] < ceil(rules.small_amount / DONG)


def _told(rule: Rule, case: Case, found: pd.DataFrame, rules: Rules) -> Iterator[Flag]:
    """The flags of a verdict, made column by column."""
    rows = case.rows.loc[found.index]
    left, target = case.evidence.now.period.months_left, Fraction(rules.year_target)
    return map(
        Flag,
        rows["unit"],
        rows["activity"],
        repeat(rule.name),
        repeat(rule.version),
        found["severity"],
        *(
            _reckoned(rows, found, left, target)
            if rule.matter is Matter.MONEY
            else (_rates_praised(rows, rule), repeat(None), repeat(None), repeat(None))
        ),
        _small(rows, rules).tolist(),
        repeat(_parameters(rule, case, rules)),
        repeat(rule.matter),
        found["facts"] if "facts" in found else repeat(()),
    )


def _parameters(rule: Rule, case: Case, rules: Rules) -> tuple[tuple[str, str], ...]:
    """As they stand; of a pace that had too few years to go by, also what judged instead."""
    values = {name: rules.value(name) for name in rule.parameters}
    judged_by = used(case.month, rules.pace, case.evidence.shares)
    if values.get("pace.name", judged_by) != judged_by:
        values["pace.name"] += f"/{judged_by}"
    return tuple(values.items())


def _reckoned(
    rows: pd.DataFrame, found: pd.DataFrame, left: int, target: Fraction
) -> Iterator[Iterable[Any]]:
    """What money flags tell of amounts: actual, expected, shortfall, needed per month.

    In whole numbers, since a fraction made for every row takes longer than all the rest. What is
    asked for is rounded up to whole đồng, so that paying it is enough: a unit that pays its
    shortfall stands on the line, not a fraction of a đồng under it.
    """
    budget, disbursed = rows["budget"].tolist(), rows["disbursed"].tolist()
    yield map(float, found["actual"]) if "actual" in found else map(truediv, disbursed, budget)
    yield map(float, found["expected"])
    short = (
        map(ceil, found["shortfall"])
        if "shortfall" in found
        else map(_missing, repeat(1), found["expected"], budget, disbursed)
    )
    yield (one * DONG if one > 0 else None for one in short)  # who stalls may be ahead of the pace
    needed = map(_missing, repeat(left), repeat(target), budget, disbursed)
    yield (max(0, one) * DONG for one in needed) if left > 0 else repeat(None)


def _missing(months: int, line: Fraction, budget: int, disbursed: int) -> int:
    """What each of the months must pay so that the line is reached, in whole đồng."""
    share, of = line.as_integer_ratio()
    return -((of * disbursed - share * budget) // (of * months))


def _rates_praised(rows: pd.DataFrame, rule: Rule) -> list[float | None]:
    """Good news tells the rate."""
    told = rule.matter is Matter.PRAISE
    amounts = zip(rows["budget"].tolist(), rows["disbursed"].tolist(), strict=True)
    return [paid / budget if told and budget > 0 else None for budget, paid in amounts]
