"""Lays out how the year went on, from the accepted submissions and the imported past."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from rules.course import course as course_of
from rules.course import total
from schemas.board import Board
from schemas.course import Course, Stand
from schemas.period import Period
from tasks import history, submissions
from tasks.desk import Desk
from tasks.figures import budgets_of
from tasks.history import Sums


def course(desk: Desk, board: Board) -> Course:
    """The course of the board's year up to its period; a submission goes before an imported
    figure of the same unit and month."""
    period = board.period
    figures = submissions.history(desk, period)
    of_the_year_before = submissions.history(desk, Period(period.year - 1, 1).closing)
    here = {
        (unit.code, period.year, period.month): (unit.budget_current, unit.disbursed_to_date)
        for unit in board.units
        if unit.disbursed_to_date is not None
    }
    sums = (
        history.imported(desk)
        | _submitted(desk, period.year - 1, of_the_year_before)
        | _submitted(desk, period.year, figures)
        | here
    )
    return course_of(period, sums, _by_source(desk, period.year, period.month - 1, figures))


def _submitted(desk: Desk, year: int, figures: Mapping[str, Mapping[int, Decimal]]) -> Sums:
    unit_of = {activity.code: activity.unit for activity in desk.registry.activities}
    sums: dict[tuple[str, int, int], list[Stand]] = defaultdict(list)
    for code, month, stand in _stands(desk, year, figures):
        sums[unit_of[code], year, month].append(stand)
    found = {key: total(stands) for key, stands in sums.items()}
    return {key: (stand.budget, stand.disbursed) for key, stand in found.items()}


def _by_source(
    desk: Desk, year: int, month: int, figures: Mapping[str, Mapping[int, Decimal]]
) -> dict[tuple[str, str], Stand]:
    activity = {one.code: one for one in desk.registry.activities}
    only = {code: {month: its[month]} for code, its in figures.items() if month in its}
    sums: dict[tuple[str, str], list[Stand]] = defaultdict(list)
    for code, _, stand in _stands(desk, year, only):
        sums[activity[code].unit, activity[code].source].append(stand)
    return {key: total(stands) for key, stands in sums.items()}


def _stands(
    desk: Desk, year: int, figures: Mapping[str, Mapping[int, Decimal]]
) -> list[tuple[str, int, Stand]]:
    """(activity, month, its sums), over its budget at that month's end."""
    months = sorted({month for its in figures.values() for month in its})
    budgets = {month: budgets_of(desk, Period(year, month)) for month in months}
    return [
        (code, month, Stand(budgets[month][code].denominator, disbursed))
        for code, its in figures.items()
        for month, disbursed in its.items()
        if code in budgets[month]
    ]
