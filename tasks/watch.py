"""Looks for what did not go as planned since the last watch, and leaves word of it: in two files of
the workspace, and by mail to whom the settings name."""

import json
import logging
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, func, or_, select

from reports import mails, watched
from rules.watch import BACKUP, lapses
from rules.workdays import deadline, report_due
from schemas import tables
from schemas.errors import DondocError
from schemas.notices import Address, Delivery, Draft, NoticeKind
from schemas.period import Period
from schemas.texts import say
from schemas.watch import Arrived, Lapse, Letters, Plan, Run, Seen, Watched
from tasks import archive, audit, inbox, outbox, submissions
from tasks.database import clock
from tasks.delivery import send_approved
from tasks.deployments import declared
from tasks.desk import Desk, now
from tasks.mailroom import FILELESS, QUARANTINED, RELEASED, WAITING
from tasks.reported import due_reports
from tasks.step import step

log = logging.getLogger("dondoc")

FILE, TEXT = "watch.json", "watch.txt"
"""What a machine and what a person reads, in the workspace; remade by every watch."""

_DAY = timedelta(days=1)
_run, _notice, _outbox = tables.run.c, tables.notice.c, tables.outbox.c


@step()
def look_around(desk: Desk) -> Watched:
    """All that did not go as planned since the first watch of the last day that had one."""
    reports = [(one, _due(desk, one)) for one in due_reports(desk, "")]
    known = set(submissions.known_periods(desk))
    with desk.engine.connect() as connection:
        began = _since(desk, connection)
        _, head, broken = audit.walked(connection)
        seen = Seen(
            today=desk.today,
            since=_on(desk, *began),
            now=_on(desk, desk.today, now()),
            plans=tuple(plans()),
            runs=tuple(_runs(desk, connection, began[0])),
            letters=tuple(_letters(connection, began[1])),
            arrived=tuple(_arrived(desk, connection)),
            unreported=tuple((one, due) for one, due in reports if one in known),
            fileless=_fileless(connection, began[1]),
            backed_up=_backed_up(connection),
            log_damages=len(broken),
        )
    found = lapses(seen, desk.settings.watch, desk.settings.schedule)
    return Watched(seen.today, seen.since, seen.now, found, None if broken else head)


@step()
def tell(desk: Desk, found: Watched) -> Watched:
    """Leave word: the files in any case, and once a day a mail; where that cannot leave, this too
    is something that did not go as planned."""
    _keep(desk, found)
    if not desk.settings.watch.recipients:
        return found
    try:
        _mail(desk, found)
        send_approved(desk, "", late=False, kind=NoticeKind.WATCH)
        reason = ", ".join(say(f"delivery.{state}") for state in _unsent(desk))
    except DondocError as error:
        reason = str(error)
    if reason:
        found = replace(found, lapses=(*found.lapses, Lapse("untold", {"reason": reason})))
        _keep(desk, found)
    return found


def plans() -> list[Plan]:
    """The schedules of prefect.yaml."""
    return [
        Plan(one["name"], its["cron"], its["timezone"])
        for one in declared()
        for its in one.get("schedules", ())
    ]


def _keep(desk: Desk, found: Watched) -> None:
    answer = json.dumps(watched.answer(found), ensure_ascii=False, indent=2)
    archive.write_whole(desk.workspace / FILE, f"{answer}\n".encode())
    text = "\n".join(watched.lines(found))
    archive.write_whole(desk.workspace / TEXT, f"{text}\n".encode())


def _mail(desk: Desk, found: Watched) -> None:
    """Lay the day's mail in the outbox, unless it lies there: what a later watch of that day finds
    is in the files, and in the mail of the next day."""
    period, occasion = Period.ended_before(desk.today), desk.today.isoformat()
    if outbox.drafted_for(desk, NoticeKind.WATCH, period, occasion):
        return
    to = tuple(Address("", email) for email in desk.settings.watch.recipients)
    mail = mails.watch(desk.settings.body, found)
    draft = Draft(NoticeKind.WATCH, period, None, occasion, to, (), mail, (), desk.today)
    outbox.draft(desk, [draft])


def _unsent(desk: Desk) -> list[str]:
    """The states of the day's mail where it has not left."""
    states = (
        select(_outbox.state)
        .join(tables.notice, _notice.id == _outbox.notice)
        .where(
            _notice.kind == NoticeKind.WATCH,
            _notice.occasion == desk.today.isoformat(),
            _outbox.state != Delivery.SENT,
        )
        .distinct()
        .order_by(_outbox.state)
    )
    with desk.engine.connect() as connection:
        return list(connection.scalars(states))


