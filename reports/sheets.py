"""How every workbook of ours looks: typeface, a cell's format by its kind, A4, equal bytes."""

import textwrap
from collections.abc import Iterable
from copy import deepcopy
from datetime import datetime
from functools import cache, lru_cache
from io import BytesIO
from typing import Any, cast

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from reports.packed import LINE, Package, Sheet, Texts
from schemas.forms import NUMERIC, Kind

STAMP = datetime(2021, 1, 1)  # noqa: DTZ001 - a document property, no moment in time
"""The date that every workbook bears as its creation: the same data give the same bytes."""

WHOLE = "#,##0"
DECIMALS = "#,##0.######"
"""Beside WHOLE where there are decimals; alone it would print `1.234,` for a whole number."""

RATE = "0.00%"
NUMBER_FORMATS = {Kind.MONEY: WHOLE, Kind.DATE: "dd/mm/yyyy", Kind.CODE: "@", Kind.TEXT: "@"}
"""Text cells are text, so that `- chưa có` and code `001` stay what the clerk typed."""

INPUT, LOCKED, HEADER = "#FFF8DC", "#F0F0F0", "#D9E2EF"
"""Fill colours: to be filled in, given by the ministry, header. Told apart in grey print too."""

HEAD = {
    "bold": True,
    "bg_color": HEADER,
    "border": 1,
    "align": "center",
    "valign": "vcenter",
    "text_wrap": True,
}
_NARROWER = 1.08
"""Letters to a digit's width, in which columns are measured; the real 1.15 less a reserve."""

PROTECTION = {"format_cells": True, "format_columns": True, "format_rows": True}
"""What a clerk may still do on a protected sheet."""

OPTIONS = {
    "in_memory": True,
    "default_format_properties": {"font_name": "Times New Roman", "font_size": 11},
}


class _Sheet(Sheet):
    """A sheet whose rows may be given a height and still grow with what is typed into them."""

    def _prepare_formula(self, formula: str, *further: bool) -> str:
        return _prepared(formula, *further)

    def _xml_start_tag_unencoded(self, tag: str, attributes: Any = None) -> None:
        if tag == "row":
            attributes = [pair for pair in attributes if pair[0] != "customHeight"]
        super()._xml_start_tag_unencoded(tag, attributes)


_ANY = Worksheet()


@lru_cache(maxsize=10_000)
def _prepared(formula: str, *further: bool) -> str:
    """As XlsxWriter writes it: ninety searches each, for few formulas in thousands of workbooks."""
    prepared = Worksheet._prepare_formula(_ANY, formula, *further)  # type: ignore[no-untyped-call]
    return str(prepared)


class Book(Workbook):
    """A workbook in memory; `style` gives one format per set of properties."""

    def __init__(self) -> None:
        super().__init__(BytesIO(), deepcopy(OPTIONS))  # it writes into what it is given
        self.str_table = Texts()
        self._package = Package()
        self.set_properties({"created": STAMP})
        self.style = cache(self._style)

    def sheet(self, name: str) -> Sheet:
        """A new sheet, the last so far."""
        sheet: Any = self.add_worksheet(name, _Sheet)
        return cast("Sheet", sheet)

    def _get_packager(self) -> Package:
        return self._package

    def _style(self, **properties: Any) -> Format:
        return self.add_format({"valign": "top", **properties})

    def content(self) -> bytes:
        """Closes the workbook and gives its bytes."""
        self.close()
        return self._package.content()


def write(sheet: Worksheet, row: int, column: int, kind: Kind, value: Any, style: Format) -> None:
    """Writes a value as its kind; None leaves an empty cell, text never becomes a formula."""
    if value is None:
        sheet.write_blank(row, column, None, style)
    elif kind in NUMERIC:
        sheet.write_number(row, column, value, style)
    elif kind is Kind.DATE:
        sheet.write_datetime(row, column, value, style)
    else:
        sheet.write_string(row, column, str(value), style)


def fit_height(sheet: Worksheet, row: int, cells: Iterable[tuple[str, int]]) -> None:
    """Makes a row high enough for its wrapped texts, each with its column's width in characters.

    Excel would do so itself, but LibreOffice and the viewers on telephones do not.
    """
    sheet.set_row(row, height(cells))


def height(cells: Iterable[tuple[str, int]]) -> int:
    """How high such a row is, in points."""
    return LINE * max((lines(text, width) for text, width in cells), default=1)


def lines(text: str, width: int) -> int:
    """How many lines a text takes in a column so wide, at least one."""
    letters = int(width * _NARROWER)
    return _wrapped(text, letters) if len(text) > letters or "\t" in text else 1


@lru_cache(maxsize=10_000)  # most texts stand in every unit's workbook
def _wrapped(text: str, letters: int) -> int:
    return max(1, len(textwrap.wrap(text, letters)))


def show_decimals(book: Book, sheet: Worksheet, first: int, column: int, last: int) -> None:
    """Shows decimals in a column of amounts only where there are any."""
    cell = xl_rowcol_to_cell(first, column)
    sheet.conditional_format(
        xl_range(first, column, last, column),
        {
            "type": "formula",
            "criteria": f"=ROUND({cell},6)<>ROUND({cell},0)",
            "format": book.add_format({"num_format": DECIMALS}),
        },
    )


def landscape(sheet: Worksheet, header: int, frozen: int = 0) -> None:
    """A4 landscape, one page wide, the header row frozen and repeated on every page."""
    portrait(sheet)
    sheet.set_landscape()
    sheet.freeze_panes(header + 1, frozen)
    sheet.repeat_rows(header)


def portrait(sheet: Worksheet) -> None:
    """A4 upright, one page wide, pages numbered."""
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.4, top=0.6, bottom=0.6)
    sheet.set_footer("&C&P/&N")
