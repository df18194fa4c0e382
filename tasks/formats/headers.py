"""Decides what a mail's headers say: names, subjects, addresses, whatever charset was declared."""

import binascii
import re
import unicodedata
from collections.abc import Sequence
from email.message import Message
from email.policy import Compat32
from typing import Any

LONGEST_NAME = 150
"""Characters of one part of a name that are kept."""

_WORD = re.compile(r"=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=")
_WESTERN = frozenset({"", "us-ascii", "ascii", "iso-8859-1", "latin1", "windows-1252", "cp1252"})
"""Charsets that say nothing: mail programs declare them for whatever Windows was set to."""

_ADDRESS = r"[^\s<>@\"(),:;\\\[\]]+@[^\s<>@\"(),:;\\\[\]]+"
_BARE = re.compile(rf"\s*({_ADDRESS})\s*(?:\([^()@<>]*\)\s*)?")
_NAMED = re.compile(
    rf"(?:\"(?:[^\"\\]|\\.)*\"|[^\"<>@:;()\\]|\([^()@<>]*\))*<\s*({_ADDRESS})\s*>\s*"
)


class AsWritten(Compat32):
    """Headers come as they were written, bytes beyond ASCII as surrogates; nothing is parsed, so
    that nothing in them can raise."""

    def header_fetch_parse(self, name: str, value: str) -> Any:  # noqa: ARG002
        """The value itself."""
        return value


def text(raw: bytes, declared: str = "") -> str:
    """Bytes as text: UTF-8 where they can be, whatever was declared, for other text is not UTF-8
    by chance; then the declared charset, then that of Vietnamese Windows."""
    charset = declared.lower().partition("*")[0]
    for one in ("utf-8", "cp1258" if charset in _WESTERN else charset, "cp1258"):
        try:
            return raw.decode(one)
        except (LookupError, ValueError):
            continue
    return raw.decode("latin-1")


def line(value: str) -> str:
    """A header's value as one line of NFC text: encoded words (RFC 2047) and bare bytes read."""
    pieces: list[str] = []
    pending, charset, end = b"", "", 0
    for word in _WORD.finditer(value):
        between = value[end : word.start()]
        said = word[1].lower()
        # A letter may be cut in two between words of the same charset: their bytes go together.
        if pending and (between.strip() or said != charset):
            pieces.append(text(pending, charset))
            pending = b""
        if between.strip() or not end:
            pieces.append(_bare(between))
        pending, charset, end = pending + _encoded(word[2], word[3]), said, word.end()
    pieces += [text(pending, charset), _bare(value[end:])]
    return shown("".join(pieces))


def _bare(value: str) -> str:
    return text(value.encode("utf-8", "surrogateescape"))


def _encoded(kind: str, content: str) -> bytes:
    raw = content.encode("utf-8", "surrogateescape")
    if kind in "qQ":
        return binascii.a2b_qp(raw, header=True)
    return base64(raw)


def base64(raw: bytes) -> bytes:
    """Decoded, with or without its padding; a broken end is left off."""
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    kept = kept[: len(kept) - (len(kept) % 4 == 1)]
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def shown(words: str) -> str:
    """One line, NFC, without what no screen, database or header can hold."""
    one_line = " ".join(unicodedata.normalize("NFC", words).split())
    return "".join(c if c.isprintable() else "_" for c in one_line)


def name(written: str) -> str:
    """A file's name fit to be shown: its last part only, however it was written."""
    last = re.split(r"[/\\]", shown(written).rstrip("/\\ "))[-1]
    if last.strip(". ") == "":
        return ""
    stem, dot, suffix = last.rpartition(".")
    if len(last) > LONGEST_NAME and dot and len(suffix) < 10:
        return stem[: LONGEST_NAME - len(suffix) - 1] + dot + suffix
    return last[:LONGEST_NAME]


def file_name(part: "Message[str, str]") -> str:
    """The name that a part of a mail gives its file, `""` where it gives none."""
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        try:  # RFC 2231: continued, percent-encoded, or both
            said = part.get_param(parameter, "", header)
        except (ValueError, IndexError, TypeError):
            continue
        if isinstance(said, tuple):
            charset, _, value = said
            said = text(_bytes(value), charset or "")
        if found := name(line(said)):
            return found
    return ""


def _bytes(value: str) -> bytes:
    """What RFC 2231 had percent-encoded: a character stands for each byte."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape")


def address(values: Sequence[str]) -> str | None:
    """The one address that From headers name; None where there is none, several, or a group.

    Stricter than the standard: what two programs could read as two people is nobody.
    """
    if len(values) != 1:
        return None
    written = " ".join(_bare(values[0]).split())
    found = _BARE.fullmatch(written) or _NAMED.fullmatch(written)
    return unicodedata.normalize("NFC", found[1]).casefold() if found else None
