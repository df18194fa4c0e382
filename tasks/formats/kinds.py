"""Decides what a file is, by its content and never by its name."""

import re
import struct
from enum import StrEnum

from tasks.formats import Refused
from tasks.formats.magic import OLE, PACKED, PICTURES, WINMAIL
from tasks.formats.ooxml import main_part
from tasks.formats.package import Package


class Kind(StrEnum):
    """What there is a reader for."""

    XLSX = "xlsx"
    XLSB = "xlsb"
    DOCX = "docx"
    ODS = "ods"
    FLAT_ODS = "fods"
    XLS = "xls"
    SPREADSHEETML = "xml"
    MHT = "mht"
    HTML = "html"
    TEXT = "text"


_SECTORS = (9, 12)
"""Bytes of a sector, as powers of 2."""
_OLE_HEADER, _NO_SECTOR, _FREE_SECTOR = 512, 0xFFFF_FFFA, 0xFFFF_FFFF
ZIP = b"PK"

_MAGIC = (
    (b"%PDF", "pdf"),
    *((begins, "picture") for begins in (*PICTURES, b"BM", b"RIFF")),
    (b"{\\rtf", "word"),
    *((begins, "archive") for begins in (*PACKED, WINMAIL)),
    (b"L\0\0\0\x01\x14\x02\0", "link"),
    (b"[InternetShortcut]", "link"),
    (b"[{000214A0", "link"),
)
_PHOTOGRAPH = re.compile(rb".{4}ftyp(?:heic|heix|mif1|avif)", re.DOTALL)
"""What telephones take."""
_GOOGLE = re.compile(rb'\s*\{\s*"(?:url|doc_id)"\s*:')
"""What the folder of Google Drive holds in place of a sheet."""
_OLD_BIFF = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08")
"""How BIFF2 to BIFF5 begin without the OLE around them."""
_LOCK = 165
"""Bytes of the `~$…` file that Excel keeps beside an open one: who has it open."""
_LOCK_NAME = 54

_STREAMS = (("WordDocument", "word"), ("PowerPoint Document", "presentation"))
_LOCKED = ("EncryptedPackage", "DRMContent", "EncryptedStream")
_BOOKS = ("Workbook", "Book", "WORKBOOK", "BOOK")
_MEMBERS = (("word/", "word"), ("ppt/", "presentation"), ("index/document.iwa", "numbers"))
_OPEN_DOCUMENT = (
    (b"opendocument.text", "word"),
    (b"opendocument.presentation", "presentation"),
    (b"opendocument.graphics", "picture"),
)
_SPREADSHEET = b"opendocument.spreadsheet"
_MANIFEST = "META-INF/manifest.xml"

_BLANK = b"\0 \r\n\t\xef\xbb\xbf\xff\xfe"
_HEAD = 64 * 1024
"""Bytes at a file's beginning in which it says what it is."""
_WORKBOOK_2003 = re.compile(r"<(?:[\w.-]+:)?Workbook[\s>]")
_FLAT_ODS = re.compile(r"<(?:[\w.-]+:)?document[\s>].*opendocument\.spreadsheet", re.DOTALL)
_WORD_2003 = re.compile(r"<(?:[\w.-]+:)?wordDocument[\s>]|xmlPackage")
_HTML = re.compile(r"<(?:html|table|body|head|!doctype html)[\s>]", re.IGNORECASE)
_MHT = re.compile(rb"(?im)^content-type:\s*multipart/related")
_MAIL = re.compile(rb"(?im)^(?:from|received|return-path|subject|delivered-to):")


def of_bytes(content: bytes) -> Kind:
    """The kind of a file that is no zip; refuses, by what it is, one that nobody reads here."""
    if not content.strip(_BLANK):
        raise Refused("empty-file")
    if content.startswith(OLE):
        return _of_ole(content)
    if content.startswith(_OLD_BIFF):
        return Kind.XLS
    if kind := _refused_kind(content):
        raise Refused("not-a-workbook", kind=kind)
    head = content[:_HEAD]
    if _is_mht(head):
        return Kind.MHT
    words = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1", "ignore")
    if words.lstrip("\ufeffï»¿ \r\n\t").startswith("<"):
        return _of_markup(words)
    return Kind.TEXT


