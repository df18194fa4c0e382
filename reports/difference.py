"""Tells where two versions of a document differ: sheet and cell, paragraph, line."""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from xml.etree import ElementTree as ET

from schemas.texts import say

MOST = 5
"""Places that are named of one document."""
_SHOWN = 60
"""Characters of a text that are shown."""
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

Places = Iterator[str]


def places(name: str, then: bytes, now: bytes) -> tuple[str, ...]:
    """Where the document of that name differs, the first `MOST` places; what cannot be opened is
    said to be so."""
    kind = name.rpartition(".")[2]
    try:
        found = tuple(islice(_KINDS.get(kind, _bytes)(then, now), MOST))
        return found or tuple(islice(_parts(kind, then, now), MOST))
    except (zipfile.BadZipFile, zlib.error, ET.ParseError, KeyError, ValueError):
        return (say("reproduce.unreadable"),)


def fields(then: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Where a mail differs, of which `then` and `now` are the parts by name."""
    found = (
        say("reproduce.part", part=say(f"reproduce.mail.{part}"), place=place)
        for part in then
        if then[part] != now[part]
        for place in _lines(then[part].encode(), now[part].encode())
    )
    return tuple(islice(found, MOST))


def _cells(then: bytes, now: bytes) -> Places:
    from openpyxl import load_workbook  # noqa: PLC0415 - a third of a second

    one, other = (load_workbook(io.BytesIO(content)) for content in (then, now))
    for title in dict.fromkeys([*one.sheetnames, *other.sheetnames]):
        if title not in one.sheetnames or title not in other.sheetnames:
            yield say("reproduce.sheet", sheet=title)
            continue
        cells, others = (
            {cell.coordinate: cell.value for row in book[title].iter_rows() for cell in row}
            for book in (one, other)
        )
        for cell in dict.fromkeys([*cells, *others]):
            if cells.get(cell) != others.get(cell):
                told = _told(cells.get(cell), others.get(cell))
                yield say("reproduce.cell", sheet=title, cell=cell, **told)


def _paragraphs(then: bytes, now: bytes) -> Places:
    pairs = zip_longest(_texts(then), _texts(now))
    for number, (one, other) in enumerate(pairs, 1):
        if one != other:
            yield say("reproduce.paragraph", number=number, **_told(one, other))


def _texts(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        body = ET.fromstring(archive.read("word/document.xml"))  # noqa: S314 - expat expands little
    runs = (p.iter(f"{_WORD}t") for p in body.iter(f"{_WORD}p"))
    return ["".join(run.text or "" for run in its) for its in runs]


def _lines(then: bytes, now: bytes) -> Places:
    one, other = (content.decode().splitlines() for content in (then, now))
    for number, (before, after) in enumerate(zip_longest(one, other), 1):
        if before != after:
            yield say("reproduce.line", number=number, **_told(*_around(before, after)))


def _around(before: str | None, after: str | None) -> Sequence[str | None]:
    """Two lines from a little before the place where they part."""
    if before is None or after is None:
        return before, after
    pairs = enumerate(zip(before, after, strict=False))
    shorter = min(len(before), len(after))
    parting = next((at for at, (a, b) in pairs if a != b), shorter)
    start = parting - _SHOWN // 3 if parting > _SHOWN // 2 else 0
    return before[start:], after[start:]


def _bytes(then: bytes, now: bytes) -> Places:
    yield say("reproduce.bytes", then=len(then), now=len(now))


def _parts(kind: str, then: bytes, now: bytes) -> Places:
    """The parts of a container that differ although all that is read in it is the same."""
    if kind not in {"xlsx", "docx"}:
        return _bytes(then, now)
    one, other = (_members(content) for content in (then, now))
    names = [n for n in dict.fromkeys([*one, *other]) if one.get(n) != other.get(n)]
    return (say("reproduce.member", part=name) for name in names) if names else _bytes(then, now)


def _members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _told(one: object, other: object) -> dict[str, str]:
    return {"then": _short(one), "now": _short(other)}


def _short(value: object) -> str:
    text = say("reproduce.nothing") if value is None else " ".join(str(value).split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


_KINDS: Mapping[str, Callable[[bytes, bytes], Places]] = {
    "xlsx": _cells,
    "docx": _paragraphs,
    "html": _lines,
}
