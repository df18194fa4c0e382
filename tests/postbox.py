"""A mail server that records what it is given, and answers as it is told."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from time import sleep
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tasks.server import free_port

CUT, SILENT, DRIP, ENDLESS = "cut", "silent", "drip", "endless"
"""Instead of an answer: the line goes dead, nothing comes, a byte now and then, lines for ever."""
USER, PASSWORD = "dondoc@ubdt.vn", "mat-khau-dung"
DAY = timedelta(days=1)


class _Lines(Controller):
    """A controller that knows its open lines."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.lines: list[SMTP] = []
        super().__init__(*arguments, **options)

    def factory(self) -> SMTP:
        line: SMTP = super().factory()  # type: ignore[no-untyped-call]
        self.lines.append(line)
        return line


@dataclass(frozen=True)
class Delivered:
    """One message as the server took it."""

    sender: str
    recipients: tuple[str, ...]
    mail: EmailMessage


@dataclass
class Postbox:
    """Runs while the block does; `at_rcpt` and `at_data` are answers by recipient instead of 250,
    `before` is called before a message is taken."""

    certificate: Path | None = None
    security: str = "none"
    login: bool = False
    accepted: str = PASSWORD
    taken: list[Delivered] = field(default_factory=list)
    sessions: int = 0
    at_rcpt: dict[str, str] = field(default_factory=dict)
    at_data: dict[str, str] = field(default_factory=dict)
    before: Callable[[], None] = lambda: None
    utf8: bool = True
    largest: int = 33_554_432

    def __enter__(self) -> Self:
        options: dict[str, object] = {
            "enable_SMTPUTF8": self.utf8, "data_size_limit": self.largest,
        }  # fmt: skip
        context = None
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
        if self.security == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        if self.login:
            options |= {
                "authenticator": self._let_in,
                "auth_required": True,
                "auth_require_tls": False,
            }
        self._controller = _Lines(
            self,
            hostname="127.0.0.1",
            port=free_port(),
            ssl_context=context if self.security == "tls" else None,
            **options,
        )
        self._controller.start()
        return self

    def __exit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._controller.loop).result()
        self._controller.stop()

    async def _hang_up(self) -> None:
        """A client that broke off leaves a line open that nobody else would close."""
        for line in self._controller.lines:
            if isinstance(line.transport, asyncio.Transport):
                line.transport.abort()
        await asyncio.sleep(0.01)

    def settings(self) -> Mapping[str, str]:
        """The environment that leads here."""
        return {
            "DONDOC_MAIL__HOST": "127.0.0.1",
            "DONDOC_MAIL__PORT": str(self._controller.port),
            "DONDOC_MAIL__SECURITY": self.security,
            "DONDOC_MAIL__SENDER": "dondoc@ubdt.vn",
        } | ({"DONDOC_MAIL__USER": USER, "DONDOC_MAIL__PASSWORD": PASSWORD} if self.login else {})

    def quiet(self) -> None:
        """Wait until nobody is on the line any more."""
        while any(line.transport for line in self._controller.lines):
            sleep(0.001)

    def to(self, recipient: str) -> list[EmailMessage]:
        """What that recipient got."""
        return [one.mail for one in self.taken if one.recipients == (recipient,)]

    def _let_in(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        right = isinstance(data, LoginPassword) and data == LoginPassword(
            USER.encode(), self.accepted.encode()
        )
        return AuthResult(success=right, handled=right)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's names
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str,
        responses: list[str],
    ) -> list[str]:  # fmt: skip
        self.sessions += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        if (answer := self.at_rcpt.get(address, "250 ok")).startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.before()
        answer = self.at_data.get(envelope.rcpt_tos[0], "250 taken")
        if answer == CUT:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "421 never heard"
        if answer.startswith("250"):
            mail = message_from_bytes(envelope.original_content or b"", policy=policy.default)
            assert isinstance(mail, EmailMessage)
            sender, recipients = envelope.mail_from or "", tuple(envelope.rcpt_tos)
            self.taken.append(Delivered(sender, recipients, mail))
        return answer


