"""Layout noise: what stands around, above, below and between the figures; each kind alone."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from corpus.page import (
    ALL,
    IT_LINES,
    MONEY_LINES,
    Case,
    Formula,
    Page,
    Told,
    error,
    info,
    names,
    plain,
)
from corpus.write import openpyxl_, xlsxwriter_
from schemas.forms import DISBURSEMENT, IT, STRATEGY

SHEET = DISBURSEMENT.sheet
LETTERS = dict(zip(names(DISBURSEMENT), "ABCDEFGHIJK", strict=True))
LABELS = {f.name: f.label for f in DISBURSEMENT.fields}


def letterhead(page: Page, unit: str = "VĂN PHÒNG ỦY BAN", month: str = "tháng 10 năm 2021") -> int:
    """The national header, the title and the unit of money's absence; gives the next free row."""
    page.put(1, 1, "ỦY BAN DÂN TỘC").put(1, 7, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    page.put(2, 1, unit).put(2, 7, "Độc lập - Tự do - Hạnh phúc")
    page.put(3, 1, "Số: 45/BC-VP").put(3, 7, "Hà Nội, ngày 03 tháng 11 năm 2021")
    page.put(5, 1, f"BÁO CÁO TÌNH HÌNH GIẢI NGÂN {month.upper()}")
    page.put(6, 1, "(Kèm theo Công văn số 45/VP-KHTC ngày 03 tháng 11 năm 2021)")
    for row in (1, 2, 3):
        page.merge(row, 1, row, 4).merge(row, 7, row, 11)
    page.merge(5, 1, 5, 11).merge(6, 1, 6, 11)
    return 8


def footer(page: Page, row: int) -> None:
    """Place and date, functions, a remark, names."""
    page.put(row, 8, "Hà Nội, ngày 03 tháng 11 năm 2021")
    page.put(row + 1, 2, "NGƯỜI LẬP BIỂU").put(row + 1, 8, "THỦ TRƯỞNG ĐƠN VỊ")
    page.put(row + 2, 2, "(Ký, ghi rõ họ tên)").put(row + 2, 8, "(Ký tên, đóng dấu)")
    page.put(row + 6, 2, "Nguyễn Thị Nộp").put(row + 6, 8, "Trần Văn Trưởng")


def grouped(page: Page, row: int, labels: dict[str, str] | None = None) -> int:
    """The lines in two groups with sub-totals, and a total above."""
    columns = names(DISBURSEMENT)
    page.head(row, DISBURSEMENT, columns, labels or {})
    first, second, third = MONEY_LINES
    page.put(row + 1, 2, "TỔNG CỘNG").put(row + 1, 7, 2195.95)
    page.put(row + 2, 1, "I").put(row + 2, 2, "Chi đầu tư").put(row + 2, 7, 2195.95)
    page.line(row + 3, DISBURSEMENT, columns, first)
    page.line(row + 4, DISBURSEMENT, columns, second)
    page.put(row + 5, 2, "Cộng I").put(row + 5, 4, 2600.708333).put(row + 5, 7, 2195.95)
    page.put(row + 6, 2, "II. Chi thường xuyên").put(row + 6, 7, 0)
    page.line(row + 7, DISBURSEMENT, columns, third)
    page.put(row + 8, 1, "Tổng số:").put(row + 8, 7, 2195.95)
    return row + 9


def _one(name: str, why: str, page: Page, *findings: Told, **more: Any) -> Case:
    return Case(f"{name}.xlsx", why, lambda: openpyxl_(page), (page,), findings, **more)


def cases() -> Iterator[Case]:  # noqa: PLR0915 - one after the other, each a few lines
    """Every kind of point 3 of "Workbooks as they really arrive"."""
    columns = names(DISBURSEMENT)

    page = Page()
    page.table(letterhead(page))
    yield _one(
        "letterhead", "quốc hiệu, tên đơn vị, tên báo cáo phía trên bảng", page,
        unit="DV01", period="2021-10",
    )  # fmt: skip

    page = Page()
    page.head(1, DISBURSEMENT, columns, dict.fromkeys(columns[3:6], "Dự toán"))
    del page.cells[1, 5], page.cells[1, 6]
    page.put(2, 4, *(LABELS[name] for name in columns[3:6])).merge(1, 4, 1, 6)
    for column in (1, 2, 3, 7, 8, 9, 10, 11):
        page.merge(1, column, 2, column)
    for row, line in enumerate(MONEY_LINES, 3):
        page.line(row, DISBURSEMENT, columns, line)
    yield _one("header-two-rows", "tiêu đề hai dòng, ô gộp ngang và dọc", page)

    page = Page()
    page.put(2, 1, LABELS["code"], LABELS["name"], LABELS["source"], "Dự toán năm 2021")
    page.put(2, 7, "Thực hiện").put(2, 9, *(LABELS[name] for name in columns[8:]))
    page.put(3, 4, "Trong năm").put(3, 6, LABELS["budget_current"])
    page.put(3, 7, LABELS["disbursed"], LABELS["estimate"])
    page.put(4, 4, LABELS["budget_assigned"], LABELS["budget_adjustment"])
    page.merge(2, 4, 2, 6).merge(2, 7, 2, 8).merge(3, 4, 3, 5)
    page.merge(3, 6, 4, 6).merge(3, 7, 4, 7).merge(3, 8, 4, 8)
    for column in (1, 2, 3, 9, 10, 11):
        page.merge(2, column, 4, column)
    for row, line in enumerate(MONEY_LINES, 5):
        page.line(row, DISBURSEMENT, columns, line)
    yield _one("header-three-rows", "tiêu đề ba dòng", page)

    page = Page()
    page.head(1, DISBURSEMENT, columns)
    page.put(1, 7, "Giải ngân").put(2, 7, "lũy kế")  # one label over two cells, not merged
    for row, line in enumerate(MONEY_LINES, 3):
        page.line(row, DISBURSEMENT, columns, line)
    yield _one("header-broken-label", "một tiêu đề viết trên hai ô, không gộp", page)

    page = plain(columns=tuple(reversed(columns)))
    yield _one("columns-moved", "các cột theo thứ tự ngược", page)

    named = {
        "code": "Mã NV",
        "name": "Tên nhiệm vụ, dự án",
        "disbursed": "Lũy kế giải ngân",
        "estimate": "Ước cả năm",
        "difficulty": "Khó khăn vướng mắc",
    }
    yield _one(
        "columns-synonyms",
        "tiêu đề bằng từ đồng nghĩa đã biết",
        plain(labels=named),
        *(info("other-label", cell) for cell in ("A1", "B1", "G1", "H1", "J1")),
    )

    page = plain(labels={"disbursed": "Giải ngân lũy ké"})
    page.taken.clear()
    yield _one(
        "column-near-miss", "tiêu đề gõ sai dấu: gợi ý, không tự nhận", page,
        error("missing-column", "G1"),
    )  # fmt: skip

    inserted = ("STT", "code", "name", "Chủ đầu tư", *columns[2:7], "Tỷ lệ giải ngân", *columns[7:])
    page = plain(columns=inserted)
    for row, line in enumerate(MONEY_LINES, 2):
        rate = line["disbursed"] / line["budget_current"] * 100
        page.put(row, 1, row - 1).put(row, 4, "Văn phòng").put(row, 10, float(round(rate, 2)))
    yield _one("columns-inserted", "cột STT, chủ đầu tư, tỷ lệ chèn thêm", page)

    page = plain()
    page.hidden_columns |= {3, 4, 5}
    yield _one("columns-hidden", "cột bị ẩn vẫn là số liệu của đơn vị", page)

    page = plain(columns=("code", "disbursed"))
    yield _one("columns-missing", "chỉ còn các cột bắt buộc", page)

    page = Page()
    page.table(1, columns=(*columns, "disbursed"), labels={})
    for row in (2, 3, 4):
        page.put(row, 12, 1)
    page.taken.clear()
    yield _one("column-twice", "hai cột cùng tiêu đề: không đoán", page, error("two-columns", "G1"))

    for name, said, factor, told in (
        ("unit-dong", "Đơn vị tính: đồng", 1_000_000, True),
        ("unit-thousand", "ĐVT: Nghìn đồng", 1000, True),
        ("unit-million", "Đơn vị tính: triệu đồng", 1, False),
        ("unit-billion", "Đơn vị tính: tỷ đồng", Decimal("0.001"), True),
        ("unit-plain-words", "Đơn vị: 1.000 đồng", 1000, True),
    ):
        page = Page()
        page.put(1, 10, said)
        page.table(
            2,
            written={
                (i, f.name): line[f.name] * factor
                for i, line in enumerate(MONEY_LINES)
                for f in DISBURSEMENT.fields
                if isinstance(line.get(f.name), Decimal)
            },
        )
        yield _one(name, f"“{said}”", page, *([info("unit-converted", "J1")] if told else ()))

    page = Page()
    page.put(1, 1, "Đơn vị: Đồng Tháp")
    page.table(3)
    yield _one("unit-a-place", "“Đơn vị: Đồng Tháp” không phải đơn vị tính", page)

    money = {"disbursed": "Giải ngân lũy kế (đồng)"}
    amounts = {
        (i, "disbursed"): line["disbursed"] * 1_000_000 for i, line in enumerate(MONEY_LINES)
    }
    page = plain(labels=money, written=amounts)
    yield _one(
        "unit-in-label", "đơn vị tính ghi trong tiêu đề một cột", page, info("unit-converted", "G1")
    )

    for name, numbers in (
        ("numbering", [f"({i})" for i in range(1, 12)]),
        ("numbering-plain", ["A", "B", "C", *range(1, 9)]),
        ("numbering-formulas", ["1", "2", "3", "4", "5", "6=4+5", "7", "8", "9", "10", "11"]),
    ):
        page = Page()
        page.head(1, DISBURSEMENT, columns).put(2, 1, *numbers)
        for row, line in enumerate(MONEY_LINES, 3):
            page.line(row, DISBURSEMENT, columns, line)
        yield _one(name, "dòng đánh số cột", page)

    page = Page()
    grouped(page, 1)
    yield _one("groups-and-totals", "dòng nhóm, cộng nhóm, tổng cộng có số", page)

    page = Page()
    footer(page, page.table(1) + 1)
    yield _one("footer", "nơi, ngày, chức danh, họ tên dưới bảng", page)

    page = Page()
    page.head(2, DISBURSEMENT, columns)
    for row, line in zip((5, 8, 12), MONEY_LINES, strict=True):
        page.line(row, DISBURSEMENT, columns, line)
    yield _one("blank-rows", "dòng trống giữa bảng", page)

    page = plain()
    page.put(2, 13, "đã kiểm tra với KBNN").put(3, 14, 1215.7).put(6, 2, "Ghi chú: số đến 31/10")
    page.put(1, 13, "Ghi chú")
    yield _one("notes-beside", "ghi chú bên phải và bên dưới bảng", page)

    page = Page()
    page.head(1, DISBURSEMENT, columns)
    first, second, _ = MONEY_LINES
    other = first | {"source": "ODA", "disbursed": Decimal("12.5"), "estimate": Decimal(20)}
    other |= {"budget_assigned": Decimal(30), "budget_adjustment": None}
    other |= {"budget_current": Decimal(30), "difficulty": None, "solution": None}
    page.line(2, DISBURSEMENT, columns, first).line(3, DISBURSEMENT, columns, other)
    del page.cells[3, 1], page.cells[3, 2]
    page.merge(2, 1, 3, 1).merge(2, 2, 3, 2).line(4, DISBURSEMENT, columns, second)
    yield _one("merged-activity", "một nhiệm vụ hai nguồn vốn, ô mã và tên gộp dọc", page)

    one, two = Page("Giải ngân"), Page("Giải ngân (2)")
    one.table(1, lines=MONEY_LINES[:1])
    two.table(3, lines=MONEY_LINES[1:])
    yield Case(
        "two-sheets.xlsx", "nhiệm vụ của một đơn vị trên hai trang tính",
        lambda: openpyxl_(one, two), (one, two),
    )  # fmt: skip

    renamed = [Page("Biểu 01"), Page("Sheet2"), Page("Phu luc 3")]
    for new, form in zip(renamed, (IT, DISBURSEMENT, STRATEGY), strict=True):
        new.table(1, form)
    yield Case(
        "sheets-renamed.xlsx",
        "trang tính đổi tên, đổi thứ tự",
        lambda: openpyxl_(*renamed),
        renamed,
    )

    page = Page()
    end = page.table(1)
    page.put(end + 2, 1, "DANH SÁCH LIÊN HỆ")
    page.put(end + 3, 1, "STT", "Họ tên", "Điện thoại", "Email", "Phòng", "Năm", "Số máy lẻ")
    page.put(end + 4, 1, 1, "Nguyễn Thị Nộp", "024 3733 0001", "nop@ubdt.vn", "KH", 2021, 12)
    page.put(end + 5, 1, 2, "Trần Văn Trưởng", "024 3733 0002", "truong@ubdt.vn", "VP", 2021, 13)
    page.taken = page.taken[:3]
    yield _one("second-table", "bảng khác bên dưới không phải số liệu của biểu", page,
               info("other-table", f"A{end + 3}"))  # fmt: skip

    page = plain()
    page.filtered, page.hidden_rows = "A1:K4", {3}
    yield _one("filtered", "dòng bị lọc ẩn vẫn là số liệu", page)

    worked = plain()
    worked.cells[2, 7] = Formula("=900+80.25", 980.25)
    worked.cells[3, 6] = Formula("=D3+E3", 1500.583333)
    yield Case(
        "formulas.xlsx", "công thức có giá trị đã tính", lambda: xlsxwriter_(worked), (worked,)
    )

    uncalculated = plain(meant={(0, "disbursed"): None})
    uncalculated.cells[2, 7] = Formula("=900+80.25")
    yield _one(
        "formula-uncalculated", "công thức chưa tính", uncalculated,
        error("uncalculated-formula", "G2"),
    )  # fmt: skip

    broken = plain(meant={(0, "disbursed"): None, (1, "estimate"): None})
    broken.cells[2, 7] = Formula("=1/0", "#DIV/0!")
    broken.cells[3, 8] = Formula("=VLOOKUP(1,2,3)", "#N/A")
    yield Case(
        "formula-errors.xlsx", "công thức báo lỗi", lambda: xlsxwriter_(broken), (broken,),
        (error("error-value", "G2"), error("error-value", "H3")),
    )  # fmt: skip

    two_units = Page()
    two_units.head(1, DISBURSEMENT, columns)
    two_units.line(2, DISBURSEMENT, columns, MONEY_LINES[0])
    two_units.line(3, DISBURSEMENT, columns, MONEY_LINES[1] | {"code": "DV02.1"})
    yield _one("two-units", "một tệp có nhiệm vụ của hai đơn vị", two_units)

    yield Case("three-forms.xlsx", "cả ba biểu trong một tệp", lambda: openpyxl_(*ALL), ALL)

    page = Page()
    page.head(1, DISBURSEMENT, columns)
    page.line(2, DISBURSEMENT, columns, MONEY_LINES[0], {"code": None}, {"code": None})
    page.line(3, DISBURSEMENT, columns, MONEY_LINES[1])
    yield _one("no-code", "một dòng thiếu mã: tên nhiệm vụ còn đó", page)

    blank_it = Page(IT.sheet)
    blank_it.table(4, IT, lines=IT_LINES[:1])
    blank_it.put(1, 1, IT.title).put(2, 1, "Kỳ báo cáo: tháng 10 năm 2021")
    hidden = plain()
    hidden.name, hidden.visible = "Bản cũ", False
    hidden.taken.clear()
    yield Case(
        "hidden-sheet.xlsx", "trang tính ẩn là bản cũ, không phải báo cáo",
        lambda: openpyxl_(blank_it, hidden), (blank_it, hidden),
        (info("hidden-sheet", None, "Bản cũ"),), unit="DV03", period="2021-10",
    )  # fmt: skip

    yield clerk()


def clerk() -> Case:
    """A realistic file: everything at once."""
    page = Page("Bieu 01")
    row = letterhead(page)
    page.put(row - 1, 9, "Đơn vị tính: nghìn đồng")
    columns = ("STT", *names(DISBURSEMENT))
    top = dict(zip(names(DISBURSEMENT), range(2, 13), strict=True))
    page.put(row, 1, "STT").merge(row, 1, row + 1, 1)
    for field, column in top.items():
        if field in ("budget_assigned", "budget_adjustment", "budget_current"):
            page.put(row + 1, column, LABELS[field])
        else:
            page.put(row, column, LABELS[field].upper()).merge(row, column, row + 1, column)
    page.put(row, 5, "DỰ TOÁN NĂM 2021").merge(row, 5, row, 7)
    page.put(row + 2, 1, *(f"({i})" for i in range(1, 13)))
    page.put(row + 3, 3, "TỔNG CỘNG").put(row + 3, 8, "2.195.950")
    page.put(row + 4, 1, "I").put(row + 4, 3, "Chi đầu tư phát triển").put(row + 4, 8, "2.195.950")
    thousand: dict[str, object] = {"disbursed": "980.250", "estimate": "1.250.625",
                "budget_assigned": "1.100.125",
                "budget_adjustment": 150_500, "budget_current": "1.250.625"}  # fmt: skip
    one, two, three = MONEY_LINES
    page.line(row + 5, DISBURSEMENT, columns[1:], one, thousand, left=2).put(row + 5, 1, 1)
    thousand = {"disbursed": "1.215.700", "estimate": "1.480.000", "proposal": -20_500,
                "budget_assigned": "1.500.583,333", "budget_adjustment": "0",
                "budget_current": "1.500.583,333"}  # fmt: skip
    page.line(row + 6, DISBURSEMENT, columns[1:], two, thousand, left=2).put(row + 6, 1, 2)
    page.put(row + 7, 1, "II").put(row + 7, 3, "Chi thường xuyên").put(row + 7, 8, 0)
    thousand = {"disbursed": 0, "estimate": 300_000, "budget_assigned": 320_000,
                "budget_current": 320_000}  # fmt: skip
    page.line(row + 9, DISBURSEMENT, columns[1:], three, thousand, left=2).put(row + 9, 1, 3)
    page.put(row + 10, 3, "Ghi chú: số liệu đã đối chiếu với Kho bạc Nhà nước đến 31/10/2021.")
    footer(page, row + 12)
    return Case(
        "clerk.xlsx",
        "tệp thật của một văn thư: quốc hiệu, tên báo cáo, nghìn đồng, tiêu đề gộp, đánh số, "
        "nhóm, tổng, ký tên",
        lambda: openpyxl_(page), (page,),
        (info("unit-converted", "I7", "Bieu 01"), info("read-as-number", "H13", "Bieu 01")),
        unit="DV01", period="2021-10",
    )  # fmt: skip
