"""Writes the period's documents under `reports/PERIOD/`: the Excel summary and the chart."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from reports.chart import progress_chart
from reports.summary import summary_workbook
from rules.rates import by_source
from schemas.board import Board
from schemas.explanation import Explanation
from schemas.forms import FORMS
from schemas.period import Period
from tasks import archive, submissions
from tasks.adjustments import proposals
from tasks.board import board as board_of
from tasks.board import pace_of
from tasks.desk import Desk
from tasks.letters import Letters
from tasks.step import step


@dataclass(frozen=True)
class Documents:
    """The documents as written, with where they lie."""

    summary: bytes
    chart: bytes
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Report:
    """A month as it was reported: its figures, where its documents and letters lie, how many drafts
    are new."""

    board: Board
    paths: tuple[Path, ...]
    letters: Letters
    drafts: int


@step()
def month(desk: Desk, period: Period) -> Board:
    """The period's board with the body's rate one month earlier beside it."""
    last = board_of(desk, period.shift(-1)).totals.rate if period.month > 1 else None
    return replace(board_of(desk, period), last_rate=last)


@step(retries=2, retry_delay=5)
def write_documents(
    desk: Desk, board: Board, told: Mapping[str, tuple[Explanation, ...]]
) -> Documents:
    """Excel summary, with what its figures rest on as `told`, and chart; written again they are
    the same bytes."""
    pace = float(pace_of(desk, board.period))
    versions = submissions.of_period(desk, board.period)
    summary = summary_workbook(
        desk.settings.body,
        board,
        pace,
        by_source(board.activities),
        {form.name: submissions.accepted_rows(desk, versions, form) for form in FORMS},
        told,
        submissions.received(desk, versions),
        proposals(desk, board),
    )
    chart = progress_chart(board, pace)
    folder = desk.report_folder(board.period)
    written = {f"tong-hop-{board.period}.xlsx": summary, f"tien-do-{board.period}.png": chart}
    for name, content in written.items():
        archive.write_whole(folder / name, content)
    return Documents(summary, chart, tuple(folder / name for name in written))
