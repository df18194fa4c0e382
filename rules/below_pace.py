"""Decides whether a rate lags behind the share of the year that the pace expects."""

from fractions import Fraction

import pandas as pd

from rules import no_disbursement
from rules.case import Case
from rules.line import graded, nothing
from rules.pace import PARAMETERS
from schemas.flags import Rule
from schemas.settings import Rules

RULE = Rule(
    "below-pace",
    "2",
    (
        "from_month",
        *PARAMETERS,
        "below_pace.low",
        "below_pace.critical",
    ),
    spares=no_disbursement.RULE.name,
)


def flagged(case: Case, rules: Rules) -> pd.DataFrame:
    """The verdict (see rules/line.py) on rows with a rate under the pace's.

    `watch` below it, `low` below `rules.below_pace.low` of it, `critical` below
    `rules.below_pace.critical` of it. Not before `rules.from_month`.
    """
    rule = rules.below_pace
    if case.month < rules.from_month:
        return nothing()
    return graded(case.rows, case.expected, Fraction(rule.low), Fraction(rule.critical))
