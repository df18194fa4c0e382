"""What the report pages show beside the board: past months, notices, a period's line."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from schemas.board import rate
from schemas.notices import Address, Attachment, Delivery, NoticeKind
from schemas.period import Period


@dataclass(frozen=True, slots=True)
class Month:
    """What was budgeted and disbursed by the end of a month, in triệu đồng."""

    year: int
    month: int
    budget: Decimal
    disbursed: Decimal

    @property
    def rate(self) -> float | None:
        """Disbursed to date over the budget of that day."""
        return rate(self.disbursed, self.budget)


@dataclass(frozen=True, slots=True)
class Envelope:
    """One recipient of a notice, and how far it has come to them."""

    email: str
    state: Delivery
    error: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice of the outbox as it will leave, or left; without `html` where there is nothing
    left for a person to read before."""

    id: int
    kind: NoticeKind
    unit: str | None
    subject: str
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    due: date
    envelopes: tuple[Envelope, ...]
    attachments: tuple[str, ...]
    html: str = ""
    images: tuple[Attachment, ...] = ()

    @property
    def unsent(self) -> bool:
        """Whether any of it is still to leave."""
        left = (Delivery.SENT, Delivery.REFUSED, Delivery.BOUNCED)
        return any(one.state not in left for one in self.envelopes)

    @property
    def waits(self) -> bool:
        """Whether any of it waits for a person's approval."""
        return any(one.state in (Delivery.DRAFT, Delivery.HELD) for one in self.envelopes)


@dataclass(frozen=True)
class Line:
    """A period's line on the page over all periods, as its report said it; triệu đồng."""

    period: Period
    units: int
    reported: int
    low: int
    budget: Decimal
    disbursed: Decimal

    @property
    def rate(self) -> float | None:
        """Disbursed to date over the budget of those who reported."""
        return rate(self.disbursed, self.budget)
