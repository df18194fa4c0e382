"""Decides which flags' amounts add up, and how urging letters and digests say amounts and gaps."""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from reports.explained import sentence
from reports.listed import and_more
from reports.numbers import money, percent, points
from schemas.board import Board
from schemas.explanation import FROM_FORECAST
from schemas.flags import Flag, FlagSeverity, Matter
from schemas.texts import say

LEFT_OUT = 6
"""Units that a comparison names as left out of it; of more the first few."""
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
    """The flags whose amounts add up: one per activity, or the whole unit's where none is; not what
    a forecast asks for, which nothing asks for yet."""
    asking = [flag for flag in _asking(flags) if flag.rule not in FROM_FORECAST]
    return list(leading(flags).values()) or sorted(asking, key=lambda f: f.asked)[-1:]


def asked(flags: Sequence[Flag]) -> Decimal | None:
    """What these flags ask for in all; None where they only foretell."""
    counting = counted(flags)
    return sum((flag.asked for flag in counting), Decimal(0)) if counting else None


def monthly(flags: Sequence[Flag]) -> Decimal | None:
    """What each month that is left must pay of what is flagged; None where none is left."""
    its = counted(flags) or _asking(flags)[-1:]
    needed = [f.needed_per_month for f in its if f.needed_per_month is not None]
    return sum(needed, Decimal(0)) if needed else None


def whole(flags: Sequence[Flag]) -> list[str]:
    """The money flags of the unit as a whole, as items of a letter's list."""
    return [
        say(
            "mail.urging.of-unit",
            severity=say(f"severity.{flag.severity}").lower(),
            title=say(f"flag.{flag.rule}.title"),
            sentence=sentence(flag, places=ROUNDED),
        )
        for flag in _asking(flags)
        if flag.activity is None
    ]


def levels(flags: Sequence[Flag], expected: float) -> str:
    """What the levels asked for rest on: the pace, whose rate is `expected`, or the rule that asks
    for another; where there are only forecasts, that what they say counts to the year's end."""
    by: dict[str, list[str]] = {}
    pace = say("mail.urging.by-pace")
    for flag in counted(flags):
        by.setdefault(_basis(flag, flags, expected), []).append(flag.activity or flag.unit)
    rests = [
        say(f"mail.urging.levels{'-too' if n else ''}", basis=basis, activities=", ".join(codes))
        for n, (basis, codes) in enumerate(sorted(by.items(), key=lambda one: one[0] != pace))
    ]
    return f"{'; '.join(rests)}." if rests else say("mail.urging.levels-foretold")


def _basis(flag: Flag, flags: Sequence[Flag], expected: float) -> str:
    """The pace; else the rule that asks for that rate, with who set it where it says so: a run's
    is that of the rule that asks for most."""
    if flag.expected == expected:
        return say("mail.urging.by-pace")
    same = (f for f in flags if (f.activity, f.expected) == (flag.activity, flag.expected))
    own = max(same, key=lambda f: f.rule != "repeat")
    origin = dict(own.facts).get("origin")
    title = say(f"flag.{own.rule}.title")
    return say(f"mail.urging.by-rule{'-of' if origin else ''}", title=title, origin=origin)


def funds(sources: Sequence[str], adjustable: Collection[str]) -> str:
    """The money whose adjustment may still be asked for: empty where none may, the sources by name
    where only some may."""
    open_still = [one for one in dict.fromkeys(sources) if one in adjustable]
    if {*open_still} == {*sources}:
        return say("mail.urging.funds")
    return say("mail.urging.funds-of", sources=", ".join(open_still)) if open_still else ""


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


def since(board: Board, body: str) -> Iterator[str]:
    """The body's rate against one month earlier, over the same units: where any is left out, it is
    named, and what the others reached is said."""
    one = board.since
    if one is None:
        return
    comparison = compared(one.rate, one.last_rate, "last-month", body)
    if not one.joined and not one.gone:
        yield comparison
        return
    left_out = [board.unit(code).name for code in (*one.joined, *one.gone)]
    yield say(
        "mail.compare.alike",
        count=one.units,
        units=and_more(left_out, LEFT_OUT),
        rate=percent(one.rate),
        comparison=comparison,
    )
