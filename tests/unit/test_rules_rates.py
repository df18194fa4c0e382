"""Sums by unit, by source and of the body are the same money."""

from decimal import Decimal
from random import Random

import pytest
from figures import figure
from hypothesis import given
from hypothesis import strategies as st

from rules.rates import by_source, by_unit, totals
from schemas.board import ActivityFigure, State, Totals, UnitStatus
from schemas.forms import SOURCES

amounts = st.decimals(0, 10**9, places=6)
some = st.lists(
    st.builds(
        figure,
        unit=st.sampled_from("ABC"),
        code=st.uuids().map(str),
        budget=amounts,
        disbursed=amounts,
        source=st.sampled_from(SOURCES),
    ),
    max_size=12,
)


def body(figures: list[ActivityFigure], silent: Decimal = Decimal(0)) -> Totals:
    """The totals of units with these figures, and of one that has not reported its budget."""
    accepted = [
        UnitStatus(unit, unit, State.ACCEPTED, False, budget, disbursed)
        for unit, (budget, disbursed) in by_unit(figures).items()
    ]
    return totals([*accepted, UnitStatus("Z", "Z", State.RETURNED, False, silent, None)])


def test_by_hand() -> None:
    figures = [
        figure("B", "B.1", "100.1", "50.05", "ODA"),
        figure("A", "A.1", "0.2", "0.1", "CTMTQG"),
        figure("B", "B.2", "200", "0", "CTMTQG"),
    ]
    assert by_unit(figures) == {
        "B": (Decimal("300.1"), Decimal("50.05")),
        "A": (Decimal("0.2"), Decimal("0.1")),
    }
    assert list(by_unit(figures)) == ["B", "A"]
    assert by_source(figures) == {
        "ODA": (Decimal("100.1"), Decimal("50.05")),
        "CTMTQG": (Decimal("200.2"), Decimal("0.1")),
    }
    whole = body(figures, Decimal(7))
    assert (whole.budget_current, whole.disbursed_to_date) == (Decimal("300.3"), Decimal("50.15"))
    assert whole.budget_not_reported == 7
    assert whole.rate == pytest.approx(50.15 / 300.3, rel=1e-15)


def test_nothing_reported_is_zero_and_has_no_rate() -> None:
    whole = body([], Decimal(9))
    assert whole.budget_current == whole.disbursed_to_date == 0
    assert whole.rate is None
    sums = (whole.budget_current, whole.disbursed_to_date, body([]).budget_not_reported)
    assert all(isinstance(one, Decimal) for one in sums)
    assert isinstance(totals([]).budget_not_reported, Decimal)
    assert by_unit([]) == by_source([]) == {}


@given(some)
def test_sums_by_unit_and_by_source_are_the_total(figures: list[ActivityFigure]) -> None:
    whole = body(figures)
    for sums in (by_unit(figures), by_source(figures)):
        assert sum(budget for budget, _ in sums.values()) == whole.budget_current
        assert sum(disbursed for _, disbursed in sums.values()) == whole.disbursed_to_date


@given(some, st.randoms())
def test_the_order_of_rows_does_not_matter(figures: list[ActivityFigure], random: Random) -> None:
    mixed = list(figures)
    random.shuffle(mixed)
    assert by_unit(mixed) == by_unit(figures)
    assert body(mixed) == body(figures)


@given(some, amounts, amounts)
def test_splitting_an_activity_leaves_its_unit_s_sums(
    figures: list[ActivityFigure], budget: Decimal, disbursed: Decimal
) -> None:
    whole = figure("A", "A.1", 2 * budget, 2 * disbursed)
    halves = [figure("A", "A.1a", budget, disbursed), figure("A", "A.1b", budget, disbursed)]
    assert by_unit([*figures, *halves]) == by_unit([*figures, whole])
