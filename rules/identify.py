"""Decides which units and period a workbook belongs to; where its signs disagree nothing is
guessed and a person places it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from rules.directory import Directory
from rules.signature import Seal
from rules.signs import (
    PeriodSign,
    Titled,
    UnitSign,
    period_signs,
    periods_in_file_name,
    periods_in_titles,
    signed_for,
    unit_signs,
)
from rules.spans import contradiction
from schemas.findings import Finding, Severity
from schemas.forms import FORM_VERSION
from schemas.period import PATTERN, Period
from schemas.reading import ReadWorkbook
from schemas.texts import say

MOST_NAMED = 3
"""Units or periods written out in one sentence; of more only the number is told."""


@dataclass(frozen=True)
class Clues:
    """What is known of a workbook beside what it holds."""

    asked: Period | None = None
    """The period of the command line."""
    sender: str | None = None
    """The address it was mailed from."""
    seal: Seal | None = None
    """None where there is no hidden sheet."""
    closing: frozenset[Period] = frozenset()
    """The closing months that reports are awaited of: their last day is January's too."""


@dataclass(frozen=True)
class Placed:
    """Units and period are known; `findings` are what a person should look at all the same.

    Several `units`, in the registry's order, where a superior body reports for them.
    """

    units: tuple[str, ...]
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


@dataclass(frozen=True)
class _Judged:
    """What the signs come to: what they agree on, or why they do not."""

    units: frozenset[str] = frozenset()
    period: Period | None = None
    why: tuple[Finding, ...] = ()


def identify(
    read: ReadWorkbook, directory: Directory, clues: Clues, today: date
) -> Placed | Unplaced:
    """Where a workbook belongs.

    Its signs are the hidden sheet, the sender, the codes in the rows, the title lines and the
    file name; for the period, where none of them shows one, it is the one asked for. All must
    agree: a superior body may name itself above the units that are meant. Rows of several units
    make as many reports where the signs name a body above them all. A hidden sheet whose
    signature is not ours still counts, with a warning. A file that could not be read keeps its
    own findings and is known by sender and name only.
    """
    if unread := read.unread:
        judged = _unit(read.name, unit_signs(read, directory, clues.sender), directory, clues)
        named = periods_in_file_name(read.name)
        shown = named[0] if len(named) == 1 else None
        return Unplaced(unread, _only(judged.units), clues.asked or shown)
    told = _told_of_seal(read, clues.seal, directory)
    whose = _unit(read.name, unit_signs(read, directory, clues.sender), directory, clues)
    when = _period(read, directory, clues, today)
    units, why = _reporting(read.name, whose, when, directory)
    if units and when.period and not when.why:
        return Placed(units, when.period, (*told, *why))
    begun = when.period and when.period.first_day <= today
    board = clues.asked or (when.period if begun else None)
    reasons = when.why if units else (*why, *when.why)
    return Unplaced((*told, *reasons), _only(whose.units), board)


def _reporting(
    file: str, whose: _Judged, when: _Judged, directory: Directory
) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """The units that have anything to report in that year, and what is to be told."""
    if not whose.units or when.period is None:
        return (), () if whose.units else whose.why
    year = when.period.year
    reporting = (code for code in whose.units if directory.registry.activities_of(code, year))
    units = directory.in_order(reporting)
    if not units:
        return (), (_finding(file, "nothing-to-report"),)
    return units, whose.why if len(units) > 1 else ()


# --- the unit ---------------------------------------------------------------------------------


def _unit(file: str, signs: Sequence[UnitSign], directory: Directory, clues: Clues) -> _Judged:
    """The unit that every sign fits, or all units of the rows where a body above them speaks."""
    rows = next((sign.units for sign in signs if sign.source == "rows"), frozenset())
    chiefs = [sign for sign in signs if sign.source != "rows" and _leads(sign, rows, directory)]
    if len(rows) > 1 and len(chiefs) == len([s for s in signs if s.source != "rows"]):
        chief = _chief(chiefs, rows, directory)
        if chief:
            sure = _is_sure(chiefs, clues.seal)
            return _Judged(rows, why=(_split(file, chief, rows, directory, sure=sure),))
    fitting = _fitting(signs, directory)
    if len(fitting) == 1:
        return _Judged(fitting)
    if not signs:
        return _Judged(why=(_finding(file, "unknown-unit"),))
    if fitting:
        rule = "two-units" if len(rows) > 1 else "unknown-unit"
        return _Judged(why=(_finding(file, rule),))
    first, second = _disagreeing(signs, directory)
    said = (_says(s.source, [directory.named(c) for c in sorted(s.units)]) for s in (first, second))
    return _Judged(why=(_disagreement(file, "units-disagree", *said),))


