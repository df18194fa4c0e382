"""Writes the pages: the period's, one a unit, the outbox, and the one over all periods."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reports import pages
from reports.pages.index import HEAD
from reports.pages.month import Judged
from reports.pages.outgoing import month_file
from reports.pages.tables import to_unit, unit_file
from rules.rollup import urged
from schemas.dossier import Dossier
from schemas.errors import RegistryError
from schemas.pages import Notice
from schemas.period import Period
from schemas.registry import by_unit
from schemas.texts import say
from tasks import archive, course, outbox
from tasks.consolidated import report_name
from tasks.crew import Base64, Crew, Work
from tasks.desk import Desk
from tasks.documents import chart_name, summary_name
from tasks.dossier import DATA_DOCS
from tasks.step import step

log = logging.getLogger("dondoc")

OUTBOX, INDEX, UNITS = "outbox.html", "index.html", "units"


@dataclass(frozen=True)
class Pages:
    """The two pages to begin with, the period's and the outbox; the others are linked there. And
    the dossier with the notices that they tell of."""

    dossier: Dossier
    paths: tuple[Path, ...]
    hashes: Mapping[str, str]
    """Of the pages that are the dossier's alone: path below the period's documents -> SHA-256."""


@step(retries=2, retry_delay=5)
def write_pages(desk: Desk, drafted: Dossier) -> Pages:
    """The pages of a report, after its letters were drafted; only what changed is written."""
    period, folder = drafted.period, desk.report_folder(drafted.period)
    told = _write_outbox(desk, period)
    hashes = {}
    for name, content in period_pages(drafted, told, desk.crew):
        _write(folder / name, content)
        hashes[name] = archive.name_of(content)
    for stale in (folder / UNITS).glob("*.html"):
        if f"{UNITS}/{stale.name}" not in hashes:  # a unit that the registry has no longer
            stale.unlink(missing_ok=True)  # another run may have been quicker
    _write_index(desk, drafted)
    paths = folder / month_file(period), folder / OUTBOX
    return Pages(replace(drafted, notices=told), paths, hashes)


def period_pages(
    dossier: Dossier, notices: tuple[Notice, ...], crew: Crew
) -> Iterator[tuple[str, bytes]]:
    """The period's page and each unit's, with its path below the period's documents; the same
    dossier and notices give the same bytes. The outbox and the page over all periods are no part of
    it: they go on with what is sent and with other periods."""
    page = pages.month_page(
        dossier.body,
        dossier.board,
        Judged(urged(dossier.board), dossier.changes, dossier.pace),
        dossier.months,
        by_unit(dossier.received),
        _beside(dossier),
        dossier.proposals,
        _banner(dossier.test_to),
    )
    yield month_file(dossier.period), page
    codes = [unit.code for unit in dossier.board.units]
    written = crew.stream(UNIT_PAGE, (dossier, notices), codes, each=0.002)
    for code, page in zip(codes, written, strict=True):
        yield f"{UNITS}/{unit_file(code)}", page


def _writes_unit(shared: tuple[Dossier, tuple[Notice, ...]]) -> Callable[[str], bytes]:
    dossier, told = shared
    received, notices = by_unit(dossier.received), by_unit(told)

    def write(code: str) -> bytes:
        return pages.unit_page(
            dossier.body,
            dossier.board,
            dossier.board.unit(code),
            dossier.board.of(code),
            dossier.activities,
            dossier.pace,
            dossier.courses.get(code, ()),
            received.get(code, ()),
            dossier.told.get(code, ()),
            notices.get(code, ()),
            banner=_banner(dossier.test_to),
        )

    return write


UNIT_PAGE = Work(
    "tasks.pages:UNIT_PAGE",
    _writes_unit,
    shared=tuple[Dossier, tuple[Notice, ...]],
    item=str,
    result=Base64,
)


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
        _write_outbox(desk, period)


def _write_outbox(desk: Desk, period: Period) -> tuple[Notice, ...]:
    """The notices that it shows are given back without what they say."""
    folder, notices = desk.report_folder(period), outbox.notices(desk, period)
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
        _banner(desk.settings.mail.test_to),
    )
    archive.write_changed(folder / OUTBOX, page)
    return tuple(replace(n, html="", images=()) for n in notices)


def _write_index(desk: Desk, dossier: Dossier) -> None:
    """From the pages that lie there, so that every link leads somewhere and every line is what its
    report said; the course is the dossier's, looked up again where another period is the newest."""
    folder = desk.workspace / "reports"
    lines = []
    for path in sorted(folder.glob("*/bao-cao-*.html")):
        with path.open("rb") as page:
            line = pages.line_of(page.read(HEAD))
        if line and path.name == month_file(line.period):
            lines.append((line, path.relative_to(folder).as_posix()))
    newest = max(line.period for line, _ in lines)
    months, pace = dossier.months, dossier.pace
    if newest != dossier.period:
        months = course.whole(course.sums(desk, newest))
        pace = course.paces(desk, course.past(desk, newest.year))
    banner = _banner(desk.settings.mail.test_to)
    _write(folder / INDEX, pages.index_page(desk.settings.body, lines, months, pace, banner))


def _banner(address: str) -> str:
    return say("page.test-mode", address=address) if address else ""


def _write(path: Path, content: bytes) -> None:
    if archive.read(path) != content:  # most pages stay: to look costs a fifth of writing beside
        archive.write_whole(path, content, durable=False)


def _beside(dossier: Dossier) -> list[str]:
    """The period's other documents, as seen from its page."""
    its = [f(dossier.period) for f in (summary_name, chart_name, report_name)]
    return [*its, DATA_DOCS] if dossier.data_docs else its
