"""Decides who gets what: the addressees of each kind of notice."""

from collections.abc import Iterable

from schemas.notices import Address, NoticeKind
from schemas.registry import Contact, Registry, Role

Addressees = tuple[tuple[Address, ...], tuple[Address, ...]]
"""To and Cc; nobody is in both."""


def recipients(
    kind: NoticeKind, registry: Registry, unit: str | None, *, heads: bool = False
) -> Addressees:
    """Who a notice goes to, by the registry's roles.

    An urging letter goes to the unit's heads with its submitters in copy (without a head, to the
    submitters); the digest of the whole (no `unit`) to the leaders and whoever takes it, but for
    the heads of units, who get their own unit's; anything else to the submitters, with the heads
    in copy where `heads` says so (a late reminder). Both empty: nobody is named.
    """
    if kind is NoticeKind.DIGEST:
        return (
            _of_the_whole(registry) if unit is None else own_digests(registry).get(unit, ())
        ), ()
    submitters = _addresses(registry.contacts_of(unit, Role.SUBMITTER))
    chiefs = _addresses(registry.contacts_of(unit, Role.HEAD))
    if kind is NoticeKind.URGING:
        return _first(chiefs, submitters)
    return _first(submitters, chiefs if heads else ())


def own_digests(registry: Registry) -> dict[str, tuple[Address, ...]]:
    """Unit -> those of its heads who take the digest and are no leaders: they see their unit, not
    the others. Who is head of several gets one of each."""
    everything = _emails(registry.contacts_of(None, Role.LEADER))
    takers = _emails(registry.contacts_of(None, Role.DIGEST)) - everything
    heads: dict[str, dict[str, Address]] = {}
    for one in registry.contacts:
        email = one.email.casefold()
        if one.role is Role.HEAD and one.unit and email in takers:
            heads.setdefault(one.unit, {}).setdefault(email, Address(one.name, one.email))
    return {unit: tuple(its.values()) for unit, its in heads.items()}


def _of_the_whole(registry: Registry) -> tuple[Address, ...]:
    limited = {a.email.casefold() for its in own_digests(registry).values() for a in its}
    takers = registry.contacts_of(None, Role.LEADER, Role.DIGEST)
    return _addresses(c for c in takers if c.email.casefold() not in limited)


def _emails(contacts: Iterable[Contact]) -> set[str]:
    return {c.email.casefold() for c in contacts}


def _addresses(contacts: Iterable[Contact]) -> tuple[Address, ...]:
    return tuple(Address(c.name, c.email) for c in contacts)


def _first(to: tuple[Address, ...], cc: tuple[Address, ...]) -> Addressees:
    if not to:
        return cc, ()
    named = {a.email.casefold() for a in to}
    return to, tuple(a for a in cc if a.email.casefold() not in named)
