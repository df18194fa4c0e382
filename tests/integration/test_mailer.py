"""The conversation with the mail server: who is let in, what is said, and what is read back."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from email.contentmanager import ContentManager, raw_data_manager
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import EmailPolicy
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from ministry import OPENING, Workspace
from postbox import CUT, PASSWORD, Postbox, Rude, self_signed
from schemas.errors import MailError, SettingsError
from schemas.notices import Address, Delivery, Kept, Message, NoticeKind
from schemas.settings import Body, Mail, Mailbox, Settings
from tasks import archive, composing, mailer
from tasks.desk import now
from tasks.sender import instant

SENDER = "dondoc@ubdt.vn"


def settings(box: Postbox, host: str = "127.0.0.1", **more: object) -> Settings:
    its = {k.removeprefix("DONDOC_MAIL__").lower(): v for k, v in box.settings().items()}
    return Settings(mail=Mail.model_validate({**its, "host": host, "timeout": 5, **more}))


def message(
    recipient: str = "nop@ubdt.vn",
    *,
    subject: str = "Đôn đốc giải ngân tháng 10 năm 2021",
    to: tuple[Address, ...] = (Address("Trần Văn Trưởng", "truong@ubdt.vn"),),
    kind: NoticeKind = NoticeKind.URGING,
    attachments: tuple[Kept, ...] = (),
    text: str = "Kính gửi: Vụ Tổng hợp\n.một dòng bắt đầu bằng dấu chấm\nFrom đầu dòng\n",
) -> Message:
    return Message(
        id=1,
        kind=kind,
        recipient=recipient,
        message_id="<một-lần@ubdt.vn>".replace("ộ", "o").replace("ầ", "a"),
        subject=subject,
        text=text,
        html="<p>Kính gửi: Vụ Tổng hợp</p>",
        to=to,
        cc=(Address("Nguyễn Thị Nộp", "nop@ubdt.vn"),),
        images=(),
        attachments=attachments,
    )


FILES: dict[str, bytes] = {}
"""What the archive has here."""


def kept(name: str, content: bytes) -> Kept:
    sha256 = archive.name_of(content)
    FILES[sha256] = content
    return Kept(name, sha256, "application/x-test")


def composed(settings: Settings, message: Message) -> EmailMessage:
    return composing.compose(composing.letterhead(settings), message, FILES.__getitem__)


def send(
    transport: mailer.Transport, settings: Settings, message: Message, thread: str | None = None
) -> tuple[Delivery, str | None]:
    """As a batch does with a message of ours."""
    mail = composing.Composed(composed(settings, message).as_bytes().decode())
    letter = mailer.Letter(message.recipient, mail, thread, instant())
    return mailer.send(transport, settings, letter)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("tls") / "server.pem")


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Path, security: str) -> None:
    with Postbox(certificate, security) as box:
        with pytest.raises(MailError, match=r"(?i)certificate"), mailer.connection(settings(box)):
            pass
        assert box.taken == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it cannot see ours
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_verified_certificate_is_let_through_and_the_login_tried(
    certificate: Path, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Postbox(certificate, security, login=True) as box:
        right = settings(box, host="localhost")
        with mailer.connection(right) as transport:
            assert send(transport, right, message()) == (Delivery.SENT, None)
        for wrong in ("sai-mat-khau", "mật khẩu"):
            guess = settings(box, host="localhost", password=wrong)
            with pytest.raises(MailError) as refused, mailer.connection(guess):
                pass
            assert wrong not in str(refused.value)
        assert [one.recipients for one in box.taken] == [("nop@ubdt.vn",)]


def test_a_server_without_starttls_is_refused_when_it_was_asked_for() -> None:
    with (
        Postbox() as box,
        pytest.raises(MailError),
        mailer.connection(settings(box, security="starttls")),
    ):
        pass


@pytest.mark.parametrize("host", ["mail.ubdt.vn", "10.0.0.5", "127.0.0.1.ubdt.vn"])
def test_plain_text_is_for_this_machine_only(
    collected: Workspace, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("DONDOC_MAIL__HOST", host)
    monkeypatch.setenv("DONDOC_MAIL__SENDER", SENDER)
    monkeypatch.setenv("DONDOC_MAIL__SECURITY", "none")
    ran = collected("deliver")
    assert ran.status == 2
    assert "none" in ran.err


@pytest.mark.parametrize("missing", ["host", "sender", "password"])
def test_settings_that_do_not_suffice_are_refused_by_name(missing: str) -> None:
    known = {"host": "mail.ubdt.vn", "sender": SENDER, "user": "dondoc", "password": PASSWORD}
    del known[missing]
    here = Settings(mail=Mail.model_validate(known))
    with pytest.raises(SettingsError, match=f"(?i){missing}"), mailer.connection(here):
        pass


@contextmanager
def mute() -> Iterator[int]:
    """A server that takes the call and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken: list[socket.socket] = []

        def answer() -> None:
            try:
                taken.append(listener.accept()[0])
            except OSError:
                return

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            for one in taken:
                one.close()
            thread.join()


