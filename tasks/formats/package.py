"""Touches the zip that an .xlsx, .xlsb, .ods or .docx is: gives its parts within the bounds of
size, and refuses one that two programs could read differently."""

import io
import posixpath
import struct
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from tasks.formats import Refused
from tasks.formats.bounds import MB, at_most, at_most_bytes

if TYPE_CHECKING:
    from schemas.settings import Reading

PARTS = 5_000
"""Members of a package; a workbook with 60 sheets and as many pictures has some 300."""

_HEADER = 30
"""Bytes of a member's own header before its name."""
_PROTECTED = 0x1
"""The flag of a member that a password locks."""
_CHUNK = 2**18


class Package:
    """The parts of one zip by name, told apart without regard to capitals, as Excel does."""

    def __init__(self, content: bytes, limits: "Reading") -> None:
        self._zip = ZipFile(io.BytesIO(content))
        self._size, self._limits = len(content), limits
        self._unpacked = 0
        self._parts: dict[str, ZipInfo] = {}
        members = self._zip.infolist()
        at_most(len(members), PARTS, "parts")
        for member in members:
            name = _plain_name(member.filename)
            if name in self._parts:
                raise Refused("odd-archive")
            self._parts[name] = member
        _refuse_overlaps(content, members)
        self._refuse_bomb(sum(member.file_size for member in members))

    @property
    def names(self) -> frozenset[str]:
        """The parts' names in small letters."""
        return frozenset(self._parts)

    def read(self, name: str) -> bytes | None:
        """A part's bytes, None where there is none of that name."""
        member = self._parts.get(name.lower())
        if member is None:
            return None
        if member.flag_bits & _PROTECTED:
            raise Refused("encrypted")
        if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise Refused("odd-archive")
        found = []
        with self._zip.open(member) as stream:
            while chunk := stream.read(_CHUNK):
                self._unpacked += len(chunk)
                self._refuse_bomb(self._unpacked)
                found.append(chunk)
        return b"".join(found)

    def _refuse_bomb(self, unpacked: int) -> None:
        at_most_bytes(unpacked, self._limits.largest_unpacked)
        if unpacked > MB and unpacked > self._limits.largest_ratio * self._size:
            raise Refused("too-compressed", limit=str(self._limits.largest_ratio))


def _plain_name(written: str) -> str:
    """A member's name as a path inside the package; old .NET programs write backslashes."""
    name = written.replace("\\", "/")
    inside = posixpath.normpath(name).lstrip("/") == name.rstrip("/")
    if not inside or name.startswith("..") or ":" in name:
        raise Refused("odd-archive")
    return name.lower()


def _refuse_overlaps(content: bytes, members: list[ZipInfo]) -> None:
    """Each byte belongs to one member at most, and nothing stands before the first: a zip behind
    another file, or behind another zip, is two things at once."""
    end = 0
    for member in sorted(members, key=lambda m: m.header_offset):
        start = member.header_offset
        if start < end or (end == 0 and start != 0):
            raise Refused("odd-archive")
        name, extra = struct.unpack_from("<HH", content, start + _HEADER - 4)
        end = start + _HEADER + name + extra + member.compress_size
    if end > len(content):
        raise Refused("unreadable")
