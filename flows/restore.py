"""Brings a workspace back from its backup: all of it or nothing, and nothing leaves unasked."""

from datetime import date
from pathlib import Path

from schemas.backup import Restored
from tasks.backup import restore as bring_back


def restore(
    file: Path, directory: Path, by: str, sha256: str | None, today: date | None
) -> Restored:
    """A backup laid into an empty folder, and looked over."""
    return bring_back(file, directory, by, sha256, today)
