"""Writes the mails that go out under a standing approval: blank form, receipt, return, reminder."""

from collections.abc import Sequence
from datetime import date

from reports.denominator import key, rated
from reports.mails.rendering import labelled, places, render
from reports.numbers import long_date, money, short_date
from schemas.board import State, UnitStatus
from schemas.findings import Finding, Severity
from schemas.notices import Mail, NoticeKind
from schemas.period import Period
from schemas.registry import Denominator, Unit
from schemas.settings import Body
from schemas.texts import say

MOST_FINDINGS = 10
"""Findings told in the mail itself; the marked workbook tells all."""


def blank_form(body: Body, unit: Unit, period: Period, deadline: date, activities: int) -> Mail:
    """The mail that brings the unit its workbook, with so many activities on it."""
    names = {"finance": body.finance, "period": period.label, "deadline": long_date(deadline)}
    days = {"last_day": short_date(period.last_day), "year": period.year}
    fill = "fill-closing" if period.is_closing else "fill"
    steps = [say(f"mail.blank-form.{step}", **days) for step in ("open", fill, "explain", "send")]
    return render(
        NoticeKind.BLANK_FORM,
        body,
        say("mail.blank-form.subject", period=period.label, deadline=short_date(deadline)),
        greeting=_to(unit),
        title=say("mail.blank-form.title", period=period.label),
        sentence=say("mail.blank-form.sentence", **names),
        request=say("mail.blank-form.request", **names),
        facts=labelled(
            period=period.title, activities=str(activities), deadline=short_date(deadline)
        ),
        steps=steps,
    )


def receipt(
    body: Body,
    unit: Unit,
    period: Period,
    deadline: date,
    status: UnitStatus,
    received: date,
    basis: Denominator | None = Denominator.TOTAL,
) -> Mail:
    """Thanks for an accepted report: its totals, in time or late, what a person should look at.

    `basis` is what the unit's rate divides by, None where its funding sources differ.
    """
    day = {"last_day": short_date(period.last_day)}
    figures = status.disbursed_to_date is not None
    return render(
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
        facts=labelled(
            **{key(basis): money(status.budget_current)},
            disbursed=money(status.disbursed_to_date),
            rate=rated(status.rate, basis),
        )
        if figures
        else [],
        warnings=places(f for f in status.findings if f.severity is Severity.WARNING),
        infos=places(f for f in status.findings if f.severity is Severity.INFO),
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
    converted_from: str = "",
) -> Mail:
    """What must be corrected, errors before warnings.

    `marked` says that the workbook with its cells marked goes with the mail, which then tells
    the first `MOST_FINDINGS` and leaves the rest to it; a mail without it tells all.
    `converted_from` is the format that the clerk sent, where the marked one is another.
    """
    errors = [f for f in findings if f.severity is Severity.ERROR]
    told = [*errors, *(f for f in findings if f.severity is Severity.WARNING)]
    marked = marked and any(f.cell for f in told)
    most = MOST_FINDINGS if marked else len(told)
    left = [f.severity for f in told[most:]]
    more = {"errors": left.count(Severity.ERROR), "warnings": left.count(Severity.WARNING)}
    return _return(
        body,
        unit,
        period,
        deadline,
        file,
        say("mail.return.sentence", finance=body.finance, period=period.label, count=len(errors)),
        say(f"mail.return.{'marked' if marked else 'whole'}", deadline=long_date(deadline)),
        told[:most],
        converted=say("mail.return.converted", kind=say(f"format.{converted_from}"))
        if converted_from
        else "",
        more=[say(f"mail.return.more-{key}", count=n) for key, n in more.items() if n],
    )


def unread(
    body: Body,
    unit: Unit,
    period: Period,
    deadline: date,
    findings: Sequence[Finding],
    file: str,
    *,
    stands: bool,
) -> Mail:
    """That a file could not be read, and what to send instead; `stands` says that the unit has a
    report in place, which the file does not touch."""
    key = "unread-beside" if stands else "unread"
    return _return(
        body,
        unit,
        period,
        deadline,
        file,
        say(f"mail.return.{key}", finance=body.finance, period=period.label),
        say(f"mail.return.{key}-request", deadline=long_date(deadline)),
        findings,
    )


def _return(
    body: Body,
    unit: Unit,
    period: Period,
    deadline: date,
    file: str,
    sentence: str,
    request: str,
    findings: Sequence[Finding],
    *,
    converted: str = "",
    more: Sequence[str] = (),
) -> Mail:
    return render(
        NoticeKind.RETURN,
        body,
        say("mail.return.subject", period=period.label, deadline=short_date(deadline)),
        greeting=_to(unit),
        title=say("mail.return.title", period=period.label),
        sentence=sentence,
        request=request,
        converted=converted,
        facts=labelled(file=file, deadline=short_date(deadline)),
        findings=places(findings),
        more=more,
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
    return render(
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


def _to(unit: Unit) -> str:
    return say("mail.greeting", unit=unit.name)
