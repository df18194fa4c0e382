"""Blank workbooks, the unit's and the registry's: columns, colours and checks come from schemas."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from reports.guide import example, guide, how
from reports.numbers import money, short_date
from reports.sheets import (
    HEAD,
    INPUT,
    LOCKED,
    NUMBER_FORMATS,
    PROTECTION,
    Book,
    fit_height,
    landscape,
    show_decimals,
    write,
)
from schemas.forms import (
    DISBURSEMENT,
    FORM_VERSION,
    FORMS,
    HIDDEN,
    KEY_PERIOD,
    KEY_SIGNATURE,
    KEY_UNIT,
    KEY_VERSION,
    Field,
    Form,
    Kind,
    Line,
)
from schemas.period import Period
from schemas.registry import SHEETS, Unit
from schemas.settings import Body
from schemas.texts import say

TOTAL = "Tổng cộng"
"""Stands in the first column below the last line, which it is none of."""
LAST_MONTH = "Lũy kế kỳ trước (tham khảo)"
"""Heads the guide to the right of the form; no column of the form."""

HEADER = 5
"""The header's row, from 0."""
FROZEN = 2
"""Code and name stay in view."""
DELIVERABLES = 10
"""Empty lines for deliverables below the activities."""
REGISTRY_ROWS = 5000
"""Rows of the registry whose cells are checked while they are typed."""

_FIRST_DAY = date(1900, 1, 1)
"""Excel's own first day: the bound of a date that the declaration does not bound."""


def blank_workbook(
    body: Body,
    unit: Unit,
    period: Period,
    deadline: date,
    lines: Mapping[str, Sequence[Line]],
    signature: str,
) -> bytes:
    """The .xlsx that a unit's clerk fills in: guide, one sheet per form named in `lines`, identity.

    Amounts in triệu đồng. What the ministry knows is written as values, never as formulas, and
    locked (without a password); the rest is open. The same arguments give the same bytes.
    """
    book = Book()
    forms = [(form, lines[form.name]) for form in FORMS if form.name in lines]
    guide(book, forms, body, unit, period, deadline)
    for form, its in forms:
        _form(book, form, body, unit, period, its)
    hidden = book.sheet(HIDDEN)
    identity = {
        KEY_VERSION: FORM_VERSION,
        KEY_UNIT: unit.code,
        KEY_PERIOD: str(period),
        KEY_SIGNATURE: signature,
    }
    for row, pair in enumerate(identity.items()):
        for column, text in enumerate(pair):
            hidden.write_string(row, column, text)
    hidden.protect()
    hidden.hide()
    return book.content()


def registry_workbook(sheets: Mapping[str, Sequence[Mapping[str, Any]]]) -> bytes:
    """A registry.xlsx holding `sheets` (sheet's name in code -> rows by field name; money in
    triệu đồng); with `{}` an empty one, ready to be filled in."""
    book = Book()
    for form in SHEETS:
        sheet = book.sheet(form.sheet)
        rows = sheets.get(form.name, ())
        for column, field in enumerate(form.fields):
            shown = NUMBER_FORMATS.get(field.kind, "General")
            style = book.style(num_format=shown, text_wrap=field.kind is Kind.TEXT)
            sheet.set_column(column, column, field.width, style)
            required = INPUT if field.required else LOCKED
            sheet.write_string(0, column, field.label, book.style(**HEAD | {"bg_color": required}))
            for row, values in enumerate(rows, 1):
                write(sheet, row, column, field.kind, values.get(field.name), style)
            _guard(sheet, field, how(field), 1, column, REGISTRY_ROWS)
            if field.kind is Kind.MONEY:
                show_decimals(book, sheet, 1, column, REGISTRY_ROWS)
        fit_height(sheet, 0, ((f.label, f.width - 2) for f in form.fields))
        texts = [field for field in form.fields if field.kind is Kind.TEXT]
        for row, values in enumerate(rows, 1):
            fit_height(sheet, row, ((values.get(f.name) or "", f.width) for f in texts))
        sheet.autofilter(0, 0, max(len(rows), 1), len(form.fields) - 1)
        landscape(sheet, 0)
    return book.content()


def _form(
    book: Book, form: Form, body: Body, unit: Unit, period: Period, lines: Sequence[Line]
) -> None:
    sheet = book.sheet(form.sheet)
    first, right = HEADER + 1, len(form.fields) - 1
    last = HEADER + len(lines) + DELIVERABLES * form.per_deliverable
    _titles(book, sheet, form, body, unit, period)
    for column, field in enumerate(form.fields):
        sheet.set_column(column, column, field.width)
        sheet.write_string(HEADER, column, field.label, book.style(**HEAD))
        for row in range(first, last + 1):
            value = lines[row - first].values.get(field.name) if row - first < len(lines) else None
            style = _cell(book, field, locked=field.prefilled and value is not None)
            write(sheet, row, column, field.kind, value, style)
        if field is DISBURSEMENT["disbursed"]:
            for row, line in enumerate(lines, first):
                _guard(sheet, field, _beside(field, line), row, column, row)
        elif not field.prefilled:
            _guard(sheet, field, how(field), first, column, last)
    fit_height(sheet, HEADER, ((f.label, f.width) for f in form.fields))
    for row, line in enumerate(lines, first):
        fit_height(sheet, row, ((str(line.values.get(f.name) or ""), f.width) for f in form.fields))
    if form.per_deliverable:
        message = say("workbook.cell.deliverable", code=example(lines))
        prompt = {"validate": "any", "input_title": form["code"].label, "input_message": message}
        sheet.data_validation(first + len(lines), 0, last, 0, prompt)
    else:
        _totals(book, sheet, form, lines)
    _last_month(book, sheet, right + 1, lines)
    landscape(sheet, HEADER, FROZEN)
    sheet.print_area(0, 0, last + (not form.per_deliverable), right)
    sheet.protect("", PROTECTION)


