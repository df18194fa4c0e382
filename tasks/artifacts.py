"""Leaves artifacts on Prefect's page: the table of units, the flags, the documents."""

import sys
from collections.abc import Sequence
from typing import Any

from reports import watched
from reports.console import counts
from reports.denominator import beside, ratio
from reports.explained import severity
from reports.numbers import money, percent
from schemas.board import Board
from schemas.flags import gravest
from schemas.period import Period
from schemas.submission import Submission
from schemas.texts import say
from schemas.watch import Watched
from tasks import outbox
from tasks.board import board as board_of
from tasks.desk import Desk
from tasks.step import step


@step()
def show_board(desk: Desk, period: Period) -> None:
    """The units and the flags of the period as two tables; nothing without a Prefect run."""
    if _seen():
        board = board_of(desk, period)
        told = beside(say("artifact.units", period=period.label), board)
        _table(f"units-{period}", told, _units(board))
        _table(f"flags-{period}", say("artifact.flags", period=period.label), _flags(board))


@step()
def show_collected(period: str, taken: Sequence[Submission]) -> None:
    """A row for each file that arrived (of several units for each of them); nothing where none."""
    if _seen() and taken:
        listed = [
            {
                say("column.file"): one.file,
                say("column.unit"): one.unit or "",
                say("column.period"): str(one.period or ""),
                say("column.state"): say(f"state.{one.state}"),
                say("column.findings"): counts(one.findings).strip(" ()"),
            }
            for one in taken
        ]
        key = f"collected-{Period.parse(period)}" if period else "collected"
        _table(key, say("artifact.collected"), listed)


@step()
def show_outbox(desk: Desk, period: str) -> None:
    """The messages of the period, or of all, with their states."""
    if _seen():
        listed = [
            {
                say("column.kind"): say(f"notice.{row['kind']}"),
                say("column.period"): row["period"],
                say("column.unit"): row["unit"] or "",
                say("column.to"): row["to"],
                say("column.subject"): row["subject"],
                say("column.state"): say(f"delivery.{row['state']}"),
            }
            for row in outbox.rows(desk.engine, Period.parse(period) if period else None)
        ]
        _table(f"outbox-{period}" if period else "outbox", say("console.outbox"), listed)


@step()
def show_documents(desk: Desk, period: Period) -> None:
    """Where the period's documents lie."""
    if _seen():
        from prefect.artifacts import create_markdown_artifact  # noqa: PLC0415

        folder = desk.report_folder(period)
        files = [path for path in sorted(folder.iterdir()) if path.is_file()]
        files += sorted((folder / "letters").glob("*.docx"))
        lines = [f"- [{path.name}]({path.as_uri()})" for path in files]
        create_markdown_artifact(
            key=f"documents-{period}",
            markdown="\n".join([f"`{folder}`", "", *lines]),
            description=say("artifact.documents", period=period.label),
        )


@step()
def show_watch(found: Watched) -> None:
    """What a watch found."""
    if _seen():
        from prefect.artifacts import create_markdown_artifact  # noqa: PLC0415

        create_markdown_artifact(
            key="watch",
            markdown="\n\n".join(watched.lines(found)),
            description=watched.verdict(found),
        )


def _seen() -> bool:
    context = sys.modules.get("prefect.context")
    return context is not None and context.FlowRunContext.get() is not None


def _table(key: str, title: str, rows: Sequence[dict[str, Any]]) -> None:
    from prefect.artifacts import create_table_artifact  # noqa: PLC0415

    create_table_artifact(key=key, table=list(rows), description=title)


def _units(board: Board) -> list[dict[str, Any]]:
    return [
        {
            say("column.unit"): f"{u.code} - {u.name}",
            say("column.state"): say(f"state.{u.state}"),
            say("column.budget"): money(u.budget_current),
            say("column.disbursed"): money(u.disbursed_to_date),
            say("column.rate"): ratio(u.rate, reported=u.disbursed_to_date is not None),
            say("column.severity"): say(f"severity.{s}") if (s := gravest(u.flags)) else "",
        }
        for u in board.units
    ]  # fmt: skip


def _flags(board: Board) -> list[dict[str, Any]]:
    return [
        {
            say("column.unit"): f.unit,
            say("column.activity"): f.activity or "",
            say("column.rule"): say(f"flag.{f.rule}.title"),
            say("column.severity"): severity(f),
            say("column.rate"): percent(f.actual),
            say("column.expected"): percent(f.expected),
            say("column.shortfall"): money(f.shortfall),
            say("column.because"): f.excused.because if f.excused else "",
        }
        for u in board.units
        for f in u.flags
    ]
