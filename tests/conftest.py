"""What every test shares."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import Phase, settings

import imap
import launched
import outboxes
import postgresql
from ministry import OPENING, PERIOD, Ministry, Workspace, create
from postbox import Postbox
from reliability import Shown
from stage import Stage, programs_of
from tasks import outbox, quality
from tasks.desk import Desk

settings.register_profile("dondoc", deadline=None)  # a busy machine is no failure
settings.register_profile("soak", deadline=None, max_examples=10_000)  # `make soak`
settings.register_profile(  # `make mutants`: few examples, the same for every mutant, not shrunk
    "mutants", deadline=None, max_examples=25, derandomize=True, database=None,
    phases=(Phase.explicit, Phase.generate),
)  # fmt: skip
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dondoc"))

NEW_MAILBOX = count(1)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """With NO_SKIPS (`.ci/run`) a skipped test is a failure: everything must have run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("NO_SKIPS") and reporter and reporter.stats.get("skipped"):
        reporter.write_line("\nNO_SKIPS: a skipped test counts as failed", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What campaigns have measured, with their seeds, in whatever process they ran."""
    reports = [report for its in terminalreporter.stats.values() for report in its]
    told = [
        str(value)
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == "figures"
    ]
    if told:
        terminalreporter.section("figures")
        for line in told:
            terminalreporter.write_line(line)


@pytest.fixture(autouse=True, scope="session")
def bare_environment() -> Iterator[None]:
    """No settings of the machine's own reach the tests."""
    with patch.dict(os.environ):
        for name in list(os.environ):
            if name.startswith(("DONDOC_", "PREFECT_")):
                del os.environ[name]
        os.environ["DONDOC_LETTER__PDF"] = "false"  # LibreOffice takes seconds each time
        yield


@pytest.fixture(autouse=True, scope="session")
def validated_here() -> Iterator[None]:
    """Great Expectations is imported once, in the process of the tests; a test that wants it beside
    says so."""
    with patch.object(quality, "imported", lambda: True):
        yield


@pytest.fixture(autouse=True)
def same_environment(bare_environment: None) -> Iterator[None]:
    """What a test puts into the environment is gone after it."""
    with patch.dict(os.environ):
        yield


@pytest.fixture
def shown(
    request: pytest.FixtureRequest, record_property: Callable[..., None]
) -> Callable[..., None]:
    """Notes what a test has measured for docs/reliability.md, and prints it when all is over."""

    def show(area: str, fault: str, promise: str, figure: str, seed: int | None = None) -> None:
        day = f"{datetime.now(UTC):%Y-%m-%d}"
        Shown(area, fault, promise, figure, request.node.nodeid, day, seed).keep()
        seeded = f" (seed {seed})" if seed is not None else ""
        record_property("figures", f"{area}: {fault}: {figure}{seeded}")

    return show


class _Killed(BaseException):
    pass


@contextmanager
def killed_at(owner: object, name: str) -> Iterator[None]:
    """Whatever runs in the block dies when it comes to that function."""
    with patch.object(owner, name, side_effect=_Killed), pytest.raises(_Killed):
        yield


# --- workspaces, each played once and then copied -----------------------------------------------


@pytest.fixture(scope="session")
def opened_once(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = create(tmp_path_factory.mktemp("opened") / "w", Ministry(4))
    workspace.done("open", PERIOD, today=OPENING)
    return workspace


@pytest.fixture(scope="session")
def collected_once(opened_once: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = _copy(opened_once, tmp_path_factory.mktemp("collected") / "w")
    for unit in workspace.ministry.units[:-1]:
        workspace.submit(unit)
    workspace.done("collect", PERIOD, today=OPENING)
    return workspace


@pytest.fixture(scope="session")
def reported_once(collected_once: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = _copy(collected_once, tmp_path_factory.mktemp("reported") / "w")
    workspace.done("report", PERIOD)
    return workspace


def _copy(workspace: Workspace, path: Path) -> Workspace:
    shutil.copytree(workspace.path, path)
    return Workspace(path, workspace.ministry)


@pytest.fixture
def opened(opened_once: Workspace, tmp_path: Path) -> Workspace:
    """Four units with their forms, nothing in the inbox."""
    return _copy(opened_once, tmp_path / "w")


@pytest.fixture
def collected(collected_once: Workspace, tmp_path: Path) -> Workspace:
    """Three of four units have reported, DV02 low, DV04 has not."""
    return _copy(collected_once, tmp_path / "w")


@pytest.fixture
def reported(reported_once: Workspace, tmp_path: Path) -> Workspace:
    """The same after `report`."""
    return _copy(reported_once, tmp_path / "w")


@dataclass(frozen=True)
class Demo:
    """What `dondoc demo` left, to be read or copied, and what it printed."""

    workspace: Path
    output: str


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The main job, played once for however many processes run the tests: it takes a minute.
    Whoever comes while another plays it waits."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    workspace, printed = shared / "demo", shared / "demo.txt"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not printed.exists():
            done = subprocess.run(
                [sys.executable, "-m", "dondoc", "demo", workspace],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            printed.write_text(done.stdout, "utf-8")
    return Demo(workspace, printed.read_text("utf-8"))


@pytest.fixture(scope="session")
def launcher(
    bare_environment: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[launched.Launcher]:
    """Where processes of the command line are started, and may be killed."""
    with launched.launcher(tmp_path_factory.mktemp("launched")) as started:
        yield started


@pytest.fixture(scope="session")
def stages() -> dict[str, Stage]:
    """What was played already, by database."""
    return {}


@pytest.fixture(params=["sqlite", "postgresql"])
def stage(
    request: pytest.FixtureRequest,
    launcher: launched.Launcher,
    stages: dict[str, Stage],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Stage:
    """Workspaces at points of the month, on each database."""
    kind = str(request.param)
    server = request.getfixturevalue("postgres") if kind == "postgresql" else None
    if server:
        monkeypatch.setenv("PATH", str(programs_of(f"{server}/postgres")), prepend=os.pathsep)
    if kind not in stages:
        stages[kind] = Stage(kind, launcher, tmp_path_factory.mktemp(kind), server)
    return stages[kind]


# --- an outbox alone ----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return outboxes.blank(tmp_path_factory.mktemp("blank"))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> outboxes.Clock:
    """The database's, by our hand; and no chance in what waits."""
    its = outboxes.Clock()
    monkeypatch.setattr(outbox, "clock", its)
    monkeypatch.setattr("random.random", lambda: 0.0)
    return its


@pytest.fixture
def desk(blank: Path, tmp_path: Path, clock: outboxes.Clock) -> Iterator[Desk]:
    shutil.copytree(blank, tmp_path / "w")
    with outboxes.desk_at(tmp_path / "w") as its:
        yield its


# --- servers ------------------------------------------------------------------------------------


@pytest.fixture
def postbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    """A mail server that records, and the settings that lead to it."""
    with Postbox() as box:
        for name, value in box.settings().items():
            monkeypatch.setenv(name, value)
        yield box


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL, up to the database's name."""
    with postgresql.running(tmp_path_factory.mktemp("pg"), durable=False) as address:
        yield address


@pytest.fixture
def new_database(postgres: str) -> str:
    """The address of an empty PostgreSQL database."""
    return postgresql.new(postgres)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The test once on each database; only the environment tells them apart."""
    if request.param == "postgresql":
        monkeypatch.setenv("DONDOC_DATABASE_URL", request.getfixturevalue("new_database"))
    return str(request.param)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[imap.Dovecot]:
    """Debian's Dovecot, where it is installed."""
    if not imap.DOVECOT:
        pytest.skip("Dovecot is not installed: apt-get install dovecot-imapd")
    with imap.dovecot() as server:
        yield server


@pytest.fixture(params=["own", "dovecot"])
def box(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[imap.Box]:
    """The test once on each mailbox, and the settings that lead to it."""
    if request.param == "own":
        with imap.own_box(tmp_path) as mailbox:
            yield _leading_to(mailbox, monkeypatch)
    else:
        server: imap.Dovecot = request.getfixturevalue("dovecot")
        yield _leading_to(server.box(f"hop-thu-{next(NEW_MAILBOX)}@ubdt.vn"), monkeypatch)


@pytest.fixture
def own_box(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[imap.Box]:
    """A mailbox that can be told to misbehave, and the settings that lead to it."""
    with imap.own_box(tmp_path) as mailbox:
        yield _leading_to(mailbox, monkeypatch)


def _leading_to(box: imap.Box, monkeypatch: pytest.MonkeyPatch) -> imap.Box:
    for name, value in box.settings().items():
        monkeypatch.setenv(name, value)
    return box
