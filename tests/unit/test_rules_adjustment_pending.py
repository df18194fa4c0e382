"""A proposal that stands month after month without a decision."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest
from figures import course, figure

from rules.adjustment_pending import flagged
from rules.case import cases
from schemas.board import ActivityFigure
from schemas.settings import Rules


def asks(amount: int | None) -> list[ActivityFigure]:
    proposal = None if amount is None else Decimal(amount)
    return [replace(figure("A", "A.1", 100, 10), proposal=proposal)]


def judged(*proposals: int | None, decided: date | None = None, months: int = 2) -> pd.DataFrame:
    rules = Rules.model_validate({"adjustment_pending": {"months": months}})
    days = {"A.1": (decided,)} if decided else {}
    return flagged(cases(course(*map(asks, proposals), decided=days), rules)[1], rules)


@pytest.mark.parametrize(
    ("proposals", "flags"),
    [((50, 50), 1), ((50, -20), 1), ((None, 50), 0), ((50, None), 0), ((50, 0), 0), ((50,), 0)],
)
def test_two_months_running(proposals: tuple[int | None, ...], flags: int) -> None:
    assert len(judged(*proposals)) == flags


def test_the_months_are_the_setting() -> None:
    assert judged(None, 50, 50, months=3).empty
    assert len(judged(50, 50, 50, months=3)) == 1


@pytest.mark.parametrize(
    ("day", "flags"), [(date(2021, 1, 31), 1), (date(2021, 2, 1), 0), (date(2021, 3, 15), 0)]
)
def test_a_decision_since_the_first_of_them_answers_it(day: date, flags: int) -> None:
    assert len(judged(50, 50, decided=day)) == flags


def test_what_is_told() -> None:
    told = dict(judged(50, -20)["facts"].iloc[0])
    assert told == {"proposal_amount": "-20", "since_day": "2021-01-31"}
