"""Vietnamese as it was typed before Unicode; the tables are glibc's (TCVN5712-1) and VNI's rule,
a vowel followed by its mark, not the product's."""

from unicodedata import normalize

_LETTERS = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵĂÂĐÊÔƠƯ"
_TCVN3 = bytes.fromhex(
    "b5b6b7b8b9a8bbbcbdbec6a9c7c8c9cacbaecccecfd0d1aad2d3d4d5d6d7d8dcdddedfe1e2e3e4abe5e6e7e8e9"
    "aceaebecedeeeff1f2f3f4adf5f6f7f8f9fafbfcfdfea1a2a7a3a4a5a6"
).decode("latin-1")
_TO_TCVN3 = str.maketrans(_LETTERS, _TCVN3)

_TONES = {"\u0300": "ø", "\u0301": "ù", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
_ROOFED = {"": "â", "\u0300": "à", "\u0301": "á", "\u0309": "å", "\u0303": "ã", "\u0323": "ä"}
_BOWED = {"": "ê", "\u0300": "è", "\u0301": "é", "\u0309": "ú", "\u0303": "ü", "\u0323": "ë"}
_LONE_I = {"\u0300": "ì", "\u0301": "í", "\u0309": "æ", "\u0303": "ó", "\u0323": "ò"}


def tcvn3(words: str) -> str:
    """As it looks in a cell of .VnTime when shown in another typeface."""
    return normalize("NFC", words).translate(_TO_TCVN3)


def vni(words: str) -> str:
    """As it looks in a cell of VNI-Times when shown in another typeface."""
    return "".join(map(_vni_letter, normalize("NFC", words)))


def _vni_letter(letter: str) -> str:
    spread = normalize("NFD", letter)
    base, marks = spread[0], spread[1:]
    tone = next((mark for mark in marks if mark in _TONES), "")
    low = base.lower()
    if low == "đ":
        written = "ñ"
    elif not marks:
        return letter
    elif low == "i":
        written = _LONE_I[tone]
    elif low == "y" and tone == "\u0323":
        written = "î"
    elif "\u0302" in marks:
        written = low + _ROOFED[tone]
    elif "\u0306" in marks:
        written = low + _BOWED[tone]
    else:
        horned = {"o": "ô", "u": "ö"}[low] if "\u031b" in marks else low
        written = horned + _TONES.get(tone, "")
    return written.upper() if base.isupper() else written
