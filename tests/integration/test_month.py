"""The month end to end: what goes in as workbooks comes out to the digit, or comes back."""

import os
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from conftest import Demo
from ministry import (
    BODY,
    CLOSING,
    DEADLINE,
    DIFFICULTY,
    DISBURSED,
    ESTIMATE,
    HEADLESS,
    IT,
    LOW,
    MONEY,
    OPENING,
    PERIOD,
    SILENT,
    SOLUTION,
    THREE_FORMS,
    Ministry,
    Workspace,
    address,
    create,
    fill,
    resave,
    run,
    write_plain,
)
from schemas import tables
from tasks.desk import Desk

DATA = Path(__file__).parent.parent / "data"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def rules(unit: Mapping[str, Any], severity: str = "error") -> list[tuple[str, str | None]]:
    return [(f["rule"], f["cell"]) for f in unit["findings"] if f["severity"] == severity]


def names(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir() if p.is_file()} if folder.exists() else set()


# --- twelve units, to the digit -----------------------------------------------------------------


@pytest.mark.parametrize("saved_by", ["openpyxl", "LibreOffice"])
def test_every_figure_of_twelve_units_is_the_one_worked_out_by_hand(
    tmp_path: Path, saved_by: str
) -> None:
    if saved_by == "LibreOffice" and not shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed on this machine")
    month = create(tmp_path / "w")
    ministry = month.ministry
    forms = month.done("open", PERIOD, today=OPENING)["forms"]
    assert [form["unit"] for form in forms] == ministry.units  # nobody asks the superior body
    wrong = "DV05.2"
    for unit in ministry.units:
        if unit == SILENT:
            continue
        changes = {wrong.replace(".", "_"): {DISBURSED: "khoảng ba tỷ"}} if unit == "DV05" else {}
        month.submit(unit, None, **changes)
    if saved_by == "LibreOffice":
        resave([month.inbox / f"{unit}.xlsx" for unit in ministry.units[::2]])
    collected = month("collect", PERIOD, "--json", today=DEADLINE)
    assert collected.status == 1  # one needs a person
    assert {s["file"]: s["state"] for s in collected.json} == {
        f"{unit}.xlsx": "returned" if unit == "DV05" else "accepted"
        for unit in ministry.units
        if unit != SILENT
    }

    answer = month.done("status", PERIOD, today=DEADLINE)
    assert answer["period"] == PERIOD
    assert answer["deadline"] == "2021-11-05"
    assert [u["code"] for u in answer["units"]] == ministry.units
    accepted = [u for u in ministry.units if u not in {SILENT, "DV05"}]
    for unit in answer["units"]:
        code = unit["code"]
        assert unit["name"] == ministry.name(code)
        assert unit["budget_current"] == float(ministry.budget(code)), code
        if code in accepted:
            spent = ministry.disbursed(code)
            assert unit["state"] == "accepted"
            assert unit["disbursed_to_date"] == float(spent), code
            assert unit["rate"] == float(spent / ministry.budget(code)), code
            assert unit["findings"] == []
            assert not unit["late"]
        else:
            assert (unit["disbursed_to_date"], unit["rate"]) == (None, None)
            assert unit["flags"] == []
    state = {u["code"]: u for u in answer["units"]}
    assert state[SILENT]["state"] == "missing"
    assert state["DV05"]["state"] == "returned"
    (finding,) = state["DV05"]["findings"]
    assert (finding["sheet"], finding["cell"]) == (
        MONEY,
        month.cell(MONEY, wrong, DISBURSED),
    )
    assert (finding["file"], finding["rule"]) == ("DV05.xlsx", "not-a-number")
    assert finding["severity"] == "error"
    assert "khoảng ba tỷ" in finding["message"]
    budget, spent = ministry.budget(*accepted), ministry.disbursed(*accepted)
    assert answer["totals"] == {
        "budget_current": float(budget),
        "disbursed_to_date": float(spent),
        "rate": float(spent / budget),
        "budget_not_reported": float(ministry.budget(SILENT, "DV05")),
    }
    # by hand with nothing but a pencil: carried over counts, decided on 31 October counts,
    # decided on 1 November does not, nor does what belongs to 2020
    assert state["DV01"]["budget_current"] == 2751.083333  # 1250,625 + 1500,458333
    assert state["DV02"]["budget_current"] == 4200.25  # 2100,25 - 100,25 + 2200,25
    assert state["DV03"]["budget_current"] == 9601.125  # 3100,375 + 3200,375 + 3300,375


def test_the_low_unit_is_flagged_with_what_was_expected_and_is_short(collected: Workspace) -> None:
    units = collected.units()
    expected = Decimal("0.60") + Decimal("0.35") / 3  # October: one step of the fourth quarter
    (unit,) = [
        f for f in units[LOW]["flags"] if f["activity"] is None and f["rule"] == "below-pace"
    ]
    assert unit["severity"] == "critical"
    assert unit["actual"] == 0.3
    assert unit["expected"] == pytest.approx(float(expected), abs=1e-12)
    short = expected * collected.ministry.budget(LOW) - collected.ministry.disbursed(LOW)
    assert unit["shortfall"] == pytest.approx(float(short), abs=2e-6)
    flagged = {f["activity"] for f in units[LOW]["flags"] if f["rule"] == "below-pace"}
    assert flagged == {None, "DV02.1", "DV02.2"}
    assert {c for c, u in units.items() if any(f["severity"] != "watch" for f in u["flags"])} == {
        LOW
    }


def test_nothing_spent_is_flagged_as_such(opened: Workspace) -> None:
    opened.submit("DV01", DV01_2={DISBURSED: 0})
    opened.done("collect", PERIOD)
    flags = opened.units()["DV01"]["flags"]
    (none,) = [f for f in flags if f["rule"] == "no-disbursement"]
    assert (none["activity"], none["severity"], none["actual"]) == ("DV01.2", "critical", 0)
    assert not [f for f in flags if f["activity"] == "DV01.2" and f["rule"] == "below-pace"]


