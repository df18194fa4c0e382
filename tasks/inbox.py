"""Touches the inbox folder: what has arrived, and where it goes when it has been dealt with."""

import hashlib
import logging
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from schemas.board import State
from schemas.submission import Submission
from tasks import archive
from tasks.desk import Desk
from tasks.step import step

log = logging.getLogger("dondoc")

BESIDE = ("~$", ".")
"""Prefixes of what office programs and mail programs leave beside a file while it is written."""


@dataclass(frozen=True)
class Arrival:
    """A file in the inbox, already archived under `sha256`; `name` is fit to be shown."""

    path: Path
    sha256: str

    @property
    def name(self) -> str:
        """The file's name without what no screen, database or header can hold."""
        readable = os.fsencode(self.path.name).decode("utf-8", "replace")
        return "".join(c if c.isprintable() else "_" for c in readable)


@step(retries=2, retry_delay=5)
def gather(desk: Desk) -> tuple[Arrival, ...]:
    """Archive every file in the inbox, oldest first, so that a later version is read later. What
    vanishes or cannot be read meanwhile is left for the next run."""
    folder = desk.workspace / "inbox"
    folder.mkdir(exist_ok=True)
    arrivals = []
    for path in sorted(folder.iterdir(), key=lambda p: (p.lstat().st_mtime_ns, p.name)):
        if path.is_symlink() or not path.is_file() or path.name.startswith(BESIDE):
            continue
        try:
            content = path.read_bytes()
        except OSError as error:
            log.warning("a file in the inbox cannot be read now: %s", error.strerror)
            continue
        arrivals.append(Arrival(path, archive.keep(desk.workspace, content)))
    return tuple(arrivals)


@step(retries=2, retry_delay=5)
def file_away(desk: Desk, arrivals: Sequence[Arrival], submissions: Sequence[Submission]) -> None:
    """Move each recorded file to `done/PERIOD/` under its own name, or to `held/` where it could
    not be used or placed. A file that changed meanwhile stays for the next run, one that somebody
    else moved is no matter of ours."""
    for arrival, one in zip(arrivals, submissions, strict=True):
        with suppress(FileNotFoundError):
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
