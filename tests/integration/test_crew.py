"""Work comes to the same wherever it is done, and a process that is lost costs only time."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import Timer
from typing import Annotated, cast
from zlib import compress

import pytest
from pydantic import PlainSerializer, PlainValidator

from schemas.errors import SettingsError
from schemas.settings import load
from schemas.texts import LANGUAGES, say, shipped, speaking, spoken
from tasks.cluster import Cluster, _Shared, around
from tasks.crew import SLICE, UNDONE, WORDING, Aside, Base64, Crew, Work, ready
from tasks.lock import lock

LONG = 10.0
"""Seconds that the work is said to take: worth a process."""


def _times(factor: int) -> Callable[[int], int]:
    return lambda number: number * factor


def _where(seconds: float) -> Callable[[int], int]:
    def work(_: int) -> int:
        time.sleep(seconds)
        return os.getpid()

    return work


def _said(_: None) -> Callable[[str], str]:
    return say


def _upper(_: None) -> Callable[[bytes], bytes]:
    return bytes.upper


def _share_of(whole: int) -> Callable[[int], int]:
    return lambda parts: whole // parts


class Heavy:
    """Counts how often it was put down to travel."""

    def __init__(self, number: int) -> None:
        self.number, self.travelled = number, 0

    def written(self) -> int:
        self.travelled += 1
        return self.number


def _lifts(shared: tuple[Heavy, int]) -> Callable[[int], int]:
    return lambda number: shared[0].number * shared[1] + number


@dataclass(frozen=True)
class Inner:
    """Of the long ones none travels whole."""

    long: tuple[int, ...]
    names: Mapping[str, int]
    none: tuple[int, ...] = ()


@dataclass(frozen=True)
class Large:
    """Something shared that is taken apart."""

    inner: Inner
    by_name: Mapping[str, tuple[int, ...]]
    heavy: Annotated[Heavy, PlainValidator(Heavy), PlainSerializer(Heavy.written)]
    pair: tuple[int, int] | None = None


def _tells(shared: tuple[Large, int]) -> Callable[[int], str]:
    large, more = shared
    told = repr((large.inner, large.by_name, large.pair, large.heavy.number, more))
    return lambda _: sha256(told.encode()).hexdigest()


HERE = "tests.integration.test_crew"
TIMES = Work(f"{HERE}:TIMES", _times, shared=int, item=int, result=int)
WHERE = Work(f"{HERE}:WHERE", _where, shared=float, item=int, result=int)
"""Tells which process did it, and takes its time."""
SAID = Work(f"{HERE}:SAID", _said, shared=None, item=str, result=str)
UPPER = Work(f"{HERE}:UPPER", _upper, shared=None, item=Base64, result=Base64)
LIFTS = Work(
    f"{HERE}:LIFTS",
    _lifts,
    shared=tuple[Annotated[Heavy, PlainValidator(Heavy), PlainSerializer(Heavy.written)], int],
    item=int,
    result=int,
)
TELLS = Work(f"{HERE}:TELLS", _tells, shared=tuple[Large, int], item=int, result=str)
SHARE = Work(f"{HERE}:SHARE", _share_of, shared=int, item=int, result=int)


@pytest.fixture
def crew(monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    """One of two hands, however many cores there are."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    one = Crew()
    yield one
    one.dismiss()


def test_results_are_in_the_order_of_the_items_and_from_every_process(crew: Crew) -> None:
    assert crew.spread(TIMES, 2, range(1000), each=LONG, piece=7) == [2 * n for n in range(1000)]
    workers = set(crew.spread(WHERE, 0.01, range(300), each=LONG, piece=1))
    assert len(workers) == 3
    assert os.getpid() in workers


def test_little_work_starts_nobody(crew: Crew) -> None:
    assert crew.spread(WHERE, 0, range(3), each=0.1) == [os.getpid()] * 3
    assert crew.beside(TIMES, 2, 1, seconds=0.1)() == 2
    assert crew.spread(TIMES, 2, [], each=LONG) == []


def test_what_the_work_raises_is_raised(crew: Crew) -> None:
    with pytest.raises(ZeroDivisionError):
        crew.spread(SHARE, 6, [3, 2, 1, 0], each=LONG, piece=1)
    with pytest.raises(ZeroDivisionError):
        crew.beside(SHARE, 6, 0, seconds=LONG)()
    assert crew.spread(SHARE, 6, [3, 2], each=LONG, piece=1) == [2, 3]


