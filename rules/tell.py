"""Words what reading a table finds: each finding with its cell and its remedy."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

from rules.header import Header, lacking, near_miss
from rules.labels import ROUND, numeric
from rules.money_unit import Units
from rules.numbers import fold, show, text
from rules.totals import Differs
from schemas.findings import Finding, Severity
from schemas.forms import Form, Row
from schemas.reading import Grid, Place, Problem
from schemas.synonyms import never
from schemas.texts import say

MOST_CELLS = 5
"""Cells of one kind that are told one by one; more are told together, by the first."""

_WARNING = Severity.WARNING
_YEAR = re.compile(r"(?<![\d/.])20\d\d(?!\d)")
_MONTH = re.compile(r"tháng\s*0?(\d{1,2})(?!\d)|(?<!\d)0?(\d{1,2})/\d{4}")


def finding(
    rule: str,
    file: str,
    sheet: str,
    cell: str | None = None,
    severity: Severity = Severity.ERROR,
    **values: str,
) -> Finding:
    """A finding on a sheet, or on one of its cells."""
    message = say(f"finding.{rule}", sheet=sheet, **values)
    return Finding(rule, severity, message, file, sheet, cell)


@cache
def column_letters(column: int) -> str:
    """`A` for 0, `AA` for 26."""
    shown = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        shown = chr(ord("A") + rest) + shown
    return shown


def address(place: Place) -> str:
    """`G7` for row 6 and column 6."""
    return f"{column_letters(place[1])}{place[0] + 1}"


def no_header(file: str, sheet: str) -> Finding:
    """Nothing like the form's header stands on the sheet."""
    return finding("no-header", file, sheet)


def missing(file: str, grid: Grid, form: Form, header: Header) -> Iterator[Finding]:
    """The required columns that were not found, each with the heading that is most like it."""
    yield from _doubles(file, grid.sheet, form, header)
    for field in lacking(header, form):
        if field.name in header.doubles:
            continue
        told = finding("missing-column", file, grid.sheet, label=field.label)
        if near := near_miss(grid, form, header, field):
            place, written = near
            cell = address(place)
            hint = say("layout.near", cell=cell, written=written, label=field.label)
            told = replace(told, message=f"{told.message} {hint}", cell=cell)
        yield told


def columns(
    file: str, grid: Grid, form: Form, header: Header, titles: Sequence[str]
) -> Iterator[Finding]:
    """What is told of the headings: other words than the label, a month of their own, several
    columns for one field."""
    yield from _doubles(file, grid.sheet, form, header)
    months = _months(titles)
    years = {year for title in titles for year in _YEAR.findall(title)}
    for name, heading in header.headings.items():
        cell, label = address(heading.place), form[name].label
        if name not in header.columns or heading.fit.rank < ROUND:
            continue
        written = text(heading.written)
        named = _YEAR.findall(written)
        if numeric(form[name]) and years and named and years.isdisjoint(named):
            said = {"label": label, "written": written, "year": named[-1]}
            yield finding("year-in-label", file, grid.sheet, cell, **said)
            continue
        if heading.fit.month and heading.fit.month not in months:
            rule, severity = "month-in-label", Severity.WARNING
        else:
            rule, severity = "other-label", Severity.INFO
        said = {"label": label, "written": written, "month": str(heading.fit.month or "")}
        yield finding(rule, file, grid.sheet, cell, severity, **said)


def compares(above: Iterable[str], titles: Iterable[str]) -> bool:
    """Whether what stands over a further table says that it is there to be compared: another
    month, or words of `[never]`."""
    words = " ".join(fold(text(one)) for one in above)
    own, named = _months(titles), _months([words])
    return bool(own and named and named.isdisjoint(own)) or any(
        re.search(rf"(?<!\w){re.escape(fold(one))}(?!\w)", words) for one in never("title")
    )


def _months(titles: Iterable[str]) -> set[int]:
    return {int(m[1] or m[2]) for title in titles for m in _MONTH.finditer(fold(title))}


def _doubles(file: str, sheet: str, form: Form, header: Header) -> Iterator[Finding]:
    if header.doubles and not header.columns:
        first, second, *_ = map(address, next(iter(header.doubles.values())))
        yield finding("tables-beside", file, sheet, second, cells=f"{first}, {second}")
        return
    for name, places in header.doubles.items():
        field = form[name]
        warned = field.prefilled and not field.required
        severity = Severity.WARNING if warned else Severity.ERROR
        cells = ", ".join(map(address, places))
        first = address(places[0])
        yield finding("two-columns", file, sheet, first, severity, label=field.label, cells=cells)


def units(file: str, sheet: str, found: Units) -> Iterator[Finding]:
    """In which unit of money the sheet is, where it is another than ours, or why it is unclear."""
    for unit in found.said:
        if unit.factor != 1:
            cell, info = address(unit.place), Severity.INFO
            yield finding("unit-converted", file, sheet, cell, info, unit_of_money=unit.name)
    unknown = [unit for unit in found.against if unit.factor is None]
    for unit in unknown:
        yield finding(
            "unknown-money-unit", file, sheet, address(unit.place), unit_of_money=unit.name
        )
    if found.against and not unknown:
        its = [*found.said, *found.against]
        named = "; ".join(dict.fromkeys(f"{address(u.place)}: {u.name}" for u in its))
        place = address(found.against[-1].place)
        yield finding("two-money-units", file, sheet, place, units=named)


def cell(file: str, form: Form, row: Row, name: str, problem: Problem) -> Finding:
    """What is wrong in a cell, or how it was understood."""
    column = form[name]
    return finding(
        problem.rule,
        file,
        row.sheet,
        row.cell(name),
        problem.severity,
        label=column.label,
        code=row.code,
        name=row.values.get("name") or "",
        value=problem.value,
        meant=problem.meant,
        limit="" if column.maximum is None else show(column.maximum),
        choices="; ".join(column.choices),
    )


def many(
    file: str,
    form: Form,
    taken: Iterable[tuple[Row, str, Place]],
    problems: Mapping[Place, Problem],
    rule: str,
) -> Iterator[Finding]:
    """Warnings on cells of the table: one by one, or together where they are many."""
    if not problems:
        return
    its = [(row, name, problems[place]) for row, name, place in taken if place in problems]
    if len(its) <= MOST_CELLS:
        for row, name, problem in its:
            yield cell(file, form, row, name, Problem(rule, problem.value, _WARNING, problem.meant))
        return
    row, name, first = its[0]
    cells = ", ".join(r.cell(n) or "" for r, n, _ in its[:MOST_CELLS])
    together = cell(file, form, row, name, Problem(rule, first.value, _WARNING, first.meant))
    more = say("layout.more", cells=cells, count=len(its))
    yield replace(together, message=f"{together.message} {more}")


def other_table(file: str, grid: Grid, row: int) -> Finding:
    """A table that is none of ours begins in that row."""
    first = next((i for i, value in enumerate(grid.cells[row]) if value not in ("", None)), 0)
    cell = address((row, first))
    return finding("other-table", file, grid.sheet, cell, Severity.INFO, row=str(row + 1))


def total(file: str, sheet: str, found: Differs) -> Finding:
    """A total is not the sum of the rows."""
    return finding(
        "total-differs",
        file,
        sheet,
        address(found.place),
        Severity.WARNING,
        label=found.column.label,
        value=show(found.shown),
        limit=show(found.summed),
    )
