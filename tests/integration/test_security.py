"""What people type, lay and alter: no word of it becomes a header, a command, a formula, a path or
an approval. What is shut elsewhere: backups (test_backup), files read (test_bounds), pages in a
browser (test_report_pages), the audit log (test_audit_chain, test_verify)."""

import io
import os
import shutil
import socket
import threading
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from unittest.mock import patch

import pytest
from openpyxl import load_workbook
from sqlalchemy import Connection, insert, select, update

from ministry import (
    CLOSING,
    DIFFICULTY,
    LOW,
    OPENING,
    PERIOD,
    SOLUTION,
    Ministry,
    Workspace,
    create,
)
from postbox import Postbox
from reports.letters.fields import URGING
from reports.letters.template import built_in
from schemas import tables
from schemas.notices import Delivery
from tasks import archive, inbox
from tasks.desk import Desk

BY = ("--by", "Nguyễn Văn Duyệt")
BREAKS = "Vụ A\r\nBcc: ke.gian@evil.example\r\n\r\nNội dung giả"
TEMPLATE = "{{ 7 * 7 }} {% for x in y %} {{ cycler.__init__.__globals__.os }} {unit.__class__}"
MARKUP = "<script src=//evil.example></script><img src=x onerror=alert(1)>\"'& </title>"
FORMULAS = tuple(f'{sign}HYPERLINK("http://evil.example","x")' for sign in "=+-@\t")
NASTY = f"{BREAKS} {TEMPLATE} {MARKUP}"
EVIL = "evil.example"


class Tags(HTMLParser):
    """What a page would run or fetch: its scripts, handlers and addresses."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts, self.handlers, self.addresses = 0, 0, set[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        its = (value or "" for name, value in attrs if name.startswith("on"))
        self.handlers += sum("alert(1)" in value for value in its)
        self.addresses |= {its or "" for name, its in attrs if name in ("src", "href", "action")}

    @property
    def strange(self) -> set[str]:
        return {one for one in self.addresses if EVIL in one or one == "x"}


def edit(registry: Path, sheet: str, label: str, values: dict[int, str]) -> None:
    """Write into the rows of a column; text, whatever it begins with."""
    book = load_workbook(registry)
    column = next(cell.column for cell in book[sheet][1] if cell.value == label)
    for row, value in values.items():
        cell = book[sheet].cell(row, column)
        cell.value = value
        cell.data_type = "s"
    book.save(registry)


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A month in which every name and every remark attacks, up to its drafts."""
    month = create(tmp_path_factory.mktemp("hostile") / "w", Ministry(3))
    registry = month.path / "registry.xlsx"
    names = (NASTY, *FORMULAS)
    edit(registry, "Đơn vị", "Tên đơn vị", {3: NASTY, 4: FORMULAS[0] + NASTY, 5: FORMULAS[3]})
    edit(registry, "Nhiệm vụ", "Tên nhiệm vụ", {n + 2: name for n, name in enumerate(names)})
    edit(registry, "Liên hệ", "Họ tên", dict.fromkeys(range(2, 10), NASTY))
    month.done("open", PERIOD, today=OPENING)
    for unit in month.ministry.units:
        remarks = {DIFFICULTY: NASTY, SOLUTION: "'" + FORMULAS[0]}
        month.submit(unit, None, **{f"{unit}_1": remarks, f"{unit}_2": remarks})
    month("collect", PERIOD)
    month.done("report", PERIOD)
    return month


def copied(month: Workspace, path: Path) -> Workspace:
    shutil.copytree(month.path, path)
    return Workspace(path, month.ministry)


