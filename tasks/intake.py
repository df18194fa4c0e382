"""Takes arrived files in: reads and places each, then validates all units' rows at once."""

import logging
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rules.completeness import complete
from rules.directory import Directory
from rules.identify import Clues, Placed, Unplaced, identify
from rules.portions import portions, without_unit_rows
from rules.repeats import holds, strange
from rules.shortlist import shortlist
from rules.signature import examine
from schemas.arrival import Arrival
from schemas.board import State
from schemas.errors import DondocError
from schemas.findings import Finding, Severity
from schemas.forms import FORMS, Row
from schemas.period import Period
from schemas.quality import Batch, Before, Plan, Quality, SubmittedRow
from schemas.reading import ReadWorkbook
from schemas.settings import Reading
from schemas.submission import Submission
from schemas.texts import say
from tasks import archive, data_docs, quality, submissions, workbooks
from tasks.apart import Reader
from tasks.crew import A, R, T, Work
from tasks.database import signing_key
from tasks.desk import Desk
from tasks.figures import budgets_of, reported_activities
from tasks.step import step

log = logging.getLogger("dondoc")

MONTHS_AHEAD, MONTHS_BACK = 12, 60
"""How old a form may be whose altered period is still found out."""

Key = tuple[str, Period | None, str | None]
Read = tuple[str, ReadWorkbook | None]
"""A file as it was read; or the rule by which it is held, and None."""


@dataclass(frozen=True)
class Understood:
    """A submission before validation, with the fields of each row that have a finding already."""

    submission: Submission
    bad: Mapping[tuple[str, int], frozenset[str]]
    """(sheet, row number) -> names of the fields whose cells could not be understood."""

    @property
    def placed(self) -> bool:
        """Whether its unit and period are known, so that it can be validated."""
        return self.submission.state is not State.HELD

    @property
    def key(self) -> Key:
        """What it is one of: of equal ones in a batch only the last counts."""
        return self.submission.sha256, self.submission.period, self.submission.unit


@step()
def understand(desk: Desk, arrivals: Sequence[Arrival], period: str) -> tuple[Understood, ...]:
    """Read every file and place it; what cannot be read or placed is held with its reason. A
    workbook of several units is one submission for each, in the registry's order."""
    placing = Placing(desk, period)
    shared = desk.workspace, desk.settings.reading
    files = [(one.name, one.sha256) for one in arrivals if not one.finding]
    reads = desk.crew.stream(READ, shared, files, each=0.01)
    return tuple(
        one
        for arrival in arrivals
        for one in _placed(placing, arrival, _shut(arrival) or next(reads))
    )


def _shut(arrival: Arrival) -> Read | None:
    """An archive that could not be opened."""
    if arrival.finding:
        return "", ReadWorkbook(arrival.name, findings=(arrival.finding,))
    return None


class Reads:
    """Reads archived files in a process of its own; whatever one does to us is its own matter and
    stops no other."""

    def __init__(self, shared: tuple[Path, Reading]) -> None:
        self._workspace, limits = shared
        self._reader = Reader(limits)

    def __call__(self, file: tuple[str, str]) -> Read:
        """The file of that name and hash as it was read, or the fault that is not its sender's."""
        name, sha256 = file
        with _border(sha256) as lost:
            content = archive.fetch(self._workspace, sha256)
            return "", workbooks.read(content, name, FORMS, reader=self._reader)
        return lost.rule, None

    def close(self) -> None:
        """Ends its process."""
        self._reader.close()


READ = Work(
    "tasks.intake:READ", Reads, shared=tuple[Path, Reading], item=tuple[str, str], result=Read
)


def _placed(placing: "Placing", arrival: Arrival, read: Read) -> tuple[Understood, ...]:
    rule, workbook = read
    if workbook is None:
        return (_lost(arrival, rule),)
    with _border(arrival.sha256) as lost:
        return placing(workbook, arrival)
    return (_lost(arrival, lost.rule),)


@dataclass
class _Fault:
    rule: str = ""


@contextmanager
def _border(sha256: str) -> Iterator[_Fault]:
    """A fault of ours with one file must not cost the others their day: it is told, and named."""
    fault = _Fault()
    try:
        yield fault
    except DondocError as error:
        log.error("%s", error)
        fault.rule = "lost-copy"
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        told = (type(error).__name__, place.filename, place.lineno)
        log.error("%s is held for a fault of ours: %s at %s:%s", sha256, *told)
        fault.rule = "unreadable"


