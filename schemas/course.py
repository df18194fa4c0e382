"""How a year's disbursement went on: by month, and where it stood one month and one year before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from schemas.board import rate


@dataclass(frozen=True, slots=True)
class Stand:
    """A sum at a month's end: what its rate divides by, and disbursed to date; triệu đồng."""

    budget: Decimal
    disbursed: Decimal

    @property
    def rate(self) -> float | None:
        """Disbursed over the budget; None of an empty one."""
        return rate(self.disbursed, self.budget)


@dataclass(frozen=True)
class Course:
    """The year up to the period; what is not known is missing from the mappings."""

    months: Mapping[int, Stand] = field(default_factory=dict)
    """Month -> the body's sums over those who reported."""
    reporting: Mapping[int, int] = field(default_factory=dict)
    """Month -> how many units that were."""
    within: Mapping[int, Decimal] = field(default_factory=dict)
    """Month -> disbursed within it, by the units known at its end and at its beginning."""
    last_month: Mapping[str, Stand] = field(default_factory=dict)
    """Unit -> where it stood one month before."""
    last_month_sources: Mapping[tuple[str, str], Stand] = field(default_factory=dict)
    """(unit, funding source) -> likewise, of what was reported by workbook."""
    last_year: Mapping[int, Stand] = field(default_factory=dict)
    """Month -> the sums of the year before over the same units, where all of them are known."""
    last_year_units: Mapping[str, Stand] = field(default_factory=dict)
    """Unit -> where it stood in the same month of the year before."""