def _text(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part
    return str(part.get_content())


def test_no_name_becomes_a_header_a_template_or_markup_of_a_mail(
    month: Workspace, tmp_path: Path, postbox: Postbox, shown: Callable[..., None]
) -> None:
    here = copied(month, tmp_path / "w")
    here.done("approve", PERIOD, "--anyway", "--because", "thử", *BY)
    sent = here.done("deliver")["sent"]
    assert sent == len(postbox.taken) > 0
    nasty = 0
    for one in postbox.taken:
        assert all(recipient.endswith("@ubdt.vn") for recipient in one.recipients)
        assert one.mail["Bcc"] is None
        for name, value in one.mail.items():
            assert "\n" not in str(value), name
        addressed = [a for head in ("To", "Cc") if one.mail[head] for a in one.mail[head].addresses]
        assert all(a.addr_spec.endswith("@ubdt.vn") for a in addressed)
        shown_as = Tags(_text(one.mail, "html"))
        assert (shown_as.scripts, shown_as.handlers, shown_as.strange) == (0, 0, set())
        nasty += "{{ 7 * 7 }}" in _text(one.mail, "plain")
    assert nasty, "the attack is in the mails, as text"
    shown(
        "access", "line breaks, templates, markup and formulas in names and remarks",
        "they stay text in mails, pages, letters and workbooks",
        f"{sent} mails, {nasty} with the attack in their text: 0 headers, addresses or tags of it",
    )  # fmt: skip


def test_no_cell_of_ours_becomes_a_formula(month: Workspace) -> None:
    books = [*month.path.glob("forms/**/*.xlsx"), *month.path.glob("reports/**/*.xlsx")]
    assert len(books) > 3
    seen = 0
    for path in books:
        for sheet in load_workbook(path).worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if EVIL in str(cell.value):
                        seen += 1
                        assert cell.data_type == "s", (path.name, sheet.title, cell.coordinate)
                        assert cell.hyperlink is None
    assert seen > len(FORMULAS)


def test_no_name_becomes_markup_of_a_page_or_a_letter(month: Workspace) -> None:
    pages = [*month.path.glob("reports/**/*.html")]
    assert pages
    for path in pages:
        page = Tags(path.read_text("utf-8"))
        assert (page.scripts <= 1, page.handlers, page.strange) == (True, 0, set()), path
    letters = [*month.path.glob("reports/**/*.docx")]
    assert letters
    shown = 0
    for path in letters:
        with zipfile.ZipFile(path) as package:
            document = package.read("word/document.xml").decode()
        assert "<script" not in document
        assert "built-in" not in document
        shown += "{{ 7 * 7 }}" in document
    assert shown


@pytest.mark.parametrize(
    ("sheet", "label", "value"),
    [
        ("Liên hệ", "Email", "a@b.vn\r\nBcc: x@evil.example"),
        ("Liên hệ", "Email", "a@b.vn\nX"),
        ("Liên hệ", "Email", "a@b.vn, x@evil.example"),
        ("Liên hệ", "Email", "<a@b.vn>"),
        ("Liên hệ", "Email", "a b@b.vn"),
        ("Đơn vị", "Mã đơn vị", "../../x"),
        ("Đơn vị", "Mã đơn vị", "/etc/x"),
        ("Đơn vị", "Mã đơn vị", ".."),
        ("Đơn vị", "Mã đơn vị", "a\\b"),
        ("Đơn vị", "Mã đơn vị", "a\x7fb"),
    ],
)
def test_an_address_or_a_code_that_leads_elsewhere_is_refused_by_its_cell(
    opened: Workspace, sheet: str, label: str, value: str
) -> None:
    edit(opened.path / "registry.xlsx", sheet, label, {3: value})
    before = sorted(opened.path.parent.rglob("*"))
    ran = opened("open", PERIOD, today=OPENING)
    assert ran.status == 2
    assert sheet in ran.err
    assert sorted(opened.path.parent.rglob("*")) == before


def test_a_hidden_sheet_that_leads_elsewhere_places_nothing(opened: Workspace) -> None:
    path = opened.submit("DV01")
    book = load_workbook(path)
    hidden = next(sheet for sheet in book.worksheets if sheet.sheet_state != "visible")
    changed = 0
    for row in hidden.iter_rows():
        for cell in row:
            if cell.value in ("DV01", PERIOD):
                cell.value = "../../../thoat"
                changed += 1
    assert changed
    book.save(path)
    outside = sorted(p for p in opened.path.parent.rglob("*") if opened.path not in p.parents)
    (taken,) = opened("collect", "--json", today=OPENING).json
    assert (taken["unit"], taken["period"]) in {("DV01", PERIOD), (None, None)}  # by what it shows
    assert outside == sorted(
        p for p in opened.path.parent.rglob("*") if opened.path not in p.parents
    )
    assert not list(opened.path.parent.rglob("thoat*"))


def test_names_in_an_archive_and_in_the_inbox_lead_nowhere(opened: Workspace) -> None:
    content = opened.submit("DV01").read_bytes()
    (opened.inbox / "DV01.xlsx").unlink()
    with zipfile.ZipFile(opened.inbox / "..%2f..%2fthoat.zip", "w") as package:
        for name in ("../../thoat.xlsx", "/tmp/thoat.xlsx", "a/../../../thoat.xlsx"):  # noqa: S108
            package.writestr(name, content)
    opened("collect", PERIOD, today=OPENING)
    assert not list(opened.path.parent.parent.glob("thoat*"))
    assert not [p for p in opened.path.parent.rglob("thoat*") if opened.inbox not in p.parents]
    with Desk(opened.path, OPENING) as desk:
        inbox.hold(desk, "../../thoat.xlsx", b"x")
    assert (opened.inbox / "held" / "thoat.xlsx").exists()


# --- what lies in the inbox and is no file ------------------------------------------------------


def test_links_pipes_sockets_and_loops_are_left_alone(
    opened: Workspace, tmp_path: Path, shown: Callable[..., None]
) -> None:
    folder = tmp_path / "ngoài"
    folder.mkdir()
    (folder / "a.xlsx").write_bytes(b"x")
    secret = {"passwd.xlsx": Path("/etc/passwd"), "thư mục": folder, "mất.xlsx": tmp_path / "gone",
              "vòng.xlsx": opened.inbox / "vòng.xlsx", "không.xlsx": Path("/dev/zero")}  # fmt: skip
    for name, target in secret.items():
        (opened.inbox / name).symlink_to(target)
    os.mkfifo(opened.inbox / "ống.xlsx")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(opened.inbox / "s.xlsx"))
    before = sorted(opened.inbox.iterdir())
    opened.submit("DV01")
    assert [one["unit"] for one in opened.done("collect", PERIOD, today=OPENING)] == ["DV01"]
    listener.close()
    assert sorted(p for p in opened.inbox.iterdir() if p.name not in ("done", "held")) == [
        p for p in before if p.name not in ("done", "held")
    ]
    passwd = archive.name_of(Path("/etc/passwd").read_bytes())
    assert not archive.has(opened.path, passwd)
    shown(
        "collect", "links to files, folders and devices, a loop, a pipe and a socket in the inbox",
        "none is followed or waited for, and the reports beside them are taken",
        f"{len(secret) + 2} of them: followed 0; 1 report of 1 taken",
    )  # fmt: skip


