"""The clerk's own workbook sent back: bad cells coloured and explained, and listed on a sheet."""

from collections.abc import Sequence
from itertools import groupby

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook.views import BookView
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from reports.inplace import InPlace
from reports.packed import LINE
from reports.sheets import HEADER, INPUT, LOCKED, lines
from schemas.findings import Finding, Severity
from schemas.forms import CORRECTIONS, HIDDEN
from schemas.texts import say

LIST = CORRECTIONS
"""The sheet in front that lists the findings."""
AUTHOR = "dondoc"

ERROR, WARNING = "#F4A6A0", "#FFD58A"
"""Fill colours of bad cells; they also tell a cell that an earlier return has marked."""
FILLS = {Severity.ERROR: ERROR, Severity.WARNING: WARNING}
"""An `info` is listed only, its cell is as it should be."""
_WORDS = {Severity.ERROR: "returned.fix", Severity.WARNING: "returned.look"}
"""How our comments begin; LibreOffice does not keep their author."""
_GAP = "\n\n"
"""Parts our comment from the clerk's own below it."""
_ORDER = tuple(Severity)

_COLUMNS = {"STT": 6, "Trang tính": 20, "Ô": 10, "Mức độ": 12, "Nội dung": 92}
_HEAD = 4
"""The list's header row, from 1."""
_CELL, _SEVERITY = 3, 4
"""Columns of the list, from 1."""

_COMMENT_WIDTH, _COMMENT_LINE, _COMMENT_LETTERS = 360, 20, 48
"""A comment's width and a line's height in pixels, and the letters that a line holds."""

_TYPEFACE = "Times New Roman"
_LINK = "FF0563C1"
_THIN = Side(style="thin")


def returned_workbook(content: bytes, findings: Sequence[Finding], note: str = "") -> bytes:
    """The .xlsx or .xlsm `content` with every bad cell filled and commented, and a sheet in front
    that lists all findings, errors first. What an earlier return left there is removed first.

    Findings without a cell in this workbook are listed only; `note` stands above the list. The
    same arguments give the same bytes. Raises ValueError where openpyxl cannot open the file, see
    `reports.inplace`.
    """
    file = InPlace(content)
    book = file.book
    _unmark(book)
    sheet = _list_sheet(book, note)
    marked: dict[Cell, list[Finding]] = {}
    ordered = sorted(findings, key=lambda finding: _ORDER.index(finding.severity))
    for number, finding in enumerate(ordered, 1):
        cell = _cell(book, finding)
        _list(sheet, number, finding, cell)
        if cell and finding.severity in FILLS:
            marked.setdefault(cell, []).append(finding)
    for cell, its in marked.items():
        _mark(cell, its)
    return file.content()


def _unmark(book: Workbook) -> None:
    """Takes away the list, the comments and the fills of an earlier return."""
    for title in book.sheetnames:
        ours = title.casefold().startswith(LIST.casefold())
        if ours and book[title]["A1"].value == say("returned.title"):
            book.remove(book[title])
    beginnings = tuple(say(key) for key in _WORDS.values())
    fills = {_argb(colour) for colour in FILLS.values()}
    for sheet in book.worksheets:
        cells = tuple(sheet._cells.values())  # iter_rows would create what is not there
        # a converted form has the hidden sheet too, but none of our fills
        blank = HIDDEN in book.sheetnames and not all(c.protection.locked for c in cells)
        for cell in cells:
            comment = cell.comment
            if comment and (comment.author == AUTHOR or comment.text.startswith(beginnings)):
                own = comment.text.partition(_GAP)[2]
                cell.comment = Comment(own, "") if own else None
            if cell.fill.fill_type == "solid" and cell.fill.fgColor.rgb in fills:
                cell.fill = _blank_fill(cell) if blank else PatternFill()


def _blank_fill(cell: Cell | MergedCell) -> PatternFill:
    """What the cell had in our blank form."""
    return _solid(LOCKED if cell.protection.locked else INPUT)