def test_a_registry_with_its_columns_reversed_and_the_optional_ones_gone(tmp_path: Path) -> None:
    month = create(tmp_path / "w", Ministry(3))
    book = load_workbook(month.path / "registry.xlsx")
    optional = {"Loại": "Đơn vị", "Đơn vị cấp trên": "Đơn vị", "Tổng mức được duyệt": "Nhiệm vụ"}
    for label, sheet in optional.items():
        head = next(c for c in book[sheet][1] if c.value == label)
        book[sheet].delete_cols(head.column)
    book.save(month.path / "registry.xlsx")
    without = month.units()
    month.ministry.write_registry(month.path / "registry.xlsx", reverse=True)
    assert month.units() == without
    assert without["DV01"]["budget_current"] == 2751.083333


def test_an_adjustment_decided_in_november_counts_in_november(opened: Workspace) -> None:
    budgets = {
        period: {u["code"]: u["budget_current"] for u in opened.done("status", period)["units"]}
        for period in ("2021-09", PERIOD, "2021-11")
    }
    assert [budgets[p]["DV03"] for p in budgets] == [9601.125, 9601.125, 10101.125]
    assert [budgets[p]["DV02"] for p in budgets] == [4300.5, 4200.25, 4200.25]


def test_reading_the_registry_again_counts_no_decision_twice(collected: Workspace) -> None:
    before = collected.units()
    collected.ministry.write_registry(collected.path / "registry.xlsx", reverse=True)
    after = collected.units()
    assert after == before


def test_a_decision_entered_after_the_form_went_out_counts_and_is_only_warned_of(
    opened: Workspace,
) -> None:
    path = opened.path / "registry.xlsx"
    book = load_workbook(path)
    book["Dự toán"].append([2021, "DV01.1", "Điều chỉnh", 200, date(2021, 10, 29), "99/QĐ-UBDT"])
    book.save(path)
    opened.submit("DV01")
    opened.done("collect", PERIOD)
    unit = opened.units()["DV01"]
    assert unit["budget_current"] == 2951.083333
    assert rules(unit, "warning") == [
        ("budget-differs", opened.cell(MONEY, "DV01.1", "Điều chỉnh")),
        ("budget-differs", opened.cell(MONEY, "DV01.1", "Dự toán sau điều chỉnh")),
    ]


# --- workbooks that `open` never made -----------------------------------------------------------


TITLES = ("ỦY BAN DÂN TỘC", "BÁO CÁO GIẢI NGÂN", "Đơn vị tính: triệu đồng")


@pytest.mark.parametrize(
    ("titles", "name", "period"),
    [
        ((*TITLES, "Kỳ báo cáo: tháng 10 năm 2021"), "bao cao.xlsx", None),
        ((*TITLES, "Tháng 10/2021"), "gửi Vụ.xlsx", PERIOD),
        (TITLES, "DV01_2021-10.xlsx", None),
        (TITLES, "Báo cáo T10.2021.xlsx", None),
        (TITLES, "bao cao.xlsx", PERIOD),
        ((), "x.xlsx", PERIOD),
    ],
)
def test_a_workbook_made_by_hand_is_placed(
    tmp_path: Path, titles: tuple[str, ...], name: str, period: str | None
) -> None:
    month = create(tmp_path / "w", Ministry(3))
    write_plain(month.inbox / name, month.ministry.lines("DV01"), titles=titles)
    (taken,) = month.done("collect", *([period] if period else []))
    assert (taken["unit"], taken["period"], taken["state"]) == ("DV01", PERIOD, "accepted")
    unit = month.units()["DV01"]
    assert unit["disbursed_to_date"] == float(month.ministry.disbursed("DV01"))
    assert rules(unit) == []
    assert names(month.inbox / "done" / PERIOD) == {name}


@pytest.mark.parametrize("header", [1, 7, 20])
def test_the_header_may_stand_on_any_of_the_first_twenty_rows(tmp_path: Path, header: int) -> None:
    month = create(tmp_path / "w", Ministry(1))
    lines = month.ministry.lines("DV01")
    write_plain(month.inbox / "a.xlsx", lines, header=header, broken=header == 20)
    assert [one["state"] for one in month.done("collect", PERIOD)] == ["accepted"]


def test_a_header_on_row_21_is_said_not_to_be_found(tmp_path: Path) -> None:
    month = create(tmp_path / "w", Ministry(1))
    write_plain(month.inbox / "DV01.xlsx", month.ministry.lines("DV01"), header=21)
    ran = month("collect", PERIOD, "--json")
    assert ran.status == 1
    assert [f["rule"] for f in ran.json[0]["findings"]] == ["no-header"]


def test_all_three_forms_made_by_hand(tmp_path: Path) -> None:
    month = create(tmp_path / "w", Ministry(3))
    write_plain(month.inbox / "a.xlsx", month.ministry.lines(THREE_FORMS), titles=TITLES)
    (taken,) = month.done("collect", PERIOD)
    assert (taken["unit"], taken["state"]) == (THREE_FORMS, "accepted")
    assert month.units()[THREE_FORMS]["disbursed_to_date"] == float(
        month.ministry.disbursed(THREE_FORMS)
    )


