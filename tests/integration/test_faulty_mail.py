"""A mail server that misbehaves at every stage: what becomes of each letter, and that afterwards,
with a good one, each has left once; twice, under one Message-ID, only where it was in doubt."""

import re
import shutil
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from ministry import OPENING, Workspace
from postbox import CUT, DAY, DRIP, ENDLESS, PASSWORD, SILENT, USER, Rude, self_signed
from schemas import tables
from schemas.errors import MailError
from schemas.notices import Delivery
from schemas.settings import Mail
from tasks import archive, mailer, outbox
from tasks.composing import opening
from tasks.delivery import UNWILLING, send_approved
from tasks.desk import Desk
from tasks.outbox import EXCHANGES

LETTERS = 3
BEFORE = ("banner", "ehlo", "starttls", "auth")
"""Stages before any letter is spoken of."""
WITHIN = ("mail", "rcpt", "data")
"""Stages of one letter before it is handed over."""
FOR_NOW, FOR_GOOD, LATER = b"450 4.2.1 busy", b"550 5.7.1 no", b"421 4.3.2 later"
GARBAGE = b"\x16\x03\x01\x00 what?"
LONG = b"250 " + b"x" * 1_000_000
NO_ANSWER = (CUT, SILENT, DRIP, ENDLESS, GARBAGE, LONG)
PATIENCE = 1
"""Seconds of `mail.timeout` where the server is slow on purpose."""

SAYS = {
    CUT: "Máy chủ ngắt kết nối giữa chừng",
    SILENT: "Máy chủ không trả lời trong thời gian quy định",
    DRIP: "Máy chủ không trả lời trong thời gian quy định",
    ENDLESS: "Máy chủ trả lời dài quá mức, không đúng giao thức",
    LONG: "Máy chủ trả lời dài quá mức, không đúng giao thức",
    GARBAGE: "Máy chủ trả lời không đúng giao thức",
    FOR_NOW: "450 4.2.1 busy",
    FOR_GOOD: "550 5.7.1 no",
    LATER: "421 4.3.2 later",
}


@dataclass(frozen=True)
class Case:
    """One misbehaviour at one stage, and what the officer must find in the outbox."""

    stage: str
    answer: bytes | str
    states: Mapping[Delivery, int]
    says: str
    """The reason, in the outbox or in the sentence of the refusal."""
    in_doubt: str = "resend"
    doubled: int = 0
    """Letters that the server had taken."""

    @property
    def name(self) -> str:
        answer = self.answer if isinstance(self.answer, str) else self.answer[:3].decode()
        named: dict[bytes | str, str] = {GARBAGE: "garbage", LONG: "1-MB-line"}
        held = "-hold" * (self.in_doubt == "hold")
        return f"{self.stage}-{named.get(self.answer, answer)}{held}"


@dataclass(frozen=True)
class Ended:
    """How a case ended."""

    states: Mapping[Delivery, int]
    reasons: tuple[str, ...]
    seconds: float
    arrived: Mapping[str, int]
    """Message-ID -> how often a server took it, in the end."""


def cases() -> Iterator[Case]:
    failed, refused, held = Delivery.FAILED, Delivery.REFUSED, Delivery.HELD
    untried = {Delivery.APPROVED: LETTERS}
    given_up = {failed: UNWILLING, Delivery.APPROVED: LETTERS - UNWILLING}
    answers = (*NO_ANSWER, FOR_NOW, FOR_GOOD, LATER)
    for stage in BEFORE:
        for answer in answers:
            if stage == "ehlo" and answer in (FOR_NOW, FOR_GOOD, LATER, GARBAGE):
                continue  # below: there is HELO
            yield Case(stage, answer, untried, SAYS[answer])
    for answer in (FOR_NOW, FOR_GOOD, LATER, GARBAGE):
        yield Case("ehlo", answer, {Delivery.SENT: LETTERS}, "")
    for stage in (*WITHIN, "dot"):
        yield Case(stage, FOR_NOW, {failed: LETTERS}, SAYS[FOR_NOW])
        of_us = stage == "mail"  # what a letter says is not known yet
        yield Case(stage, FOR_GOOD, given_up if of_us else {refused: LETTERS}, SAYS[FOR_GOOD])
        yield Case(stage, LATER, given_up, SAYS[LATER])
        for answer in NO_ANSWER:
            doubled = UNWILLING if stage == "dot" else 0
            yield Case(stage, answer, given_up, SAYS[answer], doubled=doubled)
    for answer in (CUT, SILENT, GARBAGE):
        doubtful = {held: UNWILLING, Delivery.APPROVED: LETTERS - UNWILLING}
        yield Case("dot", answer, doubtful, SAYS[answer], "hold", UNWILLING)
    for answer in (CUT, SILENT):
        yield Case("body", answer, given_up, SAYS[answer])
    yield Case("body", FOR_NOW, {failed: LETTERS}, SAYS[FOR_NOW])
    for answer in answers:
        yield Case("quit", answer, {Delivery.SENT: LETTERS}, "")


