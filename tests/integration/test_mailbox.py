"""The mailbox: what is taken from it, what is marked, what is left, and what waits for a word."""

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

import imap
import letters
from imap import Box
from imapserver import Hang
from letters import NAME, SHAPES, numbered
from ministry import CLOSING, DISBURSED, PERIOD, Ministry, Workspace, create
from schemas import tables
from schemas.arrival import Arrival
from schemas.board import State
from schemas.errors import SettingsError
from schemas.period import Period
from schemas.settings import load
from schemas.submission import Submission
from tasks import archive, mailroom
from tasks.arrivals import file_away, gather
from tasks.desk import Desk, now
from tasks.mailbox import fetch_mail
from tasks.quarantine import quarantined, release

DONE = "Đã thu"


@pytest.fixture
def workbook(opened: Workspace) -> bytes:
    path = opened.submit("DV01")
    content = path.read_bytes()
    path.unlink()
    return content


def fetched(workspace: Workspace) -> tuple[Arrival, ...]:
    """What waits after a look into the mailbox that nothing keeps us from."""
    with Desk(workspace.path, CLOSING) as desk:
        assert fetch_mail(desk) == ()
        return gather(desk)


def refused(workspace: Workspace) -> str:
    with Desk(workspace.path, CLOSING) as desk:
        (sentence,) = fetch_mail(desk)
    assert imap.PASSWORD not in sentence
    return sentence


def dealt_with(workspace: Workspace, state: State = State.ACCEPTED) -> None:
    with Desk(workspace.path, CLOSING) as desk:
        arrivals = gather(desk)
        period = Period.parse(PERIOD)
        file_away(desk, arrivals, [
            Submission(one.name, one.sha256, "DV01", period, state, ()) for one in arrivals
        ])  # fmt: skip


def rows(workspace: Workspace, table: Any = tables.message) -> list[Any]:
    with Desk(workspace.path) as desk, desk.engine.connect() as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def plain(workbook: bytes, version: int = 1, **headers: str) -> bytes:
    return letters.raw(letters.attached(numbered(workbook, version), **headers))


# --- which came last ----------------------------------------------------------------------------


def test_a_mail_before_a_file_in_the_folder_does_not_win_because_of_its_way(
    opened: Workspace, box: Box
) -> None:
    path = opened.submit("DV01", "thư.xlsx", DV01_1={DISBURSED: 900})
    box.add(plain(path.read_bytes()))
    path.unlink()
    before = now()
    assert len(fetched(opened)) == 1
    with Desk(opened.path, CLOSING) as desk, desk.writer.begin() as connection:
        earlier = before - timedelta(hours=1)
        connection.execute(tables.message.update().values(received_at=earlier))
    opened.submit("DV01", "tệp.xlsx", DV01_1={DISBURSED: 1000})
    assert [one.sender is None for one in fetched(opened)] == [False, True]
    opened.done("collect", PERIOD)
    other = opened.ministry.of("DV01")[1].disbursed
    assert opened.units()["DV01"]["disbursed_to_date"] == float(1000 + other)


def test_a_mail_read_once_more_after_a_crash_does_not_win(opened: Workspace, box: Box) -> None:
    """It was stored, but the note that it was read was lost; a newer one counts since."""
    path = opened.submit("DV01", "thư.xlsx", DV01_1={DISBURSED: 900})
    box.add(plain(path.read_bytes()))
    path.unlink()
    opened.done("collect", PERIOD)
    opened.submit("DV01", "tệp.xlsx", DV01_1={DISBURSED: 1000})
    opened.done("collect", PERIOD)
    with Desk(opened.path, CLOSING) as desk, desk.writer.begin() as connection:
        connection.execute(tables.attachment.update().values(state="waiting"))
    assert len(opened.done("collect", PERIOD)) == 1
    other = opened.ministry.of("DV01")[1].disbursed
    assert opened.units()["DV01"]["disbursed_to_date"] == float(1000 + other)


# --- taking -------------------------------------------------------------------------------------


