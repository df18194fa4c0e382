"""The mailboxes that the tests collect from: a server of our own and Dovecot, looked at alike."""

import imaplib
import os
import pwd
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imap_tools.imap_utf7 import utf7_encode

from imapserver import Folder, ImapServer
from postbox import self_signed
from tasks.server import free_port

PASSWORD = "mật-khẩu"
DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@dataclass(frozen=True)
class Kept:
    """A message as the server has it."""

    uid: int
    flags: frozenset[str]
    raw: bytes

    @property
    def seen(self) -> bool:
        return "\\Seen" in self.flags


@dataclass(frozen=True)
class Box:
    """One mailbox on a server, and how to get there."""

    user: str
    port: int
    security: str
    certificate: Path
    kind: str
    own: ImapServer | None = None
    folder: Path | None = None
    """Dovecot's files of this mailbox."""

    def settings(self) -> Mapping[str, str]:
        """The environment that leads here."""
        return {
            "DONDOC_MAILBOX__HOST": "localhost",
            "DONDOC_MAILBOX__PORT": str(self.port),
            "DONDOC_MAILBOX__SECURITY": self.security,
            "DONDOC_MAILBOX__USER": self.user,
            "DONDOC_MAILBOX__PASSWORD": PASSWORD,
            "SSL_CERT_FILE": str(self.certificate),
        }

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        """Whoever else reads the mailbox."""
        trusting = ssl.create_default_context(cafile=self.certificate)
        if self.security == "tls":
            client: imaplib.IMAP4 = imaplib.IMAP4_SSL("localhost", self.port, ssl_context=trusting)
        else:
            client = imaplib.IMAP4("localhost", self.port)
            if self.security == "starttls":
                client.starttls(trusting)
        client.authenticate("PLAIN", lambda _: f"\0{self.user}\0{PASSWORD}".encode())
        yield client
        client.logout()

    def add(self, *raw: bytes, folder: str = "INBOX", flags: str = "") -> None:
        with self.client() as client:
            for one in raw:
                status, said = client.append(_quoted(folder), flags, "", one)
                assert status == "OK", said

    def create(self, folder: str) -> None:
        with self.client() as client:
            assert client.create(_quoted(folder))[0] == "OK"

    def kept(self, folder: str = "INBOX") -> list[Kept]:
        with self.client() as client:
            assert client.select(_quoted(folder), readonly=True)[0] == "OK"
            if client.uid("SEARCH", "ALL")[1][0] in (b"", None):
                return []
            _, answer = client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[])")
        found = []
        for item in answer:
            if isinstance(item, tuple):
                uid, flags = (
                    re.search(rb"UID (\d+)", item[0]),
                    re.search(rb"FLAGS \(([^)]*)", item[0]),
                )
                assert uid
                assert flags
                found.append(Kept(int(uid[1]), frozenset(flags[1].decode().split()), item[1]))
        return found

    def start_anew(self) -> None:
        """The server counts its UIDs from the beginning, as after a restored backup."""
        if self.own:
            old = self.own.folders["INBOX"]
            self.own.folders["INBOX"] = Folder(old.uidvalidity + 7)
            for message in reversed(old.messages):
                self.own.folders["INBOX"].add(message.raw, set(message.flags))
            return
        kept = self.kept()
        with self.client() as client:
            client.select()
            client.uid("STORE", "1:*", "+FLAGS", r"(\Deleted)")
            client.expunge()
        assert self.folder
        time.sleep(1.1)  # Dovecot takes the clock's second for the new validity
        shutil.rmtree(self.folder)
        for one in reversed(kept):
            self.add(one.raw, flags=r"(\Seen)" if one.seen else "")


def _quoted(folder: str) -> str:
    return f'"{utf7_encode(folder).decode()}"'


@contextmanager
def own_box(folder: Path, security: str = "tls", user: str = "baocao@ubdt.vn") -> Iterator[Box]:
    """A mailbox on the server of tests/imapserver.py."""
    certificate = self_signed(folder / "imap.pem")
    tls = certificate if security != "none" else None
    with ImapServer(user, PASSWORD, tls, security) as server:
        yield Box(user, server.port, security, certificate, "own", own=server)


@dataclass(frozen=True)
class Dovecot:
    """Debian's Dovecot on a port of the loopback; every user has the one password."""

    folder: Path
    port: int
    certificate: Path

    def box(self, user: str) -> Box:
        home = self.folder / "home" / user
        return Box(user, self.port, "tls", self.certificate, "dovecot", folder=home / "Maildir")


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """Runs while the block does, as whoever runs the tests; as root its mail is nobody's."""
    assert DOVECOT
    folder = Path(f"/tmp/dondoc-imap-{os.getpid()}")  # noqa: S108 - pytest's own folders shut others out
    folder.mkdir(mode=0o755)
    try:
        certificate = self_signed(folder / "imap.pem")
        owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        me = pwd.getpwuid(os.geteuid())
        (folder / "home").mkdir()
        os.chown(folder / "home", owner.pw_uid, owner.pw_gid)
        port = free_port()
        (folder / "dovecot.conf").write_text(_CONFIGURATION.format(
            folder=folder, port=port, certificate=certificate, password=PASSWORD,
            uid=owner.pw_uid, gid=owner.pw_gid,
            users="" if os.geteuid() == 0 else
            f"default_internal_user = {me.pw_name}\ndefault_login_user = {me.pw_name}\n"
            f"default_internal_group = {me.pw_gid}\n",
        ))  # fmt: skip
        command = [DOVECOT, "-F", "-c", str(folder / "dovecot.conf")]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(port, folder)
            yield Dovecot(folder, port, certificate)
        finally:
            server.terminate()
            server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
{users}
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{certificate}
auth_mechanisms = plain login
passdb {{
  driver = static
  args = password={{plain}}{password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
first_valid_uid = 1
first_valid_gid = 0
mail_location = maildir:~/Maildir
mail_fsync = never
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""


def _wait_for(port: int, folder: Path) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    log = folder / "log"
    raise AssertionError(log.read_text("utf-8") if log.exists() else "Dovecot does not answer")
