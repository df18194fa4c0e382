"""Composes mails: of a notice and its files in the archive the bytes that go over the line."""

import html
import re
from binascii import b2a_base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from email.contentmanager import ContentManager
from email.errors import MessageError
from email.generator import BytesGenerator
from email.header import Header
from email.headerregistry import Address as HeaderAddress
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, formataddr
from functools import cache, lru_cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any

from schemas.errors import DondocError
from schemas.notices import AUTOMATIC, ROUTINE, Address, Delivery, Message, NoticeKind
from schemas.settings import Settings
from schemas.texts import say
from tasks import archive


@dataclass(frozen=True)
class Letterhead:
    """What every mail of a batch shows alike."""

    sender: Address
    answered_at: Address | None
    """Where answers to routine mail are read, where that is another address."""
    domain: str
    test_to: str
    """In test mode the only address; empty otherwise."""


@dataclass(frozen=True)
class Composed:
    """A mail but for what is settled when it leaves (`opening`); or why there is none, and what
    becomes of the message."""

    content: str = ""
    fault: str = ""
    outcome: Delivery | None = None


def letterhead(settings: Settings) -> Letterhead:
    """As the settings want it."""
    body, mail, box = settings.body, settings.mail, settings.mailbox
    # routine mail asks for the workbook in reply: that goes where `collect` reads
    read = box.user if box.host and box.user and "@" in box.user else None
    elsewhere = read and read != mail.from_address
    return Letterhead(
        sender=Address(body.name, mail.from_address or ""),
        answered_at=Address(body.finance, read) if read and elsewhere else None,
        domain=mail.domain,
        test_to=mail.test_to,
    )


def composed(workspace: Path, head: Letterhead, message: Message) -> Composed:
    """The mail; what cannot even be composed is not tried again, what misses its files is."""
    try:
        mail = compose(head, message, partial(archive.fetch, workspace))
        return Composed(written(mail).decode())
    except DondocError as error:
        return Composed(fault=str(error), outcome=Delivery.FAILED)
    except (ValueError, LookupError, MessageError) as error:
        return Composed(fault=f"{type(error).__name__}: {error}", outcome=Delivery.REFUSED)


def opening(at: datetime, thread: str | None) -> str:
    """The headers that are settled when a mail leaves, which it begins with: when that is, and the
    Message-ID of the first mail on its matter that the recipient got."""
    said = f"Date: {format_datetime(at)}\r\n"
    if thread:
        first = "".join(thread.split())  # no line of its own, whatever the database has
        said += f"In-Reply-To: {first}\r\nReferences: {first}\r\n"
    return said


class _Registry(HeaderRegistry):
    """Makes the class of a header once, not for each mail anew."""

    @cache  # noqa: B019 - there is one
    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(name)


class _Headers(EmailPolicy):
    """Folds subjects and addresses by the standard library's older module: its newer one loses
    spaces between encoded words (CPython issue 92081, mended in 3.13). What is said in plain words
    is not taken apart and put together again."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        if self._is_plain(name, value) or _is_subject(name, value):
            return name, value
        return super().header_store_parse(name, value)

    def header_fetch_parse(self, name: str, value: Any) -> Any:
        return value if self._is_plain(name, value) else super().header_fetch_parse(name, value)

    def _is_plain(self, name: str, value: Any) -> bool:
        """It fits on its line as it is."""
        return (
            type(value) is str
            and name.startswith(_TECHNICAL)
            and value.isascii()
            and value.isprintable()
            and len(name) + len(": ") + len(value) <= (self.max_line_length or 0)
        )

    def _fold(self, name: str, value: Any, refold_binary: bool = False) -> str:
        if self._is_plain(name, value):
            return f"{name}: {value}{self.linesep}"
        if name == "Subject":
            return f"{name}: {_encoded(str(value), self.linesep)}{self.linesep}"
        if addresses := getattr(value, "addresses", None):
            written = (self._address(a.display_name, a.addr_spec) for a in addresses)
            return f"{name}: {f',{self.linesep} '.join(written)}{self.linesep}"
        folded: str = super()._fold(name, value, refold_binary)  # type: ignore[misc]
        return folded

    def _address(self, name: str, address: str) -> str:
        """An address; one that the server cannot take is told of, not addressed (RFC 6857)."""
        if address.isascii():
            return formataddr((name, address))
        if self.utf8:
            words = Header(name, "utf-8").encode(linesep=self.linesep)
            return f"{words} <{address}>"
        return f"{Header(f'{name} {address}', 'utf-8').encode(linesep=self.linesep)}:;"


_TECHNICAL = ("Content-", "MIME-", "Message-ID", "Auto-Submitted", "List-Id")
"""How the headers begin in which nobody is spoken to."""


def _is_subject(name: str, value: Any) -> bool:
    """A subject that is its own words, which the policy would take apart in vain."""
    return name == "Subject" and type(value) is str and value.isprintable() and "=?" not in value


@lru_cache(maxsize=4096)
def _encoded(subject: str, linesep: str) -> str:
    """A subject as it travels: many mails of a batch bear the same."""
    return Header(subject, header_name="Subject").encode(linesep=linesep)


def _set_text(part: EmailMessage, text: str, subtype: str = "plain") -> None:
    """A part of words, each line of which ends as the protocol has it."""
    lines = b"\r\n".join(text.encode().splitlines()) + b"\r\n"
    _set(part, f'text/{subtype}; charset="utf-8"', lines)


def _set_file(
    part: EmailMessage, content: bytes, kind: str, disposition: str, name: str, cid: str = ""
) -> None:
    """A part that is a file of ours."""
    _set(part, kind, content)
    part.add_header("Content-Disposition", disposition, filename=name)
    if cid:
        part["Content-ID"] = cid


def _set(part: EmailMessage, kind: str, content: bytes) -> None:
    """What a part holds, as base64: Vietnamese is no shorter as quoted-printable. The standard
    library's own does the same for each line by itself, which takes most of the time of a mail."""
    part["Content-Type"] = kind
    part["Content-Transfer-Encoding"] = "base64"
    encoded = b2a_base64(content, newline=False).decode()
    lines = [encoded[at : at + _LINE] for at in range(0, len(encoded), _LINE)]
    part.set_payload("\r\n".join([*lines, ""]))


