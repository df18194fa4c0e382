"""Writes the pages of the rules, English and Vietnamese, from what the rules declare."""

from collections.abc import Iterable, Iterator, Sequence

from reports.explained import sentence, severity
from reports.numbers import NOTHING, decimals, money, percent, short_date
from schemas.flags import Flag, Matter, Subject
from schemas.rulebook import Described
from schemas.texts import say, shipped, speaking

_TITLE = """# Rules

Generated from the declarations in `rules/`, `schemas/settings.py` and the catalogues by `make
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

What it decides stands in one file with its test: a module in `rules/` and one in `tests/unit/`.
What it declares stands where all rules declare theirs. The steps stand in
[CONTRIBUTING.md](../CONTRIBUTING.md) under "a rule (flag)". The module declares `RULE` and
decides with `flagged()`; the settings declare its switch and thresholds, which `dondoc.toml` and
`--set` then take by name; the catalogues have what it says; `rules/examples.py` the example of
this page. The tests say what is missing: a rule without its sentence, its example, its line in
the tables of [operations.md](operations.md), or a page that is not current, fails. Then try it
before it is used: `dondoc rules try` on the last months, `dondoc rules backtest` on the years
that are known. No plug-ins and no expression language: what can be contested before a minister is
read in one place, and tested.
"""


_MANY = {Subject.UNIT: "units", Subject.ACTIVITY: "activities"}


def english(rules: Sequence[Described]) -> str:
    """docs/rules.md."""
    with speaking(shipped("en")):
        return _all_english(rules)


def _all_english(rules: Sequence[Described]) -> str:
    contents = _table(
        ("rule", "title", "flags"),
        (
            (f"[{one.rule.name}](#{one.rule.name})", _title(one), _flag_text(one, "formula"))
            for one in rules
        ),
    )
    return "\n".join((_TITLE, contents, *map(_english, rules), _NEW_RULE))


def _english(one: Described) -> str:
    subjects = " and ".join(_MANY[subject] for subject in one.rule.subjects)
    lines = [
        f"## {one.rule.name}\n",
        f"{_title(one)}, version {one.rule.version}, on {subjects}.\n",
        f"**Formula.** {_flag_text(one, 'formula')}.\n",
        _parameters(one, _words("parameter", "default", "meaning", "origin"))
        or say("rulebook.no-parameters") + "\n",
        f"**Example**{_set(one, ', with')}.\n",
        *_given(one),
        *(
            f"- {flag.activity or f'unit {flag.unit}'}: {_grave(flag)}. "
            f"{sentence(flag)} “{_in_vietnamese(flag)}”"
            for flag in one.flags
        ),
        "",
    ]
    return "\n".join(lines)


def _in_vietnamese(flag: Flag) -> str:
    with speaking(shipped("vi")):
        return sentence(flag)


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
        f"**{say('rulebook.example')}**{_set(one, say('rulebook.with'))}.\n",
        *_given(one),
        *(
            "- "
            + say(
                "rulebook.result",
                subject=flag.activity or say("rulebook.whole", unit=flag.unit),
                severity=severity(flag).lower(),
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


def _parameters(one: Described, heads: tuple[str, ...]) -> str:
    """Nothing where there are none."""
    rows = [
        (
            f"`rules.{name}`",
            f"`{value}`",
            say(f"parameter.{name}.sentence", value=decimals(value)),
            say(f"parameter.{name}.origin"),
        )
        for name, value in one.parameters
    ]
    return _table(heads, rows) if rows else ""


def _set(one: Described, word: str) -> str:
    return f"{word} `{'`, `'.join(one.example.changes)}`" if one.example.changes else ""


def _given(one: Described) -> Iterator[str]:
    """Tables of what the case holds: figures, what is foretold, milestones. A column is left out
    where the case says nothing there."""
    months = one.example.evidence.months
    figures = [
        {
            "month": str(month.period),
            "unit": f.unit,
            "activity": f.code,
            "budget": money(f.budget.denominator),
            "disbursed": money(f.disbursed),
            "estimate": money(f.estimate),
            "proposal": money(f.proposal),
            "solution": f.solution or NOTHING,
        }
        for month in months
        for f in month.figures
    ]
    outlooks = [
        {
            "unit": unit,
            "foretold": percent(outlook.rate),
            "lowest": percent(outlook.low),
            "highest": percent(outlook.high),
        }
        for month in months
        for unit, outlook in month.outlooks.items()
    ]
    milestones = [
        {
            "part": milestone.code,
            "due": short_date(milestone.due) if milestone.due else NOTHING,
            "completion": money(milestone.completion),
        }
        for month in months
        for milestone in month.milestones
    ]
    for rows in (figures, outlooks, milestones):
        if rows:
            told = [head for head in rows[0] if any(row[head] != NOTHING for row in rows)]
            cells = (tuple(row[head] for head in told) for row in rows)
            yield _table(_words(*told), cells)


def _grave(flag: Flag) -> str:
    return "good news" if flag.matter is Matter.PRAISE else f"`{flag.severity}`"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    cells = ([cell.replace("|", r"\|") for cell in line] for line in lines)
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)
