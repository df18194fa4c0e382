"""Words and figures of a cell: what is compared as one, and how numbers are shown."""

import ast
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from unicodedata import normalize

import pytest

import rules
from rules.columns import meanings
from rules.numbers import fold, pattern, plain, show, spell, text
from schemas.forms import DISBURSEMENT

CODE = DISBURSEMENT["code"]
WORDS = DISBURSEMENT["difficulty"]


def test_codes_and_texts_lose_what_nobody_sees() -> None:
    assert meanings([1.0, "001", " X.1\u200b\u00a0", "Ｘ．１", "X–1", None, "-"], CODE) == [
        (meant, None) for meant in ("1", "001", "X.1", "X.1", "X-1", None, None)
    ]
    written = "Vướng  giải\u00a0phóng\r\n mặt bằng\x00"
    assert meanings([written, " ", "–", "１ – ２"], WORDS) == [
        (meant, None) for meant in ("Vướng giải phóng\nmặt bằng", None, None, "１ – ２")
    ]
    assert text(date(2021, 10, 5)) == "05/10/2021"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Giải ngân\nluỹ  kế", "giải ngân lũy kế"),
        ("Uỷ ban, hoà bình, khoẻ", "ủy ban, hòa bình, khỏe"),
        ("Tỉ lệ, kĩ thuật, Mĩ, lí do, bác sĩ", "tỷ lệ, kỹ thuật, Mỹ, lý do, bác sỹ"),
        ("Ðơn vị", "đơn vị"),
        (normalize("NFD", "Đã hoàn thành"), "đã hoàn thành"),
        ("Giải ngân – lũy kế", "Giải ngân - lũy kế"),
        ("Ｘ１", "x1"),
    ],
)
def test_two_ways_of_writing_are_one_word(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("lũy kế", "luy kế"), ("TY-1", "TI-1"), ("tuỳ", "tùi"), ("quý", "quí"), ("may", "mai")],
)
def test_two_words_stay_two(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_shows_numbers_as_offices_write_them() -> None:
    assert show(Decimal("1234567.80")) == "1.234.567,8"
    assert show(Decimal("1E+300")) == "1,00E+300"
    assert spell(Decimal("1234567.80")) == "1234567,8"
    assert plain(" １２−３ ") == "12-3"


def test_patterns_for_folded_text_spell_their_words_as_folding_does() -> None:
    """`toàn` never stands in folded text: there it is `tòan`."""
    assert pattern("toàn|quý|kỹ").pattern == "|".join(map(fold, ("toàn", "quý", "kỹ")))
    for path in sorted(Path(rules.__path__[0]).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile":
                for word in re.findall(r"[^\W\d_]{2,}", ast.unparse(node.args[0])):
                    said = normalize("NFC", word)
                    assert fold(said) == said.casefold(), f"{path.name}: {word}"
