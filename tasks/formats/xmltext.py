"""Touches XML from outside, as a tree or element by element; none with a document type, so that no
entity is ever expanded or fetched."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from xml.parsers import expat

from lxml import etree

from tasks.formats import Refused

SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "remove_comments": True,
    "remove_pis": True,
}
"""How lxml is to parse: it expands nothing and fetches nothing."""

SMALL = 2**18
"""Bytes of a part that is quicker had as a whole, and takes some MB so."""


def tree(content: bytes) -> Any:
    """The root element of a part."""
    _check(content)
    return etree.fromstring(content, etree.XMLParser(**SAFE))


def each(content: bytes, *names: str) -> Iterator[Any]:
    """The elements of those local names; whether one comes before or after those within it is not
    said. Those of a large part one after the other, each emptied when the next is asked for, so
    that it needs little memory; then one holds what is left of those within it."""
    wanted = [f"{{*}}{name}" for name in names]
    if len(content) <= SMALL:
        yield from tree(content).iter(*wanted)
        return
    _check(content)
    for _, element in etree.iterparse(BytesIO(content), tag=wanted, **SAFE):
        yield element
        element.clear(keep_tail=True)
        before = element.getprevious()
        if before is not None and before.tag == element.tag:
            element.getparent().remove(before)


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
    return [] if element is None else list(element.iterchildren(f"{{*}}{name}"))


def child(element: Any, name: str) -> Any:
    """The first child element of a local name, None without one."""
    return None if element is None else next(element.iterchildren(f"{{*}}{name}"), None)


def _check(content: bytes) -> None:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise Refused("unreadable") from error


def _refuse(*_: object) -> None:
    raise Refused("forbidden-xml")
