"""What is found in mails, archives and winmail.dat, and what refuses to be opened."""

import io
import struct
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st
from openpyxl import Workbook

import letters
from letters import NAME, PDF, PICTURE, SHAPES, Shape, zipped
from schemas.settings import Reading
from tasks.formats import Refused, headers, messages
from tasks.formats.containers import Sort, is_container, sort, unpack

MB = 2**20


def _workbook() -> bytes:
    content = io.BytesIO()
    Workbook().save(content)
    return content.getvalue()


WORKBOOK = _workbook()
LIMITS = Reading()


def limits(**values: int) -> Any:
    """Bounds, also tighter than a setting may be."""
    return LIMITS.model_copy(update=values)


def found(content: bytes, name: str = "thu.eml", bounds: Reading = LIMITS) -> dict[str, bytes]:
    members = unpack(content, name, bounds)
    assert len(dict(members)) == len(members)
    return dict(members)


def refusal(content: bytes, bounds: Reading = LIMITS) -> str:
    with pytest.raises(Refused) as told:
        unpack(content, "BC.zip", bounds)
    return told.value.rule


def told(content: bytes) -> str:
    """The rule by which a mail is refused, `""` where it is opened; nothing else may be raised."""
    try:
        unpack(content, "thu.eml", LIMITS)
    except Refused as refused:
        return refused.rule
    return ""


# --- mails --------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_each_shape_gives_its_workbook_under_its_name(shape: Shape) -> None:
    assert found(shape.make(WORKBOOK)) == ({shape.found: WORKBOOK} if shape.found else {})


def test_what_is_no_table_comes_where_nothing_better_does() -> None:
    made = letters.mail()
    made.add_attachment(PICTURE, "image", "png", filename="anh.png")
    assert set(found(letters.raw(made))) == {"anh.png"}
    made.add_attachment(PDF, "application", "pdf", filename="ban ky.pdf")
    assert set(found(letters.raw(made))) == {"ban ky.pdf"}
    made.add_attachment(b"Rar!\x1a\x07", "application", "octet-stream", filename="BC.rar")
    assert set(found(letters.raw(made))) == {"BC.rar"}
    made.add_attachment(WORKBOOK, *letters.XLSX, filename=NAME)
    assert set(found(letters.raw(made))) == {"BC.rar", NAME}, "what may hold tables stays"


def test_what_stays_shut_within_comes_as_it_is_and_stops_nothing_else() -> None:
    locked = letters.encrypted({"BC.xlsx": WORKBOOK})
    made = letters.attached(WORKBOOK)
    made.add_attachment(locked, "application", "zip", filename="khóa.zip")
    made.add_attachment(b"PK\x03\x04 cut", "application", "zip", filename="hỏng.zip")
    assert found(letters.raw(made)) == {
        NAME: WORKBOOK,
        "khóa.zip": locked,
        "hỏng.zip": b"PK\x03\x04 cut",
    }


@pytest.mark.parametrize("content", [
    b"", b"\0" * 1000, b"no header at all", b"From: \xff\xfe\r\n", b"\r\n\r\n", b":\r\n:\r\n",
    b"Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n", b"Content-Type: /\r\n\r\nx",
    b"Content-Type: multipart/mixed\r\n\r\nx", b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Type: text/plain; charset=\xff; name*0*=x'\r\nContent-Disposition: ;\r\n\r\nx",
    b"Content-Transfer-Encoding: base64\r\nContent-Type: application/x\r\n\r\n====A",
])  # fmt: skip
def test_a_malformed_mail_raises_nothing_but_a_refusal(content: bytes) -> None:
    messages.heading(content)
    assert told(content) in {"", "unreadable"}


@profile(max_examples=150)
@given(
    shape=st.sampled_from(SHAPES),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=30),
    end=st.floats(0.2, 1),
)
def test_a_bent_mail_raises_nothing_but_a_refusal(
    shape: Shape, changes: list[tuple[float, int]], end: float
) -> None:
    bent = bytearray(shape.make(WORKBOOK))
    for where, byte in changes:
        bent[int(where * (len(bent) - 1))] = byte
    content = bytes(bent[: int(end * len(bent))])
    messages.heading(content)
    assert told(content) in {"", "unreadable", "encrypted-archive", "too-many", "too-big"}


