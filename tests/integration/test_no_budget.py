"""Activities without a budget, adjusted down to nothing, begun or ended in the year: on the board,
before the rules, on paper."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from ministry import MONEY, Ministry, Workspace, create
from reports import console
from reports.chart import alternative_text
from reports.mails import digest, receipt
from reports.summary import summary_workbook
from rules.rates import by_source, totals
from schemas.board import Board, State
from schemas.changes import Changes
from schemas.forms import DISBURSEMENT, Row
from schemas.period import Period
from schemas.settings import Body
from schemas.submission import Submission
from tasks import submissions
from tasks.adjustments import proposals
from tasks.board import board
from tasks.desk import Desk
from tasks.figures import budgets_of

MAY, JUNE = Period(2021, 5), Period(2021, 6)
UNDEFINED = "không xác định"
ADDED: tuple[tuple[str, str, int | None, int | None], ...] = (
    ("DV01.3", "DV01", None, None),  # without a budget
    ("DV02.7", "DV02", None, None),  # the only money of its unit, taken back in June
    ("DV01.5", "DV01", 2021, None),  # begins this year
    ("DV01.6", "DV01", 2022, None),  # begins next year
    ("DV01.7", "DV01", None, 2021),  # ends with this year
    ("DV01.8", "DV01", 2018, 2020),  # ended last year
)
DECISIONS = (
    ("DV02.7", "Giao", "100", date(2021, 1, 4), "1/QĐ"),
    ("DV02.7", "Điều chỉnh", "-100", date(2021, 6, 15), "2/QĐ"),
    ("DV01.5", "Giao", "200", date(2021, 5, 20), "3/QĐ"),
    ("DV01.7", "Giao", "300", date(2021, 1, 4), "4/QĐ"),
)


@dataclass(frozen=True)
class Odd(Ministry):
    """Two units; DV02 has but the activity that loses its budget."""

    count: int = 2

    def registry(self) -> dict[str, list[dict[str, Any]]]:
        sheets = super().registry()
        gone = {"DV02.1", "DV02.2"}
        for name in ("Nhiệm vụ", "Dự toán"):
            sheets[name] = [row for row in sheets[name] if row["Mã nhiệm vụ"] not in gone]
        for code, unit, first, last in ADDED:
            sheets["Nhiệm vụ"].append(
                {
                    "Mã nhiệm vụ": code,
                    "Tên nhiệm vụ": f"Nhiệm vụ {code}",
                    "Mã đơn vị": unit,
                    "Nguồn vốn": "ODA",
                    "Biểu": "Giải ngân",
                    "Năm bắt đầu": first,
                    "Năm kết thúc": last,
                }
            )
        labels = ("Mã nhiệm vụ", "Loại", "Số tiền", "Ngày", "Số văn bản")
        for decision in DECISIONS:
            row = {"Năm": 2021} | dict(zip(labels, decision, strict=True))
            sheets["Dự toán"].append(row | {"Số tiền": Decimal(str(row["Số tiền"]))})
        return sheets


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return create(tmp_path_factory.mktemp("odd") / "w", Odd())


@pytest.fixture(scope="module")
def desk(work: Workspace) -> Iterator[Desk]:
    """Both units have reported nothing spent at all, for every month from April to July."""
    with Desk(work.path, date(2021, 7, 2)) as opened:
        lay = [_nothing_spent(opened, unit, m) for unit in ("DV01", "DV02") for m in range(4, 8)]
        submissions.store(opened, lay, answers=False)
        yield opened


def _nothing_spent(desk: Desk, unit: str, month: int) -> Submission:
    empty: dict[str, Any] = {f.name: None for f in DISBURSEMENT.fields}
    rows = tuple(
        Row("disbursement", a.code, MONEY, n, empty | {"code": a.code, "disbursed": Decimal(0)}, {})
        for n, a in enumerate(desk.registry.activities_of(unit, 2021), 7)
    )
    where, period = f"{unit}-{month}", Period(2021, month)
    content = {"disbursement": rows}
    return Submission(f"{where}.xlsx", f"{where:0>64}", unit, period, State.ACCEPTED, (), content)


def flagged(shown: Board) -> set[str | None]:
    return {f.activity for unit in shown.units for f in unit.flags}


def test_who_begins_or_ends_reports_in_its_years_only(desk: Desk) -> None:
    reported = {a.code for a in board(desk, JUNE).activities}
    assert reported == {"DV01.1", "DV01.2", "DV01.3", "DV01.5", "DV01.7", "DV02.7"}
    of_year = {
        period: {a.code for a in desk.registry.activities_of("DV01", period.year)}
        for period in (Period(2021, 13), Period(2022, 1))
    }
    assert of_year[Period(2021, 13)] == {"DV01.1", "DV01.2", "DV01.3", "DV01.5", "DV01.7"}
    assert of_year[Period(2022, 1)] == {"DV01.1", "DV01.2", "DV01.3", "DV01.5", "DV01.6"}


def test_an_empty_denominator_has_no_rate_and_no_flag(desk: Desk) -> None:
    shown = board(desk, JUNE)
    empty = {a.code for a in shown.activities if a.rate is None}
    assert empty == {"DV01.3", "DV02.7"}
    assert empty.isdisjoint(flagged(shown))
    assert {"DV01.1", "DV01.5", "DV01.7"} <= flagged(shown)
    assert shown.unit("DV02").flags == ()


def test_what_was_taken_back_counted_until_it_was_decided(desk: Desk) -> None:
    before, after = board(desk, MAY), board(desk, JUNE)
    assert before.unit("DV02").budget_current == 100
    assert before.unit("DV02").rate == 0
    assert "DV02.7" in flagged(before)
    assert after.unit("DV02").budget_current == 0
    assert after.unit("DV02").rate is None
    assert budgets_of(desk, JUNE)["DV02.7"].adjustment == -100


def test_no_paper_says_nought_or_nothing_of_it(desk: Desk, work: Workspace) -> None:
    shown, body = board(desk, JUNE), Body()
    unit, late = desk.registry.unit("DV02"), shown.deadline
    mail = receipt(body, unit, JUNE, late, shown.unit("DV02"), late, shown.basis("DV02"))
    assert f"Tỷ lệ giải ngân: {UNDEFINED}\n" in mail.text
    assert f"{UNDEFINED}, do không có dự toán" in alternative_text(shown, 0.4)
    book = load_workbook(
        BytesIO(
            summary_workbook(
                body, shown, 0.4, by_source(shown.activities), {}, {}, (), proposals(desk, shown)
            )
        ),
        data_only=True,
    )
    cells = [
        [cell.value for cell in row]
        for name in ("Tổng hợp", "Nhiệm vụ")
        for row in book[name].iter_rows()
    ]
    said = {code: row for row in cells for code in ("DV02", "DV01.3", "DV02.7") if code in row[:2]}
    assert [UNDEFINED in row for row in said.values()] == [True] * 3
    lines = [*console.board(shown)]
    assert UNDEFINED in work("status", str(JUNE), today=late).out
    assert any("dự toán sau điều chỉnh" in line for line in lines if isinstance(line, str))
    told = work("explain", str(JUNE), "DV01", "DV01.3", today=late).out
    assert "Tỷ lệ giải ngân: không xác định (mẫu số là dự toán sau điều chỉnh, bằng 0)" in told


def test_a_body_without_any_budget_has_reported_all_the_same(desk: Desk) -> None:
    shown = board(desk, JUNE)
    its = tuple(a for a in shown.activities if a.unit == "DV02")
    units = (shown.unit("DV02"),)
    alone = replace(shown, units=units, activities=its, totals=totals(units))
    mail = digest(Body(), alone, {}, Changes(), None, "", 0.4)
    assert "tỷ lệ không xác định" in mail.subject
    assert "tỷ lệ giải ngân không xác định vì các đơn vị này không có dự toán" in mail.text
    assert "Chưa có báo cáo nào" not in mail.text
