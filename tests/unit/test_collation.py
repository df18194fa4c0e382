from rules.collation import vietnamese

ICU = [
    *(
        "an",
        "àn",
        "ản",
        "ãn",
        "án",
        "ạn",
        "ăn",
        "ằn",
        "ân",
        "bà",
        "Bắc",
        "bằng",
        "cá",
        "chị",
        "dân",
    ),
    *(
        "Dân",
        "Dương",
        "đa",
        "đà",
        "Đak",
        "Đắk",
        "Đồng",
        "em",
        "êm",
        "hoa",
        "hoà",
        "hỏi",
        "Hồ",
        "hơi",
    ),
    *("Kạn", "kẻ", "kê", "lá", "Lào", "ma", "mà", "mả", "mã", "má", "mạ", "mo", "mô", "mơ", "Nai"),
    *("năm", "ngã", "sa", "ta", "tư", "từ", "tử", "tữ", "tứ", "tự", "vụ", "Vụ", "xa", "ý"),
]
"""Words as ICU 78.2 with CLDR 48 orders them in `vi`, told by Intl.Collator of Node.js."""


def test_words_stand_as_icu_orders_them() -> None:
    assert sorted(sorted(ICU), key=vietnamese) == ICU


def test_letters_of_the_whole_text_come_before_tones() -> None:
    assert sorted(["Hà Nội", "Hạ Long"], key=vietnamese) == ["Hạ Long", "Hà Nội"]


def test_however_the_marks_are_composed_the_order_is_the_same() -> None:
    composed, apart = "giải ngân", "gia\u0309i nga\u0302n"
    assert vietnamese(composed)[:3] == vietnamese(apart)[:3]


def test_blanks_signs_digits_letters() -> None:
    assert sorted(["Vụ-1", "Vụ B", "Vụ 2", "Vụ"], key=vietnamese) == ["Vụ", "Vụ 2", "Vụ B", "Vụ-1"]
