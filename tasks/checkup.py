"""Touches everything that a run will need, once and harmlessly, and says how to mend what fails."""

import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from sqlalchemy import func, select

from rules.access import MAY, nobody_may
from schemas import tables
from schemas.doctor import Check
from schemas.errors import DondocError
from schemas.texts import say
from tasks import letters, libreoffice, mailbox, mailer, server
from tasks.database import HEAD
from tasks.desk import Desk, login, now
from tasks.workspace import FOLDERS


def checkup(workspace: Path, today: date | None) -> list[Check]:
    """The checks in the order in which to mend them; without settings or database no others."""
    try:
        with Desk(workspace, today) as desk:
            return _checks(desk)
    except DondocError as error:
        return [Check("settings", ok=False, message=str(error))]


def _checks(desk: Desk) -> list[Check]:
    checks = [
        Check("settings", ok=True, message=say("doctor.settings")),
        Check("database", ok=True, message=say("doctor.database", version=HEAD)),
        *(_folder(desk.workspace / name) for name in FOLDERS),
    ]
    for name, look in (("registry", _registry), ("mail", _mail), ("mailbox", _mailbox),
                       ("letters", _letters), ("clock", _clock), ("schedules", _schedules),
                       ("approval", _approval), ("access", _access)):  # fmt: skip
        checks += _looked(name, look, desk)
    return checks


def _looked(name: str, look: Callable[[Desk], Iterator[Check]], desk: Desk) -> list[Check]:
    try:
        return list(look(desk))
    except DondocError as error:
        return [Check(name, ok=False, message=str(error))]


def _folder(path: Path) -> Check:
    writable = path.is_dir() and os.access(path, os.W_OK)
    key = "doctor.folder" if writable else "doctor.folder-wrong"
    return Check("folder", ok=writable, message=say(key, folder=path))


def _registry(desk: Desk) -> Iterator[Check]:
    registry = desk.registry
    counts = {"units": len(registry.units), "activities": len(registry.activities)}
    yield Check("registry", ok=True, message=say("doctor.registry", **counts))
    for finding in desk.registry_warnings:
        place = "!".join(part for part in (finding.sheet, finding.cell) if part)
        yield Check("registry", ok=None, message=f"registry.xlsx {place}: {finding.message}")


def _mail(desk: Desk) -> Iterator[Check]:
    mail = desk.settings.mail
    with mailer.connection(desk.settings):
        key = "doctor.mail-plain" if mail.security == "none" else "doctor.mail"
        yield Check("mail", ok=True, message=say(key, host=mail.host, port=mail.port))
    if mail.test_to:
        yield Check("mail", ok=None, message=say("page.test-mode", address=mail.test_to))


def _mailbox(desk: Desk) -> Iterator[Check]:
    settings = desk.settings.mailbox
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


def _letters(desk: Desk) -> Iterator[Check]:
    program = libreoffice.installed()
    key = "doctor.libreoffice" if program else "doctor.no-libreoffice"
    yield Check("pdf", ok=True if program else None, message=say(key, program=program))
    own = ", ".join(letters.own_templates(desk))
    if own:
        yield Check("letters", ok=True, message=say("doctor.templates", files=own))


def _clock(desk: Desk) -> Iterator[Check]:
    with desk.engine.connect() as connection:
        last = connection.scalar(select(func.max(tables.run.c.started_at)))
    if last and last > now():
        yield Check("clock", ok=False, message=say("doctor.clock-behind", last=last))
    told = {"now": f"{now():%H:%M:%S %d/%m/%Y} UTC", "zone": desk.settings.timezone}
    yield Check("clock", ok=True, message=say("doctor.clock", today=desk.today, **told))


def _schedules(desk: Desk) -> Iterator[Check]:
    url = server.prepare(desk.workspace)
    if url is None:
        yield Check("schedules", ok=None, message=say("doctor.no-server"))
        return
    count = server.schedules(url)
    key = "doctor.server" if count else "doctor.no-schedules"
    yield Check("schedules", ok=count > 0, message=say(key, url=url, count=count))


def _approval(desk: Desk) -> Iterator[Check]:
    standing = desk.settings.approval.standing
    kinds = ", ".join(say(f"notice.{kind}") for kind in standing)
    key = "doctor.standing" if standing else "doctor.no-standing"
    message = say(key, kinds=kinds, by=desk.settings.approval.answerable)
    yield Check("body", ok=None, message=say("doctor.body", name=desk.settings.body.name))
    yield Check("approval", ok=None, message=message)


def _access(desk: Desk) -> Iterator[Check]:
    access = desk.settings.access
    key = "doctor.access" if access.people else "doctor.no-access"
    yield Check("access", ok=None, message=say(key, count=len(access.people), login=login()))
    for act in nobody_may(access):
        roles = ", ".join(say(f"access.role-{role}") for role in MAY[act])
        told = {"act": say(f"access.act-{act}"), "roles": roles}
        yield Check("access", ok=False, message=say("doctor.nobody-may", **told))
    if access.page:
        yield Check("access", ok=None, message=say("doctor.access-page"))
