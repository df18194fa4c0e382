"""Touches the archive: files kept for good under their SHA-256, written once, never changed."""

import errno
import filecmp
import hashlib
import io
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO

from schemas.errors import DondocError

MARK = "archive/workspace"
"""Where the archive says which workspace's it is."""
_PIECE = 2**20
_UNDER_WAY = 16
"""Small files that wait for the disk at once, which settles them in little more time than one."""


def keep(workspace: Path, content: bytes) -> str:
    """The SHA-256 under which `content` now lies in the archive, safely on disk."""
    name = name_of(content)
    path = place(workspace, name)
    if not path.exists():
        write_whole(path, content)
    return name


@contextmanager
def keeping(workspace: Path) -> Iterator[Callable[[bytes], str]]:
    """To `keep` many files: they are safely on disk when the block ends, which raises what kept any
    of them from it."""
    room = BoundedSemaphore(_UNDER_WAY)
    begun = []

    def begin(content: bytes) -> str:
        room.acquire()
        begun.append(threads.submit(keep, workspace, content))
        begun[-1].add_done_callback(lambda _: room.release())
        if len(content) > _PIECE:
            wait(begun[-1:])
        return name_of(content)

    with ThreadPoolExecutor(_UNDER_WAY) as threads:
        yield begin
    for one in begun:
        one.result()


def name_of(content: bytes) -> str:
    """What the archive would know it by: its SHA-256."""
    return hashlib.sha256(content).hexdigest()


class NoFileError(OSError):
    """A link, a pipe or a device lies where a file should."""


def opened(path: Path) -> io.BufferedReader:
    """A file that strangers may lay and exchange, to be read. Raises NoFileError for a link, which
    might lead anywhere, and for a pipe or a device, which might keep us."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENXIO}:  # a link; a socket
            raise NoFileError(error.errno, error.strerror) from error
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise NoFileError(errno.EINVAL, os.strerror(errno.EINVAL))
    return os.fdopen(handle, "rb")


def keep_file(workspace: Path, source: Path) -> str:
    """The same for a file of any size."""
    digest = hashlib.sha256()
    with _unnamed(workspace / "archive") as (file, temporary), opened(source) as whole:
        while piece := whole.read(_PIECE):
            digest.update(piece)
            file.write(piece)
        path = place(workspace, digest.hexdigest())
        path.parent.mkdir(exist_ok=True)
        file.flush()
        os.fsync(file.fileno())
        temporary.replace(path)
    return digest.hexdigest()


def fetch(workspace: Path, name: str) -> bytes:
    """The bytes kept under that SHA-256; raises DondocError where they are gone or damaged."""
    path = place(workspace, name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DondocError(f"Kho lưu trữ thiếu tệp {name}; hãy khôi phục từ bản sao lưu.") from error
    if name_of(content) != name:
        raise DondocError(f"Tệp {name} trong kho lưu trữ đã hỏng; hãy khôi phục từ bản sao lưu.")
    return content


def has(workspace: Path, name: str) -> bool:
    """Whether a file lies in the archive under that SHA-256, whole or not."""
    return place(workspace, name).is_file()


def holds_any(workspace: Path) -> bool:
    """Whether anything was ever kept here."""
    return next(_named(workspace), None) is not None


def mark(workspace: Path) -> str:
    """Which workspace's archive it is; nothing where it has not been marked."""
    try:
        return (workspace / MARK).read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return ""


def set_mark(workspace: Path, said: str) -> None:
    """Say which workspace's archive it is."""
    write_whole(workspace / MARK, f"{said}\n".encode())


def every(workspace: Path) -> Iterator[tuple[Path, bool]]:
    """Each file of the archive in the order of names, and whether it still is what its name says;
    what a crash left half written has no name yet and is left out."""
    for path in sorted(_named(workspace)):
        yield path, path == place(workspace, _hashed(path))


def _named(workspace: Path) -> Iterator[Path]:
    found = (workspace / "archive").glob("*/*")
    return (path for path in found if not path.name.startswith("."))


def _hashed(path: Path) -> str:
    """The SHA-256 of it; nothing where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def read(path: Path) -> bytes | None:
    """What lies there; None where nothing does: another run may just have taken it away."""
    with suppress(FileNotFoundError):
        return path.read_bytes() if path.is_file() else None  # to ask costs less than to be refused
    return None


def write_whole(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file so that a reader, or a crash, sees all of it or nothing.

    Not `durable`: sooner done by the time that disks take, but after a power cut the file may be
    torn; for what is made again from stored data.
    """
    with _unnamed(path.parent) as (file, temporary):
        file.write(content)
        file.flush()
        if durable:
            os.fsync(file.fileno())
        temporary.replace(path)


def write_changed(path: Path, pieces: Iterable[bytes]) -> None:
    """The same of pieces, not durable; what lies there already is left alone."""
    with _unnamed(path.parent) as (file, temporary):
        file.writelines(pieces)
        file.flush()
        same = False
        with suppress(FileNotFoundError):
            same = filecmp.cmp(temporary, path, shallow=False)
        if not same:
            temporary.replace(path)


@contextmanager
def _unnamed(folder: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """A file that nobody sees until it is renamed; else it goes: a full disk is not made fuller."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file, Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def place(workspace: Path, name: str) -> Path:
    """Where the file of that SHA-256 lies, if it does."""
    return workspace / "archive" / name[:2] / name
