"""A rate behind the pace: the three lines, on both sides and exactly on them."""

from fractions import Fraction

import pytest
from figures import case, rows
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.below_pace import flagged
from rules.pace import expected
from schemas.flags import FlagSeverity
from schemas.settings import Pace, Rules

OCTOBER = expected(10, Pace())  # 43/60; 0.9 of it is 129/200, half of it 43/120
RISING = [None, *FlagSeverity]
unhurried = settings(deadline=None)  # a busy machine is no failure


def severity(budget: int, disbursed: int, line: Fraction = OCTOBER) -> FlagSeverity | None:
    found = flagged(case(rows((budget, disbursed)), line), Rules())
    return None if found.empty else found["severity"].iloc[0]


@pytest.mark.parametrize(
    ("disbursed", "grade"),
    [
        (430, None),
        (429, FlagSeverity.WATCH),
        (387, FlagSeverity.WATCH),
        (386, FlagSeverity.LOW),
        (215, FlagSeverity.LOW),
        (214, FlagSeverity.CRITICAL),
        (0, FlagSeverity.CRITICAL),
    ],
)
def test_each_line_and_one_dong_under_it(disbursed: int, grade: FlagSeverity | None) -> None:
    assert severity(600, disbursed) == grade


def test_the_line_is_exact_where_neither_decimals_nor_float64_are() -> None:
    # 43/60 of 6e15 đồng; 53 bits still hold the amounts, but not their product with a rate.
    assert severity(6 * 10**15, 43 * 10**14) is None
    assert severity(6 * 10**15, 43 * 10**14 - 1) is FlagSeverity.WATCH


def test_no_rate_without_a_positive_budget() -> None:
    assert severity(0, 0) is None
    assert severity(-10, 0) is None
    assert severity(0, -1) is None  # money came back
    assert severity(-10, -9) is None


def test_expected_is_the_pace() -> None:
    assert list(flagged(case(rows((600, 0)), OCTOBER), Rules())["expected"]) == [OCTOBER]


def test_the_shares_are_the_settings() -> None:
    found = flagged(
        case(rows((1000, 699), (1000, 700), (1000, 799), (1000, 800)), Fraction(1)),
        Rules.model_validate({"below_pace": {"low": "0.8", "critical": "0.7"}}),
    )
    assert list(found["severity"]) == [
        FlagSeverity.CRITICAL,
        FlagSeverity.LOW,
        FlagSeverity.LOW,
        FlagSeverity.WATCH,
    ]


@pytest.mark.parametrize(("month", "flags"), [(2, 0), (3, 1)])
def test_the_first_month_judged(month: int, flags: int) -> None:
    assert len(flagged(case(rows((600, 0)), OCTOBER, month), Rules())) == flags


@unhurried
@given(
    st.integers(1, 10**15),
    st.integers(0, 10**15),
    st.integers(0, 10**15),
    st.fractions(0, 1, max_denominator=10**6),
)
def test_more_disbursed_is_never_graver(budget: int, paid: int, more: int, line: Fraction) -> None:
    before, after = severity(budget, paid, line), severity(budget, paid + more, line)
    assert RISING.index(after) <= RISING.index(before)
