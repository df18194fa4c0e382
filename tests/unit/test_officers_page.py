"""What the officer's page says of numbers and dates, tried on the rules themselves."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from rules.columns import meanings
from schemas.findings import Severity
from schemas.forms import DISBURSEMENT, IT, STRATEGY, Field, Kind

PAGE = Path(__file__).parents[2] / "docs" / "bieu-nao-duoc-doc.vi.md"
REQUIRED, OPTIONAL = DISBURSEMENT["disbursed"], DISBURSEMENT["estimate"]
DAY = next(f for f in IT.fields if f.kind is Kind.DATE)
SHARE = next(f for f in STRATEGY.fields if "%" in f.label)
LAST = date(2021, 10, 31)
INFO, ERROR = Severity.INFO, Severity.ERROR


def read(cell: object, column: Field, *neighbours: object) -> tuple[object, Severity | None]:
    (value, told), *_ = meanings([cell, *neighbours], column)
    return value, told.severity if told else None


EXAMPLES = [
    ("1.234.567,8", REQUIRED, Decimal("1234567.8"), None),
    ("1,234,567.8", REQUIRED, Decimal("1234567.8"), None),
    ("1 234 567", REQUIRED, Decimal(1234567), None),
    ("1.234", REQUIRED, None, ERROR),
    ("(120)", OPTIONAL, Decimal(-120), None),
    ("-120", OPTIONAL, Decimal(-120), None),
    ("12%", SHARE, Decimal(12), None),
    ("12,5 %", SHARE, Decimal("12.5"), None),
    ("12%", REQUIRED, None, ERROR),
    ("12 tỷ", REQUIRED, Decimal(12000), INFO),
    ("-", REQUIRED, Decimal(0), INFO),
    ("không", REQUIRED, Decimal(0), INFO),
    ("chưa", REQUIRED, Decimal(0), INFO),
    ("-", OPTIONAL, None, None),
    ("chưa", OPTIONAL, None, INFO),
    ("khoảng 500", REQUIRED, None, ERROR),
    ("x", REQUIRED, None, ERROR),
    ("100¹", REQUIRED, None, ERROR),
    ("31/10/2021", DAY, LAST, None),
    ("31.10.21", DAY, LAST, INFO),
    ("tháng 10/2021", DAY, LAST, INFO),
]


@pytest.mark.parametrize(("written", "column", "value", "told"), EXAMPLES)
def test_it_is_understood_as_the_page_says(
    written: str, column: Field, value: object, told: Severity | None
) -> None:
    assert read(written, column) == (value, told)
    assert f"`{written}`" in PAGE.read_text("utf-8")


def test_a_month_before_the_day_makes_the_others_doubtful() -> None:
    assert read("04/05/2021", DAY, "10/31/2021") == (None, ERROR)
    assert "`04/05/2021`" in PAGE.read_text("utf-8")


def test_every_row_of_the_table_was_tried() -> None:
    page = PAGE.read_text("utf-8")
    table = page.partition("## Cách ghi số và ngày")[2].partition("\n## ")[0]
    firsts = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    written = {word for cell in firsts for word in re.findall(r"`([^`]+)`", cell)}
    assert written == {example[0] for example in EXAMPLES} | {"04/05/2021"}
