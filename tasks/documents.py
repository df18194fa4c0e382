"""Writes the period's documents under `reports/PERIOD/`: the Excel summary and the chart."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reports.chart import progress_chart
from reports.summary import summary_workbook
from rules.rates import by_source
from schemas.board import Board
from schemas.dossier import Dossier
from schemas.period import Period
from tasks import archive
from tasks.board import board as board_of
from tasks.course import compared
from tasks.desk import Desk
from tasks.letters import Letters
from tasks.step import step


@dataclass(frozen=True)
class Documents:
    """The documents as written, by name, with where they lie."""

    contents: Mapping[str, bytes]
    paths: tuple[Path, ...]

    chart: bytes

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


@step()
def month(desk: Desk, period: Period) -> Board:
    """The period's board, with what the body's rate is compared with."""
    return compared(desk, board_of(desk, period))


@step(retries=2, retry_delay=5)
def write_documents(desk: Desk, dossier: Dossier) -> Documents:
    """Excel summary, with what its figures rest on, and chart; written again they are the same
    bytes."""
    contents, folder = documents(dossier), desk.report_folder(dossier.period)
    for name, content in contents.items():
        archive.write_whole(folder / name, content)
    paths = tuple(folder / name for name in contents)
    return Documents(contents, paths, contents[chart_name(dossier.period)])


def documents(dossier: Dossier) -> dict[str, bytes]:
    """The period's documents by name; the same dossier gives the same bytes."""
    board = dossier.board
    return {
        summary_name(board.period): summary_workbook(
            dossier.body,
            board,
            dossier.expected,
            by_source(board.activities),
            dossier.rows,
            dossier.told,
            dossier.received,
            dossier.proposals,
        ),
        chart_name(board.period): progress_chart(board, dossier.expected),
    }


def summary_name(period: Period) -> str:
    """The file of the Excel summary."""
    return f"tong-hop-{period}.xlsx"


def chart_name(period: Period) -> str:
    """The file of the chart."""
    return f"tien-do-{period}.png"
