"""The unit's own estimate: the pace it needs, and how far it jumped."""

from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pytest
from figures import course, figure

from rules.case import cases
from rules.estimate_implausible import flagged
from schemas.board import ActivityFigure
from schemas.flags import FlagSeverity
from schemas.registry import Budget
from schemas.settings import Rules


def told(disbursed: object, estimate: object, budget: int = 1000) -> list[ActivityFigure]:
    said = None if estimate is None else Decimal(str(estimate))
    return [replace(figure("A", "A.1", budget, disbursed), estimate=said)]


def judged(*months: list[ActivityFigure]) -> pd.DataFrame:
    return flagged(cases(course(*months), Rules())[1], Rules())


def steady(*estimates: object) -> pd.DataFrame:
    """Fifty a month; the last month's estimate is the last one."""
    return judged(*(told(50 * n, one) for n, one in enumerate(estimates, 1)))


def test_twice_the_best_month_and_one_dong_more() -> None:
    # June: 300 paid, 50 a month; six months of 100 are just within reach.
    assert steady(*[900] * 6).empty
    found = steady(*[900] * 5, "900.000001")
    assert list(found["severity"]) == [FlagSeverity.WATCH]
    assert dict(found["facts"].iloc[0]) == {
        "estimate_amount": "900.000001",
        "needed_amount": "100.000000",
        "best_amount": "50.000000",
    }


def test_too_few_months_are_no_measure() -> None:
    assert steady(*[1000] * 5).empty
    assert len(steady(*[1000] * 6)) == 1
    gap = [told(50 * n, 1000) for n in range(1, 7)]
    gap[2] = []  # April's rise is unknown too
    assert judged(*gap).empty


@pytest.mark.parametrize(("estimate", "flags"), [(700, 0), (699, 1), (1300, 0), (1301, 1)])
def test_three_tenths_of_the_budget_in_a_month(estimate: int, flags: int) -> None:
    found = judged(told(10, 1000), told(20, estimate))
    assert len(found) == flags
    if flags:
        assert dict(found["facts"].iloc[0])["variant"] == "changed"


def test_a_budget_that_changed_may_change_the_estimate() -> None:
    before, now = told(10, 1000), told(20, 400)
    smaller = [replace(now[0], budget=Budget(Decimal(500)))]
    assert judged(before, smaller).empty


def test_nothing_said_nothing_judged() -> None:
    assert steady(*[None] * 6).empty
    assert judged(told(0, 100, budget=0), told(0, 900, budget=0)).empty


def test_in_december_no_month_is_left_to_need_anything() -> None:
    assert steady(*[1000] * 12).empty
