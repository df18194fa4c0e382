"""What `dondoc inspect` finds out of a file before anything is stored."""

from dataclasses import dataclass

from schemas.reading import ReadWorkbook
from schemas.submission import Submission


@dataclass(frozen=True)
class Inspection:
    """A file as it was read, and the submissions that it would become (one for each unit)."""

    read: ReadWorkbook
    submissions: tuple[Submission, ...]
