"""Rules tried on stored months, through the front door."""

import csv
from collections import defaultdict
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ministry import CLOSING, DISBURSED, PERIOD, Workspace
from rules.catalogue import RULES
from schemas import tables
from schemas.period import Period
from tasks import sample
from tasks.desk import Desk

SEPTEMBER, DUE = "2021-09", date(2021, 10, 7)
PACE = Fraction(60, 100)
"""What the sample's settings expect by the end of September."""


@pytest.fixture(scope="module")
def september(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The sample ministry with the reports of September, when all four units had reported."""
    workspace = Workspace(tmp_path_factory.mktemp("sample"))
    sample.write_workspace(workspace.path)
    with Desk(workspace.path, DUE) as desk:
        sample.report(desk, Period.parse(SEPTEMBER))
    assert workspace("collect", SEPTEMBER, today=DUE).status == 0
    return workspace


def standings() -> dict[tuple[str, str | None], Fraction]:
    """Unit and activity (None: all of the unit's) -> rate at the end of September, worked out of
    the examples' files alone: disbursed over the ledger's decisions up to that day."""
    budgets: dict[str, Fraction] = defaultdict(Fraction)
    disbursed: dict[str, Fraction] = defaultdict(Fraction)
    with Path(sample.EXAMPLES, "registry", "ledger.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["Năm"] == "2021" and (row["Ngày"] or "2021-01-01") <= "2021-09-30":
                budgets[row["Mã nhiệm vụ"]] += Fraction(row["Số tiền"])
    with Path(sample.EXAMPLES, "figures.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["period"] == SEPTEMBER:
                disbursed[row["code"]] += Fraction(row["disbursed"])
    sums: dict[tuple[str, str | None], tuple[Fraction, Fraction]] = {}
    for code, spent in disbursed.items():
        unit = code.partition(".")[0]
        for key in ((unit, code), (unit, None)):
            paid, budget = sums.get(key, (Fraction(0), Fraction(0)))
            sums[key] = paid + spent, budget + budgets[code]
    return {key: paid / budget for key, (paid, budget) in sums.items() if budget > 0}


@pytest.mark.parametrize(
    ("setting", "from_share", "to_share", "today", "tried"),
    [
        ("below_pace.low=0.8", "0.8", "0.9", "low", "watch"),
        ("below_pace.low=0.98", "0.9", "0.98", "watch", "low"),
        ("below_pace.critical=0.75", "0.5", "0.75", "low", "critical"),
    ],
)
def test_on_the_sample_the_difference_is_what_the_definition_says(
    september: Workspace, setting: str, from_share: str, to_share: str, today: str, tried: str
) -> None:
    """Between the two lines, of those who have spent at all, the severity is the other one; below
    and above nothing changes."""
    between = {
        key
        for key, rate in standings().items()
        if rate > 0 and Fraction(from_share) * PACE <= rate < Fraction(to_share) * PACE
    }
    assert between
    found = september.done("rules", "try", SEPTEMBER, "--set", setting, today=None)
    assert {(one["unit"], one["tried"]["activity"]) for one in found} == between
    assert len(found) == len(between)
    for one in found:
        flags = one["today"], one["tried"]
        assert [flag["rule"] for flag in flags] == ["below-pace", "below-pace"]
        assert [flag["severity"] for flag in flags] == [today, tried]
        assert flags[0]["shortfall"] == flags[1]["shortfall"]


def test_one_changed_threshold_changes_what_the_definition_says(opened: Workspace) -> None:
    """DV01.1 stands at 87 % of the pace: low below 0.9 of it, watched where low is 0.8."""
    budget = next(float(a.budget) for a in opened.ministry.of("DV01") if a.code == "DV01.1")
    low = round(budget * 43 / 60 * 0.87, 3)
    opened.submit("DV01", DV01_1={DISBURSED: low})
    opened.done("collect", PERIOD)
    found = opened.done("rules", "try", PERIOD, "--set", "below_pace.low=0.8", today=None)
    changed = [
        (one["tried"]["activity"], one["today"]["severity"], one["tried"]["severity"])
        for one in found
        if one["tried"]["rule"] == "below-pace" and one["tried"]["activity"]
    ]
    assert ("DV01.1", "low", "watch") in changed
    assert all(one["today"] and one["tried"] for one in found)
    assert opened.done("rules", "try", PERIOD, "--set", "below_pace.low=0.9", today=None) == []
    (gone, *_) = opened.done(
        "rules", "try", PERIOD, "--set", "below_pace.enabled=false", today=None
    )
    assert gone["tried"] is None
    assert "DV01.1" in opened("rules", "try", PERIOD, "--set", "below_pace.low=0.8").out


def test_trying_stores_nothing(collected: Workspace) -> None:
    def judgements() -> int:
        with Desk(collected.path, CLOSING) as desk, desk.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(tables.judgement)) or 0

    before, settings = judgements(), (collected.path / "dondoc.toml").read_bytes()
    assert collected.done(
        "rules", "try", PERIOD, "--set", "year_target=1", "--set", "pace.name=linear"
    )
    assert judgements() == before
    assert (collected.path / "dondoc.toml").read_bytes() == settings


def test_a_wrong_name_is_refused_with_the_nearest(opened: Workspace) -> None:
    ran = opened("rules", "try", PERIOD, "--set", "below_pace.lwo=0.8")
    assert ran.status == 2
    assert "rules.below_pace.low" in ran.err
    opened.setting("[rules.below_pace]\n", "[rules.below_pace]\nlwo = 0.8\n")
    ran = opened("status", PERIOD)
    assert ran.status == 2
    assert "gần nhất: rules.below_pace.low" in ran.err


def test_the_rules_are_listed_with_parameters_and_origin(opened: Workspace) -> None:
    opened.setting(
        "[rules.stalled]\n", "[rules.stalled]\nenabled = false\nmonths = 4\nlow_months = 5\n"
    )
    found = {one["name"]: one for one in opened.done("rules", "list")}
    assert list(found) == [rule.name for rule in RULES]
    assert {name for name, one in found.items() if not one["enabled"]} == {"stalled"}
    assert found["stalled"]["parameters"]["rules.stalled.months"] == "4"
    text = opened("rules", "list").out
    assert "rules.stalled.months; đặt trong dondoc.toml" in text
