"""Every format that arrives, told by content; most of what is here no program at hand writes."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from email.message import EmailMessage
from pathlib import Path
from unicodedata import normalize

import docx as word
import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from python_calamine import load_workbook

from packages import APART, MAIN, formats, relations, set_apart, xlsx, xlsx_parts, zipped
from schemas.reading import Book, Grid
from schemas.settings import Reading
from tasks.apart import Reader
from tasks.formats import Refused, wire, xmltext
from tasks.formats.book import open_book

LIMITS = Reading()
MORNING = datetime(2021, 10, 31, 6)  # noqa: DTZ001 - a cell has no time zone
EVENING = datetime(2021, 10, 31, 18)  # noqa: DTZ001
DATA = Path(__file__).parents[1] / "data" / "workbooks"


@pytest.fixture(autouse=True, params=["as a whole", "piece by piece"])
def _(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large parts are read otherwise than small ones, and say the same."""
    if request.param == "piece by piece":
        monkeypatch.setattr(xmltext, "SMALL", 0)


def opened(content: bytes) -> Book:
    """The book, by way of what travels between the processes."""
    return wire.book(wire.written(open_book(content, LIMITS)))


def grid(content: bytes) -> Grid:
    (one,) = opened(content).sheets
    return one


def refused(content: bytes) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        open_book(content, LIMITS)
    return caught.value.rule, caught.value.values.get("kind", "")


# --- .xlsx ---------------------------------------------------------------------------------------


def test_cells_of_every_kind() -> None:
    found = grid(
        xlsx(
            '<row r="2"><c r="B2" t="s"><v>1</v></c><c r="C2"><v>12.5</v></c>'
            '<c r="D2" t="b"><v>1</v></c><c r="E2" t="str"><f>A1</f><v>a&amp;b</v></c>'
            '<c r="F2" t="inlineStr"><is><t>x</t><r><t xml:space="preserve"> y</t></r></is></c>'
            '<c r="G2" t="d"><v>2021-10-31</v></c><c r="H2"><v>1E3</v></c><c r="I2"/></row>',
            strings="<si/><si a='>'><r><t b='>'>Số </t></r><r><t>hóa_x000D_</t></r>"
            "<rPh><t>no</t></rPh></si>",
        )
    )
    row = ["", "Số hóa\r", 12.5, True, "a&b", "x y", date(2021, 10, 31), 1000.0]
    assert found.cells == [[], row]
    assert found.visible


@pytest.mark.parametrize(
    "row",
    [
        "<row><c><v>1</v></c><c><v>2</v></c></row>",
        '<row r="1"><c r="A1"><v>1</v></c><c><v>2</v></c></row>',
        '<row><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>',
        "<row r='1' ><c t = 'n' r = 'A1'\n><v >1</v ></c ><c r='B1'><f>1+1</f><v>2</v></c></row >",
        (
            '<row r="1"><!-- <c r="A1"><v>9</v></c> --><c r="A1"><v><![CDATA[1]]></v></c>'
            '<?x <c r="B1"><v>9</v></c>?><c r="B1"><v>2<!-- 3 --></v></c></row>'
        ),
        (
            '<row r="1" note="&lt;c r=&quot;A1&quot;>"><c r="A1" x="/>"><v>&#49;</v></c>'
            '<c r="B1"><v>2</v></c></row>'
        ),
    ],
)
def test_cells_however_they_are_written(row: str) -> None:
    assert grid(xlsx(row)).cells == [[1.0, 2.0]]


@pytest.mark.parametrize(
    "change",
    [
        lambda sheet: sheet.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"),
        lambda sheet: (
            sheet.replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x=")
        ),
        lambda sheet: '<?xml version="1.0" encoding="UTF-16"?>\n' + sheet,
        lambda sheet: "\ufeff" + sheet,
        lambda sheet: sheet.replace("<sheetData>", '<dimension ref="A1:A1"/><sheetData>'),
    ],
    ids=["strict", "prefixed", "utf-16", "mark", "dimension"],
)
def test_sheets_however_they_are_written(change: object) -> None:
    parts = xlsx_parts('<row r="1"><c r="A1" t="str"><v>số</v></c><c r="B1"><v>2</v></c></row>')
    sheet = change(parts["xl/worksheets/sheet1.xml"])  # type: ignore[operator]
    parts["xl/worksheets/sheet1.xml"] = sheet.encode("utf-16" if "UTF-16" in sheet else "utf-8")
    assert grid(zipped(parts)).cells == [["số", 2.0]]


