"""Collects in a fresh process for each line that it is told, without the price of the imports, and
kills that process. A line of JSON: workspace, today, environment, seconds until its death (null:
it lives); answers its exit status."""

import json
import os
import signal
import sys
import time
from datetime import date
from pathlib import Path

import tasks.data_docs
import tasks.quality  # noqa: F401 - Great Expectations takes ten seconds
from flows.collect import collect


def main() -> None:
    _say("ready")
    for line in sys.stdin:
        told = json.loads(line)
        child = os.fork()
        if not child:
            os.environ.update(told["environment"])
            status = 1
            try:
                collect.fn(Path(told["workspace"]), "", date.fromisoformat(told["today"]))
                status = 0
            finally:
                os._exit(status)
        if (seconds := told["kill_after"]) is not None:
            time.sleep(seconds)
            os.kill(child, signal.SIGKILL)  # nobody has waited for it yet: the number is still its
        _say(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