@dataclass
class Rude:
    """A mail server that keeps to its script: stage (`banner`, the command in
    small letters, `body` within the message, `dot` after it) -> the bytes that it answers there, or
    CUT, SILENT, DRIP, ENDLESS. `taken` has what was received up to its final dot. Runs while the
    block does."""

    script: Mapping[str, bytes | str]
    certificate: Path | None = None
    security: str = "none"
    login: bool = False
    taken: list[bytes] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.context = None
        if self.certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(self.certificate)
        self.over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        # so little that a letter of some size is stuck when nobody reads it
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()
        return self

    def __exit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None
    ) -> None:
        self.over.set()
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread, which close() would not
        self._listener.close()
        for thread in self._threads:
            thread.join()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=_Talk(self, line).hold))
            self._threads[-1].start()


class _Talk:
    """One line to a rude server."""

    def __init__(self, server: Rude, line: socket.socket) -> None:
        self.server, self.script, self.line = server, server.script, line

    def hold(self) -> None:
        with suppress(OSError):
            self._converse()
        self.line.close()

    def _converse(self) -> None:
        if self.server.security == "tls":
            self._secure()
        said = self.line.makefile("rb")
        if not self._answer("banner", b"220 here"):
            return
        while command := said.readline():
            stage = command[:8].split()[0].decode().lower()
            if not self._answer(stage, self._usual(stage)) or stage == "quit":
                return
            if stage == "starttls" and stage not in self.script:
                self._secure()
                said = self.line.makefile("rb")
            if stage == "data":
                received = [b""]
                if "body" in self.script:
                    received.append(said.read(1000))
                    if not self._answer("body", b""):
                        return
                while received[-1] != b".\r\n":
                    received.append(said.readline())
                    if not received[-1]:
                        return
                refused = self.script.get("body", self.script.get("dot", b""))[:1] in (b"4", b"5")
                if not refused:
                    self.server.taken.append(b"".join(received))
                if "body" not in self.script and not self._answer("dot", b"250 taken"):
                    return

    def _usual(self, stage: str) -> bytes:
        offered = [b"here"]
        offered += [b"STARTTLS"] if self.server.security == "starttls" else []
        offered += [b"AUTH PLAIN"] if self.server.login else []
        replies = {
            "ehlo": b"\r\n".join([*(b"250-" + one for one in offered), b"250 HELP"]),
            "starttls": b"220 go on",
            "auth": b"235 welcome",
            "data": b"354 go on",
        }
        return replies.get(stage, b"250 ok")

    def _secure(self) -> None:
        assert self.server.context
        self.line = self.server.context.wrap_socket(self.line, server_side=True)

    def _answer(self, stage: str, usual: bytes) -> bool:
        """Whether the conversation goes on."""
        answer = self.script.get(stage, usual)
        if isinstance(answer, bytes):
            self.line.sendall(answer + b"\r\n")
            return True
        if answer == SILENT:  # reads nothing either
            self.server.over.wait()
        while answer == DRIP:
            self.line.sendall(b"2")
            sleep(0.1)
        while answer == ENDLESS:
            self.line.sendall(b"250-and more\r\n" * 1000)
        return False


def _let_in(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
) -> AuthResult:
    right = isinstance(data, LoginPassword) and data == LoginPassword(
        USER.encode(), PASSWORD.encode()
    )
    return AuthResult(success=right, handled=right)


def self_signed(path: Path, *, host: str = "localhost", until: timedelta = DAY) -> Path:
    """A certificate for this machine that nobody vouches for, with its key, in one file. For
    another `host` it does not name this one."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"{host} {path.stem}")])
    today = datetime.now(UTC)
    names: list[x509.GeneralName] = [x509.DNSName(host)]
    names += [x509.IPAddress(ip_address("127.0.0.1"))] if host == "localhost" else []
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - 3 * DAY)
        .not_valid_after(today + until)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path.write_bytes(
        certificate.public_bytes(pem)
        + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path
