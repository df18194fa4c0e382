"""One workbook of several units, signs that disagree, and a batch with every kind of foul file."""

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from ministry import (
    BODY,
    CLOSING,
    DIFFICULTY,
    DISBURSED,
    ESTIMATE,
    MONEY,
    OPENING,
    PERIOD,
    Ministry,
    Workspace,
    create,
    write_plain,
)
from schemas.arrival import Arrival
from schemas.findings import Finding, Severity
from schemas.submission import Submission
from tasks import answers, archive, intake, notices, workbooks
from tasks.apart import Reader, Refused
from tasks.desk import Desk

TITLE = "ỦY BAN DÂN TỘC"
UNITS = ("DV01", "DV02", "DV03")


@pytest.fixture
def month(tmp_path: Path) -> Workspace:
    """Four units under one body, whose own clerk has an address too."""
    month = create(tmp_path / "w", Ministry(4))
    contact(month, BODY, "vanthu@ubdt.vn")
    return month


@pytest.fixture
def desk(month: Workspace) -> Iterator[Desk]:
    with Desk(month.path, CLOSING) as desk:
        yield desk


def contact(month: Workspace, unit: str | None, address: str) -> None:
    path = month.path / "registry.xlsx"
    book = load_workbook(path)
    sheet = book["Liên hệ"]
    cells = {"Mã đơn vị": unit, "Họ tên": "Ai", "Email": address, "Vai trò": "Người nộp"}
    sheet.append([cells.get(str(label.value)) for label in sheet[1]])
    book.save(path)


def lines(month: Workspace, units: Sequence[str], **changes: Any) -> dict[str, Any]:
    """What the superior body's clerk types: the lines of all these units in one table."""
    joined: dict[str, Any] = {}
    for unit in units:
        for sheet, its in month.ministry.lines(unit, **changes).items():
            joined.setdefault(sheet, {}).update(its)
    return joined


def joint(
    month: Workspace, *units: str, name: str = "tổng hợp.xlsx", title: str = TITLE, **changes: Any
) -> Path:
    told = lines(month, units, **changes)
    return write_plain(month.path / "mail" / name, told, titles=(title,))


def take(
    desk: Desk, *files: Path | Arrival, sender: str | None = None, period: str = PERIOD
) -> dict[tuple[str, str | None], Submission]:
    """(File, unit) -> what became of it."""
    arrivals = [
        f
        if isinstance(f, Arrival)
        else Arrival(f.name, archive.keep(desk.workspace, f.read_bytes()), sender)
        for f in files
    ]
    taken = intake.take_in(desk, intake.understand(desk, arrivals, period))
    notices.answer(desk)
    return {(one.file, one.unit): one for one in taken}


def rules(one: Submission) -> dict[str, str | None]:
    return {f.rule: f.cell for f in one.findings}


def count(desk: Desk, table: str = "submission") -> int:
    with sqlite3.connect(desk.workspace / "dondoc.db") as database:
        (number,) = database.execute(f"select count(*) from {table}").fetchone()  # noqa: S608
    database.close()
    return int(number)


# --- one workbook, several units ----------------------------------------------------------------


def test_a_superiors_workbook_is_one_report_for_each_of_its_units(
    month: Workspace, desk: Desk
) -> None:
    path = joint(month, *UNITS)
    taken = take(desk, path, sender="vanthu@ubdt.vn")
    assert {(unit, one.state) for (_, unit), one in taken.items()} == {
        (unit, "accepted") for unit in UNITS
    }
    assert [unit for _, unit in taken] == list(UNITS)  # as the registry has them
    assert len({one.sha256 for one in taken.values()}) == 1
    for one in taken.values():
        assert {f.rule: f.severity for f in one.findings} == {"split-file": Severity.INFO}
    board = month.units()
    for unit in UNITS:
        assert board[unit]["disbursed_to_date"] == float(month.ministry.disbursed(unit))
    assert board["DV04"]["state"] == "missing"
    receipts = {(r["unit"], r["to"]) for r in month.outbox("receipt")}
    assert receipts == {(unit, f"nop.{unit.lower()}@ubdt.vn") for unit in UNITS}


