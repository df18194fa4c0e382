"""Touches the adjustments decided in the program: reads them and adds one, never changes any."""

from sqlalchemy import Connection, Engine, insert, select

from schemas import tables
from schemas.registry import Entry, LedgerRow, Recorded


def decided(engine: Engine) -> tuple[LedgerRow, ...]:
    """Every adjustment decided in the program, in the order of recording."""
    with engine.connect() as connection:
        return within(connection)


def within(connection: Connection) -> tuple[LedgerRow, ...]:
    """The same within a transaction."""
    table = tables.adjustment
    return tuple(
        LedgerRow(
            row.year,
            row.activity,
            Entry.ADJUSTMENT,
            row.amount,
            row.day,
            row.decision,
            None,
            Recorded(row.by, row.login, row.business_date, row.recorded_at),
        )
        for row in connection.execute(select(table).order_by(table.c.id))
    )


def add(connection: Connection, row: LedgerRow, recorded: Recorded) -> None:
    """Add one."""
    values = {
        "year": row.year,
        "activity": row.activity,
        "amount": row.amount,
        "day": row.day,
        "decision": row.decision,
        "by": recorded.by,
        "login": recorded.login,
        "business_date": recorded.on,
        "recorded_at": recorded.at,
    }
    connection.execute(insert(tables.adjustment), values)
