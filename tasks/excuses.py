"""Touches the excuses: records an officer's reason for slow spending, and finds those recorded."""

from datetime import date

from sqlalchemy import insert, select

from rules.excuses import in_force
from rules.numbers import text
from schemas import tables
from schemas.access import Act
from schemas.errors import DondocError, nearest
from schemas.excuses import Excuse
from schemas.period import Period
from schemas.registry import Recorded
from tasks import audit
from tasks.desk import Desk
from tasks.step import step


def recorded(desk: Desk) -> tuple[Excuse, ...]:
    """Every excuse, in the order of recording."""
    table = tables.excuse
    with desk.engine.connect() as connection:
        return tuple(
            Excuse(
                row.unit,
                row.activity,
                row.rule,
                Period.parse(row.since),
                row.until,
                row.because,
                Recorded(row.by, row.login, row.business_date, row.recorded_at),
            )
            for row in connection.execute(select(table).order_by(table.c.id))
        )


def holding(desk: Desk, period: Period) -> tuple[Excuse, ...]:
    """Those that hold for the period."""
    return in_force(recorded(desk), period)


@step()
def excuse(
    desk: Desk,
    period: Period,
    unit: str,
    activity: str,
    rule: str,
    until: date,
    because: str,
    by: str,
) -> Excuse:
    """Record a reason that holds from the period on; on the same matter it takes the place of an
    earlier one, and ends it where `until` comes before the period's last day. `activity` empty: the
    whole unit; `rule` empty: every rule.

    Raises DondocError, in one sentence, where name or reason is missing, the unit, the activity
    or the rule does not exist, or it would hold for no period and end nothing.
    """
    from rules.catalogue import RULES  # noqa: PLC0415 - imports pandas

    if not by.strip():
        raise DondocError("Lý do chậm phải ghi tên người ghi: --by TÊN.")
    by = desk.allowed(Act.EXCUSE, by)
    reason = text(because).strip(" .")
    if not reason:
        raise DondocError('Phải nêu lý do chậm: --because "…".')
    if unit not in {one.code for one in desk.registry.reporting_units(period.year)}:
        raise DondocError(f"Không có đơn vị mã '{unit}' phải báo cáo kỳ {period}.")
    if activity:
        its = [one.code for one in desk.registry.activities_of(unit, period.year)]
        if activity not in its:
            raise DondocError(
                f"Đơn vị {unit} không có nhiệm vụ mã '{activity}'{nearest(activity, its)}."
            )
    rules = [one.name for one in RULES]
    if rule and rule not in rules:
        raise DondocError(
            f"Không có quy tắc '{rule}'{nearest(rule, rules)}; xem 'dondoc rules list'."
        )
    made = Excuse(
        unit,
        activity or None,
        rule or None,
        period,
        until,
        reason,
        desk.recorded(by),
    )
    if until < period.last_day and made.matter not in {o.matter for o in holding(desk, period)}:
        raise DondocError(
            f"Hạn {until:%d/%m/%Y} trước ngày cuối kỳ {period} ({period.last_day:%d/%m/%Y}) nên "
            "không có tác dụng với kỳ nào; hãy ghi hạn muộn hơn."
        )
    row = {
        "unit": made.unit,
        "activity": made.activity,
        "rule": made.rule,
        "since": str(period),
        "until": until,
        "because": made.because,
        "by": made.recorded.by,
        "login": made.recorded.login,
        "business_date": made.recorded.on,
        "recorded_at": made.recorded.at,
    }
    earlier = [one for one in recorded(desk) if one.matter == made.matter]
    with desk.writer.begin() as connection:
        connection.execute(insert(tables.excuse), row)
        audit.add(
            connection,
            made.recorded,
            "excuse",
            " ".join(filter(None, made.matter)),
            before=_said(earlier[-1]) if earlier else {},
            after=_said(made),
        )
    return made


def _said(one: Excuse) -> dict[str, str]:
    return {"since": str(one.since), "until": one.until.isoformat(), "because": one.because}
