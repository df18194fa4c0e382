"""Decides which checks a form's rows must pass: what its fields imply, and what it declares."""

from collections.abc import Iterator
from datetime import datetime, time
from decimal import Decimal

from schemas.forms import DONG, Check, Field, Form, Kind

_BETWEEN = "ExpectColumnValuesToBeBetween"
_IN_SET = "ExpectColumnValuesToBeInSet"
_NOT_NULL = "ExpectColumnValuesToNotBeNull"
_SLIP = frozenset({"unit-of-money"})


def checks(form: Form) -> tuple[Check, ...]:
    """Every check on a form, those that its fields imply first; bounds of money in đồng."""
    return (*(c for field in form.fields for c in _implied(field)), *form.checks)


def _implied(field: Field) -> Iterator[Check]:
    column, cell = {"column": field.name}, field.name
    too_small, too_large = "negative", "too-large"
    if field.kind is Kind.PERCENT:
        too_small = too_large = "completion-out-of-range"
    if field.required:
        yield Check("required", _NOT_NULL, column, cell)
    if field.minimum is not None:
        yield Check(
            too_small, _BETWEEN, {**column, "min_value": _bound(field.minimum, field)}, cell
        )
    if field.maximum is not None:
        most = {**column, "max_value": _bound(field.maximum, field)}
        yield Check(too_large, _BETWEEN, most, cell, unless=_SLIP)
    if field.earliest is not None:
        earliest = datetime.combine(field.earliest, time())
        yield Check("date-too-early", _BETWEEN, {**column, "min_value": earliest}, cell)
    if field.choices:
        yield Check("not-a-choice", _IN_SET, {**column, "value_set": list(field.choices)}, cell)


def _bound(bound: Decimal, field: Field) -> float:
    return float(bound / DONG if field.kind is Kind.MONEY else bound)
