"""Decides what a form's tables on a sheet say: their rows, and what is to be told of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from rules import tell
from rules.columns import meanings
from rules.header import Header, lacking
from rules.labels import numeric
from rules.money_unit import Units, units_of_money
from rules.numbers import text
from rules.rows import Sorted, sort_rows
from rules.tables import Part, parts
from rules.totals import differing
from schemas.findings import Finding
from schemas.forms import Field, Form, Kind, Row
from schemas.reading import Grid, Place, Problem, ReadSheet, Skipped

BUDGETS = ("budget_current", "budget_assigned")
"""What a row's other amounts are measured by, the first that it has."""


@dataclass
class _Gathered:
    """What the tables of one form on a sheet gave so far."""

    form: Form
    header: Header
    units: Units
    rows: list[Row] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


@dataclass(frozen=True)
class Sheet:
    """A sheet with what its tables are read by."""

    grid: Grid
    file: str
    forms: Sequence[Form]
    legacy: Mapping[Place, Problem]
    """Cells converted from an encoding before Unicode."""
    titles: tuple[str, ...]
    from_1904: bool
    every_row: bool


def read_table(sheet: Sheet, form: Form, header: Header | None) -> list[ReadSheet]:
    """The form as it stands on the sheet, and others that stand below it.

    Left out, each with its reason, are the row that numbers the columns, totals, groups, and rows
    that have neither a code nor a figure (headings, signatures). A row with figures but no code
    stays, its code `""`: its name may tell.
    """
    name = sheet.grid.sheet
    if header is None:
        return [ReadSheet(form.name, name, (), (tell.no_header(sheet.file, name),), {})]
    if lacking(header, form):
        told = tuple(tell.missing(sheet.file, sheet.grid, form, header))
        return [ReadSheet(form.name, name, (), told, {})]
    gathered: dict[str, _Gathered] = {}
    below = header.bottom + 1
    tables = (
        [Part(form, header, range(below, len(sheet.grid.cells)))]
        if sheet.every_row
        else list(parts(sheet.grid, form, header, sheet.forms))
    )
    above = 0
    for index, part in enumerate(tables):
        if part.form is None or part.header is None:
            _pass_over(sheet, part, gathered[form.name])
            continue
        if index and tell.compares(_texts(sheet.grid, range(above, part.header.top)), sheet.titles):
            rows = range(part.header.top, part.rows.stop)
            _pass_over(sheet, replace(part, rows=rows), gathered[form.name])
            continue
        found = sort_rows(sheet.grid, part.form, part.header, part.rows, every_row=sheet.every_row)
        last = index == len(tables) - 1
        beneath = [row for row, _ in found.skipped if last or row < max(found.data, default=0)]
        lines = (range(above, part.header.top), range(header.top))
        units = units_of_money(sheet.grid, part.form, part.header, lines, beneath, found.data)
        above = max(found.data, default=part.header.bottom) + 1
        into = gathered.setdefault(part.form.name, _Gathered(part.form, part.header, units))
        _gather(sheet, part.header, found, units, into)
    return [_closed(sheet, its) for its in gathered.values()]


def _texts(grid: Grid, rows: Iterable[int]) -> list[str]:
    return [cell for row in rows for cell in grid.cells[row] if isinstance(cell, str) and cell]


def _pass_over(sheet: Sheet, part: Part, into: _Gathered) -> None:
    name = sheet.grid.sheet
    rows = [row for row in part.rows if any(v not in ("", None) for v in sheet.grid.cells[row])]
    into.skipped += [Skipped(name, row + 1, "other-table") for row in rows]
    into.findings.append(tell.other_table(sheet.file, sheet.grid, part.rows.start))


