"""Decides the Vietnamese order of names: letters first, then tones, then capitals."""

import unicodedata

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
"""ngang, huyền, hỏi, ngã, sắc, nặng."""

_RANK = {letter: n for n, letter in enumerate(_LETTERS)}
_TONE = {mark: n for n, mark in enumerate(_TONES)}

Key = tuple[tuple[tuple[int, int], ...], tuple[int, ...], tuple[bool, ...], str]


def vietnamese(text: str) -> Key:
    """The sort key of a text: `sorted(names, key=vietnamese)`.

    The letters of the whole text are compared first (a < ă < â < b … d < đ), signs and digits
    before them; where they are equal the tones decide from the left, then small letters go before
    capitals. That is the order of CLDR's collation `vi` for letters, digits and blanks.
    """
    letters: list[tuple[int, int]] = []
    tones: list[int] = []
    capitals: list[bool] = []
    for letter in unicodedata.normalize("NFC", text):
        marks = unicodedata.normalize("NFD", letter)
        tone = next((_TONE[mark] for mark in marks if mark in _TONE and mark), 0)
        bare = unicodedata.normalize("NFC", "".join(m for m in marks if _TONE.get(m, 0) == 0))
        small = bare.casefold()
        rank = _RANK.get(small)
        letters.append((1, rank) if rank is not None else (0, ord(small[0])))
        tones.append(tone)
        capitals.append(bare != small)
    return tuple(letters), tuple(tones), tuple(capitals), text
