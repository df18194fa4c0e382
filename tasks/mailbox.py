"""Touches the mailbox over IMAP: takes what is new, marks it once it is safe, deletes nothing."""

import imaplib
import io
import logging
import re
import ssl
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from imap_tools.errors import ImapToolsError, MailboxFetchError, MailboxFlagError, MailboxMoveError
from imap_tools.mailbox import BaseMailBox
from imap_tools.utils import check_command_status, encode_folder

from schemas.errors import MailError, SettingsError, SourceError
from schemas.settings import Mailbox
from schemas.submission import Submission
from schemas.texts import say
from tasks import mailroom, storage
from tasks.desk import Desk, now
from tasks.formats import messages
from tasks.lines import Ear, LineError, plain, reason
from tasks.mailroom import Envelope, Folder
from tasks.opening import Opener
from tasks.step import step

log = logging.getLogger("dondoc")

MB = 2**20
AT_ONCE = 200
"""Messages of one command: a line of UIDs that every server accepts."""

LONGEST_LINE = 1_000_000
"""Bytes of one line, the UIDs of a hundred thousand messages among it."""
BESIDES = 4 * MB
"""Bytes that an answer may have besides a message: the lines of AT_ONCE envelopes, and news."""

_FAULTS = (OSError, imaplib.IMAP4.error, ImapToolsError)
"""What a server or a line can raise in the client."""
_SIGNS = {
    "socket error: EOF": "line.cut",
    "unterminated line": "line.cut",
    "unexpected": "line.garbage",
    "TLS not supported": "line.no-starttls",
}
"""What imaplib says of a line -> what we say; all else is the server's own saying."""
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_UID = re.compile(rb"\bUID (\d+)")


@step()
def fetch_mail(desk: Desk) -> tuple[str, ...]:
    """Take in what is new in the mailbox, where one is set. What kept us from it is told at the
    run's end (`tell`): a mailbox that fails stops nobody else's files."""
    told: list[str] = []
    if desk.settings.mailbox.host:
        try:
            with connection(desk.settings.mailbox) as box, Opener(desk) as opener:
                for sentence in _fetch(desk, box, opener):
                    told.append(sentence)
        except (MailError, SettingsError) as error:
            told.append(str(error))
    for sentence in told:
        log.warning("%s", sentence)
    return tuple(told)


@step()
def tell(refusals: Sequence[str], taken: Sequence[Submission]) -> None:
    """Raises SourceError with what a source kept from us, once all else is done."""
    if refusals:
        raise SourceError(" ".join(refusals), taken)


@contextmanager
def connection(mailbox: Mailbox) -> Iterator[BaseMailBox]:
    """Logged in, no folder opened; raises SettingsError where the settings do not suffice, and
    MailError where the server does not let us in or breaks off."""
    if not mailbox.user or not mailbox.password:
        missing = "DONDOC_MAILBOX__PASSWORD" if mailbox.user else "mailbox.user"
        raise SettingsError(
            f"Chưa đủ thiết lập để mở hộp thư nhận (thiếu {missing}); hãy khai báo rồi chạy lại, "
            "các tệp trong inbox/ vẫn được thu bình thường."
        )
    box: BaseMailBox | None = None
    try:
        box = _Box(mailbox)
        _log_in(box, mailbox.user, mailbox.password.get_secret_value())
        yield box
    except _FAULTS as error:
        if storage.is_ours(error):
            raise
        raise _unread(mailbox, _reply(error)) from error
    finally:
        if box:
            with suppress(*_FAULTS):
                box.client.logout()
            with suppress(*_FAULTS):  # a line that broke is not closed by logging out
                box.client.shutdown()


def _unread(mailbox: Mailbox, reason: str) -> MailError:
    return MailError(
        f"Không đọc được hộp thư {mailbox.host}:{mailbox.port} ({reason}); thư còn nguyên trên máy "
        "chủ và sẽ được thu ở lần chạy sau, hãy kiểm tra bằng 'dondoc doctor'."
    )


