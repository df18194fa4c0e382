"""A year's books are closed: January's reports and the closing month's arrive together, and each is
judged for its own year; then the year is looked at as quarters, halves and a whole."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from ministry import DISBURSED, ESTIMATE, IT, MONEY, STRATEGY, Ministry, Workspace, create, fill
from schemas.board import State
from schemas.forms import DISBURSEMENT, Row
from schemas.period import Period
from schemas.submission import Submission
from tasks import submissions
from tasks.desk import Desk
from wordfile import Letter

OPENED, DUE, REPORTED = date(2022, 2, 7), date(2022, 2, 11), date(2022, 2, 16)
"""After Tết; the deadline of both; the day on which their reports are due."""
CLOSING, JANUARY = "2021-13", "2022-01"
DECISIONS = [
    (2021, "DV01.1", "Điều chỉnh", "-40", date(2022, 1, 20), "13/QĐ-UBDT"),  # CTMTQG
    (2021, "DV02.2", "Điều chỉnh", "-40", date(2022, 1, 20), "14/QĐ-UBDT"),  # recurrent
    (2022, "DV01.2", "Chuyển nguồn", "77", None, "02/QĐ-BTC"),
    *((2022, f"DV0{unit}.{n}", "Giao", "900", date(2022, 1, 5), f"2{unit}{n}/QĐ-UBDT")
      for unit in (1, 2, 3) for n in (1, 2, 3) if unit == 3 or n < 3),
]  # fmt: skip


@dataclass(frozen=True)
class Closing(Ministry):
    """Three units, with the decisions of January."""

    count: int = 3

    def registry(self) -> dict[str, list[dict[str, Any]]]:
        sheets = super().registry()
        labels = ("Năm", "Mã nhiệm vụ", "Loại", "Số tiền", "Ngày", "Số văn bản")
        for row in DECISIONS:
            line = dict(zip(labels, row, strict=True))
            sheets["Dự toán"].append(line | {"Số tiền": Decimal(str(line["Số tiền"]))})
        return sheets


def lay(desk: Desk, ministry: Ministry, unit: str, month: int) -> Submission:
    """The unit's figures at a month's end, as accepted: a hundred a month and activity."""
    rows = [
        Row(
            DISBURSEMENT.name,
            a.code,
            MONEY,
            number,
            {f.name: None for f in DISBURSEMENT.fields}
            | {"code": a.code, "disbursed": Decimal(month * 50), "estimate": Decimal(700)},
            {"code": "A", "disbursed": "G"},
        )
        for number, a in enumerate(ministry.of(unit), 7)
    ]
    where = f"{unit}-{month}"
    return Submission(
        f"{where}.xlsx",
        f"{where:0>64}",
        unit,
        Period(2021, month),
        State.ACCEPTED,
        (),
        {DISBURSEMENT.name: tuple(rows)},
    )


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Twelve months laid in place (DV02 without June); both periods opened by the run of February
    that names none, filled in, collected."""
    work = create(tmp_path_factory.mktemp("closing") / "w", Closing())
    work.setting("# closing_month = false", "closing_month = true")
    with Desk(work.path, date(2022, 1, 10)) as desk:
        assert desk.registry.units  # read before the transaction that names it
        months = [(u, m) for u in work.ministry.units for m in range(1, 13)]
        its = [lay(desk, work.ministry, u, m) for u, m in months if (u, m) != ("DV02", 6)]
        submissions.store(desk, its, answers=False)
    opened = work.done("open", today=OPENED)
    assert [(len(one["forms"]), one["too_late"]) for one in opened] == [(3, False)] * 2
    for unit in work.ministry.units:
        for period in (CLOSING, JANUARY):
            send(work, unit, period)
    collected = work("collect", "--json", today=DUE)
    assert collected.status == 1
    said = {(s["unit"], s["period"]): s["state"] for s in collected.json}
    assert said == {
        (unit, period): "returned" if (unit, period) == ("DV02", CLOSING) else "accepted"
        for unit in work.ministry.units
        for period in (CLOSING, JANUARY)
    }
    return work


def send(work: Workspace, unit: str, period: str, spent: int | None = None) -> None:
    """DV02 says less than in December, DV03 that a product was accepted on 31 January."""
    if spent is None:
        spent = 40 if period == JANUARY else 590 if unit == "DV02" else 700
    lines = {
        sheet: {
            code: dict(cells) | ({DISBURSED: spent, ESTIMATE: 720} if sheet == MONEY else {})
            for code, cells in its.items()
        }
        for sheet, its in work.ministry.lines(unit).items()
    }
    for sheet in {IT, STRATEGY} & lines.keys():
        for cells in lines[sheet].values():
            if sheet == IT:
                cells |= {"Ngày nghiệm thu": date(2022, 1, 31), "Ngày bàn giao": date(2022, 1, 31)}
    if unit == "DV02" and period == CLOSING:
        for cells in lines[MONEY].values():
            cells["Khó khăn, vướng mắc"] = None
    form = work.path / "forms" / period / f"{unit}.xlsx"
    fill(form, work.inbox / f"{unit} {'a' if period == CLOSING else 'b'}{spent}.xlsx", lines)


