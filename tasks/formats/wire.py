"""Decides how a `Book` travels between the process that reads and ours: JSON, every part of it
checked on arrival, for a hostile file may have taken the other process over."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from math import isfinite
from typing import Any, NoReturn

from schemas.reading import Area, Book, Grid, Place, Problem

FORMATS = frozenset({"xlsx", "xlsm", "xls", "xlsb", "ods", "csv", "html", "xml", "docx"})
FLAWS = frozenset({"error-value", "uncalculated-formula", "scaled-format", "ragged-row"})
LARGEST_NUMBER = 2**63
LARGEST = 64 * 2**20
"""Bytes of an answer; the cells of a unit's workbook take some 50 KB."""
MOST_ROWS, MOST_COLUMNS = 2**20, 2**14


def written(book: Book) -> bytes:
    """A book as JSON."""
    sheets = [
        {
            "sheet": grid.sheet,
            "cells": grid.cells,
            "flaws": [(*place, flaw.rule, flaw.value) for place, flaw in grid.flaws.items()],
            "shares": sorted(grid.shares),
            "fonts": [(*place, font) for place, font in grid.fonts.items()],
            "linked": sorted(grid.linked),
            "merged": grid.merged,
            "visible": grid.visible,
            "far": grid.far,
        }
        for grid in book.sheets
    ]
    whole = (book.format, book.macros, book.from_1904, sheets)
    return json.dumps(whole, ensure_ascii=False, allow_nan=False, default=_day).encode(
        errors="replace"
    )


def book(answer: bytes) -> Book:
    """The book that was written; raises ValueError for whatever is not exactly one."""
    try:
        kind, macros, from_1904, sheets = loaded(answer)
        _check(kind in FORMATS and type(macros) is bool and type(from_1904) is bool)
        return Book(kind, tuple(_grid(**sheet) for sheet in sheets), macros, from_1904)
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError from error


def loaded(answer: bytes) -> Any:
    """JSON without the numbers that JSON does not have."""
    return json.loads(answer, parse_constant=_no_number)


def _grid(
    sheet: str,
    cells: list[list[Any]],
    flaws: list[tuple[int, int, str, str]],
    shares: list[tuple[int, int]],
    fonts: list[tuple[int, int, str]],
    linked: list[tuple[int, int]],
    merged: list[list[int]],
    visible: bool,
    far: bool,
) -> Grid:
    _check(isinstance(sheet, str) and type(visible) is bool and type(far) is bool)
    rows = [_row(row) for row in cells]
    return Grid(
        sheet,
        rows,
        {_place(r, c): Problem(_one_of(rule, FLAWS), _text(value)) for r, c, rule, value in flaws},
        frozenset(_place(*place) for place in shares),
        {_place(r, c): _text(font) for r, c, font in fonts},
        frozenset(_place(*place) for place in linked),
        tuple(_area(*area) for area in merged),
        visible,
        far,
    )


def _row(row: list[Any]) -> Sequence[object]:
    """A row's cells; most are texts and numbers, which this must not slow down."""
    found = []
    for cell in row:
        kind = cell.__class__
        if kind is str or kind is bool:
            found.append(cell)
        elif kind is float:
            _check(isfinite(cell))
            found.append(cell)
        elif kind is int:
            _check(abs(cell) < LARGEST_NUMBER)
            found.append(cell)
        else:
            found.append(_read_day(cell))
    return found


def _day(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    raise TypeError(type(value).__name__)


def _read_day(cell: dict[str, str]) -> object:
    ((kind, said),) = cell.items()
    if kind == "day":
        return date.fromisoformat(said)
    _check(kind == "moment")
    found = datetime.fromisoformat(said)
    _check(found.tzinfo is None)
    return found


def _place(row: int, column: int) -> Place:
    _check(type(row) is int and type(column) is int)
    _check(0 <= row < MOST_ROWS and 0 <= column < MOST_COLUMNS)
    return row, column


def _area(row: int, column: int, last_row: int, last_column: int) -> Area:
    _place(row, column)
    _place(last_row, last_column)
    _check(row <= last_row and column <= last_column)
    return row, column, last_row, last_column


def _text(value: object) -> str:
    _check(isinstance(value, str))
    return str(value)


def _one_of(value: str, known: frozenset[str]) -> str:
    _check(value in known)
    return value


def _check(holds: bool) -> None:
    if not holds:
        raise ValueError


def _no_number(_: str) -> NoReturn:
    raise ValueError
