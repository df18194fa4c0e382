"""The Prefect server is killed while a flow runs: the command given again finishes the month."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from ministry import CLOSING, OPENING, PERIOD, Ministry, Workspace, create
from schemas.listening import Listening
from tasks import server as server_of
from tasks.server import free_port, own_password, server

DONDOC = str(Path(sys.executable).with_name("dondoc"))


def runs(month: Workspace, flow: str) -> list[tuple[str | None]]:
    with sqlite3.connect(month.path / "dondoc.db") as database:
        found = database.execute("SELECT outcome FROM run WHERE flow = ?", (flow,)).fetchall()
    database.close()
    return found


@pytest.mark.soak
def test_the_month_is_finished_by_the_command_given_again(
    tmp_path: Path, shown: Callable[..., None]
) -> None:
    month = create(tmp_path / "w", Ministry(2))
    month.done("open", PERIOD, today=OPENING)
    for unit in month.ministry.units:
        month.submit(unit)
    started: list[subprocess.Popen[bytes]] = []
    start = server_of._start

    def noted(*arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        started.append(start(*arguments, **options))
        return started[-1]

    command = [DONDOC, "collect", PERIOD, "--workspace", str(month.path), "--today", str(CLOSING)]
    listening = Listening(port=free_port())
    with patch.object(server_of, "_start", noted), server(tmp_path / "prefect", listening) as url:
        auth = own_password(tmp_path / "prefect").read_text()
        running = subprocess.Popen(
            command, env=os.environ | {"PREFECT_API_URL": url, "DONDOC_SERVER_AUTH": auth,
                                       "PREFECT_CLIENT_MAX_RETRIES": "1"},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        while not runs(month, "collect"):
            assert running.poll() is None, running.communicate()
            time.sleep(0.05)
        os.killpg(started[0].pid, signal.SIGKILL)
        began = time.monotonic()
        out, err = running.communicate(timeout=300)
        seconds = time.monotonic() - began
    assert (running.returncode, out) == (2, "")
    assert f"Máy chủ Prefect {url} ngừng trả lời giữa chừng" in err
    again = month("collect", PERIOD)
    assert again.status == 0, again.err
    assert {unit["state"] for unit in month.units().values()} == {"accepted"}
    assert all(unit["rate"] for unit in month.units().values())
    month.done("report", PERIOD)
    assert month("verify").status == 0
    shown(
        "runs", "the Prefect server killed while collect runs on it",
        "the command ends, and given again it finishes the month",
        f"it ended with its sentence after {seconds:.0f} s; then collect and report "
        "finished, lost 0, doubled 0",
    )  # fmt: skip
