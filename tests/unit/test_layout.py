"""Which sheets carry which form, several tables on one, and what a workbook says of itself."""

from decimal import Decimal
from typing import Any

import pytest
from sheets import LABELS, amounts, book, reasons, sheet, told

from rules.layout import read_book
from rules.numbers import fold
from schemas.findings import Severity
from schemas.forms import DISBURSEMENT, FORMS, IT, STRATEGY
from schemas.reading import Grid, ReadWorkbook, Signed
from schemas.registry import SHEETS, UNITS
from schemas.synonyms import synonyms

A, B = ["X.1", "Một", 1000, 400], ["X.2", "Hai", 500, 100]
CNTT = ["Mã nhiệm vụ", "Nghiệm thu", "Bàn giao", "Thanh quyết toán"]
CNTT_A = ["X.1", "Chưa", "Chưa", "Chưa"]


def read(*grids: Grid) -> ReadWorkbook:
    return read_book(book(*grids), FORMS, "a.xlsx")


def placed(found: ReadWorkbook) -> list[tuple[str, str, list[str]]]:
    return [(s.form, s.sheet, [r.code for r in s.rows]) for s in found.sheets]


def test_a_form_may_stand_on_several_sheets_under_any_name() -> None:
    found = read(
        Grid("Biểu 3", [CNTT, CNTT_A]),
        Grid("Biểu 1", [LABELS, A]),
        Grid("Biểu 2", [LABELS, B]),
        Grid("Khác", [["Mã nhiệm vụ", "Tên nhiệm vụ"], ["X.1", "Một"]]),
    )
    assert placed(found) == [
        ("disbursement", "Biểu 1", ["X.1"]),
        ("disbursement", "Biểu 2", ["X.2"]),
        ("it", "Biểu 3", ["X.1"]),
    ]
    assert found.all_findings == ()


def test_our_own_other_sheets_are_no_forms() -> None:
    for name in ("Hướng dẫn", "_dondoc", "Cần sửa", "CẦN SỬA"):
        assert read(Grid(name, [LABELS, A])).sheets == ()


def test_a_hidden_sheet_is_not_read_but_told() -> None:
    hidden = Grid("Giải ngân", [LABELS, A], visible=False)
    found = read(hidden, Grid("Mới", [LABELS, B]))
    assert placed(found) == [("disbursement", "Mới", ["X.2"])]
    assert [(f.rule, f.sheet, f.severity) for f in found.findings] == [
        ("hidden-sheet", "Giải ngân", Severity.INFO)
    ]
    assert read(Grid("Mẫu", [LABELS, []], visible=False)).findings == ()


def test_a_sheet_that_lacks_a_column_is_told_which_one() -> None:
    """Under another name too, if it has half of the form's columns."""
    labels = [f.label for f in DISBURSEMENT.fields]
    labels[6] = "Số tiền"
    (found,) = read(Grid("Biểu 1", [labels])).sheets
    assert [f.rule for f in found.findings] == ["missing-column"]
    assert read(Grid("Biểu 1", [labels[:5]])).sheets == ()


def test_an_empty_sheet_of_the_name_gives_way_to_one_that_carries_the_form() -> None:
    found = read(Grid("Giải ngân", []), Grid("Biểu 1", [LABELS, A]))
    assert placed(found) == [("disbursement", "Biểu 1", ["X.1"])]
    found = read(Grid("Giải ngân", [["Xem biểu 1"]]), Grid("Biểu 1", [LABELS, A]))
    assert [f.rule for f in found.all_findings] == ["no-header"]


def test_a_sheet_that_reaches_too_far_is_told() -> None:
    (found,) = read(Grid("Giải ngân", (), far=True)).sheets
    assert told(found) == [("too-many-rows", None, "error")]
    assert "9.999" in found.findings[0].message


def test_the_header_again_goes_on_with_its_own_columns() -> None:
    moved = [LABELS[0], LABELS[3], LABELS[1]]
    rows = [LABELS, A, [], ["Trang 2"], moved, ["X.2", 100, "Hai"], LABELS, ["X.3", "Ba", 9, 7]]
    found = sheet(rows)
    assert amounts(found) == {"X.1": 400, "X.2": 100, "X.3": 7}
    assert [row.cell("disbursed") for row in found.rows] == ["D2", "B6", "D8"]


def test_another_form_below_is_that_form() -> None:
    found = read(Grid("Giải ngân", [LABELS, A, [], ["BIỂU CNTT"], CNTT, CNTT_A]))
    assert placed(found) == [
        ("disbursement", "Giải ngân", ["X.1"]),
        ("it", "Giải ngân", ["X.1"]),
    ]
    assert found.all_findings == ()


def test_a_foreign_table_below_is_passed_over_and_told() -> None:
    foreign: list[list[Any]] = [
        [],
        ["DANH SÁCH CÁN BỘ"],
        ["STT", "Họ tên", "Năm sinh", "Điện thoại"],
        [1, "Nguyễn Văn An", 1980, 912345678],
    ]
    found = sheet([LABELS, A, *foreign])
    assert amounts(found) == {"X.1": 400}
    assert told(found) == [("other-table", "A5", "info")]
    assert reasons(found) == {4: "footer", 5: "other-table", 6: "other-table"}
    found = sheet([LABELS, A, *foreign, [], LABELS, B])
    assert amounts(found) == {"X.1": 400, "X.2": 100}


