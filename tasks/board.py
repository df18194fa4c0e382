"""Lays the month out: each unit's state and figures, judged once for the same inputs."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import chain

from sqlalchemy import Connection, insert, select

from rules import views
from rules.adjustments import adjustable
from rules.budget import budgets
from rules.excuses import excused
from rules.pace import expected
from rules.rates import beyond, by_unit, totals
from rules.workdays import answer_by, deadline
from schemas import tables
from schemas.board import ActivityFigure, Board, Look, State, UnitStatus
from schemas.findings import Finding
from schemas.flags import RULES, Flag, FlagSeverity, Matter
from schemas.forms import DISBURSEMENT
from schemas.period import Period, View
from schemas.registry import Budget, Unit
from schemas.settings import Rules
from tasks import excuses, submissions
from tasks.desk import Desk, now
from tasks.figures import budgets_of, figures_of, reported_activities
from tasks.past import fingerprint
from tasks.submissions import Stored, standing

ZERO = Decimal(0)


def board(desk: Desk, period: Period) -> Board:
    """Every unit that reports in the period's year, in the registry's order, with its flags."""
    versions = submissions.of_period(desk, period)
    budget = budgets_of(desk, period)
    last = submissions.last_figures(submissions.history(desk, period))
    figures = _figures(desk, period, versions, budget, last)
    flags = excused(_judged(desk, period, figures), excuses.holding(desk, period))
    units = desk.registry.reporting_units(period.year)
    return _laid_out(desk, period, units, versions, budget, figures, flags)


def lines(desk: Desk, period: Period, units: Collection[str]) -> Board:
    """The board as if these units were the whole body, and without flags: what an answer to each
    of them says, however many others there are."""
    versions = submissions.of_period(desk, period, units)
    codes = {one.code for one in desk.registry.activities if one.unit in units}
    budget = budgets_of(desk, period, codes)
    figures = _figures(desk, period, versions, budget, {})
    its = [one for one in desk.registry.reporting_units(period.year) if one.code in units]
    return _laid_out(desk, period, its, versions, budget, figures, ())


def _laid_out(
    desk: Desk,
    period: Period,
    reporting: Sequence[Unit],
    versions: Mapping[str, Sequence[Stored]],
    budget: Mapping[str, Budget],
    figures: tuple[ActivityFigure, ...],
    flags: Sequence[Flag],
) -> Board:
    due = deadline(period, desk.settings.schedule)
    registered = _registered(desk, period, reporting, budget)
    reported, later = by_unit(figures), beyond(registered, figures)
    of_unit: dict[str, list[Flag]] = {}
    for flag in flags:
        of_unit.setdefault(flag.unit, []).append(flag)
    units = []
    for unit in reporting:
        its = versions.get(unit.code, ())
        counts = standing(its) is not None
        sums = reported.get(unit.code, (ZERO, ZERO))
        left = later[unit.code] if counts else {}
        status = UnitStatus(
            code=unit.code,
            name=unit.name,
            state=state_of(its),
            late=_late(its, due, desk.today),
            budget_current=sums[0] if counts else sum(registered[unit.code].values(), ZERO),
            disbursed_to_date=sums[1] if counts else None,
            findings=_findings(its),
            flags=tuple(of_unit.get(unit.code, ())),
            beyond=tuple(left),
            budget_beyond=sum(left.values(), ZERO),
        )
        units.append(status)
    return Board(
        *(period, due, totals(units), tuple(units), figures),
        judged_from=desk.settings.rules.from_month,
        strangers=_strangers(versions, registered),
    )


def look(desk: Desk, view: View) -> Look:
    """The view: where every unit stands at its end, and what was disbursed within it."""
    last = board(desk, view.last)
    if view.is_year:
        return views.year(view, last, board(desk, view.last.december))
    return views.look(view, last, _disbursed(desk, view.before) if view.before else None)


def _disbursed(desk: Desk, period: Period) -> dict[str, Decimal]:
    """Unit -> cumulative disbursement of those accepted at the period's end."""
    units = board(desk, period).units
    return {u.code: u.disbursed_to_date for u in units if u.disbursed_to_date is not None}


def state_of(versions: Sequence[Stored]) -> State:
    """Where a unit stands: an accepted version stays on the board whatever comes after it."""
    states = {v.state for v in versions}
    for state in (State.ACCEPTED, State.RETURNED, State.HELD):
        if state in states:
            return state
    return State.MISSING


def _late(versions: Sequence[Stored], due: date, today: date) -> bool:
    """Accepted after the deadline, or still not accepted when it is over."""
    accepted = [v.received_on for v in versions if v.state is State.ACCEPTED]
    return min(accepted, default=today) > due


def _findings(versions: Sequence[Stored]) -> tuple[Finding, ...]:
    """Those of the version that counts and of every later one; none counts: of the newest."""
    counts = standing(versions)
    shown = versions[versions.index(counts) :] if counts else versions[-1:]
    return tuple(f for v in shown for f in v.findings)


def _strangers(
    versions: Mapping[str, Sequence[Stored]], registered: Collection[str]
) -> tuple[str, ...]:
    """Whoever was accepted, and reports on nothing as the registry stands."""
    accepted = (unit for unit, its in versions.items() if standing(its))
    return tuple(sorted(unit for unit in accepted if unit not in registered))


