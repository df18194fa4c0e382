"""Runs one month by one of the builds, each process measured, and says what came of it."""

import json
import os
import shutil
import sys
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from time import sleep
from typing import Any
from unittest.mock import patch
from urllib.request import Request, urlopen

from country import Country, build, fill_in, know_key
from job import DONG, SENDER, Job
from measuring import Measured, run
from python_calamine import CalamineWorkbook
from sink import Taken, sink
from workers import workers

import dasked
from ministry import CLOSING, DISBURSED, OPENING, PERIOD

HERE = Path(__file__).parent
STRAIGHTFORWARD, FLOOR, OURS, SERVED = "straightforward", "floor", "ours", "ours, with a server"
DASK = {"ours, 1 Dask worker": 1, "ours, 2 Dask workers": 2}
"""Build -> processes of Dask's, each of one thread, all on this machine."""
TWO = "ours, 2 Prefect workers"
ON_A_SERVER = {STRAIGHTFORWARD, SERVED, TWO, *DASK}
BY = "Vũ Đức Thắng"
MONTH = ("open", "collect", "report", "approve", "deliver")


_DONDOC = (sys.executable, "-m", "dondoc")


class DifferentError(Exception):
    """Two builds disagree on what the month is."""


@dataclass(frozen=True)
class Stage:
    """Seconds, and MB at the most."""

    wall: float
    cpu: float = 0.0
    memory: float = 0.0


@dataclass(frozen=True)
class Round:
    """One month as it was measured."""

    build: str
    count: int
    database: str
    number: int
    stages: Mapping[str, Stage]
    whole: Stage
    messages: int
    connections: int
    flow_runs: int
    task_runs: int

    @classmethod
    def kept(cls, line: str) -> "Round":
        """As it was written down."""
        said = json.loads(line)
        stages = {name: Stage(**one) for name, one in said.pop("stages").items()}
        return cls(**said | {"stages": stages, "whole": Stage(**said["whole"])})

    def line(self) -> str:
        """To be written down."""
        return json.dumps(asdict(self), ensure_ascii=False)


Outcome = dict[str, Any]
"""What the month is: sums, flags, returned, mails, forms."""


@dataclass(frozen=True)
class Bench:
    """Where the countries lie and months are made."""

    folder: Path
    seed: int
    server: str
    """The address of a Prefect server."""
    auth: str = ""
    """What it asks for."""
    database: str = ""
    """The address of an empty PostgreSQL database; none: SQLite."""

    def country(self, count: int) -> Path:
        """The country of that size, made when it is first asked for."""
        path = self.folder / str(count)
        build(path, Country(count, seed=self.seed))
        return path

    def month(self, build: str, count: int, number: int) -> tuple[Round, Outcome]:
        """A month by that build, and what it came to."""
        place = self.folder / "month"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        country = self.country(count)
        before = self._runs()
        with sink(place / "mail") as mail:
            if build in {OURS, SERVED, TWO, *DASK}:
                ours = _Ours(self, build, country, place, mail.port)
                stages, outcome = ours.by_workers() if build == TWO else ours.month()
                connections, taken = mail.taken()
                runs = self._runs()
                if build == OURS:
                    stages |= ours.afterwards(Country(count, seed=self.seed))
            else:
                stages, outcome = self._job(build, country, place, mail.port)
                connections, taken = mail.taken()
                runs = self._runs()
        whole = stages.pop("whole", None) or _sum([stages[one] for one in MONTH])
        outcome |= {"mails": _mails(taken), "forms": _cells(place)}
        messages = sum(len(one.recipients) for one in taken)
        flow_runs, task_runs = (now - then for now, then in zip(runs, before, strict=True))
        database = "PostgreSQL" if self.database else "SQLite"
        made = Round(build, count, database, number, stages, whole, messages, connections,
                     flow_runs, task_runs)  # fmt: skip
        return made, outcome

    def _job(
        self, build: str, country: Path, place: Path, port: int
    ) -> tuple[dict[str, Stage], Outcome]:
        database = self.database.replace("postgresql:", "postgresql+psycopg:")
        job = Job(
            country=str(country), recipes=str(self.folder), seed=self.seed, folder=str(place),
            port=port, database=database or f"sqlite:///{place / 'floor.db'}",
        )  # fmt: skip
        environment = _bare()
        if build == STRAIGHTFORWARD:
            environment |= {"PREFECT_API_URL": self.server, "PREFECT_HOME": str(place / "prefect")}
            environment |= {"PREFECT_API_AUTH_STRING": self.auth, "DO_NOT_TRACK": "1"}
            environment |= {"PREFECT_LOGGING_LEVEL": "CRITICAL"}
        command = (sys.executable, HERE / f"{build}.py", json.dumps(asdict(job)))
        ran = run(command, environment, place)
        if ran.status:
            raise SystemExit(f"{build} failed:\n{ran.err}")
        said = json.loads(ran.out.splitlines()[-1])
        stages = {name: Stage(seconds) for name, seconds in said["stages"].items()}
        stages["whole"] = _stage(ran)
        return stages, {
            "sums": said["sums"], "flags": sorted(said["flags"]), "returned": said["returned"],
        }  # fmt: skip

    def _runs(self) -> tuple[int, int]:
        """Flow runs and task runs that the server has seen, once no more come: it hears late."""
        seen, before = (0, 0), None
        while self.server and seen != before:
            sleep(1 if before else 0)
            before = seen
            flow_runs, task_runs = (
                _asked(f"{self.server}/{of}_runs/count", self.auth) for of in ("flow", "task")
            )
            seen = flow_runs, task_runs
        return seen