def test_mails_within_each_other_without_end_are_refused() -> None:
    content = b"Subject: x\r\n\r\nx"
    for _ in range(2000):
        content = b"Content-Type: message/rfc822\r\n\r\n" + content
    assert told(content) in {"", "unreadable"}


# --- bounds, both sides -------------------------------------------------------------------------


def nested(depth: int) -> bytes:
    content = WORKBOOK
    for _ in range(depth):
        content = zipped({"BC.xlsx" if content is WORKBOOK else "trong.zip": content})
    return content


def test_archives_are_opened_to_the_depth_set() -> None:
    assert list(found(nested(3), bounds=limits(archive_depth=3)).values()) == [WORKBOOK]
    assert list(found(nested(3), bounds=limits(archive_depth=2))) == ["trong.zip/trong.zip"]


def test_forwarded_mails_count_as_depth() -> None:
    content = letters.raw(letters.attached(WORKBOOK))
    for _ in range(2):
        outer = letters.mail(subject="Fw")
        outer.add_attachment(content, "application", "octet-stream", filename="trong.eml")
        content = letters.raw(outer)
    assert list(found(content, bounds=limits(archive_depth=3)).values()) == [WORKBOOK]
    assert list(found(content, bounds=limits(archive_depth=2))) == ["trong.eml/trong.eml"]
    with_zip = letters.mail()
    inner = letters.mail()
    inner.add_attachment(nested(1), "application", "zip", filename="BC.zip")
    with_zip.add_attachment(inner)
    within = "Báo cáo tháng 10.eml/BC.zip"
    assert list(found(letters.raw(with_zip), bounds=limits(archive_depth=3))) == [
        f"{within}/BC.xlsx"
    ]
    assert list(found(letters.raw(with_zip), bounds=limits(archive_depth=2))) == [within]


@pytest.mark.parametrize("make", [zipped, lambda files: letters.raw(_mail_of(files))])
def test_files_are_counted(make: Any) -> None:
    content = make({f"{n}.xlsx": letters.numbered(WORKBOOK, n) for n in range(5)})
    assert len(found(content, bounds=limits(archive_files=5))) == 5
    assert refusal(content, limits(archive_files=4)) == "too-many"


def _mail_of(files: dict[str, bytes]) -> Any:
    made = letters.mail()
    for name, content in files.items():
        made.add_attachment(content, *letters.XLSX, filename=name)
    return made


def test_bytes_are_counted_while_they_are_unpacked() -> None:
    content = zipped({"a.csv": bytes(range(256)) * 4096, "b.csv": bytes(range(255)) * 4096})
    assert len(found(content, bounds=limits(largest_unpacked=2, largest_ratio=10**6))) == 2
    assert refusal(content, limits(largest_unpacked=1, largest_ratio=10**6)) == "too-big"


def test_an_archive_that_grows_beyond_measure_is_refused() -> None:
    content = zipped({"a.csv": bytes(50 * MB)})
    ratio = 50 * MB / len(content)
    assert found(content, bounds=limits(largest_ratio=int(ratio) + 1))
    assert refusal(content, limits(largest_ratio=int(ratio) - 1)) == "too-compressed"
    small = zipped({"a.csv": bytes(MB)})
    assert found(small, bounds=limits(largest_ratio=10)), "up to 1 MB nobody minds"
    assert refusal(zipped({"a.csv": bytes(MB + 1)}), limits(largest_ratio=10)) == "too-compressed"


