"""Decides what of a workspace a backup holds: what cannot be made again from the rest."""

from collections.abc import Sequence

MANIFEST = "backup.json"
"""The first member of the tar: what made it, when, of which database."""
SQLITE, POSTGRESQL = "dondoc.db", "dondoc.pgdump"
"""The database's copy, by what it was made from."""
FORMAT = 1
"""Of the tar; raised where an older programme could not restore it."""

_FILES = ("dondoc.toml", "registry.xlsx")
_FOLDERS = ("archive", "texts", "templates")
_BY_HAND = ("signed", "letters")
"""Below `reports/PERIOD/`: what a person laid in, or may have changed in Word, as the paper is."""


def belongs(parts: Sequence[str]) -> bool:
    """Whether the file of a workspace with this path is kept; of `inbox/` what no run has taken
    yet, and what waits for a person."""
    if any(part in {"", ".", ".."} or part.startswith(".") for part in parts):
        return False
    first, *rest = parts
    if not rest:
        return first in _FILES
    if first == "inbox":
        return len(rest) == 1 or rest[0] == "held"
    if first == "reports":
        paper = len(rest) == 2 and rest[1].endswith(".docx")
        return paper or (len(rest) > 2 and rest[1] in _BY_HAND)
    return first in _FOLDERS


def is_member(name: str) -> bool:
    """Whether a backup of ours may have a file of this name."""
    return name in {MANIFEST, SQLITE, POSTGRESQL} or belongs(name.split("/"))
