"""Decides what a file of past figures says, line by line: all of it, or why not."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation

from schemas.forms import DONG
from schemas.history import COLUMNS, PastFigure

LARGEST = Decimal(10) ** 12
"""triệu đồng: a million times a million million đồng still fits the database."""
MOST_TOLD = 50


def past_figures(content: bytes) -> tuple[list[PastFigure], list[str]]:
    """The figures of a CSV file, and a sentence for each line that is wrong.

    UTF-8 with or without a byte order mark, comma or semicolon, columns by name in any order.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return [], [f"dòng {line}: không phải UTF-8; hãy lưu tệp dạng CSV UTF-8"]
    head = text.partition("\n")[0]
    delimiter = ";" if ";" in head and "," not in head else ","
    rows = csv.reader((f"{line}\n" for line in text.split("\n")), delimiter=delimiter)
    names = [name.strip().casefold() for name in next(rows, [])]
    if missing := [name for name in COLUMNS if name not in names]:
        return [], [f"dòng 1: thiếu cột {', '.join(missing)}; các cột: {', '.join(COLUMNS)}"]
    figures: dict[tuple[int, int, str, str, str], PastFigure] = {}
    wrong: list[str] = []
    try:
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            line = rows.line_num
            row = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
            if faults := [*_faults(row, len(cells) - len(names))]:
                wrong.append(f"dòng {line}: {'; '.join(faults)}")
                continue
            one = _figure(row, line)
            if one.key in figures:
                wrong.append(f"dòng {line}: trùng với dòng {figures[one.key].line}")
            figures.setdefault(one.key, one)
    except csv.Error as error:
        wrong.append(f"dòng {rows.line_num}: {error}")
    return list(figures.values()), [*wrong, *_mixed(figures.values())]


def _faults(row: Mapping[str, str], excess: int) -> Iterator[str]:
    if excess:
        yield "thừa ô" if excess > 0 else "thiếu ô"
        return
    for name, low, high in (("year", 2000, 2100), ("month", 1, 12)):
        if not (row[name].isascii() and row[name].isdigit() and low <= int(row[name]) <= high):
            yield f"{name} “{row[name][:20]}” phải là số từ {low} đến {high}"
    if not row["unit"]:
        yield "unit để trống"
    for name in ("budget", "disbursed_to_date"):
        amount = _amount(row[name])
        if amount is None or not 0 <= amount < LARGEST:
            yield f"{name} “{row[name][:20]}” phải là số không âm, ví dụ 1234.5"


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
        row["unit"],
        row["activity"],
        row["source"],
        Decimal(row["budget"]).quantize(DONG),
        Decimal(row["disbursed_to_date"]).quantize(DONG),
        line,
    )


def _mixed(figures: Iterable[PastFigure]) -> Iterator[str]:
    """A unit's month is either one whole or its activities: both would count twice."""
    whole: dict[tuple[int, int, str, str], int] = {}
    parts: dict[tuple[int, int, str, str], int] = {}
    for one in figures:
        (parts if one.activity else whole).setdefault(
            (one.year, one.month, one.unit, one.source), one.line
        )
    for key in whole.keys() & parts.keys():
        yield f"dòng {whole[key]} và {parts[key]}: vừa có số chung của đơn vị vừa có từng nhiệm vụ"
