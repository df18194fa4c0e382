"""Kills commands at named points and at any moment, runs them again to their end, and counts what
was lost and what went out twice."""

import hashlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

from sqlalchemy import Engine, MetaData, select

from imap import own_box
from invariants import broken, came_to, unsettled
from ministry import CLOSING, PERIOD, Workspace
from postbox import Postbox
from schemas import tables
from schemas.notices import Delivery
from stage import BY, Stage, mailed
from tasks import archive, database
from tasks.desk import Desk

ANY_MOMENT, OUTSIDE = "any moment", "outside the window"
AT_RANDOM, SOME = 0.25, 6
"""Of the kills those at any moment; of the others, how many fail points are drawn for one."""
AUDITED, COMMITTED = "tasks.audit.add", "sqlalchemy.engine.default.DefaultDialect.do_commit"
RENAMED, KEPT = "pathlib.Path.replace", "tasks.archive.keep"
REPORT, APPROVE, DELIVER = ("report", PERIOD), ("approve", PERIOD, *BY), ("deliver",)


@dataclass(frozen=True)
class Case:
    """A command that is killed, and how to look at what that left."""

    name: str
    area: str
    """Of docs/reliability.md."""
    command: tuple[object, ...]
    starts: tuple[str, ...]
    """Points of the month (tests/stage.py), one of which is drawn."""
    functions: tuple[str, ...]
    """It may die before and after each of these."""
    further: tuple[str, ...] = ()
    """Other fail points, `tasks.outbox.record:after`."""
    window: tuple[str, ...] = ()
    """The fail points between a mail server's acceptance and our record, with which the next
    message is claimed."""
    then: tuple[tuple[object, ...], ...] = (DELIVER,)
    """What finishes the month."""

    @property
    def places(self) -> list[str]:
        """Every fail point."""
        both = [f"{name}:{where}" for name in self.functions for where in ("before", "after")]
        return [*both, *self.further, *self.window]

    def side(self, place: str) -> str:
        """On which side of the window it is, in words."""
        if place in self.window:
            return f"in the window, at {place}"
        if place == ANY_MOMENT or COMMITTED in place:
            return "at a commit or any moment"
        return OUTSIDE


@dataclass
class Scene:
    """A case on a workspace of its own."""

    database: ClassVar[bool] = True
    """Whether the workspace comes with its database, or there is an empty one."""
    ends: ClassVar[tuple[int, ...]] = (0,)
    """How what comes after it may end."""

    case: Case
    stage: Stage
    workspace: Workspace
    postbox: Postbox

    @contextmanager
    def ready(self) -> Iterator[None]:
        """All else that it needs."""
        yield

    def anew(self) -> bool:
        """Make ready for a further kill; False where the dead process had come to its end."""
        return True

    def words(self, *command: object) -> list[object]:
        return [*command, "--workspace", self.workspace.path, "--today", CLOSING, "--json"]

    @property
    def killed(self) -> list[object]:
        """The command that is killed."""
        return self.words(*self.case.command)

    def broken(self) -> list[str]:
        """What does not hold right after a death."""
        return broken(self.workspace)

    def doubtful(self) -> frozenset[str]:
        """The messages that a server has taken and we do not know it."""
        return frozenset()

    def again(self) -> None:
        """The command once more, to its end."""
        if self.anew():
            self.run(self.killed)

    def run(self, words: list[object], statuses: tuple[int, ...] = (0, 1)) -> None:
        ended = self.stage.launcher.run(*words)
        assert ended.status in statuses, ended

    def finish(self) -> Mapping[str, Any]:
        """The rest of the month; what it all came to."""
        for command in self.case.then:
            self.run(self.words(*command), self.ends)
        assert not (wrong := broken(self.workspace)), wrong
        assert not (left := unsettled(self.workspace)), left
        return came_to(self.workspace)


class Delivering(Scene):
    """Mails leave."""

    def doubtful(self) -> frozenset[str]:
        self.postbox.quiet()
        table = tables.outbox.c
        sent = select(table.message_id).where(table.state == Delivery.SENT)
        with Desk(self.workspace.path) as desk, desk.engine.connect() as connection:
            return frozenset({*accepted(self.postbox)} - {*connection.scalars(sent)})


