"""Fills in a Word template, ours or a clerk's, once it is sure that all its fields are known."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Set
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar
from xml.etree import ElementTree as ET

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from reports.letters.fields import Kind
from reports.letters.measures import ISSUERS_RULE
from reports.letters.package import CORE, CORE_NAME, pack
from reports.visible import one_line
from schemas.errors import DondocError
from schemas.texts import say

N = TypeVar("N", bound=nodes.Node)

_FILLED = re.compile(r"word/(document|header\d*|footer\d*)\.xml")
"""The parts of a Word file that fields may stand in."""
_RULE = "issuers_rule_indent"
_RULE_INDENT = re.compile(
    rf'(<w:pStyle w:val="{ISSUERS_RULE}"/>(?:(?!</w:pPr>).)*?)<w:ind [^>]*/>', re.DOTALL
)
_TOGETHER = 1000
"""Pieces of a template that are packed at once."""
_OURS = frozenset({"loop", _RULE})


def spaced(text: str) -> Markup:
    """A text of ours in which spaces leave room for what is written by hand."""
    return Markup(text)  # noqa: S704 - of the catalogue


class WordTemplate:
    """A template made ready once for all letters of its kind."""

    def __init__(self, kind: Kind, content: bytes, name: str) -> None:
        """`name` is how messages call it. Raises DondocError where it is no Word file, its
        commands are wrong, or a field is unknown: named, with the nearest one known."""
        self.made_of = content, name
        """What makes it ready again elsewhere."""
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                members = {info.filename: archive.read(info) for info in archive.infolist()}
            texts = {n: members[n].decode() for n in members if _FILLED.fullmatch(n)}
            for text in texts.values():
                ET.fromstring(text)  # noqa: S314 - no entity is defined in what Word wrote
        except (
            zipfile.BadZipFile,
            UnicodeDecodeError,
            ET.ParseError,
            NotImplementedError,
        ) as error:
            raise DondocError(say("letter-template.unreadable", file=name)) from error
        if "word/document.xml" not in texts:
            raise DondocError(say("letter-template.unreadable", file=name))
        self._members = {n: c for n, c in members.items() if n not in texts}
        if CORE_NAME in self._members:
            self._members[CORE_NAME] = CORE.encode()
        self._name = name
        environment = _environment()
        self._parts: dict[str, Template] = {}
        for part, text in texts.items():
            source = _source(text)
            try:
                tree = environment.parse(source)
                _check(tree, kind, name)
                self._parts[part] = environment.from_string(tree)
            except TemplateError as error:
                message = say("letter-template.wrong", file=name, error=error.message)
                raise DondocError(message) from error

    def render(self, facts: Mapping[str, Any], rule_indent: int) -> bytes:
        """The .docx with the facts filled in, the rule beneath the issuing body's name indented so
        many twips; the same facts give the same bytes."""
        try:
            filled = {
                part: _filled(template, {**facts, _RULE: rule_indent})
                for part, template in self._parts.items()
            }
            return pack({**self._members, **filled})
        except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
            message = say("letter-template.wrong", file=self._name, error=error)
            raise DondocError(message) from error


def _filled(template: Template, facts: Mapping[str, Any]) -> Iterator[bytes]:
    """In UTF-8, piece by piece: as a whole the report of a thousand units takes 300 MB."""
    stream = template.stream(facts)
    stream.enable_buffering(_TOGETHER)
    return map(str.encode, stream)


def built_in(kind: Kind) -> bytes:
    """The template that the programme brings."""
    return files("reports").joinpath("templates", kind.file).read_bytes()


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: one_line(value) if type(value) is str else value,
    )


def _source(xml: str) -> str:
    """The part's XML as Jinja reads it: fields that Word tore into pieces are whole again."""
    from docxtpl.template import DocxTemplate  # noqa: PLC0415 - imports python-docx

    patched = str(DocxTemplate(io.BytesIO()).patch_xml(xml))  # type: ignore[no-untyped-call]
    indent = f'<w:ind w:left="{{{{ {_RULE} }}}}" w:right="{{{{ {_RULE} }}}}"/>'
    return _RULE_INDENT.sub(lambda found: found[1] + indent, patched)


def _check(tree: nodes.Template, kind: Kind, name: str) -> None:
    known = kind.fields | set(kind.lists)
    for used, choices in _unknown(tree, kind, known):
        near = get_close_matches(used, sorted(choices), n=1, cutoff=0)
        raise DondocError(
            say("letter-template.unknown", file=name, field=used, near=near[0] if near else "")
        )


def _unknown(tree: nodes.Template, kind: Kind, known: Set[str]) -> Iterator[tuple[str, Set[str]]]:
    """Each field used that does not exist, with those that might have been meant."""
    own = {one.name for one in tree.find_all(nodes.Name) if one.ctx == "store"}
    for one in tree.find_all(nodes.Name):
        if one.ctx == "load" and one.name not in known | own | _OURS:
            yield one.name, known
    for loop in tree.find_all(nodes.For):
        lists = [n.name for n in _within(loop.iter, nodes.Name)]
        items = frozenset[str]().union(*(kind.lists.get(name, ()) for name in lists))
        item = loop.target.name if isinstance(loop.target, nodes.Name) else ""
        for got in (got for node in loop.body for got in _within(node, nodes.Getattr)):
            if isinstance(got.node, nodes.Name) and got.node.name == item and got.attr not in items:
                yield f"{item}.{got.attr}", {f"{item}.{name}" for name in items}


def _within(node: nodes.Node, kind: type[N]) -> Iterator[N]:
    """The nodes of a kind below this one, itself among them."""
    if isinstance(node, kind):
        yield node
    yield from node.find_all(kind)