def test_what_is_begun_beside_goes_on_meanwhile_and_more_can_be_done(crew: Crew) -> None:
    where = crew.beside(WHERE, 0.2, 0, seconds=LONG)
    assert crew.spread(TIMES, 2, range(100), each=LONG) == [*range(0, 200, 2)]
    assert where() != os.getpid()
    assert where() == where()


def test_a_hand_is_told_the_same_once_and_what_differs_anew(crew: Crew) -> None:
    heavy, other = Heavy(100), Heavy(1000)
    for shared, said in (((heavy, 1), 100), ((heavy, 2), 200), ((other, 2), 2000)):
        lifted = crew.spread(LIFTS, shared, range(200), each=LONG, piece=1)
        assert lifted == [said + n for n in range(200)]
    assert crew.beside(LIFTS, (other, 3), 1, seconds=LONG)() == 3001
    assert 0 < heavy.travelled <= 2  # there are two hands
    assert 0 < other.travelled <= 2


def test_what_is_large_travels_in_slices_and_comes_whole(crew: Crew) -> None:
    long = tuple(range(2 * SLICE + 1))
    inner = Inner(long, {str(number): number for number in long})
    large = Large(inner, {"a": long, "b": (), "c": (1, 2)}, Heavy(7), (3, 4))
    here = _tells((large, 5))(0)
    assert {*crew.spread(TELLS, (large, 5), range(50), each=LONG, piece=1)} == {here}
    assert crew.beside(TELLS, (large, 5), 0, seconds=LONG)() == here
    texts = [text for part in TELLS.parts[:1] for text in part.told(long)]
    assert len(texts) == 4
    other = replace(large, pair=None)  # the parts that are the same are not told again
    assert {*crew.spread(TELLS, (other, 5), range(50), each=LONG, piece=1)} == {
        _tells((other, 5))(0)
    }
    assert large.heavy.travelled <= 2  # there are two hands


def test_what_is_expected_is_at_hand_and_changes_nothing(crew: Crew) -> None:
    crew.expect(TIMES, seconds=LONG)
    crew.expect(SAID, seconds=LONG)
    assert crew.spread(TIMES, 2, range(100), each=LONG) == [*range(0, 200, 2)]
    crew.dismiss()
    crew.expect(TIMES, seconds=0.1)
    assert crew.spread(WHERE, 0, range(3), each=0.1) == [os.getpid()] * 3


def test_what_a_killed_hand_leaves_is_done_all_the_same(crew: Crew) -> None:
    crew.spread(WHERE, 0.01, range(100), each=LONG, piece=1)  # both are up
    victim = crew.beside(WHERE, 0, 0, seconds=LONG)()
    crew.beside(WHERE, 60, 0, seconds=LONG)  # asked for its result it would sleep here
    killed = Timer(0.3, os.kill, (victim, 9))
    killed.start()
    assert crew.spread(TIMES, 3, range(5000), each=LONG, piece=1) == [*range(0, 15000, 3)]
    killed.join()
    time.sleep(0.1)
    workers = crew.spread(WHERE, 0.01, range(100), each=LONG, piece=1)
    assert len(workers) == 100
    assert victim not in workers


def test_large_pieces_do_not_wait_for_each_other(crew: Crew) -> None:
    """Both sides would wait for ever with full pipes if what comes were not read at once."""
    blocks = [b"x" * 2**21] * 24
    assert crew.spread(UPPER, None, blocks, each=LONG, piece=2) == [b"X" * 2**21] * 24


class Scattered:
    """A cluster whose answers come in another order than they were asked for, and some not."""

    batches, lost = 7, False

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    def ask(self, told: tuple[bytes, ...], batches: Sequence[bytes]) -> list[Callable[[], bytes]]:
        do, answers = ready(*told), dict[int, bytes]()
        self.asked += batches
        for number in reversed(range(len(batches))):
            answers[number] = UNDONE if number % 3 == 1 else do(batches[number])
        return [partial(answers.__getitem__, number) for number in range(len(batches))]

    def leave(self) -> None:
        pass


