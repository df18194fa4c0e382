"""Decides what a cell's number format says of its number: a date, a time, a percentage, a number
shown shortened, a code with leading zeros; and what the number then is."""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

DATE, TIME, PERCENT, SCALED, PLAIN = "date", "time", "percent", "scaled", ""

BUILT_IN = (
    dict.fromkeys((9, 10), "0%")
    | dict.fromkeys((*range(14, 18), *range(27, 37), *range(50, 59)), "d/m/y")
    | dict.fromkeys((18, 19, 20, 21, 45, 46, 47), "h:mm:ss")
    | {22: "d/m/y h:mm"}
)
"""What the numbers of built-in formats stand for (ECMA-376, part 1, 18.8.30), as far as it matters
here; 27 to 36 and 50 to 58 are dates in every language that has them."""

_SAID = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|general', re.IGNORECASE)
"""Parts of a format that are shown as they are, colours, conditions and languages."""
_SHORTENED = re.compile(r"[0#?],+(?![0#?,])")
"""A comma after the last digit leaves out thousands: `#,##0,` shows 1,234,567 as 1,235."""
_ZEROS = re.compile(r"0{2,}")
_LAST_DAY = {False: 2_958_466, True: 2_957_004}
"""The day after 31/12/9999 in both epochs, from 1900 and from 1904."""
_LEAP_DAY = 60
"""Excel's 29/02/1900, a day that never was; before it days count from a day later."""


@lru_cache(maxsize=10_000)
def meaning(code: str) -> str:
    """`DATE`, `TIME`, `PERCENT`, `SCALED`, `PLAIN`, or the zeros that a whole number is padded
    to."""
    shown = _SAID.sub("", _first(code)).lower()
    if "%" in shown:
        return PERCENT
    clock = re.search(r"[hs]", shown) is not None
    if re.search(r"[dy]", shown) or ("m" in shown and not clock):
        return DATE
    if clock:
        return TIME
    if _SHORTENED.search(shown):
        return SCALED
    return shown if _ZEROS.fullmatch(shown) else PLAIN


def valued(number: float, means: str, from_1904: bool) -> object:
    """The number as its format means it; as it is where it cannot be that."""
    if means in (DATE, TIME):
        return moment(number, means, from_1904)
    if means.startswith("0") and number >= 0 and number == int(number):
        return f"{int(number):0{len(means)}d}"
    return number


def moment(number: float, means: str, from_1904: bool) -> object:
    """A date, or a time of day or duration as text; the number itself where there is no such
    day."""
    if not 0 <= number < _LAST_DAY[from_1904]:
        return number
    if means == TIME or (number < 1 and not from_1904):
        return clock(round(number * 86_400))
    if from_1904:
        first = datetime(1904, 1, 1)  # noqa: DTZ001 - a cell has no time zone
    elif int(number) == _LEAP_DAY:
        return number
    else:
        first = datetime(1899, 12, 31 if number < _LEAP_DAY else 30)  # noqa: DTZ001
    seconds = round(number % 1 * 86_400)
    found = first + timedelta(days=int(number), seconds=seconds)
    return found if found.hour or found.minute or found.second else found.date()


def clock(seconds: int) -> str:
    """`36:15:00`."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def iso(written: str) -> date | str:
    """A date written as ISO 8601 says, the text itself where it is none."""
    try:
        found = datetime.fromisoformat(written.strip().removesuffix("Z"))
    except ValueError:
        return written
    plain = found.replace(tzinfo=None, microsecond=0)
    return plain if plain.time() != datetime.min.time() else plain.date()


def before_unicode(font: str | None) -> bool:
    """Whether a typeface is one of before Unicode, of TCVN3 or VNI."""
    return bool(font) and str(font).lower().startswith((".vn", "vni-"))


def _first(code: str) -> str:
    """The first section; a `;` between quotes divides nothing."""
    found = re.match(r'(?:"[^"]*"|\\.|[^";])*', code)
    return found[0] if found else code
