"""Reads a .docx as with a ruler: paragraphs, runs, tables, sections, in mm and pt."""

import io
import zipfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def mm(twips: str | int | None) -> float:
    """Twips of a file in millimetres."""
    return int(twips or 0) / 1440 * 25.4


class Element:
    """One element, its attributes and children by their bare names."""

    def __init__(self, node: Any) -> None:
        self.node = node

    def find(self, path: str) -> "Element | None":
        found = self.node.find("/".join(W + name for name in path.split("/")))
        return None if found is None else Element(found)

    def all(self, name: str) -> "list[Element]":
        return [Element(node) for node in self.node.iter(W + name)]

    def at(self, path: str, attribute: str = "val") -> str | None:
        found = self.find(path)
        value = None if found is None else found.node.get(W + attribute)
        return None if value is None else str(value)

    @property
    def text(self) -> str:
        return "".join(one.node.text or "" for one in self.all("t"))


class Run(Element):
    """A piece of text with its looks."""

    @property
    def size(self) -> float:
        return int(self.at("rPr/sz") or 0) / 2

    @property
    def style(self) -> str:
        """`bold italic`, as it stands in the run itself."""
        pairs = (("b", "bold"), ("i", "italic"))
        return " ".join(word for tag, word in pairs if self.find(f"rPr/{tag}") is not None)

    @property
    def typefaces(self) -> set[str | None]:
        return {self.at("rPr/rFonts", name) for name in ("ascii", "hAnsi", "cs", "eastAsia")}


class Paragraph(Element):
    """A paragraph: alignment, gaps in pt, indents in mm."""

    @cached_property
    def runs(self) -> list[Run]:
        return [Run(one.node) for one in self.all("r")]

    @property
    def align(self) -> str | None:
        return self.at("pPr/jc")

    @property
    def before(self) -> float:
        return int(self.at("pPr/spacing", "before") or 0) / 20

    @property
    def first(self) -> float:
        return mm(self.at("pPr/ind", "firstLine"))

    @property
    def left(self) -> float:
        return mm(self.at("pPr/ind", "left"))

    @property
    def hanging(self) -> float:
        return mm(self.at("pPr/ind", "hanging"))

    @property
    def looks(self) -> tuple[float, str]:
        (looks,) = {(run.size, run.style) for run in self.runs if run.text.strip()}
        return looks


def _resolve(document: Any, styles: Any) -> None:
    """What a paragraph and its runs do not say themselves is what the style says."""
    known = {one.get(f"{W}styleId"): one for one in styles.iter(f"{W}style")}
    for paragraph in document.iter(f"{W}p"):
        named = paragraph.find(f"{W}pPr/{W}pStyle")
        style = None if named is None else known.get(named.get(f"{W}val"))
        if style is not None:
            _fill(paragraph, f"{W}pPr", style)
            for run in paragraph.iter(f"{W}r"):
                _fill(run, f"{W}rPr", style)


def _fill(node: Any, kind: str, style: Any) -> None:
    own = node.find(kind)
    if own is None:
        node.insert(0, own := etree.Element(kind))
    said = {one.tag for one in own}
    own.extend(deepcopy(one) for one in style.iterfind(f"{kind}/*") if one.tag not in said)


@dataclass(frozen=True)
class Rule:
    """A drawn line: its length and the width of the cell that it is centred in."""

    length: float
    cell: float


class Letter:
    """A .docx opened."""

    def __init__(self, content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.members = archive.infolist()
            self.parts = {name: archive.read(name) for name in archive.namelist()}
        trees = {
            name: etree.fromstring(part)
            for name, part in self.parts.items()
            if name.endswith((".xml", ".rels"))
        }
        _resolve(trees["word/document.xml"], trees["word/styles.xml"])
        self.trees = {name: Element(tree) for name, tree in trees.items()}
        self.body = Element(self.trees["word/document.xml"].node[0])

    @cached_property
    def paragraphs(self) -> list[Paragraph]:
        return [Paragraph(one.node) for one in self.body.all("p")]

    @cached_property
    def texts(self) -> list[str]:
        return [one.text for one in self.paragraphs if one.text]

    @property
    def sections(self) -> list[Element]:
        return self.body.all("sectPr")

    def starting(self, text: str) -> Paragraph:
        """The first paragraph that starts so."""
        return next(one for one in self.paragraphs if one.text.startswith(text))

    def tables(self) -> list[Element]:
        return self.body.all("tbl")

    def rules(self) -> Iterator[Rule]:
        """The lines drawn above empty paragraphs of cells."""
        for cell in self.body.all("tc"):
            for one in cell.all("p"):
                if one.find("pPr/pBdr/top") is not None:
                    width = mm(cell.at("tcPr/tcW", "w"))
                    right = mm(one.at("pPr/ind", "right"))
                    yield Rule(width - mm(one.at("pPr/ind", "left")) - right, width)

    def main(self) -> list[Paragraph]:
        """The letter's own text, between Kính gửi and the signature, tables left out."""
        nodes = list(self.body.node)
        tables = [n for n, node in enumerate(nodes) if node.tag == W + "tbl"]
        end = next(n for n in tables if "Nơi nhận:" in Element(nodes[n]).text)
        found = [Paragraph(n) for n in nodes[tables[0] + 1 : end] if n.tag == W + "p"]
        opening = next(n for n, one in enumerate(found) if one.align == "both" and one.first)
        return [one for one in found[opening:] if one.text]
