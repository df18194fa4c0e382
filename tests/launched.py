"""Processes of the command line that tests start, kill and wait for, by tests/launcher.py."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Ended:
    """What a process came to: its exit status (-9: killed), what it printed, the fail point at
    which it died, and how often it passed each that it was to count."""

    status: int
    said: str
    died: str
    passed: Mapping[str, int]


@dataclass(frozen=True)
class Launcher:
    """tests/launcher.py, which runs as many processes as it is asked for."""

    process: "subprocess.Popen[str]"
    folder: Path
    """Where the processes print to."""
    numbers: Iterator[int] = field(default_factory=count)

    def start(self, *commands: Sequence[object], die: str = "") -> "Started":
        """A process that runs these commands one after the other, with the environment as it is
        now; `die` names fail points."""
        out = self.folder / f"{next(self.numbers)}"
        out.touch()  # it may be killed before it says a word
        environment = os.environ | {"DONDOC_TEST_DIE": die}
        arguments = [[str(word) for word in command] for command in commands]
        told = {"commands": arguments, "environment": environment, "out": str(out)}
        return Started(self, int(self._ask("start", **told)), out)

    def run(self, *command: object, die: str = "") -> Ended:
        """One command, to its end."""
        return self.start(command, die=die).wait()

    def _ask(self, what: str, **told: Any) -> str:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"do": what, **told}) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()


@dataclass(frozen=True)
class Started:
    """A process at work. Until it was waited for its number is nobody else's: it may be killed."""

    launcher: Launcher
    number: int
    out: Path

    def wait(self) -> Ended:
        status, outliving = json.loads(self.launcher._ask("wait", number=self.number))
        assert not outliving, "what a process had started lives on without it"
        passed = self.out.with_name(f"{self.out.name}.passed")
        died, counted = json.loads(passed.read_text()) if passed.exists() else ("", {})
        return Ended(status, self.out.read_text("utf-8"), died, counted)


@contextmanager
def launcher(folder: Path) -> Iterator[Launcher]:
    """Ready while the block lasts; it takes ten seconds to come."""
    command = [sys.executable, str(HOUSE / "tests" / "launcher.py")]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join((str(HOUSE), str(HOUSE / "tests"))),
        "OPENBLAS_NUM_THREADS": "1",  # a process with threads cannot be forked safely
    }
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HOUSE,
        env=environment,
    )  # fmt: skip
    with process:
        started = Launcher(process, folder)
        assert started.answer() == "ready"
        yield started
        assert process.stdin
        process.stdin.close()
