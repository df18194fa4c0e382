"""Touches tables of web pages: what many programs save as .xls, and Excel's .mht."""

import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING, Any

from lxml import etree

from schemas.reading import Book, Grid
from tasks.formats import Refused
from tasks.formats.bounds import at_most
from tasks.formats.encodings import decoded
from tasks.formats.numberformats import before_unicode
from tasks.formats.runs import LOWERED, RAISED, STRUCK, set_apart
from tasks.formats.sheet import Sheet

if TYPE_CHECKING:
    from schemas.settings import Reading

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_HEAD = 4096
_SHEET_NAME = re.compile(r"<x:Name>([^<]*)</x:Name>", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_CLASS = re.compile(r"\.([\w-]+)\s*\{([^}]*)\}")
_LEGACY = re.compile(r"font-family\s*:\s*[\"']?(\.vn[^;\"',}]*|vni-[^;\"',}]*)", re.IGNORECASE)
_PERCENT = re.compile(r"mso-number-format\s*:\s*[\"']?(?:percent|0[^;]*%)", re.IGNORECASE)
_TAGS = {"sup": RAISED, "sub": LOWERED, "s": STRUCK, "strike": STRUCK, "del": STRUCK}
_STYLES = {
    RAISED: re.compile(r"vertical-align\s*:\s*super", re.IGNORECASE),
    LOWERED: re.compile(r"vertical-align\s*:\s*sub\b", re.IGNORECASE),
    STRUCK: re.compile("line-through", re.IGNORECASE),
}
_DATE_SIGNS = ("/", "-", ":")
_WIDEST = 1000
"""Columns that one cell may span, as in the HTML standard."""


def read(content: bytes, limits: "Reading") -> Book:
    """The tables of one page, each as a sheet."""
    return _book(_grids(content, None, limits))


def read_archive(content: bytes, limits: "Reading") -> Book:
    """The tables of pages saved in one file (.mht); Excel writes a page for each sheet."""
    from email import message_from_bytes  # noqa: PLC0415 - few files need it

    grids: list[Grid] = []
    for part in message_from_bytes(content).walk():
        if part.get_content_type() == "text/html":
            page = part.get_payload(decode=True)
            if isinstance(page, bytes):
                grids += _grids(page, part.get_content_charset(), limits, len(grids))
    return _book(grids)


def _book(grids: list[Grid]) -> Book:
    if not grids:
        raise Refused("not-a-workbook", kind="web")
    return Book("html", tuple(grids))


def _grids(content: bytes, charset: str | None, limits: "Reading", before: int = 0) -> list[Grid]:
    text = _text(content, charset)
    if not text.strip():
        return []
    root = _page(text)
    tables = [
        table for table in root.iter("table") if next(table.iter("td", "th"), None) is not None
    ]
    at_most(before + len(tables), limits.sheets, "sheets")
    names = [unescape(name) for name in _SHEET_NAME.findall(text)]
    named = names if len(set(names)) == len(tables) == len(names) else []
    classes = {
        name: rule
        for style in root.iter("style")
        for name, rule in _CLASS.findall(style.text or "")
        if _LEGACY.search(rule) or _PERCENT.search(rule)
    }
    return [
        _Table(sheet_name or f"Sheet{before + i}", classes, limits).read(table).grid()
        for i, (table, sheet_name) in enumerate(
            zip(tables, named or [""] * len(tables), strict=True), 1
        )
    ]


def _page(text: str) -> Any:
    parser: Any = etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True)
    return etree.fromstring(text, parser)


def _text(content: bytes, charset: str | None) -> str:
    said = _CHARSET.search(content[:_HEAD])
    name = charset or (said[1].decode("ascii") if said else "")
    marked = content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"))
    try:
        text = decoded(content) if marked or not name else content.decode(name)
    except (UnicodeDecodeError, LookupError):
        text = decoded(content)
    # a text is decoded already: what it says of its encoding would only mislead the parser
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text.replace("\0", ""))


class _Table:
    """One table while it is read."""

    def __init__(self, name: str, classes: dict[str, str], limits: "Reading") -> None:
        self._sheet = Sheet(name, limits)
        self._classes, self._limits = classes, limits
        self._taken: dict[int, int] = {}
        """Column -> the first row in which a cell from above leaves it free again."""

    def read(self, table: Any) -> Sheet:
        """All its rows."""
        rows = list(_rows(table))
        for row, line in enumerate(rows):
            column = 0
            for cell in line:
                if cell.tag not in ("td", "th"):
                    continue
                while self._taken.get(column, 0) > row:
                    column += 1
                along = _span(cell, "colspan", _WIDEST)
                down = _span(cell, "rowspan", len(rows) - row)
                for i in range(column, column + along):
                    self._taken[i] = row + down
                if along > 1 or down > 1:
                    self._sheet.merge(row, column, row + down - 1, column + along - 1)
                self._cell(row, column, cell)
                column += along
                if self._sheet.far:
                    return self._sheet
        return self._sheet

    def _cell(self, row: int, column: int, cell: Any) -> None:
        words = _SPACE.sub(" ", "".join(_words(cell)).replace("\n", " ")).replace("\v", "\n")
        words = "\n".join(line.strip(" ") for line in words.split("\n")).strip("\n")
        styles = f"{cell.get('style', '')};{self._classes.get(cell.get('class', ''), '')}"
        if "x:err" in cell.attrib:
            self._sheet.flaw(row, column, "error-value", words)
            return
        number = _number(cell.get("x:num"), words)
        if number is not None:
            self._sheet.put_number(row, column, number, "", from_1904=False)
            if words.endswith("%") or _PERCENT.search(styles):
                self._sheet.share(row, column)
            return
        self._sheet.put(row, column, words)
        faces = (font.get("face") for font in cell.iter("font"))
        inner = (_legacy(element.get("style", "")) for element in cell.iter())
        legacy = _legacy(styles) or next(filter(before_unicode, (*faces, *inner)), None)
        if words:
            self._sheet.font(row, column, legacy)


def _rows(table: Any) -> Iterator[Any]:
    """The rows of this table and of none within it."""
    for element in table:
        if element.tag == "tr":
            yield element
        elif element.tag in ("thead", "tbody", "tfoot"):
            yield from (inner for inner in element if inner.tag == "tr")


def _words(element: Any) -> Iterator[str]:
    """What a cell shows, a vertical tab where a line ends; tables within it are sheets of their
    own."""
    yield element.text or ""
    for inner in element:
        if isinstance(inner.tag, str) and inner.tag not in ("table", "script", "style"):
            if inner.tag in ("br", "p", "div"):
                yield "\v"
            style = inner.get("style", "")
            ways = {
                _TAGS.get(inner.tag, ""),
                *(w for w, looks in _STYLES.items() if looks.search(style)),
            }
            yield set_apart("".join(_words(inner)), *ways)
        yield inner.tail or ""


def _number(exact: str | None, words: str) -> float | None:
    """The number that Excel wrote beside the text; of a date it is the count of days, and the text
    says more."""
    if not exact or any(sign in words[1:] for sign in _DATE_SIGNS):
        return None
    try:
        return float(exact)
    except ValueError:
        return None


def _legacy(style: str) -> str | None:
    match = _LEGACY.search(style)
    return match[1].strip() if match else None


def _span(cell: Any, name: str, most: int) -> int:
    said = cell.get(name, "1").strip()
    count = int(said) if said.isascii() and said.isdigit() else 1
    return max(1, min(count, most)) if count or name != "rowspan" else max(1, most)
