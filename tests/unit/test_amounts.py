"""Columns of numbers: what is read is read exactly, the rest is a finding on that very cell."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.amounts import LARGEST_MONEY, ZERO_WORDS
from rules.columns import meanings
from rules.numbers import Meaning
from schemas.findings import Severity
from schemas.forms import DISBURSEMENT, DONG, IT, LARGEST_AMOUNT, STRATEGY, WRONG_UNIT, Field, Kind
from schemas.reading import Problem

MONEY = DISBURSEMENT["disbursed"]
OPTIONAL = DISBURSEMENT["proposal"]
PERCENT = STRATEGY["completion"]
INTEGER = STRATEGY["workshops"]

MORNING = datetime(2021, 10, 31, 8, 30)  # noqa: DTZ001 - as a cell holds it


def alone(cell: object, field: Field = MONEY, factor: Decimal = Decimal(1)) -> Meaning:
    return meanings([cell], field, factor)[0]


def rules(cells: Sequence[object], field: Field = MONEY) -> list[str]:
    return [told.rule if told else "" for _, told in meanings(cells, field)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1.234.567,8", "1234567.8"),
        ("1,234,567.8", "1234567.8"),
        ("1 234 567", "1234567"),
        ("1\u00a0234\u00a0567", "1234567"),
        ("1\u202f234,5", "1234.5"),
        ("1\u2009234\u2009567,8", "1234567.8"),
        ("1'234'567", "1234567"),
        ("1’234’567.8", "1234567.8"),
        ("1234,5", "1234.5"),
        ("1234.567", "1234.567"),
        ("1.234,567", "1234.567"),
        ("0,123", "0.123"),
        ("(120)", "-120"),
        ("( 1.234,5 )", "-1234.5"),
        ("-120", "-120"),
        ("−120", "-120"),
        ("–120", "-120"),
        ("-0", "0"),
        ("+5", "5"),
        ("05", "5"),
        ("１２３，５", "123.5"),
        ("\u200b980,25\ufeff", "980.25"),
        (" 7 ", "7"),
        (0.1 + 0.2, "0.3"),
        (1234.5, "1234.5"),
        (7, "7"),
        (-0.0000001, "0"),
    ],
)
def test_a_number_that_only_one_notation_fits_is_read_in_silence(
    written: object, meant: str
) -> None:
    value, told = alone(written)
    assert (value, told) == (Decimal(meant), None)
    assert not str(value).startswith("-0.0000")


@pytest.mark.parametrize(
    "written",
    [
        *("abc", "x", "12%", "1e5", "1,2E+09", "²", "½", "٣", "--5", "(-5)", "()", "(5", "5)", "%"),
        *("1.23.456", "12.34.567", "1.234.56", "12,34,567", "1,00,000", "12 34", "1 2", "1  234"),
        *("1.234,567,8", "1.234.567.8,9", "0.123.456", "01.234.567", "1.234 567", ".5", "5.", "5,"),
        *("100 + 20", "=5*3", "≈ 100", "~5", "5 - 6", "120-", "500.000,-", "1_000", "XIV", "#REF!"),
        *("100\n200", "1\t234", "1\u00ad5", "\u00ad5", "1\x002", "\u202e321", "12 hội thảo"),
        *("1 tỷ 200 triệu", "120 USD", "500k", "120 trang", "chưa có số liệu", "…", "?", "N/A"),
        *(True, False, float("nan"), float("inf"), date(2021, 10, 1), MORNING, time(1, 2)),
    ],
)
def test_anything_else_is_not_a_number(written: object) -> None:
    value, told = alone(written)
    assert value is None
    assert told is not None
    assert (told.rule, told.severity) == ("not-a-number", Severity.ERROR)


# --- one mark before three digits -----------------------------------------------------------------


@pytest.mark.parametrize("written", ["1.234", "1,234", "(1.234)", "-12,345", "１.２３４"])
def test_a_single_mark_before_three_digits_is_never_guessed(written: str) -> None:
    assert rules([written]) == ["ambiguous-number"]
    assert rules([written, 1234.0, "120", "1 234 567", ""])[0] == "ambiguous-number"


@pytest.mark.parametrize(
    ("neighbour", "of_point", "of_comma"),
    [
        ("1.234.567", "1234", "1.234"),
        ("1.234,5", "1234", "1.234"),
        ("12,5", "1234", "1.234"),
        ("1 234,5", "1234", "1.234"),
        ("1,234,567", "1.234", "1234"),
        ("12.5", "1.234", "1234"),
        ("1 234.5", "1.234", "1234"),
    ],
)
def test_neighbours_decide_and_the_cell_says_so(
    neighbour: str, of_point: str, of_comma: str
) -> None:
    (point, told), (comma, other), (_, silent) = meanings(["1.234", "1,234", neighbour], MONEY)
    assert (point, comma) == (Decimal(of_point), Decimal(of_comma))
    for problem in (told, other):
        assert problem is not None
        assert (problem.rule, problem.severity) == ("read-as-number", Severity.INFO)
    assert told == Problem("read-as-number", "1.234", Severity.INFO, of_point.replace(".", ","))
    assert silent is None


def test_neighbours_that_disagree_decide_nothing() -> None:
    assert rules(["1.234", "12,5", "12.5"]) == ["ambiguous-number", "", ""]
    told = meanings(["1.234", "12,5", "12.5"], MONEY, budgets=[Decimal(1), None, None])
    assert told[0] == (None, Problem("ambiguous-number", "1.234"))


def test_a_number_against_the_notation_of_its_column_is_told() -> None:
    assert rules(["1.234.567", "12.5"]) == ["", "read-as-number"]
    assert rules(["1.234.567", "0.125"]) == ["", "read-as-number"]
    assert rules(["1.234.567", "1234.567"]) == ["", "ambiguous-number"]
    assert rules(["12,5", "1234.567"]) == ["", "ambiguous-number"]
    assert rules(["1234.567", "12.5"]) == ["", ""]


def test_the_budget_excludes_the_larger_number_on_one_side_of_the_line() -> None:
    line = Decimal(1234) / WRONG_UNIT
    (within, told), (beyond, so) = meanings(["1.234", "1.234"], MONEY, budgets=[line, line - DONG])
    assert (within, told) == (None, Problem("ambiguous-number", "1.234"))
    assert beyond == Decimal("1.234")
    assert so == Problem("read-as-number", "1.234", Severity.INFO, "1,234")


@pytest.mark.parametrize("budget", [None, Decimal(0), Decimal(-5), Decimal("0.0001")])
def test_a_budget_that_measures_nothing_decides_nothing(budget: Decimal | None) -> None:
    assert meanings(["1.234"], MONEY, budgets=[budget])[0][0] is None


def test_neighbours_and_budget_must_not_contradict_each_other() -> None:
    cells, budgets = ["1.234", "1.234,5"], [Decimal(2), None]
    assert meanings(cells, MONEY, budgets=budgets)[0] == (
        None,
        Problem("ambiguous-number", "1.234"),
    )


def test_the_smaller_number_is_never_excluded_by_the_budget() -> None:
    assert meanings(["1.234"], MONEY, budgets=[Decimal(1_000_000)])[0][0] is None


def test_nobody_writes_parts_of_a_dong() -> None:
    assert alone("1.234", factor=DONG) == (
        Decimal("0.001234"),
        Problem("read-as-number", "1.234", Severity.INFO, "1234"),
    )
    assert alone("1.234", factor=DONG * 1000)[0] is None
    assert meanings(["1.234", "12.5"], MONEY, DONG)[0][0] is None


def test_what_a_program_made_of_a_text_is_doubted() -> None:
    told = meanings([1.234, 12.5, 100.0, 0.5, 1234.5, 1.2345, "1.234.567"], MONEY)
    assert [problem.meant if problem else "" for _, problem in told] == [
        *("1234", "12500", "", "", "", "", "")
    ]
    assert told[0][1] == Problem("swapped-number", "1,234", Severity.WARNING, "1234")
    assert rules([1.234, "12,5", "1 234 567"]) == ["", "", ""]


# --- units, signs for nothing ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant", "shown"),
    [
        ("120 tr", "120", "120"),
        ("1,5 tỷ", "1500", "1500"),
        ("1,5 tỉ đồng", "1500", "1500"),
        ("2 nghìn tỷ", "2000000", "2000000"),
        ("500.000 đồng", "0.5", "0,5"),
        ("1.200.000đ", "1.2", "1,2"),
        ("1,200,000 VNĐ", "1.2", "1,2"),
        ("1.234,5 triệu đồng.", "1234.5", "1234,5"),
        ("(500 nghìn)", "-0.5", "-0,5"),
        ("0 đồng", "0", "0"),
    ],
)
@pytest.mark.parametrize("factor", [Decimal(1), DONG])
def test_a_unit_in_the_cell_counts_instead_of_the_column_s(
    written: str, meant: str, shown: str, factor: Decimal
) -> None:
    told = Problem("unit-in-cell", written, Severity.INFO, shown)
    assert alone(written, factor=factor) == (Decimal(meant), told)


def test_a_unit_does_not_make_a_doubtful_number_sure() -> None:
    assert rules(["1.234 triệu đồng"]) == ["ambiguous-number"]
    assert meanings(["1.234 triệu", "1.234,5"], MONEY)[0][0] == 1234


@pytest.mark.parametrize("field", [PERCENT, INTEGER])
def test_units_of_money_belong_to_money(field: Field) -> None:
    assert rules(["5 triệu"], field) == ["not-a-number"]


@pytest.mark.parametrize("sign", ["-", "–", "—", "không", "Chưa", "CHƯA GIẢI NGÂN", "không có"])
def test_a_sign_for_nothing_is_zero_where_a_number_is_required(sign: str) -> None:
    for field in (MONEY, PERCENT):
        told = Problem("read-as-zero", sign, Severity.INFO, "0")
        assert alone(sign, field) == (Decimal(0), told)


def test_a_sign_for_nothing_is_an_empty_cell_elsewhere() -> None:
    assert meanings(["-", "–", "", " ", "\u200b", None], OPTIONAL) == [(None, None)] * 6
    assert alone("chưa có", OPTIONAL) == (None, Problem("read-as-empty", "chưa có", Severity.INFO))
    assert meanings(["", " ", "\u00a0", None], MONEY) == [(None, None)] * 4
    assert len(ZERO_WORDS) == 8


# --- percentages, whole numbers, bounds -----------------------------------------------------------


def test_percent_sign_belongs_to_percentages() -> None:
    assert meanings(["12%", "12,5 %", "75", "(5%)"], PERCENT) == [
        (Decimal(meant), None) for meant in ("12", "12.5", "75", "-5")
    ]
    assert rules(["12%"]) == rules(["12%"], INTEGER) == ["not-a-number"]


def test_what_is_shown_as_a_percentage_is_one() -> None:
    assert meanings([0.57, 1.0, 50.0], PERCENT, shares=[0, 1]) == [
        (Decimal(meant), None) for meant in (57, 100, 50)
    ]
    assert meanings([1.2], MONEY, shares=[0]) == [(None, Problem("not-a-number", "120%"))]


def test_a_share_may_have_been_meant_as_a_percentage() -> None:
    doubt = Problem("share-or-percent", "0,5", Severity.WARNING, "50")
    assert alone(0.5, PERCENT) == alone("0,5", PERCENT) == (Decimal("0.5"), doubt)
    assert rules([1.0, 0.0], PERCENT) == ["share-or-percent", ""]
    assert rules([1.0, 2.0], PERCENT) == rules(["1", "2"], PERCENT) == ["", ""]
    assert rules([0.5], MONEY) == rules(["0,5%"], PERCENT) == [""]


def test_more_than_the_largest_percentage_excludes_a_reading() -> None:
    assert alone("12.500", PERCENT)[0] == Decimal("12.5")
    assert rules(["12.500"], PERCENT) == ["read-as-number"]


def test_an_integer_is_whole() -> None:
    assert meanings([3.0, "3,0", "05", 2.5], INTEGER) == [
        *((Decimal(meant), None) for meant in (3, 3, 5)),
        (None, Problem("not-whole", "2,5")),
    ]


def test_money_is_whole_dong() -> None:
    assert alone(0.0000014) == alone("0,0000005") == (Decimal("0.000001"), None)
    assert alone(1234567, factor=DONG) == (Decimal("1.234567"), None)


def test_what_cannot_be_stored_is_too_large_on_both_sides_of_the_line() -> None:
    assert alone(str(LARGEST_MONEY)) == (LARGEST_MONEY, None)
    assert int(LARGEST_MONEY * 10**6) < 2**63
    beyond = [f"{LARGEST_MONEY},1", f"-{LARGEST_MONEY + 1}", 1e300, "9" * 400, -1e15]
    assert rules(beyond) == ["too-large"] * 5
    assert alone(float(LARGEST_AMOUNT), INTEGER)[0] == LARGEST_AMOUNT < 2**31
    assert rules([float(LARGEST_AMOUNT) + 1], INTEGER) == ["too-large"]


# --- never another number -------------------------------------------------------------------------

MARKS = {
    "vietnamese": (".", ","),
    "english": (",", "."),
    "spaces": (" ", ","),
    "spaces and points": ("\u00a0", "."),
    "narrow spaces": ("\u202f", ","),
    "thin spaces": ("\u2009", "."),
    "apostrophes": ("’", ","),
    "plain comma": ("", ","),
    "plain point": ("", "."),
}
UNITS = {
    "": None,
    " triệu đồng": Decimal(1),
    "tr": Decimal(1),
    " tỷ": Decimal("0.001"),
    " nghìn đồng": Decimal(1000),
    "đ": Decimal(1_000_000),
}
AMOUNTS = st.integers(-(10**15), 10**15) | st.integers(-5000, 5000).map(lambda n: n * 10**3)
STYLES = st.tuples(
    st.sampled_from([*MARKS, "cell"]),
    st.sampled_from([*UNITS] + [""] * 5),
    st.sampled_from(["-{}", "({})", "−{}", "- {}"]),
)


def written(amount: Decimal, style: tuple[str, str, str], factor: Decimal) -> object:
    """How a clerk types an amount of triệu đồng in a column of such units."""
    marks, unit, minus = style
    if marks == "cell":
        return float(amount / factor)
    thousands, decimals = MARKS[marks]
    inside = amount / factor if UNITS[unit] is None else amount * (UNITS[unit] or 1)
    digits = f"{abs(inside):,f}"
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    typed = "".join({",": thousands, ".": decimals}.get(mark, mark) for mark in digits)
    return (minus.format(typed) if inside < 0 else typed) + unit


@given(
    st.lists(st.tuples(AMOUNTS, STYLES, st.integers(1, 50)), min_size=1, max_size=6),
    st.sampled_from([DONG, DONG * 1000, Decimal(1), Decimal(1000)]),
    st.sampled_from([MONEY, OPTIONAL]),
    st.booleans(),
)
def test_never_another_number(
    column: list[tuple[int, tuple[str, str, str], int]],
    factor: Decimal,
    field: Field,
    measured: bool,
) -> None:
    amounts = [Decimal(dong) * DONG for dong, _, _ in column]
    cells = [written(a, style, factor) for a, (_, style, _) in zip(amounts, column, strict=True)]
    budgets = [abs(a) / 9 * n for a, (_, _, n) in zip(amounts, column, strict=True)]
    read = meanings(cells, field, factor, budgets=budgets if measured else ())
    for amount, (value, told) in zip(amounts, read, strict=True):
        if told is None:
            assert value == amount
        else:
            assert (value is None) is (told.severity is Severity.ERROR)


@given(
    st.lists(AMOUNTS, min_size=1, max_size=6),
    st.sampled_from(sorted(MARKS)),
)
def test_one_notation_throughout_is_always_read(column: list[int], marks: str) -> None:
    amounts = [Decimal(dong) * DONG for dong in column]
    thousands, decimals = MARKS[marks]
    cells = [written(amount, (marks, "", "-{}"), Decimal(1)) for amount in amounts]
    sure = f"1{thousands}234{thousands}567{decimals}8"
    assert [value for value, _ in meanings([*cells, sure], MONEY)[:-1]] == amounts


@given(st.lists(st.text("0123456789.,  '’()-+%đxe\n\u00a0", max_size=12), min_size=1, max_size=4))
def test_no_digit_is_lost_in_silence(cells: list[str]) -> None:
    for cell, (value, told) in zip(cells, meanings(cells, OPTIONAL), strict=True):
        rounded = re.search(r"[.,]\d{7}", cell)  # parts of a đồng
        if told is None and value is not None and not rounded:
            digits = "".join(filter(str.isdigit, cell)).strip("0")
            assert str(value).replace(".", "").replace("-", "").strip("0") == digits


@given(st.integers(-(10**15), 10**15))
def test_a_float_gives_back_its_dong(dong: int) -> None:
    assert alone(dong / 10**6)[0] == Decimal(dong) / 10**6


@given(
    st.lists(st.text() | st.floats() | st.integers() | st.booleans() | st.dates() | st.none()),
    st.booleans(),
)
def test_no_cell_makes_a_column_raise(cells: list[object], from_1904: bool) -> None:
    for field in (*DISBURSEMENT.fields, *IT.fields, *STRATEGY.fields):
        read = meanings(cells, field, shares=range(1, len(cells), 2), from_1904=from_1904)
        assert len(read) == len(cells)
        for value, told in read:
            assert told is None or value is None or told.severity is not Severity.ERROR
            assert value is None or isinstance(value, Decimal) is (
                field.kind in (Kind.MONEY, Kind.PERCENT, Kind.INTEGER)
            )
