"""Touches nothing but its own pipes: the process in which files are read, within limits that the
kernel keeps. It takes one request after the other until its input ends."""

import json
import os
import resource
import signal
import struct
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, BinaryIO, cast

from tasks.formats import Refused, wire, xlsx  # noqa: F401 - the usual format, ready at once
from tasks.formats.book import open_book
from tasks.formats.bounds import MB

if TYPE_CHECKING:
    from schemas.settings import Reading

HEAD = struct.Struct(">II")
"""The lengths of the JSON and of the bytes after it, in requests and answers alike."""

FULL = 4
"""A process that has taken one part in so many of its memory ends: the next file finds it fresh."""

GRACE = 5
"""Seconds after the limit; the process then ends of itself, should ours be gone."""


def main() -> None:
    """Serves until the input ends."""
    settings = json.loads(sys.argv[1])
    limits = cast("Reading", SimpleNamespace(**settings))  # the model costs 0.2 s to import
    asked, answer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    _close_the_doors(limits)
    while head := asked.read(HEAD.size):
        length, size = HEAD.unpack(head)
        request = json.loads(asked.read(length))
        content = asked.read(size)
        signal.alarm(limits.seconds + GRACE)
        _serve(request, content, limits, answer)
        signal.alarm(0)
        if _most_held() > limits.memory * MB / FULL:
            break


def _most_held() -> int:
    """Bytes of memory that this process has ever held. Not ru_maxrss: over exec that begins with
    what our parent held, and beside a large one every process would end after one file."""
    with open("/proc/self/status", "rb") as status:  # noqa: PTH123 - before any import
        held = next((line for line in status if line.startswith(b"VmHWM:")), b"VmHWM: 0 kB")
    return int(held.split()[1]) * 1024


def _close_the_doors(limits: "Reading") -> None:
    """No printing into the answers; no memory, no open files, no writing beyond the limits."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory * MB),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _serve(request: dict[str, str], content: bytes, limits: "Reading", answer: BinaryIO) -> None:
    blob = b""
    try:
        if request["do"] == "unpack":
            from tasks.formats import containers  # noqa: PLC0415 - most files are none

            members = containers.unpack(content, request["name"], limits)
            said = json.dumps([(name, len(inner)) for name, inner in members]).encode()
            blob = b"".join(inner for _, inner in members)
        else:
            said = wire.written(open_book(content, limits))
        if len(said) > wire.LARGEST:
            raise Refused("too-big", limit=f"{limits.largest_file} MB")
    except Refused as refused:
        why = type(refused.__cause__).__name__ if refused.__cause__ else ""
        blob = b""
        said = json.dumps({"rule": refused.rule, "values": refused.values, "why": why}).encode()
    except MemoryError:
        blob = b""
        said = json.dumps({"rule": "too-much-memory", "values": {}, "why": ""}).encode()
    answer.write(HEAD.pack(len(said), len(blob)))
    answer.write(said)
    answer.write(blob)
    answer.flush()


if __name__ == "__main__":
    main()
