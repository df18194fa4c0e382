"""Touches the XML inside an .xlsx for what python-calamine does not tell: formulas that were never
calculated and error values (both read as empty), percentages, and cells so far away that reading
the sheet would take all memory."""

import re
from collections.abc import Iterator
from html import unescape
from zipfile import ZipFile

from schemas.reading import Place, Problem

MOST_ROWS = 9_999
"""Rows of a sheet that are read: those with up to four digits."""

_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)>")
_FAR = re.compile(
    # a cell with content below row 9,999 or to the right of column ZZ
    rb"<(?:\w+:)?c\s[^<>]*?\br=[\"'](?:[A-Z]+\d{5,}|[A-Z]{3,}\d+)[\"'][^<>]*(?<!/)>"
)
_CELL = re.compile(
    rb"<(?:\w+:)?c\s([^<>]*?)(?:/>|>((?:(?!<(?:\w+:)?c\s).)*?)</(?:\w+:)?c>)", re.DOTALL
)
_ATTRIBUTE = re.compile(rb"([\w:]+)\s*=\s*[\"']([^\"']*)[\"']")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]+)</")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_ERROR = re.compile(rb"\st=[\"']e[\"']")
_FORMATS = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_FORMAT = re.compile(rb"<(?:\w+:)?xf\s([^>]*)>")
_OWN_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s([^>]*)>")
_BUILT_IN_SHARES = frozenset({b"9", b"10"})
"""0% and 0.00% (ECMA-376, part 1, 18.8.30)."""


class SheetXml:
    """The XML of an .xlsx, sheet by sheet; `known` is whether the file is laid out as one."""

    def __init__(self, package: ZipFile) -> None:
        self._package = package
        self._parts = self._find_parts()
        self._unpacked: dict[str, bytes] = {}

    @property
    def known(self) -> bool:
        """Whether the sheets were found where an .xlsx has them."""
        return bool(self._parts)

    def is_far(self, sheet: str) -> bool:
        """Whether a cell holds something beyond `MOST_ROWS` or beyond column ZZ."""
        return _FAR.search(self._xml(sheet)) is not None

    def flaws(self, sheet: str) -> dict[Place, Problem]:
        """The cells whose formula was never calculated, or whose value is an error."""
        xml = self._xml(sheet)
        if not _ERROR.search(xml) and not _FORMULA.search(xml):
            return {}
        found = {}
        for attributes, content in _cells(xml):
            value = _VALUE.search(content)
            if attributes.get(b"t") == b"e":
                shown = value[1].decode("utf-8", "replace") if value else ""
                found[_place(attributes)] = Problem("error-value", shown)
            elif _FORMULA.search(content) and not value and attributes.get(b"t") != b"str":
                found[_place(attributes)] = Problem("uncalculated-formula", "")
        return found

    def shares(self, sheet: str) -> frozenset[Place]:
        """The cells that are shown as a percentage: 50% is held as 0.5."""
        styles = self._share_styles()
        if not styles:
            return frozenset()
        return frozenset(_place(a) for a, _ in _cells(self._xml(sheet)) if a.get(b"s") in styles)

    def _find_parts(self) -> dict[str, str]:
        try:
            book = self._package.read("xl/workbook.xml")
            relations = self._package.read("xl/_rels/workbook.xml.rels")
        except KeyError:
            return {}
        targets = {
            a[b"Id"]: a[b"Target"].decode()
            for a in map(_attributes, _RELATION.findall(relations))
            if b"Id" in a and b"Target" in a
        }
        parts = {}
        for sheet in map(_attributes, _SHEET.findall(book)):
            key = next((v for k, v in sheet.items() if k.endswith(b":id")), b"")
            if key in targets and b"name" in sheet:
                target = targets[key]
                path = target[1:] if target.startswith("/") else f"xl/{target}"
                parts[unescape(sheet[b"name"].decode())] = path
        return parts

    def _xml(self, sheet: str) -> bytes:
        if sheet not in self._unpacked:
            part = self._parts.get(sheet, "")
            there = part in self._package.namelist()
            self._unpacked[sheet] = self._package.read(part) if there else b""
        return self._unpacked[sheet]

    def _share_styles(self) -> frozenset[bytes]:
        if "xl/styles.xml" not in self._package.namelist():
            return frozenset()
        xml = self._package.read("xl/styles.xml")
        own = map(_attributes, _OWN_FORMAT.findall(xml))
        formats = {a[b"numFmtId"] for a in own if b"%" in a.get(b"formatCode", b"")}
        formats |= _BUILT_IN_SHARES
        cells = _FORMATS.search(xml)
        styles = map(_attributes, _FORMAT.findall(cells[0])) if cells else ()
        return frozenset(
            str(i).encode() for i, a in enumerate(styles) if a.get(b"numFmtId") in formats
        )


def _cells(xml: bytes) -> Iterator[tuple[dict[bytes, bytes], bytes]]:
    """The cells that say where they stand: attributes and content."""
    for cell in _CELL.finditer(xml):
        attributes = _attributes(cell[1])
        if re.fullmatch(rb"[A-Z]+\d+", attributes.get(b"r", b"")):
            yield attributes, cell[2] or b""


def _attributes(written: bytes) -> dict[bytes, bytes]:
    return dict(_ATTRIBUTE.findall(written))


def _place(attributes: dict[bytes, bytes]) -> Place:
    address = attributes[b"r"].decode()
    letters = address.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(address[len(letters) :]) - 1, column - 1
