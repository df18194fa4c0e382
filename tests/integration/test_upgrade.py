"""A database of any earlier schema, filled, comes up to today's with all that it held."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, func, select, text
from sqlalchemy.pool import NullPool

from conftest import Demo
from ministry import OPENING, PERIOD, Ministry, Workspace, create
from postbox import Postbox
from schemas import tables
from tasks import database as database_of
from tasks.database import HEAD
from tasks.sample import HISTORY

HOUSE = Path(__file__).parents[2]
MIGRATIONS = Config()
MIGRATIONS.set_main_option("script_location", str(HOUSE / "migrations"))
REVISIONS = sorted(one.revision for one in ScriptDirectory.from_config(MIGRATIONS).walk_revisions())
FIRST, EARLIER = REVISIONS[0], REVISIONS[:-1]
MONTHS = [f"2021-{month:02d}" for month in range(1, 11)]

FIRST_CODE = "6343f28a"
"""A commit whose schema is the first; of what later ones wrote the rows are projected."""

LATER = "DELETE FROM workspace WHERE key = 'audit-head' OR key LIKE 'seen-%'"
"""Facts that a workspace notes since the audit log (0009), in a table that was always there."""
UNSENT = (
    "UPDATE outbox SET state = 'draft', attempts = 0 WHERE id % 7 = 1",
    "UPDATE outbox SET state = 'failed', attempts = 2, error = '451 later' WHERE id % 7 = 2",
    "UPDATE outbox SET state = 'refused', error = '550 no such user' WHERE id % 7 = 3",
    "UPDATE outbox SET state = 'superseded', attempts = 0 WHERE id % 7 = 4",
    "DELETE FROM delivery WHERE outbox % 7 IN (1, 4)",
    "UPDATE delivery SET outcome = 'failed' WHERE outbox % 7 = 2",
    "UPDATE delivery SET outcome = 'refused' WHERE outbox % 7 = 3",
)
"""The month once more in the middle of its work: messages in the states that 0001 had."""
HELD = (
    "INSERT INTO submission (id, version, sha256, file, state, received_on, received_at, registry,"
    " answered) SELECT 9999, 1, sha256, 'x.xlsx', 'held', received_on, received_at, registry, false"
    " FROM submission WHERE id = 1"
)

Rows = dict[str, list[dict[str, Any]]]
"""Table -> its rows as the database has them, without our types."""


@pytest.fixture
def months(demo: Demo, database: str, tmp_path: Path) -> Workspace:
    """The sample's ten months, their database today's, on SQLite."""
    return _copied(demo, tmp_path / "w")


def _copied(demo: Demo, path: Path) -> Workspace:
    shutil.copytree(demo.workspace, path, ignore=shutil.ignore_patterns(".prefect", "mail"))
    return Workspace(path)


def _engine(workspace: Workspace) -> Engine:
    """The database that the environment names, its schema left as it is."""
    url = os.environ.get("DONDOC_DATABASE_URL", "")
    plain = f"sqlite:///{workspace.path / database_of.FILE}"
    url = url.replace("postgresql://", "postgresql+psycopg://") or plain
    return create_engine(url, poolclass=NullPool)


def _schema(connection: Connection) -> MetaData:
    schema = MetaData()
    schema.reflect(connection)
    schema.remove(schema.tables["alembic_version"])
    return schema


def _rows(connection: Connection, schema: MetaData) -> Rows:
    return {
        table.name: [row._asdict() for row in connection.execute(_ordered(table))]
        for table in schema.sorted_tables
    }


def _ordered(table: Table) -> Any:
    return select(table).order_by(*table.primary_key.columns)


def _set_back(workspace: Workspace, revision: str, *changes: str) -> Rows:
    """Put a database of that schema in the place of the workspace's, with all of its rows that
    this schema could hold; what it then holds."""
    own = create_engine(f"sqlite:///{workspace.path / database_of.FILE}", poolclass=NullPool)
    with own.connect() as connection:
        today = _rows(connection, _schema(connection))
    for file in workspace.path.glob(f"{database_of.FILE}*"):
        file.unlink()
    engine = _engine(workspace)
    with engine.begin() as connection:
        MIGRATIONS.attributes["connection"] = connection
        command.upgrade(MIGRATIONS, revision)
        schema = _schema(connection)
        for table in schema.sorted_tables:
            fitting = [row for row in today[table.name] if _fits(table, row)]
            if fitting:
                connection.execute(
                    table.insert(),
                    [{c.name: row[c.name] for c in table.columns} for row in fitting],
                )
            if engine.dialect.name == "postgresql" and "id" in table.columns:
                newest = connection.scalar(select(func.max(table.c.id)))
                sequence = func.pg_get_serial_sequence(table.name, "id")
                connection.execute(select(func.setval(sequence, newest or 1, newest is not None)))
        for change in changes:
            connection.execute(text(change))
        return _rows(connection, schema)


def _fits(table: Table, row: dict[str, Any]) -> bool:
    return all(row[column.name] is not None for column in table.columns if not column.nullable)


def _now(workspace: Workspace, before: Rows) -> Rows:
    """The same columns of the same rows as they are today."""
    engine = _engine(workspace)
    with engine.connect() as connection:
        after = _rows(connection, _schema(connection))
    return {
        name: [{key: one[key] for key in rows[0]} for one in after[name]] if rows else after[name]
        for name, rows in before.items()
    }


def _boards(workspace: Workspace) -> dict[str, Any]:
    return {month: workspace.done("status", month) for month in MONTHS}


def _told(board: dict[str, Any]) -> dict[str, Any]:
    """A board without its flags, which compare with years that 0001 did not know."""
    units = [{key: value for key, value in one.items() if key != "flags"} for one in board["units"]]
    return board | {"units": units}


@pytest.fixture(scope="module")
def boards(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `status` says of each of the ten months before anything was set back."""
    return _boards(_copied(demo, tmp_path_factory.mktemp("today") / "w"))


