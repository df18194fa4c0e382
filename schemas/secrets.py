"""Secrets: from the environment, from a file that its owner alone may read, or from systemd."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from schemas.errors import SettingsError

CREDENTIALS = "CREDENTIALS_DIRECTORY"
"""Where systemd lays a service's credentials (LoadCredential=), guarded by systemd itself."""
OTHERS = 0o077
"""The rights that nobody but the owner has: to a file with a secret, and to all that we write
(files 0600, folders 0700)."""
LARGEST = 64_000
"""Bytes of a secret file; a longer one is none."""


def variable(name: str) -> str:
    """The variable of a setting: `mail.password` is DONDOC_MAIL__PASSWORD."""
    return f"DONDOC_{name.replace('.', '__').upper()}"


def file_variable(name: str) -> str:
    """The variable that names the file of a secret."""
    return f"{variable(name)}_FILE"


def kept(name: str) -> SecretStr | None:
    """The secret that a file or a credential has; None where there is neither, or where the
    environment has it. Raises SettingsError where the file cannot be used."""
    named = os.environ.get(file_variable(name))
    if variable(name) in os.environ:
        if named:
            raise SettingsError(
                f"{variable(name)} và {file_variable(name)} không được đặt cùng lúc; hãy bỏ một."
            )
        return None
    if named:
        return _read(Path(named), guarded=False)
    folder = os.environ.get(CREDENTIALS)
    credential = Path(folder, variable(name)) if folder else None
    return _read(credential, guarded=True) if credential and credential.exists() else None


def secret(name: str) -> SecretStr | None:
    """The secret of that name from wherever it is kept; None where nobody has set it."""
    said = os.environ.get(variable(name))
    return SecretStr(said) if said else kept(name)


def files(names: Sequence[str]) -> dict[str, Any]:
    """Those of the secrets that files and credentials have, as sections of settings."""
    found: dict[str, Any] = {}
    for name in names:
        if one := kept(name):
            lay(found, nested(name, one))
    return found


def nested(name: str, value: Any) -> dict[str, Any]:
    """A setting within its sections."""
    for section in reversed(name.split(".")):
        value = {section: value}
    return dict(value)


def lay(below: dict[str, Any], above: dict[str, Any]) -> None:
    """Put what is above into what is below, section by section."""
    for name, value in above.items():
        if isinstance(value, dict) and isinstance(below.get(name), dict):
            lay(below[name], value)
        else:
            below[name] = value


def _read(path: Path, *, guarded: bool) -> SecretStr:
    """What the file says, without the line's end; by one descriptor, so that what was looked at is
    what is read."""
    try:
        with path.open("rb") as file:
            its = os.fstat(file.fileno())
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise SettingsError(f"Không đọc được tệp mật khẩu {path} ({error.strerror}).") from error
    if not guarded and its.st_mode & OTHERS:
        mode = f"{its.st_mode & 0o777:04o}"
        raise SettingsError(
            f"Tệp mật khẩu {path} cho người khác xem được (quyền {mode}) nên không dùng; hãy chạy "
            f"'chmod 600 {path}' và đổi mật khẩu nếu đã có thể bị xem."
        )
    if not guarded and its.st_uid not in {os.geteuid(), 0}:
        raise SettingsError(
            f"Tệp mật khẩu {path} không thuộc về người chạy dondoc nên không dùng; hãy chạy "
            f"'chown' cho đúng người."
        )
    try:
        text = content.decode().strip("\r\n")
    except UnicodeDecodeError:
        text = ""
    if not text or len(content) > LARGEST:
        raise SettingsError(f"Tệp mật khẩu {path} trống hoặc không phải một dòng chữ.")
    return SecretStr(text)
