"""An activity that stopped: how the still months are counted, and what was expected in them."""

from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from figures import course, figure

from rules.case import cases
from rules.pace import expected
from rules.stalled import flagged
from schemas.flags import FlagSeverity
from schemas.settings import Pace, Rules, Stalled

WATCH, LOW = [FlagSeverity.WATCH], [FlagSeverity.LOW]


def judged(*figures: int | None, budget: int = 100, rules: Rules | None = None) -> pd.DataFrame:
    """The verdict on one activity whose figures of January, February, ... are given."""
    months = [[] if paid is None else [figure("A", "A.1", budget, paid)] for paid in figures]
    return flagged(cases(course(*months), rules or Rules())[1], rules or Rules())


@pytest.mark.parametrize(
    ("figures", "severity"),
    [
        ((10, 20, 30, 30), []),  # one still month
        ((10, 20, 20, 20), WATCH),  # two
        ((20, 20, 20, 20), LOW),  # three
        ((30, 30, 30, 30, 30, 30), LOW),
        ((20, 20, 20, 21), []),  # a rise now
        ((20, 20, 21, 21), []),  # a rise a month ago
        ((20, 20, 21, 20), []),  # money came back, yet it had moved
        ((5, 30, 25, 20), WATCH),  # lower is no rise
        ((20, None, 20, 20), []),  # nobody knows about February
        ((None, 20, 20, 20), WATCH),
        ((0, 0, 0, 0), []),  # never began: no-disbursement's case
        ((20, 20), []),  # the year is too young
        ((20,), []),
    ],
)
def test_still_months(figures: tuple[int | None, ...], severity: list[FlagSeverity]) -> None:
    assert list(judged(*figures)["severity"]) == severity


def test_the_months_are_the_settings() -> None:
    quick = Rules(stalled=Stalled(months=1, low_months=2))
    assert list(judged(10, 20, 20, rules=quick)["severity"]) == WATCH
    assert list(judged(10, 10, 10, rules=quick)["severity"]) == LOW


def test_who_is_ahead_of_the_pace_is_only_watched() -> None:
    at_pace = 20  # of 100 expected by the end of March
    quick = Rules(stalled=Stalled(months=1, low_months=2))
    assert list(judged(at_pace, at_pace, at_pace, rules=quick)["severity"]) == WATCH
    assert list(judged(19, 19, 19, rules=quick)["severity"]) == LOW


def test_reaching_the_year_s_target_ends_the_matter() -> None:
    assert judged(95, 95, 95).empty
    assert list(judged(94, 94, 94)["severity"]) == WATCH
    assert judged(20, 20, 20, budget=0).empty


@pytest.mark.parametrize(
    ("figures", "still"), [((10, 20, 20, 20), 2), ((20, 20, 20, 20), 3), ((20,) * 6, 5)]
)
def test_expected_is_the_rate_and_the_pace_of_the_still_months(
    figures: tuple[int, ...], still: int
) -> None:
    month, pace = len(figures), Pace()
    asked = expected(month, pace) - expected(month - still, pace)
    assert list(judged(*figures)["expected"]) == [Fraction(20, 100) + asked]


def test_what_came_back_is_asked_for_too() -> None:
    """Of 30 in March 20 are left: 33 would be no rise over 30 in May, 43 1/3 are."""
    asked = expected(5, Pace()) - expected(3, Pace())
    assert list(judged(5, 10, 30, 25, 20)["expected"]) == [Fraction(30, 100) + asked]


def test_an_activity_of_one_dong_may_stall() -> None:
    a_dong = Decimal("0.000001")
    months = [[figure("A", "A.1", 100, a_dong)]] * 4
    assert list(flagged(cases(course(*months), Rules())[1], Rules())["severity"]) == LOW


def test_no_more_is_expected_than_the_year_s_target() -> None:
    assert list(judged(*[90] * 10)["expected"]) == [Fraction(95, 100)]


def test_months_in_which_the_pace_asks_for_nothing_may_be_still() -> None:
    half = Decimal("0.5")
    flat = Rules(pace=Pace(quarters=(half, half, half, Decimal(1))))
    assert judged(*[60] * 4, rules=flat).shape[0] == 1  # January to March still ask
    assert judged(None, None, None, 60, 60, 60, rules=flat).empty
