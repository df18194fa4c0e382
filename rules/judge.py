"""Decides which activities and units spend too slowly: runs the enabled rules, hands on flags."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil
from types import ModuleType
from typing import Any

import pandas as pd

from rules import below_average, below_pace, no_disbursement, pace, stalled
from schemas.board import ActivityFigure
from schemas.flags import Flag
from schemas.forms import DONG, dong
from schemas.period import Period
from schemas.settings import Rules

Verdicts = list[tuple[ModuleType, pd.DataFrame]]
"""Rule and what it found (rules/line.py), in the order in which flags are shown."""


def judge(
    figures: Sequence[ActivityFigure],
    history: Mapping[str, Mapping[int, Decimal]],
    period: Period,
    rules: Rules,
) -> tuple[Flag, ...]:
    """The flags of `figures`, the accepted figures at the end of `period`.

    `history` is activity code -> month -> accepted cumulative disbursement in triệu đồng of the
    year's earlier months; months may be missing. Units come in the order of the figures; of each
    first the flags of the whole unit, then those of its activities; of each of these first
    no-disbursement, then below-pace, below-average, stalled.
    """
    if not figures:
        return ()
    activities = pd.DataFrame(
        {
            "unit": [f.unit for f in figures],
            "activity": [f.code for f in figures],
            "budget": [dong(f.budget.denominator) for f in figures],
            "disbursed": [dong(f.disbursed) for f in figures],
        }
    ).astype({"budget": "int64", "disbursed": "int64"})
    units = activities.groupby("unit", sort=False)[["budget", "disbursed"]].sum().reset_index()
    units.insert(1, "activity", None)

    of_units = _against_pace(units, period.month, rules)
    if rules.below_average.enabled:
        of_units.append((below_average, below_average.flagged(units, rules.below_average)))
    of_activities = _against_pace(activities, period.month, rules)
    if rules.stalled.enabled:
        course = _course(activities, history, period.month)
        found = stalled.flagged(activities, course, period.month, rules)
        of_activities.append((stalled, found))

    flags = [
        *_flags(units, of_units, period, rules),
        *_flags(activities, of_activities, period, rules),
    ]
    unit = {code: n for n, code in enumerate(units["unit"])}
    activity = {None: -1} | {f.code: n for n, f in enumerate(figures)}
    return tuple(sorted(flags, key=lambda flag: (unit[flag.unit], activity[flag.activity])))


def _against_pace(rows: pd.DataFrame, month: int, rules: Rules) -> Verdicts:
    """One mistake, one flag: what is flagged as untouched is not also flagged as slow."""
    verdicts: Verdicts = []
    if month < rules.from_month:
        return verdicts
    expected = pace.expected(month, rules.pace)
    if rules.no_disbursement.enabled:
        found = no_disbursement.flagged(rows, expected)
        verdicts.append((no_disbursement, found))
        rows = rows.drop(found.index)
    if rules.below_pace.enabled:
        verdicts.append((below_pace, below_pace.flagged(rows, expected, rules.below_pace)))
    return verdicts


def _course(
    activities: pd.DataFrame, history: Mapping[str, Mapping[int, Decimal]], month: int
) -> pd.DataFrame:
    """The cumulative figures in đồng, a column per month; NA where none was accepted."""
    known = [history.get(code, {}) for code in activities["activity"]]
    earlier = {
        m: pd.array([dong(past[m]) if m in past else None for past in known], dtype="Int64")
        for m in range(1, month)
    }
    return pd.DataFrame({**earlier, month: activities["disbursed"].astype("Int64")})


def _flags(rows: pd.DataFrame, verdicts: Verdicts, period: Period, rules: Rules) -> Iterator[Flag]:
    for rule, found in verdicts:
        for row in rows.join(found, how="inner").itertuples(index=False):
            yield _flag(row, rule, period, rules)


def _flag(row: Any, rule: ModuleType, period: Period, rules: Rules) -> Flag:
    """What is asked for is rounded up to whole đồng, so that paying it is enough: a unit that
    pays its shortfall stands on the line, not a fraction of a đồng under it."""
    to_target = max(0, Fraction(rules.year_target) * row.budget - row.disbursed)
    months_left = period.months_left
    return Flag(
        unit=row.unit,
        activity=row.activity,
        rule=rule.RULE.name,
        version=rule.RULE.version,
        severity=row.severity,
        actual=row.disbursed / row.budget,
        expected=float(row.expected),
        shortfall=ceil(row.expected * row.budget - row.disbursed) * DONG,
        needed_per_month=ceil(to_target / months_left) * DONG if months_left else None,
        small=row.budget * DONG < rules.small_amount,
        parameters=tuple((name, rules.value(name)) for name in rule.RULE.parameters),
    )