def test_parts_wherever_they_lie() -> None:
    parts = xlsx_parts('<row r="1"><c r="A1"><v>1</v></c></row>')
    moved = {
        "_rels/.rels": relations(("a", "officeDocument", "/office/Book.xml")),
        "Office/book.xml": parts["xl/workbook.xml"],
        "office\\_rels\\Book.xml.rels": relations(("rId1", "worksheet", "/xl/worksheets/S.XML")),
        "xl/worksheets/s.xml": parts["xl/worksheets/sheet1.xml"],
    }
    assert grid(zipped(moved)).cells == [[1.0]]


@pytest.mark.parametrize(
    ("code", "stored", "shown"),
    [
        ("d/m/yyyy", "44500", date(2021, 10, 31)),
        (14, "44500", date(2021, 10, 31)),
        ("[$-1010000]d/m/yyyy;@", "44500", date(2021, 10, 31)),
        ("d/m/yyyy h:mm", "44500.75", EVENING),
        ("mm/yyyy", "44470", date(2021, 10, 1)),
        ("h:mm", "0.75", "18:00:00"),
        ("[h]:mm", "1.5", "36:00:00"),
        ("d/m/yyyy", "-1", -1.0),
        ("d/m/yyyy", "2958466", 2958466.0),
        ("d/m/yyyy", "60", 60.0),
        ("d/m/yyyy", "59", date(1900, 2, 28)),
        ("d/m/yyyy", "61", date(1900, 3, 1)),
        ("000", "7", "007"),
        ("000", "7.5", 7.5),
        ("#,##0\\ &quot;đồng&quot;", "5", 5.0),
        ("[Red]#,##0;-#,##0", "5", 5.0),
        ("General", "5", 5.0),
        ("0.00E+00", "5", 5.0),
        ("&quot;day;&quot;0", "5", 5.0),
    ],
)
def test_a_number_is_what_its_format_says(code: str | int, stored: str, shown: object) -> None:
    found = grid(
        xlsx(f'<row r="1"><c r="A1" s="1"><v>{stored}</v></c></row>', styles=formats(code))
    )
    assert found.cells == [[shown]]
    assert not found.flaws


@pytest.mark.parametrize(("from_1904", "day"), [(False, 44500), (True, 44500 - 1462)])
def test_a_date_is_the_same_in_both_epochs(from_1904: bool, day: int) -> None:
    book = openpyxl.Workbook()
    if from_1904:
        book.epoch = CALENDAR_MAC_1904
    book.worksheets[0].append([date(2021, 10, 31), MORNING])
    content = io.BytesIO()
    book.save(content)
    found = opened(content.getvalue())
    assert found.from_1904 is from_1904
    assert found.sheets[0].cells == [[date(2021, 10, 31), MORNING]]
    raw = opened(
        xlsx(
            f'<row r="1"><c r="A1" s="1"><v>{day}</v></c><c r="B1"><v>{day}</v></c></row>',
            styles=formats(14),
            before='<workbookPr date1904="1"/>' if from_1904 else "",
        )
    )
    assert raw.sheets[0].cells == [[date(2021, 10, 31), float(day)]]


def test_percentages_and_shortened_numbers_are_told() -> None:
    cells = "".join(f'<c r="{"ABCD"[i]}1" s="{i + 1}"><v>0.5</v></c>' for i in range(4))
    found = grid(xlsx(f'<row r="1">{cells}</row>', styles=formats("0.0%", 9, "#,##0,", "#,##0")))
    assert found.shares == {(0, 0), (0, 1)}
    assert {place: (p.rule, p.value) for place, p in found.flaws.items()} == {
        (0, 2): ("scaled-format", "0.5")
    }
    assert found.value(0, 3) == 0.5


def test_a_style_that_is_not_there_is_no_style() -> None:
    row = '<row r="1"><c r="A1" s="{}"><v>5</v></c></row>'
    assert grid(xlsx(row.format(0))).cells == [[5.0]]
    assert refused(xlsx(row.format(1))) == ("unreadable", "")
    parts = xlsx_parts(row.format(0), styles=formats())
    del parts["xl/styles.xml"]
    assert refused(zipped(parts)) == ("unreadable", "")


