"""Decides whether the registry's sheets agree with themselves and with each other."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from rules.ledger import number_of
from rules.numbers import fold, show
from schemas.findings import Finding, Severity
from schemas.forms import DISBURSEMENT, Field, Form, Row
from schemas.reading import ReadSheet
from schemas.registry import ACTIVITIES, CONTACTS, FORM_BY_KEY, LEDGER, SHEETS, UNITS, Role
from schemas.texts import say

EMAIL = re.compile(
    r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}",
    re.IGNORECASE | re.ASCII,
)
"""An address that mail servers take: ASCII, with a full domain."""

FILE_NAME = re.compile(r"\w[\w.-]{0,63}")
"""A unit's code names its files: `forms/PERIOD/UNIT.xlsx`, `signed/UNIT.pdf`."""

_OF_A_UNIT = frozenset({Role.SUBMITTER, Role.HEAD})
_FORMS = {fold(key): name for key, name in FORM_BY_KEY.items()}

Sheets = Mapping[str, ReadSheet]


def check(sheets: Sheets, file: str) -> tuple[Finding, ...]:
    """What is wrong within and between the four sheets (by `Form.name`, all of them there), in
    the order of sheets and rows. Cells that could not be understood have their finding already.
    """
    by_cell: dict[tuple[int, int], list[Finding]] = defaultdict(list)
    order = {form.name: i for i, form in enumerate(SHEETS)}

    def tell(row: Row, name: str, key: str, values: Mapping[str, str], severity: Severity) -> None:
        rule, cell = key.partition(".")[2], row.cell(name)
        found = Finding(rule, severity, say(key, **values), file, row.sheet, cell)
        by_cell[order[row.form], row.number].append(found)

    for form in SHEETS:
        for row in sheets[form.name].rows:
            for name, key, values in _own(form, row, sheets[form.name].bad(row)):
                tell(row, name, key, values, Severity.ERROR)
    for row, name, key, value in _across(sheets):
        told = {"value": value, "choices": "; ".join(FORM_BY_KEY)}
        tell(row, name, key, told, Severity.ERROR)
    for row, name, key, value in _doubtful(sheets):
        told = {"value": value, "code": row.code, "name": str(row.values["name"])}
        tell(row, name, key, told, Severity.WARNING)
    return tuple(finding for place in sorted(by_cell) for finding in by_cell[place])


def forms_of(written: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the forms that a cell of Biểu names (`Giải ngân; CNTT`), each once, and the
    words in it that name none, all of it where it names nothing."""
    parts = [part.strip() for part in written.split(";") if part.strip()]
    known = [_FORMS[fold(part)] for part in parts if fold(part) in _FORMS]
    unknown = [part for part in parts or [written] if fold(part) not in _FORMS]
    return tuple(dict.fromkeys(known)), tuple(unknown)


def _own(form: Form, row: Row, bad: frozenset[str]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """What a row's cells lack by the form's declaration alone."""
    for field in form.fields:
        value = row.values[field.name]
        told = {"label": field.label, "code": row.code, "name": str(row.values.get("name") or "")}
        if value is None and field.required and field.name not in bad:
            yield field.name, "finding.required", told
        elif (form, field.name) == (UNITS, "code") and not FILE_NAME.fullmatch(str(value)):
            yield field.name, "registry.bad-code", told | {"value": str(value)}
        elif isinstance(value, Decimal) and (beyond := _beyond(value, field)):
            rule, limit = beyond
            told |= {"value": show(value), "limit": show(limit)}
            yield field.name, f"finding.{rule}", told


def _beyond(value: Decimal, field: Field) -> tuple[str, Decimal] | None:
    if field.minimum is not None and value < field.minimum:
        return "negative", field.minimum
    if field.maximum is not None and value > field.maximum:
        return "too-large", field.maximum
    return None


def _across(sheets: Sheets) -> Iterator[tuple[Row, str, str, str]]:
    """Row, field, sentence and value of what contradicts another row: errors."""
    units, contacts, activities, ledger = _rows(sheets)
    for rows in (units, activities):
        seen: set[str] = set()
        for row in rows:
            if row.code in seen:
                yield row, "code", "registry.duplicate-code", row.code
            seen.add(row.code or "\0")
    codes = {row.code for row in units}
    named = [(r, "parent") for r in units] + [(r, "unit") for r in (*contacts, *activities)]
    for row, name in named:
        if row.values[name] is not None and row.values[name] not in codes:
            yield row, name, "registry.unknown-unit", row.values[name]
    for row in contacts:
        if (email := row.values["email"]) and not EMAIL.fullmatch(email):
            yield row, "email", "registry.bad-email", email
    for row in activities:
        for unknown in forms_of(row.values["forms"])[1] if row.values["forms"] else ():
            yield row, "forms", "registry.unknown-form", unknown
    known = {row.code for row in activities}
    decisions = set()
    for row in ledger:
        if row.code and row.code not in known:
            yield row, "code", "registry.unknown-activity", row.code
        year, entry, decision = (row.values[name] for name in ("year", "entry", "decision"))
        # without a number only the same amount on the same day is the same decision
        known_by = number_of(decision) if decision else (row.values["day"], row.values["amount"])
        decided = (year, row.code, entry, known_by)
        if year and row.code and entry and decided in decisions:
            words = (str(year), row.code, entry, decision or "–")
            yield row, "code", "registry.duplicate-decision", " · ".join(words)
        decisions.add(decided)


def _doubtful(sheets: Sheets) -> Iterator[tuple[Row, str, str, str]]:
    """Row, field, sentence and value of what may be meant but leads to silence: warnings."""
    units, contacts, activities, ledger = _rows(sheets)
    reached = {r.values["unit"] for r in contacts if r.values["role"] == Role.SUBMITTER}
    active = {row.values["unit"] for row in activities}
    for row in units:
        if row.code in active - reached:
            yield row, "code", "registry.no-submitter", row.code
    for row in contacts:
        if row.values["role"] in _OF_A_UNIT and row.values["unit"] is None:
            yield row, "role", "registry.submitter-without-unit", str(row.values["name"])
        elif row.values["role"] == Role.DIGEST and _sees_nothing(row, contacts, active):
            yield row, "role", "registry.digest-of-nothing", str(row.values["name"])
    budgeted = {row.code for row in ledger}
    for row in activities:
        on_money_form = DISBURSEMENT.name in forms_of(row.values["forms"] or "")[0]
        if on_money_form and row.code not in budgeted:
            yield row, "code", "registry.no-budget", row.code
        elif not on_money_form and row.code in budgeted:
            yield row, "forms", "registry.budget-without-form", row.code


def _sees_nothing(taker: Row, contacts: Sequence[Row], active: set[Any]) -> bool:
    """Whether someone heads only units without activities: no digest of theirs is ever written,
    and the whole is for leaders (rules/recipients.py)."""
    email = str(taker.values["email"]).casefold()
    its = [row for row in contacts if str(row.values["email"]).casefold() == email]
    headed = {row.values["unit"] for row in its if row.values["role"] == Role.HEAD} - {None}
    leads = any(row.values["role"] == Role.LEADER for row in its)
    return bool(headed) and not headed & active and not leads


def _rows(sheets: Sheets) -> list[Sequence[Row]]:
    return [sheets[form.name].rows for form in (UNITS, CONTACTS, ACTIVITIES, LEDGER)]
