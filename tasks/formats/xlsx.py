"""Touches .xlsx and .xlsm, transitional and strict: one pass over a sheet's XML gives the cells and
everything of them that the rules ask for."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from schemas.reading import Book, Grid
from tasks.formats import Refused
from tasks.formats.bounds import at_most
from tasks.formats.cellstyles import Style, styles
from tasks.formats.numberformats import iso
from tasks.formats.ooxml import Relation, part_of, relations, required
from tasks.formats.package import Package
from tasks.formats.sharedstrings import Written, shared, written
from tasks.formats.sheet import Sheet
from tasks.formats.xmltext import ATTRIBUTES, attribute, child, children, plain, tree, unescaped

if TYPE_CHECKING:
    from schemas.settings import Reading

_TRUE = ("1", "true", "on")
_ATTRIBUTE = re.compile(rb"""([^\s=<>"'/]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ROOT = re.compile(rb"(?:<\?xml[^>]*\?>)?\s*<((?:[\w.-]+:)?)worksheet[\s/>]")
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_OUTSIDE = re.compile(r"(?<![\w\]\[])\[\d+\]")
_QUOTED = re.compile(r'"[^"]*"')
_is_number = re.compile(rb"-?\d{1,17}(?:\.\d{1,20})?").fullmatch
"""The usual writing of a number; every other is looked at more closely."""
_LARGEST_ARRAY = 10_000
"""Cells of an array formula that was never calculated; beyond that only the first is told."""


@dataclass(frozen=True)
class _Shared:
    """What the sheets of one workbook have in common."""

    strings: list[Written]
    styles: dict[bytes, Style]
    from_1904: bool
    placeholders: bool
    """The program that wrote it calculates nothing: a formula's 0 is none."""
    links: bool
    plain_styles: frozenset[bytes | None]
    """Styles that say nothing; None is the first."""
    plain_texts: dict[int, str]
    """Shared strings in no typeface of their own."""


def read(package: Package, part: str, limits: "Reading") -> Book:
    """The workbook whose main part is `part`."""
    related = relations(package, part)
    root = tree(required(package, part))
    properties, calculation = child(root, "workbookPr"), child(root, "calcPr")
    strings = shared(part_of(package, related, "sharedStrings"), limits)
    known = styles(part_of(package, related, "styles"), limits)
    plain_styles: set[bytes | None] = {
        number for number, style in known.items() if style == Style()
    }
    common = _Shared(
        strings,
        known,
        _is_set(properties, "date1904"),
        _is_set(calculation, "fullCalcOnLoad"),
        child(root, "externalReferences") is not None,
        frozenset(plain_styles | {None} if b"0" in plain_styles else plain_styles),
        {i: one.text for i, one in enumerate(strings) if one == Written(one.text)},
    )
    by_key = {relation.key: relation for relation in related}
    listed = children(child(root, "sheets"), "sheet")
    at_most(len(listed), limits.sheets, "sheets")
    grids, seen = [], set()
    for element in listed:
        relation = by_key.get(attribute(element, "id") or "")
        name = element.get("name", "")
        if relation is None or name.lower() in seen:
            raise Refused("unreadable")
        seen.add(name.lower())
        if relation.kind == "worksheet":
            visible = element.get("state", "visible") == "visible"
            sheet = Sheet(name, limits, visible=visible)
            grids.append(_grid(sheet, required(package, relation.part), common))
    macros = has_macros(package, related)
    kind = "xlsm" if macros or _is_macro_enabled(package) else "xlsx"
    return Book(kind, tuple(grids), macros, common.from_1904)


def has_macros(package: Package, related: tuple[Relation, ...]) -> bool:
    """Whether the package carries macros, of either age."""
    modules = any(name.endswith("vbaproject.bin") for name in package.names)
    return modules or any("macrosheet" in relation.kind.lower() for relation in related)


def _is_macro_enabled(package: Package) -> bool:
    return b"macroEnabled" in (package.read("[Content_Types].xml") or b"")


def _is_set(element: Any, name: str) -> bool:
    return element is not None and element.get(name, "").lower() in _TRUE


@lru_cache(maxsize=16)
def _patterns(prefix: bytes) -> dict[str, re.Pattern[bytes]]:
    """The patterns of a sheet whose elements bear this prefix."""
    p, at = re.escape(prefix), ATTRIBUTES
    cell = (
        rb'(?: r="([A-Z]{1,3})([1-9]\d{0,6})"(?: s="(\d+)")?(?: t="([A-Za-z]+)")?(?=/?>)|(%b))'
        rb"\s*(?:/>|>(?:<%bv>([^<]*)</%bv></%bc>|(.*?)</%bc\s*>))"
    ) % (at, p, p, p, p)
    return {
        "data": re.compile(rb"<%bsheetData%b\s*>(.*)</%bsheetData\s*>" % (p, at, p), re.DOTALL),
        "token": re.compile(rb"<%b(?:row(%b)\s*/?>|c%b)" % (p, at, cell), re.DOTALL),
        "stranger": re.compile(
            rb"<(?!%b(?:row|c)[\s/>])(?:[\w.-]+:)?(?:row|c)[\s/>]|<%bsheetData[\s/>]" % (p, p)
        ),
        "formula": re.compile(rb"<%bf(%b)\s*(?:/>|>([^<]*)</)" % (p, at)),
        "value": re.compile(rb"<%bv%b\s*>([^<]*)</" % (p, at)),
        "inline": re.compile(rb"<%bis%b\s*>(.*?)</%bis\s*>" % (p, at, p), re.DOTALL),
        "nested": re.compile(rb"<%b(?:c|row)[\s/>]" % p),
        "part": re.compile(rb"<%b(f|v|is)[\s/>]" % p),
        "whole": re.compile(
            rb"(?:\s*<%b(?:f|v)%b\s*(?:/>|>[^<]*</%b(?:f|v)\s*>)"
            rb"|\s*<%bis%b\s*(?:/>|>.*?</%bis\s*>)|\s*<%bextLst[\s/>].*)*\s*"
            % (p, at, p, p, at, p, p),
            re.DOTALL,
        ),
        "merged": re.compile(rb"<%bmergeCell(%b)\s*/?>" % (p, at)),
    }


def _grid(sheet: Sheet, content: bytes, common: _Shared) -> Grid:
    xml = plain(content)
    root = _ROOT.match(xml)
    if root is None:
        raise Refused("unreadable")
    patterns = _patterns(root[1])
    data = patterns["data"].search(xml)
    if data and patterns["stranger"].search(data[1]):
        raise Refused("unreadable")  # cells under a second name, which other programs would show
    if data:
        _Cells(sheet, common, patterns).fill(data[1])
    for area in patterns["merged"].finditer(xml, data.end() if data else 0):
        first, _, last = _attributes(area[1]).get(b"ref", b"").decode().partition(":")
        sheet.merge(*_place(first), *_place(last or first))
    return sheet.grid()


class _Cells:
    """The cells of one sheet while they are read."""

    def __init__(
        self, sheet: Sheet, common: _Shared, patterns: dict[str, re.Pattern[bytes]]
    ) -> None:
        self._sheet, self._common, self._patterns = sheet, common, patterns
        self._columns: dict[bytes, int] = {}
        self._linked: set[bytes] = set()

    def fill(self, data: bytes) -> None:
        """All of them, or those before the first that is too far away."""
        row, column, named = -1, -1, True
        sheet, columns = self._sheet, self._columns
        put, plainly, texts = sheet.put, self._common.plain_styles, self._common.plain_texts
        for token in self._patterns["token"].finditer(data):
            of_row, letters, digits, style, kind, unusual, value, content = token.groups()
            if of_row is not None:
                number = _attributes(of_row).get(b"r")
                row, column = int(number) - 1 if number else row + 1, -1
                named = number is not None
                continue
            if unusual is not None:
                at_row, column, style, kind = _said(unusual, row, column)
            else:
                at_row = int(digits) - 1
                if letters not in columns:
                    columns[letters] = _place(f"{letters.decode()}1")[1]
                column = columns[letters]
            if at_row != row and named:
                raise Refused("unreadable")
            row, named = at_row, True
            if value is not None:
                if style in plainly:  # most cells, and worth the speed
                    if kind is None and _is_number(value):
                        put(row, column, float(value))
                        continue
                    if kind == b"s" and value.isdigit() and (text := texts.get(int(value))):
                        put(row, column, text)
                        continue
                self._put(row, column, style or b"0", kind, value)
            elif content:
                self._put_complex(row, column, style or b"0", kind, content)
            if sheet.far:
                return

    def _put(self, row: int, column: int, style: bytes, kind: bytes | None, value: bytes) -> None:
        if kind is None or kind == b"n":
            self._put_number(row, column, style, value)
        elif kind == b"s":
            self._put_shared(row, column, style, int(value))
        else:
            self._put_other(row, column, style, kind, value)

    def _put_number(self, row: int, column: int, style: bytes, value: bytes) -> None:
        means, value = self._style(style).means, unescaped(value).encode()
        try:
            number = float(value) if b"_" not in value else None
        except ValueError:
            number = None
        if number is not None:
            self._sheet.put_number(row, column, number, means, self._common.from_1904)
        elif value.strip():
            self._sheet.flaw(row, column, "error-value", value.decode())

    def _put_shared(self, row: int, column: int, style: bytes, index: int) -> None:
        if not 0 <= index < len(self._common.strings):
            raise Refused("unreadable")
        self._put_written(row, column, style, self._common.strings[index])

    def _put_written(self, row: int, column: int, style: bytes, found: Written) -> None:
        self._sheet.put(row, column, found.text)
        font = found.font or (self._style(style).font if found.own else None)
        if font and found.text:
            self._sheet.font(row, column, font)

    def _put_other(self, row: int, column: int, style: bytes, kind: bytes, value: bytes) -> None:
        text = unescaped(value)
        if kind == b"e":
            self._sheet.flaw(row, column, "error-value", text)
        elif kind == b"str":
            self._put_written(row, column, style, Written(written(b"<t>%b</t>" % value).text))
        elif kind == b"d":
            self._sheet.put(row, column, iso(text))
        elif kind == b"b" and text in ("0", "1", "true", "false"):
            self._sheet.put(row, column, text in _TRUE)
        else:
            raise Refused("unreadable")

    def _put_complex(
        self, row: int, column: int, style: bytes, kind: bytes | None, content: bytes
    ) -> None:
        """A cell with a formula, a text of its own, or nothing."""
        parts = self._patterns["part"].findall(content)
        if (
            self._patterns["nested"].search(content)
            or len(parts) > len(set(parts))
            or not self._patterns["whole"].fullmatch(content)
            or (b"is" in parts and kind != b"inlineStr")
        ):
            raise Refused("unreadable")  # programs differ in what such a cell shows
        formula = self._patterns["formula"].search(content)
        value = self._patterns["value"].search(content)
        if kind == b"inlineStr":
            inline = self._patterns["inline"].search(content)
            self._put_written(row, column, style, written(inline[1] if inline else b""))
        elif formula is None:
            if value:
                self._put(row, column, style, kind, value[1])
        else:
            linked = self._common.links and self._is_linked(formula)
            if self._is_uncalculated(kind, value):
                self._flag(row, column, _attributes(formula[1]))
            elif value:
                self._put(row, column, style, kind, value[1])
                if linked:
                    self._sheet.link(row, column)

    def _is_uncalculated(self, kind: bytes | None, value: re.Match[bytes] | None) -> bool:
        if kind == b"str":
            return False  # its text is empty
        if value is None or not value[1].strip():
            return True
        plainly = kind in (None, b"n") and not value[1].strip(b"0.-+eE")
        return self._common.placeholders and plainly

    def _flag(self, row: int, column: int, formula: dict[bytes, bytes]) -> None:
        """A formula without a value; one for several cells leaves the others without, too."""
        places = [(row, column)]
        if formula.get(b"t") == b"array" and b":" in formula.get(b"ref", b""):
            first, _, last = formula[b"ref"].decode().partition(":")
            (r1, c1), (r2, c2) = _place(first), _place(last)
            if 0 < (r2 - r1 + 1) * (c2 - c1 + 1) <= _LARGEST_ARRAY:
                places += [(r, c) for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)]
        for place in places:
            self._sheet.flaw(*place, "uncalculated-formula")

    def _is_linked(self, formula: re.Match[bytes]) -> bool:
        """Whether it refers to another workbook, `[1]Sheet!A1`; of formulas that cells share only
        the first is written out."""
        shared_by = _attributes(formula[1]).get(b"si")
        words = _QUOTED.sub("", unescaped(formula[2] or b""))
        linked = _OUTSIDE.search(words) is not None
        if shared_by is not None and words:
            (self._linked.add if linked else self._linked.discard)(shared_by)
        return linked or (shared_by in self._linked and not words)

    def _style(self, number: bytes) -> Style:
        found = self._common.styles.get(number)
        if found is None:
            raise Refused("unreadable")
        return found


def _said(unusual: bytes, row: int, column: int) -> tuple[int, int, bytes | None, bytes | None]:
    """A cell's place, style and kind, however its attributes are written; one without a place
    follows the one before it."""
    said = _attributes(unusual)
    place = _place(said[b"r"].decode()) if b"r" in said else (row, column + 1)
    return *place, said.get(b"s"), said.get(b"t")


def _attributes(written_out: bytes) -> dict[bytes, bytes]:
    if not written_out:
        return {}
    return {name: one or other for name, one, other in _ATTRIBUTE.findall(written_out)}


def _place(address: str) -> tuple[int, int]:
    """Row and column of `B7`."""
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise Refused("unreadable")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]) - 1, column - 1
