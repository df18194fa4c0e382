"""A file of another format comes back as an .xlsx with the same values in the same cells."""
# ruff: noqa: DTZ001 - a cell knows no time zone

import zipfile
from datetime import date, datetime
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import load_workbook as calamine

from reports.converted import converted_workbook, titles
from reports.returned import ERROR, LIST, returned_workbook
from schemas.findings import Finding, Severity
from schemas.forms import HIDDEN
from schemas.reading import Book, Grid, Problem

MONEY = "Giải ngân"
CELLS: tuple[tuple[object, ...], ...] = (
    ("ỦY BAN DÂN TỘC", "", "", "", ""),
    (),
    ("Mã", "Tên", "Số tiền", "Ngày", "Tỷ lệ"),
    ("X.1", "Số hóa hồ sơ lưu trữ " * 6, 1234.5, date(2021, 10, 31), 0.5),
    ("001", "- chưa có", 12, datetime(2021, 10, 31, 8, 30), 0.1234),
    ("", True, "", "", 0.07),
)
GRID = Grid(MONEY, CELLS, shares=frozenset({(3, 4), (4, 4), (5, 4)}), merged=((0, 0, 0, 4),))


def book_of(*grids: Grid, form: str = "xls", from_1904: bool = False) -> Book:
    return Book(form, grids, from_1904=from_1904)


def opened(content: bytes) -> Workbook:
    return load_workbook(BytesIO(content), rich_text=True)


def converted(grid: Grid) -> Worksheet:
    return opened(converted_workbook(book_of(grid)))[grid.sheet]


def error(cell: str, sheet: str = MONEY) -> Finding:
    return Finding("rule", Severity.ERROR, "sai", "VP.xls", sheet, cell)


class TestValues:
    def test_stand_in_the_same_cells(self) -> None:
        """calamine keeps numbers, texts and dates apart."""
        content = converted_workbook(book_of(GRID))
        sheet = calamine(BytesIO(content)).get_sheet_by_name(MONEY)
        rows = sheet.to_python(skip_empty_area=False)
        assert rows[:4] == [
            ["ỦY BAN DÂN TỘC", "", "", "", ""],
            ["", "", "", "", ""],
            ["Mã", "Tên", "Số tiền", "Ngày", "Tỷ lệ"],
            ["X.1", CELLS[3][1], 1234.5, date(2021, 10, 31), 0.5],
        ]
        assert rows[4] == ["001", "- chưa có", 12, datetime(2021, 10, 31, 8, 30), 0.1234]
        assert rows[5] == ["", True, "", "", 0.07]

    def test_dates_and_percentages_look_like_what_they_are(self) -> None:
        sheet = converted(GRID)
        assert [sheet[c].number_format for c in ("D4", "D5", "E4", "E5", "E6", "C4")] == [
            "dd/mm/yyyy", "dd/mm/yyyy hh:mm", "0%", "0.00%", "0%", "General",
        ]  # fmt: skip

    @pytest.mark.parametrize("from_1904", [False, True])
    def test_days_are_the_same_in_both_epochs(self, *, from_1904: bool) -> None:
        content = converted_workbook(book_of(GRID, from_1904=from_1904))
        book = opened(content)
        assert book[MONEY]["D4"].value == datetime(2021, 10, 31)
        marked = opened(returned_workbook(content, [error("C4")]))
        assert marked.epoch == book.epoch
        assert marked[MONEY]["D4"].value == datetime(2021, 10, 31)

    @pytest.mark.parametrize(
        "text", ["=HYPERLINK(1)", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "{=1+1}"]
    )
    def test_no_text_becomes_a_formula(self, text: str) -> None:
        cell = converted(Grid(MONEY, ((text,),)))["A1"]
        assert (cell.data_type, cell.value) == ("s", text)
        assert cell.quotePrefix or text.startswith("{")
        marked = opened(returned_workbook(converted_workbook(book_of(Grid(MONEY, ((text,),)))), []))
        assert (marked[MONEY]["A1"].data_type, marked[MONEY]["A1"].value) == ("s", text)

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), date(1899, 12, 31)])
    def test_what_no_workbook_holds_is_text(self, value: object) -> None:
        assert converted(Grid(MONEY, ((value,),)))["A1"].value == str(value)

    def test_a_text_too_long_for_a_cell_is_cut(self) -> None:
        sheet = converted(Grid(MONEY, (("a" * 32_767, "a" * 32_768),)))
        assert [len(sheet[c].value) for c in ("A1", "B1")] == [32_767, 32_767]

    def test_invisible_characters_survive(self) -> None:
        """U+00AD is the letter ư of the typefaces of before Unicode."""
        text = "ng\u00adêi\u200b\u00a0a\x07\x0bb"
        content = converted_workbook(book_of(Grid(MONEY, ((text,),))))
        for one in (content, returned_workbook(content, [])):
            rows = calamine(BytesIO(one)).get_sheet_by_name(MONEY).to_python()
            assert rows == [[text]]

    def test_an_error_is_shown_and_what_was_never_calculated_is_empty(self) -> None:
        flaws = {
            (0, 0): Problem("error-value", "#DIV/0!"),
            (0, 1): Problem("uncalculated-formula", "=A1"),
        }
        sheet = converted(Grid(MONEY, (("", "", 1),), flaws))
        assert [sheet.cell(1, column).value for column in (1, 2, 3)] == ["#DIV/0!", None, 1]

    def test_a_typeface_of_before_unicode_goes_along(self) -> None:
        sheet = converted(Grid(MONEY, (("Vô KÕ ho¹ch", "a"),), fonts={(0, 0): ".VnTime"}))
        assert (sheet["A1"].font.name, sheet["B1"].font.name) == (".VnTime", "Times New Roman")


