"""Writes the digest: a leader's month on a telephone."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from reports.adjusting import sentences as of_adjusting
from reports.beyond import beyond, strangers
from reports.denominator import beside, beside_rate, named, ratio
from reports.listed import and_more
from reports.mails.amounts import asked, compared, is_low, leading, rounded, signed, since
from reports.mails.rendering import render
from reports.numbers import percent, short_date
from schemas.adjustments import Proposals
from schemas.board import Board, State, UnitStatus
from schemas.changes import Changes
from schemas.flags import Flag, FlagSeverity
from schemas.notices import Attachment, Mail, NoticeKind
from schemas.settings import Body
from schemas.texts import say

NAMED = 6
"""Units that a sentence names, or else the first few: a leader has thirty seconds, and the tables
below name more."""
ROWS = 10
"""Rows of a table, the gravest first; the summary workbook has them all."""

_GRAVITY = tuple(FlagSeverity)


def digest(
    body: Body,
    board: Board,
    severities: Mapping[str, FlagSeverity],
    changes: Changes,
    chart: Attachment | None,
    chart_alt: str,
    expected: float,
    attached: Sequence[str] = (),
    adjusting: Proposals | None = None,
    page: str = "",
) -> Mail:
    """The leader's month: three sentences, what changed, four numbers, a chart, and who is meant.

    `severities` are those of the low units by code, `expected` is the pace's rate at the period's
    end, `attached` names the files that go with the mail, `adjusting` is what the proposals come
    to, `page` says where the report page lies. Units are low from severity `low` on; of them who
    has a recorded excuse is told of apart. Each list shows the gravest `ROWS` and how many more
    there are, so that the mail of a thousand units is as short as that of thirty.
    """
    totals, period = board.totals, board.period
    accepted = [u for u in board.units if u.state is State.ACCEPTED]
    silent = [u for u in board.units if u.state is not State.ACCEPTED]
    silent.sort(key=_largest_first)
    low = _low(board, severities)
    proposing = [(a, a.proposal) for a in board.activities if a.proposal]
    proposing.sort(key=lambda pair: -abs(pair[1]))
    names = {unit.code: unit.name for unit in board.units}
    empty = "" if totals.rate is not None else "-undefined" if accepted else "-empty"
    return render(
        NoticeKind.DIGEST,
        body,
        say(f"mail.digest.subject{empty}", period=period.label, rate=percent(totals.rate)),
        images=(chart,) if chart else (),
        title=say("mail.digest.title", period=period.label),
        sentences=sentences(body, board, severities, expected),
        numbers=numbers(board, severities),
        chart=chart,
        chart_alt=chart_alt,
        low=[_low_line(unit, severities[unit.code]) for unit in low[:ROWS]],
        more_low=_more(len(low), "units"),
        silent=[
            (u.name, say(f"state.{u.state}"), rounded(u.budget_current)) for u in silent[:ROWS]
        ],
        more_silent=_more(len(silent), "units"),
        proposals=[
            (a.code, a.name, names[a.unit], signed(amount)) for a, amount in proposing[:ROWS]
        ],
        more_proposals=_more(len(proposing), "proposals"),
        adjusting=[*of_adjusting(adjusting)] if adjusting else [],
        changes=[*changed(board, changes)],
        attached=attached,
        page=say("mail.digest.page", finance=body.finance, path=page) if page else "",
        note=" ".join(
            [
                beside(say("mail.digest.note", expected=percent(expected)), board),
                *beyond(board.units),
                *strangers(board),
            ]
        ),
    )


def sentences(
    body: Body, board: Board, severities: Mapping[str, FlagSeverity], expected: float
) -> list[str]:
    """The month in three: how much was paid, who reported, who is low."""
    accepted = [u for u in board.units if u.state is State.ACCEPTED]
    silent = [u for u in board.units if u.state is not State.ACCEPTED]
    silent.sort(key=_largest_first)
    return [
        _how_much(body, board, len(accepted), expected),
        _who_reported(board, silent),
        _who_is_low(board, accepted, _low(board, severities)),
    ]


def _low(board: Board, severities: Mapping[str, FlagSeverity]) -> list[UnitStatus]:
    """The low units, the gravest first, then by what is short."""
    low = [u for u in board.units if u.state is State.ACCEPTED and u.code in severities]
    return sorted(low, key=lambda u: (-_GRAVITY.index(severities[u.code]), -_shortfall(u)))


def _largest_first(unit: UnitStatus) -> Decimal:
    return -unit.budget_current


def _how_much(body: Body, board: Board, accepted: int, expected: float) -> str:
    totals, last_day = board.totals, short_date(board.period.last_day)
    if not accepted:
        return say("mail.digest.no-rate", last_day=last_day)
    if totals.rate is None:
        disbursed = rounded(totals.disbursed_to_date)
        told = {"last_day": last_day, "count": accepted, "disbursed": disbursed}
        return say("mail.digest.undefined", **told)
    comparisons = [compared(totals.rate, expected, "pace", body.name)]
    comparisons += since(board, body.name)
    return say(
        "mail.digest.rate",
        last_day=last_day,
        count=accepted,
        disbursed=rounded(totals.disbursed_to_date),
        budget=rounded(totals.budget_current),
        basis=named(board.basis()),
        rate=percent(totals.rate) + beside_rate(board),
        comparisons="; ".join(comparisons),
    )


def numbers(board: Board, severities: Mapping[str, FlagSeverity]) -> list[tuple[str, str]]:
    """The four that are printed large, each with what it counts."""
    accepted = [u for u in board.units if u.state is State.ACCEPTED]
    spared = len(_spared(accepted, severities))
    low = "low-excused" if spared else "low"
    large = {
        "rate": ratio(board.totals.rate, reported=bool(accepted)),
        "disbursed": rounded(board.totals.disbursed_to_date),
        "reported": say("mail.digest.of", count=len(accepted), total=len(board.units)),
        low: str(spared + sum(u.code in severities for u in accepted)),
    }
    return [
        (number, say(f"mail.digest.big-{what}", count=spared)) for what, number in large.items()
    ]


def _who_reported(board: Board, silent: Sequence[UnitStatus]) -> str:
    late = [unit.name for unit in board.units if unit.late and unit.state is State.ACCEPTED]
    total = len(board.units)
    reported = (
        say(
            "mail.digest.silent",
            count=len(silent),
            total=total,
            units=and_more([unit.name for unit in silent], NAMED),
            budget=rounded(sum((unit.budget_current for unit in silent), Decimal(0))),
        )
        if silent
        else say("mail.digest.all-reported", total=total)
    )
    if not late:
        return reported
    deadline = short_date(board.deadline)
    tail = say("mail.digest.late", count=len(late), deadline=deadline, units=and_more(late, NAMED))
    return f"{reported} {tail}"


def _who_is_low(board: Board, accepted: Sequence[UnitStatus], low: Sequence[UnitStatus]) -> str:
    if not accepted:
        return say("mail.digest.none-judged")
    spared = _spared(accepted, {unit.code for unit in low})
    if low:
        units = and_more([f"{unit.name} ({percent(unit.rate)})" for unit in low], NAMED)
        said = say(f"mail.digest.low{'-urged' if spared else ''}", count=len(low), units=units)
    else:
        judged = sum(activity.budget.denominator > 0 for activity in board.activities)
        counts = {"units": len(accepted), "activities": judged}
        said = say("mail.digest.none-urged" if spared else "mail.digest.none-low", **counts)
    if board.period.month < board.judged_from:
        said = f"{said} {say('mail.digest.judged-from', month=board.judged_from)}"
    if not spared:
        return said
    reasons = [
        f"{unit.name} ({percent(unit.rate)}; {', '.join(_excuses(unit))})" for unit in spared
    ]
    told = and_more(reasons, NAMED, "; ")
    return f"{said} {say('mail.digest.excused', count=len(spared), units=told)}"


def _spared(accepted: Sequence[UnitStatus], urged: Collection[str]) -> list[UnitStatus]:
    """Who is low, and not urged, since a reason is recorded."""
    return [unit for unit in accepted if unit.code not in urged and _excuses(unit)]


def _excuses(unit: UnitStatus) -> list[str]:
    """The reasons recorded for the unit's low flags, each once, with the day until which."""
    covering = dict.fromkeys(flag.excused for flag in unit.flags if is_low(flag) and flag.excused)
    return [
        say("mail.digest.excuse", because=one.because, until=short_date(one.until))
        for one in covering
    ]


