"""What changed from one month to the next."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from figures import flag

from rules.changes import changes
from schemas.board import Board, State, Totals, UnitStatus
from schemas.changes import Changes, Revision
from schemas.flags import Flag, FlagSeverity
from schemas.period import Period

WATCH, LOW, CRITICAL = FlagSeverity
SEPTEMBER = Period(2021, 9)


def board(**units: tuple[State, tuple[Flag, ...]]) -> Board:
    of_units = tuple(
        UnitStatus(code, code, state, False, Decimal(1), Decimal(0), (), flags)
        for code, (state, flags) in units.items()
    )
    return Board(SEPTEMBER, date(2021, 10, 7), Totals(*[Decimal(0)] * 3), of_units)


def told(*severities: FlagSeverity, small: bool = False) -> tuple[State, tuple[Flag, ...]]:
    return State.ACCEPTED, tuple(flag(severity=s, small=small) for s in severities)


NOT_REPORTED: tuple[State, tuple[Flag, ...]] = (State.MISSING, ())


def test_each_kind_of_change() -> None:
    before = board(
        A=told(), B=told(LOW), C=told(CRITICAL), D=told(LOW, WATCH), E=told(LOW), F=told(LOW),
        G=told(CRITICAL, small=True), H=NOT_REPORTED,
    )  # fmt: skip
    now = board(
        A=told(LOW), B=told(CRITICAL), C=told(LOW), D=told(WATCH),
        E=NOT_REPORTED, F=told(LOW), G=told(), H=told(CRITICAL),
    )  # fmt: skip
    assert changes(now, before) == Changes(("A", "H"), ("B",), ("C",), ("D",), ("E",))


def test_the_same_month_again_changes_nothing() -> None:
    same = board(A=told(LOW), B=told(), C=NOT_REPORTED)
    assert changes(replace(same), same) == Changes()


def test_revised_figures_are_handed_on() -> None:
    one = Revision("A", "A.1", SEPTEMBER, Decimal(3), Decimal(2))
    same = board(A=told())
    assert changes(same, same, [one]).revisions == (one,)


def test_whose_budget_was_taken_away_has_not_recovered() -> None:
    before, now = board(A=told(LOW)), board(A=told())
    assert changes(now, before).recovered == ("A",)
    emptied = replace(now.units[0], budget_current=Decimal(0))
    assert changes(replace(now, units=(emptied,)), before) == Changes()