def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with mute() as port:
        mail = Mail(host="127.0.0.1", port=port, security="none", sender=SENDER, timeout=1)
        here = Settings(mail=mail)
        with pytest.raises(MailError, match=rf"127\.0\.0\.1:{port}"), mailer.connection(here):
            pass


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_nothing_waits_for_the_server_to_confirm_what_came_before(
    certificate: Path, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    tls = () if security == "none" else (certificate, security)
    with Postbox(*tls) as box, mailer.connection(settings(box, "localhost")) as transport:
        line = transport.smtp.sock
        assert line is not None
        assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_one_connection_serves_a_batch_and_is_made_anew_when_it_broke() -> None:
    with Postbox(at_data={"b@ubdt.vn": CUT}) as box:
        here = settings(box)
        with mailer.connection(here) as transport:
            outcomes = [send(transport, here, message(f"{name}@ubdt.vn"))[0] for name in "abcd"]
    assert outcomes == [Delivery.SENT, Delivery.FAILED, Delivery.SENT, Delivery.SENT]
    assert [one.recipients for one in box.taken] == [
        ("a@ubdt.vn",), ("c@ubdt.vn",), ("d@ubdt.vn",),
    ]  # fmt: skip
    assert box.sessions == 2


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("450 4.2.1 busy", Delivery.FAILED),
        ("499 on the line", Delivery.FAILED),
        ("500 over it", Delivery.REFUSED),
        ("550 5.1.1 no such user", Delivery.REFUSED),
    ],
)
def test_refused_for_good_and_for_now_are_told_apart(answer: str, outcome: Delivery) -> None:
    recipient = "nop@ubdt.vn"
    for box in (Postbox(at_rcpt={recipient: answer}), Postbox(at_data={recipient: answer})):
        with box:
            here = settings(box)
            with mailer.connection(here) as transport:
                assert send(transport, here, message(recipient)) == (outcome, answer)
                other = send(transport, here, message("khac@ubdt.vn"))
                assert other == (Delivery.SENT, None)


@pytest.mark.parametrize(
    ("stage", "answer", "of_us"),
    [
        ("mail", "550 5.7.1 sender rejected", True),
        ("mail", "530 5.7.0 log in first", True),
        ("mail", "500 over it", True),
        ("mail", "499 on the line", False),
        ("mail", "552 5.3.4 too large", False),
        ("rcpt", "530 5.7.0 log in first", True),
        ("rcpt", "535 5.7.8 who are you", True),
        ("rcpt", "538 5.7.11 in plain text", True),
        ("rcpt", "554 5.7.1 relay access denied", False),
        ("dot", "534 5.7.9 too weak", True),
        ("dot", "550 5.7.1 spam", False),
    ],
)
def test_what_is_said_of_us_is_said_of_no_letter(stage: str, answer: str, of_us: bool) -> None:
    with Rude({stage: answer.encode()}) as server:
        mail = Mail(host="127.0.0.1", port=server.port, security="none", sender=SENDER, timeout=5)
        here = Settings(mail=mail)
        with mailer.connection(here) as transport:
            outcome, said = send(transport, here, message())
            assert (transport.unwilling, transport.is_up) == (of_us, not of_us)
    for_now = of_us or answer.startswith("4")
    assert (outcome, said) == (Delivery.FAILED if for_now else Delivery.REFUSED, answer)


LONG = b"250 " + b"x" * 1_000_000
GARBAGE = b"\x16\x03\x01 what?"


