"""Decides whether the rows of a submission are the ones that its unit must report."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rules.directory import activity_of
from rules.numbers import fold
from schemas.findings import Finding, Severity
from schemas.forms import FORMS, Form, Row
from schemas.reading import ReadSheet
from schemas.registry import Activity
from schemas.texts import say


def complete(
    sheets: Sequence[ReadSheet], expected: Mapping[str, Sequence[Activity]], file: str
) -> tuple[dict[str, tuple[Row, ...]], tuple[Finding, ...]]:
    """The rows to go on with, and the findings about which rows there are.

    `sheets` are those that were read, of one form there may be several; `expected` holds the
    unit's activities by form name. Rows that are not the unit's are dropped; a row without a code
    whose name is exactly one of the unit's activities on that form goes on under its code. Where
    a form allows a row per deliverable, `X.2-1` belongs to the longest registered code before a
    '-', `X.2`. A row that another sheet of the form repeats to the letter counts once.

    A sheet whose columns were not found speaks for itself: of its form nothing is missed.
    """
    kept: dict[str, tuple[Row, ...]] = {}
    findings: list[Finding] = []
    for form in FORMS:
        its = [sheet for sheet in sheets if sheet.form == form.name]
        activities = expected.get(form.name, ())
        if its:
            rows = [row for sheet in its for row in sheet.rows]
            kept[form.name], found, reported = _rows(form, rows, activities, file)
            findings += found
            if all(sheet.columns for sheet in its):
                missed = (a for a in activities if a.code not in reported)
                where = rows[0].sheet if rows else its[0].sheet, file, None
                findings += [
                    _finding("missing-activity", *where, code=a.code, name=a.name) for a in missed
                ]
        elif activities:
            findings.append(_finding("missing-sheet", form.sheet, file, None))
    return kept, tuple(findings)


def _rows(
    form: Form, rows: Sequence[Row], activities: Sequence[Activity], file: str
) -> tuple[tuple[Row, ...], list[Finding], set[str]]:
    """The unit's own rows, what is told of them, and the activities that they report on."""
    kept: list[Row] = []
    findings: list[Finding] = []
    own = {a.code: a for a in activities}
    seen: dict[str, Row] = {}
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
        first = seen.setdefault(row.code, row)
        reported.add(owner.code)
        if first is row:
            kept.append(row)
            continue
        again = first.sheet != row.sheet and _says(first) == _says(row)
        rule, severity = (
            ("repeated-row", Severity.INFO) if again else ("duplicate-activity", Severity.ERROR)
        )
        findings.append(_finding(rule, *where, severity, code=row.code, place=_place(first)))
        if not again:
            kept.append(row)
    return tuple(kept), findings, reported


def _says(row: Row) -> dict[str, object]:
    """What a row says, however its words are written."""
    return {
        name: fold(value) if isinstance(value, str) else value
        for name, value in row.values.items()
        if value is not None
    }


def _place(row: Row) -> str:
    cell = row.cell("code")
    return say(f"mail.place.{'cell' if cell else 'sheet'}", sheet=row.sheet, cell=cell)


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