def _registered(
    desk: Desk, period: Period, units: Sequence[Unit], budget: Mapping[str, Budget]
) -> dict[str, dict[str, Decimal]]:
    """Unit -> its activities that report in the year, each with what its rate divides by."""
    found: dict[str, dict[str, Decimal]] = {unit.code: {} for unit in units}
    for one in reported_activities(desk, period):
        if one.unit in found:
            found[one.unit][one.code] = budget[one.code].denominator
    return found


def _figures(
    desk: Desk,
    period: Period,
    versions: Mapping[str, Sequence[Stored]],
    budget: Mapping[str, Budget],
    last: Mapping[str, Decimal],
) -> tuple[ActivityFigure, ...]:
    unit_of = {v.id: unit for unit, its in versions.items() if (v := standing(its))}
    rows = [
        (unit_of[number], row)
        for number, row in submissions.rows_of(desk, DISBURSEMENT.name, list(unit_of))
    ]
    return figures_of(desk, period, rows, budget, last)


def figures_at(desk: Desk, period: Period, rules: Rules) -> tuple[ActivityFigure, ...]:
    """The period's accepted figures, over the denominators that `rules` name."""
    versions = submissions.of_period(desk, period)
    budget = budgets(desk.registry, period, rules.denominators, rules.open_in_january)
    last = submissions.last_figures(submissions.history(desk, period))
    return _figures(desk, period, versions, budget, last)


def adjustable_by(desk: Desk, board: Board) -> tuple[str, ...]:
    """The month's funding sources whose budgets may still be adjusted on the day by which letters
    want an answer."""
    sources, year = (a.source for a in board.activities), board.period.year
    before = {str(source): day for source, day in desk.settings.adjustments.before.items()}
    return adjustable(sources, answer_by(board.deadline, desk.settings.schedule), year, before)


def pace_of(desk: Desk, period: Period) -> Fraction:
    """The share of the year that the pace expects by the period's end."""
    pace = desk.settings.rules.pace
    if pace.name != "own":
        return expected(period.month, pace)
    from tasks.evidence import shares  # noqa: PLC0415 - imports pandas

    return expected(period.month, pace, shares(desk, period.year))


# --- judging ----------------------------------------------------------------------------------


def _judged(desk: Desk, period: Period, figures: Sequence[ActivityFigure]) -> tuple[Flag, ...]:
    """The flags of these inputs: looked up where they were judged before, so that who only
    looks does not pay for reading the past and importing pandas; else judged and kept."""
    inputs = _inputs(desk, period, figures)
    with desk.engine.connect() as connection:
        if (known := _kept(connection, period, inputs)) is not None:
            return known
    flags = _judge(desk, period, figures, desk.settings.rules)
    with desk.writer.begin() as connection:
        if _kept(connection, period, inputs) is None:  # nobody else judged it meanwhile
            row = {"period": str(period), "inputs": inputs, "judged_at": now()}
            made = insert(tables.judgement).returning(tables.judgement.c.id)
            number = connection.execute(made, row).scalar_one()
            if flags:
                # `excused` is no part of the judgement: joined on by `board`
                names = [one.name for one in fields(Flag) if one.name != "excused"]
                its = [{name: getattr(flag, name) for name in names} for flag in flags]
                connection.execute(insert(tables.flag), [{"judgement": number} | f for f in its])
    return flags


def _judge(
    desk: Desk, period: Period, figures: Sequence[ActivityFigure], rules: Rules
) -> tuple[Flag, ...]:
    from rules.judge import judge  # noqa: PLC0415 - imports pandas
    from tasks.evidence import evidence  # noqa: PLC0415

    return judge(evidence(desk, period, figures, rules), rules)


def _kept(connection: Connection, period: Period, inputs: str) -> tuple[Flag, ...] | None:
    judgement, flag = tables.judgement, tables.flag
    number = connection.scalar(
        select(judgement.c.id).where(
            judgement.c.period == str(period), judgement.c.inputs == inputs
        )
    )
    if number is None:
        return None
    rows = select(flag).where(flag.c.judgement == number).order_by(flag.c.id)
    return tuple(_flag(dict(row)) for row in connection.execute(rows).mappings())


def _inputs(desk: Desk, period: Period, figures: Sequence[ActivityFigure]) -> str:
    """The hash of all that a judgement depends on."""
    parts = chain(
        (RULES, desk.settings.rules.model_dump_json()),
        map(repr, figures),
        fingerprint(desk, period),
    )
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part.encode() + b"\n")
    return whole.hexdigest()


def _flag(row: dict[str, object]) -> Flag:
    del row["id"], row["judgement"]
    severity, matter = FlagSeverity(str(row.pop("severity"))), Matter(str(row.pop("matter")))
    pairs = {
        name: tuple((key, value) for key, value in row.pop(name))  # type: ignore[attr-defined]
        for name in ("parameters", "facts")
    }
    return Flag(**row, **pairs, severity=severity, matter=matter)  # type: ignore[arg-type]
