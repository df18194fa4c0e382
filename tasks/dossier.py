"""Gathers the dossier of a month: every look-up that its documents need, made once."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rules.budget import counts, last_decision
from rules.pace import used
from rules.recipients import own_digests, recipients
from rules.rollup import calls_for_letter
from rules.workdays import REPORT_DAYS, answer_by, report_due
from schemas.board import Board
from schemas.dossier import Addressees, Dossier, Template
from schemas.explanation import Explanation
from schemas.forms import FORMS, IT
from schemas.notices import NoticeKind
from schemas.period import Period
from schemas.registry import Entry, LedgerRow
from schemas.texts import LANGUAGES, Wording, speaking, worded
from tasks import archive, course, submissions
from tasks.adjustments import proposals
from tasks.board import adjustable_by
from tasks.board import board as board_of
from tasks.changes import since_last_month
from tasks.desk import Desk
from tasks.letters import WORD, template
from tasks.step import step
from tasks.wording import TEMPLATES, mail_templates

DATA_DOCS = "quality/index.html"
"""Where the validation's own pages begin, below the period's documents."""


@step(retries=2, retry_delay=5)
def gather(
    desk: Desk, board: Board, told: Mapping[str, tuple[Explanation, ...]], *, late: bool
) -> Dossier:
    """All that the papers of the board's month are made of."""
    period, schedule = board.period, desk.settings.schedule
    versions = {
        unit: its for unit, its in submissions.of_period(desk, period).items() if board.has(unit)
    }
    sums = course.sums(desk, period)
    pace, past = desk.settings.rules.pace, course.past(desk, period.year)
    heads = own_digests(desk.registry)
    due = report_due(board.deadline, schedule)
    return Dossier(
        board=board,
        told=told,
        changes=since_last_month(desk, board),
        proposals=proposals(desk, board),
        received=submissions.received(desk, versions),
        rows={form.name: tuple(submissions.accepted_rows(desk, versions, form)) for form in FORMS},
        pace=course.paces(desk, past),
        pace_used=used(period.month, pace, past),
        pace_origin=pace.origin,
        months=course.whole(sums),
        courses=course.by_unit(sums),
        month_before=course.by_source(desk, period),
        decided=_decided(desk, period),
        it_years=_it_years(desk, period),
        units={unit.code: unit for unit in desk.registry.units},
        activities={one.code: one.name for one in desk.registry.activities},
        addressees=_addressees(desk, board),
        own_digests=heads,
        last_rates=_last_rates(desk, period) if heads else {},
        registry=desk.registry.version,
        body=desk.settings.body,
        letter=desk.settings.letter,
        consolidated=desk.settings.consolidated,
        due=due,
        mailed_from=desk.today if late else due,
        answer_by=answer_by(board.deadline, schedule),
        adjustable=adjustable_by(desk, board),
        open_in_january=desk.settings.rules.open_in_january,
        report_by=answer_by(board.deadline, schedule, REPORT_DAYS),
        overdue=desk.today > board.deadline,
        templates=_templates(desk),
        language=desk.settings.language,
        test_to=desk.settings.mail.test_to,
        speech=_speech(desk),
        data_docs=(desk.report_folder(period) / DATA_DOCS).is_file(),
    )


def _addressees(desk: Desk, board: Board) -> dict[str, Addressees]:
    low = [unit.code for unit in board.units if calls_for_letter(unit.flags)]
    urging = {u: Addressees(*recipients(NoticeKind.URGING, desk.registry, u)) for u in low}
    return urging | {"": Addressees(*recipients(NoticeKind.DIGEST, desk.registry, None))}


def _templates(desk: Desk) -> dict[str, Template]:
    """The templates that hold today, kept: a clerk's next edit leaves these as they are."""
    found = {kind.file: template(desk, kind) for kind in WORD}
    for path in mail_templates(desk.workspace / TEMPLATES):
        found[path.name] = path.read_bytes(), f"{TEMPLATES}/{path.name}"
    return {
        file: Template(name, archive.keep(desk.workspace, content))
        for file, (content, name) in found.items()
    }


def _speech(desk: Desk) -> dict[str, Wording]:
    """Every sentence of the documents' language, and of the Word letters'."""
    languages = {desk.settings.language, LANGUAGES[0]}
    return {language: worded(desk.workspace, language) for language in sorted(languages)}


@contextmanager
def as_then(workspace: Path, dossier: Dossier) -> Iterator[None]:
    """Say everything within the block in the wording, and by the mails' templates, of the dossier.

    Raises DondocError where one of these is gone from the archive.
    """
    with TemporaryDirectory() as scratch:
        own = [file for file in dossier.templates if not file.endswith(".docx")]
        for file in own:
            content = archive.fetch(workspace, dossier.templates[file].sha256)
            Path(scratch, file).write_bytes(content)
        templates = Path(scratch) if own else None
        with speaking(replace(dossier.wording(dossier.language), templates=templates)):
            yield


def _last_rates(desk: Desk, period: Period) -> dict[str, float | None]:
    before = board_of(desk, period.shift(-1)).units if period.month > 1 else ()
    return {unit.code: unit.rate for unit in before}


def _decided(desk: Desk, period: Period) -> tuple[LedgerRow, ...]:
    late = desk.settings.rules.open_in_january
    until = {a.code: last_decision(period, a.source, late) for a in desk.registry.activities}
    return tuple(
        row
        for row in desk.registry.ledger
        if row.entry is Entry.ADJUSTMENT and counts(row, period, until.get(row.activity))
    )


def _it_years(desk: Desk, period: Period) -> tuple[int, int] | None:
    """From the first year of an IT project to the last, where the registry says any."""
    projects = [
        activity
        for activity in desk.registry.activities
        if IT.name in activity.forms and activity.runs_in(period.year)
    ]
    first = [one.first_year for one in projects if one.first_year]
    last = [one.last_year for one in projects if one.last_year]
    return (min(first), max(last)) if first and last else None