def test_formulas() -> None:
    cells = (
        '<c r="A1"><f>B1</f></c><c r="B1"><f>B1</f><v/></c><c r="C1"><f>B1</f><v>0</v></c>'
        '<c r="D1" t="str"><f>B1</f><v></v></c><c r="E1" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
        '<c r="F1"><f t="array" ref="F1:G1">x</f></c><c r="G1"><v>0</v></c><c r="H1"><v>x</v></c>'
    )
    found = grid(xlsx(f'<row r="1">{cells}</row>'))
    assert {"ABCDEFGH"[column]: flaw.rule for (_, column), flaw in found.flaws.items()} == (
        dict.fromkeys("ABFG", "uncalculated-formula") | dict.fromkeys("EH", "error-value")
    )
    assert found.value(0, 2) == 0.0
    waiting = grid(xlsx(f'<row r="1">{cells}</row>', workbook='<calcPr fullCalcOnLoad="1"/>'))
    assert waiting.flaws[0, 2].rule == "uncalculated-formula"


def test_a_program_s_placeholder_is_no_number() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [0, 1])
        sheet.write_formula("C1", "=A1+B1")
        sheet.write_formula("D1", "=A1+B1", value=1)
    found = grid(content.getvalue())
    assert {place: p.rule for place, p in found.flaws.items()} == {(0, 2): "uncalculated-formula"}
    assert (found.value(0, 0), found.value(0, 3)) == (0.0, 1.0)


def test_formulas_that_reach_into_other_files() -> None:
    cells = (
        '<c r="A1"><f>[1]S!A1*2</f><v>1</v></c><c r="B1"><f>\'[1]Tháng 10\'!A1</f><v>1</v></c>'
        '<c r="C1"><f>"[1]"&amp;A1</f><v>1</v></c><c r="D1"><f>T[1]+T[[1]]</f><v>1</v></c>'
        '<c r="E1"><f t="shared" si="3" ref="E1:F1">[1]S!A1</f><v>1</v></c>'
        '<c r="F1"><f t="shared" si="3"/><v>1</v></c><c r="G1"><f t="shared" si="4"/><v>1</v></c>'
    )
    links = '<externalReferences xmlns:r="r"><externalReference r:id="rId9"/></externalReferences>'
    found = grid(xlsx(f'<row r="1">{cells}</row>', workbook=links))
    assert {"ABCDEFG"[column] for _, column in found.linked} == set("ABEF")
    assert grid(xlsx(f'<row r="1">{cells}</row>')).linked == frozenset()


def test_typefaces_of_before_unicode() -> None:
    fonts = '<font><name val="Arial"/></font><font><name val=".VnTime"/></font>'
    fonts += '<font><name val="vni-times"/></font>'
    xfs = '<xf fontId="1"/><xf fontId="2"/><xf fontId="1" numFmtId="14"/>'
    run = '<r><rPr><rFont val="{}"/></rPr><t>x</t></r>'
    strings = f"<si><t>a</t></si><si>{run.format('Arial')}</si>"
    strings += f"<si>{run.format('.VnTimeH')}<r><t>y</t></r></si>"
    cells = [(0, 0), (1, 0), (2, 0), (1, 1), (0, 2)]
    row = "".join(
        f'<c r="{"ABCDE"[i]}1" s="{s}" t="s"><v>{t}</v></c>' for i, (s, t) in enumerate(cells)
    )
    row += '<c r="F1" s="1"><v>5</v></c>'
    styles = formats(fonts=fonts, last=xfs)
    found = grid(xlsx(f'<row r="1">{row}</row>', strings=strings, styles=styles))
    assert found.fonts == {(0, 1): ".VnTime", (0, 2): "vni-times", (0, 4): ".VnTimeH"}


def test_merged_cells_reach_no_further_than_the_sheet() -> None:
    merged = '<mergeCells><mergeCell ref="A1:B2"/><mergeCell ref="C1:C1048576"/>'
    merged += '<mergeCell ref="Z9:Z10"/><mergeCell ref="A3"/></mergeCells>'
    rows = "".join(
        f'<row r="{r}"><c r="A{r}"><v>1</v></c><c r="C{r}"><v>1</v></c></row>' for r in (1, 3)
    )
    assert grid(xlsx(rows, after=merged)).merged == ((0, 0, 1, 1), (0, 2, 2, 2))


