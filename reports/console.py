"""What a person reads on the terminal: tables that fit 80 columns, sentences from the catalogue."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.table import Table
from rich.text import Text

from reports import denominator
from reports.beyond import beyond, strangers
from reports.numbers import NOTHING, money, percent, short_date
from schemas.arrival import Quarantined
from schemas.backup import Restored
from schemas.board import Board, Look, State, UnitStatus
from schemas.doctor import Check
from schemas.excuses import Excuse
from schemas.findings import Finding, Severity
from schemas.flags import gravest
from schemas.forecast import ENOUGH_YEARS, Forecast, Method
from schemas.integrity import Damage, Verified
from schemas.period import Period
from schemas.submission import Submission
from schemas.texts import say

SHOWN_FINDINGS = 10
"""Findings of one file that the terminal lists; `--json` has them all."""

SHOWN_DAMAGES = 20
"""Damages that the terminal lists; `--json` has them all."""

_COLOURS = {
    State.ACCEPTED: "green",
    State.RETURNED: "red",
    State.HELD: "yellow",
    State.MISSING: "yellow",
}


def board(board: Board) -> Iterator[Table | str]:
    """The month on one screen: a line a unit, and the sums below."""
    yield _units(board, board.period.label)
    yield from _sums(board)


def look(one: Look) -> Iterator[Table | str]:
    """The view on one screen: as the board at its end, with what was disbursed within it."""
    before, unknown = one.view.before, one.unknown
    yield _units(one.board, one.view.label, one.within if before else None)
    yield from _sums(one.board)
    counted = sum(amount is not None for amount in one.within.values())
    if before and counted:
        yield say("console.within", amount=money(one.known), count=counted, view=one.view.label)
    if before and unknown:
        told = {"units": ", ".join(u.code for u in unknown), "before": before.label}
        yield say("console.within-unknown", view=one.view.label, **told)
    if one.view.is_year:
        open_still = [code for code, period in one.as_of.items() if not period.is_closing]
        key = "not-closed" if len(open_still) < len(one.as_of) else "none-closed"
        if open_still:
            told = {"december": one.view.last.december.label, "closing": one.view.last.label}
            yield say(f"console.{key}", units=", ".join(open_still), **told)


def _units(board: Board, period: str, within: Mapping[str, Decimal | None] | None = None) -> Table:
    """A line a unit; beside what was disbursed within a view there is no room for the flags."""
    last = ("severity",) if within is None else ()
    numbers = ("budget", "disbursed", *(() if within is None else ("within",)), "rate", *last)
    shown = table(say("console.board", period=period), ("unit", "name", "state"), numbers)
    for unit in board.units:
        shown.add_row(
            Text(unit.code),
            Text(unit.name),
            _state(unit),
            money(unit.budget_current),
            money(unit.disbursed_to_date),
            *(() if within is None else (money(within[unit.code]),)),
            denominator.ratio(unit.rate, reported=unit.disbursed_to_date is not None),
            *((_severity(unit),) if last else ()),
        )
    return shown


def _sums(board: Board) -> Iterator[str]:
    yield from _excused(board)
    accepted = sum(u.state is State.ACCEPTED for u in board.units)
    yield say(
        "console.deadline",
        deadline=short_date(board.deadline),
        accepted=accepted,
        units=len(board.units),
    )
    yield say(
        "console.totals",
        disbursed=money(board.totals.disbursed_to_date),
        budget=money(board.totals.budget_current),
        rate=denominator.ratio(board.totals.rate, reported=accepted > 0),
    )
    yield denominator.note(board)
    yield from _two_rates(board)
    if board.totals.budget_not_reported:
        yield say("console.not-reported", budget=money(board.totals.budget_not_reported))
    yield from beyond(board.beyond)
    yield from strangers(board)


def _two_rates(board: Board) -> Iterator[str]:
    """Beside what the table has, each unit's rates over plan and whole budget where they differ."""
    for unit in board.units:
        if both := denominator.beside_rate(board, unit.code):
            yield f"{unit.code}: {denominator.ratio(unit.rate)}{both}"


def _severity(unit: UnitStatus) -> str:
    """How grave the unit's gravest flag is, starred where an excuse covers any."""
    severity = gravest(unit.flags)
    mark = "*" if any(flag.excused for flag in unit.flags) else ""
    return f"{say(f'severity.{severity}')}{mark}" if severity else ""


def _excused(board: Board) -> Iterator[str]:
    """What the stars stand for: each excuse that covers a flag, once."""
    covering = dict.fromkeys(f.excused for u in board.units for f in u.flags if f.excused)
    for one in covering:
        yield say("excuse.mark", **_told(one))


