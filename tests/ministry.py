"""The ministry that the tests play: its registry and its clerks' workbooks, all by openpyxl, and
the figures as worked out by hand."""

import io
import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

import dondoc

PERIOD = "2021-10"
LAST_DAY = date(2021, 10, 31)
OPENING, DEADLINE, CLOSING = date(2021, 11, 1), date(2021, 11, 5), date(2021, 11, 10)

MONEY, IT, STRATEGY = "Giải ngân", "Nhiệm vụ CNTT", "Chiến lược"
CODE = {MONEY: "Mã nhiệm vụ", IT: "Mã nhiệm vụ", STRATEGY: "Mã công việc"}
DISBURSED, ESTIMATE = "Giải ngân lũy kế", "Ước thực hiện cả năm"
DIFFICULTY, SOLUTION = "Khó khăn, vướng mắc", "Đề xuất, giải pháp"
SOURCES = ("Chi thường xuyên", "Đầu tư công", "CTMTQG", "ODA")

BODY = "UB"
"""The superior unit: it has no activity of its own."""
HEADLESS, THREE_FORMS, LOW, SILENT = "DV04", "DV03", "DV02", "DV12"
NAMES = (
    "Văn phòng Ủy ban", "Vụ Chính sách Dân tộc", "Trung tâm Chuyển đổi số", "Vụ Địa phương I",
    "Vụ Địa phương II", "Học viện Dân tộc", "Báo Dân tộc và Phát triển", "Tạp chí Dân tộc",
    "Thanh tra Ủy ban", "Vụ Pháp chế", "Vụ Hợp tác quốc tế", "Vụ Tổng hợp",
)  # fmt: skip

Cells = Mapping[str, Any]
"""One line of a form by column label."""
Lines = Mapping[str, Cells]
"""Code -> its line."""


@dataclass(frozen=True)
class Activity:
    """An activity with its decisions (entry, amount, day, number) and what it has spent."""

    code: str
    unit: str
    source: str
    decisions: tuple[tuple[str, str, date | None, str], ...]
    disbursed: Decimal
    forms: str = "Giải ngân"

    @property
    def budget(self) -> Decimal:
        """The current budget at the end of October, by hand: the rows of 2021 but for what was
        decided in November."""
        return sum(
            (
                Decimal(amount)
                for _, amount, day, _ in self.decisions
                if not (day and day > LAST_DAY)
            ),
            Decimal(0),
        )


