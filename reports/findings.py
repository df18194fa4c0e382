"""Writes what a failed check tells the clerk: the cell, what stands there, and the remedy."""

from datetime import date
from decimal import Decimal

from reports.numbers import NOTHING, money, short_date
from schemas.findings import Finding
from schemas.forms import Check, Field, Form
from schemas.quality import SubmittedRow
from schemas.registry import Budget
from schemas.texts import say

_LONGEST = 20
"""Digits of a number that are still written out; one beyond is a slip, shown as 1,00E+308."""


def finding(form: Form, check: Check, submitted: SubmittedRow) -> Finding:
    """The finding on the cell that `check` marks, with the sentence that names the remedy."""
    row, field = submitted.row, form[check.cell]
    limit, value = _limit(check, field, submitted), submitted.value(check.cell)
    doubt = submitted.doubts.get((check.rule, check.cell), {})
    told = {
        "label": field.label,
        "code": row.code,
        "name": row.values.get("name") or "",
        "sheet": row.sheet,
        "value": _shown(value),
        "limit": _shown(limit),
        "choices": "; ".join(field.choices),
        "factor": _factor(value, limit),
    }
    told |= {name: _shown(one) for name, one in doubt.items()}
    message = say(f"finding.{check.rule}", **told)
    cell = row.cell(check.cell)
    return Finding(check.rule, check.severity, message, submitted.file, row.sheet, cell)


def _limit(check: Check, field: Field, submitted: SubmittedRow) -> object:
    """What the cell was compared with, as the ministry knows it."""
    budget = submitted.budget or Budget()
    by_rule = {
        "negative": field.minimum,
        "too-large": field.maximum,
        "date-too-early": field.earliest,
        "date-after-period": submitted.period.last_day,
        "estimate-below-disbursed": submitted.value("disbursed"),
        "cumulative-drop": submitted.last,
        "unchanged": submitted.last,
    }
    by_field = {
        "settlement_value": submitted.activity and submitted.activity.approved_total,
        "budget_assigned": budget.shown_as_assigned,
        "budget_adjustment": budget.adjustment,
    }
    if check.rule in by_rule:
        return by_rule[check.rule]
    return by_field.get(field.name, budget.current)


def _factor(value: object, limit: object) -> str:
    """The unit that an amount far above its limit was typed in."""
    if isinstance(value, Decimal) and isinstance(limit, Decimal) and value > limit * 1000:
        return "đồng"
    return "nghìn đồng"


def _shown(value: object) -> str:
    match value:
        case Decimal() if value.adjusted() > _LONGEST:
            return f"{value:.2E}".replace(".", ",")
        case Decimal() | int():
            return money(Decimal(value))
        case date():
            return short_date(value)
        case _:
            return NOTHING if value is None else str(value)
