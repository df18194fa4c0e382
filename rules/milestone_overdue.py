"""Decides which deliverables and IT milestones are past their date, or paid before acceptance."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pandas as pd

from rules.case import Case
from rules.line import Facts, watched
from schemas.board import ActivityFigure
from schemas.evidence import Milestone
from schemas.flags import Matter, Rule, Subject
from schemas.forms import CHOICES, DONE, FORMS
from schemas.settings import Rules

RULE = Rule(
    "milestone-overdue",
    "2",
    ("milestone_overdue.paid",),
    subjects=(Subject.ACTIVITY,),
    matter=Matter.OTHER,
)

_LABELS = {field.name: field.label for form in FORMS for field in form.fields}


def flagged(case: Case, rules: Rules) -> pd.DataFrame:
    """The verdict (see rules/line.py) on activities of which, by the period's last day, a work or
    deliverable of the Strategy is due and not at 100 %; or the project's date has come and its
    acceptance, handover or settlement is not done; or the year's budget is paid from
    `rules.milestone_overdue.paid` of it on, the project ends this year or nobody said when, and
    acceptance has not begun. Of several what was due first is told, and how many more there are."""
    now = case.evidence.now
    milestones: dict[str, list[Milestone]] = {}
    for one in now.milestones:
        milestones.setdefault(one.activity, []).append(one)
    found: dict[int, Facts] = {}
    for at, figure in case.figures().items():
        if figure.code not in milestones:
            continue
        its = milestones[figure.code]
        overdue = sorted(
            (
                (one.due, number, told)
                for number, one in enumerate(its)
                if one.due and one.due <= now.period.last_day and (told := _left(one, one.due))
            ),
        )
        facts = [told for _, _, told in overdue]
        ends = case.evidence.last_years.get(figure.code) in {None, now.period.year}
        if not facts and ends and _paid(figure, rules.milestone_overdue.paid):
            facts = [*_unaccepted(its)]
        if facts:
            found[at] = (*facts[0], ("more", str(len(facts) - 1)))
    return watched(found)


def _left(one: Milestone, due: date) -> Facts:
    """What is not done of it, nothing where all is."""
    told = (("part", one.code), ("due_day", due.isoformat()))
    if one.completion is not None and one.completion < 100:
        return (*told, ("done_rate", str(one.completion / 100)))
    for step, choice in one.steps:
        if choice != DONE:
            state = ("step", _LABELS[step]), ("state", choice)
            return (("variant", "step"), *told, *state)
    return ()


def _paid(figure: ActivityFigure, share: Decimal) -> bool:
    budget = figure.budget.denominator
    return budget > 0 and figure.disbursed >= share * budget


def _unaccepted(its: list[Milestone]) -> Iterator[Facts]:
    for one in its:
        if dict(one.steps).get("acceptance") == CHOICES[0]:
            yield (("variant", "unaccepted"), ("part", one.code))
