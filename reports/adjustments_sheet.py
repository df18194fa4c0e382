"""The summary's sheet Điều chỉnh: who gives back, who asks, and the balance by funding source."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from xlsxwriter.utility import xl_range, xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from reports.adjusting import doubts
from reports.listing import (
    HEADER,
    Column,
    Formula,
    code,
    filtered_sums,
    formula_line,
    list_sheet,
    money,
    percent,
    text,
)
from reports.sheets import HEAD, Book, fit_height, show_decimals
from reports.trail import Trail
from schemas.adjustments import Proposal, Proposals
from schemas.board import Board
from schemas.forms import DISBURSEMENT
from schemas.settings import Body
from schemas.texts import say

_SOURCE, _GIVEN, _ASKED, _LEFT = 4, 8, 9, 10
"""Places of the source and the amounts below, which the balance sums; what is left stands under
the column after them."""


def adjustments_sheet(
    book: Book,
    body: Body,
    board: Board,
    names: Mapping[str, str],
    found: Proposals,
    trail: Trail,
) -> None:
    """A line for each proposal with its figures linked to where they stand, the sums of those that
    the filter shows, and below them the balance of each funding source and of all by formulas."""
    columns = _columns(names, trail)
    title = say("summary.adjustments")
    sheet = list_sheet(book, "Điều chỉnh", title, body, board, columns, found.lines)
    if found.lines:
        filtered_sums(book, sheet, columns, found.lines)
        _balances(book, sheet, columns[: _LEFT + 1], found)


def _balances(book: Book, sheet: Worksheet, columns: Sequence[Column], found: Proposals) -> None:
    top = HEADER + len(found.lines) + 4
    title = say("adjust.balance-title")
    sheet.write_string(top, 0, title, book.style(bold=True, font_size=12))
    _header(book, sheet, top + 1, columns)
    listed = {
        column: xl_range_abs(HEADER + 1, column, HEADER + len(found.lines), column)
        for column in (_SOURCE, _GIVEN, _ASKED)
    }
    first, last = top + 2, top + 1 + len(found.balances)
    for row, one in enumerate(found.balances, first):
        named = xl_rowcol_to_cell(row, 0)
        sums: list[Formula] = [
            (column, f"=SUMIF({listed[_SOURCE]},{named},{listed[column]})", value)
            for column, value in ((_GIVEN, one.given), (_ASKED, one.asked))
        ]
        formula_line(book, sheet, row, str(one.source), columns, [*sums, _left(row, one.left)], {})
    whole: list[Formula] = [
        (column, f"=SUM({xl_range(first, column, last, column)})", value)
        for column, value in ((_GIVEN, found.total.given), (_ASKED, found.total.asked))
    ]
    end = _left(last + 1, found.total.left)
    formula_line(book, sheet, last + 1, say("adjust.all-sources"), columns, [*whole, end])
    for column in (_GIVEN, _ASKED, _LEFT):
        show_decimals(book, sheet, first, column, last + 1)


def _left(row: int, known: Decimal) -> Formula:
    """Given back less asked, of a row's own amounts."""
    given, asked = (xl_rowcol_to_cell(row, column) for column in (_GIVEN, _ASKED))
    return _LEFT, f"={given}-{asked}", known


def _header(book: Book, sheet: Worksheet, row: int, columns: Sequence[Column]) -> None:
    style = book.style(**HEAD | {"align": "left", "left": 0, "right": 0})
    for place in range(_GIVEN):
        sheet.write_blank(row, place, None, style)
    sheet.write_string(row, 0, DISBURSEMENT["source"].label, style)
    labels = {column: columns[column].label for column in (_GIVEN, _ASKED)}
    labels[_LEFT] = say("adjust.balance")
    for column, label in labels.items():
        sheet.write_string(row, column, label, book.style(**HEAD))
    fit_height(sheet, row, [(label, columns[column].width) for column, label in labels.items()])


def _columns(names: Mapping[str, str], trail: Trail) -> tuple[Column, ...]:
    def own(line: Proposal) -> str | None:
        return trail.link(line.unit, line.activity)

    def spent(line: Proposal) -> str | None:
        return trail.link(line.activity, DISBURSEMENT["disbursed"].label)

    def proposed(line: Proposal) -> str | None:
        return trail.link(line.activity, DISBURSEMENT["proposal"].label)

    def given(line: Proposal) -> str | None:
        return proposed(line) if line.amount < 0 else None

    def asked(line: Proposal) -> str | None:
        return proposed(line) if line.amount > 0 else None

    return (
        code("Mã đơn vị", 11, lambda p: p.unit),
        code(DISBURSEMENT["code"].label, 13, lambda p: p.activity),
        text("Tên đơn vị", 20, lambda p: names[p.unit]),
        text(DISBURSEMENT["name"].label, 30, lambda p: p.name),
        text(DISBURSEMENT["source"].label, 12, lambda p: p.source),
        money(DISBURSEMENT["budget_current"].label, lambda p: p.budget, own),
        money(DISBURSEMENT["disbursed"].label, lambda p: p.disbursed, spent),
        percent("Tỷ lệ giải ngân", lambda p: p.rate),
        money("Đề xuất giảm", lambda p: -p.amount if p.amount < 0 else None, given),
        money("Đề xuất tăng", lambda p: p.amount if p.amount > 0 else None, asked),
        money("Dự toán nếu điều chỉnh", lambda p: p.after),
        percent("Tỷ lệ nếu điều chỉnh", lambda p: p.rate_after),
        text("Lưu ý", 26, lambda p: doubts(p) or None),
    )
