"""Touches the outbox: drafts, approvals and the states of each message (docs/architecture.md)."""

import hashlib
import json
import random
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    Engine,
    Select,
    and_,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from rules.audit import approvals_of
from rules.retries import next_attempt
from schemas import tables
from schemas.access import Act
from schemas.errors import DondocError
from schemas.notices import (
    Address,
    Attachment,
    Delivery,
    Draft,
    Kept,
    Message,
    NoticeKind,
    Released,
)
from schemas.pages import Envelope, Notice
from schemas.period import Period
from schemas.settings import Mail
from schemas.texts import say
from tasks import archive, audit, sender, tripwires
from tasks.database import Prepared, batched, clock, numbered
from tasks.desk import Desk, login, now
from tasks.step import step

EXCHANGES = 12
"""Answers that a server owes for one message, at the most; each may take the mail timeout. After
so long a `sending` row is another sender's to take over: two minutes by default."""

IN_DOUBT = "outbox.in-doubt"
"""Why a message is held that the server may have taken: a key of the texts."""

UNSENT = (Delivery.DRAFT, Delivery.APPROVED, Delivery.FAILED, Delivery.HELD)
"""The states that a newer notice supersedes; what was sent stays sent."""

WAITING = (Delivery.DRAFT, Delivery.HELD)
"""The states that a person's approval releases."""

ENDED = (Delivery.REFUSED, Delivery.BOUNCED)
"""The states that it releases when told to try again: the cause may be mended."""

RETURNABLE = (Delivery.SENT, Delivery.SENDING, Delivery.HELD, Delivery.FAILED)
"""The states of what may have left, and so may come back."""

READABLE = 200
"""Notices that need no approval any more, and can be read on the page of the outbox all the same:
a thousand forms that wait for the next deliver would make it 10 MB."""

AT_ONCE = 1000
"""Drafts that are laid by one statement."""

ANSWERS = (NoticeKind.RECEIPT, NoticeKind.RETURN)
"""One answer stands for a unit's newest version, whichever of the two it is."""

_SAID = ("kind", "period", "unit", "occasion", "subject", "text", "html", "to", "cc", "images",
         "attachments")  # fmt: skip
"""What a notice says: the columns that its hash covers."""

_NO_FILES: Mapping[int, list[str] | None] = {}

_notice, _outbox, _approval = tables.notice.c, tables.outbox.c, tables.approval.c


@dataclass(frozen=True)
class Ready:
    """A message (its number) as it was read ahead of its turn, which it is held against when it is
    claimed."""

    message: int
    recipient: str
    message_id: str
    state: str
    attempts: int
    approved: bool
    """It is what was approved: by a name that the audit log has, or under a standing approval that
    the settings still give."""
    approval: int
    """The number of the newest approval of its notice; 0 where there is none."""
    matter: tuple[str, str, str]
    """Unit, period and recipient."""
    first: tuple[int, str] | None
    """Number and Message-ID of the first mail on this matter, if one was sent."""


@dataclass(frozen=True)
class Turn:
    """A transaction in which a sender records an answer and claims the next message, and when that
    is: by our clocks, which are read first, and by the database's."""

    connection: Connection
    since: sender.Instant
    instant: datetime


@dataclass(frozen=True)
class Claim:
    """A message that is ours: its attempt, and from when on; its lease began no earlier."""

    message: int
    attempt: int
    since: sender.Instant = field(compare=False)


@dataclass(frozen=True)
class Waiting:
    """A message that may leave: its row, the day its notice was due, and whether the time for its
    next attempt has come."""

    id: int
    due: date
    now: bool


# --- drafting ---------------------------------------------------------------------------------


@step()
def draft(desk: Desk, drafts: Sequence[Draft]) -> int:
    """Lay the drafts in the outbox; the number that is new. One that lies there already is left
    alone; an unsent older one on the same matter is superseded."""
    with desk.writer.begin() as connection:
        return sum(lay(desk, connection, drafts))


def lay(desk: Desk, connection: Connection, drafts: Sequence[Draft]) -> list[bool]:
    """Lay drafts within a transaction, as one after the other; whether each is new."""
    release(connection)
    return [new for some in _runs(drafts) for new in _laid(desk, connection, some)]


def _runs(drafts: Sequence[Draft]) -> Iterator[Sequence[Draft]]:
    """The drafts in their order, as many at a time as are on different matters, so that none
    supersedes another."""
    first, matters = 0, set[Any]()
    for at, one in enumerate(drafts):
        matter = _superseded_by(one.kind), one.period, one.unit or ""
        if matter in matters or at - first == AT_ONCE:
            yield drafts[first:at]
            first, matters = at, set()
        matters.add(matter)
    yield drafts[first:]


