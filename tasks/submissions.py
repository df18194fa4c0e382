"""Touches the stored submissions: lays a batch down in one transaction, and finds them again."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select, update

from schemas import tables
from schemas.board import State
from schemas.findings import Finding, Severity
from schemas.forms import DISBURSEMENT, FORMS, Form, Row
from schemas.period import Period
from schemas.submission import Received, Submission
from tasks.database import batched, numbered
from tasks.desk import Desk, now

_submission = tables.submission.c
AT_ONCE = 1_000
"""Rows that are fetched together."""
PLACED = (State.ACCEPTED, State.RETURNED)


@dataclass(frozen=True, slots=True)
class Stored:
    """A submission as it lies in the database."""

    id: int
    version: int
    sha256: str
    file: str
    unit: str | None
    period: Period | None
    state: State
    received_on: date
    findings: tuple[Finding, ...]


def store(
    desk: Desk, submissions: Sequence[Submission], *, answers: bool = True
) -> list[Submission]:
    """Lay down a batch, all of it or nothing; the batch as it stands now.

    Content that was accepted for that unit and period before is not stored again; content that
    was held or returned is judged anew in its place. `answers` False: no mail will be drafted for
    it (figures laid in place).
    """
    _ = desk.registry  # read now: it may write, as we shall below
    with desk.writer.begin() as connection:
        for period in sorted({s.period for s in submissions if s.period}):
            ensure_period(desk, connection, period)
        lying = _Lying(connection, submissions)
        entries = [lying.placed(desk, one, answers=answers) for one in submissions]
        _lay(connection, entries)
    return [
        replace(one, state=State(entry.row["state"]))
        for one, entry in zip(submissions, entries, strict=True)
    ]


def ensure_period(
    desk: Desk, connection: Connection, period: Period, *, opened: bool = False
) -> None:
    """Note that the period exists, and on which business date it was first opened."""
    here = tables.period.c.period == str(period)
    if connection.execute(select(tables.period.c.period).where(here)).first() is None:
        row = {"period": str(period), "registry": desk.registry.version}
        connection.execute(insert(tables.period), row)
    if opened:
        connection.execute(
            update(tables.period)
            .where(here, tables.period.c.opened_on.is_(None))
            .values(opened_on=desk.today)
        )


@dataclass(eq=False)
class _Entry:
    """A row of the table as it will stand, with the content that is to be stored with it."""

    row: dict[str, Any]
    """Column -> value; no `id` while it is new."""
    content: Submission | None = None

    @property
    def here(self) -> tuple[str | None, str | None]:
        """Of which period and unit."""
        return self.row["period"], self.row["unit"]


class _Lying:
    """What lies in the database of a batch's contents and of its units, as it changes."""

    def __init__(self, connection: Connection, batch: Sequence[Submission]) -> None:
        self._by_content: dict[str, list[_Entry]] = {one.sha256: [] for one in batch}
        self._versions: Counter[tuple[str | None, str | None]] = Counter()
        for some in batched(self._by_content):
            same = select(tables.submission).where(_submission.sha256.in_(some))
            for row in connection.execute(same.order_by(_submission.id)).mappings():
                self._by_content[row["sha256"]].append(_Entry(dict(row)))
        here = _submission.period, _submission.unit
        count = select(*here, func.count()).group_by(*here)
        units = {one.unit for one in batch}
        questions = [count.where(_submission.unit.is_(None))] if None in units else []
        questions += [
            count.where(_submission.unit.in_(some)) for some in batched(filter(None, units))
        ]
        for question in questions:
            for period, unit, versions in connection.execute(question):
                self._versions[period, unit] = versions

    def placed(self, desk: Desk, new: Submission, *, answers: bool) -> _Entry:
        """Where the content stands now: accepted stays accepted, and counts again when it comes
        again after another version; anything else is judged anew."""
        here = _text(new.period), new.unit
        its = self._by_content[new.sha256]
        same = [one for one in its if one.here == here or one.row["state"] == State.HELD]
        before = min(same, key=lambda one: one.row["state"] == State.HELD, default=None)
        came = new.received or now()
        entry = before or _Entry({"sha256": new.sha256, "received_at": came})
        entry.row["received_at"] = max(came, entry.row["received_at"])
        if before and before.row["state"] == State.ACCEPTED:
            return entry
        if before is None or before.row["state"] == State.HELD:
            if before:
                self._versions[before.here] -= 1
            self._versions[here] += 1
            entry.row["version"] = self._versions[here]
        if before is None or before.row["state"] != new.state:
            answered = not answers or new.question or new.unit is None
            entry.row |= {"received_on": desk.today, "answered": answered}
        entry.row |= {
            "period": here[0],
            "unit": new.unit,
            "file": new.file,
            "state": new.state,
            "registry": desk.registry.version,
        }
        entry.content = new
        if before is None:
            its.append(entry)
        return entry