class Collecting(Scene):
    """Files come by the folder and by mail."""

    @contextmanager
    def ready(self) -> Iterator[None]:
        with own_box(self.workspace.path.parent) as self.box, patch.dict(os.environ):
            os.environ.update(self.box.settings())
            self.box.add(*mailed(self.workspace))
            yield

    @cached_property
    def came(self) -> dict[str, int]:
        """SHA-256 of each file that was laid into the inbox -> how many there are."""
        return _digests(self.workspace.inbox)

    @property
    def killed(self) -> list[object]:
        _ = self.came  # look before it is at work
        return super().killed

    def broken(self) -> list[str]:
        here = _digests(self.workspace.inbox)
        lost = [name for name, count in self.came.items() if here.get(name, 0) < count]
        loose = [
            name
            for name in _digests(*(self.workspace.inbox / place for place in ("done", "held")))
            if not archive.has(self.workspace.path, name)
        ]
        unsafe = [
            one.uid
            for one in self.box.kept()
            if one.seen and not archive.has(self.workspace.path, archive.name_of(one.raw))
        ]
        found = {"lost": lost, "filed but not archived": loose, "marked but not archived": unsafe}
        wrong = [f"{what}: {its}" for what, its in found.items() if its]
        return [*super().broken(), *wrong]


def _digests(*folders: Path) -> dict[str, int]:
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return Counter(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)


class Migrating(Scene):
    """A newer version opens an older database: it is the one or the other, whole."""

    ends: ClassVar[tuple[int, ...]] = (0, 1)
    """What was approved by name before there was an audit log is held, and approved anew."""

    @cached_property
    def before(self) -> dict[str, Any]:
        return self._rows()

    @property
    def killed(self) -> list[object]:
        _ = self.before
        return super().killed

    def broken(self) -> list[str]:
        now = self._rows()
        if now == self.before:
            return []
        version = now["alembic_version"]
        return super().broken() if version == [(database.HEAD,)] else [f"neither: {version}"]

    def _rows(self) -> dict[str, Any]:
        """Every table as it stands, whatever its schema."""
        engine = _as_it_is(self.workspace)
        try:
            with engine.connect() as connection:
                tables_now = MetaData()
                tables_now.reflect(connection)
                return {
                    name: sorted(map(tuple, connection.execute(select(table))), key=repr)
                    for name, table in tables_now.tables.items()
                }
        finally:
            engine.dispose()


def _as_it_is(workspace: Workspace) -> Engine:
    engine = database.elsewhere(workspace.path)
    return engine or database._sqlite(workspace.path / database.FILE)


class BackingUp(Scene):
    """A file is there with its hash, whole, or not at all."""

    @property
    def file(self) -> Path:
        return self.workspace.path.parent / "w.tar"

    @property
    def killed(self) -> list[object]:
        return self.words("backup", self.file)

    def broken(self) -> list[str]:
        wrong = []
        if self.file.exists():
            noted = self.file.with_name("w.tar.sha256").read_text().split()[0]
            if hashlib.sha256(self.file.read_bytes()).hexdigest() != noted:
                wrong.append("the file is not what its hash says")
        return [*super().broken(), *wrong]

    def anew(self) -> bool:
        return not self.file.exists()

    def finish(self) -> Mapping[str, Any]:
        """It is worth what a restore makes of it."""
        with self.stage.empty_database():
            return _restored(self, self.file)


class Restoring(Scene):
    """A workspace is there, whole, or not at all."""

    database = False

    @property
    def file(self) -> Path:
        return self.stage.made["saved"][0].path.parent / "w.tar"

    @property
    def killed(self) -> list[object]:
        return _restore(self.file, self.folder)

    @property
    def folder(self) -> Path:
        return self.workspace.path.parent / "again"

    def anew(self) -> bool:
        if there := not self.folder.exists():
            self.stage.empty()  # as docs/operations.md says
        return there

    def broken(self) -> list[str]:
        return broken(Workspace(self.folder)) if self.folder.exists() else []

    def finish(self) -> Mapping[str, Any]:
        self.workspace = Workspace(self.folder, self.workspace.ministry)
        return super().finish()


def _restore(file: Path, folder: Path) -> list[object]:
    return ["restore", file, folder, *BY, "--today", CLOSING, "--json"]


