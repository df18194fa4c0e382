"""Mails as they arrive: every shape in which a workbook, or something else, has come by mail."""

import base64
import io
import struct
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

SENDER = "nop.dv01@ubdt.vn"
XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
REPORTED = "bieu-mau.xlsx"
NAME = "Báo cáo tháng 10 - Vụ Kế hoạch.xlsx"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PDF = b"%PDF-1.4\n%%EOF\n"
BOM = b"\xef\xbb\xbf"


def numbered(workbook: bytes, number: int) -> bytes:
    """The same workbook in other bytes: with a comment at the end of its zip."""
    said = f"{number:08d}".encode()
    return workbook[:-2] + struct.pack("<H", len(said)) + said


def mail(sender: str = SENDER, subject: str = "Báo cáo tháng 10", number: str = "") -> EmailMessage:
    made = EmailMessage()
    made["From"] = sender
    made["To"] = "baocao@ubdt.vn"
    made["Subject"] = subject
    made["Date"] = "Mon, 08 Nov 2021 08:30:00 +0700"
    if number:
        made["Message-ID"] = f"<{number}@ubdt.vn>"
    made.set_content("Kính gửi Vụ Kế hoạch - Tài chính.")
    return made


def raw(made: EmailMessage) -> bytes:
    return made.as_bytes(policy=SMTP)


def attached(workbook: bytes, name: str = NAME, **headers: str) -> EmailMessage:
    made = mail(**headers)
    made.add_attachment(workbook, *XLSX, filename=name)
    return made


def by_hand(
    workbook: bytes, *part_headers: bytes, sender: str = SENDER, more: bytes = b""
) -> bytes:
    """A mail of raw bytes, for what no library would write."""
    lines = (
        b"From: " + sender.encode(),
        b"Subject: B\xc3\xa1o c\xc3\xa1o",
        b"MIME-Version: 1.0",
        b'Content-Type: multipart/mixed; boundary="=_x"',
        b"",
        b"--=_x",
        *part_headers,
        b"Content-Transfer-Encoding: base64",
        b"",
        base64.encodebytes(workbook).replace(b"\n", b"\r\n") + more,
    )
    return b"\r\n".join(lines) + b"--=_x--\r\n"


