"""Where the header stands, over how many rows, and which column is which."""

from typing import Any

import pytest
from sheets import LABELS, amounts, sheet, told

from schemas.findings import Severity
from schemas.forms import DISBURSEMENT
from schemas.reading import Area

LINE = ["X.1", "Một", 1000, 400]


def test_a_label_over_two_rows_and_cells_merged_down() -> None:
    rows = [
        ["Mã nhiệm vụ", "Tên nhiệm vụ", "Dự toán", "", "", "Giải ngân"],
        ["", "", "giao", "Điều chỉnh", "sau điều chỉnh", "lũy kế"],
        ["X.1", "Một", 900, 100, 1000, 400],
    ]
    merged: tuple[Area, ...] = ((0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 4))
    found = sheet(rows, merged=merged)
    assert told(found) == []
    assert dict(found.columns) == {
        "code": "A",
        "name": "B",
        "budget_assigned": "C",
        "budget_adjustment": "D",
        "budget_current": "E",
        "disbursed": "F",
    }
    assert found.header == 2
    (row,) = found.rows
    assert [row.values[n] for n in found.columns] == ["X.1", "Một", 900, 100, 1000, 400]


def test_merges_lost_on_the_way_are_told() -> None:
    """A csv has none: what stands left may or may not stand over the columns to its right."""
    rows = [
        ["Mã nhiệm vụ", "Tên nhiệm vụ", "Dự toán", "", "", "Giải ngân lũy kế"],
        ["", "", "giao", "Điều chỉnh", "sau điều chỉnh", ""],
        ["X.1", "Một", 900, 100, 1000, 400],
    ]
    found = sheet(rows)
    assert found.columns["budget_current"] == "E"
    assert found.columns["disbursed"] == "F"
    assert ("other-label", "E2", "info") in told(found)


def test_a_label_written_line_by_line_in_cells() -> None:
    rows = [
        ["SỐ", "MÃ", "", "GIẢI"],
        ["TT", "NHIỆM", "TÊN NHIỆM VỤ", "NGÂN"],
        ["", "VỤ", "", "LŨY KẾ"],
        ["(1)", "(2)", "(3)", "(4)"],
        [1, "X.1", "Một", 400],
    ]
    found = sheet(rows)
    assert (amounts(found), found.header) == ({"X.1": 400}, 3)


@pytest.mark.parametrize(("above", "found"), [(18, True), (19, True), (20, False)])
def test_the_first_row_of_a_header_is_one_of_the_first_twenty(above: int, found: bool) -> None:
    two = [["Mã nhiệm vụ", "Tên nhiệm vụ", "Giải ngân"], ["", "", "lũy kế"], ["X.1", "Một", 4]]
    merged: tuple[Area, ...] = ((above, 0, above + 1, 0), (above, 1, above + 1, 1))
    read = sheet([*([[""]] * above), *two], merged=merged)
    assert bool(read.rows) is found
    assert [f.rule for f in read.findings] == ([] if found else ["no-header"])


def test_parts_of_the_disbursed_are_not_the_disbursed() -> None:
    """The label heads a group of which no column is its whole."""
    rows = [
        ["Mã nhiệm vụ", "Tên nhiệm vụ", "Giải ngân lũy kế", ""],
        ["", "", "Trong nước", "Ngoài nước"],
        ["X.1", "Một", 1, 2],
    ]
    merged: tuple[Area, ...] = ((0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 3))
    for areas in (merged, ()):
        found = sheet(rows, merged=areas)
        assert [f.rule for f in found.findings] == ["missing-column"]
        assert found.rows == ()


def test_the_whole_of_a_group_is_taken() -> None:
    rows = [
        ["Mã nhiệm vụ", "Tên nhiệm vụ", "Giải ngân lũy kế", ""],
        ["", "", "Trong đó: ODA", "Tổng số"],
        ["X.1", "Một", 1, 3],
    ]
    found = sheet(rows, merged=((0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 3)))
    assert (amounts(found), told(found)) == ({"X.1": 3}, [])


