"""Decides what is one decision on money, however its number is written and wherever it stands."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from rules.numbers import bare, show, text
from schemas.findings import Finding, Severity
from schemas.registry import LEDGER, LedgerRow, Registry
from schemas.texts import say

_LEADING = re.compile(r"^(?:quyet dinh|qd)?\s*(?:so)?\s*[:.]?\s*(?=\d)")
_BEHIND = re.compile(r"(?:\W*\bngay\b.*|\s*\([^()]*\))$")
_PREFIX = re.compile(r"^(?:quyết định|qđ)?\s*(?:số)?\s*[:.]?\s*(?=\d)", re.IGNORECASE)
_ZEROS = re.compile(r"^0+(?=\d)")


def number_of(decision: str) -> str:
    """What a decision number is known by: case, blanks, kinds of dash, diacritics, a leading
    `Quyết định số`, a date or a remark in brackets behind it and leading zeros (Decree
    30/2020/NĐ-CP writes `05/QĐ-UBDT`) make no difference."""
    return _ZEROS.sub("", re.sub(r"\s", "", _BEHIND.sub("", _LEADING.sub("", bare(decision)))))


def bare_number(decision: str) -> str:
    """A decision number as it is stored and shown: without `Quyết định số` before it."""
    return _PREFIX.sub("", text(decision))


class Key(NamedTuple):
    """What a ledger row is known by."""

    year: int
    activity: str
    entry: str
    decision: str


def key(row: LedgerRow) -> Key | None:
    """Year, activity, entry and decision number; None of a row without a number."""
    if not row.decision:
        return None
    return Key(row.year, row.activity, row.entry, number_of(row.decision))


def merged(registry: Registry, decided: Sequence[LedgerRow]) -> Registry:
    """The registry with what was decided in the program, each decision once.

    A decision that stands in registry.xlsx too counts as it stands there, amount and day: that
    sheet is the signed record, and so a slip of the program's is mended there. What concerns no
    activity of the registry is left out (`doubts` tells of it).
    """
    if not decided:
        return registry
    activities = {activity.code for activity in registry.activities}
    seen = {known for row in registry.ledger if (known := key(row))}
    added, superseded = [], []
    for row in decided:
        known = key(row)
        if row.activity not in activities or known is None:
            continue
        if known in seen:
            superseded.append(row)
        else:
            seen.add(known)
            added.append(row)
    ledger = (*registry.ledger, *added)
    return replace(registry, ledger=ledger, superseded=tuple(superseded))


def differs(one: LedgerRow, other: LedgerRow) -> bool:
    """Whether two rows of the same decision disagree on amount or day."""
    return (one.amount, one.day) != (other.amount, other.day)


def doubts(registry: Registry, decided: Sequence[LedgerRow], file: str) -> Iterator[Finding]:
    """What a person should look at where registry.xlsx and the program speak of one decision:
    warnings. `registry` is what the file says alone."""
    activities = {activity.code for activity in registry.activities}
    numbered = {known: row for row in registry.ledger if (known := key(row))}
    for row in decided:
        known = key(row)
        if row.activity not in activities:
            yield _told("decided-unknown-activity", file, row, None)
        elif known in numbered:
            if differs(row, numbered[known]):
                yield _told("decision-differs", file, row, numbered[known])
        elif other := without_number(row, registry.ledger):
            yield _told("decision-without-number", file, row, other)


def without_number(row: LedgerRow, ledger: Iterable[LedgerRow]) -> LedgerRow | None:
    """A row that names no decision and is the same but for that: it may be the same decision."""
    mine = (row.year, row.activity, row.entry, row.amount, row.day)
    for other in ledger:
        its = (other.year, other.activity, other.entry, other.amount, other.day)
        if not other.decision and its == mine:
            return other
    return None


def _told(rule: str, file: str, decided: LedgerRow, row: LedgerRow | None) -> Finding:
    by = decided.recorded
    words = {
        "decision": decided.decision or "",
        "activity": decided.activity,
        "year": decided.year,
        "amount": show(decided.amount),
        "day": _day(decided),
        "by": by.by if by else "",
        "row": row.row if row else "",
        "other": show(row.amount) if row else "",
        "other_day": _day(row) if row else "",
    }
    return Finding(rule, Severity.WARNING, say(f"registry.{rule}", **words), file, LEDGER.sheet)


def _day(row: LedgerRow) -> str:
    return f"{row.day:%d/%m/%Y}" if row.day else say("explain.no-day")
