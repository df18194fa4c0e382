"""The reporting period (kỳ báo cáo): one calendar month."""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Self

from schemas.errors import DondocError

PATTERN = r"20[0-9]{2}-(0[1-9]|1[0-2])"
"""How a period is written on the command line, in Prefect's forms and in JSON."""


@dataclass(frozen=True, order=True)
class Period:
    """A calendar month, written `YYYY-MM`."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """The period that `text` names; raises DondocError where it is not `YYYY-MM`."""
        if not re.fullmatch(PATTERN, text):
            raise DondocError(f"Kỳ báo cáo '{text}' không đúng dạng NĂM-THÁNG, ví dụ 2021-10.")
        year, month = text.split("-")
        return cls(int(year), int(month))

    @classmethod
    def ended_before(cls, day: date) -> Self:
        """The last period that is over on `day`: what a run without a named period means."""
        return cls(day.year, day.month).shift(-1)

    def shift(self, months: int) -> Self:
        """The period so many months later (earlier where negative)."""
        index = self.year * 12 + self.month - 1 + months
        return type(self)(index // 12, index % 12 + 1)

    @property
    def first_day(self) -> date:
        """The month's first calendar day."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The month's last calendar day; adjustments decided later do not count."""
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    @property
    def label(self) -> str:
        """As a letter writes it: `tháng 10 năm 2021`; only January and February take a leading
        zero (Decree 30/2020/NĐ-CP, appendix I)."""
        month = f"{self.month:02d}" if self.month < 3 else str(self.month)
        return f"tháng {month} năm {self.year}"

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"
