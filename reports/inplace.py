"""Opens a workbook to change it in place, and keeps what openpyxl alone would alter or lose."""

import re
import warnings
from html import escape
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet.worksheet import Worksheet
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


class InPlace:
    """A workbook that can be changed as `book`; drawn shapes are lost, openpyxl knows none.

    Raises ValueError where openpyxl cannot open the file (an .xls, an .ods, a damaged one) or
    would see no cell in it (a "strict" one).
    """

    def __init__(self, content: bytes) -> None:
        try:
            content = _with_whole_fills(content)
            self.book = _load(content)
            self._results = _load(content, results=True)
        except Exception as error:  # the border: whatever a strange file does to openpyxl
            raise ValueError(f"openpyxl cannot open the file: {type(error).__name__}") from error
        self.book.template = False  # Excel refuses a template that bears a workbook's name

    def content(self) -> bytes:
        """The workbook's bytes: without the moment of saving, which openpyxl writes in two places,
        and with the results of formulas, which it leaves out and no preview calculates."""
        saved, packed = BytesIO(), BytesIO()
        self.book.save(saved)
        titles = {s.path[1:]: s.title for s in self.book.worksheets}
        with ZipFile(saved) as source, ZipFile(packed, "w", ZIP_DEFLATED) as target:
            for name in sorted(source.namelist()):
                part = source.read(name)
                if name == ARC_CONTENT_TYPES:
                    part = _in_order(part)
                elif name == ARC_CORE:
                    part = _MOMENT.sub(rb"\g<1>" + STAMP.strftime("%FT%TZ").encode(), part)
                elif titles.get(name) in self._results.sheetnames:
                    part = _with_results(part, self._results[titles[name]])
                target.writestr(ZipInfo(name), part, ZIP_DEFLATED)
        return packed.getvalue()


class _Reader(ExcelReader):
    """Takes dates as the numbers that they are stored as: 20211031 in a cell for dates is no date
    and would come back as #VALUE!."""

    def read_worksheets(self) -> None:
        self.wb._date_formats = self.wb._timedelta_formats = ()  # type: ignore[attr-defined]
        super().read_worksheets()


def _load(content: bytes, *, results: bool = False) -> Workbook:
    with ZipFile(BytesIO(content)) as package:
        macros = b"macroEnabled" in package.read(ARC_CONTENT_TYPES)
        if _STRICT in package.read(ARC_ROOT_RELS):
            raise ValueError("strict")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl leaves out is nothing we could keep
        reader = _Reader(BytesIO(content), keep_vba=macros, data_only=results, rich_text=True)
        reader.read()
    return reader.wb


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


def _with_results(part: bytes, results: Worksheet) -> bytes:
    """A sheet's XML with the results that its formulas had; those never calculated have none."""

    def result(found: re.Match[bytes]) -> bytes:
        start, address, formula = found.groups()
        cell = results[address.decode()]
        if cell.value is None and cell.data_type != "str":
            return found[0]
        value = int(cell.value) if cell.data_type == "b" else cell.value
        text = escape("" if value is None else str(value), quote=False).encode()
        return start + _RESULTS.get(cell.data_type, b"") + formula + b"<v>" + text + b"</v>"

    return _FORMULA.sub(result, part)
