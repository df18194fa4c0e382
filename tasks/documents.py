"""Writes the period's documents under `reports/PERIOD/`: the Excel summary and the chart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from reports.chart import progress_chart
from reports.letters.template import WordTemplate
from reports.summary import summary_workbook
from rules.rates import by_source
from schemas.board import Board
from schemas.dossier import Dossier
from schemas.period import Period
from tasks import archive
from tasks.board import board as board_of
from tasks.consolidated import Make
from tasks.course import compared
from tasks.crew import Base64, Work
from tasks.desk import Desk
from tasks.letters import Letters, report, templates
from tasks.step import step


@dataclass(frozen=True)
class Documents:
    """The documents as written, by name, with where they lie."""

    contents: Mapping[str, bytes]
    paths: tuple[Path, ...]

    @property
    def hashes(self) -> dict[str, str]:
        """Each one's name -> its SHA-256."""
        return {name: archive.name_of(content) for name, content in self.contents.items()}


@dataclass(frozen=True)
class Report:
    """A month as it was reported: its figures, where its documents and letters lie, how many drafts
    are new."""

    board: Board
    paths: tuple[Path, ...]
    letters: Letters
    drafts: int


@dataclass(frozen=True)
class Begun:
    """The documents while they are made."""

    summary: Callable[[], bytes]
    """Waits for the Excel summary."""
    chart: bytes
    templates: Mapping[str, WordTemplate]
    """Those of the Word papers, made ready."""
    report: Make
    """What makes the consolidated report."""


@step()
def month(desk: Desk, period: Period) -> Board:
    """The period's board, with what the body's rate is compared with."""
    board = compared(desk, board_of(desk, period))
    desk.crew.expect(SUMMARY, seconds=_seconds(board))
    return board


@step()
def begin_documents(desk: Desk, dossier: Dossier) -> Begun:
    """The chart is drawn and the consolidated report laid out, while the Excel summary is being
    made beside. Raises DondocError where a template of the workspace cannot be used."""
    seconds = _seconds(dossier.board)
    summary = desk.crew.beside(SUMMARY, dossier, None, seconds=seconds)
    chart, ready = chart_of(dossier), templates(desk.workspace, dossier)
    return Begun(summary, chart, ready, report(dossier, ready, chart))


@step(retries=2, retry_delay=5)
def write_documents(desk: Desk, dossier: Dossier, begun: Begun) -> Documents:
    """Excel summary, with what its figures rest on, and chart; written again they are the same
    bytes."""
    folder, period = desk.report_folder(dossier.period), dossier.period
    contents = {summary_name(period): begun.summary(), chart_name(period): begun.chart}
    for name, content in contents.items():
        archive.write_whole(folder / name, content)
    return Documents(contents, tuple(folder / name for name in contents))


def _seconds(board: Board) -> float:
    """That the summary takes."""
    return 0.0007 * len(board.activities)


def summary_of(dossier: Dossier) -> bytes:
    """The Excel summary; the same dossier gives the same bytes."""
    return summary_workbook(
        dossier.body,
        dossier.board,
        dossier.expected,
        by_source(dossier.board.activities),
        dossier.rows,
        dossier.told,
        dossier.received,
        dossier.proposals,
    )


def chart_of(dossier: Dossier) -> bytes:
    """The chart as PNG, likewise."""
    return progress_chart(dossier.board, dossier.expected)


def _writes(dossier: Dossier) -> Callable[[None], bytes]:
    return lambda _: summary_of(dossier)


SUMMARY = Work("tasks.documents:SUMMARY", _writes, shared=Dossier, item=None, result=Base64)


def summary_name(period: Period) -> str:
    """The file of the Excel summary."""
    return f"tong-hop-{period}.xlsx"


def chart_name(period: Period) -> str:
    """The file of the chart."""
    return f"tien-do-{period}.png"
