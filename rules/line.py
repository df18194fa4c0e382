"""Decides which rows stand below a line, exactly, and grades them.

Rows are a DataFrame with `budget` and `disbursed` in đồng (int64), one row per activity or unit.
A rule hands on a verdict: a DataFrame indexed by the flagged rows, with `severity` (FlagSeverity)
and `expected` (Fraction, the rate that was expected).
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pandas as pd

from schemas.flags import FlagSeverity


def below(rows: pd.DataFrame, line: Fraction) -> "pd.Series[bool]":
    """Which rows have a rate under `line`; without a positive budget there is no rate.

    disbursed/budget < p/q is asked as disbursed*q < p*budget in Python's integers, which neither
    round nor overflow: whoever stands exactly on the line is never below it.
    """
    disbursed, budget = rows["disbursed"].astype(object), rows["budget"].astype(object)
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
