"""Lays out the period's page: overview, units, charts, data quality, adjustments, documents."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from reports.adjusting import doubts
from reports.adjusting import sentences as adjusting_sentences
from reports.beyond import strangers
from reports.chart import SHOWN
from reports.denominator import beside, named
from reports.mails.digest import changed, numbers, sentences
from reports.numbers import percent, short_date
from reports.pages import drawing
from reports.pages.index import line_text
from reports.pages.rendering import render
from reports.pages.tables import (
    LISTED,
    Cell,
    Row,
    Table,
    amount,
    count,
    flags,
    months_table,
    row,
    severity,
    share,
    table,
    to_unit,
)
from schemas.adjustments import Proposals
from schemas.board import ActivityFigure, Board, State, UnitStatus
from schemas.changes import Changes
from schemas.findings import Finding, Severity
from schemas.flags import Flag, FlagSeverity, Matter
from schemas.pages import Line, Month
from schemas.settings import Body
from schemas.submission import Received
from schemas.texts import say, under


@dataclass(frozen=True)
class Judged:
    """How the month is judged: the low units' severities by code, what changed since last month,
    and the pace, what each month's end asks for, as fractions from January to the closing month."""

    severities: Mapping[str, FlagSeverity]
    changes: Changes
    pace: Sequence[float]


def month_page(
    body: Body,
    board: Board,
    judged: Judged,
    months: Sequence[Month],
    versions: Mapping[str, Sequence[Received]],
    documents: Sequence[str],
    adjusting: Proposals,
    banner: str = "",
) -> bytes:
    """The page of the whole month.

    `months` are the body's this year and last, as far as they are known; `versions` by unit;
    `documents` the paths of the period's other files, as seen from the page; `adjusting` what the
    units' proposals come to.
    """
    period, expected = board.period, judged.pace[board.period.month - 1]
    pages = {unit.code: to_unit(unit.code) for unit in board.units}
    listed = len(board.activities) <= LISTED
    silent = [u for u in board.units if u.state is not State.ACCEPTED]
    progress = drawing.progress(board, expected, pages)
    waterfall = drawing.adjustments(board.activities)
    names = {unit.code: unit.name for unit in board.units}
    about = {None: say("explain.whole-unit")} | {a.code: a.name for a in board.activities}
    all_flags = [
        (flag, Cell(u.code, href=pages[u.code]), about.get(flag.activity, ""))
        for u in board.units
        for flag in u.flags
    ]
    facts: dict[str, Any] = {
        "sentences": sentences(body, board, judged.severities, expected),
        "changes": [*changed(board, judged.changes)],
        "numbers": numbers(board, judged.severities),
        "note": " ".join(
            [beside(say("page.note", expected=percent(expected)), board), *strangers(board)]
        ),
        "units": _units(board, pages, more=not listed),
        "activities": _activities(board, pages) if listed else None,
        "many": None if listed else say("page.many", count=len(board.activities)),
        "flags": table("canh-bao", say("page.flags"), FLAG_COLUMNS, flags(all_flags))
        if len(all_flags) <= LISTED
        else None,
        "many_flags": say("page.many-flags", count=len(all_flags)),
        "rules": _rules(board),
        "progress": progress,
        "progress_note": say("page.progress-note", expected=percent(expected)),
        "progress_table": table(
            "tien-do-so-lieu",
            say("page.progress"),
            "unit:name rate:n expected:n gap:text",
            _progress_rows(board, expected, pages),
        ),
        "left_out": say("chart.lowest", shown=SHOWN, units=len(board.units))
        if len(board.units) > SHOWN
        else None,
        "trend": drawing.trend(months, period.year, judged.pace),
        "trend_table": months_table(months),
        "waterfall": waterfall,
        "waterfall_table": _sources(board.activities),
        "adjusting": [*adjusting_sentences(adjusting)],
        "proposals": _proposals(adjusting, names, pages) if adjusting.lines else None,
        "balances": _balances(adjusting),
        "silent": _silent(silent, pages, versions),
        "quality": _quality(board, versions),
        "by_unit": _quality_by_unit(board, pages, versions),
        "by_rule": _quality_by_rule(versions),
        "documents": [(quote(path), _kind(path), path) for path in documents],
    }
    links = [
        ("#tong-quan", say("page.overview")),
        ("#don-vi", say("page.units")),
        ("#giai-ngan-thap", say("page.flags")),
    ]
    if listed:
        links.append(("#nhiem-vu", say("page.activities")))
    links += [
        ("#dieu-chinh", say("page.adjustments")),
        ("#chua-bao-cao", say("page.silent")),
        ("#chat-luong", say("page.quality")),
        ("#tai-lieu", say("page.documents")),
        ("outbox.html", say("page.outbox")),
        ("../index.html", say("page.all-periods")),
    ]
    line = Line(
        period,
        len(board.units),
        len(board.units) - len(silent),
        sum(u.code in judged.severities for u in board.units),
        board.totals.budget_current,
        board.totals.disbursed_to_date,
    )
    title = say("page.title", period=period.label)
    return render("month", body, title, links, line=line_text(line), banner=banner, **facts)


