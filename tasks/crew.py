"""Touches the machine's other cores: processes of this program that work beside this one and end
with it, however it ends."""

import gc
import logging
import os
import signal
import sys
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import fields, is_dataclass
from functools import cache, cached_property, partial
from hashlib import sha256
from importlib import import_module
from itertools import chain
from multiprocessing.connection import Connection, wait
from queue import SimpleQueue
from threading import Thread
from types import GenericAlias
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Generic,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import PlainSerializer, PlainValidator, TypeAdapter

from schemas.texts import Wording, speak, speaking, spoken
from tasks.beside import started

if TYPE_CHECKING:
    from tasks.cluster import Cluster

log = logging.getLogger("dondoc")

A = TypeVar("A")
T = TypeVar("T")
R = TypeVar("R")

WORTH = 1.0
"""Seconds of work from which on it is worth to start another process, which takes about as long."""
AHEAD = 2
"""Pieces that a hand has at once, so that it never waits for the next."""
SELDOM = 100_000
"""As `dondoc.SELDOM`."""

Base64 = Annotated[
    bytes, PlainSerializer(lambda raw: b64encode(raw).decode()), PlainValidator(b64decode)
]
"""Bytes as they travel."""
WORDING = TypeAdapter(Wording)
"""How a wording travels."""
UNDONE = b""
"""The answer where the work raised elsewhere: it is done again here, and raises here."""
SLICE = 1_000
"""Of so many lines the text is written at once."""
_SAME, _END = b"", b"."
"""What a hand hears of a part that it was told before, and after a part."""
_AHEAD = b"?"
"""What begins the name of a work that is yet to come."""


class Work(Generic[A, T, R]):
    """What any process of the program can do: known by `name`, `module:NAME`, as it stands there.

    `ready` makes of what all pieces share the function that does one item (it may have a `close`);
    the types say how things travel, as JSON. What all pieces share travels in parts; a part that a
    hand was told it is not told again.
    """

    def __init__(
        self,
        name: str,
        ready: Callable[[A], Callable[[T], R]],
        *,
        shared: Any,
        item: Any,
        result: Any,
    ) -> None:
        self.name, self.ready = name, ready
        self._shared, self._item, self._result = shared, item, result

    @cached_property
    def shapes(self) -> "tuple[_Shape, ...]":
        """How what all pieces share is taken apart."""
        kinds = get_args(self._shared) if self._of_several else (self._shared,)
        return tuple(map(_Shape, kinds))

    @cached_property
    def parts(self) -> "tuple[_Part, ...]":
        """How it travels."""
        return tuple(part for shape in self.shapes for part in shape.parts)

    @property
    def _of_several(self) -> bool:
        return get_origin(self._shared) is tuple

    def apart(self, shared: Any) -> tuple[Any, ...]:
        """What is shared, in its parts."""
        its = zip(self.shapes, shared if self._of_several else (shared,), strict=True)
        return tuple(part for shape, one in its for part in shape.apart(one))

    def whole(self, parts: Iterable[Any]) -> Any:
        """What is shared, of its parts."""
        left = iter(parts)
        its = tuple(shape.whole(left) for shape in self.shapes)
        return its if self._of_several else its[0]

    @cached_property
    def items(self) -> TypeAdapter[list[T]]:
        """How the items of a piece travel."""
        kind: Any = GenericAlias(list, self._item)
        return TypeAdapter(kind)

    @cached_property
    def results(self) -> TypeAdapter[list[R]]:
        """How their results travel."""
        kind: Any = GenericAlias(list, self._result)
        return TypeAdapter(kind)


