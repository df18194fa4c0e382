"""A unit's report for a period (báo cáo của đơn vị): what one workbook turned out to be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from schemas.board import State
from schemas.findings import Finding
from schemas.forms import Row
from schemas.period import Period


@dataclass(frozen=True, slots=True)
class Submission:
    """One workbook, read and judged. `held` ones may lack unit or period, and have no rows."""

    file: str
    sha256: str
    unit: str | None
    period: Period | None
    state: State
    findings: tuple[Finding, ...]
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    """Form name -> its rows."""
    received: datetime | None = None
    """When it came, None: now."""
    question: bool = False
    """Held until an officer has decided something: the sender is not told."""


@dataclass(frozen=True, slots=True)
class Received:
    """One version of a unit's report for a period, as the month's papers tell of it."""

    unit: str
    version: int
    file: str
    sha256: str
    received_on: date
    state: State
    stands: bool
    """Whether this is the version whose figures count."""
    findings: tuple[Finding, ...]
