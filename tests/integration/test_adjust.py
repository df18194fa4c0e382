"""Adjustments decided and excuses recorded, through the front door."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from ministry import CLOSING, LOW, OPENING, PERIOD, Ministry, Workspace, create
from schemas import tables
from schemas.period import Period
from tasks.desk import Desk
from tasks.figures import budgets_of

OFFICER = "Vũ Đức Thắng"
PROPOSAL = "Đề xuất điều chỉnh"
DAY = "2021-10-20"


def decide(
    month: Workspace, code: str, amount: str, decision: str, *more: object, day: str = DAY
) -> Any:
    words = (PERIOD, code, amount, "--decision", decision, "--day", day, "--by", OFFICER, *more)
    return month("adjust", *words, "--json")


def budget(month: Workspace, code: str, period: str = PERIOD) -> Decimal:
    with Desk(month.path, CLOSING) as desk:
        return budgets_of(desk, Period.parse(period))[code].current


def type_into_registry(month: Workspace, *cells: str | float | date | None) -> None:
    path = month.path / "registry.xlsx"
    book = load_workbook(path)
    book["Dự toán"].append(cells)
    book.save(path)


def _row(rows: list[list[Any]], code: str) -> list[Any]:
    return next(row for row in rows if code in row)


def test_what_came_after_a_report_is_in_no_rate_of_it(tmp_path: Path) -> None:
    """One rate a unit: on the board, in its flags, in the explanation; the rest is named."""
    month = create(tmp_path / "w", Ministry(2))
    month.done("open", PERIOD, today=OPENING)
    month.submit("DV01")
    month.done("collect", PERIOD)
    before = month.done("status", PERIOD)
    path = month.path / "registry.xlsx"
    book = load_workbook(path)
    sheet = book["Nhiệm vụ"]
    rows = [[c.value for c in row] for row in sheet.iter_rows()]
    sheet.append(["DV01.77" if value == "DV01.1" else value for value in _row(rows, "DV01.1")])
    book.save(path)
    type_into_registry(month, 2021, "DV01.77", "Giao", 5000, date(2021, 11, 9), "50/QĐ-UBDT")
    after = month.done("status", PERIOD)
    (was, _), (now, _) = before["units"], after["units"]
    assert (now["budget_current"], now["rate"]) == (was["budget_current"], was["rate"])
    more = after["totals"]["budget_not_reported"] - before["totals"]["budget_not_reported"]
    assert more == 5000
    shown = " ".join(month("status", PERIOD).out.split())
    assert "Nhiệm vụ DV01.77 của" in shown
    assert "mới giao sau khi đơn vị báo cáo" in shown
    whole, *its = month.done("explain", PERIOD, "DV01", "--now")
    assert whole["rate"] == now["rate"]
    assert [one["activity"] for one in its if one["beyond"]] == ["DV01.77"]


def registry_checks(month: Workspace) -> list[str]:
    checks = month("doctor", "--json").json
    return [c["message"] for c in checks if c["name"] == "registry" and c["ok"] is None]


@pytest.mark.usefixtures("database")
def test_a_decision_is_the_denominator_from_its_day_on(tmp_path: Path) -> None:
    month = create(tmp_path / "w", Ministry(2))
    month.done("open", PERIOD, today=OPENING)
    before = month.ministry.budget("DV01")
    made = decide(month, "DV01.1", "-1.000,5", "Số 755/QĐ-UBDT", day="2021-11-02").json
    assert (made["new"], made["counts_from"]) == (True, "2021-11")
    assert made["budget_before"] - made["budget_after"] == 1000.5
    assert (made["decision"], made["recorded"]["by"]) == ("755/QĐ-UBDT", OFFICER)
    assert decide(month, "dv01.1", "250.25", "756/QĐ-UBDT").json["counts_from"] == PERIOD
    units = {u["code"]: u for u in month.done("status", PERIOD)["units"]}
    assert Decimal(str(units["DV01"]["budget_current"])) == before + Decimal("250.25")
    november = month.done("status", "2021-11", today=date(2021, 12, 9))["units"][0]
    assert Decimal(str(november["budget_current"])) == before + Decimal("250.25") - Decimal(
        "1000.5"
    )
    (told,) = month.done("explain", PERIOD, "DV01", "DV01.1")
    mine = [row for row in told["decisions"] if row["recorded"]]
    assert [(row["decision"], row["row"]) for row in mine] == [("756/QĐ-UBDT", None)]
    assert [row["decision"] for row in told["left_out"]] == ["755/QĐ-UBDT"]
    shown = month("explain", PERIOD, "DV01", "DV01.1").out
    assert "Điều chỉnh 250,25: 756/QĐ-UBDT, ngày 20/10/2021 (quyết định trong" in shown
    assert f"{OFFICER} ghi ngày 10/11/2021" in shown
    with Desk(month.path, CLOSING) as desk, desk.engine.connect() as connection:
        runs = connection.execute(select(tables.run).where(tables.run.c.flow == "adjust")).all()
    assert [(run.period, run.outcome) for run in runs] == [(PERIOD, "done")] * 2


def test_the_same_decision_is_counted_once_wherever_it_is_recorded(opened: Workspace) -> None:
    was = budget(opened, "DV01.1")
    assert decide(opened, "DV01.1", "-150,25", "755/QĐ-UBDT").json["new"]
    assert budget(opened, "DV01.1") == was - Decimal("150.25")
    again = decide(opened, "DV01.1", "-150.25", "Quyết định số 755 / qd-ubdt").json
    assert (again["new"], again["budget_after"]) == (False, float(was - Decimal("150.25")))
    day = date(2021, 10, 20)
    type_into_registry(opened, 2021, "DV01.1", "Điều chỉnh", -150.25, day, "0755/QĐ-UBDT")
    assert budget(opened, "DV01.1") == was - Decimal("150.25")
    assert registry_checks(opened) == []
    (told,) = opened.done("explain", PERIOD, "DV01", "DV01.1")
    assert [row["decision"] for row in told["superseded"]] == ["755/QĐ-UBDT"]
    ran = decide(opened, "DV01.1", "-150", "755/QĐ-UBDT")
    assert ran.status == 2
    for part in ("registry.xlsx (Dự toán, dòng ", "-150,25", "-150 ", "được tính"):
        assert part in ran.err


def test_where_both_disagree_the_sheet_counts_and_both_are_named(opened: Workspace) -> None:
    was = budget(opened, "DV01.1")
    decide(opened, "DV01.1", "-150", "755/QĐ-UBDT")
    ran = decide(opened, "DV01.1", "-160", "755/QĐ-UBDT")
    assert (ran.status, f"{OFFICER} đã ghi" in ran.err, "-150" in ran.err) == (2, True, True)
    day = date(2021, 10, 20)
    type_into_registry(opened, 2021, "DV01.1", "Điều chỉnh", -160, day, "755/QĐ-UBDT")
    assert budget(opened, "DV01.1") == was - 160
    (told,) = registry_checks(opened)
    assert "-160 triệu đồng" in told
    assert "-150 triệu đồng" in told
    assert OFFICER in told
    type_into_registry(opened, 2021, "DV01.2", "Điều chỉnh", -10, day, None)
    assert "không ghi số văn bản" in decide(opened, "DV01.2", "-10", "760/QĐ-UBDT").err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"code": "DV01.9x"}, "gần nhất: DV01.9"),
        ({"code": "DV01.9"}, "không có dự toán năm 2021"),
        ({"amount": "0"}, "là 0"),
        ({"amount": "1.234"}, "1,234 hoặc 1234"),
        ({"amount": "nhiều"}, "không phải là số"),
        ({"decision": "QĐ-UBDT"}, "phải có số văn bản"),
        ({"day": "2021-11-11"}, "sau ngày làm việc 10/11/2021"),
        ({"day": "2012-10-20"}, "không thuộc năm ngân sách 2021"),
        ({"amount": "-9999"}, "dưới 0; nếu vẫn đúng, thêm --anyway"),
        ({"by": " "}, "--by TÊN"),
    ],
)
def test_what_cannot_be_decided_is_refused_in_one_sentence(
    opened: Workspace, words: dict[str, str], told: str
) -> None:
    said = {"code": "DV01.1", "amount": "-5", "decision": "755/QĐ-UBDT", "day": DAY, "by": OFFICER}
    said |= words
    ran = opened(
        *("adjust", PERIOD, said["code"], said["amount"], "--decision", said["decision"]),
        *("--day", said["day"], "--by", said["by"]),
    )
    assert (ran.status, ran.out) == (2, "")
    assert told in ran.err
    assert ran.err.count("\n") == 1
    rows = opened.done("adjust", "list", PERIOD)["decisions"]
    assert [row for row in rows if row["recorded"]] == []


def test_less_than_is_disbursed_is_refused_unless_told_anyway(collected: Workspace) -> None:
    one = next(a for a in collected.ministry.of("DV01") if a.code == "DV01.1")
    beyond = f"{one.disbursed - one.budget - Decimal('0.001')}0"  # three decimals are ambiguous
    ran = decide(collected, "DV01.1", beyond, "755/QĐ-UBDT")
    assert (ran.status, "đã giải ngân đến hết tháng 10" in ran.err) == (2, True)
    assert decide(collected, "DV01.1", beyond, "755/QĐ-UBDT", "--anyway").json["new"]
    (told,) = collected.done("explain", PERIOD, "DV01", "DV01.1", "--now")
    assert told["rate"] > 1


def test_the_proposals_of_a_period_are_laid_side_by_side(opened: Workspace) -> None:
    opened.submit("DV01", DV01_1={PROPOSAL: -20}, DV01_2={PROPOSAL: -9000})
    opened.submit("DV02", DV02_1={PROPOSAL: 500.5})
    opened.done("collect", PERIOD)
    found = opened.done("adjust", "list", PERIOD)
    source = {a.code: a.source for a in opened.ministry.activities()}
    doubts = {one["activity"]: one["doubts"] for one in found["proposals"]}
    assert list(doubts) == ["DV01.1", "DV01.2", "DV02.1"]
    assert "takes-from-ahead" in doubts["DV01.1"]
    assert "below-disbursed" in doubts["DV01.2"]
    assert doubts["DV02.1"][-1] == "asks-while-slow"
    assert found["total"] == {
        "source": None, "given_back": 9020, "asked": 500.5, "balance": 8519.5
    }  # fmt: skip
    assert {one["source"] for one in found["balances"]} == {source[code] for code in doubts}
    shown = opened("adjust", "list", PERIOD).out
    assert "DV01.2: giảm 9.000 triệu đồng thì dự toán còn" in shown
    assert max(map(len, shown.partition("DV01.1:")[0].splitlines())) <= 80
    opened.done("report", PERIOD)
    book = load_workbook(opened.path / "reports" / PERIOD / f"tong-hop-{PERIOD}.xlsx")
    assert [c.value for c in book["Điều chỉnh"]["B"][5:8]] == ["DV01.1", "DV01.2", "DV02.1"]
    none = opened("adjust", "list", "2021-09")
    assert "chưa có đề xuất" in none.out


def excuse(month: Workspace, *words: object, until: str = "2021-12-31") -> Any:
    reason = ("--because", "Chờ bàn giao mặt bằng.", "--by", OFFICER)
    return month("excuse", PERIOD, *words, "--until", until, *reason, "--json")


def test_an_excused_unit_is_flagged_with_its_reason_and_not_urged(reported: Workspace) -> None:
    assert {row["unit"] for row in reported.outbox("urging", "draft")} == {LOW}
    made = excuse(reported, LOW).json
    assert (made["because"], made["since"]) == ("Chờ bàn giao mặt bằng", PERIOD)
    flags = reported.units()[LOW]["flags"]
    assert flags
    assert {f["excused"]["until"] for f in flags} == {"2021-12-31"}
    assert "* DV02: có lý do đã ghi nhận" in reported("status", PERIOD).out
    assert f"Chờ bàn giao mặt bằng ({OFFICER} ghi" in reported("explain", PERIOD, LOW, "--now").out
    reported.done("report", PERIOD)
    assert reported.outbox("urging", "draft") == []
    assert len(reported.outbox("digest", "draft")) == 2
    said = reported.done("explain", PERIOD, LOW)
    assert said[0]["flags"][0]["excused"]["because"] == "Chờ bàn giao mặt bằng"
    assert [one["unit"] for one in reported.done("excuse", "list", PERIOD, today=None)] == [LOW]
    assert reported.done("excuse", "list", "2022-01", today=None) == []
    assert "DV02" in reported("excuse", "list", today=None).out
    assert excuse(reported, LOW, until="2021-10-01").status == 0  # and so it ends
    assert not any(f["excused"] for f in reported.units()[LOW]["flags"])
    reported.done("report", PERIOD)
    assert {row["unit"] for row in reported.outbox("urging", "draft")} == {LOW}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("DV99",), "Không có đơn vị mã 'DV99'"),
        (("DV02", "DV01.1"), "gần nhất: DV02.1"),
        (("DV02", "--rule", "below-pase"), "gần nhất: below-pace"),
        (("DV02", "--because", " . "), "Phải nêu lý do"),
        (("DV02", "--by", " "), "--by TÊN"),
        (("DV02", "--until", "2021-10-30"), "trước ngày cuối kỳ 2021-10"),
    ],
)
def test_what_cannot_be_excused_is_refused_in_one_sentence(
    opened: Workspace, words: tuple[str, ...], told: str
) -> None:
    said = {"--until": "2021-12-31", "--because": "Chờ", "--by": OFFICER}
    given = {a: b for a, b in pairwise(words) if a.startswith("--")}
    named = [w for w in words if not w.startswith("--") and w not in given.values()]
    options = [part for pair in (said | given).items() for part in pair]
    ran = opened("excuse", PERIOD, *named, *options)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert told in ran.err
    assert opened("excuse", "list", today=None).out.strip() == "Chưa ghi lý do chậm nào."


def test_no_excuse_hides_what_was_disbursed(collected: Workspace) -> None:
    """Figures, rates and judgement are the same; only the letter is spared."""
    plain = collected.units()[LOW]
    excuse(collected, LOW, f"{LOW}.1", "--rule", "below-pace")
    spared = collected.units()[LOW]
    excused = [(f["activity"], f["rule"]) for f in spared["flags"] if f["excused"]]
    assert excused == [(f"{LOW}.1", "below-pace")]
    for flag in spared["flags"]:
        flag["excused"] = None
    assert spared == plain
