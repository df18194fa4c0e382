"""Decides how the words and figures of a cell are compared and shown."""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from schemas.reading import Problem

Value = Decimal | date | str | None
"""What a cell may mean; None is an empty cell."""

Meaning = tuple[Value, Problem | None]
"""What a cell means, and what is to be told of it; None with an error."""

NOTHING = frozenset({"", "-"})
"""What stands in an empty cell, once `plain`."""

_LONGEST = 20
"""Digits of a number that are still written out."""

_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | dict.fromkeys(
    map(ord, "‐‑‒–—―−﹣－"), ord("-")
)
TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
"""The marks of tone, once a text is spread out (NFD)."""
_SAME_WORD = (
    # hoà and hòa, luỹ and lũy are one word: the tone mark goes to the first vowel
    (re.compile("(o)([ae])([\u0300\u0301\u0303\u0309\u0323])"), r"\1\3\2"),
    (re.compile("(u)(y)([\u0300\u0301\u0303\u0309\u0323])"), r"\1\3\2"),
    # tỉ and tỷ, kĩ and kỹ too; without a tone mark it may be a code
    (re.compile("(?<!\\w)([hklmst])i([\u0300\u0301\u0303\u0309\u0323])(?!\\w)"), r"\1y\2"),
)


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
        if lines:
            return "\n".join(" ".join(line.split()) for line in kept.splitlines()).strip()
    return " ".join(kept.split())


@lru_cache(maxsize=4096)  # the same labels and choices in every workbook
def fold(words: str) -> str:
    """The form in which names, labels and choices are compared: case, blanks, width, kind of
    dash, Unicode form, Ð for Đ, where the tone mark stands (luỹ, lũy) and y for i (tỷ, tỉ) make
    no difference."""
    return _one_spelling(plain(text(words)).casefold().replace("ð", "đ"))


def bare(words: str) -> str:
    """Folded text without any diacritics, as file names are often written."""
    spread = unicodedata.normalize("NFD", fold(words)).replace("đ", "d")
    return "".join(c for c in spread if not unicodedata.combining(c))


def pattern(written: str) -> re.Pattern[str]:
    """A pattern for folded text, its words spelt as folding spells them."""
    return re.compile(_one_spelling(written), re.DOTALL)


def _one_spelling(words: str) -> str:
    spread = unicodedata.normalize("NFD", words)
    if TONES.search(spread):
        for found, same in _SAME_WORD:
            spread = found.sub(same, spread)
    return unicodedata.normalize("NFC", spread)


def show(number: Decimal) -> str:
    """A number as a Vietnamese office writes it, `1.234,5`; a monstrous one as `1,00E+300`."""
    shown = f"{number:,f}" if number.adjusted() < _LONGEST else f"{number:.2E}"
    if "." in shown and "E" not in shown:
        shown = shown.rstrip("0").rstrip(".")
    return shown.translate(str.maketrans(",.", ".,"))


def spell(number: Decimal) -> str:
    """A number as it is told where its marks are in question, `1234,5`: nothing groups."""
    return show(number).replace(".", "")


def plain(written: str) -> str:
    """Full-width characters as ASCII, every dash as '-', no blanks around."""
    return written.translate(_PLAIN).strip()


def _visible(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Cf"}