@pytest.mark.parametrize(
    ("stage", "answer", "in_doubt"),
    [
        ("mail", CUT, False),
        ("rcpt", CUT, False),
        ("rcpt", LONG, False),
        ("mail", GARBAGE, False),
        ("data", CUT, False),
        ("body", CUT, False),
        ("dot", CUT, True),
        ("dot", GARBAGE, True),
        ("dot", LONG, True),
    ],
)
def test_only_what_was_handed_over_whole_without_an_answer_is_in_doubt(
    stage: str, answer: bytes | str, in_doubt: bool
) -> None:
    large = kept("a.bin", bytes(8_000_000))  # more than a line buffers
    given_ = message(attachments=(large,) if stage == "body" else ())
    outcomes = []
    with Rude({stage: answer}) as server:
        for choice in ("resend", "hold"):
            here = Settings(
                mail=Mail(
                    host="127.0.0.1", port=server.port, security="none", sender=SENDER, timeout=5,
                    in_doubt=choice,
                )
            )  # fmt: skip
            with mailer.connection(here) as transport:
                outcome, reply = send(transport, here, given_)
                assert not transport.is_up
            outcomes.append(outcome)
            assert reply
            assert len(reply) < 300
    held = Delivery.HELD if in_doubt else Delivery.FAILED
    assert outcomes == [Delivery.FAILED, held]
    assert len(server.taken) == (2 if in_doubt else 0)


def test_a_message_larger_than_the_server_says_is_refused_unsent() -> None:
    with Postbox(largest=20_000) as box:
        here = settings(box)
        with mailer.connection(here) as transport:
            large = message(attachments=(kept("a.bin", bytes(20_000)),))
            outcome, reply = send(transport, here, large)
            assert send(transport, here, message()) == (Delivery.SENT, None)
    assert outcome is Delivery.REFUSED
    assert "20 kB" in (reply or "")
    assert len(box.taken) == 1


def test_an_address_with_diacritics_is_sent_to_where_the_server_can() -> None:
    address = "nộp@ubdt.vn"
    given_ = message(address, to=(Address("Nguyễn Thị Nộp", address),))
    for able in (True, False):
        with Postbox(utf8=able) as box:
            here = settings(box)
            with mailer.connection(here) as transport:
                outcome, reply = send(transport, here, given_)
        if able:
            assert (outcome, reply) == (Delivery.SENT, None)
            (one,) = box.taken
            assert one.recipients == (address,)
            (to,) = one.mail["To"].addresses
            raw = to.addr_spec.encode("utf-8", "surrogateescape")  # as it went over the line
            assert (to.display_name, raw.decode()) == ("Nguyễn Thị Nộp", address)
        else:
            assert outcome is Delivery.REFUSED
            assert address in (reply or "")
            assert box.taken == []


def test_an_address_that_the_server_cannot_take_hinders_no_other() -> None:
    given_ = message(to=(Address("Trần Văn Trưởng", "trưởng@ubdt.vn"),))
    with Postbox(utf8=False) as box:
        here = settings(box)
        with mailer.connection(here) as transport:
            assert send(transport, here, given_) == (Delivery.SENT, None)
    (one,) = box.taken
    assert one.recipients == ("nop@ubdt.vn",)
    (group,) = one.mail["To"].groups
    assert group.display_name == "Trần Văn Trưởng trưởng@ubdt.vn"  # read, not written to
    assert group.addresses == ()


def test_a_domain_with_diacritics_needs_nothing_of_the_server() -> None:
    with Postbox(utf8=False) as box:
        here = settings(box)
        with mailer.connection(here) as transport:
            given_ = message("nop@dântộc.vn", to=(Address("Nộp", "nop@dântộc.vn"),))
            assert send(transport, here, given_) == (Delivery.SENT, None)
    (one,) = box.taken
    assert one.recipients[0].startswith("nop@xn--")
    assert one.mail["To"].addresses[0].addr_spec == one.recipients[0]


