"""Finishes the filled-in report: the lines of its table of contents, and its chart."""

import io
import posixpath
import re
import struct
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lxml import etree

from reports.letters import measures
from reports.letters.measures import MAIN
from reports.letters.package import pack
from reports.letters.wordml import EMU, NAMESPACES, computed, paragraph, properties, run

CHART = "dondoc-chart"
"""The name by which a template's picture is known to be the chart."""
WIDEST, HIGHEST = 110, 190
"""mm that the chart may take."""
LEVELS = 2
"""Levels of headings that the contents show."""

_PIECE = 2**20
_ROW_ENDS = b"</w:tr>"
_ASIDE = re.compile(rb'<w:tr w:rsidR="aside-(\d+)"/>')
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/"
_EMBED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
_DOCUMENT, _STYLES, _RELATIONS = (
    "word/document.xml", "word/styles.xml", "word/_rels/document.xml.rels",
)  # fmt: skip


def finished(content: bytes, chart: bytes, pages: Sequence[int] | None = ()) -> bytes:
    """The .docx with a line of contents for each heading, and the chart in its place; a template
    without one or the other goes without. `pages` are those of the printed headings from 0, all of
    them in their order; without them the lines show no page. None: it is printed to learn them,
    and goes without the lines of the annexes' tables, on which no page that it says depends."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        read = {name: archive.read(name) for name in archive.namelist() if name != _DOCUMENT}
        styles = _style_names(read.get(_STYLES, b""))
        document, begins = _set_aside(_by_rows(archive), _concern(styles))
        tree = etree.fromstring(document)
        _number_captions(tree)
        _fill_contents(tree, styles, pages or ())
        if chart and (member := _place_chart(tree, read.get(_RELATIONS, b""), chart)):
            read[member] = chart
        whole = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
        pieces = _put_back(whole, _by_rows(archive), begins, annexes=pages is not None)
        return pack({name: read.get(name, pieces) for name in archive.namelist()})


# --- rows in which there is nothing to finish -----------------------------------------------------
# At a thousand units they are nearly all of 60 MB: they are never held, but read twice.


def _by_rows(archive: zipfile.ZipFile) -> Iterator[bytes]:
    """The document, cut after each end of a table row."""
    left = b""
    with archive.open(_DOCUMENT) as document:
        while more := document.read(_PIECE):
            *rows, left = (left + more).split(_ROW_ENDS)
            yield from (row + _ROW_ENDS for row in rows)
    yield left


def _concern(styles: dict[str, str]) -> list[bytes]:
    """What a row has in it that there is something to finish in."""
    headings = [f'"{key}"' for key, name in styles.items() if name.startswith("heading")]
    return [it.encode() for it in ("<w:fld", "<w:instrText", "<w:sectPr", CHART, *headings)]


def _begin(piece: bytes, concern: Iterable[bytes]) -> int:
    """Where the row begins that the piece ends with, if it is to be set aside; else its length."""
    at = max(piece.rfind(b"<w:tr>"), piece.rfind(b"<w:tr "))
    # at < 0: the end of a row with a table in it
    whole = at >= 0 and piece.endswith(_ROW_ENDS)
    aside = whole and all(piece.find(one, at) < 0 for one in concern)
    return at if aside else len(piece)


def _set_aside(pieces: Iterable[bytes], concern: Iterable[bytes]) -> tuple[bytes, list[int]]:
    """The document with a mark in the place of each such row, and where each begins in its
    piece."""
    kept, begins = list[bytes](), list[int]()
    for number, piece in enumerate(pieces):
        begins.append(at := _begin(piece, concern))
        kept.append(piece[:at])
        if at < len(piece):
            kept.append(b'<w:tr w:rsidR="aside-%d"/>' % number)
    return b"".join(kept), begins


def _put_back(
    whole: bytes, pieces: Iterable[bytes], begins: list[int], *, annexes: bool
) -> Iterator[bytes]:
    """The finished document with these rows in their places again; without `annexes` only those of
    its first section, and the first one of each table."""
    rows = enumerate(zip(pieces, begins, strict=True))
    texts = iter(_ASIDE.split(whole))
    yield (before := next(texts))
    main = True
    for mark, text in zip(texts, texts, strict=True):
        row = next(piece[at:] for number, (piece, at) in rows if number == int(mark))
        main = main and b"<w:sectPr" not in before
        if annexes or main or b"<w:tbl>" in before:
            yield row
        yield (before := text)


def _style_names(part: bytes) -> dict[str, str]:
    """Style -> its name in lower case; a word processor of another tongue has other styles of the
    same names."""
    if not part:
        return {}
    found = etree.fromstring(part).iter(f"{_W}style")
    names = {style.get(f"{_W}styleId"): style.find(f"{_W}name") for style in found}
    return {key: name.get(f"{_W}val").lower() for key, name in names.items() if name is not None}


# --- captions -------------------------------------------------------------------------------------


def _number_captions(tree: Any) -> None:
    """Each SEQ field shows what it comes to, whatever a word processor that saved the template
    had it show."""
    counts: dict[str, int] = {}
    for simple in tree.iter(f"{_W}fldSimple"):
        _number(simple.get(f"{_W}instr") or "", simple, counts)
    for node in tree.iter(f"{_W}p"):
        command, shows = "", False
        for run_ in node.iter(f"{_W}r"):
            for mark in run_.iter(f"{_W}fldChar"):
                kind = mark.get(f"{_W}fldCharType")
                command, shows = ("", False) if kind == "begin" else (command, kind == "separate")
            command += "".join(text.text or "" for text in run_.iter(f"{_W}instrText"))
            if shows and run_.find(f"{_W}t") is not None:
                _number(command, run_, counts)
                shows = False


def _number(command: str, within: Any, counts: dict[str, int]) -> None:
    name, *rest = command.split() or [""]
    if name == "SEQ" and rest:
        counts[rest[0]] = counts.get(rest[0], 0) + 1
        first, *others = within.iter(f"{_W}t")
        first.text = str(counts[rest[0]])
        for one in others:
            one.text = ""


# --- contents -------------------------------------------------------------------------------------


def _fill_contents(tree: Any, styles: dict[str, str], pages: Sequence[int]) -> None:
    field = list(_contents_field(tree))
    headings = list(_headings(tree, styles))
    if not field or not headings:
        return
    labels = _labels([where for _, _, where in headings], pages)
    marks = [f"_Toc{n:08d}" for n in range(1, len(headings) + 1)]
    by_level = {f"toc {n}": n for n in range(1, LEVELS + 1)}
    style_of = {by_level[name]: key for key, name in styles.items() if name in by_level}
    entries = []
    for (node, level, _), mark, label in zip(headings, marks, labels, strict=True):
        _bookmark(node, mark)
        entries.append((style_of.get(level, ""), level, _text(node), mark, label))
    place = field[0].getparent()
    at = place.index(field[0])
    for paragraph_ in field:
        place.remove(paragraph_)
    for number, entry in enumerate(_entries(entries)):
        place.insert(at + number, entry)


def _contents_field(tree: Any) -> Iterator[Any]:
    """The paragraphs of the field TOC, from its beginning to its end."""
    depth = 0
    for node in tree.iter(f"{_W}p"):
        here = [text.text or "" for text in node.iter(f"{_W}instrText")]
        if not depth and not any(text.split()[:1] == ["TOC"] for text in here):
            continue
        for mark in node.iter(f"{_W}fldChar"):
            depth += {"begin": 1, "end": -1}.get(mark.get(f"{_W}fldCharType"), 0)
        yield node
        if depth <= 0:
            return


def _headings(tree: Any, styles: dict[str, str]) -> Iterator[tuple[Any, int, int]]:
    """(paragraph, level, section that it stands in) of each heading that says anything."""
    levels = {f"heading {n}": n for n in range(1, LEVELS + 1)}
    section = 0
    for node in tree.iter(f"{_W}p"):
        style = node.find(f"{_W}pPr/{_W}pStyle")
        name = styles.get(style.get(f"{_W}val"), "") if style is not None else ""
        if name in levels and _text(node):
            yield node, levels[name], section
        section += node.find(f"{_W}pPr/{_W}sectPr") is not None


def _text(node: Any) -> str:
    """What the paragraph says, on one line."""
    pieces = [
        (one.text or "") if one.tag == f"{_W}t" else " "
        for one in node.iter(f"{_W}t", f"{_W}br", f"{_W}tab")
        if one.getparent().tag == f"{_W}r"
    ]
    return " ".join("".join(pieces).split())


def _labels(sections: Sequence[int], pages: Sequence[int]) -> list[str]:
    """The number printed on each heading's page: each section counts anew from its first page, and
    a section after the first begins with its heading."""
    if len(pages) != len(sections):
        return [""] * len(sections)
    first = {0: 0}
    for section, page in zip(sections, pages, strict=True):
        first.setdefault(section, page)
    return [str(page - first[section] + 1) for section, page in zip(sections, pages, strict=True)]


def _bookmark(node: Any, mark: str) -> None:
    number = str(int(mark.removeprefix("_Toc")) + 9000)
    start = etree.Element(f"{_W}bookmarkStart", {f"{_W}id": number, f"{_W}name": mark})
    node.insert(1 if node.find(f"{_W}pPr") is not None else 0, start)
    node.append(etree.Element(f"{_W}bookmarkEnd", {f"{_W}id": number}))


def _entries(entries: Sequence[tuple[str, int, str, str, str]]) -> Iterator[Any]:
    """A line for each heading, within one field that a word processor may compute anew."""
    looks = properties(MAIN)
    last = len(entries) - 1
    for number, (style, level, text, mark, label) in enumerate(entries):
        page = computed(rf"PAGEREF {mark} \h", label, MAIN) if label else ""
        tab = f"<w:r>{looks}<w:tab/></w:r>" if label else ""
        bold = level == 1
        line = (
            f'<w:hyperlink w:anchor="{mark}" w:history="1">{run(text, MAIN, bold=bold)}{tab}{page}'
        )
        begin = end = ""
        if not number:
            begin = (
                f'<w:r>{looks}<w:fldChar w:fldCharType="begin"/></w:r><w:r>{looks}'
                rf'<w:instrText xml:space="preserve"> TOC \o "1-{LEVELS}" \h \z </w:instrText>'
                f'</w:r><w:r>{looks}<w:fldChar w:fldCharType="separate"/></w:r>'
            )
        if number == last:
            end = f'<w:r>{looks}<w:fldChar w:fldCharType="end"/></w:r>'
        left = 5 * (level - 1)
        runs = f"{begin}{line}</w:hyperlink>{end}"
        whole = paragraph(runs, style=style, before=2, left=left, tab=measures.TEXT)
        yield etree.fromstring(f"<w:body {NAMESPACES}>{whole}</w:body>")[0]


# --- chart ----------------------------------------------------------------------------------------


def _place_chart(tree: Any, relations: bytes, chart: bytes) -> str | None:
    """Size the picture that is the chart's; the member of the file that holds it."""
    named = [one for one in tree.iter(f"{_DRAWING}wordprocessingDrawing}}docPr")
             if one.get("name") == CHART]  # fmt: skip
    if not named:
        return None
    frame = named[0].getparent()
    across, down = (str(round(length * EMU)) for length in _size(chart))
    for extent in frame.iter(f"{_DRAWING}wordprocessingDrawing}}extent", f"{_DRAWING}main}}ext"):
        if extent.get("cx"):
            extent.set("cx", across)
            extent.set("cy", down)
    (blip, *_) = frame.iter(f"{_DRAWING}main}}blip")
    targets = {one.get("Id"): one.get("Target") for one in etree.fromstring(relations)}
    return posixpath.normpath(posixpath.join("word", targets[blip.get(_EMBED)]))


def _size(png: bytes) -> tuple[float, float]:
    """mm: as wide as may be, unless that is too high."""
    across, down = struct.unpack(">II", png[16:24])
    width = min(WIDEST, HIGHEST * across / down)
    return width, width * down / across
