"""The corpus of workbooks as they really arrive: what each file holds, and how it is written."""

from pathlib import Path

from corpus import formats, hostile, layout, values
from corpus.page import Case

CORPUS = Path(__file__).parents[1] / "data" / "workbooks"


def every_case() -> tuple[Case, ...]:
    """All files of the corpus, by name."""
    rooms = (formats.cases(), layout.cases(), values.cases(), hostile.cases())
    cases = sorted((case for room in rooms for case in room), key=lambda case: case.file)
    assert len({case.file for case in cases}) == len(cases)
    return tuple(cases)