@pytest.mark.parametrize(
    "after",
    ['<mergeCell ref="B2:A1"/>', '<mergeCell ref="A1:"/>', '<mergeCell ref="1A"/>'],
)
def test_merged_cells_that_are_none(after: str) -> None:
    row = '<row r="1"><c r="A1"><v>1</v></c></row>'
    content = xlsx(row, after=f"<mergeCells>{after}</mergeCells>")
    if after == '<mergeCell ref="A1:"/>':
        assert grid(content).merged == ()
    else:
        assert refused(content) == ("unreadable", "")


def test_merged_cells_that_overlap_are_a_damaged_file() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="B2"><v>1</v></c></row>'
    twice = '<mergeCells><mergeCell ref="A1:B2"/><mergeCell ref="A1:B1"/></mergeCells>'
    assert refused(xlsx(rows, after=twice)) == ("unreadable", "")


@pytest.mark.parametrize(
    "data",
    [
        '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="A2"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>0</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>-1</v></c></row>',
        '<row r="1"><c r="A1" t="q"><v>1</v></c></row>',
        '<row r="1"><c r="AAAA1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><c r="B1"><v>1</v></c></c></row>',
        '<row r="1"><c xmlns="urn:x" r="A1"><v>1</v></c></row>',
        '<q:z xmlns:q="urn:x"><row r="1"><c r="A1"><v>1</v></c></row></q:z>',
        '<row r="1"><q:z xmlns:q="urn:x"><c r="A1"><v>1</v></c></q:z></row>',
        '<q:row xmlns:q="urn:x"/><row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>1<q:z xmlns:q="urn:x"/>2</t></is></c></row>',
        '<row r="1"><c r="A1"><v>1</v></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row></sheetData><sheetData>',
        '<row r="1"><c r="A1"><v>1</v><v>2</v></c></row>',
        '<row r="1"><c r="A1"><f><v>5</v></f><v>2</v></c></row>',
        '<row r="1"><c r="A1"><v>1<f/>2</v></c></row>',
        '<row r="1"><c r="A1"><extLst><v>9</v></extLst><v>2</v></c></row>',
        '<row r="1"><c r="A1"><is><t>a</t></is></c></row>',
    ],
)
def test_what_two_programs_would_show_differently_is_not_read(data: str) -> None:
    assert refused(xlsx(data)) == ("unreadable", "")


def test_sheets_hidden_charted_and_macros() -> None:
    parts = xlsx_parts('<row r="1"><c r="A1"><v>1</v></c></row>')
    parts["xl/workbook.xml"] = str(parts["xl/workbook.xml"]).replace(
        "</sheets>",
        '<sheet name="B" state="veryHidden" r:id="rId2"/><sheet name="C" r:id="rId3"/></sheets>',
    )
    parts["xl/_rels/workbook.xml.rels"] = relations(
        ("rId1", "worksheet", "worksheets/sheet1.xml"),
        ("rId2", "worksheet", "worksheets/sheet1.xml"),
        ("rId3", "chartsheet", "chartsheets/sheet1.xml"),
    )
    found = opened(zipped(parts))
    assert [(one.sheet, one.visible) for one in found.sheets] == [("A", True), ("B", False)]
    assert (found.format, found.macros) == ("xlsx", False)
    found = opened(zipped(parts | {"xl/vbaProject.bin": b"x"}))
    assert (found.format, found.macros) == ("xlsm", True)
    types = '<Types><Override ContentType="application/vnd.ms-excel.sheet.macroEnabled"/></Types>'
    found = opened(zipped(parts | {"[Content_Types].xml": types}))
    assert (found.format, found.macros) == ("xlsm", False)


# --- .ods ----------------------------------------------------------------------------------------

_ODS = (
    '<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:style="s"'
    ' xmlns:fo="f" xmlns:calcext="c">{styles}<office:body><office:spreadsheet>{before}'
    '<table:table table:name="A" table:style-name="ta">{rows}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)


def ods(rows: str, styles: str = "", before: str = "") -> bytes:
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": _ODS.format(rows=rows, styles=styles, before=before),
        }
    )


def row_of(*cells: str, repeated: int = 1) -> str:
    return (
        f'<table:table-row table:number-rows-repeated="{repeated}">{"".join(cells)}'
        "</table:table-row>"
    )


def cell(kind: str, value: str = "", words: str = "", more: str = "") -> str:
    of = {"percentage": "value", "float": "value", "currency": "value"}.get(kind, f"{kind}-value")
    return (
        f'<table:table-cell office:value-type="{kind}" office:{of}="{value}" {more}>'
        f"<text:p>{words}</text:p></table:table-cell>"
    )


