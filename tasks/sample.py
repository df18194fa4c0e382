"""Reads `examples/`: writes the sample workspace, and reports to it as its clerks would."""

import csv
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from reports.blank import registry_workbook
from rules.workdays import deadline
from schemas import settings
from schemas.errors import DondocError
from schemas.forms import DISBURSEMENT, FORMS, IT, STRATEGY, Form, Kind
from schemas.period import Period
from schemas.registry import SHEETS
from tasks.archive import write_whole
from tasks.desk import Desk
from tasks.forms import write_forms

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
HISTORY = EXAMPLES / "history.csv"
"""Two invented years, as `history import` takes them."""

Values = dict[str, Any]
"""One row by field name; money is Decimal in triệu đồng, an empty cell None."""


@dataclass(frozen=True)
class Arrival:
    """A workbook that comes in; with `mistakes` it is the clerk's faulty first version."""

    unit: str
    day: date
    mistakes: bool = False


@dataclass(frozen=True)
class Mistake:
    """What the clerk typed instead of the figure: form and field by name."""

    form: str
    code: str
    field: str
    value: Any


@dataclass(frozen=True)
class Story:
    """What happens in the month that is shown; units by code."""

    period: Period
    opening: date
    deadline: date
    closing: date
    approver: str
    quiet: tuple[date, ...]
    missing: tuple[str, ...]
    low: tuple[str, ...]
    recovered: tuple[str, ...]
    proposes: tuple[str, ...]
    arrivals: tuple[Arrival, ...]
    mistakes: tuple[Mistake, ...]

    def days(self) -> Iterator[tuple[date, tuple[Arrival, ...]]]:
        """The days on which something happens after the opening, with what comes in on each."""
        for day in sorted({*self.quiet, *(arrival.day for arrival in self.arrivals)}):
            yield day, tuple(arrival for arrival in self.arrivals if arrival.day == day)


def story() -> Story:
    """The story of October 2021."""
    told = tomllib.loads((EXAMPLES / "october.toml").read_text(encoding="utf-8"))
    return Story(
        period=Period.parse(told["period"]),
        opening=told["opening"],
        deadline=told["deadline"],
        closing=told["closing"],
        approver=told["approver"],
        quiet=tuple(told["quiet"]),
        missing=tuple(told["missing"]),
        low=tuple(told["low"]),
        recovered=tuple(told["recovered"]),
        proposes=tuple(told["proposes"]),
        arrivals=tuple(Arrival(**row) for row in told["arrivals"]),
        mistakes=tuple(Mistake(**row) for row in told["mistakes"]),
    )


def registry_rows() -> dict[str, list[Values]]:
    """The sample's registry: sheet (Form.name) -> its rows."""
    return {
        form.name: _read(form, EXAMPLES / "registry" / f"{form.name}.csv", by_label=True)
        for form in SHEETS
    }


def write_workspace(directory: Path) -> None:
    """Writes `registry.xlsx` and `dondoc.toml` of the sample; what stood there is replaced."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "registry.xlsx").write_bytes(registry_workbook(registry_rows()))
    shutil.copyfile(EXAMPLES / settings.FILE, directory / settings.FILE)


def months_before() -> Iterator[tuple[Period, date]]:
    """The year's months before the story's, each with the day on which its reports are due."""
    for month in range(1, story().period.month):
        period = Period(story().period.year, month)
        yield period, deadline(period, settings.Schedule())


def report(desk: Desk, period: Period) -> None:
    """Lays the reports of all units for an earlier month in the inbox."""
    for unit, blank in write_forms(desk, period).items():
        _mail(desk, unit, period, fill(blank, unit, period))


def mail_in(desk: Desk, told: Story, arrival: Arrival) -> None:
    """Lays what arrives in the inbox: the form that was opened, filled in by the unit's clerk."""
    form = desk.workspace / "forms" / str(told.period) / f"{arrival.unit}.xlsx"
    content = fill(form.read_bytes(), arrival.unit, told.period, arrival.mistakes)
    _mail(desk, arrival.unit, told.period, content)


