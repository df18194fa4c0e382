"""Writes WordprocessingML: runs, paragraphs, tables and sections with every measure stated."""

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from reports.letters import measures
from reports.letters.measures import twips

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
EMU = 36_000
"""Units of a drawing in a millimetre."""
_FONT = " ".join(
    f'w:{script}="{measures.TYPEFACE}"' for script in ("ascii", "hAnsi", "cs", "eastAsia")
)


def properties(size: float, *, bold: bool = False, italic: bool = False) -> str:
    """What a run looks like: typeface for every script, black, size in points, upright or not."""
    half = round(size * 2)
    return (
        f"<w:rPr><w:rFonts {_FONT}/>{'<w:b/><w:bCs/>' if bold else ''}"
        f"{'<w:i/><w:iCs/>' if italic else ''}"
        f'<w:color w:val="000000"/><w:sz w:val="{half}"/><w:szCs w:val="{half}"/></w:rPr>'
    )


def run(text: str, size: float, *, bold: bool = False, italic: bool = False) -> str:
    """A piece of text."""
    looks = properties(size, bold=bold, italic=italic)
    return f'<w:r>{looks}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def paragraph(
    *runs: str,
    align: str = "left",
    before: float = 0,
    after: float = 0,
    first: float = 0,
    left: float = 0,
    right: float = 0,
    hanging: float = 0,
    exactly: float = 0,
    rule: bool = False,
    style: str = "",
    keep: bool = False,
    size: float = measures.MAIN,
    section: str = "",
    tab: float = 0,
) -> str:
    """A paragraph with single line spacing; gaps and `exactly` (the line's height) in points,
    indents in mm. `keep` holds it on the page of the next one, `rule` draws a line above it, `tab`
    is a stop at its right, mm, that dots lead to."""
    line = f'w:line="{round(exactly * 20)}" w:lineRule="exact"' if exactly else (
        'w:line="240" w:lineRule="auto"'
    )  # fmt: skip
    bent = f' w:hanging="{twips(hanging)}"' if hanging else f' w:firstLine="{twips(first)}"'
    border = '<w:pBdr><w:top w:val="single" w:sz="6" w:space="0" w:color="000000"/></w:pBdr>'
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    stop = f'<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="{twips(tab)}"/></w:tabs>'
    return (
        f"<w:p><w:pPr>{styled}"
        f"{'<w:keepNext/>' if keep else ''}<w:widowControl/>{border if rule else ''}"
        f"{stop if tab else ''}"
        f'<w:spacing w:before="{round(before * 20)}" w:after="{round(after * 20)}" {line}/>'
        f'<w:ind w:left="{twips(left)}" w:right="{twips(right)}"{bent}/>'
        f'<w:jc w:val="{align}"/>{properties(size)}{section}</w:pPr>{"".join(runs)}</w:p>'
    )


def table(widths: Sequence[float], rows: Iterable[str], *, borders: bool) -> str:
    """A table of fixed column widths in mm."""
    line = 'w:val="single" w:sz="4" w:space="0" w:color="000000"' if borders else 'w:val="nil"'
    sides = "".join(
        f"<w:{side} {line}/>" for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    margin = 40 if borders else 0
    columns = "".join(f'<w:gridCol w:w="{twips(width)}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(map(twips, widths))}" w:type="dxa"/>'
        f'<w:tblInd w:w="0" w:type="dxa"/><w:tblBorders>{sides}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="{margin}" w:type="dxa"/>'
        f'<w:right w:w="{margin}" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def row(cells: Iterable[tuple[float, str]], *, head: bool = False, span: int = 0) -> str:
    """A row that is never split over pages, of (width in mm, content); `head`: on every page;
    `span`: each cell reaches over so many columns."""
    place = "center" if head else "top"
    over = f'<w:gridSpan w:val="{span}"/>' if span else ""
    content = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{twips(width)}" w:type="dxa"/>'
        f"{over}"
        f'<w:vAlign w:val="{place}"/></w:tcPr>{its}</w:tc>'
        for width, its in cells
    )
    repeated = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{content}</w:tr>"


def control(tag: str, wraps: str = "p") -> str:
    """What docxtpl repeats or leaves out, in a paragraph (`p`) or a table's row (`tr`) of its own
    that goes with it."""
    bare = paragraph(run("{%" + f"{wraps} {tag} " + "%}", measures.MAIN))
    return bare if wraps == "p" else row([(10, bare)])


def section(*, landscape: bool = False) -> str:
    """A4, upright or not, with the decree's margins; pages numbered from 1, the first without its
    number."""
    width, height = map(twips, reversed(measures.PAPER) if landscape else measures.PAPER)
    edge = twips(measures.PAGE_NUMBER_FROM_EDGE)
    return (
        '<w:sectPr><w:headerReference w:type="default" r:id="rId3"/>'
        '<w:headerReference w:type="first" r:id="rId4"/><w:type w:val="nextPage"/>'
        f'<w:pgSz w:w="{width}" w:h="{height}" '
        f'w:orient="{"landscape" if landscape else "portrait"}"/>'
        f'<w:pgMar w:top="{twips(measures.TOP)}" w:right="{twips(measures.RIGHT)}" '
        f'w:bottom="{twips(measures.BOTTOM)}" w:left="{twips(measures.LEFT)}" '
        f'w:header="{edge}" w:footer="{edge}" w:gutter="0"/>'
        '<w:pgNumType w:fmt="decimal" w:start="1"/><w:titlePg/></w:sectPr>'
    )


def computed(command: str, shown: str, size: float, *, bold: bool = False) -> str:
    """Runs that a word processor computes anew when asked, showing this until then."""
    looks = properties(size, bold=bold)
    pieces = ('<w:fldChar w:fldCharType="begin"/>',
              f'<w:instrText xml:space="preserve"> {escape(command)} </w:instrText>',
              '<w:fldChar w:fldCharType="separate"/>', f"<w:t>{escape(shown)}</w:t>",
              '<w:fldChar w:fldCharType="end"/>')  # fmt: skip
    return "".join(f"<w:r>{looks}{piece}</w:r>" for piece in pieces)


def page_number() -> str:
    """The paragraph that shows it, centred."""
    return paragraph(computed("PAGE", "2", measures.MAIN), align="center")


def line_break(size: float) -> str:
    """Where a paragraph goes on on the next line."""
    return f"<w:r>{properties(size)}<w:br/></w:r>"


def picture(name: str, words: str, relation: str, width: float, height: float) -> str:
    """A run that shows a picture of the file, sizes in mm; `words` is its alternative text."""
    across, down = (round(length * EMU) for length in (width, height))
    drawing = "http://schemas.openxmlformats.org/drawingml/2006"
    extent = f'cx="{across}" cy="{down}"'
    return (
        f"<w:r>{properties(measures.MAIN)}<w:drawing>"
        f'<wp:inline xmlns:wp="{drawing}/wordprocessingDrawing" distT="0" '
        f'distB="0" distL="0" distR="0"><wp:extent {extent}/>'
        f'<wp:docPr id="1" name="{name}" descr="{words}"/>'
        f'<a:graphic xmlns:a="{drawing}/main"><a:graphicData uri="{drawing}/picture">'
        f'<pic:pic xmlns:pic="{drawing}/picture"><pic:nvPicPr><pic:cNvPr id="1" name="{name}"/>'
        f'<pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="{relation}"/><a:stretch>'
        '<a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/>'
        f'<a:ext {extent}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
