"""Decides what the signs of a workbook say: which units and periods its hidden sheet, its sender,
the codes in its rows, its title lines and its file name speak of."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from unicodedata import normalize

from rules.directory import Directory
from rules.numbers import TONES, bare, fold
from schemas.period import CLOSING, PATTERN, Period
from schemas.reading import ReadWorkbook


@dataclass(frozen=True)
class UnitSign:
    """`source` is a key of `[sign]` in the texts: signed, sender, rows, title or file-name."""

    source: str
    units: frozenset[str]


@dataclass(frozen=True)
class PeriodSign:
    """`source` as in `UnitSign`; in the order of the workbook, each period once."""

    source: str
    periods: tuple[Period, ...]


@dataclass(frozen=True)
class Titled:
    """The periods that the title lines name; `stated` where they stand on lines that do nothing
    else (`Kỳ báo cáo: …`), `by_day` where only a last day is named, which two periods may share."""

    periods: tuple[Period, ...]
    stated: bool = False
    by_day: bool = False


_NOT_THE_SENDER = ("kính gửi", "nơi nhận")
"""Lines above a header that name the addressee."""
_WHOSE = re.compile(r"(?:mã )?đơn vị(?: báo cáo)?\s*[:(]")
"""Begins a line on which a unit's mere code is meant as such."""

CODE_ALONE = 3
"""Letters of a code that is meant as such wherever it stands in a file name: TT may be a circular
(thông tư), KH a plan (kế hoạch)."""

_WORD = re.compile(r"[^\W_]+")
_WORDS_OF_REPORTS = re.compile(
    r"(?<![^\W_])(?:"
    r"(?:bao|quang) cao|(?:thong|canh|du) bao|giai ngan|dau tu(?: cong)?|chi thuong xuyen"
    r"|so lieu|bieu mau|mau bieu|tinh hinh|tien do|ket qua|thuc hien|tong hop|ke hoach|du toan"
    r"|(?:chinh ly )?quyet toan|nghiem thu|ban giao|chien luoc|nhiem vu|du an|de an|dan toc|uy ban"
    r"|thang \d{1,2}|nam 20\d\d|quy (?:[1-4]|i{1,3}|iv)"
    r")(?![^\W_])".replace(" ", r"[\s_.-]+")
)
"""What files of reports are called, without diacritics: the words of these are no codes."""

_MONTH, _YEAR = r"(?P<m>0?[1-9]|1[0-2])", r"(?P<y>20\d\d)"
_DAYS = re.compile(r"ngày\s+\d{1,2}\s+tháng\s+\d{1,2}\s+năm\s+\d{4}|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}")
"""A single day (`Hà Nội, ngày 05 tháng 11 năm 2021`) shows no period."""
_PERIOD_LINE = "kỳ báo cáo"
_PERIOD_AS_DAY = re.compile(rf"{_PERIOD_LINE}\D*\d{{1,2}}/{_MONTH}/{_YEAR}(?!\d)")
_IN_TITLES = (
    re.compile(rf"tháng\s+(?P<m>0?[1-9]|1[0-3])(?:\s*,?\s*năm\s+|\s*[/.-]\s*){_YEAR}(?![\d/])"),
    # 10/2021, but not the number of a circular: 10/2021/TT-BTC
    re.compile(
        rf"(?<![\d/.-]){_MONTH}/{_YEAR}(?![\d/])|(?<![\d/-])(?P<Y>20\d\d)-(?P<M>\d\d)(?![\d/-])"
    ),
)
_UNTIL = re.compile(
    rf"đến\s+(?:hết\s+)?(?:ngày\s+)?\d{{1,2}}(?:\s+tháng\s+|[/.-]){_MONTH}(?:\s+năm\s+|[/.-]){_YEAR}"
)
_CLOSING = re.compile(r"(?<!\w)chỉnh lý(?!\w)")
_CLOSING_BARE = re.compile(r"(?<![a-z])(?:chinh[-_. ]*ly|clqt)(?![a-z])")
"""The words of the closing month, in titles and in file names."""
_OF_JANUARY = re.compile(
    r"(?<!\d)0?1[/._-](?P<y>20\d\d)(?!\d)|th[áa]ng[\s_-]+0?1[\s_-]+n[ăa]m[\s_-]+(?P<Y>20\d\d)"
)
"""Beside those words the month in which the year closes, not the year that is closed."""
_A_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_IN_FILE_NAMES = (
    re.compile(rf"(?<!\d){_YEAR}[-_. ]?(?P<m>0[1-9]|1[0-3])(?!\d)(?![-_.]\d\d(?!\d))"),
    re.compile(
        r"(?<![a-z])(?:thang|t)[-_. ]*(?P<m>0?[1-9]|1[0-3])[-_. ]*(?:nam)?[-_. ]*"
        rf"{_YEAR}(?!\d)"
    ),
    # not the end of a code: DV01_2021
    re.compile(rf"(?<![^\W_])(?<!\d[-_.]){_MONTH}[-_.]{_YEAR}(?!\d)"),
)


def signed_for(read: ReadWorkbook, directory: Directory) -> tuple[str, Period] | None:
    """Unit and period that the hidden sheet names, where there are such."""
    signed = read.signed
    if signed is None or not re.fullmatch(PATTERN, signed.period):
        return None
    return (signed.unit, Period.parse(signed.period)) if signed.unit in directory.units else None


