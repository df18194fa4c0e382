"""Touches LibreOffice, where it is installed: turns Word files into PDF, a batch in one run."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from xml.sax.saxutils import escape

STARTING = 60
"""Seconds that LibreOffice may take to start, with a profile of its own each time."""
EACH = 3
"""Seconds more that it may take for each document."""
KILOBYTE = 0.5
"""And for each kB of them: the report of a thousand units, 390 kB and 450 pages, takes 110."""
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>{fonts}</dir>
<cachedir>{cache}</cachedir></fontconfig>
"""
_CHANGING = (
    re.compile(rb"/CreationDate\(D:(\d{14})"),
    re.compile(rb"/ID \[ <([0-9A-F]{32})>\s*<([0-9A-F]{32})> \]"),
    re.compile(rb"/DocChecksum /([0-9A-F]{32})"),
)
"""What differs between two PDFs of one document, and may say anything."""


_KIDS = re.compile(rb"/Type/Pages[^>]*?/Kids\[([^\]]*)\]", re.DOTALL)
_REFERENCE = re.compile(rb"(\d+) 0 R")
_BOOKMARK = re.compile(rb"/Title<[0-9A-F]*>\s*/Dest\[(\d+) 0 R")


def installed() -> str | None:
    """Where LibreOffice is, None where it is not."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def to_pdf(documents: Mapping[str, bytes]) -> dict[str, bytes]:
    """Name without ending -> PDF of that .docx; what could not be converted, for whatever reason,
    is missing. The typefaces that the programme brings are there beside the machine's own."""
    program = installed()
    if not program or not documents:
        return {}
    with _scratch() as (folder, environment):
        sources = []
        for number, content in enumerate(documents.values()):
            sources.append(folder / f"{number}.docx")  # a unit's code may look like an option
            sources[-1].write_bytes(content)
        command = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
                   "--norestore", "--convert-to", "pdf:writer_pdf_Export", "--outdir",
                   str(folder / "out"), *map(str, sources)]  # fmt: skip
        size = sum(map(len, documents.values())) / 1024
        _run(command, environment, STARTING + EACH * len(sources) + KILOBYTE * size)
        made = {name: folder / "out" / f"{n}.pdf" for n, name in enumerate(documents)}
        read = {name: path.read_bytes() for name, path in made.items() if path.is_file()}
        return {name: _settled(content) for name, content in read.items() if _is_whole(content)}


@contextmanager
def _scratch() -> Iterator[tuple[Path, dict[str, str]]]:
    with (
        tempfile.TemporaryDirectory(prefix="dondoc-", ignore_cleanup_errors=True) as scratch,
        as_file(files("reports") / "fonts") as fonts,
    ):
        folder = Path(scratch)
        settings = folder / "fonts.conf"
        settings.write_text(
            _FONTS.format(fonts=escape(str(fonts)), cache=escape(str(folder))), "utf-8"
        )
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        yield folder, {**kept, "HOME": scratch, "TMPDIR": scratch, "FONTCONFIG_FILE": str(settings)}


def headings(pdf: bytes) -> list[int]:
    """The pages, from 0, that the bookmarks of such a PDF lead to, in their order; empty where it
    has none or is written in another way."""
    pages = [int(one) for kids in _KIDS.findall(pdf) for one in _REFERENCE.findall(kids)]
    targets = [int(one) for one in _BOOKMARK.findall(pdf)]
    return [pages.index(one) for one in targets] if set(targets) <= set(pages) else []


def _run(command: list[str], environment: Mapping[str, str], seconds: float) -> None:
    """To its end, or to the end of its time; its children end with it."""
    with subprocess.Popen(  # noqa: S603 - a program of the machine's own, on names we gave
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _is_whole(content: bytes) -> bool:
    return content.rstrip().endswith(b"%%EOF")  # it may have been stopped while it wrote


def _settled(content: bytes) -> bytes:
    """The PDF without what differs from run to run; every byte stays at its place."""
    for pattern in _CHANGING:
        content = pattern.sub(_zeroed, content)
    return content


def _zeroed(found: re.Match[bytes]) -> bytes:
    text = found[0]
    for group in found.groups():
        text = text.replace(group, b"19800101000000" if len(group) == 14 else b"0" * len(group))
    return text
