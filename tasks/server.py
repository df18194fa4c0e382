"""Touches Prefect's processes: which server to talk to, and one machine's server and worker."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from schemas.errors import DondocError
from schemas.listening import Listening
from schemas.secrets import CREDENTIALS, secret
from schemas.settings import LOOPBACK
from schemas.texts import say
from tasks.archive import write_whole
from tasks.deployments import REPOSITORY, register

HOME = ".prefect"
"""Prefect's own folder in the workspace: its database is never the product's."""

POOL = "dondoc"
_NO_SUCH = 404
_LISTENS = "0A"
"""The state of a socket that listens, in the kernel's table."""
_LOOPBACKS = (
    "0100007F",
    "00000000000000000000000001000000",
    "0000000000000000FFFF00000100007F",
)
"""127.0.0.1, ::1 and ::ffff:127.0.0.1, as it writes them."""
_AUTH = "PREFECT_API_AUTH_STRING"
"""Where Prefect's clients look for `user:password`."""
_SERVERS_AUTH = "PREFECT_SERVER_API_AUTH_STRING"

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
    if auth := _asked_by(url, workspace):
        os.environ[_AUTH] = auth  # the one place where Prefect's client looks
    if url:
        os.environ["PREFECT_API_URL"] = url
    return url


@contextmanager
def relied_on(url: str | None) -> Iterator[None]:
    """Raises DondocError in the place of a fault within the block that comes of a server, if one is
    used, which does not answer any more, or does not let us in."""
    try:
        yield
    except DondocError:
        raise
    except Exception as error:
        if url and not _answers(url):
            raise DondocError(say("server.gone", url=url)) from error
        if url:
            _ask(url, "deployments/filter")  # which says so where it is refused
        raise


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
    url = _noted(workspace)
    return url if url and _answers(url) else None


def _noted(workspace: Path) -> str | None:
    """The address of the workspace's own server, which may have died."""
    try:
        return str(json.loads(_note(workspace).read_text())["url"])
    except (OSError, ValueError, KeyError):
        return None


def _note(workspace: Path) -> Path:
    return workspace.resolve() / HOME / "server.json"


def own_password(workspace: Path) -> Path:
    """Where the server of that workspace keeps the password that it made."""
    return workspace.resolve() / HOME / "server.auth"


def _asked_by(url: str | None, workspace: Path) -> str | None:
    """The `user:password` for that server, where it is known: as set, or what the workspace's own
    server made, which no other one is told."""
    if auth := secret("server_auth"):
        return auth.get_secret_value()
    if url is None or url != _noted(workspace):
        return None
    try:
        return own_password(workspace).read_text()
    except OSError:
        return None


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/health", timeout=5) as answer:  # noqa: S310 - the address is ours
            return answer.status == 200  # type: ignore[no-any-return]
    except (URLError, OSError, ValueError):
        return False


def schedules(url: str) -> set[str]:
    """The flows that have an active schedule of ours on that server."""
    deployments = _ask(url, "deployments/filter")
    ours = [d for d in deployments if d["work_pool_name"] == POOL and not d["paused"]]
    return {d["name"] for d in ours if any(s["active"] for s in d["schedules"])}


def left_behind(workspace: Path) -> bool:
    """Whether `dondoc serve` ended without putting its things away."""
    return _note(workspace).exists() and _left_by_serve(workspace) is None


def worker_alive(url: str) -> bool:
    """Whether a worker of ours has said lately that it lives."""
    workers = _ask(url, f"work_pools/{POOL}/workers/filter")
    return any(one["status"] == "ONLINE" for one in workers)


def lets_anybody_in(url: str) -> bool:
    """Whether that server answers who brings no password."""
    try:
        _ask(url, "deployments/filter", anonymous=True)
    except DondocError:
        return False
    return True


def _ask(url: str, what: str, *, anonymous: bool = False) -> list[dict[str, Any]]:
    """A list that the server's API has; raises DondocError where it does not give it."""
    headers = {"Content-Type": "application/json"}
    if (auth := os.environ.get(_AUTH)) and not anonymous:
        headers["Authorization"] = f"Basic {b64encode(auth.encode()).decode()}"
    request = Request(f"{url}/{what}", data=b"{}", headers=headers)  # noqa: S310 - the address is ours
    try:
        with urlopen(request, timeout=10) as answer:  # noqa: S310
            found: list[dict[str, Any]] = json.load(answer)
    except (OSError, ValueError) as error:
        if isinstance(error, HTTPError) and error.code == _NO_SUCH:
            return []  # nobody has laid out our pool of workers there
        raise DondocError(say("server.refused", url=url, reason=_reason(error))) from error
    return found


