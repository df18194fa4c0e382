"""Decides what of a mail is attached to be read: the files in it and in mails forwarded within."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from typing import Any

from tasks.formats import headers
from tasks.formats.headers import AsWritten

_POLICY = AsWritten()
_HEADER_BYTES = 2**20
"""Bytes of a header block that are looked at; mail servers allow a tenth."""
_HEADER_LINE = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,60}:")
_OF_A_MAIL = re.compile(rb"(?im)^(received|message-id|date|return-path|subject):")
_DMARC_FAILED = re.compile(r"\bdmarc\s*=\s*fail\b", re.IGNORECASE)

_MAILS = frozenset({"message/rfc822", "message/global"})
_NEVER_READ = frozenset({
    "text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/rfc822-headers",
    "application/ics", "application/pkcs7-signature", "application/x-pkcs7-signature",
    "application/pgp-signature", "application/pgp-keys", "application/applefile",
    "message/delivery-status", "message/disposition-notification", "message/external-body",
    "message/partial", "message/feedback-report",
})  # fmt: skip
"""Calendars, cards, signatures, and what mail servers say to each other."""


@dataclass(frozen=True)
class Heading:
    """What a mail says of itself; nothing of it is proven."""

    address: str | None
    """Of the sender, where From names exactly one."""
    sender: str
    """From as it is written, fit to be shown."""
    subject: str
    message_id: str | None
    refuted: bool
    """The server that took the mail in noted that its sender's domain disowns it (DMARC)."""


def is_message(content: bytes, name: str) -> bool:
    """Whether the bytes are a mail; a workbook saved as a web archive begins like one."""
    head = content[:_HEADER_BYTES].lstrip()
    if not _HEADER_LINE.match(head) or b"X-Document-Type" in head[:500]:
        return False
    block = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    sure = re.search(rb"(?im)^from:", block) and _OF_A_MAIL.search(block)
    return bool(sure) or name.lower().endswith(".eml")


def heading(content: bytes) -> Heading:
    """The headers of a raw message, however malformed."""
    block = re.split(rb"\r?\n\r?\n", content[:_HEADER_BYTES], maxsplit=1)[0]
    message = BytesParser(policy=_POLICY).parsebytes(block + b"\r\n\r\n", headersonly=True)
    written = message.get_all("from", [])
    results = message.get_all("authentication-results", [])
    number = headers.line(message.get("message-id", ""))
    return Heading(
        address=headers.address(written),
        sender=headers.line(", ".join(written)),
        subject=headers.line(message.get("subject", "")),
        message_id=number or None,
        # Each server writes on top; what stands below came with the mail.
        refuted=bool(results and _DMARC_FAILED.search(results[0])),
    )


@dataclass(frozen=True)
class Attached:
    """A file in a mail; `way` are the names of the forwarded mails around it."""

    name: str
    content: bytes
    way: tuple[str, ...]
    picture: bool
    """Part of how the mail looks: a logo, a signature's picture."""


def attached(content: bytes, depth: int) -> Iterator[Attached]:
    """The files of a message in their order; mails within mails are opened to `depth`, those
    further in come as files. Of a report of delivery what stands beside the returned mail."""
    message: Any = BytesParser(policy=_POLICY).parsebytes(content)
    if message.get_content_type() != "multipart/report":
        yield from _walk(message, (), depth, within="")
        return
    for part in message.get_payload() if message.is_multipart() else ():
        if part.get_content_type() not in _MAILS:
            yield from _walk(part, (), depth, within="")


def _walk(
    part: "Message[str, str]", way: tuple[str, ...], depth: int, within: str
) -> Iterator[Attached]:
    kind = part.get_content_type()
    if kind == "multipart/report" or kind in _NEVER_READ:
        return  # a returned mail holds our own workbook, not a unit's
    if kind in _MAILS:
        yield from _forwarded(part, way, depth)
    elif part.is_multipart():
        parts: Any = part.get_payload()
        for one in parts:
            yield from _walk(one, way, depth, kind)
    else:
        name = headers.file_name(part)
        disposition = part.get_content_disposition()
        if name or disposition == "attachment" or part.get_content_maintype() != "text":
            looks = bool(part.get("content-id")) or disposition == "inline"
            inline = looks or within == "multipart/related"
            yield Attached(name, _payload(part), way, inline)


def _forwarded(part: "Message[str, str]", way: tuple[str, ...], depth: int) -> Iterator[Attached]:
    inner: Any = part.get_payload()
    inner = inner[0] if isinstance(inner, list) and inner else Message(policy=_POLICY)
    encoding = part.get("content-transfer-encoding", "").strip().lower()
    if encoding == "base64":  # forbidden, and done all the same: the parser saw no headers
        body = inner.get_payload()
        raw = headers.base64(body.encode("ascii", "replace")) if isinstance(body, str) else b""
        inner = BytesParser(policy=_POLICY).parsebytes(raw)
    subject = headers.name(headers.line(inner.get("subject", "")).replace("/", "-"))
    name = headers.file_name(part) or f"{subject or 'message'}.eml"
    if len(way) < depth:
        yield from _walk(inner, (*way, name), depth, within="")
    else:
        yield Attached(name, inner.as_bytes(), way, picture=False)


def _payload(part: "Message[str, str]") -> bytes:
    payload: Any = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
