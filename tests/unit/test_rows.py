"""Which rows are data, and why each of the others is none."""

from typing import Any

import pytest
from sheets import LABELS, amounts, reasons, sheet, told

from rules.numbering import is_numbering
from schemas.forms import Field, Form, Kind
from schemas.reading import Problem
from schemas.texts import say

A, B = ["X.1", "Một", 1000, 400], ["X.2", "Hai", 500, 100]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["(1)", "(2)", "(3)"], True),
        (["A", "B", 1.0, 2.0], True),
        ([1, 2, 3], True),
        (["A", "B", 1, "2=3+6+7+8", "3=4+5", 4, 5], True),
        (["(1)", "(2)", "(3)", "(4)", "(5)", "(6)=(4)+(5)"], True),
        (["A", "B", 1, 2, "3=4 + 5", 4, 5, 6, 6, 7], True),  # as published: 6 twice
        (["1", "2"], False),
        ([1, 2, 4], False),
        ([4, 5, 6], False),
        (["X.1", 2, 3], False),
        (["A", "B", "C"], False),
        ([2021, 2022, 2023], False),
    ],
)
def test_a_row_that_numbers_the_columns(cells: list[Any], numbers: bool) -> None:
    assert is_numbering(enumerate(cells)) is numbers


def test_every_row_left_out_has_its_reason() -> None:
    rows: list[list[Any]] = [
        LABELS,
        ["(1)", "(2)", "(3)", "(4)"],
        ["Tổng cộng", "", 1500, 500],
        ["I", "Chi thường xuyên", 1000, 400],
        A,
        ["", "Trong đó: vốn đối ứng", 10, 5],
        ["", "II. Đầu tư công"],
        B,
        ["", "Cộng II", 500, 100],
        ["", "", "", "", "", "đã đối chiếu"],
        ["Ghi chú: số liệu đến 31/10"],
        ["", "", "", "Hà Nội, ngày 05 tháng 11 năm 2021"],
        ["", "NGƯỜI LẬP BIỂU", "", "THỦ TRƯỞNG ĐƠN VỊ"],
        ["", "Nguyễn Văn An", "", "Trần Thị Bình"],
    ]
    found = sheet(rows)
    assert amounts(found) == {"X.1": 400, "X.2": 100}
    assert told(found) == []
    assert reasons(found) == {
        2: "numbering",
        3: "total",
        4: "group",
        6: "of-which",
        7: "heading",
        9: "total",
        10: "beside",
        11: "note",
        12: "footer",
        13: "footer",
        14: "footer",
    }
    assert all(say(f"skipped.{reason}") for reason in reasons(found).values())


@pytest.mark.parametrize(
    "row",
    [
        ["", "Mua sắm máy chủ", "", 7],
        ["", "Tổng kết chương trình", "", 7],
        ["", "Tổng số hóa dữ liệu", "", 7],
        ["", "Cộng đồng số", "", 7],
        ["", "", "", 7],
        ["", "Đầu tư công nghệ", "", 7],
        ["Nguyễn Văn An", "", "", 7],
    ],
)
def test_a_row_with_figures_that_is_no_sum_stays(row: list[Any]) -> None:
    found = sheet([LABELS, A, row, B])
    assert [r.number for r in found.rows] == [2, 3, 4]
    assert found.rows[1].values["disbursed"] == 7


def test_figures_that_cannot_be_read_keep_their_row_too() -> None:
    found = sheet([LABELS, A, ["", "Mua sắm", "", "4OO"], ["", "Bảo trì", "", ""]],
                  flaws={(3, 3): Problem("error-value", "#REF!")})  # fmt: skip
    assert [r.number for r in found.rows] == [2, 3, 4]
    assert [t[:2] for t in told(found)] == [("not-a-number", "D3"), ("error-value", "D4")]


def test_a_source_over_rows_with_codes_is_a_group() -> None:
    labels = [*LABELS, "Nguồn vốn"]
    rows = [labels, ["", "Nguồn vốn: Đầu tư công", 1500, 500], [*A, "Đầu tư công"], [*B, "ODA"]]
    assert reasons(sheet(rows)) == {2: "group"}
    # the same words at its end, or as the source of a row without a code, are none
    rows = [labels, [*A, "ODA"], ["", "Đầu tư công", 500, 100]]
    assert [r.number for r in sheet(rows).rows] == [2, 3]
    rows = [labels, ["", "Mua sắm", 1000, 400, "Đầu tư công"], [*B, "ODA"]]
    assert [r.number for r in sheet(rows).rows] == [2, 3]