def _cell(book: Workbook, finding: Finding) -> Cell | None:
    """The finding's cell, of merged ones the first; None where it has none in this workbook."""
    sheet = next((s for s in book.worksheets if s.title == finding.sheet), None)
    if sheet is None or finding.cell is None:
        return None
    merged = (area.start_cell for area in sheet.merged_cells.ranges if finding.cell in area)
    cell: Cell = next(merged, None) or sheet[finding.cell]
    return cell


def _mark(cell: Cell, findings: Sequence[Finding]) -> None:
    """Fills the cell by its gravest finding; one comment says all of them, then the clerk's own."""
    cell.fill = _solid(FILLS[findings[0].severity])
    parts = []
    for severity, its in groupby(findings, key=lambda finding: finding.severity):
        parts += [say(_WORDS[severity]), *(f"- {_plain(finding.message)}" for finding in its)]
    text = "\n".join(parts)
    if cell.comment:
        text += _GAP + cell.comment.text
    high = sum(lines(part, _COMMENT_LETTERS) for part in text.split("\n")) + 1
    cell.comment = Comment(text, AUTHOR, high * _COMMENT_LINE, _COMMENT_WIDTH)


def _list_sheet(book: Workbook, note: str) -> Worksheet:
    """The empty list, in front and shown when the workbook is opened."""
    sheet: Worksheet = book.create_sheet(LIST, 0)
    for other in book.worksheets:
        other.sheet_view.tabSelected = other is sheet  # two selected sheets are edited together
    book.views, book.active = [BookView()], sheet
    sheet["A1"] = say("returned.title")
    sheet["A2"] = " ".join(filter(None, (note, say("returned.what-to-do"))))
    sheet["A1"].font = Font(_TYPEFACE, 14, bold=True)
    sheet["A2"].font = Font(_TYPEFACE, 11)
    sheet["A2"].alignment = Alignment(wrap_text=True, vertical="top")
    sheet.merge_cells(start_row=2, start_column=1, end_row=2, end_column=len(_COLUMNS))
    sheet.row_dimensions[2].height = LINE * lines(sheet["A2"].value, sum(_COLUMNS.values()))
    for column, (label, width) in enumerate(_COLUMNS.items(), 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
        head = _write(sheet, _HEAD, column, label)
        head.font, head.fill = Font(_TYPEFACE, 11, bold=True), _solid(HEADER)
        head.alignment = Alignment(wrap_text=True, horizontal="center", vertical="center")
    sheet.freeze_panes = f"A{_HEAD + 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{_HEAD}:{_HEAD}"
    sheet.oddFooter.center.text = "&P/&N"  # type: ignore[union-attr]
    return sheet


def _list(sheet: Worksheet, number: int, finding: Finding, cell: Cell | None) -> None:
    row, severity = _HEAD + number, say(f"severity.{finding.severity}")
    texts = str(number), finding.sheet or "", finding.cell or "", severity, _plain(finding.message)
    _write(sheet, row, 1, number).alignment = Alignment(horizontal="center", vertical="top")
    for column, text in enumerate(texts[1:], 2):
        _write(sheet, row, column, text)
    sheet.row_dimensions[row].height = LINE * max(map(lines, texts, _COLUMNS.values()))
    if finding.severity in FILLS:
        sheet.cell(row, _SEVERITY).fill = _solid(FILLS[finding.severity])
    if cell:
        link, place = sheet.cell(row, _CELL), quote_sheetname(cell.parent.title)
        link.hyperlink = Hyperlink(link.coordinate, location=f"{place}!{cell.coordinate}")
        link.font = Font(_TYPEFACE, 11, underline="single", color=_LINK)


def _write(sheet: Worksheet, row: int, column: int, value: str | int) -> Cell:
    cell: Cell = sheet.cell(row, column, value)
    if isinstance(value, str):
        cell.data_type, cell.quotePrefix = "s", True  # never a formula, whatever it begins with
    cell.border = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
    cell.font = Font(_TYPEFACE, 11)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _plain(text: str) -> str:
    """On one line, without the control characters that no workbook can hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _solid(colour: str) -> PatternFill:
    return PatternFill("solid", fgColor=_argb(colour))


def _argb(colour: str) -> str:
    return colour.replace("#", "FF")
