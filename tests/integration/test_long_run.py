"""Months full of faults come to the same papers and the same mails as months without."""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

import imap
from flows.ask import reproduce, verify
from longrun import FIRST, Calm, Day, Fate, Player, Server, Storm, TwoYears, begin, outcome, script
from schemas.period import Period

Show = Callable[..., None]


@dataclass
class Months:
    """So many months of so many units, as they went without faults, on SQLite."""

    units: int
    count: int
    folder: Path
    seed: int = field(
        default_factory=lambda: int(os.environ.get("SOAK_SEED", time.time_ns() % 10**9))
    )
    filled_in: dict[tuple[str, bytes], bytes] = field(default_factory=dict)
    days: Sequence[Day] = ()
    wanted: dict[str, Any] = field(default_factory=dict)
    sent: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        print(f"seed {self.seed}")  # noqa: T201 - pytest shows it where the test fails
        dice = random.Random(self.seed)  # noqa: S311
        self.days = script(dice, TwoYears(self.units), self.count, self.folder)
        with self.played(self.folder / "calm", Calm()) as player:
            self.wanted, self.sent = self.outcome(player), player.taken
        assert set(self.sent.values()) == {1}

    @property
    def periods(self) -> list[Period]:
        return [FIRST.shift(number) for number in range(self.count)]

    @contextmanager
    def played(self, folder: Path, fate: Fate) -> Iterator[Player]:
        """The days, played in a workspace of their own."""
        folder.mkdir()
        with Server() as server, imap.own_box(folder, "none") as box:
            workspace = begin(folder / "w", TwoYears(self.units))
            player = Player(workspace, server, box, fate, self.filled_in)
            player.play(self.days)
            yield player

    def outcome(self, player: Player) -> dict[str, Any]:
        return outcome(player, self.periods, self.days[-1].today)


def compare(
    months: Months, folder: Path, often: Sequence[int], url: str | None, shown: Show
) -> None:
    files, storm = len(months.filled_in), Storm(months.seed, often)
    with (
        patch.dict(os.environ, {"DONDOC_DATABASE_URL": url} if url else {}),
        months.played(folder, storm) as player,
    ):
        found, taken = months.outcome(player), player.taken
        for period in months.periods:
            assert reproduce(player.path, str(period), None).identical
        assert verify(player.path, None).damages == ()
    assert len(months.filled_in) == files, "a form was another"
    for name, its in months.wanted.items():
        assert found[name] == its, name
    assert set(taken) == set(months.sent)
    twice = {name for name, count in taken.items() if count > 1}
    assert twice <= player.in_doubt
    kills = sum(count for fault, count in storm.met.items() if fault.endswith(": killed"))
    papers = sum(len(found[str(period)]["papers"]) for period in months.periods)
    assert kills
    shown(
        "runs",
        f"{months.count} months of random faults on {'PostgreSQL' if url else 'SQLite'}: kills,"
        " mail server, mailbox, lock, half-saved registry, broken and doubled workbooks",
        "Papers, figures and mails are those of the same months without faults.",
        f"{storm.met.total()} faults, {kills} of them kills: {papers} papers and {len(taken)} mails"
        f" are the same, {len(twice)} mails came twice, all of them of the {len(player.in_doubt)}"
        " that were in doubt",
        months.seed,
    )


def test_two_months_of_faults(tmp_path: Path, shown: Show) -> None:
    compare(Months(2, 2, tmp_path), tmp_path / "storm", (0, 0, 0, 1), None, shown)


@pytest.fixture(scope="module")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> Months:
    return Months(3, 24, tmp_path_factory.mktemp("two-years"))


@pytest.mark.soak
@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
def test_two_years_of_faults(
    two_years: Months, on: str, tmp_path: Path, request: pytest.FixtureRequest, shown: Show
) -> None:
    url = request.getfixturevalue("new_database") if on == "postgresql" else None
    compare(two_years, tmp_path / "storm", (0, 0, 0, 1, 1, 2), url, shown)
