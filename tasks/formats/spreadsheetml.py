"""Touches the XML that Excel 2003 wrote, which other programs still write and call .xls."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from schemas.reading import Book
from tasks.formats import Refused
from tasks.formats.bounds import at_most
from tasks.formats.numberformats import DATE, PERCENT, before_unicode, iso, meaning
from tasks.formats.runs import LOWERED, RAISED, STRUCK, set_apart
from tasks.formats.sheet import Sheet
from tasks.formats.xmltext import attribute, child, children, local, tree

if TYPE_CHECKING:
    from schemas.settings import Reading

_NAMED = {
    "Percent": "0%",
    "General Date": "d/m/y h:mm",
    "Short Date": "d/m/y",
    "Medium Date": "d/m/y",
    "Long Date": "d/m/y",
    "Short Time": "h:mm",
    "Medium Time": "h:mm",
    "Long Time": "h:mm:ss",
}
"""Formats that are written as a name."""
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[Ee][+-]?\d+)?", re.ASCII)
_APART = {"Sup": RAISED, "Sub": LOWERED, "S": STRUCK}
_DEEPEST = 10


class _Styles:
    """What the styles say, each on top of its parent and all on top of `Default`."""

    def __init__(self, root: Any, limits: "Reading") -> None:
        styles = children(child(root, "Styles"), "Style")
        at_most(len(styles), limits.styles, "styles")
        self._styles = {attribute(style, "ID"): style for style in styles}

    def means(self, name: str | None) -> str:
        """What a number means."""
        written = self._said(name, "NumberFormat", "Format") or ""
        return meaning(_NAMED.get(written, written))

    def font(self, name: str | None) -> str | None:
        """The typeface, where it is one of before Unicode."""
        found = self._said(name, "Font", "FontName")
        return found if before_unicode(found) else None

    def _said(self, name: str | None, part: str, what: str) -> str | None:
        for _ in range(_DEEPEST):
            style = self._styles.get(name or "Default")
            said = child(style, part)
            if said is not None and attribute(said, what) is not None:
                return attribute(said, what)
            if style is None or attribute(style, "ID") == "Default":
                return None
            name = attribute(style, "Parent")
        return None


def read(content: bytes, limits: "Reading") -> Book:
    """The workbook."""
    root = tree(content)
    styles = _Styles(root, limits)
    sheets = children(root, "Worksheet")
    at_most(len(sheets), limits.sheets, "sheets")
    from_1904 = child(child(root, "ExcelWorkbook"), "Date1904") is not None
    grids = tuple(_sheet(sheet, styles, from_1904, limits).grid() for sheet in sheets)
    return Book("xml", grids, from_1904=from_1904)


def _sheet(element: Any, styles: _Styles, from_1904: bool, limits: "Reading") -> Sheet:
    shown = child(child(element, "WorksheetOptions"), "Visible")
    sheet = Sheet(attribute(element, "Name") or "", limits, visible=shown is None)
    table = _only(element, "Table")
    of_columns = _column_styles(table, limits)
    row = -1
    for line in children(table, "Row"):
        row = _index(line, row + 1)
        column = -1
        for cell in children(line, "Cell"):
            column = _index(cell, column + 1)
            of_column = of_columns[column] if column < len(of_columns) else None
            style = attribute(cell, "StyleID") or attribute(line, "StyleID") or of_column
            _put(sheet, row, column, cell, (styles, style or _of(table, "StyleID")), from_1904)
            along, down = _count(cell, "MergeAcross"), _count(cell, "MergeDown")
            if along or down:
                sheet.merge(row, column, row + down, column + along)
            column += along
        if sheet.far:
            break
        row += _count(line, "Span")
    return sheet


def _put(
    sheet: Sheet,
    row: int,
    column: int,
    cell: Any,
    styled: tuple[_Styles, str | None],
    from_1904: bool,
) -> None:
    data, formula = _only(cell, "Data"), attribute(cell, "Formula")
    words = "" if data is None else "".join(_words(data))
    kind = "" if data is None else attribute(data, "Type")
    styles, style = styled
    if kind == "Error":
        sheet.flaw(row, column, "error-value", words)
    elif formula and not words and kind != "String":
        sheet.flaw(row, column, "uncalculated-formula")
    elif kind == "Number":
        if _NUMBER.fullmatch(words.strip()):
            sheet.put_number(row, column, float(words), styles.means(style), from_1904)
        else:
            sheet.flaw(row, column, "error-value", words)
    elif kind == "DateTime":
        _put_moment(sheet, row, column, words, styles.means(style))
    elif kind == "Boolean":
        sheet.put(row, column, words.strip() == "1")
    else:
        sheet.put(row, column, words)
        if words:
            sheet.font(row, column, styles.font(style))
    if formula and ".xls" in formula.lower() and "[" in formula:
        sheet.link(row, column)


def _words(element: Any) -> Iterator[str]:
    yield element.text or ""
    for inner in element:
        yield set_apart("".join(_words(inner)), _APART.get(local(inner), ""))
        yield inner.tail or ""


def _put_moment(sheet: Sheet, row: int, column: int, words: str, means: str) -> None:
    """A date; a time of day is written as one of 31/12/1899."""
    day = words.startswith(("1899-12-31T", "1904-01-01T"))
    if means == PERCENT:  # a date shown as a percentage is nonsense that somebody should see
        sheet.flaw(row, column, "error-value", words)
    elif day and means != DATE:
        sheet.put(row, column, words.partition("T")[2][:8])
    else:
        sheet.put(row, column, iso(words))


def _column_styles(table: Any, limits: "Reading") -> list[str | None]:
    found: list[str | None] = []
    for column in children(table, "Column"):
        at = min(_index(column, len(found)), limits.columns)
        found += [None] * (at - len(found))
        found += [attribute(column, "StyleID")] * min(_count(column, "Span") + 1, limits.columns)
        del found[limits.columns :]
    return found


def _index(element: Any, otherwise: int) -> int:
    """Where it stands, from 0; never before where it would stand anyway."""
    said = attribute(element, "Index")
    at = int(said) - 1 if said else otherwise
    if at < otherwise:
        raise Refused("unreadable")
    return at


def _count(element: Any, name: str) -> int:
    said = attribute(element, name)
    return max(0, int(said)) if said else 0


def _only(element: Any, name: str) -> Any:
    """The child of that name; programs differ in which of two they show."""
    found = children(element, name)
    if len(found) > 1:
        raise Refused("unreadable")
    return found[0] if found else None


def _of(element: Any, name: str) -> str | None:
    return None if element is None else attribute(element, name)
