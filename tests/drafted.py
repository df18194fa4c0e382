"""Letters as the office drafts them: of a low unit with so many slow activities, and a reminder."""

from collections.abc import Mapping, Sequence, Set
from datetime import date
from decimal import Decimal
from functools import cache

from reports.letters.fields import REMINDER, URGING, Kind
from reports.letters.reminder import reminder_letter
from reports.letters.template import WordTemplate, built_in
from reports.letters.urging import urging_letter
from schemas.board import ActivityFigure, Board, State, Totals, UnitStatus
from schemas.explanation import Explanation, Origin
from schemas.flags import Flag, FlagSeverity
from schemas.period import Period
from schemas.registry import Budget, Denominator, Entry, LedgerRow, Unit
from schemas.settings import Settings

OCTOBER = Period(2021, 10)
DEADLINE, DUE = date(2021, 11, 5), date(2021, 11, 10)
ANSWER_BY, REPORT_BY = date(2021, 11, 17), date(2021, 11, 12)
LONG = (
    "Ban Quản lý các dự án đầu tư xây dựng cơ sở vật chất, trang thiết bị và công nghệ thông tin "
    "phục vụ công tác dân tộc"
)
"""A unit's name of more than twenty words."""
PACE = 0.7167
SOLUTION = "Nghiệm thu giai đoạn 1 trước ngày 20/11/2021, thanh toán trong tháng."


@cache
def ready(kind: Kind) -> WordTemplate:
    """Our own template."""
    return WordTemplate(kind, built_in(kind), kind.file)


@cache
def _usual() -> Settings:
    return Settings()


def urging(
    activities: int = 1,
    name: str = "Học viện Dân tộc",
    activity: str = "Xây dựng cơ sở dữ liệu về các dân tộc thiểu số, hợp phần {number}",
    *,
    difficulty: str | None = "Hồ sơ mời thầu phải thẩm định lại do thay đổi định mức.",
    solution: str | None = SOLUTION,
    period: Period = OCTOBER,
    judged_by: Denominator = Denominator.TOTAL,
    adjustable: Set[str] = frozenset({"Chi thường xuyên"}),
    noted: Sequence[Flag] = (),
    settings: Settings | None = None,
    template: WordTemplate | None = None,
) -> bytes:
    """The urging letter to a unit of that name; without activities the unit as a whole is low."""
    figures, flags, told = [], [], []
    for number in range(1, activities + 1):
        code = f"HV.{number:02d}"
        budget = Budget(
            assigned=Decimal(1000 + 37 * number),
            adjustment=Decimal("12.5") * number,
            judged_by=judged_by,
        )
        one = ActivityFigure(
            unit="HV",
            code=code,
            name=activity.format(number=number) if "{number}" in activity else activity,
            source="Chi thường xuyên",
            budget=budget,
            disbursed=Decimal(100 + 7 * number),
            last_month=None,
            estimate=None,
            proposal=Decimal("-120.5") if number % 3 == 0 else None,
            difficulty=difficulty,
            solution=solution,
        )
        figures.append(one)
        flags.append(_flag(code, one.rate or 0, period))
        told.append(_told(one, flags[-1], name))
    if not activities:
        flags.append(_flag(None, 0.1, period))
    budget_current = sum((a.budget.denominator for a in figures), Decimal(0)) or Decimal(1000)
    disbursed = sum((a.disbursed for a in figures), Decimal(0)) or Decimal(100)
    status = UnitStatus(
        "HV", name, State.ACCEPTED, False, budget_current, disbursed, flags=(*flags, *noted)
    )
    totals = Totals(Decimal(90_000), Decimal(50_000), Decimal(0))
    board = Board(period, DEADLINE, totals, (status,), tuple(figures))
    whole = Explanation(
        "HV", None, name, None, budget_current, disbursed, budget_current, budget_current, None,
        "ab" * 32, tuple(f for f in flags if f.activity is None),
    )  # fmt: skip
    told_by = settings or _usual()
    return urging_letter(
        template or ready(URGING),
        told_by.body,
        told_by.letter,
        Unit("HV", name),
        board,
        flags,
        DUE,
        ANSWER_BY,
        pace_origin=told_by.rules.pace.origin,
        expected=PACE,
        explained=(whole, *told),
        adjustable=adjustable,
    )


def reminder(
    states: Mapping[str, State] | Sequence[str] = ("Vụ Địa phương I",),
    *,
    settings: Settings | None = None,
    template: WordTemplate | None = None,
) -> bytes:
    """The reminder to units of those names, missing unless their state says otherwise."""
    named = states if isinstance(states, Mapping) else dict.fromkeys(states, State.MISSING)
    units = [
        UnitStatus(f"DV{n}", name, state, True, Decimal("1234.5"), None)
        for n, (name, state) in enumerate(named.items(), 1)
    ]
    totals = Totals(Decimal(0), Decimal(0), Decimal(0))
    board = Board(OCTOBER, DEADLINE, totals, tuple(units))
    told_by = settings or _usual()
    return reminder_letter(
        template or ready(REMINDER), told_by.body, told_by.letter, board, units, DUE, REPORT_BY
    )


def _flag(activity: str | None, actual: float, period: Period) -> Flag:
    return Flag(
        unit="HV",
        activity=activity,
        rule="below-pace",
        version="1",
        severity=FlagSeverity.CRITICAL,
        actual=actual,
        expected=PACE,
        shortfall=Decimal("500.25"),
        needed_per_month=Decimal("300.1") if period.months_left else None,
        small=False,
        parameters=(("below_pace.low", "0.9"),),
    )


def _told(one: ActivityFigure, flag: Flag, name: str) -> Explanation:
    ledger = LedgerRow(
        2021, one.code, Entry.ASSIGNED, one.budget.assigned, date(2021, 1, 6), "05/QĐ-UBDT", 2
    )
    return Explanation(
        unit="HV",
        activity=one.code,
        name=one.name,
        source=one.source,
        budget_current=one.budget.current,
        disbursed_to_date=one.disbursed,
        plan=one.budget.plan,
        denominator=one.budget.denominator,
        judged_by=one.budget.judged_by,
        registry="ab" * 32,
        flags=(flag,),
        decisions=(ledger,),
        disbursed_origin=Origin("HV 10-2021.xlsx", "cd" * 32, "Giải ngân", "G7", 1),
    )
