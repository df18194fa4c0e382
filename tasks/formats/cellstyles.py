"""Decides what the styles of an .xlsx say of its cells: what a number means, and typefaces of
before Unicode."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.formats.bounds import at_most
from tasks.formats.numberformats import BUILT_IN, before_unicode, meaning
from tasks.formats.xmltext import attribute, child, children, tree

if TYPE_CHECKING:
    from schemas.settings import Reading


@dataclass(frozen=True)
class Style:
    """One cell format."""

    means: str = ""
    """As in `tasks.formats.numberformats`."""
    font: str | None = None
    """Where it is one of before Unicode."""


def styles(content: bytes | None, limits: "Reading") -> dict[str, Style]:
    """The cell formats by the number that cells give; without the part there is the first only."""
    if content is None:
        return {"0": Style()}
    root = tree(content)
    formats = children(child(root, "cellXfs"), "xf")
    at_most(len(formats), limits.styles, "styles")
    codes = dict(BUILT_IN)
    for written in children(child(root, "numFmts"), "numFmt"):
        codes[int(written.get("numFmtId", "-1"))] = written.get("formatCode", "")
    fonts = [_font(font) for font in children(child(root, "fonts"), "font")]
    found = {}
    for i, xf in enumerate(formats):
        font = int(xf.get("fontId") or 0)
        name = fonts[font] if font < len(fonts) else None
        code = codes.get(int(xf.get("numFmtId") or 0), "")
        found[str(i)] = Style(meaning(code), name if before_unicode(name) else None)
    return found or {"0": Style()}


def _font(font: object) -> str | None:
    name = child(font, "name")
    return None if name is None else attribute(name, "val")
