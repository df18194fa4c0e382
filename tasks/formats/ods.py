"""Touches .ods and flat .fods: the cells of OpenDocument's tables, repeats within bounds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from schemas.reading import Book
from tasks.formats import Refused
from tasks.formats.bounds import at_most
from tasks.formats.numberformats import before_unicode, clock, iso
from tasks.formats.ooxml import required
from tasks.formats.package import Package
from tasks.formats.runs import LOWERED, RAISED, STRUCK, set_apart
from tasks.formats.sheet import Sheet
from tasks.formats.xmltext import attribute, child, children, local, tree

if TYPE_CHECKING:
    from schemas.settings import Reading

_NUMBERS = frozenset({"float", "currency", "percentage"})
_ERROR = re.compile(r"#[A-Z/0!?]+|(?:Err|Lỗi):\d{3}", re.IGNORECASE)
_LINKED = re.compile(r"\['[^']*'#")
"""A reference into another file: `['file:///…'#$Sheet.A1]`."""
_DURATION = re.compile(r"-?PT?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,]\d+)?S)?")
_UNSEEN = frozenset({"annotation", "frame", "custom-shape", "line", "rect", "g", "ruby-text"})
"""Within a cell, but none of its text."""
_MOST_SPACES = 100
_DEEPEST = 10
"""Styles that one style may inherit from, and groups of rows within each other."""


@dataclass(frozen=True)
class _Style:
    parent: str | None
    font: str | None
    hidden: bool
    ways: tuple[str, ...] = ()
    """How its text is set apart."""


@dataclass
class _Styles:
    """The styles of the whole document by name."""

    found: dict[str, _Style] = field(default_factory=dict)
    families: dict[str, str] = field(default_factory=dict)

    def learn(self, root: Any, limits: "Reading") -> None:
        """Takes in those of one part."""
        for face in children(child(root, "font-face-decls"), "font-face"):
            family = (attribute(face, "font-family") or "").strip("'")
            self.families[attribute(face, "name") or ""] = family
        for group in (*children(root, "styles"), *children(root, "automatic-styles")):
            for style in children(group, "style"):
                text, table = child(style, "text-properties"), child(style, "table-properties")
                name = _of(text, "font-family") or self.families.get(_of(text, "font-name") or "")
                self.found[attribute(style, "name") or ""] = _Style(
                    attribute(style, "parent-style-name"),
                    name.strip("'") if name else None,
                    _of(table, "display") == "false",
                    _ways(text),
                )
        at_most(len(self.found), limits.styles, "styles")

    def font(self, name: str | None) -> str | None:
        """The typeface of before Unicode that a style sets, or one that it inherits from."""
        for _ in range(_DEEPEST):
            style = self.found.get(name or "")
            if style is None:
                break
            if style.font:
                return style.font if before_unicode(style.font) else None
            name = style.parent
        return None

    def ways(self, name: str | None) -> tuple[str, ...]:
        """How the text of a style is set apart."""
        style = self.found.get(name or "")
        return style.ways if style else ()

    def hidden(self, name: str | None) -> bool:
        """Whether a table of this style is not shown."""
        style = self.found.get(name or "")
        return style is not None and style.hidden


def _ways(text: Any) -> tuple[str, ...]:
    lines = {_of(text, f"text-line-through-{what}") for what in ("style", "type")}
    raised = (_of(text, "text-position") or "").split(" ")[0]
    up = {"super": RAISED, "sub": LOWERED}.get(raised, "")
    if raised.endswith("%") and raised.strip("-0%."):
        up = LOWERED if raised.startswith("-") else RAISED
    return tuple(filter(None, (STRUCK if lines - {None, "none"} else "", up)))


def read(package: Package, limits: "Reading") -> Book:
    """The workbook in a package."""
    styles = _Styles()
    for_all = package.read("styles.xml")
    if for_all is not None:
        styles.learn(tree(for_all), limits)
    macros = any(name.startswith("basic/") and name.endswith(".xml") for name in package.names)
    return _book(tree(required(package, "content.xml")), styles, limits, macros)


def read_flat(content: bytes, limits: "Reading") -> Book:
    """The workbook in one XML file."""
    return _book(tree(content), _Styles(), limits, macros=False)


def _book(root: Any, styles: _Styles, limits: "Reading", macros: bool) -> Book:
    styles.learn(root, limits)
    body = child(child(root, "body"), "spreadsheet")
    if body is None:
        raise Refused("unreadable")
    tables = children(body, "table")
    at_most(len(tables), limits.sheets, "sheets")
    first_day = child(child(body, "calculation-settings"), "null-date")
    from_1904 = (_of(first_day, "date-value") or "").startswith("1904")
    grids = tuple(_Table(table, styles, limits).read().grid() for table in tables)
    return Book("ods", grids, macros, from_1904)


class _Table:
    """One sheet while it is read."""

    def __init__(self, table: Any, styles: _Styles, limits: "Reading") -> None:
        visible = not styles.hidden(attribute(table, "style-name"))
        self._sheet = Sheet(attribute(table, "name") or "", limits, visible=visible)
        self._table, self._styles = table, styles
        self._most_rows, self._most_columns = limits.rows + 1, limits.columns + 1
        """One beyond the bounds, where what still stands there is noticed."""
        self._columns: list[str | None] = []
        """The columns' own cell styles, as far as one may matter."""
        for column in _within(table, "table-column"):
            repeated = min(_count(column, "number-columns-repeated"), limits.columns)
            self._columns += [attribute(column, "default-cell-style-name")] * repeated
            del self._columns[limits.columns :]

    def read(self) -> Sheet:
        """All its rows."""
        at = 0
        for row in _within(self._table, "table-row"):
            repeated = _count(row, "number-rows-repeated")
            cells = [c for c in row if isinstance(c.tag, str) and local(c) == "table-cell"]
            if any(len(c) or attribute(c, "value-type") or attribute(c, "formula") for c in cells):
                for i in range(at, min(at + repeated, max(at + 1, self._most_rows))):
                    self._row(i, row)
                    if self._sheet.far:
                        return self._sheet
            at += repeated
        return self._sheet

    def _row(self, at: int, row: Any) -> None:
        column = 0
        default = attribute(row, "default-cell-style-name")
        for cell in row:
            if not isinstance(cell.tag, str):
                continue
            repeated = _count(cell, "number-columns-repeated")
            if local(cell) == "table-cell":
                down = _count(cell, "number-rows-spanned")
                along = _count(cell, "number-columns-spanned")
                if down > 1 or along > 1:
                    self._sheet.merge(at, column, at + down - 1, column + along - 1)
                if len(cell) or attribute(cell, "value-type") or attribute(cell, "formula"):
                    for i in range(
                        column, min(column + repeated, max(column + 1, self._most_columns))
                    ):
                        self._cell(at, i, cell, default)
                        if self._sheet.far:
                            return
            column += repeated

    def _cell(self, row: int, column: int, cell: Any, default: str | None) -> None:
        kind = attribute(cell, "value-type")
        formula = attribute(cell, "formula")
        words = _text(cell, self._styles)
        if attribute(cell, "value-type") == "error" or _is_error(cell, formula, words):
            self._sheet.flaw(row, column, "error-value", words)
        elif kind in _NUMBERS:
            self._number(row, column, kind, attribute(cell, "value") or "")
        elif kind == "date":
            self._sheet.put(row, column, iso(attribute(cell, "date-value") or words))
        elif kind == "time":
            self._sheet.put(row, column, _duration(attribute(cell, "time-value") or "") or words)
        elif kind == "boolean":
            self._sheet.put(row, column, attribute(cell, "boolean-value") == "true")
        elif formula and kind is None and not words:
            self._sheet.flaw(row, column, "uncalculated-formula")
        else:
            self._sheet.put(row, column, words or attribute(cell, "string-value") or "")
            if words and not self._sheet.far:
                name = attribute(cell, "style-name") or default
                own = self._columns[column] if column < len(self._columns) else None
                self._sheet.font(row, column, self._styles.font(name or own) or self._spans(cell))
        if formula and _LINKED.search(formula):
            self._sheet.link(row, column)

    def _number(self, row: int, column: int, kind: str | None, value: str) -> None:
        try:
            number = float(value)
        except ValueError:
            self._sheet.flaw(row, column, "error-value", value)
            return
        means = "percent" if kind == "percentage" else ""
        self._sheet.put_number(row, column, number, means, from_1904=False)

    def _spans(self, cell: Any) -> str | None:
        """The typeface of a part of the text."""
        names = (attribute(e, "style-name") for e in cell.iter("{*}span"))
        return next(filter(None, map(self._styles.font, names)), None)


