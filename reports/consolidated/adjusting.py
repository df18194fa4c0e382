"""Says which budgets the units propose to adjust, and whether that balances (part VI)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reports.consolidated.material import Line, Material, grouped, listed
from reports.letters.office import counted
from reports.mails.amounts import rounded, signed
from reports.numbers import percent
from schemas.board import ActivityFigure
from schemas.forms import SOURCES
from schemas.texts import say


@dataclass(frozen=True)
class Balance:
    """What the units give back and ask for of a funding source, triệu đồng, both positive."""

    source: str
    given: Decimal
    asked: Decimal


def proposing(month: Material) -> list[ActivityFigure]:
    """The activities with a proposal."""
    return [one for one in month.board.activities if one.proposal]


def balances(month: Material) -> list[Balance]:
    """By funding source, in the forms' order."""
    figures = proposing(month)
    return [
        Balance(source, -_sum(its, positive=False), _sum(its, positive=True))
        for source in SOURCES
        if (its := [one for one in figures if one.source == source])
    ]


def adjusting(month: Material) -> list[str]:
    """Who proposes, how much in all, and how each source balances."""
    figures, parts = proposing(month), balances(month)
    if not figures:
        return [say("consolidated.adjusting.none")]
    units = [month.names[unit] for unit in dict.fromkeys(one.unit for one in figures)]
    number = "one" if len(figures) == 1 else "many" if len(units) > 1 else "one-unit"
    counts = {"n": counted(len(figures)), "count": counted(len(units))}
    given = sum((one.given for one in parts), Decimal(0))
    asked = sum((one.asked for one in parts), Decimal(0))
    both = "both" if given and asked else "given" if given else "asked"
    amounts = {"given": rounded(given), "asked": rounded(asked)}
    balanced = [one.source for one in parts if one.asked and one.asked <= one.given]
    sentences = [
        say(f"consolidated.adjusting.{number}", units=listed(units), **counts),
        say(f"consolidated.adjusting.{both}", **amounts),
    ]
    if balanced:
        sentences.append(say("consolidated.adjusting.balanced", sources=listed(balanced)))
    sentences += [
        say(
            "consolidated.adjusting.beyond",
            source=one.source,
            amount=rounded(one.asked - one.given),
        )
        for one in parts
        if one.asked > one.given
    ]
    return [" ".join(sentences)]


def adjusting_lines(month: Material) -> list[Line]:
    """The proposals, each unit's under its name."""
    return grouped(
        month.names,
        [
            (
                one.unit,
                {
                    "code": one.code,
                    "name": one.name,
                    "source": one.source,
                    "budget": rounded(one.budget.current),
                    "rate": percent(one.rate),
                    "amount": signed(one.proposal or Decimal(0)),
                },
            )
            for one in proposing(month)
        ],
    )


def balance_lines(month: Material) -> list[Line]:
    """A line for each source, and the sum below several."""
    parts = balances(month)
    lines = [_balance(n, one) for n, one in enumerate(parts, 1)]
    if len(parts) > 1:
        given = sum((one.given for one in parts), Decimal(0))
        asked = sum((one.asked for one in parts), Decimal(0))
        lines.append(_balance("", Balance(say("consolidated.total"), given, asked)))
    return lines


def _balance(number: object, one: Balance) -> Line:
    return {
        "number": number,
        "name": one.source,
        "given": rounded(one.given),
        "asked": rounded(one.asked),
        "left": signed(one.given - one.asked),
        "bold": not number,
    }


def _sum(figures: Sequence[ActivityFigure], *, positive: bool) -> Decimal:
    amounts = (one.proposal or Decimal(0) for one in figures)
    return sum((a for a in amounts if (a > 0) is positive), Decimal(0))
