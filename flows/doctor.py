"""Looks the workspace over: what is wrong, and how to mend it."""

from datetime import date
from pathlib import Path

from schemas.doctor import Check
from tasks.checkup import checkup


def doctor(workspace: Path, today: date | None) -> list[Check]:
    """One check a line: settings, folders, registry, database, mail, clock, schedules."""
    return checkup(workspace, today)
