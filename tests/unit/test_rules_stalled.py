"""An activity that stopped: how the still months are counted, and what is said of them."""

from decimal import Decimal

import pandas as pd
import pytest
from figures import course, figure

from rules.case import cases
from rules.judge import judge
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


def test_expected_is_the_pace_and_told_is_how_long_it_stands_and_where() -> None:
    found = judged(10, 20, 20, 20)
    assert list(found["expected"]) == [expected(4, Pace())]
    assert dict(found["facts"].iloc[0]) == {
        "months": "2", "since_day": "2021-02-28", "stopped_amount": "20.000000",
        "before_amount": "20.000000",
    }  # fmt: skip


def test_where_money_came_back_the_figure_it_stopped_at_is_told_and_last_month_s() -> None:
    (told,) = judged(5, 10, 30, 25, 20)["facts"]
    assert (dict(told)["months"], dict(told)["since_day"]) == ("2", "2021-03-31")
    assert dict(told)["stopped_amount"] == "30.000000"
    assert dict(told)["before_amount"] == "25.000000"
    assert len(judged(5, 10, 30, 25, 25)) == 1
    assert judged(5, 10, 30, 25, 26).empty  # any rise clears it


@pytest.mark.parametrize(
    ("paid", "short"), [("59.999999", "0.000001"), ("60", None), ("60.000001", None)]
)
def test_short_is_only_who_is_behind_the_pace(paid: str, short: str | None) -> None:
    """60 of 100 are expected by the end of September."""
    months = [[figure("A", "A.1", 100, Decimal(paid))]] * 9
    (flag,) = [f for f in judge(course(*months), Rules()) if f.rule == "stalled"]
    assert flag.shortfall == (short and Decimal(short))
    assert flag.severity is (FlagSeverity.LOW if short else FlagSeverity.WATCH)


def test_an_activity_of_one_dong_may_stall() -> None:
    a_dong = Decimal("0.000001")
    months = [[figure("A", "A.1", 100, a_dong)]] * 4
    assert list(flagged(cases(course(*months), Rules())[1], Rules())["severity"]) == LOW


def test_months_in_which_the_pace_asks_for_nothing_may_be_still() -> None:
    half = Decimal("0.5")
    flat = Rules(pace=Pace(quarters=(half, half, half, Decimal(1))))
    assert judged(*[60] * 4, rules=flat).shape[0] == 1  # January to March still ask
    assert judged(None, None, None, 60, 60, 60, rules=flat).empty
