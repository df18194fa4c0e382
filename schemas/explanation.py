"""Where a number comes from: its formula with the numbers put in, and each number's origin."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from schemas.board import rate
from schemas.flags import Flag
from schemas.forms import Kind
from schemas.history import ImportedFigure, ImportedPast
from schemas.period import Period
from schemas.registry import Denominator, LedgerRow

FROM_FORECAST = frozenset({"unlikely-to-finish"})
OWN_PACE = ("pace.name", "own")


def rests_on_past(flag: Flag) -> bool:
    """Whether the flag was judged by past years: by the forecast, or by the body's own pattern."""
    return flag.rule in FROM_FORECAST or OWN_PACE in flag.parameters


@dataclass(frozen=True, slots=True)
class Origin:
    """One cell of one file: `version` counts the unit's submissions for the period."""

    file: str
    sha256: str
    sheet: str
    cell: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Further:
    """A cell that a flag rests on beside the figures of its own line."""

    rule: str
    """The flag's, on the same unit or activity."""
    what: str
    """The column's label."""
    code: str
    """Of the row: the activity, or one of its deliverables."""
    period: Period
    kind: Kind
    value: str
    """As text: a decimal number, an ISO date, the words."""
    origin: Origin
    """Version 0: no report, but registry.xlsx."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The figures of one activity (or, with `activity` None, of the whole unit), in triệu đồng."""

    unit: str
    activity: str | None
    name: str
    source: str | None
    budget_current: Decimal
    disbursed_to_date: Decimal | None
    plan: Decimal
    """Of the budget, what was assigned and adjusted for the year, without what was carried over."""
    denominator: Decimal
    """What the rate divides by."""
    judged_by: Denominator | None
    """None of a unit, whose activities may differ by funding source."""
    registry: str
    """SHA-256 of the registry.xlsx that the decisions stand in."""
    flags: tuple[Flag, ...]
    decisions: tuple[LedgerRow, ...] = ()
    """The ledger rows that make the budget."""
    left_out: tuple[LedgerRow, ...] = ()
    """Adjustments decided after the last day that counts."""
    closes: date | None = None
    """That day: in the closing month the end of January or of December, by funding source."""
    superseded: tuple[LedgerRow, ...] = ()
    """What was decided in the program and stands in registry.xlsx too, whose row counts."""
    disbursed_origin: Origin | None = None
    imported: tuple[ImportedFigure, ...] = ()
    """Imported lines for the period, where no report was accepted. Of a unit that reports in that
    year they stand beside `disbursed_to_date` None; of another the figures are their sums."""
    beyond: bool = False
    """Whether the activity came after its unit's report: the unit is judged without it."""
    past: tuple[ImportedPast, ...] = ()
    """The imported years that a flag above rests on; empty where none does."""
    further: tuple[Further, ...] = ()
    """What else the flags rest on, in their order."""
    reported_at: datetime | None = None
    """When the report was made that says this; None: as it stands now."""
    reported_on: date | None = None
    """That report's business date."""

    @property
    def basis(self) -> Denominator | None:
        """What the rate divides by; None of a unit whose activities differ."""
        if self.judged_by is None and self.denominator == self.budget_current:
            return Denominator.TOTAL
        if self.judged_by is None and self.denominator == self.plan:
            return Denominator.PLAN
        return self.judged_by

    @property
    def rate(self) -> float | None:
        """Disbursed to date over the denominator."""
        return rate(self.disbursed_to_date, self.denominator)

    @property
    def rate_of_plan(self) -> float | None:
        """Disbursed to date over the plan of the year."""
        return rate(self.disbursed_to_date, self.plan)

    @property
    def rate_of_total(self) -> float | None:
        """Disbursed to date over the current budget."""
        return rate(self.disbursed_to_date, self.budget_current)