CASES = {case.name: case for case in cases()}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """What is told of a server -> its certificate; all but the last are vouched for here."""
    folder = tmp_path_factory.mktemp("tls")
    made = {
        "good": self_signed(folder / "good.pem"),
        "đã hết hạn": self_signed(folder / "expired.pem", until=-DAY),
        "tên máy khác": self_signed(folder / "other.pem", host="mail.khac.vn"),
    }
    trusted = b"".join(path.read_bytes() for path in made.values())
    (folder / "trusted.pem").write_bytes(trusted)
    return made | {
        "không được tin cậy": self_signed(folder / "self.pem"),
        "trusted": folder / "trusted.pem",
    }


@pytest.fixture(scope="module")
def few(opened_once: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The forms of a month, all but some letters taken out of the outbox."""
    path = tmp_path_factory.mktemp("few") / "w"
    shutil.copytree(opened_once.path, path)
    with Desk(path, OPENING) as desk, desk.writer.begin() as connection:
        kept = list(connection.scalars(select(tables.outbox.c.id).limit(LETTERS)))
        connection.execute(delete(tables.outbox).where(tables.outbox.c.id.not_in(kept)))
    return path


@pytest.fixture(scope="module")
def play(
    few: Path, certificates: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Case], Ended]:
    def played(case: Case) -> Ended:
        path = tmp_path_factory.mktemp("case") / "w"
        shutil.copytree(few, path)
        security = "starttls" if case.stage == "starttls" else "none"
        login = case.stage == "auth"
        with ExitStack() as stack:
            bad = stack.enter_context(
                Rude({case.stage: case.answer}, certificates["good"], security, login)
            )
            good = stack.enter_context(Rude({}))
            desk = stack.enter_context(Desk(path, OPENING))
            _large(desk, case.stage == "body")
            slow = case.answer in (SILENT, DRIP)
            began = monotonic()
            _lead(desk, bad, timeout=PATIENCE if slow else 10, in_doubt=case.in_doubt)
            reasons = _delivered(desk)
            seconds = monotonic() - began
            states, told = _found(desk)
            _lead(desk, good)
            _approve_held(desk)
            for retry in (True, False):
                send_approved(desk, "", late=False, retry=retry)
            arrived = Counter(map(_number, (*bad.taken, *good.taken)))
        return Ended(states, (*reasons, *told), seconds, arrived)

    return played


@pytest.fixture(scope="module")
def ended(play: Callable[[Case], Ended]) -> Mapping[str, Ended]:
    """Every case, many at once: most of them wait for a server that does not answer."""
    with ThreadPoolExecutor(16) as pool:
        return dict(zip(CASES, pool.map(play, CASES.values()), strict=True))


def _lead(desk: Desk, server: Rude, **more: object) -> None:
    login = {"user": USER, "password": PASSWORD} if server.login else {}
    mail = Mail.model_validate({
        "host": "localhost", "port": server.port, "security": server.security,
        "sender": USER, "timeout": 10, **login, **more,
    })  # fmt: skip
    desk.settings = desk.settings.model_copy(update={"mail": mail})


def _large(desk: Desk, wanted: bool) -> None:
    """Letters of more than what lines hold by themselves, so that one can break within."""
    if wanted:
        file = ["a.bin", archive.keep(desk.workspace, bytes(4_000_000)), "application/x-test"]
        with desk.writer.begin() as connection:
            connection.execute(update(tables.notice).values(attachments=[file]))
            for row in connection.execute(select(tables.notice)).all():
                same = {"content": outbox.hash_of(row)}
                here, approved = tables.notice.c.id, tables.approval.c.notice
                connection.execute(update(tables.notice).where(here == row.id).values(**same))
                connection.execute(update(tables.approval).where(approved == row.id).values(**same))


def _delivered(desk: Desk) -> tuple[str, ...]:
    try:
        send_approved(desk, "", late=False)
    except MailError as error:
        return (str(error),)
    return ()


def _found(desk: Desk) -> tuple[Mapping[Delivery, int], tuple[str, ...]]:
    rows = list(outbox.rows(desk.engine, None))
    assert all(row["attempts"] == (row["state"] != Delivery.APPROVED) for row in rows)
    states = Counter(Delivery(row["state"]) for row in rows)
    return states, tuple(row["error"] for row in rows if row["error"])


def _approve_held(desk: Desk) -> None:
    with desk.writer.begin() as connection:
        held = tables.outbox.c.state == Delivery.HELD
        connection.execute(update(tables.outbox).where(held).values(state=Delivery.APPROVED))


def _number(raw: bytes) -> str:
    found = re.search(rb"(?im)^Message-ID:\s+(\S+)", raw)
    assert found
    return found[1].decode()


@pytest.mark.parametrize("name", CASES)
def test_each_misbehaviour_ends_as_it_must(name: str, ended: Mapping[str, Ended]) -> None:
    case, end = CASES[name], ended[name]
    assert end.states == case.states
    if case.says:
        assert end.reasons
        assert all(case.says in reason for reason in end.reasons)
    else:
        assert end.reasons == ()
    refused = case.states.get(Delivery.REFUSED, 0)
    assert len(end.arrived) == LETTERS - refused
    assert sorted(end.arrived.values(), reverse=True) == (
        [2] * case.doubled + [1] * (LETTERS - refused - case.doubled)
    )


def test_no_server_keeps_us(ended: Mapping[str, Ended], shown: Callable[..., None]) -> None:
    slow = [end.seconds for name, end in ended.items() if CASES[name].answer in (SILENT, DRIP)]
    longest = max(slow)
    assert longest < UNWILLING * EXCHANGES * PATIENCE
    expected = sum(LETTERS - case.states.get(Delivery.REFUSED, 0) for case in CASES.values())
    lost = expected - sum(len(end.arrived) for end in ended.values())
    doubled = {n: sum(c > 1 for c in end.arrived.values()) for n, end in ended.items()}
    outside = sum(count for name, count in doubled.items() if CASES[name].stage != "dot")
    assert (lost, outside) == (0, 0)
    shown(
        "delivery",
        "an SMTP server that is silent, slow, cut, garbled, endless or says 4xx, 5xx, 421",
        "every letter ends sent, refused, failed or held, with its reason, and is sent once after",
        f"{len(CASES)} cases of {LETTERS} letters: lost {lost}, doubled {outside} outside the "
        f"window and {sum(doubled.values())} within it, each under its own Message-ID",
    )
    shown(
        "delivery",
        "an SMTP server that answers nothing, or a byte now and then",
        "a batch is given up after two letters, each within twelve timeouts",
        f"{len(slow)} cases at a timeout of {PATIENCE} s: the longest {longest:.1f} s",
    )


def test_an_endless_answer_takes_no_memory(
    few: Path, tmp_path: Path, shown: Callable[..., None]
) -> None:
    path = tmp_path / "w"
    shutil.copytree(few, path)
    with Rude({"rcpt": ENDLESS}) as server, Desk(path, OPENING) as desk:
        _lead(desk, server)
        tracemalloc.start()
        try:
            send_approved(desk, "", late=False)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 5_000_000
    shown(
        "delivery", "an SMTP answer that never ends", "it takes no memory",
        f"{peak / 1e6:.1f} MB at the most, the letters among it",
    )  # fmt: skip


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("fault", ["đã hết hạn", "tên máy khác", "không được tin cậy"])
def test_a_wrong_certificate_lets_nothing_out(
    few: Path, tmp_path: Path, certificates: Mapping[str, Path], monkeypatch: pytest.MonkeyPatch,
    security: str, fault: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates["trusted"]))
    path = tmp_path / "w"
    shutil.copytree(few, path)
    with (
        Rude({}, certificates[fault], security, login=True) as bad,
        Rude({}, certificates["good"], security, login=True) as good,
        Desk(path, OPENING) as desk,
    ):
        _lead(desk, bad)
        (sentence,) = _delivered(desk)
        assert fault in sentence
        assert PASSWORD not in sentence
        assert _found(desk) == ({Delivery.APPROVED: LETTERS}, ())
        _lead(desk, good)
        assert send_approved(desk, "", late=False) == {Delivery.SENT: LETTERS}
    assert (len(bad.taken), len(good.taken)) == (0, LETTERS)


@pytest.mark.parametrize(
    ("security", "script", "says"),
    [
        ("starttls", {"ehlo": b"250-here\r\n250 AUTH PLAIN"}, "không cho mã hóa bằng STARTTLS"),
        ("none", {"ehlo": b"250 here"}, "không cho đăng nhập bằng mật khẩu"),
        ("none", {"ehlo": b"250-here\r\n250 AUTH GSSAPI"}, "không cho đăng nhập bằng mật khẩu"),
        ("none", {"auth": b"535 5.7.8 no"}, "không chấp nhận tên đăng nhập hoặc mật khẩu"),
    ],
    ids=["stripped", "no-login", "no-method", "wrong-password"],
)
def test_what_a_server_does_not_offer_is_not_done_without(
    few: Path, tmp_path: Path, security: str, script: Mapping[str, bytes], says: str
) -> None:
    path = tmp_path / "w"
    shutil.copytree(few, path)
    with Rude(script, None, security, login=True) as server, Desk(path, OPENING) as desk:
        _lead(desk, server)
        (sentence,) = _delivered(desk)
        assert says in sentence
        assert _found(desk) == ({Delivery.APPROVED: LETTERS}, ())
    assert server.taken == []


def test_a_letter_that_takes_too_long_is_not_handed_over(
    few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease might be over before the answer is recorded, and another sender have it."""
    path = tmp_path / "w"
    shutil.copytree(few, path)
    monkeypatch.setattr("tasks.mailer.lease", lambda mail: timedelta(seconds=2 * mail.timeout))
    with Rude({}) as server, Desk(path, OPENING) as desk:
        _lead(desk, server)
        send_approved(desk, "", late=False)
        states, reasons = _found(desk)
    assert states == {Delivery.FAILED: UNWILLING, Delivery.APPROVED: LETTERS - UNWILLING}
    assert all("quá chậm" in reason for reason in reasons)
    assert server.taken == []


def test_a_sender_that_was_away_since_its_claim_hands_nothing_over(
    few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shown: Callable[..., None]
) -> None:
    """Stopped, or asleep with its machine, between the claim and the first word to the server:
    another sender may have taken the letter over by then."""
    path = tmp_path / "w"
    shutil.copytree(few, path)
    away = 1.0

    def late(*its: Any, **named: Any) -> Any:
        sleep(away)
        return opening(*its, **named)

    monkeypatch.setattr("tasks.mailer.opening", late)
    patience = timedelta(seconds=away / 2)
    monkeypatch.setattr(
        mailer, "lease", lambda mail: timedelta(seconds=2 * mail.timeout) + patience
    )
    with Rude({}) as server, Desk(path, OPENING) as desk:
        _lead(desk, server)
        send_approved(desk, "", late=False)
        states, _ = _found(desk)
        assert states == {Delivery.FAILED: UNWILLING, Delivery.APPROVED: LETTERS - UNWILLING}
        assert server.taken == []
        monkeypatch.setattr("tasks.mailer.opening", opening)
        send_approved(desk, "", late=False, retry=True)
        send_approved(desk, "", late=False)
    arrived = Counter(map(_number, server.taken))
    assert sorted(arrived.values()) == [1] * LETTERS
    shown(
        "delivery", "a sender that stands still between its claim and the mail server",
        "once its lease may be over it hands nothing over",
        f"{LETTERS} letters, {UNWILLING} claims too old: {len(server.taken)} mails,"
        f" {len(server.taken) - len(arrived)} twice",
    )  # fmt: skip
