"""Decides which rows below a header are data, and why each of the others is none."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rules.columns import meanings
from rules.header import Header
from rules.labels import numeric, own_language
from rules.numbering import is_numbering
from rules.numbers import fold, pattern, text
from schemas.forms import Field, Form, Kind
from schemas.reading import Grid, Place
from schemas.synonyms import choices, groups

LONGEST_CODE = 2
"""Words of a code; what is longer and has no figures beside it is a heading or a signature."""

MOST_MERGED = 50
"""Rows under one merged activity; an area of more is no activity's."""

_LONGEST = 400
"""Characters by which a row is known for what it is."""

_TOTAL = pattern(
    r"tổng (?:cộng|số)(?=\s*(?:$|[:(\-–.,+]|toàn|chung|các|kinh phí|dự toán|nhiệm vụ|[ivx]+\b)).*"
    r"|tổng(?: hợp)?|(?:tổng|mang sang) (?:toàn|trang|trung tâm|đơn vị)\b.*"
    r"|cộng(?:\s*(?:[:(+\-–]|[ivx\d]+\b|mục|phần|nguồn|nhóm|chung|toàn|trang).*)?"
    r"|tổng (?:thu|chi|kinh phí|vốn|dự toán)\b.*"
)
_SUBTOTAL = pattern(r".*\b(?:sum|total|result|tổng|kết quả)")
"""What the "Subtotals" of Excel and LibreOffice write beside the sum, in the column grouped by."""
_OF_WHICH = pattern(r"[-+*•]?\s*(?:trong đó|trđ|bao gồm|gồm|chia ra|of which|including)\b.*")
_LISTED = re.compile(r"[-+*•]")
_NOTE = pattern(
    r"(?:ghi chú|lưu ý|chú thích|chú ý|giải thích|nguồn số liệu|remarks?|notes?)\b.*|\(\d\).*|\*.*"
)
_FOOTER = pattern(
    r"ngày\s*[\d.…_ ]*\s*tháng\s*[\d.…_ ]*\s*năm|người lập|lập biểu|lập bảng|thủ trưởng|kế toán"
    r"|phụ trách|nơi nhận|ký tên|\(ký|đóng dấu|ghi rõ họ|\b(?:tm|kt|tl|tuq)\.|xác nhận của"
)
_MARKER = re.compile(r"\(?(?:([A-HK])|([IVX]{1,5})|(\d{1,3})|([a-hk]))\s*[.)\-:/]?")
_LEADING = re.compile(r"([A-HK]|[IVX]{1,5})\s*[.)\-–:/]\s*\S.*", re.S)
_AROUND_SOURCE = pattern(r"^(?:[-+*]\s*)?(?:nguồn vốn|nguồn|vốn|kinh phí|từ nguồn)\s*:?\s*|[:;.]$")

LETTER, ROMAN, ARABIC, SMALL, UNMARKED = range(1, 6)
"""Levels of a list as an office numbers it, the highest first."""


@dataclass(frozen=True)
class Sorted:
    """The rows of one table, from 0."""

    data: tuple[int, ...]
    skipped: tuple[tuple[int, str], ...]
    """With the reason, a key of `[skipped]`."""
    totals: tuple[int, ...] = ()
    owners: Mapping[int, int] = field(default_factory=dict)
    """Row -> the row whose merged code it shares."""
    shown: Mapping[Place, Place] = field(default_factory=dict)
    """Cell under an area merged downwards -> the cell whose value it shows."""
    continued: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    """Row -> the rows of texts that go on with its own."""


@dataclass(frozen=True)
class _Line:
    """What a row shows before it is understood."""

    row: int
    key: str
    """Its code, or what stands in the form's first column."""
    left: tuple[str, ...]
    """The texts that name it."""
    figures: bool
    level: int


