"""What a file would be understood as: looked at, and left where it lies."""

from datetime import date
from pathlib import Path

from schemas.inspection import Inspection
from tasks.desk import Desk
from tasks.inspection import inspect


def examine(workspace: Path, file: Path, period: str, today: date | None) -> tuple[Inspection, ...]:
    """The file as `collect` would understand it, by the registry of this workspace."""
    with Desk(workspace, today) as desk:
        return inspect(desk, file, period)
