"""The parser of cell values: what it reads it reads exactly, the rest is a named problem."""

from datetime import date, datetime, time
from decimal import Decimal
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.numbers import LARGEST_MONEY, amount, choice, day, fold, parse, show, text
from schemas.forms import DISBURSEMENT, IT, LARGEST_AMOUNT, STRATEGY
from schemas.reading import Problem

MONEY = DISBURSEMENT["disbursed"]
PERCENT = STRATEGY["completion"]
INTEGER = STRATEGY["workshops"]
CHOICE = IT["acceptance"]
MORNING = datetime(2021, 10, 31, 8, 30)  # noqa: DTZ001 - as a cell holds it

NOTATIONS = {
    "vietnamese": (".", ","),
    "english": (",", "."),
    "spaces": (" ", ","),
    "no-break spaces": ("\u00a0", ","),
    "narrow spaces": ("\u202f", "."),
    "plain comma": ("", ","),
    "plain point": ("", "."),
}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1.234.567,8", "1234567.8"),
        ("1,234,567.8", "1234567.8"),
        ("1 234 567", "1234567"),
        ("1\u00a0234\u00a0567", "1234567"),
        ("1234,5", "1234.5"),
        ("1234.567", "1234.567"),
        ("1.234,567", "1234.567"),
        ("0,123", "0.123"),
        ("(120)", "-120"),
        ("-120", "-120"),
        ("−120", "-120"),
        ("+5", "5"),
        ("１２３，５", "123.5"),
        (" 7 ", "7"),
        (0.1 + 0.2, "0.3"),
        (1234.5, "1234.5"),
        (7, "7"),
        (-0.0000001, "0"),
    ],
)
def test_reads_a_number_that_only_one_notation_fits(written: object, meant: str) -> None:
    assert amount(written, MONEY) == Decimal(meant)


@pytest.mark.parametrize("written", ["1.234", "1,234", "(1.234)", "-12,345", "１.２３４"])
def test_a_single_separator_before_three_digits_is_never_guessed(written: str) -> None:
    result = amount(written, MONEY)
    assert isinstance(result, Problem)
    assert result.rule == "ambiguous-number"


@pytest.mark.parametrize("written", ["", " ", "-", "–", "—", "\u00a0", "\u200b"])
def test_a_dash_is_an_empty_cell(written: str) -> None:
    assert amount(written, MONEY) is None
    assert day(written) is None
    assert choice(written, CHOICE) is None


@pytest.mark.parametrize(
    "written",
    [
        *("abc", "12 triệu", "12%", "1e5", "²", "٣", "1.23.456", "1.234.56", "12 34", "--5"),
        *("(-5)", ".5", "5.", "1_000", "01.234.567", "#REF!", "()", "%"),
        *(True, False, float("nan"), float("inf"), date(2021, 10, 1), MORNING, time(1, 2)),
    ],
)
def test_anything_else_is_not_a_number(written: object) -> None:
    result = amount(written, MONEY)
    assert isinstance(result, Problem)
    assert result.rule == "not-a-number"


def test_money_is_whole_dong() -> None:
    assert amount(0.0000014, MONEY) == Decimal("0.000001")
    assert amount("0,0000005", MONEY) == Decimal("0.000001")
    assert amount(1234567, MONEY, Decimal("0.000001")) == Decimal("1.234567")


def test_what_cannot_be_stored_is_too_large_on_both_sides_of_the_line() -> None:
    assert amount(str(LARGEST_MONEY), MONEY) == LARGEST_MONEY
    assert int(LARGEST_MONEY * 10**6) < 2**63
    for beyond in (f"{LARGEST_MONEY},1", f"-{LARGEST_MONEY + 1}", 1e300, "9" * 400):
        result = amount(beyond, MONEY)
        assert isinstance(result, Problem)
        assert result.rule == "too-large"
    assert amount(float(LARGEST_AMOUNT), INTEGER) == LARGEST_AMOUNT < 2**31
    assert isinstance(amount(float(LARGEST_AMOUNT) + 1, INTEGER), Problem)