def sort_rows(
    grid: Grid, form: Form, header: Header, rows: range, *, every_row: bool = False
) -> Sorted:
    """Sorts the rows below the header; `every_row` keeps all but the row that numbers the columns
    and totals, for lists that have neither headings nor signatures.

    A row with figures is never left out, unless it numbers the columns, sums others up, or
    belongs to another table.
    """
    table = _Table(grid, form, header)
    data: dict[int, None] = {}  # in order, and quick to look a row up
    skipped: list[tuple[int, str]] = []
    totals: list[int] = []
    shown = table.shown(rows)
    owners = {row: place[0] for (row, c), place in shown.items() if c == table.key}
    lines: list[_Line] = []
    first = True
    for row in rows:
        if not table.holds(row):
            if words := [fold(text(value)[:_LONGEST]) for _, value in table.cells(row)]:
                skipped.append((row, _beside(words)))
            continue
        if first and is_numbering(table.cells(row)):
            skipped.append((row, "numbering"))
            continue
        first = False
        line = table.line(row)
        if table.is_total(line):
            totals.append(row)
            skipped.append((row, "total"))
        else:
            lines.append(line)
    if every_row:
        return Sorted(tuple(line.row for line in lines), tuple(skipped), tuple(totals))
    continued: dict[int, list[int]] = {}
    before = ""
    for index, line in enumerate(lines):
        after = lines[index + 1 : index + 4]
        owner = owners.get(line.row)
        if owner in data and not line.figures:
            continued.setdefault(owner, []).append(line.row)
            skipped.append((line.row, "continued"))
        elif reason := table.reason(line, after, before):
            skipped.append((line.row, reason))
            before = reason
        else:
            data[line.row] = None
            before = ""
    end = max(data, default=rows.start)
    skipped = [(r, "footer" if w == "heading" and r > end else w) for r, w in skipped]
    return Sorted(
        tuple(data),
        tuple(sorted(skipped)),
        tuple(totals),
        {row: owner for row, owner in owners.items() if owner in data},
        shown,
        {owner: tuple(its) for owner, its in continued.items()},
    )


class _Table:
    def __init__(self, grid: Grid, form: Form, header: Header) -> None:
        self.grid, self.form, self.header = grid, form, header
        self.columns = sorted(header.columns.values())
        self.coded = "code" in header.columns
        first = next((f.name for f in form.fields if f.name in header.columns), "")
        self.key = header.columns["code" if self.coded else first]
        figures = {n: c for n, c in header.columns.items() if form[n].kind not in _WORDS}
        self.figures = [(form[n], c) for n, c in figures.items()]
        self.naming = _naming(form, header)
        sources = {c for f in form.fields for c in f.choices}
        others = (w for c in sources for w in choices().get(c, ()))
        self.sources = frozenset(map(fold, (*sources, *others, *groups())))

    def holds(self, row: int) -> bool:
        """Whether the row has anything in the form's columns."""
        cells, flaws = self.grid.cells[row], self.grid.flaws
        width = len(cells)
        for column in self.columns:
            value = cells[column] if column < width else ""
            if value not in ("", None) and not _blank(value):
                return True
            if flaws and (row, column) in flaws:
                return True
        return False

    def cells(self, row: int) -> Iterator[tuple[int, object]]:
        """What is not empty in the row."""
        for column, value in enumerate(self.grid.cells[row]):
            if value not in ("", None) and not _blank(value):
                yield column, value

    def line(self, row: int) -> _Line:
        """What the row shows."""
        grid = self.grid
        key = text(grid.value(row, self.key))[:_LONGEST]
        counted = "" if self.header.counter is None else grid.value(row, self.header.counter)
        if self.coded and is_code(key) and " " not in key and not _MARKER.fullmatch(key):
            return _Line(row, key, (), True, UNMARKED)
        cells = (grid.value(row, column) for column in self.naming)
        left = tuple(
            text(c[:_LONGEST]) for c in cells if isinstance(c, str) and c and not c.isspace()
        )
        return _Line(row, key, left, self._has_figure(row), _level(text(counted), key, left))

    def is_total(self, line: _Line) -> bool:
        """Whether the row sums others up: its code says so, or a text where it has no code."""
        written = (line.key,) if self.coded and line.key else line.left
        if self.coded and not line.key and line.figures:
            words = [v for _, v in self.cells(line.row) if isinstance(v, str)]
            if len(words) == 1 and _SUBTOTAL.fullmatch(fold(text(words[0])[:_LONGEST])):
                return True
        return any(_TOTAL.fullmatch(fold(own_language(words))) for words in written if words)

    def reason(self, line: _Line, after: Sequence[_Line], before: str) -> str:
        """Why a row is no data, `""` where it is; `before` is the same of the row above."""
        if line.figures and line.level == UNMARKED and self.coded and is_code(line.key):
            return ""
        said = [fold(words) for words in line.left]
        goes_on = before == "of-which" and any(_LISTED.match(words) for words in said)
        of_which = goes_on or any(_OF_WHICH.fullmatch(words) for words in said)
        if self._is_group(line, after):
            return "group" if line.figures else "heading"
        if line.figures:
            return "of-which" if of_which and self.coded and not line.key else ""
        said_all = (v[:_LONGEST] for _, v in self.cells(line.row) if isinstance(v, str))
        everything = [fold(text(words)) for words in said_all]
        alone = " " in line.key and len(everything) == 1  # `Trang 2`
        if self.coded and is_code(line.key) and line.level != ROMAN and not of_which and not alone:
            return ""
        return _beside(everything, "heading")

    def shown(self, rows: range) -> dict[Place, Place]:
        """The cells of the form's columns that show another's above, merged with it."""
        found: dict[Place, Place] = {}
        for top, left, bottom, right in self.grid.merged:
            if bottom == top or top not in rows or (top, left) in found:
                continue
            below = range(top + 1, min(bottom, top + MOST_MERGED, rows[-1]) + 1)
            for column in self.columns:
                if left <= column <= right:
                    found.update(((row, column), (top, left)) for row in below)
        return found

    def _is_group(self, line: _Line, after: Sequence[_Line]) -> bool:
        """Whether a row heads, or sums up, those after it: it is numbered as a higher level than
        they are, or names a source of funds over rows with codes."""
        follower = next((n for n in after if n.figures or n.level < UNMARKED), None)
        if follower is None:
            return False
        coded = self.coded and is_code(follower.key) and follower.level > ROMAN
        if self.coded and line.key and line.level > ROMAN:
            return False
        if line.level <= ROMAN:
            return coded or line.level < follower.level < UNMARKED
        folded = {fold(words) for words in line.left}
        named = folded | {_AROUND_SOURCE.sub("", words) for words in folded}
        return coded and bool(named & self.sources)

    def _has_figure(self, row: int) -> bool:
        return any(self._is_figure((row, c), f) for f, c in self.figures)

    def _is_figure(self, place: Place, column: Field) -> bool:
        if place in self.grid.flaws:
            return True
        value = self.grid.value(*place)
        if not isinstance(value, str):
            return value is not None
        if not value or value.isspace() or _FOOTER.search(fold(value[:_LONGEST])):
            return False
        meant, _ = meanings([value], column)[0]
        return meant is not None or any(map(str.isdigit, value))


