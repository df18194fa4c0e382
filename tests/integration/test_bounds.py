"""Bounds and hostile files: each bound from both sides, and a process that nothing gets past."""

import io
import json
import os
import struct
import time
import zipfile
from pathlib import Path
from random import Random

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from packages import formats, xlsx, xlsx_parts, zipped
from schemas.forms import FORMS
from schemas.settings import Reading
from tasks import apart
from tasks.apart import Reader
from tasks.formats import Refused, package, wire
from tasks.formats.book import open_book
from tasks.formats.bounds import MB
from tasks.workbooks import read

DATA = Path(__file__).parents[1] / "data" / "workbooks"
CELL = '<row r="1"><c r="A1"><v>1</v></c></row>'
CLEAN = xlsx(CELL)


def rule(content: bytes, **limits: int) -> str:
    """Which rule refuses a file under these limits, `""` where none does."""
    try:
        open_book(content, Reading().model_copy(update=limits))
    except Refused as refused:
        return refused.rule
    return ""


def numbers(rows: int = 1, columns: int = 1, sheets: int = 1) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        for _ in range(sheets):
            book.add_worksheet().write(rows - 1, columns - 1, 1)
    return content.getvalue()


# --- each bound, from both sides -----------------------------------------------------------------


def test_size() -> None:
    filled = zipped({"a": os.urandom(MB)})
    assert rule(filled, largest_file=1) == "too-big"
    assert rule(filled, largest_file=2) == "not-a-workbook"
    with Reader(Reading().model_copy(update={"largest_file": 1})) as reader:
        with pytest.raises(Refused, match="too-big"):
            reader.book(filled, "a")
        assert reader._process is None


def test_sheets() -> None:
    assert rule(numbers(sheets=3), sheets=3) == ""
    assert rule(numbers(sheets=4), sheets=3) == "too-many"


@pytest.mark.parametrize(("rows", "columns"), [(100, 1), (1, 26)])
def test_rows_and_columns(rows: int, columns: int) -> None:
    limits = Reading().model_copy(update={"rows": 100, "columns": 26})
    (within,) = open_book(numbers(rows, columns), limits).sheets
    (beyond,) = open_book(numbers(rows + (rows > 1), columns + (columns > 1)), limits).sheets
    assert (within.far, within.value(rows - 1, columns - 1)) == (False, 1.0)
    assert (beyond.far, beyond.cells) == (True, ())


def test_shared_strings() -> None:
    items = xlsx(CELL, strings="<si><t>a</t></si>" * 1001)
    assert rule(items, shared_strings=1001) == ""
    assert rule(items, shared_strings=1000) == "too-many"


def test_styles() -> None:
    assert rule(xlsx(CELL, styles=formats(*(["0"] * 100))), styles=101) == ""
    assert rule(xlsx(CELL, styles=formats(*(["0"] * 101))), styles=101) == "too-many"
    ten_thousand = xlsx(CELL, styles=formats(*(["0"] * 10_000)))
    assert rule(ten_thousand) == ""


def test_merged_areas() -> None:
    rows = '<row r="1000"><c r="A1000"><v>1</v></c><c r="B1000"><v>1</v></c></row>'

    def merged(count: int) -> bytes:
        areas = "".join(f'<mergeCell ref="A{r}:B{r}"/>' for r in range(1, count + 1))
        return xlsx(rows, after=f"<mergeCells>{areas}</mergeCells>")

    assert rule(merged(100), merged=100) == ""
    assert rule(merged(101), merged=100) == "too-many"


def test_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "PARTS", 4)
    assert rule(CLEAN) == ""
    assert rule(zipped(xlsx_parts(CELL) | {"a": "", "b": ""})) == "too-many"


def test_unpacked_size_and_ratio() -> None:
    blank = " " * (MB - 2000)
    under = xlsx(CELL, after=blank)
    assert rule(under, largest_ratio=10) == ""  # as much as any file may grow to
    over = xlsx(CELL, after=blank * 3)
    assert rule(over, largest_ratio=10_000) == ""
    assert rule(over) == "too-compressed"
    assert rule(over, largest_ratio=10_000, largest_unpacked=3) == ""
    assert rule(over, largest_ratio=10_000, largest_unpacked=2) == "too-big"


