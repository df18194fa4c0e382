"""Disk and database that fail in the middle: one sentence, nothing lost, and the command given
again finishes."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
import pytest

from ministry import OPENING, PERIOD, Ministry, Workspace, create
from postbox import Postbox
from tasks import desk as desk_of
from tasks import submissions

BY = ("--by", "Nguyễn Văn Duyệt")
FULL, READ_ONLY = "Đĩa đã đầy", "Không được phép ghi"
LOST = "Mất kết nối với cơ sở dữ liệu giữa chừng"
LEFT_OVER = ("*.tmp", ".dondoc-*")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own of a few MB."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root mounts a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", disk],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip(f"no disk may be mounted here: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def moved(workspace: Workspace, disk: Path) -> Workspace:
    shutil.copytree(workspace.path, disk / "w")
    return Workspace(disk / "w", workspace.ministry)


def fill(disk: Path, but: int) -> Path:
    """Take all room but so many bytes."""
    ballast = disk / "ballast"
    free = os.statvfs(disk)
    ballast.write_bytes(bytes(max(0, free.f_bavail * free.f_bsize - but)))
    return ballast


def refused(workspace: Workspace, command: tuple[object, ...], said: str) -> None:
    ran = workspace(*command, today=OPENING)  # type: ignore[arg-type]
    assert ran.status == 2, (ran.out, ran.err)
    assert len(ran.err.splitlines()) == 1
    assert said in ran.err


def dead() -> int:
    """The number of a process that is no more."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def all_of(workspace: Workspace) -> Counter[str]:
    """Each file that a clerk sent, wherever it lies in the inbox."""
    files = (path for path in workspace.inbox.rglob("*.xlsx") if path.is_file())
    return Counter(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)


def is_whole(workspace: Workspace) -> bool:
    return workspace("verify", today=OPENING).status == 0


@pytest.mark.parametrize(
    "room",
    [0, 60_000, *(pytest.param(n, marks=pytest.mark.soak) for n in (8_000, 20_000, 200_000))],
)
def test_a_full_disk_loses_nothing(
    opened: Workspace, small: Path, postbox: Postbox, shown: Callable[..., None], room: int
) -> None:
    """Each command of the month with so little room, then again with enough of it."""
    month = moved(opened, small)
    for unit in month.ministry.units[:-1]:
        month.submit(unit)
    sent, backup = all_of(month), small / "sao-luu.tar"
    commands = (("collect", PERIOD), ("report", PERIOD), ("approve", PERIOD, *BY), ("deliver",),
                ("backup", backup))  # fmt: skip
    refusals = []
    for command in commands:
        ballast = fill(small, room)
        with patch("os.getpid", return_value=dead()):  # whose lease is over with its process
            ran = month(*command, today=OPENING)
        ballast.unlink()
        assert ran.status in (0, 1, 2), ran.err
        if ran.status == 2:
            assert len(ran.err.splitlines()) == 1
            assert "dondoc-" not in ran.err, "a sentence, not a fault of ours"
            refusals.append((command[0], ran.err.strip()))
        assert all_of(month) == sent
        again = month(*command, today=OPENING)
        assert again.status in (0, 1) or (command[0] == "backup" and ran.status == 0), again.err
    assert {"collect", "backup"} <= {name for name, _ in refusals} or room
    assert {u["state"] for u in month.units().values()} == {"accepted", "missing"}
    assert is_whole(month)
    arrived = Counter(one.mail["Message-ID"] for one in postbox.taken)
    assert len(arrived) == len(month.outbox(state="sent")) == len(month.outbox())
    assert max(arrived.values()) <= 2
    assert not [path for name in LEFT_OVER for path in month.path.rglob(name)]
    shown(
        "storage",
        f"a disk with {room // 1000} kB left during collect, report, approve, deliver and backup",
        "one sentence with status 2, nothing lost, the command given again finishes",
        f"{len(refusals)} of {len(commands)} commands refused, {sum(sent.values())} files and "
        f"{len(arrived)} letters: lost 0, sent again under the same Message-ID "
        f"{sum(n > 1 for n in arrived.values())}",
    )


def test_a_disk_that_may_not_be_written_changes_nothing(opened: Workspace, small: Path) -> None:
    month = moved(opened, small)
    month.submit("DV01")
    sent = all_of(month)
    for way, said in (("ro", "cơ sở dữ liệu"), ("rw", "")):
        subprocess.run(["mount", "-o", f"remount,{way}", small], check=True)
        if said:
            for command in (("collect", PERIOD), ("report", PERIOD), ("deliver",)):
                refused(month, command, said)
        assert all_of(month) == sent
    assert month.done("collect", PERIOD, today=OPENING)[0]["state"] == "accepted"


@pytest.mark.parametrize("fault", [OSError(28, "No space left"), OSError(30, "Read-only")])
def test_an_inbox_whose_archive_cannot_be_written_says_so(
    opened: Workspace, fault: OSError
) -> None:
    """A file that cannot be read stops no other; a disk that takes nothing stops them all."""
    month = opened
    month.submit("DV01")
    with patch("tasks.archive.write_whole", side_effect=fault):
        refused(month, ("collect", PERIOD), FULL if fault.errno == 28 else READ_ONLY)
    outcomes = [row[0] for row in _rows(month, "select outcome from run order by id")]
    assert outcomes[-1].startswith("refused: ")
    assert month.done("collect", PERIOD, today=OPENING)[0]["unit"] == "DV01"


