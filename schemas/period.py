"""The reporting period (kỳ báo cáo): a calendar month, or the month that closes a year's books; and
the views that are sums of months."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Self

from schemas.errors import DondocError
from schemas.texts import say

DECEMBER, CLOSING = 12, 13
PATTERN = r"20[0-9]{2}-(0[1-9]|1[0-3])"
"""How a period is written on the command line, in Prefect's forms and in JSON; `2021-13` closes the
books of 2021."""

_PARTS = {
    "Q1": (1, 3),
    "Q2": (4, 6),
    "Q3": (7, 9),
    "Q4": (10, DECEMBER),
    "H1": (1, 6),
    "H2": (7, DECEMBER),
    "9M": (1, 9),
    "": (1, CLOSING),
}
"""How a view's part of the year is written -> its first and last month."""


@dataclass(frozen=True, order=True)
class Period:
    """A calendar month, written `YYYY-MM`. Month 13 is the closing month (kỳ chỉnh lý quyết toán):
    the year's money paid from 1 January to 31 January of the next year. It stands between December
    and the next January, and no shift from another month leads to it."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """The period that `text` names; raises DondocError where it is not `YYYY-MM`."""
        if re.fullmatch(PATTERN, text):
            year, month = text.split("-")
            return cls(int(year), int(month))
        if view := View.find(text):
            raise DondocError(say(f"period.{'year' if view.is_year else 'view'}", **view.told))
        raise DondocError(say("period.wrong", text=text))

    @classmethod
    def ended_before(cls, day: date) -> Self:
        """The last calendar month that is over on `day`: what a run without a named period
        means."""
        return cls(day.year, day.month).shift(-1)

    def shift(self, months: int) -> Self:
        """The period so many calendar months later (earlier where negative): from a closing month
        one forward is January, one back is December."""
        if self.is_closing and months:
            return self.december.shift(months if months > 0 else months + 1)
        if self.is_closing:
            return self
        index = self.year * 12 + self.month - 1 + months
        return type(self)(index // 12, index % 12 + 1)

    def back(self, months: int) -> Iterator[Self]:
        """So many calendar months before, the earliest first, each December followed by the closing
        month of its year."""
        for months_back in range(months, 0, -1):
            one = self.shift(-months_back)
            yield one
            if one.month == DECEMBER and one.closing < self:
                yield one.closing

    @property
    def is_closing(self) -> bool:
        """Whether it is the month that closes a year's books."""
        return self.month == CLOSING

    @property
    def closing(self) -> Self:
        """The closing month of its year."""
        return type(self)(self.year, CLOSING)

    @property
    def december(self) -> Self:
        """December of its year."""
        return type(self)(self.year, DECEMBER)

    @property
    def months_left(self) -> int:
        """Calendar months of the year that are still to come."""
        return max(0, DECEMBER - self.month)

    @property
    def first_day(self) -> date:
        """The month's first calendar day; of a closing month the next 1 January, when its money may
        first be reported."""
        if self.is_closing:
            return date(self.year + 1, 1, 1)
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The month's last calendar day; adjustments decided later do not count."""
        first = self.first_day
        return first.replace(day=calendar.monthrange(first.year, first.month)[1])

    @property
    def label(self) -> str:
        """As a letter writes it: `tháng 10 năm 2021`; only January and February take a leading
        zero (Decree 30/2020/NĐ-CP, appendix I)."""
        if self.is_closing:
            return say("period.closing", year=self.year)
        month = f"{self.month:02d}" if self.month < 3 else str(self.month)
        return say("period.month", month=month, year=self.year)

    @property
    def title(self) -> str:
        """As a form is headed: a closing month with its last day, which is January's too."""
        if self.is_closing:
            return say("period.closing-until", period=self.label, day=f"{self.last_day:%d/%m/%Y}")
        return self.label

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@dataclass(frozen=True)
class View:
    """A sum of months that is looked at and never reported: `2021-Q3`, `2021-H1`, `2021-9M`,
    `2021`. The year ends with its closing month."""

    year: int
    part: str

    @classmethod
    def find(cls, text: str) -> Self | None:
        """The view that `text` names, None where it names none."""
        year, dash, part = text.partition("-")
        known = part in _PARTS and bool(dash) is bool(part)
        return cls(int(year), part) if known and re.fullmatch("20[0-9]{2}", year) else None

    @property
    def is_year(self) -> bool:
        """Whether it is the whole year."""
        return not self.part

    @property
    def last(self) -> Period:
        """The last month of the view."""
        return Period(self.year, _PARTS[self.part][1])

    @property
    def before(self) -> Period | None:
        """The month before its first, None where it begins with the year."""
        first = _PARTS[self.part][0]
        return Period(self.year, first - 1) if first > 1 else None

    @property
    def label(self) -> str:
        """As a table is headed: `quý III năm 2021`."""
        return say(f"period.part.{self.part or 'year'}", year=self.year)

    @property
    def told(self) -> dict[str, str]:
        """What a command that needs a month says of the view."""
        months = {"month": str(self.last), "december": str(self.last.december)}
        return {"text": str(self), "view": self.label, **months}

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.part}".rstrip("-")
