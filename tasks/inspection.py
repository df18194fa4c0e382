"""Touches one file to see what would become of it; nothing is stored, nobody is written to."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from rules.portions import without_unit_rows
from schemas.arrival import Arrival
from schemas.errors import DondocError
from schemas.forms import FORMS
from schemas.inspection import Inspection
from schemas.reading import ReadWorkbook
from schemas.texts import say
from tasks import workbooks
from tasks.apart import Reader, Refused
from tasks.desk import Desk
from tasks.formats import containers
from tasks.inbox import shown, too_big
from tasks.intake import Placing, judge
from tasks.refusals import finding


def inspect(desk: Desk, path: Path, period: str) -> tuple[Inspection, ...]:
    """The file, or each file of an archive or a message, as `collect` would understand it."""
    name = shown(path)
    try:
        if not path.is_file():  # a pipe or a device would never end
            raise FileNotFoundError(path)
        refused = too_big(path, desk.settings.reading)
        content = b"" if refused else path.read_bytes()
    except OSError as error:
        raise DondocError(say("console.no-such-file", file=path)) from error
    placing = Placing(desk, period)
    if refused:
        return (_inspected(placing, ReadWorkbook(name, findings=(refused,)), content),)
    with Reader(desk.settings.reading) as reader:
        return tuple(_inspected(placing, *one) for one in _read(reader, name, content))


def _read(reader: Reader, name: str, content: bytes) -> Iterator[tuple[ReadWorkbook, bytes]]:
    """What the file, or each one in it, holds; an archive that stays shut says why."""
    files = [(name, content)]
    if containers.is_container(content, name):
        try:
            members = reader.unpack(content, name)
            files = [(f"{name}/{one.name}", one.content) for one in members] or files
        except Refused as refused:
            yield ReadWorkbook(name, findings=(finding(refused, name),)), content
            return
    for inner, held in files:
        yield workbooks.read(held, inner, FORMS, reader=reader), held


def _inspected(placing: Placing, read: ReadWorkbook, content: bytes) -> Inspection:
    arrival = Arrival(read.name, hashlib.sha256(content).hexdigest())
    understood = placing(read, arrival)
    judged = {one.unit: one for one in judge(placing.desk, [u for u in understood if u.placed])}
    submissions = (judged.get(u.submission.unit, u.submission) for u in understood)
    return Inspection(without_unit_rows(read, placing.directory), tuple(submissions))
