"""A mailbox that misbehaves at every stage: the folder's files are taken all the same, the sentence
says why the mails are not, and with a good server each of them is taken once."""

import hashlib
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import select

import letters
from imapserver import Folder, ImapServer
from letters import numbered
from ministry import CLOSING, Workspace
from postbox import CUT, DAY, DRIP, ENDLESS, SILENT, self_signed
from schemas import tables
from schemas.settings import Mailbox
from tasks import archive
from tasks.arrivals import gather
from tasks.desk import Desk
from tasks.mailbox import fetch_mail

USER, PASSWORD, DONE = "baocao@ubdt.vn", "mat-khau", "DaThu"
PATIENCE, COMMANDS = 1, 12
"""Seconds of `mailbox.timeout`; more commands than a look into the mailbox has."""
MAILS = 2
STAGES = ("greeting", "LOGIN", "SELECT", "UID SEARCH", "UID FETCH", "BODY", "UID STORE", "UID MOVE",
          "LOGOUT")  # fmt: skip
NO, BAD, BYE = b"TAG NO not now", b"TAG BAD what?", b"* BYE going down"
GARBAGE, LONG = b"\x16\x03\x01 what?", b"* OK " + b"x" * 2_000_000
HUGE = b"* 1 FETCH (UID 1 BODY[] {2000000000}"
SILENCE, FLOOD = "không trả lời trong thời gian", "dài quá mức"
SAYS: Mapping[bytes | str, str] = {
    CUT: "ngắt kết nối giữa chừng", SILENT: SILENCE, DRIP: SILENCE, ENDLESS: FLOOD, LONG: FLOOD,
    HUGE: FLOOD, GARBAGE: "không đúng giao thức", NO: "not now", BAD: "what?", BYE: "going down",
}  # fmt: skip
NAMES: Mapping[bytes | str, str] = {
    NO: "NO", BAD: "BAD", BYE: "BYE", GARBAGE: "garbage", LONG: "2-MB-line", HUGE: "2-GB-message",
}  # fmt: skip
QUIETLY = {("BODY", NO), *product(["LOGOUT"], SAYS)}
"""One message that cannot be had now stops no other; by the goodbye everything is done."""
FEW: set[tuple[str, bytes | str]] = {
    *((stage, answer) for stage in STAGES for answer in (SILENT, GARBAGE, BYE)),
    ("UID SEARCH", DRIP), ("BODY", DRIP),
    ("UID SEARCH", ENDLESS), ("greeting", LONG), ("UID FETCH", LONG), ("BODY", HUGE),
    ("BODY", NO), ("UID STORE", NO), ("UID MOVE", NO), ("SELECT", BAD), ("LOGIN", CUT),
}  # fmt: skip
"""Each stage and each misbehaviour, for every day; all of both together in a soak."""
MORE: set[tuple[str, bytes | str]] = {*product(STAGES, SAYS.keys() - {HUGE})} - FEW


@dataclass(frozen=True)
class Ended:
    """How a case ended."""

    told: tuple[str, ...]
    from_folder: int
    marked_unsafe: int
    seconds: float
    arrived: tuple[str, ...]
    recorded: int