def test_mails_of_every_shape_are_taken_once_and_only_then_marked(
    opened: Workspace, workbook: bytes, box: Box
) -> None:
    mails = [shape.make(numbered(workbook, n)) for n, shape in enumerate(SHAPES)]
    wanted = [
        (shape.taken, sha256(numbered(workbook, n)))
        for n, shape in enumerate(SHAPES)
        if shape.taken
    ]
    box.add(*mails)
    assert not any(one.seen for one in box.kept())
    arrivals = fetched(opened)
    assert sorted((one.name, one.sha256) for one in arrivals) == sorted(wanted)
    assert {one.sender for one in arrivals} == {letters.SENDER}
    assert [one.raw for one in box.kept()] == mails
    assert all(one.seen for one in box.kept())
    assert all(archive.fetch(opened.path, sha256(raw)) == raw for raw in mails)
    states = [row.state for row in rows(opened)]
    assert states == [shape.state for shape in SHAPES]
    assert fetched(opened) == arrivals, "what was not dealt with waits"
    dealt_with(opened)
    assert fetched(opened) == ()
    assert len(rows(opened)) == len(SHAPES)


def test_what_has_been_read_by_a_person_is_taken_too(
    opened: Workspace, workbook: bytes, box: Box
) -> None:
    box.add(plain(workbook), flags=r"(\Seen)")
    assert [one.name for one in fetched(opened)] == [NAME]


def test_nothing_is_marked_before_it_lies_in_the_archive_and_nothing_is_deleted(
    opened: Workspace, workbook: bytes, own_box: Box
) -> None:
    mails = [plain(workbook, n) for n in range(5)]
    own_box.add(*mails)
    assert own_box.own
    own_box.own.commands.clear()
    marked = []

    def look(command: str) -> None:
        if command.startswith(("UID STORE", "UID MOVE")):
            marked.append(command)
            for raw in mails:
                assert archive.fetch(opened.path, sha256(raw)) == raw
            assert len(rows(opened)) == len(mails)

    own_box.own.before = look
    fetched(opened)
    assert marked == [r"UID STORE 1,2,3,4,5 +FLAGS.SILENT (\Seen)"]
    told = " ".join(own_box.own.commands).upper()
    assert "EXPUNGE" not in told
    assert "DELETED" not in told
    assert told.count("BODY.PEEK[]") == told.count("BODY") == 5


def test_what_others_marked_for_deletion_stays(
    opened: Workspace, workbook: bytes, box: Box
) -> None:
    box.add(plain(workbook, 1), flags=r"(\Deleted)")
    box.add(plain(workbook, 2))
    assert len(fetched(opened)) == 2
    assert [one.flags & {"\\Deleted", "\\Seen"} for one in box.kept()] == [
        {"\\Deleted", "\\Seen"},
        {"\\Seen"},
    ]


def test_a_line_that_breaks_anywhere_costs_nothing(
    opened: Workspace, workbook: bytes, own_box: Box
) -> None:
    """Cut at each command in turn; the next run goes on, until all is taken and marked."""
    own_box.add(*(plain(workbook, n) for n in range(2)))
    assert own_box.own
    own_box.own.commands.clear()
    fetched(opened)
    commands = len(own_box.own.commands)
    assert [line.split(" (")[0] for line in own_box.own.commands[2:-1]] == [
        'SELECT "INBOX"', "UID SEARCH ALL", "UID FETCH 1,2", "UID FETCH 1", "UID FETCH 2",
        "UID STORE 1,2 +FLAGS.SILENT",
    ]  # fmt: skip
    for cut in range(commands):
        own_box.add(*(plain(workbook, 10 * cut + n) for n in range(10, 12)))
        left = iter(range(cut))

        def hang(command: str, left: Any = left) -> None:
            if next(left, None) is None:
                raise Hang

        own_box.own.before = hang
        if cut < commands - 1:  # LOGOUT: by then everything is done
            assert "Không đọc được hộp thư" in refused(opened)
        own_box.own.before = lambda command: None
        fetched(opened)
        assert all(one.seen for one in own_box.kept())
    arrivals = fetched(opened)
    assert len(arrivals) == len({one.sha256 for one in arrivals}) == 2 * (commands + 1)
    assert len(rows(opened)) == 2 * (commands + 1)


def test_a_message_that_vanishes_meanwhile_stops_no_other(
    opened: Workspace, workbook: bytes, own_box: Box
) -> None:
    own_box.add(*(plain(workbook, n) for n in range(3)))
    own = own_box.own
    assert own

    def vanish(command: str) -> None:
        if "BODY" in command and len(own.folders["INBOX"].messages) == 3:
            del own.folders["INBOX"].messages[0]

    own.before = vanish
    assert len(fetched(opened)) == 2


