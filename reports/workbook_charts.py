"""The summary's sheet Biểu đồ: charts that Excel itself draws, beside the figures behind them."""

from collections.abc import Sequence
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from reports.denominator import note
from reports.listing import HEADER
from reports.sheets import HEAD, RATE, Book, fit_height, landscape
from schemas.board import Board
from schemas.settings import Body
from schemas.texts import say

SHEET = "Biểu đồ"
SHOWN = 40
"""Bars in one chart; of more units the slowest are shown."""
BARS, LINE = "#2F5D8A", "#A63603"
"""Told apart in grey print too: the bars are filled, the pace is a line with marks."""

Bar = tuple[str, str, str, float]
"""A bar's short name, its full name, the cell of its rate (`'Tổng hợp'!$G$6`), and that rate."""


def charts_sheet(
    book: Book,
    body: Body,
    board: Board,
    units: Sequence[Bar],
    sources: Sequence[Bar],
    expected: float,
) -> None:
    """Rates by unit, the slowest first, and by funding source, each against the expected pace.

    `expected` is a fraction. The figures behind the bars are formulas that lead to the sheets they
    come from, so that a chart changes with them.
    """
    sheet = book.sheet(SHEET)
    sheet.write_string(0, 0, body.name.upper(), book.style(bold=True))
    sheet.write_string(1, 0, say("summary.charts"), book.style(bold=True, font_size=14))
    sheet.write_string(2, 0, say("workbook.period", period=board.period.title), book.style())
    sheet.write_string(3, 0, note(board), book.style(italic=True))
    for place, width in enumerate((18, 40, 10, 10)):
        sheet.set_column(place, place, width)
    slowest = sorted(units, key=lambda bar: bar[3])[:SHOWN]
    row = HEADER
    tables = (("units", "Đơn vị", slowest), ("sources", "Nguồn vốn", sources))
    for key, head, bars in ((key, head, bars) for key, head, bars in tables if bars):
        _table(book, sheet, row, head, bars, expected)
        title = say(f"summary.chart-{key}", period=board.period.label)
        chart = _chart(book, row + 1, len(bars), title)
        sheet.insert_chart(row, 5, chart, {"x_scale": 1.7 if key == "units" else 1.2})
        row += max(len(bars), 17) + 3
    landscape(sheet, HEADER)


def _table(
    book: Book, sheet: Worksheet, top: int, head: str, bars: Sequence[Bar], expected: float
) -> None:
    heads = (head, say("summary.name"), say("summary.rate"), say("summary.expected"))
    named = any(name for _, name, _, _ in bars)
    for place, label in enumerate(heads):
        if named or place != 1:
            sheet.write_string(top, place, label, book.style(**HEAD))
    fit_height(sheet, top, ((label, 8) for label in heads))
    text, share = (
        book.style(border=1, text_wrap=True),
        book.style(border=1, num_format=RATE),
    )
    for row, (short, name, cell, rate) in enumerate(bars, top + 1):
        sheet.write_string(row, 0, short, text)
        if named:
            sheet.write_string(row, 1, name, text)
        sheet.write_formula(row, 2, f"={cell}", share, rate)
        sheet.write_number(row, 3, expected, share)
        fit_height(sheet, row, ((name, 40),))


def _chart(book: Book, first: int, count: int, title: str) -> Any:
    font = {"name": "Times New Roman", "size": 10}

    def series(column: int, label: str, **look: Any) -> dict[str, Any]:
        return {
            "name": label,
            "categories": [SHEET, first, 0, first + count - 1, 0],
            "values": [SHEET, first, column, first + count - 1, column],
            **look,
        }

    chart: Any = book.add_chart({"type": "column"})
    labels = {
        "value": True,
        "num_format": "0.0%",
        "position": "inside_base",  # where the line of the pace does not cross it
        "font": {**font, "size": 9, "color": "#FFFFFF", "bold": True},
    }
    few = count <= SHOWN // 2
    chart.add_series(
        series(
            2,
            say("summary.rate"),
            fill={"color": BARS},
            gap=60,
            **({"data_labels": labels} if few else {}),
        )
    )
    pace: Any = book.add_chart({"type": "line"})
    pace.add_series(
        series(
            3,
            say("summary.expected"),
            line={"color": LINE, "width": 2.25, "dash_type": "dash"},
            marker={
                "type": "diamond",
                "size": 6,
                "fill": {"color": LINE},
                "border": {"none": True},
            },
        )
    )
    chart.combine(pace)
    chart.set_title({"name": title, "name_font": {**font, "size": 12}, "overlay": False})
    chart.set_x_axis({"num_font": font})
    chart.set_y_axis(
        {"num_format": "0%", "num_font": font, "min": 0, "major_gridlines": {"visible": True}}
    )
    chart.set_legend({"position": "bottom", "font": font})
    return chart


def cell_of(sheet: str, row: int, column: int) -> str:
    """A cell on another sheet, as a formula names it."""
    return f"'{sheet}'!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"
