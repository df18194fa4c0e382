"""Tells which process sends a message, whether that process still lives, and how long ago something
was: what a lease is held by, and what it is measured with."""

import os
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on while the machine sleeps; Linux alone has it."""
_START_TIME = 19
"""Where `/proc/PID/stat` has the start, counted from after the name, which may hold anything."""

Instant = tuple[float, float]
"""A moment by the clock since the machine was started, which nobody can set, and by the wall clock,
which a virtual machine that was paused sets right."""


def instant() -> Instant:
    """Now."""
    return time.clock_gettime(_SINCE_BOOT), time.time()


def seconds_since(then: Instant) -> float:
    """The longer of what both clocks say."""
    return max(here - there for here, there in zip(instant(), then, strict=True))


def ourselves() -> str:
    """This process as an owner: its boot and PID namespace, its number and start."""
    return _known_as(os.getpid())


@cache
def _known_as(number: int) -> str:
    return f"{_here()} {number} {_started('self')}"


def is_dead(owner: str) -> bool:
    """Whether that process is surely no more: of another boot or namespace, which may be alive on
    another machine or in another container, nobody here knows, and its lease decides."""
    here, number, started = (*owner.rsplit(" ", 2), "", "")[:3]
    if not started or here != _here():
        return False
    with suppress(PermissionError):  # somebody else's
        try:
            os.kill(int(number), 0)
        except ProcessLookupError:
            return True
    if str(Path("/proc/self").readlink()) != str(os.getpid()):
        return False  # a /proc of another namespace counts otherwise than we do
    return _started(number) not in ("", started)  # the number was given to another


def _here() -> str:
    """This boot of this kernel, and this PID namespace; a name of nowhere without a /proc."""
    with suppress(OSError):
        return f"{_BOOT.read_text().strip()} {Path('/proc/self/ns/pid').readlink()}"
    return f"? {os.getpid()}"


def _started(process: str) -> str:
    """When a process was started, in ticks since the boot; empty where that is hidden."""
    with suppress(OSError):
        said = Path("/proc", process, "stat").read_text("utf-8", "replace")
        return said.rpartition(")")[2].split()[_START_TIME]
    return ""
