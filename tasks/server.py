"""Touches Prefect's processes: which server to talk to, and one machine's server and worker."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from schemas.errors import DondocError
from tasks.deployments import REPOSITORY, register

HOME = ".prefect"
"""Prefect's own folder in the workspace: its database is never the product's."""

POOL = "dondoc"
START_TIMEOUT = 120
"""Seconds that a server may take to answer: 15 to 30 on a slow machine (docs/decisions)."""


def prepare(workspace: Path) -> str | None:
    """Set the environment that Prefect reads when it is imported; the address of the running
    server that `PREFECT_API_URL` names or `dondoc serve` left, None where there is none.

    Raises DondocError where the named server does not answer: no run may go unseen by mistake.
    """
    named = os.environ.get("PREFECT_API_URL")
    url = named or _left_by_serve(workspace)
    if named and not _answers(named):
        raise DondocError(
            f"Máy chủ Prefect {named} không trả lời; hãy khởi động lại, hoặc bỏ PREFECT_API_URL."
        )
    os.environ.update(_quiet(workspace))
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")  # our own sentence says it
    if url:
        os.environ["PREFECT_API_URL"] = url
    return url


def free_port() -> int:
    """A port on the loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _quiet(workspace: Path) -> dict[str, str]:
    """No telemetry, no server started by accident, everything in the workspace."""
    return {
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_HOME": str(workspace.resolve() / HOME),
        "PREFECT_LOGGING_EXTRA_LOGGERS": "dondoc",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",  # a plain run has none
    }


def _left_by_serve(workspace: Path) -> str | None:
    try:
        url = json.loads(_note(workspace).read_text())["url"]
    except (OSError, ValueError, KeyError):
        return None
    return url if _answers(url) else None


def _note(workspace: Path) -> Path:
    return workspace.resolve() / HOME / "server.json"


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/health", timeout=5) as answer:  # noqa: S310 - the address is ours
            return answer.status == 200  # type: ignore[no-any-return]
    except (URLError, OSError, ValueError):
        return False


def schedules(url: str) -> int:
    """How many active schedules of ours that server has."""
    request = Request(  # noqa: S310 - the address is ours
        f"{url}/deployments/filter", data=b"{}", headers={"Content-Type": "application/json"}
    )
    with urlopen(request, timeout=10) as answer:  # noqa: S310
        deployments = json.load(answer)
    ours = [d for d in deployments if d["work_pool_name"] == POOL and not d["paused"]]
    return sum(s["active"] for d in ours for s in d["schedules"])


@contextmanager
def server(workspace: Path, port: int) -> Iterator[str]:
    """A Prefect server on the loopback for as long as the block runs; its API's address."""
    url = f"http://127.0.0.1:{port}/api"
    if _answers(url):
        raise DondocError(
            f"Cổng {port} đã có máy chủ Prefect khác; hãy chọn cổng khác bằng --port."
        )
    # the server runs no flow: passwords are the worker's business
    ours = {k: v for k, v in os.environ.items() if not k.startswith("DONDOC_")}
    environment = ours | _quiet(workspace) | {
        "PREFECT_API_URL": url,
        "PREFECT_UI_API_URL": url,
        "PREFECT_LOGGING_LEVEL": "WARNING",
    }  # fmt: skip
    home = workspace.resolve() / HOME
    home.mkdir(parents=True, exist_ok=True)
    with (home / "server.log").open("ab") as log:
        process = _start("server", "start", "--host", "127.0.0.1", "--port", str(port),
                         environment=environment, log=log.fileno())  # fmt: skip
        try:
            _wait(process, url, home / "server.log")
            _note(workspace).write_text(json.dumps({"url": url}))
            yield url
        finally:
            _note(workspace).unlink(missing_ok=True)
            _stop(process)


@dataclass(frozen=True)
class Serving:
    """What runs on this machine."""

    url: str
    worker: subprocess.Popen[bytes]

    @property
    def page(self) -> str:
        """The address of Prefect's page."""
        return self.url.removesuffix("/api")

    def watch(self) -> None:
        """Return when asked to stop; raises DondocError as soon as a part of it died."""
        with suppress(KeyboardInterrupt):
            while self.worker.poll() is None and _answers(self.url):
                time.sleep(2)
            raise DondocError(
                "Máy chủ Prefect hoặc tiến trình thực thi đã dừng; xem .prefect/*.log."
            )


@contextmanager
def serving(workspace: Path, port: int) -> Iterator[Serving]:
    """Server, deployments with their schedules, and a worker, while the block runs; a request to
    stop (Ctrl+C, systemd) ends the block and all of them."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with server(workspace, port) as url:
        prepare(workspace)
        environment = dict(os.environ) | {"PREFECT_LOGGING_LEVEL": "INFO"}
        _run("work-pool", "create", POOL, "--type", "process", "--overwrite",
             environment=environment)  # fmt: skip
        register(workspace.resolve())
        with (workspace.resolve() / HOME / "worker.log").open("ab") as log:
            worker = _start("worker", "start", "--pool", POOL, "--type", "process",
                            environment=environment, log=log.fileno())  # fmt: skip
            try:
                yield Serving(url, worker)
            finally:
                _stop(worker)


def _command(arguments: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "prefect", *arguments]


def _start(*arguments: str, environment: Mapping[str, str], log: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
        _command(arguments),
        env=environment,
        stdout=log,
        stderr=log,
        stdin=subprocess.DEVNULL,
        cwd=REPOSITORY,
        start_new_session=True,
    )


def _run(*arguments: str, environment: Mapping[str, str]) -> None:
    done = subprocess.run(  # noqa: S603 - our own interpreter and arguments
        _command(arguments), env=environment, capture_output=True, text=True, cwd=REPOSITORY,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    if done.returncode:
        raise DondocError(f"Prefect không nhận '{' '.join(arguments[:2])}': {done.stdout[-500:]}")


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while not _answers(url):
        if process.poll() is not None or time.monotonic() > deadline:
            raise DondocError(f"Máy chủ Prefect không khởi động được; xem {log}.")
        time.sleep(0.25)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
