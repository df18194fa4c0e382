"""In which unit a sheet's amounts are, and that two of them are not guessed between."""

from decimal import Decimal
from typing import Any

import pytest
from sheets import LABELS, amounts, sheet, told

from schemas.reading import Area

LINE = ["X.1", "Một", 1000, 400]


@pytest.mark.parametrize(
    ("said", "factor", "unit"),
    [
        ("Đơn vị tính: đồng", "0.000001", "đồng"),
        ("Đơn vị tính : 1.000 VNĐ", "0.001", "nghìn đồng"),
        ("ĐVT: ngàn đồng", "0.001", "nghìn đồng"),
        ("(Đơn vị: tỷ đồng)", "1000", "tỷ đồng"),
        ("Đơn vị tính - Nghìn tỷ đồng", "1000000", "nghìn tỷ đồng"),
        ("ĐVT: tỷ", "1000", "tỷ đồng"),
        ("Tỷ đồng - Billions of dong", "1000", "tỷ đồng"),
        ("ĐV: đồng", "0.000001", "đồng"),
        ("Đ/v tính: nghìn đồng", "0.001", "nghìn đồng"),
        ("Đơn vị tiền tệ: đồng", "0.000001", "đồng"),
        ("Số tiền tính bằng đồng", "0.000001", "đồng"),
        ("Tính bằng nghìn đồng", "0.001", "nghìn đồng"),
        ("Đơn vị tính: 1 triệu đồng", "1", "triệu đồng"),
        ("ngh.đồng", "0.001", "nghìn đồng"),
        ("Unit: VND", "0.000001", "đồng"),
        ("Unit: million VND", "1", "triệu đồng"),
        ("Unit: VND million", "1", "triệu đồng"),
        ("(Currency unit: VND (in billions))", "1000", "tỷ đồng"),
        ("Unit: thousands of VND", "0.001", "nghìn đồng"),
        ("Unit: mil. VND", "1", "triệu đồng"),
        ("Currency: trillion", "1000000", "nghìn tỷ đồng"),
        ("(In VND bn)", "1000", "tỷ đồng"),
        ("Amounts in thousand VND", "0.001", "nghìn đồng"),
        ("Đơn vị: triệu đồng / Unit: million VND", "1", "triệu đồng"),
        ("Reporting unit: Hội đồng Dân tộc", "1", "triệu đồng"),
        ("Unit: Millennium Office", "1", "triệu đồng"),
        ("Đơn vị tính: đồng, người, %", "0.000001", "đồng"),
        ("Đơn vị: triệu đồng", "1", "triệu đồng"),
        ("Đơn vị: Đồng Tháp", "1", "triệu đồng"),
        ("Đơn vị đồng chủ trì: Vụ Tổng hợp", "1", "triệu đồng"),
    ],
)
def test_the_unit_above_the_table_counts(said: str, factor: str, unit: str) -> None:
    title = ["BÁO CÁO GIẢI NGÂN", "", "", "", "", said]  # to the right, in the title's row
    found = sheet([title, LABELS, LINE])
    assert amounts(found) == {"X.1": Decimal(400) * Decimal(factor)}
    assert found.unit_of_money == unit
    converted = [("unit-converted", "F1", "info")] if factor != "1" else []
    assert told(found) == converted


def test_a_remark_over_a_group_counts_for_its_columns() -> None:
    rows = [
        ["Mã nhiệm vụ", "Tên nhiệm vụ", "Dự toán (nghìn đồng)", "", "Giải ngân lũy kế"],
        ["", "", "giao", "sau điều chỉnh", ""],
        ["X.1", "Một", 900_000, 1_000_000, 400],
    ]
    down: tuple[Area, ...] = ((0, 0, 1, 0), (0, 1, 1, 1), (0, 4, 1, 4))
    found = sheet(rows, merged=(*down, (0, 2, 0, 3)))
    values = found.rows[0].values
    assert (values["budget_current"], values["disbursed"]) == (1000, 400)
    assert {t[0] for t in told(found)} == {"unit-converted"}


@pytest.mark.parametrize("other", ["Đơn vị tính: đồng", "Đơn vị tính: USD"])
def test_two_units_above_are_not_guessed_between(other: str) -> None:
    found = sheet([["Đơn vị tính: triệu đồng", "", "", other], LABELS, LINE])
    rule = "unknown-money-unit" if "USD" in other else "two-money-units"
    assert told(found) == [(rule, "D1", "error")]
    assert (found.rows, dict(found.columns)) == ((), {})


@pytest.mark.parametrize("said", [
    "Đơn vị tính: nghìn USD", "ĐVT: trăm triệu đồng", "Unit: million USD", "Unit: billion dollars",
    "Unit: hundred million VND",
])  # fmt: skip
def test_an_unknown_unit_is_not_taken_for_ours(said: str) -> None:
    found = sheet([[said], LABELS, LINE])
    assert told(found) == [("unknown-money-unit", "A1", "error")]
    assert found.rows == ()


def test_a_unit_beneath_is_not_followed_but_may_not_contradict() -> None:
    rows: list[list[Any]] = [LABELS, LINE, [], ["Đơn vị tính: nghìn đồng"]]
    found = sheet(rows)
    assert told(found) == [("two-money-units", "A4", "error")]
    assert amounts(found) == {}
    rows[3] = ["Đơn vị tính: triệu đồng"]
    assert told(sheet(rows)) == []


def test_a_second_table_has_a_unit_of_its_own() -> None:
    rows: list[list[Any]] = [
        ["Đơn vị tính: nghìn đồng"],
        LABELS,
        ["X.1", "Một", 1000, 400_000],
        [],
        ["Biểu tiếp theo", "", "", "Đơn vị tính: tỷ đồng"],
        LABELS,
        ["X.2", "Hai", 1000, 2],
    ]
    found = sheet(rows)
    assert amounts(found) == {"X.1": 400, "X.2": 2000}
    del rows[4][3]
    assert amounts(sheet(rows)) == {"X.1": 400, "X.2": Decimal("0.002")}


@pytest.mark.parametrize(
    "heading",
    [
        "{} (nghìn)",
        "{}\nnghìn đồng",
        "{} - nghìn đồng",
        "{} [ngàn đ]",
        "{} (thousand VND)",
        "{}, VND thousand",
    ],
)
def test_a_heading_says_the_unit_of_its_column(heading: str) -> None:
    labels = [*LABELS[:3], heading.format(LABELS[3])]
    found = sheet([labels, ["X.1", "Một", 1000, 400_000]])
    assert (amounts(found), told(found)) == ({"X.1": 400}, [("unit-converted", "D1", "info")])


def test_a_row_of_units_beneath_the_labels_belongs_to_the_header() -> None:
    units = ["", "", "triệu đồng", "nghìn đồng"]
    found = sheet([LABELS, units, ["X.1", "Một", 1000, 400_000]])
    assert (amounts(found), told(found)) == ({"X.1": 400}, [("unit-converted", "D2", "info")])


def test_a_unit_beside_each_row_may_not_contradict() -> None:
    rows: list[list[Any]] = [[*LABELS, "ĐVT"], [*LINE, "triệu đồng"], [*LINE, "nghìn đồng"]]
    assert told(sheet(rows)) == [("two-money-units", "E3", "error")]
    rows[2][4] = "Triệu"
    assert [r.code for r in sheet(rows).rows] == ["X.1", "X.1"]
