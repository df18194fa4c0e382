"""Writes the worked examples: `tests/data/worked/`, workbooks whose results are formulas.

`python tests/data/make_worked.py` needs LibreOffice: what a formula comes to is what LibreOffice
reckons, and is kept in the cell beside the formula. No code of the product has a part in it.
"""

import csv
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import xlsxwriter
from openpyxl import load_workbook

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from worked_examples import EXAMPLES, Example  # noqa: E402

WORKED = HERE / "worked"
MINISTRIES = HERE / "published" / "ministries-2011-2014.csv"
MADE = datetime(2021, 11, 5)  # noqa: DTZ001 - a workbook's property knows no zone

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001
"""Day 0 of a workbook."""
ALWAYS_RECKON = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>
"""
"""LibreOffice's setting to reckon every formula anew when it opens a workbook."""

Values = Mapping[tuple[str, str], object]
"""Sheet and cell -> what LibreOffice reckoned."""
Styles = dict[str, xlsxwriter.format.Format]


def examples(path: Path, values: Values) -> None:
    """One sheet an example: what is given on the left, what follows from it on the right."""
    book, style = _book(path)
    for number, example in enumerate(EXAMPLES, 1):
        name = f"{number:02d}"
        sheet = book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 1)
        sheet.set_column("A:G", 15)
        sheet.set_column("A:A", 28)
        sheet.set_column("H:H", 34)
        sheet.set_column("I:I", 18, style["number"])
        sheet.set_column("J:J", 130, style["text"])
        sheet.write("A1", f"{number}. {example.title}", style["head"])
        sheet.write("A2", example.shows)
        sheet.write("A3", f"[{example.mark}]")
        _given(sheet, example, style)
        sheet.write_row("H4", ["Kết quả", "Giá trị", "Công thức"], style["head"])
        for row, (what, formula) in enumerate(example.results.items(), 5):
            sheet.write(f"H{row}", what)
            value = values.get((name, f"I{row}"), 0)
            value = (value - EPOCH).days if isinstance(value, datetime) else value
            shown = style["date" if what == "deadline" else "number"]
            sheet.write_formula(f"I{row}", f"={formula}", shown, value)
            sheet.write_string(f"J{row}", formula, style["text"])
    book.close()


def _given(sheet: xlsxwriter.worksheet.Worksheet, example: Example, style: Styles) -> None:
    sheet.write_row("A4", ["Năm", "Tháng", "Ngày cuối kỳ"], style["head"])
    sheet.write_row("A5", [example.year, example.month])
    sheet.write_formula("C5", "=DATE(A5,B5+1,0)", style["date"], _serial(example))
    sheet.write_row("A7", ["Thiết lập", "Giá trị"], style["head"])
    for row, (name, value) in enumerate(example.settings.items(), 8):
        sheet.write(f"A{row}", name)
        sheet.write(f"B{row}", value)
    sheet.write_row("D7", ["Nhiệm vụ", "Năm bắt đầu", "Năm kết thúc"], style["head"])
    for row, (code, years) in enumerate(example.years.items(), 8):
        sheet.write_row(f"D{row}", [code, *years])
    columns = ["Nhiệm vụ", "Đơn vị", "Nguồn vốn", "Loại", "Số tiền", "Ngày", "Năm"]
    sheet.write_row("A14", columns, style["head"])
    for row, (*cells, day, year) in enumerate(example.ledger, 15):
        sheet.write_row(f"A{row}", cells)
        sheet.write(f"G{row}", year)
        if day:
            sheet.write_datetime(
                f"F{row}", datetime.combine(day, datetime.min.time()), style["date"]
            )
    sheet.write_row("A34", ["Nhiệm vụ", "Tháng", "Giải ngân lũy kế"], style["head"])
    for row, standing in enumerate(example.paid, 35):
        sheet.write_row(f"A{row}", standing)
    sheet.write("E34", "Ngày nghỉ", style["head"])
    for row, off in enumerate(example.days_off, 35):
        sheet.write_datetime(f"E{row}", datetime.combine(off, datetime.min.time()), style["date"])


