"""Workbooks as the Ministry of Finance published them: forms declared here, found and read.

Expected numbers and sums were taken from the cells by another program (xlrd, by their addresses);
for 2011 they are those of an annual table that others compiled (`tests/data/published/README.md`).
"""

import csv
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from rules.numbers import fold
from schemas.findings import Severity
from schemas.forms import Field, Form, Kind
from schemas.reading import ReadSheet
from tasks.apart import Reader
from tasks.workbooks import read

HERE = Path(__file__).parents[1] / "data" / "published"


def form(name: str, key: str, **columns: str) -> Form:
    """A form of a name and of amounts, all to be there; a label with `%` is a percentage."""
    fields = [Field("name", key, Kind.TEXT, required=True)]
    for column, label in columns.items():
        kind = Kind.PERCENT if "tỷ lệ" in fold(label) else Kind.MONEY
        fields.append(Field(column, label, kind, required=True))
    return Form(name, name, name, name, tuple(fields))


MINISTRIES_2011 = form(
    "ministries",
    "Tên đơn vị",
    total="Quyết toán",
    investment="Chi đầu tư phát triển",
    recurrent="Chi thường xuyên",
    abroad="Vốn ngoài nước",
    health="Chi y tế, dân số và kế hoạch hóa gia đình",
)
ITEMS = form("items", "Chỉ tiêu", total="Quyết toán")


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as one:
        yield one


def sheets(reader: Reader, name: str, *forms: Form) -> dict[str, ReadSheet]:
    found = read((HERE / name).read_bytes(), name, forms, reader=reader)
    assert (found.format, found.findings) == ("xls", ())
    return {sheet.sheet: sheet for sheet in found.sheets}


def named(sheet: ReadSheet, column: str) -> dict[str, Any]:
    """Name (its first line) -> amount."""
    return {
        " ".join(row.values["name"].split("\n")[0].split()): row.values[column]
        for row in sheet.rows
    }


def left_out(sheet: ReadSheet) -> Counter[str]:
    return Counter(skipped.reason for skipped in sheet.skipped)


def rules(sheet: ReadSheet) -> set[str]:
    assert all(f.severity is not Severity.ERROR for f in sheet.findings)
    return {f.rule for f in sheet.findings}


def test_2011_agrees_with_the_annual_table_for_every_ministry(reader: Reader) -> None:
    sheet = sheets(reader, "Final_2011.xls", MINISTRIES_2011, ITEMS)["M07+"]
    with (HERE / "ministries-2011.csv").open(encoding="utf-8", newline="") as table:
        annual = {fold(r["body"]): Decimal(r["final_mvnd"]) for r in csv.DictReader(table)}
    read_ones = {fold(name): total for name, total in named(sheet, "total").items()}
    assert len(annual) == 46
    assert {name: round(read_ones[name], 3) for name in annual} == annual
    assert sheet.unit_of_money == "triệu đồng"


def test_2011_ministries_header_over_three_rows_with_groups(reader: Reader) -> None:
    sheet = sheets(reader, "Final_2011.xls", MINISTRIES_2011, ITEMS)["M07+"]
    assert sheet.header == 9  # rows 6 to 9, each label merged down to its last
    assert dict(sheet.columns) == {
        "name": "B",
        "total": "C",
        "investment": "D",  # `I. CHI ĐẦU TƯ PHÁT TRIỂN`, its `TỔNG SỐ`
        "recurrent": "L",
        "abroad": "G",
        "health": "N",
    }
    assert len(sheet.rows) == 46 + 5  # the ministries, and what groups II to VI spend themselves
    assert {s.number: s.reason for s in sheet.skipped} == {
        10: "numbering",  # A, B, 1, 2=3+6+7+8, ...
        11: "total",
        12: "group",  # I. Các Bộ, cơ quan Trung ương
    }
    committee = next(r for r in sheet.rows if r.values["name"] == "Uỷ ban Dân tộc")
    assert committee.values["total"] == Decimal("262828.920454")
    assert rules(sheet) == set()


def test_2011_tables_of_items_in_billions(reader: Reader) -> None:
    """A label over two columns, of which one holds the figures and one footnotes `(1)`."""
    found = sheets(reader, "Final_2011.xls", MINISTRIES_2011, ITEMS)
    assert set(found) == {f"M0{i}+" for i in range(1, 9)}
    balance = found["M01+"]
    assert (balance.columns["total"], balance.unit_of_money) == ("D", "tỷ đồng")
    assert named(balance, "total")["Thu từ dầu thô"] == 110_205_000
    assert [s.number for s in balance.skipped if s.reason == "group"][:4] == [10, 11, 20, 21]
    structure = found["M04+"]
    assert [s.number for s in structure.skipped if s.reason == "total"] == [22, 24, 26]
    assert named(structure, "total")["Chi bổ sung Quỹ dự trữ tài chính"] == 288_000
    programmes = found["M08+"]
    assert programmes.unit_of_money == "triệu đồng"
    assert len(programmes.rows) == 16
    assert named(programmes, "total")["Chương trình 135"] == 1424


PROVINCES_2011 = form(
    "provinces",
    "Tên tỉnh, thành phố",
    revenue="Tổng thu NSNN trên địa bàn tỉnh, thành phố",
    share="Tỷ lệ phân chia nguồn thu giữa NSTW và NSĐP",
    spent="Tổng chi cân đối NSĐP",
    transfer="Bổ sung từ NSTW cho NSĐP",
    abroad="Vốn ngoài nước",
)


