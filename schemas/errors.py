"""What makes the machine unable to go on; each message says in one sentence what to do."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schemas.submission import Submission


class DondocError(Exception):
    """Refused: usage, settings or a missing service. The command line exits with status 2."""


class SettingsError(DondocError):
    """`dondoc.toml` or the environment does not say what is needed."""


class RegistryError(DondocError):
    """`registry.xlsx` cannot be used; the message lists the cells and their remedies."""


class AccessError(DondocError):
    """Whoever asks may not do that."""


class MailError(DondocError):
    """The mail server cannot be reached or does not let us in."""


class SourceError(MailError):
    """A source of files failed while all else was done; `taken` is what came all the same."""

    def __init__(self, message: str, taken: "Sequence[Submission]") -> None:
        super().__init__(message, taken)
        self.taken = taken

    def __str__(self) -> str:
        return str(self.args[0])


def nearest(name: str, known: Iterable[str]) -> str:
    """` (gần nhất: …)` with the known name that is most like it, nothing where none is."""
    found = get_close_matches(name, list(known), 1)
    return f" (gần nhất: {found[0]})" if found else ""
