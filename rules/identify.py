"""Decides which unit and period a workbook belongs to; where its signs disagree nothing is
guessed and a person places it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rules.numbers import fold
from schemas.findings import Finding, Severity
from schemas.forms import FORMS, Form
from schemas.period import PATTERN, Period
from schemas.reading import ReadWorkbook
from schemas.registry import Activity, Registry, Unit
from schemas.texts import say


@dataclass(frozen=True)
class Placed:
    """Unit and period are known; `findings` are what a person should look at all the same."""

    unit: str
    period: Period
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Unplaced:
    """A person must place it, for the reasons in `findings`.

    `unit` where it is known; `period` is the month on whose board it waits: the one asked for,
    else the one shown.
    """

    findings: tuple[Finding, ...]
    unit: str | None = None
    period: Period | None = None


_NOT_THE_SENDER = ("kính gửi", "nơi nhận")
"""Lines above a header that name the addressee."""

_MONTH, _YEAR = r"(?P<m>0?[1-9]|1[0-2])", r"(?P<y>20\d\d)"
_DAYS = re.compile(r"ngày\s+\d{1,2}\s+tháng\s+\d{1,2}\s+năm\s+\d{4}|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}")
"""A single day (`Hà Nội, ngày 05 tháng 11 năm 2021`) shows no period."""
_PERIOD_LINE = "kỳ báo cáo"
_PERIOD_AS_DAY = re.compile(rf"{_PERIOD_LINE}\D*\d{{1,2}}/{_MONTH}/{_YEAR}(?!\d)")
_IN_TITLES = (
    re.compile(rf"tháng\s+{_MONTH}(?:\s*,?\s*năm\s+|\s*[/.-]\s*){_YEAR}(?![\d/])"),
    # 10/2021, but not the number of a circular: 10/2021/TT-BTC
    re.compile(
        rf"(?<![\d/.-]){_MONTH}/{_YEAR}(?![\d/])|(?<![\d/-])(?P<Y>20\d\d)-(?P<M>\d\d)(?![\d/-])"
    ),
)
_UNTIL = re.compile(
    rf"đến\s+(?:hết\s+)?(?:ngày\s+)?\d{{1,2}}(?:\s+tháng\s+|[/.-]){_MONTH}(?:\s+năm\s+|[/.-]){_YEAR}"
)
_IN_FILE_NAMES = (
    re.compile(rf"(?<!\d){_YEAR}[-_. ]?(?P<m>0[1-9]|1[0-2])(?!\d)(?![-_.]\d\d(?!\d))"),
    re.compile(rf"(?<![a-z])(?:thang|t)[-_. ]*{_MONTH}[-_. ]*(?:nam)?[-_. ]*{_YEAR}(?!\d)"),
    re.compile(rf"(?<!\d)(?<!\d[-_.]){_MONTH}[-_.]{_YEAR}(?!\d)"),
)


def identify(
    read: ReadWorkbook,
    registry: Registry,
    asked: Period | None,
    signature_ok: bool | None,
    today: date,
) -> Placed | Unplaced:
    """Where a workbook belongs.

    The unit comes from the hidden sheet, else from the codes in the rows, else from what stands
    above the headers or in the file name. The period comes from the hidden sheet, else from
    above the headers, else from the file name, else it is `asked`. `signature_ok` is None where
    there is no hidden sheet; one whose signature is not ours still counts, with a warning. A file
    that could not be read keeps its own findings and is known by its name only.
    """
    if read.findings:
        named = _units_in_file_name(read.name, registry)
        unit = next(iter(named)) if len(named) == 1 else None
        return Unplaced(read.findings, unit, asked or _period_in_file_name(read.name))
    signed = _signed(read, registry)
    warnings = () if signature_ok in (None, True) else (_warning(read),)
    units, periods = _units(read, registry, signed), _periods(read, asked, signed)
    unit = next(iter(units)) if len(units) == 1 else None
    period = periods[0] if len(periods) == 1 else None
    reports = unit and period and registry.activities_of(unit, period.year)
    if unit and period and period.first_day <= today and period == (asked or period) and reports:
        return Placed(unit, period, warnings)
    if unit and period and not reports:
        reason = _finding(read, "nothing-to-report")
    elif unit is None:
        reason = _finding(read, "two-units" if units else "unknown-unit")
    elif not periods:
        reason = _finding(read, "unknown-period")
    elif period and period == (asked or period):
        reason = _finding(read, "future-period")
    else:
        meant = asked or periods[-1]
        shown = next(p for p in periods if p != meant)
        reason = _finding(read, "other-period", shown=shown.label, asked=meant.label)
    board = asked or (period if period and period.first_day <= today else None)
    return Unplaced((*warnings, reason), unit, board)


def activity_of(code: str, activities: Mapping[str, Activity], form: Form) -> Activity | None:
    """The activity, of those by code, that a row's code belongs to; where the form allows a row
    per deliverable `X.2-1` belongs to the longest code before a '-', `X.2`."""
    while code not in activities and form.per_deliverable and "-" in code:
        code = code.rpartition("-")[0].rstrip()
    return activities.get(code)


def _signed(read: ReadWorkbook, registry: Registry) -> tuple[str, Period] | None:
    """Unit and period that the hidden sheet names, where there are such."""
    signed = read.signed
    if signed is None or not re.fullmatch(PATTERN, signed.period):
        return None
    known = any(unit.code == signed.unit for unit in registry.units)
    return (signed.unit, Period.parse(signed.period)) if known else None


def _units(read: ReadWorkbook, registry: Registry, signed: tuple[str, Period] | None) -> set[str]:
    """The units that the workbook's signs name: one where they agree. A letterhead, which names
    the body above the unit or one that reports on nothing, is no sign against the rows."""
    lines = [t for t in map(fold, read.title_texts) if not t.startswith(_NOT_THE_SENDER)]
    titled = _by_name(lines, registry)
    units = _units_of_rows(read, registry)
    if signed:
        # a single row of another unit's is for validation to tell
        units = {signed[0]} if not units or signed[0] in units else {signed[0], *units}
    named = titled or _by_code(lines, registry)
    in_file_name = _units_in_file_name(read.name, registry)
    if not units:
        return named | in_file_name
    if len(units) > 1 and len(meant := units & (named | in_file_name)) == 1:
        return meant  # the rows of other units are for validation to tell
    by_code = {unit.code: unit for unit in registry.units}
    letterhead = {above for code in units for above in _above(by_code[code], registry)}
    reporting = {activity.unit for activity in registry.activities}
    others = titled & reporting - letterhead
    return units if not others or others & units else others | units


def _units_of_rows(read: ReadWorkbook, registry: Registry) -> set[str]:
    activities = {a.code: a for a in registry.activities}
    forms = {form.name: form for form in FORMS}
    owners = (
        activity_of(row.code, activities, forms[row.form])
        for sheet in read.sheets
        for row in sheet.rows
    )
    return {owner.unit for owner in owners if owner}


def _units_in_file_name(name: str, registry: Registry) -> set[str]:
    words = _bare(name.rpartition(".")[0] or name)
    spaced = re.sub(r"[\s_-]+", " ", words)
    return _by_name([spaced], registry, bare=True) or _by_code([words], registry, bare=True)


def _by_name(lines: Iterable[str], registry: Registry, *, bare: bool = False) -> set[str]:
    """The units whose full names stand in the lines, a superior body left out where one below
    it is named too."""
    as_written = _bare_words if bare else fold
    names = [(as_written(unit.name), unit) for unit in registry.units]
    names.sort(key=lambda pair: -len(pair[0]))  # Vụ Địa phương II before Vụ Địa phương
    found: dict[str, Unit] = {}
    for line in lines:
        rest = line
        for name, unit in names:
            if name in rest and (shorter := re.sub(_whole(name), "\n", rest)) != rest:
                rest, found[unit.code] = shorter, unit
    superior = {above for unit in found.values() for above in _above(unit, registry)}
    return set(found) - superior


def _by_code(lines: Iterable[str], registry: Registry, *, bare: bool = False) -> set[str]:
    """The units whose codes stand in the lines as words of their own."""
    as_written = _bare if bare else fold
    words = list(lines)
    codes = [(as_written(unit.code), unit.code) for unit in registry.units]
    return {
        code
        for written, code in codes
        if any(written in line and re.search(_whole(written), line) for line in words)
    }


def _above(unit: Unit, registry: Registry) -> Iterator[str]:
    units = {u.code: u for u in registry.units}
    seen = {unit.code}
    while unit.parent in units and unit.parent not in seen:
        seen.add(unit.parent)
        yield unit.parent
        unit = units[unit.parent]


def _periods(
    read: ReadWorkbook, asked: Period | None, signed: tuple[str, Period] | None
) -> list[Period]:
    """The periods that the workbook's signs name: one where they agree, the hidden sheet's last."""
    titled = _periods_in_titles(read.title_texts)
    if signed:
        return [signed[1]] if not titled or signed[1] in titled else [*titled, signed[1]]
    implied = _period_in_file_name(read.name) or asked
    return titled or ([implied] if implied else [])


def _periods_in_titles(texts: Iterable[str]) -> list[Period]:
    """The different periods that the clearest kind of sign names."""
    lines = list(map(fold, texts))
    named = [line for line in lines if line.startswith(_PERIOD_LINE)]
    if found := _found((_PERIOD_AS_DAY,), named):
        return found
    for chosen in (named, lines):
        if found := _found(_IN_TITLES, [_DAYS.sub(" ", line) for line in chosen]):
            return found
    return _found((_UNTIL,), lines)


def _period_in_file_name(name: str) -> Period | None:
    found = _found(_IN_FILE_NAMES, [_bare(name)])
    return found[0] if len(found) == 1 else None


def _found(patterns: Sequence[re.Pattern[str]], lines: Sequence[str]) -> list[Period]:
    """What the first pattern that fits any line names, each period once."""
    for pattern in patterns:
        matches = (m.groupdict() for line in lines for m in pattern.finditer(line))
        pairs = [(m["y"] or m["Y"], m["m"] or m["M"]) for m in matches]
        if periods := [Period(int(y), int(m)) for y, m in pairs if 1 <= int(m) <= 12]:
            return list(dict.fromkeys(periods))
    return []


def _whole(words: str) -> str:
    """As words of their own: `VP` in `VP_2021-10`, not in `VPS`."""
    return rf"(?<![^\W_]){re.escape(words)}(?![^\W_])"


def _bare(words: str) -> str:
    """Without diacritics, as file names are often written."""
    spread = unicodedata.normalize("NFD", fold(words)).replace("đ", "d")
    return "".join(c for c in spread if not unicodedata.combining(c))


def _bare_words(words: str) -> str:
    return re.sub(r"[\s_-]+", " ", _bare(words))


def _warning(read: ReadWorkbook) -> Finding:
    rule = "altered-signature"
    return Finding(rule, Severity.WARNING, say(f"finding.{rule}"), read.name)


def _finding(read: ReadWorkbook, rule: str, **values: str) -> Finding:
    return Finding(rule, Severity.ERROR, say(f"finding.{rule}", **values), read.name)
