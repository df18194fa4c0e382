"""Low for months running: counted back without a gap, one step graver, never out of a watch."""

from dataclasses import replace
from decimal import Decimal

import pytest
from figures import course, figure

from rules.judge import judge
from schemas.board import ActivityFigure
from schemas.flags import Flag, FlagSeverity
from schemas.forecast import Method, Outlook
from schemas.settings import Rules

WATCH, LOW, CRITICAL = FlagSeverity
WELL = [figure("A", "A.1", 1000, 900)]
"""Ahead of any pace."""


def low(disbursed: int, budget: int = 1000) -> list[ActivityFigure]:
    return [figure("A", "A.1", budget, disbursed)]


def repeats(*months: list[ActivityFigure], needed: int = 3) -> list[Flag]:
    """Of January, February, ... the last is judged."""
    rules = Rules.model_validate({"repeat": {"months": needed}})
    return [f for f in judge(course(*months), rules) if f.rule == "repeat"]


# The pace: March 0.20, April 0.267, May 0.333, June 0.40; low below nine tenths of it.
def test_three_months_running_and_one_less() -> None:
    slow = [low(150), low(200), low(250)]
    flags = repeats([], [], *slow)
    assert [(f.activity, f.severity) for f in flags] == [(None, CRITICAL), ("A.1", CRITICAL)]
    assert dict(flags[0].facts) == {"months": "3"}
    assert dict(flags[0].parameters) == {"repeat.months": "3"}
    assert repeats([], [], WELL, *slow[1:]) == []
    assert len(repeats([], [], WELL, *slow[1:], needed=2)) == 2


def test_what_is_only_foretold_makes_no_run() -> None:
    """A is low by the forecast and watched by the pace, three months running."""
    watched = [low(190), low(250), low(310)]
    evidence = course([], [], *watched)
    outlook = {"A": Outlook(0.6, Method.COMBINED, 4, 0.5, 0.7)}
    months = tuple(replace(one, outlooks=outlook) for one in evidence.months)
    flags = judge(replace(evidence, months=months), Rules())
    found = {(f.rule, f.activity): f.severity for f in flags}
    assert found["unlikely-to-finish", None] is LOW
    assert found["below-pace", None] is WATCH
    assert "repeat" not in {rule for rule, _ in found}


def test_a_month_that_was_not_reported_ends_the_count() -> None:
    assert repeats([], [], low(150), [], low(250)) == []


def test_a_watch_stays_a_watch() -> None:
    watched = [low(190), low(250), low(310)]  # above nine tenths of the pace
    assert repeats([], [], *watched) == []
    assert repeats([], [], low(150), low(200), low(310)) == []


def test_low_becomes_critical_and_critical_stays() -> None:
    one = judge(course([], [], low(150), low(200), low(250)), Rules())
    assert {f.severity for f in one if f.rule == "below-pace"} == {LOW}
    worst = repeats([], [], low(10), low(10), low(20))
    assert {f.severity for f in worst} == {CRITICAL}


def test_who_pays_what_is_short_is_flagged_no_more() -> None:
    months = [[], [], low(150), low(200)]
    (unit, activity) = repeats(*months, low(200))  # still, and behind the pace
    assert unit.asked == Decimal("133.333334")
    assert activity.asked == max(
        f.asked for f in judge(course(*months, low(200)), Rules()) if f.activity
    )
    paid = [figure("A", "A.1", 1000, 200 + activity.asked)]
    assert [f.rule for f in judge(course(*months, paid), Rules())] == ["recovered"]


@pytest.mark.parametrize("months", [1, 13])
def test_the_months_have_bounds(months: int) -> None:
    with pytest.raises(ValueError, match="repeat"):
        Rules.model_validate({"repeat": {"months": months}})
