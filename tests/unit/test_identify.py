"""Which unit and period a workbook belongs to: each sign, their order, and their disagreements."""

from collections.abc import Sequence
from datetime import date

import pytest

from rules.identify import Placed, Unplaced, activity_of, identify
from schemas.findings import Finding, Severity
from schemas.forms import DISBURSEMENT, STRATEGY, Row
from schemas.period import Period
from schemas.reading import ReadSheet, ReadWorkbook, Signed
from schemas.registry import Activity, Registry, Unit

OCTOBER = Period(2021, 10)
TODAY = date(2021, 11, 3)
REGISTRY = Registry(
    "v",
    (
        Unit("UB", "Ủy ban Dân tộc"),
        Unit("VP", "Văn phòng", parent="UB"),
        Unit("KHTC", "Vụ Kế hoạch - Tài chính", parent="UB"),
        Unit("DP1", "Vụ Địa phương I"),
        Unit("DP2", "Vụ Địa phương II"),
    ),
    (),
    (
        Activity("X.1", "Một", "VP", "ODA", ("disbursement",)),
        Activity("X.2", "Hai", "VP", "ODA", ("strategy",)),
        Activity("Y.1", "Ba", "KHTC", "ODA", ("disbursement",)),
    ),
    (),
)


def workbook(
    name: str = "bao cao.xlsx",
    titles: Sequence[str] = (),
    codes: Sequence[str] = (),
    signed: tuple[str, str] | None = None,
    form: str = "disbursement",
) -> ReadWorkbook:
    rows = tuple(Row(form, code, "S", i, {}, {}) for i, code in enumerate(codes, 2))
    sheets = (ReadSheet(form, "S", rows, (), {"code": "A"}),)
    hidden = Signed("1", *signed, "00") if signed else None
    return ReadWorkbook(name, "xlsx", hidden, tuple(titles), sheets)


def place(
    read: ReadWorkbook, asked: Period | None = None, *, ok: bool | None = None
) -> Placed | Unplaced:
    return identify(read, REGISTRY, asked, ok, TODAY)


def rules(found: Placed | Unplaced) -> list[str]:
    return [f.rule for f in found.findings]


def test_the_signed_sheet_comes_first() -> None:
    read = workbook("KHTC_2021-09.xlsx", codes=["X.1"], signed=("VP", "2021-10"))
    assert place(read, ok=True) == Placed("VP", OCTOBER)


def test_an_altered_signature_still_counts_but_is_told() -> None:
    found = place(workbook(signed=("VP", "2021-10")), ok=False)
    assert isinstance(found, Placed)
    assert (found.unit, found.period) == ("VP", OCTOBER)
    assert [(f.rule, f.severity) for f in found.findings] == [
        ("altered-signature", Severity.WARNING)
    ]


@pytest.mark.parametrize("signed", [("ZZ", "2021-10"), ("VP", "tháng 10"), ("", "")])
def test_a_signed_sheet_that_names_nothing_known_is_no_sign(signed: tuple[str, str]) -> None:
    read = workbook("KHTC 2021-10.xlsx", signed=signed)
    found = place(read, ok=False)
    assert (found.unit, found.period) == ("KHTC", OCTOBER)
    assert rules(found) == ["altered-signature"]


def test_codes_tell_the_unit() -> None:
    assert place(workbook(codes=["X.1", "?", ""]), OCTOBER) == Placed("VP", OCTOBER)
    assert place(workbook(codes=["X.2-1"], form="strategy"), OCTOBER) == Placed("VP", OCTOBER)
    assert place(workbook(codes=["X.2-1"]), OCTOBER).unit is None


def test_codes_of_two_units_are_held() -> None:
    found = place(workbook("bao cao 2021-10.xlsx", codes=["X.1", "Y.1"]))
    assert isinstance(found, Unplaced)
    assert (rules(found), found.unit, found.period) == (["two-units"], None, OCTOBER)


def test_a_name_tells_which_of_two_units_is_meant() -> None:
    assert place(workbook("VP 2021-10.xlsx", codes=["X.1", "Y.1"])) == Placed("VP", OCTOBER)


def test_signs_that_disagree_are_held() -> None:
    by_codes = workbook(codes=["Y.1"], signed=("VP", "2021-10"))
    by_title = workbook(titles=["Đơn vị: Vụ Kế hoạch - Tài chính"], signed=("VP", "2021-10"))
    unsigned = workbook(titles=["Vụ Kế hoạch - Tài chính"], codes=["X.1"])
    by_name = workbook("DP2.xlsx", titles=["Vụ Địa phương I"])
    for read in (by_codes, by_title, unsigned, by_name):
        assert rules(place(read, OCTOBER, ok=None)) == ["two-units"]
    month = workbook(titles=["Kỳ báo cáo: tháng 11 năm 2021"], signed=("VP", "2021-10"))
    found = place(month, ok=True)
    assert isinstance(found, Unplaced)
    assert (rules(found), found.unit) == (["other-period"], "VP")


def test_one_row_of_another_unit_is_left_to_validation() -> None:
    read = workbook(codes=["X.1", "Y.1"], signed=("VP", "2021-10"))
    assert place(read, ok=True) == Placed("VP", OCTOBER)


