"""The consolidated report of a small ministry: two low units, one silent, one in pace."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from drafted import ANSWER_BY, DEADLINE, DUE, OCTOBER, PACE, REPORT_BY, ready
from reports.consolidated.fields import CONSOLIDATED
from reports.consolidated.material import Material
from reports.consolidated.report import consolidated_report
from reports.letters.template import WordTemplate
from rules.adjustments import proposals
from rules.course import since
from schemas.board import ActivityFigure, Board, State, Totals, UnitStatus
from schemas.course import Course, Stand
from schemas.findings import Finding, Severity
from schemas.flags import Flag, FlagSeverity
from schemas.forms import IT, STRATEGY, Form, Row
from schemas.registry import Budget
from schemas.settings import Body, Consolidated, Pace
from schemas.submission import Received

VP, HV, TT, KH = "Văn phòng Ủy ban", "Học viện Dân tộc", "Thanh tra", "Vụ Kế hoạch - Tài chính"
NAMES = {"VP": VP, "HV": HV, "TT": TT, "KH": KH}
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
    b"\x00\x00\x00\nIDATx\xdacP\x00\x00\x00\x11\x00\x10\xd5\xf8\x1d\xb4\x00\x00\x00\x00IEND\xaeB`\x82"
)
PACES = {month: min(month, 12) * PACE / 10 for month in range(1, 14)} | {10: PACE}


def amount(number: float | str) -> Decimal:
    return Decimal(str(number))


def activity(
    unit: str,
    number: int,
    budget: float,
    disbursed: float,
    source: str = "Chi thường xuyên",
    **more: Any,
) -> ActivityFigure:
    given: dict[str, Any] = {
        "name": f"Nhiệm vụ thứ {number}",
        "last_month": None,
        "estimate": amount(budget),
        "proposal": None,
        "difficulty": None,
        "solution": None,
    }
    return ActivityFigure(
        unit=unit,
        code=f"{unit}.{number:02d}",
        source=source,
        budget=Budget(assigned=amount(budget)),
        disbursed=amount(disbursed),
        **given | more,
    )


def flag(
    one: ActivityFigure | str, severity: FlagSeverity = FlagSeverity.LOW, *, small: bool = False
) -> Flag:
    """On an activity, or on a whole unit by its code."""
    unit, code, actual = (one, None, 0.3) if isinstance(one, str) else (
        one.unit, one.code, one.rate or 0.0
    )  # fmt: skip
    return Flag(
        unit=unit,
        activity=code,
        rule="below-pace",
        version="1",
        severity=severity,
        actual=actual,
        expected=PACE,
        shortfall=amount("100.05"),
        needed_per_month=None,
        small=small,
        parameters=(("below_pace.low", "0.9"), ("pace.origin", "mốc")),
    )


def unit(
    code: str,
    budget: float,
    disbursed: float | None,
    state: State = State.ACCEPTED,
    *flags: Flag,
    late: bool = False,
) -> UnitStatus:
    paid = None if disbursed is None else amount(disbursed)
    return UnitStatus(code, NAMES[code], state, late, amount(budget), paid, flags=tuple(flags))


def row(form: Form, code: str, **values: Any) -> Row:
    given = {field.name: values.get(field.name) for field in form.fields} | {"code": code}
    return Row(form.name, code, form.sheet, 7, given, {})


def project(code: str, acceptance: str, handover: str, settlement: str, **values: Any) -> Row:
    steps = {"acceptance": acceptance, "handover": handover, "settlement": settlement}
    return row(IT, code, **steps, **{"name": f"Phần mềm {code}", **values})


def work(code: str, completion: int, due: date | None, **values: Any) -> Row:
    its = {"completion": amount(completion), "due_date": due, "name": f"Công việc {code}"}
    return row(STRATEGY, code, **its | values)


def received(unit: str, version: int = 1, *severities: Severity) -> Received:
    found = tuple(Finding("r", severity, "x", "f.xlsx") for severity in severities)
    return Received(
        unit, version, "f.xlsx", "ab" * 32, DEADLINE, State.ACCEPTED, stands=True, findings=found
    )


SLOW = activity("VP", 1, 1000, 300, difficulty="Chậm nghiệm thu.", solution="Thanh toán tháng 11.")
IDLE = activity("VP", 2, 400, 0, "Đầu tư công", proposal=amount(-150))
FINE = activity("KH", 1, 600, 500, "ODA", proposal=amount("100.5"))
UNITS = (
    unit("VP", 1400, 300, State.ACCEPTED, flag(SLOW), flag(IDLE, FlagSeverity.CRITICAL), flag("VP"),
         late=True),
    unit("HV", 900, None, State.MISSING),
    unit("TT", 80, None, State.RETURNED),
    unit("KH", 600, 500, State.ACCEPTED, flag(FINE, FlagSeverity.WATCH)),
)  # fmt: skip
COURSE = Course(
    months={9: Stand(amount(2900), amount(1100)), 10: Stand(amount(2000), amount(800))},
    reporting={9: 3, 10: 2},
    within={10: amount(200)},
    last_month={
        "VP": Stand(amount(1400), amount(300)),
        "HV": Stand(amount(900), amount(500)),
        "KH": Stand(amount(600), amount(300)),
    },
    last_month_sources={("KH", "ODA"): Stand(amount(600), amount(300))},
    last_year={9: Stand(amount(2500), amount(1500))},
    last_year_units={"KH": Stand(amount(1000), amount(700))},
)
ROWS: Mapping[str, list[tuple[str, Row]]] = {
    IT.name: [
        ("VP", project("VP.01", "Đã hoàn thành", "Đã hoàn thành", "Đang thực hiện",
                       acceptance_date=date(2021, 9, 24), product="Kho dữ liệu")),
        ("KH", project("KH.05", "Chưa", "Chưa", "Chưa", difficulty="Thiếu nhà thầu.")),
    ],
    STRATEGY.name: [
        ("KH", work("KH.02", 60, date(2021, 9, 30), legal_basis="Quyết định 1", workshops=3)),
        ("KH", work("KH.02-1", 100, date(2021, 6, 30), workshops=1)),
    ],
}  # fmt: skip


def board(units: tuple[UnitStatus, ...] = UNITS, *activities: ActivityFigure) -> Board:
    """A board of these, with its sums; the usual activities where none are given."""
    figures = activities or (SLOW, IDLE, FINE)
    accepted = [one for one in units if one.state is State.ACCEPTED]
    totals = Totals(
        sum((one.budget_current for one in accepted), Decimal(0)),
        sum((one.disbursed_to_date or Decimal(0) for one in accepted), Decimal(0)),
        sum((one.budget_current for one in units if one not in accepted), Decimal(0)),
    )
    codes = {one.code for one in accepted}
    return Board(OCTOBER, DEADLINE, totals, units, tuple(a for a in figures if a.unit in codes))


def material(its: Board | None = None, **changes: Any) -> Material:
    """The month's facts; `low` follows the board unless it is given."""
    shown, course = its or board(), changes.pop("course", COURSE)
    low = {
        one.code: flags
        for one in shown.units
        if (flags := [f for f in one.flags if f.severity is not FlagSeverity.WATCH and not f.small])
    }
    usual = Material(
        body=Body(),
        paper=Consolidated(),
        pace_origin=Pace().origin,
        board=replace(shown, since=since(shown, course.last_month)),
        course=course,
        paces=PACES,
        low=low,
        proposals=proposals(shown.activities, OCTOBER, Fraction(43, 60), {}),
        decided=(),
        rows=ROWS,
        received=(received("VP", 1, Severity.ERROR), received("VP", 2), received("KH")),
        due=DUE,
        answer_by=ANSWER_BY,
        report_by=REPORT_BY,
        it_years=(2016, 2021),
        chart=PNG,
        chart_words="Biểu đồ: VP 21,43%; KH 83,33%.",
    )
    return replace(usual, **changes)


def nothing() -> Material:
    """A month of which nothing is known yet but who is to report."""
    silent = tuple(unit(code, 100, None, State.MISSING) for code in ("VP", "HV"))
    return material(board(silent), course=Course(), rows={}, received=(), it_years=None, chart=b"")


def report(
    month: Material | None = None, template: WordTemplate | None = None, pages: tuple[int, ...] = ()
) -> bytes:
    return consolidated_report(template or ready(CONSOLIDATED), month or material(), pages)


def of_size(count: int) -> Material:
    """A month of so many units with five activities each, every fifth unit low."""
    units, activities = [], []
    for n in range(count):
        its = [replace(activity("VP", k, 1000, 300 + k), unit=f"U{n}", code=f"U{n}.{k}")
               for k in range(1, 6)]  # fmt: skip
        flags = [replace(flag(one), unit=f"U{n}") for one in its if n % 5 == 0]
        one = unit("VP", 5000, 1515, State.ACCEPTED, *flags)
        units.append(replace(one, code=f"U{n}", name=f"Đơn vị {n}"))
        activities += its
    return material(board(tuple(units), *activities), rows={}, received=())
