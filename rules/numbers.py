"""Decides what the value of a cell means: number, date, choice, code, text, or a problem."""

import re
import unicodedata
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from schemas.forms import DONG, LARGEST_AMOUNT, NUMERIC, Field, Kind
from schemas.reading import Problem

Value = Decimal | date | str | None
"""What a cell may mean; None is an empty cell."""

LARGEST_MONEY = LARGEST_AMOUNT * 1000
"""triệu đồng, still an int64 in đồng; up to here validation can say that đồng were typed."""

_LONGEST = 20
"""Digits of a number that are still written out."""

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_MINUS = dict.fromkeys(map(ord, "−–—"), "-")
_NOTHING = frozenset({"", "-"})
_TONE_PLACE = (
    # hoà and hòa, luỹ and lũy are one word: the tone mark goes to the first vowel
    re.compile("(o)([ae])([\u0300\u0301\u0303\u0309\u0323])"),
    re.compile("(u)(y)([\u0300\u0301\u0303\u0309\u0323])"),
)

_AMBIGUOUS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_NOTATIONS = (
    # pattern, what groups the thousands, what marks the decimals
    (re.compile(r"\d+(?:\.\d+)?", re.ASCII), "", "."),
    (re.compile(r"\d+,\d+", re.ASCII), "", ","),
    (re.compile(r"[1-9]\d{0,2}(?: \d{3})+(?:,\d+)?", re.ASCII), " ", ","),
    (re.compile(r"[1-9]\d{0,2}(?: \d{3})+\.\d+", re.ASCII), " ", "."),
    (re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?", re.ASCII), ".", ","),
    (re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", re.ASCII), ",", "."),
)

_DAY_FIRST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)


def parse(value: object, field: Field, factor: Decimal = Decimal(1)) -> Value | Problem:
    """What the value of a cell (as python-calamine gives it) means in that field's column.

    MONEY, INTEGER and PERCENT give a Decimal after multiplication by `factor` (money in triệu
    đồng, whole đồng), DATE a date, CHOICE the canonical choice, CODE and TEXT a str. Bounds are
    not looked at, but for numbers beyond what can be stored.
    """
    if field.kind in NUMERIC:
        return amount(value, field, factor)
    if field.kind is Kind.DATE:
        return day(value)
    if field.kind is Kind.CHOICE:
        return choice(value, field)
    written = text(value, lines=field.kind is Kind.TEXT)
    return None if _plain(written) in _NOTHING else written


def amount(value: object, field: Field, factor: Decimal = Decimal(1)) -> Decimal | Problem | None:
    """The number that a cell means. Texts in Vietnamese (`1.234,5`) or English (`1,234.5`)
    notation are read where only one of them fits; `1.234` fits both and is a problem."""
    number: Decimal | Problem | None
    if isinstance(value, bool):
        return Problem("not-a-number", text(value))
    if isinstance(value, int | float):
        number = Decimal(repr(value))
        if not number.is_finite():
            return Problem("not-a-number", text(value))
    elif isinstance(value, str):
        number = _written(value, percent=field.kind is Kind.PERCENT)
    else:
        number = Problem("not-a-number", text(value))
    if not isinstance(number, Decimal):
        return number
    number *= factor
    if abs(number) > (LARGEST_MONEY if field.kind is Kind.MONEY else LARGEST_AMOUNT):
        return Problem("too-large", show(number))
    if field.kind is Kind.INTEGER:
        whole = number.to_integral_value()
        return whole + 0 if whole == number else Problem("not-whole", show(number))
    return number.quantize(DONG, ROUND_HALF_UP) + 0  # no negative zero


def day(value: object) -> date | Problem | None:
    """The date that a cell means: a date cell, or text as d/m/yyyy, d.m.yyyy, d-m-yyyy or
    yyyy-mm-dd. A plain number is no date."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    written = text(value)
    if isinstance(value, str):
        plain = _plain(written)
        if plain in _NOTHING:
            return None
        if match := _DAY_FIRST.fullmatch(plain):
            parts = int(match[4]), int(match[3]), int(match[1])
        elif match := _YEAR_FIRST.fullmatch(plain):
            parts = int(match[1]), int(match[2]), int(match[3])
        else:
            return Problem("not-a-date", written)
        try:
            return date(*parts)
        except ValueError:
            pass
    return Problem("not-a-date", written)


def choice(value: object, field: Field) -> str | Problem | None:
    """The field's choice that the cell names, however it is written."""
    written = text(value)
    if _plain(written) in _NOTHING:
        return None
    known = {fold(c): str(c) for c in field.choices}
    return known.get(fold(written)) or Problem("not-a-choice", written)


def text(value: object, *, lines: bool = False) -> str:
    """A cell as text: NFC, no invisible characters, runs of blanks as one; a number without its
    `.0`, a date as 31/10/2021. With `lines` the line breaks inside it stay."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return repr(value).removesuffix(".0")
    if isinstance(value, datetime | date):
        return f"{value:%d/%m/%Y}"
    kept = unicodedata.normalize("NFC", str(value))
    if not kept.isprintable():
        kept = "".join(c for c in kept if c.isspace() or _visible(c))
    parts = kept.splitlines() if lines else [kept]
    return "\n".join(" ".join(part.split()) for part in parts).strip()


@lru_cache(maxsize=4096)  # the same labels and choices in every workbook
def fold(words: str) -> str:
    """The form in which names, labels and choices are compared: case, blanks, Unicode form and
    the two ways of placing a tone mark (luỹ, lũy) make no difference."""
    spread = unicodedata.normalize("NFD", text(words).casefold())
    for place in _TONE_PLACE:
        spread = place.sub(r"\1\3\2", spread)
    return unicodedata.normalize("NFC", spread)


def show(number: Decimal) -> str:
    """A number as a Vietnamese office writes it, `1.234,5`; a monstrous one as `1,00E+300`."""
    shown = f"{number:,f}" if number.adjusted() < _LONGEST else f"{number:.2E}"
    if "." in shown and "E" not in shown:
        shown = shown.rstrip("0").rstrip(".")
    return shown.translate(str.maketrans(",.", ".,"))


def _written(value: str, *, percent: bool) -> Decimal | Problem | None:
    written = text(value)
    plain = _plain(written)
    if plain in _NOTHING:
        return None
    negative = False
    if plain.startswith("(") and plain.endswith(")"):
        plain, negative = plain[1:-1].strip(), True
    elif plain[0] in "+-":
        plain, negative = plain[1:].strip(), plain[0] == "-"
    if percent:
        plain = plain.removesuffix("%").rstrip()
    if _AMBIGUOUS.fullmatch(plain):
        return Problem("ambiguous-number", written)
    for pattern, groups, decimals in _NOTATIONS:
        if pattern.fullmatch(plain):
            digits = plain.replace(groups, "") if groups else plain
            number = Decimal(digits.replace(decimals, "."))
            return -number if negative else number
    return Problem("not-a-number", written)


def _plain(written: str) -> str:
    """Full-width digits and signs as ASCII, every dash as '-'."""
    return written.translate(_FULL_WIDTH).translate(_MINUS).strip()


def _visible(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Cf"}
