"""Touches XML from outside: whether it is well formed and free of a document type, so that no
entity is ever expanded or fetched; then it is safe to read, as a tree or by pattern."""

import re
from functools import partial
from typing import Any
from xml.parsers import expat

from lxml import etree

from tasks.formats import Refused

ATTRIBUTES = rb"""(?:\s+[^\s=<>"'/]+\s*=\s*(?:"[^"]*"|'[^']*'))*+"""
"""The pattern of an element's attributes; a `>` may stand in a value."""
_NUMERIC = re.compile(r"&(?:#(?:x([0-9A-Fa-f]+)|(\d+))|(lt|gt|amp|quot|apos));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_PLAIN_ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_UTF8_BOM = b"\xef\xbb\xbf"


def plain(content: bytes) -> bytes:
    """The same XML in UTF-8 without comments, CDATA and processing instructions, so that a `<`
    always begins an element: what a pattern finds in it is what a parser would find."""
    odd: list[str] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.XmlDeclHandler = partial(_declared, odd)
    # an unknown entity needs a document type, and without one is an error of expat's own
    parser.CommentHandler = parser.StartCdataSectionHandler = lambda *_: odd.append("markup")
    parser.ProcessingInstructionHandler = lambda *_: odd.append("markup")
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise Refused("unreadable") from error
    if odd or b"\0" in content[:4]:  # the latter is UTF-16
        written = etree.tostring(_root(content), method="c14n", with_comments=False)
        return bytes(written)
    return content.removeprefix(_UTF8_BOM)


def tree(content: bytes) -> Any:
    """The root element of a part."""
    return _root(plain(content))


def local(element: Any) -> str:
    """An element's name without its namespace; programs differ in namespaces and prefixes."""
    tag: str = element.tag
    return tag.rpartition("}")[2]


def attribute(element: Any, name: str) -> str | None:
    """An attribute by its local name."""
    plainly: str | None = element.get(name)
    if plainly is not None:
        return plainly
    return next((v for k, v in element.items() if k.rpartition("}")[2] == name), None)


def children(element: Any, name: str) -> list[Any]:
    """The child elements of a local name."""
    return [] if element is None else [child for child in element if local(child) == name]


def child(element: Any, name: str) -> Any:
    """The first child element of a local name, None without one."""
    return next(iter(children(element, name)), None)


def unescaped(written: bytes) -> str:
    """The text between two tags."""
    text = written.decode().replace("\r\n", "\n")
    return _NUMERIC.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    if match[3]:
        return _NAMED[match[3]]
    return chr(int(match[1], 16) if match[1] else int(match[2]))


def parser() -> Any:
    """A parser that expands nothing and fetches nothing."""
    return etree.XMLParser(**SAFE)


SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "remove_comments": True,
    "remove_pis": True,
}


def _root(content: bytes) -> Any:
    return etree.fromstring(content, parser())


def _refuse(*_: object) -> None:
    raise Refused("forbidden-xml")


def _declared(odd: list[str], _version: str, encoding: str | None, _alone: int) -> None:
    if encoding and encoding.lower() not in _PLAIN_ENCODINGS:
        odd.append("encoding")