def test_what_a_cluster_answers_is_merged_in_the_order_of_the_items() -> None:
    cluster = Scattered()
    crew = Crew(cast("Cluster", cluster))
    numbers = [*range(100), 5, 5]
    assert crew.spread(TIMES, 2, numbers, each=LONG) == [2 * n for n in numbers]
    assert len(cluster.asked) == 7
    once = {frozenset(json.loads(batch)) for batch in cluster.asked}
    cluster.asked = []
    assert crew.spread(TIMES, 3, numbers[::-1], each=LONG) == [3 * n for n in numbers[::-1]]
    assert {frozenset(json.loads(batch)) for batch in cluster.asked} == once  # by what they are
    assert crew.spread(TIMES, 2, [1], each=0.1) == [2]  # too little to send away
    assert len(cluster.asked) == 7
    with pytest.raises(ZeroDivisionError):
        crew.spread(SHARE, 6, [3, 2, 1, 0], each=LONG)
    cluster.asked, cluster.lost = [], True
    assert crew.spread(SHARE, 6, [3, 2, 1], each=LONG) == [2, 3, 6]
    assert cluster.asked == []
    crew.dismiss()


def test_a_worker_that_might_make_other_bytes_makes_none() -> None:
    told = compress(b"\0".join((TIMES.name.encode(), WORDING.dump_json(spoken()), b"2", b".")))
    assert _Shared(lock(), told).do(b"[1,2]") == b"[2,4]"
    assert _Shared(lock() | {"zlib": "0.9"}, told).do(b"[1,2]") == UNDONE


@pytest.mark.parametrize("address", [
    "tcp://10.0.0.5:8786", "10.0.0.5:8786", "tls://10.0.0.5", "tls://10.0.0.5:99999", "may-khac",
])  # fmt: skip
def test_a_scheduler_that_others_could_speak_to_is_refused(tmp_path: Path, address: str) -> None:
    (tmp_path / "dondoc.toml").write_text(f'[crew]\nscheduler = "{address}"\n')
    with pytest.raises(SettingsError, match=r"crew.scheduler.*tls://MÁY:CỔNG"):
        load(tmp_path)


@pytest.mark.parametrize("address", ["", "local", "tcp://127.0.0.1:8786", "tls://10.0.0.5:8786"])
def test_without_a_flow_run_there_is_no_cluster(tmp_path: Path, address: str) -> None:
    (tmp_path / "dondoc.toml").write_text(f'[crew]\nscheduler = "{address}"\n')
    assert around(load(tmp_path).crew.scheduler) is None


def test_a_hand_speaks_as_whoever_asks(crew: Crew) -> None:
    keys = ["consolidated.total"] * 40
    for language in LANGUAGES:
        with speaking(shipped(language)):
            assert set(crew.spread(SAID, None, keys, each=LONG, piece=1)) == {say(keys[0])}


def test_what_is_begun_aside_is_done_in_its_order_by_one_more_process() -> None:
    aside = Aside()
    first, second = (aside.begin(WHERE, 0.1, n) for n in (1, 2))
    product = aside.begin(TIMES, 3, 5)
    assert product() == 15
    assert first() == second() != os.getpid()
    with pytest.raises(ZeroDivisionError):
        aside.begin(SHARE, 6, 0)()
    aside.dismiss()
    assert aside.begin(TIMES, 3, 6)() == 18
    aside.dismiss()


def test_what_a_killed_process_aside_leaves_is_done_here() -> None:
    aside = Aside()
    victim = aside.begin(WHERE, 0, 0)()
    left = aside.begin(WHERE, 0.2, 0), aside.begin(TIMES, 3, 5)
    os.kill(victim, 9)
    assert [one() for one in left] == [os.getpid(), 15]
    assert aside.begin(WHERE, 0, 0)() == os.getpid()
    aside.dismiss()


def test_hands_end_with_the_process_that_called_them() -> None:
    code = (
        "import os, signal\n"
        "os.sched_getaffinity = lambda _: {0, 1}\n"
        f"from {HERE} import Crew, WHERE\n"
        "print(Crew().beside(WHERE, 0, 0, seconds=9)(), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ended.returncode == -9, ended.stderr
    hand, until = Path(f"/proc/{int(ended.stdout)}"), time.monotonic() + 10
    while (there := hand.exists()) and time.monotonic() < until:
        time.sleep(0.05)
    assert not there
