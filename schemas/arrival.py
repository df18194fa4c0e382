"""What has arrived to be read, whichever way it came, and what waits for a person's word."""

from dataclasses import dataclass
from datetime import datetime

from schemas.findings import Finding


@dataclass(frozen=True)
class Arrival:
    """A file, already archived under `sha256`; `name` is fit to be shown.

    One out of an archive bears the way there: `archive.zip/sub/BC.xlsx`.
    """

    name: str
    sha256: str
    sender: str | None = None
    """The address that mailed it, None where it was laid in the folder."""
    origin: object = None
    """What its source needs afterwards; nobody else looks at it."""
    received: datetime | None = None
    """When it came: of a unit's accepted versions the one that came last counts; None: now."""
    finding: Finding | None = None
    """Why an archive or a message could not be opened: it is to be held with this, unread."""


@dataclass(frozen=True)
class Quarantined:
    """A mailed file that nobody may vouch for: not read until an officer releases it."""

    id: int
    received: datetime
    sender: str
    """The header as it was written, where it names no one address."""
    subject: str
    file: str
    sha256: str
    reason: str
    """A key of `[quarantine]` in the texts."""
