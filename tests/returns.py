"""What mail servers and mail programs write by themselves: reports of delivery, absences."""

from collections.abc import Mapping
from textwrap import dedent


def report(
    message_id: str | None,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    returned: str = "message/rfc822",
    original: str | None = None,
) -> bytes:
    """A delivery status notification as Postfix writes it (RFC 3464), of one recipient."""
    headers = f"Message-ID: {message_id}\n" if message_id else ""
    number = f"Original-Message-ID: {original}\n" if original else ""
    return (
        dedent("""\
        From: MAILER-DAEMON@ubdt.vn (Mail Delivery System)
        To: dondoc@ubdt.vn
        Subject: Undelivered Mail Returned to Sender
        Message-ID: <20211101.report@mx.ubdt.vn>
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="b"

        --b
        Content-Type: text/plain; charset=us-ascii

        I'm sorry to have to inform you that your message could not be delivered.

        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.ubdt.vn
        """)
        + number
        + dedent(f"""\

        Final-Recipient: rfc822; nop@ubdt.vn
        Action: {action}
        Status: {status}
        Diagnostic-Code: smtp; 550 {status} no such user

        --b
        Content-Type: {returned}

        """)
        + headers
        + "From: dondoc@ubdt.vn\nSubject: =?utf-8?q?Bi=E1=BB=83u?=\n\n--b--\n"
    ).encode()


def absence(headers: Mapping[str, str]) -> bytes:
    """An answer in a person's place, of the unit's own contact."""
    lines = {"From": "nop.dv01@ubdt.vn", "Subject": "Vang mat", "Message-ID": "<a@ubdt.vn>"}
    written = "".join(f"{name}: {value}\n" for name, value in (lines | dict(headers)).items())
    return f"{written}\nI am away.\n".encode()
