"""Says what the leader is asked to decide: who is to do what, by when (part VII)."""

from collections.abc import Iterator, Sequence

from reports.consolidated.it import unsettled
from reports.consolidated.low import low_names
from reports.consolidated.material import Material, listed
from reports.consolidated.strategy import overdue
from reports.letters.office import counted
from reports.numbers import long_date
from schemas.board import State
from schemas.forms import Row
from schemas.texts import say


def proposals(month: Material, leader: str) -> list[str]:
    """Numbered proposals, each with an actor and a working day; one sentence where there is no
    reason for any."""
    body = month.body
    days = {"answer_by": long_date(month.answer_by), "report_by": long_date(month.report_by)}
    fields = {"leader": leader, "finance": body.finance, "office": body.office, **days}
    said = [
        *_low(month, fields),
        *_silent(month, fields),
        *_adjusting(month, fields),
        *_works(month, "settle", "it", unsettled(month), fields),
        *_works(month, "finish", "work", overdue(month), fields),
    ]
    if not said:
        return [say("consolidated.proposal.none")]
    numbered = [f"{n}. {text}" for n, text in enumerate(said, 1)]
    return [say("consolidated.proposal.intro", **fields), *numbered]


def _low(month: Material, fields: dict[str, str]) -> Iterator[str]:
    if names := low_names(month):
        units = names[0] if len(names) == 1 else say(
            "consolidated.reporting.count-units", n=counted(len(names))
        )  # fmt: skip
        heads = say("consolidated.proposal.head", units=names[0] if len(names) == 1 else say(
            "consolidated.proposal.these"
        ))  # fmt: skip
        key = "urge-closing" if month.board.period.is_closing else "urge"
        yield say(f"consolidated.proposal.{key}", units=units, heads=heads, **fields)


def _silent(month: Material, fields: dict[str, str]) -> Iterator[str]:
    silent = (State.MISSING, State.RETURNED)
    if names := [unit.name for unit in month.board.units if unit.state in silent]:
        period = month.board.period.label
        yield say("consolidated.proposal.send", heads=_heads(names), period=period, **fields)


def _adjusting(month: Material, fields: dict[str, str]) -> Iterator[str]:
    parts = month.proposals.balances
    kinds = {
        "decide": [one.source or "" for one in parts if one.asked and one.left >= 0],
        "review": [one.source or "" for one in parts if one.left < 0],
        "withdraw": [one.source or "" for one in parts if not one.asked],
    }
    for kind, sources in kinds.items():
        if sources:
            yield say(f"consolidated.proposal.{kind}", sources=listed(sources), **fields)


def _works(
    month: Material, key: str, of: str, rows: Sequence[tuple[str, Row]], fields: dict[str, str]
) -> Iterator[str]:
    if rows:
        names = [month.names.get(unit, unit) for unit in dict.fromkeys(unit for unit, _ in rows)]
        number = "one" if len(rows) == 1 else "many"
        works = say(f"consolidated.proposal.{of}-{number}", n=counted(len(rows)))
        heads = _heads(names)
        yield say(f"consolidated.proposal.{key}", heads=heads, works=works, **fields)


def _heads(names: Sequence[str]) -> str:
    """The head of one unit, or of several that are named."""
    number = "head" if len(names) == 1 else "heads"
    return say(f"consolidated.proposal.{number}", units=listed(names), n=counted(len(names)))