def test_percent_sign_belongs_to_percentages() -> None:
    assert amount("12%", PERCENT) == 12
    assert amount("12,5 %", PERCENT) == Decimal("12.5")
    assert amount("75", PERCENT) == 75


def test_an_integer_is_whole() -> None:
    assert amount(3.0, INTEGER) == 3
    assert amount("3,0", INTEGER) == 3
    assert amount(2.5, INTEGER) == Problem("not-whole", "2,5")


@pytest.mark.parametrize(
    "written",
    [
        "31/10/2021",
        "31.10.2021",
        "31-10-2021",
        "2021-10-31",
        "３１/10/2021",
        MORNING.date(),
        MORNING,
    ],
)
def test_reads_a_date(written: object) -> None:
    assert day(written) == date(2021, 10, 31)


@pytest.mark.parametrize(
    "written",
    ["10/31/2021", "31/02/2021", "1/2.2021", "31/10/21", "tháng 10", 44500.0, 44500, True, time(1)],
)
def test_anything_else_is_no_date(written: object) -> None:
    result = day(written)
    assert isinstance(result, Problem)
    assert result.rule == "not-a-date"


@pytest.mark.parametrize(
    "written",
    ["Đã hoàn thành", "đã  HOÀN thành ", "Đã hoàn\u00a0thành", normalize("NFD", "Đã hoàn thành")],
)
def test_a_choice_is_known_however_it_is_written(written: str) -> None:
    assert choice(written, CHOICE) == "Đã hoàn thành"


def test_another_word_is_no_choice() -> None:
    assert choice("Xong", CHOICE) == Problem("not-a-choice", "Xong")


def test_codes_and_texts_lose_what_nobody_sees() -> None:
    code, words = DISBURSEMENT["code"], DISBURSEMENT["difficulty"]
    assert parse(1.0, code) == "1"
    assert parse("001", code) == "001"
    assert parse(" X.1\u200b\u00a0", code) == "X.1"
    assert parse("Vướng  giải\u00a0phóng\r\n mặt bằng\x00", words) == "Vướng giải phóng\nmặt bằng"
    assert parse(" ", words) is None
    assert parse("–", words) is None
    assert text(date(2021, 10, 5)) == "05/10/2021"


def test_two_ways_of_placing_a_tone_are_one_word() -> None:
    assert fold("Giải ngân\nluỹ  kế") == fold("giải ngân lũy kế")
    assert fold("Uỷ ban, hoà bình, khoẻ") == fold("ủy ban, hòa bình, khỏe")
    assert fold("lũy kế") != fold("luy kế")


def test_shows_numbers_as_offices_write_them() -> None:
    assert show(Decimal("1234567.80")) == "1.234.567,8"
    assert show(Decimal("1E+300")) == "1,00E+300"


@given(
    st.decimals(-LARGEST_AMOUNT, LARGEST_AMOUNT, places=6),
    st.integers(0, 6),
    st.sampled_from(sorted(NOTATIONS)),
    st.sampled_from(["-{}", "({})", "−{}"]),
)
def test_never_another_number(number: Decimal, places: int, notation: str, minus: str) -> None:
    number = round(number, places)
    thousands, decimals = NOTATIONS[notation]
    marks = str.maketrans({",": thousands, ".": decimals})
    written = f"{abs(number):,f}".translate(marks)
    result = amount(minus.format(written) if number < 0 else written, MONEY)
    if isinstance(result, Problem):
        # only where the digits fit two notations
        assert result.rule == "ambiguous-number"
        assert len([c for c in written if not c.isdigit()]) == 1
        assert len(written.replace(",", ".").rpartition(".")[2]) == 3
    else:
        assert result == number


@given(st.integers(-(10**15), 10**15))
def test_a_float_gives_back_its_dong(dong: int) -> None:
    assert amount(dong / 10**6, MONEY) == Decimal(dong) / 10**6


@given(st.text() | st.floats() | st.integers() | st.booleans() | st.dates() | st.none())
def test_no_cell_makes_the_parser_raise(value: object) -> None:
    for field in (*DISBURSEMENT.fields, *IT.fields, *STRATEGY.fields):
        parse("" if value is None else value, field)
