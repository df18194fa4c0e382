"""Decides what did not go as planned: schedules missed, runs that failed, mail that stays."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from rules.workdays import is_too_late, shift
from schemas.notices import Delivery
from schemas.settings import Schedule, Watch
from schemas.watch import Fact, Lapse, Letters, Plan, Run, Seen

BACKUP = "backup"
"""The flow that the machine's own timer runs, at a time that prefect.yaml does not know."""

_STUCK = {
    Delivery.SENDING: "lease",
    Delivery.HELD: "held",
    Delivery.FAILED: "undelivered",
    Delivery.REFUSED: "refused",
    Delivery.BOUNCED: "bounced",
}
"""What a message in that state is told as, however long it has been in it."""


def lapses(seen: Seen, limits: Watch, schedule: Schedule) -> tuple[Lapse, ...]:
    """Everything that a person should know of; nothing: all ran as planned."""
    within = timedelta(minutes=limits.begin_within)
    return (
        *(lapse for plan in seen.plans for lapse in _missed(plan, seen, within)),
        *_unsound(seen, within),
        *(
            Lapse("no-report", {"period": str(period), "due": due})
            for period, due in seen.unreported
            if due < seen.today
        ),
        *(lapse for some in seen.letters for lapse in _unmoved(some, seen, limits, schedule)),
        *_waiting(seen, timedelta(hours=limits.unanswered_hours)),
        *_counted("fileless", seen.fileless),
        *_backups(seen, limits.backup_days),
        *_counted("log-damaged", seen.log_damages),
    )


def instants(plan: Plan, after: datetime, until: datetime) -> Iterator[datetime]:
    """When the flow was to run, later than `after` and not later than `until`."""
    for instant in CronSim(plan.cron, after.astimezone(ZoneInfo(plan.timezone))):
        if instant > until:
            return
        yield instant


def _missed(plan: Plan, seen: Seen, within: timedelta) -> Iterator[Lapse]:
    """The instants at which no run began in time, and none of the flow was under way: of one flow
    one run goes at a time. What may still begin is left to the next watch."""
    runs = sorted((run for run in seen.runs if run.flow == plan.flow), key=lambda run: run.began)
    begun = [run.began for run in runs]
    missed = []
    for instant in instants(plan, seen.since - within, seen.now - within):
        at = bisect_left(begun, instant)
        in_time = at < len(begun) and begun[at] <= instant + within
        under_way = at > 0 and (runs[at - 1].ended or begun[at - 1] + within) > instant
        if not (in_time or under_way):
            missed.append(instant)
    if missed:
        first, last = missed[0], missed[-1]
        told: dict[str, Fact] = {"flow": plan.flow, "count": len(missed)}
        yield Lapse("missed", told | {"first": first, "last": last})


def _unsound(seen: Seen, within: timedelta) -> Iterator[Lapse]:
    """Runs of what a schedule runs that did not end well, unless a later one did: the next of a
    schedule, or a person's, makes good what it left. Whoever runs a person's flow has been told."""
    for flow in dict.fromkeys([*(plan.flow for plan in seen.plans), BACKUP]):
        its = [run for run in seen.runs if run.flow == flow and run.began >= seen.since]
        good = max((run.began for run in its if run.outcome == "done"), default=seen.since)
        failed = [run for run in its if run.ended and run.outcome != "done" and run.began >= good]
        if failed:
            last = max(failed, key=lambda run: run.began)
            yield Lapse("failed", _run(last) | {"count": len(failed), "outcome": last.outcome})
        for run in its:
            if run.ended is None and run.began + within <= seen.now:
                yield Lapse("unfinished", _run(run))


def _run(run: Run) -> dict[str, Fact]:
    return {"flow": run.flow, "at": run.began}


def _unmoved(some: Letters, seen: Seen, limits: Watch, schedule: Schedule) -> Iterator[Lapse]:
    kind = _STUCK.get(some.state)
    if some.state is Delivery.DRAFT:
        waited = shift(some.due, limits.unapproved_days, schedule) < seen.today
        kind = "unapproved" if waited else None
    if some.state is Delivery.APPROVED and is_too_late(some.due, seen.today, schedule):
        kind = "too-late"
    if kind:
        told: dict[str, Fact] = {"notice": some.kind, "period": some.period, "due": some.due}
        yield Lapse(kind, told | {"count": some.count})


def _waiting(seen: Seen, longest: timedelta) -> Iterator[Lapse]:
    long = [one for one in seen.arrived if one.age >= longest]
    for waits, count in Counter(one.waits for one in long).items():
        oldest = max(one.age for one in long if one.waits == waits)
        yield Lapse(waits, {"count": count, "hours": int(oldest / timedelta(hours=1))})


def _counted(kind: str, count: int) -> Iterator[Lapse]:
    if count:
        yield Lapse(kind, {"count": count})


def _backups(seen: Seen, longest: int) -> Iterator[Lapse]:
    """That none was made for so many days; of who never made one nobody knows when it is due."""
    if longest and seen.backed_up and (days := (seen.today - seen.backed_up).days) >= longest:
        yield Lapse("no-backup", {"count": days, "last": seen.backed_up})
