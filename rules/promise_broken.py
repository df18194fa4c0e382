"""Decides whose promise of last month did not come true by the day that it named."""

from collections.abc import Iterator
from datetime import date

import pandas as pd

from rules.case import Case
from rules.line import Facts, watched
from rules.promises import promised
from schemas.board import ActivityFigure
from schemas.evidence import Milestone
from schemas.flags import Matter, Rule, Subject
from schemas.settings import Rules

RULE = Rule(
    "promise-broken",
    "1",
    (),
    subjects=(Subject.ACTIVITY,),
    matter=Matter.OTHER,
)

LONGEST = 160
"""Characters of what the unit wrote that a flag tells."""


def flagged(case: Case, rules: Rules) -> pd.DataFrame:  # noqa: ARG001 - nothing to set
    """The verdict (see rules/line.py) on activities of which last month's column “Đề xuất, giải
    pháp” named a last day within this month, and nothing has moved since: what is disbursed has
    not risen; on the other forms, no milestone and no completion is another. Only days that were
    clearly read count, of several the last. An activity whose budget is spent is left alone."""
    last = case.evidence.last
    if last is None:
        return watched({})
    figures = {f.code: f for f in last.figures if f.solution}
    rows = {one.code: one for one in last.milestones}
    now: dict[str, list[Milestone]] = {}
    for one in case.evidence.now.milestones:
        now.setdefault(one.activity, []).append(one)
    found: dict[int, Facts] = {}
    for at, figure in case.figures().items():
        if figure.code not in figures and figure.code not in now:
            continue
        words = [
            *_unmoved(figure, figures.get(figure.code)),
            *(said for one in now.get(figure.code, ()) for said in _unchanged(one, rows)),
        ]
        for said in words:
            day = promised(said, last.period.year)
            if day and last.period.last_day < day <= case.evidence.now.period.last_day:
                found.setdefault(at, _told(said, day))
    return watched(found)


def _unmoved(now: ActivityFigure, last: ActivityFigure | None) -> Iterator[str]:
    """What the unit said last month of an activity that has paid nothing since."""
    spent = now.disbursed >= now.budget.denominator
    if last and last.solution and now.disbursed <= last.disbursed and not spent:
        yield last.solution


def _unchanged(now: Milestone, rows: dict[str, Milestone]) -> Iterator[str]:
    last = rows.get(now.code)
    if last and last.solution and _open(now) and _state(now) == _state(last):
        yield last.solution


def _state(one: Milestone) -> tuple[object, ...]:
    return one.steps, one.completion


def _open(one: Milestone) -> bool:
    return one.completion is None or one.completion < 100


def _told(said: str, day: date) -> Facts:
    words = " ".join(said.split()).rstrip(".;")
    short = words if len(words) <= LONGEST else words[:LONGEST].rsplit(" ", 1)[0] + " …"
    return (("promised_day", day.isoformat()), ("said", short))
