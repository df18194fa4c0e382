"""What a watch found, as a machine and as a person reads it."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from reports.numbers import short_date
from schemas.texts import say
from schemas.watch import Fact, Lapse, Watched


def sentence(one: Lapse) -> str:
    """What did not go as planned, and what to do."""
    told = {name: _shown(name, fact) for name, fact in one.facts.items()}
    return say(f"watch.{one.kind}", **told)


def _shown(name: str, fact: Fact) -> str | int:
    if name in {"notice", "flow"}:
        return say(f"{name}.{fact}")
    if name == "outcome":
        how, _, why = str(fact).partition(": ")
        return why.rstrip(".") if how == "refused" else say(f"watch.outcome-{how}", kind=why)
    if isinstance(fact, datetime):
        return f"{fact:%H:%M} {short_date(fact.date())}"
    return short_date(fact) if isinstance(fact, date) else fact


def verdict(found: Watched) -> str:
    """The whole in one sentence."""
    key = "some" if found.lapses else "none"
    return say(f"watch.{key}", count=len(found.lapses), day=short_date(found.today))


def looked(found: Watched) -> str:
    """What time the watch speaks of."""
    return say("watch.looked", since=_shown("", found.since), at=_shown("", found.at))


def head(found: Watched) -> str:
    """The head of the audit log, to be kept elsewhere; nothing where that is damaged."""
    return say("verify.head", **vars(found.head)) if found.head else ""


def lines(found: Watched) -> Iterator[str]:
    """All of it, for a terminal or a file."""
    yield verdict(found)
    yield from (f"- {sentence(one)}" for one in found.lapses)
    yield looked(found)
    if found.head:
        yield head(found)


def answer(found: Watched) -> dict[str, Any]:
    """The same for a machine."""
    return {
        "as_planned": not found.lapses,
        "today": found.today.isoformat(),
        "since": found.since.isoformat(),
        "at": found.at.isoformat(),
        "lapses": [
            {"kind": one.kind, "message": sentence(one), "facts": _plain(one)}
            for one in found.lapses
        ],
        "head": vars(found.head) if found.head else None,
    }


def _plain(one: Lapse) -> dict[str, str | int]:
    return {
        name: fact.isoformat() if isinstance(fact, date) else fact
        for name, fact in one.facts.items()
    }
