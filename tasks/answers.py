"""Composes the answer to each submission: a receipt, or its return with the workbook marked."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reports import mails
from schemas.board import State, UnitStatus
from schemas.errors import DondocError
from schemas.notices import Mail
from schemas.period import Period
from schemas.registry import Denominator, Unit
from schemas.settings import Body, Reading
from tasks import archive
from tasks.apart import Reader, Refused
from tasks.crew import Crew, Work
from tasks.marking import Marked, Marker
from tasks.submissions import Stored

log = logging.getLogger("dondoc")

RECEIPT, RETURN = 0.001, 0.08
"""Seconds that each takes to be composed; of a return it is the marking."""


@dataclass(frozen=True)
class Asked:
    """A submission, with what its answer says of the unit's month."""

    to: Stored
    unit: Unit
    period: Period
    deadline: date
    status: UnitStatus
    basis: Denominator | None
    """What the unit's rate divides by."""


@dataclass(frozen=True)
class Answer:
    """What is answered, and the workbook that goes back with it."""

    mail: Mail
    marked: Marked | None = None


def composed(
    crew: Crew, workspace: Path, body: Body, limits: Reading, asked: Sequence[Asked]
) -> list[Answer]:
    """The answer to each."""
    returns = sum(one.to.state is State.RETURNED for one in asked)
    seconds = RECEIPT * len(asked) + RETURN * returns
    shared = workspace, body, limits
    return crew.spread(COMPOSE, shared, asked, each=seconds / max(1, len(asked)))


class Composer:
    """Composes answers; what marks a workbook is a process of its own."""

    def __init__(self, shared: tuple[Path, Body, Reading]) -> None:
        self._workspace, self._body, limits = shared
        self._reader, self._marker = Reader(limits), Marker(limits)

    def __call__(self, asked: Asked) -> Answer:
        """The answer to one submission."""
        one, told = asked.to, (self._body, asked.unit, asked.period, asked.deadline)
        if one.state is State.ACCEPTED:
            return Answer(mails.receipt(*told, asked.status, one.received_on, asked.basis))
        if one.state is State.HELD:
            stands = asked.status.state is State.ACCEPTED
            return Answer(mails.unread(*told, one.findings, one.file, stands=stands))
        marked = self._marked(one)
        mail = mails.returned(
            *told,
            one.findings,
            one.file,
            marked=marked is not None,
            converted_from=marked.converted_from if marked else "",
        )
        return Answer(mail, marked)

    def _marked(self, one: Stored) -> Marked | None:
        """The clerk's own file with the cells marked, as an .xlsx where it came in another format;
        None where that takes more than the limits allow, or the copy is gone: the mail then lists
        every finding."""
        try:
            content = archive.fetch(self._workspace, one.sha256)
        except DondocError as error:  # the others still get theirs
            log.error("%s", error)
            return None
        if marked := self._marker.in_place(content, one.findings):
            return marked
        try:
            book = self._reader.book(content, one.file)
        except Refused:
            return None
        if any(grid.far for grid in book.sheets):  # it would come back without that sheet's cells
            return None
        return self._marker.converted(book, one.findings)

    def close(self) -> None:
        """Ends its processes."""
        self._reader.close()
        self._marker.close()


COMPOSE = Work(
    "tasks.answers:COMPOSE", Composer, shared=tuple[Path, Body, Reading], item=Asked, result=Answer
)
