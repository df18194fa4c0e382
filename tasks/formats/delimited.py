"""Touches tables written as text (.csv, .tsv, .txt): finds the delimiter, and tells rows whose
cells were cut in two by it."""

import csv
import io
import re
from collections import Counter
from typing import TYPE_CHECKING

from schemas.reading import Book
from tasks.formats import Refused
from tasks.formats.encodings import decoded
from tasks.formats.sheet import Sheet

if TYPE_CHECKING:
    from schemas.settings import Reading

DELIMITERS = "\t;|,"
"""Those that stand in numbers and sentences last: of two that fit equally the first is taken."""

_SAMPLE = 200
"""Rows by which a delimiter is judged."""
_FITS = 0.5
"""Share of the rows that a delimiter cuts into equally many cells; prose has nothing like it."""
_EQUAL = 0.02
_HEADER_ROWS = 20
_LONGEST_FIELD = 2**20
_EXCEL_HINT = re.compile(r"sep=(.)\r?\n")
_CONTROL = re.compile(r"[\0-\x08\x0e-\x1f]")
"""What no text holds."""
_FIGURE = re.compile(r"[\d.,\s%()+-]*\d[\d.,\s%()+-]*")

Rows = list[list[str]]


def read(content: bytes, limits: "Reading") -> Book:
    """The table; a text that holds none is no workbook."""
    text = _text(content)
    rows = _rows(text)
    if rows is None:
        raise Refused("not-a-workbook", kind="text")
    sheet = Sheet("Sheet1", limits)
    header, width = _header(rows)
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.put(number, column, value)
        if sheet.far:
            break
        if number > header and len(row) > width:
            # an amount like 1,234.5 or a sentence, cut in two: every cell after it is shifted
            for column, value in enumerate(row):
                sheet.flaw(number, column, "ragged-row", value)
    return Book("csv", (sheet.grid(),))


def _text(content: bytes) -> str:
    try:
        text = decoded(content)
    except UnicodeDecodeError as error:
        raise Refused("not-a-workbook", kind="other") from error
    if _CONTROL.search(text):
        raise Refused("not-a-workbook", kind="other")
    return text.removeprefix("\ufeff")


def _rows(text: str) -> Rows | None:
    """The rows by the delimiter that fits best, None where none does."""
    hint = _EXCEL_HINT.match(text)
    if hint:
        return _cut(text[hint.end() :], hint[1])
    found = []
    for delimiter in DELIMITERS:
        if delimiter in text:
            rows = _cut(text, delimiter)
            if (fit := _fit(rows)) >= _FITS:
                found.append((fit, rows))
    if not found:
        return None
    best = max(fit for fit, _ in found)
    return next(rows for fit, rows in found if fit >= best - _EQUAL)


def _cut(text: str, delimiter: str) -> Rows:
    """The rows without the empty cells at their ends. Where the quotes do not pair they are
    marks like any other: one left open would swallow all rows after it."""
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        lines = io.StringIO(text, newline="")
        rows = list(csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE))
    for row in rows:
        while row and not row[-1].strip():
            row.pop()
    return rows


def _fit(rows: Rows) -> float:
    """The share of rows that have as many cells as most have, at least two rows of two."""
    filled = [len(row) for row in rows if row][:_SAMPLE]
    counts = Counter(length for length in filled if length > 1)
    if not counts or sum(counts.values()) < 2:
        return 0
    return (
        sum(counts.values())
        / len(filled)
        * (0.5 + 0.5 * max(counts.values()) / sum(counts.values()))
    )


def _header(rows: Rows) -> tuple[int, int]:
    """The row and the width of the header: the first with the most words among the first rows."""
    words = [
        sum(1 for cell in row if cell.strip() and not _FIGURE.fullmatch(cell))
        for row in rows[:_HEADER_ROWS]
    ]
    at = words.index(max(words))
    return at, len(rows[at])