def _serial(example: Example) -> int:
    following = datetime(example.year + example.month // 12, example.month % 12 + 1, 1)  # noqa: DTZ001
    return (following - EPOCH).days - 1


def ministries(path: Path, values: Values) -> None:
    """A sheet a year: rate, place and standing of every ministry, and the average of all."""
    with MINISTRIES.open(encoding="utf-8", newline="") as lines:
        whole_bodies = (row for row in csv.DictReader(lines) if row["scope"] == "total")
        rows = [row for row in whole_bodies if row["final_mvnd"]]
    book, style = _book(path)
    for year in sorted({row["year"] for row in rows}):
        its = [row for row in rows if row["year"] == year]
        sheet = book.add_worksheet(year)
        sheet.set_column("A:A", 52)
        sheet.set_column("B:G", 18)
        last = len(its) + 3
        whole = f"SUM(C4:C{last})/SUM(B4:B{last})"
        sheet.write("A1", "Bình quân chung: tổng quyết toán / tổng dự toán", style["head"])
        sheet.write_formula("D1", f"={whole}", style["number"], values.get((year, "D1"), 0))
        head = ["Bộ, ngành", "Dự toán (triệu đồng)", "Quyết toán", "Tỷ lệ", "In ra (%)", "Thứ hạng"]
        sheet.write_row("A3", [*head, "So với bình quân"], style["head"])
        for n, row in enumerate(its, 4):
            sheet.write(f"A{n}", row["body"])
            sheet.write(f"B{n}", float(row["estimate_mvnd"]))
            sheet.write(f"C{n}", float(row["final_mvnd"]))
            formulas = {
                "D": f"C{n}/B{n}",
                "E": f"ROUND(100*C{n}/B{n},2)",
                "F": f"RANK(D{n},D$4:D${last})",
                "G": f'IF(D{n}<0.5*D$1,"low",IF(D{n}<D$1,"watch","-"))',
            }
            for column, formula in formulas.items():
                cell = f"{column}{n}"
                sheet.write_formula(
                    cell, f"={formula}", style["number"], values.get((year, cell), 0)
                )
    book.close()


def _book(path: Path) -> tuple[xlsxwriter.Workbook, Styles]:
    book = xlsxwriter.Workbook(path)
    book.set_properties({"created": MADE})
    styles = {
        "head": book.add_format({"bold": True}),
        "text": book.add_format({"align": "left", "indent": 1}),
        "date": book.add_format({"num_format": "dd/mm/yyyy"}),
        "number": book.add_format({"num_format": "General", "align": "right"}),
    }
    return book, styles


def reckoned(write: Callable[[Path, Values], None]) -> Values:
    """What LibreOffice makes of the formulas of a workbook."""
    with tempfile.TemporaryDirectory() as folder:
        bare, done = Path(folder, "bare.xlsx"), Path(folder, "done")
        settings = Path(folder, "profile", "user", "registrymodifications.xcu")
        settings.parent.mkdir(parents=True)
        settings.write_text(ALWAYS_RECKON, "utf-8")
        write(bare, {})
        subprocess.run(
            [shutil.which("soffice") or "soffice", f"-env:UserInstallation=file://{folder}/profile",
             "--headless", "--convert-to", "xlsx", "--outdir", done, bare],
            check=True, capture_output=True,
        )  # fmt: skip
        book = load_workbook(done / "bare.xlsx", data_only=True)
        return {
            (sheet.title, cell.coordinate): cell.value
            for sheet in book
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        }


def main() -> None:
    """Write both workbooks, each twice: bare, and with what was reckoned."""
    for name, write in (("examples.xlsx", examples), ("ministries.xlsx", ministries)):
        write(WORKED / name, reckoned(write))
    print(f"{len(EXAMPLES)} worked examples")  # noqa: T201


if __name__ == "__main__":
    main()
