"""Writes the units' blank workbooks, filled in with all that the ministry knows already."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from reports.blank import blank_workbook
from rules.directory import activity_of
from rules.signature import sign
from rules.workdays import deadline
from schemas.forms import DISBURSEMENT, FORM_VERSION, FORMS, Form, Line
from schemas.period import Period
from schemas.registry import Activity, Budget, Unit
from tasks import archive, submissions
from tasks.database import signing_key
from tasks.desk import Desk
from tasks.figures import budgets_of
from tasks.step import step

CARRIED_ON = 12
"""Months back in which a milestone or deliverable told earlier is still worth prefilling."""


@step()
def write_forms(desk: Desk, period: Period) -> dict[str, bytes]:
    """Unit -> its workbook, which now also lies in `forms/PERIOD/UNIT.xlsx`."""
    key, due = signing_key(desk.engine), deadline(period, desk.settings.schedule)
    budget = budgets_of(desk, period)
    last = submissions.last_figures(submissions.history(desk, period))
    told = _told_before(desk, period)
    written = {}
    for unit in desk.registry.reporting_units(period.year):
        content = blank_workbook(
            desk.settings.body,
            unit,
            period,
            due,
            _lines(desk, unit, period, budget, last, told),
            sign(key, FORM_VERSION, unit.code, period),
        )
        path = desk.workspace / "forms" / str(period) / f"{unit.code}.xlsx"
        archive.write_whole(path, content)
        written[unit.code] = content
    return written


def _lines(
    desk: Desk,
    unit: Unit,
    period: Period,
    budget: Mapping[str, Budget],
    last: Mapping[str, Decimal],
    told: Mapping[str, Mapping[str, Mapping[str, Any]]],
) -> dict[str, list[Line]]:
    activities = desk.registry.activities_of(unit.code, period.year)
    lines: dict[str, list[Line]] = {}
    for form in FORMS:
        for activity in (a for a in activities if form.name in a.forms):
            if form is DISBURSEMENT:
                its = [_money_line(activity, budget[activity.code], last.get(activity.code))]
            else:
                its = _progress_lines(desk, form, activity, told.get(form.name, {}))
            lines.setdefault(form.name, []).extend(its)
    return lines


def _money_line(activity: Activity, budget: Budget, last: Decimal | None) -> Line:
    return Line(
        {
            "code": activity.code,
            "name": activity.name,
            "source": activity.source,
            "budget_assigned": budget.shown_as_assigned,
            "budget_adjustment": budget.adjustment,
            "budget_current": budget.current,
        },
        last_month=last,
    )


def _progress_lines(
    desk: Desk, form: Form, activity: Activity, told: Mapping[str, Mapping[str, Any]]
) -> list[Line]:
    """The activity's line, and those of its deliverables, as they were last told."""
    known: dict[str, Any] = {"code": activity.code, "name": activity.name}
    if form.per_deliverable:
        known["due_date"] = activity.due_date
    activities = {a.code: a for a in desk.registry.activities}
    deliverables = [
        Line(values)
        for code, values in told.items()
        if code not in activities and activity_of(code, activities, form) == activity
    ]
    return [Line(dict(told.get(activity.code, {})) | known), *deliverables]


def _told_before(desk: Desk, period: Period) -> dict[str, dict[str, dict[str, Any]]]:
    """Form -> code -> the values last accepted before the period (IT and strategy forms)."""
    told: dict[str, dict[str, dict[str, Any]]] = {}
    for earlier in period.back(CARRIED_ON):
        versions = submissions.of_period(desk, earlier)
        accepted = [v.id for its in versions.values() if (v := submissions.standing(its))]
        for form in FORMS:
            if form is not DISBURSEMENT:
                for _, row in submissions.rows_of(desk, form.name, accepted):
                    told.setdefault(form.name, {})[row.code] = dict(row.values)
    return told
