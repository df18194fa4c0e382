"""Writes the mails: HTML and text of every kind of notice from the same sentences of vi.toml."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from css_inline import CSSInliner
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from reports.numbers import long_date, money, percent, points, short_date
from schemas.board import ActivityFigure, Board, State, UnitStatus
from schemas.findings import Finding, Severity
from schemas.flags import Flag, FlagSeverity
from schemas.notices import ROUTINE, Attachment, Mail, NoticeKind
from schemas.period import Period
from schemas.registry import Unit
from schemas.settings import Body
from schemas.texts import say

MOST_FINDINGS = 10
"""Findings told in the mail itself; the marked workbook tells all."""

ROUNDED = 1
"""Decimals of triệu đồng in urging letters and digests, which say so; receipts are exact."""

_INLINER = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def blank_form(body: Body, unit: Unit, period: Period, deadline: date, activities: int) -> Mail:
    """The mail that brings the unit its workbook, with so many activities on it."""
    names = {"finance": body.finance, "period": period.label, "deadline": long_date(deadline)}
    steps = [
        say(f"mail.blank-form.{step}", last_day=short_date(period.last_day))
        for step in ("open", "fill", "explain", "send")
    ]
    return _mail(
        NoticeKind.BLANK_FORM,
        body,
        say("mail.blank-form.subject", period=period.label, deadline=short_date(deadline)),
        greeting=_to(unit),
        title=say("mail.blank-form.title", period=period.label),
        sentence=say("mail.blank-form.sentence", **names),
        request=say("mail.blank-form.request", **names),
        facts=_labelled(
            period=period.label, activities=str(activities), deadline=short_date(deadline)
        ),
        steps=steps,
    )


def receipt(
    body: Body, unit: Unit, period: Period, deadline: date, status: UnitStatus, received: date
) -> Mail:
    """Thanks for an accepted report: its totals, in time or late, what a person should look at."""
    day = {"last_day": short_date(period.last_day)}
    figures = status.disbursed_to_date is not None
    return _mail(
        NoticeKind.RECEIPT,
        body,
        say("mail.receipt.subject", period=period.label),
        greeting=_to(unit),
        title=say("mail.receipt.title", period=period.label),
        sentence=say(
            "mail.receipt.sentence",
            finance=body.finance,
            period=period.label,
            received=short_date(received),
        ),
        punctual=say(
            f"mail.receipt.{'late' if status.late else 'in-time'}", deadline=short_date(deadline)
        ),
        figures=say(f"mail.receipt.{'figures' if figures else 'no-figures'}", **day),
        facts=_labelled(
            budget=money(status.budget_current),
            disbursed=money(status.disbursed_to_date),
            rate=percent(status.rate),
        )
        if figures
        else [],
        warnings=_places(f for f in status.findings if f.severity is Severity.WARNING),
        infos=_places(f for f in status.findings if f.severity is Severity.INFO),
    )


def returned(
    body: Body,
    unit: Unit,
    period: Period,
    deadline: date,
    findings: Sequence[Finding],
    file: str,
    *,
    marked: bool = True,
) -> Mail:
    """What must be corrected, errors before warnings.

    `marked` says that the workbook with its cells marked goes with the mail, which then tells
    the first `MOST_FINDINGS` and leaves the rest to it; a mail without it tells all.
    """
    errors = [f for f in findings if f.severity is Severity.ERROR]
    told = [*errors, *(f for f in findings if f.severity is Severity.WARNING)]
    marked = marked and any(f.cell for f in told)
    most = MOST_FINDINGS if marked else len(told)
    left = [f.severity for f in told[most:]]
    more = {"errors": left.count(Severity.ERROR), "warnings": left.count(Severity.WARNING)}
    return _mail(
        NoticeKind.RETURN,
        body,
        say("mail.return.subject", period=period.label, deadline=short_date(deadline)),
        greeting=_to(unit),
        title=say("mail.return.title", period=period.label),
        sentence=say(
            "mail.return.sentence",
            finance=body.finance,
            period=period.label,
            count=len(errors),
        ),
        request=say(f"mail.return.{'marked' if marked else 'whole'}", deadline=long_date(deadline)),
        facts=_labelled(file=file, deadline=short_date(deadline)),
        findings=_places(told[:most]),
        more=[say(f"mail.return.more-{key}", count=n) for key, n in more.items() if n],
    )


def reminder(
    body: Body,
    unit: Unit,
    period: Period,
    deadline: date,
    today: date,
    state: State,
    offset: int,
) -> Mail:
    """A missing unit is asked to send, a returned one to correct and resend; other states raise
    KeyError. `offset` is the number of working days from the deadline to `today`."""
    phase = "before" if offset < 0 else "today" if offset == 0 else "overdue"
    key = f"mail.reminder.{state}"
    names = {"finance": body.finance, "period": period.label, "today": short_date(today)}
    return _mail(
        NoticeKind.REMINDER,
        body,
        say(f"{key}.{phase}.subject", period=period.label, deadline=short_date(deadline)),
        greeting=_to(unit),
        title=say(f"{key}.{phase}.title", **names),
        sentence=say(f"{key}.sentence", **names),
        deadline=say(
            f"mail.reminder.{phase}.deadline", deadline=long_date(deadline), days=abs(offset)
        ),
        request=say(f"{key}.{phase}.request", **names),
    )


def urging(
    body: Body,
    unit: Unit,
    period: Period,
    board: Board,
    flags: Sequence[Flag],
    answer_by: date,
    pace_origin: str,
    expected: float,
) -> Mail:
    """The letter to an accepted unit's head, complete in itself.

    `flags` are the unit's that call for a letter, `expected` the pace's rate at the period's end.
    "Yêu cầu" is said to subordinate units; criticism (phê bình) is never written by a machine.
    """
    status = board.unit(unit.code)
    gravest = _gravest(flags)
    counted = _counted(flags)
    needed = [f.needed_per_month for f in counted if f.needed_per_month is not None]
    listed = [a for a in board.activities if a.code in gravest]
    names: dict[str, object] = {
        "unit": unit.name,
        "body": body.name,
        "finance": body.finance,
        "year": period.year,
        "count": len(listed),
        "shortfall": _rounded(sum((f.shortfall for f in counted), Decimal(0))),
        "answer_by": long_date(answer_by),
        "what": say(f"mail.urging.{'listed' if listed else 'all'}", count=len(listed)),
        "next": period.shift(1).label,
        "until": short_date(date(period.year, 12, 31)),
        "needed": _rounded(sum(needed, Decimal(0))),
    }
    finding = say(
        "mail.urging.finding",
        **names,
        last_day=long_date(period.last_day),
        disbursed=_rounded(status.disbursed_to_date),
        budget=_rounded(status.budget_current),
        rate=percent(status.rate),
        average=_compared(status.rate, board.totals.rate, "average", body.name),
        pace=_compared(status.rate, expected, "pace", body.name),
    )
    return _mail(
        NoticeKind.URGING,
        body,
        say("mail.urging.subject", unit=unit.name, period=period.label),
        greeting=say("mail.urging.greeting", **names),
        title=say("mail.urging.title", **names),
        finding=finding,
        listing=say("mail.urging.list", **names) if listed else None,
        cards=[_card(a, gravest[a.code], flags) for a in listed],
        total=say(f"mail.urging.{'sum' if listed else 'whole'}", **names),
        note=say("mail.urging.note", origin=pace_origin),
        request=say("mail.urging.request", **names),
        requests=[
            say(f"mail.urging.{'speed-up' if needed else 'finish'}", **names),
            say("mail.urging.report", **names),
            say("mail.urging.adjust", **names),
        ],
        where=say("mail.urging.where", **names),
        close=say("mail.urging.close", **names),
    )


def digest(
    body: Body,
    board: Board,
    severities: Mapping[str, FlagSeverity | None],
    recovered: Collection[str],
    chart: Attachment | None,
    chart_alt: str,
    expected: float,
    attached: Sequence[str] = (),
) -> Mail:
    """The leader's month: three sentences, four numbers, a chart, and who is meant.

    `severities` and `recovered` go by unit code, `expected` is the pace's rate at the period's
    end, `attached` names the files that go with the mail. Units are low from severity `low` on.
    """
    totals, period = board.totals, board.period
    accepted = [u for u in board.units if u.state is State.ACCEPTED]
    silent = [u for u in board.units if u.state is not State.ACCEPTED]
    low = [u for u in accepted if severities.get(u.code) in _LOW]
    names = {unit.code: unit.name for unit in board.units}
    if totals.rate is None:
        first = say("mail.digest.no-rate", last_day=short_date(period.last_day))
        subject = say("mail.digest.subject-empty", period=period.label)
    else:
        comparisons = [_compared(totals.rate, expected, "pace", body.name)]
        if board.last_rate is not None:
            comparisons.append(_compared(totals.rate, board.last_rate, "last-month", body.name))
        first = say(
            "mail.digest.rate",
            last_day=short_date(period.last_day),
            count=len(accepted),
            disbursed=_rounded(totals.disbursed_to_date),
            budget=_rounded(totals.budget_current),
            rate=percent(totals.rate),
            comparisons="; ".join(comparisons),
        )
        subject = say("mail.digest.subject", period=period.label, rate=percent(totals.rate))
    return _mail(
        NoticeKind.DIGEST,
        body,
        subject,
        images=(chart,) if chart else (),
        title=say("mail.digest.title", period=period.label),
        sentences=[first, _who_reported(board, silent), _who_is_low(board, accepted, low)],
        numbers=[
            (percent(totals.rate), say("mail.digest.big-rate")),
            (_rounded(totals.disbursed_to_date), say("mail.digest.big-disbursed")),
            (
                say("mail.digest.of", count=len(accepted), total=len(board.units)),
                say("mail.digest.big-reported"),
            ),
            (str(len(low)), say("mail.digest.big-low")),
        ],
        chart=chart,
        chart_alt=chart_alt,
        low=[_low_line(unit, severities[unit.code]) for unit in low],
        silent=[(u.name, say(f"state.{u.state}"), _rounded(u.budget_current)) for u in silent],
        proposals=[
            (a.code, a.name, names[a.unit], _signed(a.proposal))
            for a in board.activities
            if a.proposal
        ],
        recovered=[
            (unit.name, percent(unit.rate)) for unit in board.units if unit.code in recovered
        ],
        attached=attached,
        note=say("mail.digest.note", expected=percent(expected)),
    )


_LOW = (FlagSeverity.LOW, FlagSeverity.CRITICAL)


def _who_reported(board: Board, silent: Sequence[UnitStatus]) -> str:
    late = [unit.name for unit in board.units if unit.late and unit.state is State.ACCEPTED]
    total = len(board.units)
    reported = (
        say(
            "mail.digest.silent",
            count=len(silent),
            total=total,
            units=", ".join(unit.name for unit in silent),
            budget=_rounded(sum((unit.budget_current for unit in silent), Decimal(0))),
        )
        if silent
        else say("mail.digest.all-reported", total=total)
    )
    if not late:
        return reported
    deadline = short_date(board.deadline)
    tail = say("mail.digest.late", count=len(late), deadline=deadline, units=", ".join(late))
    return f"{reported} {tail}"


def _who_is_low(board: Board, accepted: Sequence[UnitStatus], low: Sequence[UnitStatus]) -> str:
    if not low:
        return say("mail.digest.none-low", units=len(accepted), activities=len(board.activities))
    units = ", ".join(f"{unit.name} ({percent(unit.rate)})" for unit in low)
    return say("mail.digest.low", count=len(low), units=units)


def _low_line(unit: UnitStatus, severity: FlagSeverity | None) -> tuple[str, str, str, str]:
    """Name, how grave and how many activities, rate, shortfall as the unit's letter says it."""
    flags = [f for f in unit.flags if f.severity in _LOW and not f.small] or unit.flags
    count = len(_gravest(flags))
    return (
        unit.name,
        say("mail.digest.low-count", severity=say(f"severity.{severity}"), count=count),
        percent(unit.rate),
        _rounded(sum((f.shortfall for f in _counted(flags)), Decimal(0))),
    )


