"""The month's summary workbook: units, activities, flags, and the rows of the two other forms."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from xlsxwriter.utility import xl_range, xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from reports import explained
from reports.adjustments_sheet import adjustments_sheet
from reports.denominator import key, ratio
from reports.explained import excuse
from reports.listing import (
    HEADER,
    Column,
    Formula,
    filtered_sums,
    formula_line,
    list_sheet,
    money,
    percent,
    rounded,
    text,
)
from reports.sheets import HEAD, Book, fit_height, show_decimals
from reports.timeliness import quality_sheets
from reports.trail import Trail, trail_sheet
from reports.workbook_charts import cell_of, charts_sheet
from schemas.adjustments import Proposals
from schemas.board import ActivityFigure, Board, UnitStatus, rate
from schemas.explanation import Explanation
from schemas.flags import Flag, FlagSeverity, gravest
from schemas.forms import DISBURSEMENT, IT, STRATEGY, Field, Form, Row
from schemas.registry import Entry
from schemas.settings import Body
from schemas.submission import Received
from schemas.texts import say

_ACTIVITIES = "Nhiệm vụ"


def summary_workbook(
    body: Body,
    board: Board,
    expected: float,
    sources: Mapping[str, tuple[Decimal, Decimal]],
    rows: Mapping[str, Sequence[tuple[str, Row]]],
    explained: Mapping[str, Sequence[Explanation]],
    received: Sequence[Received],
    proposals: Proposals,
) -> bytes:
    """The .xlsx attached to the digest: units, charts, activities, flags, proposals to adjust, the
    two other forms, the quality of the data, and Truy vết, which every figure leads to.

    Amounts in triệu đồng; `expected` is the pace's rate at the period's end; `sources` are
    denominator and disbursed to date by funding source, over the board's activities; `rows` are
    (unit's code, row) of the accepted units by the form's name; `explained` goes by unit;
    `received` are all versions of the period. Sums are formulas that carry our own figures as
    their stored results. The same month gives the same bytes.
    """
    book = Book()
    names = {unit.code: unit.name for unit in board.units}
    trail = Trail(board, explained, rows, received)
    sheet = _units(book, body, board, expected, trail)
    top = HEADER + len(board.units) + 4
    columns = _activity_columns(board, names, trail)
    _sources(book, sheet, top, sources, board, [column.label for column in columns])
    _charts(book, body, board, expected, sources, top + 2)
    _activities(book, body, board, columns)
    _flags(book, body, board, names)
    adjustments_sheet(book, body, board, names, proposals, trail)
    for name, form in (("CNTT", IT), ("Chiến lược", STRATEGY)):
        _form(book, name, body, board, form, rows.get(form.name, ()), names, trail)
    quality_sheets(book, body, board, received)
    trail_sheet(book, body, board, trail)
    return book.content()


def _gravest(unit: UnitStatus) -> str | None:
    severity = gravest(unit.flags)
    return say(f"severity.{severity}") if severity else None


_DISBURSED = DISBURSEMENT["disbursed"].label

_UNITS = "Tổng hợp"
_BUDGET, _PAID, _SHARE, _GRAVEST = 4, 5, 6, 8
"""Places of the columns below that the totals and the looks of a line speak of."""


def _rate(known: float | None, *, reported: bool = True) -> float | str:
    """A rate as a cell, or the words that stand for none."""
    return ratio(known, reported=reported) if known is None else known


def _basis(board: Board) -> str:
    """The label of the budgets that the board's rates divide by."""
    return say(f"mail.label.{key(board.basis())}")


def _unit_columns(board: Board, expected: float, trail: Trail) -> Sequence[Column]:
    def source(unit: UnitStatus) -> str | None:
        return trail.link(unit.code)

    return (
        text("Mã đơn vị", 11, lambda u: u.code),
        text("Tên đơn vị", 38, lambda u: u.name),
        text("Tình trạng báo cáo", 18, lambda u: say(f"state.{u.state}")),
        text("Nộp muộn", 9, lambda u: say("summary.late") if u.late else None),
        money(_basis(board), lambda u: u.budget_current, source),
        money(_DISBURSED, lambda u: u.disbursed_to_date, source),
        percent(say("summary.rate"), _rate_of_unit, source),
        percent(say("summary.expected"), lambda u: None if u.rate is None else expected),
        text("Mức cảnh báo", 13, _gravest),
    )


def _rate_of_unit(unit: UnitStatus) -> float | str:
    return _rate(unit.rate, reported=unit.disbursed_to_date is not None)


def _mark_severities(book: Book, sheet: Worksheet, column: int, first: int, last: int) -> None:
    """Severities told apart in black and white too: white on dark, bold on grey, slanted."""
    looks = {
        FlagSeverity.CRITICAL: {"bg_color": "#7F2704", "font_color": "#FFFFFF", "bold": True},
        FlagSeverity.LOW: {"bg_color": "#FDD0A2", "bold": True},
        FlagSeverity.WATCH: {"italic": True},
    }
    for severity, look in looks.items():
        sheet.conditional_format(
            xl_range(first, column, last, column),
            {
                "type": "cell",
                "criteria": "==",
                "value": f'"{say(f"severity.{severity}")}"',
                "format": book.add_format(look),
            },
        )


def _units(book: Book, body: Body, board: Board, expected: float, trail: Trail) -> Worksheet:
    columns = _unit_columns(board, expected, trail)
    sheet = list_sheet(book, _UNITS, say("summary.title"), body, board, columns, board.units)
    first, last = HEADER + 1, HEADER + len(board.units)
    budgets, paid = (xl_range(first, c, last, c) for c in (_BUDGET, _PAID))
    totals, row = board.totals, last + 1
    # a unit counts where it has a disbursed figure, 0 among them
    counted: list[Formula] = [
        (_BUDGET, f'=SUMIF({paid},"<>",{budgets})', totals.budget_current),
        (_PAID, f"=SUM({paid})", totals.disbursed_to_date),
        _share(row, totals.rate),
    ]
    silent = f"=SUM({budgets})-{xl_rowcol_to_cell(row, _BUDGET)}"
    if beyond := sum((unit.budget_beyond for unit in board.units), Decimal(0)):
        silent += f"+{beyond:f}"  # no line of the sheet has what came after a unit's report
    rest: list[Formula] = [(_BUDGET, silent, totals.budget_not_reported)]
    if board.units:
        _mark_severities(book, sheet, _GRAVEST, first, last)
        formula_line(book, sheet, row, say("summary.accepted"), columns, counted)
        formula_line(book, sheet, row + 1, say("summary.not-reported"), columns, rest)
        for column in (_BUDGET, _PAID):
            show_decimals(book, sheet, first, column, row + 1)
    return sheet


def _share(row: int, known: float | None) -> Formula:
    """The rate of a row's own amounts."""
    budget, paid = (xl_rowcol_to_cell(row, column) for column in (_BUDGET, _PAID))
    return _SHARE, f'=IF({budget}>0,{paid}/{budget},"{say("denominator.undefined")}")', _rate(known)


def _nothing(_: object) -> None:
    """The funding sources are formulas only: no line of theirs has a value of its own."""


def _source_columns(board: Board) -> tuple[Column, ...]:
    """Under the units' columns of the same places."""
    return (
        *(text("", width, _nothing) for width in (11, 38, 18, 9)),
        money(_basis(board), _nothing),
        money(_DISBURSED, _nothing),
        percent(say("summary.rate"), _nothing),
    )


def _sources(
    book: Book,
    sheet: Worksheet,
    top: int,
    sources: Mapping[str, tuple[Decimal, Decimal]],
    board: Board,
    labels: Sequence[str],
) -> None:
    """The funding sources under the units' columns, each summed from the sheet Nhiệm vụ, whose
    columns have these `labels`."""
    if not sources:
        return
    columns = _source_columns(board)
    sheet.write_string(top, 0, say("summary.sources"), book.style(bold=True, font_size=12))
    _sources_header(book, sheet, top + 1, columns)
    first, last = top + 2, top + 1 + len(sources)
    top_line, end = HEADER + 1, HEADER + len(board.activities)
    by_source, *amounts = (
        f"'{_ACTIVITIES}'!{xl_range_abs(top_line, column, end, column)}"
        for column in map(labels.index, (DISBURSEMENT["source"].label, _basis(board), _DISBURSED))
    )
    for row, (source, known) in enumerate(sources.items(), first):
        name = xl_rowcol_to_cell(row, 0)
        sums: list[Formula] = [
            (column, f"=SUMIF({by_source},{name},{amount})", value)
            for column, amount, value in zip((_BUDGET, _PAID), amounts, known, strict=True)
        ]
        sums.append(_share(row, rate(known[1], known[0])))
        formula_line(book, sheet, row, source, columns, sums, {})
    budget, paid = (sum(known, Decimal(0)) for known in zip(*sources.values(), strict=True))
    whole: list[Formula] = [
        (column, f"=SUM({xl_range(first, column, last, column)})", value)
        for column, value in ((_BUDGET, budget), (_PAID, paid))
    ]
    whole.append(_share(last + 1, rate(paid, budget)))
    formula_line(book, sheet, last + 1, say("summary.all-sources"), columns, whole)
    for column in (_BUDGET, _PAID):
        show_decimals(book, sheet, first, column, last + 1)


def _sources_header(book: Book, sheet: Worksheet, row: int, columns: Sequence[Column]) -> None:
    """One label over the text columns, the units' own labels over the figures."""
    style = book.style(**HEAD | {"align": "left", "left": 0, "right": 0})
    for place in range(_BUDGET):
        sheet.write_blank(row, place, None, style)
    sheet.write_string(row, 0, DISBURSEMENT["source"].label, style)
    for place, column in enumerate(columns[_BUDGET:], _BUDGET):
        sheet.write_string(row, place, column.label, book.style(**HEAD))
    fit_height(sheet, row, ((column.label, column.width) for column in columns[_BUDGET:]))


def _charts(
    book: Book,
    body: Body,
    board: Board,
    expected: float,
    sources: Mapping[str, tuple[Decimal, Decimal]],
    first_source: int,
) -> None:
    """The rates that exist, with where each stands on the sheet of the units."""
    units = [
        (unit.code, unit.name, cell_of(_UNITS, row, _SHARE), unit.rate)
        for row, unit in enumerate(board.units, HEADER + 1)
        if unit.rate is not None
    ]
    by_source = [
        (source, "", cell_of(_UNITS, row, _SHARE), known)
        for row, (source, (budget, paid)) in enumerate(sources.items(), first_source)
        if (known := rate(paid, budget)) is not None
    ]
    charts_sheet(book, body, board, units, by_source, expected)


def _activity_columns(board: Board, names: Mapping[str, str], trail: Trail) -> tuple[Column, ...]:
    """The figures of the activities; where money was carried over both rates, and where the
    sources' rates divide by different amounts, what each one's divides by."""

    def cell(label: str) -> Callable[[ActivityFigure], str | None]:
        return lambda activity: trail.link(activity.code, label)

    def source(activity: ActivityFigure) -> str | None:
        return trail.link(activity.unit, activity.code)

    labels = {field.name: field.label for field in DISBURSEMENT.fields}
    plan, total, mixed = (say(f"mail.label.{basis}") for basis in ("plan", "total", "mixed"))
    by_plan, two = bool(board.sources_by_plan), board.basis() is None
    both = any(a.budget.carried for a in board.activities)
    return (
        text("Mã đơn vị", 9, lambda a: a.unit),
        text(labels["code"], 13, lambda a: a.code),
        text("Tên đơn vị", 20, lambda a: names[a.unit]),
        text(labels["name"], 34, lambda a: a.name),
        text(labels["source"], 12, lambda a: a.source),
        money("Dự toán giao trong năm", lambda a: a.budget.assigned, cell(Entry.ASSIGNED)),
        money("Chuyển nguồn", lambda a: a.budget.carried, cell(Entry.CARRIED)),
        money(labels["budget_adjustment"], lambda a: a.budget.adjustment, cell(Entry.ADJUSTMENT)),
        *([money(plan, lambda a: a.budget.plan, source)] if by_plan else []),
        money(total, lambda a: a.budget.current, source),
        *([money(mixed, lambda a: a.budget.denominator, source)] if two else []),
        money("Lũy kế kỳ trước", lambda a: a.last_month),
        money(_DISBURSED, lambda a: a.disbursed, cell(labels["disbursed"])),
        percent(say("summary.rate"), lambda a: _rate(a.rate), cell(labels["disbursed"])),
        *([percent(say("summary.by-plan"), _by_plan)] if both else []),
        *([percent(say("summary.by-total"), _by_total)] if both else []),
        money(labels["estimate"], lambda a: a.estimate, cell(labels["estimate"])),
        money(labels["proposal"], lambda a: a.proposal, cell(labels["proposal"])),
        text(labels["difficulty"], 24, lambda a: a.difficulty),
        text(labels["solution"], 24, lambda a: a.solution),
    )


def _by_plan(activity: ActivityFigure) -> float | str:
    return _rate(rate(activity.disbursed, activity.budget.plan))


def _by_total(activity: ActivityFigure) -> float | str:
    return _rate(rate(activity.disbursed, activity.budget.current))


def _activities(book: Book, body: Body, board: Board, columns: Sequence[Column]) -> None:
    its = board.activities
    sheet = list_sheet(book, _ACTIVITIES, say("summary.activities"), body, board, columns, its)
    if its:
        filtered_sums(book, sheet, columns, its)


_SEVERITY = 5
"""Place of the severity in the columns below."""


def _flags(book: Book, body: Body, board: Board, names: dict[str, str]) -> None:
    activities: dict[str | None, ActivityFigure] = {a.code: a for a in board.activities}
    columns = (
        text("Mã đơn vị", 11, lambda f: f.unit),
        text("Mã nhiệm vụ", 13, lambda f: f.activity),
        text("Tên đơn vị", 26, lambda f: names[f.unit]),
        text("Tên nhiệm vụ", 40, lambda f: _about(f, activities)),
        text("Cảnh báo", 24, lambda f: say(f"flag.{f.rule}.title")),
        text("Mức độ", 11, explained.severity),
        percent("Thực tế", lambda f: f.actual),
        percent("Yêu cầu", lambda f: f.expected),
        rounded("Còn thiếu", lambda f: f.shortfall),
        rounded("Cần giải ngân mỗi tháng đến hết năm", lambda f: f.needed_per_month),
        text("Ghi chú", 30, _note),
        text("Nội dung", 44, explained.sentence),
        text("Quy tắc", 20, lambda f: f"{f.rule} {f.version}"),
    )
    flags = [flag for unit in board.units for flag in unit.flags]
    sheet = list_sheet(book, "Cảnh báo", say("summary.flags"), body, board, columns, flags)
    if flags:
        _mark_severities(book, sheet, _SEVERITY, HEADER + 1, HEADER + len(flags))


def _note(flag: Flag) -> str | None:
    """Why a flag is no reason for a letter, where it is none."""
    said = [say("summary.small")] if flag.small else []
    said += [excuse(flag.excused)] if flag.excused else []
    return "; ".join(said) or None


def _form(
    book: Book,
    name: str,
    body: Body,
    board: Board,
    form: Form,
    rows: Sequence[tuple[str, Row]],
    names: dict[str, str],
    trail: Trail,
) -> None:
    def of_row(field: Field) -> Column:
        return Column(
            field.label,
            field.kind,
            field.width,
            lambda pair: pair[1].values.get(field.name),
            link=lambda pair: trail.link(pair[1].code, field.label),
        )

    own = [of_row(field) for field in form.fields]
    columns = (
        text("Mã đơn vị", 11, lambda pair: pair[0]),
        own[0],
        text("Tên đơn vị", 26, lambda pair: names.get(pair[0])),
        *own[1:],
    )
    list_sheet(book, name, form.title, body, board, columns, rows)


def _about(flag: Flag, activities: dict[str | None, ActivityFigure]) -> str:
    return activities[flag.activity].name if flag.activity else say("summary.whole-unit")
