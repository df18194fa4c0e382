"""The workbooks as a reader meets them: cells, formats, locks, validations; no whole binaries."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from reports.blank import (
    DELIVERABLES,
    HEADER,
    LAST_MONTH,
    TOTAL,
    blank_workbook,
    registry_workbook,
)
from reports.returned import FILLS, LIST, returned_workbook
from reports.sheets import INPUT, LOCKED
from reports.summary import summary_workbook
from reports.trail import Trail
from rules.adjustments import proposals
from schemas.board import ActivityFigure, Board, State, Totals, UnitStatus
from schemas.excuses import Excuse
from schemas.explanation import Explanation
from schemas.findings import Finding, Severity
from schemas.flags import Flag, FlagSeverity
from schemas.forms import DISBURSEMENT, FORM_VERSION, FORMS, GUIDE, HIDDEN, IT, STRATEGY, Line, Row
from schemas.period import Period
from schemas.registry import SHEETS, Budget, Denominator, Entry, LedgerRow, Recorded, Unit
from schemas.settings import Body
from schemas.submission import Received
from schemas.texts import say

OCTOBER = Period(2021, 10)
DUE = date(2021, 11, 5)
CENTRE = Unit("TTTT", "Trung tâm Thông tin")
LONG = (
    "Ứng dụng công nghệ thông tin hỗ trợ đồng bào dân tộc thiểu số phát triển kinh tế - xã hội và "
    "đảm bảo an ninh trật tự vùng đồng bào dân tộc thiểu số Việt Nam giai đoạn 2019 - 2025"
)


def money_line(code: str, name: str, assigned: str, change: str, last: str | None) -> Line:
    budget, adjustment = Decimal(assigned), Decimal(change)
    values = {
        "code": code,
        "name": name,
        "source": "Đầu tư công",
        "budget_assigned": budget,
        "budget_adjustment": adjustment,
        "budget_current": budget + adjustment,
    }
    return Line(values, None if last is None else Decimal(last))


LINES: dict[str, list[Line]] = {
    "disbursement": [
        money_line("CNTT.01", LONG, "12500", "-1250.5", "3456.789012"),
        money_line("002", "Hệ thống thông tin cơ sở dữ liệu công tác dân tộc", "8000", "0", None),
    ],
    "it": [Line({"code": "CNTT.01", "name": LONG, "acceptance_date": date(2021, 8, 20)})],
    "strategy": [
        Line({"code": "CL.01", "name": "Xây dựng Chiến lược", "due_date": date(2021, 12, 31)}),
        Line({"code": "CL.01-1", "name": "Dự thảo Nghị quyết", "completion": Decimal(80)}),
    ],
}


def blank(lines: Mapping[str, list[Line]] = LINES) -> bytes:
    return blank_workbook(Body(), CENTRE, OCTOBER, DUE, lines, "chữ ký")


def opened(content: bytes) -> Workbook:
    return load_workbook(BytesIO(content))


def row_of(sheet: Worksheet, number: int) -> list[Any]:
    return [cell.value for cell in sheet[number]]


def argb(colour: str) -> str:
    return colour.replace("#", "FF")


def rules_on(sheet: Worksheet, address: str) -> list[Any]:
    return [v for v in sheet.data_validations.dataValidation if address in v.sqref]


class TestBlank:
    def test_only_the_sheets_asked_for_in_the_order_of_the_forms(self) -> None:
        some = {name: LINES[name] for name in ("strategy", "disbursement")}
        assert opened(blank(some)).sheetnames == [GUIDE, "Giải ngân", "Chiến lược", HIDDEN]

    def test_header_labels_are_the_contract(self) -> None:
        book = opened(blank())
        for form in FORMS:
            labels = [field.label for field in form.fields]
            assert row_of(book[form.sheet], HEADER + 1)[: len(labels)] == labels

    def test_what_stands_above_the_header(self) -> None:
        sheet = opened(blank())["Giải ngân"]
        above = [c.value for row in sheet["A1:K5"] for c in row if c.value]
        assert above == [
            "ỦY BAN DÂN TỘC",
            "Đơn vị báo cáo: Trung tâm Thông tin (TTTT)",
            "BÁO CÁO TÌNH HÌNH GIẢI NGÂN",
            "Kỳ báo cáo: tháng 10 năm 2021",
            "Đơn vị tính: triệu đồng",
        ]
        strategy = opened(blank())["Chiến lược"]
        assert row_of(strategy, 5) == [None] * len(STRATEGY.fields)  # no amounts, no unit of money

    def test_prefilled_cells_are_values_and_locked_inputs_are_coloured_and_open(self) -> None:
        sheet = opened(blank())["Giải ngân"]
        assert row_of(sheet, 7)[:9] == [
            *("CNTT.01", LONG, "Đầu tư công", 12500, -1250.5, 11249.5),
            *(None, None, None),
        ]
        for column, field in enumerate(DISBURSEMENT.fields, 1):
            cell = sheet.cell(7, column)
            assert cell.protection.locked is field.prefilled
            assert cell.fill.fgColor.rgb == argb(LOCKED if field.prefilled else INPUT)
        assert sheet.protection.sheet
        assert not sheet.protection.password
        assert not sheet.protection.formatColumns  # False: allowed

    def test_a_code_that_looks_like_a_number_stays_text(self) -> None:
        cell = opened(blank())["Giải ngân"]["A8"]
        assert (cell.value, cell.data_type, cell.number_format) == ("002", "s", "@")

    def test_text_that_looks_like_a_formula_is_text(self) -> None:
        line = Line({"code": "X", "name": "=1+1", "source": "@ODA"})
        sheet = opened(blank({"disbursement": [line]}))["Giải ngân"]
        assert [sheet["B7"].data_type, sheet["C7"].data_type] == ["s", "s"]

    def test_totals_carry_their_results(self) -> None:
        stored = load_workbook(BytesIO(blank()), data_only=True)["Giải ngân"]
        assert row_of(stored, 9)[:9] == [
            *(TOTAL, None, None, 20500, -1250.5, 19249.5),
            *(0, 0, 0),
        ]
        assert opened(blank())["Giải ngân"]["G9"].value == "=SUM(G7:G8)"

    def test_a_form_of_deliverables_has_open_lines_and_no_total(self) -> None:
        sheet = opened(blank())["Chiến lược"]
        assert sheet.max_row == HEADER + 1 + len(LINES["strategy"]) + DELIVERABLES
        assert [sheet["A8"].value, sheet["E8"].value] == ["CL.01-1", 80]
        assert all(not cell.protection.locked for cell in sheet[sheet.max_row])
        assert [rule.prompt for rule in rules_on(sheet, "A9")] == [
            "Sản phẩm của một công việc: ghi mã công việc kèm số thứ tự, ví dụ CL.01-1."
        ]

    def test_last_month_stands_beside_the_form_and_at_the_cell(self) -> None:
        sheet = opened(blank())["Giải ngân"]
        beside = len(DISBURSEMENT.fields) + 1
        cells = [sheet.cell(row, beside) for row in (6, 7, 8)]
        assert [cell.value for cell in cells] == [LAST_MONTH, 3456.789012, None]
        assert all(cell.protection.locked for cell in cells)
        (seven,), (eight,) = rules_on(sheet, "G7"), rules_on(sheet, "G8")
        assert seven.prompt.endswith("Lũy kế đã báo cáo kỳ trước: 3.456,789012 triệu đồng.")
        assert "tháng trước" not in eight.prompt

    def test_no_column_of_last_month_where_there_is_none(self) -> None:
        lines = [replace(line, last_month=None) for line in LINES["disbursement"]]
        sheet = opened(blank({"disbursement": lines}))["Giải ngân"]
        assert sheet.max_column == len(DISBURSEMENT.fields)

    @pytest.mark.parametrize(
        ("sheet", "cell", "type_", "bounds", "words"),
        [
            ("Giải ngân", "H7", "decimal", ("0", "1000000000"), "một số không âm"),
            ("Giải ngân", "I7", "decimal", ("-1000000000", "1000000000"), "giảm thì ghi số âm"),
            ("Nhiệm vụ CNTT", "E7", "date", ("42370", None), "từ 01/01/2016 trở đi"),
            (
                *("Nhiệm vụ CNTT", "D7", "list"),
                ('"Chưa,Đang thực hiện,Đã hoàn thành"', None),
                "chọn một giá trị",
            ),
            ("Chiến lược", "E7", "decimal", ("0", "100"), "từ 0 đến 100"),
            ("Chiến lược", "G18", "whole", ("0", "1000"), "từ 0 đến 1000"),
        ],
    )
    def test_what_may_be_typed_follows_the_declaration(
        self, sheet: str, cell: str, type_: str, bounds: tuple[str, str | None], words: str
    ) -> None:
        (rule,) = rules_on(opened(blank())[sheet], cell)
        assert (rule.type, rule.formula1, rule.formula2) == (type_, *bounds)
        assert words in rule.error
        assert rule.errorTitle == "Giá trị chưa đúng"

    def test_every_hint_fits_the_box_that_excel_has_for_it(self) -> None:
        book = opened(blank())
        rules = [v for s in book.worksheets for v in s.data_validations.dataValidation]
        assert len(rules) > 20
        for rule in rules:
            assert len(rule.promptTitle or "") <= 32
            assert len(rule.prompt or "") <= 255
            assert len(rule.error or "") <= 255

    def test_identity_is_hidden(self) -> None:
        sheet = opened(blank())[HIDDEN]
        assert sheet.sheet_state == "hidden"
        assert {key.value: value.value for key, value in sheet["A1:B4"]} == {
            "form_version": FORM_VERSION,
            "unit": "TTTT",
            "period": "2021-10",
            "signature": "chữ ký",
        }

    def test_print_set_up(self) -> None:
        for form in FORMS:
            sheet = opened(blank())[form.sheet]
            assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
            assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) in {
                (None, 0),
                (1, 0),
            }
            assert sheet.print_title_rows == "$6:$6"
            assert sheet.freeze_panes == "C7"

    def test_the_guide_says_what_this_unit_needs(self) -> None:
        body = Body(contact="Nguyễn Thị Hạnh, 024.3733.0000")
        book = opened(blank_workbook(body, CENTRE, OCTOBER, DUE, LINES, ""))
        said = [str(c.value) for row in book[GUIDE].iter_rows() for c in row if c.value]
        assert "Hạn gửi: chậm nhất ngày 05 tháng 11 năm 2021" in said
        assert "Giải đáp: Nguyễn Thị Hạnh, 024.3733.0000" in said
        assert {field.label for form in FORMS for field in form.fields} <= set(said)
        money_only = opened(blank({"disbursement": LINES["disbursement"]}))
        said = [str(c.value) for row in money_only[GUIDE].iter_rows() for c in row if c.value]
        assert not any("Ngày ghi theo dạng" in text or "Chiến lược" in text for text in said)

    def test_same_arguments_same_bytes(self) -> None:
        assert blank() == blank()


class TestRegistry:
    def test_an_empty_one_has_the_headers_of_the_contract(self) -> None:
        book = opened(registry_workbook({}))
        assert book.sheetnames == ["Đơn vị", "Liên hệ", "Nhiệm vụ", "Dự toán"]
        for form in SHEETS:
            assert row_of(book[form.sheet], 1) == [field.label for field in form.fields]
            assert book[form.sheet].max_row == 1  # whoever appends starts in row 2

    def test_given_rows_and_their_choices(self) -> None:
        row = {
            "year": 2021,
            "code": "001",
            "entry": "Điều chỉnh",
            "amount": Decimal("-1250.5"),
            "day": date(2021, 9, 30),
            "decision": "612/QĐ-UBDT",
        }
        sheet = opened(registry_workbook({"ledger": [row]}))["Dự toán"]
        values = row_of(sheet, 2)
        assert values[:4] == [2021, "001", "Điều chỉnh", -1250.5]
        assert values[4].date() == date(2021, 9, 30)
        (rule,) = rules_on(sheet, "C300")
        assert rule.formula1 == '"Giao,Điều chỉnh,Chuyển nguồn"'
        (hint,) = rules_on(opened(registry_workbook({}))["Nhiệm vụ"], "E2")
        assert "Giải ngân; CNTT; Chiến lược" in hint.prompt


def finding(
    severity: Severity, message: str, cell: str | None, sheet: str = "Giải ngân"
) -> Finding:
    return Finding("rule", severity, message, "TTTT.xlsx", sheet, cell)


def filled() -> bytes:
    """The blank workbook as a clerk sends it back."""
    book = opened(blank())
    sheet = book["Giải ngân"]
    sheet["G7"], sheet["G8"] = "3,5 tỷ", 9000
    sheet["G8"].comment = Comment("Theo đối chiếu KBNN", "Hạnh")
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


FINDINGS = (
    finding(Severity.WARNING, "như tháng trước; hãy kiểm tra", "G8"),
    finding(Severity.ERROR, "phải là số; hãy chỉ nhập số", "G7"),
    finding(Severity.ERROR, "vượt dự toán; hãy nhập lại", "G8"),
    finding(Severity.ERROR, "=cmd|' /C calc'!A0", None, "Nhiệm vụ"),
    finding(Severity.INFO, "đã được quy đổi", "K5"),
)


class TestReturned:
    def test_bad_cells_are_filled_by_the_gravest_finding_and_explained_together(self) -> None:
        sheet = opened(returned_workbook(filled(), FINDINGS))["Giải ngân"]
        assert sheet["G7"].fill.fgColor.rgb == argb(FILLS[Severity.ERROR])
        assert sheet["G8"].fill.fgColor.rgb == argb(FILLS[Severity.ERROR])
        assert sheet["G8"].comment
        assert sheet["G8"].comment.text == (
            "Cần sửa (kiểm tra tự động):\n- vượt dự toán; hãy nhập lại\n"
            "Cần xem lại (kiểm tra tự động):\n- như tháng trước; hãy kiểm tra\n\n"
            "Theo đối chiếu KBNN"
        )
        assert sheet["G7"].value == "3,5 tỷ"
        assert sheet["K5"].comment is None  # told only

    def test_the_list_stands_in_front_errors_first_linked_to_the_cells(self) -> None:
        book = opened(returned_workbook(filled(), FINDINGS))
        assert book.sheetnames[0] == LIST
        assert book.active is book[LIST]
        assert [s.title for s in book.worksheets if s.sheet_view.tabSelected] == [LIST]
        sheet = book[LIST]
        assert [[c.value for c in row] for row in sheet["A4:E9"]] == [
            ["STT", "Trang tính", "Ô", "Mức độ", "Nội dung"],
            [1, "Giải ngân", "G7", "Lỗi", "phải là số; hãy chỉ nhập số"],
            [2, "Giải ngân", "G8", "Lỗi", "vượt dự toán; hãy nhập lại"],
            [3, "Nhiệm vụ", None, "Lỗi", "=cmd|' /C calc'!A0"],
            [4, "Giải ngân", "G8", "Cảnh báo", "như tháng trước; hãy kiểm tra"],
            [5, "Giải ngân", "K5", "Lưu ý", "đã được quy đổi"],
        ]
        assert sheet["C5"].hyperlink
        assert sheet["C5"].hyperlink.location == "'Giải ngân'!G7"
        assert sheet["E7"].data_type == "s"

    def test_a_second_return_leaves_nothing_of_the_first(self) -> None:
        first = opened(returned_workbook(filled(), FINDINGS))
        first["Giải ngân"]["G7"] = 3500
        again = opened(returned_workbook(saved(first), FINDINGS[2:3]))
        sheet = again["Giải ngân"]
        assert again.sheetnames.count(LIST) == 1
        assert again[LIST].max_row == 5
        assert sheet["G7"].comment is None
        assert sheet["G7"].fill.fgColor.rgb == argb(INPUT)
        assert sheet["G8"].comment
        assert sheet["G8"].comment.text.count("vượt dự toán") == 1
        assert "như tháng trước" not in sheet["G8"].comment.text
        clean = opened(returned_workbook(saved(again), ()))["Giải ngân"]
        assert clean["G8"].fill.fgColor.rgb == argb(INPUT)
        assert clean["G8"].comment
        assert clean["G8"].comment.text == "Theo đối chiếu KBNN"

    def test_comments_go_even_where_the_clerk_removed_the_list(self) -> None:
        book = opened(returned_workbook(filled(), FINDINGS))
        book.remove(book[LIST])
        sheet = opened(returned_workbook(saved(book), ()))["Giải ngân"]
        assert sheet["G7"].comment is None

    def test_a_cell_inside_a_merged_area_marks_its_first(self) -> None:
        sheet = opened(returned_workbook(filled(), [finding(Severity.ERROR, "sai", "F3")]))
        assert sheet["Giải ngân"]["A3"].comment
        assert sheet[LIST]["C5"].hyperlink
        assert sheet[LIST]["C5"].hyperlink.location == "'Giải ngân'!A3"

    def test_what_the_blank_workbook_guards_is_still_guarded(self) -> None:
        before, after = opened(filled()), opened(returned_workbook(filled(), FINDINGS))
        assert after[HIDDEN].sheet_state == "hidden"
        for form in FORMS:
            old, new = before[form.sheet], after[form.sheet]
            assert new.protection.sheet
            assert len(new.data_validations.dataValidation) == len(
                old.data_validations.dataValidation
            )
            formats = [r.dxf.numFmt.formatCode for c in new.conditional_formatting for r in c.rules]
            assert set(formats) <= {"#,##0.######"}
            assert len(formats) == len(list(old.conditional_formatting))

    def test_same_arguments_same_bytes_and_no_moment_of_saving(self) -> None:
        content = filled()
        returned = returned_workbook(content, FINDINGS)
        assert returned == returned_workbook(content, FINDINGS)
        with ZipFile(BytesIO(returned)) as package:
            assert b"2021-01-01T00:00:00Z</dcterms:modified>" in package.read("docProps/core.xml")
            assert {member.date_time[0] for member in package.infolist()} == {1980}

    def test_macros_stay(self) -> None:
        source, with_macros = BytesIO(filled()), BytesIO()
        with ZipFile(source) as old, ZipFile(with_macros, "w", ZIP_DEFLATED) as new:
            for name in old.namelist():
                part = old.read(name)
                if name == "[Content_Types].xml":
                    part = part.replace(
                        b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main",
                        b"vnd.ms-excel.sheet.macroEnabled.main",
                    )
                new.writestr(name, part)
            new.writestr("xl/vbaProject.bin", b"macros")
        with ZipFile(BytesIO(returned_workbook(with_macros.getvalue(), FINDINGS))) as package:
            assert package.read("xl/vbaProject.bin") == b"macros"
            assert b"macroEnabled" in package.read("[Content_Types].xml")

    def test_what_openpyxl_cannot_open_is_a_value_error(self) -> None:
        for content in (b"", b"\xd0\xcf\x11\xe0 an old .xls", filled()[:5000]):
            with pytest.raises(ValueError, match="cannot open"):
                returned_workbook(content, FINDINGS)


def figure(
    unit: str, code: str, budget: str, disbursed: str, source: str = "Đầu tư công"
) -> ActivityFigure:
    return ActivityFigure(
        unit=unit,
        code=code,
        name=LONG,
        source=source,
        budget=Budget(Decimal(budget), Decimal(0), Decimal(0)),
        disbursed=Decimal(disbursed),
        last_month=None,
        estimate=Decimal(budget),
        proposal=None,
        difficulty="=Chậm",
        solution=None,
    )


def flag(activity: str | None, rule: str, severity: FlagSeverity, *, small: bool = False) -> Flag:
    short = Decimal("11430.5")
    return Flag("VP", activity, rule, "1", severity, 0.252, 0.7167, short, None, small)


BOARD = Board(
    period=OCTOBER,
    deadline=DUE,
    totals=Totals(Decimal("42250.5"), Decimal("20300.25"), Decimal(300000)),
    units=(
        UnitStatus(
            *("VP", "Văn phòng Ủy ban", State.ACCEPTED, True, Decimal("29450.5")),
            Decimal("9300.25"),
            flags=(
                flag("VP.01", "below-pace", FlagSeverity.WATCH, small=True),
                flag(None, "below-average", FlagSeverity.LOW),
            ),
        ),
        UnitStatus(
            *("TTTT", "Trung tâm Thông tin", State.ACCEPTED, False, Decimal(12800), Decimal(11000))
        ),
        UnitStatus("HVDT", "Học viện Dân tộc", State.MISSING, True, Decimal(226000), None),
        UnitStatus("KHTC", "Vụ Kế hoạch - Tài chính", State.RETURNED, False, Decimal(74000), None),
    ),
    activities=(
        replace(figure("VP", "VP.01", "29450.5", "9300.25"), proposal=Decimal(-150)),
        replace(
            figure("TTTT", "TTTT.01", "12800", "11000", "Chi thường xuyên"),
            proposal=Decimal("50.5"),
        ),
    ),
)
SOURCES = {
    "Đầu tư công": (Decimal("29450.5"), Decimal("9300.25")),
    "Chi thường xuyên": (Decimal(12800), Decimal(11000)),
}
IT_ROWS = [
    (
        "TTTT",
        Row(
            IT.name,
            "TTTT.01",
            IT.sheet,
            7,
            {"code": "TTTT.01", "name": LONG, "acceptance_date": date(2021, 8, 20)},
            {},
        ),
    )
]


def midnight(year: int, month: int, day: int) -> datetime:
    """A date as openpyxl reads it."""
    return datetime(year, month, day)  # noqa: DTZ001


def disbursed_row(code: str, amount: str, number: int) -> Row:
    values = {"code": code, "disbursed": Decimal(amount)}
    return Row(DISBURSEMENT.name, code, DISBURSEMENT.sheet, number, values, {"disbursed": "G"})


DISBURSED_ROWS = [
    ("VP", disbursed_row("VP.01", "9300.25", 7)),
    ("TTTT", disbursed_row("TTTT.01", "11000", 9)),
]
DECISION = LedgerRow(
    2021, "VP.01", Entry.ASSIGNED, Decimal("29450.5"), date(2020, 12, 30), "12/QĐ-UBDT", 4
)
EXPLAINED = {
    "VP": (
        Explanation(
            unit="VP",
            activity="VP.01",
            name=LONG,
            source="Đầu tư công",
            budget_current=Decimal("29450.5"),
            disbursed_to_date=Decimal("9300.25"),
            plan=Decimal("29450.5"),
            denominator=Decimal("29450.5"),
            judged_by=Denominator.TOTAL,
            registry="b" * 64,
            flags=(),
            decisions=(DECISION,),
        ),
    )
}
RECEIVED = (
    Received(
        "VP", 1, "vp.xlsx", "c" * 64, DUE, State.RETURNED, False,
        (
            Finding("required", Severity.ERROR, "Ô trống.", "vp.xlsx", "Giải ngân", "G7"),
            Finding("unchanged", Severity.WARNING, "Không tăng.", "vp.xlsx", "Giải ngân", "G8"),
        ),
    ),
    Received(
        "VP", 2, "vp (2).xlsx", "a" * 64, DUE + timedelta(days=2), State.ACCEPTED, True,
        (Finding("unchanged", Severity.WARNING, "Không tăng.", "vp.xlsx", "Giải ngân", "G8"),),
    ),
    Received("TTTT", 1, "tttt.xlsx", "d" * 64, DUE, State.ACCEPTED, True, ()),
)  # fmt: skip


EXCUSE = Excuse(
    *("VP", None, None, OCTOBER, date(2021, 12, 31), "Chờ mặt bằng"),
    Recorded("Vũ Đức Thắng", "thang", date(2021, 11, 9), datetime(2021, 11, 9, tzinfo=UTC)),
)


def summary(
    board: Board = BOARD, sources: Mapping[str, tuple[Decimal, Decimal]] = SOURCES
) -> bytes:
    rows = {IT.name: IT_ROWS, DISBURSEMENT.name: DISBURSED_ROWS}
    proposed = proposals(board.activities, board.period, Fraction(43, 60), {})
    return summary_workbook(Body(), board, 0.7167, sources, rows, EXPLAINED, RECEIVED, proposed)


class TestSummary:
    def test_sheets_filters_and_print_set_up(self) -> None:
        book = opened(summary())
        assert book.sheetnames == [
            *("Tổng hợp", "Biểu đồ", "Nhiệm vụ", "Cảnh báo", "Điều chỉnh", "CNTT", "Chiến lược"),
            *("Chất lượng số liệu", "Theo quy tắc", "Lỗi, cảnh báo", "Truy vết"),
        ]
        for sheet in book.worksheets:
            assert sheet.freeze_panes == ("A6" if sheet.title == "Biểu đồ" else "C6")
            assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        filters = [sheet.auto_filter.ref for sheet in book.worksheets]
        assert filters == [
            *("A5:I9", None, "A5:P7", "A5:M7", "A5:M7", "A5:M6", None),
            *("A5:K8", "A5:E7", "A5:H8", "A5:L8"),
        ]

    def test_units_and_their_totals(self) -> None:
        stored = load_workbook(BytesIO(summary()), data_only=True)["Tổng hợp"]
        assert row_of(stored, 6) == [
            *("VP", "Văn phòng Ủy ban", "Đã tiếp nhận", "Muộn", 29450.5, 9300.25),
            pytest.approx(9300.25 / 29450.5),
            0.7167,
            "Thấp",
        ]
        assert row_of(stored, 8)[2:] == ["Chưa gửi", "Muộn", 226000, None, "–", None, None]
        assert row_of(stored, 10)[4:7] == [42250.5, 20300.25, pytest.approx(20300.25 / 42250.5)]
        assert row_of(stored, 11)[4:7] == [300000, None, None]
        formulas = opened(summary())["Tổng hợp"]
        assert row_of(formulas, 10)[4:7] == [
            '=SUMIF(F6:F9,"<>",E6:E9)',
            "=SUM(F6:F9)",
            '=IF(E10>0,F10/E10,"không xác định")',
        ]
        assert formulas["G6"].number_format == "0.00%"

    def test_funding_sources_below_the_units(self) -> None:
        stored = load_workbook(BytesIO(summary()), data_only=True)["Tổng hợp"]
        figures = DISBURSEMENT["budget_current"].label, DISBURSEMENT["disbursed"].label
        assert not any(row_of(stored, 12))
        assert stored["A13"].value == "Theo nguồn vốn"
        assert [[row_of(stored, row)[i] for i in (0, 4, 5, 6)] for row in range(14, 18)] == [
            ["Nguồn vốn", *figures, "Tỷ lệ giải ngân"],
            ["Đầu tư công", 29450.5, 9300.25, pytest.approx(9300.25 / 29450.5)],
            ["Chi thường xuyên", 12800, 11000, pytest.approx(11000 / 12800)],
            [
                "Tổng các nhiệm vụ đã có báo cáo được tiếp nhận",
                *(42250.5, 20300.25, pytest.approx(20300.25 / 42250.5)),
            ],
        ]
        assert stored.max_row == 17
        formulas = opened(summary())["Tổng hợp"]
        assert row_of(formulas, 16)[4:7] == [
            "=SUMIF('Nhiệm vụ'!$E$6:$E$7,A16,'Nhiệm vụ'!$I$6:$I$7)",
            "=SUMIF('Nhiệm vụ'!$E$6:$E$7,A16,'Nhiệm vụ'!$K$6:$K$7)",
            '=IF(E16>0,F16/E16,"không xác định")',
        ]
        assert row_of(formulas, 17)[4:7] == [
            *("=SUM(E15:E16)", "=SUM(F15:F16)", '=IF(E17>0,F17/E17,"không xác định")')
        ]
        assert formulas["G16"].number_format == "0.00%"

    def test_a_source_without_budget_has_no_rate(self) -> None:
        nothing = {"ODA": (Decimal(0), Decimal(0))}
        stored = load_workbook(BytesIO(summary(BOARD, nothing)), data_only=True)["Tổng hợp"]
        assert [row_of(stored, row)[4:7] for row in (15, 16)] == [[0, 0, "không xác định"]] * 2

    def test_the_sources_sum_columns_of_their_labels(self) -> None:
        header = row_of(opened(summary())["Nhiệm vụ"], 5)
        assert [header[i] for i in (4, 8, 10)] == [
            DISBURSEMENT[name].label for name in ("source", "budget_current", "disbursed")
        ]

    def test_sources_of_two_denominators_sum_what_their_rates_divide_by(self) -> None:
        first, *others = BOARD.activities
        budget = Budget(Decimal(100), Decimal(50), judged_by=Denominator.PLAN)
        mixed = replace(BOARD, activities=(replace(first, budget=budget), *others))
        content = BytesIO(summary(mixed))
        listed = load_workbook(content, data_only=True)["Nhiệm vụ"]
        line = dict(zip(row_of(listed, 5), row_of(listed, 6), strict=True))
        assert line["Kế hoạch giao trong năm"] == 100
        assert line["Dự toán sau điều chỉnh"] == 150
        assert line["Dự toán tính tỷ lệ của từng nguồn vốn"] == 100
        rates = [line[name] for name in ("Tỷ lệ giải ngân", say("summary.by-plan"))]
        assert rates == [pytest.approx(float(first.disbursed / 100))] * 2
        assert line[say("summary.by-total")] == pytest.approx(float(first.disbursed / 150))
        summed = load_workbook(content)["Tổng hợp"]["E15"].value
        column = row_of(listed, 5).index("Dự toán tính tỷ lệ của từng nguồn vốn") + 1
        assert f"${get_column_letter(column)}$6" in summed
        assert "các nguồn vốn khác tính trên dự toán sau điều chỉnh" in listed["A4"].value

    def test_activities_sum_what_the_filter_shows(self) -> None:
        formulas, stored = (
            load_workbook(BytesIO(summary()), data_only=only)["Nhiệm vụ"] for only in (False, True)
        )
        assert formulas["K8"].value == "=SUBTOTAL(9,K6:K7)"
        assert stored["K8"].value == 20300.25
        assert (stored["O6"].value, stored["O6"].data_type) == ("=Chậm", "s")

    def test_flags_speak_vietnamese(self) -> None:
        sheet = opened(summary())["Cảnh báo"]
        assert [row_of(sheet, 6)[i] for i in (1, 4, 5, 6, 8, 10)] == [
            *("VP.01", "Chậm tiến độ", "Theo dõi", 0.252, 11430.5),
            "Khoản nhỏ, không đưa vào văn bản đôn đốc",
        ]
        assert [row_of(sheet, 7)[i] for i in (1, 3, 4, 5)] == [
            *(None, "(Toàn đơn vị)", "Thấp hơn bình quân", "Thấp")
        ]

    def test_proposals_stand_side_by_side_and_balance(self) -> None:
        stored = load_workbook(BytesIO(summary()), data_only=True)["Điều chỉnh"]
        assert row_of(stored, 6)[:2] == ["VP", "VP.01"]
        assert row_of(stored, 6)[8:] == [
            *(150, None, 29300.5, pytest.approx(9300.25 / 29300.5), None)
        ]
        assert row_of(stored, 7)[8:10] == [None, 50.5]
        assert row_of(stored, 7)[12] == "Tăng quá số giảm cùng nguồn"
        balance = [[row_of(stored, row)[at] for at in (0, 8, 9, 10)] for row in (13, 14, 15)]
        assert balance == [
            ["Chi thường xuyên", 0, 50.5, -50.5],
            ["Đầu tư công", 150, 0, 150],
            ["Tổng cộng", 150, 50.5, 99.5],
        ]
        formulas = row_of(opened(summary())["Điều chỉnh"], 13)
        assert formulas[8:11] == [
            *("=SUMIF($E$6:$E$7,A13,$I$6:$I$7)", "=SUMIF($E$6:$E$7,A13,$J$6:$J$7)", "=I13-J13")
        ]

    def test_an_excuse_stands_beside_its_flag(self) -> None:
        unit = BOARD.units[0]
        flags = tuple(replace(one, excused=EXCUSE, small=False) for one in unit.flags)
        board = replace(BOARD, units=(replace(unit, flags=flags), *BOARD.units[1:]))
        sheet = opened(summary(board))["Cảnh báo"]
        assert sheet["K6"].value == (
            "Có lý do đã ghi nhận nên không đôn đốc đến hết 31/12/2021: Chờ mặt bằng "
            "(Vũ Đức Thắng ghi ngày 09/11/2021)"
        )

    def test_a_decision_of_the_program_is_traced_to_who_recorded_it(self) -> None:
        decided = LedgerRow(
            *(2021, "VP.01", Entry.ADJUSTMENT, Decimal(-5), DUE, "755/QĐ-UBDT", None),
            EXCUSE.recorded,
        )
        explained = {u: [replace(e, decisions=(decided,)) for e in its] for u, its in
                     EXPLAINED.items()}  # fmt: skip
        (first, *_) = Trail(BOARD, explained, {}, RECEIVED).traces
        assert first.file == "Ghi trong chương trình: Vũ Đức Thắng, ngày 09/11/2021"
        assert (first.sheet, first.place, first.decision) == ("", "", decided)

    def test_worked_out_amounts_are_shown_as_letters_round_them(self) -> None:
        sheet = opened(summary())["Cảnh báo"]
        assert {sheet[cell].number_format for cell in ("I6", "J6", "I7")} == {"#,##0.0"}

    def test_forms_follow_their_declaration(self) -> None:
        book = opened(summary())
        labels = [field.label for field in IT.fields]
        assert row_of(book["CNTT"], 5) == ["Mã đơn vị", labels[0], "Tên đơn vị", *labels[1:]]
        assert row_of(book["CNTT"], 6)[:3] == ["TTTT", "TTTT.01", "Trung tâm Thông tin"]
        assert book["CNTT"]["G6"].number_format == "dd/mm/yyyy"
        assert book["Chiến lược"]["A6"].value == "Không có số liệu trong kỳ này."

    def test_a_month_of_silence_is_a_workbook_too(self) -> None:
        silent = replace(
            BOARD,
            totals=Totals(Decimal(0), Decimal(0), Decimal(226000)),
            units=(BOARD.units[2],),
            activities=(),
        )
        stored = load_workbook(BytesIO(summary(silent, {})), data_only=True)["Tổng hợp"]
        assert row_of(stored, 7)[4:7] == [0, 0, "không xác định"]
        assert stored.max_row == 8  # no funding source has a figure

    def test_every_figure_leads_to_where_it_stands(self) -> None:
        book = opened(summary())
        trail = [row_of(book["Truy vết"], row) for row in range(6, 10)]
        assert trail[0][:4] == ["VP", "VP.01", "Giao", 29450.5]
        assert trail[0][5:7] == ["registry.xlsx", "Dự toán"]
        assert trail[0][7] == "dòng 4"
        assert trail[0][9:] == ["12/QĐ-UBDT", midnight(2020, 12, 30), "b" * 64]
        assert trail[1][:8] == [
            *("VP", "VP.01", "Giải ngân lũy kế", 9300.25, None),
            *("vp (2).xlsx", "Giải ngân", "G7"),
        ]
        activities = book["Nhiệm vụ"]
        targets = {
            cell: (link.location if (link := activities[cell].hyperlink) else None)
            for cell in ("F6", "G6", "I6", "K6", "L6", "K7")
        }
        assert targets == {
            "F6": "'Truy vết'!A6",  # assigned: the decision
            "G6": None,  # nothing was carried over
            "I6": "'Truy vết'!A6",
            "K6": "'Truy vết'!A7",  # disbursed: the unit's cell
            "L6": "'Truy vết'!A7",
            "K7": "'Truy vết'!A8",
        }
        assert activities["K6"].value == 9300.25  # still a number, in its format
        assert activities["K6"].font.underline is None
        assert book["Tổng hợp"]["F6"].hyperlink.location == "'Truy vết'!A6"
        assert book["CNTT"]["G6"].hyperlink is None  # no column was told of for that date

    def test_the_quality_of_the_data(self) -> None:
        book = opened(summary())
        versions = [row_of(book["Chất lượng số liệu"], row)[2:] for row in (6, 7)]
        assert versions == [
            [1, "vp.xlsx", midnight(2021, 11, 5), None, "Trả lại để sửa", None, 1, 1, 0],
            [2, "vp (2).xlsx", midnight(2021, 11, 7), 2, "Đã tiếp nhận", "Có", 0, 1, 0],
        ]
        assert [row_of(book["Theo quy tắc"], row) for row in (6, 7)] == [
            ["Ô bắt buộc để trống", "Lỗi", 1, 1, "VP"],
            ["Không tăng so với kỳ trước", "Cảnh báo", 2, 1, "VP"],
        ]
        assert row_of(book["Lỗi, cảnh báo"], 6)[:2] == ["VP", "1"]
        assert row_of(book["Lỗi, cảnh báo"], 6)[5:7] == ["G7", "Ô trống."]

    def test_charts_show_the_rates_as_the_sheet_of_the_units_has_them(self) -> None:
        sheet = opened(summary())["Biểu đồ"]
        assert row_of(sheet, 6)[:4] == ["VP", "Văn phòng Ủy ban", "='Tổng hợp'!$G$6", 0.7167]
        assert row_of(sheet, 7)[:3] == ["TTTT", "Trung tâm Thông tin", "='Tổng hợp'!$G$7"]
        stored = load_workbook(BytesIO(summary()), data_only=True)["Biểu đồ"]
        assert [stored.cell(row, 3).value for row in (6, 7)] == [
            pytest.approx(9300.25 / 29450.5),
            pytest.approx(11000 / 12800),
        ]
        with ZipFile(BytesIO(summary())) as package:
            drawn = package.read("xl/charts/chart1.xml").decode()
        assert "<c:f>'Biểu đồ'!$C$6:$C$7</c:f>" in drawn
        assert "c:barChart" in drawn
        assert "c:lineChart" in drawn

    def test_same_board_same_bytes(self) -> None:
        assert summary() == summary()
