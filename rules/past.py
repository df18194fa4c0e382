"""Decides what a file of past figures says, line by line: all of it, or why not."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from rules.choices import choice
from rules.numbers import bare
from rules.numbers import text as plain_text
from schemas.forms import DISBURSEMENT, DONG
from schemas.history import COLUMNS, ImportedPast, Key, PastFigure
from schemas.period import CLOSING

LARGEST = Decimal(10) ** 12
"""triệu đồng: a million times a million million đồng still fits the database."""
MOST_TOLD = 50
_SOURCE = next(field for field in DISBURSEMENT.fields if field.name == "source")
"""A funding source however it is written is one, also without its accents; another is refused."""
_AMOUNTS = ("budget", "disbursed_to_date")
_WITH_COMMA = re.compile(r"(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?")
_ANY_COMMA = re.compile(r'(?:^|;)[ "]*[\d.]+,\d+[ "]*(?:;|$)', re.MULTILINE)


def past_figures(content: bytes) -> tuple[list[PastFigure], list[str]]:
    """The figures of a CSV file, and a sentence for each line that is wrong.

    UTF-8 with or without a byte order mark, comma or semicolon, columns by name in any order. Where
    a semicolon parts the cells and any amount has a comma, `1.234,5` and `1.234` are meant as in
    Vietnam, by all amounts of the file.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return [], [f"dòng {line}: không phải UTF-8; hãy lưu tệp dạng CSV UTF-8"]
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # as Windows and old Macs end lines
    head = text.partition("\n")[0]
    delimiter = ";" if ";" in head and "," not in head else ","
    rows = csv.reader((f"{line}\n" for line in text.split("\n")), delimiter=delimiter)
    commas = delimiter == ";" and _ANY_COMMA.search(text) is not None
    figures: dict[Key, PastFigure] = {}
    wrong: list[str] = []
    try:
        names = [name.strip().casefold() for name in next(rows, [])]
        if missing := [name for name in COLUMNS if name not in names]:
            return [], [f"dòng 1: thiếu cột {', '.join(missing)}; các cột: {', '.join(COLUMNS)}"]
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            line = rows.line_num
            row = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
            if commas:
                row |= {name: _with_point(row[name]) for name in _AMOUNTS if name in row}
            if faults := [*_faults(row, len(cells) - len(names))]:
                wrong.append(f"dòng {line}: {'; '.join(faults)}")
                continue
            one = _figure(row, line)
            if one.key in figures:
                wrong.append(f"dòng {line}: trùng với dòng {figures[one.key].line}")
            figures.setdefault(one.key, one)
    except csv.Error as error:
        wrong.append(f"dòng {rows.line_num}: {error}")
    return list(figures.values()), [*wrong, *_mixed(figures)]


def _faults(row: Mapping[str, str], excess: int) -> Iterator[str]:
    if excess:
        yield "thừa ô" if excess > 0 else "thiếu ô"
        return
    for name, low, high in (("year", 2000, 2100), ("month", 1, CLOSING)):
        if not (row[name].isascii() and row[name].isdigit() and low <= int(row[name]) <= high):
            yield f"{name} “{row[name][:20]}” phải là số từ {low} đến {high}"
    if not row["unit"]:
        yield "unit để trống"
    if row["source"] and _source(row["source"]) is None:
        near = get_close_matches(bare(row["source"]), _BARE, 1)
        known = f"gần nhất: {_BARE[near[0]]}" if near else "; ".join(_SOURCE.choices)
        yield f"source “{row['source'][:40]}” không phải nguồn vốn đã biết ({known})"
    for name in _AMOUNTS:
        amount = _amount(row[name])
        if amount is None or not 0 <= amount < LARGEST:
            yield f"{name} “{row[name][:20]}” phải là số không âm, ví dụ 1234.5"


def _source(text: str) -> str | None:
    """The funding source that the words name, with or without its accents; None where none."""
    known = choice(text, _SOURCE)[0]
    return str(known) if known else _BARE.get(bare(text))


_BARE = {bare(source): source for source in _SOURCE.choices}


def _with_point(text: str) -> str:
    """An amount of a file that writes `1.234,5`: points part thousands, the comma decimals."""
    return text.replace(".", "").replace(",", ".") if _WITH_COMMA.fullmatch(text) else text


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and "_" not in text else None


def _figure(row: Mapping[str, str], line: int) -> PastFigure:
    return PastFigure(
        int(row["year"]),
        int(row["month"]),
        plain_text(row["unit"]),
        plain_text(row["activity"]),
        _source(row["source"]) or "",
        Decimal(row["budget"]).quantize(DONG),
        Decimal(row["disbursed_to_date"]).quantize(DONG),
        line,
    )


def _mixed(figures: Mapping[Key, PastFigure]) -> Iterator[str]:
    lines: dict[tuple[int, int, str], list[int]] = {}
    for key, one in figures.items():
        lines.setdefault(key[:3], []).append(one.line)
    for year, month, unit in sorted(counted_twice(figures)):
        *first, last = sorted(lines[year, month, unit])
        yield (
            f"dòng {', '.join(map(str, first))} và {last}: {unit} tháng {month}/{year} vừa có số "
            "chung vừa có số chi tiết theo nguồn vốn hoặc nhiệm vụ nên bị tính hai lần; hãy giữ một"
        )


def counted_twice(keys: Iterable[Key]) -> set[tuple[int, int, str]]:
    """The unit's months (year, month, unit) that hold both a whole and parts of it: figures without
    a source beside some with one, or of one source without an activity beside some with one."""
    months: dict[tuple[int, int, str], dict[str, set[str]]] = {}
    for year, month, unit, activity, source in keys:
        months.setdefault((year, month, unit), {}).setdefault(source, set()).add(activity)
    return {
        one
        for one, sources in months.items()
        if ("" in sources and len(sources) > 1)
        or any("" in activities and len(activities) > 1 for activities in sources.values())
    }


def behind(past: Mapping[str, Sequence[ImportedPast]], unit: str) -> tuple[ImportedPast, ...]:
    """The imported files behind a judgement on `unit` by past years: first its own, then what they
    told of all other bodies, summed."""
    others: dict[str, list[ImportedPast]] = {}
    for its in (its for code, its in past.items() if code != unit):
        for one in its:
            others.setdefault(one.sha256, []).append(one)
    summed = (
        ImportedPast(
            own=False,
            file=its[0].file,
            sha256=sha256,
            first_year=min(one.first_year for one in its),
            last_year=max(one.last_year for one in its),
            lines=sum(one.lines for one in its),
        )
        for sha256, its in others.items()
    )
    return (*past.get(unit, ()), *summed)