def _kind(path: str) -> str:
    """What a document is, by how its name ends."""
    ending = path.rpartition(".")[2]
    return say(f"page.document.{ending if ending in under('page.document') else 'other'}")


def _units(board: Board, pages: Mapping[str, str], *, more: bool) -> Table:
    codes: dict[str, list[str]] = {}
    if more:  # their own tables are on the units' pages: the search finds the unit
        for one in board.activities:
            codes.setdefault(one.unit, []).append(f"{one.code} {one.name}")
    return table(
        "don-vi-bang",
        say("page.units-caption"),
        "unit:name code:w state:s late:w budget:n disbursed:n rate-of-budget:n severity:w flags:n "
        "findings:n",
        (
            row(
                Cell(u.name, href=pages[u.code]),
                u.code,
                say(f"state.{u.state}"),
                say("page.late") if u.late else "",
                amount(u.budget_current),
                amount(u.disbursed_to_date),
                share(u.rate, reported=u.state is State.ACCEPTED),
                severity(u.flags),
                count(sum(f.matter is not Matter.PRAISE for f in u.flags)),
                count(len(u.findings)),
                anchor=f"u-{u.code}",
                more=" ".join(codes.get(u.code, ())),
            )
            for u in board.units
        ),
    )


def _activities(board: Board, pages: Mapping[str, str]) -> Table:
    raised: dict[str | None, list[Flag]] = {}
    for flag in (f for u in board.units for f in u.flags):
        raised.setdefault(flag.activity, []).append(flag)
    return table(
        "nhiem-vu-bang",
        say("page.activities-caption"),
        ACTIVITY_COLUMNS,
        (
            activity_row(
                a,
                Cell(a.code, href=f"{pages[a.unit]}#a-{quote(a.code)}"),
                [Cell(a.unit, href=pages[a.unit])],
                severity(raised.get(a.code, ())),
            )
            for a in board.activities
        ),
    )


FLAG_COLUMNS = (
    "unit:w code:w activity:text rule:s severity:w said:text actual:n expected:n shortfall:n "
    "needed:n note:s"
)
ACTIVITY_COLUMNS = (
    "code:w activity:text unit:w source:s assigned:n carried:n adjustment:n budget-current:n "
    "disbursed:n last-month:n rate:n denominator:s severity:w estimate:n proposal:n"
)


def activity_row(
    a: ActivityFigure, code: Cell, unit: Sequence[Cell], flagged: Cell, anchor: str = ""
) -> Row:
    """One activity with all its figures; `unit` empty on its unit's own page."""
    return row(
        code,
        a.name,
        *unit,
        a.source,
        amount(a.budget.assigned),
        amount(a.budget.carried),
        amount(a.budget.adjustment),
        amount(a.budget.current),
        amount(a.disbursed),
        amount(a.last_month),
        share(a.rate),
        named(a.budget.judged_by),
        flagged,
        amount(a.estimate),
        amount(a.proposal),
        anchor=anchor,
    )


def _rules(board: Board) -> Table:
    """How many flags each rule raised, by severity, and on how many units."""
    counted: Counter[tuple[str, str]] = Counter()
    units: dict[str, set[str]] = {}
    for unit in board.units:
        for flag in unit.flags:
            praised = flag.matter is Matter.PRAISE
            counted[flag.rule, flag.matter if praised else flag.severity] += 1
            units.setdefault(flag.rule, set()).add(unit.code)
    return table(
        "canh-bao-so",
        say("page.rules"),
        "rule:s units:n critical:n low:n watch:n praise:n",
        (
            row(
                say(f"flag.{rule}.title"),
                count(len(its)),
                *(count(counted[rule, s]) for s in (*reversed(FlagSeverity), Matter.PRAISE)),
            )
            for rule, its in units.items()
        ),
    )


def _progress_rows(board: Board, expected: float, pages: Mapping[str, str]) -> Iterator[Row]:
    for unit in sorted(board.units, key=lambda u: (u.rate is None, u.rate or 0))[:SHOWN]:
        yield row(
            Cell(unit.name, href=pages[unit.code]),
            share(unit.rate, reported=unit.state is State.ACCEPTED),
            share(expected),
            drawing.gap(unit.rate, expected),
        )


def _sources(activities: Sequence[ActivityFigure]) -> Table:
    """The figures behind the waterfall."""
    sources = list(dict.fromkeys(a.source for a in activities))

    def its_row(name: str, its: Sequence[ActivityFigure]) -> Row:
        asked = [a.proposal or Decimal(0) for a in its]
        current = sum((a.budget.current for a in its), Decimal(0))
        return row(
            name,
            amount(sum((a.budget.assigned for a in its), Decimal(0))),
            amount(sum((a.budget.carried for a in its), Decimal(0))),
            amount(sum((a.budget.adjustment for a in its), Decimal(0))),
            amount(current),
            amount(sum((p for p in asked if p > 0), Decimal(0))),
            amount(sum((p for p in asked if p < 0), Decimal(0))),
            amount(current + sum(asked, Decimal(0))),
        )

    rows = [its_row(s, [a for a in activities if a.source == s]) for s in sources]
    return table(
        "nguon-von",
        say("page.sources"),
        "source:s assigned:n carried:n adjustment:n budget-current:n more:n less:n after:n",
        [*rows, its_row(say("page.all"), activities)],
    )


