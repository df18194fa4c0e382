"""The measures of an administrative document, appendix I of Decree 30/2020/NĐ-CP, as chosen here.

Where the decree leaves a span (top and bottom 20-25 mm) one value of it stands. Lengths are mm,
sizes points; files count in twips (1/20 pt), half-points and eighths of a point.
"""

import unicodedata

TYPEFACE = "Times New Roman"
FALLBACK = "Liberation Serif"
"""Of the same widths, for machines without the typeface."""

PAPER = (210, 297)
TOP, BOTTOM, LEFT, RIGHT = 20, 20, 30, 20
PAGE_NUMBER_FROM_EDGE = 10
TEXT = PAPER[0] - LEFT - RIGHT
"""Width of a line of text."""
BLANK = " " * 6
"""Room for a number, a day, a month or a year written by hand."""
INDENT = 10
"""Of a paragraph's first line."""

NATION, MOTTO, BODY_NAME, NUMBER, DATE = 13, 14, 13, 13, 13
"""Sizes; number and date share a line, and so a size."""
SUBJECT = 12
TYPE = 14
"""Size of a report's kind and title."""
MAIN = 13
"""Size of the letter's text."""
TABLE, TABLE_HEAD = 12, 11
SIGNATURE = 14
RECIPIENTS, RECIPIENTS_LIST = 12, 11
ANNEX = 14
PARAGRAPH_GAP = 6
"""Between paragraphs."""

ISSUERS_RULE = "VachCoQuan"
"""Style of the paragraph that draws the rule beneath the issuing body's name."""
ISSUER = 62
"""Width of the left half of the heading; the nation's name needs the rest."""
RULE_SHARE = 0.42
"""Of the issuing body's name that the rule beneath it spans: between a third and a half."""

_ADVANCES = {
    250: " ,.", 278: "IJ/\\'", 333: "()-:;!", 500: "0123456789", 556: "S", 611: "FP",
    667: "BELTZ", 722: "ACDNRUVXYĐ", 778: "GHKOQ", 833: "&", 944: "M", 1000: "W",
}  # fmt: skip
"""Advance in thousandths of the size of the bold typeface -> capitals that have it; measured in
Liberation Serif Bold. A mark above or below a letter changes nothing."""
_ADVANCE = {letter: width for width, letters in _ADVANCES.items() for letter in letters} | {
    "I": 389, "J": 500,
}  # fmt: skip
_USUAL = 667
_MOTTO = 12.198
"""Length of "Độc lập - Tự do - Hạnh phúc" in bold, in sizes; measured likewise."""


def twips(mm: float) -> int:
    """Millimetres as a Word file counts them."""
    return round(mm * 1440 / 25.4)


def motto_length() -> float:
    """mm of the motto, and so of the rule beneath it."""
    return _MOTTO * MOTTO * 25.4 / 72


def rule_indent(name: str) -> int:
    """Twips left and right of the rule beneath the issuing body's name, which stands in bold
    capitals, on several lines where it is wider than its half of the heading."""
    bare = unicodedata.normalize("NFD", name.upper())
    letters = (c for c in bare if not unicodedata.combining(c))
    width = sum(_ADVANCE.get(c, _USUAL) for c in letters) / 1000 * BODY_NAME * 25.4 / 72
    return twips((ISSUER - RULE_SHARE * min(width, ISSUER)) / 2)