def _mail(desk: Desk, unit: str, period: Period, content: bytes) -> None:
    write_whole(desk.workspace / "inbox" / f"{unit}-{period}.xlsx", content)


def reported(unit: str, period: Period) -> dict[str, dict[str, Values]]:
    """What the unit has to say for the period: form name -> code -> the row.

    Figures are those of the month; a milestone or a deliverable stays as it was last told. A form
    on which the unit has nothing is missing, and so is everything of a unit that does not report.
    """
    owner = {row["code"]: row["unit"] for row in registry_rows()["activities"]}
    month = str(period)
    told: dict[str, dict[str, Values]] = {}
    for form, file, moment in (
        (DISBURSEMENT, "figures.csv", "period"),
        (IT, "it.csv", "since"),
        (STRATEGY, "strategy.csv", "since"),
    ):
        for row in sorted(_read(form, EXAMPLES / file), key=lambda row: str(row[moment])):
            when = row.pop(moment)
            current = when == month if moment == "period" else when <= month
            if current and owner[row["code"].partition("-")[0]] == unit:
                told.setdefault(form.name, {})[row["code"]] = row
    return told


def fill(content: bytes, unit: str, period: Period, mistakes: bool = False) -> bytes:
    """The unit's blank workbook with its clerk's input, as the clerk would save it.

    `content` is the workbook that `open` wrote. With `mistakes` the story's faulty values stand
    in it. Raises DondocError where the sample has no report of the unit for the period.
    """
    told = reported(unit, period)
    if not told:
        raise DondocError(f"Dữ liệu mẫu không có báo cáo của {unit} kỳ {period}; hãy chọn kỳ khác.")
    for wrong in story().mistakes if mistakes else ():
        if wrong.code in told.get(wrong.form, {}):
            told[wrong.form][wrong.code][wrong.field] = wrong.value
    book = load_workbook(BytesIO(content))
    for form in FORMS:
        if form.name in told:
            _fill(book[form.sheet], form, told[form.name])
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


def _fill(sheet: Worksheet, form: Form, rows: Mapping[str, Values]) -> None:
    """Types each row into the line of its code, a new deliverable into the next free line."""
    header, columns = _header(sheet, form)
    lines = range(header + 1, sheet.max_row + 1)
    codes = {n: sheet.cell(n, columns["code"]).value for n in lines}
    given = {code: n for n, code in codes.items() if code is not None}
    free = (n for n, code in codes.items() if code is None)
    for code, values in rows.items():
        line = given.get(code) or next(free)
        for field in form.fields:
            if not (field.prefilled and code in given):
                sheet.cell(line, columns[field.name]).value = values.get(field.name)


def _header(sheet: Worksheet, form: Form) -> tuple[int, dict[str, int]]:
    """The header's row, and field name -> column; both from 1."""
    for number, row in enumerate(sheet.iter_rows(max_row=20, values_only=True), 1):
        columns = {" ".join(str(value).split()): n for n, value in enumerate(row, 1)}
        if all(field.label in columns for field in form.fields):
            return number, {field.name: columns[field.label] for field in form.fields}
    raise DondocError(f"Không thấy dòng tiêu đề ở sheet {sheet.title}; hãy tạo lại biểu mẫu.")


def _read(form: Form, path: Path, *, by_label: bool = False) -> list[Values]:
    """The rows of a CSV file whose header names the form's fields (or labels); a column that is
    none of the form's stays text."""
    fields = {field.label if by_label else field.name: field for field in form.fields}
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {
                (fields[head].name if head in fields else head): _value(
                    fields[head].kind if head in fields else Kind.TEXT, text
                )
                for head, text in row.items()
            }
            for row in csv.DictReader(file)
        ]


def _value(kind: Kind, text: str) -> Any:
    if not text:
        return None
    if kind in {Kind.MONEY, Kind.PERCENT}:
        return Decimal(text)
    if kind is Kind.INTEGER:
        return int(text)
    return date.fromisoformat(text) if kind is Kind.DATE else text
