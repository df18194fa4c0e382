"""Touches the quarantine: mailed files of people who are no contacts, and who let them in."""

from collections.abc import Sequence

from sqlalchemy import select, update

from schemas import tables
from schemas.access import Act
from schemas.arrival import Quarantined
from schemas.errors import DondocError
from tasks import audit
from tasks.desk import Desk, login, now
from tasks.mailroom import QUARANTINED, RELEASED
from tasks.step import step

HIGHEST = 2**31 - 1
"""Of the numbers that either database gives; it raises where asked for a higher one."""


def quarantined(desk: Desk) -> list[Quarantined]:
    """What waits for an officer, the oldest first."""
    message, attachment = tables.message.c, tables.attachment.c
    wanted = (
        select(
            attachment.id,
            message.received_at.label("received"),
            message.sender,
            message.subject,
            attachment.name.label("file"),
            attachment.sha256,
            attachment.reason,
        )
        .join(tables.message)
        .where(attachment.state == QUARANTINED)
        .order_by(message.received_at, attachment.id)
    )
    with desk.engine.connect() as connection:
        return [Quarantined(**row) for row in connection.execute(wanted).mappings()]


@step()
def release(desk: Desk, numbers: Sequence[int], by: str) -> int:
    """Let the next `collect` read these files; all of them, or none where one does not wait."""
    if not by.strip():
        raise DondocError("Cho qua phải ghi tên người cho qua: --by TÊN.")
    by = desk.allowed(Act.RELEASE, by)
    column = tables.attachment.c
    wanted = sorted(set(numbers))
    possible = [number for number in wanted if 0 < number <= HIGHEST]
    with desk.writer.begin() as connection:
        waiting = select(column.id).where(column.id.in_(possible), column.state == QUARANTINED)
        missing = sorted(set(wanted) - set(connection.scalars(waiting)))
        if missing:
            raise DondocError(
                f"Không có tệp số {', '.join(map(str, missing))} đang bị cách ly nên chưa cho qua "
                "tệp nào; xem các số bằng 'dondoc quarantine list'."
            )
        connection.execute(
            update(tables.attachment)
            .where(column.id.in_(wanted))
            .values(state=RELEASED, released_by=by, released_login=login(), released_at=now())
        )
        audit.add(connection, desk.recorded(by), "release", after={"files": wanted})
    return len(wanted)
