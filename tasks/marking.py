"""Marks returned workbooks in a process of its own with limits: what a hostile file does to
openpyxl (time, memory) must not happen to the process that closes the month."""

import json
import logging
import re
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from multiprocessing.connection import Connection
from tempfile import TemporaryDirectory
from typing import Self
from zipfile import ZipFile

from schemas.findings import Finding, Severity
from schemas.reading import Book
from schemas.settings import Reading
from schemas.texts import say, speak, spoken
from tasks.beside import started
from tasks.crew import WORDING, Base64
from tasks.formats import wire

log = logging.getLogger("dondoc")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSM = "application/vnd.ms-excel.sheet.macroEnabled.12"
STARTING = 10
"""Seconds that the process has to import what it needs, beside those of a file."""

_SUFFIX = re.compile(
    r"\.(?:xl[st][xmb]?|f?ods|ots|et|csv|tsv|txt|html?|mhtml?|xml|docx?)$", re.IGNORECASE
)
_PLAIN, _MACROS, _CANNOT = b"x", b"m", b"-"
"""How an answer of the other process begins; the workbook follows."""


@dataclass(frozen=True)
class Marked:
    """A workbook that goes back: its bytes, and the format it came in where that is another."""

    content: Base64
    macros: bool = False
    converted_from: str = ""

    @property
    def kind(self) -> str:
        """Its MIME type."""
        return XLSM if self.macros else XLSX

    def name(self, file: str) -> str:
        """The clerk's name for it, without the archive that it came in; the extension follows
        what it holds."""
        own = file.rpartition("/")[2]
        return _SUFFIX.sub("", own) + (".xlsm" if self.macros else ".xlsx")


class Marker:
    """The process that marks, started at the first file and again where one was too much for it."""

    def __init__(self, limits: Reading) -> None:
        self._limits = limits
        self._largest = limits.largest_unpacked * 2**20
        self._process: subprocess.Popen[bytes] | None = None
        self._ours: Connection | None = None
        self._scratch: TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        """The marker itself; its process ends with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def in_place(self, content: bytes, findings: Sequence[Finding]) -> Marked | None:
        """The clerk's own .xlsx or .xlsm marked; None where openpyxl cannot change it."""
        return self._ask((content, tuple(findings), ""))

    def converted(self, book: Book, findings: Sequence[Finding]) -> Marked | None:
        """A file of another format as an .xlsx, marked; None where it is too much."""
        from reports.converted import titles  # noqa: PLC0415 - for few files

        named = titles(book)
        there = [replace(f, sheet=named.get(f.sheet or "", f.sheet)) for f in findings]
        note = say("returned.converted", kind=say(f"format.{book.format}"))
        marked = self._ask((book, tuple(there), note))
        return replace(marked, converted_from=book.format) if marked else None

    def _ask(self, question: tuple[bytes | Book, tuple[Finding, ...], str]) -> Marked | None:
        """What the process answers within its time; one that does not is ended."""
        seconds = self._limits.seconds + (0 if self._process else STARTING)
        try:
            ours = self._start()
            for part in _written(*question):
                ours.send_bytes(part)
            answer = ours.recv_bytes(self._largest) if ours.poll(seconds) else None
        except (EOFError, OSError):
            answer = None
        if answer is None:
            log.warning("a returned workbook took more time or memory than allowed to be marked")
            self.close()
            return None
        kind, marked = answer[:1], answer[1:]
        return None if kind == _CANNOT else Marked(marked, macros=kind == _MACROS)

    def _start(self) -> Connection:
        if self._ours is None:
            self._scratch = TemporaryDirectory()  # openpyxl writes each sheet into a file first
            bounds = (self._limits.memory, self._limits.open_files, self._largest)
            environment = {"TMPDIR": self._scratch.name}
            self._ours, self._process = started("tasks.marking", *bounds, environment=environment)
            self._ours.send_bytes(WORDING.dump_json(spoken()))
        return self._ours

    def close(self) -> None:
        """Ends the process."""
        if self._ours:
            self._ours.close()
        if self._process:
            self._process.kill()
            self._process.wait()
        if self._scratch:
            self._scratch.cleanup()
        self._ours = self._process = self._scratch = None


def serve() -> None:
    """The other process: marks what it is sent until nobody sends any more."""
    theirs, memory, files, largest = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory * 2**20, memory * 2**20))
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    with Connection(theirs) as connection:
        speak(WORDING.validate_json(connection.recv_bytes()))
        while True:
            try:
                question = connection.recv_bytes(), connection.recv_bytes()
            except EOFError:
                return
            connection.send_bytes(_answer(*_read(*question)))


def _written(given: bytes | Book, findings: Sequence[Finding], note: str) -> tuple[bytes, bytes]:
    """A question as it travels: what is told of the file, and the file or the book."""
    told = (isinstance(given, Book), [vars(one) for one in findings], note)
    content = wire.written(given) if isinstance(given, Book) else given
    return json.dumps(told).encode(), content


def _read(told: bytes, content: bytes) -> tuple[bytes | Book, tuple[Finding, ...], str]:
    is_book, findings, note = json.loads(told)
    read = (Finding(**one | {"severity": Severity(one["severity"])}) for one in findings)
    return wire.book(content) if is_book else content, tuple(read), note


def _answer(given: bytes | Book, findings: tuple[Finding, ...], note: str) -> bytes:
    # openpyxl and XlsxWriter, a third of a second, by the process that needs them alone
    from reports.converted import converted_workbook  # noqa: PLC0415
    from reports.returned import returned_workbook  # noqa: PLC0415

    try:
        content = given if isinstance(given, bytes) else converted_workbook(given)
        marked = returned_workbook(content, findings, note)
        with ZipFile(BytesIO(marked)) as package:
            macros = b"macroEnabled" in package.read("[Content_Types].xml")
        return (_MACROS if macros else _PLAIN) + marked
    except Exception as error:  # the border: whatever a file, or its size, does to openpyxl
        log.info("a workbook cannot be marked: %s", type(error).__name__)
        return _CANNOT
