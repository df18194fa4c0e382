"""Keeps the workspace for the day when its disk or its machine is gone: one file, and its hash.

A plain function: the file lies where the command is given, not where a worker runs.
"""

from datetime import date
from pathlib import Path

from schemas.backup import Backup
from tasks.backup import backup as write
from tasks.desk import at_desk


def backup(workspace: Path, file: Path, today: date | None) -> Backup:
    """One tar file of all that cannot be made again, while others work on."""
    with at_desk("backup", workspace, today) as desk:
        return write(desk, file)
