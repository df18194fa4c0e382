"""Touches the machine's other cores: processes of this program that work beside this one and end
with it, however it ends."""

import logging
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

from schemas.texts import Wording, speak, speaking, spoken

log = logging.getLogger("dondoc")

T = TypeVar("T")
R = TypeVar("R")

WORTH = 1.0
"""Seconds of work from which on it is worth to start another process, which takes about as long."""
AHEAD = 2
"""Pieces that a hand has at once, so that it never waits for the next."""


class Crew:
    """A hand for each core but that of this process; called when there is enough to do. Not for
    several threads at once."""

    def __init__(self) -> None:
        self._hands: list[_Hand] = []

    def spread(
        self, work: Callable[[T], R], items: Sequence[T], *, each: float, piece: int = 8
    ) -> list[R]:
        """`work` of each item, in their order; pieces of so many are done wherever a core is free.
        One item takes about `each` seconds. `work` is a module's function or a `partial` of one; it
        goes to each hand once. What it raises is raised here."""
        hands = self._called(each * len(items))
        pieces = [_Piece(work, items[at : at + piece]) for at in range(0, len(items), piece)]
        left = deque(pieces)
        while not all(one.done for one in pieces):
            for hand in hands:
                left.extendleft(one for one in hand.left_undone() if not one.long)
                while left and hand.free:
                    hand.take(left.popleft())
            if left:
                left.popleft().do()
            elif lines := [hand.line for hand in hands if hand.pending]:
                wait(lines)
        return [result for one in pieces for result in one.results()]

    def beside(self, work: Callable[[], R], *, seconds: float) -> Callable[[], R]:
        """Begin what takes about so many seconds while this process goes on. What is given back is
        to be called for its result: it waits for it, and does it here where no hand has it."""
        piece = _Piece(_call, [work], long=True)
        taker = next((hand for hand in self._called(seconds) if hand.free), None)
        if taker:
            taker.take(piece)

        def result() -> R:
            while taker and taker.pending and not piece.done:
                wait([taker.line])
                taker.left_undone()
            if not piece.done:
                piece.do()
            return piece.results()[0]

        return result

    def dismiss(self) -> None:
        """End every hand."""
        for hand in self._hands:
            hand.end()
        self._hands = []

    def _called(self, seconds: float) -> "list[_Hand]":
        if seconds >= WORTH and not self._hands:
            self._hands = [_Hand() for _ in range(len(os.sched_getaffinity(0)) - 1)]
        return [hand for hand in self._hands if not hand.line.closed]


class _Piece(Generic[T, R]):
    """Some of the items, and what became of them."""

    def __init__(self, work: Callable[[T], R], items: Sequence[T], *, long: bool = False) -> None:
        self.work, self.items, self.long = work, items, long
        self.wording = spoken()
        self.done = False
        self._results: list[R] = []
        self._error: Exception | None = None

    def do(self) -> None:
        """In this process."""
        with speaking(self.wording):
            self.settle(_done(self.work, self.items))

    def settle(self, answer: "tuple[list[R], Exception | None]") -> None:
        """Take what was done, here or elsewhere."""
        self._results, self._error = answer
        self.done = True

    def results(self) -> list[R]:
        """One for each item; raises what the work raised."""
        if self._error:
            raise self._error
        return self._results


class _Hand:
    """One process beside this one: pieces go to it, answers come back in the same order."""

    def __init__(self) -> None:
        self.line, theirs = Pipe()
        self.pending: deque[_Piece[Any, Any]] = deque()
        self._told: tuple[Callable[..., Any] | None, Wording | None] = None, None
        house = str(Path(__file__).parents[1])
        code = f"import sys; sys.path.insert(0, {house!r}); import tasks.crew as c; c.serve()"
        self._process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
            [sys.executable, "-I", "-c", code, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
        theirs.close()

    @property
    def free(self) -> bool:
        """Whether it should have another piece."""
        busy = len(self.pending) >= AHEAD or any(one.long for one in self.pending)
        return not (busy or self.line.closed)

    def take(self, piece: "_Piece[Any, Any]") -> None:
        """Do this when all before it is done."""
        self.pending.append(piece)
        try:
            if self._told != (piece.work, piece.wording):
                self._told = piece.work, piece.wording
                self.line.send(self._told)
            self.line.send(list(piece.items))
        except OSError:  # it ended: `left_undone` tells
            pass

    def left_undone(self) -> "list[_Piece[Any, Any]]":
        """Settle what is answered; what a hand that ended leaves is given back, the last first."""
        try:
            while self.pending and self.line.poll():
                answer = self.line.recv()
                self.pending.popleft().settle(answer)
        except (EOFError, OSError):
            log.warning("a process beside this one ended with status %s", self._process.wait())
            left = [*reversed(self.pending)]
            self.pending.clear()
            self.end()
            return left
        return []

    def end(self) -> None:
        """It does no more."""
        self.line.close()
        self._process.kill()
        self._process.wait()


def serve() -> None:
    """The other process: does what it is asked until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks for the work ends it
    with Connection(int(sys.argv[1])) as line:
        asked: SimpleQueue[Any] = SimpleQueue()
        # what comes is read at once, or both sides would wait with a full pipe
        Thread(target=_listen, args=(line, asked), daemon=True).start()
        work: Callable[[Any], Any] = _call
        while True:
            what = asked.get()
            if isinstance(what, tuple):
                work, wording = what
                speak(wording)
            else:
                line.send(_done(work, what))


def _listen(line: Connection, asked: "SimpleQueue[Any]") -> None:
    try:
        while True:
            asked.put(line.recv())
    except (EOFError, OSError):
        os._exit(0)  # whoever asked is gone, in whatever way


def _done(work: Callable[[T], R], items: Sequence[T]) -> tuple[list[R], Exception | None]:
    try:
        return [work(item) for item in items], None
    except Exception as error:
        return [], error


def _call(work: Callable[[], R]) -> R:
    return work()