def test_a_member_that_lies_about_its_size_is_counted_as_it_grows() -> None:
    content = bytearray(zipped({"a.csv": bytes(5 * MB)}))
    at = content.find(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    with pytest.raises(Refused):
        unpack(bytes(content), "a.zip", limits(largest_unpacked=1))


def test_a_bomb_within_a_mail_stops_nothing_beside_it() -> None:
    made = letters.attached(WORKBOOK)
    made.add_attachment(zipped({"a.csv": bytes(50 * MB)}), "application", "zip", filename="bom.zip")
    assert set(found(letters.raw(made))) == {NAME, "bom.zip"}


def test_a_locked_archive_is_told_of_by_its_own_rule() -> None:
    assert refusal(letters.encrypted({"BC.xlsx": WORKBOOK})) == "encrypted-archive"
    assert refusal(zipped({"BC.xlsx": WORKBOOK})[:-30]) == "unreadable"


# --- what is a container ------------------------------------------------------------------------


def _open_document(kind: str) -> bytes:
    mimetype = f"application/vnd.oasis.opendocument.{kind}".encode()
    return zipped({"mimetype": mimetype}, method=zipfile.ZIP_STORED)


def _zip_of_a_folder_named_xl() -> bytes:
    return zipped({"xl/BC.xlsx": WORKBOOK})


@pytest.mark.parametrize(("content", "name", "expected"), [
    (WORKBOOK, "BC.xlsx", False),
    (WORKBOOK, "BC.zip", False),
    (WORKBOOK[:-40], "BC.xlsx", False),
    (zipped({"BC.xlsx": WORKBOOK}), "BC.zip", True),
    (zipped({"BC.xlsx": WORKBOOK}), "BC.xlsx", True),
    (zipped({"BC.xlsx": WORKBOOK})[:-40], "BC.zip", True),
    (_zip_of_a_folder_named_xl(), "BC.zip", True),
    (_open_document("spreadsheet"), "BC.ods", False),
    (zipped({}), "trống.zip", True),
    (letters.raw(letters.attached(WORKBOOK)), "thu.eml", True),
    (letters.raw(letters.attached(WORKBOOK)), "thu", True),
    (b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\nFrom: x\r\nDate: x\r\n\r\n", "x", False),
    (letters.winmail("BC.xlsx", WORKBOOK), "winmail.dat", True),
    (b"Ma,Ten\r\nA,B\r\n", "BC.csv", False),
    (b"Ghi chu: khong co\r\n", "BC.csv", False),
    (b"", "trống.zip", False),
])  # fmt: skip
def test_containers_are_known_by_content(content: bytes, name: str, expected: bool) -> None:
    assert is_container(content, name) is expected


def _old_excel(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream.encode("utf-16-le")


@pytest.mark.parametrize(("content", "name", "expected"), [
    (WORKBOOK, "BC.bin", Sort.TABLE),
    (_old_excel("Workbook"), "BC.doc", Sort.TABLE),
    (_old_excel("EncryptedPackage"), "BC.xlsx", Sort.TABLE),
    (_old_excel("WordDocument"), "BC.doc", Sort.DOCUMENT),
    (_old_excel("WordDocument"), "BC.xls", Sort.TABLE),
    (zipped({"[Content_Types].xml": b"", "word/document.xml": b""}), "BC.docx", Sort.DOCUMENT),
    (_open_document("spreadsheet"), "x", Sort.TABLE),
    (_open_document("text"), "x.odt", Sort.DOCUMENT),
    (b"<table>", "BC.xls", Sort.TABLE),
    (b"Ma;Ten", "BC.csv", Sort.TABLE),
    (b"BM;Ten;Ma;So;A", "BC.csv", Sort.TABLE),
    (b"BM\x36\0\0\0\0\0\0\0\x36", "anh.bmp", Sort.PICTURE),
    (PDF, "BC.pdf", Sort.DOCUMENT),
    (PICTURE, "BC.xlsx", Sort.PICTURE),
    (b"", "BC.xlsx", Sort.TABLE),
    (b"", "BC.pdf", Sort.NOISE),
    (b"x", "ATT00001.htm", Sort.NOISE),
    (b"x", "thang/~$BC.xlsx", Sort.NOISE),
    (b"x", "Thumbs.db", Sort.NOISE),
    (b"7z\xbc\xaf\x27\x1c", "BC.7z", Sort.PACKED),
])  # fmt: skip
def test_files_are_sorted_by_content_first(content: bytes, name: str, expected: Sort) -> None:
    assert sort(content, name) is expected


# --- headers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("written", "expected"), [
    ("nop@ubdt.vn", "nop@ubdt.vn"),
    ("Nop@UBDT.vn", "nop@ubdt.vn"),
    ("<nop@ubdt.vn>", "nop@ubdt.vn"),
    ("nop@ubdt.vn (Nguyễn Thị Nộp)", "nop@ubdt.vn"),
    ('"Nộp, Vụ KHTC" <nop@ubdt.vn>', "nop@ubdt.vn"),
    ("Nộp, Vụ KHTC <nop@ubdt.vn>", "nop@ubdt.vn"),
    ("=?utf-8?B?QQ==?= <nop@ubdt.vn>", "nop@ubdt.vn"),
    (r'"\"nop@ubdt.vn\"" <ai@khac.vn>', "ai@khac.vn"),
    ("nop@ubdt.vn <ai@khac.vn>", None),
    ("nop@ubdt.vn, ai@khac.vn", None),
    ("<nop@ubdt.vn> <ai@khac.vn>", None),
    ("Nhóm: nop@ubdt.vn;", None),
    ("Nhóm: <nop@ubdt.vn>", None),
    ("nop@ubdt.vn)ai@khac.vn", None),
    ("Nộp", None),
    ("<>", None),
    ("", None),
])  # fmt: skip
def test_a_sender_is_one_address_or_nobody(written: str, expected: str | None) -> None:
    assert headers.address([written]) == expected


def test_two_from_headers_or_none_are_nobody() -> None:
    assert headers.address([]) is None
    assert headers.address(["nop@ubdt.vn", "nop@ubdt.vn"]) is None


@pytest.mark.parametrize(("written", "expected"), [
    ("=?utf-8?Q?B=C3=A1o_c=C3=A1o?=", "Báo cáo"),
    ("=?utf-8?B?QsOhbyBj?=\r\n =?UTF-8?b?w6Fv?= 10", "Báo cáo 10"),
    ("Fwd: =?iso-8859-1?Q?B=E1o?= =?utf-8?Q?_c=C3=A1o?=", "Fwd: Báo cáo"),
    ("=?windows-1258?Q?=F0=F5n_vi=F2?= =?x-unknown?Q?B=C3=A1o?=", "đơn vịBáo"),
    ("=?utf-8*vi?Q?B=C3=A1o?=", "Báo"),
    ("=?utf-8?B?QsOhbyB?=", "Báo "[:3]),
    ("=?utf-8?Z?x?= =??Q??=", "=?utf-8?Z?x?= =??Q??="),
    ("a\tb\r\n c\x00", "a b c_"),
])  # fmt: skip
def test_a_header_is_one_line_of_text(written: str, expected: str) -> None:
    assert headers.line(written) == expected


@given(st.text())
def test_any_header_gives_a_line(written: str) -> None:
    told = headers.line(written)
    assert told.isprintable()
    assert headers.name(told) == "" or "/" not in headers.name(told)


def test_a_long_name_keeps_its_suffix() -> None:
    told = headers.name("a" * 300 + ".xlsx")
    assert len(told) == headers.LONGEST_NAME
    assert told.endswith("a.xlsx")
    assert headers.name("a" * 300) == "a" * headers.LONGEST_NAME
    assert headers.name("..") == headers.name("/") == headers.name("") == ""


def test_only_the_own_servers_word_refutes_a_sender() -> None:
    own = b"Authentication-Results: mail.ubdt.vn; spf=pass; dmarc=%b\r\n"
    failed = messages.heading(own % b"fail (p=none)" + b"From: a@b.vn\r\n\r\n")
    assert failed.refuted
    assert not messages.heading(own % b"pass" + own % b"fail" + b"From: a@b.vn\r\n\r\n").refuted
    assert not messages.heading(b"From: a@b.vn\r\n\r\ndmarc=fail").refuted


def test_zip_members_of_an_odd_method_are_refused() -> None:
    content = zipped({"BC.xlsx": WORKBOOK}, method=zipfile.ZIP_LZMA)
    assert found(content) == {"BC.xlsx": WORKBOOK}
    bent = content.replace(b"\x0e\x00", b"\x63\x00")
    assert refusal(bent) == "unreadable"


@pytest.mark.parametrize("cut", [40, 200, -30])
def test_a_damaged_winmail_is_no_empty_one(cut: int) -> None:
    whole = letters.winmail("BC.xlsx", WORKBOOK)
    mail = letters.raw(letters.attached(whole[:cut], "winmail.dat"))
    try:
        names = [name for name, _ in unpack(mail, "thu.eml", LIMITS)]
    except Refused as refused:
        names = [refused.rule]
    assert names
    assert all("winmail.dat" in name or name == "unreadable" for name in names)
