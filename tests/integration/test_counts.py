"""What a further unit costs, counted and not timed: the same on every machine.

The month is made at two sizes; what is counted lies on a line, of which start and slope are
bounded. Whoever makes a count smaller lowers its bound here.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from prefect.context import FlowRunContext
from sqlalchemy import Engine, event

from ministry import CLOSING, DIFFICULTY, OPENING, PERIOD, Ministry, Workspace, create
from postbox import Postbox
from schemas.settings import Settings
from tasks import quality

SMALL, LARGE = 4, 20
COMMANDS = ("open", "collect", "report", "approve", "deliver")
AGAIN = "one more file"
"""A `collect` of one new workbook, when all have reported."""
STATEMENTS, FILES, RUNS, STEPS = "statements", "files", "runs of Great Expectations", "steps"

PER_CONNECTION = 10
"""Mails on one connection here; in earnest it is a hundred."""
MODULES = 304
"""What `--help` may import beside Python's own modules."""

Count = Counter[tuple[str, str]]
"""(command, what) -> how many."""


@dataclass
class Watch:
    """What is counted while `command` runs on the files of `folder`."""

    folder: Path | None = None
    command: str = ""
    count: Count = None  # type: ignore[assignment]

    def one(self, what: str) -> None:
        if self.folder:
            self.count[self.command, what] += 1

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Python tells of every file it opens; SQLite's own are not among them."""
        if self.folder and event == "open" and str(arguments[0]).startswith(str(self.folder)):
            self.one(FILES)


WATCH = Watch()
sys.addaudithook(WATCH.audit)  # it stays, and counts nothing while no month is made


@event.listens_for(Engine, "before_cursor_execute")
def _(*_: object) -> None:
    WATCH.one(STATEMENTS)


@contextmanager
def counted(workspace: Workspace) -> Iterator[Count]:
    """Counts what happens within the block."""
    run = quality._run

    def validated(*arguments: Any) -> Any:
        WATCH.one(RUNS)
        return run(*arguments)

    def asked() -> None:
        """Each step asks whether a flow run is around, where it would be a task run."""
        WATCH.one(STEPS)

    WATCH.folder, WATCH.count = workspace.path, Counter()
    try:
        with (
            patch.object(quality, "_run", validated),
            patch.object(FlowRunContext, "get", asked),
        ):
            yield WATCH.count
    finally:
        WATCH.folder = None


def month(path: Path, units: int) -> tuple[Count, Postbox]:
    """The five commands; of the last unit nothing comes."""
    workspace = create(path, Ministry(units))
    workspace.setting("# pdf = true", "pdf = false")
    workspace.setting("# per_connection = 100", f"per_connection = {PER_CONNECTION}")
    with Postbox() as box, pytest.MonkeyPatch.context() as environment:
        for name, value in box.settings().items():
            environment.setenv(name, value)
        with counted(workspace) as count:
            for WATCH.command in COMMANDS:
                if WATCH.command == "collect":
                    WATCH.folder = None  # the clerks' work is not counted
                    for unit in workspace.ministry.units[:-1]:
                        workspace.submit(unit)
                    WATCH.folder = workspace.path
                more = ("--by", "Vũ Đức Thắng") if WATCH.command == "approve" else ()
                today = OPENING if WATCH.command == "open" else CLOSING
                workspace.done(WATCH.command, PERIOD, *more, today=today)
            WATCH.folder = None
            one, *_ = workspace.ministry.units
            activity, *_ = workspace.ministry.of(one)
            workspace.submit(one, None, **{activity.code: {DIFFICULTY: "Chờ thẩm định"}})
            WATCH.folder, WATCH.command = workspace.path, AGAIN
            workspace.done("collect", PERIOD, today=CLOSING)
    return count, box


@dataclass(frozen=True)
class Months:
    """Both months as they were counted."""

    small: Count
    large: Count
    mails: tuple[int, int]
    connections: tuple[int, int]

    def line(self, what: str) -> dict[str, tuple[int, Fraction]]:
        """Command -> how many for no unit at all, and for each further one."""
        found = {}
        for command in COMMANDS:
            low, high = (its[command, what] for its in (self.small, self.large))
            slope = Fraction(high - low, LARGE - SMALL)
            found[command] = (round(low - slope * SMALL), slope)
        return found


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Months:
    folder = tmp_path_factory.mktemp("counts")
    (small, a), (large, b) = (month(folder / str(n), n) for n in (SMALL, LARGE))
    return Months(small, large, (len(a.taken), len(b.taken)), (a.sessions, b.sessions))


# Command -> how many there may be without any unit, and for each further unit.
BOUNDS: Mapping[str, Mapping[str, tuple[int, int | Fraction]]] = {
    STATEMENTS: {
        "open": (192, 0), "collect": (63, 0), "report": (159, 0), "approve": (41, 0),
        "deliver": (73, Fraction(8 * 16 + 3, 16)),
    },
    FILES: {
        "open": (8, 2), "collect": (35, 4), "report": (27, 1), "approve": (9, 0),
        "deliver": (12, 1),
    },
    RUNS: {"open": (0, 0), "collect": (3, 0), "report": (0, 0), "approve": (0, 0),
           "deliver": (0, 0)},
    STEPS: {"open": (6, 0), "collect": (13, 0), "report": (14, 0), "approve": (5, 0),
            "deliver": (5, 0)},
}  # fmt: skip
"""The two mails that a unit gets (its form, the receipt) cost `deliver` four statements each, in
one transaction, and two more for each of three connections; a notice that is drafted costs none;
the audit log is read once for all letters that a person approved, and each command asks once
whether the database is the workspace's own."""


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("what", [STATEMENTS, FILES, RUNS, STEPS])
def test_a_further_unit_costs_as_much_as_ever(months: Months, what: str, command: str) -> None:
    start, slope = months.line(what)[command]
    most, bound = BOUNDS[what][command]
    assert slope == bound, f"{what} of a further unit in {command}; the bound is kept exact"
    assert start <= most, f"{what} of {command} without any unit"


@pytest.mark.parametrize("what", [STATEMENTS, FILES, RUNS, STEPS])
def test_one_more_file_costs_the_same_however_many_there_are(months: Months, what: str) -> None:
    assert months.small[AGAIN, what] == months.large[AGAIN, what] > 0


def test_connections_are_as_few_as_the_setting_allows(months: Months) -> None:
    assert months.connections == tuple(-(-count // PER_CONNECTION) for count in months.mails)
    assert Settings().mail.per_connection == 100


def test_help_imports_as_many_modules_as_ever() -> None:
    code = (
        "import atexit, sys\n"
        "atexit.register(lambda: sys.stderr.write(str(len([m for m in sys.modules"
        " if m.partition('.')[0] not in sys.stdlib_module_names]))))\n"
        "import dondoc; dondoc.main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=True
    )
    assert int(ran.stderr) <= MODULES