def _titles(
    book: Book, sheet: Worksheet, form: Form, body: Body, unit: Unit, period: Period
) -> None:
    right = len(form.fields) - 1
    subtitle = book.style(italic=True, align="center")
    sheet.write_string(0, 0, body.name.upper(), book.style(bold=True))
    sheet.write_string(1, 0, say("workbook.unit", name=unit.name, code=unit.code), book.style())
    title = book.style(bold=True, font_size=14, align="center")
    sheet.merge_range(2, 0, 2, right, form.title, title)
    sheet.merge_range(3, 0, 3, right, say("workbook.period", period=period.title), subtitle)
    if any(field.kind is Kind.MONEY for field in form.fields):
        sheet.write_string(4, right, say("workbook.money"), book.style(italic=True, align="right"))


def _cell(book: Book, field: Field, *, locked: bool) -> Format:
    return book.style(
        border=1,
        text_wrap=True,
        locked=locked,
        bg_color=LOCKED if locked else INPUT,
        num_format=NUMBER_FORMATS.get(field.kind, "General"),
    )


def _beside(field: Field, line: Line) -> str:
    if line.last_month is None:
        return how(field)
    return f"{how(field)}\n{say('workbook.cell.last-month', amount=money(line.last_month))}"


def _guard(sheet: Worksheet, field: Field, hint: str, first: int, column: int, last: int) -> None:
    """Shows `hint` in a column's rows `first` to `last` and refuses what cannot stand there."""
    rule = _rule(field)
    if hint:
        rule |= {"input_title": field.label, "input_message": hint}
    if hint or rule["validate"] != "any":
        sheet.data_validation(first, column, last, column, rule)


def _rule(field: Field) -> dict[str, Any]:
    """Excel's validation of one cell of the field, with what it says when it refuses."""
    low, high = field.minimum, field.maximum
    match field.kind:
        case Kind.MONEY | Kind.PERCENT | Kind.INTEGER:
            whole = field.kind is Kind.INTEGER
            rule: dict[str, Any] = {"validate": "integer" if whole else "decimal"}
            rule |= {"criteria": "between", "minimum": low, "maximum": high}
            if field.kind is Kind.MONEY:
                message = say(f"workbook.cell.{'money' if low == 0 else 'signed-money'}")
            else:
                message = say("workbook.cell.number", low=low, high=high)
        case Kind.DATE:
            earliest = field.earliest or _FIRST_DAY
            rule = {"validate": "date", "criteria": ">=", "value": earliest}
            message = say("workbook.cell.date", earliest=short_date(earliest))
        case Kind.CHOICE:
            rule = {"validate": "list", "source": list(field.choices)}
            message = say("workbook.cell.choice", choices="; ".join(field.choices))
        case Kind.CODE | Kind.TEXT:
            return {"validate": "any"}
    return rule | {"error_title": say("workbook.cell.wrong"), "error_message": message}


def _totals(book: Book, sheet: Worksheet, form: Form, lines: Sequence[Line]) -> None:
    first, row = HEADER + 1, HEADER + 1 + len(lines)
    for column, field in enumerate(form.fields):
        style = book.style(
            bold=True, border=1, bg_color=LOCKED, num_format=NUMBER_FORMATS[Kind.MONEY]
        )
        if field.kind is Kind.MONEY and lines:
            known = [line.values.get(field.name) or Decimal(0) for line in lines]
            formula = f"=SUM({xl_range(first, column, row - 1, column)})"
            sheet.write_formula(row, column, formula, style, sum(known))
            show_decimals(book, sheet, first, column, row)
        else:
            write(sheet, row, column, Kind.TEXT, None if column else TOTAL, style)


def _last_month(book: Book, sheet: Worksheet, column: int, lines: Sequence[Line]) -> None:
    if all(line.last_month is None for line in lines):
        return
    grey = {"italic": True, "font_color": "#595959", "text_wrap": True}
    sheet.set_column(column, column, 16)
    sheet.write_string(HEADER, column, LAST_MONTH, book.style(**grey, align="center"))
    number = book.style(**grey, num_format=NUMBER_FORMATS[Kind.MONEY])
    for row, line in enumerate(lines, HEADER + 1):
        write(sheet, row, column, Kind.MONEY, line.last_month, number)
    show_decimals(book, sheet, HEADER + 1, column, HEADER + len(lines))
