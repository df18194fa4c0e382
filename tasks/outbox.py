"""Touches the outbox: drafts, approvals and the states of each message (docs/architecture.md)."""

import hashlib
import json
import os
import socket
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, and_, insert, or_, select, update

from schemas import tables
from schemas.access import Act
from schemas.errors import DondocError
from schemas.notices import Address, Attachment, Delivery, Draft, NoticeKind
from schemas.pages import Envelope, Notice
from schemas.period import Period
from tasks import archive, audit
from tasks.desk import Desk, login, now
from tasks.step import step

EXCHANGES = 12
"""Answers that a server owes for one message, at the most; each may take the mail timeout. After
so long a `sending` row is another sender's to take over: two minutes by default."""

UNSENT = (Delivery.DRAFT, Delivery.APPROVED, Delivery.FAILED, Delivery.HELD)
"""The states that a newer notice supersedes; what was sent stays sent."""

READABLE = 200
"""Notices that need no approval any more, and can be read on the page of the outbox all the same:
a thousand forms that wait for the next deliver would make it 10 MB."""

AWAITING = (Delivery.DRAFT, Delivery.HELD)
"""The states that a person's approval releases; a standing one releases drafts only."""

ANSWERS = (NoticeKind.RECEIPT, NoticeKind.RETURN)
"""One answer stands for a unit's newest version, whichever of the two it is."""

_notice, _outbox, _approval = tables.notice.c, tables.outbox.c, tables.approval.c


@dataclass(frozen=True)
class Message:
    """One row of the outbox with what it says, ready to be composed."""

    id: int
    kind: NoticeKind
    recipient: str
    message_id: str
    attempt: int
    subject: str
    text: str
    html: str
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    images: tuple[Attachment, ...]
    attachments: tuple[Attachment, ...]


# --- drafting ---------------------------------------------------------------------------------


@step()
def draft(desk: Desk, drafts: Sequence[Draft]) -> int:
    """Lay the drafts in the outbox; the number that is new. One that lies there already is left
    alone; an unsent older one on the same matter is superseded."""
    with desk.writer.begin() as connection:
        return sum(lay(desk, connection, one) for one in drafts)


def lay(desk: Desk, connection: Connection, one: Draft) -> bool:
    """Lay one draft within a transaction; whether it is new."""
    row = described(one) | {"due": one.due}
    for file in (*one.mail.images, *one.attachments):
        archive.keep(desk.workspace, file.content)
    key = ("kind", "period", "unit", "occasion", "content")
    same = and_(*(_notice[column] == row[column] for column in key))
    known = connection.scalar(select(_notice.id).where(same))
    kinds = ANSWERS if one.kind in ANSWERS else (one.kind,)
    release(connection)
    withdraw(connection, kinds, one.period, {row["unit"]}, but=known)
    if known is None:
        known = connection.execute(
            insert(tables.notice).returning(_notice.id), row | {"drafted_at": now()}
        ).scalar_one()
        recipients = dict.fromkeys(a.email for a in (*one.to, *one.cc))
        rows = [_message(desk, known, row, email) for email in recipients]
        if rows:
            connection.execute(insert(tables.outbox), rows)
        new = True
    else:  # drafted before, perhaps superseded by another that was withdrawn since
        later = (_notice.id == known, _notice.due < one.due)  # a late run makes it due now
        connection.execute(update(tables.notice).where(*later).values(due=one.due))
        revived = connection.execute(
            update(tables.outbox)
            .where(_outbox.notice == known, _outbox.state == Delivery.SUPERSEDED)
            .values(state=Delivery.DRAFT)
        )
        new = revived.rowcount > 0
    if new and one.kind in desk.settings.approval.standing:
        _approve(
            connection, known, row["content"], desk.settings.approval.answerable, standing=True
        )
    return new


def withdraw(
    connection: Connection,
    kinds: Collection[NoticeKind],
    period: Period,
    units: Collection[str],
    but: int | None = None,
) -> None:
    """Supersede what was not sent yet of these kinds to these units ('' the whole body)."""
    older = select(_notice.id).where(
        _notice.kind.in_(kinds), _notice.period == str(period), _notice.unit.in_(units)
    )
    if but is not None:
        older = older.where(_notice.id != but)
    connection.execute(
        update(tables.outbox)
        .where(_outbox.notice.in_(older), or_(_outbox.state.in_(UNSENT), _left_behind()))
        .values(state=Delivery.SUPERSEDED)
    )


def drafted_for(desk: Desk, kind: NoticeKind, period: Period, occasion: str) -> set[str]:
    """The units that have a notice of this kind for this occasion, whatever became of it."""
    found = select(_notice.unit).where(
        _notice.kind == kind, _notice.period == str(period), _notice.occasion == occasion
    )
    with desk.engine.connect() as connection:
        return set(connection.scalars(found))


