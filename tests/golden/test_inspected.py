"""What `inspect` and `collect` print: within 80 columns, and the same for a machine."""

import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from reports import console, contract, inspected
from schemas.board import State
from schemas.findings import Finding, Severity
from schemas.forms import FORMS, Row
from schemas.inspection import Inspection
from schemas.period import Period
from schemas.reading import ReadSheet, ReadWorkbook, Skipped
from schemas.submission import Submission
from schemas.texts import under

FILE, MONEY = "HVDT.xls", "Biểu 1"
COLUMNS = {"code": "B", "name": "C", "source": "D", "budget_assigned": "E", "disbursed": "AA"}
VALUES = {"code": "HVDT.1", "disbursed": Decimal("12.5"), "day": date(2021, 10, 31), "name": None}
ROWS = tuple(
    Row("disbursement", f"HVDT.{number}" if number else "", MONEY, 9 + number, VALUES, COLUMNS)
    for number in range(12)
)
ERROR = Finding("required", Severity.ERROR, "ô trống; hãy điền", FILE, MONEY, "G7")
WARNING = Finding("unchanged", Severity.WARNING, "vẫn như cũ; hãy xem", FILE, MONEY, "G8")
OTHER = Finding("other-label", Severity.INFO, "tiêu đề khác; hãy nhớ", FILE, MONEY, "AA7")
INFO = Finding("unit-converted", Severity.INFO, "đã đổi; hãy nhớ", FILE, MONEY, "A1")
REASONS = sorted(under("skipped"))
SHEET = ReadSheet(
    "disbursement",
    MONEY,
    ROWS,
    (ERROR, INFO, OTHER),
    COLUMNS,
    header=7,
    unit_of_money="đồng",
    skipped=tuple(Skipped(MONEY, number, REASONS[0]) for number in (8, 21, 22, 23, 30)),
)
READ = ReadWorkbook(FILE, "xls", None, (), (SHEET,))
SUBMISSION = Submission(
    FILE, "0" * 64, "HVDT", Period(2021, 10), State.RETURNED, (ERROR, WARNING, INFO)
)
INSPECTION = Inspection(READ, (SUBMISSION,))


def printed(*inspections: Inspection) -> str:
    out = io.StringIO()
    shown = Console(file=out, soft_wrap=True, width=80, highlight=False, markup=False)
    for line in inspected.lines(inspections):
        shown.print(line)
    return out.getvalue()


def test_a_person_sees_header_columns_money_rows_and_what_was_skipped() -> None:
    text = printed(INSPECTION)
    assert "HVDT.xls: bảng tính Excel 97-2003 (.xls)" in text
    assert "“Biểu 1”, biểu “Giải ngân”: tiêu đề cột ở dòng 7" in text
    assert "Đơn vị tính: đồng." in text
    assert "Nhận 12 dòng: 9 (?), 10 (HVDT.1), 11 (HVDT.2)" in text
    assert "Bỏ qua 5 dòng:" in text
    assert "dòng 8, 21-23, 30: " in text
    table = {line.split("│")[1].strip(): line.split("│")[2].strip()
             for line in text.splitlines() if line.startswith("│")}  # fmt: skip
    assert table["Giải ngân lũy kế"] == "AA (tiêu đề khác)"
    assert table["Tên nhiệm vụ"] == "C"
    assert set(table) == {field.label for field in FORMS[0].fields}
    required = {f.label: f.required for f in FORMS[0].fields if f.name not in COLUMNS}
    assert {label: table[label] for label in required} == {
        label: "thiếu" if needed else "không có" for label, needed in required.items()
    }


def test_what_is_no_sentence_of_a_finding_fits_eighty_columns() -> None:
    many = replace(SHEET, rows=tuple(replace(ROWS[1], number=n) for n in range(9, 400)))
    text = printed(replace(INSPECTION, read=replace(READ, sheets=(many,))))
    told = {f"  Lỗi: {MONEY}!G7: {ERROR.message}"}
    assert all(len(line) <= 80 for line in text.splitlines() if line not in told)


