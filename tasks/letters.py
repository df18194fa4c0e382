"""Writes a month's Word papers under `reports/PERIOD/`: the consolidated report, the letters in
`letters/`, and a PDF beside each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from reports.consolidated.fields import CONSOLIDATED
from reports.letters.fields import KINDS, REMINDER, URGING, Kind
from reports.letters.package import is_untouched
from reports.letters.reminder import reminder_letter
from reports.letters.template import WordTemplate, built_in
from reports.letters.urging import urging_letter
from rules.rollup import calls_for_letter
from schemas.board import State
from schemas.dossier import Dossier
from schemas.texts import LANGUAGES, say, speaking
from tasks import archive, libreoffice
from tasks.consolidated import Make, consolidated, report_name
from tasks.crew import Base64, Crew, Work
from tasks.desk import Desk
from tasks.step import step
from tasks.wording import TEMPLATES

FOLDER = "letters"
"""Where the letters lie below the period's documents."""
WORD = (*KINDS, CONSOLIDATED)
"""The kinds of Word papers."""
_REMINDER = Path(REMINDER.file).stem
_LOOKS = 2
"""How often it is looked at the most whether a printed report says on which pages its headings
are."""


@dataclass(frozen=True)
class Letters:
    """Where letters and report lie, .docx and .pdf, and what somebody should know of them."""

    paths: tuple[Path, ...]
    report: tuple[Path, ...]
    notes: tuple[str, ...]
    headings: tuple[int, ...]
    """The pages of the report's headings as it was printed; none: it was not."""
    hashes: Mapping[str, str]
    """Each one's path below the period's documents -> its SHA-256."""


@step()
def write_letters(
    desk: Desk,
    dossier: Dossier,
    ready: Mapping[str, WordTemplate],
    make: Make,
    summary: Callable[[], bytes],
) -> Letters:
    """The consolidated report, as `make` makes it; by the templates made ready a letter to each
    low unit, one to all that are missing or returned once the deadline is over; letters that
    nobody needs any more go. All are made before one is written, the `summary` as well: what cannot
    be made leaves the documents of the report before as they are. Raises DondocError where a
    template of the workspace cannot be used.

    Written again they are the same bytes. One that a person has changed meanwhile is not lost: it
    stays beside the new one under another name.
    """
    folder, strangers = desk.report_folder(dossier.period), dossier.board.strangers
    made = {folder / name: its for name, its in letters(dossier, ready, desk.crew).items()}
    summary()
    notes = []
    for name in sorted({*dossier.units, *strangers, _REMINDER}):
        path = folder / FOLDER / f"{name}.docx"
        notes += _settle(path, made.get(path))
    place = folder / report_name(dossier.period)
    headings, told = _print(desk, made, place, make)
    words, whole = _hashed(made), _hashed({place: make(headings)})
    hashes = {path.relative_to(folder).as_posix(): its for path, its in (words | whole).items()}
    return Letters((*words,), (*whole,), (*notes, *told), headings, hashes)


def _hashed(papers: Mapping[Path, bytes]) -> dict[Path, str]:
    """The papers, then those of their PDFs that are there -> their SHA-256."""
    hashes = {path: archive.name_of(content) for path, content in papers.items()}
    for path in (one.with_suffix(".pdf") for one in papers):
        if (printed := archive.read(path)) is not None:
            hashes[path] = archive.name_of(printed)
    return hashes


def _settle(path: Path, content: bytes | None) -> list[str]:
    """Have this at its place, None: nothing. What a person has changed there is kept aside, and
    told of. Another run may do the same at once, and the last one stays."""
    if (old := archive.read(path)) == content:
        return []
    path.with_suffix(".pdf").unlink(missing_ok=True)
    notes = []
    if old is not None and not is_untouched(old):
        notes.append(say("console.kept-aside", path=_keep_aside(path, old)))
    if content is None:
        path.unlink(missing_ok=True)
    else:
        archive.write_whole(path, content)
    return notes


def letters(dossier: Dossier, ready: Mapping[str, WordTemplate], crew: Crew) -> dict[str, bytes]:
    """The .docx of each letter by its path below the period's documents; the same dossier and
    templates give the same bytes."""
    with speaking(dossier.wording(LANGUAGES[0])):  # by decree, whatever else is English
        low = [unit.code for unit in dossier.board.units if calls_for_letter(unit.flags)]
        shared = dossier, *ready[URGING.file].made_of
        made = dict(zip(low, crew.spread(LETTER, shared, low, each=0.008), strict=True))
        made |= _reminder(dossier, ready[REMINDER.file])
    return {f"{FOLDER}/{name}.docx": content for name, content in made.items()}


def report(dossier: Dossier, ready: Mapping[str, WordTemplate], chart: bytes) -> Make:
    """What makes the consolidated report, likewise, of the pages of its headings."""
    with speaking(dossier.wording(LANGUAGES[0])):
        return consolidated(dossier, chart, ready[CONSOLIDATED.file])


