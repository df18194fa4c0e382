"""Says what the units propose to adjust and what was decided: terminal, digest and summary."""

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from reports.console import table
from reports.numbers import NOTHING, money, percent, short_date
from schemas.adjustments import Adjusted, Balance, Doubt, Proposal, Proposals
from schemas.registry import LedgerRow
from schemas.texts import say

ROUNDED = 1
"""Decimals of triệu đồng in the digest's sentences."""
NAMED = 10
"""Proposals that a sentence names by their codes."""


def listed(found: Proposals, rows: Sequence[LedgerRow]) -> Iterator[Table | str]:
    """A period's proposals, their balance, what to look at, and the year's decisions."""
    if found.lines:
        yield _proposed(found)
        yield _balances(found)
        yield from (_sentence(line, doubt) for line in found.lines for doubt in line.doubts)
        yield from _late(found)
    else:
        yield say("adjust.none", period=found.period)
    yield from _decisions(found, rows)
    if found.lines:
        yield say("adjust.next", period=found.period)


def sentences(found: Proposals) -> Iterator[str]:
    """Two or three sentences for a leader; none without a proposal."""
    if not found.lines:
        return
    total = found.total
    kind = "even" if total.left == 0 else "over" if total.left > 0 else "short"
    one_sided = "given-only" if not total.asked else "asked-only" if not total.given else "sum"
    yield say(
        f"adjust.{one_sided}",
        given=money(total.given, ROUNDED),
        asked=money(total.asked, ROUNDED),
        count=len(found.lines),
        balance=say(f"adjust.{kind}", left=money(abs(total.left), ROUNDED)),
    )
    for one in found.balances:
        if one.left < 0 and len(found.balances) > 1:
            yield say("adjust.by-source", source=one.source, left=money(-one.left, ROUNDED))
    if found.doubtful:
        yield say("adjust.look", count=len(found.doubtful), activities=_first(found.doubtful))
    yield from _late(found)


def _first(lines: Sequence[Proposal]) -> str:
    """The codes of the first few, the rest as dots: the sentence counts them all."""
    codes = ", ".join(line.activity for line in lines[:NAMED])
    return f"{codes}, …" if len(lines) > NAMED else codes


def doubts(line: Proposal) -> str:
    """Why to look twice at a line, in a few words each; empty where there is no reason."""
    return "; ".join(say(f"adjust.doubt.{doubt}") for doubt in line.doubts)


def decided(made: Adjusted) -> Iterator[str]:
    """What was recorded, from when it counts, and what to mind."""
    row = made.row
    told = {
        "decision": row.decision,
        "day": short_date(row.day) if row.day else NOTHING,
        "amount": _signed(row),
        "activity": row.activity,
        "before": money(made.before),
        "after": money(made.after),
        "origin": _origin(row),
    }
    yield say("adjust.recorded" if made.new else "adjust.known", **told)
    if made.counts_from:
        yield say("adjust.counts-from", period=made.counts_from)
    else:
        yield say("adjust.counts-no-more", year=row.year)
    if made.too_late:
        yield say("adjust.too-late", day=made.too_late, decided=told["day"])


def _proposed(found: Proposals) -> Table:
    shown = table(
        say("adjust.title", period=found.period.label),
        ("unit", "activity", "source"),
        ("budget", "disbursed", "rate", "proposal"),
    )
    for line in found.lines:
        shown.add_row(
            Text(line.unit),
            Text(line.activity),
            line.source,
            money(line.budget),
            money(line.disbursed),
            percent(line.rate),
            f"+{money(line.amount)}" if line.amount > 0 else money(line.amount),
        )
    return shown


def _balances(found: Proposals) -> Table:
    shown = table(say("adjust.balance-title"), ("source",), ("given", "asked", "left"))
    for one in found.balances:
        shown.add_row(one.source, *_sums(one))
    shown.add_section()
    shown.add_row(say("adjust.all-sources"), *_sums(found.total))
    return shown


def _sums(one: Balance) -> tuple[str, str, str]:
    return money(one.given), money(one.asked), money(one.left)


def _sentence(line: Proposal, doubt: Doubt) -> str:
    return say(
        f"adjust.sentence.{doubt}",
        activity=line.activity,
        source=line.source,
        amount=money(abs(line.amount)),
        after=money(line.after),
        disbursed=money(line.disbursed),
        rate=percent(line.rate),
    )


def _late(found: Proposals) -> Iterator[str]:
    for source, day in found.too_late:
        yield say("adjust.late-note", source=source, day=day)


def _decisions(found: Proposals, rows: Sequence[LedgerRow]) -> Iterator[Table | str]:
    year = found.period.year
    if not rows:
        yield say("adjust.none-decided", year=year)
        return
    shown = table(
        say("adjust.decided-title", year=year),
        ("activity", "decision", "day", "origin"),
        ("amount",),
    )
    for row in rows:
        day = short_date(row.day) if row.day else NOTHING
        later = row.day is not None and row.day > found.period.last_day
        shown.add_row(
            Text(row.activity),
            Text(row.decision or NOTHING),
            say("adjust.after-period", day=day) if later else day,
            Text(_origin(row)),
            _signed(row),
        )
    yield shown


def _signed(row: LedgerRow) -> str:
    return f"+{money(row.amount)}" if row.amount > 0 else money(row.amount)


def _origin(row: LedgerRow) -> str:
    if row.recorded is None:
        return say("adjust.from-registry", row=row.row)
    return say("adjust.from-program", by=row.recorded.by, on=short_date(row.recorded.on))
