"""Decides who has been flagged low for months running: one step graver than this month alone."""

from collections.abc import Iterable
from fractions import Fraction

import pandas as pd

from rules import unlikely_to_finish
from rules.case import Case
from rules.line import nothing
from schemas.flags import Flag, FlagSeverity, Rule
from schemas.forms import DONG
from schemas.settings import Rules

RULE = Rule("repeat", "2", ("repeat.months",), of_flags=True)

_GRAVITY = tuple(FlagSeverity)
_COLUMNS = ["severity", "expected", "actual", "shortfall", "facts"]


def flagged(case: Case, rules: Rules) -> pd.DataFrame:
    """The verdict (see rules/line.py) on rows with a flag of `low` or worse in this month and all
    of the `rules.repeat.months` - 1 before it, by the figures as they are known now. What was only
    foretold does not count: a run is of months that were paid too little in.

    One step graver than the gravest of this month's flags, at most `critical`: who is only watched
    stays so. What is short is the most that any of these flags asks for, so that who pays it has
    none of them; `expected` and `actual` are that flag's.
    """
    months = rules.repeat.months
    if len(case.before) < months - 1:
        return nothing()
    subjects = set.intersection(
        *({_subject(flag) for flag in _low(flags)} for flags in case.before[: months - 1])
    )
    now: dict[tuple[str, str | None], list[Flag]] = {}
    for flag in _low(case.flags):
        if _subject(flag) in subjects:
            now.setdefault(_subject(flag), []).append(flag)
    found = {
        at: _graver(now[unit, activity], months)
        for at, unit, activity in case.rows[["unit", "activity"]].itertuples(name=None)
        if (unit, activity) in now
    }
    return pd.DataFrame(found.values(), index=[*found], columns=_COLUMNS, dtype=object)


def _low(flags: Iterable[Flag]) -> Iterable[Flag]:
    return (
        flag
        for flag in flags
        if flag.severity is not FlagSeverity.WATCH and flag.rule != unlikely_to_finish.RULE.name
    )


def _subject(flag: Flag) -> tuple[str, str | None]:
    return flag.unit, flag.activity


def _graver(flags: list[Flag], months: int) -> dict[str, object]:
    gravest = max(_GRAVITY.index(flag.severity) for flag in flags)
    most = max(flags, key=lambda flag: flag.asked)
    return {
        "severity": _GRAVITY[min(gravest + 1, len(_GRAVITY) - 1)],
        "expected": most.expected,
        "actual": most.actual,
        "shortfall": Fraction(most.asked / DONG),
        "facts": (("months", str(months)),),
    }
