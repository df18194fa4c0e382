"""The systemd units: as systemd takes them, and against what dondoc itself offers."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from cronsim import CronSim

import dondoc

HOUSE = Path(__file__).parents[1]
UNITS = HOUSE / "deploy" / "systemd"
PROGRAM = "/opt/dondoc/.venv/bin/dondoc"
TIMERS = sorted(path.name for path in UNITS.glob("*.timer"))
UNITS_STARTED = [
    "dondoc-serve.service",
    *(name.replace(".timer", ".service") for name in TIMERS),
]
SCHEDULED = {
    one["name"]: one["schedules"][0]
    for one in yaml.safe_load((HOUSE / "prefect.yaml").read_text("utf-8"))["deployments"]
    if "schedules" in one
}
FLOWS = {"open": "open-period", "report": "monthly-report"}
"""Commands that are called otherwise than their flow."""
BEGIN = datetime(2022, 1, 30, tzinfo=UTC)

Analyze = Callable[..., subprocess.CompletedProcess[str]]


def file_of(unit: str) -> tuple[Path, str]:
    """The file of a unit, and its instance where the file is a template."""
    name, _, instance = unit.removesuffix(".service").partition("@")
    return UNITS / (f"{name}@.service" if instance else unit), instance


def told(path: Path, key: str) -> list[str]:
    """The values of a key in a unit's file, in order."""
    return re.findall(rf"^{key}=(.*)$", path.read_text("utf-8"), re.MULTILINE)


def calls(unit: str) -> list[list[str]]:
    """The words after `dondoc` in all that the unit starts; a shell's command is taken apart."""
    path, instance = file_of(unit)
    words = [shlex.split(line.replace("%i", instance)) for line in told(path, "ExecStart")]
    inner = [
        shlex.split(re.sub(r"\$\(.*?\)", "DAY", line[-1])) if line[0] == "/bin/sh" else line
        for line in words
    ]
    return [line[line.index(PROGRAM) + 1 :] for line in inner]


@pytest.fixture
def analyze(tmp_path: Path) -> Analyze:
    """systemd-analyze, where it is installed; the units lie where it looks, started from here."""
    if not (program := shutil.which("systemd-analyze")):
        pytest.skip("systemd-analyze (apt-get install systemd) is not installed")
    shutil.copytree(UNITS, tmp_path / "units")
    for path in (tmp_path / "units").rglob("*.*"):
        if path.is_file():
            text = path.read_text("utf-8")
            path.write_text(text.replace(PROGRAM, str(Path(sys.executable).with_name("dondoc"))))
    environment = os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}/units:", "TZ": "UTC"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *arguments], env=environment, capture_output=True, text=True, check=False
        )

    return run


def test_systemd_takes_every_unit(analyze: Analyze, tmp_path: Path) -> None:
    every = [*UNITS_STARTED, *TIMERS, "dondoc.target"]
    checked = analyze("verify", "--man=no", *every)
    assert (checked.returncode, checked.stderr) == (0, "")
    with (tmp_path / "units" / "dondoc-serve.service").open("a") as file:  # it would have told
        file.write("[Service]\nRestartSecs=30\n")
    assert "RestartSecs" in analyze("verify", "--man=no", "dondoc-serve.service").stderr


@pytest.mark.parametrize("unit", UNITS_STARTED)
def test_no_service_may_do_more_than_it_needs(analyze: Analyze, tmp_path: Path, unit: str) -> None:
    """By systemd's own score, 0 for what is shut in to 10."""
    score = ("security", "--offline=yes", "--no-pager", "--threshold=20", unit)  # 2.0 of 10
    exposed = analyze(*score)
    assert exposed.returncode == 0, exposed.stdout
    shutil.rmtree(tmp_path / "units" / "dondoc-.service.d")
    assert analyze(*score).returncode


@pytest.mark.parametrize("unit", UNITS_STARTED)
def test_each_unit_starts_a_command_that_dondoc_has(unit: str) -> None:
    ((command, *words),) = calls(unit)
    assert words[-2:] == ["--workspace", "/srv/dondoc/ubdt"]
    dondoc.app.parse_args([command, *words], print_error=False, exit_on_error=False)


@pytest.mark.parametrize("flow", SCHEDULED)
def test_each_schedule_of_the_server_has_a_timer_at_the_same_instants(
    analyze: Analyze, flow: str
) -> None:
    command = {flow: command for command, flow in FLOWS.items()}.get(flow, flow)
    timer = UNITS / f"dondoc-run@{command}.timer"
    assert told(timer, "WantedBy") == told(timer, "PartOf") == ["dondoc.target"]
    assert told(timer, "Persistent") == ["yes"]  # what a night without power missed is made up for
    schedule = SCHEDULED[flow]
    begin = BEGIN.astimezone(ZoneInfo(schedule["timezone"]))
    expected = [one.astimezone(UTC) for one in islice(CronSim(schedule["cron"], begin), 200)]
    (calendar,) = told(timer, "OnCalendar")
    base = f"--base-time={BEGIN:%Y-%m-%d %H:%M:%S} UTC"
    shown = analyze("calendar", "--iterations=200", base, calendar).stdout
    found = re.findall(r"(?:elapse|#\d+): \w+ ([\d-]+ [\d:]+) UTC", shown)
    assert [datetime.fromisoformat(f"{one}+00:00") for one in found] == expected


def test_the_timers_are_those_of_the_schedules_and_the_backup() -> None:
    commands = {calls(timer.replace(".timer", ".service"))[0][0] for timer in TIMERS}
    assert {FLOWS.get(command, command) for command in commands} == {*SCHEDULED, "backup"}


def test_a_server_and_the_timers_are_never_at_work_together() -> None:
    assert told(UNITS / "dondoc-serve.service", "Conflicts") == ["dondoc.target"]
    assert told(UNITS / "dondoc.target", "Conflicts") == ["dondoc-serve.service"]


def test_no_secret_stands_in_a_unit() -> None:
    for path in UNITS.rglob("*.*"):
        if path.is_file():
            assert not re.search(r"(?i)(password|secret)\s*=", path.read_text("utf-8")), path