def _restored(scene: Scene, file: Path) -> Mapping[str, Any]:
    folder = scene.workspace.path.parent / "again"
    scene.run(_restore(file, folder), (1,))  # 1: what was approved is held
    assert broken(Workspace(folder)) == []
    return came_to(Workspace(folder))


# --- the cases --------------------------------------------------------------------------------

SENT = "smtplib.SMTP.send"
"""The message with its final dot is handed over."""

CASES: dict[Case, type[Scene]] = {
    Case(
        "deliver", "delivery", DELIVER, ("approved",),
        (
            "tasks.outbox.prepare", "tasks.outbox.read", "tasks.mailer.connect",
            "tasks.composing.compose", "smtplib.SMTP.mail", "smtplib.SMTP.rcpt",
            "smtplib.SMTP.docmd", "tasks.pages.refresh_outbox", AUDITED, COMMITTED,
        ),
        further=(f"{SENT}:before", f"{SENT}:within"),
        window=(
            f"{SENT}:after", "tasks.mailer.send:after", "tasks.outbox.record:before",
            "tasks.outbox.record:after", "tasks.outbox.claim:before", "tasks.outbox.claim:after",
        ),
    ): Delivering,
    Case(
        "collect", "collect", ("collect", PERIOD), ("arrived",),
        (
            "tasks.mailroom.record", "tasks.mailroom.mark", KEPT, "tasks.intake.understand",
            "tasks.intake._validated", "tasks.submissions.store",
            "tasks.submissions._store_content", "tasks.inbox.file_away", "tasks.inbox._free",
            "tasks.inbox.hold", "tasks.mailroom.file_away", "tasks.outbox.lay",
            "tasks.submissions.mark_answered", "tasks.pages.refresh_outbox", RENAMED, COMMITTED,
        ),
    ): Collecting,
    Case(
        "report", "runs", REPORT, ("collected",),
        (
            "tasks.explain.keep_explanations", "tasks.dossier.gather",
            "tasks.documents.write_documents", "tasks.letters.write_letters", "tasks.outbox.lay",
            "tasks.notices.draft_report", "tasks.pages.write_pages", "tasks.reported.keep_report",
            KEPT, AUDITED, RENAMED, COMMITTED,
        ),
        then=(APPROVE, DELIVER),
    ): Scene,
    Case(
        "approve", "delivery", APPROVE, ("reported",),
        ("tasks.outbox.approve", "tasks.outbox._approve", AUDITED, COMMITTED),
    ): Scene,
    Case(
        "migration", "storage", ("status", PERIOD),
        tuple(f"older-{number:04d}" for number in range(1, int(database.HEAD))),
        (
            "alembic.ddl.impl.DefaultImpl._exec",
            "alembic.runtime.migration.HeadMaintainer.update_to_step", COMMITTED,
        ),
        then=(DELIVER, APPROVE, DELIVER),
    ): Migrating,
    Case(
        "backup", "storage", ("backup",), ("approved",),
        ("tasks.dump.copy", "tasks.backup._add_file", "tasks.backup._write", RENAMED, COMMITTED),
        then=(),
    ): BackingUp,
    Case(
        "restore", "storage", ("restore",), ("saved",),
        (
            "tasks.backup._unpack", "tasks.backup._place", "tasks.outbox.hold",
            "tasks.backup._bring_up", "tasks.verify.verify", AUDITED, RENAMED, COMMITTED,
        ),
        then=(APPROVE, DELIVER),
    ): Restoring,
}  # fmt: skip


# --- killing ----------------------------------------------------------------------------------


def accepted(postbox: Postbox) -> Counter[str]:
    """Message-ID -> how often the server has taken it."""
    return Counter(one.mail["Message-ID"] for one in postbox.taken)


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """What only one of two outcomes has."""
    return [
        f"{what}: {sorted(set(map(repr, _parts(one[what]))) ^ set(map(repr, _parts(other[what]))))}"
        for what in other
        if one[what] != other[what]
    ]


def _parts(its: Any) -> Any:
    return its.items() if isinstance(its, Mapping) else its


@dataclass(frozen=True)
class Undisturbed:
    """What the case comes to where nobody kills."""

    outcome: Mapping[str, Any]
    mails: frozenset[str]
    passed: Mapping[str, int]
    seconds: float