def _leads(sign: UnitSign, units: frozenset[str], directory: Directory) -> bool:
    return any(directory.leads(one, units) for one in sign.units)


def _chief(chiefs: Sequence[UnitSign], rows: frozenset[str], directory: Directory) -> str | None:
    """The body above all units of the rows: as the signs name it, else the rows' own."""
    named = [u for sign in chiefs for u in sorted(sign.units)] or sorted(rows)
    return next((one for one in named if directory.leads(one, rows)), None)


def _is_sure(chiefs: Sequence[UnitSign], seal: Seal | None) -> bool:
    """Whether it is more than a letterhead that names the superior body."""
    sources = {sign.source for sign in chiefs}
    return "sender" in sources or ("signed" in sources and bool(seal and seal.holds))


def _fitting(signs: Sequence[UnitSign], directory: Directory) -> frozenset[str]:
    """The units that no sign speaks against."""
    named = frozenset(unit for sign in signs for unit in sign.units)
    return frozenset(u for u in named if all(_fits(sign, u, directory) for sign in signs))


def _fits(sign: UnitSign, unit: str, directory: Directory) -> bool:
    return unit in sign.units or (
        sign.source != "rows" and _leads(sign, frozenset({unit}), directory)
    )


def _disagreeing(signs: Sequence[UnitSign], directory: Directory) -> tuple[UnitSign, UnitSign]:
    """The two weightiest signs that no unit fits both; where only three together leave none, the
    first and the last."""
    pairs = [(a, b) for i, a in enumerate(signs) for b in signs[i + 1 :]]
    return next((pair for pair in pairs if not _fitting(pair, directory)), (signs[0], signs[-1]))


def _split(
    file: str, chief: str, rows: frozenset[str], directory: Directory, *, sure: bool
) -> Finding:
    severity = Severity.INFO if sure else Severity.WARNING
    units = _listed(directory.in_order(rows))
    return _finding(file, "split-file", severity, name=directory.named(chief), units=units)


# --- the period -------------------------------------------------------------------------------


def _period(read: ReadWorkbook, directory: Directory, clues: Clues, today: date) -> _Judged:
    """The period that every sign names, and why it cannot be taken all the same."""
    signed = signed_for(read, directory)
    titled = periods_in_titles(read.title_texts)
    shown = period_signs(read, signed[1] if signed else None)
    signs = tuple(_also_closing(sign, titled, clues) for sign in shown)
    named = {period for sign in signs for period in sign.periods}
    common = [p for p in sorted(named) if all(p in sign.periods for sign in signs)]
    if len(titled.periods) > 1 and (titled.stated or not signed):
        return _Judged(why=(_two_titles(read.name, titled.periods, clues.asked),))
    if why := _unclear(read.name, signs, common, clues.asked):
        return _Judged(why=(why,))
    if len(common) > 1 and (clues.asked is None or clues.asked in common):
        common = []  # a file name that names several: as good as none
    period = common[0] if common else clues.asked
    if period is None:
        return _Judged(why=(_finding(read.name, "unknown-period"),))
    if clues.asked not in (None, period):
        told: Finding | None = _other(read.name, period.label, clues.asked or period)
    elif period.first_day > today:
        told = _finding(read.name, "future-period")
    else:
        told = _other_span(read, signs, period)
    return _Judged(period=period, why=(told,) if told else ())


def _also_closing(sign: PeriodSign, titled: Titled, clues: Clues) -> PeriodSign:
    """The sign as it reads where reports of a closing month are awaited: a title that says no more
    than `đến hết ngày 31/01/2022` may be January's or the closing month's."""
    if sign.source != "title" or not titled.by_day:
        return sign
    also = (p.shift(-1).closing for p in sign.periods if p.month == 1)
    return replace(sign, periods=(*sign.periods, *(p for p in also if p in clues.closing)))


