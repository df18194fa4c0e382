"""Decides which day each cell of a column of dates means, by itself and by its neighbours."""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto

from rules.numbers import NOTHING, Meaning, fold, plain, text
from schemas.findings import Severity
from schemas.reading import Problem

YEARS = range(1910, 2101)
"""What lies outside is no date of a report: a small number shown as a date is a day of 1900."""

SERIALS = date(2000, 1, 1), date(2100, 12, 31)
"""Bare numbers are day numbers between these two."""

EPOCHS = {False: date(1899, 12, 30), True: date(1904, 1, 1)}
"""Day 0, by whether the workbook counts from 1904."""

NO_DATE = frozenset(fold(words) for words in ("chưa", "không", "chưa có", "không có"))

_DAY_FIRST = re.compile(
    r"(?P<a>\d{1,2}) ?(?P<mark>[/.-]) ?(?P<b>\d{1,2}) ?(?P=mark) ?(?P<year>\d{4}|\d\d)", re.ASCII
)
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})(?P<mark>[/.-])(?P<b>\d{1,2})(?P=mark)(?P<a>\d{1,2})", re.ASCII
)
_IN_WORDS = re.compile(
    r"(?P<a>\d{1,2}) ?tháng ?(?P<b>\d{1,2}) ?(?:,|năm|/|-)? ?(?P<year>\d{4})", re.ASCII
)
_MONTH = re.compile(
    r"(?:tháng ?|t\.?)?(?P<b>\d{1,2}) ?(?:/|-|\.|,|năm) ?(?P<year>\d{4})"
    r"|(?P<year_first>\d{4})-(?P<month>\d{1,2})",
    re.ASCII,
)
_DIGITS = re.compile(r"\d{8}", re.ASCII)
_BEFORE = re.compile(r"ngày ?")
_CLOCK = re.compile(r"[ t]\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?: ?[ap]m)?", re.ASCII)


class _Order(Enum):
    SURE = auto()
    DAY_FIRST = auto()
    """More than 12: the first number cannot be the month."""
    MONTH_FIRST = auto()
    EITHER = auto()


@dataclass(frozen=True, slots=True)
class _Written:
    day: date
    order: _Order = _Order.SURE
    rule: str = ""
    """What is told of it however the column is."""


def days(cells: Sequence[object], *, from_1904: bool = False) -> list[Meaning]:
    """The dates of a column. Texts are day first, as Vietnam writes; where one of them can only
    be month first, those that fit both are not understood. Where texts show a day above 12, date
    cells up to the 12th may be what a program made of texts by reading the month first."""
    texts = {at: _read(cell) for at, cell in enumerate(cells) if isinstance(cell, str)}
    orders = {found.order for found in texts.values() if isinstance(found, _Written)}
    meant: list[Meaning] = []
    for at, cell in enumerate(cells):
        if at in texts:
            meant.append(_text(text(cell), texts[at], orders))
        elif isinstance(cell, date):
            meant.append(_cell(cell, orders))
        elif cell is None:
            meant.append((None, None))
        else:
            meant.append(_number(cell, from_1904=from_1904))
    return meant


def _text(words: str, found: _Written | None, orders: set[_Order]) -> Meaning:
    if found is None:
        if plain(words) in NOTHING:
            return None, None
        if fold(words) in NO_DATE:
            return None, Problem("read-as-empty", words, Severity.INFO)
        return None, Problem("not-a-date", words)
    if found.order is _Order.EITHER and _Order.MONTH_FIRST in orders:
        return None, Problem("swapped-date", words)
    rule = "read-as-date" if found.order is _Order.MONTH_FIRST else found.rule
    return found.day, _told(rule, words, found.day) if rule else None


def _cell(cell: date, orders: set[_Order]) -> Meaning:
    day = cell.date() if isinstance(cell, datetime) else cell
    if day.year not in YEARS:
        return None, Problem("not-a-date", text(day))
    if _Order.DAY_FIRST in orders and day.day <= 12 and day.day != day.month:
        return day, Problem("doubtful-date", text(day), Severity.WARNING, text(_swapped(day)))
    return day, None


def _number(cell: object, *, from_1904: bool) -> Meaning:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        epoch = EPOCHS[from_1904]
        if (SERIALS[0] - epoch).days <= cell < (SERIALS[1] - epoch).days + 1:
            day = epoch + timedelta(days=int(cell))
            return day, _told("serial-date", text(cell), day)
        if found := _digits(text(cell)):
            return found.day, _told(found.rule, text(cell), found.day)
    return None, Problem("not-a-date", text(cell))


def _read(words: str) -> _Written | None:
    cleaned = _BEFORE.sub("", fold(words), count=1)
    cleaned = re.sub(f"(?:{_CLOCK.pattern})$", "", cleaned)
    if found := _DAY_FIRST.fullmatch(cleaned):
        first, second, year = int(found["a"]), int(found["b"]), found["year"]
        rule = "" if len(year) == 4 else "read-as-date"
        number = int(year) if len(year) == 4 else 2000 + int(year)
        return _either_way(number, first, second, rule)
    if found := _YEAR_FIRST.fullmatch(cleaned) or _IN_WORDS.fullmatch(cleaned):
        return _written(int(found["year"]), int(found["b"]), int(found["a"]))
    if found := _MONTH.fullmatch(cleaned):
        year = int(found["year"] or found["year_first"])
        month = int(found["b"] or found["month"])
        if year in YEARS and 1 <= month <= 12:
            return _written(year, month, monthrange(year, month)[1], rule="month-only")
    return _digits(cleaned)


def _either_way(year: int, first: int, second: int, rule: str) -> _Written | None:
    if second > 12:
        return _written(year, first, second, _Order.MONTH_FIRST, rule)
    order = _Order.DAY_FIRST if first > 12 else _Order.EITHER
    return _written(year, second, first, _Order.SURE if first == second else order, rule)


def _digits(digits: str) -> _Written | None:
    """20211031 or 31102021: never both, no year is 1012 and no month 20."""
    if not _DIGITS.fullmatch(digits):
        return None
    year_first = _written(int(digits[:4]), int(digits[4:6]), int(digits[6:]), rule="read-as-date")
    return year_first or _written(
        int(digits[4:]), int(digits[2:4]), int(digits[:2]), rule="read-as-date"
    )


def _written(
    year: int, month: int, day: int, order: _Order = _Order.SURE, rule: str = ""
) -> _Written | None:
    try:
        return _Written(date(year, month, day), order, rule) if year in YEARS else None
    except ValueError:
        return None


def _swapped(day: date) -> date:
    return day.replace(month=day.day, day=day.month)


def _told(rule: str, words: str, day: date) -> Problem:
    return Problem(rule, words, Severity.INFO, text(day))
