"""The cells that a flag rests on beside the figures of its own line, and how they are told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from figures import flag
from pydantic import TypeAdapter

from reports.contract import explanation
from reports.explained import explanations
from schemas.board import State
from schemas.explanation import Explanation, Further, Origin
from schemas.flags import Flag, Matter
from schemas.forms import DISBURSEMENT, IT, STRATEGY, Form, Kind, Row
from schemas.period import Period
from tasks.desk import Desk
from tasks.explain import _dated
from tasks.further import Cells
from tasks.submissions import Stored

OCTOBER = Period(2021, 10)
WORDS = "Thanh toán xong\ntrước ngày 25/10/2021."


def row(form: Form, code: str, number: int, **values: Any) -> Row:
    letters = {field.name: chr(ord("A") + n) for n, field in enumerate(form.fields)}
    return Row(form.name, code, form.sheet, number, values, letters)


def amount(paid: float | str, **more: Any) -> dict[str, Any]:
    return {"disbursed": Decimal(str(paid)), **more}


def cells(*rows: tuple[int, Row]) -> Cells:
    """Of these rows by month; version 2 counts in October, else version 1."""
    activities = [SimpleNamespace(code="A.2", due_date=date(2021, 9, 30))]
    registry = SimpleNamespace(activities=activities, version="r" * 64)
    its = Cells(cast("Desk", SimpleNamespace(registry=registry)), OCTOBER)
    its._rows = {
        (one.form, one.code, month): (
            one,
            Stored(
                month, 1 + (month == 10), f"{month:064d}", f"A-{month}.xlsx", "A",
                Period(2021, month), State.ACCEPTED, date(2021, 11, 1), (),
            ),
        )
        for month, one in rows
    }  # fmt: skip
    return its


def behind(its: Cells, rule: str, activity: str | None = "A.1", **facts: str) -> list[str]:
    one = replace(flag("A", rule=rule), activity=activity, facts=tuple(facts.items()))
    found = its.behind(one, ["A.1", "A.2"])
    assert all(cell.rule == rule for cell in found)
    return [
        f"{c.period.month} {c.code} {c.what}={c.value} {c.origin.file} {c.origin.cell}"
        for c in found
    ]


COURSE = [
    (month, row(DISBURSEMENT, "A.1", 7, **amount(paid, estimate=Decimal(90 + month))))
    for month, paid in ((5, 10), (6, 12), (7, 30), (8, 31), (9, 31), (10, 31))
]
PAID, ESTIMATE = "Giải ngân lũy kế", "Ước thực hiện cả năm"


def place(month: int, what: str, value: object) -> str:
    name = next(field.name for field in DISBURSEMENT.fields if field.label == what)
    return f"{month} A.1 {what}={value} A-{month}.xlsx {COURSE[0][1].cell(name)}"


def test_the_months_that_a_run_or_a_standstill_is_made_of() -> None:
    its = cells(*COURSE)
    assert behind(its, "repeat", months="3") == [place(8, PAID, 31), place(9, PAID, 31)]
    assert behind(its, "stalled") == [place(8, PAID, 31), place(9, PAID, 31)]
    other = (9, row(DISBURSEMENT, "A.2", 8, **amount(4)))
    whole = behind(cells(*COURSE, other), "recovered", activity=None)
    assert [line.split("=")[0] for line in whole] == [f"9 A.1 {PAID}", f"9 A.2 {PAID}"]


def test_an_estimate_and_the_two_figures_of_the_best_month() -> None:
    its = cells(*COURSE)
    assert behind(its, "estimate-implausible", best_amount="18.000000") == [
        place(10, ESTIMATE, 100), place(6, PAID, 12), place(7, PAID, 30),
    ]  # fmt: skip
    assert behind(its, "estimate-implausible", variant="changed") == [
        place(9, ESTIMATE, 99), place(10, ESTIMATE, 100),
    ]  # fmt: skip


def test_a_milestone_by_its_own_date_or_by_the_registrys() -> None:
    work = row(STRATEGY, "A.1-2", 9, due_date=date(2021, 10, 31), completion=Decimal(60))
    found = behind(cells((10, work)), "milestone-overdue", part="A.1-2", due_day="2021-10-31")
    assert found == [
        "10 A.1-2 Hạn hoàn thành=2021-10-31 A-10.xlsx D9",
        "10 A.1-2 Tỷ lệ hoàn thành (%)=60 A-10.xlsx E9",
    ]
    project = row(IT, "A.2", 5, acceptance="Chưa", handover="Chưa", settlement="Chưa")
    facts = {"variant": "step", "part": "A.2", "due_day": "2021-09-30", "step": "Bàn giao"}
    found = behind(cells((10, project)), "milestone-overdue", "A.2", **facts)
    assert found == [
        f"10 A.2 Bàn giao=Chưa A-10.xlsx {project.cell('handover')}",
        "10 A.2 Hạn hoàn thành=2021-09-30 registry.xlsx None",
    ]


def test_the_words_of_a_promise_and_what_has_not_moved_since() -> None:
    last = row(DISBURSEMENT, "A.1", 7, **amount(31, solution=WORDS))
    now = row(DISBURSEMENT, "A.1", 7, **amount(31))
    said = "Thanh toán xong trước …"
    found = behind(cells((9, last), (10, now)), "promise-broken", said=said)
    solution = last.cell("solution")
    assert found == [
        f"9 A.1 Đề xuất, giải pháp={WORDS} A-9.xlsx {solution}",
        place(9, PAID, 31), place(10, PAID, 31),
    ]  # fmt: skip
    assert behind(cells((9, last)), "promise-broken", said="Chưa") == []


def test_a_proposal_that_waits() -> None:
    rows = [(m, row(DISBURSEMENT, "A.1", 7, **amount(1, proposal=Decimal(-m)))) for m in (8, 9, 10)]
    found = behind(cells(*rows), "adjustment-pending", since_day="2021-09-30")
    assert [line.split(" A-")[0] for line in found] == [
        "9 A.1 Đề xuất điều chỉnh=-9", "10 A.1 Đề xuất điều chỉnh=-10",
    ]  # fmt: skip


def test_a_flag_of_this_month_alone_rests_on_nothing_further() -> None:
    assert behind(cells(*COURSE), "below-pace") == []


# --- told -----------------------------------------------------------------------------------------

ORIGIN = Origin("A-9.xlsx", "f" * 64, "Giải ngân", "G7", 1)


def told(one: Flag, *further: Further) -> Explanation:
    return Explanation(
        unit="A",
        activity=None,
        name="Vụ A",
        source=None,
        budget_current=Decimal(200),
        disbursed_to_date=Decimal(50),
        plan=Decimal(200),
        denominator=Decimal(200),
        judged_by=None,
        registry="r" * 64,
        flags=(one,),
        further=further,
        reported_on=date(2021, 11, 10),
    )


def both(one: Explanation) -> tuple[str, Mapping[str, Any]]:
    (judged,) = explanation(one, OCTOBER)["flags"]
    return "\n".join(explanations([one], OCTOBER)), judged


def test_an_average_and_a_shortfall_with_their_numbers_as_text_and_for_machines() -> None:
    facts = (
        ("others_rate", "0.7"), ("all_disbursed_amount", "470"), ("all_budget_amount", "800"),
    )  # fmt: skip
    low = replace(
        flag("A", rule="below-average"), activity=None, facts=facts, expected=0.5875,
        shortfall=Decimal(90), parameters=(("from_month", "3"), ("year_target", "0.9")),
    )  # fmt: skip
    text, judged = both(told(low))
    sums = [
        "Bình quân = 470 / 800 = 58,75%",
        "Bình quân của các đơn vị còn lại = (470 - 50) / (800 - 200) = 420 / 600 = 70%",
    ]
    assert judged["formulas"][:2] == sums
    assert all(line in text for line in judged["formulas"])
    assert judged["formulas"][2].startswith("Còn thiếu = 70%")
    assert judged["cleared_by"] == {"disbursed_to_date": 140, "day": "2021-10-31"}
    assert "đến 31/10/2021 đã giải ngân lũy kế 140 triệu đồng" in text
    assert [one["name"] for one in judged["parameters"]] == [
        "rules.from_month",
        "rules.year_target",
    ]
    assert judged["parameters"][1]["origin"] == "đặt trong dondoc.toml"
    assert text.startswith("Theo báo cáo lập ngày 10/11/2021")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ((("low_rate", "0.4"), ("high_rate", "0.7")), "khoảng tin cậy 80% từ 40,00% đến 70,00%: "),
        ((("variant", "without-interval"),), "chưa có khoảng tin cậy: "),
    ],
)
def test_a_forecast_with_its_method_years_and_interval(
    facts: tuple[tuple[str, str], ...], said: str
) -> None:
    how = ("foretold_rate", "0.6"), ("method", "pooled-rise"), ("years", "3")
    one = replace(flag("A", rule="unlikely-to-finish"), activity=None, facts=(*facts, *how))
    text, judged = both(told(one))
    assert judged["formulas"][0] in text
    assert judged["formulas"][0] == (
        f"Dự báo cả năm 60,00%, {said}theo mức tăng chung của các đơn vị cùng loại; "
        "đơn vị có số liệu 3 năm trước"
    )


def test_a_further_cell_stands_under_its_flag_with_what_it_holds() -> None:
    one = replace(flag("A", rule="recovered", matter=Matter.PRAISE), activity=None)
    september = Period(2021, 9)
    registry = replace(ORIGIN, file="registry.xlsx", sheet="Nhiệm vụ", cell=None, version=0)
    text, judged = both(
        told(
            one,
            Further("recovered", PAID, "A.1", september, Kind.MONEY, "31.500000", ORIGIN),
            Further("recovered", "Hạn", "A.1", september, Kind.DATE, "2021-09-30", registry),
            Further("repeat", PAID, "A.9", september, Kind.MONEY, "1", ORIGIN),
        )
    )
    assert (
        f"{PAID}, A.1, tháng 9 năm 2021: 31,5 triệu đồng: tệp A-9.xlsx (bản 1), Giải ngân, ô G7"
    ) in text
    assert "Hạn, A.1: 30/09/2021: registry.xlsx, Nhiệm vụ" in text
    assert "A.9" not in text
    assert [cell["period"] for cell in judged["further"]] == ["2021-09", "2021-09"]
    assert judged["further"][0]["origin"]["cell"] == "G7"


CONTENT = TypeAdapter(tuple[Explanation, ...])


def test_what_earlier_versions_kept_is_still_read() -> None:
    cell = Further("repeat", PAID, "A.1", OCTOBER, Kind.MONEY, "1", ORIGIN)
    one = told(flag("A", rule="repeat"), cell)
    kept = CONTENT.dump_python((one,), mode="json")
    assert CONTENT.validate_python(kept) == (one,)
    for new in ("further", "reported_on"):
        del kept[0][new]
    assert CONTENT.validate_python(kept) == (replace(one, further=(), reported_on=None),)


def test_a_report_that_kept_no_day_was_made_on_the_day_where_the_workspace_lies() -> None:
    late = datetime(2021, 11, 10, 18, 30, tzinfo=UTC)  # 01:30 of the 11th in Hà Nội
    one = replace(told(flag("A")), reported_on=None, reported_at=late)
    assert _dated(one, ZoneInfo("Asia/Ho_Chi_Minh")).reported_on == date(2021, 11, 11)
    assert _dated(told(flag("A")), ZoneInfo("UTC")) == told(flag("A"))
