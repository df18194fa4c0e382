"""Months as a ministry lives them, the clock injected: what the clerks send is fixed before, faults
strike or do not, so that two runs can be compared."""

import os
import random
import re
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Engine, event, insert
from sqlalchemy.exc import DBAPIError

from flows.approve import approve
from flows.collect import collect
from flows.deliver import deliver
from flows.monthly_report import monthly_report
from flows.open_period import open_period
from flows.remind import remind
from imap import Box
from letters import attached, raw
from ministry import DISBURSED, ESTIMATE, IT, MONEY, Lines, Ministry, Workspace, create, fill
from postbox import CUT, Postbox
from rules.workdays import deadline, shift
from schemas import tables
from schemas.errors import DondocError
from schemas.notices import Delivery
from schemas.period import Period
from schemas.settings import Schedule
from tasks import database, outbox
from tasks.desk import Desk
from tasks.reported import reported
from tasks.server import free_port

FIRST = Period(2021, 1)
SCHEDULE = Schedule()
APPROVER = "Nguyễn Văn Duyệt"
TAKEN_AND_CUT = "taken, and cut"
"""The window that SMTP leaves open: the server has the message, and nobody hears of it."""


@dataclass(frozen=True)
class TwoYears(Ministry):
    """Units with the same activities in 2021 and 2022."""

    decided: tuple[tuple[date, int], ...] = ()
    """What the first activity was given beside its budget: the day, triệu đồng."""

    def registry(self) -> dict[str, list[dict[str, Any]]]:
        sheets, its = super().registry(), self.activities()
        given = [(one.code, "Giao", one.budget, date(2022, 1, 4)) for one in its]
        given += [(its[0].code, "Điều chỉnh", Decimal(amount), day) for day, amount in self.decided]
        labels = ("Năm", "Mã nhiệm vụ", "Loại", "Số tiền", "Ngày", "Số văn bản")
        for number, (code, kind, amount, day) in enumerate(given, 1):
            line = (day.year, code, kind, amount, day, f"{number}/QĐ-BT")
            sheets["Dự toán"].append(dict(zip(labels, line, strict=True)))
        return sheets

    def registry_file(self, folder: Path) -> bytes:
        """Its bytes are others each time that it is written."""
        path = folder / "registry.xlsx"
        self.write_registry(path)
        return path.read_bytes()


# --- what the clerks do, whatever befalls the machine -------------------------------------------


@dataclass(frozen=True)
class Sent:
    """What a clerk fills in, and sends by mail or lays in the folder."""

    unit: str
    period: Period
    number: int
    lines: Mapping[str, Lines]

    @property
    def by_mail(self) -> bool:
        """A unit keeps to its way."""
        return int(self.unit[2:]) % 2 == 0

    @property
    def name(self) -> str:
        return f"{self.unit} {self.period} lần {self.number}.xlsx"


@dataclass
class Day:
    """A working day on which something happens: the registry may have been saved anew by then, a
    period opens, reports come, and what was reported may be reported again."""

    today: date
    registry: bytes
    opens: Period | None = None
    sent: list[Sent] = field(default_factory=list)
    approves: Period | None = None
    again: Period | None = None


COURSES: Sequence[Sequence[tuple[int, str]]] = (
    ((-3, "right"),),
    ((0, "right"),),
    ((-3, "wrong"), (0, "right")),
    ((0, "wrong"), (1, "wrong"), (4, "right")),
    ((-3, "less"), (0, "right")),
    ((0, "less"), (4, "right")),
    ((4, "right"),),
    (),
)
"""How a unit reports: on which working days from the deadline, and how well. Late ones come when
the month was reported already, and it is reported again."""


def script(dice: random.Random, ministry: TwoYears, months: int, folder: Path) -> list[Day]:
    """The days of so many months. In a month in four a decision was entered in the registry."""
    days: list[Day] = []
    spent: dict[str, Decimal] = {}
    registry = ministry.registry_file(folder)
    for period in (FIRST.shift(number) for number in range(months)):
        due = deadline(period, SCHEDULE)
        if dice.random() < 0.25:
            decision = (period.last_day, dice.choice((-9, 20, 40)))
            ministry = replace(ministry, decided=(*ministry.decided, decision))
            registry = ministry.registry_file(folder)
        at = {n: Day(shift(due, n, SCHEDULE), registry) for n in (-4, -3, 0, 1, 3, 4)}
        at[-4].opens = at[3].approves = period
        if period.month == 1:
            spent.clear()
        for unit in ministry.units:
            for one in ministry.of(unit):
                share = Decimal(dice.choice((0, 2, 4, 6, 8, 9))) / 100
                spent[one.code] = spent.get(one.code, Decimal(0)) + one.budget * share
            for number, (day, how) in enumerate(dice.choice(COURSES), 1):
                lines = _lines(ministry, unit, spent, how)
                at[day].sent.append(Sent(unit, period, number, lines))
        if at[4].sent:
            at[4].again = at[4].approves = period
        days += at.values()
    return days


