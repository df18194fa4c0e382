"""Decides whether a budget that exists has not been touched at all."""

import pandas as pd

from rules.case import Case
from rules.line import verdict
from rules.pace import PARAMETERS
from schemas.flags import FlagSeverity, Rule
from schemas.settings import Rules

RULE = Rule("no-disbursement", "2", ("from_month", *PARAMETERS))


def flagged(case: Case, rules: Rules) -> pd.DataFrame:
    """The verdict (see rules/line.py) on rows with a budget and nothing disbursed: `critical`.

    Not before `rules.from_month`, nor where the pace asks for nothing yet.
    """
    rows = case.rows
    untouched = (rows["budget"] > 0) & (rows["disbursed"] == 0)
    due = case.month >= rules.from_month and case.expected > 0
    return verdict({FlagSeverity.CRITICAL: untouched & due}, case.expected)
