"""Shows rules and what other thresholds would change, on the terminal and for machines."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.text import Text

from reports import contract
from reports.console import table
from reports.explained import parameter, severity
from reports.numbers import NOTHING, money
from schemas.flags import Flag
from schemas.texts import say
from schemas.trial import Difference, RuleInForce


def rules(found: Sequence[RuleInForce]) -> Iterator[str]:
    """Each rule with its parameters and where their values come from."""
    for one in found:
        state = say(f"rules.{'on' if one.enabled else 'off'}")
        title = say(f"flag.{one.rule.name}.title")
        yield say(
            "rules.rule", name=one.rule.name, version=one.rule.version, title=title, state=state
        )
        yield from (f"  {parameter(name, value)}" for name, value in one.parameters)


def plain_rules(found: Sequence[RuleInForce]) -> list[dict[str, Any]]:
    """`dondoc rules list --json`."""
    return [
        {
            "name": one.rule.name,
            "version": one.rule.version,
            "title": say(f"flag.{one.rule.name}.title"),
            "enabled": one.enabled,
            "parameters": {f"rules.{name}": value for name, value in one.parameters},
        }
        for one in found
    ]


def differences(found: Sequence[Difference], changes: Sequence[str]) -> Iterator[Any]:
    """A line for each flag that would be another, and how many; without `changes` one for each
    flag that there is."""
    if not found:
        key = "rules.nothing-differs" if changes else "rules.nothing-flagged"
        yield say(key, changes=", ".join(changes))
        return
    if not changes:
        yield from _flags(found)
        return
    shown = table(
        say("rules.differences", changes=", ".join(changes)),
        ("period", "unit", "activity", "rule", "today", "tried"),
        (),
    )
    for one in found:
        flag = one.either
        shown.add_row(
            str(one.period),
            Text(flag.unit),
            Text(flag.activity or ""),
            say(f"flag.{flag.rule}.title"),
            _severity(one.today),
            _severity(one.tried),
        )
    yield shown
    new = sum(one.today is None for one in found)
    gone = sum(one.tried is None for one in found)
    yield say("rules.counted", new=new, gone=gone, other=len(found) - new - gone)


def _flags(found: Sequence[Difference]) -> Iterator[Any]:
    columns = ("period", "unit", "activity", "rule", "severity")
    shown = table(say("rules.flags"), columns, ())
    for one in found:
        flag = one.either
        shown.add_row(
            str(one.period),
            Text(flag.unit),
            Text(flag.activity or ""),
            say(f"flag.{flag.rule}.title"),
            _severity(flag),
        )
    yield shown
    yield say("rules.flags-counted", count=len(found))


def plain_differences(found: Sequence[Difference]) -> list[dict[str, Any]]:
    """`dondoc rules try --json`: a flag as today's rules and as the tried ones see it, or null."""
    return [
        {
            "period": str(one.period),
            "unit": one.either.unit,
            "today": contract.flag(one.today) if one.today else None,
            "tried": contract.flag(one.tried) if one.tried else None,
        }
        for one in found
    ]


def _severity(flag: Flag | None) -> str:
    if flag is None:
        return NOTHING
    short = f" ({money(flag.shortfall, 1)})" if flag.shortfall is not None else ""
    return f"{severity(flag)}{short}"
