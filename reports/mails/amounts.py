"""Decides which flags' amounts add up, and how urging letters and digests say amounts and gaps."""

from collections.abc import Sequence
from decimal import Decimal

from reports.numbers import money, percent, points
from schemas.flags import Flag, FlagSeverity, Matter
from schemas.texts import say

ROUNDED = 1
"""Decimals of triệu đồng in urging letters and digests, which say so; receipts are exact."""


def is_low(flag: Flag) -> bool:
    """Whether it is a reason for a letter, were it not excused."""
    return flag.severity in (FlagSeverity.LOW, FlagSeverity.CRITICAL) and not flag.small


def leading(flags: Sequence[Flag]) -> dict[str, Flag]:
    """Activity code -> that one of its money flags which asks for most."""
    of_activities = [flag for flag in _asking(flags) if flag.activity is not None]
    return {f.activity or "": f for f in sorted(of_activities, key=lambda f: f.asked)}


def counted(flags: Sequence[Flag]) -> list[Flag]:
    """The flags whose amounts add up: one per activity, or the whole unit's where none is."""
    return list(leading(flags).values()) or sorted(_asking(flags), key=lambda f: f.asked)[-1:]


def _asking(flags: Sequence[Flag]) -> list[Flag]:
    return [flag for flag in flags if flag.matter is Matter.MONEY]


def rounded(amount: Decimal | None) -> str:
    """`1.234,6`, a dash where there is no amount."""
    return money(amount, ROUNDED)


def signed(amount: Decimal) -> str:
    """`+1.234,6` or `-1.234,6`."""
    return f"+{rounded(amount)}" if amount > 0 else rounded(amount)


def compared(rate: float | None, other: float | None, what: str, body: str) -> str:
    """`thấp hơn … (45,67%) 3,21 điểm phần trăm`; the gap is that of the printed rates."""
    gap = points(rate or 0) - points(other or 0)
    key = "equal" if gap == 0 else "below" if gap < 0 else "above"
    named = say(f"mail.compare.{what}", body=body)
    return say(f"mail.compare.{key}", what=named, rate=percent(other), gap=money(abs(gap)))
