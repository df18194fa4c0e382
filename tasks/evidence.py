"""Gathers what a month is judged on, in a number of queries that does not grow with the units."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from rules.budget import budgets
from rules.judge import earlier
from schemas.board import ActivityFigure
from schemas.evidence import Evidence, Milestone, Month, Shares
from schemas.forecast import Outlook
from schemas.forms import DISBURSEMENT, IT, STRATEGY, Row
from schemas.period import Period
from schemas.registry import Activity, Entry
from schemas.settings import Rules
from tasks import forecast, history, submissions
from tasks.desk import Desk
from tasks.figures import figures_of

_STEPS = ("acceptance", "handover", "settlement")


def evidence(
    desk: Desk,
    period: Period,
    figures: Sequence[ActivityFigure],
    rules: Rules,
    past: "Past | None" = None,
) -> Evidence:
    """What `rules` judge the period on; `figures` are the period's own. Who judges several periods
    hands on the `past`, so that it is read once."""
    rows = submissions.rows_of_year(desk, period, DISBURSEMENT.name)
    milestones = _milestones(desk, period)
    months = [
        Month(
            one,
            tuple(figures)
            if one == period
            else _figures(desk, one, rows.get(one.month, ()), rules),
            milestones.get(one.month, ()),
        )
        for one in (Period(period.year, month) for month in range(1, period.month + 1))
    ]
    found = Evidence(
        months=tuple(months),
        kinds={unit.code: unit.type for unit in desk.registry.units},
        last_years={a.code: _last_year(a) for a in desk.registry.activities},
        decided=_decided(desk),
    )
    return seen_back(found, rules, past or Past(desk)) if looks_back(rules) else found


def seen_back(found: Evidence, rules: Rules, past: "Past") -> Evidence:
    """With what the years before, and the year's months so far, let expect."""
    if rules.pace.name == "own":
        found = replace(found, shares=past.shares(found.now.period.year))
    if not rules.unlikely_to_finish.enabled:
        return found
    asked = {found.now.period, *(one.now.period for one in earlier(found, rules))}
    months = tuple(
        replace(month, outlooks=past.outlooks(month.period)) if month.period in asked else month
        for month in found.months
    )
    return replace(found, months=months)


def shares(desk: Desk, year: int) -> Shares:
    """The body's own pattern in the years before: see `pace.own`."""
    return Past(desk).shares(year)


def looks_back(rules: Rules) -> bool:
    """Whether any enabled rule asks what other years let expect."""
    return rules.unlikely_to_finish.enabled or rules.pace.name == "own"


class Past:
    """All that is known of any year, read once."""

    def __init__(self, desk: Desk) -> None:
        self.kinds = {unit.code: unit.type for unit in desk.registry.units}
        submitted, self.estimates = forecast.submitted(desk)
        self.sums = history.imported(desk) | submitted
        self.courses = history.rates(self.sums)
        self._outlooks: dict[Period, Mapping[str, Outlook]] = {}

    def outlooks(self, period: Period) -> Mapping[str, Outlook]:
        """Unit -> what its year will end with, as seen at the period's end; worked out once."""
        if period not in self._outlooks:
            self._outlooks[period] = self._foretold(period)
        return self._outlooks[period]

    def _foretold(self, period: Period) -> Mapping[str, Outlook]:
        from rules.forecast import outlooks  # noqa: PLC0415 - imports numpy

        here = {
            unit: its[period.year][period.month]
            for unit, its in self.courses.items()
            if period.month in its.get(period.year, {})
        }
        return outlooks(self.courses, self.kinds, period.year, period.month, here, self.estimates)

    def shares(self, year: int) -> Shares:
        """Of the body's own units, of which both that month and December are known; what was
        imported of others says nothing of the body. The pace is one of the calendar year, whose
        last step is December, also where a closing month follows."""
        paid: dict[tuple[int, int], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 2)
        for (unit, its_year, month), (_, disbursed) in self.sums.items():
            end = self.sums.get((unit, its_year, 12))
            if its_year < year and end and unit in self.kinds:
                so_far, ended = paid[month, its_year]
                paid[month, its_year] = [so_far + disbursed, ended + end[1]]
        found: dict[int, dict[int, Fraction]] = defaultdict(dict)
        for (month, its_year), (so_far, ended) in paid.items():
            if ended > 0:
                found[month][its_year] = Fraction(so_far) / Fraction(ended)
        return dict(found)


def _figures(
    desk: Desk, period: Period, rows: Sequence[tuple[str, Row]], rules: Rules
) -> tuple[ActivityFigure, ...]:
    if not rows:
        return ()
    budget = budgets(desk.registry, period, rules.denominators, rules.open_in_january)
    return figures_of(desk, period, rows, budget, {})


def _milestones(desk: Desk, period: Period) -> dict[int, tuple[Milestone, ...]]:
    """Of the period and the month before it: month -> the rows of the two other forms."""
    due = {a.code: a.due_date for a in desk.registry.activities}
    found: dict[int, list[Milestone]] = defaultdict(list)
    for form in (IT, STRATEGY):
        rows = submissions.rows_of_year(desk, period, form.name, since=period.month - 1)
        for month, its in rows.items():
            found[month] += [_milestone(unit, row, due) for unit, row in its]
    return {month: tuple(its) for month, its in found.items()}


def _milestone(unit: str, row: Row, due: Mapping[str, date | None]) -> Milestone:
    values = row.values
    activity = row.code if row.code in due else row.code.rpartition("-")[0]
    return Milestone(
        unit=unit,
        activity=activity,
        code=row.code,
        form=row.form,
        due=values.get("due_date") or due.get(row.code),
        steps=tuple((step, values[step]) for step in _STEPS if values.get(step)),
        completion=values.get("completion"),
        solution=values.get("solution"),
    )


def _last_year(activity: Activity) -> int | None:
    return activity.due_date.year if activity.due_date else activity.last_year


def _decided(desk: Desk) -> dict[str, tuple[date, ...]]:
    found: dict[str, tuple[date, ...]] = {}
    for row in desk.registry.ledger:
        if row.entry is Entry.ADJUSTMENT and row.day:
            found[row.activity] = (*found.get(row.activity, ()), row.day)
    return found
