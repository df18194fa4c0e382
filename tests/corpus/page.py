"""A sheet as a clerk lays it out, together with what it means: the answer is worked out here,
from what was laid down, and never from what the reader gives."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Self

from schemas.forms import DISBURSEMENT, FORMS, IT, STRATEGY, Form
from schemas.reading import Problem

Line = Mapping[str, Any]
"""One line of a form by field name, as it is meant: money in triệu đồng."""

MONEY_LINES: tuple[dict[str, Any], ...] = (
    {
        "code": "DV01.1",
        "name": "Số hóa hồ sơ người có uy tín",
        "source": "Đầu tư công",
        "budget_assigned": Decimal("1100.125"),
        "budget_adjustment": Decimal("150.5"),
        "budget_current": Decimal("1250.625"),
        "disbursed": Decimal("980.25"),
        "estimate": Decimal("1250.625"),
        "difficulty": "Chờ thẩm định hồ sơ",
        "solution": "Hoàn tất hồ sơ trong tháng 11",
    },
    {
        "code": "DV01.2",
        "name": "Tập huấn cán bộ làm công tác dân tộc",
        "source": "ODA",
        "budget_assigned": Decimal("1500.583333"),
        "budget_adjustment": Decimal(0),
        "budget_current": Decimal("1500.583333"),
        "disbursed": Decimal("1215.7"),
        "estimate": Decimal(1480),
        "proposal": Decimal("-20.5"),
    },
    {
        "code": "DV01.3",
        "name": "Duy trì cổng thông tin điện tử",
        "source": "Chi thường xuyên",
        "budget_assigned": Decimal(320),
        "budget_current": Decimal(320),
        "disbursed": Decimal(0),
        "estimate": Decimal(300),
        "difficulty": "Chưa đến kỳ thanh toán",
    },
)
IT_LINES: tuple[dict[str, Any], ...] = (
    {
        "code": "DV03.3",
        "name": "Hệ thống thông tin báo cáo",
        "product": "Phần mềm, tài liệu hướng dẫn",
        "acceptance": "Đã hoàn thành",
        "acceptance_date": date(2021, 9, 10),
        "handover": "Đã hoàn thành",
        "handover_date": date(2021, 9, 25),
        "settlement": "Đang thực hiện",
        "settlement_value": Decimal("2950.75"),
        "solution": "Trình phê duyệt quyết toán",
    },
    {
        "code": "DV03.4",
        "name": "Nâng cấp trung tâm dữ liệu",
        "acceptance": "Đang thực hiện",
        "handover": "Chưa",
        "settlement": "Chưa",
        "difficulty": "Thiết bị về chậm",
    },
)
STRATEGY_LINES: tuple[dict[str, Any], ...] = (
    {
        "code": "DV03.3-1",
        "name": "Khảo sát nhu cầu",
        "product": "Báo cáo khảo sát",
        "due_date": date(2021, 12, 31),
        "completion": Decimal(60),
        "legal_basis": "Quyết định 1657/QĐ-TTg",
        "workshops": Decimal(2),
    },
    {
        "code": "DV03.3-2",
        "name": "Xây dựng đề án",
        "product": "Dự thảo đề án",
        "due_date": date(2022, 6, 30),
        "completion": Decimal("12.5"),
        "workshops": Decimal(0),
        "difficulty": "Chờ ý kiến các bộ",
    },
)
LINES = {DISBURSEMENT.name: MONEY_LINES, IT.name: IT_LINES, STRATEGY.name: STRATEGY_LINES}


@dataclass(frozen=True)
class Formula:
    """A cell with a formula; `value` is what was last worked out, None where it never was."""

    text: str
    value: object = None


Corner = tuple[int, int]
"""Row and column of a cell, from 1."""


@dataclass
class Page:
    """One sheet: its cells, how they look, and the lines that a reader should find in it."""

    name: str = DISBURSEMENT.sheet
    cells: dict[Corner, object] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    """First row, first column, last row, last column."""
    formats: dict[Corner, str] = field(default_factory=dict)
    fonts: dict[Corner, str] = field(default_factory=dict)
    flaws: dict[Corner, Problem] = field(default_factory=dict)
    """Cells that look empty and are not."""
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    filtered: str = ""
    visible: bool = True
    taken: list[tuple[Form, int, dict[str, Any]]] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    """Field -> its column in the line laid last."""

    def put(self, row: int, column: int, *values: object) -> Self:
        """Values beside each other."""
        for i, value in enumerate(values):
            if value is not None:
                self.cells[row, column + i] = value
        return self

    def merge(self, row: int, column: int, last_row: int, last_column: int) -> Self:
        """Cells as one."""
        self.merged.append((row, column, last_row, last_column))
        return self

    def head(
        self,
        row: int,
        form: Form,
        columns: Sequence[str],
        labels: Mapping[str, str] = {},
        left: int = 1,
    ) -> Self:
        """The labels; a column that is none of the form's fields is a label itself."""
        known = {f.name: f.label for f in form.fields}
        return self.put(row, left, *(labels.get(c, known.get(c, c)) for c in columns))

    def line(
        self,
        row: int,
        form: Form,
        columns: Sequence[str],
        line: Line,
        written: Mapping[str, object] = {},
        meant: Mapping[str, object] = {},
        left: int = 1,
    ) -> Self:
        """One line; `written` is what stands in a cell instead of the value itself, `meant` what
        should be read instead of it."""
        for column, name in enumerate(columns, left):
            self.columns[name] = column
            value = written[name] if name in written else line.get(name)
            if value not in (None, ""):
                self.cells[row, column] = cell(value)
        values = {f.name: line.get(f.name) if f.name in columns else None for f in form.fields}
        self.taken.append((form, row, {**values, **meant}))
        return self

    def table(
        self,
        row: int,
        form: Form = DISBURSEMENT,
        lines: Iterable[Line] | None = None,
        columns: Sequence[str] = (),
        labels: Mapping[str, str] = {},
        written: Mapping[tuple[int, str], object] = {},
        meant: Mapping[tuple[int, str], object] = {},
        left: int = 1,
    ) -> int:
        """A header at `row` and lines below it; gives the row after them."""
        columns = columns or names(form)
        self.head(row, form, columns, labels, left)
        for i, line in enumerate(LINES[form.name] if lines is None else lines):
            row += 1
            here = {name: value for (j, name), value in written.items() if j == i}
            told = {name: value for (j, name), value in meant.items() if j == i}
            self.line(row, form, columns, line, here, told, left)
        return row + 1

    @property
    def grid(self) -> list[list[object]]:
        """The cells from A1 on, `""` where empty."""
        height = max((row for row, _ in self.cells), default=0)
        width = max((column for _, column in self.cells), default=0)
        return [
            [self.cells.get((row, column), "") for column in range(1, width + 1)]
            for row in range(1, height + 1)
        ]


