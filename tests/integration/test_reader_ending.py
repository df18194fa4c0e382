"""A reading process that ends between two files is no fault of the second file."""

import os
from io import BytesIO

import xlsxwriter

from tasks.apart import Reader


def _workbook() -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet("A").write("A1", 1)
    return out.getvalue()


def test_the_next_file_is_read_all_the_same() -> None:
    """As it does when it is full: it may still look alive when the next file is sent."""
    with Reader() as reader:
        for _ in range(3):
            assert reader.book(_workbook(), "VP.xlsx").format == "xlsx"
            assert reader._process
            os.kill(reader._process.pid, 9)


def test_a_large_parent_does_not_make_it_end_after_each_file() -> None:
    """The kernel's `ru_maxrss` begins with what the parent held."""
    ballast = bytearray(b"x" * (300 * 2**20))
    with Reader() as reader:
        processes = set()
        for _ in range(3):
            reader.book(_workbook(), "VP.xlsx")
            assert reader._process
            processes.add(reader._process.pid)
    assert ballast
    assert len(processes) == 1
