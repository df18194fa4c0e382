"""What install.md and upgrade.md have an administrator do, done in a folder of ours."""

import os
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import pytest

from ministry import PERIOD, Workspace

HOUSE = Path(__file__).parents[1]
COMMAND = HOUSE / "deploy" / "dondoc"
ME = pwd.getpwuid(os.getuid()).pw_name
SHOW = '#!/bin/sh\necho "$(id -un) $(pwd) $(umask) $*"\nenv\n'
Ran = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Installed:
    """The command as it lies in /usr/local/bin, with places of its own."""

    folder: Path

    def settle(self, *lines: str) -> None:
        (self.folder / "settings.env").write_text("".join(f"{line}\n" for line in lines), "utf-8")

    def run(self, *words: object, account: str = ME, **around: str) -> Ran:
        places = {
            "account": account, "workspace": self.folder / "workspace",
            "settings": self.folder / "settings.env", "program": self.folder / "program",
            "login": self.folder / "loginuid",
        }  # fmt: skip
        text = COMMAND.read_text("utf-8")
        for name, place in places.items():
            text, found = re.subn(rf"^{name}=.*$", f"{name}={place}", text, flags=re.MULTILINE)
            assert found == 1
        command = self.folder / "dondoc"
        command.write_text(text, "utf-8")
        command.chmod(0o755)
        return subprocess.run(
            [command, *map(str, words)], env=os.environ | around, capture_output=True, text=True,
            check=False,
        )  # fmt: skip


@pytest.fixture
def installed() -> Iterator[Installed]:
    """Where another account can pass too."""
    folder = Path(mkdtemp(prefix="dondoc-test-"))
    (folder / "workspace").mkdir()
    (folder / "program").write_text(SHOW)
    for path in (folder, folder / "workspace", folder / "program"):
        path.chmod(0o755)
    it = Installed(folder)
    it.settle()
    yield it
    shutil.rmtree(folder)


def shown(ran: Ran) -> tuple[str, list[str]]:
    """What SHOW says: who ran where with what, and the environment."""
    assert ran.returncode == 0, ran.stderr
    first, *environment = ran.stdout.splitlines()
    return first, environment


def test_a_command_given_by_hand_has_the_services_settings(installed: Installed) -> None:
    installed.settle(
        "# Thư", "; cũ", "", "DONDOC_MAIL__HOST=mail.ubdt.vn", "  DONDOC_MAIL__PORT=465  ",
        'DONDOC_APPROVAL__STANDING=["receipt","return"]', "DONDOC_MAIL__USER=a=b $(id) `id` #1",
        'DONDOC_BODY__NAME="Ủy ban: $HOME \' #2"', "DONDOC_BODY__PLACE='\"Hà Nội\"'", "DONDOC_X=",
    )  # fmt: skip
    first, environment = shown(installed.run("approve", PERIOD, "--by", "Vũ Đức Thắng"))
    by_hand = f"approve {PERIOD} --by Vũ Đức Thắng"
    assert first == f"{ME} {installed.folder / 'workspace'} 0077 {by_hand}"
    assert {one for one in environment if one.startswith("DONDOC_")} >= {
        "DONDOC_MAIL__HOST=mail.ubdt.vn", "DONDOC_MAIL__PORT=465", "DONDOC_X=",
        'DONDOC_APPROVAL__STANDING=["receipt","return"]', "DONDOC_MAIL__USER=a=b $(id) `id` #1",
        "DONDOC_BODY__NAME=Ủy ban: $HOME ' #2", 'DONDOC_BODY__PLACE="Hà Nội"',
    }  # fmt: skip


def test_the_programme_itself_takes_them_up(installed: Installed, opened: Workspace) -> None:
    secret = installed.folder / "DATABASE_URL"
    secret.write_text("postgresql+psycopg://an:x@127.0.0.1:9/x\n")
    secret.chmod(0o400)
    dondoc = Path(sys.executable).with_name("dondoc")
    for name, there in (("program", dondoc), ("workspace", opened.path)):
        shutil.rmtree(installed.folder / name, ignore_errors=True)
        (installed.folder / name).unlink(missing_ok=True)
        (installed.folder / name).symlink_to(there)
    assert installed.run("status", PERIOD).returncode == 0
    installed.settle(f"DONDOC_DATABASE_URL_FILE={secret}")
    refused = installed.run("status", PERIOD)
    assert (refused.returncode, "port 9 failed" in refused.stderr) == (2, True), refused.stderr


@pytest.mark.parametrize(
    "line",
    [
        "DONDOC_MAIL__HOST", "export DONDOC_X=1", "DONDOC_X =1", "DONDOC_X= 1", "dondoc_x=1",
        "DONDOC_X=a\\b", 'DONDOC_X="a', 'DONDOC_X="a"b', 'DONDOC_X="a"b"', "DONDOC_X='a'b'",
        'DONDOC_X="a\\"b"',
    ],
)  # fmt: skip
def test_what_systemd_might_read_otherwise_is_refused(installed: Installed, line: str) -> None:
    installed.settle(line)
    ran = installed.run("status")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "settings.env" in ran.stderr


def test_without_its_settings_no_command_runs(installed: Installed) -> None:
    (installed.folder / "settings.env").unlink()
    ran = installed.run("backup", "/x.tar")
    assert ran.returncode != 0
    assert ran.stdout == ""


