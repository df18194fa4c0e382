"""Opens a workspace for one run of a flow: settings, registry, database, business date."""

import os
import pwd
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DBAPIError

from rules.access import MAY, speaker
from rules.budget import budgets
from rules.ledger import doubts, merged
from schemas import settings as settings_of
from schemas import tables
from schemas.access import Act
from schemas.errors import AccessError, DondocError
from schemas.findings import Finding
from schemas.period import Period
from schemas.registry import Budget, Recorded, Registry
from schemas.secrets import OTHERS
from schemas.settings import Settings
from schemas.texts import say, speak
from tasks import archive, audit, cluster, database, ledger, lock, storage
from tasks.crew import Aside, Crew
from tasks.registry import again, content_of, kept, understood
from tasks.wording import wording

_LOGIN = Path("/proc/self/loginuid")
"""Whose login session this belongs to, as the kernel keeps it for its own audit."""
_NOBODY = 2**32 - 1
"""What it says where there is none."""


class Desk:
    """What every step of a run works with. Not a dataclass, so that Prefect, which looks into
    these for futures, takes it as one opaque value."""

    def __init__(
        self,
        workspace: Path,
        today: date | None = None,
        settings: Settings | None = None,
        *,
        only_look: bool = False,
    ) -> None:
        """Raises SettingsError or DondocError where the workspace cannot be worked in; who brings
        settings along has seen to the wording too."""
        self.workspace = workspace.resolve()
        self.settings = settings or settings_of.load(self.workspace)
        if settings is None:
            speak(wording(self.workspace, self.settings))
        self.today = today or datetime.now(ZoneInfo(self.settings.timezone)).date()
        self.crew = Crew(cluster.around(self.settings.crew.scheduler))
        self.aside = Aside()
        self.engine = database.connect(self.workspace, self.settings, only_look=only_look)
        self.writer = database.writer(self.engine)
        self.budgets = lru_cache(maxsize=2)(self._budgets)
        self.run: int | None = None
        """The number of the run that works here; None where somebody only looks."""
        self._page = _through_page()

    def __enter__(self) -> Self:
        """The desk itself; its database is let go at the end of the block."""
        return self

    def __exit__(
        self, _t: type[BaseException] | None, error: BaseException | None, _b: TracebackType | None
    ) -> None:
        """Raises DondocError in the place of a fault of disk or database."""
        self.crew.dismiss()
        self.aside.dismiss()
        self.engine.dispose()
        if refused := storage.refusal(error):
            raise refused from error

    @cached_property
    def registry(self) -> Registry:
        """The registry as it stands, with what was decided in the program; raises RegistryError
        naming each wrong cell."""
        return merged(self._in_file, ledger.decided(self.engine))

    @cached_property
    def _in_file(self) -> Registry:
        """What registry.xlsx says; read once by each version of the program."""
        content, known = content_of(self._registry_file), tables.registry.c
        version, program = archive.name_of(content), lock.program()
        it = known.version == version
        with self.engine.connect() as connection:
            seen = connection.execute(select(known.read_by, known.content).where(it)).first()
        if seen and seen.read_by == program:
            found = again(seen.content)
            as_read = {}
        else:
            found, _ = understood(content, self._registry_file.name)
            as_read = {"read_by": program, "content": kept(found)}
        with self.writer.begin() as connection:
            if connection.execute(select(known.version).where(it)).first() is None:
                archive.keep(self.workspace, content)
                row = {"version": version, "first_read_at": now()}
                connection.execute(insert(tables.registry), row | as_read)
            elif as_read:
                connection.execute(update(tables.registry).where(it).values(as_read))
            audit.notice(connection, self.recorded(), "registry", {"version": version})
        return found

    def _budgets(self, period: Period) -> Mapping[str, Budget]:
        """Activity code -> its budget at the period's end; asked for by every step of a report."""
        rules = self.settings.rules
        return budgets(self.registry, period, rules.denominators, rules.open_in_january)

    def doubts(self, in_file: Registry) -> Iterator[Finding]:
        """What a person should look at in what the file says beside what was decided in the
        program."""
        return doubts(in_file, ledger.decided(self.engine), self._registry_file.name)

    @property
    def _registry_file(self) -> Path:
        return self.workspace / "registry.xlsx"

    def period(self, text: str) -> Period:
        """The period named, or the last one that is over on the business date."""
        return Period.parse(text) if text else Period.ended_before(self.today)

    def periods(self, text: str) -> tuple[Period, ...]:
        """The period named, or all that end with the last month that is over on the business date:
        with January, where the settings say so, the closing month of the year before, first."""
        one = self.period(text)
        with_closing = not text and one.month == 1 and self.settings.schedule.closing_month
        return (one.shift(-1).closing, one) if with_closing else (one,)

    def begun(self, text: str) -> tuple[Period, ...]:
        """The same; raises DondocError where the one named has not begun."""
        its = self.periods(text)
        for one in its:
            if one.first_day > self.today:
                told = {"period": one.label, "today": f"{self.today:%d/%m/%Y}"}
                raise DondocError(say("period.to-come", **told))
        return its

    def recorded(self, by: str = "") -> Recorded:
        """Who records something now: the name as said, where a person says one."""
        return Recorded(by.strip(), login(), self.today, now())

    def allowed(self, act: Act, by: str) -> str:
        """The name under which the act is recorded; raises AccessError where it may not be done."""
        return allowed(self.settings, act, by, page=self._page)

    def report_folder(self, period: Period) -> Path:
        """Where the period's documents lie."""
        return self.workspace / "reports" / str(period)


