"""The first sheet of a blank workbook: for whom, by when, how, and every column with its hint."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from reports.numbers import long_date, short_date
from reports.sheets import HEAD, INPUT, LOCKED, PROTECTION, Book, fit_height, portrait
from schemas.forms import GUIDE, Field, Form, Kind, Line
from schemas.period import Period
from schemas.registry import Unit
from schemas.settings import Body
from schemas.texts import say

_WIDTHS = (18, 26, 76)


def guide(
    book: Book,
    forms: Sequence[tuple[Form, Sequence[Line]]],
    body: Body,
    unit: Unit,
    period: Period,
    deadline: date,
) -> None:
    """Adds the sheet to `book`; it speaks only of what the unit's own forms hold."""
    sheet = book.sheet(GUIDE)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    right = len(_WIDTHS) - 1
    plain: dict[str, Any] = {"text_wrap": True}
    bold = {**plain, "bold": True}
    title, boxed = {**bold, "font_size": 12}, {**plain, "border": 1}
    above: list[tuple[str, dict[str, Any]]] = [
        (body.name.upper(), bold),
        (say("workbook.guide.title"), title),
        (say("workbook.unit", name=unit.name, code=unit.code), plain),
        (say("workbook.period", period=period.title), plain),
        (say("workbook.guide.deadline", deadline=long_date(deadline)), bold),
        (say("workbook.guide.send-to", finance=body.finance, body=body.name), plain),
        *([(say("workbook.guide.contact", contact=body.contact), plain)] if body.contact else []),
        ("", plain),
        (say("workbook.guide.colours"), bold),
        (say("workbook.guide.input"), {**boxed, "bg_color": INPUT}),
        (say("workbook.guide.locked"), {**boxed, "bg_color": LOCKED}),
        ("", plain),
        (say("workbook.guide.steps"), bold),
        *((f"- {step}", plain) for step in _steps(forms, period)),
        ("", plain),
        (say("workbook.guide.columns"), bold),
    ]
    for row, (text, style) in enumerate(above):
        fit_height(sheet, row, [(text, sum(_WIDTHS))])
        sheet.merge_range(row, 0, row, right, text, book.style(**style))
    header = len(above)
    for column, key in enumerate(("sheet", "column", "hint")):
        sheet.write_string(header, column, say(f"workbook.guide.{key}"), book.style(**HEAD))
    fields = ((form, field) for form, _ in forms for field in form.fields)
    for row, (form, field) in enumerate(fields, header + 1):
        fill = book.style(**boxed, bg_color=LOCKED if field.prefilled else INPUT)
        texts = (form.sheet, field.label, how(field))
        fit_height(sheet, row, zip(texts, _WIDTHS, strict=True))
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text, fill)
    portrait(sheet)
    sheet.protect("", PROTECTION)


def example(lines: Sequence[Line]) -> str:
    """The code of a first deliverable, as the clerk would write it."""
    return f"{lines[0].values['code']}-1" if lines else "X.1-1"


def how(field: Field) -> str:
    """What to type into a field's column, in a line."""
    parts = [say("workbook.guide.prefilled")] if field.prefilled else []
    if field.required and not field.prefilled:
        parts.append(say("workbook.guide.required"))
    if field.choices and not field.prefilled:
        parts.append(say("workbook.guide.choices", choices=", ".join(field.choices)))
    return " ".join([*parts, field.hint]).strip()


def _steps(forms: Sequence[tuple[Form, Sequence[Line]]], period: Period) -> list[str]:
    kinds = {field.kind for form, _ in forms for field in form.fields if not field.prefilled}
    steps = []
    if Kind.MONEY in kinds:
        steps.append(say("workbook.guide.step-money"))
    if Kind.DATE in kinds:
        steps.append(say("workbook.guide.step-date", day=short_date(period.last_day)))
    if Kind.CHOICE in kinds:
        steps.append(say("workbook.guide.step-choice"))
    steps += [
        say("workbook.guide.step-deliverable", sheet=form.sheet, code=example(lines))
        for form, lines in forms
        if form.per_deliverable
    ]
    if period.is_closing:
        day, next_year = short_date(period.last_day), period.year + 1
        closing = say("workbook.guide.step-closing", year=period.year, day=day, next=next_year)
        steps.insert(0, closing)
    return [*steps, say("workbook.guide.step-keep"), say("workbook.guide.step-save")]
