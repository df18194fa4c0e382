"""Lays out what the year will end with: the period's standings, and the past they are seen in."""

from collections import defaultdict
from decimal import Decimal

from sqlalchemy import select

from schemas import tables
from schemas.board import State
from schemas.errors import DondocError
from schemas.forecast import Forecast
from schemas.forms import DISBURSEMENT
from schemas.period import Period
from tasks import history, submissions
from tasks.board import budgets_of
from tasks.desk import Desk
from tasks.history import Sums
from tasks.submissions import standing


def forecast(desk: Desk, period: Period) -> list[Forecast]:
    """Every unit that reports in the year, in the registry's order, then those that only the
    imported history knows at that month.

    A unit stands where its accepted submission says, else where the imported history does.
    Raises DondocError where nothing at all is known of the period.
    """
    from rules.forecast import outlooks  # noqa: PLC0415 - imports numpy

    sums = history.imported(desk) | _submitted(desk)
    courses = history.rates(sums)
    here = {
        unit: its[period.year][period.month]
        for unit, its in courses.items()
        if period.month in its.get(period.year, {})
    }
    if not here:
        raise DondocError(
            f"Kỳ {period} chưa có số liệu nào; hãy thu báo cáo (dondoc collect) hoặc nạp số liệu "
            "các năm trước (dondoc history import)."
        )
    names = {u.code: u.name for u in desk.registry.reporting_units(period.year)}
    names |= {unit: unit for unit in here if unit not in names}
    kinds = {unit.code: unit.type for unit in desk.registry.units}
    found = outlooks(courses, kinds, period.year, period.month, here, _estimates(desk, period))
    return [Forecast(code, name, here.get(code), found.get(code)) for code, name in names.items()]


def _submitted(desk: Desk) -> Sums:
    """The accepted submissions' figures, over the budgets at their periods' ends."""
    table = tables.submission
    accepted = select(table.c.period).where(table.c.state == State.ACCEPTED).distinct()
    with desk.engine.connect() as connection:
        periods = [Period.parse(text) for text in connection.scalars(accepted) if text]
    unit_of = {a.code: a.unit for a in desk.registry.activities}
    sums: dict[tuple[str, int, int], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 2)
    for period in periods:
        budgets = budgets_of(desk, period)
        for code, row in _rows(desk, period).items():
            if code in budgets and row["disbursed"] is not None:
                key = (unit_of[code], period.year, period.month)
                budget, disbursed = sums[key]
                sums[key] = [budget + budgets[code].denominator, disbursed + row["disbursed"]]
    return {key: (budget, disbursed) for key, (budget, disbursed) in sums.items()}


def _estimates(desk: Desk, period: Period) -> dict[str, float]:
    """What each unit itself expects of the year, as a rate, where it says so of all it has."""
    budgets = budgets_of(desk, period)
    unit_of = {a.code: a.unit for a in desk.registry.activities}
    expected: dict[str, list[Decimal | None]] = defaultdict(list)
    budget: dict[str, Decimal] = defaultdict(Decimal)
    for code, row in _rows(desk, period).items():
        if code in budgets:
            expected[unit_of[code]].append(row["estimate"])
            budget[unit_of[code]] += budgets[code].denominator
    return {
        unit: float(sum(amounts, Decimal(0)) / budget[unit])
        for unit, said in expected.items()
        if len(amounts := [a for a in said if a is not None]) == len(said) and budget[unit] > 0
    }


def _rows(desk: Desk, period: Period) -> dict[str, dict[str, Decimal | None]]:
    """Activity -> its row of the submission that counts."""
    versions = submissions.of_period(desk, period).values()
    counting = [one.id for its in versions if (one := standing(its))]
    rows = submissions.rows_of(desk, DISBURSEMENT.name, counting)
    return {row.code: dict(row.values) for _, row in rows}
