"""A database that is lost, empty or another workspace's is named, and never made anew: it would
send everything again."""

import os
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, text

from ministry import CLOSING, OPENING, PERIOD, Ministry, Workspace, create
from postbox import Postbox
from schemas import tables
from tasks.archive import MARK
from tasks.desk import Desk

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("open", PERIOD), ("collect",), ("remind",), ("report", PERIOD), ("deliver",), ("watch",),
    ("status", PERIOD), ("outbox",), ("verify",), ("backup", "x.tar"), ("texts",),
    ("approve", PERIOD, "--by", "An"), ("quarantine", "list"), ("rules", "list"),
)  # fmt: skip


@pytest.fixture
def month(database: str, tmp_path: Path) -> Workspace:
    """A workspace that has lived: its forms have left."""
    workspace = create(tmp_path / "w", Ministry(2))
    with Postbox() as box, pytest.MonkeyPatch.context() as patch:
        for name, value in box.settings().items():
            patch.setenv(name, value)
        workspace.done("open", PERIOD, today=OPENING)
        workspace.done("deliver", today=OPENING)
    return workspace


def lose(workspace: Workspace) -> None:
    url = os.environ.get("DONDOC_DATABASE_URL")
    if url is None:
        for path in workspace.path.glob("dondoc.db*"):
            path.unlink()
        return
    address = url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def tree(workspace: Workspace) -> dict[str, str]:
    """Every file by its content; what SQLite keeps in memory while it is read is none."""
    return {
        str(path.relative_to(workspace.path)): sha256(path.read_bytes()).hexdigest()
        for path in workspace.path.rglob("*")
        if path.is_file() and path.suffix not in {".db-shm", ".db-wal"}
    }


def refused(workspace: Workspace, words: str) -> int:
    """By every command with the one sentence, and nothing is made or changed; how many."""
    before = tree(workspace)
    for command in COMMANDS:
        ran = workspace(*command)
        assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1), command
        assert words in ran.err
    ran = workspace("doctor", "--json")
    assert ran.status == 1
    (told,) = (one for one in ran.json if one["name"] == "database")
    assert told["ok"] is False
    assert words in told["message"]
    assert tree(workspace) == before
    return len(COMMANDS) + 1


def test_a_lost_database_is_never_made_anew(
    month: Workspace, database: str, postbox: Postbox, shown: Callable[..., None]
) -> None:
    lose(month)
    count = refused(month, "chuyển archive/ đi nơi khác")
    if database == "sqlite":
        (month.path / "dondoc.db").touch()
        count += refused(month, "chuyển archive/ đi nơi khác")
    assert postbox.taken == []
    shown(
        "storage", f"the database is lost or empty ({database})",
        "every command says so, none makes a new one and sends all again",
        f"{count} commands: {count} refused, {len(postbox.taken)} mails",
    )  # fmt: skip
    (month.path / "archive").rename(month.path.parent / "archive")
    assert month.done("open", PERIOD, today=OPENING)["forms"]
    assert month.done("verify")["damages"] == []


def test_another_workspaces_database_is_left_alone(month: Workspace, database: str) -> None:
    """By a new workspace and by one that has lived: of both the address, or the file, is wrong."""
    other = create(month.path.parent / "other", Ministry(1))
    lived = create(month.path.parent / "lived", Ministry(1))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DONDOC_DATABASE_URL", raising=False)
        lived.done("open", PERIOD, today=OPENING)
    for one in (other, lived):
        if database == "sqlite":
            for path in one.path.glob("dondoc.db*"):
                path.unlink()
            shutil.copy(month.path / "dondoc.db", one.path)
        before = month.outbox()
        refused(one, "một vùng làm việc khác")
        assert month.outbox() == before


def test_a_workspace_of_an_earlier_version_is_marked_at_first_sight(month: Workspace) -> None:
    with Desk(month.path) as desk, desk.writer.begin() as connection:
        connection.execute(text("DELETE FROM workspace WHERE key = 'mark'"))
    (month.path / MARK).unlink()
    assert month("doctor").status in {0, 1}
    assert not (month.path / MARK).exists()
    month.done("status", PERIOD)
    with Desk(month.path) as desk, desk.engine.connect() as connection:
        marked = text("SELECT value FROM workspace WHERE key = 'mark'")
        assert connection.scalar(marked) == (month.path / MARK).read_text("ascii").strip()


def test_a_new_workspace_has_its_database_with_the_first_command(
    database: str, tmp_path: Path
) -> None:
    new = create(tmp_path / "w", Ministry(1))
    before = tree(new)
    ran = new("doctor", "--json")
    (told,) = (one for one in ran.json if one["name"] == "database")
    assert told["ok"] is None
    assert tree(new) == before
    assert new.done("outbox") == []
    (new.path / "dondoc.db").unlink(missing_ok=True)  # nothing was kept yet: nothing is lost
    assert new.done("outbox") == []
    assert new.done("status", PERIOD)["units"]


def test_the_doctor_changes_nothing(month: Workspace, database: str) -> None:
    """A registry that was saved again is new to the database, and stays so."""
    path = month.path / "registry.xlsx"
    book = load_workbook(path)
    book["Đơn vị"]["B2"] = "Đơn vị đổi tên"
    book.save(path)

    def counts() -> list[Any]:
        its = (select(func.count()).select_from(one) for one in (tables.audit, tables.registry))
        with Desk(month.path) as desk, desk.engine.connect() as connection:
            return [connection.scalar(one) for one in its]

    before = tree(month), counts()
    month("doctor", today=CLOSING)
    assert (tree(month), counts()) == before
