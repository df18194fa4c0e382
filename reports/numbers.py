"""Writes numbers and dates as Vietnamese offices read them: 1.234.567,8 · 45,67% · 05/11/2021."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

NOTHING = "–"
"""Stands where a figure does not exist."""

_SEPARATORS = str.maketrans(",.", ".,")


def money(amount: Decimal | None, places: int = 6) -> str:
    """`1.234.567,8`: at most so many decimals (6 of triệu đồng is one đồng), no trailing zeros."""
    if amount is None:
        return NOTHING
    text = f"{_round(amount, places):,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.translate(_SEPARATORS)


def percent(rate: float | None, places: int = 2) -> str:
    """A fraction as `45,67%`, rounded half up; a dash where there is no rate."""
    return NOTHING if rate is None else f"{points(rate, places):,f}%".translate(_SEPARATORS)


def points(rate: float, places: int = 2) -> Decimal:
    """A fraction in percentage points, as `percent` prints it: 0.4567 is 45.67."""
    return _round(Decimal(repr(float(rate))) * 100, places)


def long_date(day: date) -> str:
    """`ngày 05 tháng 11 năm 2021`; a zero leads days below 10 and months 1 and 2 only
    (Decree 30/2020/NĐ-CP, appendix I)."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def short_date(day: date) -> str:
    """`05/11/2021`."""
    return f"{day:%d/%m/%Y}"


def _round(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
