"""Starts processes of this program beside this one: each speaks with us over a pipe, and ends when
that does."""

import subprocess
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection, Pipe
from pathlib import Path


def started(
    module: str, *bounds: int, environment: Mapping[str, str] | None = None
) -> tuple[Connection, subprocess.Popen[bytes]]:
    """Our end of the pipe, and the process that runs the module's `serve`: it finds the number of
    its own end and the bounds among its arguments."""
    ours, theirs = Pipe()
    house = str(Path(__file__).parents[1])
    code = f"import sys; sys.path.insert(0, {house!r}); import {module} as m; m.serve()"
    process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
        [sys.executable, "-I", "-c", code, *map(str, (theirs.fileno(), *bounds))],
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        env=environment,
    )
    theirs.close()
    return ours, process
