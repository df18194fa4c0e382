"""A workspace that names its people: who may approve, excuse, adjust, release, restore."""

import os
import pwd
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ministry import PERIOD, Ran, Workspace, run
from tasks import audit
from tasks.desk import Desk, login

PEOPLE = """
[access.people.thang]
name = "Vũ Đức Thắng"
roles = ["officer"]
deputies = ["lan"]

[access.people.lan]
name = "Trần Thị Lan"
roles = ["clerk"]

[access.people.hung]
name = "Phạm Hùng"
roles = ["admin"]
"""
EXCUSE = ("excuse", PERIOD, "DV01", "--until", "2021-12-31", "--because", "Chờ vốn", "--by")
ADJUST = ("adjust", PERIOD, "DV01.1", "-1,5", "--decision", "9/QĐ", "--day", "2021-11-02", "--by")
APPROVE = ("approve", PERIOD, "--by")
RELEASE = ("quarantine", "release", "7", "--by")


@pytest.fixture
def named(reported: Workspace) -> Workspace:
    path = reported.path / "dondoc.toml"
    path.write_text(path.read_text("utf-8").replace("\n[access]\n", PEOPLE), "utf-8")
    return reported


@pytest.fixture
def at_work(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda name: monkeypatch.setattr("tasks.desk.login", lambda: name)


def sentence(ran: Ran) -> str:
    assert (ran.status, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
    return ran.err


def log(workspace: Workspace) -> list[tuple[str, str, str]]:
    with Desk(workspace.path) as desk, desk.engine.connect() as connection:
        return [(row.what, row.by, row.login) for row in audit.entries(connection)]


@pytest.mark.parametrize("command", [APPROVE, EXCUSE, ADJUST, RELEASE])
def test_without_the_role_it_is_refused_and_nothing_recorded(
    named: Workspace, at_work: Any, command: tuple[str, ...]
) -> None:
    named.done("remind")
    before = log(named)
    for who, by, told in (
        ("root", "Vũ Đức Thắng", "root"),
        ("hung", "Vũ Đức Thắng", "Phạm Hùng"),
        ("hung", "Phạm Hùng", "officer"),
        ("lan", "Trần Thị Lan", "officer"),
    ):
        at_work(who)
        assert told in sentence(named(*command, by))
    assert log(named) == before


@pytest.mark.parametrize("who", ["thang", "lan"])
def test_with_the_role_or_for_who_has_it_the_name_of_the_settings_is_recorded(
    named: Workspace, at_work: Any, who: str
) -> None:
    at_work(who)
    for command in (EXCUSE, ADJUST, APPROVE):
        named.done(*command, "vũ đức thắng")
    assert log(named)[-3:] == [
        (what, "Vũ Đức Thắng", who) for what in ("excuse", "adjust", "approve")
    ]
    assert "7" in sentence(named(*RELEASE, "thang"))  # allowed, and no such file


def test_only_an_admin_of_the_backup_restores_it(
    named: Workspace, at_work: Any, tmp_path: Path
) -> None:
    file, target = tmp_path / "b.tar", tmp_path / "r"
    named.done("backup", file)
    at_work("thang")
    assert "admin" in sentence(run("restore", file, target))
    assert not target.exists()
    at_work("hung")
    assert run("restore", file, target, "--json").json["verified"]["damages"] == []
    assert log(Workspace(target))[-1] == ("restore", "Phạm Hùng", "hung")


def test_the_page_approves_nothing_until_it_may(
    reported: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.desk._through_page", lambda: True)
    assert "access.page" in sentence(reported(*APPROVE, "Ai Đó"))
    reported.setting("# page = false", "page = true")
    assert reported.done(*APPROVE, "Ai Đó")["approved"] > 0


def test_a_run_of_a_deployment_is_the_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.context import FlowRunContext  # noqa: PLC0415

    from tasks.desk import _through_page  # noqa: PLC0415

    assert not _through_page()
    for deployment, page in (("some-id", True), (None, False)):
        context = SimpleNamespace(flow_run=SimpleNamespace(deployment_id=deployment))
        monkeypatch.setattr(FlowRunContext, "get", lambda its=context: its)
        assert _through_page() is page


@pytest.mark.parametrize(
    ("kept", "who"),
    [
        ("1", "daemon"),  # root acts for daemon, by sudo
        ("4000000000", "uid 4000000000"),
        ("4294967295", None),  # a service, or a container
        ("", None),
        (None, None),  # another kernel
    ],
)
def test_the_login_is_the_one_that_sudo_leaves_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kept: str | None, who: str | None
) -> None:
    if kept is not None:
        (tmp_path / "loginuid").write_text(kept)
    monkeypatch.setattr("tasks.desk._LOGIN", tmp_path / "loginuid")
    assert login() == (who or pwd.getpwuid(os.getuid()).pw_name)


def test_an_admin_goes_back_in_the_name_he_logged_in_with(
    reported: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As upgrade.md has it: by the service's account, which is none of the people."""
    path = reported.path / "dondoc.toml"
    people = PEOPLE.replace("[access.people.hung]", "[access.people.daemon]")
    path.write_text(path.read_text("utf-8").replace("\n[access]\n", people), "utf-8")
    reported.done("backup", tmp_path / "b.tar")
    own = pwd.getpwuid(os.getuid()).pw_name
    assert own in sentence(run("restore", tmp_path / "b.tar", tmp_path / "r"))
    (tmp_path / "loginuid").write_text("1")
    monkeypatch.setattr("tasks.desk._LOGIN", tmp_path / "loginuid")
    restored = run("restore", tmp_path / "b.tar", tmp_path / "r", "--by", "Phạm Hùng")
    assert restored.status == 1, restored.err  # what was approved and unsent is held
    assert log(Workspace(tmp_path / "r"))[-1] == ("restore", "Phạm Hùng", "daemon")


def test_neither_login_nor_section_comes_from_the_environment(
    named: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "thang")
    assert login() != "thang"
    monkeypatch.setenv("DONDOC_ACCESS__PAGE", "true")
    assert "DONDOC_ACCESS__PAGE" in sentence(named("status", PERIOD))


def test_the_doctor_says_what_it_means(named: Workspace, opened_once: Workspace) -> None:
    def told(workspace: Workspace) -> list[tuple[bool | None, str]]:
        checks = workspace("doctor", "--json").json
        return [(one["ok"], one["message"]) for one in checks if one["name"] == "access"]

    ((ok, message),) = told(opened_once)
    assert ok is None
    assert "--by" in message
    assert [ok for ok, _ in told(named)] == [None]
    named.setting('roles = ["officer"]', 'roles = ["leader"]')
    assert [ok for ok, _ in told(named)] == [None, False, False]  # adjust, release
