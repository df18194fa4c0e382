"""A returned workbook beside the one that came: what is the same, and what openpyxl cannot keep.

The latter is named in docs/reading.md; a test here measures each line of that list.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import xlsxwriter
from openpyxl import load_workbook
from PIL import Image
from python_calamine import load_workbook as calamine
from xlsxwriter.worksheet import Worksheet

from reports.returned import ERROR, LIST, returned_workbook
from schemas.findings import Finding, Severity

DOCS = Path(__file__).parents[2] / "docs" / "reading.md"
FINDINGS = [Finding("rule", Severity.ERROR, "sai", "VP.xlsx", "A", "D3")]

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
VALIDATIONS_2010 = (
    f'<extLst><ext uri="{{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}}" xmlns:x14="{_X14}">'
    '<x14:dataValidations count="1"><x14:dataValidation type="list"/></x14:dataValidations></ext>'
)
"""How Excel writes a list that stands on another sheet."""
EXTRA_PARTS = {
    "customXml/item1.xml": "<a/>",
    "xl/printerSettings/printerSettings1.bin": "x",
    "xl/threadedComments/threadedComment1.xml": "<ThreadedComments/>",
    "xl/slicers/slicer1.xml": "<slicers/>",
    "xl/connections.xml": "<connections/>",
    "_xmlsignatures/sig1.xml": "<Signature/>",
}


def _picture(colour: str) -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (20, 10), colour).save(out, "PNG")
    return out


@cache
def clerks() -> bytes:
    """A workbook with something of nearly all that a workbook can have."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, hidden = book.add_worksheet("A"), book.add_worksheet("B")
        _cells(book, sheet)
        _sheet(sheet)
        _drawn(book, sheet)
        hidden.hide()
        hidden.write_column("A1", ["a", "b", "c"])
        book.define_name("MotO", "=A!$A$1")
        book.define_name("B!RiengB", "=B!$A$1")
        book.set_custom_property("Số", "12/UBDT")
        book.set_properties({"title": "Báo cáo", "author": "Văn thư"})
        line = book.add_chart({"type": "line"})
        line.add_series({"values": "=A!$A$3:$A$5"})
        book.add_chartsheet("C").set_chart(line)
    return _injected(out.getvalue())


