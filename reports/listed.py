"""Names the first of many units within a sentence, and says how many more there are."""

from collections.abc import Sequence

from schemas.texts import say


def and_more(units: Sequence[str], most: int, between: str = ", ") -> str:
    """`A, B và 3 đơn vị khác`: at most so many by name."""
    shown = between.join(units[:most])
    rest = len(units) - most
    return say("mail.digest.and-more", units=shown, count=rest) if rest > 0 else shown
