"""What comes back to the mailbox from the letters that were sent."""

import pytest

import letters
import returns
from imap import Box
from ministry import CLOSING, OPENING, PERIOD, Workspace
from postbox import Postbox
from schemas import tables
from tasks.desk import Desk


def states(workspace: Workspace) -> list[str]:
    with Desk(workspace.path) as desk, desk.engine.connect() as connection:
        its = tables.message.c
        return list(connection.scalars(tables.message.select().with_only_columns(its.state)))


def test_a_letter_that_came_back_is_told_of_with_its_reason(
    opened: Workspace, postbox: Postbox, own_box: Box
) -> None:
    opened.done("deliver", today=OPENING)
    back, other, *_ = opened.outbox()
    own_box.add(
        returns.report(back["message_id"]),
        returns.report(other["message_id"], action="delayed", status="4.4.1"),
        returns.report("<nobodys@ubdt.vn>"),
    )
    opened.done("collect", today=OPENING)
    assert states(opened) == ["bounce", "automatic", "bounce"]
    (row,) = opened.outbox(state="bounced")
    assert (row["id"], row["attempts"]) == (back["id"], 1)
    assert row["error"] == "5.1.1 smtp; 550 5.1.1 no such user"
    assert {r["state"] for r in opened.outbox() if r["id"] != back["id"]} == {"sent"}
    for command in (("status", PERIOD), ("outbox", PERIOD)):
        assert "5.1.1" in opened(*command).out
    page = (opened.path / "reports" / PERIOD / "outbox.html").read_text("utf-8")
    assert "Bị trả về" in page
    assert "550 5.1.1 no such user" in page
    assert opened.done("deliver", "--retry", today=OPENING) == {}
    opened.done("collect", today=OPENING)
    assert len(opened.outbox(state="bounced")) == 1


def test_a_report_says_nothing_but_words_and_a_person_may_send_again(
    opened: Workspace, postbox: Postbox, own_box: Box
) -> None:
    """Nothing vouches for who wrote it."""
    opened.done("deliver", today=OPENING)
    back, *_ = opened.outbox()
    markup = b"<img src=//evil.example onerror=alert(1)>\x1b[2J"
    forged = returns.report(back["message_id"]).replace(b"no such user", markup)
    own_box.add(forged)
    opened.done("collect", today=OPENING)
    (row,) = opened.outbox(state="bounced")
    assert "onerror" in row["error"]
    for command in (("status", PERIOD), ("outbox", PERIOD)):
        assert "\x1b" not in opened(*command).out
    pages = [path.read_text("utf-8") for path in opened.path.glob("reports/**/*.html")]
    told = [page for page in pages if "onerror" in page]
    assert told
    assert not any("<img src=//evil" in page for page in told)
    again = opened.done("approve", PERIOD, "--by", "Nguyễn Văn Duyệt", "--again", today=OPENING)
    assert again["approved"] == 1
    assert opened.done("deliver", today=OPENING) == {"sent": 1}
    first, second = postbox.to(back["to"])
    assert first["Message-ID"] == second["Message-ID"] == back["message_id"]
    assert opened.done("verify")["damages"] == []


def test_what_was_refused_by_mistake_leaves_once_it_is_mended(
    opened: Workspace, postbox: Postbox
) -> None:
    """No relaying for us, until somebody mends the server."""
    to = [row["to"] for row in opened.outbox()]
    postbox.at_rcpt = dict.fromkeys(to, "554 5.7.1 relay access denied")
    assert opened("deliver", "--json", today=OPENING).json == {"refused": len(to)}
    postbox.at_rcpt = {}
    assert opened("deliver", "--retry", "--json", today=OPENING).json == {}
    by = ("--by", "Nguyễn Văn Duyệt")
    assert opened.done("approve", PERIOD, *by, today=OPENING)["approved"] == 0
    assert opened.done("approve", PERIOD, *by, "--again", today=OPENING)["approved"] == len(to)
    assert opened.done("deliver", today=OPENING) == {"sent": len(to)}
    assert sorted(one.recipients[0] for one in postbox.taken) == sorted(to)


@pytest.mark.parametrize(
    "header", ["Auto-Submitted: auto-replied", "X-Autoreply: yes", "Precedence: auto_reply", ""]
)
def test_what_looks_automatic_and_brings_a_file_is_let_in_by_a_person(
    opened: Workspace, own_box: Box, header: str
) -> None:
    """The last is a report of delivery (RFC 6522) with the file beside its parts."""
    path = opened.submit("DV01")
    made = letters.raw(letters.attached(path.read_bytes()))
    path.unlink()
    if header:
        made = header.encode() + b"\r\n" + made
    else:
        made = made.replace(b"multipart/mixed;", b"multipart/report; report-type=x;")
    own_box.add(made, returns.absence({"X-Autoreply": "yes"}))
    assert opened.done("collect", PERIOD) == []
    assert states(opened) == ["taken", "automatic"]
    (waits,) = opened.done("quarantine", "list")
    assert waits["reason"] == "automatic"
    opened.done("quarantine", "release", waits["id"], "--by", "An")
    (one,) = opened.done("collect", PERIOD)
    assert (one["unit"], one["state"]) == ("DV01", "accepted")


def test_what_a_system_sends_by_itself_is_read(opened: Workspace, own_box: Box) -> None:
    path = opened.submit("DV01")
    made = letters.attached(path.read_bytes())
    path.unlink()
    made["Auto-Submitted"] = "auto-generated"
    own_box.add(letters.raw(made))
    assert len(opened.done("collect", PERIOD)) == 1
    assert states(opened) == ["taken"]


def test_later_mails_to_a_recipient_belong_to_the_first_of_unit_and_period(
    reported: Workspace, postbox: Postbox
) -> None:
    reported("deliver", today=OPENING)
    reported.done("approve", PERIOD, "--by", "Nguyễn Văn Duyệt", today=CLOSING)
    reported("deliver", today=CLOSING)
    reported("deliver", today=CLOSING)
    form, *later = postbox.to("nop.dv02@ubdt.vn")
    assert form["References"] is None
    assert len(later) == 2  # the receipt and the urging letter
    for mail in later:
        assert mail["References"] == mail["In-Reply-To"] == form["Message-ID"]
    (urging,) = postbox.to("truong.dv02@ubdt.vn")
    assert urging["References"] is None  # a head who got no mail of it before
    (digest,) = postbox.to("lanhdao@ubdt.vn")
    assert digest["References"] is None