def recorded_excuse(one: Excuse) -> Iterator[str]:
    """What was recorded, and what comes next."""
    ended = one.until < one.since.last_day
    yield say(f"excuse.{'ended' if ended else 'recorded'}", **_told(one))
    yield say(f"excuse.next{'-ended' if ended else ''}", **_told(one))


def excuses(found: Sequence[Excuse]) -> Iterator[Table | str]:
    """The recorded excuses as a table."""
    if not found:
        yield say("excuse.none")
        return
    shown = table(say("excuse.title"), ("what", "since", "until", "because", "by"), ())
    for one in found:
        told = _told(one)
        shown.add_row(
            *(Text(told[key]) for key in ("what", "since", "until", "because")),
            Text(f"{told['by']}, {short_date(one.recorded.on)}"),
        )
    yield shown


def _told(one: Excuse) -> dict[str, str]:
    parts = [one.activity or one.unit, *([one.rule] if one.rule else [])]
    return {
        "what": " · ".join(parts),
        "since": str(one.since),
        "until": short_date(one.until),
        "because": one.because,
        "by": one.recorded.by,
    }


def _state(unit: UnitStatus) -> Text:
    words = say(f"state.{unit.state}")
    late = f" ({say('console.late')})" if unit.late else ""
    return Text(words + late, style=_COLOURS[unit.state])


def forecasts(period: Period, lines: Sequence[Forecast]) -> Iterator[Table | str]:
    """A line a unit: where it stands, where the year ends, how sure that is and by which method."""
    shown = table(
        say("console.forecast", year=period.year, period=period.label),
        ("unit", "name"),
        ("standing", "year-end", "interval", "error"),
    )
    for one in lines:
        seen = one.outlook
        sure = seen is not None and seen.low is not None
        shown.add_row(
            Text(one.code),
            Text(one.name if one.name != one.code else ""),
            percent(one.standing, 1),
            percent(seen.rate, 1) if seen else NOTHING,
            f"{percent(seen.low, 1)}-{percent(seen.high, 1)}" if seen and sure else NOTHING,
            percent(seen.error, 1).rstrip("%") if seen else NOTHING,
        )
    yield shown
    yield say("console.forecast-basis")
    methods = Counter((one.outlook.method, one.outlook.held) for one in lines if one.outlook)
    for (method, held), count in methods.items():
        key = "by-method" if held is None else "by-tried-method"
        told = {"method": say(f"method.{method}"), "count": count, "held": percent(held, 0)}
        yield say(f"console.{key}", **told)
    foretold = [one.outlook for one in lines if one.outlook]
    if still := sum(one.method is Method.REPORTED and one.low is None for one in foretold):
        yield say("console.open-in-january", count=still)
    foretold = [one for one in foretold if one.method is not Method.REPORTED]
    if any(one.error is not None for one in foretold):
        yield say("console.back-test")
    if untried := sum(one.error is None for one in foretold):
        yield say("console.untried", count=untried)
    if new := sum(one.years < ENOUGH_YEARS for one in foretold):
        yield say("console.short-past", count=new)
    if imported := [one.imported for one in lines if one.outlook and one.imported]:
        first, last = min(min(its) for its in imported), max(max(its) for its in imported)
        years = f"{first}" if first == last else f"{first}-{last}"
        yield say("console.imported-past", count=len(imported), years=years)


def submissions(taken: Sequence[Submission]) -> Iterator[str]:
    """One line for each file (of several units for each of them), with its first error."""
    for one in taken:
        line = f"{one.file}: {place(one)} - {say(f'state.{one.state}')}{counts(one.findings)}"
        first = next((f for f in one.findings if f.severity is Severity.ERROR), None)
        yield f"{line}: {_where(first)}{first.message}" if first else line


def place(one: Submission) -> str:
    """Unit and period, as far as they are known."""
    return f"{one.unit or say('console.no-unit')} {one.period or say('console.no-period')}"


def counts(found: Sequence[Finding]) -> str:
    """` (2 lỗi, 1 cảnh báo)`, nothing where there is none."""
    severities = [one.severity for one in found]
    said = [
        say(f"console.count-{severity}", count=severities.count(severity))
        for severity in Severity
        if severity in severities
    ]
    return f" ({', '.join(said)})" if said else ""


def findings(found: Sequence[Finding]) -> Iterator[str]:
    """The first findings, each with its cell and remedy."""
    for one in found[:SHOWN_FINDINGS]:
        yield f"  {say(f'severity.{one.severity}')}: {_where(one)}{one.message}"
    if len(found) > SHOWN_FINDINGS:
        yield "  " + say("console.more-findings", count=len(found) - SHOWN_FINDINGS)