def _cells(book: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    bold = book.add_format({"bold": True, "font_color": "red"})
    sheet.write_rich_string("A1", "Giải ", bold, "ngân", " lũy kế")
    sheet.write_formula("A3", "=1+2", None, 3)
    sheet.write_array_formula("A4:A5", "{=ROW(A4:A5)}", None, 4)
    sheet.write_dynamic_array_formula("C8:C9", "=UNIQUE(A1:A2)", None, 4)
    sheet.write_string("B3", "=không phải công thức")
    sheet.write_string("B4", "ng\u00adêi", book.add_format({"font_name": ".VnTime"}))
    sheet.write_number("B5", 0.5, book.add_format({"num_format": "0.0%", "bg_color": "#00FF00"}))
    sheet.write_number("B6", 1234.5678, book.add_format({"num_format": "#,##0.00 [$đ]"}))
    sheet.write_boolean("B7", True)
    sheet.write_number("B8", 44500, book.add_format({"num_format": "dd/mm/yyyy"}))
    looks = {"border": 2, "rotation": 45, "indent": 1, "locked": False, "underline": 2}
    sheet.write_string("B9", "kẻ", book.add_format({**looks, "diag_type": 1}))
    sheet.merge_range("D3:E3", "gộp", bold)
    sheet.write_url("A7", "https://example.vn/a?b=1&c", string="liên kết", tip="mẹo")
    sheet.write_url("A8", "internal:'B'!A1", string="sang B")
    sheet.write_comment("A1", "ghi chú của đơn vị", {"author": "Văn thư", "color": "yellow"})


def _sheet(sheet: Worksheet) -> None:
    sheet.set_row(20, 40, None, {"level": 1, "hidden": True})
    sheet.set_row(21, 33.75)
    sheet.set_column("O:P", 30, None, {"level": 1, "hidden": True})
    sheet.set_column("A:A", 17.5)
    sheet.autofilter("A1:B9")
    sheet.filter_column(0, "x == 3")
    sheet.protect("matkhau", {"sort": True, "format_cells": True})
    sheet.freeze_panes(2, 1)
    sheet.set_zoom(80)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(0.3, 0.4, 0.5, 0.6)
    sheet.set_h_pagebreaks([5])
    sheet.repeat_rows(0, 1)
    sheet.print_area("A1:H30")
    sheet.center_horizontally()
    sheet.set_tab_color("red")
    sheet.set_footer("&LTrang &P")
    sheet.data_validation("B2", {"validate": "list", "source": ["a", "b"], "error_message": "sai"})
    sheet.data_validation("C2", {"validate": "list", "source": "=B!$A$1:$A$3"})
    sheet.conditional_format("B1:B5", {"type": "icon_set", "icon_style": "3_arrows"})
    sheet.conditional_format("C1:C5", {"type": "2_color_scale"})
    sheet.conditional_format("D1:D5", {"type": "cell", "criteria": ">", "value": 1})
    sheet.add_table("L1:M3", {"columns": [{"header": "một"}, {"header": "hai"}]})
    sheet.ignore_errors({"number_stored_as_text": "A1"})


def _drawn(book: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    sheet.insert_image("E10", "a.png", {"image_data": _picture("red")})
    chart: Any = book.add_chart({"type": "column"})
    chart.add_series({"values": "=A!$A$3:$A$5", "name": "Giải ngân"})
    chart.set_title({"name": "Biểu đồ"})
    sheet.insert_chart("H1", chart)
    sheet.insert_textbox("E1", "hình vẽ")
    sheet.insert_button("I1", {"caption": "nút"})
    sheet.embed_image("G20", "b.png", {"image_data": _picture("blue")})
    sheet.set_header("&C&G", {"image_center": "c.png", "image_data_center": _picture("green")})
    sheet.set_background(_picture("white"))
    sheet.add_sparkline("J1", {"range": "A!A3:A5"})
    sheet.conditional_format("A1:A5", {"type": "data_bar", "data_bar_2010": True})


def _injected(content: bytes) -> bytes:
    """With parts that XlsxWriter cannot write."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert b"<extLst><ext" in part
                part = re.sub(b"<extLst>(?=<ext[^>]*78C0)", VALIDATIONS_2010.encode(), part)
                assert b"dataValidation type" in part
            target.writestr(name, part)
        for name, text in EXTRA_PARTS.items():
            target.writestr(name, text)
    return out.getvalue()


@cache
def returned() -> bytes:
    return returned_workbook(clerks(), FINDINGS)


def parts(content: bytes, pattern: str) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as package:
        return {n: package.read(n) for n in package.namelist() if re.search(pattern, n)}


def root(content: bytes, title: str = "A") -> ET.Element:
    """The XML of a sheet by its title."""
    number = opened(content).sheetnames.index(title) + 1
    (part,) = parts(content, rf"worksheets/sheet{number}\.xml").values()
    return ET.fromstring(part)  # noqa: S314 - our own


@cache
def opened(content: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what it leaves out, see LOST
        return load_workbook(BytesIO(content), rich_text=True)


def differences(old: ET.Element, new: ET.Element | None, path: str = "") -> Iterator[str]:
    """What the old element says and the new one does not."""
    path += "/" + old.tag.partition("}")[2]
    if new is None:
        yield f"{path} is gone"
        return
    left_out = {"count", "tabSelected", "style", "dxfId"}
    for name, value in old.attrib.items():
        short = name.rpartition("}")[2]
        written = new.get(name, "")
        if short in left_out or name.startswith("{"):
            continue
        if value != written and not _same_number(value, written):
            yield f"{path} {short}: {value} -> {written}"
    if (old.text or "").strip() != (new.text or "").strip():
        yield f"{path}: {old.text} -> {new.text}"
    followers = list(new)
    for child in old:
        if child.tag.endswith("}extLst"):
            continue
        same = next((i for i, e in enumerate(followers) if e.tag == child.tag), None)
        yield from differences(child, None if same is None else followers[same], path)
        followers = followers[(same or 0) + 1 :] if same is not None else followers


def _same_number(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return False


class TestKept:
    def test_values_of_every_cell_but_the_pictures_in_cells(self) -> None:
        before, after = calamine(BytesIO(clerks())), calamine(BytesIO(returned()))
        for title in ("A", "B"):
            rows = [
                book.get_sheet_by_name(title).to_python(skip_empty_area=False)
                for book in (before, after)
            ]
            assert rows[0] == rows[1]
        assert before.get_sheet_by_name("A").merged_cell_ranges == (
            after.get_sheet_by_name("A").merged_cell_ranges
        )

    def test_formulas_texts_and_looks_of_every_cell_but_the_marked_one(self) -> None:
        before, after = opened(clerks()), opened(returned())
        looks = ("font", "border", "alignment", "number_format", "protection", "quotePrefix")
        count = 0
        for title in ("A", "B"):
            for row in before[title].iter_rows():
                for old in row:
                    new = after[title][old.coordinate]
                    assert _formula(new) == _formula(old), old.coordinate
                    assert new.data_type == old.data_type
                    for look in looks:
                        assert repr(getattr(new, look)) == repr(getattr(old, look)), old.coordinate
                    if old.coordinate != "D3":
                        assert repr(new.fill) == repr(old.fill)
                    count += 1
        assert count > 100
        assert after["A"]["D3"].fill.fgColor.rgb == ERROR.replace("#", "FF")

    @pytest.mark.parametrize(
        "tag",
        ["sheetPr", "sheetViews", "cols", "sheetProtection", "autoFilter", "mergeCells",
         "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins",
         "pageSetup", "headerFooter", "rowBreaks", "tableParts"],
    )  # fmt: skip
    def test_what_a_sheet_says_of_itself(self, tag: str) -> None:
        old, new = root(clerks()), root(returned())
        before, after = old.findall(f"{{{_MAIN}}}{tag}"), new.findall(f"{{{_MAIN}}}{tag}")
        assert len(before) == len(after) > 0
        for one, other in zip(before, after, strict=True):
            assert list(differences(one, other)) == []

    def test_heights_grouping_and_hiding_of_rows(self) -> None:
        def rows(content: bytes) -> dict[str, tuple[str | None, ...]]:
            said = ("ht", "hidden", "outlineLevel", "customHeight")
            found = root(content).iter(f"{{{_MAIN}}}row")
            return {r.attrib["r"]: tuple(r.get(a) for a in said) for r in found}

        before, after = rows(clerks()), rows(returned())
        assert {number: after[number] for number in before} == before
        assert before["21"] == ("39.75", "1", "1", "1")

    def test_the_hidden_sheet_the_chart_sheet_and_their_order(self) -> None:
        book = opened(returned())
        assert book.sheetnames == [LIST, "A", "B", "C"]
        assert book["B"].sheet_state == "hidden"

    def test_names_properties_tables_links_and_comments(self) -> None:
        before, after = opened(clerks()), opened(returned())
        assert after.defined_names["MotO"].attr_text == "A!$A$1"
        assert after["B"].defined_names["RiengB"].attr_text == "B!$A$1"
        assert [(p.name, p.value) for p in after.custom_doc_props.props] == [("Số", "12/UBDT")]
        assert (after.properties.title, after.properties.creator) == ("Báo cáo", "Văn thư")
        assert after["A"].tables["Table1"].ref == before["A"].tables["Table1"].ref
        for cell in ("A7", "A8"):
            old, new = before["A"][cell].hyperlink, after["A"][cell].hyperlink
            assert old
            assert new
            assert (new.target, new.location, new.tooltip) == (
                old.target, old.location, old.tooltip,
            )  # fmt: skip
        comment = after["A"]["A1"].comment
        assert comment
        assert (comment.text, comment.author) == ("ghi chú của đơn vị", "Văn thư")

    def test_pictures_and_charts_where_they_stood(self) -> None:
        book = opened(returned())
        (picture,) = book["A"]._images
        assert picture.ref.getvalue() == _picture("red").getvalue()
        assert (picture.anchor._from.row, picture.anchor._from.col) == (9, 4)
        (chart,) = book["A"]._charts
        assert (chart.anchor._from.row, chart.anchor._from.col) == (0, 7)
        old, new = (
            b"".join(parts(c, r"charts/chart1\.xml").values()) for c in (clerks(), returned())
        )
        assert re.findall(rb"<(?:c:)?f>[^<]+", old)
        for pattern in (rb"<(?:c:)?f>([^<]+)", rb"<a:t>([^<]+)", rb"<(?:c:)?v>([^<]+)"):
            assert re.findall(pattern, new) == re.findall(pattern, old)


def test_an_xlsm_keeps_its_buttons_too() -> None:
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_vba_project(BytesIO(b"macros"), is_stream=True)
        book.add_worksheet("A").insert_button("D4", {"macro": "x"})
    content = returned_workbook(out.getvalue(), [])
    assert parts(content, "vbaProject") == {"xl/vbaProject.bin": b"macros"}
    assert any(b'ObjectType="Button"' in part for part in parts(content, "vmlDrawing").values())


def _formula(cell: Any) -> object:
    value = cell.value
    return (value.ref, value.text) if hasattr(value, "ref") else value


LOST = {
    "shapes and text boxes": ("xl/drawings/drawing", b"xdr:sp>"),
    "form controls and buttons": ("vmlDrawing|commentsDrawing", b'ObjectType="Button"'),
    "pictures in cells": ("xl/richData/", b""),
    "pictures in headers and footers": ("worksheets/sheet", b"legacyDrawingHF"),
    "background pictures": ("worksheets/sheet", b"<picture"),
    "sparklines": ("worksheets/sheet", b"sparkline"),
    "the look of data bars": ("worksheets/sheet", b"x14:dataBar"),
    "lists of choices that stand on another sheet, as Excel 2010 and later write them": (
        "worksheets/sheet", b"x14:dataValidation",
    ),
    "the colour, typeface and size of comments": ("comments", b"rFont"),
    "threaded comments": ("xl/threadedComments/", b""),
    "slicers": ("xl/slicers/", b""),
    "connections to data": ("xl/connections", b""),
    "custom XML": ("customXml/", b""),
    "the printer's own settings": ("printerSettings", b""),
    "digital signatures": ("_xmlsignatures/", b""),
    "marks that tell Excel to ignore an error": ("worksheets/sheet", b"ignoredErrors"),
    "the spilling of dynamic arrays": ("worksheets/sheet", b' cm="1"'),
}  # fmt: skip
"""What is lost -> where it was: the name of its part, and what stood there."""


@pytest.mark.parametrize("what", LOST)
def test_what_openpyxl_cannot_keep_is_lost_and_documented(what: str) -> None:
    name, mark = LOST[what]
    there = [any(mark in part for part in parts(c, name).values()) for c in (clerks(), returned())]
    assert there == [True, False]
    assert f"- {what}" in DOCS.read_text("utf-8")
