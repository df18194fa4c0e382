"""Decides what is in an archive, a mail or a winmail.dat, within bounds: the files to be read."""

import io
import logging
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile, ZipInfo

from tasks.formats import Refused, headers, messages
from tasks.formats.bounds import MB, at_most, at_most_bytes
from tasks.formats.magic import OLE, PACKED, PICTURES, WINMAIL

if TYPE_CHECKING:
    from schemas.settings import Reading

logging.getLogger("tnefparse").setLevel(logging.CRITICAL)  # it tells of what it skips

_ZIP, _EMPTY_ZIP = b"PK\x03\x04", b"PK\x05\x06"
_ATTACHMENT = 0x69002
"""Begins an attachment in winmail.dat (attAttachRendData)."""
_METAFILE = b"\x01\0\0\0\x58"
_OFFICE = re.compile(
    r"\[content_types\]\.xml$|_rels/|xl/work(book\.|sheets/)|mimetype$|meta-inf/manifest\.xml$"
)
"""Members that an office document has and a zip of files has not."""
_SHEETS = (
    ".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlt", ".xlsb", ".ods", ".ots", ".fods", ".et",
    ".csv", ".tsv", ".xml", ".htm", ".html", ".mht", ".mhtml",
)  # fmt: skip
"""Names of what a table is kept in."""
_STREAMS = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book", "EncryptedPackage"))
"""What an Excel file of before 2007, or one with a password, holds by name."""
_NOISE = re.compile(
    r"(~\$|\._|\.ds_store$|thumbs\.db$|desktop\.ini$|__macosx$|att\d+\.(txt|html?|dat)$)"
    r"|.*\.(ics|vcf|vcard|p7s|asc|sig|pgp|lnk|url)$",
    re.IGNORECASE,
)
"""What programs leave beside files, and calendars, cards and signatures by name."""
_ENCRYPTED = 0x1
_CHUNK = 2**18


class Sort(IntEnum):
    """What a file is, the wanted first: of one batch only the best sorts count."""

    TABLE = 0
    PACKED = 1
    """May hold tables, and was not opened."""
    DOCUMENT = 2
    PICTURE = 3
    NOISE = 4


def is_container(content: bytes, name: str) -> bool:
    """Whether the bytes hold files: a zip that is no office document, a mail, a winmail.dat."""
    if content.startswith((_ZIP, _EMPTY_ZIP)):
        if _has_a_long_list(content):
            return True  # no office document of a unit; whoever opens it counts
        members = _members(content)
        if members is None:  # cut off, or bent: the name is all there is to go by
            return not _is_table_by_name(name)
        return not any(_OFFICE.match(one) for one in members)
    return content.startswith(WINMAIL) or messages.is_message(content, name)


def unpack(
    content: bytes,
    name: str,  # noqa: ARG001 - decided by content
    limits: "Reading",
) -> list[tuple[str, bytes]]:
    """The files within, each with the names on the way to it, `b.zip/c.xlsx`.

    Tables, and where there is none documents, and where there is none pictures: a table is wanted,
    and who sent none is told so. What cannot be opened within comes as it is; raises Refused where
    that is the whole.
    """
    found = list(_Opening(limits).members(content, 1))
    best = min((one.sort for one in found), default=Sort.NOISE)
    wanted = {Sort.TABLE, Sort.PACKED} if best <= Sort.PACKED else {best} - {Sort.NOISE}
    return [(one.name, one.content) for one in found if one.sort in wanted]


@dataclass(frozen=True)
class _Found:
    name: str
    content: bytes
    sort: Sort