def _rows(month: Workspace, query: str) -> list[tuple[str, ...]]:
    with sqlite3.connect(month.path / "dondoc.db") as database:
        found = database.execute(query).fetchall()
    database.close()
    return found


def test_a_log_that_a_crash_left_is_taken_in(opened: Workspace, tmp_path: Path) -> None:
    """The power went between the log (WAL) and the database itself: what was committed counts."""
    month = Workspace(tmp_path / "copy", opened.ministry)
    path = opened.path / "dondoc.db"
    holding = sqlite3.connect(path, isolation_level=None)  # so that nobody empties the log
    holding.execute("BEGIN")
    holding.execute("SELECT count(*) FROM outbox").fetchone()
    opened.submit("DV01")
    opened.done("collect", PERIOD, today=OPENING)
    assert path.with_name("dondoc.db-wal").stat().st_size > 0
    shutil.copytree(opened.path, month.path)
    holding.close()
    (month.path / "dondoc.db-shm").unlink()  # memory, which a power cut takes
    assert month.units()["DV01"]["state"] == "accepted"
    assert is_whole(month)


# --- a clock that is set ------------------------------------------------------------------------


def test_a_clock_set_back_and_forth_loses_and_doubles_nothing(
    opened: Workspace, postbox: Postbox, shown: Callable[..., None]
) -> None:
    """The machine's clock a day off, then right, then a day off the other way, through a month."""
    days = [timedelta(days=1), timedelta(0), timedelta(days=-1), timedelta(0)]
    for number, (unit, off) in enumerate(zip(opened.ministry.units, days, strict=True)):
        with patch.object(desk_of, "now", lambda off=off: datetime.now(UTC) + off):
            opened.submit(unit, f"{unit} lần {number}.xlsx")
            today = OPENING + off
            (taken,) = opened.done("collect", PERIOD, today=today)
            assert (taken["unit"], taken["state"]) == (unit, "accepted")
            opened.done("deliver", today=today)
    assert all(row["state"] in ("sent", "superseded") for row in opened.outbox())
    arrived = Counter(one.mail["Message-ID"] for one in postbox.taken)
    sent = opened.outbox(state="sent")
    assert set(arrived) == {row["message_id"] for row in sent}
    assert set(arrived.values()) == {1}
    assert {u["state"] for u in opened.units().values()} == {"accepted"}
    assert is_whole(opened)
    shown(
        "runs", "a machine's clock set forth and back by a day between runs",
        "nothing is lost or sent twice",
        f"{len(days)} rounds of collect and deliver: {len(arrived)} letters, lost 0, doubled 0",
    )  # fmt: skip


# --- PostgreSQL stopped in mid-batch --------------------------------------------------------------


@dataclass(frozen=True)
class Served:
    """A database that its server gives nobody while it is stopped."""

    server: str
    name: str

    def stop(self) -> None:
        self._tell(f"ALTER DATABASE {self.name} ALLOW_CONNECTIONS false")
        self._tell(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.name}'"  # noqa: S608
        )

    def start(self) -> None:
        self._tell(f"ALTER DATABASE {self.name} ALLOW_CONNECTIONS true")

    def _tell(self, command: str) -> None:
        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as connection:
            connection.execute(command.encode())


@pytest.fixture
def served(postgres: str, new_database: str, monkeypatch: pytest.MonkeyPatch) -> Served:
    monkeypatch.setenv("DONDOC_DATABASE_URL", new_database)
    return Served(postgres, new_database.rpartition("/")[2])


def test_a_database_stopped_in_mid_batch_loses_nothing(
    served: Served, tmp_path: Path, postbox: Postbox, shown: Callable[..., None]
) -> None:
    month = create(tmp_path / "w", Ministry(3))
    month.done("open", PERIOD, today=OPENING)
    for unit in month.ministry.units:
        month.submit(unit)
    sent, stored = all_of(month), submissions._store_content

    def stop_after_one(*arguments: Any) -> None:
        stored(*arguments)
        served.stop()

    with patch.object(submissions, "_store_content", stop_after_one):
        refused(month, ("collect", PERIOD), LOST)
    refused(month, ("collect", PERIOD), "Không mở được cơ sở dữ liệu")
    assert all_of(month) == sent
    served.start()
    assert {u["state"] for u in month.units().values()} == {"missing"}
    taken = month.done("collect", PERIOD, today=OPENING)
    assert [(one["unit"], one["state"]) for one in taken] == [
        (unit, "accepted") for unit in month.ministry.units
    ]
    assert all_of(month) == sent

    letters = len(month.outbox())
    left = iter((1,))
    postbox.before = lambda: None if next(left, None) else served.stop()  # with the second letter
    with patch("os.getpid", return_value=dead()):
        refused(month, ("deliver",), LOST)
    postbox.before = lambda: None
    served.start()
    assert Counter(row["state"] for row in month.outbox()) == {
        "sent": 1, "sending": 1, "approved": letters - 2,
    }  # fmt: skip
    month.done("deliver", today=OPENING)
    arrived = Counter(one.mail["Message-ID"] for one in postbox.taken)
    assert set(arrived) == {row["message_id"] for row in month.outbox(state="sent")}
    assert (len(arrived), sorted(arrived.values())[-2:]) == (letters, [1, 2])
    assert is_whole(month)
    shown(
        "storage", "PostgreSQL gone in the middle of collect and of deliver",
        "one sentence with status 2, and once it is back the command given again finishes",
        f"{len(taken)} files and {letters} letters: lost 0, doubled 0 but the one in doubt, under "
        "its Message-ID",
    )  # fmt: skip
