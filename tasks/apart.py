"""Touches the process that reads files: a damaged or hostile one can exhaust the memory, hang or
end whatever reads it (each was seen), so that whatever happens happens there."""

import json
import logging
import os
import selectors
import signal
import struct
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NoReturn, Self

from schemas.reading import Book
from schemas.settings import Reading
from tasks.formats import Refused, wire
from tasks.refusals import sentence

__all__ = ["Member", "Reader", "Refused"]

log = logging.getLogger("dondoc")

_COMMAND = (sys.executable, "-I", "-c", "from tasks.formats.child import main; main()")
_HEAD = struct.Struct(">II")
_PIECE = 2**18
_MB = 2**20


@dataclass(frozen=True)
class Member:
    """A file out of an archive or a message."""

    name: str
    content: bytes


class Reader:
    """One process that reads files, started with the first and again after it failed. Not for
    several threads at once."""

    def __init__(self, limits: Reading | None = None) -> None:
        self.limits = limits or Reading()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def book(self, content: bytes, name: str) -> Book:
        """A file's sheets; raises Refused, and nothing else, for what a file is or does."""
        said, _ = self._ask("book", content, name, 0)
        try:
            return wire.book(said)
        except ValueError:
            self._refuse_answer(name)

    def unpack(self, content: bytes, name: str) -> tuple[Member, ...]:
        """The files of an archive or a message, those of inner ones too; raises Refused."""
        said, blob = self._ask("unpack", content, name, self.limits.largest_unpacked * _MB)
        try:
            members, at = [], 0
            for inner, size in wire.loaded(said):
                if not (isinstance(inner, str) and type(size) is int and size >= 0):
                    raise ValueError
                members.append(Member(inner, blob[at : at + size]))
                at += size
            if at != len(blob) or len(members) > self.limits.archive_files:
                raise ValueError
        except (ValueError, TypeError, RecursionError):
            self._refuse_answer(name)
        return tuple(members)

    def _ask(self, what: str, content: bytes, name: str, most: int) -> tuple[bytes, bytes]:
        """The answer's JSON and bytes."""
        if len(content) > self.limits.largest_file * _MB and what == "book":
            raise Refused("too-big", limit=f"{self.limits.largest_file} MB")
        asked = json.dumps({"do": what, "name": name}).encode()
        request = _HEAD.pack(len(asked), len(content)) + asked
        try:
            said, blob = self._answered((request, content), most)
        except _Late:
            self.close()
            log.info("%s was not read in %s s", name, self.limits.seconds)
            raise Refused("took-too-long", limit=str(self.limits.seconds)) from None
        except (OSError, ValueError, EOFError) as error:
            process = self._process
            self.close()
            status = process.returncode if process else None
            log.warning("%s ended its reader: %s, status %s", name, type(error).__name__, status)
            raise Refused("reader-crashed") from None
        if said.startswith(b'{"rule"'):
            self._refuse(said, name)
        return said, blob

    def _answered(self, request: tuple[bytes, bytes], most: int) -> tuple[bytes, bytes]:
        """One that has answered before may just be ending, full (`tasks.formats.child.FULL`); only
        what ends a fresh one is the file's own doing."""
        fresh = self._process is None
        try:
            return self._exchange(request, most)
        except (OSError, EOFError):
            if fresh:
                raise
        self.close()
        return self._exchange(request, most)

    def _refuse(self, said: bytes, name: str) -> NoReturn:
        """Raises what the other process says of the file."""
        try:
            answer: dict[str, Any] = wire.loaded(said)
            refused = Refused(answer["rule"], **answer["values"])
            sentence(refused)  # which there must be for what it says
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
            self._refuse_answer(name)
        if refused.rule == "too-much-memory":
            self.close()
        log.info("%s is not read: %s %s", name, refused.rule, str(answer.get("why", ""))[:40])
        raise refused

    def _refuse_answer(self, name: str) -> NoReturn:
        """The other process does not say what it should: it is not ours any more."""
        self.close()
        log.warning("%s ended its reader: no such answer", name)
        raise Refused("reader-crashed") from None

    def _exchange(self, request: tuple[bytes, bytes], most: int) -> tuple[bytes, bytes]:
        """Writes and reads at once, so that neither side waits for the other, until the answer is
        whole or its time is over."""
        process = self._started()
        if process.stdin is None or process.stdout is None:
            raise OSError
        clock = time.monotonic
        until = clock() + self.limits.seconds
        answer = bytearray()
        unsent = [memoryview(part) for part in request if part]
        whole = _HEAD.size
        with selectors.DefaultSelector() as ready:
            ready.register(process.stdout, selectors.EVENT_READ)
            ready.register(process.stdin, selectors.EVENT_WRITE)
            while len(answer) < whole:
                left = until - clock()
                if left <= 0:
                    raise _Late
                for key, _ in ready.select(left):
                    if key.fileobj is process.stdout:
                        piece = os.read(process.stdout.fileno(), _PIECE)
                        if not piece:
                            raise EOFError
                        answer += piece
                        if len(answer) >= _HEAD.size:
                            whole = _whole(answer, most)
                    elif _send(process.stdin.fileno(), unsent):
                        ready.unregister(process.stdin)
        if len(answer) > whole or unsent:
            raise ValueError
        length = _HEAD.unpack_from(answer)[0]
        middle = _HEAD.size + length
        return bytes(answer[_HEAD.size : middle]), bytes(answer[middle:])

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self.close()
        if self._process is None:
            command = (*_COMMAND, self.limits.model_dump_json())
            self._process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
                env={},
            )
            if self._process.stdin is not None:
                os.set_blocking(self._process.stdin.fileno(), False)
        return self._process


class _Late(Exception):  # noqa: N818 - inside this module only
    """The time for one file is over."""


def _whole(answer: bytearray, most: int) -> int:
    """The length of the whole answer."""
    length, size = _HEAD.unpack_from(answer)
    if length > wire.LARGEST or size > most:
        raise ValueError
    return int(_HEAD.size + length + size)


def _send(descriptor: int, unsent: list[memoryview]) -> bool:
    """Writes what the pipe takes; whether all is written."""
    sent = os.write(descriptor, unsent[0][:_PIECE])
    unsent[0] = unsent[0][sent:]
    if not unsent[0]:
        unsent.pop(0)
    return not unsent
