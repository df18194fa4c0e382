"""Makes the ministry that the benchmark measures: N units, and what their clerks sent."""

import io
import random
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from lxml import etree
from openpyxl.utils import coordinate_to_tuple
from sqlalchemy import insert

from flows.create import create
from flows.open_period import open_period
from ministry import (
    CODE,
    DIFFICULTY,
    DISBURSED,
    ESTIMATE,
    IT,
    MONEY,
    OPENING,
    PERIOD,
    SOLUTION,
    SOURCES,
    STRATEGY,
    Activity,
    Cells,
    Lines,
    Ministry,
)
from schemas import tables
from tasks.desk import Desk

ACTIVITIES = 5
LOW, FAULTY, MISSING = 0.2, 0.03, 0.02
"""Shares of the units that spend too slowly, whose workbook has an error, that send none."""

FAULTS: tuple[Cells, ...] = (
    {DISBURSED: "chưa có số liệu"},
    {DISBURSED: Decimal(-12)},
    {ESTIMATE: Decimal(1)},
)
"""What the clerks get wrong, in turns: a word for an amount, a negative one, and an estimate for
the year below what is spent already."""

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_EXCEL_ZERO = date(1899, 12, 30)


@dataclass(frozen=True)
class Country(Ministry):
    """The tests' ministry with five activities a unit; equal seeds make equal countries."""

    seed: int = 2021

    @cached_property
    def low(self) -> frozenset[str]:
        """The units that spend too slowly."""
        return self._some("low", LOW)

    @cached_property
    def faulty(self) -> tuple[str, ...]:
        """The units whose workbook has an error."""
        return tuple(sorted(self._some("faulty", FAULTY) - self.missing))

    @cached_property
    def missing(self) -> frozenset[str]:
        """The units that send nothing."""
        return self._some("missing", MISSING)

    def _some(self, what: str, share: float) -> frozenset[str]:
        chosen = random.Random(f"{self.seed} {what}")  # noqa: S311 - no secret
        return frozenset(chosen.sample(self.units, max(1, round(share * self.count))))

    @cached_property
    def _by_unit(self) -> Mapping[str, list[Activity]]:
        return {unit: [*self._activities(i, unit)] for i, unit in enumerate(self.units, 1)}

    def activities(self) -> list[Activity]:
        """Of all units."""
        return [one for its in self._by_unit.values() for one in its]

    def of(self, unit: str) -> list[Activity]:
        """Of one unit."""
        return self._by_unit[unit]

    def _activities(self, i: int, unit: str) -> Iterable[Activity]:
        chance = random.Random(f"{self.seed} {unit}")  # noqa: S311
        for k in range(1, ACTIVITIES + 1):
            forms = ["Giải ngân"]
            if k == ACTIVITIES - 1 and i % 2:
                forms.append("CNTT")
            if k == ACTIVITIES and i % 3 == 0:
                forms.append("Chiến lược")
            assigned = Decimal(chance.randint(400_000, 9_000_000)) / 1000
            share = chance.uniform(0.1, 0.55) if unit in self.low else chance.uniform(0.75, 0.95)
            yield Activity(
                f"{unit}.{k}",
                unit,
                SOURCES[(i + k) % len(SOURCES)],
                (("Giao", str(assigned), date(2021, 1, 4), f"{i}{k}/QĐ-UBDT"),),
                (assigned * Decimal(share)).quantize(Decimal("0.001")),
                "; ".join(forms),
            )

    def lines(self, unit: str, **changes: Cells) -> dict[str, Lines]:
        """Sheet -> what the clerk types."""
        its = self.of(unit)
        money: dict[str, dict[str, Any]] = {
            a.code: {
                DISBURSED: a.disbursed,
                ESTIMATE: a.budget,
                DIFFICULTY: "Chờ thẩm định hồ sơ",
                SOLUTION: "Hoàn tất hồ sơ trong tháng 11",
            }
            for a in its
        }
        if unit in self.faulty:
            money[its[0].code] |= FAULTS[self.faulty.index(unit) % len(FAULTS)]
        for code, cells in changes.items():
            money[code.replace("_", ".")] |= cells
        lines: dict[str, Lines] = {MONEY: money}
        for one in its:
            if "CNTT" in one.forms:
                done = {"Nghiệm thu": "Đã hoàn thành", "Ngày nghiệm thu": date(2021, 9, 10)}
                more = {"Bàn giao": "Đang thực hiện", "Thanh quyết toán": "Chưa"}
                lines[IT] = {one.code: done | more}
            if "Chiến lược" in one.forms:
                lines[STRATEGY] = {one.code: {"Tỷ lệ hoàn thành (%)": 60, "Số hội thảo": 2}}
        return lines

    def senders(self) -> list[str]:
        """The units that send a workbook."""
        return [unit for unit in self.units if unit not in self.missing]


