"""A workspace that is gone comes back from one file; what may have left since is held."""

import hashlib
import io
import json
import os
import shutil
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import insert

from ministry import OPENING, PERIOD, Ministry, Ran, Workspace, create, run
from postbox import Postbox
from rules.backup import MANIFEST
from schemas import tables
from stage import programs_of
from tasks import archive, audit
from tasks.backup import backup
from tasks.desk import Desk, now

BY = ("--by", "Vũ Đức Thắng")


@pytest.fixture
def month(database: str, tmp_path: Path) -> Workspace:
    """Two units, whose forms are approved and unsent, and what people have laid in by hand."""
    workspace = create(tmp_path / "w", Ministry(2))
    workspace.done("open", PERIOD, today=OPENING)
    for name in ("texts/note.txt", f"reports/{PERIOD}/signed/DV01.pdf", "inbox/BC.xlsx"):
        path = workspace.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return workspace


@pytest.fixture
def empty_database(
    database: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], None]:
    """Called, the environment names another database with nothing in it, where one is named."""
    numbers = iter(range(9))

    def another() -> None:
        if database == "postgresql":
            url = request.getfixturevalue("postgres")
            name = f"restored_{os.environ['DONDOC_DATABASE_URL'].rpartition('/')[2]}"
            name = f"{name}_{next(numbers)}"
            with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}".encode())
            monkeypatch.setenv("DONDOC_DATABASE_URL", f"{url}/{name}")

    if database == "postgresql":
        programs = programs_of(os.environ["DONDOC_DATABASE_URL"])
        monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    return another


def restore(file: Path, directory: Path, *arguments: object) -> Ran:
    return run("restore", file, directory, "--json", *BY, *arguments)


def test_what_was_approved_comes_back_held_and_leaves_once_approved_anew(
    month: Workspace, tmp_path: Path, postbox: Postbox, empty_database: Any
) -> None:
    file = tmp_path / "ubdt.tar"
    approved = {row["message_id"] for row in month.outbox(state="approved")}
    assert approved
    made = month.done("backup", file)
    whole = file.read_bytes()
    assert made["sha256"] == hashlib.sha256(whole).hexdigest()
    beside = file.with_name("ubdt.tar.sha256")
    assert beside.read_text() == f"{made['sha256']}  ubdt.tar\n"
    assert {path.stat().st_mode & 0o777 for path in (file, beside)} == {0o600}
    assert sorted(tmp_path.iterdir()) == [file, beside, month.path]
    with tarfile.open(file) as tar:
        names = tar.getnames()
    assert names[0] == MANIFEST
    assert names[2:] == sorted(names[2:])
    assert made["files"] == len(names) - 2

    month.done("deliver")  # after the backup: it cannot know
    sent = len(postbox.taken)
    assert sent == len(approved)

    empty_database()
    ran = restore(file, tmp_path / "again")
    assert ran.status == 1  # held letters need a person
    assert len(ran.err.splitlines()) == 1
    assert ran.json["held"] == len(approved)
    assert ran.json["verified"]["damages"] == []
    again = Workspace(tmp_path / "again", month.ministry)
    held = again.outbox(state="held")
    assert {row["message_id"] for row in held} == approved
    assert all(made_at in row["error"] for row in held for made_at in [ran.json["made_at"]])
    for name in ("texts/note.txt", f"reports/{PERIOD}/signed/DV01.pdf", "inbox/BC.xlsx"):
        assert (again.path / name).read_bytes() == name.encode()
    assert (again.path / "dondoc.toml").read_bytes() == (month.path / "dondoc.toml").read_bytes()
    with Desk(again.path) as desk, desk.engine.connect() as connection:
        last = audit.entries(connection)[-1]
    assert (last.what, last.by) == ("restore", BY[1])
    assert last.after == {
        "backup": made["sha256"], "made_at": ran.json["made_at"], "held": len(approved),
    }  # fmt: skip

    assert again.done("deliver") == {}
    assert len(postbox.taken) == sent
    assert again.done("approve", PERIOD, *BY, "--unit", "DV01")["approved"] > 0
    assert again.outbox(state="held")
    again.done("approve", PERIOD, *BY)
    assert again.done("deliver") == {"sent": len(approved)}
    assert {mail["message_id"] for mail in again.outbox(state="sent")} == approved
    assert all(row["error"] is None for row in again.outbox())

    refused = restore(file, tmp_path / "again")  # no longer empty
    assert (refused.status, refused.out) == (2, "")
    empty_database()
    assert restore(file, tmp_path / "third").json["held"] == len(approved)


def test_a_backup_of_a_workspace_in_use_is_whole(
    month: Workspace, tmp_path: Path, empty_database: Any
) -> None:
    """Somebody archives files and records them all the while; none is torn from its row."""
    stop = threading.Event()
    written: list[str] = []

    def write() -> None:
        with Desk(month.path) as desk:
            while not stop.is_set():
                name = archive.keep(desk.workspace, f"lần {len(written)}".encode())
                with desk.writer.begin() as connection:
                    row = {"version": name, "first_read_at": now()}
                    connection.execute(insert(tables.registry), row)
                    audit.add(connection, desk.recorded(), "registry", after={"version": name})
                written.append(name)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with Desk(month.path) as desk:
            for number in range(3):
                seen = len(written)
                while len(written) < seen + 5:
                    assert writer.is_alive()
                backup(desk, tmp_path / f"{number}.tar")
    finally:
        stop.set()
        writer.join()
    assert len(written) > 15
    for number in range(3):
        empty_database()
        ran = restore(tmp_path / f"{number}.tar", tmp_path / f"r{number}")
        assert ran.json["verified"]["damages"] == []
        assert ran.json["verified"]["head"]["number"] >= 5 * (number + 1)


