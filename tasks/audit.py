"""Touches the audit log: adds rows to its chain, in the transaction of what they record."""

import json
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, delete, insert, select

from rules.audit import GENESIS, changes, damages, sealed
from schemas import tables
from schemas.integrity import Damage, Entry, Facts, Head
from schemas.registry import Recorded

_HEAD = "audit-head"
_NOTHING: Facts = {}

_audit, _workspace = tables.audit.c, tables.workspace.c


def add(
    connection: Connection,
    recorded: Recorded,
    what: str,
    subject: str = "",
    *,
    before: Facts = _NOTHING,
    after: Facts = _NOTHING,
) -> Head:
    """Chain one row to the newest, within a transaction that writes; the new head."""
    newest = _newest(connection)
    entry = Entry(
        number=newest.number + 1,
        at=recorded.at,
        on=recorded.on,
        what=what,
        by=recorded.by,
        login=recorded.login,
        subject=subject,
        before=before,
        after=after,
        previous=newest.hash,
    )
    entry = replace(entry, hash=sealed(entry))
    connection.execute(insert(tables.audit), vars(entry))
    _keep(connection, _HEAD, f"{entry.number} {entry.hash}")
    return Head(entry.number, entry.hash)


def notice(connection: Connection, recorded: Recorded, what: str, state: Facts) -> None:
    """Record what changed since it was last seen, of what people change outside of the program."""
    key = f"seen-{what}"
    known = _kept(connection, key)
    before, after = changes(json.loads(known) if known else {}, state)
    if before or after:
        add(connection, recorded, what, before=before, after=after)
        _keep(connection, key, json.dumps(dict(state), ensure_ascii=False))


def entries(connection: Connection, what: str = "", *, after: int = 0) -> Sequence[Entry]:
    """Every row (of that act) after that number, by number."""
    wanted = select(tables.audit).where(_audit.number > after).order_by(_audit.number)
    rows = connection.execute(wanted.where(_audit.what == what) if what else wanted).mappings()
    return [Entry(**row) for row in rows]


def walked(
    connection: Connection, known: str | None = None
) -> tuple[Sequence[Entry], Head | None, list[Damage]]:
    """Every row, the newest's head, and where the chain is not as it was written; `known` is the
    hash of a row as it was kept elsewhere. No row and no head where one cannot be read."""
    try:
        rows = entries(connection)
    except ValueError:  # a row that is no JSON, or has no such day: nothing that we wrote
        return (), None, [Damage("audit-unreadable", {})]
    head = Head(rows[-1].number, rows[-1].hash) if rows else Head(0, GENESIS)
    return rows, head, damages(rows, noted_head(connection), known)


def noted_head(connection: Connection) -> Head | None:
    """The newest row as it is noted apart from the rows; None where none ever was."""
    kept = _kept(connection, _HEAD)
    number, _, sha256 = (kept or "").partition(" ")
    return Head(int(number), sha256) if number.isdigit() else None


def _newest(connection: Connection) -> Head:
    """What the next row is chained to: rows that were taken off the end stay missing."""
    last = connection.execute(
        select(_audit.number, _audit.hash).order_by(_audit.number.desc()).limit(1)
    ).first()
    known = Head(last.number, last.hash) if last else Head(0, GENESIS)
    noted = noted_head(connection)
    return noted if noted and noted.number > known.number else known


def _kept(connection: Connection, key: str) -> str | None:
    return connection.scalar(select(_workspace.value).where(_workspace.key == key))


def _keep(connection: Connection, key: str, value: str) -> None:
    connection.execute(delete(tables.workspace).where(_workspace.key == key))
    connection.execute(insert(tables.workspace).values(key=key, value=value))