class _Opening:
    """One container being opened, and how much has come out of it so far."""

    def __init__(self, limits: "Reading") -> None:
        self._limits = limits
        self._files = self._bytes = 0

    def members(self, content: bytes, depth: int) -> Iterator[_Found]:
        """What is within, to the bottom; raises Refused."""
        try:
            if content.startswith((_ZIP, _EMPTY_ZIP)):
                yield from self._zip(content, depth)
            elif content.startswith(WINMAIL):
                yield from self._tnef(content, depth)
            else:
                yield from self._message(content, depth)
        except (Refused, MemoryError):
            raise
        except Exception as error:  # whatever three parsers make of bytes that somebody bent
            raise Refused("unreadable") from error

    def _zip(self, content: bytes, depth: int) -> Iterator[_Found]:
        try:
            archive = ZipFile(io.BytesIO(content))
        except BadZipFile as error:
            raise Refused("unreadable") from error
        files = [one for one in archive.infolist() if not one.is_dir()]
        at_most(len(files), self._limits.archive_files, "files")
        if any(one.flag_bits & _ENCRYPTED for one in files):
            raise Refused("encrypted-archive")
        unpacked = 0
        for one in files:
            name = _way_of(one)
            if _NOISE.match(name.rpartition("/")[2]) or name.lower().startswith("__macosx/"):
                continue
            member = self._inflated(archive, one, unpacked, len(content))
            unpacked += len(member)
            yield from self._placed(name, member, depth)

    def _inflated(self, archive: ZipFile, one: ZipInfo, before: int, size: int) -> bytes:
        """A member, the bounds looked at while it grows: what it says of its size is a claim."""
        chunks: list[bytes] = []
        grown = 0
        try:
            with archive.open(one) as stream:
                while chunk := stream.read(_CHUNK):
                    grown += len(chunk)
                    at_most_bytes(self._bytes + grown, self._limits.largest_unpacked)
                    if (total := before + grown) > MB and total > self._limits.largest_ratio * size:
                        raise Refused("too-compressed", limit=str(self._limits.largest_ratio))
                    chunks.append(chunk)
        except (BadZipFile, NotImplementedError, EOFError, zlib.error) as error:
            raise Refused("unreadable") from error
        return b"".join(chunks)

    def _tnef(self, content: bytes, depth: int) -> Iterator[_Found]:
        from tnefparse.tnef import TNEF  # noqa: PLC0415 - few mails have one

        pieces = list(_attributes(content))
        if None in pieces:
            raise Refused("unreadable")  # tnefparse passes over what is damaged
        at_most(pieces.count(_ATTACHMENT), self._limits.archive_files, "files")
        waiting = [TNEF(content, do_checksum=False)]  # type: ignore[no-untyped-call]
        while waiting:
            tnef = waiting.pop(0)
            for one in tnef.attachments:
                if hasattr(one, "embed"):  # a mail forwarded within
                    waiting.append(one.embed)
                    at_most(len(waiting), self._limits.archive_files, "files")
                    continue
                written = one.long_filename() if one.mapi_attrs else one._name
                said = written if isinstance(written, str) else headers.text(bytes(written))
                name = headers.name(said.rstrip("\0"))
                yield from self._placed(name, bytes(one.data), depth)

    def _message(self, content: bytes, depth: int) -> Iterator[_Found]:
        room = self._limits.archive_depth - depth
        for one in messages.attached(content, room):
            if not (one.picture and sort(one.content, one.name) is Sort.PICTURE):
                name = one.name or _unnamed(one.content)
                inner = depth + len(one.way)
                yield from self._placed("/".join((*one.way, name)), one.content, inner)

    def _placed(self, name: str, content: bytes, depth: int) -> Iterator[_Found]:
        """A file as it is, or what is in it; one that cannot be opened comes as it is."""
        self._files += 1
        self._bytes += len(content)
        at_most(self._files, self._limits.archive_files, "files")
        at_most_bytes(self._bytes, self._limits.largest_unpacked)
        name = name or _unnamed(content)
        if not is_container(content, name):
            found = sort(content, name)
            if found is not Sort.NOISE:
                yield _Found(name, content, found)
            return
        before = self._files, self._bytes
        if depth < self._limits.archive_depth:
            try:
                within = list(self.members(content, depth + 1))
            except Refused:
                self._files, self._bytes = before
            else:
                yield from (_Found(f"{name}/{one.name}", one.content, one.sort) for one in within)
                return
        yield _Found(name, content, Sort.PACKED)


