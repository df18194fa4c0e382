"""Writes the period's documents under `reports/PERIOD/`: the Excel summary and the chart."""

from dataclasses import dataclass, replace
from pathlib import Path

from reports.chart import progress_chart
from reports.summary import summary_workbook
from rules.pace import expected
from rules.rates import by_source
from schemas.board import Board
from schemas.forms import IT, STRATEGY, Form, Row
from schemas.period import Period
from tasks import archive, submissions
from tasks.board import board as board_of
from tasks.desk import Desk
from tasks.step import step


@dataclass(frozen=True)
class Documents:
    """The documents as written, with where they lie."""

    summary: bytes
    chart: bytes
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Report:
    """A month as it was reported: its figures, where its documents lie, how many drafts are new."""

    board: Board
    paths: tuple[Path, ...]
    drafts: int


@step()
def month(desk: Desk, period: Period) -> Board:
    """The period's board with the body's rate one month earlier beside it."""
    last = board_of(desk, period.shift(-1)).totals.rate if period.month > 1 else None
    return replace(board_of(desk, period), last_rate=last)


@step(retries=2, retry_delay=5)
def write_documents(desk: Desk, board: Board) -> Documents:
    """Excel summary and chart; written again they are the same bytes."""
    pace = float(expected(board.period.month, desk.settings.rules.pace))
    summary = summary_workbook(
        desk.settings.body,
        board,
        by_source(board.activities),
        _rows(desk, board.period, IT),
        _rows(desk, board.period, STRATEGY),
    )
    chart = progress_chart(board, pace)
    folder = desk.report_folder(board.period)
    written = {f"tong-hop-{board.period}.xlsx": summary, f"tien-do-{board.period}.png": chart}
    for name, content in written.items():
        archive.write_whole(folder / name, content)
    return Documents(summary, chart, tuple(folder / name for name in written))


def _rows(desk: Desk, period: Period, form: Form) -> list[tuple[str, Row]]:
    """(unit, row) of the accepted units, in the registry's order."""
    counting = {
        one.id: unit
        for unit, versions in submissions.of_period(desk, period).items()
        if (one := submissions.standing(versions))
    }
    order = {unit.code: n for n, unit in enumerate(desk.registry.units)}
    rows = [(counting[s], row) for s, row in submissions.rows_of(desk, form.name, list(counting))]
    return sorted(rows, key=lambda pair: order.get(pair[0], len(order)))
