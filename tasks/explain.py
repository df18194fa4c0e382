"""Follows every figure of a unit back to file, sheet and cell, or to the registry's ledger; what a
report said is kept, so that a later change of rule or registry does not rewrite it."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from sqlalchemy import insert, select

from rules.budget import counts, last_decision
from rules.past import behind
from schemas import tables
from schemas.board import Board, UnitStatus
from schemas.changes import Revision
from schemas.errors import DondocError
from schemas.explanation import Explanation, Origin, rests_on_past
from schemas.forms import DISBURSEMENT
from schemas.history import ImportedFigure
from schemas.period import Period
from schemas.registry import Activity, LedgerRow
from schemas.texts import say
from tasks import audit, submissions
from tasks.board import board as board_of
from tasks.desk import Desk
from tasks.desk import now as moment
from tasks.figures import budgets_of, reported_activities
from tasks.further import Cells
from tasks.history import imported_figures, imported_past
from tasks.step import step
from tasks.submissions import standing

_CONTENT = TypeAdapter(tuple[Explanation, ...])
AT_ONCE = 1_000
"""Units whose explanations are held as texts: those of all are as large as all documents."""


def explain(
    desk: Desk, period: Period, unit: str, activity: str | None, *, now: bool | None = None
) -> tuple[list[Explanation], bool]:
    """The unit as a whole, then each of its activities (or the one asked for alone), and whether
    the period's newest report and the present differ.

    Told `now`: as it would be said now; not: as the report said it, where there is one; None: as
    the report said it, until the unit's own figures change. Raises DondocError where the unit or
    the activity does not report in that period, and no figure of it was imported.
    """
    told_then = reported(desk, period).get(unit, ())
    current = _Trail(desk, board_of(desk, period)).unit(unit)
    if now is None:
        now = bool(current) and _figures(told_then) != _figures(current)
    told = current if now else told_then or current
    if not told:
        raise DondocError(say("explain.no-unit", unit=unit, period=period))
    wanted = [one for one in told if activity in {None, one.activity}]
    if not wanted:
        raise DondocError(say("explain.no-activity", activity=activity, unit=unit))
    return wanted, bool(told_then) and _judged(told_then) != _judged(current)


def _figures(told: tuple[Explanation, ...]) -> list[tuple[object, ...]]:
    return [(one.activity, one.disbursed_to_date, one.disbursed_origin) for one in told]


@step()
def keep_explanations(desk: Desk, board: Board) -> dict[str, tuple[Explanation, ...]]:
    """Unit -> what this report says of it, kept; what it said before stays beside it."""
    trail, made = _Trail(desk, board), moment()
    told = {status.code: trail.unit(status.code) for status in board.units}
    changed, whole = _changed(desk, board.period, told), hashlib.sha256()
    for said in told.values():
        whole.update(_CONTENT.dump_json(said))
    with desk.writer.begin() as connection:
        for at in range(0, len(changed), AT_ONCE):
            rows = [
                {
                    "period": str(board.period),
                    "unit": unit,
                    "content": _kept(told[unit], made, desk.today),
                    "reported_at": made,
                }
                for unit in changed[at : at + AT_ONCE]
            ]
            connection.execute(insert(tables.explanation), rows)
        after = {"units": changed, "content": whole.hexdigest()}
        audit.add(connection, desk.recorded(), "report", str(board.period), after=after)
    return told


def _changed(desk: Desk, period: Period, told: Mapping[str, tuple[Explanation, ...]]) -> list[str]:
    """The units of which the period's newest report said something else, or nothing."""
    before = reported(desk, period)
    return [unit for unit, said in told.items() if said != _undated(before.get(unit, ()))]


def _kept(said: tuple[Explanation, ...], made: datetime, on: date) -> str:
    """As it is kept: with the moment and the business date of the report."""
    told = (replace(one, reported_at=made, reported_on=on) for one in said)
    return _CONTENT.dump_json(tuple(told)).decode()


def revisions(desk: Desk, period: Period) -> list[Revision]:
    """The figures of the year's earlier months that are others now than their reports said."""
    found = []
    known = submissions.history(desk, period)
    for month in range(1, period.month):
        earlier = Period(period.year, month)
        for unit, told in reported(desk, earlier).items():
            for one in told:
                said, now = one.disbursed_to_date, known.get(one.activity or "", {}).get(month)
                if one.activity and said is not None and now is not None and now != said:
                    found.append(Revision(unit, one.activity, earlier, said, now))
    return found


def reported(desk: Desk, period: Period) -> dict[str, tuple[Explanation, ...]]:
    """Unit -> what the newest report of the period said of it. Of reports that did not keep their
    business date it is the day on which they were made, where the workspace lies."""
    zone = ZoneInfo(desk.settings.timezone)
    table = tables.explanation
    said = (
        select(table.c.unit, table.c.content)
        .where(table.c.period == str(period))
        .order_by(table.c.id)
    )
    with desk.engine.connect() as connection:
        newest = {row.unit: row.content for row in connection.execute(said)}
    return {
        unit: tuple(_dated(one, zone) for one in _CONTENT.validate_json(content))
        for unit, content in newest.items()
    }


def _dated(one: Explanation, zone: ZoneInfo) -> Explanation:
    if one.reported_on or one.reported_at is None:
        return one
    return replace(one, reported_on=one.reported_at.astimezone(zone).date())


def _undated(told: tuple[Explanation, ...]) -> tuple[Explanation, ...]:
    return tuple(replace(one, reported_at=None, reported_on=None) for one in told)


def _judged(told: tuple[Explanation, ...]) -> list[Explanation]:
    """Without where the further numbers stand, which earlier versions did not keep."""
    return [replace(one, further=()) for one in _undated(told)]


