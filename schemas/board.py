"""The month's figures as the rooms hand them on: activities, sums, units and their states."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from schemas.findings import Finding
from schemas.flags import Flag
from schemas.period import Period, View
from schemas.registry import Budget, Denominator, by_unit


class State(StrEnum):
    """Where a unit's report stands. An accepted version stands until a better one arrives."""

    MISSING = "missing"
    HELD = "held"
    RETURNED = "returned"
    ACCEPTED = "accepted"


def rate(disbursed: Decimal | None, budget: Decimal) -> float | None:
    """The disbursement rate as a fraction; None where nothing was reported or budgeted."""
    return None if disbursed is None or budget <= 0 else float(disbursed / budget)


@dataclass(frozen=True, slots=True)
class ActivityFigure:
    """One activity of an accepted unit at the period's end, in triệu đồng."""

    unit: str
    code: str
    name: str
    source: str
    budget: Budget
    disbursed: Decimal
    last_month: Decimal | None
    """The last accepted earlier figure of the year, None in the first month."""
    estimate: Decimal | None
    proposal: Decimal | None
    difficulty: str | None
    solution: str | None

    @property
    def rate(self) -> float | None:
        """Disbursed to date over the budget's denominator."""
        return rate(self.disbursed, self.budget.denominator)


@dataclass(frozen=True)
class Totals:
    """Sums over accepted units, in triệu đồng; `rate` is the average weighted by money.

    Budgets here and of units are sums of what the activities' rates divide by.
    """

    budget_current: Decimal
    disbursed_to_date: Decimal
    budget_not_reported: Decimal
    """Of the units without an accepted report, and what the others have beyond theirs."""

    @property
    def rate(self) -> float | None:
        """Disbursed to date over the current budget of the accepted units."""
        return rate(self.disbursed_to_date, self.budget_current)


@dataclass(frozen=True, slots=True)
class UnitStatus:
    """One unit's line on the board; `budget_current` comes from the registry and is known even
    of a missing unit, `disbursed_to_date` only of an accepted one. triệu đồng.

    Of an accepted unit `budget_current` is that of the activities that it reported, over which it
    is judged; what came to the registry later is `beyond`.
    """

    code: str
    name: str
    state: State
    late: bool
    budget_current: Decimal
    disbursed_to_date: Decimal | None
    findings: tuple[Finding, ...] = ()
    flags: tuple[Flag, ...] = ()
    beyond: tuple[str, ...] = ()
    """The activities of an accepted unit that its report does not have."""
    budget_beyond: Decimal = Decimal(0)
    """What these may spend."""

    @property
    def rate(self) -> float | None:
        """Disbursed to date over the current budget."""
        return rate(self.disbursed_to_date, self.budget_current)


@dataclass(frozen=True)
class Since:
    """The body's rates one month earlier and now, over the units that are known in both; the codes
    of those that are known in one only, in the registry's order."""

    rate: float | None
    last_rate: float | None
    units: int
    """How many are known in both."""
    joined: tuple[str, ...] = ()
    """Known now, and not one month earlier."""
    gone: tuple[str, ...] = ()
    """Known one month earlier, and not now."""