@pytest.mark.parametrize("becomes", ["link", "pipe"])
def test_a_file_that_becomes_something_else_before_it_is_read_is_left(
    opened: Workspace, becomes: str
) -> None:
    """Between the look at it and its being opened: neither followed nor waited for."""
    path, measured = opened.submit("DV01"), inbox.too_big

    def exchange(one: Path, *rest: object) -> object:
        answer = measured(one, *rest)  # type: ignore[arg-type]
        one.unlink()
        if becomes == "link":
            one.symlink_to("/etc/passwd")
        else:
            os.mkfifo(one)
        return answer

    opened.submit("DV02")
    os.utime(path, (1, 1))  # the first to be looked at
    with patch.object(inbox, "too_big", side_effect=[None, None]) as looked:
        looked.side_effect = lambda one, *rest: (
            exchange(one, *rest) if one == path else measured(one, *rest)
        )
        taken = opened.done("collect", PERIOD, today=OPENING)
    assert [one["unit"] for one in taken] == ["DV02"]
    assert not archive.has(opened.path, archive.name_of(Path("/etc/passwd").read_bytes()))
    assert path.is_symlink() or path.is_fifo()


def test_what_is_archived_is_what_was_read_while_somebody_writes(
    opened: Workspace, shown: Callable[..., None]
) -> None:
    """A file that is written all the time: each report has its very bytes in the archive."""
    path = opened.submit("DV01")
    contents = [path.read_bytes(), opened.submit("DV01", "khác.xlsx").read_bytes()[:-200]]
    (opened.inbox / "khác.xlsx").unlink()
    over, rounds = threading.Event(), 5

    def scribble() -> None:
        turn = 0
        while not over.is_set():
            turn += 1
            path.write_bytes(contents[turn % 2])

    writer = threading.Thread(target=scribble)
    writer.start()
    try:
        for _ in range(rounds):
            opened("collect", PERIOD, today=OPENING)
    finally:
        over.set()
        writer.join()
    path.write_bytes(contents[0])
    opened("collect", PERIOD, today=OPENING)
    with Desk(opened.path, OPENING) as desk, desk.engine.connect() as connection:
        read = connection.scalars(select(tables.submission.c.sha256)).all()
    for sha256 in read:
        archive.fetch(opened.path, sha256)  # raises unless it is what its name says
    assert archive.name_of(contents[0]) in read
    assert opened("verify", today=OPENING).status == 0
    shown(
        "collect", "a file of the inbox that is written while it is read",
        "what is archived under a hash is what was read, and the file waits or is taken whole",
        f"{rounds} runs over one file written all the time: {len(read)} versions, 0 without bytes",
    )  # fmt: skip


