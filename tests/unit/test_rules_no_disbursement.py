"""Nothing spent of a budget that exists."""

from fractions import Fraction

from figures import rows

from rules.no_disbursement import flagged
from schemas.flags import FlagSeverity

EXPECTED = Fraction(1, 3)


def test_a_zero_is_critical() -> None:
    found = flagged(rows((100, 0)), EXPECTED)
    assert list(found["severity"]) == [FlagSeverity.CRITICAL]
    assert list(found["expected"]) == [EXPECTED]


def test_one_dong_is_something_and_no_budget_is_no_fault() -> None:
    found = flagged(rows((100, 1), (0, 0), (-5, 0), (1, 0)), EXPECTED)
    assert list(found.index) == [3]
