"""Lays out what the year will end with: the period's standings, and the past they are seen in."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from schemas.errors import DondocError
from schemas.forecast import Forecast, Method, Outlook
from schemas.period import CLOSING, DECEMBER, Period
from schemas.texts import say
from tasks import history
from tasks.desk import Desk
from tasks.figures import reported_activities, stands
from tasks.history import Sums

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


def submitted(
    desk: Desk, since: Period | None = None, until: Period | None = None
) -> tuple[Sums, dict[tuple[str, int, int], float]]:
    """The accepted submissions' figures, over the budgets at their periods' ends, as the periods'
    boards have them; and what each unit then expected of the year, as a rate, where it said so of
    all it had. From one period to the other, without these of all."""
    sums: dict[tuple[str, int, int], tuple[Decimal, Decimal]] = {}
    expected: dict[tuple[str, int, int], Decimal | None] = {}
    for period, activity, stand, said in stands(desk, since, until):
        key = (activity.unit, period.year, period.month)
        budget, disbursed = sums.get(key, (ZERO, ZERO))
        sums[key] = budget + stand.budget, disbursed + stand.disbursed
        before = expected.get(key, ZERO)
        expected[key] = None if before is None or said is None else before + said
    return sums, {
        key: float(said / budget)
        for key, (budget, _) in sums.items()
        if (said := expected[key]) is not None and budget > 0
    }
