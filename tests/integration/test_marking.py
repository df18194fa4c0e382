"""Marking in a process with limits: what comes back, and that no file stops the one that waits."""

import os
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
import xlsxwriter
from openpyxl import load_workbook

from reports.returned import ERROR, LIST
from schemas.findings import Finding, Severity
from schemas.reading import Book, Grid
from schemas.settings import Reading
from schemas.texts import shipped, speaking
from tasks.marking import XLSM, XLSX, Marked, Marker

MONEY = "Giải ngân"
FINDING = Finding("rule", Severity.ERROR, "sai", "VP.xls", MONEY, "A1")


def workbook(macros: bytes = b"") -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        if macros:
            book.add_vba_project(BytesIO(macros), True)
        book.add_worksheet(MONEY).write("A1", "12 tỷ")
    return out.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    out = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for one in source.namelist():
            target.writestr(one, part if one == name else source.read(one))
    return out.getvalue()


def sheet(xml: bytes) -> bytes:
    """A workbook whose sheet is this XML."""
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    return with_part(workbook(), "xl/worksheets/sheet1.xml", start + xml + b"</worksheet>")


@pytest.fixture
def marker() -> Iterator[Marker]:
    with Marker(Reading()) as one:
        yield one


def test_the_clerks_own_file_is_marked_in_place(marker: Marker) -> None:
    marked = marker.in_place(workbook(), [FINDING])
    assert marked
    assert (marked.kind, marked.converted_from) == (XLSX, "")
    book = load_workbook(BytesIO(marked.content))
    assert book[MONEY]["A1"].fill.fgColor.rgb == ERROR.replace("#", "FF")
    assert book.sheetnames == [LIST, MONEY]


def test_it_speaks_as_whoever_asks() -> None:
    own = replace(shipped("vi"), sentences={**shipped("vi").sentences, "returned.title": ("Sửa",)})
    for wording, title in (
        (own, "Sửa"),
        (shipped("en"), shipped("en").sentences["returned.title"][0]),
    ):
        with speaking(wording), Marker(Reading()) as marker:
            marked = marker.in_place(workbook(), [FINDING])
        assert marked
        assert load_workbook(BytesIO(marked.content))[LIST]["A1"].value == title


def test_one_with_macros_is_called_what_it_is(marker: Marker) -> None:
    marked = marker.in_place(workbook(b"macros"), [FINDING])
    assert marked
    assert (marked.kind, marked.name("VP.xls")) == (XLSM, "VP.xlsm")


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("VP.xlsx", "VP.xlsx"), ("VP.XLS", "VP.xlsx"), ("VP.ods", "VP.xlsx"), ("VP", "VP.xlsx"),
        ("VP.xlsm", "VP.xlsx"), ("VP.csv", "VP.xlsx"), ("VP.htm", "VP.xlsx"), ("VP.xml", "VP.xlsx"),
        ("VP.10.2021", "VP.10.2021.xlsx"), ("VP.xls.xlsb", "VP.xls.xlsx"), ("VP.docx", "VP.xlsx"),
        ("gửi.zip/tháng 10/VP.xls", "VP.xlsx"),
    ],
)  # fmt: skip
def test_the_extension_follows_the_content(file: str, name: str) -> None:
    assert Marked(b"").name(file) == name


def test_another_format_is_converted_and_says_so(marker: Marker) -> None:
    name = "Giải ngân/" + "x" * 30
    grid = Grid(name, (("12 tỷ",),))
    finding = Finding("rule", Severity.ERROR, "sai", "VP.ods", name, "A1")
    marked = marker.converted(Book("ods", (grid,)), [finding])
    assert marked
    assert marked.converted_from == "ods"
    book = load_workbook(BytesIO(marked.content))
    assert "OpenDocument" in book[LIST]["A2"].value
    link = book[LIST]["C5"].hyperlink
    assert link
    assert link.location == f"'{book.sheetnames[1]}'!A1"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", workbook()[:2000], b"\xd0\xcf\x11\xe0"])
def test_what_openpyxl_cannot_open_is_told(marker: Marker, content: bytes) -> None:
    assert marker.in_place(content, [FINDING]) is None
    assert marker.in_place(workbook(), [FINDING])


def entities() -> bytes:
    """A thousand million laughs."""
    names = b"abcdefghijk"
    laughs = b"".join(
        b'<!ENTITY %c "%s">' % (name, b"&%c;" % before * 10) for before, name in pairwise(names)
    )
    xml = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + laughs + b"]><worksheet>&k;</worksheet>"
    return with_part(workbook(), "xl/worksheets/sheet1.xml", xml)


def merged() -> bytes:
    """All columns of all rows in one cell."""
    return sheet(b'<sheetData/><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')


def spaces() -> bytes:
    """Two hundred million in one cell."""
    start = b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>'
    return sheet(start + b" " * 200_000_000 + b"</t></is></c></row></sheetData>")


def rows() -> bytes:
    """A million that hold nothing but a height."""
    formatted = (b'<row r="%d" s="1" ht="20"/>' % number for number in range(1, 1_000_001))
    return sheet(b"<sheetData>" + b"".join(formatted) + b"</sheetData>")


@pytest.mark.parametrize("hostile", [entities, merged, spaces, rows])
def test_no_file_takes_more_than_its_share(
    hostile: Callable[[], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    content = hostile()
    with Marker(Reading(seconds=2, memory=512)) as marker:
        assert marker.in_place(workbook(), [FINDING])
        started = time.monotonic()
        assert marker.in_place(content, [FINDING]) is None
        assert time.monotonic() - started < 4
        assert marker.in_place(workbook(), [FINDING])
        assert len(list(tmp_path.iterdir())) == 1  # where the process that lives may write
    assert list(tmp_path.iterdir()) == []


def test_a_file_within_the_limits_is_marked_although_it_is_large(marker: Marker) -> None:
    cells = b"".join(
        b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (n, n, n) for n in range(1, 10_000)
    )
    merged = b"".join(b'<mergeCell ref="C%d:D%d"/>' % (n, n) for n in range(1, 5_001))
    large = sheet(b"<sheetData>" + cells + b"</sheetData><mergeCells>" + merged + b"</mergeCells>")
    assert marker.in_place(large, [FINDING])


def test_no_entity_brings_a_file_of_this_machine(marker: Marker) -> None:
    """Whatever becomes of such a file, the returned one holds nothing of ours."""
    bad = (
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet '
        b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        b'<c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row></sheetData></worksheet>'
    )
    marked = marker.in_place(with_part(workbook(), "xl/worksheets/sheet1.xml", bad), [])
    if marked:
        with zipfile.ZipFile(BytesIO(marked.content)) as package:
            assert not any(b"root:" in package.read(name) for name in package.namelist())


def test_a_process_that_was_killed_is_started_anew(marker: Marker) -> None:
    assert marker.in_place(workbook(), [FINDING])
    assert marker._process
    os.kill(marker._process.pid, 9)
    assert marker.in_place(workbook(), [FINDING]) is None
    assert marker.in_place(workbook(), [FINDING])


def test_it_ends_with_its_block() -> None:
    with Marker(Reading()) as marker:
        assert marker.in_place(workbook(), [FINDING])
        process = marker._process
    assert process
    assert process.poll() is not None
