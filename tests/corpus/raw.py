"""OOXML written by hand: what is allowed, and what no well-known library ever writes."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from html import escape

from openpyxl.utils import get_column_letter

from corpus.page import Formula, Page
from corpus.write import package

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_LINKS = "http://purl.oclc.org/ooxml/officeDocument/relationships"

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


@dataclass(frozen=True)
class Ways:
    """What a writer may do otherwise and still be right."""

    references: bool = True
    """Cells and rows say where they stand."""
    inline: bool = False
    """Texts stand in their cells, not in the table of shared strings."""
    rich: bool = False
    """Texts are cut into runs, each with a look of its own."""
    prefix: str = ""
    """Of every element of a sheet."""
    dimension: str | None = "A1:K40"
    absolute: bool = False
    """The links within the package start from its root."""
    strict: bool = False
    iso_dates: bool = False
    """Dates as text, `t="d"`, as strict files may have them."""
    epoch_1904: bool = False
    workbook: str = ""
    """More elements of the workbook, before its sheets."""
    sheet_head: str = ""
    """More elements of a sheet, before its cells."""
    sheet_foot: str = ""
    """More elements of a sheet, after its cells."""
    members: Mapping[str, bytes] = field(default_factory=dict)
    """More files of the package, or others in the place of ours."""
    links: str = ""
    """More links of the workbook."""
    after_sheets: str = ""


def xlsx(*pages: Page, ways: Ways = Ways()) -> bytes:
    """The pages as a package of few files."""
    strings: dict[str, int] = {}
    main, links = (STRICT_MAIN, STRICT_LINKS) if ways.strict else (MAIN, LINKS)
    sheets = {
        f"xl/worksheets/sheet{i}.xml": _sheet(page, strings, ways, main)
        for i, page in enumerate(pages, 1)
    }
    listed = "".join(
        f'<sheet name="{escape(page.name)}" sheetId="{i}" r:id="rId{i}"/>'
        for i, page in enumerate(pages, 1)
    )
    epoch = '<workbookPr date1904="1"/>' if ways.epoch_1904 else ""
    workbook = (
        f'{_HEAD}<workbook xmlns="{main}" xmlns:r="{links}"{_conformance(ways)}>{epoch}'
        f"{ways.workbook}<sheets>{listed}</sheets>{ways.after_sheets}</workbook>"
    )
    root = "/xl/" if ways.absolute else ""
    related = "".join(
        f'<Relationship Id="rId{i}" Type="{links}/worksheet" '
        f'Target="{root}worksheets/sheet{i}.xml"/>'
        for i in range(1, len(pages) + 1)
    )
    related += f'<Relationship Id="rId90" Type="{links}/styles" Target="{root}styles.xml"/>'
    related += (
        f'<Relationship Id="rId91" Type="{links}/sharedStrings" Target="{root}sharedStrings.xml"/>'
    )
    parts = {f"/xl/worksheets/sheet{i}.xml": "worksheet" for i in range(1, len(pages) + 1)}
    parts |= {"/xl/styles.xml": "styles", "/xl/sharedStrings.xml": "sharedStrings"}
    overrides = "".join(
        f'<Override PartName="{part}" ContentType="{_OFFICE}.{kind}+xml"/>'
        for part, kind in parts.items()
    )
    written = {
        "[Content_Types].xml": (
            f'{_HEAD}<Types xmlns="{TYPES}"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_OFFICE}.sheet.main+xml"/>'
            f"{overrides}</Types>"
        ),
        "_rels/.rels": (
            f'{_HEAD}<Relationships xmlns="{PACKAGE_LINKS}"><Relationship Id="rId1" '
            f'Type="{links}/officeDocument" Target="{"/" * ways.absolute}xl/workbook.xml"/>'
            "</Relationships>"
        ),
        "xl/workbook.xml": workbook,
        "xl/_rels/workbook.xml.rels": (
            f'{_HEAD}<Relationships xmlns="{PACKAGE_LINKS}">{related}{ways.links}</Relationships>'
        ),
        "xl/styles.xml": (
            f'{_HEAD}<styleSheet xmlns="{main}"><numFmts count="1"><numFmt numFmtId="164" '
            'formatCode="dd/mm/yyyy"/></numFmts><fonts count="1"><font><sz val="12"/>'
            '<name val="Times New Roman"/></font></fonts><fills count="1"><fill/></fills>'
            '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
            '<cellXfs count="2"><xf numFmtId="0" fontId="0"/><xf numFmtId="164" fontId="0" '
            'applyNumberFormat="1"/></cellXfs></styleSheet>'
        ),
        **sheets,
    }
    items = "".join(f"<si>{_text(words, ways.rich)}</si>" for words in strings)
    written["xl/sharedStrings.xml"] = (
        f'{_HEAD}<sst xmlns="{main}" count="{len(strings)}" uniqueCount="{len(strings)}">'
        f"{items}</sst>"
    )
    return package({name: text.encode() for name, text in written.items()} | dict(ways.members))


def _conformance(ways: Ways) -> str:
    return ' conformance="strict"' if ways.strict else ""


def _text(words: str, rich: bool) -> str:
    if not rich or len(words) < 4:
        return f'<t xml:space="preserve">{escape(words)}</t>'
    cut = len(words) // 2
    phonetic = '<rPh sb="0" eb="1"><t>KHÔNG PHẢI CHỮ TRONG Ô</t></rPh>'
    return (
        f'<r><rPr><b/><sz val="12"/></rPr><t xml:space="preserve">{escape(words[:cut])}</t></r>'
        f'<r><t xml:space="preserve">{escape(words[cut:])}</t></r>{phonetic}'
    )


def _sheet(page: Page, strings: dict[str, int], ways: Ways, main: str) -> str:
    p = f"{ways.prefix}:" if ways.prefix else ""
    rows = []
    height = max(row for row, _ in page.cells)
    for row in range(1, height + 1):
        columns = sorted(column for at, column in page.cells if at == row)
        if not ways.references:
            # without references a cell stands after the one before it
            columns = list(range(1, max(columns, default=0) + 1))
        elif not columns:
            continue
        cells = "".join(_cell(page, row, column, strings, ways, p) for column in columns)
        said = f' r="{row}"' if ways.references else ""
        rows.append(f"<{p}row{said}>{cells}</{p}row>")
    dimension = f'<{p}dimension ref="{ways.dimension}"/>' if ways.dimension else ""
    namespace = f"xmlns:{ways.prefix}" if ways.prefix else "xmlns"
    merged = "".join(
        f'<{p}mergeCell ref="{get_column_letter(c)}{r}:{get_column_letter(lc)}{lr}"/>'
        for r, c, lr, lc in page.merged
    )
    merged = merged and f'<{p}mergeCells count="{len(page.merged)}">{merged}</{p}mergeCells>'
    return (
        f'{_HEAD}<{p}worksheet {namespace}="{main}">{dimension}{ways.sheet_head}'
        f"<{p}sheetData>{''.join(rows)}</{p}sheetData>{merged}{ways.sheet_foot}</{p}worksheet>"
    )


def _cell(  # noqa: PLR0911 - one way out per kind of cell
    page: Page, row: int, column: int, strings: dict[str, int], ways: Ways, p: str
) -> str:
    value = page.cells.get((row, column))
    at = f' r="{get_column_letter(column)}{row}"' if ways.references else ""
    formula = ""
    if isinstance(value, Formula):
        # a text that starts with '<' is a whole element, for shared formulas
        words = value.text if value.text.startswith("<") else f"<f>{escape(value.text[1:])}</f>"
        formula = words.replace("<", f"<{p}", 1).replace("</", f"</{p}")
        value = value.value
        if isinstance(value, str):
            kind = "e" if value.startswith("#") else "str"
            return f'<{p}c{at} t="{kind}">{formula}<{p}v>{escape(value)}</{p}v></{p}c>'
    if value is None:
        return f"<{p}c{at}>{formula}</{p}c>"
    if isinstance(value, date):
        if ways.iso_dates:
            return f'<{p}c{at} s="1" t="d"><{p}v>{value:%Y-%m-%d}</{p}v></{p}c>'
        start = date(1904, 1, 1) if ways.epoch_1904 else date(1899, 12, 30)
        return f'<{p}c{at} s="1">{formula}<{p}v>{(value - start).days}</{p}v></{p}c>'
    if isinstance(value, str):
        if ways.inline:
            words = _text(value, ways.rich)
            if p:
                words = words.replace("<", f"<{p}").replace(f"<{p}/", f"</{p}")
            return f'<{p}c{at} t="inlineStr"><{p}is>{words}</{p}is></{p}c>'
        number = strings.setdefault(value, len(strings))
        return f'<{p}c{at} t="s"><{p}v>{number}</{p}v></{p}c>'
    return f"<{p}c{at}>{formula}<{p}v>{value}</{p}v></{p}c>"


# --- .xlsb: no free program writes it, so the few records that a sheet needs are put together -----


def xlsb(*pages: Page) -> bytes:
    """The pages as BIFF12: records of a type, a length and bytes, little-endian."""
    sheets = {f"xl/worksheets/sheet{i}.bin": _binary_sheet(p) for i, p in enumerate(pages, 1)}
    bundle = b"".join(
        _record(156, struct.pack("<II", 0, i) + _wide(f"rId{i}") + _wide(page.name))
        for i, page in enumerate(pages, 1)
    )
    properties = _record(153, struct.pack("<II", 0, 0) + _wide(""))
    workbook = (
        _record(131)
        + properties
        + _record(143)
        + bundle
        + _record(144)
        + _record(157, bytes(25))
        + _record(132)
    )
    related = "".join(
        f'<Relationship Id="rId{i}" Type="{LINKS}/worksheet" Target="worksheets/sheet{i}.bin"/>'
        for i in range(1, len(pages) + 1)
    )
    related += f'<Relationship Id="rId90" Type="{LINKS}/styles" Target="styles.bin"/>'
    binary = "application/vnd.ms-excel"
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{binary}.worksheet"/>' for name in sheets
    )
    return package(
        {
            "[Content_Types].xml": (
                f'{_HEAD}<Types xmlns="{TYPES}"><Default Extension="rels" '
                'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Default Extension="bin" ContentType="{binary}.sheet.binary.macroEnabled.main"/>'
                f'<Override PartName="/xl/styles.bin" ContentType="{binary}.styles"/>'
                f"{overrides}</Types>"
            ).encode(),
            "_rels/.rels": (
                f'{_HEAD}<Relationships xmlns="{PACKAGE_LINKS}"><Relationship Id="rId1" '
                f'Type="{LINKS}/officeDocument" Target="xl/workbook.bin"/></Relationships>'
            ).encode(),
            "xl/workbook.bin": workbook,
            "xl/_rels/workbook.bin.rels": (
                f'{_HEAD}<Relationships xmlns="{PACKAGE_LINKS}">{related}</Relationships>'
            ).encode(),
            "xl/styles.bin": _binary_styles(),
            **sheets,
        }
    )


def _record(kind: int, content: bytes = b"") -> bytes:
    high = struct.pack("<BB", kind & 0x7F | 0x80, kind >> 7)
    head = struct.pack("<B", kind) if kind < 0x80 else high
    size, length = len(content), b""
    while True:
        size, low = size >> 7, size & 0x7F
        length += struct.pack("<B", low | 0x80 * (size > 0))
        if not size:
            return head + length + content


def _wide(words: str) -> bytes:
    encoded = words.encode("utf-16-le")
    return struct.pack("<I", len(encoded) // 2) + encoded


def _binary_styles() -> bytes:
    """Two cell formats: general, and the date of Excel's own number 14."""
    looks = b"".join(_record(47, struct.pack("<HH12x", 0xFFFF, shape)) for shape in (0, 14))
    table = _record(617, struct.pack("<I", 2)) + looks + _record(618)
    return _record(278) + table + _record(279)


def _binary_sheet(page: Page) -> bytes:
    rows = []
    for row in sorted({row for row, _ in page.cells}):
        rows.append(_record(0, struct.pack("<IIH7x", row - 1, 0, 300)))
        for column in sorted(c for r, c in page.cells if r == row):
            value = page.cells[row, column]
            style = 1 if isinstance(value, date) else 0
            if isinstance(value, date):
                value = (value - date(1899, 12, 30)).days
            head = struct.pack("<II", column - 1, style)
            if isinstance(value, int | float):
                rows.append(_record(5, head + struct.pack("<d", value)))
            else:
                rows.append(_record(6, head + _wide(str(value))))
    height = max(row for row, _ in page.cells)
    width = max(column for _, column in page.cells)
    size = _record(148, struct.pack("<IIII", 0, height - 1, 0, width - 1))
    data = _record(145) + b"".join(rows) + _record(146)
    return _record(129) + size + data + _record(130)
