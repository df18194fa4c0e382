"""Decides who has been flagged low for months running: one step graver than this month alone."""

import pandas as pd

from rules.case import Case
from rules.line import nothing
from schemas.explanation import FROM_FORECAST
from schemas.flags import Flag, FlagSeverity, Rule
from schemas.forms import dong
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
    before = frozenset.intersection(*(month.subjects for month in case.before[: months - 1]))
    now: dict[tuple[str, str | None], list[Flag]] = {}
    for flag in case.flags:
        subject = flag.unit, flag.activity
        low = flag.severity is not FlagSeverity.WATCH and flag.rule not in FROM_FORECAST
        if low and subject in before:
            now.setdefault(subject, []).append(flag)
    subjects = zip(case.rows["unit"], case.rows["activity"], strict=True)
    found = {
        at: _graver(now[subject], months) for at, subject in enumerate(subjects) if subject in now
    }
    return pd.DataFrame([*found.values()], index=[*found], columns=_COLUMNS, dtype=object)


def _graver(flags: list[Flag], months: int) -> tuple[object, ...]:
    gravest = max(_GRAVITY.index(flag.severity) for flag in flags)
    most = max(flags, key=lambda flag: flag.asked)
    return (
        _GRAVITY[min(gravest + 1, len(_GRAVITY) - 1)],
        most.expected,
        most.actual,
        dong(most.asked),
        (("months", str(months)),),
    )
