"""Decides which of a column's choices a cell names."""

from collections.abc import Mapping
from functools import lru_cache

from rules.numbers import NOTHING, Meaning, fold, plain, text
from schemas.findings import Severity
from schemas.forms import Field
from schemas.reading import Problem
from schemas.synonyms import choices


def choice(cell: object, field: Field) -> Meaning:
    """The choice that the cell names, however it is written; said where by another word."""
    words = text(cell)
    if plain(words) in NOTHING:
        return None, None
    folded = fold(words)
    exact, also = _known(field.choices, field.label)
    if folded in exact:
        return exact[folded], None
    if folded in also:
        meant = also[folded]
        return meant, Problem("read-as-choice", words, Severity.INFO, meant)
    return None, Problem("not-a-choice", words)


@lru_cache(maxsize=64)
def _known(offered: tuple[str, ...], label: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    also = {
        fold(words.replace("{label}", label)): choice
        for choice in offered
        for words in choices().get(choice, ())
    }
    return {fold(choice): choice for choice in offered}, also
