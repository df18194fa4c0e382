"""Each role on each side of each act; whose name counts at a terminal and on the page."""

from collections.abc import Mapping
from unicodedata import normalize

import pytest

from rules.access import MAY, nobody_may, speaker
from schemas.access import Act, Refusal, Role
from schemas.settings import Access, Person

NOBODY = Access()
PEOPLE = Access(
    people={
        "thang": Person(name="Vũ Đức Thắng", roles=(Role.OFFICER,), deputies=("lan",)),
        "lan": Person(name="Trần Thị Lan", roles=(Role.CLERK,)),
        "minh": Person(name="Lê Minh", roles=(Role.LEADER, Role.ADMIN)),
    }
)


def reason(found: str | Refusal) -> str:
    assert isinstance(found, Refusal)
    return found.reason


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("page", [False, True])
def test_each_role_may_what_it_may_and_nothing_else(act: Act, role: Role, page: bool) -> None:
    access = Access(people={"an": Person(name="An", roles=(role,))}, page=True)
    may = {
        Role.CLERK: set(),
        Role.OFFICER: {Act.APPROVE, Act.EXCUSE, Act.ADJUST, Act.RELEASE},
        Role.LEADER: {Act.APPROVE, Act.EXCUSE},
        Role.ADMIN: {Act.RESTORE},
    }[role]
    found = speaker(access, act, "worker" if page else "an", "An", page=page)
    assert (found == "An") if act in may else (reason(found) == "role")


@pytest.mark.parametrize(
    "by", ["Vũ Đức Thắng", "vũ  đức thắng ", "thang", "", normalize("NFD", "Vũ Đức Thắng")]
)
def test_ones_own_name_however_written_is_recorded_as_the_settings_have_it(by: str) -> None:
    assert speaker(PEOPLE, Act.APPROVE, "thang", by, page=False) == "Vũ Đức Thắng"


@pytest.mark.parametrize(
    ("login", "by", "why"),
    [
        ("root", "Vũ Đức Thắng", "unknown-login"),
        ("minh", "Vũ Đức Thắng", "other-name"),
        ("thang", "Trần Thị Lan", "other-name"),  # lan may for thang, not thang for lan
        ("thang", "Nguyễn Văn Ai", "other-name"),
        ("lan", "Trần Thị Lan", "role"),
        ("lan", "", "role"),
    ],
)
def test_another_name_or_an_unknown_login_is_refused(login: str, by: str, why: str) -> None:
    assert reason(speaker(PEOPLE, Act.APPROVE, login, by, page=False)) == why


def test_a_refusal_tells_what_its_sentence_names() -> None:
    def facts(login: str, by: str, *, page: bool = False) -> Mapping[str, str]:
        access = PEOPLE.model_copy(update={"page": True})
        found = speaker(access, Act.APPROVE, login, by, page=page)
        assert isinstance(found, Refusal)
        return found.facts

    assert facts("root", "Ai") == {"login": "root"}
    assert facts("minh", "Ai") == {"login": "minh", "by": "Ai", "name": "Lê Minh"}
    assert facts("lan", "") == {"name": "Trần Thị Lan"}
    assert facts("worker", "Ai", page=True) == {"by": "Ai"}


def test_a_deputy_speaks_in_the_name_of_who_named_her() -> None:
    assert speaker(PEOPLE, Act.ADJUST, "lan", "Vũ Đức Thắng", page=False) == "Vũ Đức Thắng"


@pytest.mark.parametrize("access", [NOBODY, PEOPLE])
@pytest.mark.parametrize("act", Act)
def test_the_page_is_refused_unless_the_settings_allow_it(access: Access, act: Act) -> None:
    assert reason(speaker(access, act, "thang", "Vũ Đức Thắng", page=True)) == "page"


def test_on_an_allowed_page_the_name_must_be_one_of_the_people() -> None:
    allowed = PEOPLE.model_copy(update={"page": True})
    assert speaker(allowed, Act.APPROVE, "worker", "Lê Minh", page=True) == "Lê Minh"
    assert reason(speaker(allowed, Act.APPROVE, "minh", "Ai Đó", page=True)) == "unknown-name"
    assert reason(speaker(allowed, Act.APPROVE, "minh", "", page=True)) == "unknown-name"
    assert reason(speaker(allowed, Act.APPROVE, "minh", "lan", page=True)) == "role"
    assert speaker(Access(page=True), Act.APPROVE, "worker", " Ai Đó ", page=True) == "Ai Đó"


def test_without_people_the_name_is_taken_as_said() -> None:
    assert all(speaker(NOBODY, act, "root", " Ai Đó ", page=False) == "Ai Đó" for act in Act)


def test_what_nobody_may_do_is_named() -> None:
    assert list(nobody_may(PEOPLE)) == []
    assert list(nobody_may(NOBODY)) == []
    clerks = Access(people={"lan": PEOPLE.people["lan"]})
    assert list(nobody_may(clerks)) == list(Act) == list(MAY)


def test_two_people_of_one_name_are_refused() -> None:
    two = {key: Person(name=name, roles=(Role.CLERK,)) for key, name in (("a", "An"), ("b", "an "))}
    with pytest.raises(ValueError, match="trùng họ tên"):
        Access(people=two)
