"""Decides what the units' figures add up to: by unit, by funding source, and for the body."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal

from schemas.board import ActivityFigure, Totals

Sums = dict[str, tuple[Decimal, Decimal]]
"""Key -> current budget and disbursed to date, in triệu đồng, in the order of the figures."""


def by_unit(figures: Iterable[ActivityFigure]) -> Sums:
    """Unit code -> its sums."""
    return _sums(figures, lambda figure: figure.unit)


def by_source(figures: Iterable[ActivityFigure]) -> Sums:
    """Funding source -> its sums."""
    return _sums(figures, lambda figure: figure.source)


def totals(figures: Iterable[ActivityFigure], budget_not_reported: Decimal) -> Totals:
    """The body's sums over the given figures, which are those of the accepted units.

    `budget_not_reported` is what the registry gives to the other units, in triệu đồng.
    """
    whole = _sums(figures, lambda _: "").get("", (Decimal(0), Decimal(0)))
    return Totals(*whole, budget_not_reported)


def _sums(figures: Iterable[ActivityFigure], key: Callable[[ActivityFigure], str]) -> Sums:
    budgets: dict[str, Decimal] = defaultdict(Decimal)
    disbursed: dict[str, Decimal] = defaultdict(Decimal)
    for figure in figures:
        budgets[key(figure)] += figure.budget.current
        disbursed[key(figure)] += figure.disbursed
    return {group: (budgets[group], disbursed[group]) for group in budgets}
