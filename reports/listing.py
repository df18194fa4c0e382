"""How a list of the summary stands on its sheet: titles, header, a row per line, filter, sums."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from reports.denominator import beside
from reports.packed import Line
from reports.sheets import (
    HEAD,
    LOCKED,
    NUMBER_FORMATS,
    RATE,
    Book,
    fit_height,
    height,
    landscape,
    show_decimals,
)
from schemas.board import Board
from schemas.forms import Kind
from schemas.settings import Body
from schemas.texts import say

HEADER = 4
"""The header's row on every sheet, from 0."""
TENTHS = "#,##0.0"
"""As the letters round; the cell keeps every đồng."""
AMOUNT = 16
"""Characters that a sum takes to the đồng: `1,234,567.891234` triệu đồng."""
FROZEN = 2
"""Columns that stay in view: whose line it is."""

MOST_LINKED = 65_530 // 10
"""Lines whose figures are linked: Excel takes 65,530 links a sheet, and no list of ours has more
than ten linked columns."""

SUMMED = {"bold": True, "bg_color": LOCKED}
"""The look of sums, told from the lines above them."""

Formula = tuple[int, str, Decimal | float | str]
"""The column's place, the formula, and its result as we know it."""


@dataclass(frozen=True)
class Column:
    """One column: its label and kind, and what a line has there; `shown` is a number format for
    figures that are worked out rather than reported, `link` the place in the workbook that a
    line's figure leads to (None: nowhere)."""

    label: str
    kind: Kind
    width: int
    value: Callable[[Any], Any]
    shown: str | None = None
    link: Callable[[Any], str | None] | None = None

    @property
    def number_format(self) -> str:
        """As Excel writes it."""
        return self.shown or NUMBER_FORMATS.get(self.kind, "General")


def money(
    label: str, value: Callable[[Any], Any], link: Callable[[Any], str | None] | None = None
) -> Column:
    """A reported amount, to the đồng."""
    return Column(label, Kind.MONEY, AMOUNT, value, link=link)


def rounded(label: str, value: Callable[[Any], Any]) -> Column:
    """An amount that we worked out, shown in tenths."""
    return Column(label, Kind.MONEY, 13, value, TENTHS)


def percent(
    label: str, value: Callable[[Any], Any], link: Callable[[Any], str | None] | None = None
) -> Column:
    """A rate: a fraction shown as a percentage, or the words that stand for none."""
    return Column(label, Kind.PERCENT, 13, value, RATE, link)


def text(label: str, width: int, value: Callable[[Any], Any]) -> Column:
    """Words, on as many lines as they need."""
    return Column(label, Kind.TEXT, width, value)


def code(label: str, width: int, value: Callable[[Any], Any]) -> Column:
    """A code or a word that stays on its line."""
    return Column(label, Kind.CODE, width, value)


def list_sheet(
    book: Book,
    name: str,
    title: str,
    body: Body,
    board: Board,
    columns: Sequence[Column],
    lines: Sequence[Any],
) -> Worksheet:
    """A sheet of its own: titles, header, one row per line, filter; nothing is merged."""
    sheet = book.sheet(name)
    right = len(columns) - 1
    sheet.write_string(0, 0, body.name.upper(), book.style(bold=True))
    sheet.write_string(1, 0, title, book.style(bold=True, font_size=14))
    sheet.write_string(2, 0, say("workbook.period", period=board.period.title), book.style())
    if any(column.kind is Kind.MONEY for column in columns):
        said = beside(say("workbook.money"), board)
        if any(column.link for column in columns):
            said = f"{said} {say('summary.linked')}"
        sheet.write_string(3, 0, said, book.style(italic=True))
    styles = [book.style(**_look(column)) for column in columns]
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(HEADER, place, column.label, book.style(**HEAD))
        if column.kind is Kind.MONEY and lines and not column.shown:
            show_decimals(book, sheet, HEADER + 1, place, HEADER + len(lines))
    fit_height(sheet, HEADER, ((column.label, column.width - 2) for column in columns))
    if lines:
        sheet.write_list(HEADER + 1, len(lines), styles, _laid_out(columns, lines))
        sheet.autofilter(HEADER, 0, HEADER + len(lines), right)
    else:
        sheet.write_string(HEADER + 1, 0, say("summary.nothing"), book.style(italic=True))
    landscape(sheet, HEADER, FROZEN)
    return sheet


def _look(column: Column) -> dict[str, Any]:
    look = {"border": 1, "text_wrap": True, "num_format": column.number_format}
    return look | ({"align": "right"} if column.kind is Kind.PERCENT else {})


def _laid_out(columns: Sequence[Column], lines: Sequence[Any]) -> Iterator[Line]:
    """Each line when it is asked for, and gone with the next."""
    linked = enumerate(columns) if len(lines) <= MOST_LINKED else ()
    links = [(place, column.link) for place, column in linked if column.link]
    worded = [(place, c.width) for place, c in enumerate(columns) if c.kind is Kind.TEXT]
    values = [column.value for column in columns]
    for line in lines:
        cells = [value(line) for value in values]
        texts = [(str(cells[place] or ""), width) for place, width in worded]
        leads = {place: target for place, link in links if (target := link(line))}
        yield Line(height(texts), cells, leads)


def filtered_sums(
    book: Book, sheet: Worksheet, columns: Sequence[Column], lines: Sequence[Any]
) -> None:
    """Below the list, the sums of those of its lines that the filter shows."""
    first, last = HEADER + 1, HEADER + len(lines)
    formulas: list[Formula] = []
    for place, column in enumerate(columns):
        if column.kind is Kind.MONEY:
            known = [value for line in lines if (value := column.value(line)) is not None]
            formula = f"=SUBTOTAL(9,{xl_range(first, place, last, place)})"
            formulas.append((place, formula, sum(known, Decimal(0))))
            show_decimals(book, sheet, last + 1, place, last + 1)
    formula_line(book, sheet, last + 1, say("summary.total"), columns, formulas)


def formula_line(
    book: Book,
    sheet: Worksheet,
    row: int,
    label: str,
    columns: Sequence[Column],
    formulas: Sequence[Formula],
    look: Mapping[str, Any] = SUMMED,
) -> None:
    """A ruled row of formulas, each with the result that we know stored, under a label that may
    run over the empty cells after it."""
    styles = [
        book.style(top=1, bottom=1, num_format=column.number_format, **look) for column in columns
    ]
    for place, style in enumerate(styles):
        sheet.write_blank(row, place, None, style)
    sheet.write_string(row, 0, label, styles[0])
    for place, formula, value in formulas:
        sheet.write_formula(row, place, formula, styles[place], value)
