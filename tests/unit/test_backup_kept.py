"""What a backup holds of a workspace, and which names it takes back."""

import pytest

from rules.backup import MANIFEST, POSTGRESQL, SQLITE, belongs, is_member

KEPT = (
    "dondoc.toml", "registry.xlsx", "archive/ab/abc", "texts/vi.po", "templates/mau.docx",
    "inbox/VP.xlsx", "inbox/held/VP.xlsx", "reports/2021-10/signed/VP.pdf",
    "reports/2021-10/letters/VP.docx", "reports/2021-10/bao-cao-tong-hop-2021-10.docx",
)  # fmt: skip
LEFT = (
    "dondoc.db", "dondoc.db-wal", "backup.json", ".prefect/prefect.db", "archive/.x.tmp",
    "archive/ab/.x.tmp", "inbox/done/2021-10/VP.xlsx", "forms/2021-10/VP.xlsx",
    "reports/2021-10/bao-cao-2021-10.html", "reports/index.html", "signed/VP.pdf", "notes.txt",
)  # fmt: skip
EVIL = (
    "../dondoc.toml", "/dondoc.toml", "archive/../../x", "archive//x", "archive/./x", "archive/..",
    "texts/../dondoc.db", "", ".", "..", "..\\dondoc.toml", "/etc/passwd", "archive/ab/../../../x",
)  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_what_cannot_be_made_again_is_kept_and_taken_back(name: str) -> None:
    assert belongs(name.split("/"))
    assert is_member(name)


@pytest.mark.parametrize("name", LEFT)
def test_what_can_be_made_again_or_is_copied_otherwise_is_left(name: str) -> None:
    assert not belongs(name.split("/"))


@pytest.mark.parametrize("name", EVIL)
def test_a_name_that_leads_elsewhere_is_none_of_ours(name: str) -> None:
    assert not belongs(name.split("/"))
    assert not is_member(name)


def test_the_databases_copies_and_the_manifest_are_members() -> None:
    assert all(is_member(name) for name in (MANIFEST, SQLITE, POSTGRESQL))
    assert not is_member("dondoc.db-wal")
