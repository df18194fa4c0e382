"""Writes numbers and dates as the language has them: 1.234.567,8 · 45,67% · 05/11/2021."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from schemas.texts import spoken

NOTHING = "–"
"""Stands where a figure does not exist."""


def money(amount: Decimal | None, places: int = 6) -> str:
    """`1.234.567,8`: at most so many decimals (6 of triệu đồng is one đồng), no trailing zeros."""
    if amount is None:
        return NOTHING
    text = f"{_round(amount, places):,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else _signed(text)


def percent(rate: float | None, places: int = 2) -> str:
    """A fraction as `45,67%`, rounded half up; a dash where there is no rate."""
    return NOTHING if rate is None else f"{_signed(f'{points(rate, places):,f}')}%"


def points(rate: float, places: int = 2) -> Decimal:
    """A fraction in percentage points, as `percent` prints it: 0.4567 is 45.67."""
    return _round(Decimal(repr(float(rate))) * 100, places)


def long_date(day: date) -> str:
    """`ngày 05 tháng 11 năm 2021`; a zero leads days below 10 and months 1 and 2 only
    (Decree 30/2020/NĐ-CP, appendix I). Another language has its own names of months (CLDR), and
    the day first as in a short date."""
    if spoken().language != "vi":
        from babel.dates import format_date  # noqa: PLC0415 - another language's only

        return format_date(day, "d MMMM y", locale=spoken().language)
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def short_date(day: date) -> str:
    """`05/11/2021`."""
    return f"{day:%d/%m/%Y}"


def decimals(text: str) -> str:
    """A text of ours in which numbers have points, with the language's sign instead."""
    return re.sub(r"(?<=\d)\.(?=\d)", spoken().symbols["decimal"], text)


def _signed(text: str) -> str:
    """`1,234.5` with the signs of the language (CLDR): `1.234,5`."""
    symbols = spoken().symbols
    whole, point, rest = text.partition(".")
    return whole.replace(",", symbols["group"]) + (symbols["decimal"] + rest if point else "")


def _round(value: Decimal, places: int) -> Decimal:
    return value.quantize(_unit(places), ROUND_HALF_UP)


@cache
def _unit(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)
