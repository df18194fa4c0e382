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
    submitters); the digest to the leaders and whoever takes it; anything else to the submitters,
    with the heads in copy where `heads` says so (a late reminder). Both empty: nobody is named.
    """
    if kind is NoticeKind.DIGEST:
        return _addresses(registry.contacts_of(None, Role.LEADER, Role.DIGEST)), ()
    submitters = _addresses(registry.contacts_of(unit, Role.SUBMITTER))
    chiefs = _addresses(registry.contacts_of(unit, Role.HEAD))
    if kind is NoticeKind.URGING:
        return _first(chiefs, submitters)
    return _first(submitters, chiefs if heads else ())


def _addresses(contacts: Iterable[Contact]) -> tuple[Address, ...]:
    return tuple(Address(c.name, c.email) for c in contacts)


def _first(to: tuple[Address, ...], cc: tuple[Address, ...]) -> Addressees:
    if not to:
        return cc, ()
    named = {a.email.casefold() for a in to}
    return to, tuple(a for a in cc if a.email.casefold() not in named)
