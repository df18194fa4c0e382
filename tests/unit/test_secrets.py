"""Where secrets may come from, and where not."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from schemas.errors import SettingsError
from schemas.settings import load, names, secret_names

SECRET = "mật-khẩu:thật%/@"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "dondoc.toml").write_text("[mail]\nhost = 'mail.ubdt.vn'\n", "utf-8")
    return tmp_path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mat-khau"
    path.touch(0o600)
    path.write_text(f"{SECRET}\n", "utf-8")
    return path


def variable(name: str) -> str:
    return f"DONDOC_{name.replace('.', '__').upper()}"


def value(workspace: Path, name: str) -> str:
    one: object = load(workspace)
    for part in name.split("."):
        one = getattr(one, part)
    assert isinstance(one, SecretStr)
    return one.get_secret_value()


def test_the_secrets_are_known_by_their_type() -> None:
    assert set(secret_names()) == {
        "mail.password", "mailbox.password", "database_url", "server_auth"
    }  # fmt: skip
    assert set(secret_names()) <= set(names())


@pytest.mark.parametrize("name", secret_names())
def test_a_secret_has_three_ways_in(
    workspace: Path, file: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(workspace / "credentials"))
    (workspace / "credentials").mkdir()
    credential = workspace / "credentials" / variable(name)
    credential.write_text("của systemd")
    credential.chmod(0o440)  # as systemd lays it, in a folder that it guards
    assert value(workspace, name) == "của systemd"
    monkeypatch.setenv(f"{variable(name)}_FILE", str(file))
    assert value(workspace, name) == SECRET
    monkeypatch.delenv(f"{variable(name)}_FILE")
    monkeypatch.setenv(variable(name), "của biến")
    assert value(workspace, name) == "của biến"
    assert load(workspace).mail.host == "mail.ubdt.vn"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o644])
def test_a_file_that_others_have_any_right_to_is_refused(
    workspace: Path, file: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    file.chmod(mode)
    monkeypatch.setenv("DONDOC_MAIL__PASSWORD_FILE", str(file))
    with pytest.raises(SettingsError, match=f"chmod 600 {file}") as refused:
        load(workspace)
    assert SECRET not in str(refused.value)


def test_a_file_of_somebody_else_is_refused(
    workspace: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_MAIL__PASSWORD_FILE", str(file))
    monkeypatch.setattr("os.geteuid", lambda: file.stat().st_uid + 1)
    if file.stat().st_uid:
        with pytest.raises(SettingsError, match="chown"):
            load(workspace)
    else:
        assert value(workspace, "mail.password") == SECRET  # root's own is nobody else's


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"x" * 65_000])
def test_what_is_no_secret_is_refused(
    workspace: Path, file: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    file.write_bytes(content)
    monkeypatch.setenv("DONDOC_MAIL__PASSWORD_FILE", str(file))
    with pytest.raises(SettingsError, match=str(file)):
        load(workspace)


def test_a_file_that_is_gone_and_a_secret_said_twice_are_refused(
    workspace: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_MAIL__PASSWORD_FILE", str(file.with_name("khác")))
    with pytest.raises(SettingsError, match="khác"):
        load(workspace)
    monkeypatch.setenv("DONDOC_MAIL__PASSWORD_FILE", str(file))
    monkeypatch.setenv("DONDOC_MAIL__PASSWORD", SECRET)
    with pytest.raises(SettingsError, match="DONDOC_MAIL__PASSWORD_FILE"):
        load(workspace)


def test_only_secrets_have_files(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_MAIL__HOST_FILE", "x")
    with pytest.raises(SettingsError, match="DONDOC_MAIL__HOST_FILE"):
        load(workspace)


@pytest.mark.parametrize("name", secret_names())
def test_a_secret_in_the_settings_file_is_refused(workspace: Path, name: str) -> None:
    *sections, last = name.split(".")
    lines = [*(f"[{section}]" for section in sections), f'{last} = "{SECRET}"']
    (workspace / "dondoc.toml").write_text("\n".join(lines), "utf-8")
    with pytest.raises(SettingsError, match=f"{variable(name)}_FILE") as refused:
        load(workspace)
    assert SECRET not in str(refused.value)


def test_no_settings_show_a_secret(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in secret_names():
        monkeypatch.setenv(variable(name), SECRET)
    settings = load(workspace)
    for shown in (repr(settings), str(settings), settings.model_dump_json(), f"{settings.mail}"):
        assert SECRET not in shown
