"""Touches what every Office Open XML package has: its main part, and how parts refer to others."""

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass

from tasks.formats import Refused
from tasks.formats.package import Package
from tasks.formats.xmltext import children, tree

_FIRST_PARTS = ("xl/workbook.xml", "xl/workbook.bin", "word/document.xml", "ppt/presentation.xml")
"""Where the main part lies where the package does not say."""


@dataclass(frozen=True)
class Relation:
    """One part's reference to another; `kind` is the last word of its type."""

    key: str
    kind: str
    part: str


def relations(package: Package, part: str) -> tuple[Relation, ...]:
    """Where a part refers to inside the package; what lies outside is never looked at."""
    folder, name = posixpath.split(part)
    content = package.read(f"{folder}/_rels/{name}.rels".lstrip("/"))
    if content is None:
        return ()
    return tuple(
        Relation(
            element.get("Id", ""),
            element.get("Type", "").rpartition("/")[2],
            _inside(folder, element.get("Target", "")),
        )
        for element in children(tree(content), "Relationship")
        if element.get("TargetMode") != "External"
    )


def main_part(package: Package) -> str:
    """The document, workbook or presentation itself."""
    said = [r.part for r in relations(package, "") if r.kind == "officeDocument"]
    found = [part for part in (*said, *_FIRST_PARTS) if part.lower() in package.names]
    return found[0] if found else ""


def part_of(package: Package, related: Iterable[Relation], kind: str) -> bytes | None:
    """The part of a kind; None without a reference to one. A reference to a part that is not
    there is a damaged file: without its styles a date would be read as a number."""
    relation = next((r for r in related if r.kind == kind), None)
    return None if relation is None else required(package, relation.part)


def required(package: Package, part: str) -> bytes:
    """A part that something refers to."""
    content = package.read(part)
    if content is None:
        raise Refused("unreadable")
    return content


def _inside(folder: str, target: str) -> str:
    written = target.replace("\\", "/")
    path = written if written.startswith("/") else f"/{folder}/{written}"
    return posixpath.normpath(path).lstrip("/")
