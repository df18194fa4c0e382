"""The units' proposals side by side: the balance, and what is pointed out."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from figures import figure

from rules.adjustments import adjustable, proposals, too_late
from schemas.adjustments import Balance, Doubt
from schemas.board import ActivityFigure
from schemas.period import Period

OCTOBER, PACE = Period(2021, 10), Fraction(43, 60)
BEFORE = {"Chi thường xuyên": "15/11"}


def proposing(code: str, budget: object, spent: object, by: object, source: str) -> ActivityFigure:
    return replace(figure("A", code, budget, spent, source), proposal=Decimal(str(by)))


def doubts(*figures: ActivityFigure) -> list[tuple[str, tuple[Doubt, ...]]]:
    found = proposals(figures, OCTOBER, PACE, BEFORE)
    return [(line.activity, line.doubts) for line in found.lines]


def test_who_gives_back_comes_first_and_each_source_balances() -> None:
    found = proposals(
        [
            proposing("A.1", 1000, 900, 300, "ODA"),
            proposing("A.2", 1000, 100, -200, "Đầu tư công"),
            proposing("A.3", 1000, 100, "-100.5", "ODA"),
            replace(figure("A", "A.4", 1000, 100), proposal=Decimal(0)),
            figure("A", "A.5", 1000, 100),
        ],
        OCTOBER,
        PACE,
        BEFORE,
    )
    assert [line.activity for line in found.lines] == ["A.2", "A.3", "A.1"]
    assert found.balances == (
        Balance("Đầu tư công", Decimal(200), Decimal(0)),
        Balance("ODA", Decimal("100.5"), Decimal(300)),
    )
    assert found.total == Balance(None, Decimal("300.5"), Decimal(300))
    assert [one.left for one in (*found.balances, found.total)] == [200, Decimal("-199.5"), 0.5]
    assert found.lines[0].after == 800
    assert found.lines[0].rate_after == 0.125
    assert proposals([], OCTOBER, PACE, BEFORE).lines == ()


def test_taking_more_than_is_left_is_pointed_out() -> None:
    taken = (Doubt.BELOW_DISBURSED,)
    assert doubts(proposing("A.1", 1000, 400, -600, "ODA")) == [("A.1", ())]
    assert doubts(proposing("A.1", 1000, 400, "-600.000001", "ODA")) == [("A.1", taken)]


def test_taking_from_what_is_ahead_of_the_pace_is_pointed_out() -> None:
    on_pace = proposing("A.1", 600, 430, -1, "ODA")
    assert doubts(on_pace) == [("A.1", ())]
    ahead = replace(on_pace, disbursed=Decimal("430.000001"))
    assert doubts(ahead) == [("A.1", (Doubt.TAKES_FROM_AHEAD,))]


def test_asking_while_slow_is_pointed_out() -> None:
    giving = proposing("A.0", 600, 100, -100, "ODA")
    asking = proposing("A.1", 600, 430, 100, "ODA")
    assert doubts(giving, asking)[1] == ("A.1", ())
    slow = replace(asking, disbursed=Decimal("429.999999"))
    assert doubts(giving, slow)[1] == ("A.1", (Doubt.ASKS_WHILE_SLOW,))


def test_asking_beyond_what_its_source_gives_back_is_pointed_out() -> None:
    giving = proposing("A.0", 600, 100, -100, "ODA")
    elsewhere = proposing("A.2", 600, 100, -500, "Đầu tư công")
    asking = proposing("A.1", 600, 500, "100.000001", "ODA")
    assert ("A.1", (Doubt.BEYOND_GIVEN,)) in doubts(giving, elsewhere, asking)


@pytest.mark.parametrize(
    ("source", "day", "told"),
    [
        ("Chi thường xuyên", date(2021, 11, 14), None),
        ("Chi thường xuyên", date(2021, 11, 15), "15/11"),
        ("Chi thường xuyên", date(2022, 1, 3), "15/11"),
        ("Đầu tư công", date(2021, 12, 31), None),
    ],
)
def test_what_comes_after_the_legal_day_is_told_of(
    source: str, day: date, told: str | None
) -> None:
    assert too_late(source, day, 2021, BEFORE) == told


def test_a_period_that_ends_after_the_legal_day_has_proposals_too_late() -> None:
    asked = [proposing("A.1", 9, 9, -1, "Chi thường xuyên"), proposing("A.2", 9, 9, -1, "ODA")]
    assert proposals(asked, OCTOBER, PACE, BEFORE).too_late == ()
    november = proposals(asked, Period(2021, 11), PACE, BEFORE)
    assert november.too_late == (("Chi thường xuyên", "15/11"),)


@pytest.mark.parametrize(
    ("day", "open_still"),
    [
        (date(2021, 11, 14), {"Chi thường xuyên", "ODA"}),
        (date(2021, 11, 15), {"ODA"}),
        (date(2021, 12, 31), {"ODA"}),
        (date(2022, 1, 1), set()),  # nothing of a year that is over
    ],
)
def test_whose_budgets_may_still_be_adjusted(day: date, open_still: set[str]) -> None:
    assert set(adjustable(("Chi thường xuyên", "ODA"), day, 2021, BEFORE)) == open_still