def _lost(arrival: Arrival, rule: str) -> Understood:
    """Held for a fault that is not the sender's."""
    finding = Finding(rule, Severity.ERROR, say(f"finding.{rule}"), arrival.name)
    return _held(arrival, Unplaced((finding,)), question=True)


def _held(arrival: Arrival, place: Unplaced, *, question: bool) -> Understood:
    one = Submission(
        arrival.name,
        arrival.sha256,
        place.unit,
        place.period,
        State.HELD,
        place.findings,
        received=arrival.received,
        question=question,
    )
    return Understood(one, {})


class Placing:
    """What places each workbook of a batch."""

    def __init__(self, desk: Desk, period: str) -> None:
        self.desk = desk
        self.asked = Period.parse(period) if period else None
        self.directory = Directory(desk.registry)
        self._key = signing_key(desk.engine)
        newest = Period(desk.today.year, desk.today.month)
        self._periods = [*newest.shift(MONTHS_AHEAD + 1).back(MONTHS_AHEAD + MONTHS_BACK)]
        self._closing = frozenset(p for p in submissions.known_periods(desk) if p.is_closing)

    def __call__(self, read: ReadWorkbook, arrival: Arrival) -> tuple[Understood, ...]:
        """The submissions that a workbook is, not validated yet; nothing is stored."""
        read = without_unit_rows(read, self.directory)
        signed = read.signed
        units = self.directory.units
        seal = examine(self._key, signed, units, self._periods) if signed else None
        clues = Clues(self.asked, arrival.sender, seal, self._closing)
        place = identify(read, self.directory, clues, self.desk.today)
        if isinstance(place, Unplaced):
            return (_held(arrival, place, question=not read.unread),)
        parts = portions(read, place.units, self.directory)
        return tuple(self._submission(part, arrival, place, u) for u, part in parts.items())

    def _submission(
        self, read: ReadWorkbook, arrival: Arrival, place: Placed, unit: str
    ) -> Understood:
        activities = self.directory.registry.activities_of(unit, place.period.year)
        expected = {f.name: [a for a in activities if f.name in a.forms] for f in FORMS}
        rows, findings = complete(read.sheets, expected, read.name)
        submission = Submission(
            arrival.name,
            arrival.sha256,
            unit,
            place.period,
            State.ACCEPTED,
            (*place.findings, *read.all_findings, *findings),
            rows,
            arrival.received,
        )
        bad = {(r.sheet, r.number): sheet.bad(r) for sheet in read.sheets for r in sheet.rows}
        return Understood(submission, bad)


@step()
def take_in(
    desk: Desk, understood: Sequence[Understood], *, answers: bool = True
) -> tuple[Submission, ...]:
    """Validate and store, period by period so that a month finds the one before it in place.

    One Great Expectations run per form over the rows of all units; an error returns the workbook.
    What is held is stored as it is, unless the same content could be placed as another arrival.
    """
    known = {one.submission.sha256 for one in understood if one.placed}
    counting = [u for u in understood if u.placed or u.submission.sha256 not in known]
    once = {one.key: one for one in counting}
    done: dict[Key, Submission] = {}
    batches: dict[Period, list[Understood]] = {}
    for one in once.values():
        if one.placed and one.submission.period:
            batches.setdefault(one.submission.period, []).append(one)
    for period in sorted(batches):
        judged, docs_built = _validated(desk, period, batches[period])
        stored = submissions.store(desk, judged, answers=answers)
        docs_built()
        done |= {(one.sha256, period, one.unit): one for one in stored}
    desk.aside.dismiss()  # a quarter of a gigabyte is not kept until the answers are written
    submissions.store(desk, [one.submission for one in once.values() if not one.placed])
    return tuple(
        replace(done.get(one.key, one.submission), file=one.submission.file) for one in counting
    )


def _validated(
    desk: Desk, period: Period, batch: Sequence[Understood]
) -> tuple[list[Submission], Callable[[], None]]:
    """The batch judged; and what is to be called until the period's Data Docs tell of it."""
    result = _quality(desk, period, batch)
    told = result.runs, period, desk.report_folder(period) / "quality"
    docs_built = _done(desk, data_docs.BUILD, None, told)
    judged = [
        _judged(one.submission, result.findings.get(_name(one.submission), ())) for one in batch
    ]
    return judged, docs_built


