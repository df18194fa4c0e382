"""Decides whether the sums that a table shows are those of its rows: a lost row shows here."""

from bisect import bisect, bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from rules.columns import meanings
from rules.rows import Sorted
from schemas.forms import DONG, Field, Row
from schemas.reading import Grid, Place

HALF = Decimal("0.5")
"""Of the last digit shown: what rounding may add to each row."""

FLOATING = Decimal("1e-9")
"""Of the sum: what binary fractions may lose."""


_NONE = Decimal(0)
_BORDERS = frozenset({"total", "group", "heading"})
"""Rows between which a sub-total adds up."""


@dataclass(frozen=True)
class Differs:
    """A total that is not the sum of the rows, in triệu đồng."""

    place: Place
    column: Field
    shown: Decimal
    summed: Decimal


def differing(
    grid: Grid, rows: Sequence[Row], found: Sorted, column: tuple[Field, int], factor: Decimal
) -> Iterator[Differs]:
    """The totals of a column that are the sum neither of all the rows, nor of those above or
    below, nor of those between it and the next total or group."""
    field, at = column
    numbers = [row.number - 1 for row in rows]
    sums = list(accumulate((row.values[field.name] or Decimal(0) for row in rows), initial=_NONE))
    borders = sorted(row for row, reason in found.skipped if reason in _BORDERS)
    for total in found.totals:
        value = grid.value(total, at)
        shown, told = meanings([value], field, factor)[0]
        if (total, at) in grid.flaws or told or not isinstance(shown, Decimal):
            continue
        place, here = bisect(numbers, total), bisect_left(borders, total)
        above = bisect(numbers, borders[here - 1]) if here else 0
        below = bisect(numbers, borders[here + 1]) if here + 1 < len(borders) else len(rows)
        parts = ((0, len(rows)), (0, place), (place, len(rows)), (above, place), (place, below))
        unit = _last_digit(value, factor)
        if not any(_is_sum(shown, sums[b] - sums[a], b - a, unit) for a, b in parts):
            yield Differs((total, at), field, shown, sums[-1])


def _is_sum(shown: Decimal, summed: Decimal, rows: int, unit: Decimal) -> bool:
    return abs(shown - summed) <= max(HALF * unit * (rows + 1), FLOATING * abs(summed))


def _last_digit(value: object, factor: Decimal) -> Decimal:
    """One unit of the last digit written, in triệu đồng."""
    written = Decimal(repr(value)) if isinstance(value, int | float) else Decimal(0)
    exponent = written.normalize().as_tuple().exponent if written else 0
    digit = Decimal(1).scaleb(min(int(exponent), 0)) if isinstance(exponent, int) else Decimal(1)
    return max(digit * factor, DONG)
