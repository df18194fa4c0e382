"""Names the first of many units within a sentence, and says how many more there are."""

from collections.abc import Sequence

from schemas.texts import say

FIRST = 3
"""Named where there are more than can be named: who needs all of them has a list."""


def and_more(units: Sequence[str], most: int, between: str = ", ") -> str:
    """`A, B, C và 5 đơn vị khác`: by name as long as they are no more than `most`."""
    if len(units) <= most:
        return between.join(units)
    shown = between.join(units[:FIRST])
    return say("mail.digest.and-more", units=shown, count=len(units) - FIRST)
