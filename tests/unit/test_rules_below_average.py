"""A unit behind the body's average, weighted by money."""

from fractions import Fraction

import pytest
from figures import rows

from rules.below_average import flagged
from schemas.flags import FlagSeverity
from schemas.settings import BelowAverage


def test_the_average_is_weighted_by_money() -> None:
    # Average 560/1000; the mean of the rates would be 0.37 and flag only the second.
    found = flagged(rows((800, 540), (100, 10), (100, 10), (0, 0)), BelowAverage())
    assert list(found.index) == [1, 2]
    assert list(found["expected"]) == [Fraction(56, 100)] * 2


@pytest.mark.parametrize(
    ("disbursed", "severity"),
    [(40, []), (39, [FlagSeverity.WATCH]), (20, [FlagSeverity.WATCH]), (19, [FlagSeverity.LOW])],
)
def test_each_line_and_one_dong_under_it(disbursed: int, severity: list[FlagSeverity]) -> None:
    # The second unit makes up for the first, so that the average stays 0.4.
    found = flagged(rows((100, disbursed), (100, 80 - disbursed), (100, 40)), BelowAverage())
    assert list(found["severity"]) == severity


def test_exactly_average_is_not_below_it_though_a_third_has_no_decimal() -> None:
    assert flagged(rows((3, 1), (3 * 10**15, 10**15), (9, 3)), BelowAverage()).empty


def test_too_few_peers_make_no_average() -> None:
    two = [(100, 10), (100, 90)]
    assert flagged(rows(*two), BelowAverage()).empty
    assert flagged(rows(*two, (0, 0)), BelowAverage()).empty
    assert len(flagged(rows(*two, (1, 1)), BelowAverage())) == 1
    assert len(flagged(rows(*two), BelowAverage(peers=2))) == 1


def test_budgets_that_sum_up_to_nothing_make_no_average() -> None:
    assert flagged(rows((10, 0), (10, 5), (10, 5), (-30, 0)), BelowAverage()).empty


def test_a_unit_without_a_positive_budget_is_not_judged() -> None:
    found = flagged(rows((100, 50), (100, 50), (100, 60), (0, 0), (-1, 0)), BelowAverage())
    assert list(found.index) == [0, 1]
