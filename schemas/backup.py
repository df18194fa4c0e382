"""A backup as it was made, and as it was restored."""

from dataclasses import dataclass
from pathlib import Path

from schemas.integrity import Verified


@dataclass(frozen=True)
class Backup:
    """One tar file; its SHA-256 stands beside it, in FILE.sha256."""

    file: Path
    sha256: str
    files: int
    size: int
    """Bytes."""


@dataclass(frozen=True)
class Restored:
    """A workspace out of a backup."""

    directory: Path
    files: int
    made_at: str
    """The instant of the backup, UTC, ISO 8601."""
    held: int
    """Messages that were approved and unsent then; each waits for a new approval."""
    verified: Verified