@pytest.mark.parametrize(
    ("titles", "name"),
    [
        (("Kỳ báo cáo: tháng 9 năm 2021",), "bao cao.xlsx"),
        ((), "DV01_2021-09.xlsx"),
    ],
)
def test_a_workbook_that_shows_another_period_is_held(
    tmp_path: Path, titles: tuple[str, ...], name: str
) -> None:
    month = create(tmp_path / "w", Ministry(3))
    write_plain(month.inbox / name, month.ministry.lines("DV01"), titles=titles)
    ran = month("collect", PERIOD, "--json")
    assert ran.status == 1
    (taken,) = ran.json
    assert taken["state"] == "held"
    (finding,) = taken["findings"]
    assert (finding["rule"], finding["cell"]) == ("other-period", None)
    assert "tháng 9 năm 2021" in finding["message"]
    assert names(month.inbox / "held") == {name}
    assert month.units()["DV01"]["state"] == "held"
    assert month.units()["DV01"]["disbursed_to_date"] is None


def test_an_opened_form_of_another_period_is_held_too(opened: Workspace) -> None:
    opened.submit("DV01")
    ran = opened("collect", "2021-09", "--json")
    assert (ran.status, ran.json[0]["state"]) == (1, "held")
    assert [f["rule"] for f in ran.json[0]["findings"]] == ["other-period"]
    # laid into the inbox again, a person having seen what it is, it is taken
    (opened.inbox / "held" / "DV01.xlsx").rename(opened.inbox / "DV01.xlsx")
    assert [one["state"] for one in opened.done("collect", PERIOD)] == ["accepted"]
    assert opened.units()["DV01"]["state"] == "accepted"
    assert "inbox/held" not in opened("status", PERIOD).out


def test_a_workbook_without_any_sign_of_its_period_is_held(tmp_path: Path) -> None:
    month = create(tmp_path / "w", Ministry(3))
    write_plain(month.inbox / "bao cao.xlsx", month.ministry.lines("DV01"))
    ran = month("collect", "--json")
    assert (ran.status, ran.json[0]["state"]) == (1, "held")
    assert [f["rule"] for f in ran.json[0]["findings"]] == ["unknown-period"]
    (month.inbox / "held" / "bao cao.xlsx").rename(month.inbox / "bao cao.xlsx")
    assert [one["state"] for one in month.done("collect", PERIOD)] == ["accepted"]


# --- what cannot be used ------------------------------------------------------------------------


def test_bad_files_get_their_sentence_and_good_ones_pass(opened: Workspace) -> None:
    opened.submit("DV01")
    opened.submit("DV02")
    (opened.inbox / "ảnh chụp.png").write_bytes(PNG)
    (opened.inbox / "ảnh.xlsx").write_bytes(PNG + b"\1")
    shutil.copy(DATA / "protected.xlsx", opened.inbox / "có mật khẩu.xlsx")
    (opened.inbox / "trống.xlsx").write_bytes(b"")
    with zipfile.ZipFile(opened.inbox / "công văn.docx", "w") as word:
        word.writestr("[Content_Types].xml", "<Types/>")
        word.writestr("word/document.xml", "<document/>")
    (opened.inbox / "dở dang.xlsx").write_bytes(
        (opened.path / "forms" / PERIOD / "DV03.xlsx").read_bytes()[:3000]
    )
    (opened.inbox / "~$DV01.xlsx").write_bytes(b"lock")
    ran = opened("collect", PERIOD, "--json")
    assert ran.status == 1
    assert {s["file"]: (s["state"], *(f["rule"] for f in s["findings"])) for s in ran.json} == {
        "DV01.xlsx": ("accepted",),
        "DV02.xlsx": ("accepted",),
        "ảnh chụp.png": ("held", "not-a-workbook"),
        "ảnh.xlsx": ("held", "not-a-workbook"),
        "có mật khẩu.xlsx": ("held", "encrypted"),
        "trống.xlsx": ("held", "empty-file"),
        "công văn.docx": ("held", "not-a-workbook"),
        "dở dang.xlsx": ("held", "unreadable"),
    }
    for one in ran.json:
        for finding in one["findings"]:
            assert finding["cell"] is None
            assert finding["message"].endswith(".")
            assert finding["file"] == one["file"]
    held = {s["file"] for s in ran.json if s["state"] == "held"}
    assert names(opened.inbox / "held") == held
    assert names(opened.inbox / "done" / PERIOD) == {"DV01.xlsx", "DV02.xlsx"}
    assert names(opened.inbox) == {"~$DV01.xlsx"}
    shown = opened("status", PERIOD).out
    assert all(name in shown for name in held)
    # every byte that came is kept
    kept = {p.name for p in (opened.path / "archive").rglob("*") if p.is_file()}
    assert {one["sha256"] for one in ran.json} <= kept
    assert {c: u["state"] for c, u in opened.units().items()} == {
        "DV01": "accepted", "DV02": "accepted", "DV03": "missing", "DV04": "missing",
    }  # fmt: skip


def test_a_bad_file_that_names_its_unit_shows_on_the_board(opened: Workspace) -> None:
    shutil.copy(DATA / "protected.xlsx", opened.inbox / "DV03_2021-10.xlsx")
    assert opened("collect").status == 1
    unit = opened.units()["DV03"]
    assert unit["state"] == "held"
    assert rules(unit) == [("encrypted", None)]


@pytest.mark.parametrize(
    ("label", "value", "rule"),
    [
        (DISBURSED, None, "required"),
        (DISBURSED, "chưa có số liệu", "not-a-number"),
        (DISBURSED, -1, "negative"),
        (DISBURSED, 1_001_000_000, "unit-of-money"),
        (DISBURSED, "=1+1", "uncalculated-formula"),
        (ESTIMATE, 1, "estimate-below-disbursed"),
        (ESTIMATE, 1_100_000, "unit-of-money"),
    ],
)
def test_a_wrong_amount_comes_back_with_its_cell(
    opened: Workspace, label: str, value: Any, rule: str
) -> None:
    opened.submit("DV01", DV01_1={label: value})
    cell = opened.cell(MONEY, "DV01.1", label)
    ran = opened("collect", PERIOD)
    assert ran.status == 1
    assert f"{MONEY}" in ran.out
    assert cell in ran.out
    unit = opened.units()["DV01"]
    assert unit["state"] == "returned"
    assert rules(unit) == [(rule, cell)]


