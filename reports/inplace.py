"""Opens a workbook to change it in place, and keeps what openpyxl alone would alter or lose."""

import re
import warnings
from html import escape
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.constants import ARC_CONTENT_TYPES, ARC_CORE
from openpyxl.xml.functions import fromstring, tostring

from reports.sheets import STAMP

_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_FORMULA = re.compile(rb'(<c r="([A-Z]+\d+)"[^>]*)(><f.*?(?:</f>|/>))(?:<v></v>|<v ?/>)', re.DOTALL)
"""A formula as openpyxl writes it: start, address, formula, and no result."""
_RESULTS = {"s": b' t="str"', "str": b' t="str"', "b": b' t="b"', "e": b' t="e"'}
"""openpyxl's type of a formula's result -> the file's; numbers need none."""


class InPlace:
    """A workbook that can be changed as `book`; drawn shapes are lost, openpyxl knows none.

    Raises ValueError where openpyxl cannot open the file (an .xls, an .ods, a damaged one).
    """

    def __init__(self, content: bytes) -> None:
        try:
            self.book = _load(content)
            self._results = _load(content, results=True)
        except Exception as error:  # the border: whatever a strange file does to openpyxl
            raise ValueError(f"openpyxl cannot open the file: {type(error).__name__}") from error

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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl leaves out is nothing we could keep
        reader = _Reader(BytesIO(content), keep_vba=macros, data_only=results, rich_text=True)
        reader.read()
    return reader.wb


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
