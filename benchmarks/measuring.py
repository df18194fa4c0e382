"""Runs a process and measures it with all that it starts: time, CPU, memory."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PAUSE = 0.1
"""Seconds between two looks at the memory."""
_MEGABYTE = 1024


@dataclass(frozen=True)
class Measured:
    """What a process and its children took: seconds, and at the most so many MB at once."""

    wall: float
    cpu: float
    memory: float
    status: int
    out: str
    err: str


def run(command: Sequence[object], environment: Mapping[str, str], folder: Path) -> Measured:
    """Run it to its end. Memory that processes share is counted once."""
    began = time.perf_counter()
    with subprocess.Popen(
        [*map(str, command)], env=dict(environment), cwd=folder,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        most, ended = [0.0], threading.Event()
        watch = threading.Thread(target=_watch, args=(process.pid, most, ended))
        watch.start()
        said: list[str] = ["", ""]
        readers = [
            threading.Thread(target=_read, args=(stream, said, at))
            for at, stream in enumerate((process.stdout, process.stderr))
        ]
        for reader in readers:
            reader.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        ended.set()
        for thread in (watch, *readers):
            thread.join()
    cpu = used.ru_utime + used.ru_stime
    return Measured(wall, cpu, most[0], process.returncode, *said)


def _read(stream, said: list[str], at: int) -> None:  # type: ignore[no-untyped-def]
    said[at] = stream.read()


def _watch(root: int, most: list[float], ended: threading.Event) -> None:
    while not ended.wait(_PAUSE):
        most[0] = max(most[0], sum(map(_memory, tree(root))) / _MEGABYTE)


def tree(root: int) -> set[int]:
    """The process and all below it."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                below.setdefault(parent, []).append(int(entry.name))
    found, unseen = set[int](), [root]
    while unseen:
        found.add(one := unseen.pop())
        unseen += below.get(one, ())
    return found


def _memory(process: int) -> int:
    """Its proportional share of memory, in kB."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
