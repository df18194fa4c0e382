"""The month's summary workbook: units, activities, flags, and the rows of the two other forms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from reports.sheets import (
    HEAD,
    LOCKED,
    NUMBER_FORMATS,
    RATE,
    Book,
    fit_height,
    landscape,
    show_decimals,
    write,
)
from schemas.board import ActivityFigure, Board, UnitStatus
from schemas.flags import Flag, gravest
from schemas.forms import DISBURSEMENT, IT, STRATEGY, Form, Kind, Row
from schemas.settings import Body
from schemas.texts import say

HEADER = 4
"""The header's row on every sheet, from 0."""
TENTHS = "#,##0.0"
"""As the letters round; the cell keeps every đồng."""
FROZEN = 2
"""Columns that stay in view: whose line it is."""

Formula = tuple[int, str, Decimal | float | None]
"""The column's place, the formula, and its result as we know it."""


@dataclass(frozen=True)
class Column:
    """One column: its label and kind, and what a line has there; `shown` is a number format for
    figures that are worked out rather than reported."""

    label: str
    kind: Kind
    width: int
    value: Callable[[Any], Any]
    shown: str | None = None

    @property
    def number_format(self) -> str:
        """As Excel writes it."""
        return self.shown or NUMBER_FORMATS.get(self.kind, "General")


def summary_workbook(
    body: Body,
    board: Board,
    it_rows: Sequence[tuple[str, Row]],
    strategy_rows: Sequence[tuple[str, Row]],
) -> bytes:
    """The .xlsx attached to the digest: Tổng hợp, Nhiệm vụ, Cảnh báo, CNTT, Chiến lược.

    Amounts in triệu đồng; rows are (unit's code, row) of the accepted units. Totals are formulas
    that carry our own figures as their stored results. The same board gives the same bytes.
    """
    book = Book()
    names = {unit.code: unit.name for unit in board.units}
    _units(book, body, board)
    _activities(book, body, board, names)
    _flags(book, body, board, names)
    for name, form, rows in (("CNTT", IT, it_rows), ("Chiến lược", STRATEGY, strategy_rows)):
        _form(book, name, body, board, form, rows, names)
    return book.content()


def _money(label: str, value: Callable[[Any], Any]) -> Column:
    return Column(label, Kind.MONEY, 13, value)


def _rounded(label: str, value: Callable[[Any], Any]) -> Column:
    return Column(label, Kind.MONEY, 13, value, TENTHS)


def _rate(label: str, value: Callable[[Any], Any]) -> Column:
    return Column(label, Kind.PERCENT, 9, value, RATE)


def _text(label: str, width: int, value: Callable[[Any], Any]) -> Column:
    return Column(label, Kind.TEXT, width, value)


def _gravest(unit: UnitStatus) -> str | None:
    severity = gravest(unit.flags)
    return say(f"severity.{severity}") if severity else None


_CURRENT = DISBURSEMENT["budget_current"].label
_DISBURSED = DISBURSEMENT["disbursed"].label
_RATE = "Tỷ lệ giải ngân"

_UNIT_COLUMNS = (
    _text("Mã đơn vị", 11, lambda u: u.code),
    _text("Tên đơn vị", 38, lambda u: u.name),
    _text("Tình trạng báo cáo", 18, lambda u: say(f"state.{u.state}")),
    _text("Nộp muộn", 9, lambda u: say("summary.late") if u.late else None),
    _money(_CURRENT, lambda u: u.budget_current),
    _money(_DISBURSED, lambda u: u.disbursed_to_date),
    _rate(_RATE, lambda u: u.rate),
    _text("Mức cảnh báo", 13, _gravest),
)
_BUDGET, _PAID, _SHARE = 4, 5, 6
"""Places of the money and rate columns above, which the totals below them speak of."""


def _units(book: Book, body: Body, board: Board) -> None:
    sheet = _table(book, "Tổng hợp", say("summary.title"), body, board, _UNIT_COLUMNS, board.units)
    first, last = HEADER + 1, HEADER + len(board.units)
    budgets, paid = (xl_range(first, c, last, c) for c in (_BUDGET, _PAID))
    totals, row = board.totals, last + 1
    accepted = xl_rowcol_to_cell(row, _BUDGET)
    disbursed = xl_rowcol_to_cell(row, _PAID)
    # a unit counts where it has a disbursed figure, 0 among them
    counted: list[Formula] = [
        (_BUDGET, f'=SUMIF({paid},"<>",{budgets})', totals.budget_current),
        (_PAID, f"=SUM({paid})", totals.disbursed_to_date),
        (_SHARE, f'=IF({accepted}>0,{disbursed}/{accepted},"")', totals.rate),
    ]
    rest: list[Formula] = [(_BUDGET, f"=SUM({budgets})-{accepted}", totals.budget_not_reported)]
    if board.units:
        _total_line(book, sheet, row, say("summary.accepted"), _UNIT_COLUMNS, counted)
        _total_line(book, sheet, row + 1, say("summary.not-reported"), _UNIT_COLUMNS, rest)
        for column in (_BUDGET, _PAID):
            show_decimals(book, sheet, first, column, row + 1)


