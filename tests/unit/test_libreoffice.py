"""LibreOffice as it fails: absent, hanging with its children, stopped while it writes."""

import os
import time
from pathlib import Path

import pytest

from tasks import libreoffice

OUT = 'while [ "$1" != --outdir ]; do shift; done; shift; out=$1; mkdir -p "$out"\n'


def _program(path: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text(f"#!/bin/sh\n{script}")
    path.chmod(0o700)
    monkeypatch.setattr(libreoffice, "installed", lambda: str(path))


def test_without_it_nothing_is_converted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert libreoffice.installed() is None
    assert libreoffice.to_pdf({"VP": b"PK"}) == {}


def test_one_that_hangs_is_ended_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libreoffice, "STARTING", 1)
    monkeypatch.setattr(libreoffice, "EACH", 0)
    _program(
        tmp_path / "soffice",
        f'{OUT}printf "%%PDF-1.6 %%%%EOF" > "$out/0.pdf"\nsleep 300 &\n'
        f"echo $! > {tmp_path}/child\nwait\n",
        monkeypatch,
    )
    began = time.monotonic()
    made = libreoffice.to_pdf({"VP": b"PK", "TTTT": b"PK"})
    assert time.monotonic() - began < 30
    assert set(made) == {"VP"}  # what was done by then counts
    child = int((tmp_path / "child").read_text())
    for _ in range(100):  # the kernel takes a moment
        if not _lives(child):
            break
        time.sleep(0.05)
    assert not _lives(child)


def test_what_it_left_half_written_is_no_pdf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = f'{OUT}printf "%%PDF-1.6 half" > "$out/0.pdf"\n'
    script += 'printf "%%PDF-1.6 whole %%%%EOF\\n" > "$out/1.pdf"\n'
    _program(tmp_path / "soffice", script, monkeypatch)
    assert set(libreoffice.to_pdf({"a": b"PK", "--b": b"PK"})) == {"--b"}


def _lives(number: int) -> bool:
    try:
        os.kill(number, 0)
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"


def test_the_pages_of_headings_are_read_from_the_bookmarks_of_a_pdf() -> None:
    pages = b"<</Type/Pages\n/Resources 9 0 R\n/Kids[ 1 0 R 4 0 R\n7 0 R ]\n/Count 3>>\n"
    marks = b"<</Title<FEFF0049>\n/Dest[4 0 R/XYZ 1 2 0]>><</Title<FEFF>/Dest[7 0 R/XYZ 1 2 0]>>"
    assert libreoffice.headings(pages + marks) == [1, 2]
    assert libreoffice.headings(pages) == []
    assert libreoffice.headings(marks) == []  # pages that are listed in another way
    assert libreoffice.headings(b"") == []
