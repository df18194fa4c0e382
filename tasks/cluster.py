"""Touches Dask: pieces of a run go to the workers of a scheduler, on however many machines; each
batch is a task of the run on Prefect's page."""

import logging
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from contextvars import copy_context
from functools import cached_property, partial
from importlib.util import find_spec
from threading import Lock
from typing import Any
from urllib.parse import urlsplit
from zlib import compress, decompress

from schemas.errors import DondocError
from schemas.settings import LOCAL
from schemas.texts import say
from tasks.crew import UNDONE, ready
from tasks.lock import lock

log = logging.getLogger("dondoc")

SHARES = 4
"""Batches for each thread of a worker, so that one that is slow or lost costs little."""
ANSWER = 10
"""Seconds in which a scheduler must answer."""
LOOK = 2
"""Seconds after which who waits looks whether there is a worker at all."""

Told = tuple[bytes, ...]
"""Work, wording and the parts of what all batches share, as `crew.ready` hears them."""


def around(address: str) -> "Cluster | None":
    """The cluster of that scheduler for the flow run that is around; None where no scheduler is
    named, or no run on a Prefect server is around: without one each Dask worker would start a
    server of its own."""
    context = sys.modules.get("prefect.context")
    if not address or context is None or context.FlowRunContext.get() is None:
        return None
    return Cluster(address)


def look(address: str) -> None:
    """Raises DondocError where Dask is missing, or nothing listens at the scheduler's address."""
    if find_spec("prefect_dask") is None:
        raise DondocError(say("cluster.not-installed"))
    its = urlsplit(address)
    if address == LOCAL:
        return
    try:
        socket.create_connection((its.hostname, its.port), timeout=ANSWER).close()
    except OSError as error:
        raise DondocError(say("cluster.unreachable", address=address)) from error


class Cluster:
    """The workers of a Dask scheduler, for one flow run."""

    def __init__(self, address: str) -> None:
        self._address = address
        # the flow's: what goes to Dask is pickled with its context, and a step's holds a desk
        self._flow = copy_context()
        self._open = ExitStack()
        self.lost = False
        """Whether scheduler or workers were lost in mid-run: nothing more is asked of them."""

    @cached_property
    def _runner(self) -> Any:
        """Prefect's task runner, connected. Raises DondocError where there is no scheduler."""
        try:
            import dask  # noqa: PLC0415
            from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415 - a second
        except ImportError as error:
            raise DondocError(say("cluster.not-installed")) from error
        _be_quiet()
        dask.config.set({"distributed.comm.timeouts.connect": f"{ANSWER}s"})
        # a dossier is as large as it is
        dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GiB"})
        runner = self._open.enter_context(DaskTaskRunner(**_options(self._address)))
        try:
            _ = runner.client  # which connects
        except (OSError, TypeError) as error:  # TypeError: `tls://`, and no certificate is named
            raise DondocError(say("cluster.unreachable", address=self._address)) from error
        return runner

    @cached_property
    def batches(self) -> int:
        """Into how many what is to be done is split: by the workers, not by how much there is.
        Raises DondocError where the scheduler does not answer."""
        return SHARES * max(1, self._flow.run(self._threads))

    def _threads(self) -> int:
        return sum(self._runner.client.nthreads().values())

    def ask(self, told: Told, batches: Sequence[bytes]) -> list[Callable[[], bytes]]:
        """Have the workers do these batches; what is given back waits for its answer, which is
        UNDONE where none came of it, for whatever reason."""
        try:
            return self._flow.run(self._ask, told, batches)
        except Exception as error:
            self._lose(error)
            return [lambda: UNDONE] * len(batches)

    def _ask(self, told: Told, batches: Sequence[bytes]) -> list[Callable[[], bytes]]:
        from prefect import task  # noqa: PLC0415
        from prefect.cache_policies import NO_CACHE  # noqa: PLC0415

        batch = task(name=told[0].decode(), cache_policy=NO_CACHE, persist_result=False)(_do)
        # once for all batches of a worker, and made anew where the worker that has it is lost
        whole = compress(b"\0".join(told), 1)
        shared = self._runner.client.submit(_Shared, lock(), whole, pure=False)
        futures = [
            self._runner.submit(batch, {"shared": shared, "items": items}) for items in batches
        ]
        return [partial(self._flow.run, self._answer, one) for one in futures]

    def _answer(self, future: Any) -> bytes:
        its = future.wrapped_future
        answer: bytes = UNDONE
        try:
            while not self.lost and its.status == "pending":
                future.wait(LOOK)
                self.lost = not its.done() and not self._threads()
            if not self.lost:
                answer = future.result()
            its.release()  # or it would be done again where the worker that has it is lost
        except Exception as error:
            self._lose(error)
        return answer

    def _lose(self, error: Exception) -> None:
        """What was asked is done by who asks; where scheduler or workers are gone, all that follows
        too."""
        log.warning("Dask left a batch undone: %s", type(error).__name__)
        self.lost = True
        with suppress(Exception):
            self.lost = not self._threads()

    def leave(self) -> None:
        """Let the workers go; those of a cluster of this machine's own end."""
        with suppress(Exception):  # what a lost scheduler says of it
            self._flow.run(self._open.close)


def _options(address: str) -> dict[str, Any]:
    if address != LOCAL:
        return {"address": address, "client_kwargs": {"timeout": ANSWER}}
    cores = len(os.sched_getaffinity(0))
    # with certificates of its own: else every user of the machine could run what he likes as us
    its = {
        "n_workers": cores,
        "threads_per_worker": 1,
        "dashboard_address": "127.0.0.1:0",
        "security": True,
    }
    return {"cluster_kwargs": its | {"silence_logs": logging.CRITICAL}}


def _be_quiet() -> None:
    """Our own sentence says what is wrong."""
    for name in ("distributed", "distributed.client", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


# --- on a worker --------------------------------------------------------------------------------

_ONE_AT_A_TIME = Lock()
"""A process speaks one wording, and works are not made for threads."""


class _Shared:
    """What all batches of a work share; on each worker made ready once, and gone with the run. Not
    a dataclass, for Prefect looks into these."""

    def __init__(self, asked_by: Mapping[str, str], whole: bytes) -> None:
        self._asked_by, self._whole = asked_by, whole

    def __reduce__(self) -> Any:
        return _Shared, (self._asked_by, self._whole)

    @cached_property
    def do(self) -> Callable[[bytes], bytes]:
        """What does its batches; none where what makes documents is another here than where they
        are asked for, for the bytes might be others."""
        if differing := [name for name, its in lock().items() if self._asked_by.get(name) != its]:
            log.warning("nothing is done here: %s are not as where it is asked", differing)
            return lambda _: UNDONE
        return ready(*decompress(self._whole).split(b"\0"))  # JSON has no such sign


def _do(shared: _Shared, items: bytes) -> bytes:
    with _ONE_AT_A_TIME:
        return shared.do(items)