def test_ods_cells_of_every_kind() -> None:
    words = (
        "<table:table-cell><text:p>Số<text:s text:c='2'/>hóa</text:p><text:p>hai</text:p>"
        "<office:annotation><text:p>no</text:p></office:annotation></table:table-cell>"
    )
    found = grid(
        ods(
            row_of(
                *(cell("float", "12.5", "12,5"), cell("percentage", "0.5", "50%"), words),
                *(cell("date", "2021-10-31"), cell("date", "2021-10-31T06:00:00")),
                *(cell("time", "PT36H15M00S"), cell("boolean", "true", "ĐÚNG")),
                cell("string", "", "", 'table:formula="of:=A1" calcext:value-type="error"'),
                cell("float", "1", "1", "table:formula=\"of:=['file:///a.ods'#$S.A1]\""),
                '<table:table-cell table:formula="of:=A1"/>',
                cell("float", "7", "7", 'table:number-columns-repeated="2"'),
            )
        )
    )
    days = [date(2021, 10, 31), MORNING]
    first = [12.5, 0.5, "Số  hóa\nhai", *days, "36:15:00", True, "", 1.0, "", 7.0, 7.0]
    assert found.cells == [first]
    assert found.shares == {(0, 1)}
    assert found.linked == {(0, 8)}
    flaws = {column: flaw.rule for (_, column), flaw in found.flaws.items()}
    assert flaws == {7: "error-value", 9: "uncalculated-formula"}


def test_ods_repeats_merges_and_groups() -> None:
    merged = '<table:table-cell table:number-columns-spanned="2" table:number-rows-spanned="2"'
    rows = (
        f"<table:table-header-rows>{row_of(merged + '><text:p>a</text:p></table:table-cell>')}"
        f"</table:table-header-rows>{row_of('<table:covered-table-cell/>', cell('float', '3'))}"
        f"<table:table-row-group>{row_of(cell('float', '1'), repeated=2)}</table:table-row-group>"
        f"{row_of('<table:table-cell/>', repeated=1048000)}"
    )
    found = grid(ods(rows))
    assert found.cells == [["a"], ["", 3.0], [1.0], [1.0]]
    assert found.merged == ((0, 0, 1, 1),)
    assert not found.far


def test_ods_hidden_dated_from_1904_and_old_typefaces() -> None:
    styles = (
        '<office:automatic-styles><style:style style:name="ta"><style:table-properties '
        'table:display="false"/></style:style><style:style style:name="p"><style:text-properties '
        'fo:font-family="\'.VnTime\'"/></style:style><style:style style:name="c" '
        'style:parent-style-name="p"/></office:automatic-styles>'
    )
    epoch = '<table:calculation-settings><table:null-date table:date-value="1904-01-01"/>'
    words = '<table:table-cell table:style-name="c"><text:p>Vô</text:p></table:table-cell>'
    found = opened(ods(row_of(words), styles, f"{epoch}</table:calculation-settings>"))
    assert found.from_1904
    (one,) = found.sheets
    assert not one.visible
    assert one.fonts == {(0, 0): ".VnTime"}


def test_a_flat_ods() -> None:
    content = _ODS.format(rows=row_of(cell("float", "3")), styles="", before="")
    flat = content.replace("document-content", "document").replace(
        'xmlns:office="o"',
        'xmlns:office="o" office:mimetype="application/vnd.oasis.opendocument.spreadsheet"',
    )
    assert opened(flat.encode()).format == "ods"
    assert grid(flat.encode()).cells == [[3.0]]


# --- text ----------------------------------------------------------------------------------------

TABLE = "Mã;Tên;Số tiền\nX.1;Số hóa hồ sơ điện tử;1.234,5\nX.2;Đề án người có uy tín;2,5\n"


@pytest.mark.parametrize("delimiter", [";", "\t", "|", ","])
def test_the_delimiter_is_found(delimiter: str) -> None:
    text = (
        TABLE.replace(",", "~")
        .replace(";", delimiter)
        .replace("~", "." if delimiter == "," else ",")
    )
    cells = grid(text.encode()).cells
    assert [len(row) for row in cells] == [3, 3, 3]
    assert grid(f"sep={delimiter}\r\n{text}".encode()).cells == cells


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_is_found(encoding: str) -> None:
    assert grid(TABLE.encode(encoding)).cells[1] == ["X.1", "Số hóa hồ sơ điện tử", "1.234,5"]