@dataclass(frozen=True)
class Board:
    """The whole month: every unit that reports, in the registry's order."""

    period: Period
    deadline: date
    totals: Totals
    units: tuple[UnitStatus, ...]
    activities: tuple[ActivityFigure, ...] = ()
    """Of the accepted units, those reported on the form Giải ngân."""
    since: Since | None = None
    """What the body's rate is compared with; None where no unit is known in both months."""
    judged_from: int = 1
    """The month from which the pace judges: `rules.from_month`."""
    strangers: tuple[str, ...] = ()
    """The codes of units whose accepted report counts nowhere, for the registry has no such unit
    that reports in the year: it was removed, merged or given another code after it had reported."""

    @cached_property
    def sources_by_plan(self) -> tuple[str, ...]:
        """The funding sources whose rates divide by the plan of the year."""
        by_plan = (a.source for a in self.activities if a.budget.judged_by is Denominator.PLAN)
        return tuple(dict.fromkeys(by_plan))

    def of(self, unit: str | None) -> tuple[ActivityFigure, ...]:
        """The activities of the unit, or of the body."""
        return self.activities if unit is None else self._by_unit.get(unit, ())

    def basis(self, unit: str | None = None) -> Denominator | None:
        """What the rates of the unit, or of the body, divide by; None where its funding sources
        differ."""
        return self._basis if unit is None else _basis(self.of(unit))

    def two_rates(self, unit: str | None = None) -> tuple[float | None, float | None] | None:
        """The rates of the unit, or of the body, over the plan and over the whole budget; None
        where they do not differ."""
        paid = (self.totals if unit is None else self.unit(unit)).disbursed_to_date
        _, plan, total = self._budgets(unit)
        return None if plan == total else (rate(paid, plan), rate(paid, total))

    def divided_by(self, unit: str | None = None) -> Denominator | None:
        """What the rate of the unit, or of the body, comes to divide by, whatever its sources are
        judged by: the whole budget, the plan, or (None) a sum of both."""
        divided, plan, total = self._budgets(unit)
        return {plan: Denominator.PLAN, total: Denominator.TOTAL}.get(divided)

    def _budgets(self, unit: str | None) -> tuple[Decimal, Decimal, Decimal]:
        """What the rate divides by, the plan, the whole budget."""
        divided = (self.totals if unit is None else self.unit(unit)).budget_current
        carried = dict.fromkeys(Denominator, Decimal(0))
        for one in self.of(unit):
            carried[one.budget.judged_by] += one.budget.carried
        return (
            divided,
            divided - carried[Denominator.TOTAL],
            divided + carried[Denominator.PLAN],
        )

    @property
    def beyond(self) -> tuple[UnitStatus, ...]:
        """The accepted units that have activities which came after their reports."""
        return tuple(u for u in self.units if u.beyond)

    def has(self, code: str | None) -> bool:
        """Whether the unit has a line."""
        return code in self._lines

    def unit(self, code: str) -> UnitStatus:
        """The unit's line; raises KeyError where the unit does not report."""
        return self._lines[code]

    @cached_property
    def _basis(self) -> Denominator | None:
        return _basis(self.activities)

    @cached_property
    def _lines(self) -> Mapping[str, UnitStatus]:
        return {u.code: u for u in self.units}

    @cached_property
    def _by_unit(self) -> Mapping[str, tuple[ActivityFigure, ...]]:
        return by_unit(self.activities)


def _basis(activities: Iterable[ActivityFigure]) -> Denominator | None:
    found = {a.budget.judged_by for a in activities}
    return next(iter(found or {Denominator.TOTAL})) if len(found) < 2 else None


@dataclass(frozen=True)
class Look:
    """A view: the board at its end, and what was disbursed within it."""

    view: View
    board: Board
    within: Mapping[str, Decimal | None]
    """Unit -> disbursed within the view, in triệu đồng; None where it cannot be told."""
    as_of: Mapping[str, Period]
    """Unit -> the month that its line says."""

    @property
    def unknown(self) -> tuple[UnitStatus, ...]:
        """The accepted units whose figure before the view is not known."""
        units = (u for u in self.board.units if u.state is State.ACCEPTED)
        return tuple(u for u in units if self.within[u.code] is None)

    @property
    def known(self) -> Decimal:
        """Disbursed within the view by all of whom it is known, in triệu đồng."""
        return sum((amount for amount in self.within.values() if amount is not None), Decimal(0))

    @property
    def disbursed(self) -> Decimal | None:
        """Disbursed within the view by all accepted units; None where of one it is not known, or
        where there is none."""
        told = any(amount is not None for amount in self.within.values())
        return self.known if told and not self.unknown else None