def unit_signs(
    read: ReadWorkbook, directory: Directory, sender: str | None
) -> tuple[UnitSign, ...]:
    """Every sign that names a unit, the weightiest first. Against the rows or the hidden sheet a
    title or file name is none where it names bodies that report on nothing, nor stand above."""
    signed = frozenset(code for code, _ in filter(None, (signed_for(read, directory),)))
    rows = frozenset(
        owner for sheet in read.sheets for row in sheet.rows if (owner := directory.owner(row))
    )
    lines = [t for t in map(fold, read.title_texts) if not t.startswith(_NOT_THE_SENDER)]
    titled = directory.by_name(lines) or directory.by_code(filter(_WHOSE.match, lines))
    if known := rows | signed:
        superior = known.union(*(directory.above[unit] for unit in known))
        titled, named = (
            (found & directory.reporting) | (found & superior)
            for found in (titled, _in_file_name(read.name, directory))
        )
    else:
        titled = titled or directory.by_code(_WORDS_OF_REPORTS.sub("|", one) for one in lines)
        named = _in_file_name(read.name, directory, shortest=1)
    signs = (
        UnitSign("signed", signed),
        UnitSign("sender", directory.units_of_sender(sender)),
        UnitSign("rows", rows),
        UnitSign("title", titled),
        UnitSign("file-name", named),
    )
    return tuple(sign for sign in signs if sign.units)


def _in_file_name(name: str, directory: Directory, shortest: int = CODE_ALONE) -> frozenset[str]:
    """The units that a file's own name tells by full name, else by code, with or without
    diacritics; where it tells nothing, the archive it lay in. Codes shorter than `shortest` count
    only where the name begins with them."""
    for part in _parts(name):
        stem = part.rpartition(".")[0] or part
        words = bare(stem)
        if found := directory.by_name([re.sub(r"[\s_-]+", " ", words)], bare=True):
            return found
        if found := frozenset(
            code
            for code in _codes(stem, directory)
            if len(code) >= shortest or words.startswith(bare(code))
        ):
            return found
    return frozenset()


def _codes(stem: str, directory: Directory) -> frozenset[str]:
    """The units whose codes stand in a file name as such, not as words of the language. What is
    short for several words bears no tone mark: `báo` is not BAO, but `đhdt` may be DHDT."""
    line = _WORDS_OF_REPORTS.sub("|", _WORD.sub(lambda word: _bare_if_untoned(word[0]), fold(stem)))
    return directory.by_code([line]) | directory.by_code([line], bare=True)


def _bare_if_untoned(word: str) -> str:
    return word if TONES.search(normalize("NFD", word)) else bare(word)


def period_signs(read: ReadWorkbook, signed: Period | None) -> tuple[PeriodSign, ...]:
    """Every sign that names a period, the weightiest first."""
    signs = (
        PeriodSign("signed", (signed,) if signed else ()),
        PeriodSign("title", periods_in_titles(read.title_texts).periods),
        PeriodSign("file-name", periods_in_file_name(read.name)),
    )
    return tuple(sign for sign in signs if sign.periods)


def periods_in_titles(texts: Iterable[str]) -> Titled:
    """The different periods that the clearest kind of line names."""
    lines = list(map(fold, texts))
    named = [line for line in lines if line.startswith(_PERIOD_LINE)]
    if found := _found((_PERIOD_AS_DAY,), [one for one in named if not _CLOSING.search(one)]):
        return Titled(found, stated=True, by_day=True)
    for chosen in (named, lines):
        closing = [year for one in chosen if (year := _closed_year(one, _CLOSING))]
        months = [_DAYS.sub(" ", one) for one in chosen if not _CLOSING.search(one)]
        if found := (*(Period(year, CLOSING) for year in closing), *_found(_IN_TITLES, months)):
            return Titled(tuple(dict.fromkeys(found)), chosen is named)
    return Titled(_found((_UNTIL,), lines), by_day=True)


def _closed_year(line: str, words: re.Pattern[str]) -> int | None:
    """The year whose closing month the line names, None where it names none: `kỳ chỉnh lý quyết
    toán năm 2021`, or by its last day, 31/01/2022."""
    if not words.search(line):
        return None
    if year := _A_YEAR.search(_OF_JANUARY.sub(" ", _DAYS.sub(" ", line))):
        return int(year[0])
    january = _OF_JANUARY.search(line)
    return int(january["y"] or january["Y"]) - 1 if january else None


def periods_in_file_name(name: str) -> tuple[Period, ...]:
    """Every period that it may be read to name, the same digits read once; else those of the
    archive it lay in."""
    for part in _parts(name):
        rest = bare(part)
        if year := _closed_year(rest, _CLOSING_BARE):
            return (Period(year, CLOSING),)
        found: tuple[Period, ...] = ()
        for pattern in _IN_FILE_NAMES:
            found += _found((pattern,), [rest])
            rest = pattern.sub("|", rest)
        if found:
            return tuple(dict.fromkeys(found))
    return ()


def _parts(name: str) -> tuple[str, ...]:
    """`BC.xlsx`, then `thang 10.zip/BC.xlsx` as a whole."""
    return tuple(dict.fromkeys((name.rpartition("/")[2], name)))


def _found(patterns: Sequence[re.Pattern[str]], lines: Sequence[str]) -> tuple[Period, ...]:
    """What the first pattern that fits any line names, each period once."""
    for pattern in patterns:
        matches = (m.groupdict() for line in lines for m in pattern.finditer(line))
        pairs = [(m["y"] or m["Y"], m["m"] or m["M"]) for m in matches]
        if periods := [Period(int(y), int(m)) for y, m in pairs if 1 <= int(m) <= CLOSING]:
            return tuple(dict.fromkeys(periods))
    return ()
