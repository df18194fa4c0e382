"""Bounds what a mail server may say on a line, and says in a person's words what broke the line."""

import io
import smtplib
import socket
import ssl
from collections.abc import Iterator
from time import monotonic

from schemas.texts import say

LONGEST_SAYING = 200
"""Characters of a server's own words that are kept and shown."""

_EXPIRED, _OTHER_NAME = 10, 62
"""Faults of a certificate as OpenSSL counts them: X509_V_ERR_CERT_HAS_EXPIRED and
X509_V_ERR_HOSTNAME_MISMATCH."""


class LineError(OSError):
    """The server keeps to no protocol; says so in a person's words."""


class Ear(io.RawIOBase):
    """Hears so many bytes until such a moment. A socket's own timeout is for each piece that
    arrives: a server that sends a byte now and then, or never ends, would hold us for good."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__()
        self.sock = sock
        self._until, self._left = 0.0, 0

    def expect(self, seconds: float, most: int) -> None:
        """What the server may say from now on, until this is called again."""
        self._until, self._left = monotonic() + seconds, most

    def wait(self, seconds: float) -> None:
        """Give it so much longer."""
        self._until += seconds

    def readable(self) -> bool:
        """It reads and does nothing else."""
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        """What is there, as a raw stream reads; raises TimeoutError, or LineError for too much."""
        seconds = self._until - monotonic()
        if seconds <= 0:
            raise TimeoutError
        usual = self.sock.gettimeout()
        self.sock.settimeout(seconds)
        try:
            count = self.sock.recv_into(buffer)
        finally:
            self.sock.settimeout(usual)
        self._left -= count
        if self._left < 0:
            raise LineError(say("line.flood"))
        return count


def reason(error: Exception) -> str:
    """What broke the line or kept us out; the server's own words where there is no plainer."""
    for one in _origins(error):
        if isinstance(one, LineError):
            return str(one)
        if key := _key(one):
            detail = getattr(one, "verify_message", "")
            return f"{say(key)}: {detail}" if detail else say(key)
    return plain(str(error)) or type(error).__name__


def plain(said: bytes | str) -> str:
    """A server's words in one line of some length, without what no database or screen takes."""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:LONGEST_SAYING]


def _origins(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came of, the deepest first: libraries wrap one in another."""
    if error:
        yield from _origins(error.__cause__ or error.__context__)
        yield error


def _key(error: BaseException) -> str | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        known = {_EXPIRED: "line.expired", _OTHER_NAME: "line.other-name"}
        return known.get(error.verify_code, "line.untrusted")
    kinds: tuple[tuple[type[BaseException], str], ...] = (
        (TimeoutError, "line.silent"),
        (ConnectionRefusedError, "line.refused"),
        (socket.gaierror, "line.unknown-host"),
        (ssl.SSLEOFError, "line.cut"),
        (ssl.SSLError, "line.no-tls"),
        (smtplib.SMTPServerDisconnected, "line.cut"),
        (ConnectionError, "line.cut"),
    )
    return next((key for kind, key in kinds if isinstance(error, kind)), None)
