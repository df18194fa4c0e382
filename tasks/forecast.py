"""Lays out what the year will end with: the period's standings, and the past they are seen in."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from schemas.errors import DondocError
from schemas.forecast import Forecast, Method, Outlook
from schemas.forms import DISBURSEMENT
from schemas.period import CLOSING, DECEMBER, Period
from schemas.texts import say
from tasks import history, submissions
from tasks.desk import Desk
from tasks.figures import budgets_of, reported_activities
from tasks.history import Sums
from tasks.submissions import standing

ZERO = Decimal(0)


def forecast(desk: Desk, period: Period) -> list[Forecast]:
    """Every unit that reports in the year, in the registry's order, then those that only the
    imported history knows at that month.

    A unit stands where its accepted submission says, else where the imported history does. In
    December the year has ended as the closing month says, where the workspace knows it.
    Raises DondocError where nothing at all is known of the period.
    """
    from rules.forecast import outlooks  # noqa: PLC0415 - imports numpy

    known, estimates = submitted(desk)
    past = history.imported(desk)
    courses = history.rates(past | known)
    here = {
        unit: its[period.year][period.month]
        for unit, its in courses.items()
        if period.month in its.get(period.year, {})
    }
    if not here:
        raise DondocError(say("period.no-figures", period=period))
    names = {u.code: u.name for u in desk.registry.reporting_units(period.year)}
    names |= {unit: unit for unit in here if unit not in names}
    kinds = {unit.code: unit.type for unit in desk.registry.units}
    still = _open_still(desk, period, here) if period.month == DECEMBER else ()
    found = outlooks(courses, kinds, period.year, period.month, here, estimates, still)
    if period.month == DECEMBER:  # what the closing month says is no forecast
        closing = {unit: courses[unit][period.year].get(CLOSING) for unit in here}
        found |= {
            unit: Outlook(rate, Method.REPORTED, 0, rate, rate, 0.0)
            for unit, rate in closing.items()
            if rate is not None
        }
    here_or_before = (period.year, period.month)
    years: dict[str, set[int]] = {}
    for unit, year, month in past.keys() - known.keys():
        if (year, month) <= here_or_before:
            years.setdefault(unit, set()).add(year)
    return [
        Forecast(code, name, here.get(code), found.get(code), tuple(sorted(years.get(code, ()))))
        for code, name in names.items()
    ]


def _open_still(desk: Desk, period: Period, units: Iterable[str]) -> set[str]:
    """The units that have money whose plan runs to the end of January: by their activities in the
    registry, else by the sources of what was imported; where none is named it may be such."""
    sources: dict[str, set[str]] = defaultdict(set)
    for one in reported_activities(desk, period):
        sources[one.unit].add(one.source)
    for unit, lines in history.imported_figures(desk, period).items():
        if unit not in sources:
            sources[unit] = {line.source or "" for line in lines}
    late = {*desk.settings.rules.open_in_january, ""}
    return {unit for unit in units if sources.get(unit, late) & late}


def submitted(desk: Desk) -> tuple[Sums, dict[tuple[str, int, int], float]]:
    """The accepted submissions' figures, over the budgets at their periods' ends; and what each
    unit then expected of the year, as a rate, where it said so of all it had."""
    unit_of = {a.code: a.unit for a in desk.registry.activities}
    sums: dict[tuple[str, int, int], tuple[Decimal, Decimal]] = {}
    expected: dict[tuple[str, int, int], Decimal | None] = {}
    for period in submissions.accepted_periods(desk):
        budgets = budgets_of(desk, period)
        for code, row in _rows(desk, period).items():
            if code in budgets and row["disbursed"] is not None:
                key = (unit_of[code], period.year, period.month)
                budget, disbursed = sums.get(key, (ZERO, ZERO))
                sums[key] = budget + budgets[code].denominator, disbursed + row["disbursed"]
                before, said = expected.get(key, ZERO), row["estimate"]
                expected[key] = None if before is None or said is None else before + said
    return sums, {
        key: float(said / budget)
        for key, (budget, _) in sums.items()
        if (said := expected[key]) is not None and budget > 0
    }


def _rows(desk: Desk, period: Period) -> dict[str, dict[str, Decimal | None]]:
    """Activity -> its row of the submission that counts."""
    versions = submissions.of_period(desk, period).values()
    counting = [one.id for its in versions if (one := standing(its))]
    rows = submissions.rows_of(desk, DISBURSEMENT.name, counting)
    return {row.code: dict(row.values) for _, row in rows}
