"""Decides in whose name an act is recorded, and whether that person may do it."""

import unicodedata
from collections.abc import Iterator, Mapping

from schemas.access import Act, Refusal, Role
from schemas.settings import Access, Person

MAY: Mapping[Act, tuple[Role, ...]] = {
    Act.APPROVE: (Role.OFFICER, Role.LEADER),
    Act.EXCUSE: (Role.OFFICER, Role.LEADER),
    Act.ADJUST: (Role.OFFICER,),
    Act.RELEASE: (Role.OFFICER,),
    Act.RESTORE: (Role.ADMIN,),
}
"""One of these roles is enough. All else (collecting, reporting, sending what is approved) needs
none: it speaks in nobody's name."""


def speaker(access: Access, act: Act, login: str, by: str, *, page: bool) -> str | Refusal:
    """The name to be recorded, or why the act is refused.

    `login` is the operating system's word, `by` the person's own. Through Prefect's page (`page`)
    there is no login but the worker's: then the name alone counts, where the settings allow that.
    Without people in the settings the name is taken as said.
    """
    if page and not access.page:
        return Refusal("page", {})
    if not access.people:
        return by.strip()
    person = _on_page(access, by) if page else _at_terminal(access, login, by)
    if isinstance(person, Refusal):
        return person
    may = set(person.roles) & set(MAY[act])
    return person.name if may else Refusal("role", {"name": person.name})


def nobody_may(access: Access) -> Iterator[Act]:
    """The acts that no person of the settings may do."""
    roles = {role for person in access.people.values() for role in person.roles}
    return (act for act, its in MAY.items() if access.people and not roles & set(its))


def _on_page(access: Access, by: str) -> Person | Refusal:
    return _named(access, by) or Refusal("unknown-name", {"by": by})


def _at_terminal(access: Access, login: str, by: str) -> Person | Refusal:
    own = access.people.get(login)
    if own is None:
        return Refusal("unknown-login", {"login": login})
    person = _named(access, by) if by.strip() else own
    if person is None or (person != own and login not in person.deputies):
        return Refusal("other-name", {"login": login, "by": by, "name": own.name})
    return person


def _named(access: Access, by: str) -> Person | None:
    """Who is meant by a login or a name, however it is spaced and capitalised."""
    if by.strip() in access.people:
        return access.people[by.strip()]
    return next((one for one in access.people.values() if _plain(one.name) == _plain(by)), None)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
