"""A mail server that takes whatever comes, as cheaply as Python can, in a process of its own.

    python benchmarks/sink.py FILE

It prints its port and appends to FILE, for each message, a line of JSON (the envelope and the
length) and the message's bytes; the line `null` stands for a connection that was made.
"""

import io
import json
import socketserver
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Taken:
    """One message as the sink took it."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def mail(self) -> EmailMessage:
        """The message taken apart."""
        mail = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        return mail


@dataclass(frozen=True)
class Sink:
    """A running sink."""

    port: int
    file: Path

    def taken(self) -> tuple[int, list[Taken]]:
        """How many connections were made, and the messages."""
        connections, messages = 0, []
        with self.file.open("rb") as kept:
            for line in kept:
                head = json.loads(line)
                if head is None:
                    connections += 1
                    continue
                sender, recipients, length = head
                messages.append(Taken(sender, tuple(recipients), kept.read(length)))
        return connections, messages


@contextmanager
def sink(file: Path) -> Iterator[Sink]:
    """A sink that runs while the block does."""
    with subprocess.Popen(
        [sys.executable, __file__, str(file)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield Sink(int(process.stdout.readline()), file)
        finally:
            process.terminate()


class _Server(socketserver.ThreadingTCPServer):
    """Any number of lines at a time; each message is one write to the file, and stays whole."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, kept: io.RawIOBase) -> None:
        self.kept = kept
        super().__init__(("127.0.0.1", 0), _Line)


class _Line(socketserver.StreamRequestHandler):
    """One connection."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        kept: io.RawIOBase = self.server.kept  # type: ignore[attr-defined]
        kept.write(b"null\n")
        self._say(b"220 sink")
        sender, recipients = "", []
        while command := self.rfile.readline():
            verb = command[:4].upper()
            match verb:
                case b"EHLO":
                    self._say(b"250-sink\r\n250-SIZE 33554432\r\n250-8BITMIME\r\n250 SMTPUTF8")
                case b"MAIL":
                    sender, recipients = _address(command), []
                    self._say(b"250 ok")
                case b"RCPT":
                    recipients.append(_address(command))
                    self._say(b"250 ok")
                case b"DATA":
                    self._say(b"354 go on")
                    content = self._content()
                    head: list[Any] = [sender, recipients, len(content)]
                    kept.write(json.dumps(head).encode() + b"\n" + content)
                    self._say(b"250 taken")
                case b"QUIT":
                    self._say(b"221 bye")
                    return
                case _:
                    self._say(b"250 ok")

    def _say(self, answer: bytes) -> None:
        self.wfile.write(answer + b"\r\n")

    def _content(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)


def _address(command: bytes) -> str:
    return command[command.index(b"<") + 1 : command.index(b">")].decode()


def main() -> None:
    """Serves until it is ended."""
    with Path(sys.argv[1]).open("ab", buffering=0) as kept, _Server(kept) as server:
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