def test_what_a_zip_says_of_its_sizes_is_not_believed() -> None:
    over = bytearray(xlsx(CELL, after=" " * (3 * MB)))
    sheet = b"xl/worksheets/sheet1.xml"
    central = over.rindex(sheet) - 46
    assert over[central : central + 4] == b"PK\x01\x02"
    struct.pack_into("<I", over, central + 24, 100)
    assert rule(bytes(over)) in ("too-compressed", "unreadable")
    struct.pack_into("<I", over, central + 24, 2**31)
    assert rule(bytes(over)) == "too-big"


# --- hostile packages ----------------------------------------------------------------------------

BOMB = '<!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>'
FETCH = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "dtd", [BOMB, FETCH, "<!DOCTYPE a>", '<!DOCTYPE a SYSTEM "http://a/b.dtd">']
)
@pytest.mark.parametrize(
    "part",
    [
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
        "xl/sharedStrings.xml",
        "xl/styles.xml",
        "_rels/.rels",
        "xl/_rels/workbook.xml.rels",
    ],
)
def test_no_part_may_declare_a_document_type(dtd: str, part: str) -> None:
    parts = xlsx_parts(CELL, strings="", styles=formats())
    assert rule(zipped(parts)) == ""
    assert rule(zipped(parts | {part: dtd + str(parts[part])})) == "forbidden-xml"
    wide = ('<?xml version="1.0" encoding="UTF-16"?>' + dtd + str(parts[part])).encode("utf-16")
    assert rule(zipped(parts | {part: wide})) == "forbidden-xml"


def test_nor_may_other_xml() -> None:
    ods = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": BOMB + "<a/>",
    }
    assert rule(zipped(ods)) == "forbidden-xml"
    old = f'{BOMB}<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
    assert rule(old.encode()) == "forbidden-xml"
    assert rule(zipped({"word/document.xml": BOMB + "<a/>"})) == "forbidden-xml"


def test_an_entity_without_its_declaration_is_a_damaged_file() -> None:
    assert rule(xlsx('<row r="1"><c r="A1" t="str"><v>&a;</v></c></row>')) == "unreadable"


@pytest.mark.parametrize(
    "name",
    ["../a", "/a", "xl/../../a", "C:/a", "..\\a", "xl/workbook.xml", "XL/Workbook.XML", "xl//a"],
)
def test_members_with_two_meanings(name: str) -> None:
    content = io.BytesIO(CLEAN)
    with zipfile.ZipFile(content, "a") as archive, pytest.MonkeyPatch.context() as quiet:
        quiet.setattr("warnings.warn", lambda *_, **__: None)
        archive.writestr(name, "x")
    assert rule(content.getvalue()) == "odd-archive"


def test_overlapping_members() -> None:
    content = bytearray(zipped(xlsx_parts(CELL) | {"xl/a": "x" * 100, "xl/b": "x" * 100}))
    first, second = (content.rindex(name) - 46 for name in (b"xl/a", b"xl/b"))
    assert content[first : first + 4] == content[second : second + 4] == b"PK\x01\x02"
    (offset,) = struct.unpack_from("<I", content, first + 42)
    struct.pack_into("<I", content, second + 42, offset)
    assert rule(bytes(content)) == "odd-archive"


def test_polyglots() -> None:
    assert rule(b"%PDF-1.4\n" + CLEAN) == "not-a-workbook"
    assert rule(b"PK\0\0" + CLEAN) == "odd-archive"
    assert rule(xlsx(CELL.replace("1<", "2<")) + CLEAN) == "odd-archive"
    assert rule(CLEAN + b"trailing") in ("", "unreadable")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_packed_in_ways_that_no_workbook_uses(method: int) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, part in xlsx_parts(CELL).items():
            archive.writestr(name, part)
    assert rule(content.getvalue()) == "odd-archive"


def test_references_in_a_circle() -> None:
    parts = xlsx_parts('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', strings="<si><t>a</t></si>")
    rels = str(parts["xl/_rels/workbook.xml.rels"])
    circle = rels.replace("sharedStrings.xml", "_rels/workbook.xml.rels")
    assert rule(zipped(parts)) == ""
    assert rule(zipped(parts | {"xl/_rels/workbook.xml.rels": circle})) == "unreadable"
    itself = rels.replace("worksheets/sheet1.xml", "workbook.xml")
    assert rule(zipped(parts | {"xl/_rels/workbook.xml.rels": itself})) == "unreadable"