class _Shape:
    """How one thing that is shared is taken apart: a dataclass by its fields, and theirs."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self._inner: dict[str, _Shape] = {}
        if is_dataclass(kind):
            hints = get_type_hints(kind, include_extras=True)
            self._inner = {field.name: _Shape(hints[field.name]) for field in fields(kind)}

    @property
    def parts(self) -> "Iterator[_Part]":
        """How each of its parts travels."""
        for inner in self._inner.values():
            yield from inner.parts
        if not self._inner:
            yield _Part(self._kind)

    def apart(self, one: Any) -> Iterator[Any]:
        """The parts."""
        for name, inner in self._inner.items():
            yield from inner.apart(getattr(one, name))
        if not self._inner:
            yield one

    def whole(self, parts: Iterator[Any]) -> Any:
        """The thing, of the next parts."""
        its = {name: inner.whole(parts) for name, inner in self._inner.items()}
        return self._kind(**its) if its else next(parts)


class _Part:
    """How a part travels: a long tuple or mapping by slices, so that neither side holds all of its
    text at once, which takes several times as much as what it says."""

    def __init__(self, kind: Any) -> None:
        self._kind: TypeAdapter[Any] = TypeAdapter(kind)

    def told(self, whole: Any) -> Iterator[bytes]:
        """As it is heard elsewhere, to its end."""
        yield from map(self._kind.dump_json, _slices(whole))
        yield _END

    def heard(self, texts: Iterator[bytes]) -> Any:
        """What was told."""
        return _joined([*map(self._kind.validate_json, texts)])


def _slices(whole: Any) -> Iterator[Any]:
    if _long(whole):
        yield from (whole[at : at + SLICE] for at in range(0, len(whole), SLICE))
    elif isinstance(whole, Mapping) and len(whole) > SLICE:
        yield from map(dict, _slices(tuple(whole.items())))
    elif isinstance(whole, Mapping) and any(map(_long, whole.values())):
        yield from ({key: some} for key, its in whole.items() for some in _slices(its))
    else:
        yield whole


def _long(one: Any) -> bool:
    return isinstance(one, tuple) and len(one) > SLICE


def _joined(slices: list[Any]) -> Any:
    first, *others = slices
    if not others:
        return first
    if isinstance(first, tuple):
        return tuple(chain(*slices))
    whole: dict[Any, Any] = {}
    for some in slices:
        for key, its in some.items():
            whole[key] = whole[key] + its if key in whole else its
    return whole


class Crew:
    """A hand for each core but that of this process, or the workers of a cluster; called when there
    is enough to do. Not for several threads at once."""

    def __init__(self, cluster: "Cluster | None" = None) -> None:
        self._hands: list[_Hand] = []
        self._cluster = cluster

    def expect(self, work: Work[A, T, R], *, seconds: float) -> None:
        """Have everything at hand for work of so many seconds that will come soon."""
        for hand in self._called(seconds):
            hand.expect(work)

    def spread(
        self, work: Work[A, T, R], shared: A, items: Sequence[T], *, each: float, piece: int = 8
    ) -> list[R]:
        """The result of each item, in their order; pieces of so many are done wherever a core is
        free. One item takes about `each` seconds. What the work raises is raised here."""
        return list(self.stream(work, shared, items, each=each, piece=piece))

    def stream(
        self, work: Work[A, T, R], shared: A, items: Sequence[T], *, each: float, piece: int = 8
    ) -> Iterator[R]:
        """The same, as they come, so that not all need be held at once."""
        task = _Task(work, shared)
        if self._cluster and not self._cluster.lost and each * len(items) >= WORTH:
            return _over(self._cluster, task, items)
        pieces = deque(_Piece(task, items[at : at + piece]) for at in range(0, len(items), piece))
        return self._done(task, pieces, self._called(each * len(items)))

    def _done(
        self, task: "_Task[A, T, R]", waiting: "deque[_Piece[A, T, R]]", hands: "list[_Hand]"
    ) -> Iterator[R]:
        left = waiting.copy()
        if len(hands) > 1:
            task.keep_told()
        with closing(task):
            while waiting:
                for hand in hands:
                    for one in hand.left_undone():
                        if not one.long:
                            one.do()
                    while left and hand.free:
                        hand.take(left.popleft())
                if waiting[0].done:
                    yield from waiting.popleft().results
                elif left:
                    left.popleft().do()
                elif lines := [hand.line for hand in hands if hand.pending]:
                    wait(lines)

    def beside(self, work: Work[A, T, R], shared: A, item: T, *, seconds: float) -> Callable[[], R]:
        """Begin what takes about so many seconds while this process goes on. What is given back is
        to be called for its result: it waits for it, and does it here where no hand has it."""
        piece = _Piece(_Task(work, shared), [item], long=True)
        return _begun(piece, next((hand for hand in self._called(seconds) if hand.free), None))

    def dismiss(self) -> None:
        """End every hand, and let go of the cluster."""
        for hand in self._hands:
            hand.end()
        self._hands = []
        if self._cluster:
            self._cluster.leave()

    def _called(self, seconds: float) -> "list[_Hand]":
        if seconds >= WORTH and not self._hands:
            self._hands = [_Hand() for _ in range(len(os.sched_getaffinity(0)) - 1)]
        return [hand for hand in self._hands if not hand.line.closed]


class Aside:
    """One more process, whatever the cores: for long pieces one after the other, of which the first
    may be to import what the others need."""

    def __init__(self) -> None:
        self._hand: _Hand | None = None

    def begin(self, work: Work[A, T, R], shared: A, item: T) -> Callable[[], R]:
        """Begin this after all that was begun before. What is given back is to be called for its
        result, as of `Crew.beside`."""
        if self._hand is None:
            self._hand = _Hand()
        piece = _Piece(_Task(work, shared), [item], long=True)
        return _begun(piece, None if self._hand.line.closed else self._hand)

    def dismiss(self) -> None:
        """End the process."""
        if self._hand:
            self._hand.end()
        self._hand = None


def _begun(piece: "_Piece[A, T, R]", taker: "_Hand | None") -> Callable[[], R]:
    if taker:
        taker.take(piece)

    def result() -> R:
        while taker and taker.pending and not piece.done:
            wait([taker.line])
            taker.left_undone()
        if not piece.done:
            piece.do()
        piece.task.close()
        return piece.results[0]

    return result


def _over(cluster: "Cluster", task: "_Task[A, T, R]", items: Sequence[T]) -> Iterator[R]:
    """By a cluster's workers: split by what the items are, merged in the items' order."""
    split: dict[int, list[int]] = {}
    for at, item in enumerate(items):
        content = sha256(task.work.items.dump_json([item])).digest()
        split.setdefault(int.from_bytes(content[:4]) % cluster.batches, []).append(at)
    pieces = [_Piece(task, [items[at] for at in its]) for its in split.values()]
    results: dict[int, R] = {}
    with closing(task):
        answers = cluster.ask(task.whole, [one.told for one in pieces])
        for its, piece, answer in zip(split.values(), pieces, answers, strict=True):
            if (said := answer()) == UNDONE:
                piece.do()
            else:
                piece.settle(said)
            results.update(zip(its, piece.results, strict=True))
    for at in range(len(items)):
        yield results.pop(at)


class _Task(Generic[A, T, R]):
    """Work with what its pieces share, in the wording of whoever asks."""

    def __init__(self, work: Work[A, T, R], shared: A) -> None:
        self.work, self._shared, self.wording = work, shared, spoken()
        self.parts = work.apart(shared)
        self.told = self._told

    @cached_property
    def do(self) -> Callable[[T], R]:
        """What does one item in this process."""
        return self.work.ready(self._shared)

    def keep_told(self) -> None:
        """Several will hear it, and its text is made once."""
        self.told = cache(lambda number: [*self._told(number)])

    def close(self) -> None:
        """Let go of what it took."""
        self.told = self._told
        if ends := getattr(vars(self).get("do"), "close", None):
            ends()

    @property
    def whole(self) -> tuple[bytes, ...]:
        """All that somebody hears before the first piece who was told nothing before."""
        parts = (text for number in range(len(self.parts)) for text in self._told(number))
        return self.work.name.encode(), WORDING.dump_json(self.wording), *parts

    def _told(self, number: int) -> Iterable[bytes]:
        """A part as a hand hears it."""
        return self.work.parts[number].told(self.parts[number])


class _Piece(Generic[A, T, R]):
    """Some of the items, and what became of them."""

    def __init__(self, task: _Task[A, T, R], items: Sequence[T], *, long: bool = False) -> None:
        self.task, self.items, self.long = task, list(items), long
        self.done = False
        self.results: list[R] = []

    def do(self) -> None:
        """In this process."""
        with speaking(self.task.wording):
            self.results = [self.task.do(item) for item in self.items]
        self.done = True

    @property
    def told(self) -> bytes:
        """What somebody else hears of it."""
        return self.task.work.items.dump_json(self.items)

    def settle(self, answer: bytes) -> None:
        """Take what was done elsewhere."""
        self.results = self.task.work.results.validate_json(answer)
        self.done = True


class _Hand:
    """One process beside this one: pieces go to it, answers come back in the same order."""

    def __init__(self) -> None:
        self.line, self._process = started("tasks.crew")
        self.pending: deque[_Piece[Any, Any, Any]] = deque()
        self._task: _Task[Any, Any, Any] | None = None
        self._knows: tuple[Any, ...] = ()

    @property
    def free(self) -> bool:
        """Whether it should have another piece."""
        busy = len(self.pending) >= AHEAD or any(one.long for one in self.pending)
        return not (busy or self.line.closed)

    def expect(self, work: Work[Any, Any, Any]) -> None:
        """Get ready for this."""
        with suppress(OSError):  # it ended: `left_undone` tells
            self.line.send_bytes(_AHEAD + work.name.encode())

    def take(self, piece: "_Piece[Any, Any, Any]") -> None:
        """Do this when all before it is done."""
        self.pending.append(piece)
        with suppress(OSError):  # likewise
            if self._task is not piece.task:
                self._tell(piece.task)
            self.line.send_bytes(piece.told)

    def _tell(self, task: _Task[Any, Any, Any]) -> None:
        self.line.send_bytes(task.work.name.encode())
        self.line.send_bytes(WORDING.dump_json(task.wording))
        for number, part in enumerate(task.parts):
            known = any(part is its for its in self._knows[number : number + 1])
            for text in [_SAME] if known else task.told(number):
                self.line.send_bytes(text)
        self._task, self._knows = task, task.parts

    def left_undone(self) -> "list[_Piece[Any, Any, Any]]":
        """Settle what is answered; what was not done is given back."""
        left: list[_Piece[Any, Any, Any]] = []
        try:
            while self.pending and self.line.poll():
                answer = self.line.recv_bytes()
                piece = self.pending.popleft()
                if answer == UNDONE:
                    left.append(piece)
                else:
                    piece.settle(answer)
        except (EOFError, OSError):
            log.warning("a process beside this one ended with status %s", self._process.wait())
            left += self.pending
            self.pending.clear()
            self.end()
        return left

    def end(self) -> None:
        """It does no more."""
        self.line.close()
        self._process.kill()
        self._process.wait()


def serve() -> None:
    """The other process: does what it is asked until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks for the work ends it
    gc.set_threshold(SELDOM)
    with Connection(int(sys.argv[1])) as line:
        heard: SimpleQueue[bytes] = SimpleQueue()
        # what comes is read at once, or both sides would wait with a full pipe
        Thread(target=_listen, args=(line, heard), daemon=True).start()
        hand = _Asked()
        while True:
            asked = heard.get()
            if asked.startswith(b"["):
                line.send_bytes(hand.done(asked))
            elif asked.startswith(_AHEAD):
                _ = _work(asked.removeprefix(_AHEAD)).parts
            else:
                work = _work(asked)
                hand.told(work, heard.get(), iter(heard.get, None))


