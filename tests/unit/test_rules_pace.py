"""The expected share of the year, month by month."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.pace import expected, used
from schemas.settings import Pace

shares = st.decimals(0, 1, places=4)
quarters = st.tuples(shares, shares, shares, shares).map(lambda four: tuple(sorted(four)))


@pytest.mark.parametrize("month", range(13))
def test_linear_is_a_twelfth_a_month(month: int) -> None:
    assert expected(month, Pace(name="linear")) == Fraction(month, 12)


@pytest.mark.parametrize(
    ("month", "share"),
    [
        (0, Fraction(0)),
        (1, Fraction(2, 30)),
        (2, Fraction(4, 30)),
        (3, Fraction(20, 100)),
        (4, Fraction(8, 30)),
        (6, Fraction(40, 100)),
        (9, Fraction(60, 100)),
        (10, Fraction(60, 100) + Fraction(35, 300)),
        (11, Fraction(60, 100) + Fraction(70, 300)),
        (12, Fraction(95, 100)),
    ],
)
def test_the_default_goes_in_equal_steps_between_the_government_s_targets(
    month: int, share: Fraction
) -> None:
    assert expected(month, Pace()) == share


@given(quarters)
def test_any_quarters_are_met_exactly_and_approached_in_equal_steps(
    targets: tuple[Decimal, Decimal, Decimal, Decimal],
) -> None:
    pace = Pace(quarters=targets)
    year = [expected(month, pace) for month in range(13)]
    assert year[3::3] == list(targets)
    for start in range(0, 12, 3):
        first, second, third = (year[start + n + 1] - year[start + n] for n in range(3))
        assert first == second == third >= 0


PAST = {10: {2018: Fraction(1, 2), 2019: Fraction(3, 5), 2020: Fraction(4, 5)}}


def test_the_body_s_own_pattern_is_the_median_of_its_past_years_times_the_year_s_target() -> None:
    own = Pace(name="own")
    assert expected(10, own, PAST) == Fraction(3, 5) * Fraction(95, 100)
    assert expected(0, own, PAST) == 0
    more = {10: PAST[10] | {2017: Fraction(7, 5)}}  # money came back by December
    assert expected(10, own, more) == Fraction(7, 10) * Fraction(95, 100)


@pytest.mark.parametrize(("years", "judges"), [(3, "own"), (4, "linear")])
def test_with_too_few_years_another_pace_judges(years: int, judges: str) -> None:
    own = Pace(name="own", years=years, otherwise="linear")
    assert used(10, own, PAST) == judges
    assert (expected(10, own, PAST) == Fraction(10, 12)) is (judges == "linear")
    assert used(9, own, PAST) == "linear"  # nothing is known of September
    assert used(10, own) == "linear"
    assert used(13, own, {12: PAST[10]}) == judges  # after December as in December


def test_after_december_nothing_more_is_asked() -> None:
    for name in ("linear", "quarters"):
        pace = Pace.model_validate({"name": name})
        assert expected(13, pace) == expected(12, pace)
