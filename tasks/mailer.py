"""Touches the mail server: our own mails, with yagmail as the transport only."""

import io
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import yagmail

from schemas.errors import MailError, SettingsError
from schemas.notices import Delivery
from schemas.settings import Mail, Settings
from schemas.texts import say
from tasks.composing import Composed, by_domain, opening
from tasks.desk import now
from tasks.lines import Ear, LineError, plain, reason
from tasks.outbox import IN_DOUBT, lease
from tasks.sender import Instant, instant, seconds_since

FINAL = 500
"""SMTP replies from here on are refusals for good; below it, for now (RFC 5321, 4.2.1)."""
GOING_AWAY, GO_ON, TAKEN = 421, 354, 250
"""Replies: the server hangs up, wants the message now, has it (RFC 5321, 4.2.3)."""
SHUT_OUT, TOO_LARGE = (530, 534, 535, 538), 552
"""Replies: no mail from who is not logged in as the server wants it (RFC 4954, 6), which is said at
any stage; none of that size (RFC 1870, 6.1), which is said to our name already."""

LONGEST_REPLY = 65_536
"""Bytes of one reply with all its lines: RFC 5321 has 512 for a line, and an EHLO some dozen."""
_LACKS = {
    "STARTTLS extension not supported": "line.no-starttls",
    "AUTH extension not supported": "line.no-login",
    "No suitable authentication method": "line.no-login",
}
"""What smtplib says of what a server does not offer -> what we say."""
PIECE = 16_384
"""Bytes that are handed over at once: one record of TLS, for which the line's timeout holds."""


@dataclass(frozen=True)
class Letter:
    """A message that is ours, to be handed over: to whom, the mail, the Message-ID of the first on
    its matter, and from when on it is ours: its lease began no earlier."""

    recipient: str
    composed: Composed
    thread: str | None
    claimed: Instant


class RefusedError(smtplib.SMTPResponseException):
    """The server said so, in the words of the protocol."""


class UnwelcomeError(RefusedError):
    """It is us whom the server refuses, for good: what is right of a letter stays so."""


class DoubtError(smtplib.SMTPServerDisconnected):
    """The whole message was handed over and no answer came: it may have been taken."""


