"""Decides which units are to be praised: they were low last month and are no longer."""

import pandas as pd

from rules.case import Case
from rules.line import Facts, watched
from rules.rollup import is_low
from schemas.flags import Matter, Rule, Subject
from schemas.settings import Rules

RULE = Rule(
    "recovered",
    "1",
    ("small_amount",),
    subjects=(Subject.UNIT,),
    matter=Matter.PRAISE,
    of_flags=True,
)


def flagged(case: Case, rules: Rules) -> pd.DataFrame:  # noqa: ARG001 - the flags say it all
    """The verdict (see rules/line.py) on units that reported, were low in the month before
    (rules/rollup.py), and are not now; excused or not. Whose budget was taken away has recovered
    nothing."""
    was_low = case.before[0].units if case.before else frozenset[str]()
    low = {flag.unit for flag in case.flags if is_low(flag)}
    nothing: Facts = ()
    units = case.rows["unit"][case.rows["budget"] > 0]
    return watched({int(at): nothing for at in units.index if units[at] in was_low - low})
