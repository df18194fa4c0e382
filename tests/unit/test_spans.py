"""What titles and file names say of quarters, halves, months and years, and which period that is
none of."""

import pytest

from rules.spans import LONGEST, contradiction
from schemas.period import Period

MARCH, APRIL, MAY, JUNE = (Period(2024, month) for month in (3, 4, 5, 6))
SEPTEMBER, DECEMBER, CLOSING = Period(2024, 9), Period(2024, 12), Period(2024, 13)
JANUARY = Period(2024, 1)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("BÁO CÁO GIẢI NGÂN NĂM 2023", "cả năm 2023"),
        ("TÌNH HÌNH GIẢI NGÂN VỐN ĐẦU TƯ CÔNG NĂM 2023", "cả năm 2023"),
        ("BÁO CÁO GIẢI NGÂN 9 THÁNG NĂM 2023", "chín tháng đầu năm 2023"),
        ("BÁO CÁO GIẢI NGÂN CHÍN THÁNG ĐẦU NĂM", "chín tháng đầu năm 2024"),
        ("BÁO CÁO GIẢI NGÂN QUÝ I NĂM 2024", "quý I năm 2024"),
        ("(Quý 1/2024)", "quý I năm 2024"),
        ("Báo cáo quý III", "quý III năm 2024"),
        ("Báo cáo quý II năm 2023", "quý II năm 2023"),
        ("BÁO CÁO GIẢI NGÂN 6 THÁNG ĐẦU NĂM 2024", "sáu tháng đầu năm 2024"),
        ("BÁO CÁO CHƯƠNG TRÌNH MỤC TIÊU QUỐC GIA 6 THÁNG CUỐI NĂM", "sáu tháng cuối năm 2024"),
        ("BÁO CÁO GIẢI NGÂN 4 THÁNG ĐẦU NĂM 2024", "4 tháng đầu năm 2024"),
        ("BÁO CÁO GIẢI NGÂN 5 THÁNG ĐẦU NĂM 2023", "5 tháng đầu năm 2023"),
        ("BÁO CÁO GIẢI NGÂN ĐẾN HẾT QUÝ I/2024", "quý I năm 2024"),
        ("BAO CAO GIAI NGAN QUY I NAM 2024", "quý I năm 2024"),
        ("VP quy I 2024.xlsx", "quý I năm 2024"),
        ("VP_Q1_2024.xlsx", "quý I năm 2024"),
        ("2024Q3-VP.xlsx", "quý III năm 2024"),
        ("VP 6 thang dau nam 2024.xlsx", "sáu tháng đầu năm 2024"),
        ("bao-cao-giai-ngan-nam-2023.xlsx", "cả năm 2023"),
        ("quy I 2024.zip/VP.xlsx", "quý I năm 2024"),
    ],
)
def test_what_is_none_of_may_s(line: str, shown: str) -> None:
    assert contradiction(["Đơn vị: Văn phòng", line], MAY) == shown


@pytest.mark.parametrize(
    ("period", "line"),
    [
        (SEPTEMBER, "BÁO CÁO GIẢI NGÂN 9 THÁNG NĂM 2024"),
        (SEPTEMBER, "Báo cáo quý III/2024"),
        (SEPTEMBER, "VP_Q3_2024.xlsx"),
        (DECEMBER, "BÁO CÁO GIẢI NGÂN NĂM 2024"),
        (DECEMBER, "Báo cáo cả năm 2024"),
        (DECEMBER, "Báo cáo quý IV năm 2024"),
        (DECEMBER, "Báo cáo 12 tháng năm 2024"),
        (DECEMBER, "Báo cáo 6 tháng cuối năm 2024"),
        (CLOSING, "BÁO CÁO GIẢI NGÂN NĂM 2024"),
        (CLOSING, "Báo cáo quý IV năm 2024"),
        (JUNE, "BÁO CÁO GIẢI NGÂN 6 THÁNG ĐẦU NĂM 2024"),
        (JUNE, "Báo cáo sáu tháng đầu năm, nhiệm vụ 6 tháng cuối năm 2024"),
        (MARCH, "Lũy kế đến hết quý I"),
        (MARCH, "BÁO CÁO QUÝ I, NHIỆM VỤ QUÝ II NĂM 2024"),
        (MAY, "THÁNG 5 (QUÝ II/2024)"),
        (MAY, "BÁO CÁO GIẢI NGÂN NĂM 2024"),
        (MAY, "BÁO CÁO 5 THÁNG, ƯỚC 6 THÁNG ĐẦU NĂM 2024"),
        (MAY, "Số liệu quý I/2024, 5 tháng đầu năm 2024"),
        (JANUARY, "VP quý I.xlsx"),
        (APRIL, "BÁO CÁO GIẢI NGÂN QUÝ I VÀ THÁNG 4"),
        (APRIL, "VP quy I, T4.xlsx"),
    ],
)
def test_what_agrees(period: Period, line: str) -> None:
    assert contradiction([line], period) is None


