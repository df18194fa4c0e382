"""Anything sent (văn bản, thư): what it says, to whom, and the states of its delivery."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from schemas.period import Period


class NoticeKind(StrEnum):
    """What a notice is; the first four may go out under a standing approval, the last does."""

    BLANK_FORM = "blank-form"
    RECEIPT = "receipt"
    RETURN = "return"
    REMINDER = "reminder"
    URGING = "urging"
    DIGEST = "digest"
    WATCH = "watch"


ROUTINE = (
    NoticeKind.BLANK_FORM,
    NoticeKind.RECEIPT,
    NoticeKind.RETURN,
    NoticeKind.REMINDER,
)
"""The kinds that `approval.standing` may cover; the others wait for a person, but for the watch,
which goes to whom the settings name."""

AUTOMATIC = (*ROUTINE, NoticeKind.WATCH)
"""The kinds that leave in nobody's name."""


class Delivery(StrEnum):
    """The states of one outbox row (one message to one envelope recipient)."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    HELD = "held"
    BOUNCED = "bounced"


@dataclass(frozen=True)
class Mail:
    """A rendered message before it has recipients: HTML and text say the same."""

    subject: str
    text: str
    html: str
    images: tuple["Attachment", ...] = ()
    """Shown inline; the HTML names them by `cid:` + name."""


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail, with its bytes and MIME type (`application/pdf`)."""

    name: str
    content: bytes
    mime: str


@dataclass(frozen=True)
class Kept:
    """A file that goes with a mail, as it lies in the archive: under its SHA-256."""

    name: str
    sha256: str
    mime: str


@dataclass(frozen=True, slots=True)
class Address:
    """A person's name and e-mail address."""

    name: str
    email: str


@dataclass(frozen=True)
class Message:
    """One row of the outbox with what it says, to be composed."""

    id: int
    kind: NoticeKind
    recipient: str
    message_id: str
    subject: str
    text: str
    html: str
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    images: tuple[Kept, ...]
    attachments: tuple[Kept, ...]


@dataclass(frozen=True)
class Released:
    """What an approval came to: messages released, or why none was (then the others are held)."""

    count: int
    tripped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """A notice as it is laid in the outbox. `occasion` tells several notices of one kind, period
    and unit apart (`T-3`, a submission's hash); `due` is the business date it was due on."""

    kind: NoticeKind
    period: Period
    unit: str | None
    occasion: str
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    mail: Mail
    attachments: tuple[Attachment, ...]
    due: date
