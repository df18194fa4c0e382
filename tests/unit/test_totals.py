"""Sums that a table shows against the sum of its rows: a lost row shows here."""

from decimal import Decimal
from typing import Any

import pytest
from sheets import LABELS, sheet, told

A, B, C = ["X.1", "Một", "", 400.25], ["X.2", "Hai", "", 100], ["X.3", "Ba", "", 7]


def totals(*rows: list[Any], money: str = "") -> list[str | None]:
    found = sheet([[money], LABELS, *rows])
    return [cell for rule, cell, _ in told(found) if rule == "total-differs"]


def test_a_total_that_is_another_sum_is_told_with_both_numbers() -> None:
    rows = [LABELS, A, B, ["Tổng cộng", "", "", 600]]
    (finding,) = sheet(rows).findings
    assert (finding.rule, finding.severity, finding.cell) == ("total-differs", "warning", "D4")
    assert "600" in finding.message
    assert "500,25" in finding.message


@pytest.mark.parametrize(
    ("total", "differs"),
    [(500.25, False), (500, False), (501, False), (501.75, True), (502, True), (499, False),
     (498, True), (500.26, False), (500.28, True), ("500,25", False), ("6 trăm", False),
     ("", False)],
)  # fmt: skip
def test_rounding_is_allowed_and_no_more(total: Any, differs: bool) -> None:
    """Half of the total's last digit, per row and for the total itself."""
    assert totals(A, B, ["Tổng cộng", "", "", total]) == (["D5"] if differs else [])


def test_a_sum_in_binary_fractions_is_the_sum() -> None:
    rows = [["X.1", "", "", 0.1], ["X.2", "", "", 0.2], ["Tổng số", "", "", 0.1 + 0.2]]
    assert totals(*rows) == []


def test_sub_totals_add_up_between_headings() -> None:
    first, second = ["", "I. Đầu tư công"], ["", "II. Chi thường xuyên"]
    assert totals(first, A, B, ["", "Cộng I", "", 500.25], second, C, ["", "Cộng II", "", 7],
                  ["", "Tổng cộng", "", 507.25]) == []  # fmt: skip
    assert totals(
        first, A, B, ["", "Cộng I", "", 400.25], second, C, ["", "Tổng cộng", "", 507.25]
    ) == ["D6"]
    assert totals(["Tổng số", "", "", 507.25], first, A, B, second, C) == []


def test_the_unit_of_money_counts_for_both() -> None:
    rows = [["X.1", "", "", 400_250], ["X.2", "", "", 100_000]]
    thousand = "Đơn vị tính: nghìn đồng"
    assert totals(*rows, ["Tổng cộng", "", "", 500_251], money=thousand) == []
    assert totals(*rows, ["Tổng cộng", "", "", 500_252], money=thousand) == ["D5"]


def test_where_an_amount_is_not_known_nothing_is_compared() -> None:
    assert totals(["X.1", "", "", "bốn trăm"], B, ["Tổng cộng", "", "", 500]) == []


def test_a_row_that_was_not_understood_shows() -> None:
    """Its total is what a row taken for a heading by mistake would be missed by."""
    rows = [LABELS, ["I", "Một", "", 400], ["X.2", "Hai", "", 100], ["Tổng cộng", "", "", 500]]
    found = sheet(rows)
    assert [row.values["disbursed"] for row in found.rows] == [Decimal(100)]
    assert [rule for rule, _, _ in told(found)] == ["total-differs"]
