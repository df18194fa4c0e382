"""Writes the pages of the rules into docs/: `python -m tasks.rulebook docs`, run by `make docs`."""

import sys
from pathlib import Path

from reports import rulebook
from rules.catalogue import RULES
from rules.examples import EXAMPLES
from rules.judge import judge
from schemas.board import ActivityFigure
from schemas.flags import Flag
from schemas.rulebook import Described, Example
from schemas.settings import Rules

DEFAULTS = Rules()


def described() -> list[Described]:
    """Every rule with its defaults, and what it says of its example."""
    return [
        Described(
            rule,
            tuple((name, DEFAULTS.value(name)) for name in rule.parameters),
            EXAMPLES[rule.name],
            _of(rule.name, _judged(EXAMPLES[rule.name])),
        )
        for rule in RULES
    ]


def pages() -> dict[str, str]:
    """File in docs/ -> what stands in it."""
    rules = described()
    return {"rules.md": rulebook.english(rules), "quy-tac.vi.md": rulebook.vietnamese(rules)}


def _of(rule: str, flags: tuple[Flag, ...]) -> tuple[Flag, ...]:
    """The rule's own; of units only where it flags no activity, since the cases' units have one."""
    found = tuple(flag for flag in flags if flag.rule == rule)
    return tuple(flag for flag in found if flag.activity) or found


def _judged(example: Example) -> tuple[Flag, ...]:
    figures: tuple[ActivityFigure, ...] = example.months[-1][1]
    earlier = {
        one.code: {
            period.month: past.disbursed
            for period, its in example.months[:-1]
            for past in its
            if past.code == one.code
        }
        for one in figures
    }
    return judge(figures, earlier, example.period, DEFAULTS)


if __name__ == "__main__":
    for name, text in pages().items():
        Path(sys.argv[1], name).write_text(text, encoding="utf-8")
