"""Touches the texts that the sheets of an .xlsx share, and the typefaces of their parts."""

import re
from typing import TYPE_CHECKING, NamedTuple

from tasks.formats.bounds import at_most
from tasks.formats.numberformats import before_unicode
from tasks.formats.xmltext import ATTRIBUTES, plain, unescaped

if TYPE_CHECKING:
    from schemas.settings import Reading

_NAME = rb"(?:[\w.-]+:)?"
_ITEM = re.compile(rb"<(%bsi)%b\s*(?:/>|>(.*?)</\1\s*>)" % (_NAME, ATTRIBUTES), re.DOTALL)
_TEXT = re.compile(rb"<%bt%b\s*>([^<]*)<" % (_NAME, ATTRIBUTES))
_READING = re.compile(rb"<(%brPh)%b\s*(?:/>|>.*?</\1\s*>)" % (_NAME, ATTRIBUTES), re.DOTALL)
"""How East Asian words sound; no text of the cell."""
_RUN = re.compile(rb"<(%br)%b\s*>(.*?)</\1\s*>" % (_NAME, ATTRIBUTES), re.DOTALL)
_RUN_FONT = re.compile(rb"<(?:[\w.-]+:)?rFont\s[^>]*?val\s*=\s*[\"']([^\"']*)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""How Office writes characters that XML does not allow."""


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
    items = [item for _, item in _ITEM.findall(plain(content))]
    at_most(len(items), limits.shared_strings, "shared_strings")
    return [written(item) for item in items]


def written(item: bytes) -> Written:
    """What stands between `<si>` or `<is>` and its end."""
    if b"rPh" in item:
        item = _READING.sub(b"", item)
    runs = [run for _, run in _RUN.findall(item)] if b"rFont" in item else []
    text = unescaped(b"".join(_TEXT.findall(item)))
    if "_x" in text:
        text = _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text)
    if not runs:
        return Written(text)
    named = [_RUN_FONT.search(run) for run in runs]
    fonts = [unescaped(name[1]) for name in named if name]
    legacy = next(filter(before_unicode, fonts), None)
    return Written(text, legacy, len(fonts) < len(runs))
