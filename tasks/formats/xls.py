"""Touches .xls of every age (BIFF2 to BIFF8) with xlrd, which tells errors, formats, typefaces and
merged cells."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlrd import biffh, open_workbook

from schemas.reading import Book
from tasks.formats import Refused
from tasks.formats.bounds import at_most
from tasks.formats.numberformats import before_unicode, meaning
from tasks.formats.runs import LOWERED, RAISED, STRUCK, set_apart
from tasks.formats.sheet import Sheet
from tasks.formats.xlsb import ERRORS

if TYPE_CHECKING:
    from schemas.settings import Reading

_open: Any = open_workbook
_ALIGNED = {1: RAISED, 2: LOWERED}
_MACRO_STORAGE = "_VBA_PROJECT_CUR".encode("utf-16-le")


def read(content: bytes, limits: "Reading") -> Book:
    """The workbook."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        try:
            book = _open(
                file_contents=content, formatting_info=True, on_demand=True, logfile=nowhere
            )
        except biffh.XLRDError as error:
            raise Refused("encrypted" if "ncrypted" in str(error) else "unreadable") from error
        at_most(book.nsheets, limits.sheets, "sheets")
        at_most(len(book.xf_list), limits.styles, "styles")
        at_most(len(book._sharedstrings), limits.shared_strings, "shared_strings")
        styles = [_style(book, xf) for xf in book.xf_list]
        grids = tuple(_sheet(book, i, styles, limits).grid() for i in range(book.nsheets))
    macros = _MACRO_STORAGE in content
    return Book("xls", grids, macros, book.datemode == 1)


def _style(book: Any, xf: Any) -> tuple[str, str | None]:
    """What a number of this format means, and its typeface where it is one of before Unicode."""
    written = book.format_map.get(xf.format_key)
    means = meaning(written.format_str) if written else ""
    font = book.font_list[xf.font_index].name if xf.font_index < len(book.font_list) else None
    return means, font if before_unicode(font) else None


def _sheet(book: Any, index: int, styles: list[tuple[str, str | None]], limits: "Reading") -> Sheet:
    read_sheet = book.sheet_by_index(index)
    sheet = Sheet(read_sheet.name, limits, visible=read_sheet.visibility == 0)
    from_1904 = book.datemode == 1
    for row in range(read_sheet.nrows):
        kinds, values = read_sheet.row_types(row), read_sheet.row_values(row)
        for column, (kind, value) in enumerate(zip(kinds, values, strict=True)):
            if kind in (biffh.XL_CELL_EMPTY, biffh.XL_CELL_BLANK):
                continue
            means, font = styles[read_sheet.cell_xf_index(row, column)]
            if kind == biffh.XL_CELL_ERROR:
                sheet.flaw(row, column, "error-value", ERRORS.get(value, "#?"))
            elif kind == biffh.XL_CELL_BOOLEAN:
                sheet.put(row, column, bool(value))
            elif kind == biffh.XL_CELL_TEXT:
                sheet.put(row, column, _words(book, read_sheet, row, column, value))
                sheet.font(row, column, font or _run_font(book, read_sheet, row, column))
            else:
                sheet.put_number(row, column, value, means, from_1904)
        if sheet.far:
            break
    for first, behind, left, right in read_sheet.merged_cells:
        sheet.merge(first, left, behind - 1, right - 1)
    book.unload_sheet(index)
    return sheet


def _words(book: Any, sheet: Any, row: int, column: int, text: str) -> str:
    """A text whose parts may be set apart."""
    runs = sheet.rich_text_runlist_map.get((row, column), ())
    ends = [at for at, _ in runs[1:]] + [len(text)]
    parts = [text[: runs[0][0]]] if runs else [text]
    for (start, number), end in zip(runs, ends, strict=False):
        font = book.font_list[min(number, len(book.font_list) - 1)]
        ways = (_ALIGNED.get(font.escapement, ""), STRUCK if font.struck_out else "")
        parts.append(set_apart(text[start:end], *ways))
    return "".join(parts)


def _run_font(book: Any, sheet: Any, row: int, column: int) -> str | None:
    """The typeface of a part of a cell's text."""
    runs = sheet.rich_text_runlist_map.get((row, column), ())
    names = (book.font_list[font].name for _, font in runs if font < len(book.font_list))
    return next(filter(before_unicode, names), None)
