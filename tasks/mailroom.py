"""Touches the record of what came by mail: which messages, what they brought, what waits."""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, or_, select, update

from schemas import tables
from schemas.arrival import Arrival
from schemas.findings import Finding, Severity
from schemas.period import Period
from schemas.texts import say
from tasks import archive, inbox, outbox
from tasks.desk import Desk, now
from tasks.formats import messages
from tasks.formats.bounces import Bounce, bounces, is_automatic
from tasks.formats.messages import Heading
from tasks.opening import Contents, Opener

log = logging.getLogger("dondoc")

WAITING, TAKEN, QUARANTINED, RELEASED = "waiting", "taken", "quarantined", "released"
EMPTY, FILELESS = "empty", "fileless"
REPEATED, UNREADABLE, TOO_LARGE = "repeated", "unreadable", "too-large"
BOUNCE, AUTOMATIC = "bounce", "automatic"

_message = tables.message.c
_attachment = tables.attachment.c


@dataclass(frozen=True)
class Folder:
    """One folder of one account as the server knows it now: its UIDs hold for that validity."""

    account: str
    name: str
    uidvalidity: int

    @property
    def here(self) -> Any:
        """The messages recorded of it."""
        return and_(
            _message.account == self.account,
            _message.folder == self.name,
            _message.uidvalidity == self.uidvalidity,
        )


@dataclass(frozen=True)
class Mailed:
    """The attachment that an arrival is."""

    attachment: int


@dataclass(frozen=True)
class Envelope:
    """What the server says of a message before it is fetched."""

    uid: int
    size: int
    received_at: datetime


# --- recording --------------------------------------------------------------------------------


def known(desk: Desk, folder: Folder) -> dict[int, bool]:
    """UID -> whether the message was fetched and recorded; False for what was too large."""
    wanted = select(_message.uid, _message.state).where(folder.here)
    with desk.engine.connect() as connection:
        return {row.uid: row.state != TOO_LARGE for row in connection.execute(wanted)}


def record(desk: Desk, opener: Opener, folder: Folder, envelope: Envelope, raw: bytes) -> None:
    """Archive a raw message, then note it and all that it brought, at once or not at all."""
    sha256 = archive.keep(desk.workspace, raw)
    heading = messages.heading(raw)
    name = f"{heading.subject[:80].replace('/', '-') or say('mailbox.unnamed')}.eml"
    failed, automatic = bounces(raw), is_automatic(raw)
    contents = Contents() if failed else opener.contents(raw, name)
    brings = bool(contents.files or contents.finding)
    if failed or (automatic and not brings):
        _record_machines(desk, folder, envelope, heading, sha256, failed)
        return
    reason = _doubt(desk, heading) or ("automatic" if automatic else None)
    nothing = EMPTY if reason else FILELESS
    row = _row(folder, envelope, heading) | {
        "sha256": sha256,
        "state": UNREADABLE if contents.finding else (TAKEN if contents.files else nothing),
    }
    with desk.writer.begin() as connection:
        if not _make_way(connection, folder, envelope):
            return
        brought = _brought(name, sha256, contents)
        if _is_known(connection, sha256):
            brought = []
        else:
            before = _sent_before(connection, row["message_id"], row["sender"])
            brought = [one for one in brought if one["sha256"] not in before]
        if brings and not brought:
            row["state"] = REPEATED
        number = connection.execute(insert(tables.message).returning(_message.id), row).scalar_one()
        if brought:
            state = {"message": number, "state": QUARANTINED if reason else WAITING}
            connection.execute(
                insert(tables.attachment), [one | state | {"reason": reason} for one in brought]
            )
    if not brings:
        log.warning("a message has no file to read; it lies in the archive under %s", sha256)
    if reason and brought:
        log.warning("a message is in quarantine (%s): dondoc quarantine list", reason)


def _record_machines(
    desk: Desk,
    folder: Folder,
    envelope: Envelope,
    heading: Heading,
    sha256: str,
    failed: Sequence[Bounce],
) -> None:
    """Note what a machine wrote: nothing of it is read as a report; what came back is noted where
    it was sent from."""
    state = BOUNCE if failed else AUTOMATIC
    with desk.writer.begin() as connection:
        if not _make_way(connection, folder, envelope):
            return
        row = _row(folder, envelope, heading) | {"sha256": sha256, "state": state}
        connection.execute(insert(tables.message), row)
        ours = sum(outbox.bounce(connection, one.message_id, one.reason) for one in failed)
    if ours:
        log.warning(say("mailbox.bounced", count=ours))


def record_too_large(desk: Desk, folder: Folder, envelope: Envelope, heading: Heading) -> None:
    """Note a message that stays where it is, unfetched."""
    row = _row(folder, envelope, heading) | {"state": TOO_LARGE}
    with desk.writer.begin() as connection:
        if _make_way(connection, folder, envelope):
            connection.execute(insert(tables.message), row)