def test_every_figure_of_a_joint_workbook_is_followed_to_its_cell(
    month: Workspace, desk: Desk
) -> None:
    path = joint(month, *UNITS)
    take(desk, path)
    sheet = load_workbook(path)[MONEY]
    for unit in UNITS:
        for activity in month.ministry.of(unit):
            (one,) = month.done("explain", PERIOD, unit, activity.code)
            origin = one["disbursed_origin"]
            assert origin["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
            assert float(sheet[origin["cell"]].value) == float(activity.disbursed)


def test_each_unit_hears_of_its_own_cells_only(month: Workspace, desk: Desk) -> None:
    wrong: dict[str, Any] = {"DV02_1": {DISBURSED: "khoảng ba tỷ"}, "DV03_2": {DISBURSED: -1}}
    taken = take(desk, joint(month, *UNITS, **wrong))
    assert {unit: one.state for (_, unit), one in taken.items()} == {
        "DV01": "accepted",
        "DV02": "returned",
        "DV03": "returned",
    }
    name = "tổng hợp.xlsx"
    assert rules(taken[name, "DV01"]).keys() == {"split-file"}
    assert rules(taken[name, "DV02"]).keys() == {"split-file", "not-a-number"}
    assert rules(taken[name, "DV03"]).keys() == {"split-file", "negative"}
    returns = {r["unit"] for r in month.outbox("return")}
    assert returns == {"DV02", "DV03"}
    assert month.units()["DV02"]["disbursed_to_date"] is None


def test_activities_are_missed_unit_by_unit(month: Workspace, desk: Desk) -> None:
    told = lines(month, ("DV01", "DV02"))
    del told[MONEY]["DV02.2"]
    path = write_plain(month.path / "mail" / "a.xlsx", told, titles=(TITLE,))
    taken = take(desk, path)
    assert [one.state for one in taken.values()] == ["accepted", "returned"]
    (missed,) = (f for f in taken["a.xlsx", "DV02"].findings if f.severity is Severity.ERROR)
    assert missed.rule == "missing-activity"
    assert "DV02.2" in missed.message


def test_a_row_that_nobody_knows_is_put_to_the_units_beside_it(
    month: Workspace, desk: Desk
) -> None:
    told = lines(month, UNITS)
    rows = list(told[MONEY].items())
    rows.insert(4, ("LẠ.1", dict(rows[0][1])))  # after the last row of DV02
    told[MONEY] = dict(rows)
    taken = take(desk, write_plain(month.path / "mail" / "a.xlsx", told, titles=(TITLE,)))
    states = {unit: one.state for (_, unit), one in taken.items()}
    assert states == {"DV01": "accepted", "DV02": "returned", "DV03": "returned"}
    cells = {rules(taken["a.xlsx", unit])["foreign-activity"] for unit in ("DV02", "DV03")}
    assert len(cells) == 1
    assert None not in cells


def test_rows_that_head_the_units_with_their_sums_are_no_activities(
    month: Workspace, desk: Desk
) -> None:
    told: dict[str, Any] = {MONEY: {}}
    for number, unit in enumerate(("DV01", "DV02"), 1):
        its = month.ministry.lines(unit)[MONEY]
        spent = month.ministry.disbursed(unit)
        head = {"Tên nhiệm vụ": month.ministry.name(unit), DISBURSED: spent, ESTIMATE: spent}
        told[MONEY][f"{'I' * number}"] = head
        told[MONEY] |= its
    taken = take(desk, write_plain(month.path / "mail" / "a.xlsx", told, titles=(TITLE,)))
    assert [one.state for one in taken.values()] == ["accepted", "accepted"]
    for unit in ("DV01", "DV02"):
        assert month.units()[unit]["disbursed_to_date"] == float(month.ministry.disbursed(unit))


def test_taking_it_again_doubles_nothing(month: Workspace, desk: Desk) -> None:
    path = joint(month, *UNITS)
    take(desk, path)
    before = (month.units(), month.outbox(), count(desk), count(desk, "disbursement_row"))
    again = take(desk, path)
    assert [one.state for one in again.values()] == ["accepted"] * 3
    take(desk, path, Path(shutil.copy(path, path.with_name("bản sao.xlsx"))))
    assert (month.units(), month.outbox(), count(desk), count(desk, "disbursement_row")) == before


def test_of_two_joint_workbooks_the_later_counts_for_every_unit(
    month: Workspace, desk: Desk
) -> None:
    first = joint(month, *UNITS, name="1.xlsx", DV01_1={DISBURSED: 900})
    second = joint(month, *UNITS, name="2.xlsx", DV01_1={DISBURSED: 1000})
    assert len(take(desk, first, second)) == 6
    other = month.ministry.of("DV01")[1].disbursed
    assert month.units()["DV01"]["disbursed_to_date"] == float(1000 + other)
    assert count(desk) == 6


def test_one_that_was_held_is_split_in_its_place_once_it_can_be(
    month: Workspace, desk: Desk
) -> None:
    path = joint(month, *UNITS, title="")
    (held,) = take(desk, path).values()
    assert (held.state, held.unit, list(rules(held))) == ("held", None, ["two-units"])
    taken = take(desk, path, sender="vanthu@ubdt.vn")
    assert [one.state for one in taken.values()] == ["accepted"] * 3
    assert count(desk) == 3
    assert "inbox/held" not in month("status", PERIOD).out


def test_content_held_and_placed_in_one_batch_is_placed(month: Workspace, desk: Desk) -> None:
    path = joint(month, "DV01", title="")
    content = archive.keep(desk.workspace, path.read_bytes())
    stranger = Arrival("a.xlsx", content, "nop.dv02@ubdt.vn")
    taken = take(desk, stranger, Arrival("b.xlsx", content))
    assert {unit: one.state for (_, unit), one in taken.items()} == {"DV01": "accepted"}
    assert count(desk) == 1
    (held,) = take(desk, stranger).values()
    assert (held.state, list(rules(held))) == ("held", ["units-disagree"])
    assert month.units()["DV01"]["state"] == "accepted"


def test_one_content_under_names_of_two_periods_is_a_report_of_each(
    month: Workspace, desk: Desk
) -> None:
    path = joint(month, "DV01", title="", name="2021-09.xlsx", DV01_1={DIFFICULTY: "x"})
    again = Path(shutil.copy(path, path.with_name("2021-10.xlsx")))
    taken = take(desk, path, again, period="")
    assert {str(one.period): one.state for one in taken.values()} == {
        "2021-09": "accepted",
        "2021-10": "accepted",
    }


def test_an_answer_never_goes_to_a_unit_that_the_file_says_nothing_of(
    month: Workspace, desk: Desk
) -> None:
    take(desk, joint(month, "DV01", "DV02"), sender="vanthu@ubdt.vn")
    assert {r["unit"] for r in month.outbox()} == {"DV01", "DV02"}


def test_the_inbox_gives_a_joint_workbook_one_place_and_a_line_for_each_unit(
    month: Workspace,
) -> None:
    joint(month, *UNITS, DV02_1={DISBURSED: "?"}).rename(month.inbox / "tổng hợp.xlsx")
    joint(month, "DV01", "DV02", title="").rename(month.inbox / "hai.xlsx")
    ran = month("collect", PERIOD, "--json")
    assert [(one["file"], one["unit"], one["state"]) for one in ran.json] == [
        ("tổng hợp.xlsx", "DV01", "accepted"),
        ("tổng hợp.xlsx", "DV02", "returned"),
        ("tổng hợp.xlsx", "DV03", "accepted"),
        ("hai.xlsx", None, "held"),
    ]
    assert (month.inbox / "done" / PERIOD / "tổng hợp.xlsx").is_file()
    assert (month.inbox / "held" / "hai.xlsx").is_file()
    (mail,) = month.outbox("return")
    assert (mail["unit"], mail["to"]) == ("DV02", "nop.dv02@ubdt.vn")


# --- one form on several sheets -----------------------------------------------------------------


def sheets(month: Workspace, name: str, titles: Sequence[str], *tables: Any) -> Path:
    """A workbook with a sheet of the money form for each of `tables`."""
    whole = Workbook()
    whole.remove(whole.worksheets[0])
    for number, (title, its) in enumerate(zip(titles, tables, strict=True), 1):
        one = write_plain(month.path / "mail" / "part.xlsx", {MONEY: its}, titles=(title,))
        target = whole.create_sheet(f"Giải ngân {number}")
        for row in load_workbook(one)[MONEY].iter_rows():
            for cell in row:
                target[cell.coordinate] = cell.value
    path = month.path / "mail" / name
    whole.save(path)
    return path


def test_activities_on_two_sheets_make_one_report(month: Workspace, desk: Desk) -> None:
    its = month.ministry.lines("DV01")[MONEY]
    one, two = ({code: cells} for code, cells in its.items())
    (taken,) = take(desk, sheets(month, "a.xlsx", ("", ""), one, two)).values()
    assert (taken.unit, taken.state) == ("DV01", "accepted")
    assert month.units()["DV01"]["disbursed_to_date"] == float(month.ministry.disbursed("DV01"))
    (second,) = month.done("explain", PERIOD, "DV01", "DV01.2")
    assert second["disbursed_origin"]["sheet"] == "Giải ngân 2"


def test_a_row_told_on_two_sheets_counts_once_or_comes_back(month: Workspace, desk: Desk) -> None:
    its = month.ministry.lines("DV01")[MONEY]
    again = {"DV01.1": its["DV01.1"]}
    other = {"DV01.1": dict(its["DV01.1"]) | {DISBURSED: 1}}
    (taken,) = take(desk, sheets(month, "a.xlsx", ("", ""), its, again)).values()
    assert taken.state == "accepted"
    (told,) = taken.findings
    assert (told.rule, told.severity, told.sheet) == ("repeated-row", Severity.INFO, "Giải ngân 2")
    assert month.units()["DV01"]["disbursed_to_date"] == float(month.ministry.disbursed("DV01"))
    (taken,) = take(desk, sheets(month, "b.xlsx", ("", ""), its, other)).values()
    assert taken.state == "returned"
    (told,) = (f for f in taken.findings if f.severity is Severity.ERROR)
    assert (told.rule, told.sheet) == ("duplicate-activity", "Giải ngân 2")
    assert "Giải ngân 1, ô" in told.message


def test_sheets_of_two_periods_are_held(month: Workspace, desk: Desk) -> None:
    its = month.ministry.lines("DV01")[MONEY]
    one, two = ({code: cells} for code, cells in its.items())
    titles = ("Kỳ báo cáo: tháng 9 năm 2021", "Kỳ báo cáo: tháng 10 năm 2021")
    path = sheets(month, "a.xlsx", titles, one, two)
    for period, rule in (
        (PERIOD, "periods-disagree"),
        ("", "periods-disagree"),
        ("2021-11", "other-period"),
    ):
        (held,) = take(desk, path, period=period).values()
        assert (held.state, list(rules(held))) == ("held", [rule])


# --- signs that disagree ------------------------------------------------------------------------


def test_a_form_sent_by_a_contact_of_another_unit_is_held_with_the_question(
    month: Workspace, desk: Desk
) -> None:
    month.done("open", PERIOD, today=OPENING)
    path = month.submit("DV01")
    (held,) = take(desk, path, sender="nop.dv02@ubdt.vn").values()
    assert held.state == "held"
    (question,) = held.findings
    assert question.rule == "units-disagree"
    assert "Văn phòng Ủy ban (DV01)" in question.message
    assert "Vụ Chính sách Dân tộc (DV02)" in question.message
    (taken,) = take(desk, path, sender="vanthu@ubdt.vn").values()
    assert (taken.state, taken.unit, count(desk)) == ("accepted", "DV01", 1)


def test_what_was_altered_in_a_form_is_named(month: Workspace, desk: Desk) -> None:
    month.done("open", PERIOD, today=OPENING)
    path = month.submit("DV01")
    book = load_workbook(path)
    for row in book["_dondoc"].iter_rows(max_col=2):
        if row[0].value == "period":
            row[1].value = "2021-09"
    for row in book[MONEY].iter_rows(max_row=6):
        for cell in row:
            if "tháng 10" in str(cell.value):
                cell.value = str(cell.value).replace("tháng 10", "tháng 9")
    changed = path.with_name("sửa.xlsx")
    book.save(changed)
    (taken,) = take(desk, changed, period="2021-09").values()
    (told,) = (f for f in taken.findings if f.rule == "altered-signature")
    assert told.severity is Severity.WARNING
    assert "kỳ báo cáo: từ tháng 10 năm 2021 thành tháng 9 năm 2021" in told.message


# --- what the database holds --------------------------------------------------------------------


def test_a_text_that_no_database_takes_stops_nobody(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    month = create(tmp_path / database, Ministry(2))
    read = workbooks.read

    def foul(content: bytes, name: str, *args: Any, **options: Any) -> Any:
        whole = read(content, name, *args, **options)
        if name != "a.xlsx":
            return whole
        (sheet,) = whole.sheets
        rows = tuple(
            replace(
                row,
                sheet="Giải\0 ngân\ud800",
                values={**row.values, "difficulty": "chờ\0", "solution": "x" * 40_000},
            )
            for row in sheet.rows
        )
        return replace(whole, sheets=(replace(sheet, sheet="Giải\0 ngân\ud800", rows=rows),))

    monkeypatch.setattr(workbooks, "read", foul)
    with Desk(month.path, CLOSING) as desk:
        files = [joint(month, u, name=n, title="") for u, n in (("DV01", "a.xlsx"), ("DV02", "b"))]
        taken = take(desk, *files)
    assert {unit: one.state for (_, unit), one in taken.items()} == {
        "DV01": "accepted",
        "DV02": "accepted",
    }
    for unit in ("DV01", "DV02"):
        assert month.units()[unit]["disbursed_to_date"] == float(month.ministry.disbursed(unit))


# --- nothing stops the others -------------------------------------------------------------------


def test_one_foul_file_never_stops_or_changes_the_others(
    month: Workspace, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = month.path / "mail"
    valid = joint(month, "DV04", name="hợp lệ.xlsx", title="")
    split = joint(month, *UNITS)
    held = joint(month, "DV01", "DV02", name="hai đơn vị.xlsx", title="")
    unreadable = mail / "hỏng.xlsx"
    unreadable.write_bytes(valid.read_bytes()[:2000])
    empty = mail / "trống.xlsx"
    empty.write_bytes(b"")
    other = Workbook()
    other.save(mail / "khác.xlsx")
    lost = Arrival("mất.xlsx", "0" * 64)
    damaged = archive.keep(desk.workspace, b"kept")
    next((desk.workspace / "archive").rglob(damaged)).write_bytes(b"rot")
    refused = Finding("encrypted", Severity.ERROR, "…", "khóa.zip")
    locked = Arrival("khóa.zip", archive.keep(desk.workspace, b"zip"), finding=refused)
    bomb = joint(month, "DV03", name="bẫy.xlsx", title="DV03")
    read = workbooks.read

    def faulty(content: bytes, name: str, *args: Any, **options: Any) -> Any:
        if name == bomb.name:
            raise RuntimeError("what a cell holds")
        return read(content, name, *args, **options)

    monkeypatch.setattr(workbooks, "read", faulty)
    slow = joint(month, "DV02", name="chậm.xlsx", title="")
    asked = Reader.book

    def late(reader: Reader, content: bytes, name: str) -> Any:
        if name == slow.name:
            raise Refused("took-too-long", limit="20")
        return asked(reader, content, name)

    monkeypatch.setattr(Reader, "book", late)
    logged: list[object] = []
    monkeypatch.setattr(intake.log, "error", lambda *words: logged.extend(words))
    taken = take(
        desk, bomb, unreadable, lost, split, Arrival("rữa.xlsx", damaged), empty, held, slow,
        locked, mail / "khác.xlsx", valid,
    )  # fmt: skip
    assert {(file, unit): one.state for (file, unit), one in taken.items()} == {
        ("hợp lệ.xlsx", "DV04"): "accepted",
        ("tổng hợp.xlsx", "DV01"): "accepted",
        ("tổng hợp.xlsx", "DV02"): "accepted",
        ("tổng hợp.xlsx", "DV03"): "accepted",
        ("hai đơn vị.xlsx", None): "held",
        ("hỏng.xlsx", None): "held",
        ("trống.xlsx", None): "held",
        ("khác.xlsx", None): "held",
        ("mất.xlsx", None): "held",
        ("rữa.xlsx", None): "held",
        ("khóa.zip", None): "held",
        ("bẫy.xlsx", None): "held",
        ("chậm.xlsx", None): "held",
    }
    assert list(rules(taken["chậm.xlsx", None])) == ["took-too-long"]
    assert list(rules(taken["mất.xlsx", None])) == ["lost-copy"]
    assert list(rules(taken["rữa.xlsx", None])) == ["lost-copy"]
    assert list(rules(taken["khóa.zip", None])) == ["encrypted"]
    assert list(rules(taken["bẫy.xlsx", None])) == ["unreadable"]
    assert "RuntimeError" in logged
    assert "what a cell holds" not in map(str, logged)
    board = month.units()
    for unit in month.ministry.units:
        assert board[unit]["disbursed_to_date"] == float(month.ministry.disbursed(unit))


def test_a_copy_lost_before_its_answer_stops_no_other_answer(
    month: Workspace, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers.log, "disabled", True)
    wrong = {DISBURSED: "?"}
    first, second = (
        joint(month, "DV01", name="1.xlsx", DV01_1=wrong),
        joint(month, "DV02", name="2.xlsx", DV02_1=wrong),
    )
    kept = [archive.keep(desk.workspace, path.read_bytes()) for path in (first, second)]
    arrivals = [Arrival(f"{n}.xlsx", sha256) for n, sha256 in enumerate(kept, 1)]
    intake.take_in(desk, intake.understand(desk, arrivals, PERIOD))
    next((desk.workspace / "archive").rglob(kept[0])).unlink()
    assert notices.answer(desk) == 2
    assert {r["unit"] for r in month.outbox("return")} == {"DV01", "DV02"}
