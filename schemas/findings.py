"""What is wrong in a submission (lỗi, cảnh báo), as a value."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """ERROR returns the sheet, WARNING accepts it for a person to look, INFO only tells."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Finding:
    """One thing wrong: where it stands, which rule says so, and what to do (Vietnamese)."""

    rule: str
    severity: Severity
    message: str
    file: str | None = None
    sheet: str | None = None
    cell: str | None = None