def _gravest(flags: Sequence[Flag]) -> dict[str, Flag]:
    """Activity code -> that one of its flags which asks for most."""
    of_activities = [flag for flag in flags if flag.activity is not None]
    return {f.activity or "": f for f in sorted(of_activities, key=lambda f: f.shortfall)}


def _counted(flags: Sequence[Flag]) -> list[Flag]:
    """The flags whose amounts add up: one per activity, or the whole unit's where none is."""
    return list(_gravest(flags).values()) or sorted(flags, key=lambda f: f.shortfall)[-1:]


def _card(activity: ActivityFigure, flag: Flag, flags: Sequence[Flag]) -> dict[str, Any]:
    """One slow activity: heading, why it is flagged, figures, and what the unit itself wrote."""
    own = [f for f in flags if f.activity == activity.code]
    severity = max((f.severity for f in own), key=tuple(FlagSeverity).index)
    figures = {
        "budget": _rounded(activity.budget.current),
        "disbursed": _rounded(activity.disbursed),
        "rate": percent(activity.rate),
        "expected": percent(flag.expected),
        "shortfall": _rounded(flag.shortfall),
        "needed": _rounded(flag.needed_per_month),
    }
    unstated = say("mail.label.unstated")
    words = {
        "difficulty": activity.difficulty or unstated,
        "solution": activity.solution or unstated,
    }
    if activity.proposal:
        words["proposal"] = _signed(activity.proposal)
    return {
        "code": activity.code,
        "name": activity.name,
        "severity": say(f"severity.{severity}"),
        "titles": [say(f"flag.{f.rule}.title") for f in own],
        "figures": _labelled(**figures),
        "words": _labelled(**words),
    }