class _Line(imaplib.IMAP4):
    """A client whom each answer keeps for the timeout at the most, a message for as much longer
    each MB; and which takes in no more than a message may have, whatever the server announces."""

    largest = 0
    _lines: io.BufferedReader
    _seconds: float
    _ear: Ear | None = None

    def send(self, data: bytes) -> None:  # type: ignore[override]
        """A command, after which an answer is due."""
        self._listen()
        super().send(data)

    def readline(self) -> bytes:
        """A line of the answer."""
        if self._ear is None or self._ear.sock is not self.sock:  # the greeting, or TLS began
            self._listen()
        line = self._lines.readline(LONGEST_LINE + 1)
        if len(line) > LONGEST_LINE:
            raise LineError(say("line.flood"))
        return line

    def read(self, size: int) -> bytes:
        """So many bytes of the answer: of a message, mostly."""
        if self._ear is None or size > self.largest + BESIDES:
            raise LineError(say("line.flood"))
        self._ear.wait(self._seconds * size / MB)
        return self._lines.read(size)

    def _listen(self) -> None:
        if self._ear is None or self._ear.sock is not self.sock:
            self._ear = Ear(self.sock)
            self._lines = io.BufferedReader(self._ear)
            self._seconds = self.sock.gettimeout() or 0.0
        self._ear.expect(self._seconds, self.largest + BESIDES)


class _LineInTls(_Line, imaplib.IMAP4_SSL):
    """The same where TLS comes before all else."""