def _lines(
    ministry: Ministry, unit: str, spent: Mapping[str, Decimal], how: str
) -> dict[str, Lines]:
    """What the clerk types: the right figures, the first one less, or no figure at all."""
    lines = ministry.lines(unit)
    money = {}
    for one in ministry.of(unit):
        right = spent[one.code].quantize(Decimal("0.001"))
        typed: Any = {"right": right, "less": right * Decimal("0.9"), "wrong": "khoảng ba tỷ"}[how]
        money[one.code] = {**lines[MONEY][one.code], DISBURSED: typed, ESTIMATE: one.budget}
    begun = {
        code: {"Nghiệm thu": "Đang thực hiện", "Bàn giao": "Chưa", "Thanh quyết toán": "Chưa"}
        for code in lines.get(IT, {})
    }
    return lines | {MONEY: money} | ({IT: begun} if begun else {})


# --- what befalls it ----------------------------------------------------------------------------


@dataclass
class Server(Postbox):
    """Takes what it is given, whatever it is told to answer then."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        to = envelope.rcpt_tos[0]
        if self.at_data.get(to) != TAKEN_AND_CUT:
            return await super().handle_DATA(server, session, envelope)
        self.at_data[to] = "250 taken"
        await super().handle_DATA(server, session, envelope)
        self.at_data[to] = CUT
        return await super().handle_DATA(server, session, envelope)


class Calm:
    """Nothing befalls anybody."""

    def strike(self, _player: "Player", _flow: str, work: Callable[[], object]) -> None:
        work()

    def litter(self, _player: "Player", _day: Day) -> None:
        pass


class Storm:
    """Faults by the dice: before a run ends well it may fail several times, each its own way; all
    is over before the day is. `often` are the numbers of faults that may meet one run."""

    def __init__(self, seed: int, often: Sequence[int]) -> None:
        self.often = often
        self.dice = random.Random(seed)  # noqa: S311 - no secret
        self.met = Counter[str]()
        self.reach: dict[str, int] = {}
        """Flow -> how often it touched the world when it last ran whole in a process of its own."""

    def strike(self, player: "Player", flow: str, work: Callable[[], object]) -> None:
        faults = ["killed", "killed", "locked", "registry"]
        faults += ["refused", "not now", CUT, TAKEN_AND_CUT, "gone"] if flow == "deliver" else []
        faults += ["mailbox"] * 2 if flow == "collect" else []
        for _ in range(self.dice.choice(self.often)):
            fault = self.dice.choice(faults)
            if fault == "killed":
                fault = self._kill(player, flow, work)
            else:
                with self._fault(player, fault), suppress(DondocError, DBAPIError):
                    work()  # refused, as the front door tells it in a sentence
            self.met[f"{flow}: {fault}"] += 1
            player.look()
        work()

    def litter(self, player: "Player", day: Day) -> None:
        """Beside what the clerks send there is a workbook that broke off on its way, and what has
        come already comes again."""
        for one in day.sent:
            content = player.filled(one)
            if self.dice.random() < 0.25:
                broken = content[: self.dice.randrange(len(content))]
                (player.inbox / f"tệp hỏng {self.dice.random()}.xlsx").write_bytes(broken)
                self.met["a broken workbook"] += 1
            if self.dice.random() < 0.25:
                player.send(one)
                self.met["a workbook twice"] += 1

    @contextmanager
    def _fault(self, player: "Player", fault: str) -> Iterator[None]:
        with ExitStack() as stack:
            if fault == "locked":
                stack.enter_context(_locked(player, self.dice.uniform(0.1, 0.4)))
            elif fault == "registry":
                stack.enter_context(_half_saved(player.path / "registry.xlsx"))
            elif fault == "mailbox":
                unheard = {"DONDOC_MAILBOX__PORT": str(free_port())}
                stack.enter_context(patch.dict(os.environ, unheard))
            elif fault == "gone":
                unheard = {"DONDOC_MAIL__PORT": str(free_port())}
                stack.enter_context(patch.dict(os.environ, unheard))
            else:
                stack.enter_context(self._rude(player, fault))
            yield

    @contextmanager
    def _rude(self, player: "Player", fault: str) -> Iterator[None]:
        """The mail server treats one recipient of those who wait, or everybody, like that."""
        waiting = sorted({r["to"] for r in player.rows() if r["state"] in {"approved", "failed"}})
        some = [self.dice.choice(waiting)] if waiting else []
        server = player.server
        if fault == "refused":
            server.at_rcpt |= dict.fromkeys(some, "450 4.7.1 greylisted")
        elif fault == "not now":
            server.at_rcpt |= dict.fromkeys(waiting, "421 4.7.0 too much mail")
        else:
            server.at_data |= dict.fromkeys(some, fault)
        try:
            yield
        finally:
            server.at_rcpt.clear()
            server.at_data.clear()

    def _kill(self, player: "Player", flow: str, work: Callable[[], object]) -> str:
        """In a process of its own, that dies at one of the moments at which it touches the world;
        or is done before."""
        told, telling = os.pipe()
        last = self.dice.randrange(1, self.reach.get(flow, 100) + 1)
        child = os.fork()
        if not child:
            os.close(told)
            status = 1
            try:
                touches = _die_at(last)
                work()
                os.write(telling, str(next(touches)).encode())
                status = 0
            finally:
                os._exit(status)
        os.close(telling)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        with os.fdopen(told) as pipe:
            touched = pipe.read()
        if ended == -signal.SIGKILL:
            return "killed"
        assert ended == 0, f"{flow}: {ended}"
        self.reach[flow] = max(int(touched), 1)
        return "done before it was killed"


def _die_at(last: int) -> Iterator[int]:
    """Kill this process when it touches the world for the last time: a statement to the database, a
    file opened for writing, moved, or deleted, a line to a server. Gives the number so far."""
    touched = 0

    def touch(*_: object) -> None:
        nonlocal touched
        touched += 1
        if touched == last:
            os.kill(os.getpid(), signal.SIGKILL)

    def heard(name: str, its: tuple[object, ...]) -> None:
        opened = name == "open" and isinstance(its[2], int) and its[2] & (os.O_WRONLY | os.O_RDWR)
        if opened or name in {"os.rename", "os.remove", "smtplib.send", "imaplib.send"}:
            touch()

    event.listen(Engine, "before_cursor_execute", touch)
    event.listen(Engine, "commit", touch)
    sys.addaudithook(heard)

    def count() -> Iterator[int]:
        while True:
            yield touched

    return count()


@contextmanager
def _locked(player: "Player", seconds: float) -> Iterator[None]:
    """Another program writes in the database for a while; SQLite waits for it 0,2 s here."""
    held = threading.Event()

    def hold() -> None:
        with Desk(player.path) as desk, desk.writer.begin():
            held.set()
            time.sleep(seconds)

    other = threading.Thread(target=hold)
    other.start()
    held.wait()
    try:
        with patch.object(database, "BUSY_TIMEOUT", 0.2):
            yield
    finally:
        other.join()


@contextmanager
def _half_saved(registry: Path) -> Iterator[None]:
    """Somebody saves the registry while we look at it: half of it stands there."""
    whole = registry.read_bytes()
    registry.write_bytes(whole[: len(whole) // 2])
    try:
        yield
    finally:
        registry.write_bytes(whole)


# --- a run --------------------------------------------------------------------------------------

Fate = Calm | Storm


@dataclass
class Player:
    """Plays the days in one workspace; `filled_in` are the clerks' files, which two runs share."""

    workspace: Workspace
    server: Server
    box: Box
    fate: Fate
    filled_in: dict[tuple[str, bytes], bytes]
    instant: datetime = datetime(2021, 1, 1, tzinfo=UTC)
    in_doubt: set[str] = field(default_factory=set)
    """The Message-IDs of what the server had taken when we did not know it."""

    @property
    def path(self) -> Path:
        return self.workspace.path

    @property
    def inbox(self) -> Path:
        return self.workspace.inbox

    def play(self, days: Sequence[Day]) -> None:
        settings = {**self.server.settings(), **self.box.settings()}
        with (
            patch.dict(os.environ, settings),
            patch.object(outbox, "clock", lambda _: self.instant),
        ):
            for day in days:
                self._play(day)

    def _play(self, day: Day) -> None:
        self.instant = datetime(*day.today.timetuple()[:3], 1, tzinfo=UTC)
        path, today = self.path, day.today
        (path / "registry.xlsx").write_bytes(day.registry)
        if day.opens:
            period = str(day.opens)
            self._run("open", lambda: open_period.fn(path, period, today))
            self._deliver(today)
        for one in day.sent:
            self.send(one)
        self.fate.litter(self, day)
        self._run("collect", lambda: collect.fn(path, "", today))
        self._run("remind", lambda: remind.fn(path, "", today))
        self._run("report", lambda: monthly_report.fn(path, "", today))
        if day.again:
            again = str(day.again)
            self._run("report", lambda: monthly_report.fn(path, again, today))
        if day.approves:
            of = str(day.approves)
            self._run("approve", lambda: approve.fn(path, APPROVER, of, today=today))
        self._deliver(today)

    def _run(self, flow: str, work: Callable[[], object]) -> None:
        self.instant += timedelta(minutes=15)
        self.fate.strike(self, flow, work)

    def _deliver(self, today: date) -> None:
        """Every hour, until nothing waits."""
        for _ in range(12):
            self._run("deliver", lambda: deliver.fn(self.path, "", today))
            self.instant += timedelta(hours=1)
            if not [r for r in self.rows() if r["state"] in {"approved", "failed", "sending"}]:
                return
        raise AssertionError([r for r in self.rows() if r["state"] not in {"sent", "superseded"}])

    def rows(self) -> list[dict[str, Any]]:
        with Desk(self.path) as desk:
            return [*outbox.rows(desk.engine, None)]

    def look(self) -> None:
        """After a fault: what did the server take that we do not know of?"""
        known = {r["message_id"] for r in self.rows() if r["state"] == Delivery.SENT}
        self.in_doubt |= set(self.taken) - known

    @property
    def taken(self) -> Counter[str]:
        """Message-ID -> how often the server took it."""
        return Counter(str(one.mail["Message-ID"]) for one in self.server.taken)

    def filled(self, one: Sent) -> bytes:
        """The clerk's file; of an equal form the very same."""
        form = self.path / "forms" / str(one.period) / f"{one.unit}.xlsx"
        key = one.name, form.read_bytes()
        if key not in self.filled_in:
            target = self.path / "clerk.xlsx"
            self.filled_in[key] = fill(form, target, one.lines).read_bytes()
            target.unlink()
        return self.filled_in[key]

    def send(self, one: Sent) -> None:
        content = self.filled(one)
        if one.by_mail:
            assert self.box.own
            sender = f"nop.{one.unit.lower()}@ubdt.vn"
            mail = raw(attached(content, one.name, sender=sender))
            self.box.own.folders["INBOX"].add(mail, set())
        else:
            (self.inbox / one.name).write_bytes(content)