def test_the_code_page_is_the_one_that_makes_sense() -> None:
    marks = TABLE
    for letter, written in {
        "ố": "ô\u0301", "ồ": "ô\u0300", "ơ": "ơ", "ệ": "ê\u0323", "ử": "ư\u0309", "ề": "ê\u0300",
        "ờ": "ơ\u0300", "ó": "ó", "í": "í", "ã": "a\u0303",
    }.items():  # fmt: skip
        marks = marks.replace(letter, written)
    assert grid(marks.encode("cp1258")).cells[1][1] == "Số hóa hồ sơ điện tử"
    tcvn3 = "M·;Tªn;Sè tiÒn\nX.1;Gi¶i ng©n ®Çu t­;1\nX.2;KÕ ho¹ch;2\n"
    assert grid(tcvn3.encode("cp1252")).cells[1][1] == "Gi¶i ng©n ®Çu t­"


def test_quotes() -> None:
    text = 'Mã;Tên;Tiền\nX.1;"Hai\ndòng; ""một"" ô";5\nX.2;b;6\n'
    assert grid(text.encode()).cells[1] == ["X.1", 'Hai\ndòng; "một" ô', "5"]
    open_quote = 'Mã;Tên;Tiền\nX.1;"Dự án A;5\nX.2;b;6\n'
    assert grid(open_quote.encode()).cells == [
        ["Mã", "Tên", "Tiền"],
        ["X.1", '"Dự án A', "5"],
        ["X.2", "b", "6"],
    ]


def test_a_row_that_the_delimiter_cut_is_told() -> None:
    text = "Mã,Tên,Số tiền,Ước\nX.1,a,1,234,500\nX.2,b,5,6\n,,\n"
    found = grid(text.encode())
    assert set(found.flaws) == {(1, column) for column in range(5)}
    assert {flaw.rule for flaw in found.flaws.values()} == {"ragged-row"}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("Kính gửi: Vụ Kế hoạch, số liệu sẽ gửi sau.\nTrân trọng.\n".encode(), "text"),
        ("một dòng, hai ô".encode(), "text"),
        (b"\x01\x02\x03" * 50, "other"),
        (b"Ma;\x01\x02\nx;y\n", "other"),
        (b'{"url": "https://docs.google.com/open?id=1"}', "link"),
        (b"[InternetShortcut]\r\nURL=https://a", "link"),
        (b"\x06Nguyen" + bytes(158), "lock"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "picture"),
        (b"{\\rtf1 a}", "word"),
        (b"<html><body>Xin chao</body></html>", "web"),
        (b"<?xml version='1.0'?><a/>", "text"),
        (zipped({"Index/Document.iwa": "x"}), "numbers"),
        (zipped({"word/document.xml": "<document><body><p/></body></document>"}), "word"),
    ],
)
def test_what_is_no_workbook_is_named(content: bytes, kind: str) -> None:
    assert refused(content) == ("not-a-workbook", kind)


# --- HTML, Excel 2003, Word ----------------------------------------------------------------------


def test_an_html_table_saved_as_xls() -> None:
    page = (
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="utf-8">'
        "<style>.xl1 {mso-number-format:Percent;} .xl2 {font-family:.VnTime, serif;}</style>"
        "<!--[if gte mso 9]><xml><x:Name>Giải ngân</x:Name></xml><![endif]--></head><body>"
        "<table><tr><th rowspan=2>Mã</th><th colspan=2>Tiền&nbsp;</th></tr>"
        "<tr><td x:num='1234.5'>1.234,5</td><td x:num='44500'>31/10/2021</td></tr>"
        "<tr><td>a<br>b <b>c</b></td><td class=xl1 x:num='0.5'>50</td><td x:err>#N/A</td></tr>"
        "<tr><td class=xl2>Vô</td><td><table><tr><td>1</td></tr></table>"
        "</td><td><font face='VNI-Times'>x</font></table></body></html>"
    )
    first, inner = opened(page.encode()).sheets
    assert first.cells == [
        ["Mã", "Tiền\u00a0"],
        ["", 1234.5, "31/10/2021"],
        ["a\nb c", 0.5],
        ["Vô", "", "x"],
    ]
    assert inner.cells == [["1"]]
    assert first.merged == ((0, 0, 1, 0), (0, 1, 0, 2))
    assert first.shares == {(2, 1)}
    assert first.flaws[2, 2].rule == "error-value"
    assert first.fonts == {(3, 0): ".VnTime", (3, 2): "VNI-Times"}
    one = page.replace("<table><tr><td>1</td></tr></table>", "")
    assert grid(one.encode()).sheet == "Giải ngân"