def _compared(rate: float | None, other: float | None, what: str, body: str) -> str:
    """`thấp hơn … (45,67%) 3,21 điểm phần trăm`; the gap is that of the printed rates."""
    gap = points(rate or 0) - points(other or 0)
    key = "equal" if gap == 0 else "below" if gap < 0 else "above"
    named = say(f"mail.compare.{what}", body=body)
    return say(f"mail.compare.{key}", what=named, rate=percent(other), gap=money(abs(gap)))


def _places(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """Where each finding stands, and its sentence."""
    return [(_place(finding), finding.message) for finding in findings]


def _place(finding: Finding) -> str:
    key = "cell" if finding.cell else "sheet" if finding.sheet else "file"
    return say(f"mail.place.{key}", sheet=finding.sheet, cell=finding.cell)


def _labelled(**facts: str) -> list[tuple[str, str]]:
    return [(say(f"mail.label.{label}"), fact) for label, fact in facts.items()]


def _rounded(amount: Decimal | None) -> str:
    return money(amount, ROUNDED)


def _signed(amount: Decimal) -> str:
    return f"+{_rounded(amount)}" if amount > 0 else _rounded(amount)


def _to(unit: Unit) -> str:
    return say("mail.greeting", unit=unit.name)


def _mail(
    kind: NoticeKind,
    body: Body,
    subject: str,
    *,
    images: tuple[Attachment, ...] = (),
    **facts: Any,
) -> Mail:
    subject = _line(say("mail.subject", body=body.name, text=subject))
    approved = kind not in ROUTINE
    footer = [
        say(
            f"mail.footer.{'approved' if approved else 'automatic'}",
            finance=body.finance,
            body=body.name,
        ),
        say("mail.footer.answer", finance=body.finance),
    ]
    if body.contact:
        footer.append(say("mail.footer.contact", contact=body.contact))
    facts |= {"subject": subject, "body": body, "footer": footer}
    html, text = (
        _environment().get_template(f"{kind}.{form}").render(facts) for form in ("html", "txt")
    )
    return Mail(subject, text, _INLINER.inline(html), images)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        finalize=lambda value: _line(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["say"] = say
    return environment


def _line(text: str) -> str:
    """The text on one line, without line breaks and other characters that cannot be seen."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