@dataclass(frozen=True)
class Death:
    """One kill: where, and which messages were in doubt after it. With the last of a play stands
    what all of them came to."""

    place: str
    doubtful: frozenset[str]
    lost: int = 0
    """Messages that never left and should have."""
    strange: int = 0
    """Messages that left more often, or less, than one in doubt accounts for."""


@dataclass
class Killer:
    """Kills on one database; every draw is of the dice."""

    stage: Stage
    postbox: Postbox
    dice: random.Random
    known: dict[str, Undisturbed] = field(default_factory=dict)

    @contextmanager
    def scene(self, case: Case, start: str) -> Iterator[Scene]:
        kind = CASES[case]
        self.postbox.taken.clear()
        with self.stage.copy(start, database=kind.database) as workspace:
            scene = kind(case, self.stage, workspace, self.postbox)
            with scene.ready():
                yield scene

    def undisturbed(self, case: Case, start: str) -> Undisturbed:
        key = f"{case.name} {start}"
        if key not in self.known:
            with self.scene(case, start) as scene:
                began = time.monotonic()
                places = " ".join(f"{place}:0" for place in case.places)
                ended = self.stage.launcher.run(*scene.killed, die=places)
                seconds = time.monotonic() - began
                assert ended.status in {0, 1}, ended
                assert all(ended.passed.get(place) for place in case.places), ended.passed
                outcome, mails = scene.finish(), accepted(self.postbox)
                assert set(mails.values()) <= {1}
                self.known[key] = Undisturbed(outcome, frozenset(mails), ended.passed, seconds)
        return self.known[key]

    def play(self, case: Case, first: str, kills: int) -> list[Death]:
        """Kill the command there, then up to so many times in all wherever it comes to first of
        some places that are drawn; then run it to its end: it must come to what it comes to
        undisturbed."""
        start = self.dice.choice(case.starts)
        usual = self.undisturbed(case, start)
        deaths: list[Death] = []
        with self.scene(case, start) as scene:
            for turn in range(kills):
                before = accepted(self.postbox)
                places = self._drawn(case) if turn else [first]
                if not scene.anew() or not (place := self._killed(scene, places, usual, turn)):
                    break
                death = Death(place, scene.doubtful() & {*(accepted(self.postbox) - before)})
                assert not (wrong := scene.broken()), (death, wrong)
                most = 0 if case.side(place) == OUTSIDE else 1
                assert len(death.doubtful) <= most, death
                deaths.append(death)
            else:
                scene.again()
            unlike = differences(scene.finish(), usual.outcome)
            assert not unlike, (deaths, unlike)
            return self._counted(deaths, usual)

    def _drawn(self, case: Case) -> list[str]:
        """Any moment, or some fail points, at the first of which it dies."""
        if self.dice.random() < AT_RANDOM:
            return [ANY_MOMENT]
        return self.dice.sample(case.places, min(SOME, len(case.places)))

    def _killed(self, scene: Scene, places: list[str], usual: Undisturbed, turn: int) -> str:
        """Where the process died; empty where it came to its end before. The more often it was
        killed already, the less is left to do, and the sooner it dies."""
        if ANY_MOMENT in places:
            started = self.stage.launcher.start(scene.killed)
            time.sleep(self.dice.uniform(0, usual.seconds / (turn + 1)))
            os.kill(started.number, signal.SIGKILL)
            ended = started.wait()
        else:
            most = {place: max(1, usual.passed[place] // (turn + 1)) for place in places}
            drawn = [f"{place}:{self.dice.randint(1, most[place])}" for place in places]
            ended = self.stage.launcher.run(*scene.killed, die=" ".join(drawn))
        assert ended.status in {-signal.SIGKILL, 0, 1}, ended
        return ended.died or (ANY_MOMENT if ended.status == -signal.SIGKILL else "")

    def _counted(self, deaths: list[Death], usual: Undisturbed) -> list[Death]:
        """With what the server has accepted in the end: all of it once, and once more what was in
        doubt."""
        mails = accepted(self.postbox)
        wanted = Counter(usual.mails) + Counter(one for death in deaths for one in death.doubtful)
        lost = len(usual.mails - {*mails})
        strange = ((mails - wanted) + (wanted - mails)).total() - lost
        return [*deaths[:-1], *(replace(one, lost=lost, strange=strange) for one in deaths[-1:])]
