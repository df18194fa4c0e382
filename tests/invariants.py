"""What must hold of a workspace at any moment, whatever died in it a moment ago; and what it came
to, to be compared with another that was left in peace."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, text

from ministry import PERIOD, Workspace
from schemas import tables
from schemas.board import State
from schemas.notices import Delivery
from tasks import mailroom
from tasks.desk import Desk
from tasks.verify import verify

LEGAL: Mapping[str, set[str]] = {
    "outbox": {*Delivery},
    "submission": {State.ACCEPTED, State.RETURNED, State.HELD},
    "attachment": {mailroom.WAITING, mailroom.TAKEN, mailroom.QUARANTINED, mailroom.RELEASED},
    "message": {
        mailroom.TAKEN, mailroom.EMPTY, mailroom.REPEATED, mailroom.UNREADABLE, mailroom.TOO_LARGE,
        mailroom.BOUNCE, mailroom.AUTOMATIC,
    },
}  # fmt: skip
"""Table -> the states that its rows may be in."""

ROWS = " UNION ALL ".join(f"SELECT sheet FROM {table}" for table in tables.form_rows.values())  # noqa: S608

NEVER = {
    "sending without a lease": """
        SELECT id FROM outbox WHERE state = 'sending'
        AND (owner IS NULL OR lease_until IS NULL OR attempts < 1)""",
    "leased but not sending": """
        SELECT id FROM outbox WHERE state <> 'sending'
        AND (owner IS NOT NULL OR lease_until IS NOT NULL)""",
    "under way without an approval of what it says": """
        SELECT o.id FROM outbox o JOIN notice n ON n.id = o.notice
        WHERE o.state IN ('approved', 'sending', 'sent', 'refused', 'failed') AND NOT EXISTS
        (SELECT 1 FROM approval a WHERE a.notice = n.id AND a.content = n.content)""",
    "sent without the server's answer": """
        SELECT o.id FROM outbox o WHERE o.state = 'sent' AND NOT EXISTS
        (SELECT 1 FROM delivery d WHERE d.outbox = o.id AND d.outcome = 'sent')""",
    "recorded as sent twice": """
        SELECT d.outbox FROM delivery d WHERE d.outcome = 'sent'
        GROUP BY d.outbox HAVING count(*) > 1""",
    "placed without a unit or a period": """
        SELECT id FROM submission WHERE state <> 'held' AND (unit IS NULL OR period IS NULL)""",
    "accepted without a sheet": """
        SELECT s.id FROM submission s WHERE s.state = 'accepted' AND NOT EXISTS
        (SELECT 1 FROM sheet WHERE sheet.submission = s.id)""",
    "a sheet without rows": f"""
        SELECT id FROM sheet WHERE id NOT IN ({ROWS})""",  # noqa: S608
    "returned without an error": """
        SELECT s.id FROM submission s WHERE s.state = 'returned' AND NOT EXISTS
        (SELECT 1 FROM finding f WHERE f.submission = s.id AND f.severity = 'error')""",
    "the same version twice": """
        SELECT unit FROM submission WHERE state <> 'held'
        GROUP BY unit, period, version HAVING count(*) > 1""",
    "marked as answered without an answer": """
        SELECT s.id FROM submission s WHERE s.answered AND s.state <> 'held' AND NOT EXISTS
        (SELECT 1 FROM notice n WHERE n.occasion = s.sha256 AND n.unit = s.unit
        AND n.kind IN ('receipt', 'return'))""",
}
"""What is wrong -> the question that finds it, in words that both databases know."""


def broken(workspace: Workspace) -> list[str]:
    """All that does not hold; `dondoc verify` is a part of it."""
    with Desk(workspace.path) as desk, desk.engine.connect() as connection:
        return [
            *(f"verify: {one.kind} {dict(one.facts)}" for one in verify(desk).damages),
            *_broken_rows(connection),
        ]


def _broken_rows(connection: Connection) -> Iterator[str]:
    for table, states in LEGAL.items():
        column = tables.metadata.tables[table].c.state
        if strange := set(connection.scalars(select(column).distinct())) - states:
            yield f"{table} in a state {strange}"
    for wrong, question in NEVER.items():
        if found := connection.execute(text(question)).all():
            yield f"{wrong}: {found}"
    for row in connection.execute(select(tables.notice)):
        of_it = select(tables.outbox.c.recipient).where(tables.outbox.c.notice == row.id)
        if set(connection.scalars(of_it)) != {email for _, email in (*row.to, *row.cc)}:
            yield f"notice {row.id} lacks a recipient"


def unsettled(workspace: Workspace) -> list[str]:
    """What still waits, where every command has come to its end and all was approved."""
    waiting = {
        "outbox": "SELECT id FROM outbox WHERE state NOT IN ('sent', 'superseded', 'bounced')",
        "answer": "SELECT id FROM submission WHERE NOT answered",
        "attachment": "SELECT id FROM attachment WHERE state IN ('waiting', 'released')",
        "mark": "SELECT id FROM message WHERE marked_at IS NULL",
    }
    with Desk(workspace.path) as desk, desk.engine.connect() as connection:
        found = {what: connection.execute(text(query)).all() for what, query in waiting.items()}
    files = [path.name for path in workspace.inbox.iterdir() if path.is_file()]
    return [*(f"{what}: {rows}" for what, rows in found.items() if rows), *files]


def contents(folder: Path) -> dict[str, str]:
    """Path -> SHA-256 of every file below; but for what a kill left half written, which has a name
    that nobody looks for, and for the numbers of notices in pages: a database may skip some."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(
            re.sub(rb"thu-\d+", b"", path.read_bytes())
        ).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def came_to(workspace: Workspace) -> dict[str, Any]:
    """What the workspace came to: rows without the numbers and instants that tell runs apart, and
    the files that people see."""
    questions = {
        "submissions": """
            SELECT unit, period, sha256, file, state, answered,
            CASE WHEN state = 'held' THEN 0 ELSE version END FROM submission""",
        "findings": """
            SELECT sha256, unit, rule, severity, message, sheet, cell
            FROM finding f JOIN submission s ON s.id = f.submission""",
        "sheets": f"""
            SELECT s.sha256, s.unit, h.form, h.name, count(*) FROM ({ROWS}) AS its
            JOIN sheet h ON h.id = its.sheet JOIN submission s ON s.id = h.submission
            GROUP BY h.id, s.sha256, s.unit, h.form, h.name""",  # noqa: S608
        "outbox": """
            SELECT kind, period, unit, recipient, subject, message_id, state
            FROM outbox o JOIN notice n ON n.id = o.notice WHERE state <> 'superseded'""",
        "mailed": "SELECT sender, subject, state FROM message",
        "attached": "SELECT name, sha256, state, reason FROM attachment",
    }
    with Desk(workspace.path) as desk, desk.engine.connect() as connection:
        rows = {
            what: sorted(repr(tuple(row)) for row in connection.execute(text(question)))
            for what, question in questions.items()
        }
    documents = contents(workspace.path / "reports")
    outbox = workspace.path / "reports" / PERIOD / "outbox.html"
    lines = outbox.read_text("utf-8").splitlines() if outbox.exists() else []
    return rows | {
        "status": workspace.done("status", PERIOD),
        "inbox": contents(workspace.inbox),
        # dated by their nature, or in the order in which mails and files happened to come
        "documents": {k: v for k, v in documents.items() if not re.search("/quality/|outbox", k)},
        "outbox page": sorted(re.sub(r' id="thu-\d+"', "", line) for line in lines),
    }
