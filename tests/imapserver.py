"""An IMAP server of the commands that we speak, true to RFC 3501 and RFC 6851, which records every
command and can be told to misbehave. For what it cannot know there is Dovecot (tests/imap.py)."""

import base64
import re
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from postbox import DRIP, ENDLESS, SILENT

CRLF = b"\r\n"
NEXT_VALIDITY = 1_600_000_000
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|\([^()]*\)|[^\s"()]+(?:\[[^\]]*\])?|\S')


class Hang(Exception):  # noqa: N818
    """The line goes dead instead of an answer."""


@dataclass
class Message:
    """One message as it lies in a folder."""

    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)
    received: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass
class Folder:
    """A mailbox in the words of the protocol."""

    uidvalidity: int
    next_uid: int = 1
    messages: list[Message] = field(default_factory=list)

    def add(self, raw: bytes, flags: set[str]) -> None:
        self.messages.append(Message(self.next_uid, raw, flags))
        self.next_uid += 1


@dataclass
class ImapServer:
    """Runs while the block does, for one user."""

    user: str
    password: str
    certificate: Path | None = None
    security: str = "none"
    moves: bool = True
    before: Callable[[str], None] = lambda command: None
    """Called before each command is answered; may raise Hang."""
    script: dict[str, bytes | str] = field(default_factory=dict)
    """Stage (`greeting`, the command's name, `BODY` of a fetch) -> the bytes answered there, `TAG`
    for the command's, or CUT, SILENT, DRIP, ENDLESS."""
    folders: dict[str, Folder] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.lock = threading.RLock()
        self.over = threading.Event()
        self.folders.setdefault("INBOX", Folder(NEXT_VALIDITY))
        self.context = None
        if self.certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(self.certificate)
        server = self

        class Line(_Line):
            def __init__(self, *arguments: Any) -> None:
                self.imap = server
                super().__init__(*arguments)

        self._server = _Server(("127.0.0.1", 0), Line)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def capabilities(self) -> str:
        return (
            "IMAP4rev1 AUTH=PLAIN"
            + " MOVE" * self.moves
            + " STARTTLS" * (self.security == "starttls")
        )


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed leaves a broken line; nobody needs to hear of it."""


class _Line(socketserver.BaseRequestHandler):
    """One client."""

    imap: ImapServer

    def handle(self) -> None:
        self.name: str | None = None
        self.secure = False
        if self.imap.security == "tls":
            self._secure()
        self._open()
        try:
            if not self._misbehaves("greeting", b"*"):
                self._say(b"* OK ready")
            while self._command():
                pass
        except (Hang, OSError, EOFError):
            pass
        finally:
            self.file.close()
            self.request.close()

    def _open(self) -> None:
        self.file = self.request.makefile("rb")

    def _secure(self) -> None:
        assert self.imap.context
        self.request = self.imap.context.wrap_socket(self.request, server_side=True)
        self.secure = True

    def _say(self, *lines: bytes) -> None:
        self.request.sendall(b"".join(line + CRLF for line in lines))

    def _read(self) -> bytes:
        line: bytes = self.file.readline()
        if not line.endswith(CRLF):
            raise EOFError
        line = line.removesuffix(CRLF)
        while announced := re.search(rb"\{(\d+)\}$", line):
            self._say(b"+ go on")
            literal = self.file.read(int(announced[1]))
            self.literal = literal
            rest = self.file.readline().removesuffix(CRLF)
            line = line[: announced.start()] + b"LITERAL" + rest
        return line

    def _command(self) -> bool:
        tag, _, rest = self._read().partition(b" ")
        words = TOKEN.findall(rest)
        verb = words[0].decode().upper()
        arguments = words[1:]
        if verb == "UID":
            verb, arguments = f"UID {arguments[0].decode().upper()}", arguments[1:]
        told = rest.decode("utf-8", "replace") if verb != "LOGIN" else "LOGIN"
        if self._misbehaves("BODY" if "BODY" in told else verb, tag):
            return True
        with self.imap.lock:
            self.imap.commands.append(told)
            self.imap.before(told)
            answer = getattr(self, "_do_" + verb.lower().replace(" ", "_"), None)
            if answer is None:
                self._say(tag + b" BAD unknown command")
                return True
            lines, status = answer(*arguments)
            self._say(*lines, tag + b" " + status)
        if verb == "STARTTLS":
            self._secure()
            self._open()
        return bool(verb != "LOGOUT")

    def _misbehaves(self, stage: str, tag: bytes) -> bool:
        """Whether it was answered by the script, if the line is still there."""
        answer = self.imap.script.get(stage)
        if isinstance(answer, bytes):
            self._say(answer.replace(b"TAG", tag))
        if answer == SILENT:
            self.imap.over.wait()
        while answer == DRIP:
            self.request.sendall(b"*")
            time.sleep(0.1)
        while answer == ENDLESS:
            self.request.sendall((b"* OK still here" + b" " * 900 + b"\r\n") * 100)
        if isinstance(answer, str):
            raise Hang
        return answer is not None

    # --- without a folder -----------------------------------------------------------------------

    def _do_capability(self) -> tuple[list[bytes], bytes]:
        return [b"* CAPABILITY " + self.imap.capabilities.encode()], b"OK done"

    def _do_noop(self) -> tuple[list[bytes], bytes]:
        return [], b"OK done"

    def _do_starttls(self) -> tuple[list[bytes], bytes]:
        return [], b"OK begin"

    def _do_logout(self) -> tuple[list[bytes], bytes]:
        return [b"* BYE so long"], b"OK done"

    def _do_login(self, user: bytes, password: bytes) -> tuple[list[bytes], bytes]:
        return self._let_in(_text(user), _text(password))

    def _do_authenticate(self, _mechanism: bytes) -> tuple[list[bytes], bytes]:
        self._say(b"+ ")
        _, user, password = base64.b64decode(self.file.readline()).decode().split("\0")
        return self._let_in(user, password)

    def _let_in(self, user: str, password: str) -> tuple[list[bytes], bytes]:
        if self.imap.security == "starttls" and not self.secure:
            return [], b"NO [PRIVACYREQUIRED] not in the clear"
        right = (user, password) == (self.imap.user, self.imap.password)
        return [], b"OK done" if right else b"NO [AUTHENTICATIONFAILED] Authentication failed."

    def _do_list(self, _reference: bytes, pattern: bytes) -> tuple[list[bytes], bytes]:
        wanted = _text(pattern) or _text(_reference)
        found = [n for n in self.imap.folders if wanted in ("*", n) or _text(_reference) == n]
        return [f'* LIST () "/" "{name}"'.encode() for name in found], b"OK done"

    def _do_create(self, name: bytes) -> tuple[list[bytes], bytes]:
        if _text(name) in self.imap.folders:
            return [], b"NO [ALREADYEXISTS] it is there"
        self.imap.folders[_text(name)] = Folder(NEXT_VALIDITY + len(self.imap.folders))
        return [], b"OK done"

    def _do_append(self, name: bytes, *rest: bytes) -> tuple[list[bytes], bytes]:
        flags = next((_text(one) for one in rest if one.startswith(b"(")), "()")
        self.imap.folders[_text(name)].add(self.literal, set(flags.strip("()").split()))
        return [], b"OK done"

    def _do_select(self, name: bytes) -> tuple[list[bytes], bytes]:
        self.name = _text(name)
        if self.name not in self.imap.folders:
            self.name = None
            return [], b"NO [NONEXISTENT] Mailbox doesn't exist"
        lines = [
            b"* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)",
            b"* %d EXISTS" % len(self._folder.messages),
            b"* 0 RECENT",
            b"* OK [UIDVALIDITY %d] valid" % self._folder.uidvalidity,
            b"* OK [UIDNEXT %d] next" % self._folder.next_uid,
        ]
        return lines, b"OK [READ-WRITE] done"

    def _do_examine(self, name: bytes) -> tuple[list[bytes], bytes]:
        lines, status = self._do_select(name)
        return lines, status.replace(b"WRITE", b"ONLY")

    # --- in a folder ----------------------------------------------------------------------------

    @property
    def _folder(self) -> Folder:
        assert self.name is not None
        return self.imap.folders[self.name]

    def _those(self, written: bytes) -> Iterator[tuple[int, Message]]:
        """(sequence number, message) of a UID set."""
        last = max((one.uid for one in self._folder.messages), default=0)
        ranges = []
        for part in written.decode().replace("*", str(last)).split(","):
            first, _, end = part.partition(":")
            ranges.append(sorted((int(first), int(end or first))))
        for number, one in enumerate(list(self._folder.messages), 1):
            if any(low <= one.uid <= high for low, high in ranges):
                yield number, one

    def _do_uid_search(self, *_criteria: bytes) -> tuple[list[bytes], bytes]:
        uids = " ".join(str(one.uid) for one in self._folder.messages)
        return [b"* SEARCH " + uids.encode()], b"OK done"

    def _do_uid_fetch(self, those: bytes, *items: bytes) -> tuple[list[bytes], bytes]:
        wanted = b" ".join(items).strip(b"()").upper().split()
        lines = []
        for number, one in self._those(those):
            parts = [b"UID %d" % one.uid]
            for item in wanted:
                if item == b"RFC822.SIZE":
                    parts.append(b"RFC822.SIZE %d" % len(one.raw))
                elif item == b"INTERNALDATE":
                    parts.append(
                        one.received.strftime('INTERNALDATE "%d-%b-%Y %H:%M:%S +0000"').encode()
                    )
                elif item == b"FLAGS":
                    parts.append(b"FLAGS (%s)" % " ".join(sorted(one.flags)).encode())
                elif item == b"BODY.PEEK[HEADER]":
                    head = one.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
                    parts.append(b"BODY[HEADER] {%d}\r\n" % len(head) + head)
                elif item in {b"BODY.PEEK[]", b"BODY[]"}:
                    if item == b"BODY[]":
                        one.flags.add("\\Seen")
                    parts.append(b"BODY[] {%d}\r\n" % len(one.raw) + one.raw)
            lines.append(b"* %d FETCH (%s)" % (number, b" ".join(parts)))
        return lines, b"OK done"

    def _do_uid_store(self, those: bytes, how: bytes, flags: bytes) -> tuple[list[bytes], bytes]:
        named = set(_text(flags).strip("()").split())
        lines = []
        for number, one in self._those(those):
            one.flags = one.flags | named if how.startswith(b"+") else one.flags - named
            if not how.upper().endswith(b".SILENT"):
                shown = " ".join(sorted(one.flags)).encode()
                lines.append(b"* %d FETCH (UID %d FLAGS (%s))" % (number, one.uid, shown))
        return lines, b"OK done"

    def _do_uid_move(self, those: bytes, name: bytes) -> tuple[list[bytes], bytes]:
        target = self.imap.folders.get(_text(name))
        if not self.imap.moves:
            return [], b"BAD unknown command"
        if target is None:
            return [], b"NO [TRYCREATE] Mailbox doesn't exist"
        lines = []
        for number, one in reversed(list(self._those(those))):
            target.add(one.raw, set(one.flags))
            self._folder.messages.remove(one)
            lines.append(b"* %d EXPUNGE" % number)
        return lines, b"OK done"


def _text(word: bytes) -> str:
    if word.startswith(b'"'):
        word = re.sub(rb"\\(.)", rb"\1", word[1:-1])
    return word.decode()
