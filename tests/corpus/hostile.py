"""Files that are no workbook, broken, or made to do harm."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from corpus import write
from corpus.page import MONEY_LINES, Case, Page, Told, error, plain
from corpus.raw import Ways, xlsx

PLAIN = plain()
PROTECTED = Path(__file__).parents[1] / "data" / "protected.xlsx"


def _whole(rule: str) -> tuple[Told, ...]:
    return (error(rule, None, None),)


def cases() -> Iterator[Case]:
    """What of point 7 of "Workbooks as they really arrive" fits into a small file."""
    good = write.openpyxl_(PLAIN)
    yield Case("encrypted.xlsx", "có mật khẩu", PROTECTED.read_bytes, (), _whole("encrypted"))
    yield Case("encrypted.ods", "OpenDocument có mật khẩu", _encrypted_ods, (), _whole("encrypted"))
    yield Case("empty.xlsx", "tệp rỗng", lambda: b"", (), _whole("empty-file"))
    yield Case("zeros.xlsx", "toàn số không", lambda: bytes(4096), (), _whole("empty-file"))
    yield Case("picture.xlsx", "ảnh mang đuôi .xlsx", _picture, (), _whole("not-a-workbook"))
    yield Case("archive.zip", "tệp nén không phải bảng tính",
               lambda: write.package({"ghi chu.txt": b"..."}), (),
               _whole("not-a-workbook"))  # fmt: skip
    yield Case("text.xlsx", "thư viết chữ thường, không có bảng",
               "Kính gửi Vụ Kế hoạch, báo cáo sẽ gửi sau. Trân trọng.\n".encode, (),
               _whole("not-a-workbook"))  # fmt: skip
    yield Case("page.html", "trang web không có bảng",
               lambda: b"<html><body><p>Not found</p></body></html>", (),
               _whole("not-a-workbook"))  # fmt: skip
    yield Case("truncated.xlsx", "tải lên dở chừng", lambda: good[: len(good) * 2 // 3], (),
               _whole("unreadable"))  # fmt: skip
    yield Case("zip-bomb.xlsx", "trang tính nở gấp nghìn lần", _bomb, (), _whole("too-compressed"))
    yield Case("entity-bomb.xlsx", "thực thể XML lồng nhau (billion laughs)",
               lambda: _with_doctype(_LAUGHS, "&l9;"), (), _whole("forbidden-xml"))  # fmt: skip
    yield Case("entity-external.xlsx", "thực thể XML trỏ ra tệp của máy chủ",
               lambda: _with_doctype(b'<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;"), (),
               _whole("forbidden-xml"))  # fmt: skip
    for name, why, cell in (
        ("far-cell.xlsx", "một ô ở dòng 1.048.576", b"A1048576"),
        ("far-column.xlsx", "một ô ở cột XFD", b"XFD1048576"),
    ):
        last = b'<row r="1048576"><c r="%s"><v>1</v></c></row></sheetData>' % cell
        yield Case(
            name, why,
            lambda foot=last: _replaced(  # type: ignore[misc]
                xlsx(PLAIN), "xl/worksheets/sheet1.xml", b"</sheetData>", foot
            ),
            (), (error("too-many-rows"),),
        )  # fmt: skip
    formulas = ("=cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "+84 24 3733", "-2+3")
    texts = [
        {"code": f"DV01.{i}", "name": words, "disbursed": MONEY_LINES[0]["disbursed"],
         "difficulty": words}
        for i, words in enumerate(formulas, 1)
    ]  # fmt: skip
    page = plain(lines=texts)
    yield Case("formula-injection.xlsx", "chữ bắt đầu bằng = + - @", lambda: write.openpyxl_(page),
               (page,))  # fmt: skip
    styled = "".join(f'<xf numFmtId="0" fontId="0" xfId="{i % 2}"/>' for i in range(9_998))
    yield Case("many-styles.xlsx", "10.000 kiểu ô", lambda: _styled(styled), (PLAIN,))
    yield Case("many-merged.xlsx", "21.000 vùng gộp", lambda: xlsx(PLAIN, ways=_MERGED), (),
               _whole("too-many"))  # fmt: skip
    yield Case("polyglot.pdf", "vừa là PDF vừa là xlsx", lambda: b"%PDF-1.4\n%\n" + good, (),
               _whole("not-a-workbook"))  # fmt: skip
    yield Case("wrong-index.xlsx", "chỉ số chữ dùng chung vượt quá bảng chữ",
               lambda: _replaced(xlsx(PLAIN), "xl/worksheets/sheet1.xml", b"<v>7</v>",
                                 b"<v>700</v>"), (), _whole("unreadable"))  # fmt: skip
    yield Case("blank.xlsx", "bảng tính trống", lambda: write.openpyxl_(Page("Sheet")), ())


def _replaced(content: bytes, member: str, old: bytes, new: bytes) -> bytes:
    members = write.members(content)
    assert old in members[member]
    return write.package({**members, member: members[member].replace(old, new, 1)})


def _encrypted_ods() -> bytes:
    manifest = (
        b'<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:'
        b'xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="content.xml" '
        b'manifest:media-type="text/xml"><manifest:encryption-data/></manifest:file-entry>'
        b"</manifest:manifest>"
    )
    mime = b"application/vnd.oasis.opendocument.spreadsheet"
    return write.package(
        {"mimetype": mime, "META-INF/manifest.xml": manifest, "content.xml": bytes(range(200))}
    )


def _picture() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(content, "PNG")
    return content.getvalue()


def _bomb() -> bytes:
    members = write.members(xlsx(PLAIN))
    sheet = members["xl/worksheets/sheet1.xml"]
    members["xl/worksheets/sheet1.xml"] = sheet + b" " * 40_000_000
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name, write.THEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, data, compresslevel=9)
    return content.getvalue()


_LAUGHS = b'<!ENTITY l0 "ha">' + b"".join(
    f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">'.encode() for i in range(1, 10)
)


def _with_doctype(entities: bytes, used: str) -> bytes:
    members = write.members(xlsx(PLAIN))
    name = "xl/sharedStrings.xml"
    text = members[name].replace(b"<sst", b"<!DOCTYPE sst [" + entities + b"]>\n<sst", 1)
    words = str(MONEY_LINES[0]["difficulty"]).encode()
    assert words in text
    members[name] = text.replace(words, used.encode(), 1)
    return write.package(members)


_MERGED = Ways(
    sheet_foot='<mergeCells count="21000">'
    + "".join(f'<mergeCell ref="M{i}:N{i}"/>' for i in range(1, 21_001))
    + "</mergeCells>"
)


def _styled(more: str) -> bytes:
    members = write.members(xlsx(PLAIN))
    styles = members["xl/styles.xml"].decode()
    styles = styles.replace('cellXfs count="2"', 'cellXfs count="10000"')
    members["xl/styles.xml"] = styles.replace("</cellXfs>", f"{more}</cellXfs>").encode()
    return write.package(members)
