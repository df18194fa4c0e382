"""The headings under which a form's columns are also known, and the words that rule a column out;
they stand in synonyms.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _catalogue() -> dict[str, Any]:
    written = files("schemas").joinpath("synonyms.toml").read_text(encoding="utf-8")
    return tomllib.loads(written)


def synonyms(form: str) -> Mapping[str, tuple[str, ...]]:
    """Field name -> its other headings, of the form of that name; a form may have none."""
    return {field: tuple(known) for field, known in _catalogue().get(form, {}).items()}


def choices() -> Mapping[str, tuple[str, ...]]:
    """Choice -> what else stands for it; `{label}` is the heading of its column."""
    return {choice: tuple(known) for choice, known in _catalogue()["choices"].items()}


def groups() -> tuple[str, ...]:
    """Names of kinds of spending that head a group of rows, beside the sources of funds."""
    return tuple(_catalogue()["groups"]["names"])


def never(where: str) -> tuple[str, ...]:
    """Words that say the column holds something else, `above` or `beside` its label, or that a
    further table does, in its `title`."""
    return tuple(_catalogue()["never"][where])
