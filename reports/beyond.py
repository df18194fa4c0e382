"""Says which activities came after their unit's report, and so are not counted."""

from collections.abc import Iterable, Iterator

from reports.numbers import money
from schemas.board import UnitStatus
from schemas.texts import say


def beyond(units: Iterable[UnitStatus]) -> Iterator[str]:
    """A sentence for each unit that has such activities."""
    for unit in units:
        if unit.beyond:
            told = {"activities": ", ".join(unit.beyond), "unit": unit.name}
            budget = money(unit.budget_beyond)
            yield say("board.beyond", count=len(unit.beyond), budget=budget, **told)
