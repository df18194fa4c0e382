"""Reading workbooks as they arrive: where a form stands, what its rows say, what is no workbook."""

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from unicodedata import normalize

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from packages import APART, set_apart
from reports.blank import blank_workbook
from schemas.findings import Severity
from schemas.forms import DISBURSEMENT, FORMS, IT, STRATEGY, Form, Line
from schemas.period import Period
from schemas.reading import ReadSheet, ReadWorkbook, Signed
from schemas.registry import Unit
from schemas.settings import Body
from tasks import workbooks
from tasks.apart import Reader

READER = Reader()
"""One process for all these files."""
read = partial(workbooks.read, reader=READER)

Lines = Sequence[Mapping[str, Any]]
LINE: dict[str, Any] = {
    "code": "X.1",
    "name": "Số hóa hồ sơ",
    "source": "Đầu tư công",
    "budget_assigned": 1000,
    "budget_adjustment": 0,
    "budget_current": 1000,
    "disbursed": 400.5,
    "estimate": 900,
}


@pytest.fixture(autouse=True, scope="module")
def _end_of_the_process() -> Iterator[None]:
    yield
    READER.close()


def workbook(change: Callable[[openpyxl.Workbook], None] = lambda _: None) -> bytes:
    book = openpyxl.Workbook()
    del book["Sheet"]
    change(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def fill(sheet: Worksheet, form: Form, lines: Lines, *, header: int = 1) -> None:
    for column, field in enumerate(form.fields, 1):
        sheet.cell(header, column, field.label)
        for row, line in enumerate(lines, header + 1):
            sheet.cell(row, column, line.get(field.name))


def one_sheet(
    lines: Lines = (LINE,),
    change: Callable[[Worksheet], None] = lambda _: None,
    form: Form = DISBURSEMENT,
    header: int = 1,
    title: str | None = None,
) -> ReadSheet:
    def build(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet(title or form.sheet)
        fill(sheet, form, lines, header=header)
        change(sheet)

    found = read(workbook(build), "bao-cao.xlsx", FORMS)
    assert found.findings == ()
    (sheet,) = found.sheets
    assert sheet.form == form.name
    return sheet


def rules(found: ReadSheet | ReadWorkbook) -> list[tuple[str, str | None]]:
    return [(f.rule, f.cell) for f in found.findings]


def test_reads_a_row_with_its_places() -> None:
    sheet = one_sheet(header=3)
    (row,) = sheet.rows
    assert (row.form, row.code, row.sheet, row.number) == ("disbursement", "X.1", "Giải ngân", 4)
    assert row.values["disbursed"] == Decimal("400.5")
    assert row.values["source"] == "Đầu tư công"
    assert row.values["proposal"] is None
    assert row.cell("disbursed") == "G4"
    assert sheet.findings == ()


def test_columns_are_found_by_label_wherever_they_stand() -> None:
    labels = {
        "STT": 1,
        normalize("NFD", "MÃ NHIỆM VỤ"): "X.1",
        "Giải ngân\nluỹ kế (triệu đồng)": 5,
        " Tên\u00a0nhiệm vụ *": "Tên",
        "Ghi chú": "abc",
    }

    def build(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet("giải  NGÂN ")
        sheet.append(["BÁO CÁO"])
        for _ in range(18):
            sheet.append([])
        sheet.append([])
        for column, (label, value) in enumerate(labels.items(), 2):
            sheet.cell(20, column, label)
            sheet.cell(21, column, value)

    (sheet,) = read(workbook(build), "a.xlsx", FORMS).sheets
    assert dict(sheet.columns) == {"code": "C", "disbursed": "D", "name": "E"}
    assert sheet.rows[0].values["disbursed"] == 5


def test_a_header_below_row_20_is_not_looked_for() -> None:
    sheet = one_sheet(header=21)
    assert rules(sheet) == [("no-header", None)]
    assert (sheet.rows, dict(sheet.columns)) == ((), {})


def test_percent_in_the_label_is_part_of_it() -> None:
    lines = [{"code": "S.1-1", "completion": "75%", "due_date": date(2021, 12, 31)}]
    (row,) = one_sheet(lines, form=STRATEGY).rows
    assert row.values["completion"] == 75
    assert row.values["due_date"] == date(2021, 12, 31)
    assert row.cell("completion") == "E2"


def test_a_required_column_must_be_there_a_prefilled_one_may_miss() -> None:
    def rename(*cells: str) -> Callable[[Worksheet], None]:
        def change(sheet: Worksheet) -> None:
            for cell in cells:
                sheet[cell] = "khác"

        return change

    assert rules(one_sheet(change=rename("C1", "D1", "E1", "H1", "J1"))) == []
    missing = one_sheet(change=rename("G1"))
    assert rules(missing) == [("missing-column", None)]
    assert "Giải ngân lũy kế" in missing.findings[0].message
    assert missing.rows == ()


def test_two_columns_with_one_label_are_not_guessed_between() -> None:
    def twice(sheet: Worksheet) -> None:
        sheet["L1"] = "Giải ngân lũy kế"

    twofold = one_sheet(change=twice)
    assert rules(twofold) == [("two-columns", "G1")]
    assert "G1, L1" in twofold.findings[0].message
    assert twofold.rows == ()

    def remark(sheet: Worksheet) -> None:
        sheet["L1"], sheet["L2"] = "Giải ngân lũy kế (tháng trước)", 399

    assert one_sheet(change=remark).rows[0].values["disbursed"] == Decimal("400.5")


def test_a_renamed_sheet_is_known_by_its_header() -> None:
    it = {"code": "X.1", "acceptance": "Chưa", "handover": "Chưa", "settlement": "Chưa"}

    def build(book: openpyxl.Workbook) -> None:
        guide = book.create_sheet("Hướng dẫn")
        fill(guide, DISBURSEMENT, [LINE])
        fill(book.create_sheet("Biểu 2"), IT, [it])
        fill(book.create_sheet("Biểu 1"), DISBURSEMENT, [LINE])
        hidden = book.create_sheet("Bản cũ")
        fill(hidden, STRATEGY, [{"code": "X", "completion": 1}])
        hidden.sheet_state = "hidden"

    found = read(workbook(build), "a.xlsx", FORMS)
    assert [(s.form, s.sheet) for s in found.sheets] == [
        ("disbursement", "Biểu 1"),
        ("it", "Biểu 2"),
    ]


def test_only_reported_lines_are_rows() -> None:
    def sheet(sheet: Worksheet) -> None:
        fill(sheet, DISBURSEMENT, [])
        lines: list[list[Any]] = [
            ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)=(4)+(5)", "(7)", "(8)", "(9)"],
            [None, "I. Chi thường xuyên"],
            ["X.1", "Một", None, None, None, None, 5],
            [],
            ["X.2", "Hai"],
            [None, "Ba", None, None, None, None, 7],
            ["Tổng cộng", None, None, None, None, None, "=SUM(G4:G6)"],
            [None, "Cộng:", None, None, None, None, 12],
            ["Ghi chú: số liệu đến 31/10", None, None, None, None, None, None],
            [None, None, None, None, None, None, "Hà Nội, ngày 05 tháng 11 năm 2021"],
            ["Người lập biểu", None, None, None, None, None, "Thủ trưởng đơn vị"],
            ["(Ký, ghi rõ họ tên)"],
            ["Nguyễn Văn An", None, None, None, None, None, "Trần Thị Bình"],
        ]
        for row in lines:
            sheet.append(row)

    found = one_sheet((), sheet)
    assert rules(found) == []
    assert [(r.number, r.code, r.values["disbursed"]) for r in found.rows] == [
        (4, "X.1", 5),
        (6, "X.2", None),
        (7, "", 7),
    ]


def test_what_cannot_be_understood_names_its_cell() -> None:
    line = LINE | {"disbursed": "bốn trăm", "estimate": "1.234", "source": "Vay"}
    sheet = one_sheet([line])
    assert rules(sheet) == [
        ("not-a-choice", "C2"),
        ("not-a-number", "G2"),
        ("ambiguous-number", "H2"),
    ]
    assert {f.severity for f in sheet.findings} == {Severity.ERROR}
    finding = sheet.findings[1]
    assert (finding.file, finding.sheet) == ("bao-cao.xlsx", "Giải ngân")
    assert "bốn trăm" in finding.message
    (row,) = sheet.rows
    assert row.values["disbursed"] is None
    assert sheet.bad(row) == {"source", "disbursed", "estimate"}


def test_a_plain_number_in_a_column_of_dates_is_told() -> None:
    line = {"code": "X.1", "acceptance": "Chưa", "acceptance_date": 44500}
    assert rules(one_sheet([line], form=IT)) == [("serial-date", "E2")]


@pytest.mark.parametrize(
    ("written", "factor", "unit"),
    [
        ("Đơn vị tính: đồng", "0.000001", "đồng"),
        ("ĐVT: Nghìn đồng", "0.001", "nghìn đồng"),
        ("(Đơn vị: 1.000 đồng)", "0.001", "nghìn đồng"),
        ("Đơn vị tính: ngàn đồng", "0.001", "nghìn đồng"),
        ("Đơn vị tính: tỉ đồng", "1000", "tỷ đồng"),
        ("Đơn vị tính: triệu đồng", "1", None),
        ("Đvt: tr.đ", "1", None),
        ("Đơn vị: Đồng Tháp", "1", None),
        ("Đơn vị đồng chủ trì: Vụ Tổng hợp", "1", None),
    ],
)
def test_the_unit_of_money_above_the_header_counts(
    written: str, factor: str, unit: str | None
) -> None:
    def change(sheet: Worksheet) -> None:
        sheet["A1"], sheet["K2"] = "Đơn vị: Vụ Tổng hợp", written

    sheet = one_sheet([LINE | {"disbursed": 401}], change, header=4)
    assert sheet.rows[0].values["disbursed"] == Decimal("401") * Decimal(factor)
    assert rules(sheet) == ([("unit-converted", "K2")] if unit else [])
    if unit:
        assert sheet.findings[0].severity is Severity.INFO
        assert unit in sheet.findings[0].message


def test_the_unit_of_money_may_stand_in_two_cells_or_in_a_label() -> None:
    def two_cells(sheet: Worksheet) -> None:
        sheet["J2"], sheet["K2"] = "Đơn vị tính:", "nghìn đồng"

    assert rules(one_sheet(header=3, change=two_cells)) == [("unit-converted", "K2")]

    def label(sheet: Worksheet) -> None:
        sheet["G1"] = "Giải ngân lũy kế (đồng)"

    sheet = one_sheet(change=label, lines=[LINE | {"disbursed": 400_500_000}])
    assert rules(sheet) == [("unit-converted", "G1")]
    assert sheet.rows[0].values["disbursed"] == Decimal("400.5")
    assert sheet.rows[0].values["budget_current"] == 1000


def test_formulas_never_calculated_and_error_values_are_told() -> None:
    def change(sheet: Worksheet) -> None:
        sheet["G2"], sheet["H2"] = "=1+1", "#DIV/0!"
        sheet["M2"] = "=1+1"  # beside the form
        sheet["A3"], sheet["G3"] = "Tổng cộng", "=SUM(G2:G2)"

    sheet = one_sheet(change=change)
    assert rules(sheet) == [("uncalculated-formula", "G2"), ("error-value", "H2")]
    assert "#DIV/0!" in sheet.findings[1].message
    assert sheet.rows[0].values["disbursed"] is None


def test_a_calculated_formula_is_its_value_in_whole_dong() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet(DISBURSEMENT.sheet)
        sheet.write_row(0, 0, [f.label for f in DISBURSEMENT.fields])
        sheet.write_row(1, 0, ["X.1", "Một"])
        sheet.write_formula("G2", "=0.1+0.2", value=0.1 + 0.2)
        sheet.write_formula("J2", '=""', value="")
        sheet.write_formula("H2", "=1/0", value="#DIV/0!")
    (read_sheet,) = read(content.getvalue(), "a.xlsx", FORMS).sheets
    assert read_sheet.rows[0].values["disbursed"] == Decimal("0.3")
    assert [f for f in rules(read_sheet) if f[1] == "H2"] == [("error-value", "H2")]


def test_half_shown_as_a_percentage_is_fifty() -> None:
    def change(sheet: Worksheet) -> None:
        sheet["E2"].number_format = "0.0%"
        sheet["E3"].number_format = "0"

    lines = [{"code": "S.1", "completion": 0.5}, {"code": "S.2", "completion": 50}]
    rows = one_sheet(lines, change, form=STRATEGY).rows
    assert [r.values["completion"] for r in rows] == [50, 50]


def test_xml_may_be_written_otherwise() -> None:
    """Other programs prefix the names, and quote with '."""
    lines: Lines = [{"code": "S.1", "completion": 0.5}, {"code": "S.2", "completion": "=1+1"}]

    def change(sheet: Worksheet) -> None:
        sheet["E2"].number_format = "0%"

    content = io.BytesIO()
    plain = workbook(lambda book: _strategy(book, lines, change))
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(content, "w") as new:
        for member in old.namelist():
            text = old.read(member).decode()
            if member.startswith("xl/worksheets/"):
                text = re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", text).replace('"', "'")
                text = text.replace("xmlns=", "xmlns:x=")
            new.writestr(member, text)
    (sheet,) = read(content.getvalue(), "a.xlsx", FORMS).sheets
    assert sheet.rows[0].values["completion"] == 50
    assert rules(sheet) == [("uncalculated-formula", "E3")]


def _strategy(book: openpyxl.Workbook, lines: Lines, change: Callable[[Worksheet], None]) -> None:
    sheet = book.create_sheet("Chiến lược")
    fill(sheet, STRATEGY, lines)
    change(sheet)


def test_one_far_cell_does_not_take_all_memory() -> None:
    for cell in ("XFD1048576", "A10000", "AAA1"):
        sheet = one_sheet(change=lambda sheet, cell=cell: sheet.__setitem__(cell, 1))  # type: ignore[misc]
        assert rules(sheet) == [("too-many-rows", None)]
    for cell in ("A9999", "ZZ1"):
        sheet = one_sheet(change=lambda sheet, cell=cell: sheet.__setitem__(cell, "x"))  # type: ignore[misc]
        assert "too-many-rows" not in [rule for rule, _ in rules(sheet)]


def test_the_texts_above_the_header_and_the_hidden_sheet_identify() -> None:
    def build(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet("Giải ngân")
        fill(sheet, DISBURSEMENT, [LINE], header=4)
        sheet["A1"], sheet["C1"] = "ỦY BAN DÂN TỘC", "Mẫu 1"
        sheet["A2"], sheet["B2"] = "Kỳ báo cáo:", date(2021, 10, 1)
        hidden = book.create_sheet("_dondoc")
        hidden.sheet_state = "veryHidden"
        for row in [["form_version", "1"], ["unit", "001"], ["period", "2021-10"]]:
            hidden.append(row)
        hidden.append(["signature", "abc"])

    found = read(workbook(build), "a.xlsx", FORMS)
    assert found.title_texts == ("ỦY BAN DÂN TỘC Mẫu 1", "Kỳ báo cáo: 01/10/2021")
    assert found.signed == Signed("1", "001", "2021-10", "abc")


BLANK = blank_workbook(
    Body(),
    Unit("VP", "Văn phòng Ủy ban"),
    Period(2021, 10),
    date(2021, 11, 5),
    {
        "disbursement": [Line(LINE | {"disbursed": None, "estimate": None}, Decimal(399))],
        "it": [Line({"code": "X.1", "name": "Số hóa hồ sơ"})],
        "strategy": [Line({"code": "X.2", "name": "Khảo sát"})],
    },
    "0" * 64,
)


def filled_blank() -> bytes:
    """Our own workbook as openpyxl leaves it: formulas without values."""
    book = openpyxl.load_workbook(io.BytesIO(BLANK))
    told_of: dict[str, dict[str, Any]] = {
        "Giải ngân": {"Giải ngân lũy kế": 400.5, "Đề xuất, giải pháp": "Đôn đốc"},
        "Nhiệm vụ CNTT": {"Nghiệm thu": "Đã hoàn thành", "Ngày nghiệm thu": date(2021, 9, 30)}
        | {"Bàn giao": "Chưa", "Thanh quyết toán": "Chưa"},
        "Chiến lược": {"Tỷ lệ hoàn thành (%)": 75, "Hạn hoàn thành": date(2021, 12, 31)},
    }
    for form, told in told_of.items():
        sheet = book[form]
        header = next(r for r in range(1, 21) if str(sheet.cell(r, 1).value).startswith("Mã"))
        columns = {sheet.cell(header, c).value: c for c in range(1, sheet.max_column + 1)}
        for label, value in told.items():
            sheet.cell(header + 1, columns[label], value)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def check_filled_blank(found: ReadWorkbook) -> None:
    assert found.all_findings == ()
    assert [s.form for s in found.sheets] == ["disbursement", "it", "strategy"]
    money, it, strategy = (s.rows for s in found.sheets)
    assert [r.code for r in (*money, *it, *strategy)] == ["X.1", "X.1", "X.2"]
    assert money[0].values["disbursed"] == Decimal("400.5")
    assert money[0].values["budget_current"] == 1000
    assert it[0].values["acceptance_date"] == date(2021, 9, 30)
    assert strategy[0].values["completion"] == 75
    assert found.signed == Signed("1", "VP", "2021-10", "0" * 64)
    assert any("tháng 10 năm 2021" in text for text in found.title_texts)


def test_our_own_workbook_passes_clean() -> None:
    assert read(BLANK, "VP.xlsx", FORMS).all_findings == ()
    check_filled_blank(read(filled_blank(), "VP.xlsx", FORMS))


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own workbook, filled in and saved by LibreOffice in the formats that arrive."""
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice (soffice) is not on this machine")
    folder = tmp_path_factory.mktemp("office")
    (folder / "VP.xlsx").write_bytes(filled_blank())
    (folder / "apart.xlsx").write_bytes(set_apart())
    for kind in ("xlsx", "xls", "ods"):
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir"]
        files = [folder / "VP.xlsx", folder / "apart.xlsx"]
        subprocess.run([*command, folder / kind, *files], check=True, timeout=120)
    return folder


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_reads_what_libreoffice_saves(converted: Path, kind: str) -> None:
    content = (converted / kind / f"VP.{kind}").read_bytes()
    check_filled_blank(read(content, f"VP.{kind}", FORMS))


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_what_is_set_apart_stays_so_in_what_libreoffice_saves(converted: Path, kind: str) -> None:
    book = READER.book((converted / kind / f"apart.{kind}").read_bytes(), "a")
    assert book.sheets[0].cells == [APART]


def test_a_damaged_old_file_takes_nobody_along(converted: Path) -> None:
    random = Random(5)  # noqa: S311 - repeatable
    content = (converted / "xls" / "VP.xls").read_bytes()
    for _ in range(10):
        damaged = bytearray(content)
        for _ in range(5):
            damaged[random.randrange(len(damaged))] = random.randrange(256)
        found = read(bytes(damaged), "VP.xls", FORMS)
        assert found.sheets or [f.rule for f in found.findings] == ["unreadable"]


def archive(**members: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        for name, text in members.items():
            package.writestr(name.replace("__", "/"), text)
    return content.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1600)


@pytest.mark.parametrize(
    ("content", "rule", "words"),
    [
        (b"", "empty-file", ""),
        (b"\0" * 100, "empty-file", ""),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "not-a-workbook", "tệp ảnh"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "not-a-workbook", "tệp ảnh"),
        (b"%PDF-1.7 ...", "not-a-workbook", "tệp PDF"),
        (archive(word__document="x"), "not-a-workbook", "văn bản Word"),
        (archive(ppt__presentation="x"), "not-a-workbook", "tệp trình chiếu"),
        (archive(a="x"), "not-a-workbook", "tệp nén"),
        (
            archive(mimetype="application/vnd.oasis.opendocument.text"),
            "not-a-workbook",
            "văn bản Word",
        ),
        (b"Kinh gui: Van phong\nSo lieu gui sau\n", "not-a-workbook", "tệp văn bản thuần"),
        (b"<html><table></table></html>", "not-a-workbook", "trang web"),
        (b"\x01\x02\0\x03" * 20, "not-a-workbook", "tệp khác loại"),
        (OLE + "WordDocument\0".encode("utf-16-le"), "not-a-workbook", "văn bản Word"),
        (OLE + "EncryptedPackage\0".encode("utf-16-le"), "encrypted", "mật khẩu"),
        (
            archive(**{"META-INF/manifest.xml": "<manifest:encryption-data/>", "content.xml": ""}),
            "encrypted",
            "mật khẩu",
        ),
        (OLE + "Workbook\0".encode("utf-16-le"), "unreadable", ""),
        (archive(xl__workbook="x"), "unreadable", ""),
        (workbook(lambda book: book.create_sheet("A"))[:2000], "unreadable", ""),
        (b"PK\x03\x04", "unreadable", ""),
    ],
)
def test_a_file_that_is_no_workbook_is_one_finding(content: bytes, rule: str, words: str) -> None:
    found = read(content, "tep.xlsx", FORMS)
    assert [f.rule for f in found.findings] == [rule]
    assert words in found.findings[0].message
    assert (found.findings[0].file, found.findings[0].cell) == ("tep.xlsx", None)
    assert found.sheets == ()


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=200)
@given(st.integers(0, len(BLANK) - 1), st.binary(min_size=1, max_size=40))
def test_a_damaged_file_never_raises(place: int, noise: bytes) -> None:
    damaged = BLANK[:place] + noise + BLANK[place + len(noise) :]
    for content in (damaged, BLANK[:place]):
        found = read(content, "a.xlsx", FORMS)
        assert found.findings or found.sheets or not re.search(rb"xl/worksheets", content)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=100)
@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=20))
def test_damaged_xml_never_raises(place: int, noise: bytes) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BLANK)) as old, zipfile.ZipFile(content, "w") as new:
        for i, member in enumerate(old.namelist()):
            xml = old.read(member)
            start = (place * (i + 1)) % len(xml)
            new.writestr(member, xml[:start] + noise + xml[start + len(noise) :])
    read(content.getvalue(), "a.xlsx", FORMS)
