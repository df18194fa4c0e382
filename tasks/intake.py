"""Takes arrived files in: reads and places each, then validates all units' rows at once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from rules.budget import budgets
from rules.completeness import complete
from rules.identify import Placed, identify
from rules.shortlist import shortlist
from rules.signature import verifies
from schemas.board import State
from schemas.findings import Finding, Severity
from schemas.forms import FORMS, Row
from schemas.period import Period
from schemas.quality import SubmittedRow
from schemas.reading import ReadWorkbook
from schemas.submission import Submission
from tasks import archive, data_docs, quality, submissions, workbooks
from tasks.database import signing_key
from tasks.desk import Desk
from tasks.inbox import Arrival
from tasks.step import step


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


@step()
def understand(desk: Desk, arrivals: Sequence[Arrival], period: str) -> tuple[Understood, ...]:
    """Read every file and place it; what cannot be read or placed is held with its reason."""
    key = signing_key(desk.engine)
    asked = Period.parse(period) if period else None
    return tuple(_understand(desk, arrival, asked, key) for arrival in arrivals)


def _understand(desk: Desk, arrival: Arrival, asked: Period | None, key: bytes) -> Understood:
    content = archive.fetch(desk.workspace, arrival.sha256)
    read = workbooks.read(content, arrival.name, FORMS)
    signed = read.signed
    signature_ok = (
        verifies(key, signed.form_version, signed.unit, signed.period, signed.signature)
        if signed
        else None
    )
    place = identify(read, desk.registry, asked, signature_ok, desk.today)
    submission = Submission(
        arrival.name,
        arrival.sha256,
        place.unit,
        place.period,
        State.HELD,
        place.findings,
    )
    if not isinstance(place, Placed):
        return Understood(submission, {})
    rows, findings = _complete(desk, read, place)
    submission = replace(
        submission,
        state=State.ACCEPTED,
        findings=(*place.findings, *read.all_findings, *findings),
        rows=rows,
    )
    bad = {(r.sheet, r.number): sheet.bad(r) for sheet in read.sheets for r in sheet.rows}
    return Understood(submission, bad)


def _complete(
    desk: Desk, read: ReadWorkbook, place: Placed
) -> tuple[dict[str, tuple[Row, ...]], tuple[Finding, ...]]:
    """The unit's own rows; a sheet whose header was not found speaks for itself already."""
    activities = desk.registry.activities_of(place.unit, place.period.year)
    unread = {sheet.form for sheet in read.sheets if not sheet.columns}
    expected = {
        form.name: [a for a in activities if form.name in a.forms]
        for form in FORMS
        if form.name not in unread
    }
    rows: dict[str, tuple[Row, ...]] = {}
    for sheet in read.sheets:
        if sheet.form in expected:
            rows[sheet.form] = (*rows.get(sheet.form, ()), *sheet.rows)
    return complete(rows, expected, read.name)


@step()
def take_in(
    desk: Desk, understood: Sequence[Understood], *, answers: bool = True
) -> tuple[Submission, ...]:
    """Validate and store, period by period so that a month finds the one before it in place.

    One Great Expectations run per form over the rows of all units; an error returns the workbook.
    What is held is stored as it is.
    """
    once = {one.submission.sha256: one for one in understood}
    done: dict[str, Submission] = {}
    batches: dict[Period, list[Understood]] = {}
    for one in once.values():
        if one.placed and one.submission.period:
            batches.setdefault(one.submission.period, []).append(one)
    for period in sorted(batches):
        judged = _validated(desk, period, batches[period])
        stored = submissions.store(desk, judged, answers=answers)
        done |= {one.sha256: one for one in stored}
    submissions.store(desk, [one.submission for one in once.values() if not one.placed])
    return tuple(done.get(one.submission.sha256, one.submission) for one in understood)


def _validated(desk: Desk, period: Period, batch: Sequence[Understood]) -> list[Submission]:
    """The batch judged; the period's Data Docs show the newest report of every unit."""
    facts = _facts(desk, period)
    others = _stored_rows(desk, period, {one.submission.unit for one in batch})
    rows = [facts(one.submission.sha256, one.submission, one.bad) for one in batch]
    rows += [facts(one.sha256, one, {}) for one in others]
    result = quality.validate([row for of_one in rows for row in of_one], desk.settings.rules)
    data_docs.build_docs(result.runs, period, desk.report_folder(period) / "quality")
    return [
        _judged(one.submission, result.findings.get(one.submission.sha256, ())) for one in batch
    ]


def _judged(one: Submission, found: tuple[Finding, ...]) -> Submission:
    findings = shortlist((*one.findings, *found))
    faulty = any(f.severity is Severity.ERROR for f in findings)
    return replace(one, findings=findings, state=State.RETURNED if faulty else State.ACCEPTED)


Facts = Callable[[str, Submission, Mapping[tuple[str, int], frozenset[str]]], list[SubmittedRow]]


def _facts(desk: Desk, period: Period) -> Facts:
    """What lays beside each row of a submission what the ministry knows of its activity."""
    activities = {a.code: a for a in desk.registry.activities}
    budget = budgets(desk.registry, period)
    last = submissions.last_figures(submissions.history(desk, period))

    def rows(
        key: str, one: Submission, bad: Mapping[tuple[str, int], frozenset[str]]
    ) -> list[SubmittedRow]:
        return [
            SubmittedRow(
                submission=key,
                file=one.file,
                unit=one.unit or "",
                period=period,
                row=row,
                activity=activities.get(row.code),
                budget=budget.get(row.code),
                last=last.get(row.code),
                bad=bad.get((row.sheet, row.number), frozenset()),
            )
            for of_form in one.rows.values()
            for row in of_form
        ]

    return rows


def _stored_rows(desk: Desk, period: Period, but: Collection[str | None]) -> list[Submission]:
    """The newest stored report of each other unit, with its rows."""
    newest = {
        versions[-1].id: versions[-1]
        for unit, versions in submissions.of_period(desk, period).items()
        if unit not in but and versions[-1].state is not State.HELD
    }
    rows: dict[int, dict[str, list[Row]]] = {number: {} for number in newest}
    for form in FORMS:
        for number, row in submissions.rows_of(desk, form.name, list(newest)):
            rows[number].setdefault(form.name, []).append(row)
    return [
        Submission(
            one.file,
            one.sha256,
            one.unit,
            one.period,
            one.state,
            one.findings,
            {form: tuple(of_form) for form, of_form in rows[number].items()},
        )
        for number, one in newest.items()
    ]
