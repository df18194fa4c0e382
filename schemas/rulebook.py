"""A rule as the documents describe it: what it declares, and an example that it judged itself."""

from dataclasses import dataclass

from schemas.evidence import Evidence
from schemas.flags import Flag, Rule


@dataclass(frozen=True)
class Example:
    """Figures few enough to work out by hand."""

    evidence: Evidence
    changes: tuple[str, ...] = ()
    """Settings below `rules` that differ from the defaults, as `--set` takes them."""


@dataclass(frozen=True)
class Described:
    """`parameters` are (dotted name, default as text); `flags` what the rule found in the
    example."""

    rule: Rule
    parameters: tuple[tuple[str, str], ...]
    example: Example
    flags: tuple[Flag, ...]
