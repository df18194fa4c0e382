"""Several Prefect workers on one pool, as on several machines: who is free fetches the next run."""

import json
import os
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tasks.server import POOL

_HOUSE = Path(__file__).parents[1]
_PREPARE = """
import os, sys
from pathlib import Path
from tasks.deployments import register
from tasks.server import POOL, _run, prepare
prepare(Path(sys.argv[1]))
_run("work-pool", "create", POOL, "--type", "process", "--overwrite", environment=os.environ)
register(Path(sys.argv[1]))
"""
"""As `dondoc serve` does."""
_BUSY = 503
"""Prefect's own database is locked for the moment."""
_ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


@dataclass(frozen=True)
class Fetched:
    """Runs that the workers fetch."""

    url: str
    auth: str
    logs: tuple[Path, ...]
    """Of each worker."""

    def run(self, *flows: str, **parameters: str) -> float:
        """These flows at once, to their ends; the seconds that it took."""
        began = time.perf_counter()
        made = [self._made(flow, parameters) for flow in flows]
        for one in made:
            while (state := self._ask(f"flow_runs/{one}")["state_type"]) not in _ENDED:
                time.sleep(0.1)
            if state != "COMPLETED":
                raise SystemExit(f"{flows}: {self._ask(f'flow_runs/{one}')['state']}")
        return time.perf_counter() - began

    def fetchers(self) -> int:
        """How many of the workers have fetched any."""
        return sum("submitting flow run" in log.read_text() for log in self.logs)

    def _made(self, flow: str, parameters: dict[str, str]) -> str:
        deployment = self._ask(f"deployments/name/{flow}/{flow}")["id"]
        made = self._ask(f"deployments/{deployment}/create_flow_run", {"parameters": parameters})
        return str(made["id"])

    def _ask(self, what: str, body: Any = None) -> Any:
        authorized = f"Basic {b64encode(self.auth.encode()).decode()}"
        headers = {"Content-Type": "application/json", "Authorization": authorized}
        data = None if body is None else json.dumps(body).encode()
        while True:
            try:
                with urlopen(Request(f"{self.url}/{what}", data, headers), timeout=60) as answer:
                    return json.load(answer)
            except HTTPError as error:
                if error.code != _BUSY:
                    raise
            time.sleep(0.5)


@contextmanager
def workers(workspace: Path, count: int) -> Iterator[Fetched]:
    """So many, while the block runs; the environment says on which server, and holds the settings
    that their runs need."""
    told = dict(os.environ) | {"PREFECT_HOME": str(workspace / ".prefect"), "DO_NOT_TRACK": "1"}
    told |= {"PREFECT_API_AUTH_STRING": told["DONDOC_SERVER_AUTH"]}
    told |= {"PREFECT_WORKER_QUERY_SECONDS": "1", "PREFECT_LOGGING_LEVEL": "INFO"}
    subprocess.run([sys.executable, "-c", _PREPARE, workspace], check=True, env=told, cwd=_HOUSE)
    logs = tuple(workspace.with_name(f"worker-{number}.log") for number in range(count))
    with ExitStack() as stack:
        for log in logs:
            out = stack.enter_context(log.open("wb"))
            one = subprocess.Popen(
                [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL,
                 "--type", "process", "--limit", "1"],
                env=told, cwd=_HOUSE, stdout=out, stderr=out,
            )  # fmt: skip
            stack.callback(one.wait)
            stack.callback(one.kill)  # it has no run any more, and asked to end may wait for ever
        while not all("started!" in log.read_text() for log in logs):
            time.sleep(0.1)
        yield Fetched(told["PREFECT_API_URL"], told["DONDOC_SERVER_AUTH"], logs)
