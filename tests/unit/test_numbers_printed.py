"""Numbers and dates as they are printed."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.numbers import NOTHING, long_date, money, percent, points, short_date
from schemas.texts import shipped, speaking


@pytest.mark.parametrize(
    ("amount", "places", "printed"),
    [
        ("1234567.8", 6, "1.234.567,8"),
        ("1234567.800000", 6, "1.234.567,8"),
        ("1E+3", 6, "1.000"),
        ("999", 6, "999"),
        ("0.000001", 6, "0,000001"),
        ("-1234.5", 6, "-1.234,5"),
        ("0.25", 1, "0,3"),
        ("0.24", 1, "0,2"),
        ("-0.04", 1, "0"),
        ("999.95", 1, "1.000"),
    ],
)
def test_money(amount: str, places: int, printed: str) -> None:
    assert money(Decimal(amount), places) == printed


@given(st.decimals(-(10**9), 10**9, places=6))
def test_money_keeps_every_dong(amount: Decimal) -> None:
    assert Decimal(money(amount).replace(".", "").replace(",", ".")) == amount


@pytest.mark.parametrize(
    ("rate", "printed"),
    [
        (0.4567, "45,67%"),
        (0.45675, "45,68%"),  # half up on what the number says, not on its binary neighbour
        (0.456749, "45,67%"),
        (0.0, "0,00%"),
        (1.0, "100,00%"),
        (12.3456, "1.234,56%"),
        (1e-7, "0,00%"),
        (None, NOTHING),
    ],
)
def test_percent(rate: float | None, printed: str) -> None:
    assert percent(rate) == printed


def test_what_does_not_exist_is_a_dash() -> None:
    assert money(None) == NOTHING


def test_points_are_those_that_are_printed() -> None:
    assert points(0.45675) == Decimal("45.68")


@pytest.mark.parametrize(
    ("day", "long", "short"),
    [
        (date(2021, 11, 5), "ngày 05 tháng 11 năm 2021", "05/11/2021"),
        (date(2021, 2, 10), "ngày 10 tháng 02 năm 2021", "10/02/2021"),
        (date(2021, 3, 9), "ngày 09 tháng 3 năm 2021", "09/03/2021"),
    ],
)
def test_dates(day: date, long: str, short: str) -> None:
    assert (long_date(day), short_date(day)) == (long, short)
    with speaking(shipped("en")):
        assert (long_date(day), short_date(day)) == (f"{day:%-d %B %Y}", short)