@dataclass(frozen=True)
class Ministry:
    """`count` units under one superior body."""

    count: int = 12
    spent: Mapping[str, Decimal] = field(default_factory=dict)
    """Activity code -> disbursed to date, where it is another than usual."""

    @property
    def units(self) -> list[str]:
        return [f"DV{i:02d}" for i in range(1, self.count + 1)]

    def name(self, unit: str) -> str:
        number = int(unit[2:])
        return NAMES[number - 1] if number <= len(NAMES) else f"Trung tâm số {number}"

    def activities(self) -> list[Activity]:
        return [a for i, unit in enumerate(self.units, 1) for a in self._activities(i, unit)]

    def _activities(self, i: int, unit: str) -> Iterable[Activity]:
        for k in range(1, 4 if unit == THREE_FORMS else 3):
            code = f"{unit}.{k}"
            share = Decimal("0.3") if unit == LOW else Decimal("0.8") + Decimal(i % 100) / 1000
            assigned = Decimal(1000 * i + 100 * k) + Decimal("0.125") * i
            more = _MORE.get(code, ())
            one = Activity(
                code,
                unit,
                SOURCES[(i + k) % len(SOURCES)],
                (("Giao", str(assigned), date(2021, 1, 4), f"{i}{k}/QĐ-UBDT"), *more),
                Decimal(0),
                "Giải ngân; CNTT; Chiến lược" if k == 3 else "Giải ngân",
            )
            usual = (one.budget * share).quantize(Decimal("0.001"))
            yield Activity(**vars(one) | {"disbursed": self.spent.get(code, usual)})

    def of(self, unit: str) -> list[Activity]:
        return [a for a in self.activities() if a.unit == unit]

    def budget(self, *units: str) -> Decimal:
        return sum((a.budget for a in self.activities() if a.unit in units), Decimal(0))

    def disbursed(self, *units: str) -> Decimal:
        return sum((a.disbursed for a in self.activities() if a.unit in units), Decimal(0))

    def lines(self, unit: str, **changes: Cells) -> dict[str, Lines]:
        """Sheet -> what the clerk types; `changes` by code, dots written as underscores."""
        changed = {code.replace("_", "."): cells for code, cells in changes.items()}
        its = self.of(unit)
        money = {
            a.code: {
                DISBURSED: a.disbursed,
                ESTIMATE: a.budget,
                DIFFICULTY: "Chờ thẩm định hồ sơ",
                SOLUTION: "Hoàn tất hồ sơ trong tháng 11",
            }
            | dict(changed.get(a.code, {}))
            for a in its
        }
        lines: dict[str, Lines] = {MONEY: money}
        if unit == THREE_FORMS:
            code = f"{unit}.3"
            lines[IT] = {
                code: {
                    "Nghiệm thu": "Đã hoàn thành",
                    "Ngày nghiệm thu": date(2021, 9, 10),
                    "Bàn giao": "Đã hoàn thành",
                    "Ngày bàn giao": date(2021, 9, 20),
                    "Thanh quyết toán": "Chưa",
                }
            }
            lines[STRATEGY] = {code: {"Tỷ lệ hoàn thành (%)": 60, "Số hội thảo": 2}}
        return lines

    def write_registry(self, path: Path, *, reverse: bool = False) -> None:
        """As the contract says it; with `reverse` the columns from right to left and without the
        optional ones."""
        book = Workbook()
        book.remove(book.worksheets[0])
        for title, rows in self.registry().items():
            _table(book.create_sheet(title), rows, reverse=reverse)
        book.save(path)

    def registry(self) -> dict[str, list[dict[str, Any]]]:
        """Sheet -> its rows by label."""
        units: list[dict[str, Any]] = [
            {"Mã đơn vị": BODY, "Tên đơn vị": "Ủy ban Dân tộc", "Đơn vị cấp trên": None}
        ]
        units += [
            {"Mã đơn vị": u, "Tên đơn vị": self.name(u), "Đơn vị cấp trên": BODY, "Loại": "Vụ"}
            for u in self.units
        ]
        contacts = [
            {"Họ tên": "Lê Lãnh Đạo", "Email": "lanhdao@ubdt.vn", "Vai trò": "Lãnh đạo"},
            {"Họ tên": "Ngô Bản Tin", "Email": "bantin@ubdt.vn", "Vai trò": "Nhận bản tin"},
        ]
        for unit in self.units:
            contacts.append(_contact(unit, "Nguyễn Thị Nộp", "nop", "Người nộp"))
            if unit != HEADLESS:
                contacts.append(_contact(unit, "Trần Văn Trưởng", "truong", "Thủ trưởng đơn vị"))
        activities = [
            {
                "Mã nhiệm vụ": a.code,
                "Tên nhiệm vụ": f"Nhiệm vụ {a.code}",
                "Mã đơn vị": a.unit,
                "Nguồn vốn": a.source,
                "Biểu": a.forms,
                "Tổng mức được duyệt": a.budget * 3 if a.forms != "Giải ngân" else None,
            }
            for a in self.activities()
        ]
        past: dict[str, Any] = {
            "Mã nhiệm vụ": "DV01.9",
            "Tên nhiệm vụ": "Đã xong năm 2020",
            "Mã đơn vị": "DV01",
        }
        past |= {"Nguồn vốn": "ODA", "Biểu": "Giải ngân", "Năm bắt đầu": 2016, "Năm kết thúc": 2020}
        rows = [(2021, a.code, *decision) for a in self.activities() for decision in a.decisions]
        rows += [
            (2020, "DV01.1", "Giao", "777", date(2020, 1, 6), "01/QĐ-UBDT"),
            (2020, "DV01.9", "Giao", "888", date(2020, 1, 6), "02/QĐ-UBDT"),
        ]
        labels = ("Năm", "Mã nhiệm vụ", "Loại", "Số tiền", "Ngày", "Số văn bản")
        ledger: list[dict[str, Any]] = [dict(zip(labels, row, strict=True)) for row in rows]
        for line in ledger:
            line["Số tiền"] = Decimal(line["Số tiền"])
        return {
            "Đơn vị": units,
            "Liên hệ": contacts,
            "Nhiệm vụ": [*activities, past],
            "Dự toán": ledger,
        }


_MORE: dict[str, tuple[tuple[str, str, date | None, str], ...]] = {
    "DV01.1": (("Điều chỉnh", "150.5", date(2021, 9, 15), "90/QĐ-UBDT"),),
    "DV01.2": (("Chuyển nguồn", "300.333333", None, "07/QĐ-BTC"),),
    "DV02.1": (("Điều chỉnh", "-100.25", LAST_DAY, "91/QĐ-UBDT"),),
    "DV03.1": (("Điều chỉnh", "500", date(2021, 11, 1), "92/QĐ-UBDT"),),
}


def _contact(unit: str, name: str, mailbox: str, role: str) -> dict[str, str]:
    return {
        "Mã đơn vị": unit,
        "Họ tên": f"{name} {unit}",
        "Email": f"{mailbox}.{unit.lower()}@ubdt.vn",
        "Vai trò": role,
    }


def _table(sheet: Worksheet, rows: Sequence[Mapping[str, Any]], *, reverse: bool = False) -> None:
    labels = list(dict.fromkeys(label for row in rows for label in row))
    for column, label in enumerate(reversed(labels) if reverse else labels, 1):
        sheet.cell(1, column, label)
        for number, row in enumerate(rows, 2):
            sheet.cell(number, column, row.get(label))


# --- clerks -----------------------------------------------------------------------------------


