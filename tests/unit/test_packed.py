"""A list that is worked out while its sheet is written is what XlsxWriter would have written."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from weakref import ref
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from reports import packed
from reports.packed import Line, Sheet
from reports.sheets import Book, write
from schemas.forms import Kind

COLUMNS: tuple[tuple[Kind, list[Any]], ...] = (
    (Kind.TEXT, ["một", None, " hai & <ba>\x07", "x" * 40_000]),
    (Kind.MONEY, [Decimal("1234.567890"), Decimal(-3), None, 0]),
    (Kind.PERCENT, [0.4567, None, 1.0, 1 / 3]),
    (Kind.DATE, [date(2021, 10, 31), None, date(2016, 1, 1), date(2022, 3, 1)]),
)
HEIGHTS, PLACE = (15, 30, 45, 15), "'Số & chữ'!A3"
FIRST = 2


def _book(*, listed: bool) -> bytes:
    book = Book()
    sheet = book.sheet("Số & chữ")
    sheet.write_string(0, 0, "một")
    styles = [book.style(border=1, num_format="General" if n else "@") for n in range(4)]
    if listed:
        sheet.write_list(FIRST, 4, styles, _lines())
    else:
        _written(sheet, styles)
    sheet.write_formula(FIRST + 4, 1, "=SUM(B3:B6)", styles[1], 1231.56789)
    return book.content()


def _lines() -> Iterator[Line]:
    for row, height in enumerate(HEIGHTS):
        links = {1: PLACE} if row == 0 else {}
        yield Line(height, [values[row] for _, values in COLUMNS], links)


def _written(sheet: Sheet, styles: list[Any]) -> None:
    sheet.write_url(FIRST, 1, f"internal:{PLACE}", styles[1])
    for row, height in enumerate(HEIGHTS, FIRST):
        sheet.set_row(row, height)
        for column, (kind, values) in enumerate(COLUMNS):
            write(sheet, row, column, kind, values[row - FIRST], styles[column])


def test_a_list_is_cell_for_cell_what_is_written_by_hand() -> None:
    listed, by_hand = (load_workbook(BytesIO(_book(listed=one))).active for one in (True, False))
    assert listed is not None
    assert by_hand is not None
    assert listed.dimensions == by_hand.dimensions == "A1:D7"
    for one, other in zip(listed.iter_rows(), by_hand.iter_rows(), strict=True):
        for cell, same in zip(one, other, strict=True):
            assert (cell.value, cell.data_type) == (same.value, same.data_type)
            assert (cell.number_format, cell.style_id) == (same.number_format, same.style_id)
            there, its = cell.hyperlink, same.hyperlink
            assert (there and there.location) == (its and its.location)
    heights = [[sheet.row_dimensions[row].height for row in range(1, 8)] for sheet in
               (listed, by_hand)]  # fmt: skip
    assert heights[0] == heights[1]
    assert len(str(listed["A6"].value)) == 32_767


def test_the_same_gives_the_same_bytes_and_each_part_once() -> None:
    assert _book(listed=True) == _book(listed=True)
    with ZipFile(BytesIO(_book(listed=True))) as package:
        assert package.testzip() is None
        assert len(package.namelist()) == len({*package.namelist()})
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_no_line_is_held_when_the_next_is_asked_for() -> None:
    class Values(list[int]):
        pass

    def lines() -> Iterator[Line]:
        before: list[ref[Values]] = []
        for number in range(100):
            values = Values([number])
            yield Line(15, values, {})
            before.append(ref(values))
            del values
            assert not [one for one in before[:-2] if one()]

    book = Book()
    book.sheet("Số").write_list(1, 100, [book.style()], lines())
    assert len(list(load_workbook(BytesIO(book.content())).worksheets[0].rows)) == 101


def test_what_a_line_raises_is_raised_and_nothing_is_left_open() -> None:
    def lines() -> Iterator[Line]:
        yield Line(15, [1], {})
        raise ZeroDivisionError

    book = Book()
    book.sheet("Số").write_list(1, 2, [book.style()], lines())
    with pytest.raises(ZeroDivisionError):
        book.content()


@pytest.mark.parametrize("text", ["<r>&</r>", "<r><t>đậm</t></r>", "<r> 1 < 2 </r>"])
def test_a_text_that_looks_like_xml_stays_a_text(text: str) -> None:
    book = Book()
    sheet = book.sheet("Số")
    sheet.write_string(0, 0, text)
    sheet.write_list(1, 1, [book.style()], [Line(15, [text], {})])
    read = load_workbook(BytesIO(book.content())).active
    assert read is not None
    assert [cell.value for (cell,) in read.iter_rows()] == [text, text]


def test_a_list_ends_with_the_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "_ROWS", 3)
    book = Book()
    sheet = book.sheet("Số")
    sheet.write_string(0, 0, "một")
    sheet.write_list(1, 5, [book.style()], (Line(15, [n], {}) for n in range(5)))
    read = load_workbook(BytesIO(book.content())).active
    assert read is not None
    assert [cell.value for (cell,) in read.iter_rows()] == ["một", 0, 1]
