"""Touches everything that a run will need, once and harmlessly, and says how to mend what fails."""

import os
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from itertools import islice
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from rules.access import MAY, nobody_may
from schemas import tables
from schemas.doctor import Check
from schemas.errors import DondocError
from schemas.settings import FILE, Settings
from schemas.texts import say, speak
from schemas.usable import usable
from tasks import (
    cluster,
    database,
    disk,
    installed,
    letters,
    libreoffice,
    mailbox,
    mailer,
    server,
    storage,
)
from tasks.database import HEAD
from tasks.desk import Desk, login, now
from tasks.registry import read_registry
from tasks.watch import plans
from tasks.wording import wording
from tasks.workspace import FOLDERS

DRIFT = timedelta(minutes=1)
"""So far may another clock be from ours."""
SHOWN = 5
"""Of many things that are wrong alike, those that are named."""
FACES = (
    "LiberationSerif-Bold.ttf",
    "LiberationSerif-BoldItalic.ttf",
    "LiberationSerif-Italic.ttf",
    "LiberationSerif-Regular.ttf",
    "NotoSans-vi.woff2",
)
"""The typefaces that the programme brings, in `reports/fonts/`."""


@dataclass(frozen=True)
class _Patient:
    """The workspace as far as it can be opened."""

    workspace: Path
    settings: Settings
    desk: Desk | None


def checkup(workspace: Path, today: date | None) -> list[Check]:
    """The checks in the order in which to mend them: one that fails keeps no other from being
    made, as long as that can be made at all."""
    workspace = workspace.resolve()
    settings, wrong = usable(workspace)
    checks = list(_texts(workspace, settings))
    told = str(wrong) if wrong else say("doctor.settings")
    checks.insert(0, Check("settings", ok=wrong is None, message=told))
    if not (workspace / FILE).is_file():
        return checks  # no workspace: nothing else is to be made there
    checks += _looked("database", lambda: _database(workspace, settings))
    desk = None
    if all(one.ok is not False for one in checks if one.name == "database"):
        try:
            desk = _opened(workspace, today, settings)
        except DondocError as error:  # it opens, and is another workspace's
            checks = [one for one in checks if one.name != "database"]
            checks.append(Check("database", ok=False, message=str(error)))
    patient = _Patient(workspace, settings, desk)
    for name, look in (("folder", _folders), ("disk", _disk), ("modes", _modes),
                       ("registry", _registry), ("mail", _mail), ("mailbox", _mailbox),
                       ("letters", _letters), ("fonts", _fonts), ("clock", _clock),
                       ("schedules", _schedules), ("watch", _watch), ("versions", _versions),
                       ("crew", _crew), ("approval", _approval), ("access", _access)):  # fmt: skip
        checks += _looked(name, lambda look=look: look(patient))  # type: ignore[misc]
    if desk:
        desk.engine.dispose()
    return checks


def _looked(name: str, look: Callable[[], Iterator[Check]]) -> list[Check]:
    """What a look finds, up to where it cannot go on."""
    found: list[Check] = []
    try:
        found.extend(look())
    except DondocError as error:
        found.append(Check(name, ok=False, message=str(error)))
    except DBAPIError as error:
        told = say("doctor.database-broken", reason=str(error.orig).splitlines()[0])
        found.append(Check(name, ok=False, message=told))
    except OSError as error:
        told = say("doctor.unreadable", file=error.filename or name, reason=storage.why(error))
        found.append(Check(name, ok=False, message=told))
    return found


def _opened(workspace: Path, today: date | None, settings: Settings) -> Desk | None:
    """The desk, unless its database is not there yet, or behind: that is made and brought up by
    the next command, not by who only looks."""
    if database.schema(workspace, settings) == HEAD:
        return Desk(workspace, today, settings, only_look=True)
    return None


def _texts(workspace: Path, settings: Settings) -> Iterator[Check]:
    try:
        speak(wording(workspace, settings))
    except DondocError as error:
        yield Check("texts", ok=False, message=str(error))


