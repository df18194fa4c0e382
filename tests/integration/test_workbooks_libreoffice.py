"""LibreOffice opens our workbooks and saves them: nothing that we rely on is lost, totals agree."""

import shutil
import subprocess
from datetime import date
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

from reports.blank import LAST_MONTH, TOTAL, blank_workbook
from reports.returned import LIST, returned_workbook
from reports.summary import summary_workbook
from rules.adjustments import proposals
from schemas.board import ActivityFigure, Board, State, Totals, UnitStatus
from schemas.findings import Finding, Severity
from schemas.forms import FORMS, HIDDEN, Line
from schemas.period import Period
from schemas.registry import Budget, Unit
from schemas.settings import Body
from tasks.workbooks import read

pytestmark = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice (soffice) is not on this machine"
)

OCTOBER, DUE = Period(2021, 10), date(2021, 11, 5)
NAME = "Hệ thống thông tin bản đồ tích hợp dữ liệu điều tra 53 dân tộc thiểu số"
BLANK = blank_workbook(
    Body(),
    Unit("001", "Trung tâm Thông tin"),
    OCTOBER,
    DUE,
    {
        "disbursement": [
            Line(
                {
                    "code": "002",
                    "name": NAME,
                    "source": "Đầu tư công",
                    "budget_assigned": Decimal("12800.123456"),
                    "budget_adjustment": Decimal("-1250.5"),
                    "budget_current": Decimal("11549.623456"),
                },
                Decimal("3456.789012"),
            )
        ],
        "it": [Line({"code": "002", "name": NAME, "acceptance_date": date(2021, 8, 20)})],
        "strategy": [Line({"code": "CL.01", "name": "Chiến lược", "completion": Decimal(80)})],
    },
    "f" * 64,
)

HUNDRED = Decimal(100)
BOARD = Board(
    period=OCTOBER,
    deadline=DUE,
    totals=Totals(Decimal("42250.5"), Decimal("9300.25"), Decimal(226000)),
    units=(
        UnitStatus(
            *("VP", "Văn phòng Ủy ban", State.ACCEPTED, True, Decimal("29450.5")),
            Decimal("9300.25"),
        ),
        UnitStatus("TT", "Thanh tra", State.ACCEPTED, False, Decimal(12800), Decimal(0)),
        UnitStatus("HVDT", "Học viện Dân tộc", State.MISSING, True, Decimal(226000), None),
    ),
    activities=tuple(
        ActivityFigure(
            unit=unit,
            code=f"{unit}.01",
            name=NAME,
            source="ODA",
            budget=Budget(Decimal(budget), HUNDRED, -HUNDRED),
            disbursed=Decimal(disbursed),
            last_month=None,
            estimate=None,
            proposal=Decimal(proposal),
            difficulty=None,
            solution=None,
        )
        for unit, budget, disbursed, proposal in (
            ("VP", "29450.5", "9300.25", "-2000.5"),
            ("TT", "12800", "0", "500"),
        )
    ),
)
PROPOSALS = proposals(BOARD.activities, BOARD.period, Fraction(43, 60), {})
SOURCES = {"ODA": (Decimal("42250.5"), Decimal("9300.25"))}


