"""Lays out a unit's page: figures, flags, findings with their cells, where numbers come from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from reports.denominator import beside, ratio
from reports.explained import explanations
from reports.mails.amounts import compared
from reports.numbers import money, percent, short_date
from reports.pages import drawing
from reports.pages.month import ACTIVITY_COLUMNS, FLAG_COLUMNS, activity_row
from reports.pages.outgoing import month_file
from reports.pages.rendering import render
from reports.pages.tables import (
    Cell,
    findings,
    flags,
    months_table,
    row,
    severity,
    table,
    to_notice,
    versions,
)
from schemas.board import ActivityFigure, Board, State, UnitStatus
from schemas.explanation import Explanation
from schemas.flags import Matter
from schemas.pages import Month, Notice
from schemas.settings import Body
from schemas.submission import Received
from schemas.texts import say


def unit_page(
    body: Body,
    board: Board,
    unit: UnitStatus,
    activities: Sequence[ActivityFigure],
    names: Mapping[str, str],
    pace: Sequence[float],
    months: Sequence[Month],
    came: Sequence[Received],
    told: Sequence[Explanation],
    notices: Sequence[Notice],
    *,
    banner: str = "",
) -> bytes:
    """The page of one unit: `activities` are its own, `names` its activities' by code, `months`
    its course, `came` what it sent, `told` what the report says of it, `notices` those to it."""
    period, expected = board.period, pace[board.period.month - 1]
    return render(
        "unit",
        body,
        f"{unit.name}, {period.label}",
        [
            (f"../{month_file(period)}#u-{quote(unit.code)}", say("page.to-month")),
            ("#nhiem-vu", say("page.activities")),
            ("#kiem-tra", say("page.checks")),
            ("#giai-trinh", say("page.explained")),
            ("#thu", say("page.letters")),
            ("../outbox.html", say("page.outbox")),
        ],
        typeface=False,
        banner=banner,
        sentences=[*_sentences(body, board, unit, expected)],
        numbers=_numbers(unit),
        note=beside(
            say("page.unit-note", code=unit.code), replace(board, activities=tuple(activities))
        ),
        trend=drawing.trend(months, period.year, pace),
        trend_table=months_table(months),
        flags=table(
            "canh-bao",
            say("page.flags"),
            FLAG_COLUMNS,
            flags(
                (f, Cell(unit.code), names.get(f.activity or "", say("explain.whole-unit")))
                for f in unit.flags
            ),
        )
        if unit.flags
        else None,
        activities=table(
            "nhiem-vu-bang",
            say("page.activities-caption"),
            ACTIVITY_COLUMNS.replace(" unit:w", ""),
            (
                activity_row(
                    a,
                    Cell(a.code),
                    (),
                    severity([f for f in unit.flags if f.activity == a.code]),
                    anchor=f"a-{a.code}",
                )
                for a in activities
            ),
        )
        if activities
        else None,
        words=table(
            "vuong-mac",
            say("page.words"),
            "code:w activity:text difficulty:text solution:text",
            (
                row(a.code, a.name, a.difficulty or "", a.solution or "")
                for a in activities
                if a.difficulty or a.solution
            ),
        ),
        findings=table(
            "kiem-tra-bang",
            say("page.findings-caption"),
            "file:s sheet:s cell:w severity:w message:text check:s",
            findings(f for version in came for f in version.findings),
        ),
        versions=table(
            "ban-nop",
            say("page.versions-caption"),
            "version:w file:s state:s received:w stands:w findings:n sha256:text",
            versions(came),
        ),
        told=[*_indented(explanations(told, period))],
        notices=table(
            "thu-bang",
            say("page.letters-caption"),
            "kind:s subject:text recipients:text",
            (
                row(
                    Cell(say(f"notice.{n.kind}"), href=f"../{to_notice(n.id)}"),
                    n.subject,
                    ", ".join(e.email for e in n.envelopes),
                )
                for n in notices
            ),
        ),
    )


def _sentences(body: Body, board: Board, unit: UnitStatus, expected: float) -> Iterator[str]:
    """How it reported; what it paid, against the pace and the body's average."""
    state = say(f"state.{unit.state}").lower()
    late = say("page.unit-late", deadline=short_date(board.deadline)) if unit.late else ""
    yield say("page.unit-state", state=state, late=late)
    if unit.state is not State.ACCEPTED:
        yield say("page.unit-silent", budget=money(unit.budget_current))
    elif unit.rate is not None:
        yield say(
            "page.unit-rate",
            last_day=short_date(board.period.last_day),
            disbursed=money(unit.disbursed_to_date),
            budget=money(unit.budget_current),
            rate=percent(unit.rate),
            pace=compared(unit.rate, expected, "pace", body.name),
            average=compared(unit.rate, board.totals.rate, "average", body.name),
        )


def _numbers(unit: UnitStatus) -> list[tuple[str, str]]:
    return [
        (ratio(unit.rate, reported=unit.state is State.ACCEPTED), say("mail.digest.big-rate")),
        (money(unit.disbursed_to_date), say("page.big.disbursed")),
        (money(unit.budget_current), say("page.big.budget")),
        (
            str(sum(f.matter is not Matter.PRAISE for f in unit.flags)),
            say("page.big.flags"),
        ),
    ]


def _indented(lines: Iterable[str]) -> Iterator[tuple[int | None, str]]:
    """The lines as the terminal prints them, each with its depth; None of a heading."""
    heading = True
    for line in lines:
        if line:
            depth = (len(line) - len(line.lstrip(" "))) // 2
            yield (None if heading else min(depth, 3)), line.strip()
        heading = not line
