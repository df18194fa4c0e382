"""Past figures without workbooks, as `history import` takes them."""

from dataclasses import dataclass
from decimal import Decimal

COLUMNS = ("year", "month", "unit", "activity", "source", "budget", "disbursed_to_date")

Key = tuple[int, int, str, str, str]
"""Year, month, unit, activity, source."""


@dataclass(frozen=True)
class PastFigure:
    """One line of the file; amounts in triệu đồng, `activity` and `source` may be empty. Month 13
    is the closing month."""

    year: int
    month: int
    unit: str
    activity: str
    source: str
    budget: Decimal
    disbursed_to_date: Decimal
    line: int

    @property
    def key(self) -> Key:
        """What the figure is of: a later one of the same replaces it."""
        return self.year, self.month, self.unit, self.activity, self.source


@dataclass(frozen=True)
class ImportedFigure:
    """A past figure and the line of the file that it stands in; no workbook is behind it."""

    activity: str | None
    """None: the whole unit."""
    source: str | None
    budget: Decimal
    disbursed_to_date: Decimal
    file: str | None
    """None where it was imported before the name was noted."""
    sha256: str
    line: int


@dataclass(frozen=True)
class ImportedPast:
    """What one file told of past years: of the unit itself, or of the bodies beside it."""

    own: bool
    file: str | None
    sha256: str
    first_year: int
    last_year: int
    lines: int


@dataclass(frozen=True)
class Imported:
    """What an import came to, in figures; `strangers` are units that the registry has not."""

    new: int
    replaced: int
    unchanged: int
    strangers: tuple[str, ...]