# --- what is refused ----------------------------------------------------------------------------


@pytest.fixture
def kept(opened: Workspace, tmp_path: Path) -> Path:
    """A backup of a small workspace on SQLite."""
    opened.done("backup", tmp_path / "b.tar")
    return tmp_path / "b.tar"


def refused(ran: Ran, left: Path) -> str:
    """The one sentence; nothing was laid where the workspace should come, or beside it."""
    assert (ran.status, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
    assert not left.exists()
    assert not [path for path in left.parent.iterdir() if path.name.startswith(".")]
    return ran.err


def test_the_hash_that_a_kill_left_without_its_file_gives_way(kept: Path, tmp_path: Path) -> None:
    """The hash is laid down first, so that no file ever stands without it."""
    note = kept.with_name("b.tar.sha256")
    kept.unlink()
    note.write_text("0" * 64 + "  b.tar\n")
    assert run("backup", kept, "--workspace", tmp_path / "w").status == 0
    assert note.read_text().split()[0] == hashlib.sha256(kept.read_bytes()).hexdigest()
    ran = run("backup", kept, "--workspace", tmp_path / "w")
    assert (ran.status, len(ran.err.splitlines())) == (2, 1)


def test_another_content_than_the_hash_says_is_refused(kept: Path, tmp_path: Path) -> None:
    content = bytearray(kept.read_bytes())
    content[len(content) // 2] ^= 1
    kept.write_bytes(content)
    assert "SHA-256" in refused(restore(kept, tmp_path / "r"), tmp_path / "r")
    kept.write_bytes(content[: len(content) // 3])
    told = hashlib.sha256(kept.read_bytes()).hexdigest()
    refused(restore(kept, tmp_path / "r", "--sha256", told), tmp_path / "r")


def test_without_a_hash_it_must_be_said(kept: Path, tmp_path: Path) -> None:
    kept.with_name("b.tar.sha256").unlink()
    assert "--sha256" in refused(restore(kept, tmp_path / "r"), tmp_path / "r")
    told = hashlib.sha256(kept.read_bytes()).hexdigest()
    assert restore(kept, tmp_path / "r", "--sha256", told.upper()).json["files"]


def _with(kept: Path, target: Path, info: tarfile.TarInfo, content: bytes = b"") -> str:
    """The backup with one more member, and the right hash."""
    shutil.copyfile(kept, target)
    with tarfile.open(target, "a") as tar:
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    return hashlib.sha256(target.read_bytes()).hexdigest()


def _link(name: str, to: str, kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


@pytest.mark.parametrize(
    "member",
    [
        tarfile.TarInfo("../evil"),
        tarfile.TarInfo("archive/../../evil"),
        tarfile.TarInfo("/tmp/evil"),  # noqa: S108 - where it must not come
        tarfile.TarInfo("evil.py"),
        _link("archive/aa/x", "/etc/passwd", tarfile.SYMTYPE),
        _link("archive/aa/x", "../../../evil", tarfile.LNKTYPE),
        _link("archive/aa/x", "", tarfile.FIFOTYPE),
    ],
    ids=["up", "up-within", "absolute", "stranger", "symlink", "hardlink", "pipe"],
)
def test_a_member_that_leads_elsewhere_is_refused_with_all_the_rest(
    kept: Path, tmp_path: Path, member: tarfile.TarInfo
) -> None:
    target = tmp_path / "there" / "evil.tar"
    target.parent.mkdir()
    told = _with(kept, target, member)
    left = target.parent / "r"
    assert member.name in refused(restore(target, left, "--sha256", told), left)
    assert sorted(path.name for path in target.parent.iterdir()) == ["evil.tar"]


def test_what_is_no_backup_is_refused(tmp_path: Path, kept: Path) -> None:
    file, left = tmp_path / "x.tar", tmp_path / "r"
    for content in (b"", b"no tar at all" * 99):
        file.write_bytes(content)
        told = hashlib.sha256(content).hexdigest()
        assert "dondoc backup" in refused(restore(file, left, "--sha256", told), left)
    refused(restore(tmp_path / "gone.tar", left, "--sha256", "0" * 64), left)
    with tarfile.open(file, "w") as tar:
        manifest = json.dumps({"format": 99, "database": "dondoc.db"}).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size = len(manifest)
        tar.addfile(info, io.BytesIO(manifest))
    told = hashlib.sha256(file.read_bytes()).hexdigest()
    assert "mới hơn" in refused(restore(file, left, "--sha256", told), left)


def test_a_backup_overwrites_nothing_and_needs_its_folder(opened: Workspace, kept: Path) -> None:
    before = kept.read_bytes()
    assert opened("backup", kept).status == 2
    assert kept.read_bytes() == before
    assert opened("backup", kept.parent / "no" / "b.tar").status == 2


def test_a_backup_of_sqlite_is_not_laid_beside_postgresql(
    kept: Path, tmp_path: Path, new_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_DATABASE_URL", new_database)
    assert "SQLite" in refused(restore(kept, tmp_path / "r"), tmp_path / "r")


def test_postgresql_without_its_programs_is_refused(
    new_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_DATABASE_URL", new_database)
    workspace = create(tmp_path / "w", Ministry(1))
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = workspace("backup", tmp_path / "b.tar")
    assert ran.status == 2
    assert "pg_dump" in ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["w"]


def test_a_damaged_file_is_told_of_after_the_restore(opened: Workspace, tmp_path: Path) -> None:
    path = sorted((opened.path / "archive").glob("*/*"))[0]
    path.write_bytes(b"?")
    opened.done("backup", tmp_path / "b.tar")
    ran = restore(tmp_path / "b.tar", tmp_path / "r")
    assert ran.status == 1
    assert [one["kind"] for one in ran.json["verified"]["damages"]] == ["archive-damaged"]