def _where(one: Finding) -> str:
    cell = "!".join(part for part in (one.sheet, one.cell) if part)
    return f"{cell}: " if cell else ""


def held(waiting: Sequence[Any]) -> Iterator[str]:
    """The files that a person must place, each with its reason."""
    if waiting:
        yield say("console.held")
    for one in waiting:
        yield f"{one.file}:"
        yield from findings(one.findings)


def in_quarantine(waiting: Sequence[Quarantined]) -> Iterator[str]:
    """That mailed files wait for an officer, where any do."""
    if waiting:
        yield say("console.in-quarantine", count=len(waiting))


def came_back(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The letters that could not be delivered after all, each with its reason."""
    for row in rows:
        told = {"to": row["to"], "unit": row["unit"] or "", "error": row["error"]}
        yield say("console.came-back", kind=say(f"notice.{row['kind']}"), **told)


def quarantine(waiting: Sequence[Quarantined]) -> Iterator[Table | str]:
    """The files in quarantine as a table, and what to do about them."""
    if not waiting:
        yield say("console.empty-quarantine")
        return
    shown = table(say("console.quarantine"), ("number", "received", "sender", "file", "reason"), ())
    for one in waiting:
        shown.add_row(
            str(one.id),
            short_date(one.received.date()),
            Text(one.sender),
            Text(f"{one.file} ({one.subject})" if one.subject else one.file),
            say(f"quarantine.{one.reason}"),
        )
    yield shown
    yield say("console.next-release")


def report(made: Any) -> Iterator[str]:
    """What was reported, and what comes next."""
    period = made.board.period
    yield say("console.reported", period=period, drafts=made.drafts)
    yield from (say("console.written", path=path) for path in made.paths)
    if made.letters.paths:
        words = [path for path in made.letters.paths if path.suffix == ".docx"]
        yield say("console.letters", count=len(words), folder=words[0].parent)
    yield from made.letters.notes
    yield from strangers(made.board)
    yield say("console.next-approve", period=period)


def outcomes(counted: Mapping[str, int]) -> str:
    """How many messages were sent, refused, failed, held back."""
    if not counted:
        return say("console.nothing-to-send")
    parts = (
        say(f"console.{outcome}", count=count)
        if outcome in {"too-late", "waiting"}
        else f"{say(f'delivery.{outcome}').lower()} {count}"
        for outcome, count in counted.items()
    )
    return say("console.delivered", outcomes=", ".join(parts))


def checks(made: Sequence[Check]) -> Iterator[str]:
    """One line a check."""
    words = {True: "ok", False: "wrong", None: "note"}
    yield from (f"[{say(f'doctor.{words[one.ok]}')}] {one.message}" for one in made)


def verified(found: Verified) -> Iterator[str]:
    """What was looked at, each damage with what to do, and the head of the audit log."""
    yield say("verify.looked", files=found.files, references=found.references)
    for one in found.damages[:SHOWN_DAMAGES]:
        yield f"[{say('doctor.wrong')}] {damage(one)}"
    if len(found.damages) > SHOWN_DAMAGES:
        yield say("verify.more", count=len(found.damages) - SHOWN_DAMAGES)
    if found.head:
        yield say("verify.head", number=found.head.number, hash=found.head.hash)
    if not found.damages:
        yield say("verify.whole")


def restored(made: Restored) -> Iterator[str]:
    """Where the workspace now lies, what is held in it, and whether it is whole."""
    told = {"files": made.files, "folder": made.directory, "made_at": made.made_at}
    yield say("restore.done", **told)
    yield from verified(made.verified)


def damage(one: Damage) -> str:
    """What is damaged, and what to do."""
    return say(f"verify.{one.kind}", **one.facts)


def outbox(rows: Sequence[Mapping[str, Any]]) -> Iterator[Table | str]:
    """The outbox as a table."""
    if not rows:
        yield say("console.empty-outbox")
        return
    shown = table(say("console.outbox"), ("number", "kind", "unit", "to", "state"), ())
    for row in rows:
        shown.add_row(
            str(row["id"]),
            say(f"notice.{row['kind']}"),
            Text(row["unit"] or ""),
            Text(row["to"]),
            say(f"delivery.{row['state']}"),
        )
    yield shown
    yield from (f"{row['id']}: {row['error']}" for row in rows if row["error"])


def table(title: str, words: Sequence[str], numbers: Sequence[str]) -> Table:
    """An empty table whose columns `words` and `numbers` (set right) are named by [column]."""
    made = Table(title=title, title_justify="left", expand=False)
    for key in words:
        made.add_column(say(f"column.{key}"), overflow="fold")
    for key in numbers:
        made.add_column(say(f"column.{key}"), justify="right", no_wrap=True)
    return made
