"""Decides where one table of a sheet ends and another begins: ours again, another form, a foreign
one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rules.header import Header, header_at
from rules.labels import numeric, vocabulary
from rules.numbering import is_numbering
from rules.numbers import fold, text
from rules.rows import is_code, is_footer
from schemas.forms import Form
from schemas.reading import Grid

FEWEST = 3
"""Headed columns by which a foreign table is known."""

MOST_TABLES = 200
"""Tables of ours on one sheet, some pages of a header each; what is below them is passed over."""

_SOON = 3
"""Rows below its header within which a foreign table has a figure."""


@dataclass(frozen=True)
class Part:
    """One table: the rows below its header. Without a form it is a foreign one, its header is
    then among the rows."""

    form: Form | None
    header: Header | None
    rows: range


def parts(grid: Grid, form: Form, header: Header, forms: Sequence[Form]) -> Iterator[Part]:
    """The tables of a sheet from the header on."""
    current: tuple[Form, Header] | None = (form, header)
    start = row = header.bottom + 1
    names = {label for f in forms for label, name in vocabulary(f).labels.items() if name == "code"}
    key = header.columns.get("code")
    gap = False
    count = 1
    while row < len(grid.cells):
        cells = grid.cells[row]
        if not any(value not in ("", None) for value in cells):
            gap = True
            row += 1
            continue
        if gap or _names(cells, key, names):
            if found := _ours(grid, row, form, forms):
                yield _part(current, start, row)
                count += 1
                if count > MOST_TABLES:
                    yield Part(None, None, range(row, len(grid.cells)))
                    return
                current, key = found, found[1].columns.get("code")
                row = found[1].bottom
                start = row + 1
            elif gap and current and _is_foreign(grid, row, *current):
                yield _part(current, start, row)
                current, start = None, row
        gap = gap and sum(value not in ("", None) for value in cells) < FEWEST  # a title keeps it
        row += 1
    yield _part(current, start, len(grid.cells))


def _part(table: tuple[Form, Header] | None, start: int, end: int) -> Part:
    form, header = table or (None, None)
    return Part(form, header, range(start, end))


def _names(cells: Sequence[object], key: int | None, names: set[str]) -> bool:
    cell = cells[key] if key is not None and key < len(cells) else ""
    return isinstance(cell, str) and fold(cell) in names


def _ours(grid: Grid, row: int, form: Form, forms: Sequence[Form]) -> tuple[Form, Header] | None:
    """The form whose header begins in a row, the sheet's own before others."""
    written = [c for r in grid.cells[row : row + 2] for c in r if isinstance(c, str) and c]
    for candidate in (form, *(f for f in forms if f is not form)):
        words = vocabulary(candidate)
        named = {fold(w) for w in written} & (words.labels.keys() | words.known.keys())
        if len(named) > 1 and (header := header_at(grid, candidate, row)):
            return candidate, header
    return None


def _is_foreign(grid: Grid, row: int, form: Form, header: Header) -> bool:
    """Whether a row after a gap heads a table that is none of ours: words only, some of them
    over our figures, and figures soon below. A row that counts our columns heads nothing."""
    cells = [(c, v) for c, v in enumerate(grid.cells[row]) if v not in ("", None)]
    words = [str(v) for _, v in cells]
    if len(cells) < FEWEST or not all(isinstance(v, str) for _, v in cells) or is_numbering(cells):
        return False
    figures = {c for n, c in header.columns.items() if numeric(form[n])}
    over = any(c in figures and sum(map(str.isalpha, str(v))) > 1 for c, v in cells)
    key = header.columns.get("code")
    code = text(grid.value(row, key)) if key is not None else ""
    if any(is_footer(w) for w in words) or (is_code(code) and any(map(str.isdigit, code))):
        return False
    below = grid.cells[row + 1 : row + 1 + _SOON]
    counted = any(_is_number(v) for r in below for v in r)
    return counted and (over or bool(code and not is_code(code)) or fold(code) in {"stt", "tt"})


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) or bool(
        isinstance(value, str) and value.strip(" .,-%()").isdecimal()
    )
