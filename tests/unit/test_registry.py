"""The registry: read exactly, and every contradiction named with its cell."""

import hashlib
from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from rules.registry_checks import EMAIL, forms_of
from schemas.errors import RegistryError
from schemas.findings import Finding, Severity
from schemas.registry import (
    SHEETS,
    Activity,
    Contact,
    Entry,
    LedgerRow,
    Registry,
    Role,
    Unit,
)
from schemas.settings import Reading
from tasks.registry import read_registry

GOOD: dict[str, list[list[Any]]] = {
    "Đơn vị": [["001", "Văn phòng", None, "Cục"], ["002", "Thanh tra", "001", None]],
    "Liên hệ": [
        ["001", "Nguyễn Văn An", "Chuyên viên", "an@ubdt.gov.vn", "người nộp"],
        ["002", "Trần Bình", None, "binh@ubdt.gov.vn", "Người nộp"],
        [None, "Lê Chi", "Bộ trưởng", "chi@ubdt.gov.vn", "Lãnh đạo"],
    ],
    "Nhiệm vụ": [
        [
            *("X.1", "Số hóa", "001", "Đầu tư công", "Giải ngân; CNTT", date(2021, 12, 31)),
            *(5000, 2020, 2022),
        ],
        ["X.2", "Chiến lược", "002", "ODA", "Chiến lược", None, None, None, None],
    ],
    "Dự toán": [
        [2021, "X.1", "Giao", 1000.5, date(2021, 1, 5), "12/QĐ-UBDT"],
        [2021, "X.1", "Điều chỉnh", "-200", date(2021, 7, 1), "90/QĐ-UBDT"],
        [2022, "X.1", "Giao", 700, None, None],
    ],
}


HEADS = {
    "Đơn vị!A4": "003",
    "Đơn vị!B4": "Vụ không có nhiệm vụ",
    "Liên hệ!B5": "Vũ Dung",
    "Liên hệ!D5": "dung@ubdt.gov.vn",
    "Liên hệ!E5": "Thủ trưởng đơn vị",
    "Liên hệ!B6": "Vũ Dung",
    "Liên hệ!D6": "dung@ubdt.gov.vn",
    "Liên hệ!E6": "Nhận bản tin",
}
"""A head who takes the digest; of which unit, the case says."""


def write(path: Path, sheets: Mapping[str, list[list[Any]]]) -> Path:
    book = openpyxl.Workbook()
    del book["Sheet"]
    for form in SHEETS:
        if form.sheet in sheets:
            sheet = book.create_sheet(form.sheet)
            sheet.append([field.label for field in form.fields])
            for row in sheets[form.sheet]:
                sheet.append(row)
    book.save(path)
    return path


def changed(path: Path, cells: Mapping[str, Any]) -> Path:
    """The good registry with some cells changed: `Đơn vị!A2`."""
    write(path, GOOD)
    book = openpyxl.load_workbook(path)
    for address, value in cells.items():
        sheet, cell = address.split("!")
        book[sheet][cell] = value
    book.save(path)
    return path


def errors(path: Path) -> str:
    with pytest.raises(RegistryError) as refused:
        read_registry(path)
    return str(refused.value)


def warnings(path: Path) -> list[tuple[str, str | None, str | None]]:
    return [(f.rule, f.sheet, f.cell) for f in read_registry(path)[1]]


def test_reads_everything_exactly(tmp_path: Path) -> None:
    path = write(tmp_path / "registry.xlsx", GOOD)
    registry, findings = read_registry(path)
    assert findings == ()
    assert registry == Registry(
        hashlib.sha256(path.read_bytes()).hexdigest(),
        (Unit("001", "Văn phòng", None, "Cục"), Unit("002", "Thanh tra", "001", None)),
        (
            Contact("001", "Nguyễn Văn An", "Chuyên viên", "an@ubdt.gov.vn", Role.SUBMITTER),
            Contact("002", "Trần Bình", None, "binh@ubdt.gov.vn", Role.SUBMITTER),
            Contact(None, "Lê Chi", "Bộ trưởng", "chi@ubdt.gov.vn", Role.LEADER),
        ),
        (
            Activity(
                *("X.1", "Số hóa", "001", "Đầu tư công", ("disbursement", "it")),
                *(date(2021, 12, 31), Decimal(5000), 2020, 2022),
            ),
            Activity("X.2", "Chiến lược", "002", "ODA", ("strategy",)),
        ),
        (
            LedgerRow(
                *(2021, "X.1", Entry.ASSIGNED, Decimal("1000.5")),
                *(date(2021, 1, 5), "12/QĐ-UBDT", 2),
            ),
            LedgerRow(
                *(2021, "X.1", Entry.ADJUSTMENT, Decimal(-200)),
                *(date(2021, 7, 1), "90/QĐ-UBDT", 3),
            ),
            LedgerRow(2022, "X.1", Entry.ASSIGNED, Decimal(700), None, None, 4),
        ),
    )


