"""What the audit log keeps, and what `dondoc verify` finds damaged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

Facts = Mapping[str, Any]
"""Names -> plain JSON values."""


@dataclass(frozen=True)
class Entry:
    """One row of the audit log, chained to the row before by its hash."""

    number: int
    """1, 2, 3, … without a gap."""
    at: datetime
    on: date
    """The business date."""
    what: str
    """`approve`, `adjust`, `excuse`, `release`, `report`, `deliver`, `restore`, or what was seen to
    have changed: `settings`, `standing-approval`, `registry`."""
    by: str
    """The name as said; empty where no person spoke."""
    login: str
    subject: str
    """What it is about: a period, an activity, a unit."""
    before: Facts
    after: Facts
    previous: str
    """The hash of the row before."""
    hash: str = ""


@dataclass(frozen=True)
class Act:
    """A row of a person's act (an adjustment, an excuse) as its own table has it now."""

    what: str
    subject: str
    facts: Facts
    """Of those of the audit log the ones that the table knows too."""
    at: datetime


@dataclass(frozen=True)
class Message:
    """A row of the outbox as it stands now."""

    recipient: str
    state: str
    outcomes: frozenset[str]
    """Of all answers to it."""
    last: str | None
    """Of the last answer to its last attempt."""


@dataclass(frozen=True)
class Approved:
    """A row of the approvals as it stands now."""

    content: str
    by: str
    standing: bool
    signed: str | None
    """The SHA-256 of the signed file that goes along."""
    at: datetime


@dataclass(frozen=True)
class Posted:
    """A notice with its messages and approvals as they stand now."""

    notice: int
    kind: str
    content: str
    """The hash of what it said when it was drafted."""
    now: str
    """The hash of what it says now."""
    addresses: tuple[str, ...]
    messages: tuple[Message, ...]
    approvals: tuple[Approved, ...]


@dataclass(frozen=True)
class Head:
    """The newest row of the audit log: its number and hash."""

    number: int
    hash: str


@dataclass(frozen=True)
class Damage:
    """One thing that is not as it was recorded; its sentence is `verify.KIND` of the texts, filled
    in with `facts`."""

    kind: str
    facts: Facts


@dataclass(frozen=True)
class Verified:
    """What was looked at, and what of it is damaged."""

    files: int
    """Of the archive."""
    references: int
    """Rows that name a file of the archive."""
    head: Head | None
    """None where nothing can be read of the log."""
    damages: tuple[Damage, ...]
