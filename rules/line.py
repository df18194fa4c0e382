"""Decides which rows stand below a line, exactly, and grades them.

Rows are a DataFrame with `budget` and `disbursed` in đồng (int64), one row per activity or unit.
A rule hands on a verdict: a DataFrame indexed by the flagged rows, with `severity` (FlagSeverity)
and `expected` (Fraction, the rate that was expected; None where the rule speaks of no rate). Where
a rule knows better, also `actual` (Fraction; else the row's rate), `shortfall` (đồng, Fraction;
else what the rate expected asks for beyond what is disbursed) and `facts` (see schemas/flags.py).
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pandas as pd

from schemas.flags import FlagSeverity

Facts = tuple[tuple[str, str], ...]

_LARGEST = 2**63 - 1


def below(rows: pd.DataFrame, line: Fraction) -> "pd.Series[bool]":
    """Which rows have a rate under `line`; without a positive budget there is no rate.

    disbursed/budget < p/q is asked as disbursed*q < p*budget in whole numbers, of 64 bits where
    they hold the products and else in Python's, which neither round nor overflow: whoever stands
    exactly on the line is never below it.
    """
    disbursed, budget = rows["disbursed"], rows["budget"]
    largest = max(disbursed.abs().max(), budget.abs().max()) if len(rows) else 0
    if int(largest) * max(line.denominator, abs(line.numerator)) > _LARGEST:
        disbursed, budget = disbursed.astype(object), budget.astype(object)
    under = disbursed * line.denominator < budget * line.numerator
    return under.astype(bool) & (rows["budget"] > 0)


def verdict(
    steps: Mapping[FlagSeverity, "pd.Series[bool]"], expected: "Fraction | pd.Series[Any]"
) -> pd.DataFrame:
    """The verdict on the rows of any step; a later step overrules those before it."""
    severity = pd.Series(None, index=next(iter(steps.values())).index, dtype=object)
    for step, rows in steps.items():
        severity[rows] = step
    return pd.DataFrame({"severity": severity, "expected": expected}).dropna(subset="severity")


def nothing() -> pd.DataFrame:
    """The verdict on rows that are all well."""
    return pd.DataFrame(columns=["severity", "expected"], dtype=object)


def graded(
    rows: pd.DataFrame, line: Fraction, low: Fraction, critical: Fraction | None = None
) -> pd.DataFrame:
    """The verdict on rows under `line`: `watch`, `low` below `low` of it, `critical` below
    `critical` of it."""
    steps = {
        FlagSeverity.WATCH: below(rows, line),
        FlagSeverity.LOW: below(rows, line * low),
    }
    if critical is not None:
        steps[FlagSeverity.CRITICAL] = below(rows, line * critical)
    return verdict(steps, line)


def watched(facts: Mapping[int, Facts]) -> pd.DataFrame:
    """The verdict of a rule that speaks of no rate, on the rows that it has something to tell of:
    `watch`."""
    if not facts:
        return nothing()
    return pd.DataFrame(
        {
            "severity": pd.Series(FlagSeverity.WATCH, index=[*facts], dtype=object),
            "expected": pd.Series(None, index=[*facts], dtype=object),
            "facts": pd.Series([*facts.values()], index=[*facts], dtype=object),
        }
    )
