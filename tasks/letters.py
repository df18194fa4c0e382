"""Writes a month's Word papers under `reports/PERIOD/`: the consolidated report, the letters in
`letters/`, and a PDF beside each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from reports.consolidated.fields import CONSOLIDATED
from reports.letters.fields import KINDS, REMINDER, URGING, Kind
from reports.letters.package import is_untouched
from reports.letters.reminder import reminder_letter
from reports.letters.template import WordTemplate, built_in
from reports.letters.urging import urging_letter
from rules.pace import expected
from rules.rollup import calls_for_letter
from rules.workdays import REPORT_DAYS, answer_by, report_due
from schemas.board import Board, State
from schemas.explanation import Explanation
from schemas.texts import say, speaking, worded
from tasks import archive, libreoffice
from tasks.consolidated import Report, consolidated
from tasks.desk import Desk
from tasks.step import step

TEMPLATES = "templates"
"""Folder of a workspace whose templates take the place of ours."""
_REMINDER = Path(REMINDER.file).stem


@dataclass(frozen=True)
class Letters:
    """Where letters and report lie, .docx and .pdf, and what somebody should know of them."""

    paths: tuple[Path, ...]
    report: tuple[Path, ...]
    notes: tuple[str, ...]


@step()
def write_letters(
    desk: Desk, board: Board, told: Mapping[str, tuple[Explanation, ...]], chart: bytes
) -> Letters:
    """The consolidated report with the month's chart; a letter to each low unit, one to all that
    are missing or returned once the deadline is over; letters that nobody needs any more go. All
    are made before one is written. Raises DondocError where a template of the workspace cannot be
    used.

    Written again they are the same bytes. One that a person has changed meanwhile is not lost: it
    stays beside the new one under another name.
    """
    folder = desk.report_folder(board.period) / "letters"
    with speaking(worded(desk.workspace, "vi")):  # by decree, whatever else is English
        made = _urging(desk, board, told) | _reminder(desk, board)
        report = consolidated(desk, board, chart, template(desk, CONSOLIDATED))
    letters = {folder / f"{name}.docx": content for name, content in made.items()}
    notes = []
    for name in sorted({unit.code for unit in desk.registry.units} | {_REMINDER}):
        path = folder / f"{name}.docx"
        notes += _settle(path, letters.get(path))
    notes += _print(desk, letters, report)
    return Letters(_with_pdf(letters), _with_pdf([report.path]), tuple(notes))


def _with_pdf(papers: Iterable[Path]) -> tuple[Path, ...]:
    """The papers, then those of their PDFs that are there."""
    words = list(papers)
    printed = (path.with_suffix(".pdf") for path in words)
    return (*words, *(path for path in printed if path.is_file()))


def _settle(path: Path, content: bytes | None) -> list[str]:
    """Have this at its place, None: nothing. What a person has changed there is kept aside, and
    told of."""
    notes = []
    if path.is_file() and (old := path.read_bytes()) != content:
        path.with_suffix(".pdf").unlink(missing_ok=True)
        if is_untouched(old):
            path.unlink()
        else:
            kept = _aside(path)
            path.rename(kept)
            notes.append(say("console.kept-aside", path=kept))
    if content is not None and not path.exists():
        archive.write_whole(path, content)
    return notes


def template(desk: Desk, kind: Kind) -> WordTemplate:
    """The workspace's own, else ours; raises DondocError where it cannot be used."""
    own = desk.workspace / TEMPLATES / kind.file
    if own.is_file():
        return WordTemplate(kind, own.read_bytes(), f"{TEMPLATES}/{kind.file}")
    return WordTemplate(kind, built_in(kind), kind.file)


def own_templates(desk: Desk) -> list[str]:
    """The files of the workspace that take the place of ours, each found good; raises DondocError
    where one is not."""
    kinds = (*KINDS, CONSOLIDATED)
    own = [kind for kind in kinds if (desk.workspace / TEMPLATES / kind.file).is_file()]
    return [f"{TEMPLATES}/{kind.file}" for kind in own if template(desk, kind)]


def _urging(
    desk: Desk, board: Board, told: Mapping[str, tuple[Explanation, ...]]
) -> dict[str, bytes]:
    schedule, ready = desk.settings.schedule, template(desk, URGING)
    return {
        status.code: urging_letter(
            ready,
            desk.settings,
            desk.registry.unit(status.code),
            board,
            [flag for flag in status.flags if calls_for_letter([flag])],
            report_due(board.deadline, schedule),
            answer_by(board.deadline, schedule),
            float(expected(board.period.month, desk.settings.rules.pace)),
            told.get(status.code, ()),
        )
        for status in board.units
        if calls_for_letter(status.flags)
    }


def _reminder(desk: Desk, board: Board) -> dict[str, bytes]:
    schedule, ready = desk.settings.schedule, template(desk, REMINDER)
    silent = [unit for unit in board.units if unit.state in {State.MISSING, State.RETURNED}]
    if not silent or desk.today <= board.deadline:
        return {}
    due = report_due(board.deadline, schedule)
    by = answer_by(board.deadline, schedule, REPORT_DAYS)
    return {_REMINDER: reminder_letter(ready, desk.settings, board, silent, due, by)}


def _aside(path: Path) -> Path:
    """A name beside it that is free."""
    number = 1
    while (kept := path.with_name(f"{path.stem}-da-sua-{number}.docx")).exists():
        number += 1
    return kept


def _print(desk: Desk, letters: Mapping[Path, bytes], report: Report) -> list[str]:
    """The PDFs that are not there yet, in one run; one run more tells the report the pages of its
    headings, so that its contents are right. Gives what is missing."""
    wanted = {p: content for p, content in letters.items() if not p.with_suffix(".pdf").exists()}
    draft = None if report.is_settled() else report.make(())
    pdf = _to_pdf(desk, wanted | ({report.path: draft} if draft else {}))
    notes = []
    if draft:
        paged = report.make(libreoffice.headings(pdf.get(report.path, b"")))
        if paged != draft:
            pdf |= _to_pdf(desk, {report.path: paged})
        notes += _settle(report.path, paged)
    for path, content in pdf.items():
        archive.write_whole(path.with_suffix(".pdf"), content)
    lost = [p.stem for p in (report.path, *letters) if not p.with_suffix(".pdf").exists()]
    if lost and desk.settings.letter.pdf:
        files = ", ".join(sorted(lost))
        known = libreoffice.installed() is not None
        notes.append(say(f"console.{'some' if known else 'no'}-pdf", files=files))
    return notes


def _to_pdf(desk: Desk, documents: Mapping[Path, bytes]) -> dict[Path, bytes]:
    if not desk.settings.letter.pdf or not documents:
        return {}
    paths = {path.stem: path for path in documents}
    made = libreoffice.to_pdf({path.stem: content for path, content in documents.items()})
    return {paths[name]: content for name, content in made.items()}
