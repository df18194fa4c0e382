"""Says what is not counted: activities that came after their unit's report, and reports of units
that the registry no longer has."""

from collections.abc import Iterable, Iterator

from reports.numbers import money
from schemas.board import Board, UnitStatus
from schemas.texts import say


def beyond(units: Iterable[UnitStatus]) -> Iterator[str]:
    """A sentence for each unit that has such activities."""
    for unit in units:
        if unit.beyond:
            told = {"activities": ", ".join(unit.beyond), "unit": unit.name}
            budget = money(unit.budget_beyond)
            yield say("board.beyond", count=len(unit.beyond), budget=budget, **told)


def strangers(board: Board) -> Iterator[str]:
    """A sentence where any accepted report is counted nowhere."""
    if board.strangers:
        told = {"units": ", ".join(board.strangers), "year": board.period.year}
        yield say("board.strangers", count=len(board.strangers), **told)
