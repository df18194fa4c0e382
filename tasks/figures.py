"""Lays out what is reported of a month: the activities of accepted units, over their budgets."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TypeVar

from rules.budget import budgets
from schemas.board import ActivityFigure
from schemas.course import Stand
from schemas.forms import DISBURSEMENT, Row
from schemas.period import Period
from schemas.registry import Activity, Budget
from tasks import submissions
from tasks.desk import Desk

T = TypeVar("T")

SEPARATOR = "\x1f"
"""Between unit, activity and source in the code of an imported figure: no two are the same, and
no code that a person typed has it."""


def budgets_of(
    desk: Desk, period: Period, codes: Collection[str] | None = None
) -> Mapping[str, Budget]:
    """Activity code -> its budget at the period's end, with what its rate divides by; of these
    codes only, where they are given."""
    if codes is None:
        return desk.budgets(period)
    rules = desk.settings.rules
    registry = desk.registry.of_activities(codes)
    return budgets(registry, period, rules.denominators, rules.open_in_january)


def reported_activities(desk: Desk, period: Period) -> list[Activity]:
    """The activities whose money is reported on the form Giải ngân in the period's year."""
    return [
        a
        for a in desk.registry.activities
        if a.runs_in(period.year) and DISBURSEMENT.name in a.forms
    ]


def counted(
    desk: Desk, period: Period, reported: Mapping[tuple[str, str], T]
) -> Iterator[tuple[Activity, T]]:
    """What counts of that which units `reported` (unit, activity) in the period: what is theirs to
    report in it as the registry stands, in its order."""
    for one in reported_activities(desk, period):
        if (its := reported.get((one.unit, one.code))) is not None:
            yield one, its


def stands(
    desk: Desk, since: Period | None = None, until: Period | None = None
) -> Iterator[tuple[Period, Activity, Stand, Decimal | None]]:
    """Where each activity stood at the end of each period that its unit was accepted in, as the
    period's board has it, and its estimate for the year; from one period to the other."""
    for period, reported in submissions.amounts(desk, since, until):
        budget = budgets_of(desk, period)
        for one, (disbursed, estimate) in counted(desk, period, reported):
            yield period, one, Stand(budget[one.code].denominator, disbursed), estimate


def figures_of(
    desk: Desk,
    period: Period,
    rows: Iterable[tuple[str, Row]],
    budget: Mapping[str, Budget],
    last: Mapping[str, Decimal],
) -> tuple[ActivityFigure, ...]:
    """The figures in the registry's order, of `rows` (unit, row) of the versions that count;
    `last` holds the newest earlier figure by activity."""
    values = {(unit, row.code): row.values for unit, row in rows}
    return tuple(
        ActivityFigure(
            unit=a.unit,
            code=a.code,
            name=a.name,
            source=a.source,
            budget=budget[a.code],
            disbursed=its["disbursed"],
            last_month=last.get(a.code),
            estimate=its["estimate"],
            proposal=its["proposal"],
            difficulty=its["difficulty"],
            solution=its["solution"],
        )
        for a, its in counted(desk, period, values)
    )


def named(code: str) -> str:
    """The activity of a figure as it was typed; empty where an imported one names none."""
    return code.split(SEPARATOR)[1] if SEPARATOR in code else code
