"""Touches backups: one tar file of everything that cannot be made again, and its way back."""

import hashlib
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from rules.backup import FORMAT, MANIFEST, POSTGRESQL, SQLITE, belongs, is_member
from schemas.access import Act
from schemas.backup import Backup, Restored
from schemas.errors import DondocError
from schemas.settings import load
from schemas.texts import say
from tasks import audit, database, dump, outbox, storage
from tasks.desk import Desk, allowed, now
from tasks.verify import verify
from tasks.workspace import FOLDERS

_SCRATCH = ".dondoc-"
"""How the folders begin that hold what is not whole yet; left by a kill, they may be deleted."""
_PIECE = 2**20


class _Hashing:
    """Writes on to a file, and hashes what goes by."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, piece: bytes) -> int:
        """As a file does."""
        self.digest.update(piece)
        return self._file.write(piece)


def backup(desk: Desk, file: Path) -> Backup:
    """Write the workspace as one file, seen by its owner only, and its SHA-256 beside it.

    The database is copied first, as of one instant; the archive, which only grows, after it, so
    that it has all that the database names. A hash without its file is what a kill left between the
    two, and gives way. Raises DondocError where there is such a file already, or it cannot be
    written: then nothing is left of it.
    """
    file = file.absolute()
    beside = file.with_name(f"{file.name}.sha256")
    if file.exists():
        raise DondocError(say("backup.exists", file=file))
    try:
        with TemporaryDirectory(dir=file.parent, prefix=_SCRATCH) as folder:
            copied, whole = dump.copy(desk.engine, Path(folder)), Path(folder) / "whole"
            sha256, count = _write(desk, copied, whole)
            size, note = whole.stat().st_size, Path(folder) / "note"
            note.write_text(f"{sha256}  {file.name}\n", encoding="utf-8")
            note.chmod(0o600)
            note.replace(beside)
            whole.replace(file)
    except OSError as error:
        raise DondocError(
            say("backup.not-written", file=file, reason=storage.why(error))
        ) from error
    return Backup(file, sha256, count, size)


def _write(desk: Desk, copied: Path, whole: Path) -> tuple[str, int]:
    manifest = {
        "format": FORMAT,
        "database": copied.name,
        "schema": database.HEAD,
        "made_at": now().isoformat(timespec="seconds"),
    }
    names = list(_belonging(desk.workspace))
    with open(whole, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as raw:
        through = _Hashing(raw)
        with tarfile.open(fileobj=through, mode="w|", format=tarfile.PAX_FORMAT) as tar:  # type: ignore[call-overload]
            content = json.dumps(manifest, indent=1).encode()
            _add(tar, MANIFEST, BytesIO(content), len(content), 0)
            _add_file(tar, copied.name, copied)
            count = sum(_add_file(tar, name, desk.workspace / name) for name in names)
        raw.flush()
        os.fsync(raw.fileno())
    return through.digest.hexdigest(), count


def _belonging(workspace: Path) -> Iterator[str]:
    """The names of what belongs into a backup, in their order; links lead elsewhere and do not."""
    found = (path for path in workspace.rglob("*") if path.is_file() and not path.is_symlink())
    parts = sorted(path.relative_to(workspace).parts for path in found)
    return ("/".join(one) for one in parts if belongs(one))


def _add_file(tar: tarfile.TarFile, name: str, path: Path) -> bool:
    """Add it as it is while it is read; False where it went away meanwhile, as the files of
    `inbox/` do when they are taken."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return False
    with file:
        status = os.fstat(file.fileno())
        _add(tar, name, file, status.st_size, int(status.st_mtime))
    return True


def _add(tar: tarfile.TarFile, name: str, file: IO[bytes], size: int, mtime: int) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, mtime, 0o600
    tar.addfile(info, file)


def restore(
    file: Path, directory: Path, by: str, sha256: str | None, today: date | None
) -> Restored:
    """Lay a backup into an empty or new folder, and look whether all of it is whole.

    What was approved and unsent is held: it may have been sent after the backup was made. Raises
    DondocError, and leaves nothing, where the file is not the one that its SHA-256 names, holds
    what no backup of ours does, or the folder or the database is not empty.
    """
    directory = directory.absolute()
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise DondocError(say("restore.not-empty", folder=directory))
    try:
        with _checked(file, sha256) as (whole, known):
            directory.parent.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(dir=directory.parent, prefix=_SCRATCH) as scratch:
                inner = Path(scratch) / "workspace"
                manifest, count = _unpack(whole, inner)
                held = _bring_up(inner, manifest, by, known, today)
                inner.replace(directory)
    except OSError as error:
        told = {"file": file, "reason": storage.why(error)}
        raise DondocError(say("restore.failed", **told)) from error
    with Desk(directory, today) as desk:
        return Restored(directory, count, manifest["made_at"], held, verify(desk))


@contextmanager
def _checked(file: Path, sha256: str | None) -> Iterator[tuple[IO[bytes], str]]:
    """The file, opened once so that it cannot be exchanged after it was looked at."""
    beside = file.with_name(f"{file.name}.sha256")
    if sha256 is None:
        try:
            sha256 = beside.read_text(encoding="utf-8").split()[0]
        except (OSError, UnicodeDecodeError, IndexError) as error:
            raise DondocError(say("restore.no-hash", file=file)) from error
    with file.open("rb") as whole:
        if hashlib.file_digest(whole, "sha256").hexdigest() != sha256.lower():
            raise DondocError(say("restore.other-hash", file=file))
        whole.seek(0)
        yield whole, sha256.lower()


def _unpack(whole: IO[bytes], folder: Path) -> tuple[dict[str, Any], int]:
    """The manifest, and how many files of the workspace now lie in the folder."""
    folder.mkdir(mode=0o700)
    try:
        with tarfile.open(fileobj=whole, mode="r:") as tar:
            members = tar.getmembers()
            for one in members:
                if not one.isreg() or not is_member(one.name):
                    raise DondocError(say("restore.stranger", name=one.name))
            tar.extractall(folder, filter="data")
    except tarfile.TarError as error:
        raise DondocError(say("restore.no-backup")) from error
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        if manifest["format"] > FORMAT:
            raise DondocError(say("restore.newer"))
        if not (folder / manifest["database"]).is_file():
            raise DondocError(say("restore.no-backup"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DondocError(say("restore.no-backup")) from error
    (folder / MANIFEST).unlink()
    for name in FOLDERS:
        (folder / name).mkdir(exist_ok=True)
    return manifest, len(members) - 2


def _bring_up(
    folder: Path, manifest: dict[str, Any], by: str, sha256: str, today: date | None
) -> int:
    """The database in its place, and what might have left since held; how many messages."""
    by = allowed(load(folder), Act.RESTORE, by)
    _place(folder, manifest["database"])
    with Desk(folder, today) as desk, desk.writer.begin() as connection:
        held = outbox.hold(connection, say("restore.held", at=manifest["made_at"]))
        told = {"backup": sha256, "made_at": manifest["made_at"], "held": held}
        audit.add(connection, desk.recorded(by), "restore", after=told)
    return held


def _place(folder: Path, copied: str) -> None:
    engine = database.elsewhere(folder)
    try:
        if (copied == SQLITE) != (engine is None):
            wanted = "sqlite" if copied == SQLITE else "postgresql"
            raise DondocError(say(f"restore.wants-{wanted}"))
        if engine is not None:
            dump.load(engine, folder / POSTGRESQL)
            (folder / POSTGRESQL).unlink()
    finally:
        if engine is not None:
            engine.dispose()
