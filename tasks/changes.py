"""Looks up last month, and what changed since."""

from rules.changes import changes
from schemas.board import Board
from schemas.changes import Changes
from tasks.board import board as board_of
from tasks.desk import Desk
from tasks.explain import revisions


def since_last_month(desk: Desk, board: Board) -> Changes:
    """What changed from the month before to the board's; nothing in a year's first month."""
    if board.period.month == 1:
        return Changes()
    before = board_of(desk, board.period.shift(-1))
    return changes(board, before, revisions(desk, board.period))
