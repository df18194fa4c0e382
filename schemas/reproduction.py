"""What making a past report again came to (dựng lại): each input, figure and document compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from schemas.period import Period


@dataclass(frozen=True)
class Reported:
    """A report as it is recorded."""

    period: Period
    business_date: date
    made_at: datetime
    dossier: str
    """SHA-256 of what it was made of, in the archive."""
    registry: str
    submissions: tuple[tuple[str, str], ...]
    """(unit, SHA-256) of the versions that counted."""
    lock: Mapping[str, str]
    """What made it -> its version."""
    documents: Mapping[str, str]
    """Path below the period's documents -> SHA-256."""
    mails: Mapping[str, str]
    """Name of a notice (`urging DV01`, `digest`) -> hash of all that it says."""


class Outcome(StrEnum):
    """What became of a document or a mail."""

    IDENTICAL = "identical"
    """Made again it is the same, and so is the one that lies there."""
    DIFFERS = "differs"
    """Made again it is another, by the same programs."""
    OTHER_LOCK = "other-lock"
    """Made again it is another, by programs that are not those of then."""
    UNMADE = "unmade"
    """It cannot be made again."""
    ALTERED = "altered"
    """Made again it is the same, but the one that lies there is another."""
    MISSING = "missing"
    """Made again it is the same, but none lies there."""
    EDITED = "edited"
    """Made again it is the same; a person has saved theirs in a word processor."""
    CONVERTED = "converted"
    """A PDF that is another than the one made beside its letter; LibreOffice made both."""


SOUND = frozenset({Outcome.IDENTICAL, Outcome.EDITED, Outcome.CONVERTED})
"""What needs nobody: a difference in these is a note."""


@dataclass(frozen=True)
class Input:
    """A file in the archive that the report rests on; `wrong` says what is, None: it is sound."""

    kind: str
    """`registry`, `submission`, `template` or `history`."""
    name: str
    sha256: str
    wrong: str | None = None


@dataclass(frozen=True)
class Misread:
    """A figure of the dossier that is not the one in the cell it cites."""

    unit: str
    file: str
    sheet: str
    cell: str | None
    said: str
    found: str


@dataclass(frozen=True)
class Compared:
    """A document or a mail, and where it differs, as far as can be told."""

    name: str
    outcome: Outcome
    where: tuple[str, ...] = ()


@dataclass(frozen=True)
class Renewed:
    """A part of what made the report that has another version now; None: there is none."""

    part: str
    then: str | None
    now: str | None


@dataclass(frozen=True)
class Reproduction:
    """A past report made again from what was stored of it."""

    reported: Reported
    inputs: tuple[Input, ...]
    cells: int
    """How many figures were read again in the cells that they cite."""
    misread: tuple[Misread, ...]
    documents: tuple[Compared, ...]
    renewed: tuple[Renewed, ...]

    @property
    def identical(self) -> bool:
        """Whether every input is sound, every figure as cited, every document the same."""
        sound = all(one.outcome in SOUND for one in self.documents)
        return sound and not self.misread and not any(one.wrong for one in self.inputs)
