"""One amount that a person typed: taken where only one number fits."""

from decimal import Decimal

import pytest

from rules.written import amount
from schemas.errors import DondocError


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("300", "300"),
        ("+300", "300"),
        ("−300", "-300"),
        ("(300)", "-300"),
        ("-1.234,5", "-1234.5"),
        ("1,234.5", "1234.5"),
        ("1234.5", "1234.5"),
        ("1234,5", "1234.5"),
        ("1.234.567", "1234567"),
        ("0,000001", "0.000001"),
        ("2 tỷ", "2000"),
        ("300 triệu đồng", "300"),
        ("0", "0"),
    ],
)
def test_only_one_number_fits(words: str, meant: str) -> None:
    assert amount(words) == Decimal(meant)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("1.234", "1,234 hoặc 1234;"),
        ("-1,234", "-1,234 hoặc -1234;"),
        ("", "không phải là số"),
        ("nhiều", "không phải là số"),
        ("1e3", "không phải là số"),
        ("5%", "không phải là số"),
        ("1.23.4", "không phải là số"),
        ("0,0000001", "lẻ dưới một đồng"),
        ("1000000001", "quá lớn"),
    ],
)
def test_what_is_no_number_or_two_is_refused(words: str, told: str) -> None:
    with pytest.raises(DondocError, match=told):
        amount(words)


def test_what_the_refusal_says_to_type_is_taken() -> None:
    assert [amount("1234"), amount("1,2340")] == [Decimal(1234), Decimal("1.234")]
