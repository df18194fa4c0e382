"""Flows as real runs on a Prefect server: they complete, are seen, and stay few."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from ministry import CLOSING, OPENING, PERIOD, Ministry, Workspace, create
from schemas.listening import Listening
from tasks.server import free_port, server

DONDOC = Path(sys.executable).with_name("dondoc")


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server(tmp_path_factory.mktemp("prefect"), Listening(port=free_port())) as url:
        yield url


def ask(api: str, what: str, **filters: Any) -> list[dict[str, Any]]:
    request = Request(
        f"{api}/{what}/filter",
        data=json.dumps(filters).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urlopen(request, timeout=30) as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return found


def run_on(api: str, workspace: Workspace, *arguments: object) -> dict[str, Any]:
    """Run a command with the server around; the flow run that it made."""
    known = {run["id"] for run in ask(api, "flow_runs")}
    ran = subprocess.run(
        [DONDOC, *map(str, arguments), "--workspace", workspace.path, "--json"],
        capture_output=True, text=True, check=False, timeout=120,
        env=os.environ | {"PREFECT_API_URL": api},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    json.loads(ran.stdout)  # the machine's answer is as clean with a server as without
    (run,) = [one for one in ask(api, "flow_runs") if one["id"] not in known]
    return run


def tasks_of(api: str, run: dict[str, Any]) -> list[str]:
    found = ask(api, "task_runs", flow_runs={"id": {"any_": [run["id"]]}})
    assert {task["state_type"] for task in found} == {"COMPLETED"}
    return sorted(task["name"].rpartition("-")[0] for task in found)


def test_the_month_on_a_server_and_its_task_runs_do_not_grow_with_the_units(
    api: str, tmp_path: Path
) -> None:
    tasks: dict[int, dict[str, list[str]]] = {}
    for count in (4, 12):
        month = create(tmp_path / str(count), Ministry(count))
        month.done("open", PERIOD, today=OPENING)
        for unit in month.ministry.units[:-1]:
            month.submit(unit)
        tasks[count] = {}
        for command in ("collect", "report") if count == 4 else ("collect",):
            run = run_on(api, month, command, PERIOD, "--today", CLOSING)
            assert run["state_type"] == "COMPLETED"
            assert run["parameters"]["period"] == PERIOD
            tasks[count][command] = tasks_of(api, run)
            artifacts = ask(api, "artifacts", flow_runs={"id": {"any_": [run["id"]]}})
            shown = {artifact["key"]: artifact for artifact in artifacts}
            table = json.loads(shown[f"units-{PERIOD}"]["data"])
            assert len(table) == count
            assert table[0]["Đơn vị"] == "DV01 - Văn phòng Ủy ban"
            assert table[-1]["Tình trạng"] == "Chưa gửi"
            assert f"flags-{PERIOD}" in shown
            assert (f"collected-{PERIOD}" in shown) == (command == "collect")
            if command == "collect":
                taken = json.loads(shown[f"collected-{PERIOD}"]["data"])
                assert [row["Đơn vị"] for row in taken] == month.ministry.units[:-1]
                assert {row["Tình trạng"] for row in taken} == {"Đã tiếp nhận"}
            assert (f"documents-{PERIOD}" in shown) == (command == "report")
        with sqlite3.connect(month.path / "dondoc.db") as database:
            runs = database.execute("select flow, outcome from run order by id").fetchall()
        database.close()
        flows = ["open-period", "collect", "monthly-report"][: 1 + len(tasks[count])]
        assert runs == [(flow, "done") for flow in flows]
    assert tasks[4]["collect"] == tasks[12]["collect"]
    assert tasks[4]["collect"]
    assert tasks[4]["report"]


def test_a_run_that_fails_says_so_on_the_server_and_in_its_row(api: str, tmp_path: Path) -> None:
    month = create(tmp_path / "w", Ministry(1))
    month.done("open", PERIOD, today=OPENING)
    known = {run["id"] for run in ask(api, "flow_runs")}
    ran = subprocess.run(
        [DONDOC, "deliver", "--workspace", month.path, "--today", str(OPENING)],
        capture_output=True, text=True, check=False, timeout=120,
        env=os.environ | {"PREFECT_API_URL": api},
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (2, "")
    assert len(ran.stderr.splitlines()) == 1
    assert "mail.host" in ran.stderr
    (run,) = [one for one in ask(api, "flow_runs") if one["id"] not in known]
    assert run["state_type"] == "FAILED"
    with sqlite3.connect(month.path / "dondoc.db") as database:
        ((flow, outcome),) = database.execute("select flow, outcome from run where id > 1")
    database.close()
    assert flow == "deliver"
    assert outcome.startswith("refused: ")
    assert "mail.host" in outcome
    assert {r["state"] for r in month.outbox()} == {"approved"}
