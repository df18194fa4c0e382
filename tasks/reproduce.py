"""Makes a past report again from what was stored of it, and compares every byte."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from reports import difference
from reports.letters.package import is_edited
from schemas import tables
from schemas.dossier import Dossier
from schemas.errors import DondocError
from schemas.forms import FORMS, NUMERIC, Row
from schemas.notices import Draft, NoticeKind
from schemas.period import Period
from schemas.registry import LedgerRow
from schemas.reproduction import (
    Compared,
    Input,
    Misread,
    Outcome,
    Renewed,
    Reported,
    Reproduction,
)
from schemas.submission import Received
from tasks import archive, outbox, workbooks
from tasks.apart import Reader
from tasks.consolidated import report_name
from tasks.desk import Desk
from tasks.documents import chart_name, chart_of, summary_name, summary_of
from tasks.dossier import as_then
from tasks.letters import letters, report, templates
from tasks.lock import lock
from tasks.notices import report_drafts
from tasks.pages import period_pages
from tasks.registry import read_registry
from tasks.reported import dossier_of, reported

_FIELDS = {
    form.name: [field.name for field in form.fields if field.kind in NUMERIC] for form in FORMS
}


def reproduce(desk: Desk, period: Period, into: Path | None = None) -> Reproduction:
    """The period's newest report made again, and written `into` a folder where one is named:
    nothing that has changed since has a part in it.

    Raises DondocError where no report was kept, or what it was made of is gone or damaged.
    """
    kept = reported(desk, period)
    dossier = dossier_of(desk, kept)
    inputs = [*_inputs(desk, kept, dossier)]
    cells, misread = _read_again(desk, dossier)
    renewed = _renewed(kept.lock)
    made, drafts = _made_again(desk, dossier)
    if into:
        for name, content in made.items():
            archive.write_whole(into / name, content)
    compared = [
        *_documents(desk, kept, made, programs_changed=bool(renewed)),
        *_mails(desk, kept, drafts, programs_changed=bool(renewed)),
    ]
    return Reproduction(kept, tuple(inputs), cells, tuple(misread), tuple(compared), renewed)


def _renewed(then: Mapping[str, str]) -> tuple[Renewed, ...]:
    now = lock()
    parts = dict.fromkeys([*then, *now])
    return tuple(
        Renewed(part, then.get(part), now.get(part))
        for part in parts
        if then.get(part) != now.get(part)
    )


# --- inputs and figures -------------------------------------------------------------------------


def _inputs(desk: Desk, kept: Reported, dossier: Dossier) -> Iterator[Input]:
    """Every file that the report rests on, each looked up under its hash."""
    yield _sound(desk, "registry", "registry.xlsx", kept.registry)
    for one in dossier.received:
        yield _sound(desk, "submission", f"{one.unit}: {one.file}", one.sha256)
    for its in dossier.templates.values():
        yield _sound(desk, "template", its.name, its.sha256)
    past = {
        (line.sha256, line.file)
        for told in dossier.told.values()
        for one in told
        for its in (one.imported, one.past)
        for line in its
    }
    for sha256, file in sorted(past, key=lambda pair: pair[0]):
        yield _sound(desk, "history", file or sha256, sha256)


def _sound(desk: Desk, kind: str, name: str, sha256: str) -> Input:
    try:
        archive.fetch(desk.workspace, sha256)
    except DondocError as error:
        return Input(kind, name, sha256, str(error))
    return Input(kind, name, sha256)


def _read_again(desk: Desk, dossier: Dossier) -> tuple[int, list[Misread]]:
    """How many figures were read again in the cells that they cite, and those that are others
    there. What is gone from the archive cannot be read: that is said of the inputs."""
    stand = {one.unit: one for one in dossier.received if one.stands}
    cited: dict[str, list[tuple[str, str, Row]]] = {}
    for form, its in dossier.rows.items():
        for unit, row in its:
            cited.setdefault(unit, []).append((unit, form, row))
    count, misread = _ledger(desk, dossier)
    with Reader(desk.settings.reading) as reader:
        for unit, rows in cited.items():
            found = _cells(desk, stand[unit], reader)
            for _, form, row in rows if found is not None else ():
                for name in _FIELDS[form]:
                    said = row.values.get(name)
                    if row.cell(name) is None:
                        continue
                    count += 1
                    there = (found or {}).get((row.sheet, row.number), {}).get(name)
                    if there != said:
                        where = stand[unit].file, row.sheet, row.cell(name)
                        misread.append(Misread(unit, *where, str(said), str(there)))
    return count, [*misread, *_uncited(dossier)]


def _cells(
    desk: Desk, one: Received, reader: Reader
) -> dict[tuple[str, int], Mapping[str, object]] | None:
    """(sheet, row number) -> what stands there by field; None where the file is gone."""
    try:
        content = archive.fetch(desk.workspace, one.sha256)
    except DondocError:
        return None
    read = workbooks.read(content, one.file, FORMS, reader=reader)
    return {(row.sheet, row.number): row.values for sheet in read.sheets for row in sheet.rows}


def _uncited(dossier: Dossier) -> Iterator[Misread]:
    """The board's figures that are not those of the rows which they are said to come from."""
    stand = {one.unit: one for one in dossier.received if one.stands}
    rows = {(unit, row.code): row for its in dossier.rows.values() for unit, row in its
            if row.form == "disbursement"}  # fmt: skip
    for figure in dossier.board.activities:
        row = rows[figure.unit, figure.code]
        said = {"disbursed": figure.disbursed, "estimate": figure.estimate}
        for name, amount in (said | {"proposal": figure.proposal}).items():
            if row.values.get(name) != amount:
                where = stand[figure.unit].file, row.sheet, row.cell(name)
                yield Misread(figure.unit, *where, str(amount), str(row.values.get(name)))


