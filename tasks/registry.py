"""Touches registry.xlsx: reads units, contacts, activities and the ledger, checked to the cell."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from rules.registry_checks import check, forms_of
from schemas.errors import RegistryError
from schemas.findings import Finding, Severity
from schemas.forms import Row
from schemas.reading import ReadWorkbook
from schemas.registry import (
    ACTIVITIES,
    CONTACTS,
    LEDGER,
    SHEETS,
    UNITS,
    Activity,
    Contact,
    Entry,
    LedgerRow,
    Registry,
    Role,
    Unit,
)
from schemas.settings import Reading
from schemas.texts import say
from tasks.apart import Reader
from tasks.workbooks import read

LIMITS = Reading(
    seconds=600, memory=8192, largest_file=200, largest_unpacked=2000, rows=1_048_576,
    shared_strings=5_000_000,
)  # fmt: skip
"""Of the ministry's own list, no stranger's file: a country's units, each with its activities."""

_KEPT = TypeAdapter(Registry)


def read_registry(path: Path) -> tuple[Registry, tuple[Finding, ...]]:
    """The registry in a workbook, and what a person should look at in it (warnings).

    Raises RegistryError where there is no such file, or where anything in it is an error; the
    message lists each sheet, cell and remedy.
    """
    return understood(content_of(path), path.name)


def content_of(path: Path) -> bytes:
    """The file as it lies there; raises RegistryError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise RegistryError(
            f"Không mở được {path.name} trong {path.parent}; hãy đặt tệp này vào đó, hoặc tạo "
            "vùng làm việc mới bằng 'dondoc init'."
        ) from error


def understood(content: bytes, name: str) -> tuple[Registry, tuple[Finding, ...]]:
    """`read_registry` of a file's bytes; messages call it by `name`."""
    with Reader(LIMITS) as reader:
        workbook = read(content, name, SHEETS, every_row=True, reader=reader)
    findings = _findings(workbook)
    if errors := [f for f in findings if f.severity is Severity.ERROR]:
        places = "".join(f"\n- {_place(f)}: {f.message}" for f in errors)
        raise RegistryError(f"{name} chưa dùng được, cần sửa {len(errors)} chỗ:{places}")
    return _registry(workbook, hashlib.sha256(content).hexdigest()), findings


def kept(registry: Registry) -> str:
    """The registry as the database keeps it, to be had `again`."""
    return _KEPT.dump_json(registry).decode()


def again(text: str) -> Registry:
    """The registry that was `kept`."""
    return _KEPT.validate_json(text)


def _findings(workbook: ReadWorkbook) -> tuple[Finding, ...]:
    if workbook.findings:
        return workbook.findings
    sheets = {sheet.form: sheet for sheet in workbook.sheets}
    findings = workbook.all_findings
    for form in SHEETS:
        if form.name not in sheets:
            message = say("finding.missing-sheet", sheet=form.sheet)
            missing = Finding("missing-sheet", Severity.ERROR, message, workbook.name, form.sheet)
            findings = (*findings, missing)
    whole = len(sheets) == len(SHEETS) and all(sheet.columns for sheet in sheets.values())
    return (*findings, *check(sheets, workbook.name)) if whole else findings


def _place(finding: Finding) -> str:
    return " ".join(filter(None, (finding.sheet or finding.file, finding.cell)))


def _registry(workbook: ReadWorkbook, version: str) -> Registry:
    rows = {sheet.form: sheet.rows for sheet in workbook.sheets}
    return Registry(
        version,
        tuple(
            Unit(row.code, row.values["name"], row.values["parent"], row.values["type"])
            for row in rows[UNITS.name]
        ),
        tuple(_contact(row) for row in rows[CONTACTS.name]),
        tuple(_activity(row) for row in rows[ACTIVITIES.name]),
        _ledger(rows[LEDGER.name]),
    )


def _contact(row: Row) -> Contact:
    value = row.values
    role = Role(value["role"])
    return Contact(value["unit"], value["name"], value["position"], value["email"], role)


def _activity(row: Row) -> Activity:
    value = row.values
    return Activity(
        row.code,
        value["name"],
        value["unit"],
        value["source"],
        forms_of(value["forms"])[0],
        value["due_date"],
        value["approved_total"],
        _year(value["first_year"]),
        _year(value["last_year"]),
    )


def _ledger(rows: Sequence[Row]) -> tuple[LedgerRow, ...]:
    return tuple(
        LedgerRow(
            int(row.values["year"]),
            row.code,
            Entry(row.values["entry"]),
            row.values["amount"],
            row.values["day"],
            row.values["decision"],
            row.number,
        )
        for row in rows
    )


def _year(value: Any) -> int | None:
    return None if value is None else int(value)
