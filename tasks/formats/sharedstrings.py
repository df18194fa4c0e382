"""Touches the texts that the sheets of an .xlsx share, and the typefaces of their parts."""

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from tasks.formats import Refused
from tasks.formats.bounds import at_most
from tasks.formats.numberformats import before_unicode
from tasks.formats.runs import LOWERED, RAISED, STRUCK, set_apart
from tasks.formats.xmltext import child, children, each, local

if TYPE_CHECKING:
    from schemas.settings import Reading

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""How Office writes characters that XML does not allow."""
_ALIGNED = {"superscript": RAISED, "subscript": LOWERED}
_NOT = ("0", "false", "off")
_SILENT = frozenset({"rPh", "phoneticPr", "extLst"})


class Written(NamedTuple):
    """One text."""

    text: str
    font: str | None = None
    """The typeface of a part of it, where that is one of before Unicode."""
    own: bool = True
    """Whether all or some of it is in the cell's own typeface."""


def shared(content: bytes | None, limits: "Reading") -> list[Written]:
    """The texts in their order."""
    if content is None:
        return []
    found = []
    for item in each(content, "si"):
        if local(item.getparent()) != "sst":
            raise Refused("unreadable")
        found.append(written(item))
        at_most(len(found), limits.shared_strings, "shared_strings")
    return found


def written(item: Any) -> Written:
    """The text of an `<si>` or `<is>`, but for how East Asian words sound."""
    words: list[str] = []
    fonts: list[str] = []
    runs = 0
    for part in item:
        name = local(part)
        if name == "t":
            words.append(_words(part))
        elif name == "r":
            runs += 1
            looks = child(part, "rPr")
            ways = _ways(looks)
            words += [set_apart(_words(text), *ways) for text in children(part, "t")]
            named = child(looks, "rFont")
            fonts += [] if named is None else [named.get("val", "")]
        elif name not in _SILENT:
            raise Refused("unreadable")
    text = plain("".join(words))
    if not fonts:
        return Written(text)
    legacy = next(filter(before_unicode, fonts), None)
    return Written(text, legacy, len(fonts) < runs)


def plain(text: str) -> str:
    """A text with the characters that Office writes as `_x000D_`."""
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def _ways(looks: Any) -> list[str]:
    struck, aligned = child(looks, "strike"), child(looks, "vertAlign")
    ways = [] if struck is None or struck.get("val", "1") in _NOT else [STRUCK]
    if aligned is not None and aligned.get("val") in _ALIGNED:
        ways.append(_ALIGNED[aligned.get("val")])
    return ways


def _words(element: Any) -> str:
    if len(element):
        raise Refused("unreadable")  # programs differ in what such a text shows
    return element.text or ""
