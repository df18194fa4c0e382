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

    Whoever stands exactly on the line is never below it.
    """
    return under(rows["disbursed"], line, rows["budget"]) & (rows["budget"] > 0)


def under(amounts: "pd.Series[int]", share: Fraction, of: "pd.Series[int]") -> "pd.Series[bool]":
    """Which amounts (đồng, int64) are under that share of the others.

    a < b*p/q is asked as a*q < b*p in whole numbers, of 64 bits where they hold the products and
    else in Python's, which neither round nor overflow.
    """
    largest = max(amounts.abs().max(), of.abs().max()) if len(amounts) else 0
    if int(largest) * max(share.denominator, abs(share.numerator)) > _LARGEST:
        amounts, of = amounts.astype(object), of.astype(object)
    return (amounts * share.denominator < of * share.numerator).astype(bool)


def verdict(
    steps: Mapping[FlagSeverity, "pd.Series[bool]"], expected: "Fraction | pd.Series[Any]"
) -> pd.DataFrame:
    """The verdict on the rows of any step; a later step overrules those before it."""
    severity = pd.Series(None, index=next(iter(steps.values())).index, dtype=object)
    for step, rows in steps.items():
        severity[rows] = step
    found = severity[severity.notna()]
    if isinstance(expected, pd.Series):
        expected = expected[found.index]
    return pd.DataFrame({"severity": found, "expected": expected}, dtype=object)


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