def _superseded_by(kind: NoticeKind) -> tuple[NoticeKind, ...]:
    """The kinds of notice of which a newer one stands in the place of an older."""
    return ANSWERS if kind in ANSWERS else (kind,)


def _laid(desk: Desk, connection: Connection, drafts: Sequence[Draft]) -> list[bool]:
    rows = [described(one) | {"due": one.due} for one in drafts]
    with archive.keeping(desk.workspace) as keep:
        for one in drafts:
            for file in (*one.mail.images, *one.attachments):
                keep(file.content)
    known = _known(connection, rows)
    older: dict[tuple[tuple[NoticeKind, ...], Period], set[str]] = {}
    for one in drafts:
        if one.kind is not NoticeKind.WATCH:  # each day's has something else to tell
            older.setdefault((_superseded_by(one.kind), one.period), set()).add(one.unit or "")
    for (kinds, period), units in older.items():
        withdraw(desk, connection, kinds, period, units, but=known.values())
    again = {known[key]: row["due"] for row in rows if (key := _key(row)) in known}
    new = _revived(desk, connection, again)
    fresh = [row for row in rows if _key(row) not in known]
    known |= _inserted(desk, connection, fresh)
    numbers = [known[_key(row)] for row in rows]
    new |= {*numbers} - again.keys()
    laid = zip(numbers, rows, strict=True)
    _approve_standing(desk, connection, [(number, row) for number, row in laid if number in new])
    return [number in new for number in numbers]


def _approve_standing(
    desk: Desk, connection: Connection, new: Iterable[tuple[int, Mapping[str, Any]]]
) -> None:
    """Of new notices those that the settings let go; each watch by whom it goes to."""
    by_rule: dict[str, dict[int, str]] = {}
    for number, row in new:
        if row["kind"] in desk.settings.standing:
            watch = row["kind"] == NoticeKind.WATCH
            by = "watch.recipients" if watch else desk.settings.approval.answerable
            by_rule.setdefault(by, {})[number] = row["content"]
    for by, contents in by_rule.items():
        _approve(connection, contents, by, standing=True)


_KNOWN_BY = ("kind", "period", "unit", "occasion", "content")
"""The columns that a notice is known by."""
_Key = tuple[str, ...]


def _key(row: Mapping[str, Any]) -> _Key:
    return tuple(row[column] for column in _KNOWN_BY)