def _gather(sheet: Sheet, header: Header, found: Sorted, units: Units, into: _Gathered) -> None:
    """Adds what one table says."""
    form, grid = into.form, sheet.grid
    into.findings += tell.columns(sheet.file, grid, form, header, sheet.titles)
    into.findings += tell.units(sheet.file, grid.sheet, units)
    into.skipped += [Skipped(grid.sheet, row + 1, reason) for row, reason in found.skipped]
    if units.against:
        return
    letters = {name: tell.column_letters(column) for name, column in header.columns.items()}
    values, problems = _values(sheet, form, header, found, units)
    rows = [
        Row(form.name, its.get("code") or "", grid.sheet, row + 1, its, letters)
        for row, its in zip(found.data, values, strict=True)
    ]
    into.rows += rows
    for row, its in zip(rows, problems, strict=True):
        into.findings += [tell.cell(sheet.file, form, row, n, p) for n, p in its.items()]
    taken = [
        (row, name, (row.number - 1, column))
        for row in rows
        for name, column in header.columns.items()
    ]
    into.findings += tell.many(sheet.file, form, taken, sheet.legacy, "legacy-font")
    linked = {place: Problem("linked-value", "") for place in grid.linked}
    into.findings += tell.many(sheet.file, form, taken, linked, "linked-value")
    if sheet.every_row or "code" not in header.columns:
        return  # a list of nested items does not add up
    unknown = {name for its in problems for name, p in its.items() if p.severity == "error"}
    for amount in form.fields:
        checked = amount.required and amount.kind is Kind.MONEY and amount.name in header.columns
        if checked and amount.name not in unknown:
            column = (amount, header.columns[amount.name])
            sums = differing(grid, rows, found, column, units.factors[amount.name])
            into.findings += [tell.total(sheet.file, grid.sheet, one) for one in sums]


def _values(
    sheet: Sheet, form: Form, header: Header, found: Sorted, units: Units
) -> tuple[list[dict[str, Any]], list[dict[str, Problem]]]:
    """What the cells of the rows mean and what is wrong in them, read column by column: the
    budgets first, for they tell what the other amounts can be."""
    values: list[dict[str, Any]] = [dict.fromkeys(f.name for f in form.fields) for _ in found.data]
    problems: list[dict[str, Problem]] = [{} for _ in found.data]
    measured: list[Decimal | None] = [None] * len(found.data)
    for column in sorted(form.fields, key=lambda f: f.name not in BUDGETS):
        at = header.columns.get(column.name)
        if at is None:
            continue
        if measured and column.name not in BUDGETS and column.kind is Kind.MONEY:
            measured = [_budget(its, told) for its, told in zip(values, problems, strict=True)]
        places = [(row, at) for row in found.data]
        read = meanings(
            [_cell(sheet.grid, place, column, found) for place in places],
            column,
            units.factors.get(column.name, Decimal(1)),
            shares=[i for i, place in enumerate(places) if place in sheet.grid.shares],
            budgets=measured if column.name not in BUDGETS else (),
            from_1904=sheet.from_1904,
        )
        for index, (meant, told) in enumerate(read):
            flaw = sheet.grid.flaws.get(places[index])
            values[index][column.name] = None if flaw else meant
            if problem := flaw or told:
                problems[index][column.name] = problem
    order = {f.name: i for i, f in enumerate(form.fields)}
    return values, [dict(sorted(its.items(), key=lambda kv: order[kv[0]])) for its in problems]


def _budget(values: Mapping[str, Any], problems: Mapping[str, Problem]) -> Decimal | None:
    known = (values.get(name) for name in BUDGETS if name not in problems)
    return next((amount for amount in known if amount is not None), None)


def _cell(grid: Grid, place: Place, column: Field, found: Sorted) -> object:
    """A row's own value; of merged cells the one they show, and texts with their continuation."""
    row, at = place
    value = grid.value(row, at)
    if value in ("", None) and row in found.owners and not numeric(column):
        value = grid.value(*found.shown.get(place, place))
    if column.kind is Kind.TEXT and row in found.continued:
        more: Iterable[str] = (text(grid.value(r, at), lines=True) for r in found.continued[row])
        own = text(value, lines=True) if value is not None else ""
        return "\n".join(filter(None, (own, *more)))
    return value


def _closed(sheet: Sheet, its: _Gathered) -> ReadSheet:
    return ReadSheet(
        its.form.name,
        sheet.grid.sheet,
        tuple(its.rows),
        tuple(its.findings),
        {}
        if its.units.against
        else {n: tell.column_letters(c) for n, c in its.header.columns.items()},
        its.header.bottom + 1,
        its.units.name,
        tuple(sorted(its.skipped, key=lambda s: s.number)),
    )
