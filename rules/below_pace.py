"""Decides whether a rate lags behind the share of the year that the pace expects."""

from fractions import Fraction

import pandas as pd

from rules.line import below, verdict
from schemas.flags import FlagSeverity, Rule
from schemas.settings import BelowPace

RULE = Rule(
    "below-pace",
    "1",
    (
        "from_month",
        "pace.name",
        "pace.quarters",
        "pace.origin",
        "below_pace.low",
        "below_pace.critical",
    ),
)


def flagged(rows: pd.DataFrame, expected: Fraction, rule: BelowPace) -> pd.DataFrame:
    """The verdict (see rules/line.py) on rows with a rate under `expected`.

    `watch` below it, `low` below `rule.low` of it, `critical` below `rule.critical` of it.
    """
    return verdict(
        {
            FlagSeverity.WATCH: below(rows, expected),
            FlagSeverity.LOW: below(rows, expected * Fraction(rule.low)),
            FlagSeverity.CRITICAL: below(rows, expected * Fraction(rule.critical)),
        },
        expected,
    )
