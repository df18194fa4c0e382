"""The inbox folder: what is gathered, in which order, and where it lies afterwards."""

import hashlib
import os
from pathlib import Path

import pytest

from ministry import CLOSING, PERIOD, Workspace
from schemas.board import State
from schemas.period import Period
from schemas.submission import Submission
from tasks import archive
from tasks.desk import Desk
from tasks.inbox import Arrival, file_away, gather


@pytest.fixture
def desk(opened: Workspace) -> Desk:
    return Desk(opened.path, CLOSING)


def lay(desk: Desk, name: str, content: bytes = b"x", age: int = 0) -> Path:
    path = desk.workspace / "inbox" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (1_600_000_000 - age, 1_600_000_000 - age))
    return path


def outcome(arrival: Arrival, state: State = State.ACCEPTED) -> Submission:
    return Submission(arrival.path.name, arrival.sha256, "DV01", Period.parse(PERIOD), state, ())


def test_files_come_oldest_first_and_by_name(desk: Desk) -> None:
    lay(desk, "a.xlsx", age=0)
    lay(desk, "c.xlsx", age=5)
    lay(desk, "b.xlsx", age=5)
    assert [one.path.name for one in gather(desk)] == ["b.xlsx", "c.xlsx", "a.xlsx"]


def test_what_is_no_report_is_left_where_it_lies(desk: Desk, tmp_path: Path) -> None:
    for name in ("~$a.xlsx", ".a.xlsx.swp", "done/2021-09/a.xlsx", "held/b.xlsx", "tạm/c.xlsx"):
        lay(desk, name)
    secret = tmp_path / "bí mật"
    secret.write_bytes(b"secret")
    (desk.workspace / "inbox" / "d.xlsx").symlink_to(secret)
    assert gather(desk) == ()


def test_every_file_is_archived_under_its_hash_before_anything_else(desk: Desk) -> None:
    path = lay(desk, "a.xlsx", b"content")
    (one,) = gather(desk)
    assert one == Arrival(path, hashlib.sha256(b"content").hexdigest())
    assert archive.fetch(desk.workspace, one.sha256) == b"content"
    assert path.exists()


def test_a_name_that_is_taken_gets_a_number_and_nothing_is_lost(desk: Desk) -> None:
    for content in (b"1", b"2", b"3"):
        lay(desk, "a.xlsx", content)
        arrivals = gather(desk)
        file_away(desk, arrivals, [outcome(one) for one in arrivals])
    folder = desk.workspace / "inbox" / "done" / PERIOD
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {
        "a.xlsx": b"1",
        "a (2).xlsx": b"2",
        "a (3).xlsx": b"3",
    }


def test_held_files_go_to_held(desk: Desk) -> None:
    lay(desk, "a.xlsx")
    (one,) = gather(desk)
    file_away(desk, (one,), [outcome(one, State.HELD)])
    assert (desk.workspace / "inbox" / "held" / "a.xlsx").exists()


def test_a_file_that_changed_meanwhile_waits_for_the_next_run(desk: Desk) -> None:
    path = lay(desk, "a.xlsx", b"first half")
    arrivals = gather(desk)
    path.write_bytes(b"first half and second half")
    file_away(desk, arrivals, [outcome(one) for one in arrivals])
    assert path.read_bytes() == b"first half and second half"


def test_a_file_taken_away_meanwhile_does_not_block_the_others(desk: Desk) -> None:
    gone, stays = lay(desk, "a.xlsx", b"1", age=9), lay(desk, "b.xlsx", b"2")
    arrivals = gather(desk)
    gone.unlink()
    file_away(desk, arrivals, [outcome(one) for one in arrivals])
    assert not stays.exists()
    assert (desk.workspace / "inbox" / "done" / PERIOD / "b.xlsx").exists()


def test_without_an_inbox_there_is_nothing_to_gather(opened: Workspace) -> None:
    (opened.inbox).rmdir()
    assert opened.done("collect", PERIOD) == []


def test_a_damaged_archive_is_told(desk: Desk) -> None:
    lay(desk, "a.xlsx", b"content")
    (one,) = gather(desk)
    kept = desk.workspace / "archive" / one.sha256[:2] / one.sha256
    kept.write_bytes(b"other")
    with pytest.raises(Exception, match="đã hỏng"):
        archive.fetch(desk.workspace, one.sha256)
    kept.unlink()
    with pytest.raises(Exception, match="thiếu tệp"):
        archive.fetch(desk.workspace, one.sha256)


def test_a_file_of_too_many_bytes_is_held_unread(opened: Workspace) -> None:
    (opened.inbox / "DV01.xlsx").write_bytes(b"PK" + bytes(21 * 2**20))
    ran = opened("collect", PERIOD, "--json")
    assert (ran.status, ran.json[0]["state"]) == (1, "held")
    assert [f["rule"] for f in ran.json[0]["findings"]] == ["too-big"]
