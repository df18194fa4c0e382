"""Shows a past report made again: each document with what became of it, for people and machines."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from reports.numbers import short_date
from schemas.reproduction import SOUND, Compared, Misread, Outcome, Renewed, Reproduction
from schemas.texts import say


def lines(found: Reproduction) -> Iterator[str]:
    """What is wrong, each with its place; of what is sound the count, and the notes."""
    kept = found.reported
    yield say(
        "reproduce.title",
        period=kept.period.label,
        day=short_date(kept.business_date),
        sha256=kept.dossier[:12],
    )
    broken = [one for one in found.inputs if one.wrong]
    yield say("reproduce.inputs", count=len(found.inputs) - len(broken), total=len(found.inputs))
    for one in broken:
        kind = say(f"reproduce.kind.{one.kind}")
        yield "  " + say("reproduce.input", kind=kind, name=one.name, wrong=one.wrong)
    yield say("reproduce.cells", count=found.cells - len(found.misread), total=found.cells)
    yield from (f"  {_misread(one)}" for one in found.misread)
    counts = Counter(one.outcome for one in found.documents)
    total = len(found.documents)
    yield say("reproduce.documents", count=counts[Outcome.IDENTICAL], total=total)
    for document in found.documents:
        if document.outcome is not Outcome.IDENTICAL:
            yield from _document(document)
    if found.renewed:
        yield say("reproduce.other-lock")
        yield from (f"  {_renewed(one)}" for one in found.renewed)
    if found.identical:
        yield say("reproduce.identical")


def _misread(one: Misread) -> str:
    where = {"unit": one.unit, "file": one.file, "sheet": one.sheet, "cell": one.cell or "?"}
    return say("reproduce.misread", **where, said=one.said, found=one.found)


def _document(one: Compared) -> Iterator[str]:
    yield "  " + say("reproduce.document", name=one.name, outcome=outcome(one.outcome))
    yield from (f"    {place}" for place in one.where)


def outcome(what: Outcome) -> str:
    """What became of a document, in words."""
    return say(f"reproduce.outcome.{what}")


def _renewed(one: Renewed) -> str:
    nothing = say("reproduce.nothing")
    then, now = one.then or nothing, one.now or nothing
    return say("reproduce.renewed", part=one.part, then=then, now=now)


def plain(found: Reproduction) -> dict[str, Any]:
    """`dondoc reproduce --json`."""
    kept = found.reported
    return {
        "period": str(kept.period),
        "business_date": kept.business_date.isoformat(),
        "made_at": kept.made_at.isoformat(),
        "dossier": kept.dossier,
        "registry": kept.registry,
        "submissions": [{"unit": unit, "sha256": sha256} for unit, sha256 in kept.submissions],
        "identical": found.identical,
        "inputs": [vars(one) for one in found.inputs],
        "cells": found.cells,
        "misread": [vars(one) for one in found.misread],
        "documents": [
            {
                "name": one.name,
                "outcome": one.outcome.value,
                "sound": one.outcome in SOUND,
                "where": list(one.where),
            }
            for one in found.documents
        ],
        "same_lock": not found.renewed,
        "renewed": [vars(one) for one in found.renewed],
    }