def _more(count: int, what: str) -> str:
    """How many rows a table leaves out, and where they stand; empty where it leaves out none."""
    return say(f"mail.digest.more-{what}", count=count - ROWS) if count > ROWS else ""


def changed(board: Board, changes: Changes) -> Iterator[str]:
    """A line for each kind of change that there is, then one for each revised figure."""
    kinds = {
        "newly-low": changes.newly_low,
        "worse": changes.worse,
        "better": changes.better,
        "recovered": changes.recovered,
        "silent": changes.silent,
    }
    for kind, codes in kinds.items():
        if codes:
            units = [board.unit(code) for code in codes]
            shown = [
                f"{u.name} ({percent(u.rate)})" if u.rate is not None else u.name for u in units
            ]
            yield say(f"mail.digest.changed.{kind}", units=and_more(shown, NAMED))
    for one in changes.revisions[:ROWS]:
        yield say(
            "mail.digest.changed.revised",
            activity=one.activity,
            unit=board.unit(one.unit).name,
            period=one.period.label,
            reported=rounded(one.reported),
            now=rounded(one.now),
        )
    if more := _more(len(changes.revisions), "revisions"):
        yield more


def _low_line(unit: UnitStatus, severity: FlagSeverity) -> tuple[str, str, str, str]:
    """Name, how grave and how many activities, rate, shortfall as the unit's letter says it."""
    count = len(leading(_reasons(unit)))
    return (
        unit.name,
        say("mail.digest.low-count", severity=say(f"severity.{severity}"), count=count),
        percent(unit.rate),
        rounded(asked(_reasons(unit))),
    )


def _shortfall(unit: UnitStatus) -> Decimal:
    return asked(_reasons(unit)) or Decimal(0)


def _reasons(unit: UnitStatus) -> Sequence[Flag]:
    """The flags that its letter is written for."""
    return [f for f in unit.flags if is_low(f) and not f.excused] or unit.flags
