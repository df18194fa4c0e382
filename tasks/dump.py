"""Touches whole copies of the database: SQLite's own, or those of PostgreSQL's programs."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine, inspect

from rules.backup import POSTGRESQL, SQLITE
from schemas.errors import DondocError
from schemas.texts import say
from tasks.database import BUSY_TIMEOUT


def copy(engine: Engine, folder: Path) -> Path:
    """A copy as of one instant, laid in the folder, while others read and write on.

    Raises DondocError where PostgreSQL's `pg_dump` is missing or fails.
    """
    if engine.dialect.name == "sqlite":
        target = folder / SQLITE
        source = sqlite3.connect(str(engine.url.database), timeout=BUSY_TIMEOUT)
        try:
            with closing(source) as connection:
                connection.execute("VACUUM INTO ?", (str(target),))
        except sqlite3.Error as error:
            raise DondocError(say("backup.not-copied", told=error)) from error
        return target
    target = folder / POSTGRESQL
    _run(engine, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
    return target


def load(engine: Engine, dump: Path) -> None:
    """Fill an empty PostgreSQL database, with all of the copy or with nothing.

    Raises DondocError where it is not empty, or PostgreSQL's `pg_restore` is missing or fails.
    """
    if inspect(engine).get_table_names():
        raise DondocError(say("restore.database-not-empty"))
    how = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    _run(engine, "pg_restore", *how, str(dump))


def _run(engine: Engine, name: str, *arguments: str) -> None:
    program = shutil.which(name)
    if program is None:
        raise DondocError(say("backup.no-program", program=name))
    url = engine.url.set(drivername="postgresql", password=None)
    where = f"--dbname={url.render_as_string(hide_password=False)}"  # which has none any more
    secret = {"PGPASSWORD": str(engine.url.password)} if engine.url.password else {}
    ran = subprocess.run(  # noqa: S603 - our own arguments; the password is not among them
        [program, where, "--no-password", *arguments],
        env=os.environ | secret, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ran.returncode:
        told = (ran.stderr.strip().splitlines() or [str(ran.returncode)])[0]
        raise DondocError(say("backup.program-failed", program=name, told=told))
