"""Work comes to the same wherever it is done, and a process that is lost costs only time."""

import operator
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Timer

import pytest

from schemas.texts import LANGUAGES, say, shipped, speaking
from tasks.crew import Crew

LONG = 10.0
"""Seconds that the work is said to take: worth a process."""
PARENT = "echo $PPID"
"""Tells, by `subprocess.getoutput`, which process did it."""


@pytest.fixture
def crew(monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    """One of two hands, however many cores there are."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    one = Crew()
    yield one
    one.dismiss()


def test_results_are_in_the_order_of_the_items_and_from_every_process(crew: Crew) -> None:
    doubled = crew.spread(partial(operator.mul, 2), range(1000), each=LONG, piece=7)
    assert doubled == [2 * n for n in range(1000)]
    workers = set(crew.spread(subprocess.getoutput, [PARENT] * 300, each=LONG, piece=1))
    assert len(workers) == 3
    assert str(os.getpid()) in workers


def test_little_work_starts_nobody(crew: Crew) -> None:
    assert crew.spread(subprocess.getoutput, [PARENT] * 3, each=0.1) == [str(os.getpid())] * 3
    assert crew.beside(partial(operator.add, 1, 1), seconds=0.1)() == 2
    assert crew.spread(abs, [], each=LONG) == []


def test_what_the_work_raises_is_raised(crew: Crew) -> None:
    with pytest.raises(ZeroDivisionError):
        crew.spread(partial(operator.floordiv, 6), [3, 2, 1, 0], each=LONG, piece=1)
    with pytest.raises(ZeroDivisionError):
        crew.beside(partial(operator.floordiv, 6, 0), seconds=LONG)()
    assert crew.spread(partial(operator.floordiv, 6), [3, 2], each=LONG, piece=1) == [2, 3]


def test_what_is_begun_beside_goes_on_meanwhile_and_more_can_be_done(crew: Crew) -> None:
    parent = crew.beside(partial(subprocess.getoutput, f"sleep 0.2; {PARENT}"), seconds=LONG)
    assert crew.spread(partial(operator.mul, 2), range(100), each=LONG) == [*range(0, 200, 2)]
    assert parent() != str(os.getpid())
    assert parent() == parent()


def test_what_a_killed_hand_leaves_is_done_all_the_same(crew: Crew) -> None:
    crew.spread(abs, [1] * 100, each=LONG, piece=1)  # both are up
    victim = int(crew.beside(partial(subprocess.getoutput, PARENT), seconds=LONG)())
    began = time.monotonic()
    beside = crew.beside(partial(time.sleep, 60), seconds=LONG)
    Timer(0.3, os.kill, (victim, 9)).start()
    done = crew.spread(partial(operator.mul, 3), range(5000), each=LONG, piece=1)
    assert done == [3 * n for n in range(5000)]
    while time.monotonic() < began + 0.5:
        time.sleep(0.05)
    assert crew.spread(abs, [-1, -2], each=LONG, piece=1) == [1, 2]
    del beside  # asked for its result it would sleep here
    left = set(crew.spread(subprocess.getoutput, [PARENT] * 100, each=LONG, piece=1))
    assert str(victim) not in left


def test_large_pieces_do_not_wait_for_each_other(crew: Crew) -> None:
    """Both sides would wait for ever with full pipes if what comes were not read at once."""
    blocks = [b"x" * 2**21] * 24
    assert crew.spread(bytes.upper, blocks, each=LONG, piece=2) == [b"X" * 2**21] * 24


def test_a_hand_speaks_as_whoever_asks(crew: Crew) -> None:
    keys = ["consolidated.total"] * 40
    for language in LANGUAGES:
        with speaking(shipped(language)):
            assert set(crew.spread(say, keys, each=LONG, piece=1)) == {say(keys[0])}


def test_hands_end_with_the_process_that_called_them() -> None:
    code = (
        "import os, signal, subprocess\nfrom functools import partial\n"
        "os.sched_getaffinity = lambda _: {0, 1}\n"
        "from tasks.crew import Crew\n"
        f"asked = Crew().beside(partial(subprocess.getoutput, {PARENT!r}), seconds=9)\n"
        "print(asked(), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    hand = int(ended.stdout)
    until = time.monotonic() + 10
    while (there := Path(f"/proc/{hand}").exists()) and time.monotonic() < until:
        time.sleep(0.05)
    assert not there
