"""Decides what stands out in a month: runs the enabled rules, hands on flags."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil
from types import ModuleType
from typing import Any

import pandas as pd

from rules.case import Case, cases
from rules.catalogue import MODULES
from rules.pace import used
from schemas.evidence import Evidence
from schemas.flags import Flag, Matter, Rule, Subject
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
    before = [_of_money(one, rules) for one in earlier(evidence, rules)]
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


def _of_money(evidence: Evidence, rules: Rules) -> list[Flag]:
    return _flags(cases(evidence, rules), _OF_MONEY, rules) if evidence.now.figures else []


def _flags(lying: Sequence[Case], modules: Sequence[ModuleType], rules: Rules) -> list[Flag]:
    enabled = [module for module in modules if getattr(rules, module.RULE.section).enabled]
    return [
        flag
        for subject, case in zip(Subject, lying, strict=True)
        for flag in _found([m for m in enabled if subject in m.RULE.subjects], case, rules)
    ]


def _found(modules: Sequence[ModuleType], case: Case, rules: Rules) -> Iterator[Flag]:
    verdicts: dict[str, pd.DataFrame] = {}
    for module in modules:
        rule = module.RULE
        found = module.flagged(case, rules)
        if rule.spares in verdicts:
            found = found.drop(verdicts[rule.spares].index, errors="ignore")
        verdicts[rule.name] = found
        if found.empty:
            continue
        parameters = _parameters(rule, case, rules)
        for row in case.rows.join(found, how="inner").itertuples(index=False):
            yield _flag(row, rule, case, rules, parameters)


def _parameters(rule: Rule, case: Case, rules: Rules) -> tuple[tuple[str, str], ...]:
    """As they stand; of a pace that had too few years to go by, also what judged instead."""
    values = {name: rules.value(name) for name in rule.parameters}
    judged_by = used(case.month, rules.pace, case.evidence.shares)
    if values.get("pace.name", judged_by) != judged_by:
        values["pace.name"] += f"/{judged_by}"
    return tuple(values.items())


def _flag(
    row: Any, rule: Rule, case: Case, rules: Rules, parameters: tuple[tuple[str, str], ...]
) -> Flag:
    """What is asked for is rounded up to whole đồng, so that paying it is enough: a unit that
    pays its shortfall stands on the line, not a fraction of a đồng under it."""
    told: dict[str, Any] = {
        "unit": row.unit,
        "activity": row.activity,
        "rule": rule.name,
        "version": rule.version,
        "severity": row.severity,
        "small": row.budget * DONG < rules.small_amount,
        "parameters": parameters,
        "matter": rule.matter,
        "facts": getattr(row, "facts", ()),
    }
    if rule.matter is not Matter.MONEY:
        praised = rule.matter is Matter.PRAISE and row.budget > 0
        rate = row.disbursed / row.budget if praised else None
        return Flag(**told, actual=rate, expected=None, shortfall=None, needed_per_month=None)
    actual = getattr(row, "actual", None)
    shortfall = getattr(row, "shortfall", None)
    left = case.evidence.now.period.months_left
    # in whole numbers: a fraction made for every row takes longer than all the rest
    target = Fraction(rules.year_target)
    to_target = max(0, target.numerator * row.budget - target.denominator * row.disbursed)
    if shortfall is None:
        line = row.expected
        short = -(
            (line.denominator * row.disbursed - line.numerator * row.budget) // line.denominator
        )
    else:
        short = ceil(shortfall)
    return Flag(
        **told,
        actual=row.disbursed / row.budget if actual is None else float(actual),
        expected=float(row.expected),
        shortfall=short * DONG if short > 0 else None,  # who stalls may be ahead of the pace
        needed_per_month=-(-to_target // (target.denominator * left)) * DONG if left > 0 else None,
    )