def _done(desk: Desk, work: Work[A, T, R], shared: A, item: T) -> Callable[[], R]:
    """Work that needs Great Expectations: by the process that imports it, or here, where it is
    imported already. What is given back is to be called for the result."""
    if not quality.imported():
        return desk.aside.begin(work, shared, item)
    result = work.ready(shared)(item)
    return lambda: result


def judge(desk: Desk, batch: Sequence[Understood]) -> list[Submission]:
    """Placed submissions as they would be judged; nothing is stored and no page is written."""
    judged = []
    for one in batch:
        period = one.submission.period
        found = _quality(desk, period, [one]).findings if period else {}
        judged.append(_judged(one.submission, found.get(_name(one.submission), ())))
    return judged


def _quality(desk: Desk, period: Period, batch: Sequence[Understood]) -> Quality:
    rows = _facts(desk, period, batch)
    plans, beside = _compared(desk, period, rows)
    whole = Batch(tuple(rows), tuple(plans), tuple(beside))
    asked = whole, desk.settings.rules, desk.settings.checks
    return _done(desk, quality.VALIDATE, asked, None)()


def _compared(
    desk: Desk, period: Period, rows: Sequence[SubmittedRow]
) -> tuple[list[Plan], list[SubmittedRow]]:
    """The plans that stand in cells of other activities, and what their units reported before:
    whether two were exchanged shows on the other's side."""
    amounts = strange(rows)
    if not amounts:
        return [], []
    budget = budgets_of(desk, period)
    holding = {a.code: a for a in desk.registry.activities if holds(budget[a.code], amounts)}
    known = [a for a in reported_activities(desk, period) if a.code in holding]
    units = {a.unit for a in holding.values()} - {row.unit for row in rows}
    beside = _facts(desk, period, _stored_rows(desk, period, units))
    return [Plan(a.code, a.unit, budget[a.code]) for a in known], beside


def _judged(one: Submission, found: tuple[Finding, ...]) -> Submission:
    findings = shortlist((*one.findings, *found))
    faulty = any(f.severity is Severity.ERROR for f in findings)
    return replace(one, findings=findings, state=State.RETURNED if faulty else State.ACCEPTED)


def _name(one: Submission) -> str:
    """Tells the submissions of a period apart; one file may hold those of several units."""
    return f"{one.unit} {one.sha256}"


def _facts(desk: Desk, period: Period, batch: Sequence[Understood]) -> list[SubmittedRow]:
    """The rows of a batch, beside each what the ministry knows of its activity."""
    codes = {row.code for one in batch for its in one.submission.rows.values() for row in its}
    activities = {a.code: a for a in desk.registry.activities if a.code in codes}
    budget = budgets_of(desk, period, codes)
    earlier = submissions.earlier_rows(desk, period, codes)
    figures = submissions.figures(earlier)
    last = submissions.last_figures(figures)
    months = {month for its in earlier.values() for month in its}
    budget_then = {m: budgets_of(desk, Period(period.year, m), codes) for m in months}

    def before(code: str) -> Before | None:
        if not (its := earlier.get(code)):
            return None
        newest = max(its)
        return Before(its[newest].values, budget_then[newest].get(code))

    return [
        SubmittedRow(
            submission=_name(one.submission),
            file=one.submission.file,
            unit=one.submission.unit or "",
            period=period,
            row=row,
            activity=activities.get(row.code),
            budget=budget.get(row.code),
            last=last.get(row.code),
            earlier=figures.get(row.code, {}),
            before=before(row.code),
            bad=one.bad.get((row.sheet, row.number), frozenset()),
        )
        for one in batch
        for of_form in one.submission.rows.values()
        for row in of_form
    ]


def _stored_rows(desk: Desk, period: Period, units: Collection[str]) -> list[Understood]:
    """The newest stored report of each unit, with its rows."""
    newest = {
        versions[-1].id: versions[-1]
        for versions in submissions.of_period(desk, period, units).values()
        if versions[-1].state is not State.HELD
    }
    rows: dict[int, dict[str, list[Row]]] = {number: {} for number in newest}
    for form in FORMS:
        for number, row in submissions.rows_of(desk, form.name, list(newest)):
            rows[number].setdefault(form.name, []).append(row)
    return [
        Understood(
            Submission(
                one.file,
                one.sha256,
                one.unit,
                one.period,
                one.state,
                one.findings,
                {form: tuple(of_form) for form, of_form in rows[number].items()},
            ),
            {},
        )
        for number, one in newest.items()
    ]
