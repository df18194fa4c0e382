"""Tells which installed libraries are other ones than the lock that ships with the program says."""

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement

LOCK = Path(__file__).parent.parent / "requirements.txt"


def differing() -> Iterator[str]:
    """`name 1.2 (lock: 1.3)` of each that is another or missing; raises OSError without a lock."""
    for name, locked in _locked():
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "-"
        if found != locked:
            yield f"{name} {found} (lock: {locked})"


def _locked() -> Iterator[tuple[str, str]]:
    """The pins that are meant for this system and Python."""
    for line in LOCK.read_text("utf-8").replace("\\\n", " ").splitlines():
        pin = Requirement(line.partition("--hash")[0].strip())
        if pin.marker is None or pin.marker.evaluate():
            yield pin.name, next(iter(pin.specifier)).version