def _lay(connection: Connection, batch: Iterable[_Entry]) -> None:
    entries = list(dict.fromkeys(batch))
    fresh = [one for one in entries if "id" not in one.row]
    older = [one for one in entries if "id" in one.row]
    if older:
        _clear(connection, [one.row["id"] for one in older if one.content])
        columns: dict[str, Any] = {
            c.name: bindparam(f"new_{c.name}") for c in _submission if c is not _submission.id
        }
        again = update(tables.submission).where(_submission.id == bindparam("new_id"))
        connection.execute(
            again.values(columns),
            [{f"new_{name}": value for name, value in one.row.items()} for one in older],
        )
    key = ("sha256", "period", "unit")
    numbers = numbered(connection, tables.submission, [one.row for one in fresh], key)
    for one in fresh:
        one.row["id"] = numbers[tuple(one.row[name] for name in key)]
    _store_content(connection, [(one.row["id"], one.content) for one in entries if one.content])


def _text(period: Period | None) -> str | None:
    return str(period) if period else None


def _clear(connection: Connection, numbers: Iterable[int]) -> None:
    for some in batched(numbers):
        sheets = select(tables.sheet.c.id).where(tables.sheet.c.submission.in_(some))
        for table in tables.form_rows.values():
            connection.execute(delete(table).where(table.c.sheet.in_(sheets)))
        for table in (tables.sheet, tables.finding):
            connection.execute(delete(table).where(table.c.submission.in_(some)))


def _store_content(connection: Connection, batch: Sequence[tuple[int, Submission]]) -> None:
    findings = [
        {
            "submission": number,
            "rule": f.rule,
            "severity": f.severity,
            "message": _storable(f.message),
            "file": f.file,
            "sheet": _storable(f.sheet),
            "cell": f.cell,
        }
        for number, new in batch
        for f in new.findings
    ]
    if findings:
        connection.execute(insert(tables.finding), findings)
    for form, table in tables.form_rows.items():
        sheets = [
            (number, name, rows)
            for number, new in batch
            for name, rows in _by_sheet(new.rows.get(form, ())).items()
        ]
        headers = [
            {"submission": number, "form": form, "name": name, "columns": dict(rows[0].columns)}
            for number, name, rows in sheets
        ]
        placed = numbered(connection, tables.sheet, headers, ("submission", "name"))
        fields = [c.name for c in table.columns if c.name not in {"id", "sheet", "number"}]
        lines = [
            {"sheet": placed[number, name], "number": row.number}
            | {f: _storable(row.values.get(f)) for f in fields}
            for number, name, rows in sheets
            for row in rows
        ]
        if lines:
            connection.execute(insert(table), lines)


