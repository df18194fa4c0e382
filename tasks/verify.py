"""Looks at everything that was stored, and says what of it is not as it was recorded."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, func, select

from rules.audit import unlike
from rules.numbers import show
from rules.posted import strange
from schemas import tables
from schemas.integrity import Act, Approved, Damage, Message, Posted, Verified
from schemas.texts import say
from tasks import archive, audit, database, outbox
from tasks.desk import Desk

_NAMED = (
    tables.registry.c.version,
    tables.submission.c.sha256,
    tables.history.c.sha256,
    tables.report.c.dossier,
    tables.report.c.registry,
    tables.message.c.sha256,
    tables.attachment.c.sha256,
)
"""Columns that name a file of the archive, which no database can hold to."""
_LISTED = (tables.notice.c.images, tables.notice.c.attachments)
"""Columns with a list of [name, SHA-256, MIME type]."""


def verify(desk: Desk, known: str | None = None) -> Verified:
    """Look at the database's own structure, every file of the archive, every row that names one,
    every notice with its approvals and messages, the audit log and the acts it tells of; `known` is
    the hash of an audit row as it was kept elsewhere."""
    found = [Damage("database", {"told": fault}) for fault in database.faults(desk.engine)]
    files = 0
    for path, intact in archive.every(desk.workspace):
        files += 1
        if not intact:
            found.append(Damage("archive-damaged", {"file": _shown(desk.workspace, path)}))
    references = 0
    if found and found[0].kind == "database":  # what its rows say cannot be relied on
        return Verified(files, references, None, tuple(found))
    with desk.engine.connect() as connection:
        for sha256, place in _references(connection):
            references += 1
            if not archive.has(desk.workspace, sha256):
                found.append(Damage("archive-missing", {"sha256": sha256, "place": place}))
        entries, head, broken = audit.walked(connection, known)
        found += strange(_posted(connection), entries)
        found += [*broken, *unlike(entries, [*_acts(connection)])]
    return Verified(files, references, head, tuple(found))


def _shown(workspace: Path, path: Path) -> str:
    return str(path.relative_to(workspace))


def _references(connection: Connection) -> Iterator[tuple[str, str]]:
    """Each file that rows name, with the table that does and how many rows of it."""
    for column in _NAMED:
        named = select(column, func.count()).where(column.is_not(None)).group_by(column)
        for sha256, count in connection.execute(named.order_by(column)):
            yield sha256, say(f"verify.in-{column.table.name}", count=count)
    for column in _LISTED:
        for number, listed in connection.execute(select(tables.notice.c.id, column)):
            for _, sha256, _ in listed:
                yield sha256, say("verify.in-notice", number=number)
    approval = tables.approval.c
    for notice, signed in connection.execute(select(approval.notice, approval.signed)):
        if signed:
            yield signed[1], say("verify.in-notice", number=notice)


def _acts(connection: Connection) -> Iterator[Act]:
    """What people decided, as its own tables have it now."""
    for row in connection.execute(select(tables.adjustment)):
        facts = {"amount": show(row.amount), "decision": row.decision, "day": row.day.isoformat()}
        yield Act("adjust", f"{row.year} {row.activity}", facts, row.recorded_at)
    for row in connection.execute(select(tables.excuse)):
        facts = {"since": row.since, "until": row.until.isoformat(), "because": row.because}
        subject = " ".join(filter(None, (row.unit, row.activity, row.rule)))
        yield Act("excuse", subject, facts, row.recorded_at)


def _posted(connection: Connection) -> Iterator[Posted]:
    """Each notice with its messages and approvals, as the database has them now."""
    last = select(tables.delivery).order_by(tables.delivery.c.id)
    answers: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for row in connection.execute(last):
        answers[row.outbox].append((row.attempt, row.outcome))
    messages: defaultdict[int, list[Message]] = defaultdict(list)
    for row in connection.execute(select(tables.outbox).order_by(tables.outbox.c.id)):
        its = answers[row.id]
        this = next((outcome for attempt, outcome in its[::-1] if attempt == row.attempts), None)
        outcomes = frozenset(outcome for _, outcome in its)
        messages[row.notice].append(Message(row.recipient, row.state, outcomes, this))
    approvals: defaultdict[int, list[Approved]] = defaultdict(list)
    for row in connection.execute(select(tables.approval).order_by(tables.approval.c.id)):
        signed = row.signed[1] if row.signed else None
        one = Approved(row.content, row.by, row.standing, signed, row.approved_at)
        approvals[row.notice].append(one)
    for row in connection.execute(select(tables.notice).order_by(tables.notice.c.id)):
        yield Posted(
            row.id,
            row.kind,
            row.content,
            outbox.hash_of(row),
            tuple(outbox.addresses_of(row)),
            tuple(messages[row.id]),
            tuple(approvals[row.id]),
        )
