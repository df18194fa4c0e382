"""Touches the tables of a Word document: each is a sheet, as a reader of the document sees it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from schemas.reading import Book
from tasks.formats import Refused
from tasks.formats.bounds import at_most
from tasks.formats.numberformats import before_unicode
from tasks.formats.ooxml import part_of, relations, required
from tasks.formats.package import Package
from tasks.formats.runs import LOWERED, RAISED, STRUCK, set_apart
from tasks.formats.sheet import Sheet
from tasks.formats.xmltext import attribute, child, children, local, tree

if TYPE_CHECKING:
    from schemas.settings import Reading

_UNSEEN = frozenset({"moveFrom", "del", "Fallback", "instrText", "delText", "tbl", "txbxContent"})
"""Struck out while changes are tracked, written twice, or another table within this one."""
_BREAKS = {"br": "\n", "cr": "\n", "tab": "\t", "noBreakHyphen": "-"}
_HIDDEN, _STRUCK = ("vanish", "webHidden"), ("strike", "dstrike")
_ALIGNED = {"superscript": RAISED, "subscript": LOWERED}
_WIDEST = 63
"""Columns that Word allows."""


def read(package: Package, part: str, limits: "Reading") -> Book:
    """The document's tables; a document without any is no workbook."""
    body = child(tree(required(package, part)), "body")
    tables = [] if body is None else list(_tables(body))
    if not tables:
        raise Refused("not-a-workbook", kind="word")
    at_most(len(tables), limits.sheets, "sheets")
    styles = part_of(package, relations(package, part), "styles")
    usual = None if styles is None else _usual_font(tree(styles))
    grids = tuple(
        _sheet(table, f"Sheet{i}", usual, limits).grid() for i, table in enumerate(tables, 1)
    )
    return Book("docx", grids)


def _tables(body: Any) -> Iterator[Any]:
    """The tables, those within others too, in their order."""
    return iter(body.iter("{*}tbl"))


def _sheet(table: Any, name: str, usual: str | None, limits: "Reading") -> Sheet:
    sheet = Sheet(name, limits)
    open_merges: dict[int, tuple[int, int]] = {}  # column -> first row, last column
    row = -1
    for line in _inside(table, "tr"):
        properties = child(line, "trPr")
        if child(properties, "del") is not None:
            continue
        row += 1
        column, going_on = _number(child(properties, "gridBefore"), 0), set()
        for cell in _inside(line, "tc"):
            shape = child(cell, "tcPr")
            along = min(_number(child(shape, "gridSpan"), 1), _WIDEST)
            merge = child(shape, "vMerge")
            continued = merge is not None and attribute(merge, "val") != "restart"
            if continued and column in open_merges:
                going_on.add(column)
                column += along
                continue
            _close(sheet, open_merges, column, row)
            if merge is not None or along > 1:
                open_merges[column] = (row, column + along - 1)
            if merge is not None:
                going_on.add(column)
            words, font = _words(cell), _font(cell, usual)
            sheet.put(row, column, words)
            if words:
                sheet.font(row, column, font)
            column += along
        for ended in open_merges.keys() - going_on:
            alone = open_merges[ended][0] == row
            _close(sheet, open_merges, ended, row + 1 if alone else row)
    for ended in list(open_merges):
        _close(sheet, open_merges, ended, row + 1)
    return sheet


def _close(sheet: Sheet, open_merges: dict[int, tuple[int, int]], column: int, row: int) -> None:
    """What was merged downwards in a column ends above `row`."""
    if column in open_merges:
        first, last_column = open_merges.pop(column)
        sheet.merge(first, column, row - 1, last_column)


def _inside(parent: Any, name: str) -> Iterator[Any]:
    """The rows of a table or cells of a row, also those in content controls and tracked moves."""
    for element in parent:
        if not isinstance(element.tag, str):
            continue
        tag = local(element)
        if tag == name:
            yield element
        elif tag in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"):
            yield from _inside(element, name)


def _words(cell: Any) -> str:
    """The paragraphs of a cell, a line each."""
    return "\n".join("".join(_runs(p)) for p in _inside(cell, "p")).strip()


def _runs(element: Any) -> Iterator[str]:
    for inner in element:
        tag = local(inner) if isinstance(inner.tag, str) else ""
        if tag == "t":
            yield inner.text or ""
        elif tag in _BREAKS:
            yield _BREAKS[tag]
        elif tag == "r":
            looks = child(inner, "rPr")
            if not any(_is_on(looks, name) for name in _HIDDEN):
                ways = [STRUCK] if any(_is_on(looks, name) for name in _STRUCK) else []
                if (aligned := child(looks, "vertAlign")) is not None:
                    ways.append(_ALIGNED.get(attribute(aligned, "val") or "", ""))
                yield set_apart("".join(_runs(inner)), *ways)
        elif tag and tag not in _UNSEEN and not tag.endswith("Pr"):
            yield from _runs(inner)


def _is_on(looks: Any, name: str) -> bool:
    said = child(looks, name)
    return said is not None and attribute(said, "val") not in ("0", "false", "off")


def _font(cell: Any, usual: str | None) -> str | None:
    """The typeface of before Unicode in which some of a cell is set."""
    runs = [_run_font(run) or usual for run in cell.iter("{*}r")]
    return next(filter(before_unicode, runs), None)


def _run_font(run: Any) -> str | None:
    fonts = child(child(run, "rPr"), "rFonts")
    return None if fonts is None else attribute(fonts, "ascii")


def _usual_font(styles: Any) -> str | None:
    """The typeface of what has none of its own: the usual paragraph's, or the document's."""
    for style in children(styles, "style"):
        if attribute(style, "type") == "paragraph" and attribute(style, "default") in ("1", "true"):
            return _run_font(style) or _run_font(child(child(styles, "docDefaults"), "rPrDefault"))
    return _run_font(child(child(styles, "docDefaults"), "rPrDefault"))


def _number(element: Any, otherwise: int) -> int:
    said = None if element is None else attribute(element, "val")
    return max(0, int(said)) if said else otherwise