def test_html_in_a_code_page_and_in_an_archive() -> None:
    page = '<html><meta charset="windows-1252"><table><tr><td>Gi¶i</td><td>1</td></tr></table>'
    assert grid(page.encode("cp1252")).cells == [["Gi¶i", "1"]]
    mail = EmailMessage()
    mail["X-Document-Type"] = "Workbook"
    mail.make_related()
    for _ in range(2):
        mail.add_related("<table><tr><td>số</td></tr></table>", subtype="html")
    found = opened(mail.as_bytes())
    assert [one.cells for one in found.sheets] == [[["số"]], [["số"]]]


def test_excel_2003_xml() -> None:
    content = (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles>'
        '<Style ss:ID="Default"><Font ss:FontName=".VnTime"/></Style>'
        '<Style ss:ID="p"><NumberFormat ss:Format="Percent"/><Font ss:FontName="Arial"/></Style>'
        '<Style ss:ID="q" ss:Parent="p"/></Styles><Worksheet ss:Name="A"><Table>'
        '<Column ss:Index="2" ss:StyleID="q"/>'
        '<Row ss:Index="2"><Cell ss:MergeAcross="1" ss:MergeDown="1"><Data ss:Type="String">Vô'
        '</Data></Cell><Cell><Data ss:Type="DateTime">2021-10-31T00:00:00.000</Data></Cell></Row>'
        '<Row><Cell ss:Index="3"><Data ss:Type="Error">#REF!</Data></Cell></Row>'
        '<Row><Cell ss:Index="2"><Data ss:Type="Number">0.5</Data></Cell>'
        '<Cell ss:Formula="=RC[-1]"/><Cell><Data ss:Type="Boolean">1</Data></Cell></Row>'
        "</Table></Worksheet></Workbook>"
    )
    found = grid(content.encode())
    assert found.cells == [[], ["Vô", "", date(2021, 10, 31)], [], ["", 0.5, "", True]]
    assert found.merged == ((1, 0, 2, 1),)
    assert found.shares == {(3, 1)}
    assert found.fonts == {(1, 0): ".VnTime"}
    flaws = {place: flaw.rule for place, flaw in found.flaws.items()}
    assert flaws == {(2, 2): "error-value", (3, 2): "uncalculated-formula"}


def test_the_tables_of_a_word_document() -> None:
    document = word.Document()
    document.add_paragraph("Báo cáo")
    table = document.add_table(rows=4, cols=3)
    for i, words in enumerate(["Mã", "Tên", "Tiền"]):
        table.cell(0, i).text = words
    table.cell(1, 0).merge(table.cell(2, 0)).text = "X.1"
    table.cell(1, 1).merge(table.cell(1, 2)).text = "hai\nô"
    table.cell(2, 1).text = "dưới"
    run = table.cell(3, 1).paragraphs[0].add_run("Vô")
    run.font.name = ".VnTime"
    document.add_table(rows=1, cols=1).cell(0, 0).text = "khác"
    content = io.BytesIO()
    document.save(content)
    first, second = opened(content.getvalue()).sheets
    assert first.cells == [["Mã", "Tên", "Tiền"], ["X.1", "hai\nô"], ["", "dưới"], ["", "Vô"]]
    assert set(first.merged) == {(1, 0, 2, 0), (1, 1, 1, 2)}
    assert first.fonts == {(3, 1): ".VnTime"}
    assert second.cells == [["khác"]]


def test_changes_tracked_in_word_are_read_as_they_look() -> None:
    run = "<w:r><w:t>{}</w:t></w:r>"
    tables = (
        f"<w:tbl><w:tr><w:tc><w:p>{run.format('1')}<w:ins>{run.format('2')}</w:ins>"
        f"<w:del><w:r><w:delText>9</w:delText></w:r></w:del>{run.format('3')}"
        f"<w:moveFrom>{run.format('7')}</w:moveFrom></w:p></w:tc></w:tr>"
        f"<w:tr><w:trPr><w:del/></w:trPr><w:tc><w:p>{run.format('5')}</w:p></w:tc></w:tr></w:tbl>"
    )
    body = f'<w:document xmlns:w="w"><w:body>{tables}</w:body></w:document>'
    assert grid(zipped({"word/document.xml": body})).cells == [["123"]]


