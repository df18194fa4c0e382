"""Processes of the command line that die anywhere, at any moment, or work at once: nothing is lost,
they come to what one comes to undisturbed, and no mail goes out twice but for the one that a server
may have taken unheard."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from itertools import cycle

import pytest
from sqlalchemy import func, select

from deaths import (
    ANY_MOMENT,
    APPROVE,
    CASES,
    DELIVER,
    REPORT,
    Case,
    Collecting,
    Death,
    Killer,
    accepted,
    differences,
)
from imap import Box
from launched import Launcher
from letters import SHAPES, numbered
from ministry import CLOSING, Workspace
from postbox import Postbox
from schemas import tables
from stage import Stage
from tasks import archive
from tasks.desk import Desk

SEED = int(os.environ.get("CRASH_SEED", time.time_ns() % 10**9))
"""Of all the dice; another one each time unless the environment has it."""
A_PLAY = 8
"""Kills of one workspace before its command is let come to its end."""
PER_CENT = {
    "deliver": 36, "collect": 6, "report": 8, "approve": 12, "migration": 12, "backup": 14,
    "restore": 12,
}  # fmt: skip
"""Of all kills, those of each command."""
SOAK_DEATHS, CAMPAIGN_DEATHS = 200, 1000
SOAK_RUNS = 100
KILLS, MESSAGES = 5, 30
"""Of the mailbox in every run of the tests; `make soak` takes ten times the kills and 500."""
SOAK_KILLS, SOAK_MESSAGES = 50, 500

Shown = Callable[..., None]


@pytest.fixture
def killer(stage: Stage, postbox: Postbox) -> Killer:
    return Killer(stage, postbox, random.Random(SEED))  # noqa: S311


# --- killed -------------------------------------------------------------------------------------


def kill(killer: Killer, case: Case, kills: int, a_play: int = A_PLAY) -> list[Death]:
    """So many kills of the command: each of its places in turn, and from there on by chance."""
    places = [*killer.dice.sample(case.places, len(case.places)), ANY_MOMENT]
    deaths: list[Death] = []
    for place in cycle(places):
        if len(deaths) >= kills:
            break
        deaths += killer.play(case, place, min(a_play, kills - len(deaths)))
    return deaths


def count(shown: Shown, area: str, fault: str, deaths: list[Death]) -> None:
    doubled = sum(len(death.doubtful) for death in deaths)
    lost, strange = sum(one.lost for one in deaths), sum(one.strange for one in deaths)
    points = len({death.place for death in deaths} - {ANY_MOMENT})
    by_chance = sum(death.place == ANY_MOMENT for death in deaths)
    shown(
        area,
        fault,
        "Run again, it comes to what it comes to undisturbed; only what a server accepted and we "
        "had not recorded goes out twice, under its Message-ID.",
        f"{len(deaths)} kills, at {points} named points and {by_chance} at any moment: "
        f"lost {lost}, doubled {doubled} with the same Message-ID, {strange} otherwise",
        SEED,
    )
    assert (lost, strange) == (0, 0), deaths


def test_deaths_of_three_commands(killer: Killer, shown: Shown) -> None:
    """Six on each database."""
    deliver, *others = CASES
    deaths = []
    for case in (deliver, *killer.dice.sample(others, 2)):
        deaths += kill(killer, case, 2)
    assert len(deaths) == 6
    count(shown, "runs", f"commands killed, {killer.stage.kind}", deaths)


@pytest.mark.soak
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_two_hundred_deaths(case: Case, killer: Killer, shown: Shown) -> None:
    many_deaths(case, SOAK_DEATHS, killer, shown)


@pytest.mark.campaign
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_thousand_deaths(case: Case, killer: Killer, shown: Shown) -> None:
    many_deaths(case, CAMPAIGN_DEATHS, killer, shown)


def many_deaths(case: Case, of_all: int, killer: Killer, shown: Shown) -> None:
    """This command's share of so many deaths on both databases; where mails leave, told apart by
    the side of the window."""
    deaths = kill(killer, case, of_all * PER_CENT[case.name] // 200)
    sides: dict[str, list[Death]] = {"anywhere": deaths}
    if case.window:
        for death in deaths:
            sides.setdefault(case.side(death.place), []).append(death)
    for side, its in sides.items():
        count(shown, case.area, f"{case.name} killed {side}, {killer.stage.kind}", its)


# --- at once ------------------------------------------------------------------------------------


def at_once(killer: Killer, runs: int, shown: Shown) -> None:
    """Two to four processes, each of which collects, reports and delivers in an order of its own,
    come to what one comes to, and send what one sends."""
    case = next(case for case in CASES if CASES[case] is Collecting)
    commands = [case.command, REPORT, DELIVER]
    outcomes = []
    processes = [1, *(killer.dice.randint(2, 4) for _ in range(runs))]
    for several in processes:
        with killer.scene(case, *case.starts) as scene:
            started = [
                scene.stage.launcher.start(
                    *(scene.words(*one) for one in killer.dice.sample(commands, len(commands)))
                )
                for _ in range(several)
            ]
            for ended in [one.wait() for one in started]:
                assert ended.status in {0, 1}, ended
            assert not (wrong := scene.broken()), wrong
            for command in (case.command, REPORT, APPROVE):
                scene.run(scene.words(*command))
            outcomes.append((scene.finish(), accepted(scene.postbox)))
    (alone, mails), *together = outcomes
    assert set(mails.values()) == {1}
    for outcome, its in together:
        assert its == mails
        assert not (unlike := differences(outcome, alone)), unlike
    shown(
        "runs",
        f"two to four processes collect, report and deliver at once, {killer.stage.kind}",
        "Sums, papers and mails are as from one process.",
        f"{runs} runs of {sum(processes) - 1} processes: {len(mails)} mails each, none lost, none "
        "doubled",
        SEED,
    )


def test_several_at_once(killer: Killer, shown: Shown) -> None:
    """Ten, on both databases together."""
    at_once(killer, 5, shown)


@pytest.mark.soak
def test_several_at_once_a_hundred_times(killer: Killer, shown: Shown) -> None:
    at_once(killer, SOAK_RUNS // 2, shown)


# --- a mailbox that is being emptied ------------------------------------------------------------


def nothing_is_marked_that_is_not_safe(workspace: Workspace, box: Box) -> None:
    for one in box.kept():
        if one.seen:
            assert archive.fetch(workspace.path, archive.name_of(one.raw)) == one.raw


def play(
    workspace: Workspace,
    box: Box,
    launcher: Launcher,
    kills: int,
    messages: int,
    shown: Shown,
) -> None:
    path = workspace.submit("DV01")
    workbook = path.read_bytes()
    path.unlink()
    dice = random.Random(SEED)  # noqa: S311
    collecting = ("collect", "--workspace", workspace.path, "--today", CLOSING, "--json")
    batch = messages // (kills + 1)
    mails: list[bytes] = []
    wanted: list[tuple[str, str, str]] = []
    states: Counter[tuple[str, int]] = Counter()
    took, killed = 0.0, 0
    for round_ in range(kills + 1):
        count = batch if round_ < kills else messages - len(mails)
        for _ in range(count):
            shape, content = SHAPES[len(mails) % len(SHAPES)], numbered(workbook, len(mails))
            mails.append(shape.make(content))
            box.add(mails[-1])
            states[shape.state, 0] += 1
            if shape.found:
                state = "quarantined" if shape.automatic else "taken"
                wanted.append((shape.found, archive.name_of(content), state))
        if round_ == 0:  # how long one takes that nobody kills
            began = time.monotonic()
            assert launcher.run(*collecting).status == 0
            took = time.monotonic() - began
        else:
            moment = dice.uniform(0, took)
            started = launcher.start(collecting)
            time.sleep(moment)
            os.kill(started.number, signal.SIGKILL)
            if started.wait().status == -signal.SIGKILL:
                killed += 1
            else:  # by then it was done: the next ones die sooner
                took = moment
        nothing_is_marked_that_is_not_safe(workspace, box)
    assert killed >= kills / 2, "too few were still at work"
    assert launcher.run(*collecting).status == 0
    nothing_is_marked_that_is_not_safe(workspace, box)
    assert [one.raw for one in box.kept()] == mails
    assert all(one.seen for one in box.kept())
    with Desk(workspace.path) as desk, desk.engine.connect() as connection:
        attachment, submission = tables.attachment.c, tables.submission.c
        found = connection.execute(select(attachment.name, attachment.sha256, attachment.state))
        assert Counter(map(tuple, found)) == Counter(wanted)
        noted = select(tables.message.c.state, tables.message.c.marked_at.is_(None))
        assert Counter(map(tuple, connection.execute(noted))) == states
        stored = list(connection.execute(select(submission.sha256, submission.state)))
        assert Counter(map(tuple, stored)) == Counter(
            (sha, "accepted") for _, sha, state in wanted if state == "taken"
        )
        assert connection.scalar(select(func.count(submission.version.distinct()))) == len(stored)
        for sha in [row.sha256 for row in stored]:
            archive.fetch(workspace.path, sha)
    shown(
        "collect",
        f"collect killed at any moment while it empties a mailbox ({box.kind})",
        "Nothing is marked as read before it is archived, and nothing is taken twice.",
        f"{killed} kills, {messages} messages: {len(stored)} workbooks taken exactly once",
        SEED,
    )


def test_five_deaths_lose_and_repeat_nothing(
    opened: Workspace, own_box: Box, launcher: Launcher, shown: Shown
) -> None:
    play(opened, own_box, launcher, KILLS, MESSAGES, shown)


@pytest.mark.soak
def test_fifty_deaths_lose_and_repeat_nothing(
    opened: Workspace, box: Box, launcher: Launcher, shown: Shown
) -> None:
    play(opened, box, launcher, SOAK_KILLS, SOAK_MESSAGES, shown)
