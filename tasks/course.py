"""Looks up how the years went on, from the accepted submissions and the imported past."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from rules.course import since, total
from rules.pace import expected
from schemas.board import Board
from schemas.course import Stand
from schemas.evidence import Shares
from schemas.pages import Month
from schemas.period import CLOSING, Period
from tasks import history
from tasks.desk import Desk
from tasks.figures import stands
from tasks.forecast import submitted
from tasks.history import Sums

ZERO = Decimal(0)


def paces(desk: Desk, past: Shares | None) -> tuple[float, ...]:
    """What the pace asks for by the end of each month of the year, the closing month too; `past` is
    the year's."""
    pace = desk.settings.rules.pace
    return tuple(float(expected(month, pace, past)) for month in range(1, CLOSING + 1))


def past(desk: Desk, year: int) -> Shares | None:
    """What the pace of the year knows of those before; None where it asks for nothing."""
    if desk.settings.rules.pace.name != "own":
        return None
    from tasks.evidence import shares  # noqa: PLC0415 - imports pandas

    return shares(desk, year)


def compared(desk: Desk, board: Board) -> Board:
    """The board with what its rate is compared with: the same units one month earlier."""
    if (month := board.period.month - 1) < 1:
        return board
    before = Period(board.period.year, month)
    known = _sums(desk, before, before)
    last = {unit: Stand(*its) for (unit, _, _), its in known.items()}
    return replace(board, since=since(board, last))


def sums(desk: Desk, period: Period) -> Sums:
    """(unit, year, month) -> budget and disbursed to date, this year up to the period and last
    year: as accepted submissions say, else as the imported history does."""
    return _sums(desk, Period(period.year - 1, 1), period)


def _sums(desk: Desk, since: Period, until: Period) -> Sums:
    first, last = (since.year, since.month), (until.year, until.month)
    imported = history.imported(desk).items()
    found = {key: figures for key, figures in imported if first <= key[1:] <= last}
    return found | submitted(desk, since, until)[0]


def by_source(desk: Desk, period: Period) -> tuple[tuple[str, str, Stand], ...]:
    """Unit, funding source, and where it stood one month before."""
    before = period.month - 1
    if before < 1:
        return ()
    month = Period(period.year, before)
    its: dict[tuple[str, str], list[Stand]] = defaultdict(list)
    for _, one, stand, _ in stands(desk, month, month):
        its[one.unit, one.source].append(stand)
    return tuple((*key, total(parts)) for key, parts in its.items())


def whole(sums: Sums) -> tuple[Month, ...]:
    """The body's months: over the units that reported in each."""
    months: dict[tuple[int, int], tuple[Decimal, Decimal]] = {}
    for (_, year, month), (budget, disbursed) in sums.items():
        before = months.get((year, month), (ZERO, ZERO))
        months[year, month] = before[0] + budget, before[1] + disbursed
    return tuple(Month(year, month, *figures) for (year, month), figures in months.items())


def by_unit(sums: Sums) -> dict[str, tuple[Month, ...]]:
    """Each unit's months."""
    courses: dict[str, list[Month]] = {}
    for (unit, year, month), figures in sums.items():
        courses.setdefault(unit, []).append(Month(year, month, *figures))
    return {unit: tuple(its) for unit, its in courses.items()}