def _due(desk: Desk, period: Period) -> date:
    schedule = desk.settings.schedule
    return report_due(deadline(period, schedule), schedule)


def _on(desk: Desk, day: date, instant: datetime) -> datetime:
    """The instant on the business date that it was said to be: the same, unless told `--today`."""
    local = instant.astimezone(ZoneInfo(desk.settings.timezone))
    return datetime.combine(day, local.timetz())


def _since(desk: Desk, connection: Connection) -> tuple[date, datetime]:
    """When the first watch of the last day that had one began: what a person looks up meanwhile
    takes nothing out of the next day's mail. Before any, a day ago, or with the first run."""
    told = (_run.flow == "watch", _run.outcome == "done")
    earlier = and_(*told, _run.business_date < desk.today)
    last = select(func.max(_run.business_date)).where(earlier).scalar_subquery()
    first = select(_run.business_date, _run.started_at).order_by(_run.started_at).limit(1)
    row = connection.execute(first.where(earlier, _run.business_date == last)).first()
    if row is None:
        row = connection.execute(first).one()  # our own, at the latest
        if (row.business_date, row.started_at) < (desk.today - _DAY, now() - _DAY):
            return desk.today - _DAY, now() - _DAY
    return row.business_date, row.started_at


def _runs(desk: Desk, connection: Connection, since: date) -> list[Run]:
    """The runs from the day before on: one may still have been under way."""
    listed = select(tables.run).where(_run.business_date >= since - _DAY, _run.id != desk.run)
    return [
        Run(
            flow=row.flow,
            began=(began := _on(desk, row.business_date, row.started_at)),
            ended=row.ended_at and began + (row.ended_at - row.started_at),
            outcome=row.outcome or "",
        )
        for row in connection.execute(listed.order_by(_run.id))
    ]


def _letters(connection: Connection, since: datetime) -> list[Letters]:
    answered = select(tables.delivery.c.outbox).where(tables.delivery.c.at >= since)
    waits = (Delivery.DRAFT, Delivery.APPROVED, Delivery.HELD, Delivery.FAILED)
    over = (Delivery.REFUSED, Delivery.BOUNCED)
    kinds = (_notice.kind, _notice.period, _outbox.state, _notice.due)
    counted = (
        select(*kinds, func.count())
        .join(tables.outbox, _outbox.notice == _notice.id)
        .where(
            or_(
                _outbox.state.in_(waits),
                outbox.left_behind(clock(connection)),
                and_(_outbox.state.in_(over), _outbox.id.in_(answered)),
            )
        )
        .group_by(*kinds)
        .order_by(*kinds)
    )
    return [
        Letters(kind, period, Delivery(state), due, count)
        for kind, period, state, due, count in connection.execute(counted)
    ]


def _arrived(desk: Desk, connection: Connection) -> list[Arrived]:
    """What came and waits: submissions of which no answer has left, mailed files."""
    its, message, file = tables.submission.c, tables.message.c, tables.attachment.c
    answer = (
        select(_notice.id)
        .join(tables.outbox, _outbox.notice == _notice.id)
        .where(
            _notice.kind.in_(outbox.ANSWERS),
            _notice.occasion == its.sha256,
            _notice.unit == its.unit,
        )
    )
    unsent = answer.where(_outbox.state.in_(outbox.UNSENT)).exists()
    unanswered = select(its.received_on, its.received_at).where(or_(~its.answered, unsent))
    at = _on(desk, desk.today, now())
    ages = [
        ("unanswered", at - _on(desk, row.received_on, row.received_at))
        for row in connection.execute(unanswered.where(its.unit.is_not(None)))
    ]
    waits = {QUARANTINED: "quarantined", WAITING: "unread", RELEASED: "unread"}
    mailed = select(file.state, message.recorded_at).join(tables.message)
    for row in connection.execute(mailed.where(file.state.in_(waits))):
        ages.append((waits[row.state], now() - row.recorded_at))
    ages += [("unplaced", now() - since) for since in inbox.unplaced(desk)]
    return [Arrived(kind, age) for kind, age in ages]


def _fileless(connection: Connection, since: datetime) -> int:
    its = tables.message.c
    come = select(func.count()).where(its.state == FILELESS, its.recorded_at >= since)
    return connection.execute(come).scalar_one()


def _backed_up(connection: Connection) -> date | None:
    made = (_run.flow == BACKUP, _run.outcome == "done")
    last: date | None = connection.scalar(select(func.max(_run.business_date)).where(*made))
    return last
