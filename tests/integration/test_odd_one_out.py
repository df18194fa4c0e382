"""One odd file, one poisoned message or one late answer never stops or changes the others."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from ministry import (
    CLOSING,
    DISBURSED,
    ESTIMATE,
    OPENING,
    PERIOD,
    Ministry,
    Workspace,
    create,
    write_plain,
)
from outboxes import claim, owner, record
from postbox import Postbox
from schemas import tables
from schemas.notices import Delivery
from tasks import outbox
from tasks.desk import Desk


@pytest.mark.parametrize(
    ("key", "value"), [("signature", "chữ ký"), ("period", "0000-10"), ("period", "２０２１-10")]
)
def test_a_hidden_sheet_that_was_tampered_with(opened: Workspace, key: str, value: str) -> None:
    opened.submit("DV02")
    path = opened.submit("DV01")
    book = load_workbook(path)
    for row in book["_dondoc"].iter_rows(max_col=2):
        if row[0].value == key:
            row[1].value = value
    book.save(path)
    opened("collect", PERIOD)
    assert opened.units()["DV02"]["state"] == "accepted"
    assert opened.units()["DV01"]["state"] == "accepted"
    assert "altered-signature" in {f["rule"] for f in opened.units()["DV01"]["findings"]}


@pytest.mark.parametrize(
    "name", [b"B\xe1o c\xe1o DV01.xlsx", b"DV01\r\nBcc: x@y.vn.xlsx", b"DV01\x1b[2J.xlsx"]
)
def test_a_file_name_that_no_screen_or_header_can_hold(
    opened: Workspace, postbox: Postbox, name: bytes
) -> None:
    path = opened.submit("DV01", None, **{"DV01.1": {DISBURSED: "chưa rõ"}})
    path.rename(path.with_name(os.fsdecode(name)))
    opened.submit("DV02")
    opened("collect", PERIOD)
    states = {unit: one["state"] for unit, one in opened.units().items()}
    assert (states["DV01"], states["DV02"]) == ("returned", "accepted")
    assert opened.done("deliver")["sent"] == len(postbox.taken)
    assert not any(mail["Bcc"] for mail in postbox.to("nop.dv01@ubdt.vn"))


def test_a_workbook_of_a_unit_that_reports_on_nothing_is_held(opened: Workspace) -> None:
    write_plain(opened.inbox / "UB 2021-10.xlsx", {"Giải ngân": {}}, titles=("ỦY BAN DÂN TỘC",))
    opened.submit("DV01")
    opened("collect", PERIOD)
    assert opened.units()["DV01"]["state"] == "accepted"
    assert [path.name for path in (opened.inbox / "held").iterdir()] == ["UB 2021-10.xlsx"]
    assert opened.outbox("receipt")


def test_figures_stay_with_the_unit_that_reported_them(tmp_path: Path) -> None:
    """An activity that moves to a silent unit takes no figures and no flags along."""
    workspace = create(tmp_path / "w", Ministry(2))
    workspace.done("open", PERIOD, today=OPENING)
    workspace.submit("DV02")
    workspace.done("collect", PERIOD)
    book = load_workbook(workspace.path / "registry.xlsx")
    sheet = book["Nhiệm vụ"]
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value == "DV02" and row[0].value == "DV02.1":
                cell.value = "DV01"
    book.save(workspace.path / "registry.xlsx")
    moved = workspace.units()["DV01"]
    assert (moved["state"], moved["disbursed_to_date"], moved["flags"]) == ("missing", None, [])


def test_a_sender_that_was_taken_over_changes_nothing(opened: Workspace) -> None:
    desk = Desk(opened.path, OPENING)
    number = outbox.due_for_sending(desk, None)[0].id
    slow = claim(desk, number)
    assert slow
    with desk.writer.begin() as connection:  # its lease runs out
        connection.exec_driver_sql("UPDATE outbox SET lease_until = '2021-01-01 00:00:00'")
    quick = claim(desk, number)
    assert quick == replace(slow, attempt=2)
    record(desk, quick, Delivery.SENT, None)
    record(desk, slow, Delivery.FAILED, "timed out")
    assert opened.outbox()[0]["state"] == "sent"
    desk.engine.dispose()


def test_a_dead_sender_is_taken_over_at_once_and_its_reminder_withdrawn(
    opened: Workspace, postbox: Postbox
) -> None:
    opened("deliver", today=OPENING)
    opened.done("remind", today=CLOSING)
    desk = Desk(opened.path, CLOSING)
    for waiting in outbox.due_for_sending(desk, None):
        assert claim(desk, waiting.id)
    with desk.writer.begin() as connection:  # killed: no process has this number
        dead = {"owner": owner(99_999_999)}
        connection.execute(update(tables.outbox).values(**dead))
    desk.engine.dispose()
    opened.submit("DV01")
    opened.done("collect", PERIOD)
    postbox.taken.clear()
    opened.done("deliver")
    assert {r["state"] for r in opened.outbox("reminder") if r["unit"] == "DV01"} == {"superseded"}
    assert {r["state"] for r in opened.outbox("reminder") if r["unit"] == "DV02"} == {"sent"}


def test_the_same_content_sent_again_later_is_the_newest_version(tmp_path: Path) -> None:
    """Returned for what the registry lacked, corrected by another, accepted when sent again."""
    workspace = create(tmp_path / "w", Ministry(1))
    workspace.done("open", PERIOD, today=OPENING)
    figure = str(workspace.ministry.budget("DV01") + 10)
    beyond = {DISBURSED: float(figure), ESTIMATE: float(figure)}
    first = workspace.submit("DV01", None, **{"DV01.1": beyond})
    kept = shutil.copy(first, tmp_path / "kept.xlsx")
    workspace("collect", PERIOD)
    assert workspace.units()["DV01"]["state"] == "returned"
    workspace.submit("DV01", "sửa.xlsx")
    workspace.done("collect", PERIOD)
    book = load_workbook(workspace.path / "registry.xlsx")
    book["Dự toán"].append([2021, "DV01.1", "Điều chỉnh", 1_000_000, None, "bổ sung"])
    labels = [cell.value for cell in next(book["Dự toán"].iter_rows())]
    assert labels[:6] == ["Năm", "Mã nhiệm vụ", "Loại", "Số tiền", "Ngày", "Số văn bản"]
    book.save(workspace.path / "registry.xlsx")
    shutil.copy(kept, workspace.inbox / "lần 3.xlsx")
    workspace("collect", PERIOD)
    unit = workspace.units()["DV01"]
    assert unit["state"] == "accepted"
    (explained,) = workspace.done("explain", PERIOD, "DV01", "DV01.1")
    assert explained["disbursed_to_date"] == float(figure)
    assert explained["disbursed_origin"]["version"] == 1
