"""Drafts the notices of each occasion: gathers what they say, and lays them in the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass

from reports import mails
from reports.chart import alternative_text
from reports.pages.outgoing import month_file
from rules.recipients import recipients
from rules.rollup import calls_for_letter, urged
from rules.workdays import deadline, is_too_late, reminder_offset, shift
from schemas.board import Board, State, UnitStatus
from schemas.dossier import Dossier
from schemas.notices import Attachment, Draft, NoticeKind
from schemas.period import Period
from tasks import answers, outbox, submissions
from tasks.answers import Answer, Asked
from tasks.board import board as board_of
from tasks.board import lines
from tasks.desk import Desk
from tasks.documents import Documents, chart_name, summary_name
from tasks.marking import XLSX
from tasks.step import step
from tasks.submissions import PLACED, Stored


@dataclass(frozen=True)
class Opened:
    """A period that was opened: for which units, which of them nobody can be mailed for, and
    whether its mails are too late to leave."""

    period: Period
    units: tuple[str, ...]
    unreachable: tuple[str, ...]
    too_late: bool


@step()
def draft_forms(desk: Desk, period: Period, forms: Mapping[str, bytes], *, late: bool) -> Opened:
    """A mail with its workbook to every unit; due on the first working day after the period."""
    schedule = desk.settings.schedule
    due = desk.today if late else shift(period.last_day, 1, schedule)
    drafts = []
    for code, content in forms.items():
        unit = desk.registry.unit(code)
        to, cc = recipients(NoticeKind.BLANK_FORM, desk.registry, code)
        mail = mails.blank_form(
            desk.settings.body,
            unit,
            period,
            deadline(period, schedule),
            len(desk.registry.activities_of(code, period.year)),
        )
        file = Attachment(f"{code}-{period}.xlsx", content, XLSX)
        drafts.append(Draft(NoticeKind.BLANK_FORM, period, code, "", to, cc, mail, (file,), due))
    outbox.draft(desk, drafts)
    with desk.writer.begin() as connection:
        submissions.ensure_period(desk, connection, period, opened=True)
    unreachable = tuple(one.unit for one in drafts if one.unit and not one.to)
    return Opened(period, tuple(forms), unreachable, is_too_late(due, desk.today, schedule))


@step()
def answer(desk: Desk) -> int:
    """A receipt or a return for every submission that has had no answer yet, and for a file that
    could not be read; a reminder that waits for who has reported is withdrawn. The number of
    answers."""
    waiting = submissions.unanswered(desk)
    meant = Period.ended_before(desk.today)  # by a file that could not be read
    of_period: dict[Period, set[str]] = {}
    for s in waiting:
        of_period.setdefault(s.period or meant, set()).add(s.unit or "")
    boards = {period: lines(desk, period, units) for period, units in of_period.items()}
    answered = [  # a unit that left the registry meanwhile has nobody to answer to
        (s, boards[s.period or meant]) for s in waiting if boards[s.period or meant].has(s.unit)
    ]
    asked = [_asked(desk, board, one) for one, board in answered]
    settings = desk.settings
    composed = answers.composed(desk.crew, desk.workspace, settings.body, settings.reading, asked)
    drafts = [_answer(desk, *pair) for pair in zip(asked, composed, strict=True)]
    with desk.writer.begin() as connection:
        outbox.lay(desk, connection, drafts)
        for period in boards:
            reported = {
                one.to.unit or ""
                for one in asked
                if one.period == period and one.to.state in PLACED
            }
            outbox.withdraw(desk, connection, (NoticeKind.REMINDER,), period, reported)
        submissions.mark_answered(connection, [one.to.id for one in asked])
    return len(drafts)


def _asked(desk: Desk, board: Board, one: Stored) -> Asked:
    unit = desk.registry.unit(one.unit or "")
    status, basis = board.unit(unit.code), board.basis(unit.code)
    return Asked(one, unit, board.period, board.deadline, status, basis)


def _answer(desk: Desk, asked: Asked, answer: Answer) -> Draft:
    one, marked = asked.to, answer.marked
    files = (Attachment(marked.name(one.file), marked.content, marked.kind),) if marked else ()
    kind = NoticeKind.RECEIPT if one.state is State.ACCEPTED else NoticeKind.RETURN
    to, cc = recipients(kind, desk.registry, asked.unit.code)
    return Draft(
        kind, asked.period, asked.unit.code, one.sha256, to, cc, answer.mail, files, desk.today
    )


@step()
def draft_reminders(desk: Desk, period: str) -> int:
    """Reminders due on the business date to the units that are missing or returned, once each;
    of that period, or of every period that exists."""
    schedule = desk.settings.schedule
    drafts = []
    for one in [Period.parse(period)] if period else submissions.known_periods(desk):
        offset = reminder_offset(desk.today, one, schedule)
        if offset is None:
            continue
        occasion = f"T{offset:+d}"
        done = outbox.drafted_for(desk, NoticeKind.REMINDER, one, occasion)
        board = board_of(desk, one)
        for status in board.units:
            if status.state in {State.MISSING, State.RETURNED} and status.code not in done:
                to, cc = recipients(
                    NoticeKind.REMINDER,
                    desk.registry,
                    status.code,
                    heads=offset >= schedule.heads_from,
                )
                mail = mails.reminder(
                    desk.settings.body,
                    desk.registry.unit(status.code),
                    one,
                    board.deadline,
                    desk.today,
                    status.state,
                    offset,
                )
                drafts.append(
                    Draft(
                        NoticeKind.REMINDER, one, status.code, occasion, to, cc, mail, (),
                        desk.today,
                    )
                )  # fmt: skip
    return outbox.draft(desk, drafts)


@dataclass(frozen=True)
class Drafted:
    """What a report drafted: how many notices are new, and what each is known by."""

    new: int
    contents: Mapping[str, str]
    """Name of the notice (`urging DV01`) -> the hash of all that it says."""


@step()
def draft_report(desk: Desk, dossier: Dossier, documents: Documents) -> Drafted:
    """An urging letter per low unit, with what its figures rest on, one digest, and one of their
    unit to heads who take it; a letter to a unit that is low no longer is withdrawn, and the digest
    of a unit whose head takes none any more. Nothing leaves before a person approved it."""
    # all are written before the transaction, during which nobody else can write
    drafts = report_drafts(dossier, documents.contents)
    with desk.writer.begin() as connection:
        for kind in (NoticeKind.URGING, NoticeKind.DIGEST):
            known = {*dossier.units, *dossier.board.strangers}
            spared = known - {one.unit for one in drafts if one.kind is kind}
            outbox.withdraw(desk, connection, (kind,), dossier.period, spared)
        new = sum(outbox.lay(desk, connection, drafts))
    return Drafted(new, {outbox.name_of(one): outbox.content_of(one) for one in drafts})


def report_drafts(dossier: Dossier, documents: Mapping[str, bytes]) -> list[Draft]:
    """The notices of a report; the same dossier and documents give the same."""
    low = [u for u in dossier.board.units if calls_for_letter(u.flags)]
    return [
        *(_urging(dossier, status) for status in low),
        _digest(dossier, documents),
        *_unit_digests(dossier),
    ]


def _urging(dossier: Dossier, status: UnitStatus) -> Draft:
    board, addressees = dossier.board, dossier.addressees[status.code]
    mail = mails.urging(
        dossier.body,
        dossier.units[status.code],
        board.period,
        board,
        [f for f in status.flags if calls_for_letter([f])],
        dossier.answer_by,
        dossier.pace_source,
        dossier.expected,
        dossier.told.get(status.code, ()),
        dossier.adjustable,
    )
    return Draft(
        NoticeKind.URGING, board.period, status.code, "", addressees.to, addressees.cc, mail, (),
        dossier.mailed_from,
    )  # fmt: skip


def _unit_digests(dossier: Dossier) -> list[Draft]:
    """Of each unit that reports and whose head takes the digest."""
    return [
        Draft(
            NoticeKind.DIGEST, dossier.period, unit.code, "", heads, (),
            mails.unit_digest(
                dossier.body, dossier.board, unit, dossier.changes, dossier.expected,
                dossier.last_rates.get(unit.code),
            ),
            (), dossier.mailed_from,
        )
        for unit in dossier.board.units
        if (heads := dossier.own_digests.get(unit.code))
    ]  # fmt: skip


def _digest(dossier: Dossier, documents: Mapping[str, bytes]) -> Draft:
    board, period, addressees = dossier.board, dossier.period, dossier.addressees[""]
    chart, summary = chart_name(period), summary_name(period)
    mail = mails.digest(
        dossier.body,
        board,
        urged(board),
        dossier.changes,
        Attachment(chart, documents[chart], "image/png"),
        alternative_text(board, dossier.expected),
        dossier.expected,
        attached=(summary,),
        adjusting=dossier.proposals,
        page=f"reports/{period}/{month_file(period)}",
    )
    file = Attachment(summary, documents[summary], XLSX)
    return Draft(
        NoticeKind.DIGEST, period, None, "", addressees.to, addressees.cc, mail, (file,),
        dossier.mailed_from,
    )  # fmt: skip