def _activities(book: Book, body: Body, board: Board, names: dict[str, str]) -> None:
    labels = {field.name: field.label for field in DISBURSEMENT.fields}
    columns = (
        _text("Mã đơn vị", 9, lambda a: a.unit),
        _text(labels["code"], 13, lambda a: a.code),
        _text("Tên đơn vị", 20, lambda a: names[a.unit]),
        _text(labels["name"], 34, lambda a: a.name),
        _text(labels["source"], 12, lambda a: a.source),
        _money("Dự toán giao trong năm", lambda a: a.budget.assigned),
        _money("Chuyển nguồn", lambda a: a.budget.carried),
        _money(labels["budget_adjustment"], lambda a: a.budget.adjustment),
        _money(_CURRENT, lambda a: a.budget.current),
        _money("Lũy kế tháng trước", lambda a: a.last_month),
        _money(_DISBURSED, lambda a: a.disbursed),
        _rate(_RATE, lambda a: a.rate),
        _money(labels["estimate"], lambda a: a.estimate),
        _money(labels["proposal"], lambda a: a.proposal),
        _text(labels["difficulty"], 24, lambda a: a.difficulty),
        _text(labels["solution"], 24, lambda a: a.solution),
    )
    its = board.activities
    sheet = _table(book, "Nhiệm vụ", say("summary.activities"), body, board, columns, its)
    if its:
        _totals(book, sheet, columns, its)


def _flags(book: Book, body: Body, board: Board, names: dict[str, str]) -> None:
    activities: dict[str | None, ActivityFigure] = {a.code: a for a in board.activities}
    columns = (
        _text("Mã đơn vị", 11, lambda f: f.unit),
        _text("Mã nhiệm vụ", 13, lambda f: f.activity),
        _text("Tên đơn vị", 26, lambda f: names[f.unit]),
        _text("Tên nhiệm vụ", 40, lambda f: _about(f, activities)),
        _text("Cảnh báo", 24, lambda f: say(f"flag.{f.rule}.title")),
        _text("Mức độ", 11, lambda f: say(f"severity.{f.severity}")),
        _rate("Thực tế", lambda f: f.actual),
        _rate("Yêu cầu", lambda f: f.expected),
        _rounded("Còn thiếu", lambda f: f.shortfall),
        _rounded("Cần giải ngân mỗi tháng đến hết năm", lambda f: f.needed_per_month),
        _text("Ghi chú", 24, lambda f: say("summary.small") if f.small else None),
        _text("Quy tắc", 20, lambda f: f"{f.rule} {f.version}"),
    )
    flags = [flag for unit in board.units for flag in unit.flags]
    _table(book, "Cảnh báo", say("summary.flags"), body, board, columns, flags)


def _form(
    book: Book,
    name: str,
    body: Body,
    board: Board,
    form: Form,
    rows: Sequence[tuple[str, Row]],
    names: dict[str, str],
) -> None:
    def of_row(name: str) -> Callable[[tuple[str, Row]], Any]:
        return lambda pair: pair[1].values.get(name)

    own = [Column(f.label, f.kind, f.width, of_row(f.name)) for f in form.fields]
    columns = (
        _text("Mã đơn vị", 11, lambda pair: pair[0]),
        own[0],
        _text("Tên đơn vị", 26, lambda pair: names.get(pair[0])),
        *own[1:],
    )
    _table(book, name, form.title, body, board, columns, rows)


def _table(
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
    sheet.write_string(2, 0, say("workbook.period", period=board.period.label), book.style())
    if any(column.kind is Kind.MONEY for column in columns):
        sheet.write_string(3, 0, say("workbook.money"), book.style(italic=True))
    for place, column in enumerate(columns):
        style = book.style(border=1, text_wrap=True, num_format=column.number_format)
        sheet.set_column(place, place, column.width)
        sheet.write_string(HEADER, place, column.label, book.style(**HEAD))
        for row, line in enumerate(lines, HEADER + 1):
            write(sheet, row, place, column.kind, column.value(line), style)
        if column.kind is Kind.MONEY and lines and not column.shown:
            show_decimals(book, sheet, HEADER + 1, place, HEADER + len(lines))
    fit_height(sheet, HEADER, ((column.label, column.width - 2) for column in columns))
    for row, line in enumerate(lines, HEADER + 1):
        texts = [(str(c.value(line) or ""), c.width) for c in columns if c.kind is Kind.TEXT]
        fit_height(sheet, row, texts)
    if lines:
        sheet.autofilter(HEADER, 0, HEADER + len(lines), right)
    else:
        sheet.write_string(HEADER + 1, 0, say("summary.nothing"), book.style(italic=True))
    landscape(sheet, HEADER, FROZEN)
    return sheet


def _totals(book: Book, sheet: Worksheet, columns: Sequence[Column], lines: Sequence[Any]) -> None:
    """Sums of the lines that the filter shows."""
    first, last = HEADER + 1, HEADER + len(lines)
    formulas: list[Formula] = []
    for place, column in enumerate(columns):
        if column.kind is Kind.MONEY:
            known = [value for line in lines if (value := column.value(line)) is not None]
            formula = f"=SUBTOTAL(9,{xl_range(first, place, last, place)})"
            formulas.append((place, formula, sum(known, Decimal(0))))
            show_decimals(book, sheet, last + 1, place, last + 1)
    _total_line(book, sheet, last + 1, say("summary.total"), columns, formulas)


def _total_line(
    book: Book,
    sheet: Worksheet,
    row: int,
    label: str,
    columns: Sequence[Column],
    formulas: Sequence[Formula],
) -> None:
    def style(column: Column) -> Format:
        return book.style(
            bold=True, bg_color=LOCKED, top=1, bottom=1, num_format=column.number_format
        )

    for place, column in enumerate(columns):
        sheet.write_blank(row, place, None, style(column))
    sheet.write_string(row, 0, label, style(columns[0]))
    for place, formula, value in formulas:
        stored = "" if value is None else value
        sheet.write_formula(row, place, formula, style(columns[place]), stored)


def _about(flag: Flag, activities: dict[str | None, ActivityFigure]) -> str:
    return activities[flag.activity].name if flag.activity else say("summary.whole-unit")
