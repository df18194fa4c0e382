"""Says under which licence everything stands that is installed by the lock or lies in here.

`python tests/licences.py docs/licences.md` writes the page anew (`make licences`), from what the
installed packages say of themselves.
"""

import re
import sys
from collections.abc import Mapping
from email.message import Message
from fnmatch import fnmatch
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import cast

HOUSE = Path(__file__).parents[1]
LOCK = HOUSE / "requirements.txt"

SHIPPED = {
    "reports/fonts/LiberationSerif-*.ttf": ("OFL-1.1", "reports/fonts/LiberationSerif-LICENSE"),
    "reports/fonts/NotoSans-vi.woff2": ("OFL-1.1", "reports/fonts/OFL.txt"),
    "tests/axe/axe.min.js": ("MPL-2.0", "tests/axe/LICENSE"),
}
"""What others made and the repository carries: its licence, and the file that has its text."""

PAGE = """# Licences

Everything that `make install` brings onto a server, with its licence as the package itself states
it, and what the repository carries. Written by `make licences` from the lock and the installed
packages. All are installed unchanged, as their makers published them; none is copied into our code,
which stands under the MIT licence.

| package | version | licence |
| --- | --- | --- |
{rows}

In the lock for other systems or versions of Python only: {other}.

| carried in the repository | licence | its text |
| --- | --- | --- |
{carried}
"""

_NAME = r"(?:MIT|ISC|[A-Za-z]+-[\w.+-]+)"
_EXPRESSION = re.compile(rf"{_NAME}(?: (?:AND|OR) {_NAME})*")
"""A licence field that is an SPDX expression; older packages put any words there, or the text."""


def locked() -> dict[str, str]:
    """Package -> its version, or its versions for different systems."""
    found: dict[str, list[str]] = {}
    pins = re.findall(r"^([\w.-]+)(?:\[.*?\])?==([^ ]+)", LOCK.read_text("utf-8"), re.MULTILINE)
    for name, version in pins:
        found.setdefault(name, []).append(version)
    return {name: " or ".join(versions) for name, versions in found.items()}


def licence(name: str) -> str | None:
    """As the installed package states it, empty where it does not; None where it is not installed,
    since the lock names it for another system or Python."""
    try:
        told = cast("Message", metadata(name))
    except PackageNotFoundError:
        return None
    classifiers = [str(one).split(" :: ") for one in told.get_all("Classifier", [])]
    classified = [parts[-1] for parts in classifiers if parts[0] == "License" and len(parts) > 2]
    field = str(told.get("License", ""))
    if _EXPRESSION.fullmatch(field) or not classified:
        classified = [field.partition("\n")[0]]
    return str(told.get("License-Expression", " or ".join(classified)))


def carried(path: str) -> tuple[str, str] | None:
    """Licence, and where its text lies, of a file in the repository that others made."""
    return next((its for glob, its in SHIPPED.items() if fnmatch(path, glob)), None)


def row(name: str, version: str, its: str) -> str:
    """One line of the page."""
    return f"| `{name}` | {version} | {its} |"


def page(packages: Mapping[str, str]) -> str:
    """The page, of each package and its version."""
    found = {name: licence(name) for name in packages}
    rows = [row(name, packages[name], its) for name, its in found.items() if its is not None]
    other = ", ".join(f"`{name}`" for name, its in found.items() if its is None)
    own = [f"| `{glob}` | {its} | `{text}` |" for glob, (its, text) in SHIPPED.items()]
    return PAGE.format(rows="\n".join(rows), other=other, carried="\n".join(own))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(locked()), "utf-8")