def build(folder: Path, country: Country) -> None:
    """`folder/new`, a workspace that waits for its first command; `folder/filled`, the workbooks
    that the clerks send into it. What is there already stays."""
    if folder.exists():
        return
    scratch = folder.with_name(f"{folder.name}.making")
    shutil.rmtree(scratch, ignore_errors=True)
    new, opened = scratch / "new", scratch / "opened"
    create(new, sample=False)
    country.write_registry(new / "registry.xlsx")
    settings = new / "dondoc.toml"
    most = f"most = {10 * country.count}"  # the wire against too many mails is meant for less
    settings.write_text(settings.read_text("utf-8").replace("# most = 2000", most, 1), "utf-8")
    know_key(new, country.seed)
    shutil.copytree(new, opened)
    open_period.fn(opened, PERIOD, OPENING)
    filled = scratch / "filled"
    filled.mkdir()
    for unit in country.senders():
        form = opened / "forms" / PERIOD / f"{unit}.xlsx"
        (filled / form.name).write_bytes(fill_in(form.read_bytes(), country.lines(unit)))
    shutil.rmtree(opened)
    scratch.rename(folder)


def know_key(workspace: Path, seed: int) -> None:
    """Give the workspace a key of the seed's, so that forms of one are signed for every copy."""
    key = random.Random(seed).randbytes(32).hex()  # noqa: S311 - it protects nothing
    with Desk(workspace) as desk, desk.writer.begin() as connection:
        connection.execute(insert(tables.workspace).values(key="signing-key", value=key))


def fill_in(form: bytes, lines: Mapping[str, Lines]) -> bytes:
    """A unit's workbook filled in, as `ministry.fill` does through openpyxl, but in the XML: a
    hundredth of the time, and what the ministry wrote stays as it is."""
    with zipfile.ZipFile(io.BytesIO(form)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    shared = ["".join(one.itertext()) for one in etree.fromstring(parts["xl/sharedStrings.xml"])]
    sheets = etree.fromstring(parts["xl/workbook.xml"]).find(f"{_MAIN}sheets")
    assert sheets is not None
    titles = [str(one.get("name")) for one in sheets]
    for title, its in lines.items():
        part = f"xl/worksheets/sheet{titles.index(title) + 1}.xml"
        parts[part] = _filled(parts[part], shared, CODE[title], its)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _filled(part: bytes, shared: list[str], key: str, lines: Lines) -> bytes:
    root = etree.fromstring(part)
    cells = {coordinate_to_tuple(str(c.get("r"))): c for c in root.iter(f"{_MAIN}c")}
    text = {at: shared[int(c[0].text or "")] for at, c in cells.items() if c.get("t") == "s"}
    head, code = next(at for at, said in text.items() if said == key)
    columns = {said: column for (row, column), said in text.items() if row == head}
    rows = {said: row for (row, column), said in text.items() if column == code}
    for line, its in lines.items():
        for label, value in its.items():
            _write(cells[rows[line], columns[label]], value)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _write(cell: etree._Element, value: object) -> None:
    for child in cell:
        cell.remove(child)
    if isinstance(value, str):
        cell.set("t", "inlineStr")
        etree.SubElement(etree.SubElement(cell, f"{_MAIN}is"), f"{_MAIN}t").text = value
        return
    cell.attrib.pop("t", None)
    days = (value - _EXCEL_ZERO) // timedelta(days=1) if isinstance(value, date) else value
    etree.SubElement(cell, f"{_MAIN}v").text = str(days)
