"""Names the first of many within a sentence, and says how many more there are."""

from collections.abc import Sequence

from schemas.texts import say


def and_more(names: Sequence[str], most: int) -> str:
    """`A, B và 3 đơn vị khác`: at most so many by name."""
    shown = ", ".join(names[:most])
    rest = len(names) - most
    return say("mail.digest.and-more", units=shown, count=rest) if rest > 0 else shown
