"""Notations of numbers, dates and words as clerks type them; each kind alone."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from unicodedata import normalize

from corpus.page import MONEY_LINES, Case, Page, Told, error, info, plain, warning
from corpus.write import openpyxl_
from schemas.forms import DISBURSEMENT, IT, STRATEGY, Form, Kind

MONEY = tuple(f.name for f in DISBURSEMENT.fields if f.kind is Kind.MONEY)
TEXTS = tuple(f.name for f in DISBURSEMENT.fields if f.kind not in (Kind.MONEY, Kind.CODE))


def notation(amount: Decimal, groups: str, decimals: str) -> str:
    """An amount as text."""
    return f"{amount:,f}".translate({ord(","): groups, ord("."): decimals})


def amounts(write: Callable[[Decimal], object]) -> dict[tuple[int, str], object]:
    """Every amount of the table, written so."""
    return {
        (i, name): write(line[name])
        for i, line in enumerate(MONEY_LINES)
        for name in MONEY
        if line.get(name) is not None
    }


def texts(write: Callable[[str], str]) -> dict[tuple[int, str], object]:
    """Every text of the table, written so."""
    return {
        (i, name): write(line[name])
        for i, line in enumerate(MONEY_LINES)
        for name in TEXTS
        if line.get(name)
    }


def column(
    name: str,
    pairs: Mapping[Any, Any],
    form: Form = DISBURSEMENT,
    **more: Any,
) -> Page:
    """One column of a form: what is written in it, and what is meant."""
    required: dict[str, Any] = {
        f.name: f.choices[0] for f in form.fields if f.required and f.choices
    }
    lines = [
        {**required, "code": f"DV01.{i}", "name": f"Nhiệm vụ số {i}", **more, name: meant}
        for i, meant in enumerate(pairs.values(), 1)
    ]
    written = {(i, name): value for i, value in enumerate(pairs)}
    return plain(form, lines=lines, written=written)


def _one(name: str, why: str, page: Page, *findings: Told, **more: Any) -> Case:
    return Case(f"{name}.xlsx", why, lambda: openpyxl_(page, **more), (page,), findings)


def cases() -> Iterator[Case]:
    """Every kind of point 4 of "Workbooks as they really arrive"."""
    yield from _numbers()
    yield from _undecided()
    yield from _dates()
    yield from _words()


def _numbers() -> Iterator[Case]:
    for name, why, groups, decimals in (
        ("numbers-vietnamese", "1.234.567,8", ".", ","),
        ("numbers-english", "1,234,567.8", ",", "."),
        ("numbers-spaced", "1 234 567,8", " ", ","),
        ("numbers-nbsp", "1 234 567,8 bằng dấu cách không ngắt, cách hẹp", "\u202f", ","),
    ):
        written = amounts(lambda a, g=groups, d=decimals: notation(a, g, d))  # type: ignore[misc]
        # 1.480 fits two notations; its neighbours decide, and that is told
        told = [info("read-as-number", "H3")] if groups in ".," else []
        yield _one(name, f"số gõ thành chữ: {why}", plain(written=written), *told)

    signs: dict[Any, Any] = {
        "(120)": -120,
        "-120": -120,
        "−120,5": "-120.5",
        "(20,5)": "-20.5",
        "+7": 7,
        "15 ": 15,
    }
    meant = {written: Decimal(value) for written, value in signs.items()}
    yield _one("numbers-signed", "số âm: ngoặc đơn, dấu trừ các kiểu", column("proposal", meant))

    wide: dict[Any, Any] = {"１２０": 120, "１．２３４，５": "1234.5", "9,5": "9.5"}
    meant = {written: Decimal(value) for written, value in wide.items()}
    yield _one("numbers-full-width", "chữ số toàn khổ", column("disbursed", meant))

    hidden: dict[Any, Any] = {
        "\u200b980,25": "980.25",
        "1\u00a0215,7": "1215.7",
        "\ufeff0\u200d": 0,
        " 12 ": 12,
    }
    meant = {written: Decimal(value) for written, value in hidden.items()}
    yield _one("numbers-zero-width", "ký tự ẩn trong ô số", column("disbursed", meant))

    shares: dict[Any, Any] = {"12%": 12, "12,5 %": "12.5", 0.5: 50, 60: 60, "75": 75, 1.0: 1}
    meant_shares = {written: Decimal(value) for written, value in shares.items()}
    page = column("completion", meant_shares, STRATEGY)
    page.formats[4, 5] = "0%"
    yield _one("percentages", "tỷ lệ: 12%, 12,5 %, 0,5 định dạng phần trăm, 60", page)

    whole = {"3": 3, 2.0: 2, "4,0": 4, "2.5": None}
    meant_whole = {w: None if m is None else Decimal(m) for w, m in whole.items()}
    page = column("workshops", meant_whole, STRATEGY, completion=Decimal(10))
    yield _one("whole-numbers", "số nguyên và không nguyên", page,
               error("not-whole", "G5", STRATEGY.sheet))  # fmt: skip

    words = {"bốn trăm": None, "400 triệu": Decimal(400), 300: Decimal(300), True: None}
    yield _one(
        "numbers-in-words", "số ghi bằng chữ hoặc kèm chữ", column("disbursed", words),
        error("not-a-number", "G2"), info("unit-in-cell", "G3"), error("not-a-number", "G5"),
    )  # fmt: skip

    large = {9e15: None, 900_000_000: Decimal(900_000_000)}
    yield _one("number-too-large", "số quá lớn", column("disbursed", large),
               error("too-large", "G2"))  # fmt: skip


def _undecided() -> Iterator[Case]:
    by_neighbours = {"1.050": Decimal(1050), "1.234,5": Decimal("1234.5"), "2.000": Decimal(2000)}
    yield _one(
        "ambiguous-by-neighbours", "1.050 đọc theo cách viết của cột",
        column("disbursed", by_neighbours),
        info("read-as-number", "G2"), info("read-as-number", "G4"),
    )  # fmt: skip
    english = {"1.050": Decimal("1.05"), "1,234.5": Decimal("1234.5"), "12.75": Decimal("12.75")}
    yield _one(
        "ambiguous-by-english-neighbours", "1.050 trong cột viết theo kiểu Anh",
        column("disbursed", english), info("read-as-number", "G2"),
    )  # fmt: skip

    undecided = {"1.234": None, 12: Decimal(12)}
    yield _one(
        "ambiguous", "1.234 đứng một mình: hỏi lại, không đoán", column("disbursed", undecided),
        error("ambiguous-number", "G2"),
    )  # fmt: skip

    quarrel = {"1.050": None, "1.234,5": Decimal("1234.5"), "1,234.5": Decimal("1234.5")}
    yield _one(
        "ambiguous-quarrel", "cột lẫn hai cách viết", column("disbursed", quarrel),
        error("ambiguous-number", "G2"),
    )  # fmt: skip

    over = plain(
        lines=[
            {"code": "DV01.1", "name": "Nhiệm vụ lớn", "budget_assigned": Decimal(2),
             "budget_current": Decimal(2), "disbursed": Decimal("1.234")},
        ],
        written={(0, "disbursed"): "1.234"},
    )  # fmt: skip
    yield _one("ambiguous-by-budget", "1.234 khi dự toán chỉ có 2 triệu đồng", over,
               info("read-as-number", "G2"))  # fmt: skip

    swallowed = {"1.234.567": Decimal(1_234_567), 1.234: Decimal("1.234"), 980: Decimal(980)}
    yield _one(
        "groups-swallowed", "1.234 đã bị phần mềm đổi thành số lẻ, cạnh 1.234.567 còn là chữ",
        column("disbursed", swallowed), warning("swapped-number", "G3"),
    )  # fmt: skip

    nothing = {
        "0": Decimal(0),
        "-": Decimal(0),
        "–": Decimal(0),
        "không": Decimal(0),
        "chưa": Decimal(0),
    }
    yield _one(
        "nothing-words", "0, -, –, không, chưa", column("disbursed", nothing),
                *(info("read-as-zero", f"G{row}") for row in (3, 4, 5, 6)),

    )  # fmt: skip
    cross = {"x": None, 5: Decimal(5)}
    yield _one("cross-for-number", "dấu x trong cột số", column("disbursed", cross),
               error("not-a-number", "G2"))  # fmt: skip


def _dates() -> Iterator[Case]:
    done = "Đã hoàn thành"
    written = {
        "31/10/2021": date(2021, 10, 31),
        "5.9.21": date(2021, 9, 5),
        "05-09-2021": date(2021, 9, 5),
        "2021-09-30": date(2021, 9, 30),
        "ngày 12 tháng 8 năm 2021": date(2021, 8, 12),
        date(2021, 7, 15): date(2021, 7, 15),
        " 01/02/2021\u00a0": date(2021, 2, 1),
    }
    page = column("acceptance_date", written, IT, acceptance=done)
    yield _one("dates-as-text", "ngày gõ thành chữ, nhiều kiểu", page,
               info("read-as-date", "E3", IT.sheet))  # fmt: skip

    serial = {44469: date(2021, 9, 30), date(2021, 10, 1): date(2021, 10, 1)}
    page = column("acceptance_date", serial, IT, acceptance=done)
    page.formats[2, 5] = "General"
    yield _one("date-serial", "ngày là số của Excel, không định dạng", page,
               info("serial-date", "E2", IT.sheet))  # fmt: skip

    serial = {43007: date(2021, 9, 30), date(2021, 10, 1): date(2021, 10, 1)}
    page = column("acceptance_date", serial, IT, acceptance=done)
    page.formats[2, 5] = "General"
    yield _one("date-serial-1904", "ngày là số, kỷ nguyên 1904", page,
               info("serial-date", "E2", IT.sheet), epoch_1904=True)  # fmt: skip

    month: dict[Any, Any] = {"tháng 12/2021": date(2021, 12, 31), "31/12/2021": date(2021, 12, 31)}
    page = column("due_date", month, STRATEGY, completion=Decimal(10))
    yield _one("date-a-month", "chỉ ghi tháng: tháng 12/2021", page,
               info("month-only", "D2", STRATEGY.sheet))  # fmt: skip

    american = {"09/30/2021": date(2021, 9, 30), "05/09/2021": None}
    page = column("acceptance_date", american, IT, acceptance=done)
    yield _one("dates-month-first", "cột viết tháng trước ngày", page,
               info("read-as-date", "E2", IT.sheet),
               error("swapped-date", "E3", IT.sheet))  # fmt: skip

    half = {"25/09/2021": date(2021, 9, 25), date(2021, 5, 9): date(2021, 5, 9)}
    page = column("acceptance_date", half, IT, acceptance=done)
    yield _one("dates-half-converted", "cột lẫn ngày dạng chữ và ngày đã bị đổi tháng", page,
               warning("doubtful-date", "E3", IT.sheet))  # fmt: skip

    wrong = {"31/02/2021": None, "chưa có": None, "30/9": None}
    page = column("acceptance_date", wrong, IT, acceptance=done)
    yield _one("dates-wrong", "không phải ngày", page,
               error("not-a-date", "E2", IT.sheet), info("read-as-empty", "E3", IT.sheet),
               error("not-a-date", "E4", IT.sheet))  # fmt: skip


def _words() -> Iterator[Case]:
    apart = texts(lambda words: normalize("NFD", words))
    labels = {f.name: normalize("NFD", f.label) for f in DISBURSEMENT.fields}
    yield _one(
        "words-nfd", "Unicode tổ hợp trong tiêu đề và ô", plain(written=apart, labels=labels)
    )

    half = texts(
        lambda words: normalize("NFD", words).replace("e\u0302", "ê").replace("o\u031b", "ơ")
    )
    yield _one("words-half-composed", "Unicode tổ hợp một nửa", plain(written=half))

    spaced = texts(lambda words: f" {words.replace(' ', chr(0xA0))} ")
    labels = {f.name: f.label.replace(" ", "\u00a0") for f in DISBURSEMENT.fields}
    page = plain(written=spaced, labels=labels)
    yield _one("words-nbsp", "dấu cách không ngắt", page)

    hidden = texts(lambda words: f"\ufeff{words[:2]}\u200b{words[2:]}\u200d")
    codes = {(i, "code"): f"DV01\u200b.{i + 1}" for i in range(3)}
    yield _one("words-zero-width", "ký tự ẩn trong chữ và mã", plain(written=hidden | codes))

    choices = {"đã hoàn thành": "Đã hoàn thành", " ĐANG  thực hiện": "Đang thực hiện",
               normalize("NFD", "Chưa"): "Chưa", "Ðang thực hiện": "Đang thực hiện",
               "xong": "Đã hoàn thành"}  # fmt: skip
    page = column("acceptance", choices, IT)
    yield _one("choices", "lựa chọn viết hoa, viết thường, sai chữ", page,
               info("read-as-choice", "D6", IT.sheet))  # fmt: skip

    labels = {"disbursed": "Giải ngân luỹ kế", "difficulty": "KHÓ KHĂN, VƯỚNG MẮC"}
    yield _one("tones-old", "dấu thanh kiểu cũ: luỹ kế", plain(labels=labels))

    yield _legacy("font-tcvn3", ".VnTime", {
        "Số hóa hồ sơ người có uy tín": "Sè hãa hå s¬ ng\u00adêi cã uy tÝn",
        "Tập huấn cán bộ làm công tác dân tộc": "TËp huÊn c¸n bé lµm c«ng t¸c d©n téc",
        "Đầu tư công": "§Çu t\u00ad c«ng",
    })  # fmt: skip
    yield _legacy("font-vni", "VNI-Times", {
        "Số hóa hồ sơ người có uy tín": "Soá hoùa hoà sô ngöôøi coù uy tín",
        "Tập huấn cán bộ làm công tác dân tộc": "Taäp huaán caùn boä laøm coâng taùc daân toäc",
        "Đầu tư công": "Ñaàu tö coâng",
    })  # fmt: skip
    yield _legacy("mojibake", "", {
        words: "".join(bytes([byte]).decode("cp1252", "surrogateescape") for byte in words.encode())
        for words in ("Tập huấn cán bộ làm công tác dân tộc", "Hoàn tất hồ sơ trong tháng 11")
    })  # fmt: skip

    words = {(0, "difficulty"): "Thò trường biến động", (1, "difficulty"): "quý"}
    page = plain(written=words, meant=words)
    yield _one("font-no-legacy", "chữ giống bảng mã cũ nhưng là Unicode", page)


def _legacy(name: str, typeface: str, words: Mapping[str, str]) -> Case:
    written: dict[tuple[int, str], object] = {}
    told = []
    for i, line in enumerate(MONEY_LINES):
        for field, value in line.items():
            if value in words:
                written[i, field] = words[str(value)]
                letter = "ABCDEFGHIJK"[[f.name for f in DISBURSEMENT.fields].index(field)]
                told.append(warning("legacy-font", f"{letter}{i + 2}"))
    page = plain(written=written)
    if typeface:
        for i, field in written:
            page.fonts[i + 2, [f.name for f in DISBURSEMENT.fields].index(field) + 1] = typeface
    return _one(name, f"bảng mã cũ {typeface or 'UTF-8 đọc sai'}", page, *told)
