"""What `dondoc inspect` prints: how a file was understood, sheet by sheet, and what comes of it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from textwrap import wrap
from typing import Any

from rich.table import Table
from rich.text import Text

from reports import contract
from reports.console import counts, findings, place
from schemas.board import State
from schemas.findings import Finding
from schemas.forms import FORMS, Form, Kind
from schemas.inspection import Inspection
from schemas.reading import ReadSheet, Skipped
from schemas.texts import say

WIDTH = 80
_FORMS: Mapping[str, Form] = {form.name: form for form in FORMS}


def lines(inspections: Sequence[Inspection]) -> Iterator[Table | str]:
    """For a person: file by file what it is, its sheets, and the submissions it would become."""
    for number, one in enumerate(inspections):
        if number:
            yield ""
        kind = say(f"format.{one.read.format}") if one.read.format else say("inspect.unread")
        yield f"{one.read.name}: {kind}"
        told = {f for submission in one.submissions for f in submission.findings}
        for sheet in one.read.sheets:
            yield from _sheet(sheet)
        for submission in one.submissions:
            yield ""
            where = place(submission)
            yield say(f"inspect.{submission.state}", where=where) + counts(submission.findings)
            yield from findings(submission.findings)
        rest = [f for f in one.read.all_findings if f not in told]
        if rest:
            yield ""
            yield say("inspect.also")
            yield from findings(rest)


def accepted(inspections: Sequence[Inspection]) -> bool:
    """Whether all of it would be accepted."""
    submissions = [s for one in inspections for s in one.submissions]
    return bool(submissions) and all(s.state is State.ACCEPTED for s in submissions)


def _sheet(sheet: ReadSheet) -> Iterator[Table | str]:
    form = _FORMS[sheet.form]
    yield ""
    if not sheet.columns:
        yield say("inspect.no-header", sheet=sheet.sheet, form=form.sheet)
        return
    header = sheet.header or "?"
    yield say("inspect.sheet", sheet=sheet.sheet, form=form.sheet, header=header)
    if any(field.kind is Kind.MONEY for field in form.fields):
        yield say("inspect.money", unit_of_money=sheet.unit_of_money)
    yield _columns(sheet, form)
    rows = ", ".join(f"{row.number} ({row.code or '?'})" for row in sheet.rows)
    yield from _wrapped(say("inspect.rows", count=len(sheet.rows), rows=rows or "-"))
    if sheet.skipped:
        yield say("inspect.skipped", count=len(sheet.skipped))
        yield from _skipped(sheet.skipped)


def _columns(sheet: ReadSheet, form: Form) -> Table:
    """The form's columns and where each was found."""
    others = {_letters(f) for f in sheet.findings if f.rule == "other-label"}
    table = Table()
    table.add_column(say("inspect.label"), overflow="fold")
    table.add_column(say("inspect.column"), justify="center", no_wrap=True)
    for field in form.fields:
        letters = sheet.columns.get(field.name)
        if letters is None:
            found = say("inspect.absent" if field.required else "inspect.left-out")
        else:
            found = say("inspect.synonym", column=letters) if letters in others else letters
        table.add_row(Text(field.label), found)
    return table


def _letters(one: Finding) -> str:
    return (one.cell or "").rstrip("0123456789")


def _skipped(skipped: Sequence[Skipped]) -> Iterator[str]:
    """A line for each reason, with its rows."""
    by_reason = sorted(skipped, key=lambda one: (one.reason, one.number))
    for reason, its in groupby(by_reason, key=lambda one: one.reason):
        numbers = ", ".join(map(_run, _runs([one.number for one in its])))
        yield from _wrapped(f"  {say('inspect.row')} {numbers}: {say(f'skipped.{reason}')}")


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _run(numbers: Sequence[int]) -> str:
    first, last = numbers[0], numbers[-1]
    return str(first) if first == last else f"{first}-{last}"


def _wrapped(text: str) -> list[str]:
    return wrap(text, WIDTH, subsequent_indent="    ")


def answer(inspections: Sequence[Inspection]) -> list[dict[str, Any]]:
    """For a machine: `dondoc inspect FILE --json`, an entry for each file."""
    return [
        {
            "file": one.read.name,
            "format": one.read.format or None,
            "sheets": [_as_json(sheet) for sheet in one.read.sheets],
            "findings": [contract.finding(f) for f in one.read.all_findings],
            "submissions": contract.submissions(one.submissions),
        }
        for one in inspections
    ]


def _as_json(sheet: ReadSheet) -> dict[str, Any]:
    return {
        "form": sheet.form,
        "sheet": sheet.sheet,
        "header": sheet.header,
        "columns": dict(sheet.columns),
        "unit_of_money": sheet.unit_of_money,
        "rows": [
            {"row": row.number, "code": row.code or None, "values": dict(row.values)}
            for row in sheet.rows
        ],
        "skipped": [{"row": one.number, "reason": one.reason} for one in sheet.skipped],
    }
