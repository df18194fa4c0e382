"""Tells what makes the documents: the program, its wording, and each library that has a hand in
their bytes."""

import hashlib
import platform
import zlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PROGRAM = ("tasks", "rules", "reports", "schemas")
_CODE = frozenset({".py"})
_LIBRARIES = (
    "babel",
    "css-inline",
    "docxtpl",
    "jinja2",
    "lxml",
    "markupsafe",
    "matplotlib",
    "numpy",
    "pillow",
    "pydantic",
    "xlsxwriter",
)
PROGRAM, WORDING = "dondoc", "dondoc (câu chữ và mẫu)"


@cache
def lock() -> dict[str, str]:
    """Name -> version; of our own program and of its wording a digest too, since neither gets a
    new version with every change."""
    return {
        PROGRAM: program(),
        WORDING: _digest(code=False),
        "python": platform.python_version(),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        "machine": platform.machine(),
        **{name: _version(name) for name in _LIBRARIES},
    }


@cache
def program() -> str:
    """The version of our own program, with a digest of its code."""
    return f"{_version('dondoc')} {_digest(code=True)}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "?"


def _digest(*, code: bool) -> str:
    """Of the program's modules, or of all the other files that it brings."""
    house, digest = Path(__file__).parent.parent, hashlib.sha256()
    for room in _PROGRAM:
        for path in sorted((house / room).rglob("*")):
            if path.is_file() and (path.suffix in _CODE) is code and path.suffix != ".pyc":
                digest.update(path.relative_to(house).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
