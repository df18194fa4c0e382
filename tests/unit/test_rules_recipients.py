"""Who gets what: each kind of notice by the registry's roles, and who may see the whole."""

import pytest

from rules.recipients import own_digests, recipients
from schemas.notices import NoticeKind
from schemas.registry import Contact, Registry, Role

SUBMITTER, HEAD, LEADER, DIGEST = Role


def registry(*contacts: tuple[str | None, str, Role]) -> Registry:
    its = tuple(Contact(unit, f"Bà {email}", None, email, role) for unit, email, role in contacts)
    return Registry("", (), its, (), ())


def sent(kind: NoticeKind, known: Registry, unit: str | None, **more: bool) -> list[list[str]]:
    return [[a.email for a in some] for some in recipients(kind, known, unit, **more)]


STAFFED = registry(
    ("A", "nop@a", SUBMITTER), ("A", "truong@a", HEAD), ("B", "nop@b", SUBMITTER),
    (None, "bo-truong@x", LEADER), (None, "ban-tin@x", DIGEST),
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "unit", "heads", "expected"),
    [
        (NoticeKind.URGING, "A", False, [["truong@a"], ["nop@a"]]),
        (NoticeKind.URGING, "B", False, [["nop@b"], []]),
        (NoticeKind.REMINDER, "A", False, [["nop@a"], []]),
        (NoticeKind.REMINDER, "A", True, [["nop@a"], ["truong@a"]]),
        (NoticeKind.RECEIPT, "C", False, [[], []]),
        (NoticeKind.DIGEST, None, False, [["bo-truong@x", "ban-tin@x"], []]),
        (NoticeKind.DIGEST, "A", False, [[], []]),
    ],
)
def test_the_kind_and_the_roles_decide(
    kind: NoticeKind, unit: str | None, heads: bool, expected: list[list[str]]
) -> None:
    assert sent(kind, STAFFED, unit, heads=heads) == expected


def test_a_head_who_takes_the_digest_sees_the_own_unit_and_nobody_else_does() -> None:
    known = registry(
        ("A", "truong@a", HEAD), ("A", "pho@a", HEAD), (None, "TRUONG@a", DIGEST),
        ("B", "truong@b", HEAD), (None, "bo-truong@x", LEADER),
    )  # fmt: skip
    assert sent(NoticeKind.DIGEST, known, "A") == [["truong@a"], []]
    assert sent(NoticeKind.DIGEST, known, "B") == [[], []]  # takes none
    assert sent(NoticeKind.DIGEST, known, None) == [["bo-truong@x"], []]


def test_a_leader_who_is_head_of_a_unit_sees_the_whole_and_once() -> None:
    known = registry(
        ("A", "truong@a", HEAD), (None, "truong@a", DIGEST), (None, "Truong@A", LEADER)
    )
    assert own_digests(known) == {}
    assert [[e.casefold() for e in some] for some in sent(NoticeKind.DIGEST, known, None)] == [
        ["truong@a"],
        [],
    ]


def test_who_heads_two_units_gets_one_of_each() -> None:
    known = registry(("A", "hai@x", HEAD), ("B", "hai@x", HEAD), ("A", "hai@x", DIGEST))
    assert {unit: [a.email for a in its] for unit, its in own_digests(known).items()} == {
        "A": ["hai@x"],
        "B": ["hai@x"],
    }
    assert sent(NoticeKind.DIGEST, known, None) == [[], []]


def test_who_takes_the_digest_of_a_unit_without_heading_it_sees_the_whole() -> None:
    """As the sample's deputy of Planning-Finance does."""
    known = registry(("A", "pho@a", DIGEST), ("A", "truong@a", HEAD))
    assert sent(NoticeKind.DIGEST, known, None) == [["pho@a"], []]