def test_codes_that_look_like_numbering_are_codes_unless_they_head_others() -> None:
    alike = [LABELS, ["A", "Một", 1, 2], ["B", "Hai", 3, 4], ["C", "Ba", 5, 6]]
    assert list(amounts(sheet(alike))) == ["A", "B", "C"]
    last = [LABELS, A, ["II", "Hai", 3, 4]]
    assert list(amounts(sheet(last))) == ["X.1", "II"]


def test_merged_cells_go_on_downwards() -> None:
    labels = [*LABELS, "Khó khăn, vướng mắc"]
    rows = [
        labels,
        [*A, "Thiếu mặt bằng;"],
        ["", "", "", "", "chờ phê duyệt"],
        B,
        ["", "", 30, 12, ""],
    ]
    found = sheet(rows, merged=((1, 0, 2, 0), (3, 0, 4, 0), (3, 1, 4, 1)))
    assert [(r.number, r.code, r.values["name"]) for r in found.rows] == [
        (2, "X.1", "Một"),
        (4, "X.2", "Hai"),
        (5, "X.2", "Hai"),
    ]
    assert found.rows[0].values["difficulty"] == "Thiếu mặt bằng;\nchờ phê duyệt"
    assert reasons(found) == {3: "continued"}


def test_blank_rows_and_a_column_that_counts_change_nothing() -> None:
    labels = ["STT", *LABELS]
    rows = [labels, [1, *A], [], [" "], [2, *B], [3, "", "", "", ""], [4, "", "", "", ""]]
    found = sheet(rows)
    assert amounts(found) == {"X.1": 400, "X.2": 100}
    assert reasons(found) == {6: "beside", 7: "beside"}


def test_a_form_without_codes_goes_by_its_numbering() -> None:
    form = Form("f", "f", "f", "f", (
        Field("name", "Chỉ tiêu", Kind.TEXT, required=True),
        Field("amount", "Dự toán", Kind.MONEY, required=True),
    ))  # fmt: skip
    rows: list[list[Any]] = [
        ["STT", "Chỉ tiêu", "Dự toán"],
        ["", "TỔNG CHI", 60],
        ["A", "Chi cân đối", 50],
        ["I", "Chi đầu tư", 30],
        ["", "Trong đó:", ""],
        [1, "Xây dựng", 10],
        [2, "Thiết bị", 20],
        ["II", "Dự phòng", 20],
        ["B", "Chi khác", 10],
        ["", "- Bổ sung", 10],
    ]
    found = sheet(rows, name="x", forms=(form,))
    assert [r.values["name"] for r in found.rows] == [
        "Xây dựng", "Thiết bị", "Dự phòng", "Chi khác", "- Bổ sung",
    ]  # fmt: skip
    assert reasons(found) == {2: "total", 3: "group", 4: "group", 5: "heading"}


@pytest.mark.parametrize("words", ["ODA Sum", "Grand Sum", "ODA Total", "ODA Tổng", "Grand Total"])
def test_the_sums_that_subtotals_insert_are_no_data(words: str) -> None:
    labels = [*LABELS, "Nguồn vốn"]
    found = sheet([labels, [*A, "ODA"], ["", "", "", A[3], words], [*B, "ODA"]])
    assert [r.number for r in found.rows] == [2, 4]
    assert reasons(found)[3] == "total"


@pytest.mark.parametrize(
    "words",
    [
        "Tổng cộng toàn đơn vị",
        "Tổng hợp",
        "Tổng toàn Trung tâm",
        "Cộng trang 1",
        "Mang sang trang sau",
    ],
)
def test_totals_as_offices_name_them(words: str) -> None:
    assert reasons(sheet([LABELS, A, B, ["", words, 1500, 500]])) == {4: "total"}


def test_a_kind_of_spending_over_rows_with_codes_is_a_group() -> None:
    rows = [LABELS, ["", "Chi đầu tư phát triển", 1000, 400], A, ["", "Vốn sự nghiệp", 500, 100], B]
    assert reasons(sheet(rows)) == {2: "group", 4: "group"}


def test_parts_are_listed_under_what_they_are_parts_of() -> None:
    parts = [["", "Trong đó: tạm ứng", 0, 300], ["", "- Thanh toán khối lượng", 0, 100]]
    assert reasons(sheet([LABELS, A, *parts, B])) == {3: "of-which", 4: "of-which"}
    # without it, such a row may be an activity whose code was forgotten
    assert [r.number for r in sheet([LABELS, A, parts[1], B]).rows] == [2, 3, 4]