@pytest.mark.parametrize(
    ("state", "words", "good"),
    [
        (State.ACCEPTED, "HVDT 2021-10: sẽ được tiếp nhận", True),
        (State.RETURNED, "HVDT 2021-10: sẽ bị trả lại để sửa", False),
        (State.HELD, "HVDT 2021-10: phải chờ người xác định", False),
    ],
)
def test_the_outcome_is_said_for_each_unit(state: State, words: str, *, good: bool) -> None:
    one = replace(SUBMISSION, state=state)
    inspection = replace(INSPECTION, submissions=(one,))
    assert f"{words} (1 lỗi, 1 cảnh báo, 1 lưu ý)" in printed(inspection)
    assert inspected.accepted([inspection]) is good
    other = replace(INSPECTION, submissions=(replace(SUBMISSION, state=State.ACCEPTED), one))
    assert inspected.accepted([other]) is good


def test_nothing_is_not_accepted() -> None:
    assert not inspected.accepted([])
    assert not inspected.accepted([Inspection(READ, ())])


def test_a_file_that_could_not_be_read_says_why() -> None:
    bad = Finding("encrypted", Severity.ERROR, "có mật khẩu; hãy gỡ", FILE)
    held = Submission(FILE, "0" * 64, None, None, State.HELD, (bad,))
    text = printed(Inspection(ReadWorkbook(FILE, findings=(bad,)), (held,)))
    assert "HVDT.xls: không đọc được" in text
    assert "chưa rõ đơn vị chưa rõ kỳ: phải chờ người xác định (1 lỗi)" in text
    assert text.count("có mật khẩu") == 1


def test_a_sheet_without_a_header_says_so() -> None:
    empty = ReadSheet("disbursement", MONEY, (), (ERROR,), {})
    text = printed(replace(INSPECTION, read=replace(READ, sheets=(empty,))))
    assert "không thấy đủ tiêu đề cột" in text
    assert "│" not in text


def test_a_machine_gets_the_same() -> None:
    (one,) = _as_json(inspected.answer([INSPECTION]))
    assert one.keys() == {"file", "format", "sheets", "findings", "submissions"}
    (sheet,) = one["sheets"]
    assert sheet["columns"] == COLUMNS
    assert (sheet["header"], sheet["unit_of_money"], sheet["sheet"]) == (7, "đồng", MONEY)
    assert sheet["rows"][0] == {
        "row": 9,
        "code": None,
        "values": {"code": "HVDT.1", "disbursed": 12.5, "day": "2021-10-31", "name": None},
    }
    assert sheet["skipped"][0] == {"row": 8, "reason": REASONS[0]}
    assert one["submissions"] == _as_json(contract.submissions([SUBMISSION]))


def _as_json(answer: object) -> Any:
    return json.loads(json.dumps(answer, default=contract.plain))


class TestCollected:
    def test_one_line_a_file_with_unit_period_state_and_counts(self) -> None:
        accepted = replace(SUBMISSION, unit="VP", state=State.ACCEPTED, findings=())
        lines = list(console.submissions([SUBMISSION, accepted]))
        assert lines == [
            (
                "HVDT.xls: HVDT 2021-10 - Trả lại để sửa (1 lỗi, 1 cảnh báo, 1 lưu ý): "
                f"{MONEY}!G7: {ERROR.message}"
            ),
            "HVDT.xls: VP 2021-10 - Đã tiếp nhận",
        ]

    def test_one_that_waits_says_why(self) -> None:
        held = replace(SUBMISSION, unit=None, period=None, state=State.HELD, findings=(ERROR,))
        assert list(console.submissions([held])) == [
            (
                "HVDT.xls: chưa rõ đơn vị chưa rõ kỳ - Chờ xác định (1 lỗi): "
                f"{MONEY}!G7: {ERROR.message}"
            )
        ]