def templates(workspace: Path, dossier: Dossier) -> dict[str, WordTemplate]:
    """The dossier's templates made ready; raises DondocError where one is gone or cannot be
    used."""
    return {
        kind.file: WordTemplate(kind, archive.fetch(workspace, its.sha256), its.name)
        for kind in WORD
        if (its := dossier.templates[kind.file])
    }


def template(desk: Desk, kind: Kind) -> tuple[bytes, str]:
    """The workspace's own, else ours; and how messages call it."""
    own = desk.workspace / TEMPLATES / kind.file
    if own.is_file():
        return own.read_bytes(), f"{TEMPLATES}/{kind.file}"
    return built_in(kind), kind.file


def own_templates(desk: Desk) -> list[str]:
    """The files of the workspace that take the place of ours, each found good; raises DondocError
    where one is not."""
    own = [kind for kind in WORD if (desk.workspace / TEMPLATES / kind.file).is_file()]
    return [f"{TEMPLATES}/{kind.file}" for kind in own if WordTemplate(kind, *template(desk, kind))]


def _writes(shared: tuple[Dossier, bytes, str]) -> Callable[[str], bytes]:
    dossier, template, name = shared
    ready = WordTemplate(URGING, template, name)

    def write(code: str) -> bytes:
        return urging_letter(
            ready,
            dossier.body,
            dossier.letter,
            dossier.units[code],
            dossier.board,
            [f for f in dossier.board.unit(code).flags if calls_for_letter([f])],
            dossier.due,
            dossier.answer_by,
            pace_origin=dossier.pace_source,
            expected=dossier.expected,
            explained=dossier.told.get(code, ()),
            adjustable=dossier.adjustable,
        )

    return write


LETTER = Work(
    "tasks.letters:LETTER", _writes, shared=tuple[Dossier, Base64, str], item=str, result=Base64
)


def _reminder(dossier: Dossier, ready: WordTemplate) -> dict[str, bytes]:
    board = dossier.board
    silent = [unit for unit in board.units if unit.state in {State.MISSING, State.RETURNED}]
    if not silent or not dossier.overdue:
        return {}
    letter = reminder_letter(
        ready, dossier.body, dossier.letter, board, silent, dossier.due, dossier.report_by
    )
    return {_REMINDER: letter}


def _keep_aside(path: Path, content: bytes) -> Path:
    """Where this lies beside it: under a name that was free, or already. What lies at the path
    itself may be another run's by now."""
    names = (path.with_name(f"{path.stem}-da-sua-{number}.docx") for number in count(1))
    kept = next(name for name in names if archive.read(name) in (None, content))
    archive.write_whole(kept, content)
    return kept


def _print(
    desk: Desk, made: Mapping[Path, bytes], place: Path, make: Make
) -> tuple[tuple[int, ...], list[str]]:
    """The PDFs that are not there yet, in one run; one run more where the report's headings come on
    other pages than it says. Gives these pages, and what is missing."""
    wanted = {p: content for p, content in made.items() if not p.with_suffix(".pdf").exists()}
    before = _headings(place)
    settled = before is not None and make(before) == archive.read(place)
    headings, paper = before or (), make(before if desk.settings.letter.pdf else ())
    pdf = _to_pdf(desk, wanted if settled else wanted | {place: paper})
    notes = []
    if not settled:
        for _ in range(_LOOKS):
            headings = tuple(libreoffice.headings(pdf.get(place, b"")))
            if place not in pdf or paper == (paged := make(headings)):
                break
            paper = paged
            pdf = {path: its for path, its in pdf.items() if path != place}
            pdf |= _to_pdf(desk, {place: paper})
        notes += _settle(place, make(headings))
    words = {**made, place: make(headings)}
    for path, content in pdf.items():
        if archive.read(path) == words[path]:  # else another run's lies there: so will its PDF
            archive.write_whole(path.with_suffix(".pdf"), content)
    lost = [p.stem for p in (place, *made) if not p.with_suffix(".pdf").exists()]
    if lost and desk.settings.letter.pdf:
        files = ", ".join(sorted(lost))
        known = libreoffice.installed() is not None
        notes.append(say(f"console.{'some' if known else 'no'}-pdf", files=files))
    return headings, notes


def _headings(place: Path) -> tuple[int, ...] | None:
    """The pages of the report's headings in the PDF that lies there, None without one. Most often
    they are those of the next as well, and it is right as first printed."""
    printed = archive.read(place.with_suffix(".pdf"))
    return None if printed is None else tuple(libreoffice.headings(printed))


def _to_pdf(desk: Desk, documents: Mapping[Path, bytes]) -> dict[Path, bytes]:
    if not desk.settings.letter.pdf or not documents:
        return {}
    paths = {path.stem: path for path in documents}
    made = libreoffice.to_pdf({path.stem: content for path, content in documents.items()})
    return {paths[name]: content for name, content in made.items()}
