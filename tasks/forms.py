"""Writes the units' blank workbooks, filled in with all that the ministry knows already."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from reports.blank import blank_workbook
from rules.directory import activity_of
from rules.signature import sign
from rules.workdays import deadline
from schemas.forms import DISBURSEMENT, FORM_VERSION, FORMS, Form, Line
from schemas.period import Period
from schemas.registry import Activity, Budget, Unit
from schemas.settings import Body
from schemas.texts import LANGUAGES, speaking, worded
from tasks import archive, submissions
from tasks.crew import Base64, Work
from tasks.database import signing_key
from tasks.desk import Desk
from tasks.figures import budgets_of
from tasks.step import step

Lines = Mapping[str, Sequence[Line]]
"""Form -> its lines."""
Order = tuple[Unit, Lines, str]
"""A unit, the lines of its workbook, and the signature over it."""
Told = Mapping[tuple[str, str], Mapping[str, Mapping[str, Any]]]
"""(form, activity) -> code of the activity or of a deliverable -> its values."""

CARRIED_ON = 12
"""Months back in which a milestone or deliverable told earlier is still worth prefilling."""


@step()
def write_forms(desk: Desk, period: Period) -> dict[str, bytes]:
    """Unit -> its workbook, which now also lies in `forms/PERIOD/UNIT.xlsx`: in Vietnamese, as its
    labels are and as it is read, whatever the workspace speaks."""
    key, due = signing_key(desk.engine), deadline(period, desk.settings.schedule)
    budget = budgets_of(desk, period)
    last = submissions.last_figures(submissions.history(desk, period))
    told = _told_before(desk, period)
    orders = [
        (
            unit,
            _lines(desk, unit, period, budget, last, told),
            sign(key, FORM_VERSION, unit.code, period),
        )
        for unit in desk.registry.reporting_units(period.year)
    ]
    shared = desk.settings.body, period, due
    written = {}
    with speaking(worded(desk.workspace, LANGUAGES[0])):
        for (unit, _, _), content in zip(
            orders, desk.crew.stream(FORM, shared, orders, each=0.01), strict=True
        ):
            path = desk.workspace / "forms" / str(period) / f"{unit.code}.xlsx"
            archive.write_whole(path, content, durable=False)  # what is mailed lies in the archive
            written[unit.code] = content
    return written


def _writes(shared: tuple[Body, Period, date]) -> Callable[[Order], bytes]:
    body, period, due = shared
    return lambda order: blank_workbook(body, order[0], period, due, order[1], order[2])


FORM = Work(
    "tasks.forms:FORM", _writes, shared=tuple[Body, Period, date], item=Order, result=Base64
)


def _lines(
    desk: Desk,
    unit: Unit,
    period: Period,
    budget: Mapping[str, Budget],
    last: Mapping[str, Decimal],
    told: Told,
) -> Lines:
    activities = desk.registry.activities_of(unit.code, period.year)
    lines: dict[str, list[Line]] = {}
    for form in FORMS:
        for activity in (a for a in activities if form.name in a.forms):
            if form is DISBURSEMENT:
                its = [_money_line(activity, budget[activity.code], last.get(activity.code))]
            else:
                its = _progress_lines(form, activity, told.get((form.name, activity.code), {}))
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
    form: Form, activity: Activity, told: Mapping[str, Mapping[str, Any]]
) -> list[Line]:
    """The activity's line, and those of its deliverables, as they were last told."""
    known: dict[str, Any] = {"code": activity.code, "name": activity.name}
    if form.per_deliverable:
        known["due_date"] = activity.due_date
    own = dict(told.get(activity.code, {})) | known
    return [Line(own), *(Line(row) for code, row in told.items() if code != activity.code)]


def _told_before(desk: Desk, period: Period) -> Told:
    """What was last accepted before the period of each activity's progress."""
    activities = {a.code: a for a in desk.registry.activities}
    told: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for earlier in period.back(CARRIED_ON):
        versions = submissions.of_period(desk, earlier)
        accepted = [v.id for its in versions.values() if (v := submissions.standing(its))]
        for form in FORMS:
            if form is not DISBURSEMENT:
                for _, row in submissions.rows_of(desk, form.name, accepted):
                    if whose := activity_of(row.code, activities, form):
                        told.setdefault((form.name, whose.code), {})[row.code] = row.values
    return told
