"""Last month is what its report told, however its figures were corrected since."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest
from figures import flag

from schemas.board import Board, State, Totals, UnitStatus
from schemas.changes import Changes
from schemas.flags import Flag, FlagSeverity
from schemas.period import Period
from tasks import changes
from tasks.desk import Desk

SEPTEMBER, OCTOBER = Period(2021, 9), Period(2021, 10)
LOW = flag("A", severity=FlagSeverity.LOW)
CRITICAL = replace(LOW, severity=FlagSeverity.CRITICAL)


def board(period: Period, *flags: Flag) -> Board:
    unit = UnitStatus("A", "A", State.ACCEPTED, False, Decimal(10), Decimal(1), (), flags)
    return Board(period, date(2021, 11, 5), Totals(*[Decimal(0)] * 3), (unit,))


@pytest.mark.parametrize(
    ("reported", "corrected", "now", "told"),
    [
        ((), (CRITICAL,), (), Changes()),  # no report called it low: nothing to praise
        ((), (CRITICAL,), (CRITICAL,), Changes(newly_low=("A",))),
        ((LOW,), (CRITICAL,), (CRITICAL,), Changes(worse=("A",))),
        ((LOW,), (), (), Changes(recovered=("A",))),
        (None, (LOW,), (), Changes(recovered=("A",))),  # no report was made
    ],
)
def test_what_changed_is_told_against_what_was_reported(
    monkeypatch: pytest.MonkeyPatch,
    reported: tuple[Flag, ...] | None,
    corrected: tuple[Flag, ...],
    now: tuple[Flag, ...],
    told: Changes,
) -> None:
    kept: dict[str, Any] = {} if reported is None else {"A": [SimpleNamespace(flags=reported)]}
    monkeypatch.setattr(changes, "board_of", lambda _, period: board(period, *corrected))
    monkeypatch.setattr(changes, "reported", lambda _, period: kept if period == SEPTEMBER else {})
    monkeypatch.setattr(changes, "revisions", lambda *_: [])
    desk = cast("Desk", SimpleNamespace())
    assert changes.since_last_month(desk, board(OCTOBER, *now)) == told