def _attributes(winmail: bytes) -> Iterator[int | None]:
    """The number of each attribute; None where the last is cut off."""
    at = 6
    while winmail[at : at + 11].strip():  # some mail programs add an end of line
        length = int.from_bytes(winmail[at + 5 : at + 9], "little")
        number = int.from_bytes(winmail[at + 1 : at + 5], "little")
        at += 9 + length + 2
        yield number if at <= len(winmail) else None


def _has_a_long_list(content: bytes) -> bool:
    """Whether a zip's list of members is too long to be read outside the process for that."""
    end = content.rfind(b"PK\x05\x06")
    return int.from_bytes(content[end + 12 : end + 16], "little") > MB if end >= 0 else False


def _members(content: bytes) -> list[str] | None:
    """The names in a zip in small letters, None where they cannot be had."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            return [one.replace("\\", "/").lower() for one in archive.namelist()]
    except (BadZipFile, ValueError, NotImplementedError, EOFError, OSError):
        return None


def _is_table_by_name(name: str) -> bool:
    return f".{name.lower().rpartition('.')[2]}" in _SHEETS


def _way_of(member: ZipInfo) -> str:
    """A member's name as a path that leads nowhere but down."""
    written = member.filename
    if not member.flag_bits & 0x800:  # not declared as UTF-8: read as cp437, whatever it was
        with suppress(UnicodeEncodeError):
            written = headers.text(written.encode("cp437"))
    parts = (headers.name(part) for part in re.split(r"[/\\]", written))
    return "/".join(part for part in parts if part and not re.fullmatch(r"[A-Za-z]:", part))


def _unnamed(content: bytes) -> str:
    """A name for a file that came without one, by what it is."""
    suffix = {Sort.TABLE: ".xlsx", Sort.PICTURE: ".png"}.get(sort(content, ""), "")
    if content.startswith(b"%PDF"):
        suffix = ".pdf"
    if suffix == ".xlsx" and content.startswith(OLE):
        suffix = ".xls"
    return f"tep-dinh-kem{suffix}"


def sort(content: bytes, name: str) -> Sort:
    """What a file is, by its content first."""
    table_by_name = _is_table_by_name(name)
    otherwise = Sort.TABLE if table_by_name else Sort.DOCUMENT
    if _NOISE.match(name.rpartition("/")[2]) or not (content or table_by_name):
        found = Sort.NOISE
    elif content.startswith((_ZIP, _EMPTY_ZIP)):
        found = _sort_of_zip(content, Sort.TABLE if table_by_name else Sort.PACKED)
    elif content.startswith(OLE):
        found = Sort.TABLE if any(one in content for one in _STREAMS) else otherwise
    elif content.startswith(PACKED):
        found = Sort.PACKED
    elif (
        content.startswith((*PICTURES, _METAFILE))
        or _is_bitmap(content)
        or content[4:12] == b"ftypheic"
    ):
        found = Sort.PICTURE
    else:
        found = otherwise
    return found


def _is_bitmap(content: bytes) -> bool:
    return content.startswith(b"BM") and content[6:10] == bytes(4)


def _sort_of_zip(content: bytes, otherwise: Sort) -> Sort:
    names = _members(content) or []
    if any(name.startswith("xl/workbook.") for name in names):
        return Sort.TABLE
    if any(name.startswith(("word/document", "ppt/presentation")) for name in names):
        return Sort.DOCUMENT
    if "mimetype" in names and otherwise is not Sort.TABLE:  # first in the zip, and as it is
        table = b"opendocument.spreadsheet" in content[:2000]
        return Sort.TABLE if table else Sort.DOCUMENT
    return otherwise
