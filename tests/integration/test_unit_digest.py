"""Each sees what their role allows: a head who takes the digest the unit's, leaders the whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from matplotlib.figure import Figure
from openpyxl import load_workbook

from ministry import LOW, PERIOD, THREE_FORMS, Workspace
from postbox import Postbox

BY = ("--by", "Chánh Văn phòng")
WHOLE = {"lanhdao@ubdt.vn", "bantin@ubdt.vn"}
HEAD = "truong.dv02@ubdt.vn"


def taking(workspace: Workspace, *emails: str, role: str = "Nhận bản tin") -> None:
    """Name those in the registry as taking the digest."""
    path = workspace.path / "registry.xlsx"
    book = load_workbook(path)
    sheet = book["Liên hệ"]
    labels = [cell.value for cell in sheet[1]]
    for email in emails:
        row = {"Họ tên": "Trần Văn Trưởng", "Email": email, "Vai trò": role}
        sheet.append([row.get(str(label)) for label in labels])
    book.save(path)


def digests(workspace: Workspace, state: str = "draft") -> set[tuple[str | None, str]]:
    return {(row["unit"], row["to"]) for row in workspace.outbox("digest", state)}


@contextmanager
def drawn() -> Iterator[list[object]]:
    """The pictures that are drawn meanwhile."""
    pictures: list[object] = []
    save = Figure.savefig

    def counted(figure: Figure, *args: Any, **more: Any) -> None:
        pictures.append(figure)
        save(figure, *args, **more)

    with patch.object(Figure, "savefig", counted):
        yield pictures


def test_a_head_gets_the_unit_s_digest_and_the_leaders_the_whole(
    collected: Workspace, postbox: Postbox
) -> None:
    taking(collected, HEAD, "truong.dv03@ubdt.vn")
    collected.done("report", PERIOD)
    assert digests(collected) == {
        *((None, to) for to in WHOLE),
        (LOW, HEAD),
        (THREE_FORMS, "truong.dv03@ubdt.vn"),
    }
    assert collected.done("report", PERIOD)["drafts"] == 0
    collected.done("approve", PERIOD, *BY, "--kind", "digest", "--unit", LOW)
    postbox.taken.clear()
    collected.done("deliver", PERIOD)
    (mail,) = postbox.to(HEAD)
    assert collected.ministry.name(LOW) in str(mail["Subject"])
    assert mail["List-Id"] == "<digest.dondoc.ubdt.vn>"
    assert list(mail.iter_attachments()) == []
    text = mail.get_body(("plain",))
    assert text is not None
    assert "DV02.1" in text.get_content()
    for other in set(collected.ministry.units) - {LOW}:
        assert collected.ministry.name(other) not in text.get_content()
        assert f"{other}." not in text.get_content()
    assert digests(collected) == {
        *((None, to) for to in WHOLE),
        (THREE_FORMS, "truong.dv03@ubdt.vn"),
    }


def test_what_was_drafted_follows_the_roles(collected: Workspace) -> None:
    """Who becomes a leader sees the whole; whoever takes no digest any more gets none."""
    taking(collected, HEAD)
    collected.done("report", PERIOD)
    assert (LOW, HEAD) in digests(collected)
    taking(collected, HEAD, role="Lãnh đạo")
    assert collected.done("report", PERIOD)["drafts"] == 1
    assert digests(collected) == {(None, to) for to in (*WHOLE, HEAD)}
    assert (LOW, HEAD) in digests(collected, "superseded")


def test_pictures_are_drawn_once_a_report_however_many_take_it(collected: Workspace) -> None:
    more = [f"bantin{n}@ubdt.vn" for n in range(3)]
    with drawn() as few:
        collected.done("report", PERIOD)
    taking(collected, HEAD, *more)
    with drawn() as many:
        collected.done("report", PERIOD)
    assert len(digests(collected)) == len(WHOLE) + 1 + len(more)
    assert len(few) == len(many) == 1  # the digest, the report to the leader and the file share it