# --- approvals ----------------------------------------------------------------------------------


def _other_content(connection: Connection) -> None:
    connection.execute(update(tables.notice).values(text="Đề nghị chuyển tiền vào tài khoản 123"))


def _other_recipient(connection: Connection) -> None:
    connection.execute(update(tables.notice).values(to=[["X", "x@evil.example"]]))


def _copied_approval(connection: Connection) -> None:
    """The approval of one notice beside all others, which are said to be approved."""
    approval = dict(connection.execute(select(tables.approval)).mappings().first() or {})
    del approval["id"]
    connection.execute(tables.approval.delete().where(tables.approval.c.notice != 0))
    for number in connection.scalars(select(tables.notice.c.id)).all():
        connection.execute(insert(tables.approval), approval | {"notice": number})
    one = tables.notice.c.content == approval["content"]
    connection.execute(tables.approval.delete().where(
        tables.approval.c.notice.in_(select(tables.notice.c.id).where(one))
    ))  # fmt: skip


def _no_approval(connection: Connection) -> None:
    connection.execute(tables.approval.delete())


def _other_envelope(connection: Connection) -> None:
    spy = {"recipient": tables.outbox.c.recipient + "@evil.example"}
    connection.execute(update(tables.outbox).values(**spy))


def _forged_approval(connection: Connection) -> None:
    """Of each notice as it is, in the name of somebody who never gave it."""
    as_if = {"standing": False, "by": "Bộ trưởng"}
    connection.execute(update(tables.approval).values(**as_if))


@pytest.mark.parametrize(
    ("alter", "what"),
    [
        (_other_content, "another text"),
        (_other_recipient, "another addressee"),
        (_other_envelope, "another envelope"),
        (_forged_approval, "an approval that the audit log does not know"),
        (_copied_approval, "the approval of another notice"),
        (_no_approval, "no approval"),
    ],
)
def test_what_is_not_as_approved_never_leaves(
    opened: Workspace, postbox: Postbox, shown: Callable[..., None],
    alter: Callable[[Connection], None], what: str,
) -> None:  # fmt: skip
    """Somebody writes into the database: into what was approved, or an approval itself."""
    with Desk(opened.path, OPENING) as desk, desk.writer.begin() as connection:
        alter(connection)
        connection.execute(update(tables.outbox).values(state=Delivery.APPROVED))
    opened("deliver", today=OPENING)
    assert postbox.taken == []
    rows = opened.outbox()
    assert {row["state"] for row in rows} == {"held"}
    assert {row["attempts"] for row in rows} == {0}
    assert all("không còn đúng như khi phê duyệt" in row["error"] for row in rows)
    shown(
        "access", f"{what} written into the database beside the state `approved`",
        "it does not leave, and says why", f"{len(rows)} letters: sent 0",
    )  # fmt: skip