@pytest.mark.parametrize(
    "line",
    [
        *(
            "Dự toán năm 2023",
            "KẾ HOẠCH NĂM 2023",
            "giai đoạn 2016-2021",
            "Giai đoạn năm 2021-2025",
        ),
        "BÁO CÁO GIẢI NGÂN DỰ TOÁN NĂM 2023",
        "Báo cáo giải ngân vốn năm 2023 kéo dài sang năm 2024",
        "Báo cáo giải ngân nguồn dự phòng ngân sách trung ương năm 2023",
        "Tỷ lệ giải ngân năm 2023: 95%",
        "BÁO CÁO GIẢI NGÂN KẾ HOẠCH VỐN ĐẦU TƯ CÔNG NĂM 2023 CHUYỂN SANG",
        "Kế hoạch giải ngân quý III năm 2024",
        "Ước giải ngân 6 tháng đầu năm 2024",
        "Thời gian thực hiện: quý I năm 2023 - quý IV năm 2025",
        "Dự án hoàn thành trong quý I/2024",
        "Báo cáo giải ngân, so với quý I năm 2024",
        "(Kèm theo Báo cáo số 12/BC-VP năm 2023)",
        "Quyết định số 1731/QĐ-BTC ngày 23/7/2013 của Bộ trưởng",
        *("Hà Nội, ngày 05 tháng năm 2023", "Hà Nội, ngày … tháng … năm 2023"),
        *("Hà Nội, ngày 05 tháng 6 năm 2023", "Báo cáo quý I và II năm 2024"),
        *("Quyết toán Việt Nam 2023", "Đã chậm 3 tháng", "Giải ngân quý I/2024: 1.200"),
        *("VP Q1.xlsx", "VP 2023.xlsx", "nam 2023.xlsx", "quy che 1.xlsx", "Mien Nam 2023.xlsx"),
    ],
)
def test_what_is_no_sign_of_a_period(line: str) -> None:
    assert contradiction([line], MAY) is None


def test_one_line_that_fits_is_enough() -> None:
    assert contradiction(["Báo cáo quý I năm 2024", "Báo cáo quý II năm 2024"], APRIL) is None
    assert contradiction(["Báo cáo giải ngân năm 2023", "Dự toán năm 2024"], APRIL) is None
    signed = ["Báo cáo quý I năm 2024", "Hà Nội, ngày 05 tháng 4 năm 2024"]
    assert contradiction(signed, APRIL) == "quý I năm 2024"
    dated = ["Báo cáo giải ngân năm 2023", "Hà Nội, ngày 05 tháng 6 năm 2024"]
    assert contradiction(dated, APRIL) == "cả năm 2023"


@pytest.mark.parametrize("when", ["NĂM 2023", "(Quý I/2024)", "(đến hết quý I)", "4 tháng đầu năm"])
def test_a_line_that_says_when_goes_on_with_the_one_above(when: str) -> None:
    assert contradiction(["BÁO CÁO GIẢI NGÂN", when], MAY)
    for planned in ("DỰ TOÁN CHI NGÂN SÁCH", "KẾ HOẠCH GIẢI NGÂN"):
        assert contradiction([planned, when], MAY) is None
    assert contradiction(["Đơn vị: Văn phòng", "Năm 2023"], MAY) is None


def test_a_line_too_long_for_a_title_is_none() -> None:
    line = "Báo cáo quý I năm 2024"
    assert contradiction([line.rjust(LONGEST, "-")], MAY) == "quý I năm 2024"
    assert contradiction([line.rjust(LONGEST + 1, "-")], MAY) is None