def address(sheet: Worksheet, code: str, label: str) -> str:
    """Where the line of an activity crosses a column, found as a person finds it."""
    names = {label, *CODE.values()}
    heads: dict[str, Any] = {}
    for row in sheet.iter_rows(max_row=20):
        found = {w: c for c in row if (w := " ".join(str(c.value or "").split())) in names}
        if label in found and len(found) > 1 - (label in CODE.values()):
            heads = found
            break
    column = next(heads[name].column for name in CODE.values() if name in heads)
    below = range(heads[label].row + 1, sheet.max_row + 1)
    line = next(r for r in below if sheet.cell(r, column).value == code)
    return str(sheet.cell(line, heads[label].column).coordinate)


def fill(form: Path, target: Path, lines: Mapping[str, Lines]) -> Path:
    """Fill in a unit's workbook and save it as `target`."""
    book = load_workbook(form)
    for sheet, its in lines.items():
        for code, cells in its.items():
            for label, value in cells.items():
                book[sheet][address(book[sheet], code, label)] = value
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)
    return target


def write_plain(
    target: Path,
    lines: Mapping[str, Lines],
    *,
    titles: Sequence[str] = (),
    header: int = 7,
    broken: bool = True,
    sheet_names: Mapping[str, str] | None = None,
) -> Path:
    """A workbook made by hand, not by `open`: no hidden sheet, columns from right to left, the
    labels `broken` over lines as in printed forms."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, its in lines.items():
        sheet = book.create_sheet((sheet_names or {}).get(title, title))
        for number, text in enumerate(titles, 1):
            sheet.cell(number, 1, text)
        labels = [CODE[title], *dict.fromkeys(label for cells in its.values() for label in cells)]
        for column, label in enumerate(reversed(labels), 1):
            sheet.cell(header, column, label.replace(" ", "\n", 1) if broken else label)
            for row, (code, cells) in enumerate(its.items(), header + 1):
                sheet.cell(row, column, ({CODE[title]: code} | dict(cells)).get(label))
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)
    return target


def resave(files: Sequence[Path]) -> None:
    """Open and save again with LibreOffice, in place."""
    with tempfile.TemporaryDirectory() as scratch:
        command = ["soffice", f"-env:UserInstallation=file://{scratch}/profile", "--headless"]
        command += ["--convert-to", "xlsx", "--outdir", f"{scratch}/out", *map(str, files)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        for path in files:
            path.write_bytes(Path(scratch, "out", path.name).read_bytes())


# --- the front door ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit status and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(*arguments: object) -> Ran:
    """The command line in this process; the environment is as before afterwards."""
    out, err = io.StringIO(), io.StringIO()
    argv = ["dondoc", *map(str, arguments)]
    with (
        patch.dict(os.environ),
        patch.object(sys, "argv", argv),
        warnings.catch_warnings(),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        warnings.filterwarnings("ignore", "Cyclopts application invoked without tokens")
        try:
            dondoc.main()
        except SystemExit as ended:
            return Ran(int(ended.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("main() always exits")


@dataclass(frozen=True)
class Workspace:
    """A workspace on a disk, and the commands on it."""

    path: Path
    ministry: Ministry = Ministry()

    def __call__(self, command: str, *arguments: object, today: date | None = CLOSING) -> Ran:
        words: list[object] = [command, *arguments, "--workspace", self.path]
        return run(*words, *(["--today", today] if today else []))

    def done(self, command: str, *arguments: object, today: date | None = CLOSING) -> Any:
        """The command's JSON answer; it must end well."""
        ran = self(command, *arguments, "--json", today=today)
        assert ran.status == 0, ran.err + ran.out
        return ran.json

    @property
    def inbox(self) -> Path:
        return self.path / "inbox"

    def submit(self, unit: str, name: str | None = None, **changes: Cells) -> Path:
        """The unit's clerk fills in the form and sends it."""
        form = self.path / "forms" / PERIOD / f"{unit}.xlsx"
        lines = self.ministry.lines(unit, **changes)
        return fill(form, self.inbox / (name or f"{unit}.xlsx"), lines)

    def cell(self, sheet: str, code: str, label: str) -> str:
        """Where the activity's line crosses a column in the form that its unit was sent."""
        form = self.path / "forms" / PERIOD / f"{code.partition('.')[0]}.xlsx"
        return address(load_workbook(form)[sheet], code, label)

    def units(self, today: date = CLOSING) -> dict[str, Any]:
        """Unit code -> its line of `status`."""
        answer = self.done("status", PERIOD, today=today)
        return {unit["code"]: unit for unit in answer["units"]}

    def outbox(self, kind: str | None = None, state: str | None = None) -> list[dict[str, Any]]:
        ran = run("outbox", "--workspace", self.path, "--json")
        assert ran.status == 0, ran.err
        return [r for r in ran.json if r["kind"] == (kind or r["kind"])
                and r["state"] == (state or r["state"])]  # fmt: skip

    def setting(self, old: str, new: str) -> None:
        """Edit dondoc.toml."""
        path = self.path / "dondoc.toml"
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")


def create(path: Path, ministry: Ministry = Ministry()) -> Workspace:
    """A new workspace with the ministry's registry in it."""
    assert run("init", path).status == 0
    ministry.write_registry(path / "registry.xlsx")
    return Workspace(path, ministry)
