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
from tasks.formats.sharedstrings import Written, plain, shared, written
from tasks.formats.sheet import Sheet
from tasks.formats.xmltext import attribute, child, children, each, tree

if TYPE_CHECKING:
    from schemas.settings import Reading

_TRUE = ("1", "true", "on")
_NUMERIC = (None, "n")
"""Kinds of a cell that holds a number."""
_LETTERS = re.compile(r"[A-Z]{1,3}")
_DIGITS = "0123456789"
_OUTSIDE = re.compile(r"(?<![\w\]\[])\[\d+\]")
_QUOTED = re.compile(r'"[^"]*"')
_is_number = re.compile(r"-?\d{1,17}(?:\.\d{1,20})?").fullmatch
"""The usual writing of a number; every other is looked at more closely."""
_LARGEST_ARRAY = 10_000
"""Cells of an array formula that was never calculated; beyond that only the first is told."""


@dataclass(frozen=True)
class _Shared:
    """What the sheets of one workbook have in common."""

    strings: list[Written]
    styles: dict[str, Style]
    from_1904: bool
    placeholders: bool
    """The program that wrote it calculates nothing: a formula's 0 is none."""
    links: bool
    plain_styles: frozenset[str | None]
    """Styles that say nothing; None is the first."""
    plain_texts: dict[str, str]
    """Shared strings in no typeface of their own, by the number that cells give."""


