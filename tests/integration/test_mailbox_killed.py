"""A collecting process killed at any moment loses no mail and takes none twice."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from imap import Box
from letters import SHAPES, numbered
from ministry import CLOSING, Workspace
from schemas import tables
from tasks import archive
from tasks.desk import Desk

HOUSE = Path(__file__).parents[2]
KILLS, MESSAGES = 5, 30
"""In every run of the tests; `make soak` takes ten times the kills and 500 messages."""
SOAK_KILLS, SOAK_MESSAGES = 50, 500

Figures = Callable[[str, object], None]
"""pytest's `record_property`: what is recorded as `figures` is printed when all is over."""


@dataclass(frozen=True)
class Collector:
    """tests/collecting.py, which collects as often as it is asked."""

    process: "subprocess.Popen[str]"

    def collect(self, workspace: Workspace, box: Box, kill_after: float | None = None) -> int:
        """The exit status of one collecting process, killed after so many seconds."""
        told = {
            "workspace": str(workspace.path),
            "today": str(CLOSING),
            "environment": dict(box.settings()),
            "kill_after": kill_after,
        }
        assert self.process.stdin
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()
        return int(self._answer())

    def _answer(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    command = [sys.executable, str(HOUSE / "tests" / "collecting.py")]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, cwd=HOUSE, env=os.environ | {"PYTHONPATH": str(HOUSE)},
    )  # fmt: skip
    with process:
        started = Collector(process)
        assert started._answer() == "ready"
        yield started
        assert process.stdin
        process.stdin.close()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def nothing_is_marked_that_is_not_safe(workspace: Workspace, box: Box) -> None:
    for one in box.kept():
        if one.seen:
            assert archive.fetch(workspace.path, sha256(one.raw)) == one.raw


def play(
    workspace: Workspace,
    box: Box,
    collector: Collector,
    kills: int,
    messages: int,
    figures: Figures,
) -> None:
    path = workspace.submit("DV01")
    workbook = path.read_bytes()
    path.unlink()
    seed = int(os.environ.get("SOAK_SEED", time.time_ns() % 10**9))
    dice = random.Random(seed)  # noqa: S311
    batch = messages // (kills + 1)
    mails: list[bytes] = []
    wanted: list[tuple[str, str]] = []
    took, killed = 0.0, 0
    for round_ in range(kills + 1):
        count = batch if round_ < kills else messages - len(mails)
        for _ in range(count):
            shape, content = SHAPES[len(mails) % len(SHAPES)], numbered(workbook, len(mails))
            mails.append(shape.make(content))
            box.add(mails[-1])
            if shape.found:
                wanted.append((shape.found, sha256(content)))
        if round_ == 0:  # how long one takes that nobody kills
            began = time.monotonic()
            assert collector.collect(workspace, box) == 0
            took = time.monotonic() - began
        else:
            moment = dice.uniform(0, took)
            if collector.collect(workspace, box, moment) == -signal.SIGKILL:
                killed += 1
            else:  # by then it was done: the next ones die sooner
                took = moment
        nothing_is_marked_that_is_not_safe(workspace, box)
    assert killed >= kills / 2, "too few were still at work"
    assert collector.collect(workspace, box) == 0
    nothing_is_marked_that_is_not_safe(workspace, box)
    assert [one.raw for one in box.kept()] == mails
    assert all(one.seen for one in box.kept())
    with Desk(workspace.path) as desk, desk.engine.connect() as connection:
        attachment, submission = tables.attachment.c, tables.submission.c
        found = connection.execute(select(attachment.name, attachment.sha256, attachment.state))
        assert Counter(map(tuple, found)) == Counter((*one, "taken") for one in wanted)
        states = select(tables.message.c.state, tables.message.c.marked_at.is_(None))
        assert Counter(map(tuple, connection.execute(states))) == Counter(
            {("taken", 0): len(wanted), ("empty", 0): len(mails) - len(wanted)}
        )
        stored = list(connection.execute(select(submission.sha256, submission.state)))
        assert Counter(map(tuple, stored)) == Counter((sha, "accepted") for _, sha in wanted)
        assert connection.scalar(select(func.count(submission.version.distinct()))) == len(wanted)
        for sha in [row.sha256 for row in stored]:
            archive.fetch(workspace.path, sha)
    figures(
        "figures",
        f"mailbox ({box.kind}): seed {seed}, {messages} messages, {killed} deaths in {kills} kills:"
        f" {len(wanted)} workbooks collected exactly once, nothing marked before it was archived",
    )


def test_five_deaths_lose_and_repeat_nothing(
    opened: Workspace, own_box: Box, collector: Collector, record_property: Figures
) -> None:
    play(opened, own_box, collector, KILLS, MESSAGES, record_property)


@pytest.mark.soak
def test_fifty_deaths_lose_and_repeat_nothing(
    opened: Workspace, box: Box, collector: Collector, record_property: Figures
) -> None:
    play(opened, box, collector, SOAK_KILLS, SOAK_MESSAGES, record_property)
