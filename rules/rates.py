"""Decides what the units' figures add up to: by unit, by funding source, and for the body."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal

from schemas.board import ActivityFigure, State, Totals, UnitStatus
from schemas.forms import SOURCES

Sums = dict[str, tuple[Decimal, Decimal]]
"""Key -> denominator and disbursed to date, in triệu đồng, in the order of the figures."""


def by_unit(figures: Iterable[ActivityFigure]) -> Sums:
    """Unit code -> its sums."""
    return _sums(figures, lambda figure: figure.unit)


def by_source(figures: Iterable[ActivityFigure]) -> Sums:
    """Funding source -> its sums, in the forms' order of sources."""
    sums = _sums(figures, lambda figure: figure.source)
    return {source: sums[source] for source in SOURCES if source in sums}


def beyond(
    registered: Mapping[str, Mapping[str, Decimal]], figures: Iterable[ActivityFigure]
) -> dict[str, dict[str, Decimal]]:
    """Of what each unit has `registered` (activity -> its denominator), that without a figure."""
    there = {(figure.unit, figure.code) for figure in figures}
    return {
        unit: {code: budget for code, budget in its.items() if (unit, code) not in there}
        for unit, its in registered.items()
    }


def totals(units: Collection[UnitStatus]) -> Totals:
    """The body's sums over what the accepted units reported, and the budget of the rest: of the
    other units, and of activities that came after a report. triệu đồng."""
    accepted = [unit for unit in units if unit.state is State.ACCEPTED]
    rest = [unit for unit in units if unit.state is not State.ACCEPTED]
    return Totals(
        budget_current=sum((u.budget_current for u in accepted), Decimal(0)),
        disbursed_to_date=sum((u.disbursed_to_date or Decimal(0) for u in accepted), Decimal(0)),
        budget_not_reported=sum(
            (*(u.budget_current for u in rest), *(u.budget_beyond for u in accepted)), Decimal(0)
        ),
    )


def _sums(figures: Iterable[ActivityFigure], key: Callable[[ActivityFigure], str]) -> Sums:
    budgets: dict[str, Decimal] = defaultdict(Decimal)
    disbursed: dict[str, Decimal] = defaultdict(Decimal)
    for figure in figures:
        budgets[key(figure)] += figure.budget.denominator
        disbursed[key(figure)] += figure.disbursed
    return {group: (budgets[group], disbursed[group]) for group in budgets}
