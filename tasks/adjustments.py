"""Lays out the units' proposals, and records what an officer decided: one row of the ledger."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from rules.adjustments import proposals as proposals_of
from rules.adjustments import too_late
from rules.budget import adds_up, first_period
from rules.ledger import bare_number, differs, key, merged, without_number
from rules.numbers import fold, show
from rules.written import amount as amount_of
from schemas.access import Act
from schemas.adjustments import Adjusted, Proposals
from schemas.board import Board
from schemas.errors import DondocError, nearest
from schemas.forms import DISBURSEMENT
from schemas.period import Period
from schemas.registry import Activity, Entry, LedgerRow, Registry
from tasks import audit, ledger, submissions
from tasks.board import board as board_of
from tasks.board import pace_of
from tasks.desk import Desk
from tasks.step import step


def proposals(desk: Desk, board: Board) -> Proposals:
    """The proposals of a month's accepted reports."""
    share = pace_of(desk, board.period)
    return proposals_of(board.activities, board.period, share, desk.settings.adjustments.before)


def consolidated(desk: Desk, period: Period) -> tuple[Proposals, tuple[LedgerRow, ...]]:
    """The period's proposals, and every adjustment of its year, wherever it was recorded."""
    found = [r for r in desk.registry.ledger if r.entry is Entry.ADJUSTMENT]
    rows = tuple(row for row in found if row.year == period.year)
    return proposals(desk, board_of(desk, period)), rows


@step()
def decide(
    desk: Desk,
    period: Period,
    activity: str,
    amount: str,
    decision: str,
    day: date,
    by: str,
    *,
    anyway: bool,
) -> Adjusted:
    """Record one adjustment of the period's budget year, triệu đồng; the same one again changes
    nothing.

    Raises DondocError, in one sentence, where name or number is missing, the amount is zero or
    none, the activity has no budget of that year, the day is to come or of another year, the
    number stands for another amount or day; and, unless told `anyway`, where a row of
    registry.xlsx without a number may be the same decision, or the budget would go below zero or
    below what is disbursed.
    """
    if not by.strip():
        raise DondocError("Quyết định điều chỉnh phải ghi tên người ghi: --by TÊN.")
    by = desk.allowed(Act.ADJUST, by)
    number = bare_number(decision)
    if not any(character.isdigit() for character in number):
        raise DondocError("Quyết định điều chỉnh phải có số văn bản, ví dụ 1234/QĐ-UBDT.")
    its = _activity(desk, period, activity)
    change = amount_of(amount)
    if change == 0:
        raise DondocError("Số tiền điều chỉnh là 0 nên không có gì để ghi.")
    _check_day(desk, period, day)
    row = LedgerRow(period.year, its.code, Entry.ADJUSTMENT, change, day, number, None)
    disbursed = submissions.newest_figures(desk, period.year).get(its.code)
    late = desk.settings.rules.open_in_january
    counts_from = first_period(day, period.year, its.source, late)
    with desk.writer.begin() as connection:
        registry = merged(desk.registry, ledger.within(connection))  # one may have come meanwhile
        same = next((r for r in registry.ledger if key(r) == key(row)), None)
        others = [r for r in registry.ledger if key(r) != key(row)]
        before = adds_up(others, period.year, its, late)
        counting = change if counts_from else Decimal(0)  # no period's budget has it
        if same is None:
            if not anyway:
                _check_budget(its, counting, before, disbursed)
                _check_numberless(row, registry)
            recorded = desk.recorded(by)
            ledger.add(connection, row, recorded)
            audit.add(
                connection,
                recorded,
                "adjust",
                f"{row.year} {row.activity}",
                before={"budget": str(before)},
                after={
                    "budget": str(before + change),
                    "amount": show(change),
                    "decision": number,
                    "day": day.isoformat(),
                },
            )
            row = replace(row, recorded=recorded)
        elif differs(same, row):
            raise DondocError(_contradiction(row, same))
    last = desk.settings.adjustments.before
    return Adjusted(
        row=same or row,
        new=same is None,
        before=before,
        after=before + counting,
        counts_from=counts_from,
        too_late=too_late(its.source, day, period.year, last),
    )


