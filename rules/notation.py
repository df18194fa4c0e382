"""Decides which numbers a text may mean, and what it shows of the notation of its column."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from rules.numbers import fold, plain
from schemas.forms import DONG

VIETNAMESE = frozenset({"..", ",5"})
"""`.` groups the thousands, `,` stands before decimals (`1.234,5`): mark and role, doubled."""
ENGLISH = frozenset({",,", ".5"})

_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f"), " ")
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))

_SHAPE = re.compile(
    r"(?:(?P<open>\() ?)?(?P<sign>[+-])?(?P<gap> )?(?P<figures>\d(?:[\d.,'’ ]*\d)?)"
    r"(?: ?(?P<unit>[^\d\s()][^\d()]*))?(?: ?(?P<close>\)))?",
    re.ASCII,
)
_PLAIN = re.compile(r"\d+", re.ASCII)
_POINTED = re.compile(r"(?P<whole>0|[1-9]\d*)(?P<point>[.,])(?P<decimals>\d+)", re.ASCII)
_GROUPED = re.compile(
    r"[1-9]\d{0,2}(?P<group>[., '’])\d{3}(?P<more>(?:(?P=group)\d{3})*)"
    r"(?:(?!(?P=group))(?P<point>[.,])\d+)?",
    re.ASCII,
)

_MONEY_WORDS = re.compile(
    r"(?=\w|₫)(?P<scale>nghìn tỷ|ngàn tỷ|tỷ|triệu|tr\.?|nghìn|ngàn)?\s*(?:đồng|vnđ|vnd|đ|₫)?\.?"
)
_SCALES = {
    "": DONG,
    "nghìn": DONG * 1000,
    "triệu": Decimal(1),
    "tỷ": Decimal(1000),
    "nghìn tỷ": Decimal(1_000_000),
}


@dataclass(frozen=True, slots=True)
class Written:
    """A text as a number."""

    number: Decimal
    """Where a single mark stands before three digits, what it is with decimals."""
    grouped: Decimal | None = None
    """What it is if that mark groups the thousands; None where only one reading fits."""
    mark: str = ""
    """The only mark of the text, where it may stand or stands before decimals."""
    shows: str = ""
    """Mark and role that the text leaves no doubt about: `..`, `,,` (groups), `.5`, `,5`."""
    loose: bool = False
    """Three decimals behind four digits or more: a thousands mark may have been forgotten."""
    spaced: bool = False
    """A blank between the sign and the figures, as after the dash of a list."""
    share: bool = False
    """A percent sign follows."""
    scale: Decimal | None = None
    """What the unit of money that is typed behind it is in triệu đồng."""


def read(words: str) -> Written | None:
    """The number or the two numbers that the text may mean; None where it is none at all.

    Nothing is passed over in silence but blanks around it and what nobody sees: no second
    number, no wrongly placed mark, no line break, no exponent, no formula.
    """
    cleaned = plain(words.translate(_SPACES).translate(_UNSEEN))
    shape = _SHAPE.fullmatch(cleaned)
    if shape is None or bool(shape["open"]) != bool(shape["close"]):
        return None
    if shape["open"] and shape["sign"]:
        return None
    unit = (shape["unit"] or "").strip()
    share = unit == "%"
    scale = None if share or not unit else _scale(unit)
    figures = _figures(shape["figures"])
    if figures is None or (unit and not share and scale is None):
        return None
    negative = shape["open"] or shape["sign"] == "-"
    return Written(
        -figures.number if negative else figures.number,
        -figures.grouped if negative and figures.grouped is not None else figures.grouped,
        figures.mark,
        figures.shows,
        figures.loose,
        spaced=bool(shape["gap"]),
        share=share,
        scale=scale,
    )


def notation(texts: Iterable[Written]) -> frozenset[str]:
    """Every mark and role that the texts of a column show without doubt."""
    return frozenset(
        text.shows[at : at + 2] for text in texts for at in range(0, len(text.shows), 2)
    )


def _figures(digits: str) -> Written | None:
    if _PLAIN.fullmatch(digits):
        return Written(Decimal(digits))
    if found := _GROUPED.fullmatch(digits):
        group, point = found["group"], found["point"] or ""
        number = digits.replace(group, "")
        if group in ".," and not point and not found["more"]:
            return Written(Decimal(digits.replace(",", ".")), Decimal(number), group)
        shows = (group * 2 if group in ".," else "") + (point and point + "5")
        return Written(Decimal(number.replace(",", ".")), shows=shows)
    if found := _POINTED.fullmatch(digits):
        loose = len(found["decimals"]) == 3 and found["whole"] != "0"
        point = found["point"]
        return Written(
            Decimal(digits.replace(",", ".")), mark=point, shows=point + "5", loose=loose
        )
    return None


def _scale(unit: str) -> Decimal | None:
    found = _MONEY_WORDS.fullmatch(fold(unit))
    if found is None:
        return None
    word = (found["scale"] or "").replace("ngàn", "nghìn").removesuffix(".")
    return _SCALES["triệu" if word == "tr" else word]
