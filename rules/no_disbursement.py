"""Decides whether a budget that exists has not been touched at all."""

from fractions import Fraction

import pandas as pd

from rules.line import verdict
from schemas.flags import FlagSeverity, Rule

RULE = Rule("no-disbursement", "1", ("from_month",))


def flagged(rows: pd.DataFrame, expected: Fraction) -> pd.DataFrame:
    """The verdict (see rules/line.py) on rows with a budget and nothing disbursed: `critical`.

    `expected` is the share of the year that the pace asks for.
    """
    untouched = (rows["budget"] > 0) & (rows["disbursed"] == 0)
    return verdict({FlagSeverity.CRITICAL: untouched}, expected)