_LINE = 76
"""Characters of base64 in a line (RFC 2045, 6.8)."""
_CONTENT = ContentManager()
_CONTENT.add_set_handler(str, _set_text)
_CONTENT.add_set_handler(bytes, _set_file)
_ASCII = _Headers(linesep="\r\n", header_factory=_Registry(), content_manager=_CONTENT)
_UTF8 = _ASCII.clone(utf8=True)
"""For a server and a recipient with SMTPUTF8 (RFC 6531)."""


def compose(head: Letterhead, message: Message, fetch: Callable[[str], bytes]) -> EmailMessage:
    """The message with its headers: To and Cc as the letter has them, whoever it goes to. `fetch`
    has a file by its SHA-256. In test mode it says so instead."""
    if head.test_to:
        message = _as_a_test(head.test_to, message)
    recipient = by_domain(head.test_to or message.recipient)
    mail = EmailMessage(policy=_ASCII if recipient.isascii() else _UTF8)
    mail["From"] = _addressed("From", (head.sender,))
    mail["To"] = _addressed("To", message.to)
    if message.cc:
        mail["Cc"] = _addressed("Cc", message.cc)
    mail["Subject"] = message.subject
    mail["Message-ID"] = message.message_id
    if message.kind in AUTOMATIC:
        mail["Auto-Submitted"] = "auto-generated"
    if message.kind in ROUTINE and head.answered_at:
        mail["Reply-To"] = _addressed("Reply-To", (head.answered_at,))
    if message.kind is NoticeKind.DIGEST:
        mail["List-Id"] = f"<{message.kind}.dondoc.{head.domain}>"
    mail.set_content(message.text)
    mail.add_alternative(message.html, "html")
    part: EmailMessage = mail.get_payload()[1]  # type: ignore[assignment, index]
    for image in message.images:
        cid = f"<{image.name}>"
        part.add_related(fetch(image.sha256), image.mime, "inline", image.name, cid)
    for file in message.attachments:
        mail.add_attachment(fetch(file.sha256), file.mime, "attachment", file.name)
    for number, part in enumerate(mail.walk()):
        if part.is_multipart():  # else a line that stands in no part is sought in all of them
            part.set_boundary(f"=_{number}")
    return mail


class _Writer(BytesGenerator):
    """Writes the lines of a part at once, as they are: the standard library ends each anew."""

    def _write_lines(self, lines: str) -> None:
        self.write(lines)


def written(mail: EmailMessage) -> bytes:
    """The mail as it leaves."""
    whole = BytesIO()
    _Writer(whole, mangle_from_=False, policy=mail.policy).flatten(mail)
    return whole.getvalue()


@lru_cache(maxsize=4096)
def _addressed(name: str, addresses: tuple[Address, ...]) -> Any:
    """A header of addresses: the sender's is on every mail, a unit's on several."""
    return _ASCII.header_factory(name, tuple(map(_header, addresses)))


def _header(address: Address) -> HeaderAddress:
    name, email = " ".join(address.name.split()), by_domain(address.email)
    if email.isascii():
        return HeaderAddress(display_name=name, addr_spec=email)
    local, _, domain = email.rpartition("@")  # as a whole it would be refused
    return HeaderAddress(display_name=name, username=local, domain=domain)


def by_domain(address: str) -> str:
    """The address with its domain as mail servers write it: that needs no extension."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{domain.encode('idna').decode()}"
    except UnicodeError:
        return address


def _as_a_test(address: str, message: Message) -> Message:
    """The message to one address, marked, with what would have been its recipients."""
    to, cc = (", ".join(f"{a.name} <{a.email}>" for a in its) for its in (message.to, message.cc))
    said = say("mailer.test", recipient=message.recipient, to=to, cc=cc or say("mailer.nobody"))
    shown = f"<p><strong>{html.escape(said)}</strong></p>"
    marked, count = re.subn(r"(<body[^>]*>)", lambda m: m[1] + shown, message.html, count=1)
    return replace(
        message,
        subject=f"{say('mailer.test-subject')} {message.subject}",
        text=f"{said}\n\n{message.text}",
        html=marked if count else shown + message.html,
        to=(Address("", address),),
        cc=(),
    )
