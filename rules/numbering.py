"""Decides whether a row only numbers the columns: `(1) (2) (3)`, `A B 1 2 3`, `2=3+6+7+8`."""

import re
from collections.abc import Iterable
from itertools import pairwise

from rules.numbers import fold, text

_NUMBER = re.compile(r"[(\[]?(\d{1,2})[)\]]?(?P<sum>\s*=.*)?|(?P<letter>\(?[a-z]\)?)")

FEWEST = 3
"""Numbered columns that make a numbering row; two numbers are data."""


def is_numbering(cells: Iterable[tuple[int, object]]) -> bool:
    """Whether the non-empty cells of a row, with their columns, only count the columns.

    With letters, parentheses or sums among them a number may be repeated or left out, as happens
    by hand; bare numbers must follow each other, for they could be data.
    """
    written = [fold(text(value)) for _, value in cells]
    matches = [_NUMBER.fullmatch(cell) for cell in written]
    if len(written) < FEWEST or not all(matches):
        return False
    numbers = [int(m[1]) for m in matches if m and m[1]]
    if len(numbers) < FEWEST - 1 or numbers[0] > FEWEST:
        return False
    steps = [after - before for before, after in pairwise(numbers)]
    marked = any(m and (m["sum"] or m["letter"] or m[0] != m[1]) for m in matches)
    return all(0 <= s <= FEWEST for s in steps) if marked else all(s == 1 for s in steps)
