"""The property that matters most: however a form is laid out and its values are written, each is
read as it is meant or its cell carries a finding; never a silently wrong number."""

import os
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings

from corpus.noise import Drawn, DrawnColumn, book, columns, drawn
from corpus.page import Page
from corpus.write import openpyxl_
from rules.columns import meanings
from rules.layout import read_book
from rules.tell import column_letters
from schemas.findings import Severity
from schemas.forms import DISBURSEMENT, FORMS
from schemas.reading import ReadWorkbook
from tasks.workbooks import read

SEED = int(os.environ.get("SOAK_SEED", "0")) or Random().randrange(2**31)  # noqa: S311
"""Another one each time, unless one is asked for."""

Figures = Callable[[str, object], None]
"""pytest's `record_property`: what is recorded as `figures` is printed when all is over."""


def wrong(found: ReadWorkbook, one: Drawn) -> list[tuple[str, Any, Any]]:
    """What was read otherwise than it is meant, and is not told of its cell."""
    told = {f.cell for f in found.all_findings if f.cell}
    if any(f.cell is None and f.severity is Severity.ERROR for f in found.all_findings):
        return []  # the whole sheet is returned
    rows = {row.number: row for sheet in found.sheets for row in sheet.rows}
    differing: list[tuple[str, Any, Any]] = []
    places = _places(one)
    for number, values in one.meant.items():
        read_values: Mapping[str, Any] = rows[number].values if number in rows else {}
        for name, value in values.items():
            if read_values.get(name) != value and f"{places.get(name)}{number}" not in told:
                differing.append(
                    (f"{name} {places.get(name)}{number}", value, read_values.get(name))
                )
    codes = {values["code"] for values in one.meant.values()}
    for number in rows.keys() - one.meant.keys():
        # a code that no activity has is an error of the whole unit's rows (foreign-activity)
        if rows[number].code in codes:
            differing.append((f"row {number}", None, dict(rows[number].values)))
    return differing


def _places(one: Drawn) -> dict[str, str]:
    """Field -> letters of its column, from how the sheet was laid out."""
    return {name: column_letters(column - 1) for name, column in one.page.columns.items()}


@pytest.mark.figures
def test_no_number_is_silently_wrong(record_property: Figures) -> None:
    examples = max(200, settings().max_examples)
    cells = 0

    @seed(SEED)
    @settings(suppress_health_check=list(HealthCheck), max_examples=examples)
    @given(drawn())
    def holds(one: Drawn) -> None:
        nonlocal cells
        assert wrong(read_book(book(one.page), FORMS, "a.xlsx"), one) == []
        cells += sum(
            value is not None for values in one.meant.values() for value in values.values()
        )

    holds()
    record_property(
        "figures", f"noise: seed {SEED}, {examples} sheets, {cells} values: 0 silently wrong"
    )


@settings(
    suppress_health_check=list(HealthCheck), max_examples=max(10, settings().max_examples // 100)
)
@given(drawn())
def test_no_number_is_silently_wrong_through_a_real_file(one: Drawn) -> None:
    assert wrong(read(openpyxl_(one.page), "a.xlsx", FORMS), one) == []


@pytest.mark.figures
def test_what_is_written_is_understood(record_property: Figures) -> None:
    """A reader that asks about everything is never wrong either, and of no use."""
    right = all_of_them = 0

    @settings(suppress_health_check=list(HealthCheck), max_examples=100, derandomize=True,
              database=None)  # fmt: skip
    @given(drawn())
    def count(one: Drawn) -> None:
        nonlocal right, all_of_them
        found = read_book(book(one.page), FORMS, "a.xlsx")
        rows = {row.number: row.values for sheet in found.sheets for row in sheet.rows}
        for number, values in one.meant.items():
            given_ones = {name: value for name, value in values.items() if value is not None}
            all_of_them += len(given_ones)
            right += sum(rows.get(number, {}).get(n) == value for n, value in given_ones.items())

    count()
    share = f"{right} of {all_of_them} values, {right / all_of_them:.1%}"
    record_property("figures", f"noise: understood without a question {share}")
    assert right > 0.95 * all_of_them


def test_the_check_itself_sees_a_wrong_number() -> None:
    page = Page()
    page.table(1)
    assert wrong(read_book(book(page), FORMS, "a.xlsx"), Drawn(DISBURSEMENT, page)) == []
    page.cells[2, 7] = 981
    (one,) = wrong(read_book(book(page), FORMS, "a.xlsx"), Drawn(DISBURSEMENT, page))
    assert one[0] == "disbursed G2"


@settings(suppress_health_check=list(HealthCheck))
@given(columns())
def test_no_cell_of_a_column_is_silently_wrong(one: DrawnColumn) -> None:
    read_ones = meanings(one.cells, one.field, budgets=one.budgets)
    silent = [
        (cell, value, got)
        for cell, value, (got, told) in zip(one.cells, one.meant, read_ones, strict=True)
        if got != value and told is None
    ]
    assert silent == []