class _Line(smtplib.SMTP):
    """A client whom each reply as a whole, however the server drips or floods it, keeps for the
    timeout at the most."""

    ear: Ear

    def connect(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """The server's greeting. What is handed over leaves at once, also where less than a packet
        is left of a mail: it would wait up to 40 ms for the server to confirm what came before."""
        greeting = super().connect(*args, **kwargs)
        if self.sock:
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return greeting

    def getreply(self) -> tuple[int, bytes]:
        """The reply's code, -1 where there is none, and its text; raises SMTPServerDisconnected."""
        if self.file is None and self.sock:
            self.ear = Ear(self.sock)
            self.file = io.BufferedReader(self.ear)
        self.ear.expect(self.timeout, LONGEST_REPLY)
        try:
            return super().getreply()
        except smtplib.SMTPResponseException:  # no reply: a line without an end
            raise smtplib.SMTPServerDisconnected from LineError(say("line.flood"))


class _LineInTls(_Line, smtplib.SMTP_SSL):
    """The same where TLS comes before all else."""


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
        self.unwilling = False
        """Whether the server has said 421, "not now", or that it takes nothing from us, or fallen
        out since this was last set."""
        self.patience = lease(mail).total_seconds() - 2 * mail.timeout
        """Seconds from its claim on after which a message is not handed over any more: its lease
        might run out before the answer is recorded."""
        self.claimed: Instant = instant()
        """When what is sent next was claimed."""

    @property
    def connection(self) -> type[smtplib.SMTP]:
        """Which client yagmail opens."""
        return _LineInTls if self.ssl else _Line

    @property
    def is_up(self) -> bool:
        """Whether the line is up, as far as is known here."""
        return self.is_closed is False and self.smtp.sock is not None  # None: closed after a 421

    def login(self) -> None:
        """Connect unless connected: yagmail would log in again for every message."""
        if not self.is_up:
            super().login()
            self.smtp.ehlo_or_helo_if_needed()  # a login has asked already what the server offers

    def prepare_send(self, to: Any = None, *_: Any, **__: Any) -> tuple[list[str], Any]:
        """(recipient, message) as they are: yagmail's composing would change what was approved."""
        recipient, message = to
        return [recipient], message

    def _attempt_send(self, recipients: list[str], message: Any) -> dict[str, Any]:
        """Once: a repeat after a lost connection is decided by the outbox, which records it.

        Raises UnwelcomeError with what the server said against us, RefusedError with what it said
        against the message or its recipient; DoubtError where it may have taken
        the message, another OSError where it cannot have.
        """
        (recipient,) = recipients
        try:
            options = [f"size={len(message)}"] if self.smtp.has_extn("size") else []
            if not recipient.isascii() or not self.sender.isascii():
                options += ["SMTPUTF8", "BODY=8BITMIME"]
            self._answered(TAKEN, *self.smtp.mail(self.sender, options), of_us=True)
            self._answered(TAKEN, *self.smtp.rcpt(recipient))
            self._answered(GO_ON, *self.smtp.docmd("DATA"))
            whole = _dotted(message)
            for at in range(0, len(whole), PIECE):
                if seconds_since(self.claimed) > self.patience:
                    raise LineError(say("mailer.slow"))
                self.smtp.send(whole[at : at + PIECE])
            try:
                answer = self.smtp.getreply()
                _understood(answer[0])
            except OSError as error:
                raise DoubtError from error
            self._answered(TAKEN, *answer)
        except RefusedError:
            raise
        except OSError:  # every SMTP error is one; without a reply the line is dead
            self.unwilling = True
            self.hang_up()
            raise
        return {}

    def would_take(self, recipient: str) -> None:
        """Raises where the server would refuse a mail of ours to that address; none is sent."""
        self._answered(TAKEN, *self.smtp.mail(self.sender), of_us=True)
        self._answered(TAKEN, *self.smtp.rcpt(by_domain(recipient)))
        self.smtp.rset()

    def _answered(self, wanted: int, code: int, text: bytes, *, of_us: bool = False) -> None:
        """Raises where the server did not answer as wanted (any 2xx for a 250), the line being
        ready for the next message or down. `of_us`: it was asked whether it takes our mail."""
        _understood(code)
        if code == wanted or code // 100 == wanted // 100 == 2:
            return
        unwelcome = code in SHUT_OUT or (of_us and code >= FINAL and code != TOO_LARGE)
        if unwelcome or code == GOING_AWAY:
            self.unwilling = True
            self.hang_up()
        else:
            with suppress(OSError):
                self.smtp.rset()
        raise (UnwelcomeError if unwelcome else RefusedError)(code, text)

    def close(self) -> None:
        """Say goodbye; that the other side is gone already is no matter."""
        with suppress(OSError):
            super().close()

    def hang_up(self) -> None:
        """Let go of the line without a word."""
        self.smtp.close()
        self.is_closed = True


def _understood(code: int) -> None:
    """Raises where that is no answer of the protocol: nothing can be made of such a server."""
    if not 200 <= code < 600:
        raise LineError(say("line.garbage"))


def _dotted(message: bytes) -> bytes:
    """The message, which begins with a header, as the protocol wants it: ended by a dot, no other
    line beginning with one."""
    whole = message if message.endswith(b"\r\n") else message + b"\r\n"
    return whole.replace(b"\n.", b"\n..") + b".\r\n"


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


def connect(transport: Transport, settings: Settings) -> bool:
    """Connect and log in where the line is not up; whether that was so. Raises MailError."""
    if transport.is_up:
        return False
    mail = settings.mail
    try:
        transport.login()
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        with suppress(OSError):
            transport.close()
        raise MailError(
            f"Không kết nối được máy chủ thư {mail.host}:{mail.port} ({reply(error)}); các văn "
            "bản được giữ nguyên, hãy kiểm tra bằng 'dondoc doctor' rồi chạy lại."
        ) from error
    return True


def send(transport: Transport, settings: Settings, letter: Letter) -> tuple[Delivery, str | None]:
    """Hand one message to its one envelope recipient, on a line that is up: the outcome, and what
    the server said."""
    extensions = transport.smtp.esmtp_features
    recipient = by_domain(settings.mail.test_to or letter.recipient)
    if not recipient.isascii() and "smtputf8" not in extensions:
        return Delivery.REFUSED, say("mailer.no-utf8", address=recipient)
    if not letter.composed.content:
        return Delivery.REFUSED, letter.composed.fault
    mail = (opening(now(), letter.thread) + letter.composed.content).encode()
    largest = extensions.get("size", "").split(" ")[0]
    if largest.isdecimal() and 0 < int(largest) < len(mail):
        told = {"size": len(mail) // 1000, "largest": int(largest) // 1000}
        return Delivery.REFUSED, say("mailer.too-large", **told)
    transport.claimed = letter.claimed
    outcome, said = _handed_over(transport, settings.mail, recipient, mail)
    test = outcome is Delivery.SENT and settings.mail.test_to
    return outcome, say("page.test-mode", address=test) if test else said


def _handed_over(
    transport: Transport, mail: Mail, recipient: str, content: bytes
) -> tuple[Delivery, str | None]:
    ready: Any = (recipient, content)
    try:
        transport.send(ready)
    except UnwelcomeError as error:
        return Delivery.FAILED, reply(error)
    except RefusedError as error:
        return _outcome(error.smtp_code), reply(error)
    except DoubtError as error:
        if mail.in_doubt == "hold":
            return Delivery.HELD, f"{say(IN_DOUBT)} ({reply(error)})"
        return Delivery.FAILED, reply(error)
    except (OSError, smtplib.SMTPException) as error:
        return Delivery.FAILED, reply(error)
    return Delivery.SENT, None


def _outcome(code: int) -> Delivery:
    return Delivery.REFUSED if code >= FINAL else Delivery.FAILED


def reply(error: Exception) -> str:
    """What the server said, or why it said nothing."""
    if isinstance(error, smtplib.SMTPResponseException):
        if error.smtp_code < 0:
            return say("line.garbage")
        told = f"{error.smtp_code} {plain(error.smtp_error)}"
        refused = isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= FINAL
        return f"{say('line.login')}: {told}" if refused else told
    if lacking := next((key for words, key in _LACKS.items() if words in str(error)), None):
        return say(lacking)
    return reason(error)