def test_one_label_over_two_columns_means_the_one_with_figures() -> None:
    rows: list[list[Any]] = [
        ["Mã nhiệm vụ", "Tên nhiệm vụ", "Giải ngân lũy kế", ""],
        ["X.1", "Một", "(1)", 400],
        ["X.2", "Hai", "", 500],
    ]
    merged: tuple[Area, ...] = ((0, 2, 0, 3),)
    assert amounts(sheet(rows, merged=merged)) == {"X.1": 400, "X.2": 500}
    rows[2][2] = 7
    found = sheet(rows, merged=merged)
    assert told(found) == [("two-columns", "C1", "error")]
    assert "C1, D1" in found.findings[0].message


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Giải ngân luỹ kế", "C"),
        ("GIẢI NGÂN LŨY KẾ *", "C"),
        ("Giải ngân lũy kế (triệu đồng)", "C"),
        ("(7) Giải ngân lũy kế", "C"),
        ("Giải ngân lũy kế (7)=(5)+(6)", "C"),
        ("Giải ngân lũy kế\ntriệu đồng", "C"),
        ("Giải ngân lũy kế, triệu đồng", "C"),
        ("Giải ngân lũy kế [triệu đồng]", "C"),
        ("Giải ngân lũy kế (triệu)", "C"),
    ],
)
def test_what_says_nothing_round_a_label_is_not_told(heading: str, column: str) -> None:
    found = sheet([["Mã nhiệm vụ", "Tên nhiệm vụ", heading], ["X.1", "Một", 400]])
    assert (found.columns["disbursed"], told(found)) == (column, [])


@pytest.mark.parametrize(
    "heading",
    [
        "Số đã giải ngân",
        "Lũy kế giải ngân",
        "Giải ngân lũy kế đến hết kỳ báo cáo",
        "Giải ngân lũy kế năm 2021",
        "Lũy kế thanh toán từ đầu năm",
        "Giải ngân lũy kế (theo xác nhận của Kho bạc)",
        "Giải ngân lũy kế\nCumulative disbursement",
        "Đã giải ngân (đến hết quý III)",
        "Giai ngan luy ke",
    ],
)
def test_a_known_other_heading_is_told(heading: str) -> None:
    found = sheet([["Mã nhiệm vụ", "Tên nhiệm vụ", heading], ["X.1", "Một", 400]])
    assert amounts(found) == {"X.1": 400}
    assert told(found) == [("other-label", "C1", "info")]
    said = found.findings[0].message
    assert heading.split("\n", maxsplit=1)[0] in said
    assert "Giải ngân lũy kế" in said


@pytest.mark.parametrize(
    "heading",
    [
        "Giải ngân trong tháng",
        "Giải ngân tháng 10",
        "Lũy kế đến tháng trước",
        "Giải ngân lũy kế (tháng trước)",
        "Giải ngân lũy kế đến hết tháng trước",
        "Giải ngân lũy kế cùng kỳ",
        "Giải ngân lũy kế (%)",
        "Giải ngân lũy kế (so với dự toán)",
        "Giải ngân lũy kế\nODA",
        "Giải ngân lũy kế (vốn trong nước)",
        "Đã giải ngân (tháng 10)",
        "Đã giải ngân (quý III)",
        "Ước giải ngân lũy kế",
        "Tỷ lệ giải ngân",
        "Giải ngân luy kế",
        "Giải ngân lũy ké",
        "Giải ngân",
        "Lũy kế",
    ],
)
def test_what_is_not_the_disbursed_is_never_taken_for_it(heading: str) -> None:
    found = sheet([["Mã nhiệm vụ", "Tên nhiệm vụ", heading], ["X.1", "Một", 400]])
    assert [f.rule for f in found.findings] == ["missing-column"]
    assert found.rows == ()


@pytest.mark.parametrize("over", ["Năm trước", "Cùng kỳ năm 2020", "Kế hoạch kéo dài năm trước"])
def test_a_heading_above_may_say_that_it_is_another_year(over: str) -> None:
    rows: list[list[Any]] = [["", "", over, ""], LABELS, LINE]
    assert [f.rule for f in sheet(rows).findings] == ["missing-column"]
    found = sheet(rows, merged=((0, 2, 0, 3),))
    assert [f.rule for f in found.findings] == ["missing-column"]
    rows[0][2] = "Năm 2021"
    assert amounts(sheet(rows, merged=((0, 2, 0, 3),))) == {"X.1": 400}


