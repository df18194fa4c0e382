"""Nothing spent of a budget that exists."""

from fractions import Fraction

from figures import case, rows

from rules.no_disbursement import flagged
from schemas.flags import FlagSeverity
from schemas.settings import Rules

EXPECTED = Fraction(1, 3)


def test_a_zero_is_critical() -> None:
    found = flagged(case(rows((100, 0)), EXPECTED), Rules())
    assert list(found["severity"]) == [FlagSeverity.CRITICAL]
    assert list(found["expected"]) == [EXPECTED]


def test_one_dong_is_something_and_no_budget_is_no_fault() -> None:
    found = flagged(case(rows((100, 1), (0, 0), (-5, 0), (1, 0)), EXPECTED), Rules())
    assert list(found.index) == [3]


def test_nothing_is_asked_of_the_year_s_first_months_nor_where_the_pace_asks_for_nothing() -> None:
    assert flagged(case(rows((100, 0)), EXPECTED, month=2), Rules()).empty
    assert len(flagged(case(rows((100, 0)), EXPECTED, month=3), Rules())) == 1
    assert flagged(case(rows((100, 0)), Fraction(0)), Rules()).empty