def test_the_message_arrives_as_it_was_composed() -> None:
    text = message().text
    file = kept("Báo cáo tổng hợp của Vụ.xlsx", bytes(range(256)) * 9)
    with Postbox() as box:
        here = settings(box)
        with mailer.connection(here) as transport:
            send(transport, here, message(attachments=(file,)))
    ((sender, recipients, mail),) = [(o.sender, o.recipients, o.mail) for o in box.taken]
    assert (sender, recipients) == (SENDER, ("nop@ubdt.vn",))
    assert mail["Message-ID"] == "<mot-lan@ubdt.vn>"
    assert [str(a) for a in mail["To"].addresses] == ["Trần Văn Trưởng <truong@ubdt.vn>"]
    assert [str(a) for a in mail["Cc"].addresses] == ["Nguyễn Thị Nộp <nop@ubdt.vn>"]
    assert mail["Date"].datetime is not None
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == text
    assert html.get_content().strip() == "<p>Kính gửi: Vụ Tổng hợp</p>"
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == file.name
    assert attached.get_content() == FILES[file.sha256]
    assert attached.get_content_disposition() == "attachment"


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_only_what_leaves_without_a_person_says_that_it_is_automatic(kind: NoticeKind) -> None:
    mail = composed(Settings(mail=Mail(sender=SENDER)), message(kind=kind))
    routine = kind not in {NoticeKind.URGING, NoticeKind.DIGEST}
    assert mail["Auto-Submitted"] == ("auto-generated" if routine else None)


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_the_digest_names_its_list(kind: NoticeKind) -> None:
    """So that a leader's mailbox can sort it (RFC 2919), and its absence is never mistaken."""
    mail = composed(Settings(mail=Mail(sender=SENDER)), message(kind=kind))
    digest = kind is NoticeKind.DIGEST
    assert mail["List-Id"] == ("<digest.dondoc.ubdt.vn>" if digest else None)


@pytest.mark.parametrize(
    ("user", "expected"),
    [("baocao@ubdt.vn", "baocao@ubdt.vn"), (SENDER, None), ("baocao", None), (None, None)],
)
def test_answers_go_to_the_mailbox_that_is_read(user: str | None, expected: str | None) -> None:
    """The form's mail asks for it "bằng cách trả lời thư này"."""
    here = Settings(mail=Mail(sender=SENDER), mailbox=Mailbox(host="localhost", user=user))
    routine = composed(here, message(kind=NoticeKind.BLANK_FORM))["Reply-To"]
    assert (routine.addresses[0].addr_spec if routine else None) == expected
    assert composed(here, message(kind=NoticeKind.URGING))["Reply-To"] is None


def test_without_a_mailbox_answers_go_to_the_sender() -> None:
    here = Settings(mail=Mail(sender=SENDER), mailbox=Mailbox(user="baocao@ubdt.vn"))
    assert composed(here, message(kind=NoticeKind.BLANK_FORM))["Reply-To"] is None


def test_what_misses_its_files_is_tried_again_and_what_is_no_mail_is_not(tmp_path: Path) -> None:
    head = composing.letterhead(Settings(mail=Mail(sender=SENDER)))
    faults = {
        Delivery.FAILED: message(attachments=(Kept("a", "0" * 64, "x/y"),)),
        Delivery.REFUSED: message(to=(Address("An", ""),)),
    }
    for outcome, one in faults.items():
        mail = composing.composed(tmp_path, head, one)
        assert (mail.content, mail.outcome) == ("", outcome)
        assert mail.fault
    with Postbox() as box:
        here = settings(box)
        with mailer.connection(here) as transport:
            letter = mailer.Letter("nop@ubdt.vn", mail, None, instant())
            assert mailer.send(transport, here, letter) == (Delivery.REFUSED, mail.fault)
    assert box.taken == []


def test_a_mail_says_when_it_leaves_and_what_came_before() -> None:
    with Postbox() as box:
        here = settings(box)
        with mailer.connection(here) as transport:
            send(transport, here, message(), "<a@ubdt.vn>\r\nBcc: x@y.vn")
            send(transport, here, message())
    first, second = (one.mail for one in box.taken)
    assert first["References"] == first["In-Reply-To"] == "<a@ubdt.vn>Bcc:x@y.vn"
    assert (second["References"], second["In-Reply-To"], first["Bcc"]) == (None, None, None)
    assert abs((now() - first["Date"].datetime).total_seconds()) < 60


def test_a_text_that_is_the_path_of_a_file_stays_a_text(tmp_path: Path) -> None:
    path = tmp_path / "mat-khau.txt"
    path.write_text("bí mật")
    with Postbox() as box:
        here = settings(box)
        with mailer.connection(here) as transport:
            send(transport, here, message(text=f"{path}\n"))
    assert "bí mật" not in box.taken[0].mail.as_string()
    assert list(box.taken[0].mail.iter_attachments()) == []


