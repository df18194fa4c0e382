"""What the consolidated report is made of, and how it names units and counts."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from reports.letters.office import counted
from schemas.adjustments import Proposals
from schemas.board import Board, State, UnitStatus
from schemas.course import Course
from schemas.flags import Flag
from schemas.forms import Row
from schemas.registry import OPEN_IN_JANUARY, LedgerRow
from schemas.settings import Body, Consolidated
from schemas.submission import Received
from schemas.texts import say

NAMED = 10
"""Units that a sentence names at most; of more, the rest are counted."""

Line = dict[str, Any]
"""A line of a table by column; a `group` makes it one bold line over all columns."""


@dataclass(frozen=True)
class Material:
    """The facts of a month. `low` are the flags that call for letters, by
    unit; `paces` the rate
    expected at each month's end; `due` the day on which the report is due, `answer_by` and
    `report_by` working days by which a low and a silent unit are to answer."""

    body: Body
    paper: Consolidated
    pace_origin: str
    board: Board
    course: Course
    paces: Mapping[int, float]
    low: Mapping[str, Sequence[Flag]]
    proposals: Proposals
    decided: Sequence[LedgerRow]
    """The year's adjustments that count by the period's end."""
    rows: Mapping[str, Sequence[tuple[str, Row]]]
    """Form -> (unit, row) of the accepted units."""
    received: Sequence[Received]
    due: date
    answer_by: date
    report_by: date
    open_in_january: Collection[str] = OPEN_IN_JANUARY
    """The funding sources of which the closing month counts what is decided in it."""
    it_years: tuple[int, int] | None = None
    """First and last year of the IT projects, None where the registry does not say."""
    chart: bytes = b""
    chart_words: str = ""
    names: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", {unit.code: unit.name for unit in self.board.units})

    @property
    def accepted(self) -> list[UnitStatus]:
        """The units whose figures count."""
        return [unit for unit in self.board.units if unit.state is State.ACCEPTED]

    @property
    def pace(self) -> float:
        """The rate expected at the period's end."""
        return self.paces[self.board.period.month]


def listed(names: Sequence[str], most: int = NAMED) -> str:
    """`A`, `A và B`, `A, B và C`; names that hold commas are told apart by semicolons. Of more
    than `most` the rest are counted."""
    if len(names) > most:
        shown, rest = names[:most], counted(len(names) - most)
        return say("consolidated.more", first=_joined(shown), n=rest)
    if len(names) < 2:
        return "".join(names)
    return say("consolidated.and", first=_joined(names[:-1]), last=names[-1])


def _joined(names: Sequence[str]) -> str:
    return ("; " if any("," in name for name in names) else ", ").join(names)


def about(key: str, names: Sequence[str], **fields: object) -> Iterator[str]:
    """The sentence `KEY-one` or `KEY-many` of the catalogue about some units; nothing of none."""
    if names:
        number = "one" if len(names) == 1 else "many"
        n = counted(len(names))
        yield say(f"consolidated.{key}-{number}", units=listed(names), n=n, **fields)


def numbered(key: str, count: int, **fields: object) -> str:
    """The sentence `KEY-none`, `KEY-one` or `KEY-many` of the catalogue."""
    number = {0: "none", 1: "one"}.get(count, "many")
    return say(f"consolidated.{key}-{number}", n=counted(count), **fields)


def grouped(
    names: Mapping[str, str], lines: Sequence[tuple[str, Line]], numbers: str = "number"
) -> list[Line]:
    """(unit, line) as lines of a table: each unit's name over its own, numbered through."""
    table: list[Line] = []
    for at, (unit, line) in enumerate(lines):
        if not at or lines[at - 1][0] != unit:
            table.append(dict.fromkeys(line, "") | {"group": names.get(unit, unit), numbers: ""})
        table.append(line | {"group": "", numbers: at + 1})
    return table