@pytest.mark.parametrize(("amount", "state"), [(1250.625, "accepted"), (1250.625001, "returned")])
def test_the_whole_budget_may_be_spent_and_not_one_dong_more(
    opened: Workspace, amount: float, state: str
) -> None:
    opened.submit("DV01", DV01_1={DISBURSED: amount, ESTIMATE: amount})
    opened("collect", PERIOD)
    unit = opened.units()["DV01"]
    wrong = [("over-budget", opened.cell(MONEY, "DV01.1", DISBURSED))]
    assert (unit["state"], rules(unit)) == (state, wrong if state == "returned" else [])


def test_lines_too_many_too_few_and_not_ones_own(opened: Workspace) -> None:
    sent = opened.submit("DV01")
    book = load_workbook(sent)
    sheet = book[MONEY]
    one = sheet[address(sheet, "DV01.1", "Mã nhiệm vụ")]
    two = sheet[address(sheet, "DV01.2", "Mã nhiệm vụ")]
    two.value = "DV02.1"
    book.save(sent)
    assert opened("collect", PERIOD).status == 1
    assert rules(opened.units()["DV01"]) == [
        ("foreign-activity", two.coordinate),
        ("missing-activity", None),
    ]
    two.value = "DV01.1"
    book.save(opened.inbox / "DV01.xlsx")
    assert opened("collect", PERIOD).status == 1
    assert rules(opened.units()["DV01"]) == [
        ("duplicate-activity", two.coordinate),
        ("missing-activity", None),
    ]
    assert one.value == "DV01.1"


def test_a_fall_since_the_last_accepted_month_needs_a_word(tmp_path: Path) -> None:
    month = create(tmp_path / "w", Ministry(1))
    lines = month.ministry.lines("DV01")
    write_plain(month.inbox / "2021-08.xlsx", lines)
    assert [s["state"] for s in month.done("collect", today=date(2021, 9, 3))] == ["accepted"]
    less = {DISBURSED: lines[MONEY]["DV01.1"][DISBURSED] - Decimal("0.001"), DIFFICULTY: None}
    sent = write_plain(month.inbox / "2021-10.xlsx", month.ministry.lines("DV01", DV01_1=less))
    cell = address(load_workbook(sent)[MONEY], "DV01.1", DISBURSED)
    # September was never sent: the last accepted month is August
    assert month("collect").status == 1
    assert rules(month.units()["DV01"]) == [("cumulative-drop", cell)]
    less = {DISBURSED: less[DISBURSED], DIFFICULTY: "Nộp trả ngân sách"}
    write_plain(month.inbox / "2021-10.xlsx", month.ministry.lines("DV01", DV01_1=less))
    month.done("collect")
    unit = month.units()["DV01"]
    assert unit["state"] == "accepted"
    # the same as last month, the other activity: accepted, a person looks
    assert [rule for rule, _ in rules(unit, "warning")] == ["unchanged"]


def test_low_without_a_word_is_warned_of(opened: Workspace) -> None:
    silent = {DIFFICULTY: None, SOLUTION: None}
    opened.submit(LOW, DV02_1=silent)
    opened.done("collect", PERIOD)
    cell = opened.cell(MONEY, "DV02.1", DIFFICULTY)
    assert rules(opened.units()[LOW], "warning") == [("unexplained-low", cell)]


# --- one unit, all three forms ------------------------------------------------------------------


def test_dates_in_the_wrong_order_come_back_with_the_cell_and_pass_corrected(
    opened: Workspace,
) -> None:
    form = opened.path / "forms" / PERIOD / f"{THREE_FORMS}.xlsx"
    assert load_workbook(form).sheetnames[1:4] == [MONEY, IT, "Chiến lược"]
    lines = opened.ministry.lines(THREE_FORMS)
    code = f"{THREE_FORMS}.3"
    wrong = {code: {**lines[IT][code], "Ngày bàn giao": date(2021, 9, 9)}}
    fill(form, opened.inbox / "lần 1.xlsx", lines | {IT: wrong})
    cell = opened.cell(IT, code, "Ngày bàn giao")
    assert opened("collect", PERIOD).status == 1
    unit = opened.units()[THREE_FORMS]
    assert unit["state"] == "returned"
    (finding,) = unit["findings"]
    assert (finding["rule"], finding["sheet"], finding["cell"]) == (
        "handover-before-acceptance", IT, cell,
    )  # fmt: skip
    assert code in finding["message"]
    opened.submit(THREE_FORMS, "lần 2.xlsx")
    opened.done("collect", PERIOD)
    unit = opened.units()[THREE_FORMS]
    assert (unit["state"], unit["findings"]) == ("accepted", [])
    assert unit["disbursed_to_date"] == float(opened.ministry.disbursed(THREE_FORMS))


@pytest.mark.parametrize(
    ("cells", "rule", "label"),
    [
        ({"Nghiệm thu": "Chưa", "Ngày nghiệm thu": None}, "handover-before-acceptance", "Bàn giao"),
        ({"Bàn giao": "Chưa", "Ngày bàn giao": None, "Thanh quyết toán": "Đã hoàn thành"},
         "settlement-before-handover", "Thanh quyết toán"),
        ({"Ngày bàn giao": date(2021, 11, 1)}, "date-after-period", "Ngày bàn giao"),
        ({"Ngày nghiệm thu": date(2015, 12, 31)}, "date-too-early", "Ngày nghiệm thu"),
        ({"Ngày nghiệm thu": "31/02/2021"}, "not-a-date", "Ngày nghiệm thu"),
        ({"Bàn giao": "Mới một phần"}, "not-a-choice", "Bàn giao"),
        ({"Bàn giao": None}, "required", "Bàn giao"),
    ],
)  # fmt: skip
def test_a_wrong_milestone_comes_back_with_its_cell(
    opened: Workspace, cells: Mapping[str, Any], rule: str, label: str
) -> None:
    form = opened.path / "forms" / PERIOD / f"{THREE_FORMS}.xlsx"
    lines = opened.ministry.lines(THREE_FORMS)
    code = f"{THREE_FORMS}.3"
    changed = {code: {**lines[IT][code], **cells}}
    fill(form, opened.inbox / "a.xlsx", lines | {IT: changed})
    assert opened("collect", PERIOD).status == 1
    assert rules(opened.units()[THREE_FORMS]) == [(rule, opened.cell(IT, code, label))]


