"""Decides which part of a workbook each of its units answers for: rows, and findings on them."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from rules.directory import Directory
from rules.numbers import fold
from schemas.findings import Finding
from schemas.forms import Row
from schemas.reading import ReadSheet, ReadWorkbook, Skipped

_ROW = re.compile(r"[A-Z]+(\d+)")
_NUMBERING = re.compile(r"(?:[ivxlc]+|\d+|[a-z])\s*[./)-]\s*")


def without_unit_rows(read: ReadWorkbook, directory: Directory) -> ReadWorkbook:
    """The workbook without the rows that head a unit's activities with its name and their sums,
    as a superior body's table has them; they are told as skipped."""
    return replace(read, sheets=tuple(_without(sheet, directory) for sheet in read.sheets))


def _without(sheet: ReadSheet, directory: Directory) -> ReadSheet:
    heads = {row.number for row in sheet.rows if _heads_a_unit(row, directory)}
    if not heads:
        return sheet
    skipped = [Skipped(sheet.sheet, number, "unit-row") for number in sorted(heads)]
    return replace(
        sheet,
        rows=tuple(row for row in sheet.rows if row.number not in heads),
        findings=tuple(f for f in sheet.findings if _number(f) not in heads),
        skipped=tuple(sorted((*sheet.skipped, *skipped), key=lambda one: one.number)),
    )


def _heads_a_unit(row: Row, directory: Directory) -> bool:
    if directory.owner(row):
        return False
    name = fold(str(row.values.get("name") or ""))
    return directory.unit_named(name) or directory.unit_named(_NUMBERING.sub("", name, count=1))


def portions(
    read: ReadWorkbook, units: Sequence[str], directory: Directory
) -> dict[str, ReadWorkbook]:
    """Unit -> the workbook as if it held nothing but its own; of a single unit all of it.

    A row is its code's unit's, else the one's whose activity it names. One that tells neither is
    put to the units of the rows next above and below, so that somebody hears of it. What is
    wrong with a cell goes where its row goes, with a whole sheet to all units that stand on it.
    """
    if len(units) == 1:
        return {units[0]: read}
    names = _names(units, directory)
    shared = [_Shared(sheet, units, directory, names) for sheet in read.sheets]
    return {
        unit: replace(read, sheets=tuple(sheet.portion(unit) for sheet in shared)) for unit in units
    }


def _names(units: Sequence[str], directory: Directory) -> dict[tuple[str, str], set[str]]:
    """Form and activity's name -> the units that have one of that name."""
    names: dict[tuple[str, str], set[str]] = {}
    for activity in directory.registry.activities:
        if activity.unit in units:
            for form in activity.forms:
                names.setdefault((form, fold(activity.name)), set()).add(activity.unit)
    return names


class _Shared:
    """A sheet on which several units stand."""

    def __init__(
        self,
        sheet: ReadSheet,
        units: Sequence[str],
        directory: Directory,
        names: Mapping[tuple[str, str], Collection[str]],
    ) -> None:
        self._sheet = sheet
        known = [_own(row, units, directory, names) for row in sheet.rows]
        self._units = dict(zip((r.number for r in sheet.rows), _neighbours(known), strict=True))
        standing = {unit for its in known for unit in its}
        self._whole = standing or set(units)

    def portion(self, unit: str) -> ReadSheet:
        rows = tuple(r for r in self._sheet.rows if unit in self._whose(r.number))
        findings = tuple(f for f in self._sheet.findings if unit in self._told(f))
        return replace(self._sheet, rows=rows, findings=findings)

    def _told(self, finding: Finding) -> Collection[str]:
        return self._whose(_number(finding))

    def _whose(self, number: int | None) -> Collection[str]:
        return self._units.get(number or 0) or self._whole


def _number(finding: Finding) -> int | None:
    """The row that a finding is about."""
    cell = _ROW.match(finding.cell or "")
    return int(cell[1]) if cell else None


def _own(
    row: Row,
    units: Collection[str],
    directory: Directory,
    names: Mapping[tuple[str, str], Collection[str]],
) -> Collection[str]:
    """The unit that a row speaks of, empty where it tells none."""
    if (owner := directory.owner(row)) in units:
        return {owner} if owner else ()
    named = names.get((row.form, fold(str(row.values.get("name") or ""))), ())
    return named if len(named) == 1 and not row.code else ()


def _neighbours(known: Sequence[Collection[str]]) -> Iterable[Collection[str]]:
    """For each row its unit, for one without any those of the rows next above and below."""
    below: list[Collection[str]] = []
    last: Collection[str] = ()
    for its in reversed(known):
        last = its or last
        below.append(last)
    last = ()
    for its, after in zip(known, reversed(below), strict=True):
        last = its or last
        yield its or {*last, *after}
