"""SQLite and PostgreSQL hold the same month, exactly."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, inspect, select, text

from ministry import DISBURSED, LOW, OPENING, PERIOD, Ministry, create
from postbox import Postbox
from schemas import settings as settings_of
from schemas import tables
from schemas.board import State
from schemas.errors import DondocError
from schemas.forms import LARGEST_AMOUNT
from schemas.period import Period
from schemas.settings import Settings
from schemas.submission import Submission
from tasks import submissions
from tasks.database import HEAD, connect, signing_key, writer
from tasks.desk import Desk


@pytest.fixture
def engine(database: str, tmp_path: Path) -> Iterator[Engine]:
    engine = connect(tmp_path, Settings())
    assert engine.dialect.name == database
    yield engine
    engine.dispose()


def test_the_month_is_the_same_on_both(database: str, tmp_path: Path, postbox: Postbox) -> None:
    month = create(tmp_path / "w", Ministry(3))
    month.done("open", PERIOD, today=OPENING)
    for unit in month.ministry.units:
        changes = {"DV01_1": {DISBURSED: "?"}} if unit == "DV01" else {}
        month.submit(unit, None, **changes)
    assert month("collect", PERIOD, today=OPENING).status == 1
    units = month.units()
    assert {c: u["state"] for c, u in units.items()} == {
        "DV01": "returned",
        "DV02": "accepted",
        "DV03": "accepted",
    }
    for unit in ("DV02", "DV03"):
        spent, budget = month.ministry.disbursed(unit), month.ministry.budget(unit)
        assert units[unit]["disbursed_to_date"] == float(spent)
        assert units[unit]["rate"] == float(spent / budget)
    assert {f["severity"] for f in units[LOW]["flags"]} >= {"critical"}
    month.done("report", PERIOD)
    month.done("approve", PERIOD, "--by", "Nguyễn Văn Duyệt")
    sent = month.done("deliver")["sent"]
    assert sent == len(month.outbox(state="sent")) == len(postbox.taken)
    assert month.done("report", PERIOD)["drafts"] == 0
    assert month.done("deliver") == {}
    month.submit("DV01", "lần 2.xlsx")
    month.done("collect", PERIOD)
    assert month.done("explain", PERIOD, "DV01", "DV01.1")[0]["disbursed_origin"]["version"] == 2
    assert month.units()["DV01"]["state"] == "accepted"
    assert (month.path / "dondoc.db").exists() == (database == "sqlite")


def test_the_migrations_make_the_declared_schema(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
        assert context.get_current_revision() == HEAD


def test_connecting_again_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    key = signing_key(engine)
    again = connect(tmp_path, Settings())
    assert signing_key(again) == key
    assert inspect(again).get_table_names() == inspect(engine).get_table_names()
    again.dispose()


@profile(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.decimals(-LARGEST_AMOUNT, LARGEST_AMOUNT, places=6), min_size=1, max_size=20))
def test_money_survives_exactly(engine: Engine, amounts: list[Decimal]) -> None:
    table = tables.form_rows["disbursement"]
    with engine.connect() as connection:  # rolled back
        _sheet(connection)
        connection.execute(
            insert(table),
            [
                {"sheet": 1, "number": n, "code": "x", "disbursed": amount, "proposal": None}
                for n, amount in enumerate(amounts)
            ],
        )
        found = connection.scalars(select(table.c.disbursed).order_by(table.c.number)).all()
        assert found == amounts
        assert sum(found) == sum(amounts)
        whole = connection.execute(text("select sum(disbursed) from disbursement_row")).scalar()
        assert Decimal(str(whole)) == sum(amounts) * 1_000_000
        connection.rollback()


def _sheet(connection: object) -> None:
    """The rows above a form's row, as foreign keys ask for them."""
    now = datetime.now(UTC)
    execute = connection.execute  # type: ignore[attr-defined]
    execute(insert(tables.registry), {"version": "0" * 64, "first_read_at": now})
    execute(
        insert(tables.submission),
        {
            "id": 1, "version": 1, "sha256": "0" * 64, "file": "a", "state": "accepted",
            "received_on": now.date(), "received_at": now, "registry": "0" * 64, "answered": True,
        },
    )  # fmt: skip
    execute(
        insert(tables.sheet), {"id": 1, "submission": 1, "form": "x", "name": "x", "columns": {}}
    )


def test_foreign_keys_are_kept(engine: Engine) -> None:
    row = {"period": "2021-10", "registry": "no such"}
    with pytest.raises(Exception, match=r"(?i)foreign key"), engine.begin() as connection:
        connection.execute(insert(tables.period), row)


def test_instants_keep_their_zone(engine: Engine) -> None:
    then = datetime(2021, 11, 5, 23, 30, 15, 123456, tzinfo=UTC)
    with engine.begin() as connection:
        connection.execute(insert(tables.registry), {"version": "1" * 64, "first_read_at": then})
    with engine.connect() as connection:
        assert connection.scalars(select(tables.registry.c.first_read_at)).all() == [then]


def test_writers_wait_for_each_other_and_none_is_overtaken(engine: Engine) -> None:
    """Each reads what is there and writes one more, as whoever looks before it writes does."""
    its = tables.workspace.c
    ours = select(its.value).where(its.key.startswith("k"))

    def add(number: int) -> None:
        with writer(engine).begin() as connection:
            known = len(connection.scalars(ours).all())
            row = {"key": f"k{number}", "value": str(known)}
            connection.execute(insert(tables.workspace), row)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))
    with engine.connect() as connection:
        counted = connection.scalars(ours).all()
    assert sorted(map(int, counted)) == list(range(40))


def test_a_batch_does_not_wait_for_its_own_lock(database: str, tmp_path: Path) -> None:
    """The first to read a registry writes that down: before the batch's transaction, not in it."""
    workspace = create(tmp_path / "w", Ministry(1))
    held = Submission("a.xlsx", "a" * 64, "DV01", Period(2021, 10), State.HELD, ())
    with Desk(workspace.path) as desk:
        assert [one.state for one in submissions.store(desk, [held])] == [State.HELD]


def test_first_use_by_several_at_once(database: str, tmp_path: Path) -> None:
    """The schedules start collect and deliver side by side, on a new workspace too."""
    code = (
        "import sys; from pathlib import Path; from schemas.settings import Settings\n"
        "from tasks.database import connect, signing_key\n"
        "print(signing_key(connect(Path(sys.argv[1]), Settings())).hex())"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, cwd=Path(__file__).parents[2],
        )
        for _ in range(4)
    ]  # fmt: skip
    told = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0] * 4, told
    assert len({out for out, _ in told}) == 1


@pytest.mark.parametrize(
    "url", ["mysql://x/y", "postgresql", "postgresql://nobody@127.0.0.1:1/none"]
)
def test_a_database_that_cannot_be_had_is_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DONDOC_DATABASE_URL", url)
    (tmp_path / settings_of.FILE).write_text("")
    with pytest.raises(DondocError, match="DONDOC_DATABASE_URL"):
        connect(tmp_path, settings_of.load(tmp_path))


def test_a_file_that_is_no_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "dondoc.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(DondocError, match=r"dondoc\.db"):
        connect(tmp_path, Settings())