@pytest.mark.parametrize(
    ("value", "state"), [(100, "accepted"), (100.5, "returned"), (-1, "returned")]
)
def test_completion_runs_from_0_to_100(opened: Workspace, value: float, state: str) -> None:
    form = opened.path / "forms" / PERIOD / f"{THREE_FORMS}.xlsx"
    lines = opened.ministry.lines(THREE_FORMS)
    done = {f"{THREE_FORMS}.3": {"Tỷ lệ hoàn thành (%)": value}}
    fill(form, opened.inbox / "a.xlsx", lines | {"Chiến lược": done})
    opened("collect", PERIOD)
    unit = opened.units()[THREE_FORMS]
    assert unit["state"] == state
    expected = ["completion-out-of-range"] if state == "returned" else []
    assert [rule for rule, _ in rules(unit)] == expected


# --- versions -----------------------------------------------------------------------------------


def test_an_accepted_version_stands_until_a_better_one_arrives(collected: Workspace) -> None:
    before = collected.units()["DV01"]
    collected.submit("DV01", "lần 2.xlsx", DV01_1={DISBURSED: "???"})
    assert collected("collect", PERIOD).status == 1
    unit = collected.units()["DV01"]
    assert unit["state"] == "accepted"
    assert unit["disbursed_to_date"] == before["disbursed_to_date"]
    assert [(f["file"], f["rule"]) for f in unit["findings"]] == [("lần 2.xlsx", "not-a-number")]
    assert [r["state"] for r in collected.outbox("return")] == ["approved"]
    collected.submit("DV01", "lần 3.xlsx", DV01_1={DISBURSED: 1100})
    collected.done("collect", PERIOD)
    unit = collected.units()["DV01"]
    assert (unit["state"], unit["findings"]) == ("accepted", [])
    other = collected.ministry.of("DV01")[1].disbursed
    assert unit["disbursed_to_date"] == float(1100 + other)
    assert [r["state"] for r in collected.outbox("return")] == ["superseded"]


def test_of_several_versions_in_one_batch_the_newest_counts(opened: Workspace) -> None:
    for number, (name, amount) in enumerate((("z.xlsx", 900), ("a.xlsx", 1000))):
        path = opened.submit("DV01", name, DV01_1={DISBURSED: amount})
        os.utime(path, (1_635_700_000 + number, 1_635_700_000 + number))
    assert len(opened.done("collect", PERIOD)) == 2
    other = opened.ministry.of("DV01")[1].disbursed
    assert opened.units()["DV01"]["disbursed_to_date"] == float(1000 + other)
    assert len(opened.outbox("receipt")) == 2
    assert len(opened.outbox("receipt", "approved")) == 1  # one answer, for the newest


def test_a_version_sent_again_after_another_counts_again(opened: Workspace) -> None:
    other = opened.ministry.of("DV01")[1].disbursed
    first = opened.submit("DV01", "a.xlsx", DV01_1={DISBURSED: 900})
    kept = shutil.copy(first, opened.path / "kept.xlsx")
    opened.done("collect", PERIOD)
    opened.submit("DV01", "b.xlsx", DV01_1={DISBURSED: 1000})
    opened.done("collect", PERIOD)
    assert opened.units()["DV01"]["disbursed_to_date"] == float(1000 + other)
    shutil.copy(kept, opened.inbox / "c.xlsx")
    opened.done("collect", PERIOD)
    assert opened.units()["DV01"]["disbursed_to_date"] == float(900 + other)


def test_collecting_twice_doubles_nothing(collected: Workspace) -> None:
    board, outbox = collected.units(), collected.outbox()
    assert collected.done("collect", PERIOD) == []
    for path in (collected.inbox / "done" / PERIOD).iterdir():
        shutil.copy(path, collected.inbox / f"lại {path.name}")
    again = collected.done("collect", PERIOD)
    assert [one["state"] for one in again] == ["accepted"] * 3
    assert collected.units() == board
    assert collected.outbox() == outbox
    assert names(collected.inbox) == set()
    with sqlite3.connect(collected.path / "dondoc.db") as database:
        assert database.execute("select count(*) from submission").fetchone() == (3,)
    database.close()


def test_the_same_content_under_two_names_is_one_submission(opened: Workspace) -> None:
    shutil.copy(opened.submit("DV01"), opened.inbox / "bản sao.xlsx")
    taken = opened.done("collect", PERIOD)
    assert {one["state"] for one in taken} == {"accepted"}
    assert len({one["sha256"] for one in taken}) == 1
    assert names(opened.inbox) == set()
    assert len(opened.outbox("receipt")) == 1
    with sqlite3.connect(opened.path / "dondoc.db") as database:
        assert database.execute("select count(*) from submission").fetchone() == (1,)
    database.close()


def test_opening_twice_doubles_nothing(opened: Workspace) -> None:
    outbox = opened.outbox()
    assert [(r["kind"], r["to"]) for r in outbox] == [
        ("blank-form", f"nop.{unit.lower()}@ubdt.vn") for unit in opened.ministry.units
    ]
    forms = {p.name: p.read_bytes() for p in (opened.path / "forms" / PERIOD).iterdir()}
    opened.done("open", PERIOD, today=OPENING + timedelta(days=1))
    assert opened.outbox() == outbox
    assert {p.name: p.read_bytes() for p in (opened.path / "forms" / PERIOD).iterdir()} == forms


