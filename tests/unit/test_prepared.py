"""A statement that is made ready once says what SQLAlchemy says by itself."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, bindparam, create_engine, event, insert, select, update
from sqlalchemy.exc import IntegrityError

from schemas import tables
from tasks.database import Prepared

AT = datetime(2021, 11, 10, 5, tzinfo=UTC)
ROW = {"flow": "deliver", "business_date": AT.date(), "login": "an", "started_at": AT}
"""A run, whose moments are stored otherwise than they are given."""


@pytest.fixture
def engine() -> Engine:
    its = create_engine("sqlite://")
    tables.metadata.create_all(its)
    return its


def test_a_prepared_statement_says_the_same_each_time(engine: Engine) -> None:
    run, said = tables.run.c, []
    event.listen(engine, "before_cursor_execute", lambda *its: said.append(its[2:4]))
    lay = Prepared(insert(tables.run).inline(), *ROW)
    end = update(tables.run).where(run.flow == bindparam("which"), run.outcome.is_(None))
    end = end.values(ended_at=bindparam("at"), outcome="done")
    with engine.begin() as connection:
        for _ in range(2):
            lay.execute(connection, ROW)
        connection.execute(insert(tables.run), ROW)
        assert said[0] == said[1] == said[2]
        assert Prepared(end).execute(connection, {"which": "deliver", "at": AT}).rowcount == 3
        connection.execute(end, {"which": "deliver", "at": AT})
        assert said[3] == said[4]
        assert [*connection.execute(select(run.started_at, run.ended_at))] == [(AT, AT)] * 3


def test_its_errors_are_those_of_sqlalchemy(engine: Engine) -> None:
    lay = Prepared(insert(tables.run).inline(), *ROW)
    with engine.begin() as connection, pytest.raises(IntegrityError):
        lay.execute(connection, ROW | {"flow": None})