def of_package(package: Package) -> tuple[Kind, str]:
    """The kind of a zip, and its main part."""
    names = package.names
    main = main_part(package)
    if main.lower().startswith("xl/") or (main and any(n.startswith("xl/") for n in names)):
        return (Kind.XLSB if main.lower().endswith(".bin") else Kind.XLSX), main
    if main.lower().startswith("word/"):
        return Kind.DOCX, main
    manifest = package.read(_MANIFEST) or b""
    if b"encryption-data" in manifest or "encrypted-package" in names:
        raise Refused("encrypted")
    mime = package.read("mimetype") or b""
    if _SPREADSHEET in mime or (not mime and _SPREADSHEET in manifest):
        return Kind.ODS, "content.xml"
    if any(name.startswith("xl/") for name in names):
        raise Refused("unreadable")  # the workbook itself is not in it
    kinds = [kind for word, kind in _OPEN_DOCUMENT if word in mime]
    kinds += [k for start, k in _MEMBERS if any(name.startswith(start) for name in names)]
    raise Refused("not-a-workbook", kind=kinds[0] if kinds else "archive")


def _refused_kind(content: bytes) -> str | None:
    if len(content) == _LOCK and 0 < content[0] <= _LOCK_NAME:
        return "lock"
    if _PHOTOGRAPH.match(content):
        return "picture"
    if _GOOGLE.match(content) and b"google" in content:
        return "link"
    return next((kind for magic, kind in _MAGIC if content.startswith(magic)), None)


def _of_ole(content: bytes) -> Kind:
    """An old Office file: what it is stands in its directory, in UTF-16."""
    if any(_stream(name) in content for name in _LOCKED):
        raise Refused("encrypted")
    if any(_stream(name) in content for name in _BOOKS):
        return Kind.XLS
    kind = next((kind for stream, kind in _STREAMS if _stream(stream) in content), None)
    if kind is None and _is_cut_off(content):
        raise Refused("unreadable")
    raise Refused("not-a-workbook", kind=kind or "other")


def _is_cut_off(content: bytes) -> bool:
    """Whether sectors are missing that the file's own table says are in use."""
    if len(content) < _OLE_HEADER:
        return True
    (shift,) = struct.unpack_from("<H", content, 30)
    tables = struct.unpack_from("<109I", content, 76)
    if shift not in _SECTORS:
        return True
    size = 1 << int(shift)
    used: int = 0
    for number, at in enumerate(at for at in tables if at < _NO_SECTOR):
        table = content[(at + 1) * size : (at + 2) * size]
        if len(table) < size:
            return True
        entries = struct.unpack(f"<{size // 4}I", table)
        taken = (i for i, entry in enumerate(entries, 1) if entry != _FREE_SECTOR)
        used = max(used, number * len(entries) + max(taken, default=0))
    return len(content) <= used * size  # the header takes one more; the last may be short


def _stream(name: str) -> bytes:
    return f"{name}\0".encode("utf-16-le")


def _is_mht(head: bytes) -> bool:
    """A web page with its pictures in one file; a mail looks alike but has a sender."""
    header = re.split(rb"\r?\n\r?\n", head.lstrip(), maxsplit=1)[0]
    saved = b"X-Document-Type" in header or b"Saved by" in header or not _MAIL.search(header)
    return _MHT.search(header) is not None and saved


def _of_markup(words: str) -> Kind:
    if _WORKBOOK_2003.search(words) and "office:spreadsheet" in words:
        return Kind.SPREADSHEETML
    if _FLAT_ODS.search(words):
        return Kind.FLAT_ODS
    if _WORD_2003.search(words):
        raise Refused("not-a-workbook", kind="word")
    if _HTML.search(words):
        return Kind.HTML
    raise Refused("not-a-workbook", kind="text")
