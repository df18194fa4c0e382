"""Touches workbooks: reads a file's forms, whatever its format; whatever is wrong is a finding."""

from collections.abc import Sequence
from dataclasses import replace

from rules.layout import read_book
from schemas.findings import Finding, Severity
from schemas.forms import Form
from schemas.reading import ReadWorkbook
from schemas.texts import say
from tasks.apart import Reader, Refused
from tasks.refusals import finding


def read(
    content: bytes,
    name: str,
    forms: Sequence[Form],
    *,
    every_row: bool = False,
    reader: Reader | None = None,
) -> ReadWorkbook:
    """The forms found in a file, wherever they stand in it.

    Never raises for what a file is or holds: such a file comes back with one finding. `reader` is
    for many files; without one a process is started for this file. `every_row` is for lists
    without headings and signatures, see `rules.layout.read_book`.
    """
    if reader is None:
        with Reader() as alone:
            return read(content, name, forms, every_row=every_row, reader=alone)
    try:
        book = reader.book(content, name)
    except Refused as refused:
        return _refused(refused, name)
    found = read_book(book, forms, name, every_row=every_row, most_rows=reader.limits.rows)
    if book.format == "docx" and not found.sheets:
        return _refused(Refused("not-a-workbook", kind="word"), name)
    if book.macros:
        told = Finding("macros", Severity.INFO, say("finding.macros"), name)
        return replace(found, findings=(*found.findings, told))
    return found


def _refused(refused: Refused, name: str) -> ReadWorkbook:
    return ReadWorkbook(name, findings=(finding(refused, name),))