def now() -> datetime:
    """The instant, for records of what happened; decisions follow the business date instead."""
    return datetime.now(UTC)


@contextmanager
def at_desk(flow: str, workspace: Path, today: date | None, period: str = "") -> Iterator[Desk]:
    """A desk for one run, which leaves its row (flow, period, who, when, outcome) in any case."""
    with Desk(workspace, today) as desk:
        row = {
            "flow": flow,
            "period": str(Period.parse(period)) if period else None,
            "business_date": desk.today,
            "login": login(),
            "started_at": now(),
        }
        with desk.writer.begin() as connection:
            inserted = connection.execute(insert(tables.run).returning(tables.run.c.id), row)
            number = desk.run = inserted.scalar_one()
            _see(desk, connection)
        mask = os.umask(OTHERS)
        try:
            yield desk
        except BaseException as error:
            with suppress(DBAPIError):  # what ended the run may be that it cannot be recorded
                _end(desk, number, _outcome(error))
            raise
        finally:
            os.umask(mask)
        _end(desk, number, "done")


def _end(desk: Desk, run: int, outcome: str) -> None:
    with desk.writer.begin() as connection:
        ended = update(tables.run).where(tables.run.c.id == run)
        connection.execute(ended.values(ended_at=now(), outcome=outcome))


def _outcome(error: BaseException) -> str:
    if not isinstance(error, Exception):
        return "interrupted"
    refused = error if isinstance(error, DondocError) else storage.refusal(error)
    if refused:
        return f"refused: {refused}"
    return f"failed: {type(error).__name__}"  # its text might quote a cell or a secret


def _see(desk: Desk, connection: Connection) -> None:
    """Record what changed in the settings since a run last saw them."""
    written, recorded = settings_of.written(desk.workspace), desk.recorded()
    standing = desk.settings.approval.model_dump(mode="json")
    if desk.settings.watch.recipients:
        standing |= {"watch": list(desk.settings.watch.recipients)}
    audit.notice(connection, recorded, "settings", written)
    audit.notice(connection, recorded, "standing-approval", standing)


def login() -> str:
    """The operating system's name of whoever runs this: of the account that logged in at the
    machine, which sudo and su leave as it is and only an administrator can change; in a service or
    a container, where nobody did, of the process's user. The environment says what its owner likes.
    """
    uid = os.getuid()
    with suppress(OSError, ValueError):
        logged_in = int(_LOGIN.read_text())
        uid = uid if logged_in == _NOBODY else logged_in
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def allowed(settings: Settings, act: Act, by: str, *, page: bool = False) -> str:
    """The name under which the act is recorded; raises AccessError where the settings do not let
    whoever is at work do it."""
    found = speaker(settings.access, act, login(), by, page=page)
    if isinstance(found, str):
        return found
    roles = ", ".join(say(f"access.role-{role}") for role in MAY[act])
    told = {**found.facts, "act": say(f"access.act-{act}"), "roles": roles}
    raise AccessError(say(f"access.{found.reason}", **told))


def _through_page() -> bool:
    """Whether Prefect runs this for one of its deployments: by its page, its API or a schedule."""
    context = sys.modules.get("prefect.context")
    run = context.FlowRunContext.get() if context else None
    return bool(run and run.flow_run and run.flow_run.deployment_id)
