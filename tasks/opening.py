"""Touches archives, mails and winmail.dat: their files, each archived, or why they stay shut."""

from dataclasses import dataclass

from schemas.findings import Finding
from tasks import archive
from tasks.apart import Member, Reader
from tasks.desk import Desk
from tasks.formats import Refused, containers
from tasks.refusals import finding


@dataclass(frozen=True)
class Opened:
    """A file out of a container, archived."""

    name: str
    sha256: str
    finding: Finding | None
    """Why it, a container itself, could not be opened further."""


@dataclass(frozen=True)
class Contents:
    """What was in a file: nothing where it is no container, or holds nothing to be read."""

    files: tuple[Opened, ...] = ()
    finding: Finding | None = None
    """Why it could not be opened."""


class Opener(Reader):
    """Opens containers for one batch, in a process of its own."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.settings.reading)
        self._desk = desk

    def open(self, content: bytes, name: str) -> Contents:
        """A file's contents where it is a container."""
        if not containers.is_container(content, name):
            return Contents()
        return self.contents(content, name)

    def contents(self, content: bytes, name: str) -> Contents:
        """The contents of what is known to be a container, each once."""
        try:
            members = self.unpack(content, name)
        except Refused as refused:
            return Contents(finding=finding(refused, name))
        files = {}
        for one in members:
            sha256 = archive.keep(self._desk.workspace, one.content)
            if sha256 not in files:
                files[sha256] = Opened(one.name, sha256, self._still_shut(one))
        return Contents(tuple(files.values()))

    def _still_shut(self, member: Member) -> Finding | None:
        """Why a member that is a container was not opened with the rest."""
        if not containers.is_container(member.content, member.name):
            return None
        try:
            self.unpack(member.content, member.name)
        except Refused as refused:
            return finding(refused, member.name)
        depth = str(self._desk.settings.reading.archive_depth)
        return finding(Refused("too-deep", limit=depth), member.name)
