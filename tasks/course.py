"""Looks up how the years went on, from the accepted submissions and the imported past."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import func, select

from rules.course import since, total
from rules.pace import expected
from schemas import tables
from schemas.board import Board, State
from schemas.course import Stand
from schemas.evidence import Shares
from schemas.forms import DISBURSEMENT
from schemas.pages import Month
from schemas.period import CLOSING, Period
from tasks import history, submissions
from tasks.desk import Desk
from tasks.figures import budgets_of, reported_activities
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
    year, before = board.period.year, board.period.month - 1
    known = sums(desk, board.period).items()
    last = {unit: Stand(*its) for (unit, *when), its in known if when == [year, before]}
    return replace(board, since=since(board, last))


def sums(desk: Desk, period: Period) -> Sums:
    """(unit, year, month) -> budget and disbursed to date, this year up to the period and last
    year: as accepted submissions say, else as the imported history does."""
    years = (period.year - 1, period.year)
    found = {
        key: figures
        for key, figures in history.imported(desk).items()
        if key[1] in years and (key[1], key[2]) <= (period.year, period.month)
    }
    budgets: dict[Period, dict[str, Decimal]] = {}
    for (unit, text), disbursed in _disbursed(desk, period).items():
        one = Period.parse(text)
        if one not in budgets:
            budgets[one] = _budgets(desk, one)
        found[unit, one.year, one.month] = budgets[one].get(unit, ZERO), disbursed
    return found


def _budgets(desk: Desk, period: Period) -> dict[str, Decimal]:
    """Unit -> what its rate divides by."""
    sums: dict[str, Decimal] = {}
    its = budgets_of(desk, period)
    for one in reported_activities(desk, period):
        sums[one.unit] = sums.get(one.unit, ZERO) + its[one.code].denominator
    return sums


def _disbursed(desk: Desk, period: Period) -> dict[tuple[str, str], Decimal]:
    """(unit, period) -> the sum over the version that counts; added up by the database, in đồng."""
    submission, row = tables.submission.c, tables.form_rows[DISBURSEMENT.name].c
    counting = (
        select(submission.id, submission.unit, submission.period)
        .where(
            submission.state == State.ACCEPTED,
            submission.period >= f"{period.year - 1:04d}-01",
            submission.period <= str(period),
        )
        .order_by(submission.received_at, submission.id)
    )
    added = (
        select(tables.sheet.c.submission, func.sum(row.disbursed).label("paid"))
        .join(tables.sheet, tables.sheet.c.id == row.sheet)
        .join(tables.submission, submission.id == tables.sheet.c.submission)
        .where(
            submission.state == State.ACCEPTED,
            submission.period >= f"{period.year - 1:04d}-01",
            submission.period <= str(period),
        )
        .group_by(tables.sheet.c.submission)
    )
    with desk.engine.connect() as connection:
        newest = {(r.unit, r.period): r.id for r in connection.execute(counting)}
        paid = {row.submission: row.paid for row in connection.execute(added)}
    return {key: paid[number] for key, number in newest.items() if paid.get(number) is not None}


def by_source(desk: Desk, period: Period) -> tuple[tuple[str, str, Stand], ...]:
    """Unit, funding source, and where it stood one month before."""
    before = period.month - 1
    if before < 1:
        return ()
    rows = submissions.rows_of_year(desk, period, DISBURSEMENT.name, before).get(before, ())
    budgets = budgets_of(desk, Period(period.year, before))
    source_of = {activity.code: activity.source for activity in desk.registry.activities}
    stands: dict[tuple[str, str], list[Stand]] = defaultdict(list)
    for unit, row in rows:
        disbursed = row.values["disbursed"]
        if row.code in budgets and disbursed is not None:
            stand = Stand(budgets[row.code].denominator, disbursed)
            stands[unit, source_of[row.code]].append(stand)
    return tuple((*key, total(its)) for key, its in stands.items())


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
