"""Decides whether a batch of letters is so unlike earlier ones that a person must look first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from schemas.settings import Tripwires


@dataclass(frozen=True)
class Letter:
    """One message to one recipient; `content` is the same where the same letter is."""

    id: int
    recipient: str
    content: str


@dataclass(frozen=True)
class Extent:
    """How much of one kind a period has released: messages, and the share of its units that they
    went to (None where that says nothing)."""

    letters: int
    share: Fraction | None = None


@dataclass(frozen=True)
class Tripped:
    """A line that a batch has crossed, with what is to be told of it; `letters` are those held."""

    key: str
    facts: Mapping[str, str | int]
    letters: tuple[int, ...]


def tripped(
    batch: Sequence[Letter],
    before: Collection[Letter],
    share: Fraction | None,
    earlier: Extent | None,
    wires: Tripwires,
) -> list[Tripped]:
    """The lines that a batch of one kind crosses; `before` is what its period has released of the
    kind, `share` that of its units which get it, with the batch, and `earlier` the last period that
    had any. Without one, and where the batch is small, only the absolute limits count."""
    everything = tuple(one.id for one in batch)
    count = len(before) + len(batch)
    found = []
    if count > wires.most:
        found.append(Tripped("most", {"count": count, "limit": wires.most}, everything))
    if earlier and count > wires.few:
        told: dict[str, str | int] = {"count": count, "earlier": earlier.letters}
        if count > wires.times * earlier.letters:
            found.append(Tripped("times", told | {"times": f"{wires.times:f}"}, everything))
        if share and earlier.share and share >= Fraction(wires.share) * earlier.share:
            shares: dict[str, str | int] = {
                "now": round(share * 100),
                "before": round(earlier.share * 100),
            }
            found.append(Tripped("share", shares, everything))
    return [*found, *_strangers(batch, wires), *_again(batch, before)]


def _strangers(batch: Sequence[Letter], wires: Tripwires) -> list[Tripped]:
    if not wires.domains:
        return []
    outside = [one for one in batch if not _inside(one.recipient, wires.domains)]
    return _told("domain", outside)


def _inside(recipient: str, domains: Collection[str]) -> bool:
    """Whether an address is of a domain, or of one below it."""
    domain = recipient.rpartition("@")[2].casefold()
    return any(domain == one or domain.endswith(f".{one}") for one in domains)


def _again(batch: Sequence[Letter], before: Collection[Letter]) -> list[Tripped]:
    seen = {(one.recipient.casefold(), one.content) for one in before}
    twice = []
    for one in batch:
        key = (one.recipient.casefold(), one.content)
        if key in seen:
            twice.append(one)
        seen.add(key)
    return _told("twice", twice)


def _told(key: str, letters: Sequence[Letter]) -> list[Tripped]:
    if not letters:
        return []
    addresses = list(dict.fromkeys(one.recipient for one in letters))
    shown = ", ".join(addresses[:3]) + (", …" if len(addresses) > 3 else "")
    facts: dict[str, str | int] = {"count": len(addresses), "addresses": shown}
    return [Tripped(key, facts, tuple(one.id for one in letters))]