def test_the_closing_form_says_what_it_is(books: Workspace) -> None:
    form = load_workbook(books.path / "forms" / CLOSING / "DV01.xlsx")
    texts = [str(c.value) for sheet in form for row in sheet.iter_rows() for c in row if c.value]
    title = "Kỳ báo cáo: kỳ chỉnh lý quyết toán năm 2021 (đến hết ngày 31/01/2022)"
    assert texts.count(title) == 2  # guide and form
    assert any("không ghi vào báo cáo tháng 01 năm 2022" in text for text in texts)
    assert CLOSING in texts  # the hidden sheet
    assert form["Giải ngân"]["L7"].value == 600  # December's figure, for comparison


def test_each_report_is_judged_for_its_own_year(books: Workspace) -> None:
    closing = {u["code"]: u for u in books.done("status", CLOSING, today=DUE)["units"]}
    january = {u["code"]: u for u in books.done("status", JANUARY, today=DUE)["units"]}
    assert closing["DV01"]["disbursed_to_date"] == 1400
    assert january["DV01"]["disbursed_to_date"] == 80
    # the programme's plan is adjusted until 31 January, the recurrent estimate until 31 December
    at_december = {u["code"]: u for u in books.done("status", "2021-12", today=DUE)["units"]}
    assert closing["DV01"]["budget_current"] == at_december["DV01"]["budget_current"] - 40
    assert closing["DV02"]["budget_current"] == at_december["DV02"]["budget_current"]
    assert january["DV01"]["budget_current"] == 1877
    told = books("explain", CLOSING, "DV02", "DV02.2", today=DUE).out
    assert "Không tính (quyết định sau ngày chốt 31/12/2021): Điều chỉnh -40: 14/QĐ-UBDT" in told
    drops = [f for f in closing["DV02"]["findings"] if f["rule"] == "cumulative-drop"]
    assert len(drops) == 2
    assert all("600" in f["message"] for f in drops)
    assert closing["DV03"]["state"] == "accepted"


def test_both_are_reminded_of_and_reported_in_their_order(books: Workspace) -> None:
    books.done("remind", today=DUE)
    reminders = [(r["period"], r["unit"]) for r in books.outbox("reminder")]
    assert set(reminders) == {(CLOSING, "DV02")}
    reports = books.done("report", today=REPORTED)
    assert [one["period"] for one in reports] == [CLOSING, JANUARY]
    assert books.done("report", today=REPORTED) == []
    assert "Chưa có báo cáo tháng nào đến hạn lập." in books("report", today=REPORTED).out
    report = books.path / "reports" / CLOSING / f"bao-cao-tong-hop-{CLOSING}.docx"
    (decided,) = (t for t in Letter(report.read_bytes()).texts if "đã được điều chỉnh" in t)
    assert "04 lần" in decided  # three of the year and one of January: the recurrent one is late
    assert "giảm 140,3 triệu đồng" in decided
    digests = {r["period"]: r["subject"] for r in books.outbox("digest")}
    assert "Bản tin giải ngân kỳ chỉnh lý quyết toán năm 2021 - đạt" in digests[CLOSING]
    letters = [r for r in books.outbox("urging") if r["period"] == CLOSING]
    assert {r["unit"] for r in letters} == {"DV01", "DV03"}
    assert all(Path(path).exists() for one in reports for path in one["documents"])
    forecast = books.done("forecast", CLOSING, today=REPORTED)["units"]
    rates = {u["code"]: u["rate"] for u in books.done("status", CLOSING, today=DUE)["units"]}
    assert {u["code"]: u["rate"] for u in forecast} == rates
    assert {u["method"] for u in forecast} == {"reported", None}


def test_the_year_and_its_parts_are_looked_at(books: Workspace) -> None:
    third = books.done("status", "2021-Q3", today=DUE)
    assert third["period"] == "2021-Q3"
    units = {u["code"]: u for u in third["units"]}
    assert units["DV01"]["disbursed_to_date"] == 900
    assert units["DV01"]["disbursed_in_period"] == 300
    assert units["DV01"]["as_of"] == "2021-09"
    assert units["DV02"]["disbursed_to_date"] == 900
    assert units["DV02"]["disbursed_in_period"] is None  # June was never accepted
    assert third["totals"]["disbursed_in_period"] is None
    screen = books("status", "2021-Q3", today=DUE).out
    assert "quý III năm 2021" in screen
    assert "Chưa có báo cáo tháng 6 năm 2021 được tiếp nhận" in screen
    first = books.done("status", "2021-9M", today=DUE)
    assert first["totals"]["disbursed_in_period"] == first["totals"]["disbursed_to_date"] == 3150

    year = books.done("status", "2021", today=DUE)
    units = {u["code"]: u for u in year["units"]}
    assert {code: u["as_of"] for code, u in units.items()} == {
        "DV01": CLOSING,
        "DV02": "2021-12",
        "DV03": CLOSING,
    }
    assert [u["disbursed_in_period"] for u in units.values()] == [1400, 1200, 2100]
    assert year["totals"]["disbursed_to_date"] == year["totals"]["disbursed_in_period"] == 4700
    screen = books("status", "2021", today=DUE).out
    assert "lấy số liệu tháng 12 năm 2021: DV02." in screen
    for command in ("report", "open", "explain"):
        refused = books(command, "2021-H1", *(["DV01"] if command == "explain" else []), today=DUE)
        assert refused.status == 2
        assert "2021-06" in refused.err
