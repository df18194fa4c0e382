"""Decides how a file that is not read is told of: one finding, with the words for what it names."""

from schemas.findings import Finding, Severity
from schemas.texts import say
from tasks.formats import Refused

_WORDS = {"what": "bound", "kind": "kind"}
"""Values that name a text: the table of the texts that holds it."""


def sentence(refused: Refused) -> str:
    """Why, and what to do; raises KeyError without such a sentence or one of its fields."""
    values = {
        key: say(f"{_WORDS[key]}.{value}") if key in _WORDS else value
        for key, value in refused.values.items()
    }
    return say(f"finding.{refused.rule}", **values)


def finding(refused: Refused, name: str) -> Finding:
    """The one finding of a file."""
    return Finding(refused.rule, Severity.ERROR, sentence(refused), name)
