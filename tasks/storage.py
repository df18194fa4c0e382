"""Says in one sentence what keeps the disk or the database from us, and what to do."""

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError

from schemas.errors import DondocError
from schemas.texts import say

FULL = {errno.ENOSPC, errno.EDQUOT}
READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}

_OF_FILES = {
    **dict.fromkeys(FULL, "storage.full"),
    **dict.fromkeys(READ_ONLY, "storage.read-only"),
    errno.EIO: "storage.broken",
}
_WHY = {
    errno.ENOENT: "missing",
    errno.EACCES: "forbidden",
    errno.EPERM: "forbidden",
    errno.EROFS: "read-only",
    **dict.fromkeys(FULL, "full"),
    errno.EIO: "broken",
    errno.EEXIST: "exists",
    errno.EISDIR: "folder",
    errno.ENOTDIR: "no-folder",
}
_OF_SQLITE = {
    sqlite3.SQLITE_FULL: "storage.full",
    sqlite3.SQLITE_READONLY: "storage.read-only",
    sqlite3.SQLITE_CANTOPEN: "storage.read-only",
    sqlite3.SQLITE_IOERR: "storage.broken",
    sqlite3.SQLITE_BUSY: "storage.busy",
}
_OF_POSTGRESQL = {"53100": "storage.full", "25006": "storage.read-only"}
"""SQLSTATE -> what it means: disk_full, read_only_sql_transaction."""


def refusal(error: BaseException | None) -> DondocError | None:
    """The sentence for a fault of disk or database; None for any other, which is ours."""
    if isinstance(error, OSError) and error.errno in _OF_FILES:
        return DondocError(say(_OF_FILES[error.errno], reason=error.filename or why(error)))
    if isinstance(error, DBAPIError) and (key := _of(error)):
        return DondocError(say(key, reason=str(error.orig).partition("\n")[0]))
    return None


def why(error: OSError) -> str:
    """What the system says, in a person's words where it is one of the common faults."""
    known = _WHY.get(error.errno or 0)
    return say(f"storage.why-{known}") if known else error.strerror or type(error).__name__


def is_ours(error: BaseException) -> bool:
    """Whether what cannot be written lies with our own disk, not with a file or a server that
    others can do without."""
    return isinstance(error, OSError) and error.errno in FULL | {errno.EROFS}


def _of(error: DBAPIError) -> str | None:
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", 0)
        return _OF_SQLITE.get(code & 0xFF)  # the rest tells which call it was
    if known := _OF_POSTGRESQL.get(getattr(error.orig, "sqlstate", None) or ""):
        return known
    return "storage.gone" if isinstance(error, OperationalError) else None
