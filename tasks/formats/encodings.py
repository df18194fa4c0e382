"""Decides in which encoding a text of unknown origin is written: the one in which it makes sense.

In this order: a byte order mark; UTF-16 without one, told by every other byte being 0; UTF-8 where
it is valid; else a code page of Windows. cp1258 (Vietnamese) writes most tones as a mark of its own
after the vowel, so that the bytes of a Vietnamese text put every mark behind a vowel. Where they do
not, the bytes are read as cp1252, in which texts of TCVN3 and VNI stay recognisable
(`rules/legacy.py` converts them).
"""

from unicodedata import combining, normalize

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_SAMPLE = 4096
_MOSTLY = 0.4
"""Share of every other byte being 0 that tells UTF-16; Vietnamese letters have other bytes."""
_VOWELS = frozenset("aăâeêioôơuưyAĂÂEÊIOÔƠUƯY")
_NEVER_IN_WORDS = frozenset("®©¹µ¶¨«¬§­¼½¾×÷ø°±²³·¸»¿")
"""Signs that stand within words in TCVN3 alone."""


def decoded(content: bytes) -> str:
    """The text; raises UnicodeDecodeError where it is none."""
    mark = next((name for start, name in _MARKS if content.startswith(start)), None)
    if mark:
        return content.decode(mark)
    if wide := _wide(content):
        return content.decode(wide)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        vietnamese = content.decode("cp1258", "replace")
        return normalize("NFC", vietnamese) if _makes_sense(vietnamese) else western(content)


def western(content: bytes) -> str:
    """The text as cp1252, its five holes as control characters: no byte is lost."""
    return "".join(
        chr(byte) if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([byte]).decode("cp1252")
        for byte in content
    )


def _wide(content: bytes) -> str | None:
    sample = content[:_SAMPLE]
    if len(content) % 2 == 0 and sample:
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        if odd > _MOSTLY * len(sample) / 2 and odd > 2 * even:
            return "utf-16-le"
        if even > _MOSTLY * len(sample) / 2 and even > 2 * odd:
            return "utf-16-be"
    return None


def _makes_sense(text: str) -> bool:
    """Whether a reading as cp1258 puts every tone behind a vowel and no sign within a word."""
    marks = [i for i, letter in enumerate(text) if combining(letter)]
    behind = all(i and normalize("NFD", text[i - 1])[0] in _VOWELS for i in marks)
    inside = any(
        sign in _NEVER_IN_WORDS and before.isalpha() and after.isalpha()
        for before, sign, after in zip(text, text[1:], text[2:], strict=False)
    )
    special = any(letter in "ăĂđĐơƠưƯ₫" for letter in text)
    return behind and not inside and "\ufffd" not in text and (bool(marks) or special)
