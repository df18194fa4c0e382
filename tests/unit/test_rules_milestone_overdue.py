"""Deliverables and IT milestones against their dates, and money paid before acceptance."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest
from figures import course, figure

from rules.case import cases
from rules.milestone_overdue import flagged
from schemas.evidence import Milestone
from schemas.flags import FlagSeverity
from schemas.forms import CHOICES
from schemas.settings import Rules

NOT, DOING, DONE = CHOICES
FEBRUARY_28 = date(2021, 2, 28)
MARCH_1 = date(2021, 3, 1)


def work(due: date | None, completion: object, code: str = "A.1") -> Milestone:
    return Milestone("A", "A.1", code, "strategy", due, completion=Decimal(str(completion)))


def project(due: date | None, *steps: str) -> Milestone:
    names = ("acceptance", "handover", "settlement")
    return Milestone("A", "A.1", "A.1", "it", due, tuple(zip(names, steps, strict=True)))


def judged(*milestones: Milestone, disbursed: int = 10, ends: int | None = 2021) -> pd.DataFrame:
    """At the end of February."""
    evidence = course([], [figure("A", "A.1", 100, disbursed)], last_years={"A.1": ends})
    now = replace(evidence.now, milestones=milestones)
    case = cases(replace(evidence, months=(evidence.months[0], now)), Rules())[1]
    return flagged(case, Rules())


@pytest.mark.parametrize(
    ("due", "completion", "flags"),
    [
        (FEBRUARY_28, "99.99", 1),
        (FEBRUARY_28, 100, 0),
        (MARCH_1, 0, 0),
        (None, 0, 0),
    ],
)
def test_a_deliverable(due: date | None, completion: object, flags: int) -> None:
    found = judged(work(due, completion))
    assert len(found) == flags
    assert {*found["severity"]} <= {FlagSeverity.WATCH}


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((NOT, NOT, NOT), ("Nghiệm thu", NOT)),
        ((DONE, DOING, NOT), ("Bàn giao", DOING)),
        ((DONE, DONE, DOING), ("Thanh quyết toán", DOING)),
        ((DONE, DONE, DONE), None),
    ],
)
def test_the_first_step_not_done_is_named(
    steps: tuple[str, ...], said: tuple[str, str] | None
) -> None:
    found = judged(project(FEBRUARY_28, *steps))
    assert judged(project(MARCH_1, *steps)).empty
    told = dict(found["facts"].iloc[0]) if len(found) else {}
    assert (told["step"], told["state"]) == said if said else not told


def test_what_was_due_first_is_told_and_how_many_more() -> None:
    found = judged(work(FEBRUARY_28, 50, "A.1-1"), work(date(2021, 1, 31), 60, "A.1-2"))
    told = dict(found["facts"].iloc[0])
    assert (told["part"], told["more"]) == ("A.1-2", "1")


@pytest.mark.parametrize(
    ("disbursed", "ends", "acceptance", "flags"),
    [
        (100, 2021, NOT, 1),
        (99, 2021, NOT, 0),
        (100, 2022, NOT, 0),  # a part of a longer project
        (100, None, NOT, 1),  # nobody said when it ends
        (99, None, NOT, 0),
        (100, None, DOING, 0),
        (100, 2021, DOING, 0),
    ],
)
def test_paid_before_acceptance(
    disbursed: int, ends: int | None, acceptance: str, flags: int
) -> None:
    found = judged(project(MARCH_1, acceptance, NOT, NOT), disbursed=disbursed, ends=ends)
    assert len(found) == flags
