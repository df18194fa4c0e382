import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.amount_in_words import LARGEST, in_words

SAID = {
    0: "không",
    1: "một",
    4: "bốn",
    5: "năm",
    10: "mười",
    11: "mười một",
    14: "mười bốn",
    15: "mười lăm",
    20: "hai mươi",
    21: "hai mươi mốt",
    24: "hai mươi tư",
    25: "hai mươi lăm",
    55: "năm mươi lăm",
    100: "một trăm",
    101: "một trăm linh một",
    104: "một trăm linh bốn",
    105: "một trăm linh năm",
    110: "một trăm mười",
    115: "một trăm mười lăm",
    1_000: "một nghìn",
    1_001: "một nghìn không trăm linh một",
    1_010: "một nghìn không trăm mười",
    21_021: "hai mươi mốt nghìn không trăm hai mươi mốt",
    1_000_005: "một triệu không trăm linh năm",
    1_234_567: "một triệu hai trăm ba mươi tư nghìn năm trăm sáu mươi bảy",
    10**9: "một tỷ",
    10**9 + 1: "một tỷ không trăm linh một",
    15 * 10**9 + 500_000_000: "mười lăm tỷ năm trăm triệu",
    10**12: "một nghìn tỷ",
    1_005 * 10**9: "một nghìn không trăm linh năm tỷ",
    10**15: "một triệu tỷ",
    677_944 * 10**9: "sáu trăm bảy mươi bảy nghìn chín trăm bốn mươi tư tỷ",
}
DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
WORTH = {word: n for n, word in enumerate(DIGITS)}
WORTH |= {"mốt": 1, "tư": 4, "lăm": 5}


def heard(words: str) -> int:
    """What a listener understands: read back by another way than it was made."""
    if " tỷ" in f" {words}":
        before, _, after = f" {words} ".rpartition(" tỷ ")
        return heard(before.strip()) * 10**9 + (heard(after.strip()) if after.strip() else 0)
    total = group = 0
    for word in words.split():
        if word in WORTH:
            group += WORTH[word]
        elif word == "trăm":
            group *= 100
        elif word == "mười":
            group += 10
        elif word == "mươi":
            digit = group % 10
            group += digit * 9
        elif word in {"nghìn", "triệu"}:
            total += group * {"nghìn": 10**3, "triệu": 10**6}[word]
            group = 0
        else:
            assert word in {"linh", "lẻ"}, word
    return total + group


@pytest.mark.parametrize("number", SAID)
def test_numbers_as_an_accountant_says_them(number: int) -> None:
    assert in_words(number) == SAID[number]


def test_every_number_of_a_group_is_understood() -> None:
    assert [heard(in_words(n)) for n in range(2000)] == list(range(2000))


@given(st.integers(0, LARGEST))
def test_any_number_is_understood_and_said_in_one_way(number: int) -> None:
    words = in_words(number)
    assert heard(words) == number
    assert words == " ".join(words.split())
    for wrong in ("mươi một", "mươi năm", "mười năm", "mười mốt", "mươi bốn", "linh mười"):
        assert not f" {words} ".count(f" {wrong} "), words


def test_the_south_says_le() -> None:
    assert in_words(1_005, "lẻ") == "một nghìn không trăm lẻ năm"


@pytest.mark.parametrize("number", [-1, LARGEST + 1])
def test_what_is_no_amount_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="within"):
        in_words(number)
