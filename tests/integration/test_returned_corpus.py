"""Every file of the corpus that can be read comes back with the same values in the same cells."""

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

import pytest

from rules.numbers import fold
from schemas.findings import Finding, Severity
from schemas.forms import CORRECTIONS
from schemas.reading import Book, Grid
from schemas.settings import Reading
from tasks.apart import Reader, Refused
from tasks.marking import Marker

CORPUS = Path(__file__).parents[1] / "data" / "workbooks"
FILES = sorted(p for p in CORPUS.iterdir() if p.is_file() and p.suffix != ".json")


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as one:
        yield one


@pytest.fixture(scope="module")
def marker() -> Iterator[Marker]:
    with Marker(Reading()) as one:
        yield one


def cells(grid: Grid) -> dict[tuple[int, int], object]:
    """What is not empty; a date is its day, however the file keeps it."""
    return {
        (row, column): _plain(value)
        for row, line in enumerate(grid.cells)
        for column, value in enumerate(line)
        if value not in ("", None)
    }


def _plain(value: object) -> object:
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    if isinstance(value, str) and not isinstance(value, date):
        return value.replace("\r\n", "\n")
    return value


def sheets(book: Book) -> list[Grid]:
    return [grid for grid in book.sheets if fold(grid.sheet) != fold(CORRECTIONS)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_comes_back_as_it_was(path: Path, reader: Reader, marker: Marker) -> None:
    content = path.read_bytes()
    try:
        before = reader.book(content, path.name)
    except Refused:
        return  # such a file is held, and never returned
    finding = Finding("rule", Severity.ERROR, "sai", path.name, before.sheets[0].sheet, "A1")
    marked = marker.in_place(content, [finding]) or marker.converted(before, [finding])
    assert marked
    assert bool(marked.converted_from) is (before.format not in ("xlsx", "xlsm")) or (
        "strict" in path.name
    )
    after = reader.book(marked.content, marked.name(path.name))
    assert len(sheets(after)) == len(sheets(before))
    for old, new in zip(sheets(before), sheets(after), strict=True):
        if not old.far:
            errors = {p: f.value for p, f in old.flaws.items() if f.rule == "error-value"}
            shown = errors if marked.converted_from else {}
            assert cells(new) == cells(old) | shown
            assert new.shares >= {place for place in old.shares if place in cells(old)}
            assert new.visible == old.visible
