"""Says how the Strategy on Ethnic Affairs goes on: deliverables, due dates, grounds, workshops
(part V)."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from reports.consolidated.it import troubles
from reports.consolidated.material import Line, Material, grouped, listed, numbered
from reports.letters.office import counted
from reports.numbers import NOTHING, money, short_date
from schemas.forms import STRATEGY, Row
from schemas.texts import say

_WHOLE = 100


def strategy(month: Material) -> list[str]:
    """How many works of whom, done and overdue; grounds to update, workshops, difficulties."""
    rows = month.rows.get(STRATEGY.name, ())
    if not rows:
        return [say("consolidated.strategy.none")]
    units = [month.names.get(unit, unit) for unit in dict.fromkeys(unit for unit, _ in rows)]
    number = "one" if len(rows) == 1 else "many" if len(units) > 1 else "one-unit"
    counts = {"n": counted(len(rows)), "count": counted(len(units))}
    opening = say(f"consolidated.strategy.{number}", units=listed(units), **counts)
    progress = " ".join((_done([row for _, row in rows]), _overdue(month)))
    return [opening, progress, " ".join(_rest(rows))]


def strategy_lines(month: Material) -> list[Line]:
    """The works, each unit's under its name."""
    return grouped(
        month.names,
        [
            (
                unit,
                {
                    "code": row.code,
                    "name": row.values["name"] or row.code,
                    "product": row.values["product"] or "",
                    "due": _day(row),
                    "completion": _completion(row),
                    "legal": row.values["legal_basis"] or "",
                    "workshops": NOTHING
                    if row.values["workshops"] is None
                    else money(Decimal(row.values["workshops"])),
                },
            )
            for unit, row in month.rows.get(STRATEGY.name, ())
        ],
    )


def overdue(month: Material) -> list[tuple[str, Row]]:
    """(unit, work) due by the period's end and not complete."""
    return [
        (unit, row)
        for unit, row in month.rows.get(STRATEGY.name, ())
        if isinstance(row.values["due_date"], date)
        and row.values["due_date"] <= month.board.period.last_day
        and not _is_done(row)
    ]


def _is_done(row: Row) -> bool:
    return bool((row.values["completion"] or 0) >= _WHOLE)


def _done(rows: Sequence[Row]) -> str:
    done = sum(map(_is_done, rows))
    some = "none" if not done else "some" if done < len(rows) else "all"
    counts = {"done": counted(done), "open": counted(len(rows) - done)}
    return say(f"consolidated.strategy.done-{some}", **counts)


def _overdue(month: Material) -> str:
    late = overdue(month)
    works = [
        say(
            "consolidated.strategy.overdue",
            name=row.values["name"] or row.code,
            due=_day(row),
            completion=_completion(row),
        )
        for _, row in late
    ]
    return numbered("strategy.overdue", len(late), works="; ".join(works))


def _rest(rows: Sequence[tuple[str, Row]]) -> Iterator[str]:
    yield numbered("strategy.legal", sum(bool(row.values["legal_basis"]) for _, row in rows))
    held = _workshops(rows)
    key = "workshops" if held else "workshops-none"
    yield say(f"consolidated.strategy.{key}", n=counted(held))
    yield troubles("strategy.troubles", rows)


def _workshops(rows: Sequence[tuple[str, Row]]) -> int:
    """Held in all: of a work that has products in rows of their own (`X.2-1`) what it says itself
    or what they say together, whichever is more, for it includes them."""
    said = {row.code: int(row.values["workshops"] or 0) for _, row in rows}
    parts: dict[str, int] = {}
    for code, count in said.items():
        work = code.rpartition("-")[0]
        if work in said:
            parts[work] = parts.get(work, 0) + count
    whole = {code: count for code, count in said.items() if code.rpartition("-")[0] not in said}
    return sum(max(count, parts.get(code, 0)) for code, count in whole.items())


def _day(row: Row) -> str:
    day = row.values["due_date"]
    return short_date(day) if isinstance(day, date) else NOTHING


def _completion(row: Row) -> str:
    share = row.values["completion"]
    return NOTHING if share is None else f"{money(Decimal(share))}%"
