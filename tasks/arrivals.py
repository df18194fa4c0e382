"""Touches what has arrived, from every source: gathers it, and files it away once it is read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from schemas.arrival import Arrival
from schemas.board import State
from schemas.period import Period
from schemas.submission import Submission
from tasks import inbox, mailroom, quality
from tasks.desk import Desk, now
from tasks.step import step

Places = Mapping[str, Period | None]
"""SHA-256 -> the period it was taken for, None where a person must place it."""


class Source(Protocol):
    """A way on which files arrive; a module of these two functions is one."""

    def gather(self, desk: Desk) -> Iterator[Arrival]:
        """Everything that waits, oldest first; all is archived when there is no more."""
        ...

    def file_away(self, desk: Desk, arrivals: Sequence[Arrival], places: Places) -> None:
        """Put away those arrivals that are its own and have been dealt with."""
        ...


SOURCES: tuple[Source, ...] = (inbox, mailroom)


@step(retries=2, retry_delay=5)
def gather(desk: Desk) -> tuple[Arrival, ...]:
    """Everything that has arrived, oldest first whichever way it came; what vanishes meanwhile is
    left for the next run. Where there is anything what validates it is imported beside."""
    found: list[Arrival] = []
    for source in SOURCES:
        for arrival in source.gather(desk):
            if not found and not quality.imported():
                desk.aside.begin(quality.IMPORT, None, None)
            found.append(arrival)
    return tuple(sorted(found, key=lambda one: one.received or now()))


@step(retries=2, retry_delay=5)
def file_away(desk: Desk, arrivals: Sequence[Arrival], submissions: Sequence[Submission]) -> None:
    """Put each arrival where it belongs now. One file may have become several submissions: it
    waits for a person while any of them does."""
    places: dict[str, Period | None] = {}
    for one in submissions:
        period = None if one.state is State.HELD else one.period
        before = places.get(one.sha256, period)
        places[one.sha256] = max(before, period) if before and period else None
    for source in SOURCES:
        source.file_away(desk, arrivals, places)
