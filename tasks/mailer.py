"""Touches the mail server: our own EmailMessage, with yagmail as the transport only."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.header import Header
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, formataddr
from typing import Any

import yagmail

from schemas.errors import MailError, SettingsError
from schemas.notices import ROUTINE, Address, Attachment, Delivery, NoticeKind
from schemas.settings import Mail, Settings
from tasks.desk import now
from tasks.outbox import Message

FINAL = 500
"""SMTP replies from here on are refusals for good; below it, for now (RFC 5321, 4.2.1)."""


class Transport(yagmail.SMTP):
    """yagmail on one connection a batch, one attempt a message, the message as we built it."""

    def __init__(self, mail: Mail) -> None:
        """Not connected yet; certificates are verified, which yagmail alone would not do."""
        verified = ssl.create_default_context()
        at_once: dict[str, Any] = {"context": verified} if mail.security == "tls" else {}
        super().__init__(
            user=mail.user or mail.from_address,
            password=mail.password.get_secret_value() if mail.password else None,
            host=mail.host or "",
            port=mail.port,
            smtp_ssl=mail.security == "tls",
            smtp_starttls={"context": verified} if mail.security == "starttls" else False,
            smtp_skip_login=not mail.user,
            soft_email_validation=False,
            timeout=mail.timeout,
            **at_once,
        )
        self.sender = mail.from_address or ""

    def login(self) -> None:
        """Connect unless connected: yagmail would log in again for every message."""
        if self.is_closed is not False or self.smtp.sock is None:  # None: closed after a 421
            super().login()

    def prepare_send(self, to: Any = None, *_: Any, **__: Any) -> tuple[list[str], Any]:
        """(recipient, message) as they are: yagmail's composing would change what was approved."""
        recipient, message = to
        return [recipient], message

    def _attempt_send(self, recipients: list[str], message: Any) -> dict[str, Any]:
        """Once: a repeat after a lost connection is decided by the outbox, which records it."""
        try:
            return self.smtp.sendmail(self.sender, recipients, message)
        except OSError as error:  # every SMTP error is one; without a reply the line is dead
            if not isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused):
                self.is_closed = True
            raise


@contextmanager
def connection(settings: Settings) -> Iterator[Transport]:
    """A logged-in connection; raises SettingsError where the mail settings do not suffice and
    MailError where the server does not let us in."""
    mail = settings.mail
    if not mail.host or not mail.from_address:
        missing = "mail.host" if not mail.host else "mail.sender"
        raise SettingsError(
            f"Chưa cấu hình máy chủ thư (thiếu {missing}); các văn bản được giữ nguyên trong hộp "
            "thư đi cho đến khi có cấu hình."
        )
    if mail.user and not mail.password:
        raise SettingsError("Thiếu mật khẩu hộp thư; hãy đặt biến DONDOC_MAIL__PASSWORD.")
    transport = Transport(mail)
    connect(transport, settings)
    with transport:
        yield transport


def connect(transport: Transport, settings: Settings) -> None:
    """Connect and log in where the line is not up; raises MailError."""
    mail = settings.mail
    try:
        transport.login()
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        with suppress(OSError):
            transport.close()
        raise MailError(
            f"Không kết nối được máy chủ thư {mail.host}:{mail.port} ({_reply(error)}); các văn "
            "bản được giữ nguyên, hãy kiểm tra bằng 'dondoc doctor' rồi chạy lại."
        ) from error


def send(transport: Transport, settings: Settings, message: Message) -> tuple[Delivery, str | None]:
    """Send one message to its one envelope recipient: the outcome, and what the server said."""
    try:  # what cannot even be composed will not be tried again
        mail = compose(settings, message).as_bytes()
    except (ValueError, UnicodeError) as error:
        return Delivery.REFUSED, f"{type(error).__name__}: {error}"
    try:
        ready: Any = (message.recipient, mail)
        refusals: Any = transport.send(ready)
    except smtplib.SMTPRecipientsRefused as error:
        refusals = error.recipients
    except smtplib.SMTPResponseException as error:
        return _outcome(error.smtp_code), _reply(error)
    except (OSError, smtplib.SMTPException) as error:
        return Delivery.FAILED, _reply(error)
    if not refusals:
        return Delivery.SENT, None
    code, text = next(iter(refusals.values()))
    return _outcome(code), f"{code} {_text(text)}"


def _outcome(code: int) -> Delivery:
    return Delivery.REFUSED if code >= FINAL else Delivery.FAILED


def _reply(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return str(error) or type(error).__name__


def _text(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply


class _Headers(EmailPolicy):
    """Folds subjects and addresses by the standard library's older module: its newer one loses
    spaces between encoded words (CPython issue 92081, mended in 3.13)."""

    def _fold(self, name: str, value: Any, refold_binary: bool = False) -> str:
        if name == "Subject":
            words = Header(str(value), header_name=name).encode(linesep=self.linesep)
            return f"{name}: {words}{self.linesep}"
        if addresses := getattr(value, "addresses", None):
            written = (formataddr((a.display_name, a.addr_spec)) for a in addresses)
            return f"{name}: {f',{self.linesep} '.join(written)}{self.linesep}"
        folded: str = super()._fold(name, value, refold_binary)  # type: ignore[misc]
        return folded


_POLICY = _Headers(linesep="\r\n")


def compose(settings: Settings, message: Message) -> EmailMessage:
    """The message with its headers: To and Cc as the letter has them, whoever it goes to."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _header(Address(settings.body.name, settings.mail.from_address or ""))
    mail["To"] = tuple(_header(a) for a in message.to)
    if message.cc:
        mail["Cc"] = tuple(_header(a) for a in message.cc)
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(now())
    mail["Message-ID"] = message.message_id
    if message.kind in ROUTINE:
        mail["Auto-Submitted"] = "auto-generated"
        if reply_to := _answered_at(settings):
            mail["Reply-To"] = _header(Address(settings.body.finance, reply_to))
    if message.kind is NoticeKind.DIGEST:
        mail["List-Id"] = f"<{message.kind}.dondoc.{settings.mail.domain}>"
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    html: EmailMessage = mail.get_payload()[1]  # type: ignore[assignment, index]
    for image in message.images:
        main, sub = image.mime.split("/")
        html.add_related(
            image.content, main, sub, cid=f"<{image.name}>", filename=image.name,
            disposition="inline",
        )  # fmt: skip
    for file in message.attachments:
        _attach(mail, file)
    return mail


def _answered_at(settings: Settings) -> str | None:
    """Where an answer is read by `collect`, where that is another address than the sender's:
    routine mail asks for the workbook in reply."""
    box = settings.mailbox
    read = box.user if box.host and box.user and "@" in box.user else None
    return None if read == settings.mail.from_address else read


def _attach(mail: EmailMessage, file: Attachment) -> None:
    main, sub = file.mime.split("/")
    mail.add_attachment(file.content, main, sub, filename=file.name)


def _header(address: Address) -> HeaderAddress:
    return HeaderAddress(display_name=" ".join(address.name.split()), addr_spec=address.email)