def test_encrypted_members() -> None:
    content = bytearray(CLEAN)
    for at in range(len(content)):
        if content[at : at + 4] == b"PK\x01\x02":
            content[at + 8] |= 1
        elif content[at : at + 4] == b"PK\x03\x04":
            content[at + 6] |= 1
    assert rule(bytes(content)) == "encrypted"


def test_a_truncated_file_is_unreadable() -> None:
    for end in (10, 100, len(CLEAN) // 2, len(CLEAN) - 30):
        assert rule(CLEAN[:end]) == "unreadable"
    for name in ("office.xls", "office.ods", "xlsb.xlsb"):
        content = (DATA / name).read_bytes()
        assert rule(content[: len(content) // 2]) == "unreadable"


# --- far away ------------------------------------------------------------------------------------


def test_one_value_at_the_end_of_a_sheet() -> None:
    with Reader() as reader:
        (sheet,) = reader.book(numbers(1_048_576), "a.xlsx").sheets
        assert (sheet.far, sheet.cells) == (True, [])


def test_what_is_only_formatted_does_no_harm() -> None:
    rows = "".join(
        f'<row r="{r}"><c r="A{r}" s="0"/><c r="XFD{r}" s="0"/></row>' for r in range(2, 200_000)
    )
    blank = '<row r="1048576" s="1" customFormat="1"><c r="A1048576" s="0"/></row>'
    with Reader(Reading(largest_ratio=1000)) as reader:
        (sheet,) = reader.book(xlsx(CELL + rows + blank), "a.xlsx").sheets
        assert (sheet.far, sheet.cells) == (False, [[1.0]])


def test_repeats_of_an_ods_are_not_unrolled_beyond_the_bounds() -> None:
    head = (
        '<o:document-content xmlns:o="o" xmlns:t="t"><o:body><o:spreadsheet>'
        '<t:table t:name="A"><t:table-row t:number-rows-repeated="{}">'
        '<t:table-cell o:value-type="float" o:value="1" t:number-columns-repeated="{}"/>'
        "</t:table-row></t:table></o:spreadsheet></o:body></o:document-content>"
    )
    mime = "application/vnd.oasis.opendocument.spreadsheet"
    limits = Reading(rows=100, columns=26)
    for rows, columns, far in (
        (100, 26, False),
        (101, 26, True),
        (1, 27, True),
        (2**40, 2**40, True),
    ):
        content = zipped({"mimetype": mime, "content.xml": head.format(rows, columns)})
        (sheet,) = open_book(content, limits).sheets
        assert sheet.far is far


# --- the process ---------------------------------------------------------------------------------


@pytest.fixture
def impostor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file of Python that is run in place of our reader."""
    path = tmp_path / "impostor.py"
    monkeypatch.setattr(apart, "_COMMAND", (*apart._COMMAND[:2], str(path)))
    return path


IMPOSTOR = """
import os, struct, sys, time
def asked():
    head = b""
    while len(head) < 8: head += os.read(0, 8 - len(head))
    left = sum(struct.unpack(">II", head))
    while left: left -= len(os.read(0, left))
def answer(said, size=None, blob=b""):
    os.write(1, struct.pack(">II", len(said) if size is None else size, len(blob)) + said + blob)
"""

BOOK = b'["xlsx",false,false,[]]'


@pytest.mark.parametrize(
    ("does", "told"),
    [
        ("time.sleep(60)", "took-too-long"),
        ("asked(); time.sleep(60)", "took-too-long"),
        ("asked(); os.write(1, b'abc'); time.sleep(60)", "took-too-long"),
        ("asked(); answer(b'[', 100); time.sleep(60)", "took-too-long"),
        ("asked(); answer(b'[', 2**31)", "reader-crashed"),
        ("asked()\nwhile True: os.write(1, b'\\0\\0\\0\\1\\0\\0\\0\\0' * 1000)", "reader-crashed"),
        (f"asked(); answer({BOOK!r} + b' ' * 100, {len(BOOK)})", "reader-crashed"),
        (f"answer({BOOK!r}); time.sleep(60)", "reader-crashed"),
        ("asked(); os.abort()", "reader-crashed"),
        ("asked(); answer(b'[', 100); os._exit(0)", "reader-crashed"),
        ("asked(); answer(b'pickle')", "reader-crashed"),
        ("asked(); answer(b'[' * 100000)", "reader-crashed"),
        ("asked(); answer(b'[\"exe\",false,false,[]]')", "reader-crashed"),
        ('asked(); answer(b\'{"rule":"no-such-rule","values":{}}\')', "reader-crashed"),
        ('asked(); answer(b\'{"rule":"too-many","values":{"what":"a"}}\')', "reader-crashed"),
        ('asked(); answer(b\'{"rule":"too-many","values":3}\')', "reader-crashed"),
        ('asked(); answer(b\'{"rule":"encrypted","values":{}}\')', "encrypted"),
    ],
)
def test_whatever_the_other_process_does(impostor: Path, does: str, told: str) -> None:
    impostor.write_text(IMPOSTOR + does)
    begun = time.monotonic()
    with Reader(Reading(seconds=1)) as reader, pytest.raises(Refused) as caught:
        reader.book(b"x" * MB, "a.xlsx")
    assert caught.value.rule == told
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    "cells",
    [
        "[[1e999]]", "[[NaN]]", "[[-Infinity]]", "[[null]]", "[[[1]]]", '[[{"day":"x"}]]', "[[{}]]",
        '[[{"day":"2021-10-31","moment":"x"}]]', '[[{"moment":"2021-10-31T00:00:00+07:00"}]]',
        f"[[{10**30}]]", '["ab",3]', "3",
    ],
)  # fmt: skip
def test_cells_that_are_none_are_no_answer(cells: str) -> None:
    rest = '"flaws":[],"shares":[],"fonts":[],"linked":[],"merged":[],"visible":true,"far":false'
    whole = '["xlsx",false,false,[{"sheet":"A","cells":%s,%s}]]'
    assert wire.book((whole % ('[[1,"a",true,{"day":"2021-10-31"}]]', rest)).encode())
    with pytest.raises(ValueError):  # noqa: PT011 - whatever json or we say
        wire.book((whole % (cells, rest)).encode())


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("flaws", [[0, 0, "x", "y"]]),
        ("flaws", [[-1, 0, "error-value", "y"]]),
        ("flaws", [[0, 0, "error-value", 3]]),
        ("shares", [[0, 2**14]]),
        ("shares", [[True, 0]]),
        ("fonts", [[0, 0, None]]),
        ("linked", [[2**20, 0]]),
        ("merged", [[1, 0, 0, 0]]),
        ("visible", 1),
        ("sheet", 3),
        ("other", 3),
    ],
)
def test_parts_that_are_none_are_no_answer(part: str, value: object) -> None:
    lists = ("cells", "flaws", "shares", "fonts", "linked", "merged")
    plain: dict[str, object] = {name: [] for name in lists}
    whole = plain | {"sheet": "A", "visible": True, "far": False}
    assert wire.book(json.dumps(["xlsx", False, False, [whole]]).encode())
    with pytest.raises(ValueError):  # noqa: PT011
        wire.book(json.dumps(["xlsx", False, False, [whole | {part: value}]]).encode())


def test_one_process_reads_many_files_and_is_replaced_when_it_fails() -> None:
    with Reader(Reading(seconds=3)) as reader:
        assert reader.book(CLEAN, "a.xlsx").format == "xlsx"
        first = reader._process
        for content in (b"", CLEAN[:100], CLEAN):
            with_it = read(content, "a.xlsx", FORMS, reader=reader)
            assert [f.rule for f in with_it.findings] != ["reader-crashed"]
        assert reader._process is first
        assert first is not None
        os.kill(first.pid, 9)
        first.wait()
        assert reader.book(CLEAN, "a.xlsx").format == "xlsx"
        assert reader._process is not first
    assert reader._process is None


def test_time_has_a_bound() -> None:
    areas = "".join(f"<si><t>{i}</t></si>" for i in range(190_000))
    row = "".join(f'<row r="{r}"><c r="A{r}" t="s"><v>{r}</v></c></row>' for r in range(1, 9_000))
    slow = xlsx(row, strings=areas)
    with Reader(Reading(seconds=20)) as reader:
        assert reader.book(slow, "a.xlsx").sheets
        reader.limits = Reading(seconds=20).model_copy(update={"seconds": 0.01})
        found = read(slow, "a.xlsx", FORMS, reader=reader)
        assert [f.rule for f in found.findings] == ["took-too-long"]
        reader.limits = Reading()
        assert reader.book(slow, "a.xlsx").sheets


def test_xml_made_to_be_slow_is_read_in_a_moment() -> None:
    begun = time.monotonic()
    for cells in ('<c r="A1">' * 50_000, "<c " * 50_000, "<c>" * 50_000 + "</c>" * 50_000):
        assert rule(xlsx(f'<row r="1">{cells}</row>')) in ("unreadable", "too-compressed")
    items = "<si>" * 50_000 + "</si>" * 50_000
    assert rule(xlsx(CELL, strings=items)) in ("", "unreadable")
    assert time.monotonic() - begun < 5


def test_memory_has_a_bound() -> None:
    wide = "".join(f'<row r="{r}"><c r="ZZ{r}"><v>1</v></c></row>' for r in range(1, 9_999))
    parts = xlsx_parts(wide)
    sheets = "".join(f'<sheet name="S{i}" r:id="rId1"/>' for i in range(59))
    parts["xl/workbook.xml"] = str(parts["xl/workbook.xml"]).replace(
        "</sheets>", sheets + "</sheets>"
    )
    heavy = zipped(parts)
    with Reader(Reading(memory=256)) as reader:
        found = read(heavy, "a.xlsx", FORMS, reader=reader)
        assert [f.rule for f in found.findings] == ["too-much-memory"]
        assert reader.book(CLEAN, "a.xlsx").sheets
        assert reader.book(xlsx(wide), "a.xlsx").sheets


def test_the_other_process_can_neither_write_nor_open_much(impostor: Path, tmp_path: Path) -> None:
    impostor.write_text(
        IMPOSTOR
        + "sys.path[:0] = []\nfrom types import SimpleNamespace\nimport json\n"
        + "from tasks.formats import child\nout = os.dup(1)\n"
        + "child._close_the_doors(SimpleNamespace(**json.loads(sys.argv[1])))\n"
        + f"told = []\nfile = os.open({str(tmp_path / 'x')!r}, os.O_CREAT | os.O_WRONLY)\n"
        + "try: os.write(file, b'x')\nexcept OSError as error: told.append(error.errno)\n"
        + "held = []\n"
        + "try:\n while True: held.append(os.dup(0))\n"
        + "except OSError as error: told.append(error.errno)\n"
        + "try: bytearray(2**31)\nexcept MemoryError: told.append('memory')\n"
        + "print(told); os.write(out, json.dumps(told).encode() + bytes(8))\n"
    )
    with Reader() as reader:
        process = reader._started()
        assert process.stdout is not None
        assert process.stdout.read(64).startswith(b'[27, 24, "memory"]')


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=300)
@given(
    st.binary(max_size=200),
    st.sampled_from(
        [
            b"",
            b"PK\x03\x04",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            b"<table>",
            b"\xff\xfe",
            b"a;b\n",
            b"MIME-Version: 1.0\nContent-Type: multipart/related\n\n",
        ]
    ),
)
def test_random_bytes_are_read_or_refused(noise: bytes, start: bytes) -> None:
    rule(start + noise)


@pytest.mark.parametrize(
    "name",
    [
        "office.xlsx",
        "office.ods",
        "xlsb.xlsb",
        "xml-2003.xls",
        "html.xls",
        "table.docx",
        "tab-utf16.csv",
    ],
)
def test_damaged_files_are_read_or_refused(name: str) -> None:
    random = Random(7)  # noqa: S311 - repeatable
    content = (DATA / name).read_bytes()
    for _ in range(30):
        damaged = bytearray(content)
        for _ in range(random.choice((1, 5, 50))):
            damaged[random.randrange(len(damaged))] = random.randrange(256)
        rule(bytes(damaged))