def _activity(desk: Desk, period: Period, code: str) -> Activity:
    known = {fold(a.code): a for a in desk.registry.activities}
    found = known.get(fold(code))
    if found is None:
        hint = nearest(code, [a.code for a in known.values()])
        raise DondocError(f"Không có nhiệm vụ mã '{code}' trong registry.xlsx{hint}.")
    if not found.runs_in(period.year) or DISBURSEMENT.name not in found.forms:
        raise DondocError(
            f"Nhiệm vụ {found.code} không có dự toán năm {period.year} theo biểu Giải ngân nên "
            "không điều chỉnh được."
        )
    return found


def _check_day(desk: Desk, period: Period, day: date) -> None:
    if day > desk.today:
        raise DondocError(
            f"Ngày quyết định {day:%d/%m/%Y} sau ngày làm việc {desk.today:%d/%m/%Y}; chỉ ghi "
            "quyết định đã ban hành."
        )
    first, last = date(period.year, 1, 1), date(period.year + 1, 1, 31)
    if not first <= day <= last:
        raise DondocError(
            f"Ngày quyết định {day:%d/%m/%Y} không thuộc năm ngân sách {period.year} (đến hết "
            f"{last:%d/%m/%Y}); nếu đúng, hãy ghi quyết định ở trang Dự toán của registry.xlsx."
        )


def _check_budget(
    its: Activity, change: Decimal, before: Decimal, disbursed: tuple[Period, Decimal] | None
) -> None:
    after = before + change
    if change >= 0:
        return
    if after < 0:
        raise DondocError(
            f"Dự toán của {its.code} là {show(before)} triệu đồng, điều chỉnh {show(change)} thì "
            "còn dưới 0; nếu vẫn đúng, thêm --anyway."
        )
    if disbursed and after < disbursed[1]:
        raise DondocError(
            f"Dự toán của {its.code} còn {show(after)} triệu đồng, ít hơn {show(disbursed[1])} "
            f"triệu đồng đã giải ngân đến hết {disbursed[0].label}; nếu vẫn đúng, thêm --anyway."
        )


def _check_numberless(row: LedgerRow, registry: Registry) -> None:
    if other := without_number(row, registry.ledger):
        raise DondocError(
            f"Dòng {other.row} trang Dự toán của registry.xlsx không ghi số văn bản nhưng cùng "
            f"nhiệm vụ {row.activity}, {_told(other)}; hãy ghi số {row.decision} vào dòng đó, nếu "
            "là quyết định khác thì thêm --anyway."
        )


def _contradiction(row: LedgerRow, same: LedgerRow) -> str:
    mine, other = _told(row), _told(same)
    if same.recorded is None:
        where = f"registry.xlsx (Dự toán, dòng {same.row}) ghi"
        remedy = "số ở registry.xlsx được tính, nếu sai thì sửa dòng đó"
    else:
        where = f"{same.recorded.by} đã ghi ngày {same.recorded.on:%d/%m/%Y} là"
        remedy = (
            "nếu ghi nhầm thì ghi quyết định này ở trang Dự toán của registry.xlsx, số ở đó sẽ "
            "được tính; nếu là quyết định khác thì ghi đúng số của quyết định đó"
        )
    return (
        f"Quyết định {row.decision} về nhiệm vụ {row.activity}: {where} {other}, khác {mine} vừa "
        f"nhập, nên chưa ghi; {remedy}."
    )


def _told(row: LedgerRow) -> str:
    day = f"{row.day:%d/%m/%Y}" if row.day else "không ghi"
    return f"{show(row.amount)} triệu đồng, ngày {day}"
