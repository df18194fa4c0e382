"""Touches the inbox folder: what has arrived, and where it goes when it has been dealt with."""

import errno
import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from schemas.arrival import Arrival
from schemas.findings import Finding
from schemas.period import Period
from schemas.settings import Reading
from tasks import archive, storage
from tasks.desk import Desk
from tasks.formats import Refused
from tasks.opening import Opener
from tasks.refusals import finding

log = logging.getLogger("dondoc")

BESIDE = ("~$", ".")
"""Prefixes of what office programs and mail programs leave beside a file while it is written."""
MB = 2**20
LONGEST_STEM, LONGEST_SUFFIX = 200, 40
"""Bytes of a name's parts, as it is filed away: file systems take 255 for the whole."""


@dataclass(frozen=True)
class InFolder:
    """Where an arrival lies, and what lay there when it was archived: an archive as a whole."""

    path: Path
    sha256: str


def gather(desk: Desk) -> Iterator[Arrival]:
    """Archive every file in the inbox, oldest first, so that a later version is read later: by
    when it was saved, which a copy keeps. It came when it was laid there. What vanishes or cannot
    be read meanwhile is left for the next run."""
    folder = desk.workspace / "inbox"
    folder.mkdir(exist_ok=True)
    came = datetime.min.replace(tzinfo=UTC)
    with Opener(desk) as opener, archive.keeping(desk.workspace) as keep:
        for path in sorted(folder.iterdir(), key=_age):
            if path.is_symlink() or not path.is_file() or path.name.startswith(BESIDE):
                continue
            try:
                came = max(came, datetime.fromtimestamp(path.stat().st_ctime, UTC))
                found = _arrivals(desk, opener, keep, path)
            except OSError as error:
                if storage.is_ours(error):
                    raise
                log.warning("a file in the inbox cannot be read now: %s", error.strerror)
                continue
            yield from (replace(one, received=came) for one in found)


def _age(path: Path) -> tuple[int, str]:
    try:
        return path.lstat().st_mtime_ns, path.name
    except OSError:  # it vanished
        return 0, path.name


def too_big(path: Path, limits: Reading) -> Finding | None:
    """Why a file is not even opened: it is larger than what any may hold unpacked."""
    if path.stat().st_size <= limits.largest_unpacked * MB:
        return None
    return finding(Refused("too-big", limit=f"{limits.largest_file} MB"), shown(path))


def _arrivals(
    desk: Desk, opener: Opener, keep: Callable[[bytes], str], path: Path
) -> list[Arrival]:
    """The file itself, or the workbooks in an archive."""
    name = shown(path)
    if refused := too_big(path, desk.settings.reading):
        origin = InFolder(path, archive.keep_file(desk.workspace, path))
        return [Arrival(name, origin.sha256, origin=origin, finding=refused)]
    with archive.opened(path) as file:  # one that grows meanwhile waits for the next run
        content = file.read(desk.settings.reading.largest_unpacked * MB + 1)
        if file.read(1):
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    origin = InFolder(path, keep(content))
    opened = opener.open(content, name)
    found = [
        Arrival(f"{name}/{one.name}", one.sha256, origin=origin, finding=one.finding)
        for one in opened.files
    ]
    return found or [Arrival(name, origin.sha256, origin=origin, finding=opened.finding)]


def shown(path: Path) -> str:
    """The file's name without what no screen, database or header can hold."""
    readable = os.fsencode(path.name).decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "_" for c in readable)


def file_away(desk: Desk, arrivals: Sequence[Arrival], places: Mapping[str, Period | None]) -> None:
    """Move each recorded file to `done/PERIOD/` under its own name, or to `held/` where it, or
    anything in it, could not be used or placed. A file that changed meanwhile stays for the next
    run, one that somebody else moved is no matter of ours."""
    where: dict[InFolder, list[Period | None]] = {}
    for arrival in arrivals:
        if isinstance(arrival.origin, InFolder):
            where.setdefault(arrival.origin, []).append(places.get(arrival.sha256))
    for origin, periods in where.items():
        with suppress(FileNotFoundError, archive.NoFileError):
            if _digest(origin.path) == origin.sha256:
                placed = [period for period in periods if period]
                whole = len(placed) == len(periods)
                folder = desk.workspace / "inbox" / (f"done/{max(placed)}" if whole else "held")
                folder.mkdir(parents=True, exist_ok=True)
                origin.path.replace(_free(folder / origin.path.name))


def _digest(path: Path) -> str:
    with archive.opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unplaced(desk: Desk) -> list[datetime]:
    """Since when each file lies in `held/` that a person has neither placed nor taken away."""
    folder = desk.workspace / "inbox" / "held"
    lying = (path for path in folder.glob("*") if not path.name.startswith(BESIDE))
    return [datetime.fromtimestamp(p.lstat().st_ctime, UTC) for p in lying if p.is_file()]


def hold(desk: Desk, name: str, content: bytes) -> None:
    """Lay a file that came another way where a person looks for what must be placed; once."""
    folder = desk.workspace / "inbox" / "held"
    folder.mkdir(parents=True, exist_ok=True)
    if not any(_lies_as(path, content) for path in folder.iterdir()):
        archive.write_whole(_free(folder / name.rpartition("/")[2]), content)


def _lies_as(path: Path, content: bytes) -> bool:
    """Whether this lies there for a person: no copy that a run which died left half laid."""
    if path.name.startswith(BESIDE):
        return False
    with suppress(FileNotFoundError):  # they have just taken it away
        if path.is_file() and path.stat().st_size == len(content):
            return path.read_bytes() == content
    return False


def _free(path: Path) -> Path:
    """The path itself, or with a number where a file of that name lies there already; a name too
    long for that is cut."""
    suffix = path.suffix if len(os.fsencode(path.suffix)) <= LONGEST_SUFFIX else ""
    stem = path.name.removesuffix(suffix)
    if len(os.fsencode(stem)) > LONGEST_STEM:
        stem = os.fsencode(stem)[:LONGEST_STEM].decode("utf-8", "ignore")
    number, candidate = 1, path.with_name(stem + suffix)
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{stem} ({number}){suffix}")
    return candidate
