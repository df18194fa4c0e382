"""Touches the product's own database: opens it, keeps its schema current, signs with its key."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    CursorResult,
    Dialect,
    Engine,
    Table,
    UpdateBase,
    create_engine,
    event,
    insert,
    inspect,
    select,
)
from sqlalchemy.exc import ArgumentError, DBAPIError

from schemas import tables
from schemas.errors import DondocError
from schemas.settings import Settings, load
from schemas.texts import say
from tasks import archive, storage

K = TypeVar("K", int, str)

FILE = "dondoc.db"
HEAD = "0013"
"""The newest migration; raised with every file added to migrations/versions/."""

_WRITES = "dondoc_writes"
_LOCK = 20211031
"""The number of our advisory lock; any would do."""

BUSY_TIMEOUT = 30
"""Seconds that one SQLite writer waits for another."""


def connect(workspace: Path, settings: Settings, *, only_look: bool = False) -> Engine:
    """The workspace's database with its schema at HEAD; raises DondocError where it cannot be had,
    is lost, or is another workspace's. Who may `only_look` brings it to HEAD beforehand.

    SQLite in the workspace, or PostgreSQL by `DONDOC_DATABASE_URL`.
    """
    engine = _engine(workspace, settings)
    try:
        if _version_of(engine, workspace) != HEAD:
            _migrate(engine)
        _recognise(engine, workspace, only_look=only_look)
    except DBAPIError as error:
        raise _unreachable(error) from error
    except OSError as error:  # of the mark
        if refused := storage.refusal(error):
            raise refused from error
        raise
    except DondocError:
        engine.dispose()
        raise
    return engine


def schema(workspace: Path, settings: Settings) -> str | None:
    """The migration that the database is at, untouched; None where it is new. Raises DondocError
    where it cannot be had, or is lost."""
    engine = _engine(workspace, settings)
    try:
        return _version_of(engine, workspace)
    except DBAPIError as error:
        raise _unreachable(error) from error
    finally:
        engine.dispose()


def _version_of(engine: Engine, workspace: Path) -> str | None:
    """None where it is new. A new one beside what a workspace has lived through would send all of
    it again, so that raises DondocError."""
    lived = archive.holds_any(workspace)  # looked at first: another run may be making both
    version = None
    if engine.dialect.name != "sqlite" or _written(workspace / FILE):  # to open one makes it
        with engine.connect() as connection:
            version = _version(connection)
    if version is None and lived:
        raise DondocError(say(f"database.lost-{engine.dialect.name}"))
    return version


def _written(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 0


def _recognise(engine: Engine, workspace: Path, *, only_look: bool) -> None:
    """Hold the database against the workspace: both carry the same mark, which is made at first
    sight. Raises DondocError where they do not."""
    column = tables.workspace.c
    marked = select(column.value).where(column.key == "mark")
    with engine.connect() as connection:
        theirs = connection.scalar(marked)
    if theirs is None and not only_look:
        with writer(engine).begin() as connection:
            theirs = connection.scalar(marked)  # another run may have been quicker
            if theirs is None:
                theirs = archive.mark(workspace) or secrets.token_hex(16)
                archive.set_mark(workspace, theirs)
                connection.execute(insert(tables.workspace).values(key="mark", value=theirs))
    if theirs is not None and theirs != archive.mark(workspace):
        raise DondocError(say("database.of-another", file=archive.MARK))


def _engine(workspace: Path, settings: Settings) -> Engine:
    url = settings.database_url and settings.database_url.get_secret_value()
    return _postgresql(url) if url else _sqlite(workspace / FILE)


def elsewhere(workspace: Path) -> Engine | None:
    """The PostgreSQL database that the settings name, as it is; None where they name none.
    Raises DondocError where it cannot be had."""
    url = load(workspace).database_url
    if url is None:
        return None
    engine = _postgresql(url.get_secret_value())
    try:
        engine.connect().close()
    except DBAPIError as error:
        raise _unreachable(error) from error
    return engine


def _unreachable(error: DBAPIError) -> DondocError:
    reason = str(error.orig).splitlines()[0]
    return DondocError(
        f"Không mở được cơ sở dữ liệu ({reason}); kiểm tra {FILE} hoặc DONDOC_DATABASE_URL."
    )


def _postgresql(url: str) -> Engine:
    scheme, separator, rest = url.partition("://")
    if scheme not in {"postgresql", "postgresql+psycopg"} or not separator:
        raise DondocError("DONDOC_DATABASE_URL phải bắt đầu bằng postgresql+psycopg://.")
    try:
        engine = create_engine(
            f"postgresql+psycopg://{rest}", pool_pre_ping=True, hide_parameters=True
        )
    except (ArgumentError, ValueError):  # its text quotes what it takes for the port
        raise DondocError(
            "DONDOC_DATABASE_URL không đọc được; ký tự đặc biệt trong mật khẩu phải viết dạng %XX."
        ) from None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # One writer at a time, as on SQLite: what looks before it writes must not be overtaken.
        if connection.get_execution_options().get(_WRITES):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")

    return engine


def writer(engine: Engine) -> Engine:
    """The same database for transactions that write: one at a time, in the order they begin."""
    return engine.execution_options(**{_WRITES: True})


def clock(connection: Connection) -> datetime:
    """The instant by the database's own clock: the one that all machines which write agree on.
    SQLite has that of the machine, which is ours."""
    if connection.dialect.name == "sqlite":
        return datetime.now(UTC)
    # not now(): that is when the transaction began
    instant: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    return instant.astimezone(UTC)


def _sqlite(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}", connect_args={"timeout": BUSY_TIMEOUT}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def prepare(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer that begins by reading could not be given the lock later without a fault.
        mode = "IMMEDIATE" if connection.get_execution_options().get(_WRITES) else "DEFERRED"
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    return row[0] if row else None


def _migrate(engine: Engine) -> None:
    from alembic import command  # noqa: PLC0415 - only when the schema is behind
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    with writer(engine).begin() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, HEAD)
        except CommandError as error:
            raise DondocError(
                "Cơ sở dữ liệu thuộc về một phiên bản dondoc mới hơn; hãy cài phiên bản đó."
            ) from error


class Prepared:
    """A statement that is executed thousands of times: compiled once for each kind of database, and
    told only its values. To find what it compiled before, and what in it is a value, takes
    SQLAlchemy several times as long as SQLite takes to execute it."""

    def __init__(self, statement: UpdateBase, *columns: str) -> None:
        """`columns`: those of a row, where rows are inserted."""
        self._statement, self._columns = statement, columns
        self._compiled: dict[str, _Compiled] = {}

    def execute(self, connection: Connection, values: Mapping[str, Any]) -> CursorResult[Any]:
        """With these values of its parameters."""
        dialect = connection.dialect
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = _Compiled.of(self._statement, self._columns, dialect)
        its = self._compiled[dialect.name]
        return connection.exec_driver_sql(its.text, its.parameters(values))


@dataclass(frozen=True)
class _Compiled:
    text: str
    fixed: Mapping[str, Any]
    """The values that the statement brings along."""
    kinds: Mapping[str, Callable[[Any], Any]]
    """What makes of a value what the database's driver takes, where that is not the same."""
    order: Sequence[str] | None
    """In which the driver takes the values; none where it takes them by name."""

    @classmethod
    def of(cls, statement: UpdateBase, columns: Sequence[str], dialect: Dialect) -> "_Compiled":
        made: Any = statement.compile(dialect=dialect, column_keys=columns or None)
        kinds = {
            name: processor
            for name in made.params
            if (processor := made.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
        }
        return cls(made.string, made.params, kinds, made.positiontup if made.positional else None)

    def parameters(self, values: Mapping[str, Any]) -> Any:
        told = {**self.fixed, **values}
        for name, processor in self.kinds.items():
            told[name] = processor(told[name])
        return tuple([told[name] for name in self.order]) if self.order else told


def numbered(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: Sequence[str]
) -> dict[tuple[Any, ...], int]:
    """Lay down new rows, many by one statement: what each is known by -> its number."""
    if not rows:
        return {}
    made = insert(table).returning(*(table.c[name] for name in key), table.c.id)
    return {tuple(known): number for *known, number in connection.execute(made, list(rows))}


def batched(keys: Iterable[K], size: int = 10_000) -> Iterator[Sequence[K]]:
    """The keys in their order, so many at a time: more than 65,535 in one question are too many
    for PostgreSQL, more than 32,766 for SQLite."""
    ordered = sorted(keys)
    return (ordered[at : at + size] for at in range(0, len(ordered), size))


def faults(engine: Engine) -> list[str]:
    """What the database itself finds broken in its pages and foreign keys; PostgreSQL keeps both
    by itself, and reads no damaged page without an error."""
    if engine.dialect.name != "sqlite":
        return []
    try:
        with engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
            keys = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    except DBAPIError as error:
        return [str(error.orig).splitlines()[0]]
    broken = [str(line) for line in pages if line != "ok"]
    return [*broken, *(f"{table} {row} -> {parent}" for table, row, parent, _ in keys)]


def signing_key(engine: Engine) -> bytes:
    """The workspace's own key, made at first use; it tells an altered form from ours."""
    with writer(engine).begin() as connection:
        known = connection.scalar(
            select(tables.workspace.c.value).where(tables.workspace.c.key == "signing-key")
        )
        if known is None:
            known = secrets.token_hex(32)
            connection.execute(insert(tables.workspace).values(key="signing-key", value=known))
    return bytes.fromhex(known)