def test_two_years_with_one_label_are_not_guessed_between() -> None:
    rows = [
        ["Mã nhiệm vụ", "Tên nhiệm vụ", "Năm 2020", "Năm 2021"],
        ["", "", "Giải ngân lũy kế", "Giải ngân lũy kế"],
        ["X.1", "Một", 1, 2],
    ]
    found = sheet(rows, merged=((0, 0, 1, 0), (0, 1, 1, 1)))
    assert told(found) == [("two-columns", "C2", "error")]


def test_the_label_itself_goes_before_a_synonym() -> None:
    labels = [*LABELS, "Số đã giải ngân"]
    found = sheet([labels, [*LINE, 7]])
    assert (amounts(found), told(found)) == ({"X.1": 400}, [])


def test_a_month_in_the_heading_that_the_title_has_not_is_a_warning() -> None:
    heading = "Giải ngân lũy kế đến hết tháng 9/2021"
    rows = [["Kỳ báo cáo: tháng 10 năm 2021"], [*LABELS[:3], heading], LINE]
    assert told(sheet(rows)) == [("month-in-label", "D2", "warning")]
    rows[0] = ["Kỳ báo cáo: tháng 9 năm 2021"]
    assert told(sheet(rows)) == [("other-label", "D2", "info")]


@pytest.mark.parametrize(
    ("heading", "suggested"),
    [
        ("Giải ngân luy kế", True),
        ("Giải ngân lủy kế", True),
        ("Gải ngân lũy kế", True),
        ("Lũy kế giải ngan", True),
        ("Giải ngân trong tháng", False),
        ("Chủ đầu tư", False),
        ("Ghi chú", False),
    ],
)
def test_a_near_miss_is_suggested_with_its_cell(heading: str, suggested: bool) -> None:
    found = sheet([["Mã nhiệm vụ", "Tên nhiệm vụ", heading], ["X.1", "Một", 400]])
    (finding,) = found.findings
    assert (finding.rule, finding.severity) == ("missing-column", Severity.ERROR)
    assert finding.cell == ("C1" if suggested else None)
    assert (heading in finding.message) is suggested


def test_a_prefilled_column_twice_is_left_out_with_a_warning() -> None:
    found = sheet([[*LABELS, "Nguồn vốn", "Nguồn vốn"], [*LINE, "ODA", "Vay"]])
    assert told(found) == [("two-columns", "E1", "warning")]
    assert found.rows[0].values["source"] is None


def test_a_hidden_label_of_percent_is_part_of_it() -> None:
    labels = ["Mã công việc", "Nội dung công việc", "% hoàn thành"]
    found = sheet([labels, ["S.1", "Một", 75]], name="Chiến lược")
    assert amounts(found, "completion") == {"S.1": 75}


def test_a_sheet_named_as_a_form_without_its_header_says_so() -> None:
    found = sheet([["BÁO CÁO"], ["Không phát sinh"]])
    assert told(found) == [("no-header", None, "error")]
    assert (found.form, found.header) == (DISBURSEMENT.name, None)


def test_two_tables_beside_each_other_are_one_finding() -> None:
    found = sheet([[*LABELS, "", *LABELS], ["X.1", "Một", 1000, 400, "", "X.2", "Hai", 500, 100]])
    assert told(found) == [("tables-beside", "F1", "error")]
    assert found.rows == ()


@pytest.mark.parametrize(("year", "rule"), [(2020, "year-in-label"), (2021, "other-label")])
def test_a_heading_of_another_year_than_the_titles_is_an_error(year: int, rule: str) -> None:
    heading = [*LABELS[:3], f"Đã giải ngân năm {year}"]
    found = sheet([["Kỳ báo cáo: tháng 10 năm 2021"], heading, LINE])
    assert [(f.rule, f.cell) for f in found.findings] == [(rule, "D2")]
    assert told(sheet([heading, LINE])) == [("other-label", "D1", "info")]  # nobody says which
