"""Decides whether a mail was written by a machine: a delivery that failed, an automatic answer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from typing import Any

from tasks.formats import headers
from tasks.formats.headers import AsWritten

_POLICY = AsWritten()
_LOOKED_AT = 2**20
"""Bytes of a report: what failed and the headers of the returned mail stand in front."""
_MESSAGE_ID = re.compile(r"<[^<>\s]+@[^<>\s]+>")
_LONGEST = 300
"""Characters of a reason that are kept."""
_ANSWERING = ("x-autoreply", "x-autorespond", "x-autoresponse")
"""Headers that only automatic answers have, whatever they say."""


@dataclass(frozen=True)
class Bounce:
    """A message that another server took on and could not deliver: its Message-ID, and why."""

    message_id: str
    reason: str


def bounces(content: bytes) -> tuple[Bounce, ...]:
    """What a delivery status notification (RFC 3464) says has failed for good; nothing where the
    mail is none, tells of a delay or a success, or does not name the message."""
    message = _parsed(content)
    if message is None or message.get_content_type() != "multipart/report":
        return ()
    parts = list(_parts(message))
    failed = [reason for part in parts for reason in _failures(part)]
    number = next((found for part in parts if (found := _returned(part))), None)
    return (Bounce(number, "; ".join(failed)[:_LONGEST]),) if failed and number else ()


def is_automatic(content: bytes) -> bool:
    """Whether it looks as if a machine answered: in a person's place (RFC 3834: out of office,
    received), or with what became of a mail (RFC 6522). A mail that a system sends by itself
    (`auto-generated`) is none."""
    block = re.split(rb"\r?\n\r?\n", content[:_LOOKED_AT], maxsplit=1)[0]
    message = BytesParser(policy=_POLICY).parsebytes(block + b"\r\n\r\n", headersonly=True)
    said = str(message.get("auto-submitted", "")).strip().lower()
    precedence = str(message.get("precedence", "")).strip().lower()
    return (
        message.get_content_type() == "multipart/report"
        or said.startswith("auto-replied")
        or precedence == "auto_reply"
        or any(message.get(name) is not None for name in _ANSWERING)
    )


def _parsed(content: bytes) -> Any:
    if not re.search(rb"(?i)multipart/report", content[:_LOOKED_AT]):
        return None
    try:
        return BytesParser(policy=_POLICY).parsebytes(content[:_LOOKED_AT])
    except RecursionError:  # parts within parts without an end
        return None


def _parts(message: Any) -> Iterator[Any]:
    payload = message.get_payload()
    if isinstance(payload, list):
        yield from (part for part in payload if isinstance(part, Message))


def _failures(part: Any) -> Iterator[str]:
    """The reason of each recipient block that says `failed`: status code and diagnosis."""
    if part.get_content_type() not in {"message/delivery-status", "message/global-delivery-status"}:
        return
    for block in _parts(part):
        if str(block.get("action", "")).strip().lower() == "failed":
            status = headers.line(str(block.get("status", "")))
            diagnosis = headers.line(str(block.get("diagnostic-code", "")))
            yield " ".join(word for word in (status, diagnosis) if word) or "failed"


def _returned(part: Any) -> str | None:
    """The Message-ID of the mail that came back, whole or its headers."""
    kind = part.get_content_type()
    inner: Any = None
    if kind in {"message/rfc822", "message/global"}:
        inner = next(_parts(part), None)
    elif kind in {"text/rfc822-headers", "message/global-headers"}:
        payload = part.get_payload(decode=True)
        raw = payload if isinstance(payload, bytes) else str(part.get_payload()).encode()
        inner = BytesParser(policy=_POLICY).parsebytes(raw.lstrip() + b"\r\n\r\n", headersonly=True)
    elif kind == "message/delivery-status":
        blocks = [block.get("original-message-id") for block in _parts(part)]
        return next((m[0] for b in blocks if b and (m := _MESSAGE_ID.search(str(b)))), None)
    found = _MESSAGE_ID.search(str(inner.get("message-id", ""))) if inner is not None else None
    return found[0] if found else None