WORDS = st.lists(
    st.sampled_from(
        ("Ủy", "ban", "Dân", "tộc", "-", "số", "liệu", "tháng", "10", "năm", "2021", "(VP)", "Đề,",
         "x" * 30, "nghiệm", "thu;", "[x]", '"nhanh"')
    ),
    min_size=1, max_size=40,
).map(" ".join)  # fmt: skip


class _Slowly(composing._Headers):
    """Takes what is said of the mail apart and together again, however plain it is."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        if name == "Subject":
            return EmailPolicy.header_store_parse(self, name, value)
        return super().header_store_parse(name, value)

    def _is_plain(self, name: str, value: object) -> bool:
        return name.startswith(("Content-", "MIME-")) and super()._is_plain(name, value)


def _set_file(
    part: EmailMessage, content: bytes, kind: str, disposition: str, name: str, cid: str = ""
) -> None:
    its = {"disposition": disposition, "filename": name, "cid": cid or None}
    raw_data_manager.set_content(part, content, *kind.split("/"), **its)


def _set_text(part: EmailMessage, text: str, subtype: str = "plain") -> None:
    raw_data_manager.set_content(part, text, subtype, cte="base64")


_PARTS = ContentManager()
_PARTS.add_set_handler(str, _set_text)
_PARTS.add_set_handler(bytes, _set_file)
_SLOWLY = _Slowly(linesep="\r\n", content_manager=_PARTS)


@given_settings(max_examples=60)
@given(
    subject=st.text(max_size=90) | WORDS,
    name=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=90),
    text=st.text(max_size=300),
    content=st.binary(max_size=400),
    recipient=st.sampled_from(("nop@ubdt.vn", "nộp@ubdt.vn")),
    kind=st.sampled_from((NoticeKind.URGING, NoticeKind.RECEIPT, NoticeKind.DIGEST)),
)
def test_a_mail_is_byte_for_byte_what_the_standard_library_makes_more_slowly(
    subject: str, name: str, text: str, content: bytes, recipient: str, kind: NoticeKind
) -> None:
    files = (kept(name, content), kept("bảng.xlsx", content[::-1]))
    here = Settings(mail=Mail(sender=SENDER))
    one = message(recipient, subject=subject, kind=kind, text=text, attachments=files)
    one = replace(one, images=(kept("biểu đồ.png", content),))

    def made(write: Callable[[EmailMessage], bytes]) -> bytes | str:
        try:
            return write(composed(here, one))
        except (ValueError, LookupError, MessageError) as error:
            return type(error).__name__

    with patch.multiple(composing, _ASCII=_SLOWLY, _UTF8=_SLOWLY.clone(utf8=True)):
        expected = made(EmailMessage.as_bytes)
    assert made(composing.written) == expected


def _read_back(mail: EmailMessage) -> EmailMessage:
    read = message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


@given(WORDS, WORDS, WORDS)
def test_headers_of_any_length_keep_every_word(subject: str, name: str, body: str) -> None:
    """The standard library drops the space between two encoded words where it folds a header."""
    given_ = message(subject=subject, to=(Address(name, "truong@ubdt.vn"),) * 2)
    here = Settings(mail=Mail(sender=SENDER), body=Body(name=body))
    mail = _read_back(composed(here, given_))
    assert mail["Subject"] == subject
    assert [a.display_name for a in mail["To"].addresses] == [name, name]
    assert mail["From"].addresses[0].display_name == body


@pytest.mark.parametrize("inserted", ["\r\nBcc: ai@khac.vn", "\nBcc: ai@khac.vn"])
def test_a_line_break_in_a_name_makes_no_header(inserted: str) -> None:
    named = message(to=(Address(f"Trần{inserted}", "truong@ubdt.vn"),))
    mail = _read_back(composed(Settings(mail=Mail(sender=SENDER)), named))
    assert mail["Bcc"] is None


def test_environment_overrides_the_file(collected: Workspace, postbox: Postbox) -> None:
    collected.setting('# host = "mail.example.vn"', 'host = "khong.co.o.day.invalid"')
    assert collected.done("deliver", today=OPENING)["sent"] == 7
    assert len(postbox.taken) == 7