class _Trail:
    """What the explanations of a period are looked up in, read once for all units."""

    def __init__(self, desk: Desk, board: Board) -> None:
        self.board = board
        self.registry = desk.registry.version
        self.budgets = budgets_of(desk, board.period)
        self.late = desk.settings.rules.open_in_january
        self.activities: dict[str, list[Activity]] = defaultdict(list)
        for one in reported_activities(desk, board.period):
            self.activities[one.unit].append(one)
        self.ledger: dict[str, list[LedgerRow]] = defaultdict(list)
        for row in desk.registry.ledger:
            if row.year == board.period.year:
                self.ledger[row.activity].append(row)
        self.superseded: dict[str, list[LedgerRow]] = defaultdict(list)
        for row in desk.registry.superseded:
            if row.year == board.period.year:
                self.superseded[row.activity].append(row)
        self.disbursed = {(f.unit, f.code): f.disbursed for f in board.activities}
        self.origins = _origins(desk, board.period)
        self.cells = Cells(desk, board.period)
        self.imported = imported_figures(desk, board.period)
        self.past = imported_past(desk, board.period)
        self.names = {one.code: one.name for one in desk.registry.activities}
        self.names |= {one.code: one.name for one in desk.registry.units}

    def unit(self, code: str) -> tuple[Explanation, ...]:
        """The unit as a whole, then its activities; empty where it does not report."""
        lines = tuple(self.imported.get(code, ()))
        if not self.board.has(code):
            return self._imported(code, lines) if lines else ()
        status = self.board.unit(code)
        if status.disbursed_to_date is not None:
            lines = ()  # its own report speaks
        # an accepted unit is judged over what it reported, not over what came after its report
        counted = [a for a in self.activities[code] if a.code not in status.beyond]
        budgets = [self.budgets[a.code] for a in counted]
        whole = Explanation(
            unit=code,
            activity=None,
            name=status.name,
            source=None,
            budget_current=sum((b.current for b in budgets), Decimal(0)),
            disbursed_to_date=status.disbursed_to_date,
            plan=sum((b.plan for b in budgets), Decimal(0)),
            denominator=status.budget_current,
            judged_by=None,
            registry=self.registry,
            flags=tuple(f for f in status.flags if f.activity is None),
            imported=lines,
        )
        its = (whole, *(self._activity(status, one, lines) for one in self.activities[code]))
        return tuple(self._grounded(one) if one.flags else one for one in its)

    def _grounded(self, one: Explanation) -> Explanation:
        """With what its flags rest on besides."""
        its = [activity.code for activity in self.activities[one.unit]]
        return replace(
            one,
            past=behind(self.past, one.unit) if any(map(rests_on_past, one.flags)) else (),
            further=tuple(cell for flag in one.flags for cell in self.cells.behind(flag, its)),
        )

    def _imported(self, unit: str, lines: tuple[ImportedFigure, ...]) -> tuple[Explanation, ...]:
        """Of a unit that reports on nothing in that year: what was imported, whole and in parts."""
        parts: dict[str | None, list[ImportedFigure]] = {None: list(lines)}
        for one in lines:
            if one.activity:
                parts.setdefault(one.activity, []).append(one)
        return tuple(self._sum(unit, activity, tuple(its)) for activity, its in parts.items())

    def _sum(
        self, unit: str, activity: str | None, lines: tuple[ImportedFigure, ...]
    ) -> Explanation:
        budget = sum((one.budget for one in lines), Decimal(0))
        sources = dict.fromkeys(one.source for one in lines if one.source)
        return Explanation(
            unit=unit,
            activity=activity,
            name=self.names.get(activity or unit, activity or unit),
            source="; ".join(sources) or None if activity else None,
            budget_current=budget,
            disbursed_to_date=sum((one.disbursed_to_date for one in lines), Decimal(0)),
            plan=budget,
            denominator=budget,
            judged_by=None,
            registry=self.registry,
            flags=(),
            imported=lines,
        )

    def _activity(
        self, status: UnitStatus, one: Activity, lines: tuple[ImportedFigure, ...]
    ) -> Explanation:
        budget = self.budgets[one.code]
        rows, until = self.ledger[one.code], last_decision(self.board.period, one.source, self.late)
        return Explanation(
            unit=status.code,
            activity=one.code,
            name=one.name,
            source=one.source,
            budget_current=budget.current,
            disbursed_to_date=self.disbursed.get((one.unit, one.code)),
            plan=budget.plan,
            denominator=budget.denominator,
            judged_by=budget.judged_by,
            registry=self.registry,
            flags=tuple(f for f in status.flags if f.activity == one.code),
            decisions=tuple(r for r in rows if counts(r, self.board.period, until)),
            left_out=tuple(r for r in rows if not counts(r, self.board.period, until)),
            closes=until,
            superseded=tuple(self.superseded[one.code]),
            disbursed_origin=self.origins.get((one.unit, one.code)),
            beyond=one.code in status.beyond,
            imported=tuple(line for line in lines if line.activity == one.code),
        )


def _origins(desk: Desk, period: Period) -> dict[tuple[str, str], Origin]:
    """(unit, activity) -> the cell that its figure stands in."""
    versions = submissions.of_period(desk, period).items()
    counting = {one.id: (unit, one) for unit, its in versions if (one := standing(its))}
    origins = {}
    for number, row in submissions.rows_of(desk, DISBURSEMENT.name, list(counting)):
        unit, one = counting[number]
        cell = row.cell("disbursed")
        origins[unit, row.code] = Origin(one.file, one.sha256, row.sheet, cell, one.version)
    return origins
