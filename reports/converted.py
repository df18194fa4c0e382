"""A workbook of another format rewritten as .xlsx: the same values in the same cells."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from xlsxwriter.worksheet import Worksheet

from reports.packed import LINE
from reports.sheets import RATE, lines
from reports.sheets import Book as Target
from schemas.reading import Area, Book, Grid

NARROWEST, WIDEST = 9, 44
"""A column's width in characters; longer texts are wrapped."""
HIGHEST = 409
"""Points; no row can be higher."""
LONGEST = 32_767
"""Letters of a cell."""

LONGEST_TITLE = 31
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))

_DAY, _MOMENT, _WHOLE_RATE = "dd/mm/yyyy", "dd/mm/yyyy hh:mm", "0%"
_FIRST_DAY = date(1900, 1, 1)
"""Earlier days are no dates to a workbook, and are written as text."""
_LIKE_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def converted_workbook(book: Book) -> bytes:
    """The book as an .xlsx: texts, numbers, dates, percentages and merged cells where they stood.

    Formulas are their values, texts stay texts whatever they begin with. The sheets bear
    `titles(book)`. The same book gives the same bytes.
    """
    target = Target()
    target.date_1904 = book.from_1904
    named = titles(book)
    sheets = [(grid, target.sheet(named[grid.sheet])) for grid in book.sheets]
    shown = [sheet for grid, sheet in sheets if grid.visible] or [sheet for _, sheet in sheets[:1]]
    for number, (grid, sheet) in enumerate(sheets):
        if sheet not in shown:
            sheet.hide()
        elif sheet is shown[0] and number:
            sheet.set_first_sheet()
            sheet.activate()
        _fill(target, sheet, grid)
    if not sheets:
        target.sheet("Sheet1")
    return target.content()


def titles(book: Book) -> dict[str, str]:
    """Sheet of the book -> its title in the .xlsx, where not every name is allowed."""
    named: dict[str, str] = {}
    taken = {"history"}  # Excel keeps it for itself
    for grid in book.sheets:
        plain = "".join(c if c.isprintable() else "_" for c in grid.sheet).translate(_FORBIDDEN)
        title, number = _cut(plain, LONGEST_TITLE), 1
        while title.casefold() in taken:
            number += 1
            title = f"{_cut(plain, LONGEST_TITLE - 6)} ({number})"
        taken.add(title.casefold())
        named[grid.sheet] = title
    return named


def _cut(name: str, letters: int) -> str:
    """A name of so many letters, counted as Excel counts them; neither end is an apostrophe."""
    counted = name.strip("' ").encode("utf-16-le")[: 2 * letters].decode("utf-16-le", "ignore")
    return counted.strip("' ") or "Sheet"


def _fill(target: Target, sheet: Worksheet, grid: Grid) -> None:
    merged = list(_merged(grid))
    covered = {(row, column) for area in merged for row, column in _places(area)}
    widths = _widths(grid, covered)
    for column, width in widths.items():
        sheet.set_column(column, column, width)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(0)  # nor in print: there are no borders
    for area in merged:
        sheet.merge_range(*area, "", target.style(text_wrap=True))
    for number, cells in enumerate(grid.cells):
        high = 1
        for column, value in enumerate(cells):
            place = (number, column)
            if value in ("", None):
                value = _error(grid, place)  # noqa: PLW2901 - what stood in its stead
            if value in ("", None):
                continue
            _write(target, sheet, grid, place, value)
            if isinstance(value, str) and place not in covered:
                high = max(high, sum(lines(line, widths[column]) for line in value.split("\n")))
        if high > 1:
            sheet.set_row(number, min(HIGHEST, LINE * high))


def _write(
    target: Target, sheet: Worksheet, grid: Grid, place: tuple[int, int], value: object
) -> None:
    look: dict[str, Any] = {}
    if place in grid.fonts:
        look["font_name"] = grid.fonts[place]
    match value:
        case bool():
            sheet.write_boolean(*place, value, target.style(**look))
        case int() | float() if math.isfinite(value):
            if place in grid.shares:
                whole = math.isclose(value * 100, round(value * 100), abs_tol=1e-9)
                look["num_format"] = _WHOLE_RATE if whole else RATE
            sheet.write_number(*place, value, target.style(**look))
        case date() if _day(value) >= _FIRST_DAY:
            plain = not isinstance(value, datetime) or value.time() == time()
            look["num_format"] = _DAY if plain else _MOMENT
            moment = value if isinstance(value, datetime) else datetime.combine(value, time())
            sheet.write_datetime(*place, moment, target.style(**look))
        case _:
            text = str(value)[:LONGEST]
            look["text_wrap"] = True
            if text.startswith(_LIKE_FORMULAS):
                look["quote_prefix"] = True  # not even when the cell is edited
            sheet.write_string(*place, text, target.style(**look))


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _error(grid: Grid, place: tuple[int, int]) -> str:
    """`#DIV/0!` where a formula failed, nothing where it was never calculated."""
    flaw = grid.flaws.get(place)
    return flaw.value if flaw and flaw.rule == "error-value" else ""


def _merged(grid: Grid) -> Iterable[Area]:
    """The merged areas of more than one cell that none before overlaps, as far as cells reach."""
    height, width = len(grid.cells), max(map(len, grid.cells), default=0)
    taken: set[tuple[int, int]] = set()
    for top, left, bottom, right in grid.merged:
        area = (top, left, min(bottom, max(top, height - 1)), min(right, max(left, width - 1)))
        places = set(_places(area))
        if len(places) > 1 and not places & taken:
            taken |= places
            yield area


def _places(area: Area) -> Iterable[tuple[int, int]]:
    top, left, bottom, right = area
    return ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))


def _widths(grid: Grid, covered: set[tuple[int, int]]) -> Mapping[int, int]:
    """Each column as wide as its longest value, within reason."""
    widths: dict[int, int] = {}
    for number, cells in enumerate(grid.cells):
        for column, value in enumerate(cells):
            long = 0 if (number, column) in covered else _length(value)
            widths[column] = max(widths.get(column, NARROWEST), min(WIDEST, long + 2))
    return widths


def _length(value: object) -> int:
    parts: Sequence[str] = str(value).split("\n") if isinstance(value, str) else [_shown(value)]
    return max(map(len, parts))


def _shown(value: object) -> str:
    return "dd/mm/yyyy" if isinstance(value, date) else f"{value:,}" if _is_number(value) else ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