def _closing_or_january(file: str, closing: Period, january: Period) -> Finding:
    return _finding(
        file,
        "closing-or-january",
        day=f"{january.last_day:%d/%m/%Y}",
        closing=closing.label,
        january=january.label,
        text=str(closing),
        other=str(january),
    )


def _two_titles(file: str, titled: Sequence[Period], asked: Period | None) -> Finding:
    if asked and asked not in titled:
        return _other(file, titled[0].label, asked)
    first, second, *_ = (p.label for p in titled)
    said = (_says("title", [first]), _says("other-title", [second]))
    return _disagreement(file, "periods-disagree", *said)


def _unclear(
    file: str, signs: Sequence[PeriodSign], common: Sequence[Period], asked: Period | None
) -> Finding | None:
    """Why the signs do not tell the period: no two agree, or a last day is all that they name."""
    if signs and not common:
        return _periods_disagree(file, signs)
    if asked is None and len(common) == 2 and common[0].last_day == common[1].last_day:
        return _closing_or_january(file, *common)
    return None


def _periods_disagree(file: str, signs: Sequence[PeriodSign]) -> Finding:
    pairs = [(a, b) for i, a in enumerate(signs) for b in signs[i + 1 :]]
    apart = (pair for pair in pairs if not {*pair[0].periods} & {*pair[1].periods})
    first, second = next(apart, (signs[0], signs[-1]))
    said = (_says(s.source, [p.label for p in s.periods]) for s in (first, second))
    return _disagreement(file, "periods-disagree", *said)


def _other(file: str, shown: str, asked: Period) -> Finding:
    return _finding(file, "other-period", shown=shown, asked=asked.label)


def _other_span(read: ReadWorkbook, signs: Sequence[PeriodSign], period: Period) -> Finding | None:
    """Titles or a file name that name no month, but a quarter, months or a year that are none of
    the period's."""
    silent = {"title": read.title_texts, "file-name": (read.name,)}
    for sign in signs:
        silent.pop(sign.source, None)
    for source, lines in silent.items():
        if shown := contradiction(lines, period):
            if not signs:
                return _other(read.name, shown, period)
            said = (_says(signs[0].source, [period.label]), _says(source, [shown]))
            return _disagreement(read.name, "periods-disagree", *said)
    return None


# --- what is told -----------------------------------------------------------------------------


def _told_of_seal(
    read: ReadWorkbook, seal: Seal | None, directory: Directory
) -> tuple[Finding, ...]:
    """A warning that says what was altered; a note on a form of another version than ours."""
    signed = read.signed
    if signed is None or seal is None:
        return ()
    if seal.holds:
        if signed.form_version == FORM_VERSION:
            return ()
        versions = {"value": signed.form_version, "limit": FORM_VERSION}
        return (_finding(read.name, "older-form", Severity.INFO, **versions),)
    now = {"unit": signed.unit, "period": signed.period, "form_version": signed.form_version}
    shown = (_as_known(seal.field, value, directory) for value in (seal.was, now.get(seal.field)))
    was, is_now = (" ".join(value.split())[:60] for value in shown)
    what = say(f"altered.{seal.field or 'unknown'}", was=was, now=is_now)
    return (_finding(read.name, "altered-signature", Severity.WARNING, what=what),)


def _as_known(field: str, value: str | None, directory: Directory) -> str:
    if field == "unit" and value in directory.units:
        return directory.named(value)
    if field == "period" and re.fullmatch(PATTERN, value or ""):
        return Period.parse(value or "").label
    return value or "…"


def _says(source: str, names: Sequence[str]) -> str:
    return say(f"sign.{source}", what=_listed(names))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return say("sign.more", names=shown, count=more) if more > 0 else shown


def _disagreement(file: str, rule: str, first: str, second: str) -> Finding:
    return _finding(file, rule, first=first, second=second)


def _only(units: frozenset[str]) -> str | None:
    return next(iter(units)) if len(units) == 1 else None


def _finding(file: str, rule: str, severity: Severity = Severity.ERROR, **values: str) -> Finding:
    return Finding(rule, severity, say(f"finding.{rule}", **values), file)
