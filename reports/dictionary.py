"""The data dictionary (docs/data-dictionary.md): every form as it is declared, as Markdown."""

import sys
from collections.abc import Iterator
from pathlib import Path

from schemas.forms import FORM_VERSION, FORMS, Check, Field, Form, Kind
from schemas.registry import SHEETS
from schemas.texts import spoken, under

_TITLE = f"""# Data dictionary

Generated from `schemas/forms.py` and `schemas/registry.py` by `make docs`; do not edit.
Form version {FORM_VERSION}. Labels are the contract: columns are found by label, and the header may
stand on any of a sheet's first 20 rows.

| kind | what a cell holds |
| --- | --- |
| code | text; `001` stays `001` |
| text | text, NFC |
| money | triệu đồng, at most six decimals (whole đồng) |
| integer | a whole number |
| percent | 0 to 100 |
| date | a day |
| choice | one of the values listed |
"""


def dictionary() -> str:
    """The whole document."""
    forms = [f"## Form {form.sheet} (`{form.name}`)\n\n{_form(form)}" for form in FORMS]
    sheets = [f"## Registry {form.sheet} (`{form.name}`)\n\n{_form(form)}" for form in SHEETS]
    findings = (
        f"## What a clerk is told\n\n{_sentences('finding')}",
        f"## What is told of registry.xlsx beside it\n\n{_sentences('registry')}",
    )
    return "\n".join((_TITLE, *forms, *sheets, *findings))


def _form(form: Form) -> str:
    parts = [_table(("label", "field", "kind", "", "bounds", "hint"), map(_field, form.fields))]
    if form.per_deliverable:
        parts.append("An activity may take several rows, its code with a suffix (`X.2-1`).\n")
    if form.checks:
        checks = _table(("rule", "severity", "cell", "expectation"), map(_check, form.checks))
        parts.append(f"Checked on every row, beside kind and bounds:\n\n{checks}")
    return "\n".join(parts)


def _field(field: Field) -> tuple[str, ...]:
    marks = {
        "required": field.required,
        "prefilled": field.prefilled,
        "column may be missing": field.absent,
    }
    said = ", ".join(mark for mark, holds in marks.items() if holds)
    return field.label, f"`{field.name}`", field.kind, said, _bounds(field), field.hint


def _bounds(field: Field) -> str:
    if field.kind is Kind.CHOICE:
        return ", ".join(f"`{choice}`" for choice in field.choices)
    bounds = (
        f"from {field.minimum:f}" if field.minimum is not None else "",
        f"to {field.maximum:f}" if field.maximum is not None else "",
        f"from {field.earliest:%d/%m/%Y}" if field.earliest else "",
    )
    return " ".join(filter(None, bounds))


def _check(check: Check) -> tuple[str, ...]:
    shown = {k: v for k, v in check.arguments.items() if k != "ignore_row_if"}
    arguments = ", ".join(f"{name}={value}" for name, value in shown.items())
    call = f"`{check.expectation}({arguments})`"
    return f"`{check.rule}`", check.severity, f"`{check.cell}`", call


def _sentences(section: str) -> str:
    told = ((f"`{rule}`", _raw(f"{section}.{rule}")) for rule in under(section))
    return _table(("rule", "sentence"), told)


def _raw(key: str) -> str:
    """A sentence with its fields as they are."""
    return spoken().sentences[key][0]


def _table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(dictionary(), encoding="utf-8")
