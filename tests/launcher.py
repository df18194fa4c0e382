"""Runs commands of the command line, each in a fresh process that is forked from this one: without
the price of the imports, and dying where it is told to.

A line of JSON asks for one thing. `start` forks a process that runs `commands` (lists of arguments)
in `environment`, its output in the file `out`, and answers its number; `wait` answers the status of
the process `number` and how many of the processes that it had started live on without it.

`DONDOC_TEST_DIE` in the environment names fail points, `tasks.outbox.record:before:3`: the process
kills itself when it is about to call that function for the third time. `after`: when it returns
from there; `within`: when it has been given half of its last argument. Of several the first that it
comes to. A number 0 only counts. At which it died, or how often it passed each, stands as JSON in
`out`.passed.
"""

import ctypes
import gc
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from pkgutil import resolve_name
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

import dondoc
from ministry import PERIOD, Ministry, create, run

OURS = ("dondoc", "flows", "tasks", "rules", "reports", "schemas")
ADOPTS = 36  # PR_SET_CHILD_SUBREAPER: the children of a process that died become ours
PATIENCE = 60.0
"""Seconds that a dead process's own children have to end."""

ONLY: dict[str, Callable[..., bool]] = {
    "smtplib.SMTP.send": lambda _, said: isinstance(said, bytes),  # the message, not a command
}
"""Fail points that only some calls of a function are."""

passed = Counter[str]()
report = ""


def main() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(ADOPTS, 1, 0, 0, 0)
    _warm_up()
    gc.freeze()  # what is here stays shared with the children
    running: set[int] = set()
    _say("ready")
    for line in sys.stdin:
        told = json.loads(line)
        if told["do"] == "start":
            assert len(os.listdir("/proc/self/task")) == 1, "a fork would lose a thread's locks"  # noqa: PTH208
            number = os.fork()
            if not number:
                _run(told)
            running.add(number)
            _say(number)
        else:
            number = told["number"]
            status = os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
            running.remove(number)
            _say(json.dumps([status, 0 if running else _outliving()]))


def _warm_up() -> None:
    """Play a small month here: much is imported, parsed or drawn when it is first needed."""
    resolve_name("tqdm.tqdm").monitor_interval = 0  # Great Expectations' bars need no thread
    with TemporaryDirectory() as folder:
        workspace = create(Path(folder) / "w", Ministry(1))
        workspace.done("open", PERIOD)
        workspace.submit("DV01")
        for command in ("collect", "report", "status"):
            workspace.done(command, PERIOD)
        workspace.done("backup", Path(folder) / "w.tar")
        workspace.done("approve", PERIOD, "--by", "x")
        workspace("deliver")  # refused: there is no server
        run("restore", Path(folder) / "w.tar", Path(folder) / "again", "--by", "x", "--json")


def _run(told: Any) -> None:
    """The child: it never returns."""
    global report  # noqa: PLW0603 - of this process alone
    report = told["out"] + ".passed"
    with Path(told["out"]).open("wb") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    os.environ.clear()
    os.environ.update(told["environment"])
    status = 99
    try:
        for place in os.environ.pop("DONDOC_TEST_DIE", "").split():
            _arm(*place.split(":"))
        status = max(_status(arguments) for arguments in told["commands"])
        Path(report).write_text(json.dumps(["", passed]))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _status(arguments: Sequence[str]) -> int:
    sys.argv = ["dondoc", *arguments]
    try:
        dondoc.main()
    except SystemExit as ended:
        return int(ended.code or 0)
    raise AssertionError("main() always exits")


def _arm(name: str, where: str, number: str) -> None:
    """Put the fail point into the function, wherever it is known by its name."""
    owner, attribute = resolve_name(name.rpartition(".")[0]), name.rpartition(".")[2]
    original, counts = getattr(owner, attribute), ONLY.get(name, lambda *_, **__: True)

    @wraps(original)
    def passing(*arguments: Any, **named: Any) -> Any:
        if not counts(*arguments, **named):
            return original(*arguments, **named)
        if where != "after" and _is_time(f"{name}:{where}", int(number)):
            if where == "within":
                *others, last = arguments
                original(*others, last[: len(last) // 2])
            _die(f"{name}:{where}")
        answer = original(*arguments, **named)
        if where == "after" and _is_time(f"{name}:{where}", int(number)):
            _die(f"{name}:{where}")
        return answer

    known_in = [m for n, m in sys.modules.items() if n.partition(".")[0] in OURS]
    for holder in (owner, *known_in):
        for known_as, value in list(vars(holder).items()):
            if value is original:
                setattr(holder, known_as, passing)


def _is_time(place: str, number: int) -> bool:
    passed[place] += 1
    return passed[place] == number


def _die(place: str) -> NoReturn:
    with os.fdopen(os.open(report, os.O_WRONLY | os.O_CREAT), "w") as file:
        json.dump([place, {}], file)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody lives after that")


def _outliving() -> int:
    """Children of dead children that do not end of themselves."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return 0
        time.sleep(0.005)
    return len(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
