"""A year foretold to end under its target: what the forecast knows decides how grave it is."""

from dataclasses import replace
from fractions import Fraction

import pandas as pd
import pytest
from figures import case, rows

from rules.unlikely_to_finish import flagged
from schemas.flags import FlagSeverity
from schemas.forecast import Method, Outlook
from schemas.settings import Rules

WATCH, LOW, CRITICAL = FlagSeverity


def judged(
    rate: float, high: float | None, disbursed: int = 500, month: int = 10, pace: str = "0.96"
) -> pd.DataFrame:
    before = case(rows((1000, disbursed)), Fraction(pace), month)
    outlook = Outlook(rate, Method.COMBINED, 4, None if high is None else rate - 0.1, high)
    now = replace(before.evidence.now, outlooks={"U0": outlook})
    evidence = replace(before.evidence, months=(*before.evidence.months[:-1], now))
    return flagged(replace(before, evidence=evidence), Rules())


@pytest.mark.parametrize(
    ("rate", "high", "severity"),
    [
        (0.80, 0.95, []),  # it may still come true
        (0.80, 0.94, [LOW]),
        (0.40, 0.475, [LOW]),
        (0.40, 0.474, [CRITICAL]),
        (0.94, None, [WATCH]),
        (0.95, None, []),
    ],
)
def test_each_line(rate: float, high: float | None, severity: list[FlagSeverity]) -> None:
    assert list(judged(rate, high)["severity"]) == severity


@pytest.mark.parametrize(("paid", "severity"), [(499, CRITICAL), (500, WATCH)])
def test_who_is_on_the_pace_is_only_watched(paid: int, severity: FlagSeverity) -> None:
    assert list(judged(0.4, 0.4, paid, pace="0.5")["severity"]) == [severity]
    assert list(judged(0.4, 0.4, paid, pace="0.5")["expected"]) == [Fraction(95, 100)]


def test_who_has_reached_the_target_is_left_alone() -> None:
    assert judged(0.9, 0.9, disbursed=950).empty
    assert len(judged(0.9, 0.9, disbursed=949)) == 1


@pytest.mark.parametrize(("month", "flags"), [(2, 0), (3, 1), (11, 1), (12, 0)])
def test_the_months_that_are_judged(month: int, flags: int) -> None:
    assert len(judged(0.5, 0.6, month=month)) == flags


def test_no_forecast_no_flag() -> None:
    assert flagged(case(rows((1000, 1))), Rules()).empty
