"""Pages as files, by the programs that clerks' files come from; the same bytes every time."""

import csv
import html
import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime

import openpyxl
import pandas as pd
import xlsxwriter
from docx import Document
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from corpus.page import Formula, Page

THEN = (2021, 11, 3, 8, 0, 0)


def fixed(content: bytes) -> bytes:
    """A package without the hour of its making."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        members = {name: old.read(name) for name in old.namelist()}
    core = "docProps/core.xml"
    if core in members:
        stamp = rb"(<dcterms:\w+[^>]*>)[^<]*"
        members[core] = re.sub(stamp, rb"\g<1>2021-11-03T08:00:00Z", members[core])
    return package(members)


def package(members: dict[str, bytes]) -> bytes:
    """A zip of these."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as new:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name, THEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, data)
    return content.getvalue()


def members(content: bytes) -> dict[str, bytes]:
    """What a package holds."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def openpyxl_(*pages: Page, epoch_1904: bool = False) -> bytes:  # noqa: PLR0912 - flat
    """By openpyxl, which works no formula out."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    if epoch_1904:
        book.epoch = CALENDAR_MAC_1904
    for page in pages:
        sheet = book.create_sheet(page.name)
        for (row, column), value in page.cells.items():
            written = value.text if isinstance(value, Formula) else value
            cell = sheet.cell(row, column)
            cell.value = written
            if isinstance(value, str) and value.startswith("="):
                cell.data_type = "s"  # a text, whatever it looks like
            if isinstance(value, date) and (row, column) not in page.formats:
                cell.number_format = "dd/mm/yyyy"
        for (row, column), shape in page.formats.items():
            sheet.cell(row, column).number_format = shape
        for (row, column), typeface in page.fonts.items():
            sheet.cell(row, column).font = Font(name=typeface)
        for row, column in page.flaws:
            sheet.cell(row, column).value = "=1+1"
        for row, column, last_row, last_column in page.merged:
            sheet.merge_cells(None, row, column, last_row, last_column)
        for column in page.hidden_columns:
            sheet.column_dimensions[get_column_letter(column)].hidden = True
        for row in page.hidden_rows:
            sheet.row_dimensions[row].hidden = True
        if page.filtered:
            sheet.auto_filter.ref = page.filtered
        if not page.visible:
            sheet.sheet_state = "hidden"
    content = io.BytesIO()
    book.save(content)
    return fixed(content.getvalue())