_WORDS = frozenset({Kind.CODE, Kind.TEXT})


def _beside(words: Sequence[str], otherwise: str = "beside") -> str:
    """What texts are that no figure goes with."""
    if any(_FOOTER.search(one) for one in words):
        return "footer"
    return "note" if any(_NOTE.fullmatch(one) for one in words) else otherwise


def _blank(value: object) -> bool:
    return isinstance(value, str) and value.isspace()


@lru_cache(maxsize=4096)
def is_code(words: str) -> bool:
    """Whether a text may be a code: one word, or two with a figure in them."""
    parts = words.split()
    long = len(parts) > LONGEST_CODE or (len(parts) > 1 and not re.search(r"\d", words))
    return bool(parts) and words[0].isalnum() and not words.endswith(":") and not long


def _naming(form: Form, header: Header) -> list[int]:
    """The columns that name a row: those left of all figures, and the form's own names wherever
    they stand; not what a row says of itself (its source, a remark)."""
    amounts = [c for n, c in header.columns.items() if numeric(form[n])]
    first = next((i for i, f in enumerate(form.fields) if numeric(f)), len(form.fields))
    names = [f.name for f in form.fields[:first] if f.kind in _WORDS]
    own = {header.columns[n] for n in names if n in header.columns}
    says = set(header.columns.values()) - own
    left = range(min(amounts, default=max(header.columns.values()) + 1))
    return sorted((own | set(left)) - says)


def is_footer(words: str) -> bool:
    """Whether a text belongs to the signatures below a table."""
    return _FOOTER.search(fold(words[:_LONGEST])) is not None


def _level(counted: str, key: str, left: Sequence[str]) -> int:
    for written in (counted, key):
        if match := _MARKER.fullmatch(written):
            return match.lastindex or UNMARKED
    for words in left:
        if match := _LEADING.fullmatch(words):
            return LETTER if match[1] in "ABCDEFGHK" else ROMAN
    return UNMARKED
