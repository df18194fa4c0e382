"""Gathers what the consolidated report of a month is made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from reports.chart import alternative_text, progress_chart
from reports.consolidated.fields import CONSOLIDATED
from reports.consolidated.finish import finished
from reports.consolidated.material import Material
from reports.consolidated.report import composed
from reports.letters.template import WordTemplate
from rules.rollup import calls_for_letter
from rules.workdays import REPORT_DAYS, answer_by, report_due
from schemas.board import Board
from schemas.forms import IT, STRATEGY
from schemas.period import Period
from schemas.registry import Entry
from schemas.texts import spoken
from tasks import libreoffice, submissions
from tasks.adjustments import proposals
from tasks.board import pace_of
from tasks.course import course
from tasks.desk import Desk


@dataclass(frozen=True)
class Report:
    """Where the report lies, and what makes it of the pages of its printed headings (none: its
    contents show no pages)."""

    path: Path
    make: Callable[[Sequence[int]], bytes]

    def is_settled(self) -> bool:
        """Whether it lies there, with its PDF, as it would be made now."""
        pdf = self.path.with_suffix(".pdf")
        if not self.path.is_file() or not pdf.is_file():
            return False
        return self.make(libreoffice.headings(pdf.read_bytes())) == self.path.read_bytes()


def consolidated(desk: Desk, board: Board, chart: bytes, template: WordTemplate) -> Report:
    """The report of the board's month, in the language spoken; `chart` is the month's PNG, drawn
    anew where the workspace speaks another."""
    pace = float(pace_of(desk, board.period))
    if desk.settings.language != spoken().language:
        chart = progress_chart(board, pace)
    month = _material(desk, board, chart, alternative_text(board, pace))
    path = report_path(desk.report_folder(board.period), board.period)
    return Report(path, partial(finished, composed(template, month), chart))


def report_path(folder: Path, period: Period) -> Path:
    """Where the period's report lies in the folder of its documents."""
    return folder / f"{Path(CONSOLIDATED.file).stem}-{period}.docx"


def _material(desk: Desk, board: Board, chart: bytes, words: str) -> Material:
    schedule, period = desk.settings.schedule, board.period
    versions = submissions.of_period(desk, period)
    months = (Period(period.year, month) for month in range(1, period.month + 1))
    paces = {one.month: float(pace_of(desk, one)) for one in months}
    return Material(
        settings=desk.settings,
        board=board,
        course=course(desk, board),
        paces=paces,
        low={
            unit.code: [flag for flag in unit.flags if calls_for_letter([flag])]
            for unit in board.units
            if calls_for_letter(unit.flags)
        },
        proposals=proposals(desk, board),
        decided=[
            row
            for row in desk.registry.ledger
            if row.entry is Entry.ADJUSTMENT
            and row.year == period.year
            and (row.day is None or row.day <= period.last_day)
        ],
        rows={
            form.name: submissions.accepted_rows(desk, versions, form) for form in (IT, STRATEGY)
        },
        received=submissions.received(desk, versions),
        due=report_due(board.deadline, schedule),
        answer_by=answer_by(board.deadline, schedule),
        report_by=answer_by(board.deadline, schedule, REPORT_DAYS),
        it_years=_years(desk, board),
        chart=chart,
        chart_words=words,
    )


def _years(desk: Desk, board: Board) -> tuple[int, int] | None:
    """From the first year of an IT project to the last, where the registry says any."""
    projects = [
        activity
        for activity in desk.registry.activities
        if IT.name in activity.forms and activity.runs_in(board.period.year)
    ]
    first = [one.first_year for one in projects if one.first_year]
    last = [one.last_year for one in projects if one.last_year]
    return (min(first), max(last)) if first and last else None
