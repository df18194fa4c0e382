"""Runs a command of ours as `dondoc` does, and tells how busy the cores were while work was spread.

    python benchmarks/watched.py FILE COMMAND...

It appends to FILE, for each time that work was spread over the cores, a line of JSON: the name of
the work, seconds by the wall, and seconds of the processor that this process and its hands took.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from measuring import tree

import dondoc
from tasks.crew import Crew, Work

_TICK = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """The command, with its arguments."""
    kept = Path(sys.argv.pop(1))
    stream = Crew.stream

    @wraps(stream)
    def watched(crew: Crew, work: Work[Any, Any, Any], *its: Any, **told: Any) -> Iterator[Any]:
        wall, cpu = time.perf_counter(), _busy()
        try:
            yield from stream(crew, work, *its, **told)
        finally:  # nobody may ask for more than there is
            line = [work.name, time.perf_counter() - wall, _busy() - cpu]
            with kept.open("a") as lines:
                lines.write(json.dumps(line) + "\n")

    Crew.stream = watched  # type: ignore[method-assign]
    dondoc.main()


def _busy() -> float:
    """Seconds that this process and those below it, ended ones too, have had of the processor."""
    seconds = 0.0
    for one in tree(os.getpid()):
        with suppress(OSError):  # it ended meanwhile
            told = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            seconds += sum(map(int, told[11:15])) / _TICK  # its own, and of those that it buried
    return seconds


if __name__ == "__main__":
    main()
