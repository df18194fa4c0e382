"""Every format that arrives, as several programs write it, and what is right but rarely seen."""

import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unicodedata import normalize

from corpus import layout, raw, values, write
from corpus.page import ALL, MONEY_LINES, Case, Formula, Page, error, info, plain, warning
from corpus.raw import Ways, xlsx
from schemas.forms import DISBURSEMENT

CSV_SHEET = "Sheet1"
"""What the reader calls the one sheet of a format that names none."""

PLAIN = plain()
_ONLY = {DISBURSEMENT.sheet: CSV_SHEET}
_TABLES = {page.name: f"Sheet{i}" for i, page in enumerate(ALL, 1)}
_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1"
_XLSM = "xlsm:Calc MS Excel 2007 VBA XML"


def office(content: bytes, source: str, target: str) -> bytes:
    """What LibreOffice saves: `target` is an extension, or that and a filter."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / f"a.{source}").write_bytes(content)
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{scratch}/profile", "--headless",
             "--convert-to", target, "--outdir", folder / "out", folder / f"a.{source}"],
            check=True, capture_output=True, timeout=180,
        )  # fmt: skip
        return (folder / "out" / f"a.{target.partition(':')[0]}").read_bytes()


def cases() -> Iterator[Case]:
    """Every kind of point 2 of "Workbooks as they really arrive"."""
    yield from _by_programs()
    yield from _by_office()
    yield from _raw()
    yield from _tables()
    yield from _misnamed()


def _by_programs() -> Iterator[Case]:
    yield Case("xlsxwriter.xlsx", "XlsxWriter", lambda: write.xlsxwriter_(*ALL), ALL)
    yield Case("pandas.xlsx", "pandas, DataFrame.to_excel", lambda: write.pandas_(PLAIN), (PLAIN,))
    yield Case(
        "macros.xlsm", "có macro: không chạy, có báo", lambda: _with_macros(PLAIN), (PLAIN,),
        (info("macros", None, None),),
    )  # fmt: skip
    yield Case("wps.xlsx", "như WPS Office lưu", lambda: xlsx(PLAIN, ways=_WPS), (PLAIN,))
    yield Case(
        "google-sheets.xlsx", "như Google Trang tính xuất", lambda: xlsx(*ALL, ways=_GOOGLE), ALL
    )
    yield Case(
        "xlsb.xlsb", "Excel nhị phân; viết tay từng bản ghi BIFF12", lambda: raw.xlsb(*ALL), ALL
    )


_WPS = Ways(
    workbook='<fileVersion appName="xl" lastEdited="3" lowestEdited="5" rupBuild="9302"/>'
    '<workbookPr/><bookViews><workbookView windowWidth="28800" windowHeight="12540"/></bookViews>',
    sheet_head='<sheetPr/><sheetViews><sheetView tabSelected="1" workbookViewId="0"/></sheetViews>'
    '<sheetFormatPr defaultColWidth="9" defaultRowHeight="15"/>'
    '<cols><col min="1" max="1" width="12.5" customWidth="1"/></cols>',
    sheet_foot='<pageMargins left="0.75" right="0.75" top="1" bottom="1" header="0.5" footer="0"/>'
    "<headerFooter/>",
    members={
        "docProps/custom.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
        b'custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/'
        b'docPropsVTypes"><property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" '
        b'name="KSOProductBuildVer"><vt:lpwstr>1033-11.2.0.10382</vt:lpwstr></property>'
        b"</Properties>"
    },
)
_GOOGLE = Ways(
    dimension=None,
    workbook="<workbookPr/>",
    sheet_head='<sheetPr><outlinePr summaryBelow="0" summaryRight="0"/></sheetPr>'
    '<sheetViews><sheetView workbookViewId="0"/></sheetViews>'
    '<sheetFormatPr customHeight="1" defaultColWidth="12.63" defaultRowHeight="15.75"/>',
    sheet_foot='<drawing xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships" r:id="rId1"/>',
)


def _with_macros(page: Page) -> bytes:
    members = write.members(write.openpyxl_(page))
    types = members["[Content_Types].xml"].decode()
    types = types.replace("sheet.main+xml", "SHEET").replace(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.SHEET",
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    kind = "application/vnd.ms-office.vbaProject"
    part = f'<Override PartName="/xl/vbaProject.bin" ContentType="{kind}"/>'
    members["[Content_Types].xml"] = types.replace("</Types>", f"{part}</Types>").encode()
    links = members["xl/_rels/workbook.xml.rels"].decode()
    link = (
        '<Relationship Id="rId99" Target="vbaProject.bin" '
        'Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject"/>'
    )
    closing = "</Relationships>"
    members["xl/_rels/workbook.xml.rels"] = links.replace(closing, link + closing).encode()
    members["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    return write.package(members)


def _by_office() -> Iterator[Case]:
    def all_three() -> bytes:
        return write.openpyxl_(*ALL)

    def saved(name: str, why: str, target: str, base: Case) -> Case:
        return replace(
            base, file=name, why=f"LibreOffice: {why}", by_office=True,
            make=lambda: office(base.make(), "xlsx", target),
        )  # fmt: skip

    three = Case("", "", all_three, ALL)
    yield saved("office.xlsx", "xlsx", "xlsx", three)
    yield saved("office.xls", "Excel 97-2003", "xls", three)
    yield saved("office.ods", "OpenDocument", "ods", three)
    yield saved("office.xlsm", "xlsm không có macro", _XLSM, three)
    yield saved("office.html", "trang web", "html", replace(three, sheets=_TABLES))
    one = Case("", "", lambda: write.openpyxl_(PLAIN), (PLAIN,), sheets=_ONLY)
    yield saved("office.csv", "văn bản phân cách bằng dấu phẩy", _CSV, one)
    clerk = layout.clerk()
    yield saved("clerk-office.xlsx", "tệp thật, mở và lưu lại", "xlsx", clerk)
    yield saved("clerk-office.xls", "tệp thật, lưu thành Excel 97-2003", "xls", clerk)
    yield saved("clerk-office.ods", "tệp thật, lưu thành OpenDocument", "ods", clerk)
    noisy = {case.file: case for case in (*values.cases(), *layout.cases())}
    yield saved("percentages.xls", "tỷ lệ định dạng phần trăm", "xls", noisy["percentages.xlsx"])
    yield saved("percentages.ods", "tỷ lệ định dạng phần trăm", "ods", noisy["percentages.xlsx"])
    yield saved("header-three-rows.xls", "tiêu đề ba dòng", "xls", noisy["header-three-rows.xlsx"])
    yield saved("header-three-rows.ods", "tiêu đề ba dòng", "ods", noisy["header-three-rows.xlsx"])
    yield saved("font-tcvn3.xls", "bảng mã cũ", "xls", noisy["font-tcvn3.xlsx"])
    yield saved("font-vni.ods", "bảng mã cũ", "ods", noisy["font-vni.xlsx"])
    yield saved("merged-activity.xls", "ô gộp dọc", "xls", noisy["merged-activity.xlsx"])
    errors = noisy["formula-errors.xlsx"]
    yield saved("formula-errors.xls", "công thức báo lỗi", "xls", errors)
    yield saved("formula-errors.ods", "công thức báo lỗi", "ods", errors)
    yield Case(
        "report.doc", "văn bản Word 97-2003",
        lambda: office(write.docx_(before=_LETTER), "docx", "doc"),
        (), (error("not-a-workbook", None, None),), by_office=True,
    )  # fmt: skip
    yield Case(
        "report.pdf", "PDF",
        lambda: office(write.docx_(before=_LETTER), "docx", "pdf"),
        (), (error("not-a-workbook", None, None),), by_office=True,
    )  # fmt: skip


_LETTER = ("ỦY BAN DÂN TỘC", "Kính gửi: Vụ Kế hoạch - Tài chính", "Văn phòng báo cáo như sau.")


def _raw() -> Iterator[Case]:
    for name, why, ways in (
        ("raw-inline", "chữ nằm ngay trong ô (inlineStr)", Ways(inline=True)),
        ("raw-rich-text", "chữ chia đoạn, có phiên âm", Ways(rich=True)),
        ("raw-rich-inline", "chữ chia đoạn, ngay trong ô", Ways(rich=True, inline=True)),
        ("raw-no-references", "ô không ghi địa chỉ", Ways(references=False, dimension=None)),
        ("raw-prefixed", "không gian tên có tiền tố", Ways(prefix="x", inline=True)),
        ("raw-no-dimension", "không ghi vùng dữ liệu", Ways(dimension=None)),
        ("raw-wrong-dimension", "vùng dữ liệu ghi sai là A1", Ways(dimension="A1")),
        ("raw-absolute", "đường dẫn tuyệt đối trong gói", Ways(absolute=True)),
        ("raw-strict", "OOXML strict", Ways(strict=True)),
        ("raw-strict-dates", "OOXML strict, ngày dạng ISO", Ways(strict=True, iso_dates=True)),
        ("raw-1904", "ngày tính từ 1904", Ways(epoch_1904=True)),
    ):
        yield Case(f"{name}.xlsx", f"viết tay: {why}", lambda w=ways: xlsx(*ALL, ways=w), ALL)  # type: ignore[misc]

    shared = plain()
    shared.cells[2, 6] = Formula('<f t="shared" ref="F2:F4" si="0">D2+E2</f>', 1250.625)
    shared.cells[3, 6] = Formula('<f t="shared" si="0"></f>', 1500.583333)
    shared.cells[4, 6] = Formula('<f t="shared" si="0"></f>', 320)
    yield Case("raw-shared-formulas.xlsx", "công thức dùng chung", lambda: xlsx(shared), (shared,))

    linked = plain(meant={(1, "disbursed"): None})
    linked.cells[2, 7] = Formula("=[1]Sheet1!$B$2", 980.25)
    linked.cells[3, 7] = Formula("=[1]Sheet1!$B$3")
    yield Case(
        "raw-external-links.xlsx", "công thức lấy số từ tệp khác; tệp kia không bao giờ được mở",
        lambda: xlsx(linked, ways=_LINKED), (linked,),
        (warning("linked-value", "G2"), error("uncalculated-formula", "G3")),
    )  # fmt: skip

    words = plain()
    words.cells[2, 2] = Formula('=A1&"x"', MONEY_LINES[0]["name"])
    yield Case("raw-formula-text.xlsx", "công thức cho ra chữ", lambda: xlsx(words), (words,))


_LINKED = Ways(
    after_sheets='<externalReferences><externalReference r:id="rId80"/></externalReferences>',
    links='<Relationship Id="rId80" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/externalLink" Target="externalLinks/externalLink1.xml"/>',
    members={
        "xl/externalLinks/externalLink1.xml": b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<externalBook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
        b'relationships" r:id="rId1"><sheetNames><sheetName val="Sheet1"/></sheetNames>'
        b"</externalBook></externalLink>",
        "xl/externalLinks/_rels/externalLink1.xml.rels": b'<?xml version="1.0"?>\n'
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        b'relationships/externalLinkPath" Target="http://127.0.0.1:9/goc.xlsx" '
        b'TargetMode="External"/></Relationships>',
    },
)


def _tables() -> Iterator[Case]:
    def text(name: str, why: str, **how: Any) -> Case:
        return Case(
            name,
            f"văn bản: {why}",
            lambda: write.csv_(PLAIN, **how),
            (PLAIN,),
            sheets=_ONLY,
        )

    yield text("comma-utf8.csv", "dấu phẩy, UTF-8")
    yield text("semicolon-bom.csv", "dấu chấm phẩy, UTF-8 có BOM, số lẻ sau dấu phẩy",
               delimiter=";", encoding="utf-8-sig", comma=True)  # fmt: skip
    yield text("tab-utf16.csv", "tab, UTF-16 (Excel: văn bản Unicode)",
               delimiter="\t", encoding="utf-16", comma=True)  # fmt: skip
    yield text("tab-utf8.txt", "tab, UTF-8, đuôi .txt", delimiter="\t", comma=True)
    yield Case("semicolon-cp1258.csv", "văn bản: dấu chấm phẩy, Windows-1258", _cp1258, (PLAIN,),
               sheets=_ONLY)  # fmt: skip

    lines = plain(labels={"disbursed": "Giải ngân\nlũy kế"},
                  written={(0, "difficulty"): "Chờ thẩm định hồ sơ; \"gấp\""},
                  meant={(0, "difficulty"): "Chờ thẩm định hồ sơ; \"gấp\""})  # fmt: skip
    yield Case("quoted.csv", "văn bản: xuống dòng và dấu nháy trong ô", lambda: write.csv_(lines),
               (lines,), sheets=_ONLY)  # fmt: skip
    yield Case(
        "sep.csv", "văn bản: dòng đầu sep=;",
        lambda: b"sep=;\r\n" + write.csv_(PLAIN, delimiter=";", comma=True),
        (PLAIN,), sheets=_ONLY,
    )  # fmt: skip

    yield Case("html.xls", "bảng HTML mang đuôi .xls", lambda: write.html_(PLAIN), (PLAIN,),
               sheets=_ONLY)  # fmt: skip
    three = next(c for c in layout.cases() if c.file == "header-three-rows.xlsx").pages[0]
    yield Case("html-spans.xls", "bảng HTML có rowspan, colspan", lambda: write.html_(three),
               (three,), sheets=_ONLY)  # fmt: skip
    yield Case("xml-2003.xls", "Excel 2003 XML mang đuôi .xls", lambda: write.xml_2003(*ALL), ALL)
    yield Case("xml-2003-header.xml", "Excel 2003 XML, tiêu đề gộp", lambda: write.xml_2003(three),
               (three,))  # fmt: skip
    yield Case(
        "table.docx", "bảng trong văn bản Word có đúng tiêu đề cột",
        lambda: write.docx_(PLAIN, before=_LETTER), (PLAIN,), sheets=_ONLY,
    )  # fmt: skip
    yield Case(
        "no-table.docx", "văn bản Word không có bảng", lambda: write.docx_(before=_LETTER), (),
        (error("not-a-workbook", None, None),),
    )  # fmt: skip
    other = Page()
    other.put(1, 1, "Họ tên", "Chức vụ").put(2, 1, "Nguyễn Thị Nộp", "Chuyên viên")
    yield Case(
        "other-table.docx", "văn bản Word có bảng khác",
        lambda: write.docx_(other, before=_LETTER), (), (error("not-a-workbook", None, None),),
    )  # fmt: skip


def _cp1258() -> bytes:
    """The tones of this code page stand after their letters."""
    text = write.csv_(PLAIN, delimiter=";", comma=True).decode()
    return b"".join(_bytes_1258(letter) for letter in text)


def _bytes_1258(letter: str) -> bytes:
    for tone in "\u0300\u0301\u0303\u0309\u0323":
        spread = normalize("NFD", letter)
        if tone in spread:
            return normalize("NFC", spread.replace(tone, "")).encode("cp1258") + tone.encode(
                "cp1258"
            )
    return letter.encode("cp1258")


def _misnamed() -> Iterator[Case]:
    yield Case("really-xlsx.xls", "xlsx mang đuôi .xls", lambda: write.openpyxl_(PLAIN), (PLAIN,))
    yield Case("really-xlsx.csv", "xlsx mang đuôi .csv", lambda: write.openpyxl_(PLAIN), (PLAIN,))
    yield Case("really-csv.xlsx", "văn bản mang đuôi .xlsx", lambda: write.csv_(PLAIN), (PLAIN,),
               sheets=_ONLY)  # fmt: skip
    yield Case("really-xls.xlsx", "xls mang đuôi .xlsx",
               lambda: office(write.openpyxl_(PLAIN), "xlsx", "xls"), (PLAIN,),
               by_office=True)  # fmt: skip
    yield Case("really-ods.xls", "ods mang đuôi .xls",
               lambda: office(write.openpyxl_(PLAIN), "xlsx", "ods"), (PLAIN,),
               by_office=True)  # fmt: skip
    yield Case("no-extension", "không có đuôi", lambda: write.openpyxl_(PLAIN), (PLAIN,))