def _known(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> dict[_Key, int]:
    """Those that lie in the outbox already, with their numbers."""
    found: dict[_Key, int] = {}
    for kind, period in dict.fromkeys((row["kind"], row["period"]) for row in rows):
        its = [row for row in rows if (row["kind"], row["period"]) == (kind, period)]
        same = select(_notice.unit, _notice.occasion, _notice.content, _notice.id).where(
            _notice.kind == kind,
            _notice.period == period,
            _notice.unit.in_({row["unit"] for row in its}),
            _notice.content.in_([row["content"] for row in its]),
        )
        found |= {(kind, period, *rest): number for *rest, number in connection.execute(same)}
    wanted = {_key(row) for row in rows}
    return {key: number for key, number in found.items() if key in wanted}


def _inserted(
    desk: Desk, connection: Connection, rows: Sequence[Mapping[str, Any]]
) -> dict[_Key, int]:
    """Note new ones, with a message to each recipient; their numbers."""
    at = now()
    fresh = [{**row, "drafted_at": at} for row in rows]
    numbers = numbered(connection, tables.notice, fresh, _KNOWN_BY)
    messages = [
        _message(desk, numbers[_key(row)], row, email)
        for row in rows
        for email in dict.fromkeys(email for _, email in (*row["to"], *row["cc"]))
    ]
    if messages:
        connection.execute(insert(tables.outbox), messages)
    return numbers


def _revived(desk: Desk, connection: Connection, due: Mapping[int, date]) -> set[int]:
    """Of notices that were drafted before those that another superseded which was withdrawn since:
    they are drafts again. A late run makes what lies there due now."""
    if not due:
        return set()
    later = update(tables.notice).where(
        _notice.id == bindparam("number"), _notice.due < bindparam("day")
    )
    days = [{"number": number, "day": day} for number, day in due.items()]
    connection.execute(later.values(due=bindparam("day")), days)
    superseded = and_(_outbox.notice.in_(due), _outbox.state == Delivery.SUPERSEDED)
    if _holds(desk):
        _hold_doubtful(connection, and_(superseded, _doubtful()))
    found = set(connection.scalars(select(_outbox.notice).where(superseded)))
    connection.execute(update(tables.outbox).where(superseded).values(state=Delivery.DRAFT))
    return found


def withdraw(
    desk: Desk,
    connection: Connection,
    kinds: Collection[NoticeKind],
    period: Period,
    units: Collection[str],
    but: Collection[int] = (),
) -> None:
    """Supersede what was not sent yet of these kinds to these units ('' the whole body), but for
    some notices; what is in doubt is held first where the settings want that, for a person to
    see."""
    older = select(_notice.id).where(
        _notice.kind.in_(kinds), _notice.period == str(period), _notice.id.not_in(but)
    )
    left = left_behind(clock(connection))
    unsent = _outbox.state.in_(UNSENT) if _holds(desk) else or_(_outbox.state.in_(UNSENT), left)
    for some in batched(units):
        its = _outbox.notice.in_(older.where(_notice.unit.in_(some)))
        superseded = update(tables.outbox).where(its, unsent)
        connection.execute(superseded.values(state=Delivery.SUPERSEDED))
        if _holds(desk):
            _hold_doubtful(connection, and_(its, left))


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


def hash_of(row: Any) -> str:
    """The same hash, of a notice as the database has it now."""
    return _hash({key: getattr(row, key) for key in _SAID})


def addresses_of(row: Any) -> dict[str, None]:
    """The addresses to which a notice goes, as the database has it now, each once."""
    return dict.fromkeys(email for _, email in (*row.to, *row.cc))


def _hash(row: Mapping[str, Any]) -> str:
    text = json.dumps(row, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _named(file: Attachment) -> list[str]:
    return [file.name, archive.name_of(file.content), file.mime]


def _kept(desk: Desk, file: Attachment) -> list[str]:
    archive.keep(desk.workspace, file.content)
    return _named(file)


def _message(desk: Desk, notice: int, row: Mapping[str, Any], email: str) -> dict[str, Any]:
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
def approve(
    desk: Desk,
    period: Period,
    by: str,
    kind: NoticeKind | None,
    unit: str,
    *,
    again: bool = False,
    anyway: bool = False,
    because: str = "",
) -> Released:
    """Release the period's drafts (of that kind, to that unit) as they stand now. A signed
    `reports/PERIOD/signed/UNIT.pdf` goes with an urging letter. Where the batch trips a wire
    nothing is released and what tripped it is held, unless `anyway`, which needs a reason. `again`:
    release instead what was refused or came back; a wire leaves that as it is."""
    because = because.strip()
    by = _approver(desk, by, unit, anyway=anyway, because=because)
    with desk.writer.begin() as connection:
        states = ENDED if again else WAITING
        found = connection.execute(_waiting(period, kind, unit, states)).all()
        tripped, _ = _tripped(desk, connection, {row.id for row in found}, states)
        if tripped and not anyway:
            return Released(0, tripped)
        return Released(_release(desk, connection, period, by, found, states, tripped, because))


def _approver(desk: Desk, by: str, unit: str, *, anyway: bool, because: str) -> str:
    """In whose name it is approved; raises DondocError where nobody may, or nobody can, like
    that."""
    if not by.strip():
        raise DondocError("Phê duyệt phải ghi tên người phê duyệt: --by TÊN.")
    by = desk.allowed(Act.APPROVE, by).strip()
    if anyway != bool(because):
        raise DondocError("Phê duyệt dù có cảnh báo thì ghi cả --anyway và --because LÝ DO.")
    known = {its.code for its in desk.registry.units}  # read now: it may write, as we shall below
    if unit and unit not in known:
        raise DondocError(f"Không có đơn vị mã '{unit}' trong registry.xlsx.")
    return by


def _waiting(
    period: Period, kind: NoticeKind | None, unit: str, states: Collection[Delivery]
) -> Select[Any]:
    """The period's notices with a message in one of these states: of that kind, to that unit, or
    all. What ended counts only while no newer one on the matter stands in its place."""
    waiting = (
        select(_notice.id, _notice.kind, _notice.unit, _notice.content)
        .join(tables.outbox)
        .where(_notice.period == str(period), _outbox.state.in_(states))
        .distinct()
    )
    if states is ENDED:
        waiting = waiting.where(~_overtaken())
    if kind:
        waiting = waiting.where(_notice.kind == kind)
    return waiting.where(_notice.unit == unit) if unit else waiting


def _overtaken() -> Any:
    """A newer notice on the same matter was not superseded itself."""
    newer, its = tables.notice.alias(), tables.outbox.alias()
    same_kind = or_(
        newer.c.kind == _notice.kind, and_(newer.c.kind.in_(ANSWERS), _notice.kind.in_(ANSWERS))
    )
    return (
        select(newer.c.id)
        .join(its, its.c.notice == newer.c.id)
        .where(
            newer.c.period == _notice.period,
            newer.c.unit == _notice.unit,
            newer.c.id > _notice.id,
            same_kind,
            its.c.state != Delivery.SUPERSEDED,
        )
        .correlate(tables.notice)
        .exists()
    )


def _release(
    desk: Desk,
    connection: Connection,
    period: Period,
    by: str,
    found: Sequence[Any],
    states: Collection[Delivery],
    tripped: Sequence[str],
    because: str,
) -> int:
    """Approve what was found in these states, and say so in the audit log; how many messages that
    releases."""
    signed = {row.id: _signed(desk, period, row.kind, row.unit) for row in found}
    if found:
        released: dict[str, Any] = {"notices": {str(row.id): row.content for row in found}}
        released |= {"again": True} if states is ENDED else {}
        files = {str(number): file[1] for number, file in signed.items() if file}
        released |= {"signed": files} if files else {}
        released |= {"because": because, "tripped": [*tripped]} if tripped else {}
        audit.add(connection, desk.recorded(by), "approve", str(period), after=released)
    return _approve(
        connection,
        {row.id: row.content for row in found},
        by,
        states=states,
        signed=signed,
        because=because or None,
        tripped=tripped,
    )


def _tripped(
    desk: Desk, connection: Connection, notices: Collection[int], states: Collection[Delivery]
) -> tuple[tuple[str, ...], int]:
    """Why these notices, where they are in these states, should not leave as they are; what makes
    it so is held with its reason: how many messages."""
    batches: dict[tuple[str, str], set[int]] = {}
    for some in batched(notices):
        unreleased = (
            select(_outbox.id, _notice.period, _notice.kind)
            .join(tables.notice)
            .where(_notice.id.in_(some), _outbox.state.in_(states))
        )
        for row in connection.execute(unreleased):
            batches.setdefault((row.period, row.kind), set()).add(row.id)
    reasons: list[str] = []
    count = 0
    for (period, kind), its in batches.items():
        found = tripwires.caught(desk, connection, period, kind, its)
        reasons += found.reasons
        count += len(found.held)
        if states is ENDED:
            continue  # it cannot leave, held or not
        for number, reason in found.held.items():
            held = update(tables.outbox).where(_outbox.id == number)
            connection.execute(held.values(**_left(Delivery.HELD, reason)))
    return tuple(reasons), count


def _signed(desk: Desk, period: Period, kind: str, unit: str) -> list[str] | None:
    path = desk.report_folder(period) / "signed" / f"{unit}.pdf"
    if kind != NoticeKind.URGING or not path.is_file():
        return None
    return _kept(desk, Attachment(path.name, path.read_bytes(), "application/pdf"))


def _approve(
    connection: Connection,
    contents: Mapping[int, str],
    by: str,
    *,
    states: Collection[Delivery] = (Delivery.DRAFT,),
    signed: Mapping[int, list[str] | None] = _NO_FILES,
    standing: bool = False,
    because: str | None = None,
    tripped: Sequence[str] = (),
) -> int:
    """Release notices, each with what it says now (by its hash), where they are in these states;
    how many messages that releases."""
    if not contents:
        return 0
    row = {
        "by": by,
        "login": login(),
        "standing": standing,
        "approved_at": now(),
        "because": because,
        "tripped": list(tripped) or None,
    }
    approvals = [
        row | {"notice": number, "content": content, "signed": signed.get(number)}
        for number, content in contents.items()
    ]
    connection.execute(insert(tables.approval), approvals)
    released = 0
    for some in batched(contents):
        free = (
            update(tables.outbox)
            .where(_outbox.notice.in_(some), _outbox.state.in_(states))
            .values(state=Delivery.APPROVED, error=None, failing_since=None, next_attempt=None)
        )
        released += connection.execute(free).rowcount
    return released


def hold(connection: Connection, reason: str) -> int:
    """Let nothing leave that was released before, until a person approves it again; how many
    messages that stops."""
    stopped = update(tables.outbox).where(
        _outbox.state.in_((Delivery.APPROVED, Delivery.FAILED, Delivery.SENDING))
    )
    return connection.execute(stopped.values(**_left(Delivery.HELD, reason))).rowcount


def prepare(desk: Desk) -> int:
    """Before a batch: let go of what a dead process was sending, hold what is in doubt where the
    settings want that (how many), and take back to draft what waits under a standing approval that
    the settings withdrew."""
    withdrawn = [k for k in NoticeKind if k not in desk.settings.standing]
    under_standing = (
        select(_approval.notice)
        .join(tables.notice)
        .where(_approval.standing, _notice.kind.in_(withdrawn))
    )
    by_name = select(_approval.notice).where(~_approval.standing)
    with desk.writer.begin() as connection:
        release(connection)
        held = _hold_doubtful(connection, left_behind(clock(connection))) if _holds(desk) else 0
        connection.execute(
            update(tables.outbox)
            .where(
                _free(clock(connection)),
                _outbox.notice.in_(under_standing),
                _outbox.notice.not_in(by_name),
            )
            .values(state=Delivery.DRAFT)
        )
        unlike = _hold_tripped(desk, connection, by_name)
    return held + unlike


def _hold_tripped(desk: Desk, connection: Connection, by_name: Any) -> int:
    """Hold what waits under standing approvals alone and trips a wire; how many."""
    standing = select(_outbox.notice).where(
        _outbox.state == Delivery.APPROVED, _outbox.notice.not_in(by_name)
    )
    waiting = set(connection.scalars(standing))
    _, count = _tripped(desk, connection, waiting, (Delivery.APPROVED,))
    return count


def _holds(desk: Desk) -> bool:
    return desk.settings.mail.in_doubt == "hold"


def _hold_doubtful(connection: Connection, doubtful: Any) -> int:
    """Hold what the server may have taken; how many messages."""
    held = update(tables.outbox).where(doubtful)
    return connection.execute(held.values(**_left(Delivery.HELD, say(IN_DOUBT)))).rowcount


def _doubtful() -> Any:
    """Nobody knows what came of its last attempt."""
    its = tables.delivery.c
    known = select(its.id).where(
        its.outbox == _outbox.id, its.attempt == _outbox.attempts, its.outcome != Delivery.HELD
    )
    return and_(_outbox.attempts > 0, ~known.exists())


def _left(state: Any, error: Any) -> dict[str, Any]:
    """What a row says once no sender has it any more."""
    free = {"owner": None, "lease_until": None, "next_attempt": None}
    return free | {"state": state, "error": error}


# --- sending ----------------------------------------------------------------------------------


def due_for_sending(
    desk: Desk, period: Period | None, *, retry: bool = False, kind: NoticeKind | None = None
) -> list[Waiting]:
    """Each message (of that period, that kind) that may leave: approved, refused for now, or
    left `sending` by a sender that is gone; in the order of drafting. With `retry` only what was
    refused for now, and all of it."""
    with desk.engine.connect() as connection:
        instant = clock(connection)
        waiting = (
            select(_outbox.id, _notice.due, _outbox.next_attempt)
            .join(tables.notice)
            .where(_outbox.state == Delivery.FAILED if retry else _free(instant))
            .order_by(_outbox.id)
        )
        if period:
            waiting = waiting.where(_notice.period == str(period))
        if kind:
            waiting = waiting.where(_notice.kind == kind)
        return [
            Waiting(row.id, row.due, retry or (row.next_attempt or instant) <= instant)
            for row in connection.execute(waiting)
        ]


def approved(desk: Desk) -> int:
    """How many messages wait for their sender."""
    waiting = select(func.count()).where(_outbox.state == Delivery.APPROVED)
    with desk.engine.connect() as connection:
        return connection.scalar(waiting) or 0


def release(connection: Connection) -> None:
    """Let go at once of what a dead process of this machine was sending."""
    held = select(_outbox.id, _outbox.owner).where(_outbox.state == Delivery.SENDING)
    dead = [row.id for row in connection.execute(held).all() if sender.is_dead(row.owner)]
    if dead:
        gone = update(tables.outbox).where(_outbox.id.in_(dead))
        over = clock(connection) - timedelta(seconds=1)
        connection.execute(gone.values(lease_until=over))


def _free(instant: Any) -> Any:
    """A sender may take it."""
    waits = _outbox.state == Delivery.APPROVED, _outbox.state == Delivery.FAILED
    return or_(*waits, left_behind(instant))


def left_behind(instant: Any) -> Any:
    """`sending`, by a sender that is gone."""
    return and_(_outbox.state == Delivery.SENDING, _outbox.lease_until < instant)


class Logged:
    """The approvals that the audit log tells of, of which only those are read that came since."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        self._last = 0
        self._known: set[tuple[str, str, str, str | None]] = set()

    def knows(self, connection: Connection, approval: Any) -> bool:
        """Whether the log has this approval: of that notice and content, by that name, with that
        signed file."""
        signed = approval.signed[1] if approval.signed else None
        sought = (str(approval.notice), approval.content, approval.by, signed)
        if sought not in self._known:
            for entry in audit.entries(connection, "approve", after=self._last):
                self._last = entry.number
                self._known |= set(approvals_of(entry))
        return sought in self._known


def read(desk: Desk, messages: Collection[int], logged: Logged) -> list[tuple[Ready, Message]]:
    """These messages as they are now, by number, each with whether it is what was approved, by the
    audit log as far as it is read in `logged`.

    Whoever writes into the database can forge both approval and log, or a draft under a standing
    approval, and that leaves; a head of the log that is kept elsewhere shows the former."""
    wanted = (
        select(tables.outbox, tables.notice)
        .join(tables.notice)
        .where(_outbox.id.in_(messages))
        .order_by(_outbox.id)
    )
    with desk.engine.connect() as connection:
        rows = connection.execute(wanted).all()
        approvals = _approvals(connection, {row.notice for row in rows})
        first = _first_sent(connection, rows)
        found = []
        for row in rows:
            approval, newest = approvals.get(row.notice, (None, 0))
            matter = row.unit, row.period, row.recipient
            its = Ready(
                message=row.id,
                recipient=row.recipient,
                message_id=row.message_id,
                state=row.state,
                attempts=row.attempts,
                approved=_is_approved(desk, connection, row, approval, logged),
                approval=newest,
                matter=matter,
                first=first.get(matter),
            )
            found.append((its, _message_of(row, approval)))
    return found


def _approvals(connection: Connection, notices: Collection[int]) -> dict[int, tuple[Any, int]]:
    """Notice -> the approval that counts, a person's before a rule, and the newest's number."""
    its = (
        select(tables.approval)
        .where(_approval.notice.in_(notices))
        .order_by(_approval.standing.desc(), _approval.id)
    )
    found: dict[int, tuple[Any, int]] = {}
    for row in connection.execute(its):
        found[row.notice] = row, max(row.id, found.get(row.notice, (None, 0))[1])
    return found


def _first_sent(
    connection: Connection, rows: Sequence[Any]
) -> dict[tuple[str, str, str], tuple[int, str]]:
    """Matter -> the first mail on it that was sent, of the matters of these rows at least."""
    sent = (
        select(_notice.unit, _notice.period, _outbox.recipient, _outbox.id, _outbox.message_id)
        .join_from(tables.outbox, tables.notice)
        .where(
            _outbox.recipient.in_({row.recipient for row in rows}),
            _outbox.state == Delivery.SENT,
            _notice.unit.in_({row.unit for row in rows}),
            _notice.period.in_({row.period for row in rows}),
        )
        .order_by(_outbox.id.desc())
    )
    return {tuple(matter): (number, its) for *matter, number, its in connection.execute(sent)}


def _is_approved(
    desk: Desk, connection: Connection, row: Any, approval: Any, logged: Logged
) -> bool:
    """Whether notice, recipient and files are what was approved, by whoever may."""
    if approval is None or not approval.content == row.content == hash_of(row):
        return False
    if approval.standing and row.kind not in desk.settings.standing:
        return False
    known = approval.standing or logged.knows(connection, approval)
    return known and row.recipient in addresses_of(row)


def _message_of(row: Any, approval: Any) -> Message:
    signed = [approval.signed] if approval and approval.signed else []
    return Message(
        id=row.id,
        kind=NoticeKind(row.kind),
        recipient=row.recipient,
        message_id=row.message_id,
        subject=row.subject,
        text=row.text,
        html=row.html,
        to=tuple(Address(*a) for a in row.to),
        cc=tuple(Address(*a) for a in row.cc),
        images=tuple(Kept(*file) for file in row.images),
        attachments=tuple(Kept(*file) for file in (*row.attachments, *signed)),
    )


class Thread:
    """The first mail on each matter that its recipient got, as a batch goes on."""

    def __init__(self) -> None:
        """Nothing has left yet."""
        self._left: dict[tuple[str, str, str], tuple[int, str]] = {}

    def first(self, ready: Ready) -> str | None:
        """The Message-ID of that before this one."""
        known = [one for one in (ready.first, self._left.get(ready.matter)) if one]
        before = [one for one in known if one[0] < ready.message]
        return min(before)[1] if before else None

    def goes_on(self, ready: Ready) -> None:
        """This one was sent."""
        self._left.setdefault(ready.matter, (ready.message, ready.message_id))


_CLAIMED = Prepared(
    update(tables.outbox)
    .where(
        _outbox.id == bindparam("number"),
        _outbox.state == bindparam("seen"),
        _outbox.attempts == bindparam("before"),
        _free(bindparam("instant")),
        or_(
            _outbox.next_attempt.is_(None),
            _outbox.next_attempt <= bindparam("instant"),
            bindparam("retry", type_=Boolean),
        ),
        select(func.max(_approval.id)).where(_approval.notice == _outbox.notice).scalar_subquery()
        == bindparam("approval"),
    )
    .values(
        state=Delivery.SENDING,
        attempts=_outbox.attempts + 1,
        owner=bindparam("ourselves"),
        lease_until=bindparam("until"),
    )
)


def is_left_in_doubt(desk: Desk, ready: Ready) -> bool:
    """Whether its lease ran out since the batch began, and the settings want that held: the next
    batch holds it."""
    return ready.state == Delivery.SENDING and _holds(desk)


@contextmanager
def turn(desk: Desk) -> Iterator[Turn]:
    """A transaction, which is over before the server is spoken to."""
    with desk.writer.begin() as connection:
        since = sender.instant()
        yield Turn(connection, since, clock(connection))


def claim(desk: Desk, turn: Turn, ready: Ready, *, retry: bool = False) -> Claim | None:
    """Mark one message as being sent by us; None where it is not as it was read: another sender was
    quicker and has it, or it failed there and waits again, unless `retry`; or it was superseded,
    held or approved anew."""
    if is_left_in_doubt(desk, ready):
        return None
    its = {
        "number": ready.message,
        "seen": ready.state,
        "before": ready.attempts,
        "approval": ready.approval,
        "instant": turn.instant,
        "retry": retry,
        "ourselves": sender.ourselves(),
        "until": turn.instant + lease(desk.settings.mail),
    }
    if _CLAIMED.execute(turn.connection, its).rowcount == 0:
        return None
    return Claim(ready.message, ready.attempts + 1, turn.since)


def lease(mail: Mail) -> timedelta:
    """How long a message is its sender's alone."""
    return EXCHANGES * timedelta(seconds=mail.timeout)


def _fetched(desk: Desk, kept: Sequence[Sequence[str]]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(name, archive.fetch(desk.workspace, sha256), mime) for name, sha256, mime in kept
    )


def _why_back() -> Any:
    """Why this attempt came back already: the report of that can be quicker than we are."""
    its = tables.delivery.c
    this = (its.outbox == bindparam("number"), its.attempt == bindparam("attempt"))
    return select(its.reply).where(*this, its.outcome == Delivery.BOUNCED).limit(1)


_OURS = (
    _outbox.id == bindparam("number"),
    _outbox.state == Delivery.SENDING,
    _outbox.attempts == bindparam("attempt"),
)
_TAKEN = Prepared(
    update(tables.outbox)
    .where(*_OURS)
    .values(
        **_left(
            case((_why_back().exists(), Delivery.BOUNCED), else_=Delivery.SENT),
            _why_back().scalar_subquery(),
        )
    )
)
"""It is sent, or came back already."""
_ANSWERED = Prepared(
    insert(tables.delivery).inline(), "outbox", "attempt", "outcome", "reply", "at"
)


def record(desk: Desk, turn: Turn, claim: Claim, outcome: Delivery, reply: str | None) -> Delivery:
    """Note, right after it, what the server answered, and what that makes of the message: what
    failed for too long is refused. Who was taken over meanwhile changes nothing but the list of
    answers."""
    connection, its = turn.connection, {"number": claim.message, "attempt": claim.attempt}
    came_to = outcome
    if outcome is Delivery.SENT:
        _TAKEN.execute(connection, its)
    else:
        values = _left(outcome, reply)
        if outcome is Delivery.FAILED:
            values |= _again(connection, claim.message, reply, turn.instant, desk.settings.mail)
        connection.execute(update(tables.outbox).where(*_OURS).values(**values), its)
        came_to = Delivery(values["state"])
    answer = {
        "outbox": claim.message,
        "attempt": claim.attempt,
        "outcome": outcome,
        "reply": reply,
        "at": turn.instant,
    }
    _ANSWERED.execute(connection, answer)
    return came_to


def _again(
    connection: Connection, message: int, reply: str | None, instant: datetime, mail: Mail
) -> dict[str, Any]:
    """When a message that failed is tried again, or that it will not be."""
    known = select(_outbox.failing_since).where(_outbox.id == message)
    since = connection.scalar(known) or instant
    its = tables.delivery.c
    before = select(func.count()).where(
        its.outbox == message, its.outcome == Delivery.FAILED, its.at >= since
    )
    failures = connection.scalar(before) or 0
    chance = random.random()  # noqa: S311 - no secret
    again = next_attempt(since, failures + 1, instant, chance, mail)
    if again is None:
        told = say("outbox.given-up", hours=mail.retry_hours, reply=reply or "")
        return {"state": Delivery.REFUSED, "error": told}
    return {"failing_since": since, "next_attempt": again}


def bounce(connection: Connection, message_id: str, reason: str) -> bool:
    """Note, within a transaction, that a message came back; whether it is ours, and may have left.
    One that is held or failed was in doubt, and is no more; of one that is being sent it is told
    once its sender has recorded that it was taken."""
    its = (_outbox.id, _outbox.attempts, _outbox.state, _outbox.lease_until)
    row = connection.execute(select(*its).where(_outbox.message_id == message_id)).first()
    if row is None or row.state not in RETURNABLE:
        return False
    instant = clock(connection)
    if row.state != Delivery.SENDING or row.lease_until < instant:
        came_back = _left(Delivery.BOUNCED, reason)
        connection.execute(update(tables.outbox).where(_outbox.id == row.id).values(**came_back))
    answer = {
        "outbox": row.id,
        "attempt": row.attempts,
        "outcome": Delivery.BOUNCED,
        "reply": reason,
        "at": instant,
    }
    connection.execute(insert(tables.delivery), answer)
    return True


def last_answer(desk: Desk) -> int:
    """The number of the newest answer to a message; what comes later has a higher one. 0, before
    all of them, where the collect before was cut off: the pages may not tell of what it noted."""
    with desk.engine.connect() as connection:
        if _was_cut_off(desk, connection, "collect"):
            return 0
        return connection.scalar(select(func.max(tables.delivery.c.id))) or 0


def bounced_after(desk: Desk, answer: int) -> list[Period]:
    """The periods of messages that came back since that answer."""
    its = tables.delivery.c
    wanted = (
        select(_notice.period)
        .join_from(tables.notice, tables.outbox)
        .join(tables.delivery)
        .where(its.id > answer, its.outcome == Delivery.BOUNCED)
        .distinct()
        .order_by(_notice.period)
    )
    with desk.engine.connect() as connection:
        return [Period.parse(text) for text in connection.scalars(wanted)]


def fail(
    connection: Connection, message: int, reason: str, state: Delivery = Delivery.FAILED
) -> None:
    """Note, within a transaction, why a message cannot even be tried; the next deliver looks again,
    or, where it is held, a person."""
    unmarked = update(tables.outbox).where(_outbox.id == message, _free(clock(connection)))
    connection.execute(unmarked.values(**_left(state, reason)))


# --- looking ----------------------------------------------------------------------------------


def rows(
    engine: Engine, period: Period | None, state: Delivery | None = None
) -> Iterator[dict[str, Any]]:
    """The outbox, or what is in this state, in the contract's shape and the order of drafting."""
    listed = (
        select(tables.outbox, _notice.kind, _notice.period, _notice.unit, _notice.subject)
        .join(tables.notice)
        .order_by(_outbox.id)
    )
    if period:
        listed = listed.where(_notice.period == str(period))
    if state:
        listed = listed.where(_outbox.state == state)
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
        .join(tables.notice)
        .where(_notice.period == str(period), _outbox.state != Delivery.SUPERSEDED)
        .order_by(_outbox.id)
    )
    brief = select(
        _notice.id, _notice.kind, _notice.unit, _notice.subject,
        _notice.to, _notice.cc, _notice.due, _notice.attachments,
    ).where(_notice.period == str(period)).order_by(_notice.id)  # fmt: skip
    with desk.engine.connect() as connection:
        for row in connection.execute(messages):
            one = Envelope(row.recipient, Delivery(row.state), row.error)
            found.setdefault(row.notice, []).append(one)
        waiting = [n for n, its in found.items() if any(e.state in WAITING for e in its)]
        others = [n for n, its in found.items() if any(e.state in UNSENT for e in its)]
        wanted = list(dict.fromkeys([*waiting, *others[:READABLE]]))
        said = {
            row.id: row
            for some in batched(wanted)
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


def _signed_files(connection: Connection, period: Period) -> dict[int, tuple[str, ...]]:
    """Notice -> the name of the signed file that its newest approval sends along."""
    approvals = (
        select(_approval.notice, _approval.signed)
        .join(tables.notice)
        .where(_notice.period == str(period))
        .order_by(_approval.id)
    )
    newest = {row.notice: row.signed for row in connection.execute(approvals)}
    return {notice: (signed[0],) for notice, signed in newest.items() if signed}


def waiting_periods(desk: Desk, period: str) -> list[Period]:
    """The periods with a message that may leave now, or the one named; where the deliver before was
    cut off also those of which anything ever left: their pages may not tell so."""
    if period:
        return [Period.parse(period)]
    with desk.engine.connect() as connection:
        wanted = or_(_free(clock(connection)), _outbox.state == Delivery.SENDING)
        if _was_cut_off(desk, connection, "deliver"):
            wanted = or_(wanted, _outbox.id.in_(select(tables.delivery.c.outbox)))
        waiting = (
            select(_notice.period)
            .join(tables.outbox)
            .where(wanted)
            .distinct()
            .order_by(_notice.period)
        )
        return [Period.parse(text) for text in connection.scalars(waiting)]


def _was_cut_off(desk: Desk, connection: Connection, flow: str) -> bool:
    """Whether the run before this one did not come to its end, or is still at work."""
    run = tables.run.c
    before = (
        select(run.ended_at)
        .where(run.flow == flow, run.id != desk.run)
        .order_by(run.id.desc())
        .limit(1)
    )
    row = connection.execute(before).first()
    return row is not None and row.ended_at is None