class _Box(BaseMailBox):
    """The library's mailbox on such a line."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._settings = mailbox
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        its = self._settings
        host, port = its.host or "", its.port
        if its.security == "none":
            client = _Line(host, port, its.timeout)
        else:
            verified = ssl.create_default_context()
            if its.security == "tls":
                client = _LineInTls(host, port, ssl_context=verified, timeout=its.timeout)
            else:
                client = _Line(host, port, its.timeout)
                try:
                    client.starttls(verified)
                except _FAULTS:
                    client.shutdown()
                    raise
        client.largest = its.largest * MB
        return client


def _log_in(box: BaseMailBox, user: str, password: str) -> None:
    if user.isascii() and password.isascii():
        box.login(user, password, initial_folder=None)
    else:  # LOGIN has no way to say which charset it is in
        box.login_utf8(user, password, initial_folder=None)


def _reply(error: Exception) -> str:
    """What the server said, in one line, or why it said nothing."""
    if isinstance(error, imaplib.IMAP4.error) and error.args:
        said = error.args[0]
        words = said if isinstance(said, bytes) else str(said)
        if isinstance(error.__context__, OSError):  # while a command was being sent
            return reason(error.__context__)
        return next((say(key) for sign, key in _SIGNS.items() if sign in str(said)), plain(words))
    if result := getattr(error, "command_result", None):
        said = result[1][-1] if result[1] else error
        return plain(said if isinstance(said, bytes) else str(said))
    return reason(error)


def look(box: BaseMailBox, folder: str) -> int:
    """How many messages are in a folder, which is opened for reading only."""
    answer = box.folder.set(folder, readonly=True)
    return int(answer[1][0])


def can_move(box: BaseMailBox) -> bool:
    """Whether the server moves messages itself (RFC 6851); without that a move is a copy and a
    deletion, and we delete nothing."""
    capabilities = box.client.capability()[1][0]
    return b"MOVE" in capabilities.upper().split()


def _fetch(desk: Desk, box: BaseMailBox, opener: Opener) -> Iterator[str]:
    """Take what is new, mark what is safe; what a person must fetch is told of, once."""
    folder = _opened(desk, box)
    known = mailroom.known(desk, folder)
    there = [int(uid) for uid in box.uids(charset=None)]
    unfetched = [uid for uid in there if not known.get(uid)]
    for envelope in _envelopes(box, unfetched):
        if envelope.size > desk.settings.mailbox.largest * MB:
            if envelope.uid not in known:
                yield _too_large(desk, box, folder, envelope)
        elif (raw := _whole(box, envelope.uid)) is not None:
            mailroom.record(desk, opener, folder, envelope, raw)
    _mark(desk, box, folder)


def _opened(desk: Desk, box: BaseMailBox) -> Folder:
    mailbox = desk.settings.mailbox
    box.folder.set(mailbox.folder)
    said = box.client.response("UIDVALIDITY")[1][-1]
    if said is None:
        raise _unread(mailbox, "UIDVALIDITY")
    return Folder(f"{mailbox.user}@{mailbox.host}", mailbox.folder, int(said))


def _envelopes(box: BaseMailBox, uids: Sequence[int]) -> Iterator[Envelope]:
    """Of those messages that are still there, in the order of their UIDs."""
    found: dict[int, Envelope] = {}
    for some in _portions(uids):
        answer = box.client.uid("FETCH", some, "(UID RFC822.SIZE INTERNALDATE)")
        check_command_status(answer, MailboxFetchError)
        for line in answer[1]:
            if (
                isinstance(line, bytes)
                and (size := _SIZE.search(line))
                and (uid := _UID.search(line))
            ):
                one = Envelope(int(uid[1]), int(size[1]), _received(line))
                found[one.uid] = one
    return iter(found[uid] for uid in uids if uid in found)


def _received(line: bytes) -> datetime:
    with suppress(KeyError, ValueError, OverflowError):
        if said := imaplib.Internaldate2tuple(line):
            return datetime.fromtimestamp(time.mktime(said), UTC)
    return now()


def _too_large(desk: Desk, box: BaseMailBox, folder: Folder, envelope: Envelope) -> str:
    heading = messages.heading(_whole(box, envelope.uid, "HEADER") or b"")
    mailroom.record_too_large(desk, folder, envelope, heading)
    at = envelope.received_at.astimezone(ZoneInfo(desk.settings.timezone))
    return say(  # by its time, not its sender: this goes into logs
        "mailbox.too-large",
        at=f"{at:%H:%M %d/%m/%Y}",
        size=-(-envelope.size // MB),
        limit=desk.settings.mailbox.largest,
    )


def _whole(box: BaseMailBox, uid: int, section: str = "") -> bytes | None:
    """A message or its headers; it stays unread by this. None where it cannot be had: it is tried
    again by the next run and stops no other."""
    status, answer = box.client.uid("FETCH", str(uid), f"(BODY.PEEK[{section}])")
    for item in answer:
        if isinstance(item, tuple) and b"BODY[" in item[0]:
            raw: bytes = item[1]
            return raw
    if status != "OK":
        log.warning("message %d cannot be fetched now", uid)
    return None


def _mark(desk: Desk, box: BaseMailBox, folder: Folder) -> None:
    """Tell the mailbox what we have: archived and recorded, so that nothing can be lost.

    By our own commands: imap-tools follows each flag with an EXPUNGE, which would delete what
    others have marked for deletion.
    """
    done = desk.settings.mailbox.done
    moving = bool(done) and can_move(box)
    if done and not moving:
        log.warning("the mail server cannot move messages: they stay where they are")
    if done and moving and not box.folder.exists(done):
        box.folder.create(done)
    uids = mailroom.unmarked(desk, folder)
    for portion, some in zip(_chunks(uids), _portions(uids), strict=True):
        answer = box.client.uid("STORE", some, "+FLAGS.SILENT", r"(\Seen)")
        check_command_status(answer, MailboxFlagError)
        if done and moving:
            answer = box.client.uid("MOVE", some, encode_folder(done).decode("ascii"))
            check_command_status(answer, MailboxMoveError)
        mailroom.mark(desk, folder, portion)


def _chunks(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (uids[at : at + AT_ONCE] for at in range(0, len(uids), AT_ONCE))


def _portions(uids: Sequence[int]) -> Iterable[str]:
    return (",".join(map(str, some)) for some in _chunks(uids))
