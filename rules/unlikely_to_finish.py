"""Decides whether a unit's year is foretold to end under the year's target."""

from fractions import Fraction

import pandas as pd

from rules.case import Case
from rules.line import Facts, below, nothing, verdict
from rules.pace import PARAMETERS
from schemas.flags import FlagSeverity, Rule, Subject
from schemas.forecast import Outlook
from schemas.settings import Rules

RULE = Rule(
    "unlikely-to-finish",
    "2",
    ("from_month", "year_target", "unlikely_to_finish.critical", *PARAMETERS),
    subjects=(Subject.UNIT,),
)


def flagged(case: Case, rules: Rules) -> pd.DataFrame:
    """The verdict (see rules/line.py) on units that are foretold to miss the year's target.

    `watch` where the upper end of the 80 % interval is under it or, with too little history for an
    interval, the foretold rate. Of those who are behind the pace too, since a letter wants facts
    and a forecast alone is none: `low` where the interval is under it, `critical` where it is under
    `rules.unlikely_to_finish.critical` of it. Who has reached the target already is left alone.
    Not before `rules.from_month`, nor from December on, when nothing is left to foretell.
    """
    target, foretold = Fraction(rules.year_target), case.evidence.now.outlooks
    if not foretold or not rules.from_month <= case.month < 12:
        return nothing()
    rows = case.rows
    outlooks = rows["unit"].map(foretold.get)
    short = below(rows, target) & outlooks.notna()
    sure = short & outlooks.map(lambda one: _interval_under(one, target)).astype(bool)
    behind = below(rows, case.expected)
    grave = target * Fraction(rules.unlikely_to_finish.critical)
    found = verdict(
        {
            FlagSeverity.WATCH: sure | short & outlooks.map(lambda one: _rate_under(one, target)),
            FlagSeverity.LOW: sure & behind,
            FlagSeverity.CRITICAL: short
            & behind
            & outlooks.map(lambda one: _interval_under(one, grave)).astype(bool),
        },
        target,
    )
    return found.assign(facts=outlooks[found.index].map(_facts))


def _interval_under(outlook: Outlook | None, line: Fraction) -> bool:
    return isinstance(outlook, Outlook) and outlook.high is not None and outlook.high < float(line)


def _rate_under(outlook: Outlook | None, line: Fraction) -> bool:
    return isinstance(outlook, Outlook) and outlook.high is None and outlook.rate < float(line)


def _facts(outlook: Outlook) -> Facts:
    foretold = ("foretold_rate", str(outlook.rate))
    how = ("method", outlook.method.value), ("years", str(outlook.years))
    if outlook.high is None:
        return (("variant", "without-interval"), foretold, *how)
    return (foretold, ("low_rate", str(outlook.low)), ("high_rate", str(outlook.high)), *how)