def test_a_released_notice_that_was_superseded_is_not_replayed(
    reported: Workspace, postbox: Postbox
) -> None:
    """It was approved, then another took its place; the approval releases neither anew."""
    reported.done("approve", PERIOD, "--kind", "urging", *BY)
    reported.submit(LOW, "lần 2.xlsx", **{f"{LOW}_1": {"Giải ngân lũy kế": 1}})
    reported.done("collect", PERIOD)
    reported.done("report", PERIOD)
    states = [row["state"] for row in reported.outbox("urging")]
    assert "superseded" in states
    assert "approved" not in states
    reported.done("deliver")
    assert not [one for one in postbox.taken if "Đôn đốc" in str(one.mail["Subject"])]
    assert {row["state"] for row in reported.outbox("urging")} == {"superseded", "draft"}


# --- texts and templates of the workspace -------------------------------------------------------


@pytest.mark.parametrize("attack", [
    "{{ body.__class__.__mro__[1].__subclasses__() }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{% for c in ().__class__.__base__.__subclasses__() %}{{ c }}{% endfor %}",
    "{{ 'x' * 10 ** 9 }}",
    "{% include '/etc/passwd' %}",
])  # fmt: skip
def test_a_word_template_that_attacks_is_refused(reported: Workspace, attack: str) -> None:
    path = reported.path / "templates" / URGING.file
    path.parent.mkdir(exist_ok=True)
    with (
        zipfile.ZipFile(io.BytesIO(built_in(URGING))) as ours,
        zipfile.ZipFile(path, "w") as theirs,
    ):
        for name in ours.namelist():
            part = ours.read(name)
            if name == "word/document.xml":
                part = part.replace(b"{{ answer_by }}", attack.replace("'", "&#39;").encode())
                assert part != ours.read(name)
            theirs.writestr(name, part)
    ran = reported("report", PERIOD, today=CLOSING)
    assert ran.status == 2
    assert URGING.file in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_forged_approval_leaves_once_a_person_gives_it(
    opened: Workspace, postbox: Postbox
) -> None:
    with Desk(opened.path, OPENING) as desk, desk.writer.begin() as connection:
        _forged_approval(connection)
    opened("deliver", today=OPENING)
    count = len(opened.outbox(state="held"))
    assert opened.done("approve", PERIOD, "--by", " Nguyễn Văn Duyệt ")["approved"] == count > 0
    assert opened.done("deliver", today=OPENING) == {"sent": count}


def test_another_signed_letter_than_the_approved_one_does_not_leave(
    reported: Workspace, postbox: Postbox
) -> None:
    signed = reported.path / "reports" / PERIOD / "signed" / f"{LOW}.pdf"
    signed.parent.mkdir()
    signed.write_bytes(b"%PDF-1.7 as approved")
    reported.done("approve", PERIOD, "--kind", "urging", *BY)
    with Desk(reported.path, CLOSING) as desk, desk.writer.begin() as connection:
        of_it = tables.approval.c.signed.is_not(None)
        other = [signed.name, archive.keep(desk.workspace, b"%PDF-1.7 forged"), "application/pdf"]
        connection.execute(update(tables.approval).where(of_it).values(signed=other))
    reported("deliver")
    assert {row["state"] for row in reported.outbox("urging")} == {"held"}
    assert "approval-unlogged" in {
        one["kind"] for one in reported("verify", "--json").json["damages"]
    }