@dataclass(frozen=True)
class _Ours:
    bench: Bench
    build: str
    country: Path
    place: Path
    port: int
    more: dict[str, str] = field(default_factory=dict)
    """What else stands in the environment."""

    @property
    def _workspace(self) -> Path:
        return self.place / "ours"

    def month(self) -> tuple[dict[str, Stage], Outcome]:
        """The five commands, and what came of them."""
        stages = {}
        self._begin()
        with ExitStack() as stack:
            if count := DASK.get(self.build):
                cluster = stack.enter_context(dasked.cluster(self.place, count))
                self.more["DONDOC_CREW__SCHEDULER"] = cluster.address
            for command in MONTH:
                if command == "collect":
                    self._arrive()
                more = ("--by", BY) if command == "approve" else ()
                ran, _ = self._command(command, PERIOD, *more, by=self._watched)
                stages[command] = _stage(ran)
        return self._ended(stages | self._spread())

    def by_workers(self) -> tuple[dict[str, Stage], Outcome]:
        """The flows as runs on the server that two workers fetch, each one at a time: forms are
        sent while workbooks are collected."""
        self._begin()
        with patch.dict(os.environ, self._environment()), workers(self._workspace, 2) as fetched:
            stages = {
                "open": fetched.run("open-period", period=PERIOD, today=str(OPENING)),
            }
            self._arrive()
            its = {"period": PERIOD, "today": str(CLOSING)}
            stages["collect"] = fetched.run("collect", "deliver", **its)
            stages["report"] = fetched.run("monthly-report", **its)
            # a person's, and the page does not know who it is that asks
            ran, _ = self._command("approve", PERIOD, "--by", BY)
            stages["approve"] = ran.wall
            stages["deliver"] = fetched.run("deliver", **its)
            if fetched.fetchers() != 2:
                raise SystemExit("one worker alone made the month")
        return self._ended({name: Stage(wall) for name, wall in stages.items()})

    def _begin(self) -> None:
        shutil.copytree(self.country / "new", self._workspace)
        if self.bench.database:
            with patch.dict(os.environ, self._environment()):
                know_key(self._workspace, self.bench.seed)

    def _arrive(self) -> None:
        for file in (self.country / "filled").iterdir():
            shutil.copy(file, self._workspace / "inbox")

    def _ended(self, stages: dict[str, Stage]) -> tuple[dict[str, Stage], Outcome]:
        ran, board = self._command("status", PERIOD)
        stages["status"] = _stage(ran)
        (self._workspace / "forms" / PERIOD).rename(self.place / "forms")
        return stages, {
            "sums": {
                one["code"]: [_dong(one["budget_current"]), _dong(one["disbursed_to_date"])]
                for one in board["units"]
                if one["state"] == "accepted"
            },
            "flags": sorted(
                [one["code"], flag["activity"] or "", flag["rule"], flag["severity"],
                 _dong(flag["shortfall"])]
                for one in board["units"]
                for flag in one["flags"]
            ),
            "returned": sorted(o["code"] for o in board["units"] if o["state"] == "returned"),
        }  # fmt: skip

    def afterwards(self, country: Country) -> dict[str, Stage]:
        """What costs little: nothing new, one more workbook, the report again, and help."""
        stages = {"collect, nothing new": _stage(self._command("collect")[0])}
        unit = next(u for u in country.senders() if u not in {*country.low, *country.faulty})
        activity = country.of(unit)[0]
        more = activity.disbursed + Decimal("0.001")
        content = (self.place / "forms" / f"{unit}.xlsx").read_bytes()
        lines = country.lines(unit, **{activity.code.replace(".", "_"): {DISBURSED: more}})
        (self._workspace / "inbox" / f"{unit}.xlsx").write_bytes(fill_in(content, lines))
        stages["collect, one new"] = _stage(self._command("collect", PERIOD)[0])
        stages["report, again"] = _stage(self._command("report", PERIOD)[0])
        stages["deliver, one"] = _stage(self._command("deliver", PERIOD)[0])
        stages["--help"] = _stage(run((*_DONDOC, "--help"), self._environment(), self.place))
        return stages

    @property
    def _watched(self) -> tuple[object, ...]:
        return sys.executable, HERE / "watched.py", self.place / "spread.jsonl"

    def _spread(self) -> dict[str, Stage]:
        """Work that was spread over the cores, by its name."""
        found: dict[str, Stage] = {}
        for line in (self.place / "spread.jsonl").read_text().splitlines():
            name, wall, cpu = json.loads(line)
            before = found.get(name, Stage(0.0))
            found[name] = Stage(before.wall + wall, before.cpu + cpu)
        return found

    def _command(self, *words: str, by: tuple[object, ...] = _DONDOC) -> tuple[Measured, Any]:
        today = OPENING if words[0] == "open" else CLOSING
        told = ("--workspace", self._workspace, "--today", today, "--json")
        ran = run((*by, *words, *told), self._environment(), self.place)
        if ran.status > 1:
            raise SystemExit(f"{' '.join(words)} failed: {ran.err}")
        return ran, json.loads(ran.out)

    def _environment(self) -> dict[str, str]:
        mail = {"HOST": "127.0.0.1", "PORT": str(self.port), "SECURITY": "none", "SENDER": SENDER}
        told = {f"DONDOC_MAIL__{name}": value for name, value in mail.items()}
        told["DONDOC_LETTER__PDF"] = "false"  # LibreOffice's time is nobody's here
        if self.bench.database:
            told["DONDOC_DATABASE_URL"] = self.bench.database
        if self.build in ON_A_SERVER:
            told |= {"PREFECT_API_URL": self.bench.server, "DONDOC_SERVER_AUTH": self.bench.auth}
        return _bare() | told | self.more


