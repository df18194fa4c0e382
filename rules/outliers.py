"""Decides whether a cumulative figure is out of line with the figures before it."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import pairwise

from schemas.forms import DONG
from schemas.settings import Checks

LAST_MONTH = 12
"""What the year leaves over is paid in December: a surge then is no news."""
FEWEST_DIGITS = 3
"""Shorter amounts differ by two swapped digits too often by chance."""


def surge(
    disbursed: Decimal,
    earlier: Mapping[int, Decimal],
    month: int,
    budget: Decimal,
    checks: Checks,
) -> Decimal | None:
    """The largest rise of a month so far, where the rise of this `month` lies far beyond it; None
    where it does not. triệu đồng; `earlier` is month -> cumulative figure, months may be missing:
    a rise over several months counts as so many equal ones, and the year begins at 0.
    """
    if not earlier or month >= LAST_MONTH:
        return None
    course = [(0, Decimal(0)), *sorted(earlier.items())]
    rises = [(high - low) / (there - here) for (here, low), (there, high) in pairwise(course)]
    usual = max(rises)
    last, figure = course[-1]
    rise = disbursed - figure
    enough = sum(one > 0 for one in rises) >= checks.surge_rises
    far = rise > checks.surge_times * usual * (month - last)
    large = rise >= checks.surge_share * budget
    return usual.quantize(DONG) if enough and far and large else None


def swapped(amount: Decimal, plausible: Iterable[Decimal | None]) -> Decimal | None:
    """The plausible amount that `amount` becomes when two neighbouring digits change places."""
    return next((one for one in plausible if one is not None and _swapped(amount, one)), None)


def _swapped(one: Decimal, other: Decimal) -> bool:
    if one == other:
        return False
    written, meant = (f"{abs(x).quantize(DONG):f}".replace(".", "") for x in (one, other))
    if (one < 0) is not (other < 0) or len(written) != len(meant):
        return False
    at = [n for n, (a, b) in enumerate(zip(written, meant, strict=True)) if a != b]
    return (
        len(meant.strip("0")) >= FEWEST_DIGITS
        and len(at) == 2
        and at[1] == at[0] + 1
        and written[at[0]] == meant[at[1]]
        and written[at[1]] == meant[at[0]]
    )
