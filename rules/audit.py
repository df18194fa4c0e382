"""Decides what a row of the audit log is sealed with, and whether the chain of rows is whole."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from schemas.integrity import Act, Damage, Entry, Facts, Head

FACTS = {"adjust": ("amount", "decision", "day"), "excuse": ("since", "until", "because")}
"""Of the acts whose rows are never changed: what the row and its line in the log both say."""
GENESIS = "0" * 64
"""What the first row is chained to."""


def sealed(entry: Entry) -> str:
    """The SHA-256 over the previous row's hash and everything that the row says."""
    content = [
        entry.number,
        entry.at.isoformat(timespec="microseconds"),
        entry.on.isoformat(),
        entry.what,
        entry.by,
        entry.login,
        entry.subject,
        entry.before,
        entry.after,
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{entry.previous}\n{text}".encode()).hexdigest()


def damages(entries: Sequence[Entry], head: Head | None, known: str | None = None) -> list[Damage]:
    """What is changed, missing or out of order in the rows, which come by number.

    `head` is the newest row as the database noted it apart, `known` the hash of some row as it
    stands outside of the machine: of a chain that somebody wrote anew from end to end only `known`
    can tell.
    """
    found = list(_broken(entries))
    last = entries[-1] if entries else None
    number = last.number if last else 0
    if head and head.number > number:
        found.append(_missing(number + 1, head.number))
    elif last and (head is None or head != Head(last.number, last.hash)):
        found.append(Damage("audit-head", {"number": last.number}))
    if known and known not in {entry.hash for entry in entries}:
        found.append(Damage("audit-other-chain", {"hash": known}))
    return found


def _broken(entries: Iterable[Entry]) -> Iterator[Damage]:
    before = Head(0, GENESIS)
    for entry in entries:
        if entry.number != before.number + 1:
            yield _missing(before.number + 1, entry.number - 1)
        elif entry.previous != before.hash:
            yield Damage("audit-link", {"number": entry.number, "before": before.number})
        if sealed(entry) != entry.hash:
            yield Damage("audit-altered", {"number": entry.number})
        before = Head(entry.number, entry.hash)


def _missing(first: int, last: int) -> Damage:
    return Damage("audit-missing", {"first": first, "last": last})


def unlike(entries: Sequence[Entry], acts: Sequence[Act]) -> list[Damage]:
    """Where acts and the log do not say the same: an act that is gone or another by now, and one
    that nobody logged, made after the log began."""
    logged, made = Counter(map(_logged, entries)), Counter(map(_made, acts))
    gone = logged - made
    found = []
    for entry in entries:
        if gone[_logged(entry)] and entry.what in FACTS:
            gone[_logged(entry)] -= 1
            facts = {"number": entry.number, "subject": entry.subject}
            found.append(Damage(f"{entry.what}-changed", facts))
    unlogged = made - logged
    for act in acts:
        if unlogged[_made(act)] and entries and act.at >= entries[0].at:
            unlogged[_made(act)] -= 1
            found.append(Damage(f"{act.what}-unlogged", {"subject": act.subject}))
    return found


def _logged(entry: Entry) -> tuple[str, ...]:
    return _plain(entry.what, entry.subject, entry.after)


def _made(act: Act) -> tuple[str, ...]:
    return _plain(act.what, act.subject, act.facts)


def _plain(what: str, subject: str, facts: Facts) -> tuple[str, ...]:
    return (what, subject, *(str(facts.get(name)) for name in FACTS.get(what, ())))


def approvals_of(entry: Entry) -> Iterator[tuple[str, str, str, str | None]]:
    """The approvals that a row tells of: notice, content, name, and the signed file's hash."""
    signed = entry.after.get("signed", {})
    for notice, content in entry.after.get("notices", {}).items():
        yield notice, content, entry.by, signed.get(notice)


def changes(before: Facts, after: Facts) -> tuple[Facts, Facts]:
    """What of two states differs, as it was and as it is; what exists in one only is left out of
    the other."""
    names = sorted(
        name
        for name in before.keys() | after.keys()
        if name not in before or name not in after or before[name] != after[name]
    )
    return (
        {name: before[name] for name in names if name in before},
        {name: after[name] for name in names if name in after},
    )