def _ledger(desk: Desk, dossier: Dossier) -> tuple[int, list[Misread]]:
    """The same of the decisions that make the budgets, in the archived registry."""
    try:
        archive.fetch(desk.workspace, dossier.registry)
        registry, _ = read_registry(archive.place(desk.workspace, dossier.registry))
    except DondocError:
        return 0, []
    there = {row.row: row for row in registry.ledger}
    cited = [
        (one.unit, row)
        for told in dossier.told.values()
        for one in told
        for row in one.decisions
        if row.row is not None
    ]
    wrong = [
        Misread(unit, "registry.xlsx", "Dự toán", str(row.row), _amount(row), _amount(now))
        for unit, row in cited
        if (now := there.get(row.row)) != row
    ]
    return len(cited), wrong


def _amount(row: LedgerRow | None) -> str:
    return str(row.amount if row else None)


# --- documents ----------------------------------------------------------------------------------


def _made_again(desk: Desk, dossier: Dossier) -> tuple[dict[str, bytes], list[Draft]]:
    """Every document by its path, and every notice; without the letters, or without all, where a
    template is gone from the archive."""
    try:
        with as_then(desk.workspace, dossier):
            summary, chart = summary_of(dossier), chart_of(dossier)
            made = {summary_name(dossier.period): summary, chart_name(dossier.period): chart}
            drafts = report_drafts(dossier, made)
            made |= dict(period_pages(dossier, dossier.notices, desk.crew))
    except DondocError:
        return {}, []
    try:
        ready = templates(desk.workspace, dossier)
    except DondocError:
        return made, drafts
    whole = report(dossier, ready, chart)(dossier.headings)
    made |= letters(dossier, ready, desk.crew) | {report_name(dossier.period): whole}
    return made, drafts


def _documents(
    desk: Desk, kept: Reported, made: Mapping[str, bytes], *, programs_changed: bool
) -> Iterator[Compared]:
    """Those that were recorded, then what is made now and was not then."""
    folder = desk.report_folder(kept.period)
    for name, sha256 in kept.documents.items():
        path = folder / name
        there = path.read_bytes() if path.is_file() else None
        if name.endswith(".pdf"):
            yield from _portable(name, sha256, there)
        elif name not in made:
            yield Compared(name, Outcome.UNMADE)
        elif archive.name_of(made[name]) != sha256:
            yield _another(name, sha256, made[name], there, programs_changed=programs_changed)
        else:
            yield _lying(name, made[name], there)
    for name in () if programs_changed else sorted(made.keys() - kept.documents.keys()):
        yield Compared(name, Outcome.DIFFERS)


def _another(
    name: str, sha256: str, made: bytes, there: bytes | None, *, programs_changed: bool
) -> Compared:
    """Where it differs can be told as long as the one of then lies there."""
    whole = there is not None and archive.name_of(there) == sha256
    where = difference.places(name, there or b"", made) if whole else ()
    return Compared(name, Outcome.OTHER_LOCK if programs_changed else Outcome.DIFFERS, where)


def _lying(name: str, made: bytes, there: bytes | None) -> Compared:
    if there is None:
        return Compared(name, Outcome.MISSING)
    if there == made:
        return Compared(name, Outcome.IDENTICAL)
    if name.endswith(".docx") and is_edited(there):
        return Compared(name, Outcome.EDITED)
    return Compared(name, Outcome.ALTERED, difference.places(name, made, there))


def _portable(name: str, sha256: str, there: bytes | None) -> Iterator[Compared]:
    """One that lies there; of one that is gone nothing can be said."""
    if there is not None:
        same = archive.name_of(there) == sha256
        yield Compared(name, Outcome.IDENTICAL if same else Outcome.CONVERTED)


def _mails(
    desk: Desk, kept: Reported, drafts: Sequence[Draft], *, programs_changed: bool
) -> Iterator[Compared]:
    """Each notice as it lies in the outbox, whatever became of it since."""
    made = {outbox.name_of(one): one for one in drafts}
    for name, content in kept.mails.items():
        there = _stored(desk, kept.period, name, content)
        if name not in made:
            yield Compared(name, Outcome.UNMADE)
            continue
        now = _parts(outbox.described(made[name]))
        if outbox.content_of(made[name]) != content:
            outcome = Outcome.OTHER_LOCK if programs_changed else Outcome.DIFFERS
            yield Compared(name, outcome, difference.fields(there, now) if there else ())
        elif there is None:
            yield Compared(name, Outcome.MISSING)
        elif there != now:
            yield Compared(name, Outcome.ALTERED, difference.fields(now, there))
        else:
            yield Compared(name, Outcome.IDENTICAL)


def _stored(desk: Desk, period: Period, name: str, content: str) -> dict[str, str] | None:
    kind, _, unit = name.partition(" ")
    notice = tables.notice.c
    its = select(tables.notice).where(
        notice.kind == NoticeKind(kind),
        notice.period == str(period),
        notice.unit == unit,
        notice.content == content,
    )
    with desk.engine.connect() as connection:
        row = connection.execute(its).mappings().first()
    return _parts(row) if row else None


def _parts(row: Mapping[Any, Any]) -> dict[str, str]:
    """What a notice says, to whom, and with which files, as lines to compare."""
    lists = ("to", "cc", "images", "attachments")
    said = {name: str(row[name]) for name in ("subject", "text", "html")}
    return said | {name: "\n".join(" ".join(one) for one in row[name]) for name in lists}
