"""Says what was decided to adjust, which budgets the units propose to adjust, and whether that
balances (part VI)."""

from collections.abc import Iterator
from decimal import Decimal

from reports.adjusting import doubts
from reports.consolidated.material import Line, Material, grouped, listed, numbered
from reports.letters.office import counted
from reports.mails.amounts import rounded, signed
from reports.numbers import percent
from schemas.adjustments import Balance
from schemas.texts import say


def adjusting(month: Material) -> list[str]:
    """The year's decisions; who proposes, how much in all, how each source balances, what to look
    at twice."""
    return [_decided(month), " ".join(_proposed(month))]


def adjusting_lines(month: Material) -> list[Line]:
    """The proposals, each unit's under its name, with why to look at one twice."""
    order = list(month.names)
    lines = sorted(month.proposals.lines, key=lambda line: order.index(line.unit))
    return grouped(
        month.names,
        [
            (
                one.unit,
                {
                    "code": one.activity,
                    "name": one.name,
                    "source": one.source,
                    "budget": rounded(one.budget),
                    "rate": percent(one.rate),
                    "amount": signed(one.amount),
                    "doubt": doubts(one),
                },
            )
            for one in lines
        ],
    )


def balance_lines(month: Material) -> list[Line]:
    """A line for each source, and the sum below several."""
    parts, total = month.proposals.balances, month.proposals.total
    lines = [_balance(n, one, one.source or "") for n, one in enumerate(parts, 1)]
    if len(parts) > 1:
        lines.append(_balance("", total, say("consolidated.total")))
    return lines


def _decided(month: Material) -> str:
    amounts = [row.amount for row in month.decided]
    taken = -sum((amount for amount in amounts if amount < 0), Decimal(0))
    added = sum((amount for amount in amounts if amount > 0), Decimal(0))
    both = "both" if taken and added else "added" if added else "taken"
    return numbered(
        "adjusting.decided",
        len(amounts),
        amounts=say(f"consolidated.adjusting.{both}", taken=rounded(taken), added=rounded(added)),
        year=month.board.period.year,
    )


def _proposed(month: Material) -> Iterator[str]:
    found = month.proposals
    if not found.lines:
        yield say("consolidated.adjusting.none")
        return
    proposing = {line.unit for line in found.lines}
    units = [name for code, name in month.names.items() if code in proposing]
    number = "one" if len(found.lines) == 1 else "many" if len(units) > 1 else "one-unit"
    counts = {"n": counted(len(found.lines)), "count": counted(len(units))}
    yield say(f"consolidated.adjusting.{number}", units=listed(units), **counts)
    given, asked = found.total.given, found.total.asked
    both = "given-asked" if given and asked else "given" if given else "asked"
    amounts = {"given": rounded(given), "asked": rounded(asked)}
    yield say(f"consolidated.adjusting.{both}", **amounts)
    balanced = [one.source or "" for one in found.balances if one.asked and one.left >= 0]
    if balanced:
        yield say("consolidated.adjusting.balanced", sources=listed(balanced))
    for one in found.balances:
        if one.left < 0:
            amount = rounded(-one.left)
            yield say("consolidated.adjusting.beyond", source=one.source, amount=amount)
    if found.doubtful:
        yield numbered("adjusting.doubtful", len(found.doubtful))
    for source, day in found.too_late:
        yield say("adjust.late-note", source=source, day=day)


def _balance(number: object, one: Balance, name: str) -> Line:
    return {
        "number": number,
        "name": name,
        "given": rounded(one.given),
        "asked": rounded(one.asked),
        "left": signed(one.left),
        "bold": not number,
    }