# --- the formats of the corpus, and the other process --------------------------------------------


@pytest.mark.parametrize("name", ["office.xls", "office.ods", "xlsb.xlsb", "office.html"])
def test_every_format_gives_the_same_cells(name: str) -> None:
    def filled(book: Book) -> list[list[object]]:
        rows = [row for sheet in book.sheets for row in sheet.cells]
        return [[v for v in row if v != ""] for row in rows if any(v != "" for v in row)]

    def plainly(value: object) -> object:
        return str(value) if isinstance(value, date) else value

    there = [list(map(plainly, row)) for row in filled(opened((DATA / name).read_bytes()))]
    assert len(there) == 10
    if name not in ("xlsb.xlsb", "office.html"):
        whole = filled(opened((DATA / "office.xlsx").read_bytes()))
        assert there == [list(map(plainly, row)) for row in whole]


def test_an_independent_reader_finds_the_same_cells() -> None:
    """python-calamine tells less, but what it tells is the same, in every file of the corpus."""

    def told(rows: Sequence[Sequence[object]]) -> dict[tuple[int, int], object]:
        return {(r, c): _day(v) for r, row in enumerate(rows) for c, v in enumerate(row) if v != ""}

    compared = 0
    for path in (*sorted(DATA.iterdir()), *sorted((DATA.parent / "published").iterdir())):
        try:
            book = open_book(path.read_bytes(), LIMITS)
        except Refused:
            continue
        if book.format in ("xlsx", "xlsm", "xlsb", "xls", "ods"):
            other = load_workbook(io.BytesIO(path.read_bytes()))
            for one in (sheet for sheet in book.sheets if not sheet.far):
                theirs = told(other.get_sheet_by_name(one.sheet).to_python(skip_empty_area=False))
                ours = told(one.cells)
                assert {p: v for p, v in ours.items() if p not in one.flaws} == {
                    p: v for p, v in theirs.items() if p not in one.flaws
                }, (path.name, one.sheet)
                compared += 1
    assert compared > 150


def test_what_is_set_apart_is_no_part_of_a_number() -> None:
    document = word.Document()
    cells = document.add_table(1, 4).rows[0].cells
    for cell, text in zip(cells, ("100", "", "m", "10"), strict=True):
        cell.paragraphs[0].add_run(text)
    cells[0].paragraphs[0].add_run("1").font.superscript = True
    cells[1].paragraphs[0].add_run("12").font.strike = True
    cells[1].paragraphs[0].add_run("13")
    cells[2].paragraphs[0].add_run("2").font.superscript = True
    cells[3].paragraphs[0].add_run("9").font.hidden = True
    written = io.BytesIO()
    document.save(written)
    page = (
        "<table><tr><td>100<sup>1</sup><td><s>12</s>13"
        "<td>m<span style='vertical-align: super'>2</span><td>10</table>"
    )
    for content in (set_apart(), written.getvalue(), page.encode()):
        assert grid(content).cells == [APART]


def _day(value: object) -> object:
    if isinstance(value, str):  # calamine does not tell a footnote's raised mark
        return normalize("NFKC", value)
    midnight = isinstance(value, datetime) and value.time() == datetime.min.time()
    return value.date() if isinstance(value, datetime) and midnight else value


def test_old_xls_of_the_ministry_of_finance_keep_their_typefaces() -> None:
    path = DATA.parent / "published" / "Plan_2017.xls"
    found = {one.sheet: set(one.fonts.values()) for one in opened(path.read_bytes()).sheets}
    assert (found["M04"], found["M07"]) == ({".VnTime"}, {".VnArial Narrow"})


def test_the_other_process_says_the_same() -> None:
    with Reader(LIMITS) as reader:
        for name in ("office.xlsx", "office.xls", "office.ods", "semicolon-cp1258.csv"):
            content = (DATA / name).read_bytes()
            assert reader.book(content, name) == opened(content)
        with pytest.raises(Refused, match="encrypted"):
            reader.book((DATA / "encrypted.xlsx").read_bytes(), "a.xlsx")
        members = reader.unpack((DATA / "archive.zip").read_bytes(), "archive.zip")
        assert members
        assert all(member.content for member in members)
