"""Opens a workbook to change it in place, and keeps what openpyxl alone would alter or lose."""

import re
import warnings
from collections.abc import Mapping
from html import escape
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import ARC_CONTENT_TYPES, ARC_CORE, ARC_ROOT_RELS, ARC_STYLE
from openpyxl.xml.functions import fromstring, tostring

from reports.sheets import STAMP

_STRICT = b"purl.oclc.org/ooxml"
"""The names in a "strict" workbook begin so; openpyxl looks for others."""
_EMPTY_FILL = re.compile(rb"<(\w+:)?fill\s*(?:/>|>\s*</(?:\w+:)?fill>)")
"""As some programs write none at all; openpyxl refuses the whole file for it."""
_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_FORMULA = re.compile(rb'(<c r="([A-Z]+\d+)"[^>]*)(><f.*?(?:</f>|/>))(?:<v></v>|<v ?/>)', re.DOTALL)
"""A formula as openpyxl writes it: start, address, formula, and no result."""
_RESULTS = {"s": b' t="str"', "str": b' t="str"', "b": b' t="b"', "e": b' t="e"'}
"""openpyxl's type of a formula's result -> the file's; numbers need none."""

Results = Mapping[str, tuple[Any, str]]
"""Address -> what the cell shows, of a formula its result; and openpyxl's type of it."""


class InPlace:
    """A workbook that can be changed as `book`; drawn shapes are lost, openpyxl knows none.

    Raises ValueError where openpyxl cannot open the file (an .xls, an .ods, a damaged one) or
    would see no cell in it (a "strict" one).
    """

    def __init__(self, content: bytes) -> None:
        try:
            content = _with_whole_fills(content)
            self.book, self._results = _load(content)
        except Exception as error:  # the border: whatever a strange file does to openpyxl
            raise ValueError(f"openpyxl cannot open the file: {type(error).__name__}") from error
        self.book.template = False  # Excel refuses a template that bears a workbook's name

    def content(self) -> bytes:
        """The workbook's bytes: without the moment of saving, which openpyxl writes in two places,
        and with the results of formulas, which it leaves out and no preview calculates."""
        saved, packed = BytesIO(), BytesIO()
        self.book.save(saved)
        if macros := self.book.vba_archive:
            macros.close()  # openpyxl does not, and Python complains of it some time later
        titles = {s.path[1:]: s.title for s in self.book.worksheets}
        with ZipFile(saved) as source, ZipFile(packed, "w", ZIP_DEFLATED) as target:
            for name in sorted(source.namelist()):
                part = source.read(name)
                if name == ARC_CONTENT_TYPES:
                    part = _in_order(part)
                elif name == ARC_CORE:
                    part = _MOMENT.sub(rb"\g<1>" + STAMP.strftime("%FT%TZ").encode(), part)
                elif results := self._results.get(titles.get(name, "")):
                    part = _with_results(part, results)
                target.writestr(ZipInfo(name), part, ZIP_DEFLATED)
        return packed.getvalue()


class _Reader(ExcelReader):
    """Takes dates as the numbers that they are stored as: 20211031 in a cell for dates is no date
    and would come back as #VALUE!. Keeps the results of formulas, by the titles of their sheets."""

    def read_worksheets(self) -> None:
        self.wb._date_formats = self.wb._timedelta_formats = ()  # type: ignore[attr-defined]
        super().read_worksheets()
        calculated = {
            sheet.title
            for sheet in self.wb.worksheets
            if any(cell.data_type == "f" for cell in sheet._cells.values())
        }
        self.results = {
            sheet.name: self._results(relation.target)
            for sheet, relation in self.parser.find_sheets()
            if sheet.name in calculated
        }

    def _results(self, part: str) -> Results:
        with self.archive.open(part) as source:
            parser = WorkSheetParser(source, self.shared_strings, data_only=True, rich_text=True)
            cells = [cell for _, row in parser.parse() for cell in row]
        return {
            f"{get_column_letter(cell['column'])}{cell['row']}": (cell["value"], cell["data_type"])
            for cell in cells
        }


def _load(content: bytes) -> tuple[Workbook, Mapping[str, Results]]:
    with ZipFile(BytesIO(content)) as package:
        macros = b"macroEnabled" in package.read(ARC_CONTENT_TYPES)
        if _STRICT in package.read(ARC_ROOT_RELS):
            raise ValueError("strict")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl leaves out is nothing we could keep
        reader = _Reader(BytesIO(content), keep_vba=macros, rich_text=True)
        reader.read()
    return reader.wb, reader.results


def _with_whole_fills(content: bytes) -> bytes:
    """The same package; where a fill is empty, with one that says so."""
    with ZipFile(BytesIO(content)) as package:
        styles = package.read(ARC_STYLE) if ARC_STYLE in package.namelist() else b""
        mended = _EMPTY_FILL.sub(rb"<\g<1>fill><\g<1>patternFill/></\g<1>fill>", styles)
        if mended == styles:
            return content
        packed = BytesIO()
        with ZipFile(packed, "w", ZIP_DEFLATED) as target:
            for name in dict.fromkeys(package.namelist()):
                target.writestr(name, mended if name == ARC_STYLE else package.read(name))
    return packed.getvalue()


def _in_order(part: bytes) -> bytes:
    """The list of content types, which openpyxl writes in a random order where macros are kept."""
    root = fromstring(part)
    root[:] = sorted(root, key=lambda element: (element.tag, *element.attrib.items()))
    return tostring(root)  # type: ignore[return-value]  # the stub says str, it is bytes


def _with_results(part: bytes, results: Results) -> bytes:
    """A sheet's XML with the results that its formulas had; those never calculated have none."""

    def result(found: re.Match[bytes]) -> bytes:
        start, address, formula = found.groups()
        value, kind = results.get(address.decode(), (None, ""))
        if value is None and kind != "str":
            return found[0]
        value = int(value) if kind == "b" else value
        text = escape("" if value is None else str(value), quote=False).encode()
        return start + _RESULTS.get(kind, b"") + formula + b"<v>" + text + b"</v>"

    return _FORMULA.sub(result, part)
