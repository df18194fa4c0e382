"""An outbox under our hand: a desk with a registry that nobody reads, and the database's clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, select, text, update

from schemas import tables
from schemas.notices import Address, Delivery, Draft, Mail, Message, NoticeKind, Released
from schemas.period import Period
from schemas.registry import Activity, Registry, Unit
from schemas.settings import Approval, Settings, Tripwires
from schemas.settings import Mail as MailSettings
from tasks import database, outbox, sender
from tasks.desk import Desk

DRAFT, APPROVED, SENDING, SENT, REFUSED, FAILED, SUPERSEDED, HELD, BOUNCED = (
    "draft", "approved", "sending", "sent", "refused", "failed", "superseded", "held", "bounced",
)  # fmt: skip

NOON = datetime(2021, 11, 10, 12, tzinfo=UTC)
TODAY = date(2021, 11, 10)
MONTH = Period(2021, 10)
STANDING = (NoticeKind.BLANK_FORM, NoticeKind.RECEIPT)
PDF = "application/pdf"

A_MINUTE, TWO_MINUTES, AN_HOUR = timedelta(minutes=1), timedelta(minutes=2), timedelta(hours=1)


@dataclass
class Clock:
    """The database's, by our hand."""

    now: datetime = NOON

    def __call__(self, connection: Connection) -> datetime:
        assert isinstance(connection, Connection)  # whom one would have to ask
        return self.now


def blank(folder: Path) -> Path:
    """A workspace as it begins, its schema made without Alembic; a test takes a copy."""
    (folder / "dondoc.toml").write_text("")
    engine = create_engine(f"sqlite:///{folder / database.FILE}")
    with engine.begin() as connection:
        tables.metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
        version = {"head": database.HEAD}
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), version)
    engine.dispose()
    return folder


@contextmanager
def desk_at(workspace: Path) -> Iterator[Desk]:
    """A desk of twenty units, whose registry nobody has to read; forms and receipts leave under a
    standing approval."""
    units = [f"DV{number:02d}" for number in range(1, 21)]
    activities = [Activity(f"{u}.1", "Nhiệm vụ", u, "ODA", ("disbursement",)) for u in units]
    registry = Registry("0" * 64, tuple(Unit(u, u) for u in units), (), tuple(activities), ())
    settings = Settings(
        approval=Approval(standing=STANDING, answerable="Chánh Văn phòng"),
        mail=MailSettings(sender="dondoc@ubdt.vn", timeout=10),
    )
    with Desk(workspace, TODAY, settings) as desk:
        vars(desk)["registry"] = registry
        yield desk


def set_to(desk: Desk, **sections: Any) -> None:
    """Other settings from now on."""
    desk.settings = desk.settings.model_copy(update=sections)


def hold_doubtful(desk: Desk) -> None:
    set_to(desk, mail=desk.settings.mail.model_copy(update={"in_doubt": "hold"}))


def notice(unit: str | None = "DV01", kind: NoticeKind = NoticeKind.URGING, **other: Any) -> Draft:
    its = Draft(
        kind,
        MONTH,
        unit,
        "",
        (Address("An", f"an.{unit}@ubdt.vn"),),
        (),
        saying(f"Đôn đốc {unit}"),
        (),
        TODAY,
    )
    return replace(its, **other)


def saying(words: str) -> Mail:
    return Mail(words, words, words)


def rows(desk: Desk, table: Any = tables.outbox) -> list[Any]:
    with desk.engine.connect() as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def states(desk: Desk) -> list[str]:
    return [row.state for row in rows(desk)]


def put(desk: Desk, number: int, **values: Any) -> None:
    """Lay a message in another state."""
    its = update(tables.outbox).where(tables.outbox.c.id == number)
    with desk.writer.begin() as connection:
        connection.execute(its.values(**values))


def lay(desk: Desk, *drafts: Draft) -> list[bool]:
    with desk.writer.begin() as connection:
        return outbox.lay(desk, connection, drafts)


def on(desk: Desk, act: Callable[..., Any], *arguments: Any) -> Any:
    """Within a transaction, as whoever calls it does."""
    with desk.writer.begin() as connection:
        return act(connection, *arguments)


def approve(
    desk: Desk,
    kind: NoticeKind | None = None,
    unit: str = "",
    by: str = "Nguyễn Văn Duyệt",
    period: Period = MONTH,
    **named: Any,
) -> Released:
    return outbox.approve(desk, period, by, kind, unit, **named)


def ready(desk: Desk, number: int = 1, logged: outbox.Logged | None = None) -> outbox.Ready:
    """A message as it is read ahead."""
    ((its, _),) = outbox.read(desk, [number], logged or outbox.Logged())
    return its


def message(desk: Desk, number: int = 1) -> Message:
    """What it says."""
    ((_, its),) = outbox.read(desk, [number], outbox.Logged())
    return its


def claim(desk: Desk, number: int = 1, *, retry: bool = False) -> outbox.Claim | None:
    """As it is now."""
    its = ready(desk, number)
    assert its.approved
    return claim_as_read(desk, its, retry=retry)


def claim_as_read(desk: Desk, its: outbox.Ready, *, retry: bool = False) -> outbox.Claim | None:
    with outbox.turn(desk) as turn:
        return outbox.claim(desk, turn, its, retry=retry)


def claimed(desk: Desk, number: int = 1) -> outbox.Claim:
    """Whether or not it waits after a failure."""
    its = claim(desk, number, retry=True)
    assert its is not None
    return its


def record(desk: Desk, its: outbox.Claim, outcome: Delivery, reply: str | None) -> Delivery:
    with outbox.turn(desk) as turn:
        return outbox.record(desk, turn, its, outcome, reply)


def owner(number: int | str, started: str = "1") -> str:
    """A process of this machine and namespace; none of today's was started in the first tick."""
    return f"{sender._here()} {number} {started}"


def trip(desk: Desk) -> None:
    """From now on every address is a stranger's."""
    set_to(desk, tripwires=Tripwires(domains=("khac.vn",)))
