"""`dondoc verify` names whatever is not as it was recorded, on either database."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from ministry import OPENING, PERIOD, Ministry, Workspace, create
from postbox import Postbox
from tasks.desk import Desk

BY = ("--by", "Vũ Đức Thắng")
HASH = "f" * 64


@pytest.fixture
def month(database: str, tmp_path: Path) -> Workspace:
    """A period that was opened and approved, with a handful of audit rows."""
    workspace = create(tmp_path / "w", Ministry(2))
    workspace.done("open", PERIOD, today=OPENING)
    for day in ("2021-12-31", "2021-11-30", "2022-01-31"):
        workspace.done("excuse", PERIOD, "DV01", "--until", day, "--because", "Chờ vốn", *BY)
    return workspace


def execute(workspace: Workspace, *statements: str) -> None:
    """What somebody with the database at hand may do."""

    def run(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    with Desk(workspace.path) as desk, desk.writer.begin() as connection:
        run(connection)


def verify(workspace: Workspace, *arguments: str) -> dict[str, Any]:
    ran = workspace("verify", "--json", *arguments)
    assert ran.status == (1 if ran.json["damages"] else 0)
    return dict(ran.json)


def kinds(workspace: Workspace, *arguments: str) -> list[str]:
    return [one["kind"] for one in verify(workspace, *arguments)["damages"]]


def test_what_is_whole_is_said_to_be_and_what_is_not_is_named(month: Workspace) -> None:
    whole = verify(month)
    assert whole["damages"] == []
    assert whole["files"] == len(list((month.path / "archive").glob("*/*")))
    assert whole["references"] >= 3  # the registry, and each unit's form
    head = whole["head"]
    assert head["number"] == 6
    assert kinds(month, "--head", head["hash"]) == []
    assert kinds(month, "--head", HASH) == ["audit-other-chain"]

    execute(month, "UPDATE audit SET \"by\" = 'ai đó' WHERE number = 4")
    assert kinds(month) == ["audit-altered"]
    execute(month, "UPDATE audit SET \"by\" = 'Vũ Đức Thắng' WHERE number = 4")
    assert kinds(month) == []

    execute(  # two rows in each other's place
        month,
        "UPDATE audit SET number = 99 WHERE number = 4",
        "UPDATE audit SET number = 4 WHERE number = 5",
        "UPDATE audit SET number = 5 WHERE number = 99",
    )
    assert {"audit-altered", "audit-link"} <= set(kinds(month))
    execute(
        month,
        "UPDATE audit SET number = 99 WHERE number = 4",
        "UPDATE audit SET number = 4 WHERE number = 5",
        "UPDATE audit SET number = 5 WHERE number = 99",
    )
    assert kinds(month) == []

    execute(month, "UPDATE approval SET content = '0' WHERE id = 1")
    assert kinds(month) == ["approval-of-another"]
    execute(month, "UPDATE approval SET content = (SELECT content FROM notice WHERE id = notice)")
    execute(month, "DELETE FROM audit WHERE number = 6")  # off the end
    missing, unlogged = verify(month)["damages"]
    assert (missing["kind"], missing["first"], missing["last"]) == ("audit-missing", 6, 6)
    assert (unlogged["kind"], unlogged["subject"]) == ("excuse-unlogged", "DV01")
    execute(month, "DELETE FROM audit WHERE number = 2")
    gaps = [d for d in verify(month)["damages"] if d["kind"] == "audit-missing"]
    assert [(d["first"], d["last"]) for d in gaps] == [(2, 2), (6, 6)]
    ran = month("verify")
    assert ran.status == 1
    assert "từ dòng 2 đến dòng 2" in " ".join(ran.out.split())
    assert len(ran.err.splitlines()) == 1


def test_an_act_that_is_another_in_its_own_table_is_named(month: Workspace) -> None:
    words = ("DV01.1", "-5,5", "--decision", "9/QĐ-UBDT", "--day", "2021-11-02", *BY)
    month.done("adjust", PERIOD, *words)
    assert kinds(month) == []
    execute(month, "UPDATE adjustment SET amount = amount * 10")
    assert kinds(month) == ["adjust-changed", "adjust-unlogged"]
    execute(month, "UPDATE adjustment SET amount = amount / 10")
    execute(month, "UPDATE excuse SET until = '2022-12-31' WHERE id = 3")
    assert kinds(month) == ["excuse-changed", "excuse-unlogged"]
    execute(month, "DELETE FROM excuse WHERE id = 3")
    (gone,) = verify(month)["damages"]
    assert (gone["kind"], gone["subject"], gone["number"]) == ("excuse-changed", "DV01", 6)


FORGED = (
    'INSERT INTO approval (notice, content, "by", login, standing, approved_at)'
    " SELECT id, content, 'Bộ trưởng', 'root', {}, '2099-01-01' FROM notice WHERE kind = '{}'"
)
TAMPERED = {
    "UPDATE notice SET text = 'Chuyển tiền' WHERE id = 1": ["notice-altered"],
    "UPDATE notice SET \"to\" = '[[\"X\", \"x@evil.example\"]]' WHERE id = 1": [
        "notice-altered", "message-elsewhere", "message-gone",
    ],
    "UPDATE outbox SET recipient = 'spy@evil.example' WHERE id = 1": [
        "message-elsewhere", "message-gone",
    ],
    "DELETE FROM delivery WHERE outbox = 1": ["message-unanswered"],
    "DELETE FROM delivery WHERE outbox = 1; DELETE FROM outbox WHERE id = 1": ["message-gone"],
    "UPDATE outbox SET state = 'draft' WHERE id = 1": ["message-sent"],
    "UPDATE outbox SET state = 'bounced' WHERE id = 1": ["message-unanswered"],
    "UPDATE outbox SET state = 'refused' WHERE id = 1": ["message-unanswered", "message-sent"],
    "DELETE FROM approval WHERE notice = 1": ["message-unapproved"],
    "DELETE FROM approval WHERE NOT standing": ["message-unapproved", "approval-gone"],
    "UPDATE approval SET \"by\" = 'Bộ trưởng' WHERE NOT standing": [
        "approval-unlogged", "approval-gone",
    ],
    FORGED.format("false", "digest"): ["approval-unlogged"],
    FORGED.format("true", "digest"): ["approval-unallowed"],
    FORGED.format("true", "blank-form"): [],
    "UPDATE outbox SET state = 'approved' WHERE notice IN"
    " (SELECT id FROM notice WHERE kind = 'digest')": ["message-unapproved"],
}  # fmt: skip
"""What somebody with the database at hand does -> what of it is found, each with what to do."""


def test_whatever_is_written_into_outbox_approvals_or_notices_is_found(
    reported: Workspace, postbox: Postbox, shown: Callable[..., None]
) -> None:
    reported.done("approve", PERIOD, "--kind", "urging", *BY)
    reported.done("deliver")
    assert kinds(reported) == []
    database, whole = reported.path / "dondoc.db", (reported.path / "dondoc.db").read_bytes()
    for statement, found in TAMPERED.items():
        execute(reported, *statement.split("; "))
        damages = verify(reported)["damages"]
        assert [one["kind"] for one in damages] == found, statement
        remedies = ("tìm xem ai", "nội dung đúng là ở nhật ký")
        assert all(any(r in one["message"] for r in remedies) for one in damages)
        database.write_bytes(whole)
    caught = sum(bool(found) for found in TAMPERED.values())
    shown(
        "access", "somebody rewrites notices, envelopes, states, answers or approvals",
        "`dondoc verify` names each", f"{caught} of {len(TAMPERED)} ways named; the other is"
        " a standing approval of a kind that has one",
    )  # fmt: skip


def spoil(path: Path) -> None:
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def swap(path: Path) -> None:
    path.rename(path.with_name(HASH))


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        (spoil, ["archive-damaged"]),
        (Path.unlink, ["archive-missing"]),
        (swap, ["archive-damaged", "archive-missing"]),
    ],
)
def test_a_file_of_the_archive_that_is_not_what_it_was(
    opened: Workspace, harm: Callable[[Path], None], found: list[str]
) -> None:
    path = sorted((opened.path / "archive").glob("*/*"))[0]
    harm(path)
    damages = verify(opened)["damages"]
    assert [one["kind"] for one in damages] == found
    assert all("bản sao lưu" in one["message"] for one in damages)
    if found[-1] == "archive-missing":
        assert damages[-1]["sha256"] == path.name


def test_what_a_crash_left_half_written_is_no_damage(opened: Workspace) -> None:
    kept = next((opened.path / "archive").glob("*/*"))
    (kept.parent / ".abc.tmp").write_bytes(b"half")
    assert kinds(opened) == []


def test_a_row_that_hangs_in_the_air_is_named(opened: Workspace) -> None:
    """Foreign keys are held by each connection of ours; another program may not ask for that."""
    execute(opened, "UPDATE audit SET after = '{' WHERE number = 1")
    assert kinds(opened) == ["audit-unreadable"]
    with Desk(opened.path) as desk:
        raw = desk.engine.raw_connection()
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("UPDATE outbox SET notice = 4711 WHERE id = 1")
        raw.close()
    (damage,) = verify(opened)["damages"]
    assert damage["kind"] == "database"
    assert "outbox" in damage["told"]
    assert verify(opened)["head"] is None
    assert "--head" not in opened("verify").out, "a head that was not read is not worth noting"
