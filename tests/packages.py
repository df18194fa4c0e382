"""Small files made by hand: packages of parts as programs other than Excel write them."""

import io
import zipfile
from collections.abc import Mapping

import xlsxwriter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip of these parts."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return content.getvalue()


def relations(*related: tuple[str, str, str]) -> str:
    """A part's references: key, kind, target."""
    lines = "".join(
        f'<Relationship Id="{key}" Type="{LINKS}/{kind}" Target="{target}"/>'
        for key, kind, target in related
    )
    return f'<Relationships xmlns="{PACKAGE}">{lines}</Relationships>'


def xlsx_parts(
    data: str,
    *,
    after: str = "",
    strings: str | None = None,
    styles: str | None = None,
    workbook: str = "",
    before: str = "",
) -> dict[str, str | bytes]:
    """The parts of a workbook with one sheet, whose `sheetData` holds `data`."""
    related = [("rId1", "worksheet", "worksheets/sheet1.xml")]
    parts: dict[str, str | bytes] = {
        "_rels/.rels": relations(("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{before}'
        f'<sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets>{workbook}</workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData>'
        f"{after}</worksheet>",
    }
    if strings is not None:
        related.append(("rId2", "sharedStrings", "sharedStrings.xml"))
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'
    if styles is not None:
        related.append(("rId3", "styles", "styles.xml"))
        parts["xl/styles.xml"] = f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'
    parts["xl/_rels/workbook.xml.rels"] = relations(*related)
    return parts


def xlsx(data: str, **more: str) -> bytes:
    """A workbook with one sheet, see `xlsx_parts`."""
    return zipped(xlsx_parts(data, **more))


def formats(*codes: str | int, fonts: str = "<font/>", last: str = "") -> str:
    """Cell formats: the first says nothing, then one for each number format."""
    own = "".join(
        f'<numFmt numFmtId="{200 + i}" formatCode="{code}"/>'
        for i, code in enumerate(codes)
        if isinstance(code, str)
    )
    numbers = [200 + i if isinstance(code, str) else code for i, code in enumerate(codes)]
    cells = "".join(f'<xf numFmtId="{number}" fontId="0"/>' for number in (0, *numbers))
    return f"<numFmts>{own}</numFmts><fonts>{fonts}</fonts><cellXfs>{cells}{last}</cellXfs>"


APART = ["100¹", "1\u03362\u033613", "m²", "10"]
"""A footnote's raised mark, a figure struck through before the new one, a text, a number."""


def set_apart() -> bytes:
    """A workbook that holds them, in parts of a text."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page, raised = book.add_worksheet(), book.add_format({"font_script": 1})
        page.write_rich_string(0, 0, "100", raised, "1")
        page.write_rich_string(0, 1, book.add_format({"font_strikeout": True}), "12", "13")
        page.write_rich_string(0, 2, "m", raised, "2")
        page.write_string(0, 3, "10")
    return out.getvalue()
