"""The product's own tables; those of the forms come from the forms' declarations."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from schemas.forms import DISBURSEMENT, DONG, FORMS, Form, Kind, dong

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Money(TypeDecorator[Decimal]):
    """Decimal triệu đồng in Python, whole đồng in the database: exact on SQLite too."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Triệu đồng to whole đồng."""
        return None if value is None else dong(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Whole đồng to triệu đồng."""
        return None if value is None else value * DONG


class Whole(TypeDecorator[Decimal]):
    """A Decimal without decimals, as the reader gives an INTEGER cell."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Decimal to int."""
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Int to Decimal."""
        return None if value is None else Decimal(value)


class Alike(TypeDecorator[Any]):
    """JSON that says the same in most rows: read once, and theirs together; nobody changes it."""

    impl = JSON
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """None where the database's driver reads it."""
        read = super().result_processor(dialect, coltype)
        return lru_cache(maxsize=1000)(read) if read else None


class Moment(TypeDecorator[datetime]):
    """An instant: stored as UTC without zone (SQLite drops zones), read back aware."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Any aware instant to naive UTC."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Naive UTC to an aware instant."""
        return None if value is None else value.replace(tzinfo=UTC)


SHA256 = String(64)
PERIOD = String(7)
CODE = Text

workspace = Table(
    "workspace",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
"""Facts of the workspace itself: the key that signs the forms, the head of the audit log, the
settings and the registry as they were last seen."""

registry = Table(
    "registry",
    metadata,
    Column("version", SHA256, primary_key=True),
    Column("first_read_at", Moment, nullable=False),
    Column("read_by", Text),
    Column("content", Text),
)
"""Every registry.xlsx that was ever used; the file itself lies in the archive. `content` is what
`read_by`, a version of the program, found in it: reading a large one takes a second or two."""

period = Table(
    "period",
    metadata,
    Column("period", PERIOD, primary_key=True),
    Column("opened_on", Date),
    Column("registry", SHA256, ForeignKey("registry.version"), nullable=False),
)
"""The periods that exist; `opened_on` is empty where workbooks came before the forms went out."""

submission = Table(
    "submission",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("period", PERIOD, ForeignKey("period.period")),
    Column("unit", CODE),
    Column("version", Integer, nullable=False),
    Column("sha256", SHA256, nullable=False),
    Column("file", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("received_on", Date, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("registry", SHA256, ForeignKey("registry.version"), nullable=False),
    Column("answered", Boolean, nullable=False),
    UniqueConstraint("sha256", "period", "unit"),
    Index("ix_submission_board", "period", "unit", "state"),
)
"""One workbook of one unit for one period; `held` ones may lack either. None is ever deleted."""

sheet = Table(
    "sheet",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission", ForeignKey("submission.id"), nullable=False, index=True),
    Column("form", String(20), nullable=False),
    Column("name", Text, nullable=False),
    Column("columns", Alike, nullable=False),
)
"""Where each form stood in the workbook: field -> column letters."""

finding = Table(
    "finding",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission", ForeignKey("submission.id"), nullable=False, index=True),
    Column("rule", String(40), nullable=False),
    Column("severity", String(10), nullable=False),
    Column("message", Text, nullable=False),
    Column("file", Text),
    Column("sheet", Text),
    Column("cell", String(12)),
)

_TYPES: dict[Kind, TypeEngine[Any] | type[TypeEngine[Any]]] = {
    Kind.CODE: CODE,
    Kind.TEXT: Text,
    Kind.MONEY: Money,
    Kind.INTEGER: Whole,
    Kind.PERCENT: Money,  # hundredths of any size, exact
    Kind.DATE: Date,
    Kind.CHOICE: String(30),
}


def _rows(form: Form) -> Table:
    return Table(
        f"{form.name}_row",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("sheet", ForeignKey("sheet.id"), nullable=False, index=True),
        Column("number", Integer, nullable=False),
        *(Column(f.name, _TYPES[f.kind]) for f in form.fields),
    )


form_rows: dict[str, Table] = {form.name: _rows(form) for form in FORMS}
"""Form name -> the table of its rows. Those of Giải ngân are looked up by activity, too."""
Index("ix_disbursement_row_code", form_rows[DISBURSEMENT.name].c.code)

judgement = Table(
    "judgement",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("period", PERIOD, nullable=False),
    Column("inputs", SHA256, nullable=False),
    Column("judged_at", Moment, nullable=False),
    UniqueConstraint("period", "inputs"),
)
"""One judging of a period; `inputs` is the hash of registry, accepted submissions and rules."""

flag = Table(
    "flag",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("judgement", ForeignKey("judgement.id"), nullable=False, index=True),
    Column("unit", CODE, nullable=False),
    Column("activity", CODE),
    Column("rule", String(40), nullable=False),
    Column("version", String(10), nullable=False),
    Column("severity", String(10), nullable=False),
    Column("actual", Float),
    Column("expected", Float),
    Column("shortfall", Money),
    Column("needed_per_month", Money),
    Column("small", Boolean, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("matter", String(10), nullable=False),
    Column("facts", JSON, nullable=False),
)

explanation = Table(
    "explanation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("period", PERIOD, nullable=False),
    Column("unit", CODE, nullable=False),
    Column("content", Text, nullable=False),
    Column("reported_at", Moment, nullable=False),
    Index("ix_explanation_period", "period", "unit"),
)
"""Where each figure and flag of a unit came from when a report was made: a list of
`schemas.explanation.Explanation` as JSON. The newest of a unit is the report that stands."""

report = Table(
    "report",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("period", PERIOD, nullable=False, index=True),
    Column("business_date", Date, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("run", ForeignKey("run.id")),
    Column("dossier", SHA256, nullable=False),
    Column("registry", SHA256, nullable=False),
    Column("submissions", JSON, nullable=False),
    Column("lock", JSON, nullable=False),
    Column("documents", JSON, nullable=False),
    Column("mails", JSON, nullable=False),
)
"""Every report: `dossier` is what it was made of (`schemas/dossier.py`), in the archive;
`submissions` [unit, SHA-256] of the versions that counted; `lock` name -> version of all that made
it; `documents` path -> SHA-256, `mails` name -> content, of all that came of it."""

history = Table(
    "history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("year", Integer, nullable=False),
    Column("month", Integer, nullable=False),
    Column("unit", CODE, nullable=False),
    Column("activity", CODE, nullable=False),
    Column("source", Text, nullable=False),
    Column("budget", Money, nullable=False),
    Column("disbursed_to_date", Money, nullable=False),
    Column("sha256", SHA256, nullable=False),
    Column("line", Integer, nullable=False),
    Column("imported_at", Moment, nullable=False),
    Column("file", Text, nullable=True),
    UniqueConstraint("year", "month", "unit", "activity", "source"),
)
"""Past figures without workbooks; `activity` and `source` are empty where the file names none.
`sha256` is the file in the archive, `line` where the figure stands in it, `file` what it was called
(NULL: imported before that was noted)."""

adjustment = Table(
    "adjustment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("year", Integer, nullable=False),
    Column("activity", CODE, nullable=False),
    Column("amount", Money, nullable=False),
    Column("day", Date, nullable=False),
    Column("decision", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("login", Text, nullable=False),
    Column("business_date", Date, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    UniqueConstraint("year", "activity", "decision"),
)
"""Adjustments decided in the program: rows of the same ledger as the registry's sheet Dự toán.
Rows are added, never changed; a correction is a decision of its own."""

excuse = Table(
    "excuse",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("unit", CODE, nullable=False),
    Column("activity", CODE),
    Column("rule", String(40)),
    Column("since", PERIOD, nullable=False),
    Column("until", Date, nullable=False),
    Column("because", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("login", Text, nullable=False),
    Column("business_date", Date, nullable=False),
    Column("recorded_at", Moment, nullable=False),
)
"""Reasons for slow spending that spare a letter; empty `activity`: the whole unit, empty `rule`:
every rule. Rows are added, never changed; of one matter the newest holds."""

notice = Table(
    "notice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("period", PERIOD, nullable=False),
    Column("unit", CODE, nullable=False),
    Column("occasion", String(80), nullable=False),
    Column("content", SHA256, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("to", JSON, nullable=False),
    Column("cc", JSON, nullable=False),
    Column("images", JSON, nullable=False),
    Column("attachments", JSON, nullable=False),
    Column("due", Date, nullable=False),
    Column("drafted_at", Moment, nullable=False),
    UniqueConstraint("kind", "period", "unit", "occasion", "content"),
)
"""What a notice says; `unit` is empty on those of the whole body. Images and attachments are
[name, SHA-256 in the archive, MIME type]; `content` is the hash over all of it as drafted."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("notice", ForeignKey("notice.id"), nullable=False),
    Column("recipient", Text, nullable=False, index=True),
    Column("state", String(12), nullable=False, index=True),
    Column("message_id", Text, nullable=False, unique=True),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    Column("owner", Text),
    Column("lease_until", Moment),
    Column("failing_since", Moment),
    Column("next_attempt", Moment),
    UniqueConstraint("notice", "recipient"),
)
"""One message to one envelope recipient. Its states are in `schemas/notices.py`. `owner` holds it
until `lease_until`; `failing_since` is the first of the failures since its approval, `next_attempt`
when it is due again (NULL: now). All three instants are the database's."""

approval = Table(
    "approval",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("notice", ForeignKey("notice.id"), nullable=False, index=True),
    Column("content", SHA256, nullable=False),
    Column("signed", JSON),
    Column("by", Text, nullable=False),
    Column("login", Text, nullable=False),
    Column("standing", Boolean, nullable=False),
    Column("approved_at", Moment, nullable=False),
    Column("because", Text),
    Column("tripped", JSON),
)
"""Who released which content, and when; `signed` is the signed file that goes with it. Where the
batch had tripped a wire: the sentences, and why it was released anyway."""

delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("outbox", ForeignKey("outbox.id"), nullable=False, index=True),
    Column("attempt", Integer, nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("reply", Text),
    Column("at", Moment, nullable=False),
)
"""Every answer that a mail server gave."""

message = Table(
    "message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("folder", Text, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", SHA256, index=True),
    Column("message_id", Text, index=True),
    Column("sender", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("state", String(12), nullable=False),
    Column("marked_at", Moment),
    UniqueConstraint("account", "folder", "uidvalidity", "uid"),
)
"""Every message seen in the mailbox; `sha256` is the raw message in the archive. States: `taken`,
`empty` (nothing attached to read; of a contact `fileless`), `bounce` (a letter of ours came back),
`automatic` (a machine's answer without a file), `repeated` (known from elsewhere), `unreadable`,
`too-large` (left unfetched, without hash). `marked_at`: when the mailbox was told of it."""

attachment = Table(
    "attachment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message", ForeignKey("message.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("sha256", SHA256, nullable=False, index=True),
    Column("state", String(12), nullable=False, index=True),
    Column("reason", String(20)),
    Column("refused", JSON),
    Column("released_by", Text),
    Column("released_login", Text),
    Column("released_at", Moment),
)
"""What a message brought to be read. States: `waiting → taken`, or `quarantined → released →
taken`; `reason` is why it was quarantined, `refused` [rule, sentence] of what could not be
opened."""

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("on", Date, nullable=False),
    Column("what", String(20), nullable=False),
    Column("by", Text, nullable=False),
    Column("login", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("before", JSON, nullable=False),
    Column("after", JSON, nullable=False),
    Column("previous", SHA256, nullable=False),
    Column("hash", SHA256, nullable=False),
)
"""Who did what: `schemas.integrity.Entry`. Rows are added, never changed; each is chained to the
one before (`rules/audit.py`), and the newest is noted apart, in `workspace`."""

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("flow", String(20), nullable=False),
    Column("period", PERIOD),
    Column("business_date", Date, nullable=False),
    Column("login", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("outcome", Text),
)
"""Every run of a flow, with or without a Prefect server."""