def test_both_databases_remember(
    database: str, tmp_path: Path, workbook: bytes, own_box: Box
) -> None:
    opened = create(tmp_path / "month", Ministry(1))
    own_box.add(plain(workbook, 1), plain(workbook, 2, sender="ai@khac.vn"))
    own_box.add(letters.raw(letters.mail()), b"no mail at all")
    assert len(fetched(opened)) == 1
    dealt_with(opened)
    assert fetched(opened) == ()
    with Desk(opened.path) as desk:
        waiting = quarantined(desk)
        assert {one.reason for one in waiting} == {"unknown-sender"}
        assert release(desk, [one.id for one in waiting], "Vũ Đức Thắng") == 1
        assert quarantined(desk) == []
    assert [one.name for one in fetched(opened)] == [NAME]
    assert {row.uid for row in rows(opened)} == {1, 2, 3, 4}


# --- never twice --------------------------------------------------------------------------------


def test_a_mailbox_that_counts_anew_is_looked_at_anew_and_nothing_is_taken_twice(
    opened: Workspace, workbook: bytes, box: Box
) -> None:
    box.add(*(plain(workbook, n) for n in range(3)))
    before = fetched(opened)
    box.start_anew()
    box.add(plain(workbook, 9))
    after = fetched(opened)
    assert after[:3] == before
    assert [one.sha256 for one in after[3:]] == [sha256(numbered(workbook, 9))]
    assert [row.state for row in rows(opened)] == ["taken"] * 3 + ["repeated"] * 3 + ["taken"]
    assert len({row.uidvalidity for row in rows(opened)}) == 2
    assert all(one.seen for one in box.kept())


def test_a_message_in_other_bytes_is_known_by_its_number(
    opened: Workspace, workbook: bytes, own_box: Box
) -> None:
    mail = plain(workbook, 1, number="1")
    own_box.add(mail)
    fetched(opened)
    own_box.add(b"X-Moved: from the old server\r\n" + mail)
    own_box.add(plain(workbook, 2, number="1"), plain(workbook, 1, number="2"))
    names = [one.sha256 for one in fetched(opened)]
    one, two = (sha256(numbered(workbook, n)) for n in (1, 2))
    assert names == [one, two, one], "another file is taken, and the same one under another number"
    assert [row.state for row in rows(opened)] == ["taken", "repeated", "taken", "taken"]


def test_a_number_that_a_stranger_used_first_takes_nothing_away(
    opened: Workspace, workbook: bytes, own_box: Box
) -> None:
    own_box.add(plain(workbook, 1, number="1", sender="ai@khac.vn"))
    own_box.add(plain(workbook, 1, number="1"))
    assert [one.sender for one in fetched(opened)] == [letters.SENDER]


# --- leaving and moving -------------------------------------------------------------------------