def _row(folder: Folder, envelope: Envelope, heading: Heading) -> dict[str, Any]:
    return {
        "account": folder.account,
        "folder": folder.name,
        "uidvalidity": folder.uidvalidity,
        "uid": envelope.uid,
        "size": envelope.size,
        "received_at": envelope.received_at,
        "recorded_at": now(),
        "message_id": heading.message_id,
        "sender": heading.address or heading.sender,
        "subject": heading.subject,
    }


def _make_way(connection: Connection, folder: Folder, envelope: Envelope) -> bool:
    """Whether the message is still to be recorded: another run may have been quicker, and one
    that was too large gives way once it is not."""
    here = and_(folder.here, _message.uid == envelope.uid)
    before = connection.execute(select(_message.id, _message.state).where(here)).first()
    if before and before.state == TOO_LARGE:
        connection.execute(tables.message.delete().where(_message.id == before.id))
        return True
    return before is None


def _brought(name: str, sha256: str, contents: Contents) -> list[dict[str, Any]]:
    """A row for each file; a message that could not be opened is the one file itself."""
    if contents.finding:
        return [{"name": name, "sha256": sha256, "refused": _refused(contents.finding)}]
    return [
        {"name": one.name, "sha256": one.sha256, "refused": _refused(one.finding)}
        for one in contents.files
    ]


def _refused(finding: Finding | None) -> list[str] | None:
    return [finding.rule, finding.message] if finding else None


def _is_known(connection: Connection, sha256: str) -> bool:
    """The very message was recorded before: from another folder, or under an older validity."""
    return (
        connection.execute(select(_message.id).where(_message.sha256 == sha256)).first() is not None
    )


def _sent_before(connection: Connection, message_id: str | None, sender: str) -> Collection[str]:
    """What the same message brought when it was seen in other bytes: a server that moves house
    adds headers. A sender who uses a number twice for different files loses none."""
    if message_id is None:
        return ()
    brought = (
        select(_attachment.sha256)
        .join(tables.message)
        .where(_message.message_id == message_id, _message.sender == sender)
    )
    return set(connection.scalars(brought))


def _doubt(desk: Desk, heading: Heading) -> str | None:
    """Why nobody may vouch for a message, as a key `quarantine.…`; None for a contact's own."""
    if heading.address is None:
        return "no-one-sender"
    if heading.address not in {contact.email.casefold() for contact in desk.registry.contacts}:
        return "unknown-sender"
    return "refuted-sender" if heading.refuted else None


# --- marking ----------------------------------------------------------------------------------


def unmarked(desk: Desk, folder: Folder) -> list[int]:
    """UIDs of messages that are recorded, and that the mailbox was not told of."""
    wanted = select(_message.uid).where(
        folder.here, _message.marked_at.is_(None), _message.state != TOO_LARGE
    )
    with desk.engine.connect() as connection:
        return list(connection.scalars(wanted.order_by(_message.uid)))


def mark(desk: Desk, folder: Folder, uids: Iterable[int]) -> None:
    """Note that the mailbox was told."""
    with desk.writer.begin() as connection:
        told = update(tables.message).where(folder.here, _message.uid.in_(list(uids)))
        connection.execute(told.values(marked_at=now()))


# --- as a source of arrivals ------------------------------------------------------------------


def gather(desk: Desk) -> Iterator[Arrival]:
    """What came by mail and is to be read, in the order in which it was received."""
    wanted = (
        select(tables.attachment, _message.sender, _message.received_at, _message.recorded_at)
        .join(tables.message)
        .where(or_(_attachment.state == WAITING, _attachment.state == RELEASED))
        .order_by(_message.received_at, _message.id, _attachment.id)
    )
    with desk.engine.connect() as connection:
        waiting = connection.execute(wanted).all()
    for row in waiting:
        yield Arrival(
            row.name,
            row.sha256,
            row.sender,
            Mailed(row.id),
            min(row.received_at, row.recorded_at),  # a server's clock may be fast
            _finding(row),
        )


def _finding(row: Any) -> Finding | None:
    if not row.refused:
        return None
    rule, sentence = row.refused
    return Finding(rule, Severity.ERROR, sentence, row.name)


def file_away(desk: Desk, arrivals: Sequence[Arrival], places: Mapping[str, Period | None]) -> None:
    """Note what was read; what a person must place is laid into `inbox/held/` for them, unless
    another run has done so meanwhile."""
    taken = []
    for arrival in arrivals:
        if isinstance(arrival.origin, Mailed):
            if places.get(arrival.sha256) is None:
                content = archive.fetch(desk.workspace, arrival.sha256)
                with desk.writer.begin() as connection:
                    if _take(connection, [arrival.origin.attachment]):
                        inbox.hold(desk, arrival.name, content)
            else:
                taken.append(arrival.origin.attachment)
    if taken:
        with desk.writer.begin() as connection:
            _take(connection, taken)


def _take(connection: Connection, attachments: Collection[int]) -> bool:
    """Note that they were read; whether any of them was not before."""
    read = update(tables.attachment).where(
        _attachment.id.in_(attachments), _attachment.state != TAKEN
    )
    return connection.execute(read.values(state=TAKEN)).rowcount > 0
