"""Decides by which day a unit promised to act, where its own words say so clearly."""

import re
from calendar import monthrange
from datetime import date

from rules.numbers import fold, pattern

_LEAD = (
    r"(?<!\w)(?:trước|chậm nhất|muộn nhất|đến hết|xong|hoàn thành|trong|cuối|hạn)"
    r"(?: (?:là|vào|trong|đến|hết|trước|cuối))*"
)
"""What announces a day as the last one; a day without it may be that of a decision cited."""
_OPEN = r"(?! ?(?:,|-|–|và|đến|hoặc) ?(?:tháng|quý|ngày|đầu|\d))"
"""Nothing that goes on to another date, as in “tháng 10, tháng 11”."""
_DAY = pattern(
    _LEAD + r" (?:ngày )?(?P<day>\d{1,2}) ?(?:(?P<mark>[/.-]) ?(?P<month>\d{1,2})"
    r"(?: ?(?P=mark) ?(?P<year>\d{4}))?|tháng (?P<named>\d{1,2})(?:(?:/| năm )(?P<of>\d{4}))?)"
    r"(?![\w/])" + _OPEN
)
_MONTH = pattern(
    _LEAD
    + r" tháng (?P<month>\d{1,2})(?: ?[/-] ?(?P<year>\d{4})| năm (?P<of>\d{4}))?(?![\w/])"
    + _OPEN
)
_QUARTER = pattern(
    _LEAD + r" quý (?P<quarter>iv|iii|ii|i|[1-4])(?: ?[/-] ?(?P<year>\d{4})| năm (?P<of>\d{4}))?"
    r"(?![\w/])" + _OPEN
)
_BEFORE = pattern(r"trước (?:tháng|quý)")
_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


def promised(words: str, year: int) -> date | None:
    """The last day that the words set themselves: `trước ngày 15/11/2021`, `trong tháng 11`, `xong
    trong quý IV`; a date without a year is one of `year`. None where they name none, or name one
    that is not clearly the last day of anything ("từ tháng 10", "tháng 10, tháng 11")."""
    text = fold(words)
    days = [
        *(
            _day(_year(found, year), int(found["month"] or found["named"]), int(found["day"]))
            for found in _DAY.finditer(text)
        ),
        *(_month_end(found, int(found["month"]), year) for found in _MONTH.finditer(text)),
        *(_month_end(found, 3 * _quarter(found), year) for found in _QUARTER.finditer(text)),
    ]
    return max((day for day in days if day), default=None)


def _month_end(found: re.Match[str], last: int, year: int) -> date | None:
    """The last day of the month or quarter that ends with the month `last`; “trước tháng 11” is
    over with October."""
    if _BEFORE.search(found[0]):
        last -= 3 if "quarter" in found.groupdict() else 1
    return _last_day(_year(found, year), last) if 1 <= last <= 12 else None


def _last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(found: re.Match[str], year: int) -> int:
    return int(found["year"] or found["of"] or year)


def _quarter(found: re.Match[str]) -> int:
    said = found["quarter"]
    return _QUARTERS.get(said) or int(said)
