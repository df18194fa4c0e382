"""The summary's sheet Truy vết: where each figure of it stands, which its cells lead to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from reports.listing import HEADER, Column, code, list_sheet, money, text
from reports.numbers import short_date
from reports.sheets import Book
from schemas.board import Board
from schemas.explanation import Explanation
from schemas.forms import FORMS, NUMERIC, Kind, Row
from schemas.registry import LEDGER, LedgerRow
from schemas.settings import Body
from schemas.submission import Received
from schemas.texts import say

SHEET = "Truy vết"
_TRACED = NUMERIC | {Kind.DATE, Kind.CHOICE}

Link = Callable[[Any], str | None]


@dataclass(frozen=True, slots=True)
class Trace:
    """One figure and where it stands: a cell of a unit's file, a decision of the registry, or
    one of the program (in words instead of a file)."""

    unit: str
    activity: str
    label: str
    value: object
    file: str
    sheet: str
    place: str
    version: int | None = None
    decision: LedgerRow | None = None
    sha256: str = ""


class Trail:
    """The traces of a month in the order in which they are listed, and what leads to them."""

    def __init__(
        self,
        board: Board,
        explained: Mapping[str, Sequence[Explanation]],
        rows: Mapping[str, Sequence[tuple[str, Row]]],
        received: Sequence[Received],
    ) -> None:
        """`explained` goes by unit, `rows` are (unit, row) by the form's name, of the accepted
        units; `received` holds at least the versions that these rows stand in."""
        self._first: dict[tuple[object, ...], int] = {}
        self.traces: list[Trace] = []
        stands = {one.unit: one for one in received if one.stands}
        of_unit: dict[str, list[Trace]] = {}
        for form in FORMS:
            for unit, row in rows.get(form.name, ()):
                of_unit.setdefault(unit, []).extend(_cells(unit, row, stands[unit]))
        for status in board.units:
            for one in explained.get(status.code, ()):
                for decision in one.decisions:
                    self._add(_decision(one, decision), decision.entry)
            for trace in of_unit.get(status.code, ()):
                self._add(trace, trace.label)

    def _add(self, trace: Trace, what: str) -> None:
        row = HEADER + 1 + len(self.traces)
        self.traces.append(trace)
        for key in ((trace.unit,), (trace.unit, trace.activity), (trace.activity, what)):
            self._first.setdefault(key, row)

    def link(self, *key: str | None) -> str | None:
        """The first trace of a unit (unit), of its activity (unit, activity) or of one figure
        (activity, label or entry), as a place in the workbook; None where there is none."""
        row = self._first.get(key)
        return None if row is None else f"'{SHEET}'!A{row + 1}"


def _cells(unit: str, row: Row, version: Received) -> list[Trace]:
    form = next(form for form in FORMS if form.name == row.form)
    return [
        Trace(
            unit,
            row.code,
            field.label,
            row.values[field.name],
            version.file,
            row.sheet,
            cell,
            version.version,
            sha256=version.sha256,
        )
        for field in form.fields
        if field.kind in _TRACED and row.values.get(field.name) is not None
        if not field.prefilled and (cell := row.cell(field.name))
    ]


def _decision(one: Explanation, row: LedgerRow) -> Trace:
    known = (one.unit, one.activity or "", str(row.entry), row.amount)
    if row.recorded:
        on = short_date(row.recorded.on)
        file = say("summary.decided", by=row.recorded.by, on=on)
        return Trace(*known, file, "", "", decision=row)
    place = say("summary.ledger-row", row=row.row)
    file, sheet = "registry.xlsx", LEDGER.sheet
    return Trace(*known, file, sheet, place, decision=row, sha256=one.registry)


def trail_sheet(book: Book, body: Body, board: Board, trail: Trail) -> None:
    """One line a figure: unit, activity, what it is, how much, and where it stands."""
    columns = (
        code("Mã đơn vị", 11, lambda t: t.unit),
        code("Mã nhiệm vụ", 13, lambda t: t.activity),
        code("Số liệu", 24, lambda t: t.label),
        money("Số tiền, số lượng", lambda t: _number(t.value)),
        code("Ngày, tình trạng", 17, lambda t: _words(t.value)),
        text("Tệp", 30, lambda t: t.file),
        code("Trang tính", 16, lambda t: t.sheet),
        code("Ô", 9, lambda t: t.place),
        Column("Lần gửi", Kind.INTEGER, 8, lambda t: t.version),
        text("Số văn bản", 24, lambda t: t.decision.decision if t.decision else None),
        Column("Ngày", Kind.DATE, 11, lambda t: t.decision.day if t.decision else None),
        code("Mã SHA-256 của tệp", 66, lambda t: t.sha256),
    )
    sheet = list_sheet(book, SHEET, say("summary.trail"), body, board, columns, trail.traces)
    # the hashes are for copying: on paper they would make all else too small to read
    sheet.print_area(0, 0, HEADER + len(trail.traces), len(columns) - 2)


def _number(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


def _words(value: object) -> str | None:
    if isinstance(value, Decimal):
        return None
    return short_date(value) if isinstance(value, date) else str(value)