def test_a_country_has_more_activities_than_a_sheet_of_a_unit_may_have_rows(tmp_path: Path) -> None:
    content = deepcopy(GOOD)
    first = content["Nhiệm vụ"][0]
    content["Nhiệm vụ"] += [[f"N.{number}", *first[1:]] for number in range(Reading().rows)]
    registry, _ = read_registry(write(tmp_path / "registry.xlsx", content))
    assert len(registry.activities) == Reading().rows + 2


def test_optional_columns_may_be_missing(tmp_path: Path) -> None:
    path = write(tmp_path / "registry.xlsx", GOOD)
    book = openpyxl.load_workbook(path)
    for sheet, columns in {"Đơn vị": (3, 2), "Nhiệm vụ": (6, 4), "Dự toán": (5, 2)}.items():
        book[sheet].delete_cols(*columns)
    book["Dự toán"].delete_rows(4)  # without numbers two adjustments of a year are one decision
    book.save(path)
    registry, _ = read_registry(path)
    assert registry.units[1] == Unit("002", "Thanh tra")
    assert registry.activities[0].approved_total is None
    assert registry.ledger[0].day is None


@pytest.mark.parametrize(
    ("cells", "place", "words"),
    [
        ({"Đơn vị!B2": None}, "Đơn vị B2", "để trống"),
        ({"Đơn vị!A4": "001", "Đơn vị!B4": "Khác"}, "Đơn vị A4", "“001” đã được dùng"),
        ({"Đơn vị!C3": "009"}, "Đơn vị C3", "“009” không có"),
        ({"Liên hệ!A2": "009"}, "Liên hệ A2", "“009” không có"),
        ({"Liên hệ!D2": "an tại ubdt"}, "Liên hệ D2", "“an tại ubdt” không phải"),
        ({"Liên hệ!D2": None}, "Liên hệ D2", "để trống"),
        ({"Liên hệ!E4": "Sếp"}, "Liên hệ E4", "Người nộp; Thủ trưởng đơn vị; Lãnh đạo"),
        ({"Nhiệm vụ!A3": "X.1"}, "Nhiệm vụ A3", "“X.1” đã được dùng"),
        ({"Nhiệm vụ!C2": "1"}, "Nhiệm vụ C2", "“1” không có"),
        ({"Nhiệm vụ!D2": "Vay"}, "Nhiệm vụ D2", "không có trong danh sách"),
        ({"Nhiệm vụ!E2": "Giải ngân, CNTT"}, "Nhiệm vụ E2", "“Giải ngân, CNTT” không có"),
        ({"Nhiệm vụ!E2": ";"}, "Nhiệm vụ E2", "“;” không có"),
        ({"Nhiệm vụ!G2": -1}, "Nhiệm vụ G2", "nhỏ hơn mức thấp nhất"),
        ({"Nhiệm vụ!H2": 1999}, "Nhiệm vụ H2", "nhỏ hơn mức thấp nhất"),
        ({"Dự toán!A2": 2101}, "Dự toán A2", "lớn hơn mức cao nhất"),
        ({"Dự toán!A2": 2021.5}, "Dự toán A2", "số nguyên"),
        ({"Dự toán!B2": "X.9"}, "Dự toán B2", "“X.9” không có"),
        ({"Dự toán!C3": "Giao", "Dự toán!F3": "12/qđ-ubdt "}, "Dự toán B3", "12/qđ-ubdt"),
        ({"Dự toán!D2": "một tỷ"}, "Dự toán D2", "một tỷ"),
        ({"Dự toán!D2": 1_000_000_001}, "Dự toán D2", "lớn hơn mức cao nhất"),
        ({"Dự toán!D2": "=1+1"}, "Dự toán D2", "công thức chưa được tính"),
        ({"Dự toán!D1": "Tiền"}, "Dự toán D1:", "thiếu cột “Số tiền”"),
    ],
)
def test_each_error_names_its_cell(
    tmp_path: Path, cells: Mapping[str, Any], place: str, words: str
) -> None:
    message = errors(changed(tmp_path / "registry.xlsx", cells))
    lines = [line for line in message.splitlines() if line.startswith(f"- {place}")]
    assert len(lines) == 1
    assert words in lines[0]
    assert "cần sửa 1 chỗ" in message


