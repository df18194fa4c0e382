"""Mails that a machine wrote: which of them say that a letter came back."""

import pytest

import returns
from tasks.formats.bounces import Bounce, bounces, is_automatic

OURS = "<0123abc@ubdt.vn>"
CAME_BACK = (Bounce(OURS, "5.1.1 smtp; 550 5.1.1 no such user"),)


@pytest.mark.parametrize(
    "content",
    [
        returns.report(OURS),
        returns.report(OURS, action="Failed"),
        returns.report(OURS, returned="text/rfc822-headers"),
        returns.report(None, original=OURS),
        returns.report(OURS).replace(b"\n", b"\r\n"),
    ],
)
def test_a_report_of_failure_names_the_message_and_the_reason(content: bytes) -> None:
    assert bounces(content) == CAME_BACK


@pytest.mark.parametrize(
    "content",
    [
        returns.report(OURS, action="delayed", status="4.4.1"),
        returns.report(OURS, action="delivered", status="2.0.0"),
        returns.report(None),
        returns.report(OURS).replace(b"multipart/report", b"multipart/mixed"),
        returns.absence({"Auto-Submitted": "auto-replied"}),
        b"",
        b"Content-Type: multipart/report\n\n" + b"Content-Type: multipart/report; b=x\n\n" * 9000,
    ],
    ids=["delayed", "delivered", "nameless", "mixed", "absence", "empty", "nested"],
)
def test_no_other_mail_is_a_failure(content: bytes) -> None:
    assert bounces(content) == ()


def test_a_reason_is_one_line_and_not_endless() -> None:
    content = returns.report(OURS).replace(b"no such user", b"no\n such " + b"user " * 1000)
    ((reason),) = (one.reason for one in bounces(content))
    assert "\n" not in reason
    assert len(reason) == 300


@pytest.mark.parametrize(
    ("headers", "automatic"),
    [
        ({"Auto-Submitted": "auto-replied"}, True),
        ({"Auto-Submitted": "Auto-Replied (vacation)"}, True),
        ({"X-Autoreply": "yes"}, True),
        ({"Precedence": "auto_reply"}, True),
        ({"Auto-Submitted": "auto-generated"}, False),  # a system that sends its unit's report
        ({"Auto-Submitted": "no"}, False),
        ({"Precedence": "bulk"}, False),
        ({}, False),
    ],
)
def test_an_answer_in_a_persons_place_is_known_by_its_headers(
    headers: dict[str, str], automatic: bool
) -> None:
    assert is_automatic(returns.absence(headers)) is automatic
