"""Texts from before Unicode: read where typeface or sheet shows it, and never real Vietnamese."""

import shutil
import subprocess
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.before_unicode import tcvn3, vni
from rules.alphabets import from_cp1252, from_tcvn3, from_vni
from rules.legacy import in_unicode
from rules.syllables import is_syllable
from schemas.findings import Severity
from schemas.reading import Grid, Place, Problem

SMALL = "àảãáạăằẳẵắặâầẩẫấậèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵđ"
LETTERS = SMALL + SMALL.upper()
PAIRS = [
    # Unicode, TCVN3, VNI, UTF-8 read as cp1252: the domain's table
    ("Uỷ ban Dân tộc", "Uû ban D©n téc", "Uyû ban Daân toäc", "Uá»· ban DÃ¢n tá»™c"),
    ("Kế hoạch", "KÕ ho¹ch", "Keá hoaïch", "Káº¿ hoáº¡ch"),
    ("giải ngân", "gi¶i ng©n", "giaûi ngaân", "giáº£i ngÃ¢n"),
    ("tỷ lệ", "tû lÖ", "tyû leä", "tá»· lá»‡"),
    ("đôn đốc", "®«n ®èc", "ñoân ñoác", "Ä‘Ã´n Ä‘á»‘c"),
    ("Nguyễn Thị Hạnh", "NguyÔn ThÞ H¹nh", "Nguyeãn Thò Haïnh", "Nguyá»…n Thá»‹ Háº¡nh"),
    ("đơn vị", "®¬n vÞ", "ñôn vò", "Ä‘Æ¡n vá»‹"),
]
REAL = [
    *("Báo cáo", "quý", "Thò", "Vô", "tài chính", "hoà", "Hà Tĩnh", "5 m² ± 3 °C", "10 µm", "©"),
    *("Café Müller", "Société Générale", "«Báo cáo»", "Thò trường biến động", "Oracle® và"),
    *("§ 5", "São Paulo", "½ công việc", "Đề án “Hỗ trợ”", "kế hoạch", "x²", "naïve", "Đã có"),
]


def read(*cells: object, fonts: Mapping[int, str] | None = None) -> tuple[object, ...]:
    """A column of cells, read."""
    typefaces: dict[Place, str] = {(row, 0): name for row, name in (fonts or {}).items()}
    grid, told = in_unicode(Grid("S", [[cell] for cell in cells], fonts=typefaces))
    for row, cell in enumerate(cells):
        assert (grid.value(row, 0) == cell) is ((row, 0) not in told)
    return tuple(grid.value(row, 0) for row in range(len(cells)))


@pytest.mark.skipif(not shutil.which("iconv"), reason="iconv is part of glibc")
def test_tcvn3_is_that_of_glibc() -> None:
    # its capitals with a tone stand in a typeface of their own, not in codes
    letters = SMALL + "ĂÂÊÔƠƯĐ"
    command = ["iconv", "-f", "UTF-8", "-t", "TCVN5712-1"]
    codes = subprocess.run(command, input=letters.encode(), capture_output=True, check=True)
    assert from_tcvn3(codes.stdout.decode("latin-1")) == letters
    assert from_tcvn3(codes.stdout[:67].decode("latin-1"), capitals=True) == SMALL.upper()


