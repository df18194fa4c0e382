"""Touches .xls, .xlsb and .ods, in a process of its own: a damaged one can exhaust the memory, hang
or end whatever reads it (each was seen, with random bytes changed in what LibreOffice saves)."""

import io
import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from python_calamine import PasswordError, SheetVisibleEnum, load_workbook

SECONDS = 20
"""A unit's workbook takes a fraction of one."""
MEMORY = 2**30
"""Bytes of address space."""

_PASSWORD = 3


class Unreadable(Exception):  # noqa: N818 - a fact about the file
    """The other process could not read it."""


@dataclass(frozen=True)
class Apart:
    """A whole workbook as the other process read it."""

    sheet_names: list[str]
    visible: frozenset[str]
    rows: dict[str, Sequence[Sequence[object]]]

    def cells(self, sheet: str) -> Sequence[Sequence[object]]:
        """The sheet's cells from A1 on."""
        return self.rows[sheet]


def read_apart(content: bytes, most_rows: int) -> Apart:
    """The sheets of a workbook; raises PasswordError, or Unreadable for whatever else it does."""
    command = [sys.executable, "-I", __file__, str(most_rows)]
    try:
        done = subprocess.run(  # noqa: S603 - our own file, by our own interpreter
            command, input=content, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable("timeout") from error
    if done.returncode == _PASSWORD:
        raise PasswordError
    if done.returncode:
        raise Unreadable(f"status {done.returncode}")
    names, visible, rows = json.loads(done.stdout, object_hook=_day)
    return Apart(names, frozenset(visible), dict(zip(names, rows, strict=True)))


def _written(value: object) -> dict[str, str]:
    """A date as JSON; times of day and durations are no value of ours, only their text."""
    return {"day" if isinstance(value, date) else "text": str(value)}


def _day(written: dict[str, str]) -> object:
    return datetime.fromisoformat(written["day"]) if "day" in written else written["text"]


def _main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        book = load_workbook(io.BytesIO(sys.stdin.buffer.read()))
    except PasswordError:
        return _PASSWORD
    shown = (s.name for s in book.sheets_metadata if s.visible == SheetVisibleEnum.Visible)
    most_rows = int(sys.argv[1])
    rows = [
        book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=most_rows)
        for name in book.sheet_names
    ]
    json.dump((book.sheet_names, list(shown), rows), sys.stdout, default=_written)
    return 0


if __name__ == "__main__":
    sys.exit(_main())