def read(package: Package, part: str, limits: "Reading") -> Book:
    """The workbook whose main part is `part`."""
    related = relations(package, part)
    root = tree(required(package, part))
    properties, calculation = child(root, "workbookPr"), child(root, "calcPr")
    strings = shared(part_of(package, related, "sharedStrings"), limits)
    known = styles(part_of(package, related, "styles"), limits)
    plain_styles: set[str | None] = {number for number, style in known.items() if style == Style()}
    common = _Shared(
        strings,
        known,
        _is_set(properties, "date1904"),
        _is_set(calculation, "fullCalcOnLoad"),
        child(root, "externalReferences") is not None,
        frozenset(plain_styles | {None} if "0" in plain_styles else plain_styles),
        {str(i): one.text for i, one in enumerate(strings) if one.own and not one.font},
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


def _grid(sheet: Sheet, content: bytes, common: _Shared) -> Grid:
    root = cells = None
    for element in each(content, "row", "sheetData", "mergeCell", "worksheet"):
        if root is None or cells is None:
            root = element.getroottree().getroot()
            cells = _Cells(sheet, common, root.tag)
        if element.tag == cells.line:
            data = element.getparent()
            if data.tag != cells.data or data.getparent() is not root:
                raise Refused("unreadable")
            cells.row(element)
            if sheet.far:
                break
        elif element.tag == cells.data:
            cells.end(element)
        elif element.tag == cells.merged:
            first, _, last = element.get("ref", "").partition(":")
            sheet.merge(*_place(first), *_place(last or first))
    if cells is None:
        raise Refused("unreadable")
    return sheet.grid()


class _Cells:
    """The cells of one sheet while they are read. Whatever other programs may understand otherwise
    is refused: elements that are not the sheet's own, and what stands twice."""

    def __init__(self, sheet: Sheet, common: _Shared, root: str) -> None:
        space, _, name = root.rpartition("}")
        if name != "worksheet":
            raise Refused("unreadable")
        own = f"{space}}}" if space else ""
        self.line, self.data, self.merged = f"{own}row", f"{own}sheetData", f"{own}mergeCell"
        self._cell, self._value, self._formula = f"{own}c", f"{own}v", f"{own}f"
        self._inline, self._more = f"{own}is", f"{own}extLst"
        self._sheet, self._common = sheet, common
        self._linked: set[str] = set()
        self._row, self._ended = -1, False

    def end(self, data: Any) -> None:
        """All rows were there, and nothing else."""
        if self._ended or any(row.tag != self.line for row in data):
            raise Refused("unreadable")
        self._ended = True

    def row(self, element: Any) -> None:
        """The cells of a row."""
        said = element.get("r")
        row, column = int(said) - 1 if said else self._row + 1, -1
        put, plainly, texts = self._sheet.put, self._common.plain_styles, self._common.plain_texts
        for cell in element:
            if cell.tag != self._cell:
                if cell.tag != self._more:
                    raise Refused("unreadable")
                continue
            if address := cell.get("r"):
                at_row, column = _place(address)
                if at_row != row and said:
                    raise Refused("unreadable")
                row, said = at_row, address
            else:
                column += 1
            parts = len(cell)
            if not parts:
                continue
            style, kind, only = cell.get("s"), cell.get("t"), cell[0]
            if parts == 1 and only.tag == self._value and not len(only):
                value = only.text or ""
                if style in plainly:  # most cells, and worth the speed
                    if kind == "s" and (text := texts.get(value)):
                        put(row, column, text)
                        continue
                    if kind in _NUMERIC and _is_number(value):
                        put(row, column, float(value))
                        continue
                self._put(row, column, style or "0", kind, value)
            else:
                self._put_complex(row, column, style or "0", kind, cell)
        self._row = row

    def _put(self, row: int, column: int, style: str, kind: str | None, value: str) -> None:
        if kind in _NUMERIC:
            self._put_number(row, column, style, value)
        elif kind == "s":
            self._put_shared(row, column, style, int(value))
        else:
            self._put_other(row, column, style, kind, value)

    def _put_number(self, row: int, column: int, style: str, value: str) -> None:
        means = self._style(style).means
        try:
            number = float(value) if "_" not in value else None
        except ValueError:
            number = None
        if number is not None:
            self._sheet.put_number(row, column, number, means, self._common.from_1904)
        elif value.strip():
            self._sheet.flaw(row, column, "error-value", value)

    def _put_shared(self, row: int, column: int, style: str, index: int) -> None:
        if not 0 <= index < len(self._common.strings):
            raise Refused("unreadable")
        self._put_written(row, column, style, self._common.strings[index])

    def _put_written(self, row: int, column: int, style: str, found: Written) -> None:
        self._sheet.put(row, column, found.text)
        font = found.font or (self._style(style).font if found.own else None)
        if font and found.text:
            self._sheet.font(row, column, font)

    def _put_other(self, row: int, column: int, style: str, kind: str, value: str) -> None:
        if kind == "e":
            self._sheet.flaw(row, column, "error-value", value)
        elif kind == "str":
            self._put_written(row, column, style, Written(plain(value)))
        elif kind == "d":
            self._sheet.put(row, column, iso(value))
        elif kind == "b" and value in ("0", "1", "true", "false"):
            self._sheet.put(row, column, value in _TRUE)
        else:
            raise Refused("unreadable")

    def _put_complex(self, row: int, column: int, style: str, kind: str | None, cell: Any) -> None:
        """A cell with a formula, a text of its own, or nothing."""
        parts = {part.tag: part for part in cell}
        formula, value = parts.get(self._formula), parts.get(self._value)
        inline = parts.get(self._inline)
        if (
            len(parts) < len(cell)
            or not parts.keys() <= {self._formula, self._value, self._inline, self._more}
            or any(part is not None and len(part) for part in (formula, value))
            or (self._more in parts and cell[-1].tag != self._more)
            or (inline is not None and (kind != "inlineStr" or value is not None))
        ):
            raise Refused("unreadable")
        shown = "" if value is None else value.text or ""
        if kind == "inlineStr":
            text = Written("") if inline is None else written(inline)
            self._put_written(row, column, style, text)
        elif formula is None:
            if value is not None:
                self._put(row, column, style, kind, shown)
        else:
            linked = self._common.links and self._is_linked(formula)
            if self._is_uncalculated(kind, shown):
                self._flag(row, column, formula)
            elif value is not None:
                self._put(row, column, style, kind, shown)
                if linked:
                    self._sheet.link(row, column)

    def _is_uncalculated(self, kind: str | None, value: str) -> bool:
        if kind == "str":
            return False  # its text is empty
        if not value.strip():
            return True
        plainly = kind in _NUMERIC and not value.strip("0.-+eE")
        return self._common.placeholders and plainly

    def _flag(self, row: int, column: int, formula: Any) -> None:
        """A formula without a value; one for several cells leaves the others without, too."""
        places = [(row, column)]
        if formula.get("t") == "array" and ":" in formula.get("ref", ""):
            first, _, last = formula.get("ref").partition(":")
            (r1, c1), (r2, c2) = _place(first), _place(last)
            if 0 < (r2 - r1 + 1) * (c2 - c1 + 1) <= _LARGEST_ARRAY:
                places += [(r, c) for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)]
        for place in places:
            self._sheet.flaw(*place, "uncalculated-formula")

    def _is_linked(self, formula: Any) -> bool:
        """Whether it refers to another workbook, `[1]Sheet!A1`; of formulas that cells share only
        the first is written out."""
        shared_by = formula.get("si")
        words = _QUOTED.sub("", formula.text or "")
        linked = _OUTSIDE.search(words) is not None
        if shared_by is not None and words:
            (self._linked.add if linked else self._linked.discard)(shared_by)
        return linked or (shared_by in self._linked and not words)

    def _style(self, number: str) -> Style:
        found = self._common.styles.get(number)
        if found is None:
            raise Refused("unreadable")
        return found


@lru_cache(maxsize=2**14)  # the same in every workbook
def _place(address: str) -> tuple[int, int]:
    """Row and column of `B7`."""
    letters = address.rstrip(_DIGITS)
    row = int(address[len(letters) :]) - 1
    if row < 0:
        raise Refused("unreadable")
    return row, _column(letters)


@lru_cache(maxsize=2**14)
def _column(letters: str) -> int:
    if not _LETTERS.fullmatch(letters.upper()):
        raise Refused("unreadable")
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1
