"""Decides in which unit a sheet's amounts are written, or that it cannot be told."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rules.header import Header
from rules.labels import ENGLISH_SCALE, own_language
from rules.numbers import fold, text
from schemas.forms import DONG, Form, Kind
from schemas.reading import Grid, Place

MILLION = "triệu đồng"
"""What amounts are in where the sheet says nothing (the design's contract)."""

_SCALES = {"": DONG, "nghìn": DONG * 1000, "triệu": Decimal(1), "tỷ": Decimal(1000)}
_SCALES["nghìn tỷ"] = _SCALES["tỷ"] * 1000
_SHORT = {
    "ngh": "nghìn",
    "tr": "triệu",
    "1000000": "triệu",
    "1000": "nghìn",
    "ng": "nghìn",
    "nghìntỷ": "nghìn tỷ",
    "thousand": "nghìn",
    "million": "triệu",
    "mil": "triệu",
    "mn": "triệu",
    "billion": "tỷ",
    "bil": "tỷ",
    "bn": "tỷ",
    "trillion": "nghìn tỷ",
}

_SCALE = (
    r"nghìn tỷ|tỷ|triệu|tr\.?|nghìn|ngh?\.?|1[., ]?000[., ]?000|1[., ]?000"
    rf"|{ENGLISH_SCALE}"
)
_MONEY = (
    rf"(?:1\s+)?(?P<scale>{_SCALE})?[\s.]*(?:of\s+)?(?:đồng|vnđ|vnd|đ)(?!\w)"
    rf"(?:[\s(]*(?:in\s+)?(?P<behind>{ENGLISH_SCALE}))?"
)
# "Reporting unit: Hội đồng …" says no unit of money
_SAYS = (
    r"(?:đơn vị tính|đơn vị tiền(?: tệ)?|(?:đv|đ/v) tính|đvt|(?:số tiền|số liệu) tính"
    r"|(?<!reporting )\bunit\b|\bcurrency\b)"
    r"\s*(?:[:;.=\-–]+|là\b|bằng\b|theo\b)*\s*(?:là\b|bằng\b)?\s*\(?\s*"
)
_LINE = (
    re.compile(_SAYS + _MONEY),
    re.compile(rf"{_SAYS}(?P<scale>{_SCALE})\s*\)?$"),
    # a plain "Đơn vị:" may also be followed by Đồng Tháp
    re.compile(rf"(?:đơn vị|đv|đ/v)\s*:\s*\(?\s*{_MONEY}(?=\s*(?:$|[),;.\-–]))"),
    re.compile(rf"^\(?\s*tính (?:bằng|theo) {_MONEY}\s*\)?$"),
    re.compile(rf"^\(?\s*(?:(?:amounts|figures) )?in {_MONEY}\s*\)?$"),
)
LONGEST = 200
"""Characters of a cell that may say the unit."""
_HINT = re.compile(
    "đơn|đo\u031bn|đvt|đồng|đo\u0302\u0300ng|[nv][dđ]|unit|currency|illion", re.IGNORECASE
)
"""A quick look: nearly no cell passes it but those that say a unit."""
_BARE = re.compile(rf"(?P<scale>{_SCALE})")
_ALONE = re.compile(rf"\(?\s*{_MONEY}\s*\)?")
_REMARK = (
    re.compile(rf"\((?:(?:đơn vị(?: tính)?|đvt)\s*[:.]?\s*)?{_MONEY}\s*\)"),
    re.compile(rf"\(\s*(?P<scale>{_SCALE})\s*\)"),
    re.compile(rf"[\s,;:\-–\[]{_MONEY}\s*\]?$"),
)
"""What a heading says of its own column's unit."""
_PER_ROW = frozenset({"đvt", "đơn vị tính", "đơn vị", "unit"})
"""What heads a column that says a unit in each row."""
_OTHER = re.compile(
    rf"{_SAYS}(?=[^:]*(?:đồng|vnđ|vnd|usd|eur|đô la|dollar|tỷ|triệu|nghìn|{ENGLISH_SCALE}))"
    rf"|(?:{_SAYS}|đơn vị\s*:\s*)"
    r"(?:nghìn |triệu |tr\.? ?|1[., ]?000 )?(?:usd|eur|đô la|\$|€)"
)


@dataclass(frozen=True)
class Unit:
    """A unit of money where it is written; `factor` None where it is none that is known."""

    place: Place
    name: str
    factor: Decimal | None


@dataclass(frozen=True)
class Units:
    """What one unit of each column of money is in triệu đồng, and where the sheet says so."""

    factors: dict[str, Decimal]
    said: tuple[Unit, ...]
    """Those that were followed."""
    against: tuple[Unit, ...] = ()
    """Those that contradict each other or them, or that are not known: no amount is read."""
    name: str = MILLION


def units_of_money(
    grid: Grid,
    form: Form,
    header: Header,
    above: Sequence[range],
    others: Iterable[int],
    below: Iterable[int] = (),
) -> Units:
    """The units of the form's columns: a remark in a column's own heading, else a line above the
    table, in the first rows of `above` that have one. A line in `others`, the rows below that are
    no data, is not followed, nor is one beside the data, `below`; but they may not contradict."""
    money = [f.name for f in form.fields if f.kind is Kind.MONEY and f.name in header.columns]
    if not money:
        return Units({}, ())
    lines = next(filter(None, (list(_lines(grid, rows)) for rows in above)), [])
    taken = set(header.columns.values())
    for row in range(header.top, header.bottom + 1):
        lines += [unit for unit in _cells(grid, row) if unit.place[1] not in taken]
    if len({unit.factor for unit in lines}) > 1 or any(unit.factor is None for unit in lines):
        return Units({}, (), tuple(lines))
    line = lines[0] if lines else None
    factors: dict[str, Decimal] = {}
    said: dict[Place, Unit] = {}
    for name in money:
        heading = header.headings[name]
        remark = _first(_REMARK, _folded(heading.written))
        unit = _unit(heading.place, remark) if remark else line
        factors[name] = unit.factor if unit and unit.factor else Decimal(1)
        if unit:
            said[unit.place] = unit
    used = set(factors.values())
    elsewhere = [*_lines(grid, others), *_beside(grid, header, below)]
    against = tuple(unit for unit in elsewhere if {unit.factor} != used)
    name = line.name if line else next((u.name for u in said.values()), MILLION)
    return Units(factors, tuple(said.values()), against, name)


def _beside(grid: Grid, header: Header, rows: Iterable[int]) -> Iterator[Unit]:
    """What a column of units says beside the rows."""
    taken = set(header.columns.values())
    columns = {
        column
        for row in range(header.top, header.bottom + 1)
        for column, cell in enumerate(grid.cells[row])
        if column not in taken and isinstance(cell, str) and _folded(cell).strip() in _PER_ROW
    }
    for row in rows:
        for column in columns:
            words = _folded(grid.value(row, column)).strip()
            if match := _ALONE.fullmatch(words) or _BARE.fullmatch(words):
                yield _unit((row, column), match)


def _lines(grid: Grid, rows: Iterable[int]) -> Iterator[Unit]:
    """What rows of the sheet say, in one cell, in two (`Đơn vị tính:` beside `đồng`), or alone."""
    for row in rows:
        found = list(_cells(grid, row))
        yield from found
        words = [cell for cell in grid.cells[row] if isinstance(cell, str) and cell]
        if found or not any(_HINT.search(cell) for cell in words):
            continue
        if match := _match(_folded(" ".join(map(text, words)))):
            cells = enumerate(grid.cells[row])
            column = next((i for i, c in cells if re.search("đơn vị|đvt", _folded(c))), 0)
            yield _unit((row, column), match)


def _cells(grid: Grid, row: int) -> Iterator[Unit]:
    for column, cell in enumerate(grid.cells[row]):
        if not isinstance(cell, str) or len(cell) > LONGEST or not _HINT.search(cell):
            continue
        words = _folded(cell)
        if match := _match(words) or _ALONE.fullmatch(_folded(own_language(cell)).strip()):
            yield _unit((row, column), match)
        elif _OTHER.search(words):
            yield Unit((row, column), text(cell), None)


def _match(words: str) -> re.Match[str] | None:
    return _first(_LINE, words)


def _first(patterns: Iterable[re.Pattern[str]], words: str) -> re.Match[str] | None:
    return next(filter(None, (pattern.search(words) for pattern in patterns)), None)


def _unit(place: Place, match: re.Match[str]) -> Unit:
    groups = match.groupdict()
    scale = re.sub(r"[., ]", "", groups["scale"] or groups.get("behind") or "").removesuffix("s")
    scale = _SHORT.get(scale, scale)
    return Unit(place, f"{scale} đồng".strip(), _SCALES[scale])


def _folded(cell: object) -> str:
    return fold(text(cell)).replace("tỉ", "tỷ").replace("ngàn", "nghìn")