def test_the_samples_ten_months_come_up_from_the_first_schema(
    boards: dict[str, Any],
    months: Workspace,
    database: str,
    postbox: Postbox,
    shown: Callable[..., None],
) -> None:
    before = _set_back(months, FIRST, LATER, *UNSENT)
    messages = {one["message_id"]: one["state"] for one in before["outbox"]}
    assert set(messages.values()) == {"draft", "failed", "refused", "superseded", "sent"}
    begun = time.perf_counter()
    months.done("outbox")
    took = time.perf_counter() - begun
    verified = months.done("verify")
    assert verified["damages"] == []
    assert verified["references"] > 40
    assert {m: _told(b) for m, b in _boards(months).items()} == {
        m: _told(b) for m, b in boards.items()
    }
    assert {one["message_id"]: one["state"] for one in months.outbox()} == messages
    assert months.done("explain", PERIOD, "VP")
    assert months("reproduce", PERIOD).status == 2  # 0008: reports of before cannot be made again

    # and the work goes on: the past years are imported, what waited leaves, once
    months.done("history", "import", HISTORY)
    assert months.done("status", PERIOD) == boards[PERIOD]
    waiting = sorted(m for m, state in messages.items() if state in {"draft", "failed"})
    for _ in range(2):  # what was approved before there was an audit log is held first
        months.done("approve", PERIOD, "--by", "Vũ Đức Thắng")
        months("deliver", PERIOD)
    assert sorted(str(one.mail["Message-ID"]) for one in postbox.taken) == waiting
    assert months.done("verify")["damages"] == []
    rows = sum(map(len, before.values()))
    shown(
        "storage",
        f"an upgrade from the first schema with the sample's ten months, {database}",
        "every figure, message and state is as before, and verify finds nothing",
        f"{rows} rows through {len(EARLIER)} migrations in {took:.1f} s; lost 0, damaged 0",
    )


@pytest.mark.soak
def test_what_the_first_code_itself_wrote_comes_up(
    boards: dict[str, Any], database: str, tmp_path: Path, shown: Callable[..., None]
) -> None:
    archived = subprocess.run(
        ["git", "archive", FIRST_CODE], cwd=HOUSE, capture_output=True, check=False
    )
    if archived.returncode:
        pytest.skip(f"the history here does not reach back to {FIRST_CODE}")
    code, months = tmp_path / "code", Workspace(tmp_path / "w")
    code.mkdir()
    subprocess.run(["tar", "-x"], cwd=code, input=archived.stdout, check=True)
    del os.environ["DONDOC_LETTER__PDF"]  # a setting that it does not know
    playing = [sys.executable, "-m", "dondoc", "demo", str(months.path)]
    played = subprocess.run(playing, cwd=code, capture_output=True, text=True, check=False)
    assert played.returncode == 0, played.stderr
    with _engine(months).connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == FIRST
        before = _rows(connection, _schema(connection))
    assert months.done("verify")["damages"] == []
    after = _now(months, before)
    assert [row for table in before for row in before[table] if row not in after[table]] == []
    assert {m: _told(b) for m, b in _boards(months).items()} == {
        m: _told(b) for m, b in boards.items()
    }
    shown(
        "storage",
        f"ten months that the first code itself played, taken over by today's, {database}",
        "every row and figure is as before, and verify finds nothing",
        f"{sum(map(len, before.values()))} rows; lost 0, damaged 0",
    )


@pytest.mark.parametrize("revision", EARLIER)
def test_every_earlier_schema_comes_up_with_all_that_it_held(
    months: Workspace, revision: str
) -> None:
    later = [LATER] if revision < "0009" else []
    before = _set_back(months, revision, *later, *UNSENT, HELD)
    assert months.done("verify")["damages"] == []
    for row in before["submission"]:  # 0003: those held before have no answer coming
        row["answered"] |= row["state"] == "held" and revision < "0003"
    after = _now(months, before)
    for table, rows in before.items():
        assert [row for row in rows if row not in after[table]] == [], table
        assert len(after[table]) == len(rows) or table in {"workspace", "audit", "run"}
    with _engine(months).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
        assert context.get_current_revision() == HEAD == REVISIONS[-1]


def test_a_newer_database_is_refused_and_left_as_it_is(database: str, tmp_path: Path) -> None:
    opened = create(tmp_path / "w", Ministry(1))
    opened.done("open", PERIOD, today=OPENING)
    engine = _engine(opened)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        before = _rows(connection, _schema(connection))
    for words in (("status", PERIOD), ("collect", PERIOD), ("deliver",), ("verify",)):
        ran = opened(*words)
        assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
        assert "phiên bản dondoc mới hơn" in ran.err
    with engine.connect() as connection:
        assert _rows(connection, _schema(connection)) == before
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    assert version == "9999"
