"""Follows every figure of a unit back to file, sheet and cell, or to the registry's ledger."""

from decimal import Decimal

from rules.budget import counts
from schemas.board import Board, UnitStatus
from schemas.errors import DondocError
from schemas.explanation import Explanation, Origin
from schemas.forms import DISBURSEMENT, Row
from schemas.period import Period
from schemas.registry import Activity, LedgerRow
from tasks import submissions
from tasks.board import board as board_of
from tasks.board import budgets_of, reported_activities
from tasks.desk import Desk
from tasks.submissions import Stored, standing


def explain(desk: Desk, period: Period, unit: str, activity: str | None) -> list[Explanation]:
    """The unit as a whole, then each of its activities (or the one asked for alone).

    Raises DondocError where the unit or the activity does not report in that period.
    """
    board = board_of(desk, period)
    status = next((u for u in board.units if u.code == unit), None)
    if status is None:
        raise DondocError(f"Đơn vị '{unit}' không có nhiệm vụ nào phải báo cáo kỳ {period}.")
    activities = [a for a in reported_activities(desk, period) if a.unit == unit]
    wanted = [a for a in activities if activity in {None, a.code}]
    if activity and not wanted:
        raise DondocError(f"Nhiệm vụ '{activity}' không có trên biểu Giải ngân của {unit}.")
    origins = _origins(desk, period, unit)
    budget = [budgets_of(desk, period)[a.code] for a in activities]
    whole = Explanation(
        unit=unit,
        activity=None,
        name=status.name,
        source=None,
        budget_current=sum((b.current for b in budget), Decimal(0)),
        disbursed_to_date=status.disbursed_to_date,
        plan=sum((b.plan for b in budget), Decimal(0)),
        denominator=status.budget_current,
        judged_by=None,
        registry=desk.registry.version,
        flags=tuple(f for f in status.flags if f.activity is None),
    )
    explained = [_activity(desk, board, status, one, origins.get(one.code)) for one in wanted]
    return explained if activity else [whole, *explained]


def _activity(
    desk: Desk, board: Board, status: UnitStatus, one: Activity, origin: Origin | None
) -> Explanation:
    counted, left_out = _decisions(desk, one.code, board.period)
    budget = budgets_of(desk, board.period)[one.code]
    disbursed = {f.code: f.disbursed for f in board.activities}.get(one.code)
    return Explanation(
        unit=status.code,
        activity=one.code,
        name=one.name,
        source=one.source,
        budget_current=budget.current,
        disbursed_to_date=disbursed,
        plan=budget.plan,
        denominator=budget.denominator,
        judged_by=budget.judged_by,
        registry=desk.registry.version,
        flags=tuple(f for f in status.flags if f.activity == one.code),
        decisions=counted,
        left_out=left_out,
        disbursed_origin=origin,
    )


def _origins(desk: Desk, period: Period, unit: str) -> dict[str, Origin]:
    newest = standing(submissions.of_period(desk, period).get(unit, ()))
    if newest is None:
        return {}
    rows = submissions.rows_of(desk, DISBURSEMENT.name, [newest.id])
    return {row.code: _origin(newest, row) for _, row in rows}


def _origin(one: Stored, row: Row) -> Origin:
    return Origin(one.file, one.sha256, row.sheet, row.cell("disbursed"), one.version)


def _decisions(
    desk: Desk, activity: str, period: Period
) -> tuple[tuple[LedgerRow, ...], tuple[LedgerRow, ...]]:
    """The year's ledger rows that count at the period's end, and those decided later."""
    rows = [r for r in desk.registry.ledger if (r.activity, r.year) == (activity, period.year)]
    counted = tuple(r for r in rows if counts(r, period))
    return counted, tuple(r for r in rows if r not in counted)
