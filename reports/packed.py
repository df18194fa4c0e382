"""How a workbook is put together: every part is packed while it is written, and the lines of a list
are worked out one by one while their sheet is, so that neither is ever held whole."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from io import BytesIO, StringIO, TextIOWrapper
from itertools import islice
from typing import Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from xlsxwriter.format import Format
from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStrings, SharedStringTable
from xlsxwriter.utility import _utf16_truncate, xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

LINE = 15
"""Points that a line of text is high, and a row of one line."""
_LONGEST = 32_767
"""Units of UTF-16 that a cell takes."""
_ROWS = 2**20
"""Rows of a sheet."""
_STAMP = (1980, 1, 1, 0, 0, 0)
"""The date of every part, as Excel has it."""


class Line(NamedTuple):
    """A line of a list."""

    height: int
    """In points."""
    values: Sequence[Any]
    """Of each column nothing, a text, a number or a day."""
    links: Mapping[int, str]
    """Column -> the place in the workbook that its cell leads to."""


class Sheet(Worksheet):
    """A sheet that may have a list, whose lines are asked for when the workbook is closed."""

    fh: Any
    str_table: Any
    dim_rowmin: Any
    dim_rowmax: Any

    def __init__(self) -> None:
        super().__init__()
        self._list = range(0)
        self._styles: Sequence[Format] = ()
        self._lines: Iterable[Line] = ()
        self._links: list[list[tuple[str, str]]] = []

    def write_list(
        self, first: int, count: int, styles: Sequence[Format], lines: Iterable[Line]
    ) -> None:
        """So many lines, one a row from this one on, in columns of these styles, as far as a sheet
        has rows; all else on the sheet stands above or below, and leads nowhere."""
        self._list = range(first, min(first + count, _ROWS))
        self._styles, self._lines = styles, islice(lines, len(self._list))
        for row in (first, self._list[-1]):
            self._check_dimensions(row, len(styles) - 1)

    def _write_rows(self) -> None:
        if not self._list:
            super()._write_rows()
            return
        first, last = self.dim_rowmin, self.dim_rowmax
        self.dim_rowmax = self._list.start - 1
        super()._write_rows()
        self._write_lines()
        self.dim_rowmin, self.dim_rowmax = self._list.stop, last
        super()._write_rows()
        self.dim_rowmin = first

    def _write_lines(self) -> None:
        columns = [
            (f'<c r="{xl_col_to_name(place)}', f'" s="{_look(style)}"')
            for place, style in enumerate(self._styles)
        ]
        for row, line in zip(self._list, self._lines, strict=True):
            number = row + 1
            high = f' ht="{line.height}"' if line.height != LINE else ""
            cells = [
                f"{place}{number}{style}{self._cell(value)}"
                for (place, style), value in zip(columns, line.values, strict=True)
            ]
            span = f'spans="1:{len(columns)}"'
            self.fh.write(f'<row r="{number}" {span}{high}>{"".join(cells)}</row>')
            self._links += [
                [("ref", xl_rowcol_to_cell(row, column)), ("location", place), ("display", place)]
                for column, place in line.links.items()
            ]

    def _cell(self, value: Any) -> str:
        """The rest of a cell, once it is said where it stands and how it looks."""
        if value is None:
            return "/>"
        if isinstance(value, str):
            text = _utf16_truncate(value, _LONGEST) if 2 * len(value) > _LONGEST else value
            return f' t="s"><v>{self.str_table._get_shared_string_index(text)}</v></c>'
        if isinstance(value, date):
            value = self._convert_date_time(value)  # type: ignore[no-untyped-call]
        return f"><v>{value:.16G}</v></c>"

    def _write_hyperlinks(self) -> None:
        if not self._links:
            super()._write_hyperlinks()
            return
        self._xml_start_tag("hyperlinks")
        for link in self._links:
            self._xml_empty_tag("hyperlink", link)
        self._xml_end_tag("hyperlinks")


def _look(style: Format) -> Any:
    """The number under which cells have a format."""
    return style._get_xf_index()  # type: ignore[no-untyped-call]


class Texts(SharedStringTable):
    """The texts of all cells, in the order in which they are first met."""

    string_table: dict[str, int]

    def _get_shared_string_index(self, string: str) -> int:
        self.count += 1
        place = self.string_table.setdefault(string, len(self.string_array))
        if place == len(self.string_array):
            self.string_array.append(string)
            self.unique_count += 1
        return place

    def _sort_string_data(self) -> None:
        """They are in order, and the sheets yet to be written have more."""


class _Strings(SharedStrings):
    """A text is a text, though it may look like the XML of one in several typefaces."""

    def _xml_rich_si_element(self, string: str) -> None:
        self._xml_si_element(string)


class Package(Packager):
    """The file of a workbook, into which each part goes while it is written."""

    workbook: Any

    def __init__(self) -> None:
        super().__init__()
        self._content = BytesIO()
        self._part: _Part | None = None

    def _filename(self, name: str) -> StringIO:
        self._end_part()
        self._part = _Part(self._zip, name)
        return self._part

    def _create_package(self) -> list[Any]:
        """All is packed; nothing is left for the workbook to do."""
        with ZipFile(self._content, "w", ZIP_DEFLATED) as self._zip:
            try:
                pictures = super()._create_package()  # type: ignore[no-untyped-call]
            finally:
                self._end_part()
            for picture, name, _ in pictures:
                self._zip.writestr(_entry(name), picture.getvalue())
        return []

    def _write_shared_strings_file(self) -> None:
        if self.workbook.str_table.count:
            strings: Any = _Strings()
            strings.string_table = self.workbook.str_table
            strings._set_xml_writer(self._filename("xl/sharedStrings.xml"))
            strings._assemble_xml_file()

    def _end_part(self) -> None:
        if self._part:
            self._part.end()

    def content(self) -> bytes:
        """The file."""
        return self._content.getvalue()


class _Part(StringIO):
    """What XlsxWriter takes for a text in memory."""

    def __init__(self, package: ZipFile, name: str) -> None:
        super().__init__()
        self._text = TextIOWrapper(package.open(_entry(name), "w"), "utf-8", newline="")
        self.write = self._text.write  # type: ignore[method-assign]

    def end(self) -> None:
        """It is whole."""
        self._text.close()


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _STAMP)
    entry.compress_type = ZIP_DEFLATED
    return entry
