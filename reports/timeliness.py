"""The summary's sheets on the data themselves: who sent what when, and what was found in it."""

from collections import Counter
from collections.abc import Sequence

from reports.listing import Column, code, list_sheet, text
from reports.sheets import Book
from schemas.board import Board
from schemas.findings import Finding, Severity
from schemas.forms import Kind
from schemas.settings import Body
from schemas.submission import Received
from schemas.texts import say


def quality_sheets(book: Book, body: Body, board: Board, received: Sequence[Received]) -> None:
    """A line a version of a unit's report, a line a rule that found something, and every finding
    that stands on the board."""
    names = {unit.code: unit.name for unit in board.units}

    def counted(severity: Severity) -> Column:
        label = say(f"severity.{severity}")
        return Column(
            label,
            Kind.INTEGER,
            9,
            lambda one: sum(found.severity is severity for found in one.findings),
        )

    versions = (
        code("Mã đơn vị", 11, lambda one: one.unit),
        text("Tên đơn vị", 34, lambda one: names.get(one.unit)),
        Column("Lần gửi", Kind.INTEGER, 8, lambda one: one.version),
        text("Tệp", 34, lambda one: one.file),
        Column("Ngày nhận", Kind.DATE, 12, lambda one: one.received_on),
        Column("Số ngày quá hạn", Kind.INTEGER, 10, lambda one: _late(one, board)),
        code("Tình trạng", 16, lambda one: say(f"state.{one.state}")),
        code("Được tính", 10, lambda one: say("summary.stands") if one.stands else None),
        *map(counted, Severity),
    )
    list_sheet(book, "Chất lượng số liệu", say("summary.quality"), body, board, versions, received)
    found = [(one, finding) for one in received for finding in one.findings]
    rules = (
        text("Quy tắc kiểm tra", 34, lambda line: say(f"check.{line[0]}")),
        code("Mức độ", 12, lambda line: say(f"severity.{line[1]}")),
        Column("Số lượt phát hiện", Kind.INTEGER, 11, lambda line: line[2]),
        Column("Số đơn vị", Kind.INTEGER, 10, lambda line: line[3]),
        text("Các đơn vị", 60, lambda line: line[4]),
    )
    list_sheet(book, "Theo quy tắc", say("summary.by-rule"), body, board, rules, _by_rule(found))
    findings = (
        code("Mã đơn vị", 11, lambda line: line[0].unit),
        code("Lần gửi", 8, lambda line: str(line[0].version)),
        text("Tên đơn vị", 26, lambda line: names.get(line[0].unit)),
        code("Mức độ", 11, lambda line: say(f"severity.{line[1].severity}")),
        code("Trang tính", 16, lambda line: line[1].sheet),
        code("Ô", 7, lambda line: line[1].cell),
        text("Nội dung và cách xử lý", 80, lambda line: line[1].message),
        text("Quy tắc kiểm tra", 30, lambda line: say(f"check.{line[1].rule}")),
    )
    list_sheet(book, "Lỗi, cảnh báo", say("summary.findings"), body, board, findings, found)


def _late(one: Received, board: Board) -> int | None:
    """Calendar days after the deadline, None where it came in time."""
    days = (one.received_on - board.deadline).days
    return days if days > 0 else None


def _by_rule(
    found: Sequence[tuple[Received, Finding]],
) -> list[tuple[str, Severity, int, int, str]]:
    """(rule, severity, findings, units, their codes), the gravest first, then the most frequent."""
    counts = Counter((finding.rule, finding.severity) for _, finding in found)
    order = list(Severity)
    lines = []
    for (rule, severity), count in counts.items():
        units = dict.fromkeys(
            one.unit for one, its in found if (its.rule, its.severity) == (rule, severity)
        )
        lines.append((rule, severity, count, len(units), ", ".join(units)))
    return sorted(lines, key=lambda line: (order.index(line[1]), -line[2], line[0]))
