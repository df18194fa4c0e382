"""Says everything that users read: the catalogue vi.toml, by dotted key."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def catalogue() -> dict[str, Any]:
    """The whole catalogue as nested tables; leaves are sentences with named fields."""
    return tomllib.loads(files("schemas").joinpath("vi.toml").read_text(encoding="utf-8"))


def say(key: str, /, **values: object) -> str:
    """The sentence at `key` (`finding.required`) with its fields filled in.

    Values are put in as they are, so that numbers and dates come formatted already; values that
    the sentence does not use are ignored. Raises KeyError where the key is no sentence, or where
    a field of the sentence has no value.
    """
    text: Any = catalogue()
    for part in key.split("."):
        if not isinstance(text, dict) or part not in text:
            raise KeyError(key)
        text = text[part]
    if not isinstance(text, str):
        raise KeyError(key)
    return text.format(**values)
