"""Decides what a text says if it was typed in an alphabet from before Unicode: TCVN3, VNI, or
UTF-8 that a program took for cp1252."""

import re
from unicodedata import normalize

_LETTERS = "àảãáạăằẳẵắặâầẩẫấậèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵđ"
_CAPITALS = "ĂÂÊÔƠƯĐ"

_TCVN3 = str.maketrans(
    # ư is a soft hyphen: whoever strips what nobody sees, strips letters
    "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊËÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\xadõö÷øùúûüýþ®¡¢£¤¥¦§",
    _LETTERS + _CAPITALS,
)

_TONES = {"": "", "ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_ROOFED = {"â": "", "à": "\u0300", "á": "\u0301", "å": "\u0309", "ã": "\u0303", "ä": "\u0323"}
_BOWED = {"ê": "", "è": "\u0300", "é": "\u0301", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323"}
_ALONE = {"ñ": "đ", "ì": "ì", "í": "í", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}


def _pairs() -> dict[str, str]:
    """What VNI types -> the letter."""
    small = dict(_ALONE)
    for mark, tone in _TONES.items():
        small |= {f"{vowel}{mark}": f"{vowel}{tone}" for vowel in "aeouy" if mark}
        small |= {f"ô{mark}": f"ơ{tone}", f"ö{mark}": f"ư{tone}"}
    for vowel in "aeo":
        small |= {f"{vowel}{mark}": f"{vowel}\u0302{tone}" for mark, tone in _ROOFED.items()}
    small |= {f"a{mark}": f"a\u0306{tone}" for mark, tone in _BOWED.items()}
    pairs = {typed: normalize("NFC", letter) for typed, letter in small.items()}
    large = {typed.upper(): letter.upper() for typed, letter in pairs.items()}
    begun = {typed.capitalize(): letter.upper() for typed, letter in pairs.items()}
    return pairs | begun | large


_VNI = _pairs()
_VNI_TYPED = re.compile("|".join(sorted(_VNI, key=len, reverse=True)))

_BYTES = {bytes([code]).decode("cp1252", "ignore") or chr(code): code for code in range(256)}
"""Character -> its code in cp1252; the five codes that it has no character for stay as they are."""


def from_tcvn3(words: str, *, capitals: bool = False) -> str:
    """A text as a font of TCVN3 shows it; `capitals` as one of its fonts `.Vn…H` does."""
    read = words.translate(_TCVN3)
    return read.upper() if capitals else read


def from_vni(words: str) -> str:
    """A text as a font of VNI shows it."""
    return _VNI_TYPED.sub(lambda typed: _VNI[typed[0]], words)


def from_cp1252(words: str) -> str | None:
    """What the bytes of a text say as UTF-8, None where they are none, or say nothing more."""
    try:
        read = bytes(_BYTES[character] for character in words).decode()
    except (KeyError, UnicodeDecodeError):
        return None
    return read if all(c.isprintable() or c in "\n\r\t" for c in read) else None