@pytest.fixture(scope="module")
def mails(opened_once: Workspace, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    path = tmp_path_factory.mktemp("mails") / "w"
    shutil.copytree(opened_once.path, path)
    content = Workspace(path, opened_once.ministry).submit("DV01").read_bytes()
    return [letters.raw(letters.attached(numbered(content, n))) for n in range(MAILS)]


@pytest.fixture(scope="module")
def play(
    opened_once: Workspace, mails: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[tuple[str, bytes | str]], Ended]:
    def played(case: tuple[str, bytes | str]) -> Ended:
        path = tmp_path_factory.mktemp("case") / "w"
        shutil.copytree(opened_once.path, path)
        (path / "inbox" / "DV02.xlsx").write_bytes(b"anything")
        folders = {"INBOX": Folder(1), DONE: Folder(2)}
        for mail in mails:
            folders["INBOX"].add(mail, set())
        bad = ImapServer(USER, PASSWORD, folders=folders, script=dict([case]))
        with bad, ImapServer(USER, PASSWORD, folders=folders) as good, Desk(path, CLOSING) as desk:
            began = monotonic()
            told = _looked(desk, bad.port, timeout=PATIENCE if case[1] in (SILENT, DRIP) else 10)
            seconds = monotonic() - began
            from_folder = sum(one.sender is None for one in gather(desk))
            kept = [one for folder in folders.values() for one in folder.messages]
            marked = (one.raw for one in kept if "\\Seen" in one.flags)
            unsafe = sum(not archive.has(path, hashlib.sha256(raw).hexdigest()) for raw in marked)
            assert _looked(desk, good.port) == ()
            arrived = tuple(one.sha256 for one in gather(desk) if one.sender)
            assert sorted(one.raw for one in folders[DONE].messages) == sorted(mails)
            with desk.engine.connect() as connection:
                recorded = len(connection.scalars(select(tables.message.c.id)).all())
        return Ended(told, from_folder, unsafe, seconds, arrived, recorded)

    return played


def _looked(desk: Desk, port: int, **more: object) -> tuple[str, ...]:
    mailbox = Mailbox.model_validate({
        "host": "localhost", "port": port, "security": "none", "user": USER, "password": PASSWORD,
        "done": DONE, "timeout": 10, **more,
    })  # fmt: skip
    desk.settings = desk.settings.model_copy(update={"mailbox": mailbox})
    return fetch_mail(desk)


def check(
    cases: set[tuple[str, bytes | str]],
    play: Callable[[tuple[str, bytes | str]], Ended],
    shown: Callable[..., None],
) -> None:
    ordered = sorted(cases, key=str)
    with ThreadPoolExecutor(8) as pool:
        ended = dict(zip(ordered, pool.map(play, ordered), strict=True))
    for (stage, answer), end in ended.items():
        name = f"{stage} {NAMES.get(answer, answer)!r}"
        assert end.from_folder == 1, name
        assert end.marked_unsafe == 0, name
        assert len(end.told) == ((stage, answer) not in QUIETLY), (name, end.told)
        assert all(SAYS[answer] in sentence for sentence in end.told), (name, end.told)
        assert all("Không đọc được hộp thư" in sentence for sentence in end.told), name
        assert len(set(end.arrived)) == len(end.arrived) == end.recorded == MAILS, name
    slow = max(end.seconds for case, end in ended.items() if case[1] in (SILENT, DRIP))
    assert slow < COMMANDS * PATIENCE
    shown(
        "collect",
        "an IMAP server that is silent, slow, cut, garbled, endless or says NO, BAD, BYE",
        "files of the folder are taken, nothing is marked before it is archived, each mail is "
        "taken once by the next run",
        f"{len(cases)} cases of {MAILS} mails: lost 0, doubled 0; at a timeout of {PATIENCE} s the "
        f"longest took {slow:.1f} s",
    )


def test_each_misbehaviour_costs_nothing(
    play: Callable[[tuple[str, bytes | str]], Ended], shown: Callable[..., None]
) -> None:
    check(FEW, play, shown)


@pytest.mark.soak
def test_every_misbehaviour_at_every_stage_costs_nothing(
    play: Callable[[tuple[str, bytes | str]], Ended], shown: Callable[..., None]
) -> None:
    check(MORE, play, shown)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Path]:
    made = {
        "đã hết hạn": self_signed(tmp_path / "expired.pem", until=-DAY),
        "tên máy khác": self_signed(tmp_path / "other.pem", host="mail.khac.vn"),
    }
    bundle = tmp_path / "trusted.pem"
    bundle.write_bytes(b"".join(path.read_bytes() for path in made.values()))
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    return made | {"không được tin cậy": self_signed(tmp_path / "self.pem")}


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_wrong_certificate_or_none_lets_no_password_out(
    opened: Workspace, trusted: Mapping[str, Path], security: str
) -> None:
    for fault, certificate in trusted.items():
        with (
            ImapServer(USER, PASSWORD, certificate, security) as server,
            Desk(opened.path, CLOSING) as desk,
        ):
            (sentence,) = _looked(desk, server.port, security=security)
            assert fault in sentence
            assert "LOGIN" not in server.commands
    with ImapServer(USER, PASSWORD) as plain, Desk(opened.path, CLOSING) as desk:
        (sentence,) = _looked(desk, plain.port, security=security)
        assert ("STARTTLS" if security == "starttls" else "mã hóa") in sentence
        assert "LOGIN" not in plain.commands
