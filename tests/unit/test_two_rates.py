"""Which rates a board tells: what a sum divides by, and the other rate where it differs."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from figures import figure

from reports import contract
from reports.denominator import beside_rate
from schemas.board import Board, State, Totals, UnitStatus
from schemas.period import Period
from schemas.registry import Budget, Denominator

PLAN, TOTAL = Denominator.PLAN, Denominator.TOTAL


def board(*budgets: Budget, paid: int = 300) -> Board:
    """One unit with an activity of each budget."""
    figures = tuple(
        replace(figure("A", f"A.{n}", 0, paid), budget=budget) for n, budget in enumerate(budgets)
    )
    divided = sum((b.denominator for b in budgets), Decimal(0))
    whole = Decimal(paid * len(figures))
    unit = UnitStatus("A", "A", State.ACCEPTED, False, divided, whole)
    totals = Totals(divided, whole, Decimal(0))
    return Board(Period(2021, 10), date(2021, 11, 5), totals, (unit,), figures)


def money(carried: int, by: Denominator) -> Budget:
    return Budget(Decimal(1000), Decimal(carried), judged_by=by)


@pytest.mark.parametrize(
    ("budgets", "denominator", "plan", "total", "beside"),
    [
        ((money(0, TOTAL),), "total", None, None, ""),
        ((money(200, TOTAL),), "total", 0.3, 0.25, " (trên kế hoạch giao trong năm: 30,00%)"),
        ((money(200, PLAN),), "plan", 0.3, 0.25, " (trên dự toán sau điều chỉnh: 25,00%)"),
        ((money(200, PLAN), money(0, TOTAL)), "plan", 0.3, 600 / 2200, None),
        ((money(200, PLAN), money(300, TOTAL)), "mixed", 0.3, 0.24, None),
    ],
)
def test_a_sum_names_its_denominator_and_the_other_rate(
    budgets: tuple[Budget, ...], denominator: str, plan: float, total: float, beside: str | None
) -> None:
    made = board(*budgets)
    shown = contract.board(made)
    for one in (shown["totals"] | shown["basis"], *shown["units"]):
        assert one["denominator"] == denominator
        assert (one["rate_of_plan"], one["rate_of_total"]) == (plan, total)
        assert one["rate"] == one["disbursed_to_date"] / one["budget_current"]
    if beside is not None:
        assert beside_rate(made) == beside_rate(made, "A") == beside


def test_what_was_never_paid_has_its_denominator_too() -> None:
    (unit,) = contract.board(board(money(200, TOTAL), paid=0))["units"]
    assert (unit["denominator"], unit["rate"], unit["rate_of_plan"]) == ("total", 0, 0)