def test_all_errors_are_told_at_once(tmp_path: Path) -> None:
    cells = {"Dự toán!D2": "x", "Liên hệ!D2": "x", "Đơn vị!C3": "009"}
    lines = errors(changed(tmp_path / "registry.xlsx", cells)).splitlines()
    assert len(lines) == 4
    assert {line.split(":")[0] for line in lines[1:]} == {
        "- Dự toán D2",
        "- Liên hệ D2",
        "- Đơn vị C3",
    }


def test_a_missing_sheet_and_a_missing_file(tmp_path: Path) -> None:
    sheets = deepcopy(GOOD)
    del sheets["Dự toán"]
    message = errors(write(tmp_path / "registry.xlsx", sheets))
    assert "thiếu trang tính “Dự toán”" in message
    assert "dondoc init" in errors(tmp_path / "other.xlsx")
    (tmp_path / "picture.xlsx").write_bytes(b"\x89PNG" + bytes(20))
    assert "tệp ảnh" in errors(tmp_path / "picture.xlsx")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            {f"Dự toán!B{row}": "X.2" for row in (2, 3, 4)} | {"Nhiệm vụ!E3": "Giải ngân"},
            [("no-budget", "Nhiệm vụ", "A2")],
        ),
        ({"Dự toán!B4": "X.2"}, [("budget-without-form", "Nhiệm vụ", "E3")]),
        ({"Liên hệ!E3": "Thủ trưởng đơn vị"}, [("no-submitter", "Đơn vị", "A3")]),
        ({"Liên hệ!E4": "Người nộp"}, [("submitter-without-unit", "Liên hệ", "E4")]),
        (HEADS | {"Liên hệ!A5": "003"}, [("digest-of-nothing", "Liên hệ", "E6")]),
        (HEADS | {"Liên hệ!A5": "002"}, []),
        (HEADS | {"Liên hệ!A5": "003", "Liên hệ!D4": "Dung@ubdt.gov.vn"}, []),  # a leader
    ],
)
def test_what_leads_to_silence_is_a_warning(
    tmp_path: Path, cells: Mapping[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    assert warnings(changed(tmp_path / "registry.xlsx", cells)) == expected
    findings: tuple[Finding, ...] = read_registry(tmp_path / "registry.xlsx")[1]
    assert {f.severity for f in findings} <= {Severity.WARNING}


def test_without_numbers_day_and_amount_tell_decisions_apart(tmp_path: Path) -> None:
    numberless = changed(tmp_path / "registry.xlsx", {"Dự toán!F2": None, "Dự toán!F3": None})
    book = openpyxl.load_workbook(numberless)
    for day, amount in ((date(2021, 8, 1), "-200"), (date(2021, 7, 1), "-100")):
        book["Dự toán"].append([2021, "X.1", "Điều chỉnh", amount, day, None])
    book.save(numberless)
    assert len(read_registry(numberless)[0].ledger) == 5
    book["Dự toán"].append([2021, "X.1", "Điều chỉnh", "-100", date(2021, 7, 1), None])
    book.save(numberless)
    assert "Dự toán B7" in errors(numberless)


def test_the_same_decision_in_another_year_is_another(tmp_path: Path) -> None:
    cells = {"Dự toán!F4": "12/QĐ-UBDT"}
    assert warnings(changed(tmp_path / "registry.xlsx", cells)) == []


def test_forms_are_split_by_semicolons() -> None:
    assert forms_of("giải  ngân;CNTT; Giải ngân ;") == (("disbursement", "it"), ())
    assert forms_of("Giải ngân; Khác") == (("disbursement",), ("Khác",))


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("an@ubdt.gov.vn", True),
        ("an.nguyen+x@ubdt.example", True),
        ("an@ubdt", False),
        ("an@@ubdt.vn", False),
        ("an ubdt@ubdt.vn", False),
        ("an.@ubdt.vn", False),
        ("ân@ubdt.vn", False),
        ("an@-ubdt.vn", False),
        ("An <an@ubdt.vn>", False),
        ("an@ubdt.vn; binh@ubdt.vn", False),
        ("an@ubdt.vn\nBcc: x@y.vn", False),
    ],
)
def test_an_address_is_one_that_servers_take(address: str, good: bool) -> None:
    assert (EMAIL.fullmatch(address) is not None) is good
