# ruff: noqa: T201 - it prints
"""How long `collect` takes per workbook, and what of that the process that reads files costs.

    .venv/bin/python benchmarks/reading.py [WORKBOOKS] [ROUNDS]

Clean workbooks, as the product's own `open` writes them and a clerk fills them in, are read
(a) in this process and (b) through the process with limits, then (c) gathered by a whole `collect`.
"""

import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

HOUSE = Path(__file__).parents[1]
sys.path[:0] = [str(HOUSE), str(HOUSE / "tests")]

import great_expectations  # noqa: E402, F401 - its eight seconds are no file's

from flows.collect import collect  # noqa: E402
from ministry import CLOSING, OPENING, PERIOD, Ministry, Workspace, create  # noqa: E402
from rules.layout import read_book  # noqa: E402
from schemas.board import State  # noqa: E402
from schemas.forms import FORMS  # noqa: E402
from schemas.reading import Book  # noqa: E402
from schemas.settings import Reading  # noqa: E402
from tasks.apart import Reader  # noqa: E402
from tasks.formats.book import open_book  # noqa: E402

LIMITS = Reading()
MILLI = 1000


def main() -> None:
    """Prints the medians of the rounds."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory() as scratch:
        filled = _filled(Path(scratch) / "filled", count)
        files = [path.read_bytes() for path in sorted(filled.inbox.glob("*.xlsx"))]
        here, apart, wholes, waits = [], [], [], []
        for number in range(rounds):
            here.append(_each(files, lambda content: open_book(content, LIMITS)))
            with Reader(LIMITS) as reader:
                reader.book(files[0], "first.xlsx")  # the process starts once for all files
                apart.append(_each(files, lambda content: reader.book(content, "a.xlsx")))
            took, waited = _collect(filled, Path(scratch) / f"round-{number}")
            wholes.append(took / count)
            waits.append(waited / count)
    understood = _each(
        files, lambda content: read_book(open_book(content, LIMITS), FORMS, "a.xlsx")
    )
    a, b, c, w = map(statistics.median, (here, apart, wholes, waits))
    print(f"{count} workbooks of {statistics.median(map(len, files)) / 1024:.0f} KB, medians of "
          f"{rounds} rounds, per workbook:")  # fmt: skip
    print(f"  (a) opened in this process                 {a * MILLI:6.2f} ms")
    print(f"      opened and understood in this process  {understood * MILLI:6.2f} ms")
    print(f"  (b) opened by the process with limits      {b * MILLI:6.2f} ms")
    print(f"  (c) the whole of collect                   {c * MILLI:6.2f} ms")
    print(f"      of it waiting for that process         {w * MILLI:6.2f} ms, {w / c:.1%}")
    print(f"  share of the isolation, (b - a) / c        {(b - a) / c:6.1%}")
    libraries = ("python-calamine", "pandas", "great-expectations", "sqlalchemy")
    print(f"{platform.platform()}, {_processor()}, Python {platform.python_version()}, "
          + ", ".join(f"{name} {version(name)}" for name in libraries))  # fmt: skip


def _filled(path: Path, count: int) -> Workspace:
    workspace = create(path, Ministry(count))
    workspace.done("open", PERIOD, today=OPENING)
    for unit in workspace.ministry.units:
        workspace.submit(unit)
    return workspace


def _each(files: Sequence[bytes], read: Callable[[bytes], object]) -> float:
    """Seconds per file."""
    start = time.perf_counter()
    for content in files:
        read(content)
    return (time.perf_counter() - start) / len(files)


def _collect(filled: Workspace, path: Path) -> tuple[float, float]:
    """Seconds of a whole collect over a copy of the workspace, and those it waits for the other
    process."""
    shutil.copytree(filled.path, path)
    waited = 0.0
    book = Reader.book

    def timed(reader: Reader, content: bytes, name: str) -> Book:
        nonlocal waited
        start = time.perf_counter()
        try:
            return book(reader, content, name)
        finally:
            waited += time.perf_counter() - start

    Reader.book = timed  # type: ignore[method-assign, assignment]
    try:
        start = time.perf_counter()
        came = collect.fn(path, PERIOD, CLOSING)
        took = time.perf_counter() - start
    finally:
        Reader.book = book  # type: ignore[method-assign]
    if not all(one.state is State.ACCEPTED for one in came):
        raise SystemExit("not every workbook was accepted: these figures mean nothing")
    shutil.rmtree(path)
    return took, waited


def _processor() -> str:
    said = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in said if "model name" in line), "?")


if __name__ == "__main__":
    main()