def zipped(
    files: dict[str, bytes], *, unflagged: bool = False, method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A zip; `unflagged` as Windows' own menu does it: names in bytes that nobody declares."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in files.items():
            stand_in = "".join("q" for _ in name.encode()) if unflagged else name
            archive.writestr(stand_in, content)
    content = made.getvalue()
    if unflagged:
        for name in files:
            content = content.replace(b"q" * len(name.encode()), name.encode())
    return content


def encrypted(files: dict[str, bytes]) -> bytes:
    """A zip whose members say that a password locks them."""
    content = bytearray(zipped(files))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(mark, at + 4)
    return bytes(content)


def winmail(name: str, content: bytes) -> bytes:
    """Outlook's own wrapping around one attachment, its name in the charset of Windows."""

    def attribute(number: int, kind: int, data: bytes) -> bytes:
        head = struct.pack("<BHHI", 2, number, kind, len(data))
        return head + data + struct.pack("<H", sum(data) & 0xFFFF)

    return struct.pack("<IH", 0x223E9F78, 1) + b"".join((
        attribute(0x9002, 6, bytes(14)),
        attribute(0x8010, 1, name.encode("cp1258") + b"\0"),
        attribute(0x800F, 6, content),
        attribute(0x8013, 3, struct.pack("<7H", 2021, 11, 8, 8, 30, 0, 1)),
    ))  # fmt: skip


def _encoded_words(name: str) -> bytes:
    """RFC 2047 words cut in the middle of a letter, as Outlook does where it must not at all."""
    content = name.encode()
    return b"\r\n ".join(
        b"=?UTF-8?B?" + base64.b64encode(content[at : at + 11]) + b"?="
        for at in range(0, len(content), 11)
    )


def _forwarded(workbook: bytes) -> bytes:
    made = mail(subject="Fwd: Báo cáo")
    made.add_attachment(attached(workbook))
    return raw(made)


def _forwarded_in_base64(workbook: bytes) -> bytes:
    inner = raw(attached(workbook))
    return by_hand(
        inner,
        b"Content-Type: message/rfc822",
        b'Content-Disposition: attachment; filename="Fw.eml"',
    )


def _as_file(content: bytes, name: str) -> bytes:
    made = mail()
    made.add_attachment(content, "application", "octet-stream", filename=name)
    return raw(made)


def _signed_with_pictures(workbook: bytes) -> bytes:
    made = mail()
    made.add_alternative('<p>Trân trọng</p><img src="cid:logo">', subtype="html")
    made.get_payload()[1].add_related(  # type: ignore[index, union-attr]
        PICTURE, "image", "png", cid="<logo>", filename="image001.png"
    )
    made.add_attachment(workbook, *XLSX, filename=NAME)
    made.add_attachment(b"BEGIN:VCARD\nEND:VCARD", "text", "x-vcard", filename="Nop.vcf")
    made.add_attachment(b"BEGIN:VCALENDAR\nEND:VCALENDAR", "text", "calendar", filename="hop.ics")
    made.add_attachment(b"\x30\x80", "application", "pkcs7-signature", filename="smime.p7s")
    made.add_attachment(PICTURE, "image", "png", filename="image002.png", disposition="inline")
    return raw(made)


def _report(kind: str, workbook: bytes) -> bytes:
    made = by_hand(workbook, f'Content-Type: application/octet-stream; name="{REPORTED}"'.encode())
    return made.replace(b"multipart/mixed;", f"multipart/report; report-type={kind};".encode())


def _invitation(_: bytes) -> bytes:
    made = mail(subject="Mời họp")
    made.add_alternative("BEGIN:VCALENDAR\nEND:VCALENDAR", subtype="calendar")
    return raw(made)


def _beside(workbook: bytes) -> bytes:
    made = mail()
    made.add_attachment(PDF, "application", "pdf", filename="ban ky.pdf")
    made.add_attachment(workbook, *XLSX, filename=NAME)
    return raw(made)


def only(content: bytes, kind: str, name: str) -> bytes:
    """A mail with one attachment of the kind given."""
    made = mail()
    made.add_attachment(content, *kind.split("/"), filename=name)
    return raw(made)


@dataclass(frozen=True)
class Shape:
    """A way of sending a workbook, and the name under which it is to be found; None: not at all."""

    name: str
    make: Callable[[bytes], bytes]
    found: str | None = NAME
    automatic: bool = False
    """A machine seems to have written it: what it brings waits in quarantine."""

    @property
    def taken(self) -> str | None:
        """The name under which it is read without anybody's word."""
        return None if self.automatic else self.found

    @property
    def state(self) -> str:
        """Of the message, once it is recorded."""
        return "taken" if self.found else "fileless"


_OCTETS = b"Content-Type: application/octet-stream"
_PERCENT = "".join(f"%{byte:02X}" for byte in NAME.encode())

SHAPES = (
    Shape("plain", lambda w: raw(attached(w))),
    Shape("octet-stream", lambda w: _as_file(w, NAME)),
    Shape("encoded-words", lambda w: by_hand(
        w, _OCTETS + b'; name="' + _encoded_words(NAME) + b'"')),
    Shape("bare-bytes", lambda w: by_hand(
        w, _OCTETS, b'Content-Disposition: attachment; filename="' + NAME.encode() + b'"')),
    Shape("windows-1258", lambda w: by_hand(
        w, _OCTETS + b'; name="B\xe1o c\xe1o g\xf5\xd2i \xf0i.xlsx"'), "Báo cáo gởi đi.xlsx"),
    Shape("declared-ascii", lambda w: by_hand(
        w, _OCTETS, b"Content-Disposition: attachment;\r\n filename==?us-ascii?Q?B=C3=A1o.xlsx?="),
        "Báo.xlsx"),
    Shape("declared-latin", lambda w: by_hand(
        w, _OCTETS, f"Content-Disposition: attachment; filename*=iso-8859-1''{_PERCENT}".encode())),
    Shape("continued", lambda w: by_hand(
        w, _OCTETS, b"Content-Disposition: attachment;\r\n filename*0*=utf-8''B%C3%A1o%20c;\r\n"
        b" filename*1*=%C3%A1o;\r\n filename*2=.xlsx"), "Báo cáo.xlsx"),
    Shape("decomposed", lambda w: by_hand(
        w, _OCTETS + b'; name="' + unicodedata.normalize("NFD", NAME).encode() + b'"')),
    Shape("a-way-for-a-name", lambda w: by_hand(
        w, _OCTETS + rb'; name="C:\\BC\\..\\BC.xlsx"'), "BC.xlsx"),
    Shape("no-name", lambda w: by_hand(w, _OCTETS), "tep-dinh-kem.xlsx"),
    Shape("inline-with-id", lambda w: by_hand(
        w, _OCTETS, b"Content-ID: <a>", b'Content-Disposition: inline; filename="BC.xlsx"'),
        "BC.xlsx"),
    Shape("cut-off", lambda w: by_hand(w, _OCTETS + b'; name="BC.xlsx"')[: -len("--=_x--\r\n")],
          "BC.xlsx"),
    Shape("junk-in-base64", lambda w: by_hand(
        w, _OCTETS + b'; name="BC.xlsx"', more=b"=\r\n!!\r\n"), "BC.xlsx"),
    Shape("forwarded", _forwarded, f"Báo cáo tháng 10.eml/{NAME}"),
    Shape("forwarded-base64", _forwarded_in_base64, f"Fw.eml/{NAME}"),
    Shape("forwarded-as-file", lambda w: _as_file(raw(attached(w)), "thu.eml"), f"thu.eml/{NAME}"),
    Shape("winmail", lambda w: _as_file(winmail("Báo cáo.xlsx", w), "winmail.dat"),
          "winmail.dat/Báo cáo.xlsx"),
    Shape("zip", lambda w: _as_file(
        zipped({"tháng 10/BC.xlsx": w, "__MACOSX/._BC.xlsx": b"x", "~$BC.xlsx": b"x"}), "BC.zip"),
        "BC.zip/tháng 10/BC.xlsx"),
    Shape("zip-undeclared", lambda w: _as_file(
        zipped({"Báo cáo.xlsx": w}, unflagged=True), "BC.zip"), "BC.zip/Báo cáo.xlsx"),
    Shape("zip-traversal", lambda w: _as_file(zipped({"../../etc/BC.xlsx": w}), "BC.zip"),
          "BC.zip/etc/BC.xlsx"),
    Shape("zip-in-zip", lambda w: _as_file(
        zipped({"trong.zip": zipped({"BC.xlsx": w})}), "ngoài.zip"), "ngoài.zip/trong.zip/BC.xlsx"),
    Shape("pictures-and-cards", _signed_with_pictures),
    Shape("beside-a-scan", _beside),
    Shape("bounce", lambda w: _report("delivery-status", w), REPORTED, True),
    Shape("read-receipt", lambda w: _report("disposition-notification", w), REPORTED, True),
    Shape("invitation", _invitation, None),
    Shape("only-words", lambda _: raw(mail()), None),
)  # fmt: skip