def test_reporting_twice_doubles_nothing(reported: Workspace) -> None:
    outbox = reported.outbox()
    folder = reported.path / "reports" / PERIOD
    files = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    assert reported.done("report", PERIOD)["drafts"] == 0
    assert reported.outbox() == outbox
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == files


def test_the_documents_of_a_report(reported: Workspace) -> None:
    answer = reported.done("report", PERIOD)
    paths = [Path(path) for path in answer["documents"]]
    assert {p.suffix for p in paths} == {".xlsx", ".png", ".docx", ".html"}
    assert all(p.is_relative_to(reported.path / "reports" / PERIOD) for p in paths)
    book = load_workbook(next(p for p in paths if p.suffix == ".xlsx"))
    assert {"Tổng hợp", "Nhiệm vụ", "Chất lượng số liệu", "Truy vết"} <= set(book.sheetnames)
    link = book["Nhiệm vụ"]["K6"].hyperlink
    assert link
    source = book["Truy vết"][link.location.partition("!A")[2]]
    assert [one.value for one in source[:2]] == [book["Nhiệm vụ"][c].value for c in ("A6", "B6")]
    assert source[3].value == book["Nhiệm vụ"]["K6"].value
    assert source[5].value
    assert next(p for p in paths if p.suffix == ".png").read_bytes().startswith(PNG[:8])
    assert (reported.path / "reports" / PERIOD / "quality" / "index.html").is_file()
    assert {(f["unit"], f["rule"]) for f in answer["flags"]} >= {(LOW, "below-pace")}


# --- who has not reported -----------------------------------------------------------------------


def test_late_is_who_was_accepted_after_the_deadline_or_is_still_missing(opened: Workspace) -> None:
    opened.submit("DV01")
    opened.done("collect", PERIOD, today=DEADLINE)
    opened.submit("DV02")
    opened.done("collect", PERIOD, today=date(2021, 11, 8))
    late = {code: unit["late"] for code, unit in opened.units(date(2021, 11, 8)).items()}
    assert late == {"DV01": False, "DV02": True, "DV03": True, "DV04": True}
    on_time = {code: unit["late"] for code, unit in opened.units(DEADLINE).items()}
    assert (on_time["DV01"], on_time["DV03"]) == (False, False)


DAYS = [date(2021, 11, day) for day in range(1, 13)]
REMINDERS = {date(2021, 11, 2): "T-3", DEADLINE: "T+0", date(2021, 11, 8): "T+1", CLOSING: "T+3"}


def test_reminders_go_to_the_right_units_only_them_and_once(opened: Workspace) -> None:
    """DV01 reports on the first day, DV02 between T and T+1, DV03 sends a faulty workbook before
    T, DV04 (which has no head) never answers."""
    reminded: dict[date, list[str]] = {}
    for day in DAYS:
        if day == DAYS[0]:
            opened.submit("DV01")
        if day == date(2021, 11, 3):
            opened.submit("DV03", DV03_1={DISBURSED: "?"})
        if day == date(2021, 11, 6):
            opened.submit("DV02")
        opened("collect", PERIOD, today=day)
        before = {r["id"] for r in opened.outbox("reminder")}
        for _ in range(2):
            assert opened("remind", "--json", today=day).status == 0
        reminded[day] = sorted(r["to"] for r in opened.outbox("reminder") if r["id"] not in before)
    nop = {unit: f"nop.{unit.lower()}@ubdt.vn" for unit in opened.ministry.units}
    assert {day: to for day, to in reminded.items() if to} == {
        date(2021, 11, 2): [nop["DV02"], nop["DV03"], nop["DV04"]],
        DEADLINE: [nop["DV02"], nop["DV03"], nop["DV04"]],
        date(2021, 11, 8): [nop["DV03"], nop["DV04"]],
        CLOSING: [nop["DV03"], nop["DV04"], "truong.dv03@ubdt.vn"],
    }
    assert set(REMINDERS) == {day for day, to in reminded.items() if to}


def test_a_unit_that_reports_before_its_reminder_left_gets_none(opened: Workspace) -> None:
    opened.done("remind", today=DEADLINE)
    assert len(opened.outbox("reminder", "approved")) == 4
    opened.submit("DV01")
    opened.done("collect", PERIOD, today=DEADLINE)
    waiting = {r["unit"] for r in opened.outbox("reminder", "approved")}
    assert waiting == {"DV02", "DV03", "DV04"}
    opened.done("remind", today=DEADLINE)  # and the reminder is not revived
    assert {r["unit"] for r in opened.outbox("reminder", "approved")} == waiting


def test_every_open_period_is_reminded_of(tmp_path: Path) -> None:
    month = create(tmp_path / "w", Ministry(1))
    month.done("open", "2021-09", today=date(2021, 10, 1))
    month.done("open", PERIOD, today=OPENING)
    assert month.done("remind", today=date(2021, 10, 7))["drafts"] == 1
    assert month.done("remind", today=DEADLINE)["drafts"] == 1
    assert [(r["period"], r["unit"]) for r in month.outbox("reminder")] == [
        ("2021-09", "DV01"),
        (PERIOD, "DV01"),
    ]


def test_a_period_that_was_never_opened_reminds_nobody(tmp_path: Path) -> None:
    month = create(tmp_path / "w", Ministry(1))
    assert month.done("remind", today=DEADLINE)["drafts"] == 0


