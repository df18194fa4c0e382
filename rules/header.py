"""Decides where a form's header stands, over how many rows, and which column is which."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property

from rules.labels import KNOWN, PLAIN, Fit, fits, nearest, numeric, syllables, vocabulary
from rules.numbering import is_numbering
from rules.numbers import fold, text
from schemas.forms import Field, Form, Kind
from schemas.reading import Grid, Place

HEADER_ROWS = 20
"""The header stands, or begins, on one of the first rows (the design's contract)."""

DEEPEST = 6
"""Rows of one header; the Ministry of Finance has published five."""

LONGEST = 400
"""Characters of a heading; the Ministry of Finance has published 180. More is no heading."""

MOST_MERGED = 50_000
"""Cells under merged areas that are looked at in a header: a guard against made-up files."""

MOST_COLUMNS = 120
"""Columns that are looked at closely; the widest published table has 24."""

MOST_UNDER_ONE = 12
"""Columns under one merged label among which the one with figures is looked for."""

_NUMBERS = frozenset({"stt", "tt", "số tt", "số thứ tự", "no", "no."})
"""What heads the column that only counts the rows."""


_UNIT = re.compile(r"đơn vị|đvt")
"""Begins a line on units, which rules no column out (`Đơn vị tính: đồng, %`)."""


@dataclass(frozen=True)
class Heading:
    """A column's own words, where they stand, and how well they name the field."""

    place: Place
    written: str
    fit: Fit


@dataclass(frozen=True)
class Header:
    """The header's first and last row and the columns found in it, from 0."""

    top: int
    bottom: int
    columns: Mapping[str, int]
    headings: Mapping[str, Heading]
    doubles: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
    """Fields that several columns name with equal right; none of them is taken."""
    counter: int | None = None
    """The column that counts the rows (STT)."""


class Headings:
    """The texts that can be part of a header, merged cells spread over all they cover."""

    def __init__(self, grid: Grid, form: Form, first: int = 0) -> None:
        self.grid = grid
        self.known = vocabulary(form)
        self.first = first
        self.last = min(len(grid.cells), first + HEADER_ROWS + DEEPEST)
        self._holding: dict[tuple[int, bool], bool] = {}
        self.width = max((len(grid.cells[r]) for r in range(first, self.last)), default=0)

    @cached_property
    def anchors(self) -> Mapping[Place, Place]:
        """The cell that a merged area shows, for every cell that it covers."""
        found: dict[Place, Place] = {}
        steps = 0
        for top, left, bottom, right in self.grid.merged:
            if top >= self.last or bottom < self.first or (top, left) in found:
                continue
            rows = range(top, min(bottom, self.last - 1) + 1)
            columns = range(left, min(right, self.width - 1) + 1)
            steps += len(rows) * len(columns)
            if steps > MOST_MERGED:
                break
            found.update(((row, c), (top, left)) for row in rows for c in columns)
        return found

    def anchor(self, row: int, column: int) -> Place:
        """The cell whose text stands there."""
        return self.anchors.get((row, column), (row, column))

    def words(self, row: int, column: int) -> str:
        """The text that stands there, `""` for a number."""
        place = self.anchor(row, column)
        value = self.grid.value(*place)
        if not isinstance(value, str) or len(value) > LONGEST or value.isspace():
            return ""
        return value

    @cached_property
    def columns(self) -> Sequence[int]:
        """The columns that may name any field, with what stands left of them."""
        said = []
        for column in range(self.width):
            words = (w for w, _ in self.levels(column, self.first, self.last - 1))
            said.append(syllables(fold(" ".join(words))))
        near = (
            frozenset().union(*said[max(0, c - MOST_UNDER_ONE) : c + 1]) for c in range(len(said))
        )
        likely = [c for c, its in enumerate(near) if said[c] and self.known.may_name(its)]
        return likely[:MOST_COLUMNS]

    @cached_property
    def wordy(self) -> Set[int]:
        """The rows with any text."""
        rows = range(self.first, self.last)
        return {r for r in rows if any(isinstance(v, str) and v for v in self.grid.cells[r])}

    @cached_property
    def counting(self) -> Set[int]:
        """The rows with any figure that is no year."""
        rows = range(self.first, self.last)
        return {r for r in rows if any(map(_is_figure, self.grid.cells[r]))}

    def may_span(self, top: int, bottom: int) -> bool:
        """Whether one header may reach from row to row: it ends in words, and holds no figures."""
        below = range(top + 1, bottom + 1)
        return bottom in self.wordy and top in self.wordy and self.counting.isdisjoint(below)

    def holds(self, column: int, bottom: int, *, figures: bool) -> bool:
        """Whether anything stands in the column below the header: any figure but 0."""
        if (column, figures) not in self._holding:
            cells = (self.grid.value(r, column) for r in range(self.last, len(self.grid.cells)))
            self._holding[column, figures] = any(_counts(v, figures=figures) for v in cells)
        near = (self.grid.value(r, column) for r in range(bottom + 1, self.last))
        return self._holding[column, figures] or any(_counts(v, figures=figures) for v in near)

    def levels(self, column: int, top: int, bottom: int) -> list[tuple[str, Place]]:
        """A column's headings from the highest to the lowest, each once."""
        found: dict[Place, str] = {}
        for row in range(top, bottom + 1):
            if words := self.words(row, column):
                found.setdefault(self.anchor(row, column), words)
        return [(words, place) for place, words in found.items()]

    def beside(self, column: int, top: int, bottom: int) -> str:
        """The heading to the left that may stand over this column too, where nothing is merged."""
        for row in range(bottom - 1, top - 1, -1):
            if self.words(row, column) or not self.words(row + 1, column):
                continue
            for left in range(column - 1, max(-1, column - 1 - MOST_UNDER_ONE), -1):
                if words := self.words(row, left):
                    return words if not self.is_merged(row, left) else ""
        return ""

    def is_merged(self, row: int, column: int) -> bool:
        """Whether the cell is part of a merged area."""
        return (row, column) in self.anchors


def find_header(grid: Grid, form: Form) -> Header | None:
    """Where most of the form's labels stand, at least two; None where they stand nowhere."""
    sheet = Headings(grid, form)
    if plain := _plain(sheet, form):
        return plain
    best: Header | None = None
    for deep in range(DEEPEST):  # the flattest that serves, lest titles be taken for headings
        for top in range(min(HEADER_ROWS, sheet.last - deep)):
            bottom = top + deep
            if not sheet.may_span(top, bottom):
                continue
            found = _assigned(sheet, form, top, bottom)
            if best is None or _named(found) > _named(best):
                best = found
    if best is None or len(best.columns) + len(best.doubles) < 2:
        return None
    return _whole(sheet, form, best)


def _named(header: Header) -> tuple[int, int]:
    return len(header.columns), len(header.doubles)


def header_at(grid: Grid, form: Form, row: int) -> Header | None:
    """The header that begins in that row; None where it lacks a required column."""
    sheet = Headings(grid, form, row)
    deep = [b for b in range(row, min(row + DEEPEST, sheet.last)) if sheet.may_span(row, b)]
    if not deep:
        return None
    found = max((_assigned(sheet, form, row, b) for b in deep), key=lambda h: len(h.columns))
    below = min(row + 1, found.bottom)
    if row < below and len(_assigned(sheet, form, below, found.bottom).columns) >= len(
        found.columns
    ):
        return None  # the row is a title: the header begins below it
    best = _whole(sheet, form, found)
    return best if best.top == row and not lacking(best, form) else None


def lacking(header: Header, form: Form) -> list[Field]:
    """The required fields that have no column."""
    return [f for f in form.fields if f.required and f.name not in header.columns]


def near_miss(grid: Grid, form: Form, header: Header, missing: Field) -> tuple[Place, str] | None:
    """The heading that is most like a missing label, where one is near enough to suggest it."""
    sheet = Headings(grid, form, header.top)
    words = sheet.known
    free: list[tuple[Place, str]] = []
    for column in set(range(min(sheet.width, MOST_COLUMNS))) - set(header.columns.values()):
        levels = sheet.levels(column, header.top, header.bottom)
        for start in range(len(levels)):
            free.append((levels[-1][1], " ".join(w for w, _ in levels[start:])))
    free = [(p, w) for p, w in free if not words.ruled_out(missing.name, fold(w), fold(w))]
    likest = nearest(missing, [w for _, w in free], words)
    return None if likest is None else (free[likest][0], text(free[likest][1]))


def _plain(sheet: Headings, form: Form) -> Header | None:
    """The header of one row that carries every label just so, as the blank form does."""
    labels = vocabulary(form).labels
    for row in range(min(HEADER_ROWS, sheet.last)):
        cells = sheet.grid.cells[row]
        if len(cells) < len(form.fields):
            continue
        written = [(labels.get(fold(c)), i) for i, c in enumerate(cells) if isinstance(c, str)]
        columns = {name: column for name, column in written if name}
        once = len(columns) == sum(1 for name, _ in written if name) == len(form.fields)
        if once and not any(sheet.is_merged(row, c) for c in columns.values()):
            headings = {n: Heading((row, c), str(cells[c]), Fit(n, 0)) for n, c in columns.items()}
            header = Header(row, row, columns, headings, counter=_counter(sheet, row, row))
            alone = not _heads(sheet, row, columns.values()) and not _continues(sheet, form, header)
            if alone and not _ruled_out(sheet, form, header):
                return header
    return None


def _assigned(sheet: Headings, form: Form, top: int, bottom: int) -> Header:
    """The columns as the rows from `top` to `bottom` name them."""
    named: dict[str, list[Heading]] = {}
    words = sheet.known
    for column in sheet.columns:
        levels = sheet.levels(column, top, bottom)
        if not levels:
            continue
        written = tuple(w for w, _ in levels)
        beside = sheet.beside(column, top, bottom)
        found = fits((beside, *written) if beside else written, words)
        if beside and found != fits(written, words):
            found = tuple(replace(f, rank=max(f.rank, KNOWN)) for f in found)
        for fit in found:
            place = (levels[-1][1][0], column)
            named.setdefault(fit.field, []).append(Heading(place, " ".join(written), fit))
    columns: dict[str, int] = {}
    headings: dict[str, Heading] = {}
    doubles: dict[str, tuple[Place, ...]] = {}
    for name, its in named.items():
        right = min(max(h.fit.rank, PLAIN) for h in its)
        best = [h for h in its if max(h.fit.rank, PLAIN) == right]
        if any(h.fit.rank == 0 for h in best):
            best = [h for h in best if h.fit.rank == 0]
        likely = _with_figures(sheet, form[name], best, bottom)
        if len(likely) > 1:
            doubles[name] = tuple(h.place for h in likely)
        else:
            columns[name], headings[name] = likely[0].place[1], likely[0]
    return Header(top, bottom, columns, headings, doubles, _counter(sheet, top, bottom))


def _with_figures(
    sheet: Headings, wanted: Field, its: Sequence[Heading], bottom: int
) -> Sequence[Heading]:
    """Of columns under one merged label the one that holds anything below it."""
    if len({sheet.anchor(*h.place) for h in its}) > 1 or not 1 < len(its) <= MOST_UNDER_ONE:
        return its
    figures = numeric(wanted)
    return [h for h in its if sheet.holds(h.place[1], bottom, figures=figures)] or its[:1]


def _whole(sheet: Headings, form: Form, found: Header) -> Header:
    """With the rows above and below that belong to the header too."""
    top, bottom = found.top, found.bottom
    places = [(row, c) for c in found.columns.values() for row in range(top, bottom + 1)]
    top = min([top, *(sheet.anchor(*place)[0] for place in places)])
    while top and _heads(sheet, top, found.columns.values()):
        top -= 1
    whole = _assigned(sheet, form, top, bottom) if top < found.top else found
    while bottom - top < DEEPEST and _continues(sheet, form, whole):
        bottom += 1
        whole = _assigned(sheet, form, top, bottom)
    out = _ruled_out(sheet, form, whole)
    columns = {name: column for name, column in whole.columns.items() if name not in out}
    return replace(whole, columns=columns) if out else whole


def _ruled_out(sheet: Headings, form: Form, header: Header) -> set[str]:
    """The fields of figures over whose columns, right above the header, stands that they hold
    something else (`Năm trước`)."""
    if not header.top:
        return set()
    figures = {n: c for n, c in header.columns.items() if numeric(form[n])}
    out = set()
    for name, column in figures.items():
        over = range(column, min(figures.values()) - 1, -1)
        words = next(filter(None, (sheet.words(header.top - 1, c) for c in over)), "")
        if words and not _UNIT.search(fold(words)) and sheet.known.ruled_out(name, fold(words), ""):
            out.add(name)
    return out


def _heads(sheet: Headings, top: int, columns: Iterable[int]) -> bool:
    """Whether the row above has a heading over some of the columns, and not over all: a group of
    columns, where a title spans them all."""
    over = Counter(sheet.anchor(top - 1, c) for c in columns if sheet.words(top - 1, c))
    inside = [n for (row, c), n in over.items() if sheet.is_merged(row, c)]
    return any(1 < n < len(set(columns)) for n in inside)


def _continues(sheet: Headings, form: Form, header: Header) -> bool:
    """Whether the row below belongs to the header: a label merged down into it, or words in
    columns of figures where the row says nothing of an activity."""
    row = header.bottom + 1
    if row >= sheet.last:
        return False
    if any(header.top <= sheet.anchor(row, c)[0] < row for c in header.columns.values()):
        return True
    cells = list(_written(sheet.grid, row))
    if not cells or any(not isinstance(value, str) for _, value in cells) or is_numbering(cells):
        return False
    kinds = {column: form[name].kind for name, column in header.columns.items()}
    words = (Kind.CODE, Kind.TEXT, Kind.CHOICE, Kind.DATE)
    if any(kinds.get(column) in words for column, _ in cells):
        return False
    lettered = [column for column, value in cells if sum(map(str.isalpha, str(value))) > 1]
    return len(lettered) > 1 or any(column in kinds for column in lettered)


def _written(grid: Grid, row: int) -> Iterator[tuple[int, object]]:
    for column, value in enumerate(grid.cells[row]):
        if value not in ("", None) and not (isinstance(value, str) and not value.strip()):
            yield column, value


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and not 1900 <= value <= 2100


def _counts(value: object, *, figures: bool) -> bool:
    return bool(value) and isinstance(value, int | float) if figures else value not in ("", None)


def _counter(sheet: Headings, top: int, bottom: int) -> int | None:
    for column in range(min(sheet.width, 4)):
        words = [w for w, _ in sheet.levels(column, top, bottom)]
        lines = [line for w in words for line in w.split("\n")]
        if any(fold(part) in _NUMBERS for part in (" ".join(words), *lines)):
            return column
    return None