def _reason(error: Exception) -> str:
    return f"HTTP {error.code}" if isinstance(error, HTTPError) else type(error).__name__


def listening(workspace: Path, url: str) -> Listening:
    """Where the server of that address listens, as far as this machine can tell."""
    its = urlsplit(url)
    host, port = its.hostname or "", its.port or (443 if its.scheme == "https" else 80)
    if host not in LOOPBACK:
        return Listening(host, port, url if its.scheme == "https" else "")
    try:
        page = json.loads(_note(workspace).read_text()).get("page", "")
    except (OSError, ValueError):
        page = os.environ.get("PREFECT_UI_API_URL", "")
    return Listening("0.0.0.0" if _bound_beyond(port) else host, port, page)  # noqa: S104 - told, not bound


def _bound_beyond(port: int) -> bool:
    """Whether a socket of this machine listens on that port for other machines too; False where
    the system does not say."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                _, local, _, state, *_ = line.split()
                address, _, number = local.partition(":")
                if state == _LISTENS and int(number, 16) == port and address not in _LOOPBACKS:
                    return True
    return False


@contextmanager
def server(workspace: Path, where: Listening) -> Iterator[str]:
    """A Prefect server for as long as the block runs; its API's address. Raises DondocError where
    others could reach it and people's line were not encrypted.

    It asks for a password unless it is `open`: who reaches its API runs what he likes as the
    worker. Where none is set it is a new one at every start, so that whoever took the port while
    nothing of ours listened there has learned nothing that lasts."""
    url, auth = where.api, secret("server_auth")
    if where.beyond and not where.behind_tls:
        raise DondocError(say("server.no-tls", host=where.host))
    if _answers(url):
        raise DondocError(
            f"Cổng {where.port} đã có máy chủ Prefect khác; hãy chọn cổng khác bằng --port."
        )
    # the server runs no flow: passwords are the worker's business
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("DONDOC_", CREDENTIALS))}
    environment = ours | _quiet(workspace) | {
        "PREFECT_API_URL": url,
        "PREFECT_UI_API_URL": f"{where.address}/api",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": where.origins,
    }  # fmt: skip
    home = workspace.resolve() / HOME
    home.mkdir(parents=True, exist_ok=True)
    if auth:
        environment[_SERVERS_AUTH] = auth.get_secret_value()
    elif where.beyond or not where.open:
        environment[_SERVERS_AUTH] = f"dondoc:{secrets.token_urlsafe(32)}"
        write_whole(own_password(workspace), environment[_SERVERS_AUTH].encode())  # 0600
    with (home / "server.log").open("ab") as log:
        process = _start("server", "start", "--host", where.host, "--port", str(where.port),
                         environment=environment, log=log.fileno())  # fmt: skip
        try:
            _wait(process, url, home / "server.log")
            _note(workspace).write_text(json.dumps({"url": url, "page": where.page}))
            yield url
        finally:
            _note(workspace).unlink(missing_ok=True)
            own_password(workspace).unlink(missing_ok=True)
            _stop(process)


@dataclass(frozen=True)
class Serving:
    """What runs on this machine."""

    url: str
    page: str
    """The address of Prefect's page."""
    password: Path | None
    """The file with what the page asks for; None: what is set in DONDOC_SERVER_AUTH, or nothing."""
    worker: subprocess.Popen[bytes]

    @property
    def asks(self) -> str:
        """What its page asks for: `own-password`, `password` (as set) or `nothing`."""
        return (
            "own-password" if self.password else "password" if secret("server_auth") else "nothing"
        )

    def watch(self) -> None:
        """Return when asked to stop; raises DondocError as soon as a part of it died."""
        with suppress(KeyboardInterrupt):
            while self.worker.poll() is None and _answers(self.url):
                time.sleep(2)
            raise DondocError(
                "Máy chủ Prefect hoặc tiến trình thực thi đã dừng; xem .prefect/*.log."
            )


@contextmanager
def serving(workspace: Path, where: Listening) -> Iterator[Serving]:
    """Server, deployments with their schedules, and a worker, while the block runs; a request to
    stop (Ctrl+C, systemd) ends the block and all of them."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with server(workspace, where) as url:
        prepare(workspace)
        environment = dict(os.environ) | {"PREFECT_LOGGING_LEVEL": "INFO"}
        _run("work-pool", "create", POOL, "--type", "process", "--overwrite",
             environment=environment)  # fmt: skip
        register(workspace.resolve())
        with (workspace.resolve() / HOME / "worker.log").open("ab") as log:
            worker = _start("worker", "start", "--pool", POOL, "--type", "process",
                            environment=environment, log=log.fileno())  # fmt: skip
            try:
                own = own_password(workspace)
                password = own if own.exists() else None
                yield Serving(url, where.address, password, worker)
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