@pytest.mark.parametrize("letter", LETTERS)
def test_every_letter_goes_through_every_alphabet_and_back(letter: str) -> None:
    assert len(LETTERS) == 134
    assert from_vni(vni(letter)) == letter
    assert from_tcvn3(tcvn3(letter.lower()), capitals=letter.isupper()) == letter
    holes = {code: chr(code) for code in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
    typed = "".join(holes.get(code) or bytes([code]).decode("cp1252") for code in letter.encode())
    assert from_cp1252(typed) == letter


@pytest.mark.parametrize(("meant", "in_tcvn3", "in_vni", "in_cp1252"), PAIRS)
def test_the_domain_s_table(meant: str, in_tcvn3: str, in_vni: str, in_cp1252: str) -> None:
    assert read(in_tcvn3, fonts={0: ".VnTime"}) == (meant,)
    assert read(in_vni, fonts={0: "VNI-Times"}) == (meant,)
    assert read(in_cp1252) == (meant,)
    assert read(in_tcvn3, fonts={0: ".VnArialH"}) == (meant.upper(),)


def test_a_conversion_shows_both() -> None:
    grid = Grid("S", [[1.0, "Vô KÕ ho¹ch"], ["x", ""]], fonts={(0, 1): ".VnTime"})
    converted, told = in_unicode(grid)
    assert converted.cells == [[1.0, "Vụ Kế hoạch"], ["x", ""]]
    assert told == {(0, 1): Problem("legacy-font", "Vô KÕ ho¹ch", Severity.WARNING, "Vụ Kế hoạch")}


@pytest.mark.parametrize(("at", "alphabet"), [(1, "TCVN3"), (2, "VNI")])
def test_a_sheet_without_typefaces_is_read_as_a_whole(at: int, alphabet: str) -> None:
    assert read(*(pair[at] for pair in PAIRS)) == tuple(pair[0] for pair in PAIRS), alphabet


def test_a_word_of_both_goes_with_its_column_unless_that_has_unicode() -> None:
    assert read("Thò", *(pair[2] for pair in PAIRS))[0] == "Thị"
    assert read("Vô", *(pair[1] for pair in PAIRS))[0] == "Vụ"
    assert read("Vô", "Kế hoạch", *(pair[1] for pair in PAIRS))[:2] == ("Vô", "Kế hoạch")
    assert read("Báo cáo", *(pair[1] for pair in PAIRS))[0] == "Báo cáo"


def test_too_little_evidence_is_none() -> None:
    assert read("KÕ") == ("KÕ",)
    assert read("KÕ", "KÕ") == ("KÕ", "KÕ")
    assert read("KÕ ho¹ch") == ("Kế hoạch",)


def test_abbreviations_do_not_hide_the_alphabet() -> None:
    assert read("Q§ cña UBND tØnh, H§ND", "Ch\u00ada gi¶i ng©n") == (
        "QĐ của UBND tỉnh, HĐND",
        "Chưa giải ngân",
    )


@pytest.mark.parametrize("words", REAL)
def test_real_vietnamese_is_never_converted(words: str) -> None:
    assert read(words) == (words,)
    assert read(words, *REAL) == (words, *REAL)


def test_unicode_in_a_cell_that_kept_an_old_typeface_stays() -> None:
    assert read("Kế hoạch", "Báo cáo", fonts={0: ".VnTime", 1: ".VnTime"}) == (
        "Kế hoạch",
        "Báo cáo",
    )
    assert read("Daân toäc", "Vieät", fonts={0: "Arial"})[0] == "Dân tộc"


@given(st.lists(st.text("aeoutnhcgi àáâãèéêìíòóôõùúýđếạơư", max_size=20), max_size=6))
def test_syllables_of_unicode_stay_whatever_stands_beside(texts: list[str]) -> None:
    real = [" ".join(word for word in text.split() if is_syllable(word)) for text in texts]
    assert read(*real) == tuple(real)


@pytest.mark.parametrize(
    "word",
    [
        *("khuỷu", "nguệch", "quyết", "gì", "giếng", "nghiêng", "xoong", "Mỹ", "kĩ", "thuở"),
        *("ý", "đặc", "ĐỐC", "quốc", "huỳnh"),
    ],
)
def test_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize(
    "word",
    [
        *("hoàc", "tèch", "Daân", "KÕ", "ho¹ch", "kế1", "ngế", "gạ́", "tìt", "zô", "faô", "ée"),
    ],
)
def test_no_syllables(word: str) -> None:
    assert not is_syllable(word)


@given(st.lists(st.lists(st.text() | st.floats() | st.none(), max_size=4), max_size=4))
def test_no_sheet_makes_it_raise(cells: list[list[object]]) -> None:
    fonts = {(0, 0): ".VnTimeH", (1, 1): "VNI-Times"}
    grid, told = in_unicode(Grid("S", cells, fonts=fonts))
    assert [len(row) for row in grid.cells] == [len(row) for row in cells]
    assert all(problem.value != problem.meant for problem in told.values())
