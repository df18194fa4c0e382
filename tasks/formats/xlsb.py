"""Touches .xlsb, the binary form of .xlsx: the same parts as records of number, length and content
([MS-XLSB])."""

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING

from schemas.reading import Book, Grid
from tasks.formats import Refused
from tasks.formats.bounds import at_most
from tasks.formats.numberformats import BUILT_IN, before_unicode, meaning
from tasks.formats.ooxml import part_of, relations, required
from tasks.formats.package import Package
from tasks.formats.sheet import Sheet

if TYPE_CHECKING:
    from schemas.settings import Reading

_ROW, _BLANK, _RK, _ERROR, _BOOL, _REAL, _TEXT, _SHARED = 0, 1, 2, 3, 4, 5, 6, 7
_F_TEXT, _F_REAL, _F_BOOL, _F_ERROR, _RICH = 8, 9, 10, 11, 62
_STRING, _FONT, _FORMAT, _XF, _FIRST_XF, _LAST_XF = 19, 43, 44, 47, 617, 618
_PROPERTIES, _SHEET, _MERGED = 153, 156, 176
_FONT_NAME = 21
"""Where a font's name begins."""
_LONGEST_LENGTH = 28
"""Bits of a record's length."""

ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}


def read(package: Package, part: str, limits: "Reading") -> Book:
    """The workbook whose main part is `part`."""
    related = relations(package, part)
    by_key = {relation.key: relation for relation in related}
    texts = _texts(part_of(package, related, "sharedStrings"), limits)
    styles = _styles(part_of(package, related, "styles"), limits)
    from_1904, grids, listed = False, [], 0
    for number, record in _records(required(package, part)):
        if number == _PROPERTIES:
            from_1904 = bool(struct.unpack_from("<I", record)[0] & 1)
        elif number == _SHEET:
            listed += 1
            at_most(listed, limits.sheets, "sheets")
            (hidden,) = struct.unpack_from("<I", record)
            key, after = _string(record, 8)
            name, _ = _string(record, after)
            if key not in by_key:
                raise Refused("unreadable")
            if by_key[key].kind == "worksheet":
                sheet = Sheet(name, limits, visible=not hidden)
                content = required(package, by_key[key].part)
                grids.append(_grid(sheet, content, texts, styles, from_1904))
    macros = any(name.endswith("vbaproject.bin") for name in package.names)
    return Book("xlsb", tuple(grids), macros, from_1904)


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    at, end = 0, len(content)
    while at < end:
        number = content[at]
        at += 1
        if number & 0x80:
            number = (number & 0x7F) | (content[at] & 0x7F) << 7
            at += 1
        length = 0
        for shift in range(0, _LONGEST_LENGTH, 7):
            byte = content[at]
            at += 1
            length |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        if at + length > end:
            raise Refused("unreadable")
        yield number, content[at : at + length]
        at += length


def _string(record: bytes, at: int) -> tuple[str, int]:
    """A text and where it ends; 0xFFFFFFFF stands for none."""
    (length,) = struct.unpack_from("<I", record, at)
    at += 4
    if length == 0xFFFF_FFFF:
        return "", at
    end = at + 2 * length
    if end > len(record):
        raise Refused("unreadable")
    return record[at:end].decode("utf-16-le", "replace"), end


def _texts(content: bytes | None, limits: "Reading") -> list[str]:
    texts = []
    for number, record in _records(content or b""):
        if number == _STRING:
            texts.append(_string(record, 1)[0])
            at_most(len(texts), limits.shared_strings, "shared_strings")
    return texts


def _styles(content: bytes | None, limits: "Reading") -> list[tuple[str, str | None]]:
    """Of each cell format: what a number means, and its typeface of before Unicode."""
    codes, fonts = dict(BUILT_IN), []
    formats: list[tuple[str, str | None]] = []
    of_cells = False
    for number, record in _records(content or b""):
        if number == _FORMAT:
            codes[struct.unpack_from("<H", record)[0]] = _string(record, 2)[0]
        elif number == _FONT:
            fonts.append(_string(record, _FONT_NAME)[0])
        elif number in (_FIRST_XF, _LAST_XF):
            of_cells = number == _FIRST_XF
        elif number == _XF and of_cells:
            _, code, font = struct.unpack_from("<HHH", record)
            name = fonts[font] if font < len(fonts) else None
            known = name if before_unicode(name) else None
            formats.append((meaning(codes.get(code, "")), known))
            at_most(len(formats), limits.styles, "styles")
    return formats or [("", None)]


def _grid(
    sheet: Sheet,
    content: bytes,
    texts: list[str],
    styles: list[tuple[str, str | None]],
    from_1904: bool,
) -> Grid:
    row = -1
    for number, record in _records(content):
        if number == _ROW:
            (row,) = struct.unpack_from("<I", record)
        elif number == _MERGED:
            first, last, left, right = struct.unpack_from("<IIII", record)
            sheet.merge(first, left, last, right)
        elif _BLANK < number <= _F_ERROR or number == _RICH:
            if row < 0:
                raise Refused("unreadable")
            column, style = struct.unpack_from("<II", record)
            means, font = styles[style & 0xFFFFFF]
            if number in (_ERROR, _F_ERROR):
                sheet.flaw(row, column, "error-value", ERRORS.get(record[8], "#?"))
            elif number in (_RK, _REAL, _F_REAL):
                value = _rk(record) if number == _RK else struct.unpack_from("<d", record, 8)[0]
                sheet.put_number(row, column, value, means, from_1904)
            elif number in (_BOOL, _F_BOOL):
                sheet.put(row, column, bool(record[8]))
            else:
                sheet.put(row, column, _text(number, record, texts))
                sheet.font(row, column, font)
    return sheet.grid()


def _text(number: int, record: bytes, texts: list[str]) -> str:
    if number == _SHARED:
        (index,) = struct.unpack_from("<I", record, 8)
        return texts[int(index)]
    return _string(record, 9 if number == _RICH else 8)[0]


def _rk(record: bytes) -> float:
    """A number in four bytes: half a double or 30 bits, perhaps in hundredths."""
    (packed,) = struct.unpack_from("<i", record, 8)
    if packed & 2:
        number = float(packed >> 2)
    else:
        (number,) = struct.unpack("<d", struct.pack("<Ii", 0, packed & ~3))
    return number / 100 if packed & 1 else number