def xlsxwriter_(*pages: Page) -> bytes:
    """By XlsxWriter, which writes shared strings and what its caller worked out."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        book.set_properties({"created": datetime(*THEN)})  # noqa: DTZ001 - a stamp
        for page in pages:
            sheet = book.add_worksheet(page.name)
            for (row, column), value in page.cells.items():
                look: dict[str, object] = {}
                if isinstance(value, date):
                    look["num_format"] = "dd/mm/yyyy"
                if shape := page.formats.get((row, column)):
                    look["num_format"] = shape
                if typeface := page.fonts.get((row, column)):
                    look["font_name"] = typeface
                style = book.add_format(look) if look else None
                place = row - 1, column - 1
                if isinstance(value, Formula):
                    sheet.write_formula(*place, value.text, style, value.value)
                elif isinstance(value, str):
                    sheet.write_string(*place, value, style)
                else:
                    sheet.write(*place, value, style)
            for row, column, last_row, last_column in page.merged:
                first = page.cells.get((row, column), "")
                sheet.merge_range(row - 1, column - 1, last_row - 1, last_column - 1, first)
    return fixed(content.getvalue())


def pandas_(page: Page) -> bytes:
    """By pandas, as an export from a programme has it."""
    header, *lines = page.grid
    frame = pd.DataFrame([[c if c != "" else None for c in line] for line in lines], columns=header)
    content = io.BytesIO()
    frame.to_excel(content, sheet_name=page.name, index=False)
    return fixed(content.getvalue())


def csv_(
    page: Page, *, delimiter: str = ",", encoding: str = "utf-8", comma: bool = False
) -> bytes:
    """As text; with `comma` the decimals follow one."""
    content = io.StringIO()
    writer = csv.writer(content, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([as_text(value, comma=comma) for value in line] for line in page.grid)
    return content.getvalue().encode(encoding)


def as_text(value: object, *, comma: bool = False) -> str:
    """A cell as it is shown."""
    if isinstance(value, Formula):
        value = value.value
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, int | float):
        return str(value).replace(".", "," if comma else ".")
    return str(value)


def html_(*pages: Page, comma: bool = True) -> bytes:
    """As Excel and web programs save a table under the name .xls; merged cells span."""
    tables = "\n".join(_html_table(page, comma=comma) for page in pages)
    return (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"\n'
        'xmlns:x="urn:schemas-microsoft-com:office:excel">\n'
        '<head><meta http-equiv=Content-Type content="text/html; charset=utf-8"></head>\n'
        f"<body>\n{tables}\n</body></html>\n"
    ).encode()


def _html_table(page: Page, *, comma: bool) -> str:
    spans = {(r, c): (last_r - r + 1, last_c - c + 1) for r, c, last_r, last_c in page.merged}
    covered = {
        (r, c)
        for top, left, bottom, right in page.merged
        for r in range(top, bottom + 1)
        for c in range(left, right + 1)
        if (r, c) != (top, left)
    }
    lines = []
    for row, line in enumerate(page.grid, 1):
        cells = []
        for column, value in enumerate(line, 1):
            if (row, column) in covered:
                continue
            down, across = spans.get((row, column), (1, 1))
            span = f" rowspan={down}" * (down > 1) + f" colspan={across}" * (across > 1)
            shown = html.escape(as_text(value, comma=comma)).replace("\n", "<br>") or "&nbsp;"
            cells.append(f"<td{span}>{shown}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return "<table border=1>\n" + "\n".join(lines) + "\n</table>"


def xml_2003(*pages: Page) -> bytes:
    """Excel 2003's XML, whose cells and rows leave out what is empty."""
    sheets = "".join(_xml_sheet(page) for page in pages)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"\n'
        ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">\n'
        '<Styles><Style ss:ID="d"><NumberFormat ss:Format="dd/mm/yyyy"/></Style></Styles>\n'
        f"{sheets}</Workbook>\n"
    ).encode()


def _xml_sheet(page: Page) -> str:
    merged = {(r, c): (last_r - r, last_c - c) for r, c, last_r, last_c in page.merged}
    rows = []
    for row in sorted({row for row, _ in page.cells}):
        cells = []
        for column in sorted(c for r, c in page.cells if r == row):
            value = page.cells[row, column]
            down, across = merged.get((row, column), (0, 0))
            more = f' ss:MergeDown="{down}"' * (down > 0) + f' ss:MergeAcross="{across}"' * (
                across > 0
            )
            if isinstance(value, Formula):
                more += f' ss:Formula="{html.escape(value.text)}"'
                value = value.value
            if isinstance(value, date):
                data = f'<Data ss:Type="DateTime">{value:%Y-%m-%d}T00:00:00.000</Data>'
                more += ' ss:StyleID="d"'
            elif isinstance(value, int | float):
                data = f'<Data ss:Type="Number">{value}</Data>'
            elif value is None:
                data = ""
            else:
                escaped = html.escape(str(value)).replace("\n", "&#10;")
                data = f'<Data ss:Type="String">{escaped}</Data>'
            cells.append(f'<Cell ss:Index="{column}"{more}>{data}</Cell>')
        rows.append(f'<Row ss:Index="{row}">{"".join(cells)}</Row>')
    joined = "\n".join(rows)
    return f'<Worksheet ss:Name="{page.name}"><Table>\n{joined}\n</Table></Worksheet>\n'


def docx_(*pages: Page, before: Sequence[str] = ()) -> bytes:
    """A Word document with a table for each page; merged cells are merged."""
    document = Document()
    for text in before:
        document.add_paragraph(text)
    for page in pages:
        grid = page.grid
        table = document.add_table(len(grid), len(grid[0]), "Table Grid")
        for row, line in enumerate(grid):
            cells = table.rows[row].cells
            for cell, value in zip(cells, line, strict=True):
                cell.text = as_text(value, comma=True)
        for row, column, last_row, last_column in page.merged:
            first = table.cell(row - 1, column - 1)
            text = first.text
            first.merge(table.cell(last_row - 1, last_column - 1)).text = text
        document.add_paragraph("")
    content = io.BytesIO()
    document.save(content)
    return fixed(content.getvalue())