# --- the registry -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sheet", "label", "row", "value"),
    [
        ("Đơn vị", "Mã đơn vị", 4, "DV01"),
        ("Đơn vị", "Tên đơn vị", 3, None),
        ("Đơn vị", "Đơn vị cấp trên", 3, "KHONG"),
        ("Liên hệ", "Email", 4, "nop.dv01"),
        ("Liên hệ", "Vai trò", 4, "Người nhận"),
        ("Liên hệ", "Mã đơn vị", 4, "DV99"),
        ("Nhiệm vụ", "Mã đơn vị", 2, "DV99"),
        ("Nhiệm vụ", "Nguồn vốn", 2, "Vốn khác"),
        ("Nhiệm vụ", "Biểu", 2, "Giải ngân; Kế toán"),
        ("Nhiệm vụ", "Mã nhiệm vụ", 3, "DV01.1"),
        ("Dự toán", "Số tiền", 2, "một tỷ"),
        ("Dự toán", "Mã nhiệm vụ", 2, "DV99.1"),
        ("Dự toán", "Loại", 2, "Cấp"),
        ("Dự toán", "Ngày", 2, "hôm qua"),
        ("Dự toán", "Năm", 2, None),
    ],
)
def test_an_error_in_the_registry_is_named_by_sheet_and_cell(
    opened: Workspace, sheet: str, label: str, row: int, value: Any
) -> None:
    path = opened.path / "registry.xlsx"
    book = load_workbook(path)
    head = next(c for c in book[sheet][1] if c.value == label)
    cell = book[sheet].cell(row, head.column)
    cell.value = value
    book.save(path)
    waiting = opened.submit("DV02")
    for command in (("open", PERIOD), ("status", PERIOD), ("collect",), ("report", PERIOD)):
        ran = opened(*command, "--json")
        assert ran.status == 2
        assert ran.out == ""
        assert f"{sheet} {cell.coordinate}" in ran.err
        assert ran.err.count("\n") == 1
    assert waiting.exists()
    assert len(opened.outbox()) == 4  # what lies there can still be looked at


def test_a_decision_written_twice_is_an_error(opened: Workspace) -> None:
    path = opened.path / "registry.xlsx"
    book = load_workbook(path)
    sheet = book["Dự toán"]
    sheet.append([cell.value for cell in sheet[2]])
    book.save(path)
    ran = opened("status", PERIOD)
    assert ran.status == 2
    assert re.search(rf"Dự toán [A-F]{sheet.max_row}\b", ran.err)


@pytest.mark.parametrize("missing", ["submitter", "budget"])
def test_a_doubt_in_the_registry_stops_nothing(opened: Workspace, missing: str) -> None:
    path = opened.path / "registry.xlsx"
    book = load_workbook(path)
    if missing == "submitter":
        sheet = book["Liên hệ"]
        row = next(r for r in sheet.iter_rows() if r[1].value and "nop.dv01" in str(r[1].value))
        sheet.delete_rows(int(row[0].row or 0))
    else:
        sheet = book["Dự toán"]
        row = next(r for r in sheet.iter_rows() if r[1].value == "DV01.1" and r[2].value == "Giao")
        sheet.delete_rows(int(row[0].row or 0))
        later = next(r for r in sheet.iter_rows() if r[1].value == "DV01.1" and r[0].value == 2021)
        sheet.delete_rows(int(later[0].row or 0))
        past = next(r for r in sheet.iter_rows() if r[1].value == "DV01.1")
        sheet.delete_rows(int(past[0].row or 0))
    book.save(path)
    assert opened("status", PERIOD).status == 0
    looked = opened("doctor", "--json")
    notes = [c["message"] for c in looked.json if c["name"] == "registry" and c["ok"] is None]
    assert len(notes) == 1
    assert "DV01" in notes[0]
    # every form is written all the same; that nobody can be mailed is for a person
    ran = opened("open", PERIOD, "--late", "--json")
    assert ran.status == (1 if missing == "submitter" else 0)
    assert len(ran.json["forms"]) == 4


# --- where a number comes from ------------------------------------------------------------------


def test_a_number_is_followed_to_file_hash_sheet_and_cell(collected: Workspace) -> None:
    path = collected.inbox / "done" / PERIOD / "DV01.xlsx"
    cell = address(load_workbook(path)[MONEY], "DV01.1", DISBURSED)
    (one,) = collected.done("explain", PERIOD, "DV01", "DV01.1")
    origin = one["disbursed_origin"]
    assert (origin["file"], origin["sheet"], origin["cell"]) == ("DV01.xlsx", MONEY, cell)
    kept = collected.path / "archive" / origin["sha256"][:2] / origin["sha256"]
    assert kept.read_bytes() == path.read_bytes()
    assert one["budget_current"] == 1250.625
    assert [row["amount"] for row in one["decisions"]] == [1100.125, 150.5]
    (later,) = collected.done("explain", PERIOD, "DV03", "DV03.1")
    assert [row["decision"] for row in later["left_out"]] == ["92/QĐ-UBDT"]
    text = collected("explain", PERIOD, LOW).out
    assert "below-pace" in text
    assert collected("explain", PERIOD, "DV99").status == 2
    assert collected("explain", PERIOD, BODY).status == 2


