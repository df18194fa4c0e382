"""The units' proposals to adjust budgets, side by side, and what a decision on one comes to."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from schemas.board import rate
from schemas.period import Period
from schemas.registry import LedgerRow


class Doubt(StrEnum):
    """Why a leader should look twice at a proposal."""

    BELOW_DISBURSED = "below-disbursed"
    """It takes more than is left: the budget would be less than what is disbursed."""
    BEYOND_GIVEN = "beyond-given"
    """The units ask for more than is given back in its funding source: the total would grow."""
    ASKS_WHILE_SLOW = "asks-while-slow"
    """It asks for more while it spends slower than the pace."""
    TAKES_FROM_AHEAD = "takes-from-ahead"
    """It takes from an activity that is ahead of the pace."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a unit proposes for one activity, in triệu đồng: gives back below zero, asks above."""

    unit: str
    activity: str
    name: str
    source: str
    budget: Decimal
    """The current budget at the period's end."""
    disbursed: Decimal
    rate: float | None
    """As the board has it."""
    amount: Decimal
    doubts: tuple[Doubt, ...] = ()

    @property
    def after(self) -> Decimal:
        """The current budget if it were decided."""
        return self.budget + self.amount

    @property
    def rate_after(self) -> float | None:
        """Disbursed to date over that."""
        return rate(self.disbursed, self.after)


@dataclass(frozen=True)
class Balance:
    """What the units give back and ask for in one funding source (None: in all), triệu đồng."""

    source: str | None
    given: Decimal
    asked: Decimal

    @property
    def left(self) -> Decimal:
        """Given back and asked by nobody; below zero: asked beyond what is given back."""
        return self.given - self.asked


@dataclass(frozen=True)
class Proposals:
    """A period's proposals: who gives back first, then who asks; the balance by funding source
    and in all."""

    period: Period
    lines: tuple[Proposal, ...]
    balances: tuple[Balance, ...]
    total: Balance
    too_late: tuple[tuple[str, str], ...] = ()
    """Funding source -> the day (15/11) before which the law wants it adjusted, where the period
    ends on or after it."""

    @property
    def doubtful(self) -> tuple[Proposal, ...]:
        """The lines that a leader should look at twice."""
        return tuple(line for line in self.lines if line.doubts)


@dataclass(frozen=True)
class Adjusted:
    """What deciding an adjustment came to, in triệu đồng."""

    row: LedgerRow
    new: bool
    """False: the ledger has this very decision already."""
    before: Decimal
    """The activity's budget in the year's last period without this decision."""
    after: Decimal
    """With it; the same where no period counts it."""
    counts_from: Period | None
    """The first period that it is part of, None where the year has none left."""
    too_late: str | None = None
    """The day (15/11) before which the law wants such an adjustment, where it came later."""
