"""A Dask cluster for tests, and commands that take everything for worth one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tasks.server import free_port

DASK = str(Path(sys.executable).with_name("dask"))
WITHOUT_PAGE = ("--no-dashboard", "--dashboard-address", "127.0.0.1:0")
PLAY = """
import json, os, signal, sys
import dondoc
from tasks import cluster, crew

crew.WORTH, cluster.ANSWER = 0, 1
ask = cluster.Cluster._ask


def ask_and_kill(self, told, batches):
    answers = ask(self, told, batches)
    if victim := os.environ.pop("VICTIM", ""):
        how, process = victim.split()
        os.kill(int(process), signal.Signals[how])
    return answers


cluster.Cluster._ask = ask_and_kill
for environment, command in json.loads(sys.argv[1]):
    os.environ.update(environment)
    sys.argv = ["dondoc", *command]
    try:
        dondoc.main()
    except SystemExit as ended:
        print(json.dumps(["ended", int(ended.code or 0)]), flush=True)
"""


@dataclass(frozen=True)
class Cluster:
    """A scheduler's address, and the processes of its workers, which nobody starts again."""

    address: str
    workers: tuple[int, ...]


@contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """Runs while the block does."""
    address = f"tcp://127.0.0.1:{free_port()}"
    scheduler = (DASK, "scheduler", "--host", address, *WITHOUT_PAGE)
    worker = (DASK, "worker", address, "--nthreads", "1", "--no-nanny", *WITHOUT_PAGE,
              "--local-directory", str(folder))  # fmt: skip
    with ExitStack() as stack:
        log = stack.enter_context((folder / "log").open("w"))
        started = []
        for command in (scheduler, *[worker] * workers):
            one = stack.enter_context(subprocess.Popen(command, stdout=log, stderr=log))
            stack.callback(one.kill)
            started.append(one.pid)
        yield Cluster(address, tuple(started[1:]))


def play(
    *steps: tuple[Mapping[str, str], Sequence[object]], environment: Mapping[str, str]
) -> tuple[list[int], str]:
    """Commands one after the other in a process of its own, each with what it adds to the
    environment (`VICTIM`: the signal for a process, and which, as soon as the workers were given
    something); what they came to, and what they said beside."""
    told = [(more, [str(word) for word in command]) for more, command in steps]
    ran = subprocess.run(
        [sys.executable, "-c", PLAY, json.dumps(told)],
        capture_output=True, text=True, check=False, timeout=240, env=os.environ | environment,
    )  # fmt: skip
    ended = [line for line in ran.stdout.splitlines() if line.startswith('["ended"')]
    return [json.loads(line)[1] for line in ended], ran.stderr
