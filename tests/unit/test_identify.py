"""Which unit and period a workbook belongs to: each sign, their order, and their disagreements."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from unicodedata import normalize

import pytest

from rules.directory import Directory, activity_of
from rules.identify import Clues, Placed, Unplaced, identify
from rules.signature import Seal, examine, sign
from schemas.findings import Finding, Severity
from schemas.forms import DISBURSEMENT, STRATEGY, Row
from schemas.period import Period
from schemas.reading import ReadSheet, ReadWorkbook, Signed
from schemas.registry import Activity, Contact, Registry, Role, Unit

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
        Unit("CUC", "Cục Công tác"),
        Unit("TT1", "Trung tâm Một", parent="CUC"),
        Unit("TT2", "Trung tâm Hai", parent="CUC"),
    ),
    (
        Contact("VP", "A", None, "vp@ubdt.vn", Role.SUBMITTER),
        Contact("KHTC", "B", None, "KHTC@ubdt.vn", Role.SUBMITTER),
        Contact("UB", "C", None, "ub@ubdt.vn", Role.SUBMITTER),
        Contact("VP", "D", None, "hai@ubdt.vn", Role.SUBMITTER),
        Contact("KHTC", "D", None, "hai@ubdt.vn", Role.HEAD),
        Contact(None, "E", None, "moi@ubdt.vn", Role.DIGEST),
        Contact("KHTC", "E", None, "moi@ubdt.vn", Role.SUBMITTER),
        Contact("CUC", "F", None, "cuc@ubdt.vn", Role.SUBMITTER),
    ),
    (
        Activity("X.1", "Một", "VP", "ODA", ("disbursement",)),
        Activity("X.2", "Hai", "VP", "ODA", ("strategy",)),
        Activity("Y.1", "Ba", "KHTC", "ODA", ("disbursement",)),
        Activity("C.1", "Bốn", "CUC", "ODA", ("disbursement",)),
        Activity("T1.1", "Năm", "TT1", "ODA", ("disbursement",)),
        Activity("T2.1", "Sáu", "TT2", "ODA", ("disbursement",)),
    ),
    (),
)
DIRECTORY = Directory(REGISTRY)
HOLDS, BROKEN = Seal(holds=True), Seal(holds=False)


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
    read: ReadWorkbook,
    asked: Period | None = None,
    *,
    seal: Seal | None = None,
    sender: str | None = None,
) -> Placed | Unplaced:
    return identify(read, DIRECTORY, Clues(asked, sender, seal), TODAY)


def placed(*units: str) -> Placed:
    return Placed(units, OCTOBER)


def unit_of(found: Placed | Unplaced) -> str | None:
    if isinstance(found, Unplaced):
        return found.unit
    (unit,) = found.units
    return unit


def said(found: Placed | Unplaced) -> str:
    (finding,) = found.findings
    return finding.message


def rules(found: Placed | Unplaced) -> list[str]:
    return [f.rule for f in found.findings]


def test_the_signed_sheet_names_unit_and_period() -> None:
    read = workbook("bieu mau.xlsx", signed=("VP", "2021-10"))
    assert place(read, seal=HOLDS) == placed("VP")


def test_an_altered_signature_still_counts_but_is_told() -> None:
    found = place(workbook(signed=("VP", "2021-10")), seal=BROKEN)
    assert isinstance(found, Placed)
    assert (found.units, found.period) == (("VP",), OCTOBER)
    assert [(f.rule, f.severity) for f in found.findings] == [
        ("altered-signature", Severity.WARNING)
    ]
    assert "không xác định được" in said(found)


KEY = b"k" * 32
NEAR = [Period(2021, 11).shift(-n) for n in range(24)]


@pytest.mark.parametrize(
    ("issued", "now", "told"),
    [
        (("1", "KHTC", "2021-10"), ("1", "VP", "2021-10"), "đơn vị: từ Vụ Kế hoạch - Tài chính"),
        (("1", "VP", "2021-09"), ("1", "VP", "2021-10"), "từ tháng 9 năm 2021 thành tháng 10"),
        (("2", "VP", "2021-10"), ("1", "VP", "2021-10"), "phiên bản biểu mẫu: từ 2 thành 1"),
        (("1", "KHTC", "2021-09"), ("1", "VP", "2021-10"), "không xác định được"),
        (("1", "VP", "2019-01"), ("1", "VP", "2021-10"), "không xác định được"),
    ],
)
def test_what_was_altered_is_named(
    issued: tuple[str, str, str], now: tuple[str, str, str], told: str
) -> None:
    signed = Signed(*now, sign(KEY, *issued))
    seal = examine(KEY, signed, DIRECTORY.units, NEAR)
    assert not seal.holds
    read = replace(workbook("a.xlsx"), signed=signed)
    found = place(read, seal=seal)
    assert isinstance(found, Placed)
    assert told in said(found)


def test_nothing_is_altered_where_the_signature_holds() -> None:
    signed = Signed("1", "VP", "2021-10", sign(KEY, "1", "VP", "2021-10"))
    assert examine(KEY, signed, (), ()) == HOLDS
    assert examine(b"x" * 32, signed, DIRECTORY.units, NEAR) == BROKEN


def test_a_form_of_another_version_is_fine_and_told() -> None:
    read = replace(workbook(), signed=Signed("0", "VP", "2021-10", "00"))
    found = place(read, seal=HOLDS)
    assert isinstance(found, Placed)
    assert [(f.rule, f.severity) for f in found.findings] == [("older-form", Severity.INFO)]
    assert "phiên bản 0" in said(found)


@pytest.mark.parametrize("signed", [("ZZ", "2021-10"), ("VP", "tháng 10"), ("", "")])
def test_a_signed_sheet_that_names_nothing_known_is_no_sign(signed: tuple[str, str]) -> None:
    read = workbook("KHTC 2021-10.xlsx", signed=signed)
    found = place(read, seal=BROKEN)
    assert isinstance(found, Placed)
    assert (found.units, found.period) == (("KHTC",), OCTOBER)
    assert rules(found) == ["altered-signature"]


def test_codes_tell_the_unit() -> None:
    assert place(workbook(codes=["X.1", "?", ""]), OCTOBER) == placed("VP")
    assert place(workbook(codes=["X.2-1"], form="strategy"), OCTOBER) == placed("VP")
    assert place(workbook(codes=["x.1"]), OCTOBER) == placed("VP")
    assert unit_of(place(workbook(codes=["X.2-1"]), OCTOBER)) is None


def test_codes_of_two_units_are_held() -> None:
    found = place(workbook("bao cao 2021-10.xlsx", codes=["X.1", "Y.1"]))
    assert isinstance(found, Unplaced)
    assert (rules(found), found.unit, found.period) == (["two-units"], None, OCTOBER)


def test_a_name_tells_which_of_two_units_is_meant() -> None:
    assert place(workbook("VP 2021-10.xlsx", codes=["X.1", "Y.1"])) == placed("VP")


@pytest.mark.parametrize(
    ("read", "sender", "first", "second"),
    [
        (workbook(codes=["Y.1"], signed=("VP", "2021-10")), None, "trang ẩn", "mã nhiệm vụ"),
        (
            workbook(titles=["Đơn vị: Vụ Kế hoạch - Tài chính"], signed=("VP", "2021-10")),
            None,
            "trang ẩn",
            "dòng tiêu đề",
        ),
        (workbook(titles=["Mã đơn vị: KHTC"], codes=["X.1"]), None, "mã nhiệm vụ", "dòng tiêu đề"),
        (workbook(titles=["Vụ Kế hoạch - Tài chính"], codes=["X.1"]), None, "mã", "dòng tiêu đề"),
        (workbook("KHTC_2021-10.xlsx", codes=["X.1"]), None, "mã nhiệm vụ", "tên tệp"),
        (workbook("KHTC.xlsx", signed=("VP", "2021-10")), None, "trang ẩn", "tên tệp"),
        (workbook(signed=("VP", "2021-10")), "khtc@ubdt.vn", "trang ẩn", "địa chỉ gửi thư"),
        (workbook(codes=["X.1"]), "khtc@ubdt.vn", "địa chỉ gửi thư", "mã nhiệm vụ"),
        (workbook(codes=["X.1"]), "cuc@ubdt.vn", "địa chỉ gửi thư", "mã nhiệm vụ"),
        (workbook("VP.xlsx"), "khtc@ubdt.vn", "địa chỉ gửi thư", "tên tệp"),
    ],
)
def test_units_that_disagree_are_held_with_both_signs(
    read: ReadWorkbook, sender: str | None, first: str, second: str
) -> None:
    found = place(read, OCTOBER, sender=sender)
    assert isinstance(found, Unplaced)
    assert (rules(found), found.unit, found.period) == (["units-disagree"], None, OCTOBER)
    assert re.search(rf"{first}.*\(\w+\), còn {second}.*\(\w+\); hãy", said(found))


def test_the_question_says_what_each_sign_says() -> None:
    found = place(workbook(signed=("VP", "2021-10")), OCTOBER, sender="khtc@ubdt.vn")
    assert said(found).startswith(
        "Chưa rõ tệp là báo cáo của đơn vị nào: trang ẩn của biểu mẫu ghi Văn phòng (VP), còn địa "
        "chỉ gửi thư thuộc Vụ Kế hoạch - Tài chính (KHTC); hãy"
    )


def test_names_of_bodies_that_report_on_nothing_are_no_sign_against_the_rows() -> None:
    assert place(
        workbook("DP2.xlsx", titles=["Vụ Địa phương I"], codes=["X.1"]), OCTOBER
    ) == placed("VP")
    found = place(workbook("DP2.xlsx", titles=["Vụ Địa phương I"]), OCTOBER)
    assert rules(found) == ["units-disagree"]


@pytest.mark.parametrize(
    "name",
    ["Kinh gui Vu Ke hoach - Tai chinh.xlsx", "VP gui KHTC.xlsx", "gửi về KHTC T10.2021.xlsx"],
)
def test_an_addressee_is_no_sign(name: str) -> None:
    lines = ["(Gửi Vụ Kế hoạch - Tài chính trước ngày 05)", "Nơi nhận: Vụ Kế hoạch - Tài chính"]
    assert place(workbook(name, lines, codes=["X.1"]), OCTOBER) == placed("VP")


def test_a_short_code_within_a_file_name_is_no_sign_against_the_rows() -> None:
    assert place(workbook("mau VP 10-2021.xlsx", codes=["Y.1"])) == placed("KHTC")
    assert rules(place(workbook("VP 10-2021.xlsx", codes=["Y.1"]))) == ["units-disagree"]
    assert rules(place(workbook("mau TT1 10-2021.xlsx", codes=["Y.1"]))) == ["units-disagree"]


PRESS = Unit("BAO", "Tạp chí Dân tộc")
WITH_PRESS = Directory(
    replace(
        REGISTRY,
        units=(*REGISTRY.units, PRESS, Unit("ĐHDT", "Đại học"), Unit("QUÝ", "Quỹ")),
        activities=(
            *REGISTRY.activities,
            Activity("B.1", "Bảy", "BAO", "ODA", ("disbursement",)),
            Activity("D.1", "Tám", "ĐHDT", "ODA", ("disbursement",)),
            Activity("Q.1", "Chín", "QUÝ", "ODA", ("disbursement",)),
        ),
    )
)


@pytest.mark.parametrize("spread", [False, True])
@pytest.mark.parametrize(
    "name",
    [
        "Báo cáo giải ngân tháng 5 (2).xlsx",
        "BÁO CÁO.xlsx",
        "Bao cao giai ngan.xlsx",
        "BAO_CAO-thang 5.xlsx",
        "5. bao-cao.xlsx",
        "Thông báo số liệu.xlsx",
        "bao cao.zip/so lieu.xlsx",
        "Báo cáo.zip/số liệu.xlsx",
    ],
)
def test_a_word_that_reads_like_a_code_names_no_unit(name: str, spread: bool) -> None:
    name = normalize("NFD", name) if spread else name
    for known, sender in (
        (workbook(name, codes=["X.1"]), None),
        (workbook(name, signed=("VP", "2021-10")), None),
        (workbook(name), "vp@ubdt.vn"),
        (workbook(name, ["BAO CAO GIAI NGAN"]), "vp@ubdt.vn"),
    ):
        assert identify(known, WITH_PRESS, Clues(OCTOBER, sender), TODAY) == placed("VP")
    unknown = identify(workbook(name), WITH_PRESS, Clues(OCTOBER), TODAY)
    assert rules(unknown) == ["unknown-unit"]


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        *((f"{written}.xlsx", "BAO") for written in ("BAO T10", "bao_2021-10", "Bao cao BAO")),
        *((f"{written}.xlsx", "BAO") for written in ("BAO giai ngan", "BAO_Báo cáo tháng 10")),
        *((f"{written} 2021-10.xlsx", "ĐHDT") for written in ("ĐHDT", "DHDT", "đhdt", "dhdt")),
        ("QUÝ 2021-10.xlsx", "QUÝ"),
    ],
)
def test_a_code_written_by_itself_names_its_unit(name: str, unit: str) -> None:
    assert unit_of(identify(workbook(name), WITH_PRESS, Clues(OCTOBER), TODAY)) == unit
    other = identify(workbook(name, codes=["X.1"]), WITH_PRESS, Clues(OCTOBER), TODAY)
    assert rules(other) == ["units-disagree"]


def test_the_sender_tells_the_unit_where_nothing_before_it_does() -> None:
    assert place(workbook(), OCTOBER, sender="vp@ubdt.vn") == placed("VP")
    assert place(workbook(), OCTOBER, sender=" VP@UBDT.VN ") == placed("VP")
    assert rules(place(workbook(), OCTOBER, sender="la@ubdt.vn")) == ["unknown-unit"]
    assert rules(place(workbook(), OCTOBER, sender="moi@ubdt.vn")) == ["unknown-unit"]


def test_a_superior_may_send_for_its_subordinate() -> None:
    signed = workbook(signed=("VP", "2021-10"), codes=["X.1"])
    assert place(signed, seal=HOLDS, sender="ub@ubdt.vn") == placed("VP")
    assert place(workbook(codes=["T1.1"]), OCTOBER, sender="cuc@ubdt.vn") == placed("TT1")
    assert place(workbook("UB 2021-10.xlsx", codes=["X.1"])) == placed("VP")


def test_a_contact_of_several_units_narrows_but_does_not_decide() -> None:
    both = "hai@ubdt.vn"
    assert rules(place(workbook(), OCTOBER, sender=both)) == ["unknown-unit"]
    assert place(workbook(codes=["X.1"]), OCTOBER, sender=both) == placed("VP")
    assert place(workbook("KHTC.xlsx"), OCTOBER, sender=both) == placed("KHTC")
    assert rules(place(workbook(codes=["T1.1"]), OCTOBER, sender=both)) == ["units-disagree"]
    assert rules(place(workbook(codes=["X.1", "Y.1"]), OCTOBER, sender=both)) == ["two-units"]


def test_the_sender_tells_which_of_two_units_is_meant() -> None:
    read = workbook(codes=["X.1", "Y.1"])
    assert place(read, OCTOBER, sender="vp@ubdt.vn") == placed("VP")


# --- several units ------------------------------------------------------------------------------

TWO = ["T2.1", "T1.1"]


@pytest.mark.parametrize(
    ("read", "sender", "severity"),
    [
        (workbook(codes=TWO, signed=("CUC", "2021-10")), None, Severity.INFO),
        (workbook(codes=TWO), "cuc@ubdt.vn", Severity.INFO),
        (workbook(codes=TWO, titles=["CỤC CÔNG TÁC"]), None, Severity.WARNING),
        (workbook("CUC 2021-10.xlsx", codes=TWO), None, Severity.WARNING),
        (workbook("UB.xlsx", titles=["Cục Công tác"], codes=TWO), None, Severity.WARNING),
    ],
)
def test_rows_of_several_units_are_split_where_a_superior_is_named(
    read: ReadWorkbook, sender: str | None, severity: Severity
) -> None:
    found = place(read, OCTOBER, seal=HOLDS if read.signed else None, sender=sender)
    assert isinstance(found, Placed)
    assert (found.units, found.period) == (("TT1", "TT2"), OCTOBER)
    assert [(f.rule, f.severity) for f in found.findings] == [("split-file", severity)]
    assert "TT1, TT2" in said(found)
    assert "(CUC)" in said(found) or "(UB)" in said(found)


def test_a_superior_with_rows_of_its_own_reports_for_those_below() -> None:
    found = place(workbook(codes=["C.1", "T1.1"]), OCTOBER)
    assert isinstance(found, Placed)
    assert found.units == ("CUC", "TT1")
    assert [f.severity for f in found.findings] == [Severity.WARNING]


def test_an_altered_sheet_of_a_superior_is_no_sure_sign() -> None:
    found = place(workbook(codes=TWO, signed=("CUC", "2021-10")), seal=BROKEN)
    assert isinstance(found, Placed)
    assert {f.rule: f.severity for f in found.findings} == {
        "altered-signature": Severity.WARNING,
        "split-file": Severity.WARNING,
    }


@pytest.mark.parametrize(
    ("read", "sender", "rule"),
    [
        (workbook(codes=TWO), None, "two-units"),
        (workbook(codes=TWO, titles=["Ủy ban Dân tộc"]), None, "two-units"),  # above neither
        (workbook(codes=[*TWO, "X.1"], titles=["Cục Công tác"]), None, "two-units"),
        (workbook(codes=TWO, signed=("CUC", "2021-10")), "vp@ubdt.vn", "units-disagree"),
        (workbook("KHTC.xlsx", codes=TWO), "cuc@ubdt.vn", "units-disagree"),
    ],
)
def test_rows_of_several_units_are_held_where_no_superior_of_all_is_named(
    read: ReadWorkbook, sender: str | None, rule: str
) -> None:
    found = place(read, OCTOBER, seal=HOLDS, sender=sender)
    assert isinstance(found, Unplaced)
    assert rules(found) == [rule]


def test_a_unit_below_that_speaks_for_itself_is_the_one_meant() -> None:
    read = workbook("TT1 2021-10.xlsx", titles=["Cục Công tác"], codes=TWO)
    assert place(read) == placed("TT1")
    read = workbook(codes=["C.1", "T1.1"], signed=("TT1", "2021-10"))
    assert place(read, seal=HOLDS) == placed("TT1")


def test_a_unit_with_nothing_to_report_that_year_gets_no_part() -> None:
    its = (replace(a, last_year=2020) if a.unit == "TT2" else a for a in REGISTRY.activities)
    closed = replace(REGISTRY, activities=tuple(its))
    read = workbook(codes=TWO, titles=["Cục Công tác"])
    found = identify(read, Directory(closed), Clues(OCTOBER), TODAY)
    assert found == placed("TT1")


# --- one unit -----------------------------------------------------------------------------------


def test_one_row_of_another_unit_is_left_to_validation() -> None:
    read = workbook(codes=["X.1", "Y.1"], signed=("VP", "2021-10"))
    assert place(read, seal=HOLDS) == placed("VP")


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
    assert unit_of(place(workbook(name, titles), OCTOBER)) == unit


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
    assert place(workbook("VP.xlsx", [*other, title])) == placed("VP")
    assert place(workbook("VP_2021-10.xlsx", [*other, title])) == placed("VP")
    assert rules(place(workbook("VP.xlsx", other))) == ["unknown-period"]


@pytest.mark.parametrize(
    "name",
    [
        *("2021-10", "202110", "2021_10", "2021.10", "2021-10 (2)", "2021-10_v2", "T10-2021"),
        *(
            "DV01_2021-10",
            "t10.2021",
            "thang 10 2021",
            "Tháng 10 năm 2021",
            "thang10-2021",
            "10.2021",
            "10-2021",
        ),
    ],
)
def test_file_names_show_the_period(name: str) -> None:
    assert place(workbook(f"VP {name}.xlsx")) == placed("VP")


@pytest.mark.parametrize(
    "name", ["DV10_2021", "05.10.2021", "2021-10-05", "2021", "1021", "20211005", "2021-14"]
)
def test_other_numbers_in_file_names_are_no_period(name: str) -> None:
    assert rules(place(workbook(f"VP {name}.xlsx"))) == ["unknown-period"]
    assert place(workbook(f"VP {name}.xlsx"), OCTOBER) == placed("VP")


def test_two_periods_in_the_titles_are_not_guessed_between() -> None:
    titles = ["Báo cáo tháng 9 năm 2021", "Báo cáo tháng 10 năm 2021"]
    found = place(workbook("VP.xlsx", titles))
    assert rules(found) == ["periods-disagree"]
    assert "dòng tiêu đề ghi tháng 9 năm 2021, còn một dòng tiêu đề khác ghi tháng 10" in said(
        found
    )
    named = workbook("VP_2021-10.xlsx", titles)
    assert rules(place(named, OCTOBER)) == ["periods-disagree"]
    assert rules(place(named, Period(2021, 11))) == ["other-period"]
    assert place(workbook(titles=titles, signed=("VP", "2021-10")), seal=HOLDS) == placed("VP")
    stated = [f"Kỳ báo cáo: {title}" for title in titles]
    read = workbook(titles=stated, signed=("VP", "2021-10"))
    assert rules(place(read, seal=HOLDS)) == ["periods-disagree"]
    titles = ["So với tháng 9 năm 2021", "Kỳ báo cáo: tháng 10 năm 2021"]
    assert place(workbook("VP.xlsx", titles)) == placed("VP")


@pytest.mark.parametrize(
    ("read", "first", "second"),
    [
        (
            workbook(titles=["Kỳ báo cáo: tháng 11 năm 2021"], signed=("VP", "2021-10")),
            "trang ẩn của biểu mẫu ghi tháng 10",
            "dòng tiêu đề ghi tháng 11",
        ),
        (workbook("T9.2021.xlsx", signed=("VP", "2021-10")), "trang ẩn", "tên tệp ghi tháng 9"),
        (workbook("VP_2021-09.xlsx", ["Tháng 10/2021"]), "dòng tiêu đề", "tên tệp ghi tháng 9"),
        (workbook("thang 9.2021.zip/VP.xlsx", ["Tháng 10/2021"]), "dòng", "tên tệp ghi tháng 9"),
    ],
)
def test_periods_that_disagree_are_held_with_both_signs(
    read: ReadWorkbook, first: str, second: str
) -> None:
    for asked in (None, OCTOBER):
        found = place(read, asked, seal=HOLDS)
        assert isinstance(found, Unplaced)
        assert rules(found) == ["periods-disagree"]
        assert re.search(rf"{first}.* năm 2021, còn {second}.* năm 2021; hãy", said(found))


def test_a_file_name_that_may_be_read_in_two_ways_shows_no_period() -> None:
    name = "VP T9.2021 - 2021-10.xlsx"
    assert rules(place(workbook(name))) == ["unknown-period"]
    assert place(workbook(name), OCTOBER) == placed("VP")
    assert place(workbook(name, ["Tháng 10/2021"])) == placed("VP")
    assert rules(place(workbook(name), Period(2021, 8))) == ["other-period"]


def test_unit_and_period_both_unknown_are_both_told() -> None:
    assert rules(place(workbook("a.xlsx"))) == ["unknown-unit", "unknown-period"]


def test_another_period_than_the_one_asked_for_is_held() -> None:
    found = place(workbook(signed=("VP", "2021-09")), OCTOBER, seal=HOLDS)
    assert isinstance(found, Unplaced)
    assert (rules(found), found.unit, found.period) == (["other-period"], "VP", OCTOBER)
    assert "tháng 9 năm 2021" in found.findings[0].message
    assert "tháng 10 năm 2021" in found.findings[0].message


def test_a_quarter_or_year_that_is_none_of_the_period_s_is_held() -> None:
    titles = ["BÁO CÁO GIẢI NGÂN QUÝ II NĂM 2021"]
    found = place(workbook("VP.xlsx", titles), OCTOBER)
    assert isinstance(found, Unplaced)
    assert (rules(found), found.unit, found.period) == (["other-period"], "VP", OCTOBER)
    assert said(found).startswith("Tệp là báo cáo quý II năm 2021, trong khi kỳ đang thu là tháng")
    assert rules(place(workbook("VP Q2-2021.xlsx"), OCTOBER)) == ["other-period"]
    assert place(workbook("VP Q4-2021.xlsx", ["BÁO CÁO NĂM 2021"]), OCTOBER) == placed("VP")
    assert rules(place(workbook("VP Q4-2021.xlsx"))) == ["unknown-period"]


def test_a_quarter_or_year_beside_other_signs_of_the_period() -> None:
    titles = ["BÁO CÁO GIẢI NGÂN 9 THÁNG NĂM 2021"]
    found = place(workbook(titles=titles, signed=("VP", "2021-10")), seal=HOLDS)
    assert rules(found) == ["periods-disagree"]
    assert (
        "trang ẩn của biểu mẫu ghi tháng 10 năm 2021, còn dòng tiêu đề ghi chín tháng đầu năm 2021"
    ) in said(found)
    named = workbook("VP quy I 2021.xlsx", ["Kỳ báo cáo: tháng 10 năm 2021"])
    assert rules(place(named, OCTOBER)) == ["periods-disagree"]
    month_too = [*titles, "Kỳ báo cáo: tháng 10 năm 2021"]
    assert place(workbook("VP.xlsx", month_too), OCTOBER) == placed("VP")
    assert place(workbook("VP 2021-10 quy I.xlsx", []), OCTOBER) == placed("VP")


def test_a_period_is_not_taken_before_it_has_begun() -> None:
    read = workbook(signed=("VP", "2021-11"))
    begun = identify(read, DIRECTORY, Clues(seal=HOLDS), date(2021, 11, 1))
    assert begun == Placed(("VP",), Period(2021, 11))
    found = identify(read, DIRECTORY, Clues(seal=HOLDS), date(2021, 10, 31))
    assert found == Unplaced(found.findings, "VP", None)
    assert rules(found) == ["future-period"]


def test_an_unreadable_file_is_known_by_name_and_sender_only() -> None:
    broken = Finding("unreadable", Severity.ERROR, "…", "x")
    found = place(ReadWorkbook("VP_2021-10.xlsx", findings=(broken,)))
    assert found == Unplaced((broken,), "VP", OCTOBER)
    unnamed = ReadWorkbook("x.xlsx", findings=(broken,))
    assert place(unnamed) == Unplaced((broken,))
    assert place(unnamed, sender="vp@ubdt.vn") == Unplaced((broken,), "VP")
    assert place(ReadWorkbook("VP.xlsx", findings=(broken,)), sender="khtc@ubdt.vn").findings == (
        broken,
    )
    note = Finding("macros", Severity.INFO, "…", "x")
    assert place(replace(workbook("VP_2021-10.xlsx"), findings=(note,))) == placed("VP")


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
