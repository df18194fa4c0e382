"""Writes the pages of the rules, English and Vietnamese, from what the rules declare."""

import re
from collections.abc import Iterable, Sequence

from reports.explained import sentence
from reports.numbers import money
from schemas.rulebook import Described
from schemas.texts import say

_TITLE = """# Rules

Generated from the declarations in `rules/`, `schemas/settings.py` and `schemas/vi.toml` by `make
docs`; do not edit. For the officer, in Vietnamese: [quy-tac.vi.md](quy-tac.vi.md).

Each rule is a pure function with a name and a version; both stand on every flag with the
parameters that it was judged by. *budget* is what the rate divides by (`rules.denominators`), by
the decisions dated on or before the period's last day; *pace* is the share of the year expected
by then. Sums and comparisons are exact: who stands on a line is not below it. `watch` is only
shown; `low` and `critical` lead to an urging letter unless the budget is under
`rules.small_amount`. Rates are fractions, money is in triệu đồng. Every example is invented, and
judged by the rule itself with its defaults.
"""
_NEW_RULE = """## How a new rule is added

In one file, with its test: a module in `rules/` and one in `tests/unit/`. The steps stand in
[CONTRIBUTING.md](../CONTRIBUTING.md) under "a rule (flag)". The module declares `RULE` and
decides with `flagged()`; the settings declare its switch and thresholds, which `dondoc.toml` and
`--set` then take by name; `schemas/vi.toml` has what it says; `rules/examples.py` the example of
this page. The tests say what is missing: a rule without its sentence, its example, its line in
the tables of [operations.md](operations.md), or a page that is not current, fails. Then try it
before it is used: `dondoc rules try` on the last months, `dondoc rules backtest` on the years
that are known. No plug-ins and no expression language: what can be contested before a minister is
read in one place, and tested.
"""


def english(rules: Sequence[Described]) -> str:
    """docs/rules.md."""
    contents = _table(
        ("rule", "title", "flags"),
        (
            (f"[{one.rule.name}](#{one.rule.name})", _title(one), _flag_text(one, "formula"))
            for one in rules
        ),
    )
    return "\n".join((_TITLE, contents, *map(_english, rules), _NEW_RULE))


def _english(one: Described) -> str:
    lines = [
        f"## {one.rule.name}\n\n{_title(one)}, version {one.rule.version}.\n",
        f"**Formula.** {_flag_text(one, 'formula')}.\n",
        _parameters(one, ("parameter", "default", "meaning", "origin"), "english-")
        or "No parameters.\n",
        "**Example.**\n",
        _turned(_figures(one, ("month", "unit", "activity", "budget", "disbursed"))),
        *(
            f"- {flag.activity or f'unit {flag.unit}'}: `{flag.severity}`. "
            f"{_turned(sentence(flag, 'english'))} “{sentence(flag)}”"
            for flag in one.flags
        ),
        "",
    ]
    return "\n".join(lines)


def vietnamese(rules: Sequence[Described]) -> str:
    """docs/quy-tac.vi.md."""
    head = [f"# {say('rulebook.title')}"]
    head += [say(f"rulebook.{key}") for key in ("intro", "levels", "change")]
    contents = "\n".join(f"- [{_title(one)}](#{one.rule.name}): `{one.rule.name}`" for one in rules)
    head.append(f"**{say('rulebook.contents')}**\n\n{contents}\n")
    return "\n\n".join(head) + "\n" + "\n".join(map(_vietnamese, rules))


def _vietnamese(one: Described) -> str:
    name = one.rule.name
    lines = [
        f'<a id="{name}"></a>\n\n## {_title(one)}\n',
        f"**{say('rulebook.formula')}.** {say(f'rulebook.{name}.formula')}\n",
        _parameters(one, _words("parameter", "default", "meaning", "origin"))
        or say("rulebook.no-parameters") + "\n",
        f"**{say('rulebook.example')}.**\n",
        _figures(one, _words("month", "unit", "activity", "budget", "disbursed")),
        *(
            "- "
            + say(
                "rulebook.result",
                subject=flag.activity or say("rulebook.whole", unit=flag.unit),
                severity=say(f"severity.{flag.severity}").lower(),
                sentence=sentence(flag),
            )
            for flag in one.flags
        ),
        "",
    ]
    return "\n".join(lines)


def _title(one: Described) -> str:
    return say(f"flag.{one.rule.name}.title")


def _flag_text(one: Described, key: str) -> str:
    return say(f"flag.{one.rule.name}.{key}")


def _words(*keys: str) -> tuple[str, ...]:
    return tuple(say(f"rulebook.{key}") for key in keys)


def _parameters(one: Described, heads: tuple[str, ...], language: str = "") -> str:
    """Nothing where there are none."""
    sentence = "english" if language else "sentence"
    rows = [
        (
            f"`rules.{name}`",
            f"`{value}`",
            say(f"parameter.{name}.{sentence}", value=value if language else _comma(value)),
            say(f"parameter.{name}.{language}origin"),
        )
        for name, value in one.parameters
    ]
    return _table(heads, rows) if rows else ""


def _figures(one: Described, heads: tuple[str, ...]) -> str:
    rows = (
        (str(period), f.unit, f.code, money(f.budget.denominator), money(f.disbursed))
        for period, figures in one.example.months
        for f in figures
    )
    return _table(heads, rows)


def _comma(text: str) -> str:
    return re.sub(r"(?<=\d)\.(?=\d)", ",", text)


def _turned(text: str) -> str:
    """Vietnamese numbers as English writes them: 1.234,5 is 1,234.5."""
    return re.sub(r"(?<=\d)[.,](?=\d)", lambda mark: "," if mark[0] == "." else ".", text)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
