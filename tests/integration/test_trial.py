"""Rules tried on stored months, through the front door."""

from sqlalchemy import func, select

from ministry import CLOSING, DISBURSED, PERIOD, Workspace
from rules.catalogue import RULES
from schemas import tables
from tasks.desk import Desk


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
    opened.setting("[rules.stalled]\n", "[rules.stalled]\nenabled = false\nmonths = 4\n")
    found = {one["name"]: one for one in opened.done("rules", "list")}
    assert list(found) == [rule.name for rule in RULES]
    assert {name for name, one in found.items() if not one["enabled"]} == {"stalled"}
    assert found["stalled"]["parameters"]["rules.stalled.months"] == "4"
    text = opened("rules", "list").out
    assert "rules.stalled.months; đặt trong dondoc.toml" in text
