"""Writes the pages: the period's, one a unit, the outbox, and the one over all periods."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from reports import pages
from reports.pages.index import HEAD
from reports.pages.month import Judged
from reports.pages.outgoing import month_file
from reports.pages.tables import to_unit, unit_file
from rules.pace import expected
from rules.rollup import urged
from schemas.board import Board
from schemas.errors import RegistryError
from schemas.explanation import Explanation
from schemas.pages import Month, Notice
from schemas.period import CLOSING, Period
from schemas.submission import Received
from tasks import archive, outbox, submissions
from tasks.adjustments import proposals
from tasks.changes import since_last_month
from tasks.consolidated import report_path
from tasks.course import sums as sums_of
from tasks.desk import Desk
from tasks.documents import Documents
from tasks.history import Sums
from tasks.step import step

log = logging.getLogger("dondoc")

T = TypeVar("T")
ZERO = Decimal(0)
OUTBOX, INDEX = "outbox.html", "index.html"


@step(retries=2, retry_delay=5)
def write_pages(
    desk: Desk, board: Board, documents: Documents, told: Mapping[str, tuple[Explanation, ...]]
) -> tuple[Path, ...]:
    """The pages of a report, after its letters were drafted; only what changed is written. The
    paths of the two to begin with: the period's and the outbox; the others are linked there."""
    period, folder = board.period, desk.report_folder(board.period)
    sums = sums_of(desk, period)
    came = _grouped(
        submissions.received(desk, submissions.of_period(desk, period)), lambda one: one.unit
    )
    pace = _pace(desk, period.year)
    judged = Judged(urged(board), since_last_month(desk, board), pace)
    whole = _whole(sums)
    page = pages.month_page(
        desk.settings.body,
        board,
        judged,
        whole,
        came,
        _beside(folder, period, documents),
        proposals(desk, board),
    )
    _write(folder / month_file(period), page)
    notices = outbox.notices(desk, period)
    _write_units(desk, board, pace, sums, came, told, notices)
    _write_outbox(desk, period, notices)
    _write_index(desk, period, sums)
    return folder / month_file(period), folder / OUTBOX


@step(retries=2, retry_delay=5)
def refresh_outbox(desk: Desk, periods: Sequence[Period]) -> None:
    """The pages of these periods' outboxes as they now stand; with a registry that cannot be read
    they stay as they were, since what was sent is sent, and a page is no reason to say otherwise.
    """
    try:
        _ = desk.registry
    except RegistryError:
        log.warning("registry.xlsx cannot be read: the pages of the outbox stay as they were")
        return
    for period in periods:
        _write_outbox(desk, period, outbox.notices(desk, period))


def _write_units(
    desk: Desk,
    board: Board,
    pace: Sequence[float],
    sums: Sums,
    came: Mapping[str, Sequence[Received]],
    told: Mapping[str, tuple[Explanation, ...]],
    notices: Sequence[Notice],
) -> None:
    folder = desk.report_folder(board.period) / "units"
    activities = _grouped(board.activities, lambda a: a.unit)
    to_units = _grouped(notices, lambda n: n.unit or "")
    courses = _grouped(sums.items(), lambda item: item[0][0])
    names = {a.code: a.name for a in desk.registry.activities}
    for unit in board.units:
        page = pages.unit_page(
            desk.settings.body,
            board,
            unit,
            activities.get(unit.code, ()),
            names,
            pace,
            [Month(y, m, *figures) for (_, y, m), figures in courses.get(unit.code, ())],
            came.get(unit.code, ()),
            told.get(unit.code, ()),
            to_units.get(unit.code, ()),
        )
        _write(folder / unit_file(unit.code), page)
    known = {unit_file(unit.code) for unit in board.units}
    for stale in folder.glob("*.html"):
        if stale.name not in known:  # a unit that the registry has no longer
            stale.unlink()


def _write_outbox(desk: Desk, period: Period, notices: Sequence[Notice]) -> None:
    folder = desk.report_folder(period)
    names = {unit.code: unit.name for unit in desk.registry.units}
    at_hand = {path.name: path.name for path in folder.glob("*.*")}
    at_hand |= {f"{c}-{period}.xlsx": f"../../forms/{period}/{c}.xlsx" for c in names}
    reporting = desk.registry.reporting_units(period.year)
    page = pages.outbox_page(
        desk.settings.body,
        period,
        notices,
        names,
        at_hand,
        {u.code: to_unit(u.code) for u in reporting},
    )
    _write(folder / OUTBOX, page)


def _write_index(desk: Desk, period: Period, sums: Sums) -> None:
    """From the pages that lie there, so that every link leads somewhere and every line is what its
    report said; `sums` are those up to `period`, looked up again where another is the newest."""
    folder = desk.workspace / "reports"
    lines = []
    for path in sorted(folder.glob("*/bao-cao-*.html")):
        with path.open("rb") as page:
            line = pages.line_of(page.read(HEAD))
        if line and path.name == month_file(line.period):
            lines.append((line, path.relative_to(folder).as_posix()))
    newest = max(line.period for line, _ in lines)
    months = _whole(sums if newest == period else sums_of(desk, newest))
    _write(
        folder / INDEX,
        pages.index_page(desk.settings.body, lines, months, _pace(desk, newest.year)),
    )


def _write(path: Path, content: bytes) -> None:
    if not path.is_file() or path.read_bytes() != content:
        archive.write_whole(path, content, durable=False)


def _pace(desk: Desk, year: int) -> list[float]:
    """What the pace asks for by the end of each month of the year, the closing month too."""
    pace = desk.settings.rules.pace
    past = None
    if pace.name == "own":
        from tasks.evidence import shares  # noqa: PLC0415 - imports pandas

        past = shares(desk, year)
    return [float(expected(month, pace, past)) for month in range(1, CLOSING + 1)]


def _beside(folder: Path, period: Period, documents: Documents) -> list[str]:
    """The period's other documents, as seen from its page."""
    report = report_path(folder, period)
    beside = (*documents.paths, report) if report.is_file() else documents.paths
    its = [path.relative_to(folder).as_posix() for path in beside]
    data_docs = folder / "quality" / "index.html"
    return [*its, "quality/index.html"] if data_docs.is_file() else its


def _grouped(its: Iterable[T], key: Callable[[T], str]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = {}
    for one in its:
        groups.setdefault(key(one), []).append(one)
    return groups


# --- the year's course --------------------------------------------------------------------------


def _whole(sums: Sums) -> list[Month]:
    """The body's months: over the units that reported in each."""
    months: dict[tuple[int, int], tuple[Decimal, Decimal]] = {}
    for (_, year, month), (budget, disbursed) in sums.items():
        before = months.get((year, month), (ZERO, ZERO))
        months[year, month] = before[0] + budget, before[1] + disbursed
    return [Month(year, month, *figures) for (year, month), figures in months.items()]
