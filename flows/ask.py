"""What people ask between the occasions: how it stands, what waits, where a number comes from.

Plain functions: who only looks must not wait for Prefect to be imported.
"""

from datetime import date
from pathlib import Path
from typing import Any

from schemas.board import Board
from schemas.explanation import Explanation
from schemas.period import Period
from tasks import outbox as outbox_of
from tasks import submissions
from tasks.board import board
from tasks.desk import Desk
from tasks.explain import explain as explain_of
from tasks.submissions import Stored


def status(workspace: Path, period: str, today: date | None) -> tuple[Board, list[Stored]]:
    """The period's board, and the files that a person must place."""
    with Desk(workspace, today) as desk:
        return board(desk, Period.parse(period)), submissions.held(desk)


def outbox(workspace: Path, period: str | None) -> list[dict[str, Any]]:
    """The outbox in the contract's shape."""
    with Desk(workspace) as desk:
        return list(outbox_of.rows(desk.engine, Period.parse(period) if period else None))


def explain(
    workspace: Path, period: str, unit: str, activity: str | None, today: date | None
) -> list[Explanation]:
    """Where each number and flag of the unit (or of one activity) comes from."""
    with Desk(workspace, today) as desk:
        return explain_of(desk, Period.parse(period), unit, activity)
