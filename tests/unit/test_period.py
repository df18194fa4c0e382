"""Reporting months: how they are written, counted and printed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import DondocError
from schemas.period import Period

periods = st.builds(Period, st.integers(2000, 2099), st.integers(1, 12))
months = st.integers(-600, 600)


@given(periods)
def test_what_is_written_is_read(period: Period) -> None:
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize(
    "text",
    ["2021-14", "2021-00", "2021-1", "10-2021", "0000-10", "２０２１-10", "2021-10\n", "", " "],
)
def test_refuses_what_is_no_month(text: str) -> None:
    with pytest.raises(DondocError, match="NĂM-THÁNG"):
        Period.parse(text)


@given(periods, months, months)
def test_shifts_add_up_and_go_back(period: Period, a: int, b: int) -> None:
    assert period.shift(a).shift(b) == period.shift(a + b)
    assert period.shift(a).shift(-a) == period


@given(periods, st.integers(1, 600))
def test_order_is_that_of_time(period: Period, n: int) -> None:
    assert period < period.shift(n)
    assert period.last_day < period.shift(n).first_day


@given(periods)
def test_the_next_month_begins_after_the_last_day(period: Period) -> None:
    assert period.last_day + timedelta(days=1) == period.shift(1).first_day


@given(st.dates(date(1901, 1, 1), date(2099, 12, 31)))
def test_the_last_period_over_ended_before_the_day_and_the_next_did_not(day: date) -> None:
    period = Period.ended_before(day)
    assert period.last_day < day <= period.shift(1).last_day


def test_over_a_new_year() -> None:
    assert Period.ended_before(date(2022, 1, 1)) == Period(2021, 12)
    assert Period(2021, 12).shift(1) == Period(2022, 1)
    assert Period(2021, 1).shift(-1) == Period(2020, 12)


def test_last_day_of_february() -> None:
    assert Period(2024, 2).last_day == date(2024, 2, 29)
    assert Period(2021, 2).last_day == date(2021, 2, 28)


@pytest.mark.parametrize(
    ("month", "label"),
    [
        (1, "tháng 01 năm 2021"),
        (2, "tháng 02 năm 2021"),
        (3, "tháng 3 năm 2021"),
        (10, "tháng 10 năm 2021"),
    ],
)
def test_label_pads_january_and_february_only(month: int, label: str) -> None:
    assert Period(2021, month).label == label