class TestSheets:
    def test_hidden_ones_stay_hidden_and_a_shown_one_opens(self) -> None:
        hidden = Grid(HIDDEN, (("unit", "VP"),), visible=False)
        book = opened(converted_workbook(book_of(hidden, GRID)))
        assert [s.sheet_state for s in book.worksheets] == ["hidden", "visible"]
        assert book.active is book[MONEY]
        assert book[HIDDEN]["B1"].value == "VP"

    def test_where_all_are_hidden_or_none_is_there_the_file_still_opens(self) -> None:
        hidden = Grid("a", ((1,),), visible=False)
        assert opened(converted_workbook(book_of(hidden)))["a"]["A1"].value == 1
        assert len(opened(converted_workbook(book_of())).sheetnames) == 1

    def test_names_that_no_xlsx_may_bear_become_such(self) -> None:
        names = ["a/b", "A_B", "'q'", "", "History", "x" * 40, "x" * 41, "a\x07"]
        names += ["y" * 30 + "'z", "😀" * 20]
        named = titles(book_of(*(Grid(name, ((1,),)) for name in names)))
        assert [named[name] for name in names] == [
            "a_b", "A_B (2)", "q", "Sheet", "History (2)", "x" * 31, "x" * 25 + " (2)", "a_",
            "y" * 30, "😀" * 15,
        ]  # fmt: skip
        content = converted_workbook(book_of(*(Grid(name, ((1,),)) for name in names)))
        assert opened(content).sheetnames == list(named.values())

    def test_merged_areas_stay_as_far_as_cells_reach(self) -> None:
        areas = ((0, 0, 0, 4), (0, 3, 1, 3), (3, 0, 3, 0), (4, 0, 999_999, 0), (50, 1, 60, 2))
        sheet = converted(Grid(MONEY, CELLS, merged=areas))
        assert {str(area) for area in sheet.merged_cells.ranges} == {"A1:E1", "A5:A6", "B51:C51"}

    def test_columns_are_wide_enough_and_long_texts_wrapped(self) -> None:
        sheet = converted(GRID)
        widths = [sheet.column_dimensions[c].width for c in "ABCDE"]
        assert all(8 < width < 46 for width in widths)
        assert widths[1] > 40
        assert widths[3] > len("31/10/2021")
        assert sheet["B4"].alignment.wrap_text
        assert sheet.row_dimensions[4].height > 30
        assert sheet.row_dimensions[5].height is None


class TestBytes:
    def test_are_the_same_each_time(self) -> None:
        book = book_of(GRID, Grid("b", ((1,),)))
        assert converted_workbook(book) == converted_workbook(book)
        with zipfile.ZipFile(BytesIO(converted_workbook(book))) as package:
            assert b"2021-01-01" in package.read("docProps/core.xml")


class TestReturned:
    def test_marks_stand_and_vanish_as_in_a_file_of_its_own(self) -> None:
        content = converted_workbook(book_of(GRID, Grid(HIDDEN, (("unit", "VP"),), visible=False)))
        marked = returned_workbook(content, [error("C5")], "Đã chuyển.")
        book = opened(marked)
        assert book[MONEY]["C5"].fill.fgColor.rgb == ERROR.replace("#", "FF")
        assert str(book[LIST]["A2"].value).startswith("Đã chuyển. ")
        book[MONEY]["C5"] = 13
        out = BytesIO()
        book.save(out)
        clean = opened(returned_workbook(out.getvalue(), []))[MONEY]
        assert (clean["C5"].value, clean["C5"].comment) == (13, None)
        assert clean["C5"].fill.fill_type is None
