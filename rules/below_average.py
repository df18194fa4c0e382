"""Decides whether a unit's rate lags behind the body's own."""

from fractions import Fraction

import pandas as pd

from rules.line import below, verdict
from schemas.flags import FlagSeverity, Rule
from schemas.settings import BelowAverage

RULE = Rule("below-average", "1", ("below_average.low", "below_average.peers"))


def flagged(units: pd.DataFrame, rule: BelowAverage) -> pd.DataFrame:
    """The verdict (see rules/line.py) on units with a rate under the average of all of them.

    The average is weighted by money: all that was disbursed over all budgets (`Totals.rate`).
    `watch` below it, `low` below `rule.low` of it. Nobody is flagged where fewer than
    `rule.peers` units have a budget, or where the budgets sum up to nothing.
    """
    budget, disbursed = int(units["budget"].sum()), int(units["disbursed"].sum())
    comparable = budget > 0 and (units["budget"] > 0).sum() >= rule.peers
    average = Fraction(disbursed, budget) if comparable else Fraction(0)
    return verdict(
        {
            FlagSeverity.WATCH: below(units, average),
            FlagSeverity.LOW: below(units, average * Fraction(rule.low)),
        },
        average,
    )
