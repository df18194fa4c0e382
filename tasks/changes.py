"""Looks up last month as its report told it, and what changed since."""

from dataclasses import replace

from rules.changes import changes
from schemas.board import Board, State
from schemas.changes import Changes
from schemas.period import View
from tasks.board import board as board_of
from tasks.board import look
from tasks.desk import Desk
from tasks.explain import reported, revisions


def since_last_month(desk: Desk, board: Board) -> Changes:
    """What changed from the month before to the board's.

    January is compared with how the year before ended: each unit with its closing month, else with
    December; nothing where nothing is known of that year.
    """
    if board.period.month == 1:
        before = look(desk, View(board.period.year - 1, "")).board
        if not any(unit.state is State.ACCEPTED for unit in before.units):
            return Changes()
    else:
        before = _as_reported(desk, board_of(desk, board.period.shift(-1)))
    return changes(board, before, revisions(desk, board.period))


def _as_reported(desk: Desk, board: Board) -> Board:
    """The board with the flags that the period's report told, else as judged now."""
    told = reported(desk, board.period)
    units = (
        replace(unit, flags=tuple(flag for one in told[unit.code] for flag in one.flags))
        if unit.code in told
        else unit
        for unit in board.units
    )
    return replace(board, units=tuple(units))