def test_only_the_administrator_chooses_another_workspace(installed: Installed) -> None:
    for word in ("--workspace", "--workspace=/tmp", "--Workspace"):
        ran = installed.run("approve", PERIOD, word, SUDO_UID="1000")
        assert (ran.returncode, "--workspace" in ran.stderr) == (2, True)
    assert installed.run("approve", PERIOD, SUDO_UID="1000").returncode == 0
    assert installed.run("approve", PERIOD, "--workspace", "/srv/x").returncode == 0


@pytest.mark.parametrize(
    ("kept", "status"), [("1000", 0), ("4294967295", 0), (None, 0), ("1001", 2), ("0", 2)]
)
def test_nobody_calls_it_under_a_login_that_is_not_his(
    installed: Installed, kept: str | None, status: int
) -> None:
    if kept:
        (installed.folder / "loginuid").write_text(kept)  # as the kernel: without a line's end
    assert installed.run("approve", PERIOD, SUDO_UID="1000").returncode == status


@pytest.mark.skipif(os.getuid() != 0, reason="only root becomes another account unasked")
def test_root_becomes_the_account_and_brings_nothing_along(installed: Installed) -> None:
    if not shutil.which("runuser"):
        pytest.skip("runuser (apt-get install util-linux) is not installed")
    installed.settle("DONDOC_MAIL__HOST=mail.ubdt.vn")
    around = {"DONDOC_DATABASE_URL": "root's", "PREFECT_API_URL": "root's", "SUDO_UID": "1000"}
    ran = installed.run("doctor", "--workspace", "/srv/x", account="nobody", **around)
    first, environment = shown(ran)
    assert first.split()[0] == "nobody"
    assert "DONDOC_MAIL__HOST=mail.ubdt.vn" in environment
    assert not [one for one in environment if "root's" in one or one.startswith("SUDO_")]


# --- the documents' own lines ---------------------------------------------------------------------


def lines(document: str, pattern: str) -> list[str]:
    """The lines of its fenced commands that look so, without the comment."""
    text = (HOUSE / "docs" / document).read_text("utf-8")
    blocks = "".join(re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    found = [line.partition("  # ")[0].strip() for line in blocks.splitlines()]
    return [line for line in found if re.search(pattern, line)]


def test_install_upgrade_and_back_lead_to_the_version_that_they_name(tmp_path: Path) -> None:
    for version in ("FIRST", "NEXT"):
        (tmp_path / f"dondoc-{version}").mkdir()

    def link(document: str, number: int, version: str) -> int:
        line = lines(document, r"^ln ")[number]
        line = re.sub(r"VERSION|OLD", version, line).replace("/opt", str(tmp_path))
        return subprocess.run(["sh", "-c", line], check=False, capture_output=True).returncode

    def used() -> str:
        return (tmp_path / "dondoc").resolve().name

    for document, number, version in (
        ("install.md", 0, "FIRST"), ("upgrade.md", 0, "NEXT"), ("upgrade.md", 1, "FIRST"),
    ):  # fmt: skip
        assert link(document, number, version) == 0
        assert used() == f"dondoc-{version}"
    (tmp_path / "dondoc").unlink()
    (tmp_path / "dondoc").mkdir()  # an installation of before: told, not made a link inside it
    assert link("upgrade.md", 0, "NEXT") != 0
    assert not [*(tmp_path / "dondoc").iterdir()]


@pytest.mark.parametrize("number", [0, 1])
def test_an_upgrade_and_the_way_back_wait_for_what_runs(tmp_path: Path, number: int) -> None:
    stop = lines("upgrade.md", r"^systemctl stop")[number]
    assert set(stop.split()[2:]) == {
        "dondoc-serve.service", "dondoc.target", "dondoc-backup.timer"
    }  # fmt: skip
    waiting = lines("upgrade.md", r"^(while|until) ")[number]
    for unit in ("dondoc-run@*.service", "dondoc-backup.service"):
        assert unit in waiting
    systemctl = tmp_path / "systemctl"
    systemctl.write_text(  # two times something runs, then nothing
        f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\n'
        f'[ "$(wc -l < {tmp_path}/asked)" -gt 2 ] || echo dondoc-run@collect.service\n'
    )
    systemctl.chmod(0o755)
    waited = waiting.replace("sleep 2", "sleep 0")
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-c", waited], env=environment, check=True, timeout=20)
    asked = (tmp_path / "asked").read_text().splitlines()
    assert len(asked) == 3
    assert all("--state=activating" in one for one in asked)  # what a oneshot is while it runs


def test_every_command_given_by_hand_has_the_settings() -> None:
    """None by the programme's own path as another account: that knows nothing of settings.env."""
    for document in ("install.md", "upgrade.md", "operations.md"):
        assert lines(document, r"runuser|sudo .*\.venv") == []


def test_the_settings_have_one_name() -> None:
    for path in [*HOUSE.glob("docs/*.md"), *(HOUSE / "deploy").rglob("*"), *HOUSE.glob("*.md")]:
        if path.is_file():
            named = set(re.findall(r"/etc/[\w./-]*\.env", path.read_text("utf-8")))
            assert named <= {"/etc/dondoc/settings.env"}, path
