"""Which flags a recorded reason covers, and until when."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from figures import flag

from reports.console import recorded_excuse
from rules.changes import changes
from rules.excuses import excused, in_force
from rules.rollup import calls_for_letter, low, urged
from schemas.board import Board, State, Totals, UnitStatus
from schemas.excuses import Excuse
from schemas.flags import Flag
from schemas.period import Period
from schemas.registry import Recorded

OCTOBER = Period(2021, 10)
BY = Recorded("Vũ Đức Thắng", "thang", date(2021, 11, 9), datetime(2021, 11, 9, tzinfo=UTC))


def excuse(
    unit: str = "A",
    activity: str | None = None,
    rule: str | None = None,
    since: Period = OCTOBER,
    until: date = date(2021, 12, 31),
    because: str = "Chờ bàn giao mặt bằng",
) -> Excuse:
    return Excuse(unit, activity, rule, since, until, because, BY)


@pytest.mark.parametrize(
    ("until", "holds"), [(date(2021, 10, 30), False), (date(2021, 10, 31), True)]
)
def test_it_holds_while_the_period_s_last_day_is_not_after_its_day(
    until: date, holds: bool
) -> None:
    assert bool(in_force([excuse(until=until)], OCTOBER)) is holds


def test_it_holds_from_its_own_period_on() -> None:
    assert in_force([excuse()], Period(2021, 9)) == ()
    assert len(in_force([excuse()], Period(2021, 12))) == 1
    assert in_force([excuse()], Period(2022, 1)) == ()


def test_a_later_one_on_the_same_matter_takes_its_place_or_ends_it() -> None:
    first = excuse(since=Period(2021, 8))
    longer = excuse(until=date(2022, 3, 31), because="Chờ vốn")
    other = excuse(activity="A.1")
    assert in_force([first, other, longer], OCTOBER) == (longer, other)
    assert in_force([first, longer], Period(2021, 9)) == (first,)
    ended = excuse(until=date(2021, 10, 1))
    assert in_force([first, other, ended], OCTOBER) == (other,)


def test_it_covers_the_unit_the_activity_the_rule_that_it_names() -> None:
    whole, one = flag("A"), replace(flag("A", rule="stalled"), activity="A.1")
    other = replace(flag("A"), activity="A.2")
    foreign = flag("B")
    flags = (whole, one, other, foreign)

    def covered(*excuses: Excuse) -> list[bool]:
        return [f.excused is not None for f in excused(flags, excuses)]

    assert covered() == [False] * 4
    assert covered(excuse()) == [True, True, True, False]
    assert covered(excuse(activity="A.1")) == [False, True, False, False]
    assert covered(excuse(rule="below-pace")) == [True, False, True, False]
    assert covered(excuse(activity="A.2", rule="stalled")) == [False] * 4
    wide, narrow = excuse(), excuse(activity="A.1")
    assert excused(flags, [wide, narrow])[1].excused == narrow


def board(*flags: Flag) -> Board:
    budget = Decimal(100)
    unit = UnitStatus("A", "A", State.ACCEPTED, False, budget, Decimal(1), (), flags)
    return Board(OCTOBER, date(2021, 11, 5), Totals(budget, Decimal(1), Decimal(0)), (unit,))


def test_an_excused_flag_is_low_still_and_calls_for_no_letter() -> None:
    plain, spared = board(flag("A")), board(replace(flag("A"), excused=excuse()))
    assert (set(low(plain)), set(urged(plain))) == ({"A"}, {"A"})
    assert (set(low(spared)), set(urged(spared))) == ({"A"}, set())
    both = [flag("A"), replace(flag("A"), excused=excuse())]
    assert calls_for_letter(both)


def test_who_is_excused_has_not_recovered_and_is_not_newly_low_afterwards() -> None:
    plain, spared = board(flag("A")), board(replace(flag("A"), excused=excuse()))
    assert changes(spared, plain) == changes(plain, spared) == changes(plain, plain)


def test_what_is_repeated_is_excused_where_all_that_it_repeats_is() -> None:
    pace, still, again = flag(), flag(rule="stalled"), flag(rule="repeat")
    by_pace, by_still = excuse(rule="below-pace"), excuse(rule="stalled")
    assert not calls_for_letter(excused([pace, again], [by_pace]))
    assert calls_for_letter(excused([pace, still, again], [by_pace]))
    assert not calls_for_letter(excused([pace, still, again], [by_pace, by_still]))
    assert excused([again], [])[0].excused is None


def test_who_ends_an_excuse_hears_that_the_letter_comes_back() -> None:
    ended, holding = recorded_excuse(excuse(until=date(2021, 10, 1))), recorded_excuse(excuse())
    assert "thư đôn đốc sẽ được soạn lại: dondoc report 2021-10" in " ".join(ended)
    assert "để rút thư đôn đốc đã soạn" in " ".join(holding)
