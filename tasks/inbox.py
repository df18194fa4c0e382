"""Touches the inbox folder: what has arrived, and where it goes when it has been dealt with."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.board import State
from schemas.submission import Submission
from tasks import archive
from tasks.desk import Desk
from tasks.step import step

BESIDE = ("~$", ".")
"""Prefixes of what office programs and mail programs leave beside a file while it is written."""

LARGEST_FILE = 50 * 1024 * 1024
"""Bytes; a unit's workbook has some 20 kB. A larger file is kept and held, but not read."""


@dataclass(frozen=True)
class Arrival:
    """A file in the inbox, already archived under `sha256`."""

    path: Path
    sha256: str
    size: int


@step(retries=2, retry_delay=5)
def gather(desk: Desk) -> tuple[Arrival, ...]:
    """Archive every file in the inbox, oldest first, so that a later version is read later."""
    folder = desk.workspace / "inbox"
    files = [
        p for p in folder.iterdir()
        if p.is_file() and not p.is_symlink() and not p.name.startswith(BESIDE)
    ]  # fmt: skip
    arrivals = []
    for path in sorted(files, key=lambda p: (p.stat().st_mtime_ns, p.name)):
        content = path.read_bytes()
        arrivals.append(Arrival(path, archive.keep(desk.workspace, content), len(content)))
    return tuple(arrivals)


@step(retries=2, retry_delay=5)
def file_away(desk: Desk, arrivals: Sequence[Arrival], submissions: Sequence[Submission]) -> None:
    """Move each recorded file to `done/PERIOD/` under its own name, or to `held/` where it could
    not be used or placed. A file that changed meanwhile stays for the next run."""
    for arrival, one in zip(arrivals, submissions, strict=True):
        if hashlib.sha256(arrival.path.read_bytes()).hexdigest() == arrival.sha256:
            place = "held" if one.state is State.HELD else f"done/{one.period}"
            folder = desk.workspace / "inbox" / place
            folder.mkdir(parents=True, exist_ok=True)
            arrival.path.replace(_free(folder / arrival.path.name))


def _free(path: Path) -> Path:
    """The path itself, or with a number where a file of that name lies there already."""
    number, candidate = 1, path
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return candidate
