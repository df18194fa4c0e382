"""Touches the past figures: imports a file, all of it or nothing, and lays out the unit's years."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, update

from rules.past import MOST_TOLD, counted_twice, past_figures
from schemas import tables
from schemas.errors import DondocError
from schemas.history import Imported, ImportedFigure, ImportedPast, PastFigure
from schemas.period import Period
from tasks import archive, storage
from tasks.desk import Desk, now

Sums = dict[tuple[str, int, int], tuple[Decimal, Decimal]]
"""(unit, year, month) -> budget and disbursed to date, in triệu đồng."""

_history = tables.history.c


def import_history(desk: Desk, file: Path) -> Imported:
    """Take in a CSV file of past figures; a figure that was imported before is replaced.

    Raises DondocError naming each wrong line: then nothing of the file is taken.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DondocError(f"Không mở được {file}: {storage.why(error)}.") from error
    figures, wrong = past_figures(content)
    if wrong:
        told = "".join(f"\n- {sentence}" for sentence in wrong[:MOST_TOLD])
        more = f"\n- và {len(wrong) - MOST_TOLD} dòng khác" if len(wrong) > MOST_TOLD else ""
        raise DondocError(
            f"{file.name} chưa nạp được, cần sửa {len(wrong)} chỗ (chưa dòng nào được nạp):"
            f"{told}{more}"
        )
    archive.keep(desk.workspace, content)
    known = {unit.code for unit in desk.registry.units}
    strangers = tuple(dict.fromkeys(f.unit for f in figures if f.unit not in known))
    origin = {"sha256": hashlib.sha256(content).hexdigest(), "file": file.name}
    return _store(desk, figures, origin, strangers)


def _store(
    desk: Desk, figures: list[PastFigure], file: Mapping[str, str], strangers: tuple[str, ...]
) -> Imported:
    origin = {**file, "imported_at": now()}
    with desk.writer.begin() as connection:
        before = {
            (row.year, row.month, row.unit, row.activity, row.source): row
            for row in connection.execute(select(tables.history))
        }
        new: list[dict[str, Any]] = []
        replaced = unchanged = 0
        keys = {one.key for one in figures}
        twice = counted_twice(keys | before.keys())
        for key, row in before.items():
            if key[:3] in twice and key not in keys:  # parts come for a whole, or a whole for parts
                replaced += 1
                connection.execute(delete(tables.history).where(_history.id == row.id))
        for one in figures:
            values = vars(one) | origin
            there = before.get(one.key)
            if there is None:
                new.append(values)
            elif (there.budget, there.disbursed_to_date) != (one.budget, one.disbursed_to_date):
                replaced += 1
                same = and_(_history.id == there.id)
                connection.execute(update(tables.history).where(same).values(**values))
            else:
                unchanged += 1
        if new:
            connection.execute(insert(tables.history), new)
    return Imported(len(new), replaced, unchanged, strangers)


def imported_figures(desk: Desk, period: Period) -> dict[str, list[ImportedFigure]]:
    """Unit -> the imported lines of that month, in the order of their files."""
    here = (_history.year == period.year, _history.month == period.month)
    found: dict[str, list[ImportedFigure]] = defaultdict(list)
    with desk.engine.connect() as connection:
        lines = select(tables.history).where(*here).order_by(_history.sha256, _history.line)
        for row in connection.execute(lines):
            one = ImportedFigure(
                activity=row.activity or None,
                source=row.source or None,
                budget=row.budget,
                disbursed_to_date=row.disbursed_to_date,
                file=row.file,
                sha256=row.sha256,
                line=row.line,
            )
            found[row.unit].append(one)
    return found


def imported_past(desk: Desk, period: Period) -> dict[str, tuple[ImportedPast, ...]]:
    """Unit -> what the imported files told of it up to the period, one line a file."""
    year, month = _history.year, _history.month
    until = or_(year < period.year, and_(year == period.year, month <= period.month))
    columns = (_history.unit, _history.file, _history.sha256)
    told = (
        select(*columns, func.min(year), func.max(year), func.count())
        .where(until)
        .group_by(*columns)
        .order_by(func.min(year), _history.sha256)
    )
    past: dict[str, tuple[ImportedPast, ...]] = {}
    with desk.engine.connect() as connection:
        for unit, file, sha256, first, last, lines in connection.execute(told):
            one = ImportedPast(True, file, sha256, first, last, lines)
            past[unit] = (*past.get(unit, ()), one)
    return past


def imported(desk: Desk) -> Sums:
    """The imported figures, summed over activities and sources."""
    sums: dict[tuple[str, int, int], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 2)
    with desk.engine.connect() as connection:
        for row in connection.execute(select(tables.history)):
            budget, disbursed = sums[row.unit, row.year, row.month]
            sums[row.unit, row.year, row.month] = [
                budget + row.budget,
                disbursed + row.disbursed_to_date,
            ]
    return {key: (budget, disbursed) for key, (budget, disbursed) in sums.items()}


def rates(sums: Sums) -> Mapping[str, Mapping[int, Mapping[int, float]]]:
    """Unit -> year -> month -> rate; a figure without a budget has none."""
    courses: dict[str, dict[int, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    for (unit, year, month), (budget, disbursed) in sums.items():
        if budget > 0:
            courses[unit][year][month] = float(disbursed / budget)
    return courses