def begin(path: Path, ministry: Ministry) -> Workspace:
    """A new workspace; the key that signs the forms is always the same, and so are the forms."""
    workspace = create(path, ministry)
    with Desk(path) as desk, desk.writer.begin() as connection:
        connection.execute(insert(tables.workspace).values(key="signing-key", value="ab" * 32))
    return workspace


def outcome(player: Player, periods: Sequence[Period], today: date) -> dict[str, Any]:
    """What two runs are compared by: of every month its papers, its mails by the hash of all that
    they say, and its figures; every message that left.

    The number of a notice in the outbox may differ: answers are numbered as reports come in, and
    of two that came on one day the first may be the second when the mailbox was away. The pages
    name it in their links.
    """
    told: dict[str, Any] = {}
    for period in periods:
        with Desk(player.path, today) as desk:
            made, folder = reported(desk, period), desk.report_folder(period)
        papers = {name: (folder / name).read_bytes() for name in made.documents}
        told[str(period)] = {
            "papers": {n: re.sub(rb"#thu-\d+", b"", its) for n, its in papers.items()},
            "mails": dict(made.mails),
            "status": player.workspace.done("status", period, today=today),
        }
    keys = ("kind", "unit", "period", "to", "subject", "message_id", "state")
    told["outbox"] = Counter(tuple(row[key] for key in keys) for row in player.rows())
    return told