def test_2011_provinces_add_up_to_the_total_of_the_file(reader: Reader) -> None:
    (sheet,) = sheets(reader, "Final_2011.xls", PROVINCES_2011).values()
    assert (sheet.sheet, sheet.header, len(sheet.rows)) == ("M09+", 12, 63)
    assert sheet.columns["share"] == "E"  # of D and E, under one label
    assert left_out(sheet) == {"total": 1, "group": 6, "note": 1}
    assert round(sum(named(sheet, "spent").values()), 3) == Decimal("556790673.607")
    assert round(sum(named(sheet, "transfer").values()), 3) == Decimal("182225780.055")
    assert named(sheet, "share")["HÀ NỘI"] == 42


def test_2009_in_two_languages(reader: Reader) -> None:
    ministries = form(
        "ministries",
        "Tên đơn vị",
        total="Quyết toán",
        investment="Chi đầu tư phát triển",
        home="Vốn trong nước",
        recurrent="Chi thường xuyên",
        education="Chi giáo dục- đào tạo, dạy nghề",
    )
    sheet = sheets(reader, "Final_2009.xls", ministries, ITEMS)["M07+"]
    assert sheet.header == 11
    assert [
        sheet.columns[n] for n in ("total", "investment", "home", "recurrent", "education")
    ] == [*("C", "D", "F", "K", "L")]
    assert len(sheet.rows) == 46 + 2 + 40 + 1
    assert left_out(sheet) == {"numbering": 1, "heading": 2}
    committee = next(r for r in sheet.rows if r.values["name"].startswith("Uỷ ban dân tộc"))
    assert committee.values["total"] == Decimal("140078.847956")
    assert committee.values["recurrent"] == Decimal("134815.304373")
    assert rules(sheet) == {"other-label"}  # the English beside each label is told
    balance = sheets(reader, "Final_2009.xls", ministries, ITEMS)["M01+"]
    assert balance.unit_of_money == "tỷ đồng"  # `Tỷ đồng - Billions of dong`, alone in its cell
    assert named(balance, "total")["Vay ngoài nước - External borrowings"] == 36_292_000


def test_2004_provinces_under_one_tall_header_row(reader: Reader) -> None:
    provinces = form(
        "provinces",
        "Tỉnh, thành phố",
        revenue="Tổng thu ngân sách nhà nước trên địa bàn",
        spent="Tổng chi cân đối ngân sách địa phương",
    )
    (sheet,) = sheets(reader, "Plan_2004.xls", provinces).values()
    assert (sheet.header, len(sheet.rows)) == (6, 61)
    assert left_out(sheet) == {"numbering": 1, "total": 1, "group": 8}
    revenue = named(sheet, "revenue")
    assert (revenue["QUẢNG NINH"], revenue["CÀ MAU"]) == (3_596_880, 610_900)
    assert sum(revenue.values()) == 154_820_000  # the total of the file
    assert sum(named(sheet, "spent").values()) == 66_789_708


def test_2010_labels_written_line_by_line_in_cells(reader: Reader) -> None:
    provinces = form(
        "provinces",
        "Tỉnh, thành phố",
        revenue="Tổng thu NSNN trên địa bàn",
        share="Tỷ lệ (%) phân chia nguồn thu giữa NSTW và NSĐP",
        spent="Tổng chi cân đối ngân sách địa phương",
        transfer="Bổ sung từ ngân sách trung ương cho ngân sách địa phương",
        balancing="Bổ sung cân đối",
    )
    (sheet,) = sheets(reader, "Plan_2010.xls", provinces).values()
    assert (sheet.header, len(sheet.rows), rules(sheet)) == (10, 63, set())
    assert left_out(sheet) == {"numbering": 1, "total": 1, "group": 6}
    assert sum(named(sheet, "revenue").values()) == 492_500_000
    # the file's own total is 106.190.453: 408.315 for no province, 19.660 only in a region's sum
    assert sum(named(sheet, "transfer").values()) == 105_762_478
    assert (
        sum(filter(None, named(sheet, "balancing").values())) == 38_753_978
    )  # its total, rounded, is 2 more
    assert named(sheet, "share")["TP. HỒ CHÍ MINH"] == 26


def test_2017_the_plan_of_every_ministry_and_the_balance(reader: Reader) -> None:
    ministries = form(
        "ministries",
        "Tên đơn vị",
        total="Tổng số chi",
        investment="Chi đầu tư phát triển",
        recurrent="Chi thường xuyên",
        abroad="Vốn ngoài nước",
    )
    items = form("items", "Chỉ tiêu", total="Dự toán năm 2017")
    found = sheets(reader, "Plan_2017.xls", ministries, items)
    sheet = found["M07"]
    assert (sheet.header, len(sheet.rows)) == (8, 47)
    assert dict(sheet.columns) == {
        "name": "B",
        "total": "C",
        "investment": "D",
        "recurrent": "I",
        "abroad": "G",
    }
    assert left_out(sheet) == {"numbering": 1, "group": 1, "heading": 1}  # `6` is there twice
    assert named(sheet, "total")["Uỷ ban Dân tộc"] == 182_610
    assert named(sheet, "recurrent")["Bộ Tài chính"] == 23_809_860
    balance = found["M01"]
    assert named(balance, "total")["Chi thường xuyên"] == 896_280_000
    assert left_out(balance) == {"total": 2, "heading": 1, "note": 1}
