"""Touches the reports as they were made: keeps what each was made of and came to, and finds it."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_type_hints

from pydantic import TypeAdapter
from sqlalchemy import insert, select

from rules.workdays import deadline, report_due
from schemas import tables
from schemas.dossier import Dossier
from schemas.errors import DondocError
from schemas.period import Period
from schemas.reproduction import Reported
from tasks import archive
from tasks.desk import Desk, now
from tasks.documents import Documents
from tasks.letters import Letters
from tasks.lock import lock
from tasks.notices import Drafted
from tasks.pages import Pages
from tasks.step import step

_CONTENT = TypeAdapter(Dossier)
_GZIP = 31
"""What zlib calls its format with a gzip header; it bears no date."""


def due_reports(desk: Desk, period: str) -> tuple[Period, ...]:
    """The period named, once it has begun; without a name those of the last month that is over,
    from the day their report is due until it was made and kept, so that a day on which the machine
    stood still, or a run that died in the middle, is made up for."""
    if period:
        return desk.begun(period)
    schedule = desk.settings.schedule
    with desk.engine.connect() as connection:
        return tuple(
            one
            for one in desk.periods("")
            if desk.today >= report_due(deadline(one, schedule), schedule)
            and connection.execute(_newest(one)).first() is None
        )


@step(retries=2, retry_delay=5)
def keep_report(
    desk: Desk, letters: Letters, documents: Documents, drafted: Drafted, pages: Pages
) -> None:
    """Keep what the report was made of, in the archive, and the hash of all that came of it; one
    that is the newest of its period to the letter already is not recorded again."""
    dossier = replace(pages.dossier, headings=letters.headings)
    row = {
        "period": str(dossier.period),
        "business_date": desk.today,
        "dossier": archive.keep(desk.workspace, packed(dossier)),
        "registry": dossier.registry,
        "submissions": [[one.unit, one.sha256] for one in dossier.received if one.stands],
        "lock": lock(),
        "documents": dict(documents.hashes) | dict(letters.hashes) | dict(pages.hashes),
        "mails": dict(drafted.contents),
    }
    with desk.writer.begin() as connection:
        newest = connection.execute(_newest(dossier.period)).mappings().first()
        if newest is None or any(newest[name] != value for name, value in row.items()):
            made = {"made_at": now(), "run": desk.run}
            connection.execute(insert(tables.report), row | made)


def reported(desk: Desk, period: Period) -> Reported:
    """The period's newest report; raises DondocError where none was kept."""
    with desk.engine.connect() as connection:
        row = connection.execute(_newest(period)).first()
    if row is None:
        raise DondocError(
            f"Chưa có báo cáo nào của kỳ {period} được lưu để dựng lại; lập báo cáo bằng "
            f"'dondoc report {period}'."
        )
    return Reported(
        period=period,
        business_date=row.business_date,
        made_at=row.made_at,
        dossier=row.dossier,
        registry=row.registry,
        submissions=tuple((unit, sha256) for unit, sha256 in row.submissions),
        lock=row.lock,
        documents=row.documents,
        mails=row.mails,
    )


def dossier_of(desk: Desk, one: Reported) -> Dossier:
    """What a report was made of; raises DondocError where that is gone or damaged."""
    return unpacked(archive.fetch(desk.workspace, one.dossier))


def packed(dossier: Dossier) -> bytes:
    """A dossier as it is kept; the same one gives the same bytes. Field by field, for its text is
    larger than all else that a report holds."""
    kept = zlib.compressobj(6, wbits=_GZIP)
    packed = [kept.compress(piece) for piece in _pieces(dossier)]
    return b"".join((*packed, kept.flush()))


def unpacked(content: bytes) -> Dossier:
    """The dossier that was kept."""
    return _CONTENT.validate_json(gzip.decompress(content))


def _pieces(dossier: Dossier) -> Iterator[bytes]:
    """The dossier as JSON."""
    before = b"{"
    for name, kind in get_type_hints(Dossier, include_extras=True).items():
        yield before + f'"{name}":'.encode()
        yield TypeAdapter(kind).dump_json(getattr(dossier, name))
        before = b","
    yield b"}"


def _newest(period: Period) -> Any:
    table = tables.report
    its = select(table).where(table.c.period == str(period))
    return its.order_by(table.c.id.desc()).limit(1)