@pytest.fixture(scope="module")
def resaved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Our workbooks as LibreOffice saved them; one start of the program for all."""
    folder = tmp_path_factory.mktemp("office")
    finding = Finding("x", Severity.ERROR, "hãy nhập lại", None, "Giải ngân", "G7")
    returned = returned_workbook(BLANK, [finding])
    uncalculated = BytesIO()
    load_workbook(
        BytesIO(summary_workbook(Body(), BOARD, 0.7167, SOURCES, {}, {}, (), PROPOSALS))
    ).save(uncalculated)
    files = {"blank": BLANK, "returned": returned, "summary": uncalculated.getvalue()}
    for name, content in files.items():
        (folder / f"{name}.xlsx").write_bytes(content)
    command: list[str | Path] = ["soffice", f"-env:UserInstallation=file://{folder}/profile"]
    command += ["--headless", "--convert-to", "xlsx", "--outdir", folder / "saved"]
    paths = [folder / f"{name}.xlsx" for name in files]
    subprocess.run([*command, *paths], check=True, capture_output=True, timeout=180)
    return {name: (folder / "saved" / f"{name}.xlsx").read_bytes() for name in files}


def opened(content: bytes) -> Workbook:
    return load_workbook(BytesIO(content))


def values(content: bytes, sheet: str) -> list[list[Any]]:
    """What calamine reads, without the empty cells and rows that a program may add."""
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name(sheet).to_python()
    texts = [[value for value in row if value != ""] for row in rows]
    return [row for row in texts if row]


def test_every_sheet_reads_the_same(resaved: dict[str, bytes]) -> None:
    sheets = CalamineWorkbook.from_filelike(BytesIO(BLANK)).sheet_names
    assert CalamineWorkbook.from_filelike(BytesIO(resaved["blank"])).sheet_names == sheets
    for sheet in sheets:
        assert values(resaved["blank"], sheet) == values(BLANK, sheet)
    money = values(resaved["blank"], "Giải ngân")
    assert money[-2][:3] == ["002", NAME, "Đầu tư công"]
    assert money[-2][3:] == [12800.123456, -1250.5, 11549.623456, 3456.789012]
    assert money[-3][-1] == LAST_MONTH
    assert money[-1] == [TOTAL, 12800.123456, -1250.5, 11549.623456, 0, 0, 0]


def test_the_reader_finds_the_same(resaved: dict[str, bytes]) -> None:
    before, after = (read(c, "001.xlsx", FORMS) for c in (BLANK, resaved["blank"]))
    assert after == before
    rows = {sheet.form: [row.code for row in sheet.rows] for sheet in after.sheets}
    assert rows == {"disbursement": ["002"], "it": ["002"], "strategy": ["CL.01"]}
    assert after.sheets[0].rows[0].values["budget_current"] == Decimal("11549.623456")


def test_the_hidden_sheet_survives(resaved: dict[str, bytes]) -> None:
    assert opened(resaved["blank"])[HIDDEN].sheet_state == "hidden"
    identity = dict(values(resaved["blank"], HIDDEN))
    assert (identity["unit"], identity["period"]) == ("001", "2021-10")
    assert identity["signature"] == "f" * 64


def test_locks_and_checks_survive(resaved: dict[str, bytes]) -> None:
    before, after = opened(BLANK), opened(resaved["blank"])
    for form in FORMS:
        old, new = before[form.sheet], after[form.sheet]
        assert new.protection.sheet
        assert not new.protection.formatColumns  # False: allowed
        for cell in old[7]:
            assert new[cell.coordinate].protection.locked is cell.protection.locked
        assert checks(new) == checks(old)
        assert new.print_title_rows == old.print_title_rows


def checks(sheet: Any) -> set[tuple[str, str | None, str | None]]:
    """What is checked in the first line: the cell, the kind of check, what it says."""
    rules = sheet.data_validations.dataValidation
    return {
        (cell.coordinate, rule.type, rule.error)
        for cell in sheet[7]
        for rule in rules
        if cell.coordinate in rule.sqref and rule.type
    }


def test_a_returned_workbook_comes_back_clean(resaved: dict[str, bytes]) -> None:
    marked = opened(resaved["returned"])
    assert marked["Giải ngân"]["G7"].comment  # whose author LibreOffice has forgotten
    again = opened(returned_workbook(resaved["returned"], []))
    assert again.sheetnames.count(LIST) == 1
    assert again["Giải ngân"]["G7"].comment is None
    was = opened(BLANK)["Giải ngân"]["G7"].fill.fgColor.rgb
    assert again["Giải ngân"]["G7"].fill.fgColor.rgb == was


def test_the_summary_s_formulas_give_our_figures(resaved: dict[str, bytes]) -> None:
    ours = summary_workbook(Body(), BOARD, 0.7167, SOURCES, {}, {}, (), PROPOSALS)
    for sheet in ("Tổng hợp", "Nhiệm vụ", "Điều chỉnh"):
        calculated, stored = values(resaved["summary"], sheet), values(ours, sheet)
        assert len(calculated) == len(stored)
        for one, other in zip(calculated, stored, strict=True):
            assert one == [pytest.approx(v) if isinstance(v, float) else v for v in other]
    lines = values(ours, "Tổng hợp")
    sums = [42250.5, 9300.25, pytest.approx(9300.25 / 42250.5)]
    assert [line[1:] for line in lines[-6:-4]] == [sums, [226000]]
    assert [line[1:] for line in lines[-2:]] == [sums, sums]  # the one source, and all
    balance = values(ours, "Điều chỉnh")
    assert [line[1:] for line in balance[-2:]] == [[2000.5, 500, 1500.5]] * 2
