"""Decides whether a title or file name speaks of a part of the year (a quarter, a half, the first
months) or of a year that cannot be a period's; where in doubt it does not."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rules.numbers import bare, fold
from schemas.period import DECEMBER, Period
from schemas.texts import say


@dataclass(frozen=True)
class _Span:
    """`part` and `months` as the texts of `period.part` have them; `ends` are the months whose
    report may be called so: any of a quarter, for it may be told as far as it has come, but of
    the first months the last alone."""

    part: str
    ends: range
    year: int | None
    months: int = 0

    def fits(self, period: Period) -> bool:
        return self.year in (None, period.year) and min(period.month, DECEMBER) in self.ends

    def label(self, period: Period) -> str:
        return say(f"period.part.{self.part}", year=self.year or period.year, months=self.months)


LONGEST = 400
"""Characters of a line that is looked at: more is no title."""

_HINT = re.compile(r"q[uú1-4]|th[áa]ng|n[ăa]m")
"""What a folded line must hold to be looked at."""
_APART = re.compile(r"[\s_./-]+")
_YEAR = r"(?:,? ?(?:nam )?(?P<y>20\d\d)(?!\d))"
_NUMBER = r"(?:iv|i{1,3}|[1-4])(?!\w)"
_QUARTER = re.compile(
    rf"(?<!tu )(?<!\w)quy (?P<n>{_NUMBER})(?! ?(?:,|\+|&|va|den)? ?(?:quy )?{_NUMBER}) ?{_YEAR}?"
    rf"|(?<!\w)q(?P<N>[1-4]) ?{_YEAR.replace('<y>', '<Y>')}"
    r"|(?<!\d)(?P<z>20\d\d) ?q(?P<Z>[1-4])(?!\w)"
)
"""`quý I năm 2024`, `Q1_2024`, `2024Q1`; not `quý I và II`, and no `Q1` alone: it may be a
district."""
_MONTHS = re.compile(
    r"(?<!ngay )(?<!\w)(?P<n>0?[1-9]|1[0-2]|ba|sau|chin) thang"
    rf" (?:(?P<part>dau|cuoi) nam(?: ?{_YEAR})?|{_YEAR.replace('<y>', '<Y>')})"
)
"""`6 tháng đầu năm`, `9 tháng năm 2024`; a span of months without either is no part of a year."""
_WHOLE = re.compile(
    r"(?<!viet )(?<!mien )(?<!phia )(?<!thang \d )(?<!thang \d\d )(?<!\w)nam (?P<y>20\d\d)"
    r"(?!\d)(?! ?(?:,|va|den)? ?20\d\d)"
)
_MONTH = re.compile(r"(?<!ngay \d )(?<!ngay \d\d )(?<!\w)(?:thang |t)(?P<n>0?[1-9]|1[0-2])(?!\w)")
"""`quý I và tháng 4`: the month of a report, but for its year."""
_IN_WORDS = {"ba": 3, "sau": 6, "chin": 9, "i": 1, "ii": 2, "iii": 3, "iv": 4}

_NOT_REPORTED = re.compile(
    r"(?<!\w)(?:ke hoach(?! tai chinh)|du toan|uoc|du kien|so voi|cung ky|phuong huong|giai phap"
    r"|muc tieu(?! quoc gia)|chi tieu|nhiem vu(?! cntt)|chuyen|keo dai|dang ky|de xuat|nhu cau"
    r"|thoi (?:gian|han)|hoan thanh|khoi cong|theo)"
    r"(?!\w)"
)
"""Before a part of the year: what is planned for it, or compared with it, or a project's time."""
_NO_YEAR_OF_A_REPORT = re.compile(
    rf"{_NOT_REPORTED.pattern}|(?<!\w)(?:giai doan|giao|ngay|thang|so|von nam|nguon|du phong"
    r"|quyet dinh|nghi quyet|nghi dinh|thong tu|cong van|luat|chuong trinh|de an|du an)(?!\w)"
)
"""Anywhere beside a year: a plan's, a decision's, a date's."""
_REPORT = re.compile(r"(?<!\w)(?:bao cao|giai ngan)(?!\w)")
"""What a line must hold for its year to be that of the report."""
_GOES_ON = re.compile(
    r"\W*(?:den (?:het )?)?(?:nam|quy|q[1-4]|(?:\d{1,2}|ba|sau|chin) thang)(?!\w)"
)
"""Begins a line that says when, of what the line above it speaks of: `DỰ TOÁN CHI`, `NĂM 2024`."""


def contradiction(lines: Iterable[str], period: Period) -> str | None:
    """What the lines say that they report on, as people call it, where none of them names
    anything that fits the period. A year counts where no part of one is named."""
    words = list(_lines(lines))
    found = [it for line in words for it in _parts(line)] or [
        it for line in words for it in _years(line)
    ]
    months = {_number(match["n"]) for line in words for match in _MONTH.finditer(line)}
    if period.month in months or any(span.fits(period) for span, _ in found):
        return None
    return next((span.label(period) for span, reported in found if reported), None)


def _lines(lines: Iterable[str]) -> Iterator[str]:
    """Those that may say when, spelt alike, each after the one that it goes on with."""
    above = ""
    for line in (one if len(one) <= LONGEST else "" for one in map(fold, lines)):
        if _HINT.search(line):
            words = _APART.sub(" ", bare(line))
            yield f"{_APART.sub(' ', bare(above))} {words}" if _GOES_ON.match(words) else words
        above = line


def _parts(line: str) -> Iterator[tuple[_Span, bool]]:
    """The parts of a year that a line names, and whether it reports on them."""
    for match in _QUARTER.finditer(line):
        number = _number(match["n"] or match["N"] or match["Z"])
        months = range(3 * number - 2, 3 * number + 1)
        year = _year(match["y"] or match["Y"] or match["z"])
        yield _Span(f"Q{number}", months, year), _reported(match)
    for match in _MONTHS.finditer(line):
        number, year = _number(match["n"]), _year(match["y"] or match["Y"])
        if match["part"] != "cuoi":
            part = {6: "H1", 9: "9M", DECEMBER: "year"}.get(number, "months")
            yield _Span(part, range(number, number + 1), year, number), _reported(match)
        elif last := {3: "Q4", 6: "H2"}.get(number):
            yield _Span(last, range(DECEMBER + 1 - number, DECEMBER + 1), year), _reported(match)


def _years(line: str) -> Iterator[tuple[_Span, bool]]:
    reported = bool(_REPORT.search(line)) and not _NO_YEAR_OF_A_REPORT.search(line)
    for match in _WHOLE.finditer(line):
        its = _Span("year", range(1, DECEMBER + 1), int(match["y"]))
        yield its, reported and _reported(match)


def _reported(match: re.Match[str]) -> bool:
    """Whether nothing before it says that it is planned or compared with, nor a figure after it
    that it is a remark."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    return not _NOT_REPORTED.search(before) and not re.match(r" ?[:=]", after)


def _number(written: str) -> int:
    return _IN_WORDS.get(written) or int(written)


def _year(written: str | None) -> int | None:
    return int(written) if written else None
