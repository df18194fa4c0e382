"""Decides where a form stands on a sheet: header, columns, unit of money, rows that are data."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rules.numbers import fold, parse, show, text
from schemas.findings import Finding, Severity
from schemas.forms import DONG, Field, Form, Kind, Row
from schemas.reading import Grid, Place, Problem, ReadSheet
from schemas.texts import say

HEADER_ROWS = 20
"""The header stands on one of the first rows (the design's contract)."""

LONGEST_CODE = 2
"""Words of a code; what is longer and has no figures beside it is a heading or a signature."""


@dataclass(frozen=True)
class Header:
    """The header's row and the columns found in it, from 0."""

    row: int
    columns: Mapping[str, int]


_MARK = re.compile(r"\s*(?:\*|\([^()]*\))$")
"""What may follow a label: `*` for required, a remark in parentheses."""

_MONEY = (
    r"(?P<scale>nghìn tỷ|tỷ|triệu|tr\.?|nghìn|1[., ]?000[., ]?000|1[., ]?000)?\s*"
    r"(?:đồng|vnđ|vnd|đ)(?!\w)"
)
_MONEY_LINE = re.compile(
    rf"(?:đơn vị tính|đvt)\s*:?\s*\(?{_MONEY}"
    # a plain "Đơn vị:" may also be followed by Đồng Tháp
    rf"|đơn vị\s*:\s*{_MONEY.replace('<scale>', '<also>')}(?=\s*(?:$|[),;.]))"
)
_MONEY_REMARK = re.compile(rf"\((?:(?:đơn vị(?: tính)?|đvt)\s*:?\s*)?{_MONEY}\)$")
_SCALES = {"": DONG, "nghìn": DONG * 1000, "triệu": Decimal(1), "tỷ": Decimal(1000)}
_SCALES["nghìn tỷ"] = _SCALES["tỷ"] * 1000

_NUMBERING = re.compile(r"\(?(\d{1,2})\)?(?:\s*=.*)?|\(?[a-z]\)?")
_TOTAL = re.compile(r"tổng (?:cộng|số)(?!\w).*|cộng(?:\s*[:(].*)?")
_WORDS = frozenset({Kind.CODE, Kind.TEXT})


def read_grid(
    grid: Grid, form: Form, file: str, *, every_row: bool = False
) -> tuple[ReadSheet, tuple[str, ...]]:
    """The form as it stands on the sheet, and the texts above its header.

    Left out are empty rows, the row that numbers the columns, totals, and rows that have neither
    a code nor a figure (headings, signatures); `every_row` keeps the latter, for lists that have
    none. A row with figures but no code stays, its code `""`: its name may tell.
    """
    found = find_header(grid, form)
    above = found.row if found else min(HEADER_ROWS, len(grid.cells))
    titles = tuple(filter(None, (_line(grid, row) for row in range(above))))
    missing = (
        []
        if found is None
        else [f for f in form.fields if f.required and f.name not in found.columns]
    )
    if found is None or missing:
        rules = [("missing-column", f.label) for f in missing] or [("no-header", "")]
        findings = tuple(
            _finding(rule, file, grid.sheet, None, label=label) for rule, label in rules
        )
        return ReadSheet(form.name, grid.sheet, (), findings, {}), titles
    letters = {name: column_letters(column) for name, column in found.columns.items()}
    factors, told = _units_of_money(grid, form, found, file)
    rows = []
    for number in _data_rows(grid, found):
        row, problems = _row(grid, form, number, letters, found, factors)
        if every_row or _is_data(row, problems, form):
            rows.append(row)
            told += [_told(form, row, name, p, file) for name, p in problems.items()]
    return ReadSheet(form.name, grid.sheet, tuple(rows), tuple(told), letters), titles


def find_header(grid: Grid, form: Form) -> Header | None:
    """The row among the first `HEADER_ROWS` that carries most of the form's labels, at least
    two. A label that two columns carry with equal right counts as missing."""
    labels = {fold(f.label): f.name for f in form.fields}
    best = Header(0, {})
    for row, cells in enumerate(grid.cells[:HEADER_ROWS]):
        columns = _labelled(cells, labels)
        if len(columns) > len(best.columns):
            best = Header(row, columns)
    return best if len(best.columns) > 1 else None


def carries(grid: Grid, form: Form) -> int:
    """How many of the form's columns a sheet under another name has; 0 where a required one is
    missing."""
    found = find_header(grid, form)
    columns = found.columns if found else {}
    return len(columns) if all(f.name in columns for f in form.fields if f.required) else 0


def column_letters(column: int) -> str:
    """`A` for 0, `AA` for 26."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _labelled(cells: Sequence[object], labels: Mapping[str, str]) -> dict[str, int]:
    written = [(column, fold(cell)) for column, cell in enumerate(cells) if isinstance(cell, str)]
    columns = _once((labels.get(label), column) for column, label in written)
    shortened = _once((labels.get(_shortened(label)), column) for column, label in written)
    return {name: column for name, column in (shortened | columns).items() if column is not None}


def _once(named: Iterator[tuple[str | None, int]]) -> dict[str, int | None]:
    """Name -> its column, None where several bear it."""
    columns: dict[str, int | None] = {}
    for name, column in named:
        if name is not None:
            columns[name] = None if name in columns else column
    return columns


def _shortened(label: str) -> str:
    while (shorter := _MARK.sub("", label)) != label:
        label = shorter
    return label


def _units_of_money(
    grid: Grid, form: Form, header: Header, file: str
) -> tuple[dict[str, Decimal], list[Finding]]:
    """Field -> what one of its units is in triệu đồng, as a line above the header or a remark
    in the column's own label says; and what is told of it."""
    factors: dict[str, Decimal] = {}
    told: dict[Place, str] = {}
    line = _money_line(grid, header)
    for money in (f for f in form.fields if f.kind is Kind.MONEY and f.name in header.columns):
        column = header.columns[money.name]
        remark = _MONEY_REMARK.search(_amount_words(grid.value(header.row, column)))
        place, scale = (
            ((header.row, column), _scale(remark)) if remark else line or ((0, 0), "triệu")
        )
        factors[money.name] = _SCALES[scale]
        if scale != "triệu":
            told[place] = f"{scale} đồng".strip()
    return factors, [
        _finding(
            "unit-converted",
            file,
            grid.sheet,
            f"{column_letters(column)}{row + 1}",
            Severity.INFO,
            unit_of_money=unit,
        )
        for (row, column), unit in told.items()
    ]


def _money_line(grid: Grid, header: Header) -> tuple[Place, str] | None:
    for row in range(header.row):
        if match := _MONEY_LINE.search(_amount_words(_line(grid, row))):
            words = [_amount_words(cell) for cell in grid.cells[row]]
            whole = (i for i, cell in enumerate(words) if _MONEY_LINE.search(cell))
            label = (i for i, cell in enumerate(words) if re.search("đơn vị|đvt", cell))
            return (row, next(whole, next(label, 0))), _scale(match)
    return None


def _amount_words(cell: object) -> str:
    return fold(text(cell)).replace("tỉ", "tỷ").replace("ngàn", "nghìn")


def _scale(match: re.Match[str]) -> str:
    scale = re.sub("[., ]", "", next(filter(None, match.groups()), ""))
    return {"tr": "triệu", "1000000": "triệu", "1000": "nghìn", "nghìntỷ": "nghìn tỷ"}.get(
        scale, scale
    )


def _data_rows(grid: Grid, header: Header) -> Iterator[int]:
    """The rows below the header that hold anything in the form's columns."""
    columns = sorted(header.columns.values())
    first = True
    for row in range(header.row + 1, len(grid.cells)):
        if all(grid.value(row, c) in ("", None) and (row, c) not in grid.flaws for c in columns):
            continue
        if not (first and _numbers_columns(grid.cells[row])) and not _is_total(grid, row, header):
            yield row
        first = False


def _numbers_columns(cells: Sequence[object]) -> bool:
    """Whether a row only numbers the columns: `(1) (2) (3)`, `A B 1 2 3`, `(6)=(4)+(5)`."""
    written = [fold(text(cell)) for cell in cells if cell not in ("", None)]
    matches = [_NUMBERING.fullmatch(cell) for cell in written]
    numbers = [int(m[1]) for m in matches if m and m[1]]
    consecutive = list(range(numbers[0], numbers[0] + len(numbers))) if numbers else []
    return all(matches) and len(numbers) > 2 and numbers == consecutive


def _is_total(grid: Grid, row: int, header: Header) -> bool:
    code = header.columns.get("code")
    written = "" if code is None else text(grid.value(row, code))
    candidates = [written] if written else [c for c in grid.cells[row] if isinstance(c, str)]
    return any(_TOTAL.fullmatch(fold(words)) for words in candidates)


def _row(
    grid: Grid,
    form: Form,
    number: int,
    letters: Mapping[str, str],
    header: Header,
    factors: Mapping[str, Decimal],
) -> tuple[Row, dict[str, Problem]]:
    values: dict[str, Any] = {}
    problems: dict[str, Problem] = {}
    for column in form.fields:
        values[column.name] = None
        if column.name not in header.columns:
            continue
        place = (number, header.columns[column.name])
        meant = grid.flaws.get(place) or _meant(grid, place, column, factors)
        if isinstance(meant, Problem):
            problems[column.name] = meant
        else:
            values[column.name] = meant
    code = values.get("code") or ""
    return Row(form.name, code, grid.sheet, number + 1, values, letters), problems


def _meant(grid: Grid, place: Place, column: Field, factors: Mapping[str, Decimal]) -> object:
    value = grid.value(*place)
    factor = factors.get(column.name, Decimal(1))
    if column.kind is Kind.PERCENT and place in grid.shares and not isinstance(value, str):
        factor = Decimal(100)
    return parse(value, column, factor)


def _is_data(row: Row, problems: Mapping[str, Problem], form: Form) -> bool:
    """Whether a row reports something, and is no heading, remark or signature."""
    flawed = {n for n, p in problems.items() if p.rule in ("uncalculated-formula", "error-value")}
    told = flawed | {n for n, value in row.values.items() if value is not None}
    return any(form[name].kind not in _WORDS for name in told) or _is_code(row.code)


def _is_code(words: str) -> bool:
    parts = words.split()
    long = len(parts) > LONGEST_CODE or (len(parts) > 1 and not re.search(r"\d", words))
    return bool(parts) and words[0].isalnum() and not words.endswith(":") and not long


def _line(grid: Grid, row: int) -> str:
    return " ".join(filter(None, map(text, grid.cells[row])))


def _told(form: Form, row: Row, name: str, problem: Problem, file: str) -> Finding:
    column = form[name]
    return _finding(
        problem.rule,
        file,
        row.sheet,
        row.cell(name),
        label=column.label,
        code=row.code,
        name=row.values.get("name") or "",
        value=problem.value,
        limit="" if column.maximum is None else show(column.maximum),
        choices="; ".join(column.choices),
    )


def _finding(
    rule: str,
    file: str,
    sheet: str,
    cell: str | None,
    severity: Severity = Severity.ERROR,
    **values: str,
) -> Finding:
    message = say(f"finding.{rule}", sheet=sheet, **values)
    return Finding(rule, severity, message, file, sheet, cell)
