"""Takes in past figures without workbooks: all of a file, or nothing.

A plain function: the file lies where the command is given, not where a worker runs.
"""

from datetime import date
from pathlib import Path

from schemas.history import Imported
from tasks.desk import at_desk
from tasks.history import import_history


def history(workspace: Path, file: Path, today: date | None) -> Imported:
    """The figures of a CSV file; raises DondocError naming each wrong line."""
    with at_desk("history", workspace, today) as desk:
        return import_history(desk, file)
