"""Says how the IT projects stand: product, acceptance, handover, settlement (part IV)."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from reports.consolidated.material import Line, Material, grouped, listed, numbered
from reports.letters.office import counted
from reports.mails.amounts import rounded
from reports.numbers import short_date
from schemas.forms import CHOICES, DONE, IT, Row
from schemas.texts import say

_STEPS = ("acceptance", "handover", "settlement")
_STATES = dict(zip(CHOICES, ("not-begun", "under-way", "done"), strict=True))


def span(month: Material) -> str:
    """The years of the projects as the part's heading has them; empty where nobody knows."""
    if not month.it_years:
        return ""
    first, last = month.it_years
    return say("consolidated.it.since", first=first, last=last)


def it(month: Material) -> list[str]:
    """How many projects of whom, how far each step is, settled amounts, difficulties."""
    rows = month.rows.get(IT.name, ())
    if not rows:
        return [say("consolidated.it.none")]
    units = [month.names.get(unit, unit) for unit in dict.fromkeys(unit for unit, _ in rows)]
    number = "one" if len(rows) == 1 else "many" if len(units) > 1 else "one-unit"
    counts = {"n": counted(len(rows)), "count": counted(len(units))}
    opening = say(f"consolidated.it.{number}", units=listed(units), **counts)
    steps = " ".join(_step(step, [row for _, row in rows]) for step in _STEPS)
    end = " ".join((*_settled([row for _, row in rows]), troubles("it.troubles", rows)))
    return [opening, steps, end]


def it_lines(month: Material) -> list[Line]:
    """The projects, each unit's under its name."""
    rows = month.rows.get(IT.name, ())
    return grouped(
        month.names,
        [
            (
                unit,
                {
                    "code": row.code,
                    "name": row.values["name"] or row.code,
                    "product": row.values["product"] or "",
                    "acceptance": _dated(row, "acceptance"),
                    "handover": _dated(row, "handover"),
                    "settlement": row.values["settlement"] or "",
                    "value": rounded(row.values["settlement_value"]),
                },
            )
            for unit, row in rows
        ],
    )


def unsettled(month: Material) -> list[tuple[str, Row]]:
    """(unit, project) handed over and not settled."""
    return [(unit, row) for unit, row in month.rows.get(IT.name, ()) if _is_unsettled(row)]


def troubles(key: str, rows: Sequence[tuple[str, Row]]) -> str:
    """How many of some rows have a difficulty or a proposal."""
    return numbered(key, sum(_troubled(row) for _, row in rows))


def trouble_lines(month: Material, form: str) -> list[Line]:
    """The rows of a form with a difficulty or a proposal, as the units wrote them."""
    return grouped(
        month.names,
        [
            (
                unit,
                {
                    "code": row.code,
                    "name": row.values["name"] or row.code,
                    "difficulty": row.values["difficulty"] or "",
                    "solution": row.values["solution"] or "",
                },
            )
            for unit, row in month.rows.get(form, ())
            if _troubled(row)
        ],
    )


def _troubled(row: Row) -> bool:
    return bool(row.values["difficulty"] or row.values["solution"])


def _is_unsettled(row: Row) -> bool:
    return bool(row.values["handover"] == DONE and row.values["settlement"] != DONE)


def _step(step: str, rows: Sequence[Row]) -> str:
    """How many projects have done the step, are at it, have not begun; one project by its state."""
    label = next(field.label for field in IT.fields if field.name == step)
    counts = {
        state: count
        for choice, state in reversed(_STATES.items())
        if (count := sum(row.values[step] == choice for row in rows))
    }
    if len(rows) == 1 and counts:
        state = say(f"consolidated.it.state.{next(iter(counts))}")
        return say("consolidated.it.step-one", step=label, state=state)
    said = [
        say("consolidated.it.of-state", n=counted(n), state=say(f"consolidated.it.state.{state}"))
        for state, n in counts.items()
    ]
    return say("consolidated.it.step", step=label, counts=", ".join(said))


def _settled(rows: Sequence[Row]) -> Iterator[str]:
    values = [v for row in rows if (v := row.values["settlement_value"]) is not None]
    if values:
        key = "value" if len(values) > 1 else "value-one"
        total = rounded(sum(values, Decimal(0)))
        yield say(f"consolidated.it.{key}", n=counted(len(values)), value=total)
    else:
        yield say("consolidated.it.no-value")
    if open_ := sum(map(_is_unsettled, rows)):
        yield numbered("it.unsettled", open_)


def _dated(row: Row, step: str) -> str:
    """`Đã hoàn thành, 24/09/2021`."""
    day = row.values[f"{step}_date"]
    state = row.values[step] or ""
    return f"{state}, {short_date(day)}" if isinstance(day, date) else state
