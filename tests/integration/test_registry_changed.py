"""The registry changes after units have reported: what an earlier month came to is what its board
says now, and a report that no unit of the registry sent is counted nowhere."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook as Book

from ministry import CLOSING, PERIOD, Ministry, Workspace, _table, create
from schemas.board import State
from schemas.course import Stand
from schemas.forms import DISBURSEMENT, Row
from schemas.period import Period
from schemas.submission import Submission
from tasks import course, forecast, submissions
from tasks.board import board
from tasks.desk import Desk
from tasks.documents import month

Sheets = dict[str, list[dict[str, Any]]]
OCTOBER = Period.parse(PERIOD)
SEPTEMBER = OCTOBER.shift(-1)
UNIT, ACTIVITY = "Mã đơn vị", "Mã nhiệm vụ"


def without(sheets: Sheets, label: str, *codes: str) -> None:
    for name, rows in sheets.items():
        sheets[name] = [row for row in rows if row.get(label) not in codes]


def activity_added(sheets: Sheets) -> None:
    sheets["Nhiệm vụ"].append({**sheets["Nhiệm vụ"][0], ACTIVITY: "DV01.7"})
    sheets["Dự toán"].append({**sheets["Dự toán"][0], ACTIVITY: "DV01.7", "Số tiền": Decimal(8000)})


def activity_removed(sheets: Sheets) -> None:
    without(sheets, ACTIVITY, "DV02.2")


def unit_removed(sheets: Sheets) -> None:
    without(sheets, UNIT, "DV03")
    without(sheets, ACTIVITY, "DV03.1", "DV03.2", "DV03.3")


def units_merged(sheets: Sheets) -> None:
    for row in sheets["Nhiệm vụ"]:
        row[UNIT] = "DV02" if row[UNIT] == "DV03" else row[UNIT]
    without(sheets, UNIT, "DV03")


def unit_renamed(sheets: Sheets) -> None:
    for row in (row for rows in sheets.values() for row in rows):
        if row.get(UNIT) == "DV03":
            row[UNIT] = "DV33"


CHANGES = (activity_added, activity_removed, unit_removed, units_merged, unit_renamed)
Change = Callable[[Sheets], None]


def change_registry(workspace: Workspace, change: Change) -> None:
    sheets = workspace.ministry.registry()
    change(sheets)
    book = Book()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        _table(book.create_sheet(title), rows)
    book.save(workspace.path / "registry.xlsx")


def accept(workspace: Workspace, period: Period, share: Decimal) -> None:
    """All units report on all they have, and are accepted."""
    with Desk(workspace.path, CLOSING) as desk:
        empty = {field.name: None for field in DISBURSEMENT.fields}
        sent = [
            Submission(
                f"{unit}.xlsx", f"{n:02x}" * 30 + f"{period.month:04x}", unit, period,
                State.ACCEPTED, (),
                {DISBURSEMENT.name: tuple(
                    Row(DISBURSEMENT.name, one.code, "Giải ngân", line,
                        empty | {"code": one.code, "disbursed": one.budget * share},
                        {"disbursed": "G"})
                    for line, one in enumerate(workspace.ministry.of(unit), 7)
                )},
            )
            for n, unit in enumerate(workspace.ministry.units, 1)
        ]  # fmt: skip
        submissions.store(desk, sent, answers=False)


@pytest.fixture
def reported(tmp_path: Path) -> Workspace:
    """Three units reported on September and October."""
    workspace = create(tmp_path / "ws", Ministry(3))
    accept(workspace, SEPTEMBER, Decimal("0.4"))
    accept(workspace, OCTOBER, Decimal("0.5"))
    return workspace


@pytest.mark.parametrize("change", CHANGES)
def test_an_earlier_month_is_what_its_board_says_now(reported: Workspace, change: Change) -> None:
    change_registry(reported, change)
    with Desk(reported.path, CLOSING) as desk:
        then, now = board(desk, SEPTEMBER), month(desk, OCTOBER)
        sums, by_source = course.sums(desk, OCTOBER), course.by_source(desk, OCTOBER)
        assert forecast.submitted(desk)[0] == sums
    stood = {
        unit.code: (unit.budget_current, unit.disbursed_to_date)
        for unit in then.units
        if unit.state is State.ACCEPTED
    }
    assert {key[0]: its for key, its in sums.items() if key[2] == SEPTEMBER.month} == stood
    assert now.since is not None
    assert now.since.last_rate == then.totals.rate
    (whole, _) = course.whole(sums)
    assert whole.rate == then.totals.rate
    parts: dict[tuple[str, str], Stand] = {}
    for one in then.activities:
        before = parts.get((one.unit, one.source), Stand(Decimal(0), Decimal(0)))
        parts[one.unit, one.source] = Stand(
            before.budget + one.budget.denominator, before.disbursed + one.disbursed
        )
    assert {(unit, source): stand for unit, source, stand in by_source} == parts


@pytest.mark.parametrize("change", [unit_removed, units_merged, unit_renamed])
def test_a_report_of_a_unit_that_is_gone_counts_nowhere_and_is_told_of(
    reported: Workspace, change: Change
) -> None:
    reported.setting("# pdf = true", "pdf = false")
    reported.done("report", PERIOD)
    folder = reported.path / "reports" / PERIOD
    assert (folder / "letters" / "DV03.docx").exists()
    change_registry(reported, change)

    told = "Không tính báo cáo đã tiếp nhận của DV03"
    ran = reported("report", PERIOD)
    assert ran.status == 0, ran.err
    assert told in unbroken(ran.out)
    assert told in unbroken(reported("status", PERIOD).out)
    answer = reported.done("status", PERIOD)
    assert answer["strangers"] == ["DV03"]
    assert "DV03" not in {unit["code"] for unit in answer["units"]}
    page = (folder / f"bao-cao-{PERIOD}.html").read_text("utf-8")
    assert told in page
    made = reported("reproduce", PERIOD, "--json").json["documents"]
    assert {one["outcome"] for one in made} == {"identical"}

    assert not (folder / "letters" / "DV03.docx").exists()  # nobody is urged that is gone
    assert not [one for one in reported.outbox("urging", "draft") if one["unit"] == "DV03"]
    then = reported.done("explain", PERIOD, "DV03")  # as the report before said it
    assert json.dumps(then).count("DV03.1")
    assert reported("explain", PERIOD, "DV03", "--now").status == 2


def unbroken(text: str) -> str:
    """What the terminal set in lines."""
    return " ".join(text.split())