def _by_sheet(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The sheets by the names under which they can be stored."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(_storable(row.sheet), []).append(row)
    return found


def _storable(value: Any) -> Any:
    """The value without what no database takes, and one foul text would stop a whole batch: half
    a surrogate pair, a zero byte."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


# --- looking ----------------------------------------------------------------------------------


def known_periods(desk: Desk) -> list[Period]:
    """The periods that were opened, or that anything was stored for, in their order."""
    known = select(tables.period.c.period).order_by(tables.period.c.period)
    with desk.engine.connect() as connection:
        return [Period.parse(text) for text in connection.scalars(known)]


def of_period(
    desk: Desk, period: Period, units: Collection[str] | None = None
) -> dict[str, list[Stored]]:
    """Unit -> its versions for the period in order of arrival, the held ones among them; of these
    units only, where they are given."""
    here = _submission.period == str(period)
    wanted = [here]
    if units is not None:
        wanted = [and_(here, _submission.unit.in_(some)) for some in batched(units)]
    found: dict[str, list[Stored]] = {}
    with desk.engine.connect() as connection:
        for where in wanted:
            for one in _stored(connection, where):
                found.setdefault(one.unit or "", []).append(one)
    return found


def accepted_periods(desk: Desk) -> list[Period]:
    """The periods of which any submission was accepted, in order."""
    accepted = select(_submission.period).where(_submission.state == State.ACCEPTED).distinct()
    with desk.engine.connect() as connection:
        return sorted(Period.parse(text) for text in connection.scalars(accepted) if text)


def unanswered(desk: Desk) -> list[Stored]:
    """The submissions whose sender has had no answer drafted yet."""
    with desk.engine.connect() as connection:
        return _stored(connection, ~_submission.answered)


def mark_answered(connection: Connection, numbers: Iterable[int]) -> None:
    """Note, in the transaction that drafts the answers, that they are drafted."""
    for some in batched(numbers):
        these = update(tables.submission).where(_submission.id.in_(some))
        connection.execute(these.values(answered=True))


def held(desk: Desk) -> list[Stored]:
    """What a person must place."""
    with desk.engine.connect() as connection:
        return _stored(connection, _submission.state == State.HELD)


def _stored(connection: Connection, where: Any) -> list[Stored]:
    submissions = connection.execute(
        select(tables.submission).where(where).order_by(_submission.received_at, _submission.id)
    ).all()
    findings: dict[int, list[Finding]] = {}
    said = select(tables.finding).join(tables.submission).where(where).order_by(tables.finding.c.id)
    for row in connection.execute(said):
        one = Finding(row.rule, Severity(row.severity), row.message, row.file, row.sheet, row.cell)
        findings.setdefault(row.submission, []).append(one)
    return [
        Stored(
            id=row.id,
            version=row.version,
            sha256=row.sha256,
            file=row.file,
            unit=row.unit,
            period=Period.parse(row.period) if row.period else None,
            state=State(row.state),
            received_on=row.received_on,
            findings=tuple(findings.get(row.id, ())),
        )
        for row in submissions
    ]


def standing(versions: Sequence[Stored]) -> Stored | None:
    """The version that counts: the newest accepted one."""
    accepted = [v for v in versions if v.state is State.ACCEPTED]
    return accepted[-1] if accepted else None


def rows_of(desk: Desk, form: str, submissions: Sequence[int]) -> list[tuple[int, Row]]:
    """(submission, row) of one form, in the sheets' order."""
    table, sheet = tables.form_rows[form].c, tables.sheet.c
    names = [f.name for f in next(f for f in FORMS if f.name == form).fields]
    every = (
        select(sheet.submission, sheet.name, sheet.columns, table.number, table.code)
        .add_columns(*(table[name] for name in names))
        .join(tables.sheet, sheet.id == table.sheet)
        .order_by(sheet.submission, table.id)
    )
    with desk.engine.connect() as connection:
        return [
            (
                found,
                Row(form, code or "", place, number, dict(zip(names, its, strict=True)), columns),
            )
            for asked in [every.where(sheet.submission.in_(some)) for some in batched(submissions)]
            for rows in connection.execute(asked).partitions(AT_ONCE)
            for found, place, columns, number, code, *its in rows
        ]


def history(desk: Desk, period: Period) -> dict[str, dict[int, Decimal]]:
    """Activity -> month -> accepted cumulative disbursement of the year's earlier months."""
    table = tables.form_rows[DISBURSEMENT.name].c
    place = _counting(desk, period.year, 1, str(period))
    every = (
        select(tables.sheet.c.submission, table.code, table.disbursed)
        .join(tables.sheet, tables.sheet.c.id == table.sheet)
        .where(table.disbursed.is_not(None))
    )
    known: dict[str, dict[int, Decimal]] = {}
    with desk.engine.connect() as connection:
        for some in batched(place):
            wanted = every.where(tables.sheet.c.submission.in_(some))
            for number, code, disbursed in connection.execute(wanted):
                known.setdefault(code, {})[place[number][0]] = disbursed
    return known


def amounts(
    desk: Desk, since: Period | None = None, until: Period | None = None
) -> Iterator[tuple[Period, dict[tuple[str, str], tuple[Decimal, Decimal | None]]]]:
    """Each period with, by unit and activity, disbursed to date and estimate for the year, of the
    versions that count; from one period to the other, without these all. One is held at a time."""
    accepted = [_submission.state == State.ACCEPTED]
    accepted += [_submission.period >= str(since)] if since else []
    accepted += [_submission.period <= str(until)] if until else []
    table = tables.form_rows[DISBURSEMENT.name].c
    rows = (
        select(tables.sheet.c.submission, table.code, table.disbursed, table.estimate)
        .join(tables.sheet, tables.sheet.c.id == table.sheet)
        .join(tables.submission, _submission.id == tables.sheet.c.submission)
        .where(
            _submission.state == State.ACCEPTED,
            _submission.period == bindparam("period"),
            table.disbursed.is_not(None),
        )
    )
    with desk.engine.connect() as connection:
        units: dict[str, dict[int, str]] = {}
        for (unit, text), number in _newest(connection, and_(*accepted)).items():
            units.setdefault(text, {})[number] = unit
        for text, unit_of in sorted(units.items()):
            its = connection.execute(rows, {"period": text})
            yield (
                Period.parse(text),
                {
                    (unit_of[number], code): (disbursed, estimate)
                    for number, code, disbursed, estimate in its
                    if number in unit_of
                },
            )


def earlier_rows(desk: Desk, period: Period, codes: Collection[str]) -> dict[str, dict[int, Row]]:
    """Activity -> month -> its accepted row of Giải ngân of the year's earlier months, whichever
    unit it was of then; of these activities."""
    rows: dict[str, dict[int, Row]] = {}
    place = _counting(desk, period.year, 1, str(period), _units_of(desk, period, codes))
    for month, its in _rows_by_month(desk, DISBURSEMENT.name, place).items():
        for _, row in its:
            if row.code in codes:
                rows.setdefault(row.code, {})[month] = row
    return rows


def _units_of(desk: Desk, period: Period, codes: Collection[str]) -> set[str]:
    """The units that reported on these activities in the year's earlier months."""
    table = tables.form_rows[DISBURSEMENT.name]
    reported = (
        select(_submission.unit)
        .join(tables.sheet, tables.sheet.c.submission == _submission.id)
        .join(table, table.c.sheet == tables.sheet.c.id)
        .where(_accepted(period.year, 1, str(period)))
        .distinct()
    )
    with desk.engine.connect() as connection:
        return {
            unit
            for some in batched(codes)
            for unit in connection.scalars(reported.where(table.c.code.in_(some)))
        }


def figures(rows: Mapping[str, Mapping[int, Row]]) -> dict[str, dict[int, Decimal]]:
    """Activity -> month -> cumulative disbursement, of `earlier_rows`."""
    known = {
        code: {m: row.values["disbursed"] for m, row in its.items()} for code, its in rows.items()
    }
    there = {code: {m: f for m, f in its.items() if f is not None} for code, its in known.items()}
    return {code: its for code, its in there.items() if its}


def last_figures(history: Mapping[str, Mapping[int, Decimal]]) -> dict[str, Decimal]:
    """Activity -> the newest of its earlier figures."""
    return {code: months[max(months)] for code, months in history.items() if months}


def newest_figures(desk: Desk, year: int) -> dict[str, tuple[Period, Decimal]]:
    """Activity -> period and amount of the newest accepted cumulative disbursement of the year."""
    newest: dict[str, tuple[Period, Decimal]] = {}
    place = _counting(desk, year, 1, f"{year:04d}-99")
    for month, rows in sorted(_rows_by_month(desk, DISBURSEMENT.name, place).items()):
        figures = ((row.code, row.values["disbursed"]) for _, row in rows)
        newest |= {
            code: (Period(year, month), amount) for code, amount in figures if amount is not None
        }
    return newest


def rows_of_year(
    desk: Desk, period: Period, form: str, since: int = 1
) -> dict[int, list[tuple[str, Row]]]:
    """Month -> (unit, row) of the versions that count, of the year's months from `since` to the
    period's own."""
    before = f"{period.year:04d}-{period.month + 1:02d}"
    return _rows_by_month(desk, form, _counting(desk, period.year, since, before))


def _rows_by_month(
    desk: Desk, form: str, place: Mapping[int, tuple[int, str]]
) -> dict[int, list[tuple[str, Row]]]:
    months: dict[int, list[tuple[str, Row]]] = {}
    for submission, row in rows_of(desk, form, list(place)):
        month, unit = place[submission]
        months.setdefault(month, []).append((unit, row))
    return months


def _counting(
    desk: Desk, year: int, since: int, before: str, units: Collection[str] | None = None
) -> dict[int, tuple[int, str]]:
    """The versions that count of the year's periods from the month `since` to the last one before
    `before` (`2021-11`): number -> month and unit; of these units only, where they are given."""
    wanted = [_accepted(year, since, before)]
    if units is not None:
        wanted = [and_(*wanted, _submission.unit.in_(some)) for some in batched(units)]
    with desk.engine.connect() as connection:
        return {
            number: (Period.parse(text).month, unit)
            for accepted in wanted
            for (unit, text), number in _newest(connection, accepted).items()
        }


def _newest(connection: Connection, accepted: Any) -> dict[tuple[str, str], int]:
    """Unit and period -> the version that counts, of what was accepted."""
    versions = (
        select(_submission.id, _submission.unit, _submission.period)
        .where(accepted)
        .order_by(_submission.received_at, _submission.id)
    )
    return {(unit, text): number for number, unit, text in connection.execute(versions)}


def _accepted(year: int, since: int, before: str) -> Any:
    """What was accepted for the year's periods from the month `since` to the last one before
    `before`."""
    return and_(
        _submission.state == State.ACCEPTED,
        _submission.period >= f"{year:04d}-{since:02d}",
        _submission.period < before,
    )


def received(desk: Desk, versions: Mapping[str, Sequence[Stored]]) -> tuple[Received, ...]:
    """Every version of the reporting units, in the registry's order, each unit's as they came."""
    return tuple(
        Received(
            unit.code,
            one.version,
            one.file,
            one.sha256,
            one.received_on,
            one.state,
            one is standing(versions[unit.code]),
            one.findings,
        )
        for unit in desk.registry.units
        for one in versions.get(unit.code, ())
    )


def accepted_rows(
    desk: Desk, versions: Mapping[str, Sequence[Stored]], form: Form
) -> list[tuple[str, Row]]:
    """(unit, row) of the accepted units, in the registry's order."""
    counting = {one.id: unit for unit, its in versions.items() if (one := standing(its))}
    order = {unit.code: n for n, unit in enumerate(desk.registry.units)}
    rows = [(counting[s], row) for s, row in rows_of(desk, form.name, list(counting))]
    return sorted(rows, key=lambda pair: order.get(pair[0], len(order)))
