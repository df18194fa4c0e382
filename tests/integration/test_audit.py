"""Who did what stands in the audit log, in a chain that either database keeps."""

from typing import Any

from sqlalchemy import select

from ministry import CLOSING, OPENING, PERIOD, Ministry, Workspace, create
from postbox import Postbox
from rules.audit import damages
from schemas import tables
from schemas.integrity import Entry
from tasks import audit
from tasks.desk import Desk

BY = ("--by", "Vũ Đức Thắng")


def log(workspace: Workspace) -> list[Entry]:
    """The rows, once they are found whole."""
    with Desk(workspace.path) as desk, desk.engine.connect() as connection:
        rows = list(audit.entries(connection))
        assert damages(rows, audit.noted_head(connection)) == []
    return rows


def of(workspace: Workspace, *what: str) -> list[Entry]:
    return [row for row in log(workspace) if row.what in what]


def test_a_month_leaves_its_rows(database: str, tmp_path: Any, postbox: Postbox) -> None:
    month = create(tmp_path / "w", Ministry(3))
    month.done("open", PERIOD, today=OPENING)
    for unit in month.ministry.units:
        month.submit(unit)
    month.done("collect", PERIOD, today=OPENING)
    month.done("excuse", PERIOD, "DV02", "--until", "2021-12-31", "--because", "Chờ mặt bằng", *BY)
    month.done("excuse", PERIOD, "DV02", "--until", "2021-11-30", "--because", "Chờ vốn", *BY)
    words = ("DV01.1", "-5,5", "--decision", "9/QĐ-UBDT", "--day", "2021-11-02", *BY)
    month.done("adjust", PERIOD, *words)
    month.done("adjust", PERIOD, *words)  # nothing new, and no row
    month.done("report", PERIOD)
    approved = month.done("approve", PERIOD, *BY)["approved"]
    assert month.done("approve", PERIOD, *BY)["approved"] == 0  # nor here
    sent = month.done("deliver", PERIOD)["sent"]
    assert month.done("deliver", PERIOD) == {}
    rows = log(month)
    seen = ("settings", "standing-approval", "registry")
    assert [row.what for row in rows] == [
        *seen, "excuse", "excuse", "adjust", "report", "approve", "deliver",
    ]  # fmt: skip
    first, second, adjusted, reported, released, delivered = rows[3:]
    assert (first.subject, first.before) == ("DV02", {})
    assert first.after["because"] == "Chờ mặt bằng"
    assert second.before == first.after
    assert second.after["until"] == "2021-11-30"
    assert adjusted.subject == "2021 DV01.1"
    assert float(adjusted.before["budget"]) - float(adjusted.after["budget"]) == 5.5
    assert reported.after["units"] == ["DV01", "DV02", "DV03"]
    assert released.subject == delivered.subject == PERIOD
    assert 0 < len(released.after["notices"]) <= approved
    assert delivered.after == {"sent": sent}
    assert {row.by for row in rows} == {"", BY[1]}
    assert {row.on for row in rows[3:]} == {CLOSING}
    assert all(row.login for row in rows)
    with Desk(month.path) as desk, desk.engine.connect() as connection:
        contents = dict(
            connection.execute(select(tables.approval.c.notice, tables.approval.c.content)).all()
        )
    assert all(contents[int(n)] == sha for n, sha in released.after["notices"].items())


def test_what_changed_in_the_settings_is_seen_by_the_next_run(opened: Workspace) -> None:
    before = len(log(opened))
    opened.done("remind")
    assert len(log(opened)) == before
    opened.setting("# deadline = 5", "deadline = 6")
    opened.setting('"return", "reminder"]', '"return"]')
    opened.done("remind")
    opened.done("remind")
    changed, standing = log(opened)[before:]
    assert (changed.what, standing.what) == ("settings", "standing-approval")
    assert changed.before.keys() == {"approval.standing"}
    assert changed.after["schedule.deadline"] == 6
    assert standing.before["standing"][-1] == "reminder"
    assert standing.after["standing"][-1] == "return"
    assert "answerable" not in standing.after


def test_a_registry_that_was_laid_in_again_is_seen_too(opened: Workspace) -> None:
    path = opened.path / "registry.xlsx"
    first = path.read_bytes()
    opened.ministry.write_registry(path, reverse=True)
    opened.done("remind")
    path.write_bytes(first)
    opened.done("remind")
    one, two, three = (row.after["version"] for row in of(opened, "registry"))
    assert one == three != two


def test_a_released_file_is_in_the_log_and_a_refusal_is_not(opened: Workspace) -> None:
    before = len(log(opened))
    assert opened("quarantine", "release", 7, *BY).status == 2
    assert len(log(opened)) == before


def test_a_batch_that_breaks_off_is_told_of(opened: Workspace) -> None:
    """No server is set: nothing was sent, and the row says so."""
    assert opened("deliver").status == 2
    (row,) = of(opened, "deliver")
    assert (row.subject, row.after) == ("", {})


def test_rows_taken_off_the_end_stay_missing(opened: Workspace) -> None:
    with Desk(opened.path) as desk:
        with desk.writer.begin() as connection:
            last = audit.entries(connection)[-1]
            connection.execute(tables.audit.delete().where(tables.audit.c.number == last.number))
            audit.add(connection, desk.recorded(), "restore")
        with desk.engine.connect() as connection:
            (found,) = damages(audit.entries(connection), audit.noted_head(connection))
    assert (found.kind, found.facts["first"]) == ("audit-missing", last.number)
