"""Decides which texts of a sheet are typed in an alphabet from before Unicode, and reads them."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

from rules.alphabets import from_cp1252, from_tcvn3, from_vni
from rules.syllables import is_syllable
from schemas.findings import Severity
from schemas.reading import Grid, Place, Problem

ENOUGH_WORDS = 2
"""So many different words of a sheet must be Vietnamese in an alphabet and not without it, before
the sheet is taken to be typed in it where no typeface says so."""

TOLERATED = 4
"""One word in so many may stay without sense: an abbreviation, a name, a slip."""

_UNICODE = re.compile("[ĂăĐđĨĩŨũƠơƯư\u0300-\u036f\u1ea0-\u1ef9]")
"""Letters and marks that only Unicode has: with one of them a text needs no reading."""

_WORD = re.compile(r"[^\s!-/:-@\[-`{-~“”‘’–—…]+")
_CLEAN = re.compile("[\t-~À-ýĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9\u00a0“”‘’–—…•«»]*")

_Decode = Callable[[str], str]
_ALPHABETS: tuple[_Decode, ...] = (from_tcvn3, from_vni)


def in_unicode(grid: Grid) -> tuple[Grid, Mapping[Place, Problem]]:
    """The grid with its texts in Unicode, and per converted cell a warning that shows both.

    A cell's typeface decides; without one the whole sheet does, never a word, for `Thò` and
    `quý` are words in several alphabets. What holds a letter that only Unicode has stays.
    """
    odd = {
        (row, column): cell
        for row, cells in enumerate(grid.cells)
        for column, cell in enumerate(cells)
        if type(cell) is str and not cell.isascii()
    }
    doubtful = {place: words for place, words in odd.items() if not _UNICODE.search(words)}
    if not doubtful:
        return grid, {}
    read: dict[Place, str] = {}
    silent: dict[Place, str] = {}
    for place, words in doubtful.items():
        decode = _of_typeface(grid.fonts.get(place, ""))
        if decode and not _better_as_it_is(words, decode):
            read[place] = decode(words)
        elif not decode:
            undone = from_cp1252(words) or ""
            if _is_clean(undone):
                read[place] = undone
            else:
                silent[place] = words
    read |= _by_evidence(silent, {column for (_, column) in odd.keys() - doubtful.keys()})
    read = {place: words for place, words in read.items() if words != odd[place]}
    problems = {
        place: Problem("legacy-font", odd[place], Severity.WARNING, words)
        for place, words in read.items()
    }
    return (_with(grid, read) if read else grid), problems


def _of_typeface(name: str) -> _Decode | None:
    if name.lower().startswith(".vn"):
        return partial(from_tcvn3, capitals=name.endswith("H"))
    return from_vni if name.lower().startswith("vni") else None


def _is_clean(undone: str) -> bool:
    """Whether it is a Vietnamese text; one in UTF-8 by accident is no such thing."""
    vietnamese = _UNICODE.search(undone) or (_odd_words(undone) and _all_syllables(undone))
    return bool(vietnamese) and _CLEAN.fullmatch(undone) is not None


def _better_as_it_is(words: str, decode: _Decode) -> bool:
    """Typed with a keyboard of Unicode in a cell that kept an old typeface."""
    return _all_syllables(words) and not _all_syllables(decode(words))


def _by_evidence(silent: Mapping[Place, str], in_unicode: set[int]) -> dict[Place, str]:
    """The cells without a typeface that the whole of them shows to be typed in one alphabet.
    A text that makes sense either way goes with its column, unless that has Unicode in it."""
    alien = {place: words for place, words in silent.items() if not _all_syllables(words)}
    if not alien:
        return {}
    found = Counter({decode: _words_gained(alien.values(), decode) for decode in _ALPHABETS})
    (decode, gained), (_, others) = found.most_common(2)
    if gained < ENOUGH_WORDS or gained == others:
        return {}
    read = {place: decode(words) for place, words in alien.items()}
    read = {place: words for place, words in read.items() if _makes_sense(words)}
    columns = {column for (_, column) in read} - in_unicode
    for place in silent.keys() - alien.keys():
        if place[1] in columns and _all_syllables(decode(silent[place])):
            read[place] = decode(silent[place])
    return read


def _words_gained(texts: Iterable[str], decode: _Decode) -> int:
    """How many different words become syllables, less those that stop being any."""
    words = {word for text in texts for word in _odd_words(text)}
    gained = sum(is_syllable(decode(word)) and not is_syllable(word) for word in words)
    return gained - sum(is_syllable(word) and not is_syllable(decode(word)) for word in words)


def _makes_sense(words: str) -> bool:
    """Whether nearly all words are syllables; capitals may be an abbreviation."""
    odd = _odd_words(words)
    wrong = [w for w in odd if not is_syllable(w) and not (w.isalpha() and w.isupper())]
    return len(wrong) * TOLERATED <= len(odd) - len(wrong)


def _all_syllables(words: str) -> bool:
    return all(is_syllable(word) for word in _odd_words(words))


def _odd_words(words: str) -> list[str]:
    return [word for word in _WORD.findall(words) if not word.isascii()]


def _with(grid: Grid, read: Mapping[Place, str]) -> Grid:
    rows = {row for row, _ in read}
    return replace(
        grid,
        cells=[
            [read.get((row, column), cell) for column, cell in enumerate(cells)]
            if row in rows
            else cells
            for row, cells in enumerate(grid.cells)
        ],
    )
