"""A returned workbook is the clerk's own: what was typed, calculated and guarded is all there."""

import re
import zipfile
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from subprocess import run
from sys import executable
from textwrap import wrap

import pytest
import xlsxwriter
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart
from openpyxl.comments import Comment
from openpyxl.styles import GradientFill
from openpyxl.worksheet.worksheet import Worksheet

from reports.blank import blank_workbook
from reports.returned import ERROR, LIST, WARNING, returned_workbook
from reports.sheets import INPUT, LOCKED
from schemas.findings import Finding, Severity
from schemas.forms import FORMS, GUIDE, HIDDEN, Line
from schemas.period import Period
from schemas.reading import ReadWorkbook
from schemas.registry import Unit
from schemas.settings import Body
from schemas.texts import say
from tasks.workbooks import read

MONEY, CNTT = "Giải ngân", "Nhiệm vụ CNTT"
TYPES = "[Content_Types].xml"
BUDGET = {"source": "Đầu tư công", "budget_assigned": 1000, "budget_current": 1000}
BLANK = blank_workbook(
    Body(),
    Unit("VP", "Văn phòng Ủy ban"),
    Period(2021, 10),
    date(2021, 11, 5),
    {
        "disbursement": [
            Line({"code": "X.1", "name": "Số hóa hồ sơ", **BUDGET}, Decimal(399)),
            Line({"code": "X.2", "name": "Khảo sát", **BUDGET}),
        ],
        "it": [Line({"code": "X.1", "name": "Số hóa hồ sơ"})],
        "strategy": [Line({"code": "X.2", "name": "Khảo sát"})],
    },
    "0" * 64,
)


def opened(content: bytes) -> Workbook:
    return load_workbook(BytesIO(content))


