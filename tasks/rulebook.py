"""Writes the pages of the rules into docs/: `python -m tasks.rulebook docs`, run by `make docs`."""

import sys
from pathlib import Path

from reports import rulebook
from rules.catalogue import RULES
from rules.examples import EXAMPLES
from rules.judge import judge
from schemas.flags import Flag
from schemas.rulebook import Described, Example
from schemas.settings import Rules, changed

DEFAULTS = Rules()


def described() -> list[Described]:
    """Every rule with its defaults, and what it says of its example."""
    return [
        Described(
            rule,
            tuple((name, DEFAULTS.value(name)) for name in rule.parameters),
            EXAMPLES[rule.name],
            _of(rule.name, EXAMPLES[rule.name]),
        )
        for rule in RULES
    ]


def pages() -> dict[str, str]:
    """File in docs/ -> what stands in it."""
    rules = described()
    return {"rules.md": rulebook.english(rules), "quy-tac.vi.md": rulebook.vietnamese(rules)}


def _of(rule: str, example: Example) -> tuple[Flag, ...]:
    """The rule's own flags; of units only where it flags no activity, since each unit has one."""
    flags = judge(example.evidence, changed(DEFAULTS, example.changes))
    found = tuple(flag for flag in flags if flag.rule == rule)
    return tuple(flag for flag in found if flag.activity) or found


if __name__ == "__main__":
    for name, text in pages().items():
        Path(sys.argv[1], name).write_text(text, encoding="utf-8")
