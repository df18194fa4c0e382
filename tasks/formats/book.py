"""Decides which module reads a file; whatever that one stumbles over is a refusal."""

from typing import TYPE_CHECKING

from schemas.reading import Book
from tasks.formats import Refused
from tasks.formats.bounds import at_most_bytes
from tasks.formats.kinds import ZIP, Kind, of_bytes, of_package
from tasks.formats.package import Package

if TYPE_CHECKING:
    from schemas.settings import Reading


def open_book(content: bytes, limits: "Reading") -> Book:
    """The sheets of a file; raises Refused and, when there is no memory left, MemoryError."""
    try:
        at_most_bytes(len(content), limits.largest_file)
        book = (
            _of_package(content, limits) if content.startswith(ZIP) else _of_bytes(content, limits)
        )
    except (Refused, MemoryError):
        raise
    except Exception as error:  # the border: a broken file trips a parser up in any way there is
        raise Refused("unreadable") from error
    if len({sheet.sheet.casefold() for sheet in book.sheets}) < len(book.sheets):
        raise Refused("unreadable")  # a finding could not say which sheet is meant
    return book


def _of_package(content: bytes, limits: "Reading") -> Book:
    """Each parser is imported when its first file comes, so that the process starts quickly."""
    package = Package(content, limits)
    kind, part = of_package(package)
    if kind is Kind.XLSB:
        from tasks.formats import xlsb  # noqa: PLC0415

        return xlsb.read(package, part, limits)
    if kind is Kind.ODS:
        from tasks.formats import ods  # noqa: PLC0415

        return ods.read(package, limits)
    if kind is Kind.DOCX:
        from tasks.formats import docx  # noqa: PLC0415

        return docx.read(package, part, limits)
    from tasks.formats import xlsx  # noqa: PLC0415

    return xlsx.read(package, part, limits)


def _of_bytes(content: bytes, limits: "Reading") -> Book:
    kind = of_bytes(content)
    if kind is Kind.XLS:
        from tasks.formats import xls  # noqa: PLC0415

        return xls.read(content, limits)
    if kind is Kind.SPREADSHEETML:
        from tasks.formats import spreadsheetml  # noqa: PLC0415

        return spreadsheetml.read(content, limits)
    if kind is Kind.FLAT_ODS:
        from tasks.formats import ods  # noqa: PLC0415

        return ods.read_flat(content, limits)
    if kind in (Kind.HTML, Kind.MHT):
        from tasks.formats import html  # noqa: PLC0415

        return (html.read if kind is Kind.HTML else html.read_archive)(content, limits)
    from tasks.formats import delimited  # noqa: PLC0415

    return delimited.read(content, limits)
