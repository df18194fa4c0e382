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
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tasks.server import free_port

CUT = "cut"
"""Instead of an answer: the line goes dead."""
USER, PASSWORD = "dondoc@ubdt.vn", "mat-khau-dung"


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
    """A mail server of one line at a time that keeps to its script: stage (`mail`, `rcpt`, `data`,
    `body`, `dot`) -> the bytes that it answers there, or CUT. `taken` counts messages received up
    to their final dot. Runs while the block does."""

    script: Mapping[str, bytes | str]
    taken: int = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread, which close() would not
        self._listener.close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            with line, suppress(OSError):
                self._converse(line)

    def _converse(self, line: socket.socket) -> None:
        said = line.makefile("rb")
        line.sendall(b"220 here\r\n")
        while command := said.readline():
            stage = command[:4].strip().decode().lower()
            if not self._answer(line, stage, b"354 go on" if stage == "data" else b"250 ok"):
                return
            if stage == "data":
                if "body" in self.script:
                    said.read(1000)
                    return
                while said.readline() != b".\r\n":
                    pass
                self.taken += 1
                if not self._answer(line, "dot", b"250 taken"):
                    return

    def _answer(self, line: socket.socket, stage: str, usual: bytes) -> bool:
        answer = self.script.get(stage, usual)
        if isinstance(answer, str):
            return False
        line.sendall(answer + b"\r\n")
        return True


def self_signed(path: Path) -> Path:
    """A certificate for this machine that nobody vouches for, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path.write_bytes(
        certificate.public_bytes(pem)
        + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path