def _listen(line: Connection, heard: "SimpleQueue[bytes]") -> None:
    try:
        while True:
            heard.put(line.recv_bytes())
    except (EOFError, OSError):
        os._exit(0)  # whoever asked is gone, in whatever way


def _work(name: bytes) -> Work[Any, Any, Any]:
    module, _, attribute = name.decode().partition(":")
    work: Work[Any, Any, Any] = getattr(import_module(module), attribute)
    return work


class _Asked:
    """What the other process was told last."""

    def __init__(self) -> None:
        self._parts: tuple[Any, ...] = ()
        self._do: Callable[[Any], Any] | None = None

    def told(self, work: Work[Any, Any, Any], wording: bytes, texts: Iterator[bytes]) -> None:
        """From now on it is this work."""
        self._work, self._do = work, None
        speak(WORDING.validate_json(wording))
        before, self._parts = self._parts, ()
        parts: list[Any] = []
        for number, part in enumerate(work.parts):
            first = next(texts)
            its = iter(partial(next, chain((first,), texts)), _END)
            with suppress(Exception):  # it is done there, and raises there
                parts.append(before[number] if first == _SAME else part.heard(its))
            for _ in its if first != _SAME else ():  # what is left of it
                pass
        if len(parts) == len(work.parts):
            self._parts = tuple(parts)
            with suppress(Exception):  # likewise
                self._do = work.ready(work.whole(parts))

    def done(self, asked: bytes) -> bytes:
        """The results of a piece."""
        try:
            items = self._work.items.validate_json(asked)
            do = self._do
            return self._work.results.dump_json([do(item) for item in items]) if do else UNDONE
        except Exception:
            return UNDONE


def ready(name: bytes, wording: bytes, *parts: bytes) -> Callable[[bytes], bytes]:
    """What does pieces of a work, as they travel, on a cluster's worker, which has them of many."""
    hand = _Asked()
    hand.told(_work(name), wording, iter(parts))
    words = spoken()

    def done(asked: bytes) -> bytes:
        with speaking(words):
            return hand.done(asked)

    return done
