"""Decides what the units' proposals to adjust budgets come to, and which to look at twice."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from schemas.adjustments import Balance, Doubt, Proposal, Proposals
from schemas.board import ActivityFigure
from schemas.forms import SOURCES
from schemas.period import Period

ZERO = Decimal(0)


def proposals(
    figures: Sequence[ActivityFigure],
    period: Period,
    expected: Fraction,
    before: Mapping[str, str],
) -> Proposals:
    """The proposals among a period's accepted figures: who gives back first, then who asks, each
    in the order of the figures; the balance by funding source, in the forms' order, and in all.

    `expected` is the pace's share of the year at the period's end; `before` the days (`15/11`)
    before which the law wants a funding source adjusted.
    """
    proposing = [(figure, figure.proposal) for figure in figures if figure.proposal]
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for figure, amount in proposing:
        sums[figure.source][amount > 0] += abs(amount)
    balances = tuple(Balance(s, *sums[s]) for s in SOURCES if s in sums)
    beyond = {one.source for one in balances if one.left < 0}
    lines = [
        Proposal(
            unit=figure.unit,
            activity=figure.code,
            name=figure.name,
            source=figure.source,
            budget=figure.budget.current,
            disbursed=figure.disbursed,
            rate=figure.rate,
            amount=amount,
            doubts=tuple(_doubts(figure, amount, expected, beyond=figure.source in beyond)),
        )
        for figure, amount in proposing
    ]
    return Proposals(
        period,
        tuple(sorted(lines, key=lambda line: line.amount > 0)),
        balances,
        Balance(
            None,
            sum((one.given for one in balances), ZERO),
            sum((one.asked for one in balances), ZERO),
        ),
        tuple(
            (one.source, day)
            for one in balances
            if one.source and (day := too_late(one.source, period.last_day, period.year, before))
        ),
    )


def _doubts(
    figure: ActivityFigure, amount: Decimal, expected: Fraction, *, beyond: bool
) -> Iterator[Doubt]:
    target = expected * Fraction(figure.budget.denominator)
    if amount < 0 and figure.budget.current + amount < figure.disbursed:
        yield Doubt.BELOW_DISBURSED
    if amount < 0 and figure.disbursed > target:
        yield Doubt.TAKES_FROM_AHEAD
    if amount > 0 and beyond:
        yield Doubt.BEYOND_GIVEN
    if amount > 0 and figure.disbursed < target:
        yield Doubt.ASKS_WHILE_SLOW


def too_late(source: str, day: date, year: int, before: Mapping[str, str]) -> str | None:
    """The day (`15/11`) before which the law wants the funding source's budgets of `year`
    adjusted, where `day` is not before it."""
    last = before.get(source)
    if last is None:
        return None
    day_of_month, month = map(int, last.split("/"))
    return last if (day.year, day.month, day.day) >= (year, month, day_of_month) else None


def adjustable(
    sources: Iterable[str], day: date, year: int, before: Mapping[str, str]
) -> tuple[str, ...]:
    """The funding sources whose budgets of `year` may still be adjusted on that day, each once:
    none once the year is over, see too_late."""
    if day.year > year:
        return ()
    its = dict.fromkeys(sources)
    return tuple(one for one in its if not too_late(one, day, year, before))