def names(form: Form) -> tuple[str, ...]:
    """All the form's fields."""
    return tuple(f.name for f in form.fields)


def cell(value: object) -> object:
    """What a spreadsheet holds: whole numbers as int, others as float."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def plain(form: Form = DISBURSEMENT, row: int = 1, **changes: Any) -> Page:
    """A sheet with nothing but a table."""
    page = Page(form.sheet)
    page.table(row, form, **changes)
    return page


ALL = tuple(plain(form) for form in FORMS)

Told = tuple[str, str | None, str | None, str]
"""Rule, sheet, cell, severity."""


@dataclass(frozen=True)
class Case:
    """One file of the corpus: how it is made, why it is there, and what should be read."""

    file: str
    why: str
    make: Callable[[], bytes]
    pages: Sequence[Page] = ()
    findings: Sequence[Told] = ()
    unit: str | None = None
    period: str | None = None
    sheets: Mapping[str, str] = field(default_factory=dict)
    """Name of a page -> of the sheet in the file, where the format knows no names."""
    by_office: bool = False
    """LibreOffice writes it; made anew only when asked for."""

    @property
    def answer(self) -> dict[str, Any]:
        """What lies beside the file."""
        forms: dict[str, list[dict[str, Any]]] = {}
        for page in self.pages:
            for form, row, values in page.taken:
                told = {name: shown(value) for name, value in values.items()}
                sheet = self.sheets.get(page.name, page.name)
                its = {"sheet": sheet, "row": row, "code": values["code"] or "", "values": told}
                forms.setdefault(form.name, []).append(its)
        placed = {"unit": self.unit, "period": self.period} if self.unit or self.period else {}
        return {
            "file": self.file,
            "why": self.why,
            "forms": {form.name: forms[form.name] for form in FORMS if form.name in forms},
            "findings": sorted(map(list, self.findings), key=lambda told: list(map(str, told))),
            **placed,
        }

    @property
    def answer_text(self) -> str:
        """The answer as it lies in its file."""
        return json.dumps(self.answer, ensure_ascii=False, indent=1) + "\n"


def shown(value: object) -> object:
    """A read value as JSON has it: numbers as text, so that no đồng is lost; dates in ISO."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else value


def error(rule: str, cell: str | None = None, sheet: str | None = DISBURSEMENT.sheet) -> Told:
    """A finding that returns the file."""
    return rule, sheet, cell, "error"


def warning(rule: str, cell: str | None = None, sheet: str | None = DISBURSEMENT.sheet) -> Told:
    """A finding for a person to look at."""
    return rule, sheet, cell, "warning"


def info(rule: str, cell: str | None = None, sheet: str | None = DISBURSEMENT.sheet) -> Told:
    """A finding that only tells."""
    return rule, sheet, cell, "info"