def test_a_message_that_is_too_large_is_left_and_told_of_once(
    opened: Workspace,
    workbook: bytes,
    own_box: Box,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("DONDOC_MAILBOX__LARGEST", "1")
    mail = plain(workbook)
    exactly = b"X-Pad: %b\r\n" % (b"x" * (2**20 - len(mail) - 9)) + mail
    assert len(exactly) == 2**20
    larger = b"X" + exactly
    own_box.add(exactly, larger)
    said = refused(opened)
    assert "trong hộp thư có 2 MB" in said
    assert f"{datetime.now(ZoneInfo('Asia/Ho_Chi_Minh')):%d/%m/%Y}" in said
    assert "@" not in said  # it goes into logs
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert len(fetched(opened)) == 1
    assert [one.seen for one in own_box.kept()] == [True, False]
    assert [row.state for row in rows(opened)] == ["taken", "too-large"]
    monkeypatch.setenv("DONDOC_MAILBOX__LARGEST", "2")
    assert len(fetched(opened)) == 2
    assert [row.state for row in rows(opened)] == ["taken", "taken"]


def test_messages_are_moved_where_the_settings_ask(
    opened: Workspace, workbook: bytes, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_MAILBOX__DONE", DONE)
    mails = [plain(workbook, n) for n in range(2)]
    box.add(*mails)
    assert len(fetched(opened)) == 2
    assert box.kept() == []
    assert {(one.raw, one.seen) for one in box.kept(DONE)} == {(raw, True) for raw in mails}
    box.add(plain(workbook, 3))
    assert len(fetched(opened)) == 3
    assert len(box.kept(DONE)) == 3


def test_a_server_that_cannot_move_keeps_its_messages(
    opened: Workspace, workbook: bytes, own_box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_MAILBOX__DONE", DONE)
    assert own_box.own
    own_box.own.moves = False
    own_box.add(plain(workbook))
    assert len(fetched(opened)) == 1
    assert [one.seen for one in own_box.kept()] == [True]
    checks = opened("doctor", "--json").json
    told = [(one["ok"], one["message"]) for one in checks if one["name"] == "mailbox"]
    assert [ok for ok, _ in told] == [True, False]
    assert "MOVE" in told[1][1]


def test_another_folder_is_looked_into(
    opened: Workspace, workbook: bytes, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.create("Báo cáo tháng")
    box.add(plain(workbook), folder="Báo cáo tháng")
    monkeypatch.setenv("DONDOC_MAILBOX__FOLDER", "Báo cáo tháng")
    assert len(fetched(opened)) == 1
    monkeypatch.setenv("DONDOC_MAILBOX__FOLDER", "không có")
    assert "Không đọc được hộp thư" in refused(opened)


# --- through the front door ---------------------------------------------------------------------


def test_mailed_workbooks_become_reports_and_what_cannot_be_read_is_laid_for_a_person(
    opened: Workspace, workbook: bytes, box: Box
) -> None:
    locked = letters.encrypted({"BC.xlsx": workbook})
    made = letters.mail(subject="Báo cáo có mật khẩu")
    made.add_attachment(locked, "application", "zip", filename="BC.zip")
    garbage = (
        b"From: nop.dv02@ubdt.vn\r\nSubject: Hong\r\nContent-Type: application/ms-tnef\r\n\r\nx"
    )
    box.add(plain(workbook), letters.raw(made), garbage)
    opened.submit("DV02")
    ran = opened("collect", PERIOD, "--json")
    assert ran.status == 1, ran.err
    told = {one["file"]: (one["state"], one["unit"]) for one in ran.json}
    assert told[NAME] == ("accepted", "DV01")
    assert told["DV02.xlsx"] == ("accepted", "DV02")
    held = [one for one in ran.json if one["state"] == "held"]
    assert {f["rule"] for one in held for f in one["findings"]} >= {"encrypted-archive"}
    kept = opened.inbox / "held"
    assert (kept / "BC.zip").read_bytes() == locked
    count = len(list(kept.iterdir()))
    assert opened("collect", PERIOD, "--json").json == []
    assert len(list(kept.iterdir())) == count
    assert opened.units()["DV01"]["state"] == "accepted"


@pytest.mark.parametrize("stands", [False, True])
def test_who_mailed_what_cannot_be_read_is_told_once_what_to_send_instead(
    opened: Workspace, own_box: Box, stands: bool
) -> None:
    if stands:
        opened.submit("DV01")
        opened("collect", PERIOD)
    own_box.add(letters.only(letters.PDF, "application/pdf", "Báo cáo.pdf"))
    assert opened("collect").status == 1
    assert opened("collect").status == 0
    (told,) = opened.outbox("return")
    assert (told["unit"], told["period"], told["to"]) == ("DV01", PERIOD, letters.SENDER)
    with Desk(opened.path, CLOSING) as desk, desk.engine.connect() as connection:
        is_return = tables.notice.c.kind == "return"
        (text,) = connection.scalars(select(tables.notice.c.text).where(is_return))
    assert "Báo cáo.pdf" in text
    assert ("vẫn giữ nguyên" in text) is stands
    assert opened.units()["DV01"]["state"] == ("accepted" if stands else "missing")


def test_a_question_for_the_officer_is_not_put_to_the_sender(
    opened: Workspace, workbook: bytes, own_box: Box
) -> None:
    own_box.add(plain(workbook))
    assert opened("collect", "2021-09").status == 1  # the workbook shows October
    assert opened.outbox("return") == []


def test_a_held_mail_is_laid_once_even_if_the_run_dies_before_it_is_noted(
    opened: Workspace, workbook: bytes, own_box: Box
) -> None:
    own_box.add(plain(workbook))
    (one,) = fetched(opened)
    for _ in range(2):
        dealt_with(opened, State.HELD)
        with Desk(opened.path) as desk, desk.writer.begin() as connection:
            connection.execute(tables.attachment.update().values(state="waiting"))
    kept = list((opened.inbox / "held").iterdir())
    assert [(path.name, path.read_bytes()) for path in kept] == [(one.name, numbered(workbook, 1))]


def test_what_another_run_has_held_is_not_held_again(
    opened: Workspace, workbook: bytes, own_box: Box
) -> None:
    """Both have read it; by the time that the second is done a person has placed what the first
    laid there."""
    own_box.add(plain(workbook))
    fetched(opened)
    with Desk(opened.path, CLOSING) as desk:
        arrivals = gather(desk)
        dealt_with(opened, State.HELD)
        (path,) = (opened.inbox / "held").iterdir()
        path.unlink()
        mailroom.file_away(desk, arrivals, {})
    assert not list((opened.inbox / "held").iterdir())


def test_a_held_mail_is_laid_even_if_a_run_died_while_it_did(
    opened: Workspace, workbook: bytes, own_box: Box
) -> None:
    own_box.add(plain(workbook))
    (one,) = fetched(opened)
    half = opened.inbox / "held" / ".half.tmp"
    half.parent.mkdir()
    half.write_bytes(numbered(workbook, 1))
    dealt_with(opened, State.HELD)
    assert {path.name for path in half.parent.iterdir()} == {half.name, one.name}


def test_a_long_name_is_cut_to_what_a_disk_takes(
    opened: Workspace, workbook: bytes, own_box: Box
) -> None:
    own_box.add(letters.raw(letters.attached(workbook, "ổ" * 140 + ".xlsx")))
    fetched(opened)
    dealt_with(opened, State.HELD)
    (path,) = (opened.inbox / "held").iterdir()
    assert path.suffix == ".xlsx"


# --- quarantine ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("headers", "reason"), [
    ({"sender": "ai@khac.vn"}, "unknown-sender"),
    ({"sender": "nop.dv01@ubdt.vn, ai@khac.vn"}, "no-one-sender"),
    ({"sender": "NOP.DV01@UBDT.VN"}, None),
    ({"sender": '"Nguyễn Thị Nộp" <nop.dv01@ubdt.vn>'}, None),
    ({"sender": "lanhdao@ubdt.vn"}, None),
])  # fmt: skip
def test_only_contacts_are_read_unasked(
    opened: Workspace, workbook: bytes, own_box: Box, headers: Any, reason: str | None
) -> None:
    own_box.add(plain(workbook, **headers))
    assert len(fetched(opened)) == (0 if reason else 1)
    with Desk(opened.path) as desk:
        assert [one.reason for one in quarantined(desk)] == ([reason] if reason else [])
    assert [one.seen for one in own_box.kept()] == [True]


@pytest.mark.parametrize(("change", "reason"), [
    (lambda raw: b"Authentication-Results: mx; dmarc=fail\r\n" + raw, "refuted-sender"),
    (lambda raw: b"From: nop.dv02@ubdt.vn\r\n" + raw, "no-one-sender"),
    (lambda raw: raw.replace(b"From:", b"Sender:"), "no-one-sender"),
])  # fmt: skip
def test_a_doubtful_sender_is_nobody(
    opened: Workspace, workbook: bytes, own_box: Box, change: Callable[[bytes], bytes], reason: str
) -> None:
    own_box.add(change(plain(workbook)))
    assert fetched(opened) == ()
    with Desk(opened.path) as desk:
        assert [one.reason for one in quarantined(desk)] == [reason]


def test_a_stranger_waits_for_an_officers_word(
    opened: Workspace, workbook: bytes, own_box: Box
) -> None:
    own_box.add(plain(workbook, 1, sender="Người lạ <ai@khac.vn>", subject="Thay mặt Vụ"))
    own_box.add(plain(workbook, 2, sender="ai@khac.vn"))
    assert opened.done("collect", PERIOD) == []
    assert "2 tệp" in opened("status", PERIOD).out
    ran = opened("quarantine", "list", "--json")
    assert (ran.status, len(ran.json)) == (0, 2)
    first = ran.json[0]
    assert first | {"id": 0, "received": ""} == {
        "id": 0,
        "received": "",
        "sender": "ai@khac.vn",
        "subject": "Thay mặt Vụ",
        "file": NAME,
        "sha256": sha256(numbered(workbook, 1)),
        "reason": "unknown-sender",
    }
    listed = opened("quarantine", "list").out
    assert "ai@khac.vn" in listed
    assert opened("quarantine", "release", first["id"], 99, "--by", "Vũ Đức Thắng").status == 2
    for number in (0, 2**31, 10**20):
        ran = opened("quarantine", "release", first["id"], number, "--by", "Vũ Đức Thắng")
        assert (ran.status, f"số {number} " in ran.err) == (2, True)
    assert opened("quarantine", "release", first["id"]).status == 2
    nobody = opened("quarantine", "release", first["id"], "--by", " ")
    assert (nobody.status, "--by TÊN" in nobody.err) == (2, True)
    assert opened("quarantine", "release", "--by", "Vũ Đức Thắng").status == 2
    assert opened.done("collect", PERIOD) == []
    released = opened.done("quarantine", "release", first["id"], "--by", "Vũ Đức Thắng")
    assert released == {"released": 1}
    assert opened("quarantine", "release", first["id"], "--by", "Vũ Đức Thắng").status == 2
    (taken,) = opened.done("collect", PERIOD)
    assert (taken["file"], taken["state"]) == (NAME, "accepted")
    assert opened.done("collect", PERIOD) == []
    assert len(opened("quarantine", "list", "--json").json) == 1
    row = rows(opened, tables.attachment)[0]
    assert (row.state, row.released_by) == ("taken", "Vũ Đức Thắng")
    assert row.released_login
    assert row.released_at
    assert "release" in {run.flow for run in rows(opened, tables.run)}


def test_an_empty_quarantine_says_so(opened: Workspace) -> None:
    assert opened.done("quarantine", "list") == []
    assert "Không có tệp" in opened("quarantine", "list").out
    assert "cách ly" not in opened("status", PERIOD).out


# --- getting in ---------------------------------------------------------------------------------


def test_a_mailbox_that_fails_stops_nobody_elses_files(
    opened: Workspace, own_box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_MAILBOX__PASSWORD", "sai-mat-khau")
    opened.submit("DV02")
    ran = opened("collect", PERIOD, "--json")
    assert ran.status == 2
    assert "Không đọc được hộp thư localhost" in ran.err
    assert [(one["unit"], one["state"]) for one in ran.json] == [("DV02", "accepted")]
    assert "sai-mat-khau" not in ran.err + ran.out
    assert opened.units()["DV02"]["state"] == "accepted"
    assert (opened.inbox / "done" / PERIOD / "DV02.xlsx").exists()
    assert rows(opened, tables.run)[-1].outcome.startswith("refused: Không đọc được")


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_each_way_in(
    opened: Workspace,
    workbook: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    security: str,
) -> None:
    with imap.own_box(tmp_path, security) as box:
        for name, value in box.settings().items():
            monkeypatch.setenv(name, value)
        box.add(plain(workbook))
        assert len(fetched(opened)) == 1
        (check,) = (c for c in opened("doctor", "--json").json if c["name"] == "mailbox")
        assert check["ok"] is True
        assert "1 thư" in check["message"]
        assert ("không mã hóa" in check["message"]) is (security == "none")
        assert [one.seen for one in box.kept()] == [True]
        if security != "none":
            monkeypatch.delenv("SSL_CERT_FILE")
            assert "không được tin cậy: self-signed certificate" in refused(opened)
            (check,) = (c for c in opened("doctor", "--json").json if c["name"] == "mailbox")
            assert check["ok"] is False


def test_without_a_mailbox_only_the_folder_is_looked_into(opened: Workspace) -> None:
    assert fetched(opened) == ()
    (check,) = (c for c in opened("doctor", "--json").json if c["name"] == "mailbox")
    assert check["ok"] is None


@pytest.mark.parametrize(("name", "value", "said"), [
    ("PASSWORD", None, "DONDOC_MAILBOX__PASSWORD"),
    ("USER", None, "mailbox.user"),
    ("PORT", "1", "Không đọc được hộp thư localhost:1"),
])  # fmt: skip
def test_what_is_missing_is_named(
    opened: Workspace,
    own_box: Box,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str | None,
    said: str,
) -> None:
    if value:
        monkeypatch.setenv(f"DONDOC_MAILBOX__{name}", value)
    else:
        monkeypatch.delenv(f"DONDOC_MAILBOX__{name}")
    assert said in refused(opened)


@pytest.mark.parametrize(("section", "said"), [
    ('host = "mail.example.vn"\nsecurity = "none"', "chính máy này"),
    ('folder = "A"\ndone = "A"', "thư mục khác"),
    ('security = "starttls"', "cổng 993"),
    ('password = "x"', "DONDOC_MAILBOX__PASSWORD"),
])  # fmt: skip
def test_settings_that_cannot_be_are_refused(tmp_path: Path, section: str, said: str) -> None:
    (tmp_path / "dondoc.toml").write_text(f"[mailbox]\n{section}\n", "utf-8")
    with pytest.raises(SettingsError, match=said):
        load(tmp_path)


def test_plain_text_on_the_loopback_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "dondoc.toml").write_text('[mailbox]\nhost = "localhost"\nsecurity = "none"\n')
    assert load(tmp_path).mailbox.security == "none"
