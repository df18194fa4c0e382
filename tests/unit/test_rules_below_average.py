"""A unit behind the body's average, weighted by money."""

from fractions import Fraction

import pandas as pd
import pytest
from figures import case, course, figure, rows

from rules.below_average import flagged as judged
from rules.case import cases
from schemas.flags import FlagSeverity
from schemas.settings import BelowAverage, Rules


def flagged(units: pd.DataFrame, rule: BelowAverage) -> pd.DataFrame:
    return judged(case(units), Rules(below_average=rule))


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


def test_who_pays_what_is_short_stands_on_the_average_that_it_lifted_itself() -> None:
    units = [(1000, 100), (1000, 600), (1000, 500)]
    found = flagged(rows(*units), BelowAverage())
    assert list(found["shortfall"]) == [Fraction(450), Fraction(0)][: len(found)]
    short = int(found["shortfall"].iloc[0])
    assert 0 in flagged(rows((1000, 100 + short - 1), *units[1:]), BelowAverage()).index
    assert 0 not in flagged(rows((1000, 100 + short), *units[1:]), BelowAverage()).index


def test_units_are_compared_within_their_kind() -> None:
    figures = [
        figure(u, u, 100, paid) for u, paid in zip("ABCDEF", (90, 80, 70, 9, 2, 1), strict=True)
    ]
    kinds = dict(zip("ABCDEF", ("x", "x", "x", "y", "y", None), strict=True))
    rule = BelowAverage(scopes=("kind",), peers=2)
    found = judged(cases(course(figures, kinds=kinds), Rules())[0], Rules(below_average=rule))
    assert list(found.index) == [2, 4]  # F is of no kind
    assert list(found["expected"]) == [Fraction(80, 100), Fraction(11, 200)]
    assert dict(found["facts"].iloc[1])["scope"] == "y"
    assert judged(
        cases(course(figures, kinds=kinds), Rules())[0],
        Rules(below_average=BelowAverage(scopes=("kind",), peers=4)),
    ).empty


def test_a_source_is_compared_with_itself_and_the_gravest_average_is_told() -> None:
    figures = [
        figure("A", "A.1", 100, 10, "ODA"),
        figure("A", "A.2", 900, 890, "CTMTQG"),
        figure("B", "B.1", 100, 50, "ODA"),
        figure("B", "B.2", 900, 800, "CTMTQG"),
        figure("C", "C.1", 100, 90, "ODA"),
    ]
    units = cases(course(figures), Rules())[0]
    rule = BelowAverage(scopes=("body", "source"))
    found = judged(units, Rules(below_average=rule))
    told = dict(found["facts"].loc[0])
    assert (found["severity"].loc[0], found["expected"].loc[0]) == (
        FlagSeverity.LOW,
        Fraction(1, 2),
    )
    assert (told["variant"], told["scope"]) == ("source", "ODA")
    assert (told["budget_amount"], told["disbursed_amount"]) == ("100.000000", "10.000000")
    assert found["actual"].loc[0] == Fraction(1, 10)
    assert found["severity"].loc[1] is FlagSeverity.WATCH  # B: behind the body's average only
    assert "variant" not in dict(found["facts"].loc[1])