@pytest.mark.parametrize(
    ("name", "titles", "unit"),
    [
        ("VP_2021-10.xlsx", [], "VP"),
        ("bao-cao-vp-T10-2021.xlsx", [], "VP"),
        ("VPS.xlsx", [], None),
        ("Vu Dia phuong II thang 10 2021.xlsx", [], "DP2"),
        ("Vụ_Địa_phương_I.xlsx", [], "DP1"),
        ("Van phong.xlsx", [], "VP"),
        ("vu ke hoach-tai chinh.xls", [], "KHTC"),
        ("a.xlsx", ["Đơn vị báo cáo: VỤ ĐỊA PHƯƠNG II (DP2)"], "DP2"),
        ("a.xlsx", ["Mã đơn vị: dp1"], "DP1"),
        ("a.xlsx", ["ỦY BAN DÂN TỘC", "VĂN PHÒNG"], "VP"),
        ("a.xlsx", ["Văn phòng", "Kính gửi: Vụ Kế hoạch - Tài chính"], "VP"),
        ("VP+KHTC.xlsx", [], None),
        ("a.xlsx", [], None),
    ],
)
def test_names_tell_the_unit(name: str, titles: list[str], unit: str | None) -> None:
    assert place(workbook(name, titles), OCTOBER).unit == unit


@pytest.mark.parametrize(
    "title",
    [
        "Kỳ báo cáo: tháng 10 năm 2021",
        "Kỳ báo cáo: 2021-10",
        "Kỳ báo cáo: 10/2021",
        "Kỳ báo cáo: 01/10/2021",
        "THÁNG 10 NĂM 2021",
        "(Tháng 10, năm 2021)",
        "Báo cáo giải ngân tháng 10/2021",
        "Giải ngân 10/2021",
        "Số liệu tính đến hết ngày 31/10/2021",
        "Lũy kế đến ngày 31 tháng 10 năm 2021",
    ],
)
def test_titles_show_the_period(title: str) -> None:
    other = ["Hà Nội, ngày 05 tháng 11 năm 2021", "Theo Thông tư số 08/2016/TT-BTC", "05/11/2021"]
    assert place(workbook("VP.xlsx", [*other, title])) == Placed("VP", OCTOBER)
    assert place(workbook("VP_2021-09.xlsx", [*other, title])) == Placed("VP", OCTOBER)
    assert rules(place(workbook("VP.xlsx", other))) == ["unknown-period"]


@pytest.mark.parametrize(
    "name",
    [
        *("2021-10", "202110", "2021_10", "2021.10", "2021-10 (2)", "2021-10_v2", "T10-2021"),
        *("t10.2021", "thang 10 2021", "Tháng 10 năm 2021", "thang10-2021", "10.2021", "10-2021"),
    ],
)
def test_file_names_show_the_period(name: str) -> None:
    assert place(workbook(f"VP {name}.xlsx")) == Placed("VP", OCTOBER)


@pytest.mark.parametrize(
    "name", ["05.10.2021", "2021-10-05", "2021", "1021", "20211005", "2021-13"]
)
def test_other_numbers_in_file_names_are_no_period(name: str) -> None:
    assert rules(place(workbook(f"VP {name}.xlsx"))) == ["unknown-period"]
    assert place(workbook(f"VP {name}.xlsx"), OCTOBER) == Placed("VP", OCTOBER)


def test_two_periods_in_the_titles_are_not_guessed_between() -> None:
    titles = ["Báo cáo tháng 9 năm 2021", "Báo cáo tháng 10 năm 2021"]
    assert rules(place(workbook("VP.xlsx", titles))) == ["other-period"]
    titles = ["So với tháng 9 năm 2021", "Kỳ báo cáo: tháng 10 năm 2021"]
    assert place(workbook("VP.xlsx", titles)) == Placed("VP", OCTOBER)


def test_another_period_than_the_one_asked_for_is_held() -> None:
    found = place(workbook(signed=("VP", "2021-09")), OCTOBER, ok=True)
    assert isinstance(found, Unplaced)
    assert (rules(found), found.unit, found.period) == (["other-period"], "VP", OCTOBER)
    assert "tháng 9 năm 2021" in found.findings[0].message
    assert "tháng 10 năm 2021" in found.findings[0].message


def test_a_period_is_not_taken_before_it_has_begun() -> None:
    read = workbook(signed=("VP", "2021-11"))
    assert identify(read, REGISTRY, None, True, date(2021, 11, 1)) == Placed("VP", Period(2021, 11))
    found = identify(read, REGISTRY, None, True, date(2021, 10, 31))
    assert (rules(found), found.unit, found.period) == (["future-period"], "VP", None)


def test_an_unreadable_file_is_known_by_its_name_only() -> None:
    broken = Finding("unreadable", Severity.ERROR, "…", "x")
    found = place(ReadWorkbook("VP_2021-10.xlsx", findings=(broken,)))
    assert found == Unplaced((broken,), "VP", OCTOBER)
    assert place(ReadWorkbook("x.xlsx", findings=(broken,))) == Unplaced((broken,))


def test_a_suffix_belongs_to_the_longest_registered_code() -> None:
    activities = {
        code: Activity(code, code, "VP", "ODA", ("strategy",)) for code in ("X.2", "X.2-1", "Y")
    }
    owners = {
        code: activity_of(code, activities, STRATEGY)
        for code in ("X.2", "X.2-1", "X.2-1-3", "X.2-4", "X.2 - 4", "X.3-1", "X")
    }
    assert {code: owner and owner.code for code, owner in owners.items()} == {
        "X.2": "X.2",
        "X.2-1": "X.2-1",
        "X.2-1-3": "X.2-1",
        "X.2-4": "X.2",
        "X.2 - 4": "X.2",
        "X.3-1": None,
        "X": None,
    }
    assert activity_of("X.2-4", activities, DISBURSEMENT) is None