@pytest.mark.parametrize(
    "row",
    [
        ["X.2", "Hai", "chưa rõ", "một trăm"],
        ["", "Người lập biểu", "Kế toán", "Thủ trưởng đơn vị"],
        ["", "Mua sắm", "", 7],
    ],
)
def test_what_follows_a_blank_row_is_not_foreign_for_that(row: list[Any]) -> None:
    found = sheet([LABELS, A, [], row, ["X.3", "Ba", 1, 7]])
    assert found.rows[-1].code == "X.3"
    assert "other-table" not in [rule for rule, _, _ in told(found)]


@pytest.mark.parametrize(
    "counted", [["(1)", "(2)", "(3)", "(4)"], ["(A)", "(B)", "(1)", "(2=1-3)"]]
)
def test_the_columns_may_be_counted_below_a_blank_row(counted: list[Any]) -> None:
    found = sheet([LABELS, [], counted, A, B])
    assert (told(found), reasons(found)) == ([], {3: "numbering"})
    assert set(amounts(found)) == {"X.1", "X.2"}


def test_values_from_another_file_are_told() -> None:
    found = sheet([LABELS, A, B], linked=frozenset({(1, 3), (7, 7)}))
    assert told(found) == [("linked-value", "D2", "warning")]
    rows = [LABELS, *([f"X.{i}", "", 10, 5] for i in range(9))]
    many = sheet(rows, linked=frozenset((i, 3) for i in range(1, 10)))
    assert told(many) == [("linked-value", "D2", "warning")]
    assert "9 ô, trong đó có D2, D3, D4, D5, D6" in many.findings[0].message


def test_texts_of_before_unicode_are_told_once_where_they_are_many() -> None:
    rows = [LABELS, *([f"X.{i}", "Kh¶o s¸t ®Ò ¸n", 10, 5] for i in range(9))]
    places = {(i, 1): ".VnTime" for i in range(1, 10)}
    found = sheet(rows, fonts=places)
    assert {row.values["name"] for row in found.rows} == {"Khảo sát đề án"}
    assert told(found) == [("legacy-font", "B2", "warning")]
    assert "9 ô" in found.findings[0].message


def test_an_ambiguous_amount_is_measured_by_its_row() -> None:
    rows = [LABELS, ["X.1", "Một", 2000, "1.234"], ["X.2", "Hai", 2, "1.234"]]
    found = sheet(rows)
    assert amounts(found)["X.2"] == Decimal("1.234")
    assert {cell for _, cell, _ in told(found)} == {"D2", "D3"}


def test_the_titles_and_the_hidden_sheet_say_what_it_is() -> None:
    signed: list[list[object]] = [
        ["form_version", "1"],
        ["unit", 1.0],
        ["period", "2021-10"],
        ["signature", "ab"],
    ]
    found = read(
        Grid("Giải ngân", [["BÁO CÁO", "Mẫu 1"], ["tháng 10"], [*LABELS], A]),
        Grid("Nhiệm vụ CNTT", [["BÁO CÁO", "Mẫu 1"], CNTT, CNTT_A]),
        Grid("_dondoc", signed, visible=False),
    )
    assert found.title_texts == ("BÁO CÁO Mẫu 1", "tháng 10")
    assert found.signed == Signed("1", "1", "2021-10", "ab")
    assert read(Grid("Giải ngân", [LABELS])).signed is None


def test_a_list_stands_on_one_sheet_and_keeps_every_row() -> None:
    labels = ["Mã đơn vị", "Tên đơn vị"]
    first = Grid("Đơn vị", [labels, ["I", "Vụ Tổng hợp"], ["", "Chưa có mã"]], visible=False)
    old = Grid("Đơn vị (cũ)", [labels, ["VP", "Văn phòng"]])
    found = read_book(book(first, old), SHEETS, "registry.xlsx", every_row=True)
    assert placed(found) == [(UNITS.name, "Đơn vị", ["I", ""])]
    assert found.findings == ()


def test_every_synonym_means_one_field_and_no_label_of_another() -> None:
    for form in FORMS:
        known = synonyms(form.name)
        assert set(known) <= {f.name for f in form.fields}
        written = [fold(word) for words in known.values() for word in words]
        assert len(written) == len(set(written)), form.name
        assert not set(written) & {fold(f.label) for f in form.fields}
    assert {*synonyms(IT.name)} and {*synonyms(STRATEGY.name)}  # noqa: PT018


@pytest.mark.parametrize(
    "title", ["Số liệu tháng 9/2021 để đối chiếu", "II. CÙNG KỲ NĂM 2020", "Bảng so sánh"]
)
def test_a_table_to_compare_with_is_not_ours(title: str) -> None:
    above: list[list[Any]] = [["Kỳ báo cáo: tháng 10 năm 2021"], LABELS, A, [""]]
    found = sheet([*above, [title], LABELS, [*B[:3], 7]])
    assert amounts(found) == {"X.1": 400}
    assert told(found) == [("other-table", "A6", "info")]
    found = sheet([*above, ["II. Vốn đầu tư"], LABELS, B])
    assert amounts(found) == {"X.1": 400, "X.2": 100}
