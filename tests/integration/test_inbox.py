"""The inbox folder: what is gathered, in which order, and where it lies afterwards."""

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest

import letters
from letters import numbered
from ministry import CLOSING, PERIOD, Workspace
from schemas.arrival import Arrival
from schemas.board import State
from schemas.period import Period
from schemas.submission import Submission
from tasks import archive
from tasks.arrivals import file_away, gather
from tasks.desk import Desk
from tasks.inbox import InFolder, hold


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
    return Submission(arrival.name, arrival.sha256, "DV01", Period.parse(PERIOD), state, ())


def test_files_come_oldest_first_and_by_name(desk: Desk) -> None:
    lay(desk, "a.xlsx", age=0)
    lay(desk, "c.xlsx", age=5)
    lay(desk, "b.xlsx", age=5)
    assert [one.name for one in gather(desk)] == ["b.xlsx", "c.xlsx", "a.xlsx"]


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
    sha256 = hashlib.sha256(b"content").hexdigest()
    came = datetime.fromtimestamp(path.stat().st_ctime, UTC)
    assert one == Arrival("a.xlsx", sha256, None, InFolder(path, sha256), came)
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


# --- archives laid in the folder ----------------------------------------------------------------


@pytest.fixture
def workbook(desk: Desk) -> bytes:
    return (desk.workspace / "forms" / PERIOD / "DV01.xlsx").read_bytes()


def test_an_archive_is_opened_and_filed_as_the_one_file_that_it_is(
    desk: Desk, workbook: bytes
) -> None:
    inner = {f"sub/DV0{n}.xlsx": numbered(workbook, n) for n in (1, 2)}
    path = lay(desk, "tháng 10.zip", letters.zipped(inner))
    arrivals = gather(desk)
    assert [one.name for one in arrivals] == [f"tháng 10.zip/{name}" for name in inner]
    for one, content in zip(arrivals, inner.values(), strict=True):
        assert archive.fetch(desk.workspace, one.sha256) == content
    whole = hashlib.sha256(path.read_bytes()).hexdigest()
    assert archive.fetch(desk.workspace, whole) == path.read_bytes()
    file_away(desk, arrivals, [outcome(one) for one in arrivals])
    assert not path.exists()
    assert (desk.workspace / "inbox" / "done" / PERIOD / "tháng 10.zip").exists()


def test_an_archive_waits_for_a_person_while_anything_in_it_does(
    desk: Desk, workbook: bytes
) -> None:
    lay(desk, "a.zip", letters.zipped({f"{n}.xlsx": numbered(workbook, n) for n in (1, 2)}))
    one, two = gather(desk)
    file_away(desk, (one, two), [outcome(one), outcome(two, State.HELD)])
    assert (desk.workspace / "inbox" / "held" / "a.zip").exists()


def test_a_file_of_several_submissions_waits_while_any_of_them_does(desk: Desk) -> None:
    for name, states, place in (
        ("a.xlsx", (State.ACCEPTED, State.HELD), "held"),
        ("b.xlsx", (State.HELD, State.ACCEPTED), "held"),
        ("c.xlsx", (State.ACCEPTED, State.RETURNED), f"done/{PERIOD}"),
    ):
        lay(desk, name, name.encode())
        (one,) = gather(desk)
        file_away(desk, (one,), [outcome(one, state) for state in states])
        assert (desk.workspace / "inbox" / place / name).exists()


def test_a_mail_saved_into_the_folder_is_opened_too(desk: Desk, workbook: bytes) -> None:
    lay(desk, "thư.eml", letters.raw(letters.attached(workbook)))
    assert [one.name for one in gather(desk)] == [f"thư.eml/{letters.NAME}"]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (letters.encrypted({"DV01.xlsx": b"PK"}), "encrypted-archive"),
        (letters.zipped({"DV01.xlsx": b"PK"})[:-30], "unreadable"),
        (letters.zipped({f"{n}.xlsx": b"PK" for n in range(101)}), "too-many"),
    ],
    ids=["encrypted", "cut off", "of many"],
)  # fmt: skip - the bytes tell the time
def test_an_archive_that_stays_shut_says_why(desk: Desk, content: bytes, rule: str) -> None:
    lay(desk, "a.zip", content)
    (one,) = gather(desk)
    assert one.finding
    assert (one.name, one.finding.rule, one.finding.file) == ("a.zip", rule, "a.zip")


def test_an_archive_without_anything_to_read_is_a_file_like_any_other(desk: Desk) -> None:
    lay(desk, "a.zip", letters.zipped({"Thumbs.db": b"x"}))
    (one,) = gather(desk)
    assert (one.name, one.finding) == ("a.zip", None)


def test_a_file_larger_than_any_may_unpack_to_is_archived_and_never_opened(
    opened: Workspace,
) -> None:
    settings = opened.path / "dondoc.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("# largest_unpacked = 200", "largest_unpacked = 1"), "utf-8")
    path = opened.inbox / "DV01.xlsx"
    with path.open("wb") as file:
        file.truncate(2**20 + 1)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    inspected = opened("inspect", path)
    assert (inspected.status, "Tệp lớn hơn mức được nhận" in inspected.out) == (1, True)
    with patch.object(archive, "keep", side_effect=MemoryError):
        ran = opened("collect", PERIOD, "--json")
    assert [(f["rule"], one["sha256"]) for one in ran.json for f in one["findings"]] == [
        ("too-big", digest)
    ]
    assert (opened.inbox / "held" / "DV01.xlsx").stat().st_size == 2**20 + 1
    assert archive.fetch(opened.path, digest)


def test_names_too_long_for_a_number_are_cut_and_stop_nobody(opened: Workspace) -> None:
    name = f"{'a' * 250}.csv"
    for content in (b"x;y\n1;2\n", b"x;y\n1;3\n"):
        (opened.inbox / name).write_bytes(content)
        opened.submit("DV01")
        assert opened("collect", PERIOD).status == 1
    held = sorted(path.name for path in (opened.inbox / "held").iterdir())
    assert held == [f"{'a' * 200} (2).csv", f"{'a' * 200}.csv"]
    assert opened.units()["DV01"]["state"] == "accepted"


def test_a_held_attachment_of_any_name_finds_room(desk: Desk) -> None:
    for content in (b"1", b"2"):
        hold(desk, f"thu.eml/a.{'ă' * 140}", content)
    assert len(list((desk.workspace / "inbox" / "held").iterdir())) == 2
