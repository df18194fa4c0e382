"""Decides which sheets of a workbook carry which form, and what identifies the workbook."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rules.header import HEADER_ROWS, Header, find_header, lacking
from rules.legacy import in_unicode
from rules.numbers import fold, show, text
from rules.table import Sheet, read_table
from rules.tell import finding
from schemas.findings import Finding, Severity
from schemas.forms import (
    CORRECTIONS,
    GUIDE,
    HIDDEN,
    KEY_PERIOD,
    KEY_SIGNATURE,
    KEY_UNIT,
    KEY_VERSION,
    Form,
)
from schemas.reading import Book, Grid, ReadSheet, ReadWorkbook, Signed
from schemas.settings import Reading

NEVER_FORMS = frozenset(map(fold, (GUIDE, HIDDEN, CORRECTIONS)))
"""Sheets that are ours but no forms."""

HALF = 2
"""A sheet that lacks a required column is still taken for a form if it has one in so many of its
columns: its clerk is told which one is missing."""


@dataclass(frozen=True)
class _Placed:
    """A form on a sheet; no header where the sheet only bears the form's name."""

    form: Form
    grid: Grid
    header: Header | None = None


def read_book(
    book: Book,
    forms: Sequence[Form],
    file: str,
    *,
    every_row: bool = False,
    most_rows: int = Reading().rows,
) -> ReadWorkbook:
    """The forms found in a workbook, wherever they stand in it.

    A form may stand on several sheets, and below another on one. `every_row` is for lists that
    have neither headings nor signatures (the registry): each stands on one sheet, the one of its
    name before any other. `most_rows` is the bound that a sheet reaching too far is told.
    """
    converted = {}
    grids = []
    for grid in book.sheets:
        in_it, problems = in_unicode(grid)
        grids.append(in_it)
        if problems:
            converted[grid.sheet] = problems
    sheets: list[ReadSheet] = []
    titles: dict[str, None] = {}
    for found in _placed(grids, forms, lists=every_row):
        if found.grid.far:
            limit = show(Decimal(most_rows))
            told = finding("too-many-rows", file, found.grid.sheet, limit=limit)
            sheets.append(ReadSheet(found.form.name, found.grid.sheet, (), (told,), {}))
            continue
        above = _titles(found)
        titles |= dict.fromkeys(above)
        legacy = converted.get(found.grid.sheet, {})
        sheet = Sheet(found.grid, file, forms, legacy, above, book.from_1904, every_row)
        sheets += read_table(sheet, found.form, found.header)
    hidden = () if every_row else tuple(_hidden(grids, forms, file))
    return ReadWorkbook(file, book.format, _signed(grids), tuple(titles), tuple(sheets), hidden)


def _placed(grids: Sequence[Grid], forms: Sequence[Form], *, lists: bool) -> list[_Placed]:
    """The forms that are there, each with its sheets, in the order of the forms."""
    found: dict[str, list[_Placed]] = {form.name: [] for form in forms}
    free: list[Grid] = []
    for grid in grids:
        name = fold(grid.sheet)
        named = next((f for f in forms if fold(f.sheet) == name and (lists or grid.visible)), None)
        if named and not (lists and found[named.name]):
            header = None if grid.far else find_header(grid, named)
            found[named.name].append(_Placed(named, grid, header))
        elif grid.visible and not grid.far and name not in NEVER_FORMS:
            free.append(grid)
    wanted = [form for form in forms if not (lists and found[form.name])]
    unsure: list[_Placed] = []
    for grid in free if wanted else ():
        best = _likeliest(grid, wanted)
        if best is None or best.header is None:
            continue
        if lacking(best.header, best.form):
            unsure.append(best)
        elif not (lists and found[best.form.name]):
            found[best.form.name].append(best)
    for placed in unsure:
        if not found[placed.form.name] and _half(placed):
            found[placed.form.name].append(placed)
    return [placed for its in found.values() for placed in _worth(its)]


def _likeliest(grid: Grid, forms: Sequence[Form]) -> _Placed | None:
    """The form that has most of its columns on a sheet, one with all its required ones first."""
    headed = [_Placed(form, grid, find_header(grid, form)) for form in forms]
    return max(filter(lambda p: p.header, headed), key=_columns, default=None)


def _columns(placed: _Placed) -> tuple[bool, int]:
    header = placed.header
    return (not lacking(header, placed.form), len(header.columns)) if header else (False, 0)


def _half(placed: _Placed) -> bool:
    columns = _columns(placed)[1]
    return columns * HALF >= len(placed.form.fields) and columns > HALF


def _worth(its: Sequence[_Placed]) -> Iterator[_Placed]:
    """Without a sheet that only bears the form's name, where another carries the form."""
    whole = any(placed.header and not lacking(placed.header, placed.form) for placed in its)
    for placed in its:
        empty = not any(v not in ("", None) for row in placed.grid.cells for v in row)
        if not (whole and placed.header is None and empty and not placed.grid.far):
            yield placed


def _titles(placed: _Placed) -> tuple[str, ...]:
    """What stands above the header, a line per row."""
    grid = placed.grid
    above = placed.header.top if placed.header else min(HEADER_ROWS, len(grid.cells))
    lines = (" ".join(filter(None, map(text, grid.cells[row]))) for row in range(above))
    return tuple(filter(None, lines))


def _hidden(grids: Sequence[Grid], forms: Sequence[Form], file: str) -> Iterator[Finding]:
    """Tells of hidden sheets that carry a form; they are not read."""
    for grid in grids:
        if grid.visible or grid.far or fold(grid.sheet) in NEVER_FORMS:
            continue
        placed = _likeliest(grid, forms)
        if placed and placed.header and not lacking(placed.header, placed.form):
            below = grid.cells[placed.header.bottom + 1 :]
            if any(value not in ("", None) for row in below for value in row):
                yield finding("hidden-sheet", file, grid.sheet, severity=Severity.INFO)


def _signed(grids: Sequence[Grid]) -> Signed | None:
    hidden = next((g for g in grids if g.sheet == HIDDEN and not g.far), None)
    if hidden is None:
        return None
    said = {text(row[0]): text(row[1]) for row in hidden.cells if len(row) > 1}
    keys = (KEY_VERSION, KEY_UNIT, KEY_PERIOD, KEY_SIGNATURE)
    return Signed(*(said.get(key, "") for key in keys))
