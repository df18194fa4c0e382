"""Decides what is laid beside a form's fields so that each check compares columns of one frame.

Facts, by form: of Giải ngân `registry_budget_assigned`, `registry_budget_adjustment`,
`registry_budget_current`; `disbursed_per_budget`, `estimate_per_budget`, `proposal_per_budget`
(none where the budget is 0: then over-budget speaks); `rise_unexplained` (since the last accepted
figure, where the difficulty cell is empty), `rise_unfinished` (where the budget is not spent yet,
and the whole column is not last month's; in the closing month not of recurrent money, which is paid
until December), `low_without_words` (1: below the pace's low line, difficulty and solution both
empty; where the pace is `own`, by `pace.otherwise`: what past years let expect is read when the
month is judged, not by every collecting), and one 0 or 1 for each doubt of rules/doubts.py. Where a
plan is another activity's, the registry's other amounts are not compared: one sentence is enough.
Of Nhiệm vụ CNTT `acceptance_done`, `handover_done`, `settlement_done` (0, 1), `acceptance_undated`,
`handover_undated` (1: done without its date), `period_end`, `approved_total`,
`settlement_per_total`.
"""

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from rules.pace import expected
from schemas.forms import CHOICES, DISBURSEMENT, DONE, DONG, IT, NUMERIC, Form, Kind, dong, doubt
from schemas.quality import SubmittedRow
from schemas.registry import RECURRENT
from schemas.settings import Rules

_MISPLACED = frozenset({"plans-exchanged", "plan-of-another"})

EXACT = 2.0**53
"""Whole đồng up to here are exact in a float64. LARGEST_AMOUNT stays far below; what is typed
above it is an error whatever it is, and is cut off here."""


def frame(form: Form, rows: Sequence[SubmittedRow], rules: Rules) -> pd.DataFrame:
    """One line per row, indexed 0..n-1: the form's fields, then the facts.

    Money is whole đồng in float64 (missing is NaN), dates datetime64, other text `str`.
    """
    fields = {f.name: _column(f.kind, [r.value(f.name) for r in rows]) for f in form.fields}
    table = pd.DataFrame(fields)
    if form.name == DISBURSEMENT.name:
        return table.assign(**_disbursement(table, rows, rules))
    if form.name == IT.name:
        return table.assign(**_milestones(table, rows))
    return table


def _column(kind: Kind, values: Iterable[object]) -> "pd.Series[Any]":
    if kind is Kind.MONEY:
        return _number([None if v is None else Decimal(str(v)) / DONG for v in values])
    if kind in NUMERIC:
        return _number([None if v is None else Decimal(str(v)) for v in values])
    return pd.Series(values, dtype="datetime64[s]" if kind is Kind.DATE else "str")


def _number(values: Iterable[Decimal | None]) -> "pd.Series[Any]":
    floats = [math.nan if v is None else float(v) for v in values]
    return pd.Series(floats, dtype="float64").clip(-EXACT, EXACT)


def _money(amounts: Iterable[Decimal | None]) -> "pd.Series[Any]":
    return _column(Kind.MONEY, amounts)


def _empty(table: pd.DataFrame, name: str, rows: Sequence[SubmittedRow]) -> "pd.Series[bool]":
    """Where the cell holds nothing, not even something unreadable."""
    return table[name].isna() & ~pd.Series([name in r.bad for r in rows], dtype=bool)


def _disbursement(
    table: pd.DataFrame, rows: Sequence[SubmittedRow], rules: Rules
) -> dict[str, "pd.Series[Any]"]:
    current = _money(r.budget.current if r.budget else None for r in rows)
    measure = current.where(current > 0)
    share = Fraction(rules.below_pace.low)
    paces = {month: expected(month, rules.pace) * share for month in {r.period.month for r in rows}}
    low_line = pd.Series(
        [
            math.ceil(paces[r.period.month] * dong(r.budget.denominator))
            if r.budget and r.period.month >= rules.from_month
            else math.nan
            for r in rows
        ],
        dtype="float64",
    )
    disbursed = table["disbursed"]
    rise = disbursed - _money(r.last for r in rows)
    again = {r.submission for r in rows if ("column-again", "disbursed") in r.doubts}
    sent_again = pd.Series([r.submission in again for r in rows], dtype=bool)
    misplaced = pd.Series(
        [any(rule in _MISPLACED for rule, _ in r.doubts) for r in rows], dtype=bool
    )
    silent = _empty(table, "difficulty", rows)
    low = silent & _empty(table, "solution", rows) & (current > 0) & (disbursed < low_line)
    return {
        "registry_budget_assigned": _money(
            r.budget.shown_as_assigned if r.budget else None for r in rows
        ).mask(misplaced),
        "registry_budget_adjustment": _money(
            r.budget.adjustment if r.budget else None for r in rows
        ).mask(misplaced),
        "registry_budget_current": current,
        "disbursed_per_budget": disbursed / measure,
        "estimate_per_budget": table["estimate"] / measure,
        "proposal_per_budget": table["proposal"].abs() / measure,
        "rise_unexplained": rise.where(silent),
        "rise_unfinished": rise.where((disbursed < current) & ~sent_again & ~_may_rest(rows)),
        "low_without_words": low.astype("float64"),
        **_doubts(rows),
    }


def _doubts(rows: Sequence[SubmittedRow]) -> dict[str, "pd.Series[Any]"]:
    declared = ((check, doubt(check.rule, check.cell)) for check in DISBURSEMENT.checks)
    return {
        fact: pd.Series(
            [float((check.rule, check.cell) in r.doubts) for r in rows], dtype="float64"
        )
        for check, fact in declared
        if check.arguments.get("column") == fact
    }


def _may_rest(rows: Sequence[SubmittedRow]) -> "pd.Series[bool]":
    """Whose figure need not rise: recurrent money in the closing month."""
    closed = [
        r.period.is_closing and r.activity is not None and r.activity.source == RECURRENT
        for r in rows
    ]
    return pd.Series(closed, dtype=bool)


def _milestones(table: pd.DataFrame, rows: Sequence[SubmittedRow]) -> dict[str, "pd.Series[Any]"]:
    steps = {choice: float(choice == DONE) for choice in CHOICES}
    done = {name: table[name].map(steps) for name in ("acceptance", "handover", "settlement")}
    total = _money(r.activity.approved_total if r.activity else None for r in rows)
    undated = {
        f"{name}_undated": (_empty(table, f"{name}_date", rows) & (done[name] == 1)).astype(
            "float64"
        )
        for name in ("acceptance", "handover")
    }
    return {
        **{f"{name}_done": step.astype("float64") for name, step in done.items()},
        **undated,
        "period_end": _column(Kind.DATE, [r.period.last_day for r in rows]),
        "approved_total": total,
        "settlement_per_total": table["settlement_value"] / total.where(total > 0),
    }
