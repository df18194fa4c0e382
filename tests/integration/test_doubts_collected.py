"""Figures that do not fit the months before or the rows beside, through the front door."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from ministry import (
    DISBURSED,
    ESTIMATE,
    IT,
    MONEY,
    PERIOD,
    THREE_FORMS,
    Ministry,
    create,
    write_plain,
)

PLAN = "Dự toán sau điều chỉnh"


def found(unit: dict[str, Any]) -> list[tuple[str, str | None, str]]:
    return [(f["rule"], f["cell"], f["severity"]) for f in unit["findings"]]


def test_what_does_not_fit_is_told_with_its_cell_and_accepted(tmp_path: Path) -> None:
    workspace = create(tmp_path / "w", Ministry(3))
    workspace.done("open", PERIOD)
    plans = {a.code: a.budget for a in workspace.ministry.activities()}
    before = workspace.ministry.lines(THREE_FORMS)
    steps = ("Nghiệm thu", "Bàn giao", "Thanh quyết toán")
    not_yet = {code: dict.fromkeys(steps, "Chưa") for code in before[IT]}
    for month, share in (("08", Decimal("0.25")), ("09", Decimal("0.5"))):
        lines = {
            code: {**cells, DISBURSED: cells[DISBURSED] * share, PLAN: plans[code]}
            for code, cells in before[MONEY].items()
        }
        file = workspace.inbox / f"{THREE_FORMS} 2021-{month}.xlsx"
        write_plain(file, {**before, MONEY: lines, IT: not_yet})
        workspace.done("collect", f"2021-{month}")
    one, other, third = (a.code for a in workspace.ministry.of(THREE_FORMS))
    half = {code: {DISBURSED: cells[DISBURSED] / 2} for code, cells in before[MONEY].items()}
    half[third] |= {PLAN: plans[third] + 1, ESTIMATE: plans[third] + 1}
    workspace.submit(THREE_FORMS, None, **half)
    workspace.submit(
        "DV01", None, **{"DV01.1": {PLAN: plans["DV01.2"]}, "DV01.2": {PLAN: plans["DV01.1"]}}
    )
    workspace.submit("DV02", None, **{"DV02.1": {PLAN: plans["DV01.1"]}})
    workspace.done("collect", PERIOD)

    units = workspace.units()
    assert {unit["state"] for unit in units.values()} == {"accepted"}
    assert found(units["DV01"]) == [
        ("plans-exchanged", workspace.cell(MONEY, code, PLAN), "warning")
        for code in ("DV01.1", "DV01.2")
    ]
    assert found(units["DV02"]) == [
        ("plan-of-another", workspace.cell(MONEY, "DV02.1", PLAN), "warning")
    ]
    assert "DV01.1 (đơn vị DV01)" in units["DV02"]["findings"][0]["message"]
    assert found(units[THREE_FORMS]) == [
        ("column-again", workspace.cell(MONEY, one, DISBURSED), "warning"),
        ("plan-moved", workspace.cell(MONEY, third, PLAN), "warning"),
        ("estimate-over-budget", workspace.cell(MONEY, third, ESTIMATE), "warning"),
    ]
    again = units[THREE_FORMS]["findings"][0]["message"]
    assert all(workspace.cell(MONEY, code, DISBURSED) in again for code in (one, other, third))

    # what another unit reported before is looked at where it holds this one's plan
    workspace.submit("DV01", None, **{"DV01.1": {PLAN: plans["DV02.1"]}})
    workspace.done("collect", PERIOD)
    assert found(workspace.units()["DV01"]) == [
        ("plans-exchanged", workspace.cell(MONEY, "DV01.1", PLAN), "warning")
    ]
    pages = (workspace.path / "reports" / PERIOD / "quality").glob("validations/**/*.html")
    told = " ".join(page.read_text("utf-8") for page in pages)
    assert ("DV01.xlsx" in told, "DV02.xlsx" in told) == (True, False)
