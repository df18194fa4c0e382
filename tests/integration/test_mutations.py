"""Damaged files: whatever is done to a workbook, reading it ends in time and within its bounds, and
what is collected is stored whole or not at all.

`pytest -m soak tests/integration/test_mutations.py` plays 10,000; the figures stand at the end of
what is printed. SOAK_SEED chooses the seed, SOAK_FILES the number."""

import hashlib
import io
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import is_zipfile

import pytest

from flows.collect import collect
from ministry import CLOSING, PERIOD, Workspace
from mutations import campaign, mutants
from schemas.board import State
from schemas.settings import Reading
from schemas.submission import Submission
from schemas.tables import form_rows
from tasks import submissions
from tasks.apart import Reader

SEED = int(os.environ.get("SOAK_SEED", "20211105"))
FILES = int(os.environ.get("SOAK_FILES", "10000"))
LIMITS = Reading()


def new_seed() -> int:
    """Another one each time, unless one is asked for."""
    return int(os.environ.get("SOAK_SEED", str(int(time.time()))))


@pytest.fixture
def reader() -> Iterator[Reader]:
    with Reader(LIMITS) as one:
        yield one


Figures = Callable[[str, object], None]
"""pytest's `record_property`: what is recorded as `figures` is printed when all is over."""


def check(seed: int, count: int, reader: Reader, figures: Figures) -> None:
    result = campaign(seed, count, reader, LIMITS.seconds)
    figures("figures", str(result))
    assert result.raised == []
    assert result.too_slow == []
    assert 0 < result.largest < LIMITS.memory
    assert result.files == count
    assert result.understood > count / 20  # they are damaged, not destroyed


def test_300_damaged_files_are_read_or_refused(reader: Reader, record_property: Figures) -> None:
    check(SEED, 300, reader, record_property)


@pytest.mark.soak
def test_10_000_damaged_files_are_read_or_refused(reader: Reader, record_property: Figures) -> None:
    check(new_seed(), FILES, reader, record_property)


# --- through the whole of collect -------------------------------------------------------------


def lay(workspace: Workspace, seed: int, count: int) -> dict[str, bytes]:
    """The damaged files in the inbox, by hash."""
    laid = {}
    for mutant in mutants(seed, count):
        (workspace.inbox / mutant.name).write_bytes(mutant.content)
        laid[hashlib.sha256(mutant.content).hexdigest()] = mutant.content
    return laid


def archived(workspace: Path, sha256: str) -> bytes:
    return (workspace / "archive" / sha256[:2] / sha256).read_bytes()


def stored(workspace: Path) -> dict[tuple[str, str | None], tuple[str, int, int]]:
    """(Hash, unit) -> state, number of findings, number of rows, as they lie in the database."""
    rows = " UNION ALL ".join(f"SELECT sheet FROM {t.name}" for t in form_rows.values())  # noqa: S608
    with sqlite3.connect(workspace / "dondoc.db") as connection:
        found = connection.execute(
            "SELECT sha256, unit, state, "  # noqa: S608
            "(SELECT COUNT(*) FROM finding WHERE finding.submission = submission.id), "
            f"(SELECT COUNT(*) FROM ({rows}) AS r JOIN sheet ON sheet.id = r.sheet "
            "WHERE sheet.submission = submission.id) FROM submission"
        ).fetchall()
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    return {(sha256, unit): (state, told, lines) for sha256, unit, state, told, lines in found}


def whole(one: Submission) -> tuple[str, int, int]:
    return str(one.state), len(one.findings), sum(len(rows) for rows in one.rows.values())


def check_collect(
    workspace: Workspace, seed: int, count: int, figures: Figures, log: pytest.LogCaptureFixture
) -> None:
    laid = lay(workspace, seed, count)
    start = time.perf_counter()
    came = collect.fn(workspace.path, PERIOD, CLOSING)
    took = time.perf_counter() - start
    there = stored(workspace.path)
    half = [s.file for s in came if there.get((s.sha256, s.unit)) != whole(s)]
    lost = [sha256 for sha256, content in laid.items()
            if archived(workspace.path, sha256) != content]  # fmt: skip
    faults = [r.getMessage() for r in log.records if "fault of ours" in r.getMessage()]
    states = {state: sum(s.state is state for s in came) for state in State}
    shown = ", ".join(f"{state} {number}" for state, number in states.items() if number)
    figures(
        "figures",
        f"collect: seed {seed}, {count} damaged files in {took:.0f} s: {len(half)} half-stored, "
        f"{len(lost)} not in the archive, {len(faults)} unhandled exceptions; {shown}",
    )
    assert half == []
    assert faults == []
    assert lost == []
    answered = {s.sha256 for s in came}
    assert answered == {sha256 for sha256, _ in there}
    # what an archive holds is answered in its place
    assert all(is_zipfile(io.BytesIO(laid[sha256])) for sha256 in laid.keys() - answered)
    assert len(laid.keys() - answered) < count / 20
    assert [p for p in workspace.inbox.iterdir() if p.is_file()] == []


def test_damaged_files_are_stored_whole_and_archived(
    opened: Workspace, record_property: Figures, caplog: pytest.LogCaptureFixture
) -> None:
    check_collect(opened, SEED, 60, record_property, caplog)


@pytest.mark.soak
def test_thousands_of_damaged_files_are_stored_whole_and_archived(
    opened: Workspace, record_property: Figures, caplog: pytest.LogCaptureFixture
) -> None:
    check_collect(opened, new_seed(), FILES // 5, record_property, caplog)


def test_a_batch_that_breaks_off_leaves_nothing_half_stored(
    opened: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid = lay(opened, SEED, 12)
    names = {p.name for p in opened.inbox.iterdir() if p.is_file()}
    content = submissions._store_content

    def breaks(*arguments: object) -> None:
        content(*arguments)  # type: ignore[arg-type]
        raise OSError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(submissions, "_store_content", breaks)
        with pytest.raises(OSError, match="no space"):
            collect.fn(opened.path, PERIOD, CLOSING)
    there = stored(opened.path)
    assert there == {}  # what was laid down in the transaction that broke off is gone
    assert {p.name for p in opened.inbox.iterdir() if p.is_file()} == names
    assert all(archived(opened.path, sha256) == content for sha256, content in laid.items())
    came = collect.fn(opened.path, PERIOD, CLOSING)
    assert {s.sha256 for s in came} == laid.keys()
    assert there.items() <= stored(opened.path).items()