def _database(workspace: Path, settings: Settings) -> Iterator[Check]:
    version = database.schema(workspace, settings)
    told = {"version": version or "", "head": HEAD}
    if version is None:
        yield Check("database", ok=None, message=say("doctor.no-database"))
    elif version > HEAD:
        yield Check("database", ok=False, message=say("doctor.schema-newer", **told))
    elif version < HEAD:
        yield Check("database", ok=None, message=say("doctor.schema-older", **told))
    else:
        yield Check("database", ok=True, message=say("doctor.database", **told))
    kind = disk.kind(workspace)
    if settings.database_url is None and kind in disk.NETWORK:
        yield Check("disk", ok=False, message=say("doctor.network-disk", kind=kind))


def _folders(patient: _Patient) -> Iterator[Check]:
    for path in (patient.workspace / name for name in FOLDERS):
        writable = path.is_dir() and os.access(path, os.W_OK)
        key = "doctor.folder" if writable else "doctor.folder-wrong"
        yield Check("folder", ok=writable, message=say(key, folder=path))


def _disk(patient: _Patient) -> Iterator[Check]:
    free = disk.free(patient.workspace)
    key = "doctor.room" if free >= disk.ROOM else "doctor.no-room"
    told = {"free": free // 2**20, "wanted": disk.ROOM // 2**20, "folder": patient.workspace}
    yield Check("disk", ok=free >= disk.ROOM, message=say(key, **told))


def _modes(patient: _Patient) -> Iterator[Check]:
    found = [path.relative_to(patient.workspace) for path in disk.open_to_others(patient.workspace)]
    told = {"count": len(found), "files": ", ".join(map(str, found[:SHOWN]))}
    key = "doctor.open-files" if found else "doctor.closed-files"
    yield Check("modes", ok=not found, message=say(key, folder=patient.workspace, **told))


def _registry(patient: _Patient) -> Iterator[Check]:
    registry, warnings = read_registry(patient.workspace / "registry.xlsx")
    if patient.desk:
        warnings = (*warnings, *patient.desk.doubts(registry))
    counts = {"units": len(registry.units), "activities": len(registry.activities)}
    yield Check("registry", ok=True, message=say("doctor.registry", **counts))
    for finding in warnings:
        place = "!".join(part for part in (finding.sheet, finding.cell) if part)
        yield Check("registry", ok=None, message=f"registry.xlsx {place}: {finding.message}")


def _mail(patient: _Patient) -> Iterator[Check]:
    mail = patient.settings.mail
    with mailer.connection(patient.settings) as transport:
        told = {"host": mail.host, "port": mail.port}
        key = "doctor.mail-plain" if mail.security == "none" else "doctor.mail"
        yield Check("mail", ok=True, message=say(key, **told))
        to = next(iter(patient.settings.watch.recipients), mail.test_to) or transport.sender
        try:
            transport.would_take(to)
        except (OSError, smtplib.SMTPException) as error:
            final = getattr(error, "smtp_code", mailer.FINAL) >= mailer.FINAL
            told |= {"address": to, "sender": transport.sender, "reply": mailer.reply(error)}
            message = say("doctor.mail-refused", **told)
            yield Check("mail", ok=False if final else None, message=message)
    if mail.test_to:
        yield Check("mail", ok=None, message=say("page.test-mode", address=mail.test_to))


def _mailbox(patient: _Patient) -> Iterator[Check]:
    settings = patient.settings.mailbox
    if not settings.host:
        yield Check("mailbox", ok=None, message=say("doctor.no-mailbox"))
        return
    told = {"host": settings.host, "port": settings.port, "folder": settings.folder}
    with mailbox.connection(settings) as box:
        count = mailbox.look(box, settings.folder)
        key = "doctor.mailbox-plain" if settings.security == "none" else "doctor.mailbox"
        yield Check("mailbox", ok=True, message=say(key, count=count, **told))
        if settings.done and not mailbox.can_move(box):
            yield Check("mailbox", ok=False, message=say("doctor.mailbox-no-move", **told))


def _letters(patient: _Patient) -> Iterator[Check]:
    program = libreoffice.installed()
    key = "doctor.libreoffice" if program else "doctor.no-libreoffice"
    yield Check("pdf", ok=True if program else None, message=say(key, program=program))
    own = ", ".join(letters.own_templates(patient.desk)) if patient.desk else ""
    if own:
        yield Check("letters", ok=True, message=say("doctor.templates", files=own))


def _fonts(_patient: _Patient) -> Iterator[Check]:
    folder = files("reports") / "fonts"
    missing = ", ".join(name for name in FACES if not (folder / name).is_file())
    key = "doctor.no-fonts" if missing else "doctor.fonts"
    yield Check("fonts", ok=not missing, message=say(key, files=missing, count=len(FACES)))


def _clock(patient: _Patient) -> Iterator[Check]:
    drifts = {"disk": timedelta(seconds=disk.ahead(patient.workspace))}
    if patient.desk:
        with patient.desk.engine.connect() as connection:
            last = connection.scalar(select(func.max(tables.run.c.started_at)))
            drifts["database"] = database.clock(connection) - now()
        if last and last > now():
            yield Check("clock", ok=False, message=say("doctor.clock-behind", last=last))
    for whose, drift in drifts.items():
        if abs(drift) > DRIFT:
            told = {"seconds": round(abs(drift).total_seconds()), "whose": say(f"doctor.{whose}-s")}
            key = "doctor.clock-slow" if drift > timedelta(0) else "doctor.clock-fast"
            yield Check("clock", ok=False, message=say(key, **told))
    told = {"now": f"{now():%H:%M:%S %d/%m/%Y} UTC", "zone": patient.settings.timezone}
    today = patient.desk.today if patient.desk else ""
    yield Check("clock", ok=True, message=say("doctor.clock", today=today, **told))


def _schedules(patient: _Patient) -> Iterator[Check]:
    if server.left_behind(patient.workspace):
        yield Check("schedules", ok=False, message=say("doctor.serve-died"))
        return
    url = server.prepare(patient.workspace)
    if url is None:
        yield Check("schedules", ok=None, message=say("doctor.no-server"))
        return
    yield from _looked("page", lambda: _page(patient, url))
    active = server.schedules(url)
    missing = sorted({plan.flow for plan in plans()} - active)
    told = {"url": url, "count": len(active), "flows": ", ".join(missing)}
    key = "doctor.no-schedules" if missing else "doctor.server"
    yield Check("schedules", ok=not missing, message=say(key, **told))
    alive = server.worker_alive(url)
    key = "doctor.worker" if alive else "doctor.no-worker"
    yield Check("worker", ok=alive, message=say(key, url=url))


def _page(patient: _Patient, url: str) -> Iterator[Check]:
    """Who can reach the server, and how: on the loopback that is everybody of this machine."""
    where = server.listening(patient.workspace, url)
    if server.lets_anybody_in(url):
        told_apart = where.beyond or patient.settings.access.people
        yield Check(
            "page", ok=False if told_apart else None, message=say("doctor.page-open", url=url)
        )
    if where.beyond and not where.behind_tls:
        yield Check("page", ok=False, message=say("doctor.page-plain", url=url))


def _watch(patient: _Patient) -> Iterator[Check]:
    settings = patient.settings.watch
    if not settings.recipients:
        yield Check("watch", ok=None, message=say("doctor.no-watch"))


def _versions(_patient: _Patient) -> Iterator[Check]:
    differ = list(installed.differing())
    told = {"count": len(differ), "shown": ", ".join(islice(differ, SHOWN))}
    key = "doctor.other-versions" if differ else "doctor.versions"
    yield Check("versions", ok=not differ, message=say(key, **told))


def _crew(patient: _Patient) -> Iterator[Check]:
    if address := patient.settings.crew.scheduler:
        cluster.look(address)
        yield Check("crew", ok=True, message=say("doctor.scheduler", address=address))


def _approval(patient: _Patient) -> Iterator[Check]:
    settings = patient.settings
    kinds = ", ".join(say(f"notice.{kind}") for kind in settings.approval.standing)
    key = "doctor.standing" if kinds else "doctor.no-standing"
    message = say(key, kinds=kinds, by=settings.approval.answerable)
    yield Check("body", ok=None, message=say("doctor.body", name=settings.body.name))
    yield Check("approval", ok=None, message=message)


def _access(patient: _Patient) -> Iterator[Check]:
    access = patient.settings.access
    key = "doctor.access" if access.people else "doctor.no-access"
    yield Check("access", ok=None, message=say(key, count=len(access.people), login=login()))
    for act in nobody_may(access):
        roles = ", ".join(say(f"access.role-{role}") for role in MAY[act])
        told = {"act": say(f"access.act-{act}"), "roles": roles}
        yield Check("access", ok=False, message=say("doctor.nobody-may", **told))
    if access.page:
        yield Check("access", ok=None, message=say("doctor.access-page"))