def name_of(one: Draft) -> str:
    """How reports of what was drafted call it: `urging DV01`, `digest`."""
    return " ".join(filter(None, (one.kind.value, one.unit)))


def content_of(one: Draft) -> str:
    """The hash of all that a notice says, its files and addressees among it."""
    return str(described(one)["content"])


def described(one: Draft) -> dict[str, Any]:
    """A notice as it lies in the outbox; files by their hashes."""
    row = {
        "kind": one.kind.value,
        "period": str(one.period),
        "unit": one.unit or "",
        "occasion": one.occasion,
        "subject": one.mail.subject,
        "text": one.mail.text,
        "html": one.mail.html,
        "to": [[a.name, a.email] for a in one.to],
        "cc": [[a.name, a.email] for a in one.cc],
        "images": [_named(a) for a in one.mail.images],
        "attachments": [_named(a) for a in one.attachments],
    }
    return row | {"content": _hash(row)}


def _hash(row: Mapping[str, Any]) -> str:
    text = json.dumps(row, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _named(file: Attachment) -> list[str]:
    return [file.name, archive.name_of(file.content), file.mime]


def _kept(desk: Desk, file: Attachment) -> list[str]:
    archive.keep(desk.workspace, file.content)
    return _named(file)


def _message(desk: Desk, notice: int, row: dict[str, Any], email: str) -> dict[str, Any]:
    key = "|".join(
        (row["kind"], row["period"], row["unit"], row["occasion"], row["content"], email)
    )
    known_as = hashlib.sha256(key.encode()).hexdigest()[:40]
    return {
        "notice": notice,
        "recipient": email,
        "state": Delivery.DRAFT,
        "message_id": f"<{known_as}@{desk.settings.mail.domain}>",
        "attempts": 0,
    }


# --- approving --------------------------------------------------------------------------------


@step()
def approve(desk: Desk, period: Period, by: str, kind: NoticeKind | None, unit: str) -> int:
    """Release the period's drafts (of that kind, to that unit) as they stand now; how many
    messages that makes. A signed `reports/PERIOD/signed/UNIT.pdf` goes with an urging letter."""
    if not by.strip():
        raise DondocError("Phê duyệt phải ghi tên người phê duyệt: --by TÊN.")
    by = desk.allowed(Act.APPROVE, by)
    if unit and unit not in {known.code for known in desk.registry.units}:
        raise DondocError(f"Không có đơn vị mã '{unit}' trong registry.xlsx.")
    waiting = (
        select(_notice.id, _notice.kind, _notice.unit, _notice.content)
        .join(tables.outbox, _outbox.notice == _notice.id)
        .where(_notice.period == str(period), _outbox.state.in_(AWAITING))
        .distinct()
    )
    if kind:
        waiting = waiting.where(_notice.kind == kind)
    if unit:
        waiting = waiting.where(_notice.unit == unit)
    with desk.writer.begin() as connection:
        found = connection.execute(waiting).all()
        if found:
            released = {"notices": {str(row.id): row.content for row in found}}
            audit.add(connection, desk.recorded(by), "approve", str(period), after=released)
        return sum(
            _approve(
                connection,
                row.id,
                row.content,
                by,
                signed=_signed(desk, period, row.kind, row.unit),
            )
            for row in found
        )


def _signed(desk: Desk, period: Period, kind: str, unit: str) -> list[str] | None:
    path = desk.report_folder(period) / "signed" / f"{unit}.pdf"
    if kind != NoticeKind.URGING or not path.is_file():
        return None
    return _kept(desk, Attachment(path.name, path.read_bytes(), "application/pdf"))


def _approve(
    connection: Connection,
    notice: int,
    content: str,
    by: str,
    *,
    signed: list[str] | None = None,
    standing: bool = False,
) -> int:
    row = {
        "notice": notice,
        "content": content,
        "signed": signed,
        "by": by,
        "login": login(),
        "standing": standing,
        "approved_at": now(),
    }
    connection.execute(insert(tables.approval), row)
    released = (
        update(tables.outbox)
        .where(_outbox.notice == notice, _outbox.state.in_(AWAITING[:1] if standing else AWAITING))
        .values(state=Delivery.APPROVED, error=None)
    )
    return connection.execute(released).rowcount


def hold(connection: Connection, reason: str) -> int:
    """Let nothing leave that was released before, until a person approves it again; how many
    messages that stops."""
    stopped = update(tables.outbox).where(
        _outbox.state.in_((Delivery.APPROVED, Delivery.FAILED, Delivery.SENDING))
    )
    values = {"state": Delivery.HELD, "error": reason, "owner": None, "lease_until": None}
    return connection.execute(stopped.values(**values)).rowcount


def recall(desk: Desk) -> None:
    """Take back to draft what waits under a standing approval that the settings withdrew."""
    withdrawn = [k for k in NoticeKind if k not in desk.settings.approval.standing]
    under_standing = (
        select(_approval.notice)
        .join(tables.notice, _notice.id == _approval.notice)
        .where(_approval.standing, _notice.kind.in_(withdrawn))
    )
    by_name = select(_approval.notice).where(~_approval.standing)
    with desk.writer.begin() as connection:
        release(connection)
        connection.execute(
            update(tables.outbox)
            .where(
                _free(),
                _outbox.notice.in_(under_standing),
                _outbox.notice.not_in(by_name),
            )
            .values(state=Delivery.DRAFT)
        )


# --- sending ----------------------------------------------------------------------------------


def due_for_sending(desk: Desk, period: Period | None) -> list[tuple[int, date]]:
    """(id, due date) of each message that may leave: approved, refused for now, or left
    `sending` by a sender that is gone; in the order of drafting."""
    waiting = (
        select(_outbox.id, _notice.due)
        .join(tables.notice, _notice.id == _outbox.notice)
        .where(_free())
        .order_by(_outbox.id)
    )
    if period:
        waiting = waiting.where(_notice.period == str(period))
    with desk.engine.connect() as connection:
        return [(row.id, row.due) for row in connection.execute(waiting)]


def release(connection: Connection) -> None:
    """Let go at once of what a dead process of this machine was sending."""
    held = select(_outbox.id, _outbox.owner).where(_outbox.state == Delivery.SENDING)
    dead = [row.id for row in connection.execute(held).all() if _is_dead(row.owner)]
    if dead:
        gone = update(tables.outbox).where(_outbox.id.in_(dead))
        connection.execute(gone.values(lease_until=now() - timedelta(seconds=1)))


def _is_dead(owner: str) -> bool:
    host, _, number = owner.rpartition(":")
    if host != socket.gethostname():
        return False  # nobody here knows: its lease decides
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # alive, and somebody else's
    return False


def _free() -> Any:
    return or_(_outbox.state.in_((Delivery.APPROVED, Delivery.FAILED)), _left_behind())


def _left_behind() -> Any:
    """`sending`, by a sender that is gone."""
    return and_(_outbox.state == Delivery.SENDING, _outbox.lease_until < now())


def claim(desk: Desk, message: int) -> Message | None:
    """Mark one message as being sent by us, for good before the server is spoken to; None where
    another sender was quicker. Raises DondocError, unmarked, where its files are gone."""
    with desk.engine.connect() as connection:
        row = connection.execute(
            select(tables.outbox, tables.notice)
            .join(tables.notice, _notice.id == _outbox.notice)
            .where(_outbox.id == message)
        ).one()
        signed = connection.scalar(
            select(_approval.signed)
            .where(_approval.notice == row.notice)
            .order_by(_approval.id.desc())
            .limit(1)
        )
    images = _fetched(desk, row.images)
    attachments = _fetched(desk, [*row.attachments, *([signed] if signed else [])])
    mine = (
        update(tables.outbox)
        .where(_outbox.id == message, _outbox.attempts == row.attempts, _free())
        .values(
            state=Delivery.SENDING,
            attempts=row.attempts + 1,
            owner=f"{socket.gethostname()}:{os.getpid()}",
            lease_until=now() + EXCHANGES * timedelta(seconds=desk.settings.mail.timeout),
        )
    )
    with desk.writer.begin() as connection:
        if connection.execute(mine).rowcount == 0:
            return None
    return Message(
        id=message,
        kind=NoticeKind(row.kind),
        recipient=row.recipient,
        message_id=row.message_id,
        attempt=row.attempts + 1,
        subject=row.subject,
        text=row.text,
        html=row.html,
        to=tuple(Address(*a) for a in row.to),
        cc=tuple(Address(*a) for a in row.cc),
        images=images,
        attachments=attachments,
    )


def _fetched(desk: Desk, kept: Sequence[Sequence[str]]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(name, archive.fetch(desk.workspace, sha256), mime) for name, sha256, mime in kept
    )


def record(desk: Desk, message: Message, outcome: Delivery, reply: str | None) -> None:
    """Note what the server answered, right after it did; who was taken over meanwhile changes
    nothing but the list of answers."""
    error = None if outcome is Delivery.SENT else reply
    values = {"state": outcome, "error": error, "owner": None, "lease_until": None}
    ours = and_(
        _outbox.id == message.id,
        _outbox.state == Delivery.SENDING,
        _outbox.attempts == message.attempt,
    )
    with desk.writer.begin() as connection:
        connection.execute(update(tables.outbox).where(ours).values(**values))
        row = {
            "outbox": message.id,
            "attempt": message.attempt,
            "outcome": outcome,
            "reply": reply,
            "at": now(),
        }
        connection.execute(insert(tables.delivery), row)


def fail(desk: Desk, message: int, reason: str) -> None:
    """Note why a message cannot even be tried; the next deliver looks again."""
    with desk.writer.begin() as connection:
        connection.execute(
            update(tables.outbox)
            .where(_outbox.id == message, _free())
            .values(state=Delivery.FAILED, error=reason)
        )


# --- looking ----------------------------------------------------------------------------------


def rows(engine: Engine, period: Period | None) -> Iterator[dict[str, Any]]:
    """The outbox in the contract's shape, in the order of drafting."""
    listed = (
        select(tables.outbox, _notice.kind, _notice.period, _notice.unit, _notice.subject)
        .join(tables.notice, _notice.id == _outbox.notice)
        .order_by(_outbox.id)
    )
    if period:
        listed = listed.where(_notice.period == str(period))
    with engine.connect() as connection:
        for row in connection.execute(listed):
            yield {
                "id": row.id,
                "kind": row.kind,
                "period": row.period,
                "unit": row.unit or None,
                "to": row.recipient,
                "subject": row.subject,
                "state": row.state,
                "message_id": row.message_id,
                "attempts": row.attempts,
                "error": row.error,
            }


def notices(desk: Desk, period: Period) -> list[Notice]:
    """The period's notices in the order of drafting, but for what was superseded; with what they
    say, where that waits for a person, and of `READABLE` others that have not left."""
    found: dict[int, list[Envelope]] = {}
    messages = (
        select(_outbox.notice, _outbox.recipient, _outbox.state, _outbox.error)
        .join(tables.notice, _notice.id == _outbox.notice)
        .where(_notice.period == str(period), _outbox.state != Delivery.SUPERSEDED)
        .order_by(_outbox.id)
    )
    its = select(tables.notice).where(_notice.period == str(period)).order_by(_notice.id)
    brief = its.with_only_columns(
        _notice.id, _notice.kind, _notice.unit, _notice.subject,
        _notice.to, _notice.cc, _notice.due, _notice.attachments,
    )  # fmt: skip
    with desk.engine.connect() as connection:
        for row in connection.execute(messages):
            one = Envelope(row.recipient, Delivery(row.state), row.error)
            found.setdefault(row.notice, []).append(one)
        waiting = [n for n, its in found.items() if any(e.state is Delivery.DRAFT for e in its)]
        others = [n for n, its in found.items() if any(e.state in UNSENT for e in its)]
        wanted = list(dict.fromkeys([*waiting, *others[:READABLE]]))
        said = {
            row.id: row
            for some in _batched(wanted)
            for row in connection.execute(
                select(_notice.id, _notice.html, _notice.images).where(_notice.id.in_(some))
            )
        }
        signed = _signed_files(connection, period)
        return [
            Notice(
                id=row.id,
                kind=NoticeKind(row.kind),
                unit=row.unit or None,
                subject=row.subject,
                to=tuple(Address(*a) for a in row.to),
                cc=tuple(Address(*a) for a in row.cc),
                due=row.due,
                envelopes=tuple(found[row.id]),
                attachments=(*(name for name, _, _ in row.attachments), *signed.get(row.id, ())),
                html=said[row.id].html if row.id in said else "",
                images=_fetched(desk, said[row.id].images) if row.id in said else (),
            )
            for row in connection.execute(brief)
            if row.id in found
        ]


def _batched(numbers: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    """So many at a time, as databases take them in one question."""
    return (numbers[at : at + size] for at in range(0, len(numbers), size))


def _signed_files(connection: Connection, period: Period) -> dict[int, tuple[str, ...]]:
    """Notice -> the name of the signed file that its newest approval sends along."""
    approvals = (
        select(_approval.notice, _approval.signed)
        .join(tables.notice, _notice.id == _approval.notice)
        .where(_notice.period == str(period))
        .order_by(_approval.id)
    )
    newest = {row.notice: row.signed for row in connection.execute(approvals)}
    return {notice: (signed[0],) for notice, signed in newest.items() if signed}


def waiting_periods(desk: Desk, period: str) -> list[Period]:
    """The periods with a message that may leave now, or the one named."""
    if period:
        return [Period.parse(period)]
    waiting = (
        select(_notice.period)
        .join(tables.outbox, _outbox.notice == _notice.id)
        .where(_free())
        .distinct()
        .order_by(_notice.period)
    )
    with desk.engine.connect() as connection:
        return [Period.parse(text) for text in connection.scalars(waiting)]
