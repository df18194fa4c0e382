"""Writes the Word letters of a month under `reports/PERIOD/letters/`, with a PDF beside each."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

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
from tasks.desk import Desk
from tasks.step import step

TEMPLATES = "templates"
"""Folder of a workspace whose templates take the place of ours."""
_REMINDER = Path(REMINDER.file).stem


@dataclass(frozen=True)
class Letters:
    """Where the letters lie, .docx and .pdf, and what somebody should know of them."""

    paths: tuple[Path, ...]
    notes: tuple[str, ...]


@step()
def write_letters(desk: Desk, board: Board, told: Mapping[str, tuple[Explanation, ...]]) -> Letters:
    """A letter to each low unit, one to all that are missing or returned once the deadline is
    over; letters that nobody needs any more go. All are made before one is written. Raises
    DondocError where a template of the workspace cannot be used.

    Written again they are the same bytes. One that a person has changed meanwhile is not lost: it
    stays beside the new one under another name.
    """
    with speaking(worded(desk.workspace, "vi")):  # by decree, whatever else is English
        made = _urging(desk, board, told) | _reminder(desk, board)
    folder = desk.report_folder(board.period) / "letters"
    notes = []
    for name in sorted({unit.code for unit in desk.registry.units} | {_REMINDER}):
        path = folder / f"{name}.docx"
        if path.is_file() and (old := path.read_bytes()) != made.get(name):
            path.with_suffix(".pdf").unlink(missing_ok=True)
            if is_untouched(old):
                path.unlink()
            else:
                kept = _aside(path)
                path.rename(kept)
                notes.append(say("console.kept-aside", path=kept))
    words = [folder / f"{name}.docx" for name in made]
    for path in words:
        if not path.exists():
            archive.write_whole(path, made[path.stem])
    pdf, missing = _portable(desk, words)
    return Letters((*words, *pdf), (*notes, *missing))


def template(desk: Desk, kind: Kind) -> WordTemplate:
    """The workspace's own, else ours; raises DondocError where it cannot be used."""
    own = desk.workspace / TEMPLATES / kind.file
    if own.is_file():
        return WordTemplate(kind, own.read_bytes(), f"{TEMPLATES}/{kind.file}")
    return WordTemplate(kind, built_in(kind), kind.file)


def own_templates(desk: Desk) -> list[str]:
    """The files of the workspace that take the place of ours, each found good; raises DondocError
    where one is not."""
    own = [kind for kind in KINDS if (desk.workspace / TEMPLATES / kind.file).is_file()]
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


def _portable(desk: Desk, words: list[Path]) -> tuple[list[Path], list[str]]:
    """The PDFs beside the letters, made where they are not there yet; and what is missing."""
    if not desk.settings.letter.pdf or not words:
        return [], []
    if libreoffice.installed() is None:
        there = [path for word in words if (path := word.with_suffix(".pdf")).exists()]
        return there, [say("console.no-pdf")] if len(there) < len(words) else []
    wanted = {path.stem: path for path in words if not path.with_suffix(".pdf").exists()}
    made = libreoffice.to_pdf({name: path.read_bytes() for name, path in wanted.items()})
    for name, content in made.items():
        archive.write_whole(wanted[name].with_suffix(".pdf"), content)
    lost = sorted(wanted.keys() - made.keys())
    notes = [say("console.some-pdf", files=", ".join(lost))] if lost else []
    return [path.with_suffix(".pdf") for path in words if path.stem not in lost], notes
