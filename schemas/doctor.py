"""What the doctor found: one line a check."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One thing looked at: `ok` True, False (the message says how to mend it), None a note."""

    name: str
    ok: bool | None
    message: str
