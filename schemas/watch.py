"""What `dondoc watch` looks at, and what of it did not go as planned."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas.integrity import Head
from schemas.notices import Delivery
from schemas.period import Period

Fact = str | int | date | datetime


@dataclass(frozen=True)
class Plan:
    """When a flow is to run, as prefect.yaml declares it."""

    flow: str
    cron: str
    timezone: str


@dataclass(frozen=True)
class Run:
    """A run of a flow; its instants on its business date."""

    flow: str
    began: datetime
    ended: datetime | None
    """None: it has not said how it ended."""
    outcome: str


@dataclass(frozen=True)
class Letters:
    """Messages of one kind, period and state that have not left as they should; of what is being
    sent only what nobody sends any more, of what is over (refused, bounced) only the new ones."""

    kind: str
    period: str
    state: Delivery
    due: date
    count: int


@dataclass(frozen=True)
class Arrived:
    """Something came from a unit, so long ago, and waits: for an answer (`unanswered`), to be read
    (`unread`), for an officer (`quarantined`; `unplaced`: a file in `inbox/held/`)."""

    waits: str
    age: timedelta


@dataclass(frozen=True)
class Seen:
    """All that a watch looks at, since the day of the last one."""

    today: date
    since: datetime
    now: datetime
    plans: tuple[Plan, ...]
    runs: tuple[Run, ...]
    letters: tuple[Letters, ...]
    arrived: tuple[Arrived, ...]
    unreported: tuple[tuple[Period, date], ...]
    """Periods without their report, and the day on which it was due."""
    fileless: int = 0
    """Mails of contacts that came since then without any file to read."""
    backed_up: date | None = None
    """The business date of the last backup that was made; None: none ever."""
    log_damages: int = 0
    """Places at which the audit log is not as it was written."""


@dataclass(frozen=True)
class Lapse:
    """One thing that did not go as planned; its sentence is `watch.KIND` of the texts, filled in
    with `facts`."""

    kind: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True)
class Watched:
    """What a watch found; no lapse: all ran as planned."""

    today: date
    since: datetime
    at: datetime
    lapses: tuple[Lapse, ...]
    head: Head | None
    """Of the audit log, so that it stands outside of the machine too; None where it is damaged."""