def test_the_denominator_of_a_source_is_a_setting_and_both_rates_are_told(
    collected: Workspace,
) -> None:
    """One paid amount has two true rates: of the plan of the year and of the total plan."""
    (total,) = collected.done("explain", PERIOD, "DV01", "DV01.2")
    carried = total["total"] - total["plan"]
    assert carried > 0
    assert total["rate"] == total["rate_of_total"] < total["rate_of_plan"]
    source = total["source"]
    collected.setting("[rules]\n", f'[rules]\ndenominators = {{ "{source}" = "plan" }}\n')
    (plan,) = collected.done("explain", PERIOD, "DV01", "DV01.2")
    assert plan["rate"] == plan["rate_of_plan"] == total["rate_of_plan"]
    assert (total["denominator"], total["budget_current"]) == ("total", total["total"])
    assert (plan["denominator"], plan["budget_current"]) == ("plan", total["plan"])
    assert plan["total"] == total["total"]
    text = collected("explain", PERIOD, "DV01").out
    assert "kế hoạch giao trong năm" in text
    (unit,) = [u for u in collected.done("status", PERIOD)["units"] if u["code"] == "DV01"]
    assert unit["rate"] == pytest.approx(unit["disbursed_to_date"] / unit["budget_current"])
    (whole, *_) = collected.done("explain", PERIOD, "DV01")
    same = ("budget_current", "denominator", "rate", "rate_of_plan", "rate_of_total")
    assert [unit[key] for key in same] == [whole[key] for key in same]
    assert unit["rate_of_total"] < unit["rate_of_plan"]
    note = "không gồm vốn chuyển nguồn"
    assert note in collected("status", PERIOD).out
    collected.done("report", PERIOD)
    with Desk(collected.path, CLOSING) as desk, desk.engine.connect() as connection:
        kinds = tables.notice.c.kind.in_(("urging", "digest"))
        texts = list(connection.scalars(select(tables.notice.c.text).where(kinds)))
    assert len(texts) > 1
    assert all(note in " ".join(text.split()) for text in texts)
    collected.setting(source, "Vốn khác")
    refused = collected("status", PERIOD)
    assert refused.status == 2
    assert "Vốn khác" in refused.err


def test_the_unit_without_a_head_is_urged_through_its_submitters(opened: Workspace) -> None:
    low = {DISBURSED: 100, ESTIMATE: 4000}
    opened.submit(HEADLESS, DV04_1=low, DV04_2=low)
    opened.submit("DV01", DV01_1={DISBURSED: 100}, DV01_2={DISBURSED: 100})
    opened.done("collect", PERIOD)
    opened.done("report", PERIOD)
    assert sorted((r["unit"], r["to"]) for r in opened.outbox("urging")) == [
        ("DV01", "nop.dv01@ubdt.vn"),
        ("DV01", "truong.dv01@ubdt.vn"),
        (HEADLESS, "nop.dv04@ubdt.vn"),
    ]


def test_a_workspace_that_is_none_is_refused(tmp_path: Path) -> None:
    ran = run("status", PERIOD, "--workspace", tmp_path)
    assert ran.status == 2
    assert "dondoc.toml" in ran.err


def test_a_later_change_of_rule_or_registry_does_not_rewrite_what_was_reported(
    collected: Workspace,
) -> None:
    collected.done("report", PERIOD)
    (said,) = collected.done("explain", PERIOD, LOW, f"{LOW}.1")
    assert said["reported_at"]
    assert said["reported_on"] == CLOSING.isoformat()
    assert f"Theo báo cáo lập ngày {CLOSING:%d/%m/%Y}" in collected("explain", PERIOD, LOW).out
    assert said["flags"]
    lenient = "[rules.below_pace]\nlow = 0.01\ncritical = 0.01\n"
    collected.setting("[rules.below_pace]\n", lenient)
    assert collected.done("explain", PERIOD, LOW, f"{LOW}.1") == [said]
    assert "--now" in collected("explain", PERIOD, LOW).out
    (now,) = collected.done("explain", PERIOD, LOW, f"{LOW}.1", "--now")
    assert now["flags"] != said["flags"]
    collected.done("report", PERIOD)
    (again,) = collected.done("explain", PERIOD, LOW, f"{LOW}.1")
    assert again["flags"] == now["flags"]


def test_what_a_unit_sends_after_the_report_is_explained_at_once(collected: Workspace) -> None:
    collected.done("report", PERIOD)
    collected.submit("DV01", "sau.xlsx", DV01_1={DISBURSED: 1000})
    collected.done("collect", PERIOD)
    (now,) = collected.done("explain", PERIOD, "DV01", "DV01.1")
    assert (now["disbursed_to_date"], now["reported_at"]) == (1000, None)
    assert "--reported" in collected("explain", PERIOD, "DV01").out
    (said,) = collected.done("explain", PERIOD, "DV01", "DV01.1", "--reported")
    assert said["disbursed_to_date"] != 1000


def test_a_figure_of_an_earlier_month_that_changed_is_told_with_both_values(
    opened: Workspace,
) -> None:
    september = date(2021, 10, 12)
    opened.done("open", "2021-09", today=date(2021, 10, 1))
    form = opened.path / "forms" / "2021-09" / "DV01.xlsx"
    for name, disbursed in (("chín.xlsx", 700), ("chín sửa.xlsx", 650)):
        fill(
            form, opened.inbox / name, opened.ministry.lines("DV01", DV01_1={DISBURSED: disbursed})
        )
        opened.done("collect", "2021-09", today=september)
        if disbursed == 700:
            opened.done("report", "2021-09", today=september)
    opened.submit("DV01")
    opened.done("collect", PERIOD)
    opened.done("report", PERIOD)
    with Desk(opened.path, CLOSING) as desk, desk.engine.connect() as connection:
        digests = select(tables.notice.c.text).where(tables.notice.c.kind == "digest")
        *_, text = connection.scalars(digests.order_by(tables.notice.c.id))
    assert "lũy kế tháng 9 năm 2021 báo cáo trước là 700, nay là 650 triệu đồng" in text


def test_what_a_report_explains_is_kept_in_the_order_of_the_registry(demo: Demo) -> None:
    """In which the digest lists the first of the figures that were revised."""
    with sqlite3.connect(demo.workspace / "dondoc.db") as database:
        asked = database.execute(
            "select unit from explanation where period = ? order by id", (PERIOD,)
        )
        assert [unit for (unit,) in asked] == ["VP", "TTTT", "HVDT", "KHTC"]