def _bare() -> dict[str, str]:
    """No settings of the machine's own; byte code is kept, as where it was installed for good."""
    ours = ("DONDOC_", "PREFECT_", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _stage(ran: Measured) -> Stage:
    return Stage(ran.wall, ran.cpu, ran.memory)


def _sum(stages: list[Stage]) -> Stage:
    wall, cpu = (sum(getattr(one, of) for one in stages) for of in ("wall", "cpu"))
    return Stage(wall, cpu, max(one.memory for one in stages))


def _dong(millions: float | None) -> int:
    return round(Decimal(str(millions or 0)) * DONG)


def _asked(address: str, auth: str) -> int:
    authorized = f"Basic {b64encode(auth.encode()).decode()}"
    headers = {"Content-Type": "application/json", "Authorization": authorized}
    request = Request(address, data=b"{}", headers=headers)
    with urlopen(request, timeout=60) as answer:
        return int(json.load(answer))


def _mails(taken: list[Taken]) -> list[list[Any]]:
    """Who got what how often: recipient, subject, workbooks that came with it."""
    got = Counter[tuple[str, str, str]]()
    for one in taken:
        mail = one.mail
        names = (part.get_filename() or "" for part in mail.walk())
        files = " ".join(sorted(name for name in names if name.endswith(".xlsx")))
        got.update((who, str(mail["Subject"]), files) for who in one.recipients)
    return sorted([*mail, times] for mail, times in got.items())


def _cells(place: Path) -> dict[str, Any]:
    """Unit -> what stands in its form, but for the signature's sheet."""
    found = {}
    for path in sorted((place / "forms").iterdir()):
        book = CalamineWorkbook.from_path(path)
        sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
        found[path.stem] = json.loads(json.dumps(sheets, default=str))
    return found


def compare(one: Outcome, other: Outcome, names: tuple[str, str]) -> None:
    """Raises DifferentError where two months are not the same."""
    for part in one:
        mine, theirs = (
            [*v.items()] if isinstance(v, dict) else v for v in (one[part], other[part])
        )
        mine, theirs = (
            sorted(json.dumps(v, ensure_ascii=False) for v in its) for its in (mine, theirs)
        )
        if mine != theirs:
            only = [sorted(set(a) - set(b))[:3] for a, b in ((mine, theirs), (theirs, mine))]
            raise DifferentError(
                f"{part} differ: {names[0]} alone has {only[0]}, {names[1]} alone has {only[1]}"
            )
