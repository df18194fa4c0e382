"""Sheets for the tests of reading, built without any file."""

from collections.abc import Sequence
from typing import Any

from rules.layout import read_book
from schemas.forms import FORMS, Form
from schemas.reading import Book, Grid, ReadSheet

LABELS = ["Mã nhiệm vụ", "Tên nhiệm vụ", "Dự toán sau điều chỉnh", "Giải ngân lũy kế"]
"""A header of four of the disbursement's columns, A to D."""


def book(*grids: Grid) -> Book:
    return Book("xlsx", grids)


def sheet(
    rows: Sequence[Any],
    *,
    name: str = "Giải ngân",
    forms: Sequence[Form] = FORMS,
    **grid: Any,
) -> ReadSheet:
    """The only form on one sheet."""
    found = read_book(book(Grid(name, rows, **grid)), forms, "a.xlsx")
    assert found.findings == ()
    (only,) = found.sheets
    return only


def told(found: ReadSheet) -> list[tuple[str, str | None, str]]:
    return [(f.rule, f.cell, str(f.severity)) for f in found.findings]


def amounts(found: ReadSheet, name: str = "disbursed") -> dict[str, Any]:
    """Code -> amount."""
    return {row.code: row.values[name] for row in found.rows}


def reasons(found: ReadSheet) -> dict[int, str]:
    """Row -> why it was skipped."""
    return {skipped.number: skipped.reason for skipped in found.skipped}
