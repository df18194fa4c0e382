"""Decides whether the rows of a submission are the ones that its unit must report."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rules.identify import activity_of
from rules.numbers import fold
from schemas.findings import Finding, Severity
from schemas.forms import FORMS, Form, Row
from schemas.registry import Activity
from schemas.texts import say


def complete(
    rows: Mapping[str, tuple[Row, ...]],
    expected: Mapping[str, Sequence[Activity]],
    file: str,
) -> tuple[dict[str, tuple[Row, ...]], tuple[Finding, ...]]:
    """The rows to go on with, and the findings about which rows there are.

    `rows` holds the sheets that were read, `expected` the unit's activities, both by form name;
    a form whose sheet is there but cannot be read is left out of both.
    Rows that are not the unit's are dropped; a row without a code whose name is exactly one of
    the unit's activities on that form goes on under its code. Where a form allows a row per
    deliverable, `X.2-1` belongs to the longest registered code before a '-', `X.2`.
    """
    kept: dict[str, tuple[Row, ...]] = {}
    findings: list[Finding] = []
    for form in FORMS:
        activities = expected.get(form.name, ())
        if form.name in rows:
            kept[form.name], found = _sheet(form, rows[form.name], activities, file)
            findings += found
        elif activities:
            findings.append(_finding("missing-sheet", form.sheet, file, None))
    return kept, tuple(findings)


def _sheet(
    form: Form, rows: tuple[Row, ...], activities: Sequence[Activity], file: str
) -> tuple[tuple[Row, ...], list[Finding]]:
    kept: list[Row] = []
    findings: list[Finding] = []
    own = {a.code: a for a in activities}
    seen: set[str] = set()
    reported: set[str] = set()
    for given in rows:
        row = _in_our_letters(given, own) if given.code else _by_name(given, activities)
        if not row.code:
            kept.append(row)  # the empty cell is validation's finding
            continue
        where = row.sheet, file, row.cell("code")
        owner = activity_of(row.code, own, form)
        if owner is None:
            findings.append(_finding("foreign-activity", *where, code=row.code))
            continue
        if row is not given:
            told = {"code": owner.code, "name": owner.name}
            findings.append(_finding("recognised-by-name", *where, Severity.INFO, **told))
        if row.code in seen:
            findings.append(_finding("duplicate-activity", *where, code=row.code))
        seen.add(row.code)
        reported.add(owner.code)
        kept.append(row)
    sheet = rows[0].sheet if rows else form.sheet
    findings += [
        _finding("missing-activity", sheet, file, None, code=a.code, name=a.name)
        for a in activities
        if a.code not in reported
    ]
    return tuple(kept), findings


def _in_our_letters(row: Row, own: Mapping[str, Activity]) -> Row:
    """The row under our own spelling of its code, where only the letters' case differs."""
    ours = {code.casefold(): code for code in own}
    code = row.code if row.code in own else ours.get(row.code.casefold(), row.code)
    return row if code == row.code else replace(row, code=code, values={**row.values, "code": code})


def _by_name(row: Row, activities: Sequence[Activity]) -> Row:
    name = fold(str(row.values.get("name") or ""))
    matches = [a.code for a in activities if fold(a.name) == name]
    if len(matches) != 1:
        return row
    return replace(row, code=matches[0], values={**row.values, "code": matches[0]})


def _finding(
    rule: str,
    sheet: str,
    file: str,
    cell: str | None,
    severity: Severity = Severity.ERROR,
    **values: str,
) -> Finding:
    message = say(f"finding.{rule}", sheet=sheet, **values)
    return Finding(rule, severity, message, file, sheet, cell)