def saved(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def filled() -> bytes:
    """The blank form as the clerk sends it back."""
    book = opened(BLANK)
    money, it = book[MONEY], book[CNTT]
    money["G7"], money["G8"], money["H8"] = "12 tỷ", 5000, 100
    money["J7"] = "=chưa rõ"
    money["J7"].data_type = "s"
    it["D7"], it["E7"] = "Đã hoàn thành", date(2021, 9, 30)
    return saved(book)


def error(cell: str | None, message: str = "sai", sheet: str | None = MONEY) -> Finding:
    return Finding("rule", Severity.ERROR, message, "VP.xlsx", sheet, cell)


def warning(cell: str, message: str = "xem lại") -> Finding:
    return Finding("rule", Severity.WARNING, message, "VP.xlsx", MONEY, cell)


FINDINGS = (error("G7"), error("G8"), warning("G8"), warning("D7"), error("E7", sheet=CNTT))


def colour(sheet: Worksheet, cell: str) -> str | None:
    fill = sheet[cell].fill
    return "#" + fill.fgColor.rgb[2:] if fill.fill_type else None


def reading(content: bytes) -> ReadWorkbook:
    return read(content, "VP.xlsx", FORMS)


def calculated(**formulas: tuple[str, float | str | bool]) -> bytes:
    """A workbook of other make, its formulas with the results that Excel stored."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(MONEY)
        for cell, (formula, result) in formulas.items():
            sheet.write_formula(cell, formula, None, result)
    return out.getvalue()


def rewritten(content: bytes, member: str, old: bytes, new: bytes) -> bytes:
    """The workbook with something else in one member of its package."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            assert name != member or old in part
            target.writestr(name, part.replace(old, new) if name == member else part)
    return out.getvalue()


class TestReading:
    def test_gives_the_rows_of_the_clerks_file_and_ignores_the_list(self) -> None:
        clerk = filled()
        own = reading(clerk)
        assert [len(sheet.rows) for sheet in own.sheets] == [2, 1, 1]
        assert own.signed
        assert reading(returned_workbook(clerk, FINDINGS)) == own

    def test_a_number_that_is_no_date_stays_what_was_typed(self) -> None:
        book = opened(filled())
        book[CNTT]["E7"] = 20211031
        (found,) = reading(returned_workbook(saved(book), FINDINGS)).sheets[1].findings
        assert (found.rule, found.cell) == ("read-as-date", "E7")
        assert "20211031" in found.message

    def test_text_like_a_formula_stays_text(self) -> None:
        cell = opened(returned_workbook(filled(), FINDINGS))[MONEY]["J7"]
        assert (cell.data_type, cell.value) == ("s", "=chưa rõ")


class TestFormulas:
    def test_keep_their_results_so_that_a_preview_shows_them(self) -> None:
        results: dict[str, tuple[str, float | str | bool]] = {
            "A1": ("=1/8", 0.125),
            "A2": ('=IF(1<2,"a&b","")', "a&b"),
            "A3": ("=1<2", True),
            "A4": ("=1/0", "#DIV/0!"),
            "A5": ('=IF(1>2,1,"")', ""),
        }
        empty = b'r="A5"><f>', b'r="A5" t="str"><f>'  # as Excel writes it, XlsxWriter does not
        content = rewritten(calculated(**results), "xl/worksheets/sheet1.xml", *empty)
        returned = returned_workbook(content, [error("B1")])
        formulas, values = opened(returned)[MONEY], load_workbook(BytesIO(returned), data_only=True)
        for cell, (formula, result) in results.items():
            assert formulas[cell].value == formula
            assert values[MONEY][cell].value == (result or None)
        xml = zipfile.ZipFile(BytesIO(returned)).read("xl/worksheets/sheet2.xml").decode()
        assert 't="str"><f>IF(1&gt;2,1,"")</f><v></v>' in xml

    def test_totals_of_the_blank_form_too(self) -> None:
        returned = returned_workbook(BLANK, [])
        sheet = load_workbook(BytesIO(returned), data_only=True)[MONEY]
        assert [sheet.cell(9, column).value for column in range(4, 8)] == [2000, 0, 2000, 0]

    def test_one_never_calculated_stays_so_and_is_told(self) -> None:
        book = opened(filled())
        book[MONEY]["G7"] = "=1+2"
        sheet = reading(returned_workbook(saved(book), [])).sheets[0]
        assert [(f.rule, f.cell) for f in sheet.findings] == [("uncalculated-formula", "G7")]


class TestMarks:
    def test_errors_are_red_warnings_amber_and_an_info_is_only_listed(self) -> None:
        info = Finding("unit-converted", Severity.INFO, "đã đổi", "VP.xlsx", MONEY, "I7")
        book = opened(returned_workbook(filled(), [*FINDINGS, info]))
        sheet = book[MONEY]
        assert [colour(sheet, c) for c in ("G7", "G8", "D7", "H7")] == [
            ERROR, ERROR, WARNING, INPUT,
        ]  # fmt: skip
        assert colour(book[CNTT], "E7") == ERROR
        assert (colour(sheet, "I7"), sheet["I7"].comment) == (INPUT, None)
        assert book[LIST]["C10"].hyperlink.location == "'Giải ngân'!I7"

    def test_findings_of_one_cell_share_a_comment_with_room_for_all_its_lines(self) -> None:
        long = say("finding.over-budget", label="Ước", code="X.2", value="1", limit="2")
        for findings in ([error("G8")], [error("G8", long), error("G8"), warning("G8", "?")]):
            returned = returned_workbook(filled(), findings)
            comment = opened(returned)[MONEY]["G8"].comment
            assert comment
            assert [comment.text.count(f"- {f.message}") for f in findings] == [1] * len(findings)
            with zipfile.ZipFile(BytesIO(returned)) as package:
                (name,) = (n for n in package.namelist() if n.endswith(".vml"))
                (size,) = re.findall(r"width:(\d+)px;height:(\d+)px", package.read(name).decode())
            width, height = map(int, size)
            lines = [line for part in comment.text.split("\n") for line in wrap(part, width // 7)]
            assert len(lines) * 20 <= height <= len(lines) * 20 + 40

    def test_what_has_no_place_in_the_workbook_is_listed_without_a_link(self) -> None:
        placeless = [error(None, sheet=None), error(None), error("A1", sheet="Biểu khác")]
        sheet = opened(returned_workbook(filled(), placeless))[LIST]
        assert [sheet.cell(row, 3).value for row in (5, 6, 7)] == [None, None, "A1"]
        assert [sheet.cell(row, 3).hyperlink for row in (5, 6, 7)] == [None] * 3

    @pytest.mark.parametrize("start", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", "\x07\n=1"])
    def test_no_text_of_a_finding_becomes_a_formula(self, start: str) -> None:
        sheet = opened(returned_workbook(filled(), [error("G7", start)]))[LIST]
        assert sheet["E5"].data_type == "s"
        assert sheet["E5"].quotePrefix  # not even when the cell is edited
        assert sheet["E5"].value == start.strip("\t\n\x07")

    def test_a_chart_sheet_or_a_shaded_cell_does_not_disturb(self) -> None:
        book = opened(filled())
        book.create_chartsheet("Biểu đồ").add_chart(BarChart())
        book[MONEY]["B7"].fill = GradientFill(stop=("000000", "FFFFFF"))
        returned = opened(returned_workbook(saved(book), [error("A1", sheet="Biểu đồ")]))
        assert returned[LIST]["C5"].hyperlink is None
        assert "Biểu đồ" in returned.sheetnames


class TestSecondReturn:
    def test_takes_the_first_ones_marks_away(self) -> None:
        clerk = filled()
        clean = opened(returned_workbook(returned_workbook(clerk, FINDINGS), []))
        assert clean.sheetnames == [LIST, *opened(clerk).sheetnames]
        assert clean[LIST].max_row == 4
        for sheet in opened(clerk).worksheets:
            for cell in (c for row in sheet.iter_rows() for c in row):
                there = clean[sheet.title][cell.coordinate]
                assert (there.value, there.comment) == (cell.value, None)
                assert there.fill.fill_type == cell.fill.fill_type
                assert there.fill.fgColor.rgb == cell.fill.fgColor.rgb

    def test_also_where_libreoffice_dropped_the_comments_author(self) -> None:
        book = opened(returned_workbook(filled(), FINDINGS))
        for sheet in book.worksheets:
            for cell in (c for row in sheet.iter_rows() for c in row):
                if cell.comment:
                    cell.comment = Comment(cell.comment.text, " ")
        sheet = opened(returned_workbook(saved(book), []))[MONEY]
        assert (sheet["G7"].comment, colour(sheet, "G7")) == (None, INPUT)

    def test_a_sheet_of_the_clerks_that_has_the_lists_name_stays(self) -> None:
        book = opened(filled())
        book.create_sheet(LIST)["A1"] = "việc cần sửa của phòng"
        returned = opened(returned_workbook(saved(book), FINDINGS))
        assert returned[f"{LIST}1"]["A1"].value == say("returned.title")
        assert returned[LIST]["A1"].value == "việc cần sửa của phòng"
        again = opened(returned_workbook(saved(returned), FINDINGS))
        assert again.sheetnames == returned.sheetnames

    def test_also_where_the_clerk_moved_rows_or_wrote_below_a_comment(self) -> None:
        book = opened(returned_workbook(filled(), FINDINGS))
        sheet = book[MONEY]
        del book[LIST]
        comment = sheet["G7"].comment
        assert comment
        comment.text += "\n\nđã sửa"
        sheet.delete_rows(6)
        sheet["D6"].comment = None
        clean = opened(returned_workbook(saved(book), []))[MONEY]
        assert clean["G6"].comment
        assert clean["G6"].comment.text == "đã sửa"
        assert [colour(clean, c) for c in ("D6", "G6", "G7")] == [LOCKED, INPUT, INPUT]

    def test_in_a_workbook_of_other_make_a_fill_just_goes(self) -> None:
        once = returned_workbook(calculated(), [error("B2")])
        assert colour(opened(once)[MONEY], "B2") == ERROR
        assert colour(opened(returned_workbook(once, []))[MONEY], "B2") is None


class TestKept:
    def test_protection_validations_print_setup_and_the_other_sheets(self) -> None:
        before, after = opened(filled()), opened(returned_workbook(filled(), FINDINGS))
        assert (after[HIDDEN].sheet_state, after[GUIDE].sheet_state) == ("hidden", "visible")
        for old in before.worksheets:
            new = after[old.title]
            assert vars(new.protection) == vars(old.protection)
            rules = old.data_validations.dataValidation
            assert [dict(r) for r in new.data_validations.dataValidation] == [
                dict(r) for r in rules
            ]
            assert (new.print_area, new.print_title_rows) == (old.print_area, old.print_title_rows)
            assert new.freeze_panes == old.freeze_panes
            assert [c.protection.locked for row in new["A1:K9"] for c in row] == [
                c.protection.locked for row in old["A1:K9"] for c in row
            ]
        assert len(before[MONEY].data_validations.dataValidation) > 2

    def test_the_list_is_what_opens_and_the_only_sheet_selected(self) -> None:
        book = opened(returned_workbook(filled(), FINDINGS))
        assert book.active is book[LIST]
        assert [s.title for s in book.worksheets if s.sheet_view.tabSelected] == [LIST]


class TestBytes:
    def test_are_the_same_in_every_process(self, tmp_path: Path) -> None:
        """With macros openpyxl copies parts in the order of a set."""
        clerk, out = tmp_path / "clerk.xlsm", BytesIO()
        with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
            book.add_vba_project(BytesIO(b"macros"), True)
            sheet = book.add_worksheet(MONEY)
            sheet.insert_button("D4", {"macro": "x"})
        clerk.write_bytes(out.getvalue())
        code = (
            "import sys, hashlib, pathlib; from reports.returned import returned_workbook as r;"
            "print(hashlib.sha256(r(pathlib.Path(sys.argv[1]).read_bytes(), [])).hexdigest())"
        )
        root, digests = Path(__file__).parents[2], set()
        for seed in ("1", "3"):
            command, environment = [executable, "-c", code, str(clerk)], {"PYTHONHASHSEED": seed}
            done = run(command, env=environment, cwd=root, capture_output=True, check=True)
            digests.add(done.stdout)
        assert len(digests) == 1

    def test_a_workbook_for_macros_that_has_none_stays_one(self) -> None:
        """Excel refuses an .xlsm that says it is an .xlsx."""
        kinds = (
            b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
            b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        )
        returned = returned_workbook(rewritten(BLANK, TYPES, *kinds), FINDINGS)
        with zipfile.ZipFile(BytesIO(returned)) as package:
            assert [kind in package.read(TYPES) for kind in kinds] == [False, True]

    @pytest.mark.parametrize("empty", [b"<fill/>", b"<fill />", b"<fill></fill>"])
    def test_one_with_an_empty_fill_is_mended_and_opened(self, empty: bytes) -> None:
        """Some programs write them; openpyxl refuses the whole file."""
        none = b'<fill><patternFill patternType="none"/></fill>'
        content = rewritten(calculated(A1=("=1+2", 3)), "xl/styles.xml", none, empty)
        returned = returned_workbook(content, [error("A1")])
        assert colour(opened(returned)[MONEY], "A1") == ERROR

    def test_what_openpyxl_cannot_open_is_a_value_error(self) -> None:
        broken = rewritten(BLANK, "xl/styles.xml", b"</styleSheet>", b"")
        for content in (b"", b"\xd0\xcf\x11\xe0 .xls", BLANK[:5000], broken):
            with pytest.raises(ValueError, match="cannot open"):
                returned_workbook(content, FINDINGS)