def _within(parent: Any, name: str, depth: int = 0) -> Iterator[Any]:
    """The rows or columns of a table, in whatever groups and headers they are gathered."""
    if depth > _DEEPEST:
        raise Refused("unreadable")
    for element in parent:
        if not isinstance(element.tag, str):
            continue
        tag = local(element)
        if tag == name:
            yield element
        elif tag.startswith((name, "table-header")):
            yield from _within(element, name, depth + 1)


def _text(cell: Any, styles: _Styles) -> str:
    """The paragraphs of a cell, a line each."""
    lines = (p for p in cell if isinstance(p.tag, str) and local(p) == "p")
    return "\n".join("".join(_words(p, styles)) for p in lines)


def _words(element: Any, styles: _Styles) -> Iterator[str]:
    yield element.text or ""
    for inner in element:
        tag = local(inner) if isinstance(inner.tag, str) else ""
        if tag == "s":
            yield " " * min(_count(inner, "c"), _MOST_SPACES)
        elif tag == "tab":
            yield "\t"
        elif tag == "line-break":
            yield "\n"
        elif tag and tag not in _UNSEEN:
            ways = styles.ways(attribute(inner, "style-name"))
            yield set_apart("".join(_words(inner, styles)), *ways)
        yield inner.tail or ""


def _is_error(cell: Any, formula: str | None, words: str) -> bool:
    """LibreOffice says so beside the standard's own type; others only show it."""
    kinds = {v for k, v in cell.items() if k.rpartition("}")[2] == "value-type"}
    return "error" in kinds or (formula is not None and _ERROR.fullmatch(words) is not None)


def _duration(written: str) -> str:
    match = _DURATION.fullmatch(written)
    if not match or not written.strip("-PT"):
        return ""
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return clock(hours * 3600 + minutes * 60 + seconds)


def _count(element: Any, name: str) -> int:
    said = attribute(element, name)
    return max(1, int(said)) if said else 1


def _of(element: Any, name: str) -> str | None:
    return None if element is None else attribute(element, name)
