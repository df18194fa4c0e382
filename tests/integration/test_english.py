"""A workspace that speaks English: its forms are Vietnamese all the same, and come back as such."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ministry import DISBURSED, MONEY, OPENING, PERIOD, THREE_FORMS, Ministry, Workspace, create
from schemas.texts import speaking, spoken


@pytest.fixture
def english(tmp_path: Path) -> Iterator[Workspace]:
    """Opened, with a form of each kind among the units'."""
    workspace = create(tmp_path / "w", Ministry(3))
    settings = workspace.path / "dondoc.toml"
    settings.write_text(f'language = "en"\n{settings.read_text("utf-8")}', "utf-8")
    with speaking(spoken()):  # this process speaks as before afterwards
        workspace.done("open", PERIOD, today=OPENING)
        yield workspace


def test_a_form_that_an_english_workspace_issued_is_accepted_filled_in(english: Workspace) -> None:
    assert "no activity to report" in english("explain", PERIOD, "X").err
    assert "no figures" in english("forecast", PERIOD).err
    form = load_workbook(english.path / "forms" / PERIOD / f"{THREE_FORMS}.xlsx")
    written = [cell.value for row in form[MONEY].iter_rows(max_row=5) for cell in row if cell.value]
    assert "Đơn vị tính: triệu đồng" in written
    assert form.worksheets[0]["A2"].value == "HƯỚNG DẪN ĐIỀN BÁO CÁO"
    english.submit("DV01")
    before = load_workbook(english.submit("DV02"))  # one that is still out, issued in English
    for row, column, said in ((2, 1, "Reporting unit: Hội đồng Dân tộc (DV02)"),
                              (4, 1, "Period: 10/2021"), (5, 11, "Unit: million VND")):  # fmt: skip
        assert before[MONEY].cell(row, column).value
        before[MONEY].cell(row, column, said)
    before.save(english.inbox / "DV02.xlsx")
    english.submit(THREE_FORMS, DV03_1={DISBURSED: "nhiều"})
    english("collect", PERIOD, today=OPENING)
    units = english.units()
    assert {code: one["state"] for code, one in units.items()} == {
        "DV01": "accepted", "DV02": "accepted", THREE_FORMS: "returned",
    }  # fmt: skip
    (wrong,) = [f for f in units[THREE_FORMS]["findings"] if f["severity"] == "error"]
    assert wrong["cell"] == english.cell(MONEY, "DV03.1", DISBURSED)
    assert "number" in wrong["message"]  # what is said of it is English
    english.submit(THREE_FORMS)
    english.done("collect", PERIOD, today=OPENING)
    assert english.units()[THREE_FORMS]["state"] == "accepted"