def _proposals(adjusting: Proposals, names: Mapping[str, str], pages: Mapping[str, str]) -> Table:
    return table(
        "de-xuat",
        say("page.proposals"),
        "code:w activity:text unit:name source:s budget:n disbursed:n rate:n proposal:n after:n "
        "rate-after:n look:text",
        (
            row(
                one.activity,
                one.name,
                Cell(names[one.unit], href=pages[one.unit]),
                one.source,
                amount(one.budget),
                amount(one.disbursed),
                share(one.rate),
                amount(one.amount),
                amount(one.after),
                share(one.rate_after),
                doubts(one),
            )
            for one in adjusting.lines
        ),
    )


def _balances(adjusting: Proposals) -> Table:
    return table(
        "can-doi",
        say("adjust.balance-title"),
        "source:s given:n asked:n left:n",
        (
            row(
                one.source or say("adjust.all-sources"),
                amount(one.given),
                amount(one.asked),
                amount(one.left),
            )
            for one in (*adjusting.balances, adjusting.total)
        ),
    )


def _silent(
    silent: Sequence[UnitStatus],
    pages: Mapping[str, str],
    versions: Mapping[str, Sequence[Received]],
) -> Table | None:
    return (
        table(
            "chua-bao-cao-bang",
            say("page.silent-caption"),
            "unit:name code:w state:s budget:n versions:n last-received:w",
            (
                row(
                    Cell(u.name, href=pages[u.code]),
                    u.code,
                    say(f"state.{u.state}"),
                    amount(u.budget_current),
                    count(len(versions.get(u.code, ()))),
                    _received(versions.get(u.code, ())),
                )
                for u in silent
            ),
        )
        if silent
        else None
    )


def _received(its: Sequence[Received]) -> Cell:
    if not its:
        return Cell("", "")
    return Cell(short_date(its[-1].received_on), str(its[-1].received_on.toordinal()))


def _quality(board: Board, versions: Mapping[str, Sequence[Received]]) -> list[tuple[str, str]]:
    """The four numbers of timeliness and versions."""
    accepted = [u for u in board.units if u.state is State.ACCEPTED]
    again = [u for u in board.units if len(versions.get(u.code, ())) > 1]
    figures = {
        "in-time": sum(not u.late for u in accepted),
        "late": sum(u.late for u in accepted),
        "not-yet": len(board.units) - len(accepted),
        "again": len(again),
    }
    return [(str(n), say(f"page.quality-of.{what}")) for what, n in figures.items()]


def _quality_by_unit(
    board: Board, pages: Mapping[str, str], versions: Mapping[str, Sequence[Received]]
) -> Table:
    rows = []
    for unit in board.units:
        its = versions.get(unit.code, ())
        found = Counter(f.severity for v in its for f in v.findings)
        accepted = [v for v in its if v.state is State.ACCEPTED]
        rows.append(
            row(
                Cell(unit.name, href=pages[unit.code]),
                unit.code,
                say(f"state.{unit.state}"),
                _received(accepted[:1]),
                count(max(0, (accepted[0].received_on - board.deadline).days) if accepted else 0),
                count(len(its)),
                *(count(found[s]) for s in Severity),
            )
        )
    columns = (
        "unit:name code:w state:s accepted-on:w days-late:n versions:n errors:n warnings:n infos:n"
    )
    return table("chat-luong-don-vi", say("page.by-unit"), columns, rows)


def _quality_by_rule(versions: Mapping[str, Sequence[Received]]) -> Table | None:
    counted: Counter[tuple[str, Severity]] = Counter()
    units: dict[tuple[str, Severity], set[str]] = {}
    example: dict[tuple[str, Severity], Finding] = {}
    for unit, its in versions.items():
        for one in (f for v in its for f in v.findings):
            key = one.rule, one.severity
            counted[key] += 1
            units.setdefault(key, set()).add(unit)
            example.setdefault(key, one)
    ordered = sorted(counted, key=lambda k: (list(Severity).index(k[1]), -counted[k], k[0]))
    rows = [
        row(
            say(f"check.{rule}"),
            Cell(say(f"severity.{s}"), str(list(Severity).index(s)), tag=str(s)),
            count(counted[rule, s]),
            count(len(units[rule, s])),
            example[rule, s].message,
        )
        for rule, s in ordered
    ]
    columns = "check:s severity:w findings:n units:n example:text"
    return table("chat-luong-quy-tac", say("page.by-rule"), columns, rows) if rows else None
