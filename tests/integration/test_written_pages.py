"""The pages as the commands leave them: complete, current, and written only where they changed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from ministry import CLOSING, DISBURSED, LOW, PERIOD, Workspace
from postbox import Postbox
from tasks.archive import write_changed

html: Any = lxml.html  # its types know nothing
MONTH = f"bao-cao-{PERIOD}.html"
SILENT = "DV04"


def _folder(workspace: Workspace) -> Path:
    return workspace.path / "reports" / PERIOD


def _pages(workspace: Workspace) -> dict[str, bytes]:
    folder = workspace.path / "reports"
    its = [folder / "index.html", *_folder(workspace).glob("*.html")]
    its += [*_folder(workspace).glob("units/*.html")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in its}


def _text(path: Path) -> str:
    root = html.fromstring(path.read_bytes())
    for part in root.xpath("//script | //style"):
        part.drop_tree()
    return " ".join(" ".join(root.itertext()).split())


def test_a_report_leaves_a_page_for_each_unit_and_tells_where(reported: Workspace) -> None:
    made = reported.done("report", PERIOD)
    named = [Path(name).name for name in made["documents"] if name.endswith(".html")]
    assert named == [MONTH, "outbox.html"]
    units = {f"{PERIOD}/units/{code}.html" for code in reported.ministry.units}
    assert _pages(reported).keys() == units | {
        "index.html", f"{PERIOD}/{MONTH}", f"{PERIOD}/outbox.html",
    }  # fmt: skip
    text = _text(_folder(reported) / MONTH)
    for unit in reported.done("status", PERIOD)["units"]:
        assert unit["name"] in text
    assert "Chưa gửi" in text
    assert "3/4" in text
    assert f"{PERIOD}/{MONTH}" in (reported.path / "reports" / "index.html").read_text("utf-8")


def test_the_same_inputs_give_the_same_bytes_and_nothing_is_written_twice(
    reported: Workspace,
) -> None:
    before = _pages(reported)
    stamps = {p: p.stat().st_mtime_ns for p in _folder(reported).rglob("*.html")}
    reported.done("report", PERIOD)
    assert {p: p.stat().st_mtime_ns for p in _folder(reported).rglob("*.html")} == stamps
    for path in [*_folder(reported).glob("*.html"), *_folder(reported).glob("units/*.html")]:
        path.unlink()
    reported.done("report", PERIOD)
    assert _pages(reported) == before


def test_a_units_page_explains_as_the_command_does_and_names_the_cell(reported: Workspace) -> None:
    text = _text(_folder(reported) / "units" / f"{LOW}.html")
    ran = reported("explain", PERIOD, LOW, "--reported")
    told = [" ".join(line.split()) for line in ran.out.replace("\n", " \n").splitlines()]
    told = [line for line in told if line and "lập ngày" not in line]  # the page bears no date
    assert len(told) > 10
    whole = text.replace(" ", "")
    for line in told:
        assert line.replace(" ", "") in whole, line
    assert "Thấp hơn tiến độ" in _text(_folder(reported) / MONTH)
    outbox = html.fromstring((_folder(reported) / "outbox.html").read_bytes())
    (href,) = html.fromstring((_folder(reported) / "units" / f"{LOW}.html").read_bytes()).xpath(
        "//section[@id='thu']//a/@href"
    )[-1:]
    assert outbox.get_element_by_id(href.partition("#")[2]) is not None


def test_what_was_found_stands_with_its_cell_and_the_version_that_counts(
    collected: Workspace,
) -> None:
    collected.submit(SILENT, DV04_1={DISBURSED: "nhiều"})
    collected("collect", PERIOD, today=CLOSING)
    collected.done("report", PERIOD)
    root = html.fromstring((_folder(collected) / "units" / f"{SILENT}.html").read_bytes())
    (row,) = root.xpath(
        "//section[@id='kiem-tra']//table[@data-list='tim-kiem-tra-bang']//tbody/tr"
    )
    cells = [cell.text_content() for cell in row]
    assert cells[1:4] == ["Giải ngân", collected.cell("Giải ngân", f"{SILENT}.1", DISBURSED), "Lỗi"]
    assert "“nhiều”" in cells[4]
    assert "Trả lại để sửa" in root.text_content()
    month = _text(_folder(collected) / MONTH)
    assert "Không phải là số Lỗi 1 1" in month


def test_a_changed_figure_rewrites_that_unit_and_what_sums_it_up(reported: Workspace) -> None:
    before = _pages(reported)
    reported.submit("DV01", "again.xlsx", DV01_1={DISBURSED: 1})
    reported.done("collect", PERIOD)
    reported.done("report", PERIOD)
    after = _pages(reported)
    changed = {name for name, page in after.items() if page != before[name]}
    assert {f"{PERIOD}/units/DV01.html", f"{PERIOD}/{MONTH}", "index.html"} <= changed
    assert f"{PERIOD}/units/{SILENT}.html" not in changed


@pytest.mark.usefixtures("postbox")
def test_mail_leaves_though_the_registry_cannot_be_read(reported: Workspace) -> None:
    before = (_folder(reported) / "outbox.html").read_bytes()
    (reported.path / "registry.xlsx").write_bytes(b"PK")
    assert reported.done("deliver")
    assert (_folder(reported) / "outbox.html").read_bytes() == before


@pytest.mark.usefixtures("postbox")
def test_the_page_of_the_outbox_follows_approval_and_delivery(
    reported: Workspace, postbox: Postbox
) -> None:
    def parts() -> tuple[int, int, list[str]]:
        root = html.fromstring((_folder(reported) / "outbox.html").read_bytes())
        waiting, approved = (
            len(root.xpath(f"//section[@id='{part}']//article"))
            for part in ("cho-duyet", "da-duyet")
        )
        states = root.xpath("//section[@id='tat-ca']//tbody/tr/td[4]/text()")
        return waiting, approved, states

    waiting, approved, states = parts()
    assert waiting == 2  # the letter and the digest
    assert approved > 2  # forms and receipts, under the standing approval
    assert len(states) == waiting + approved
    reported.done("approve", PERIOD, "--by", "Vũ Đức Thắng")
    assert parts()[:2] == (0, waiting + approved)
    reported.done("deliver")
    assert parts() == (0, 0, ["Đã gửi"] * len(states))
    units = {name: page for name, page in _pages(reported).items() if "/units/" in name}
    reported.done("report", PERIOD)
    assert units.items() <= _pages(reported).items()  # they say what is written, not how far it is
    outbox = html.fromstring((_folder(reported) / "outbox.html").read_bytes())
    (low,) = (html.fromstring(page) for name, page in units.items() if LOW in name)
    for href in low.xpath("//section[@id='thu']//a/@href"):
        assert outbox.get_element_by_id(href.partition("#")[2]) is not None
    assert "Vũ Đức Thắng" not in (_folder(reported) / "outbox.html").read_text("utf-8")


def test_a_page_that_comes_in_pieces_is_there_whole_or_as_before(tmp_path: Path) -> None:
    page = tmp_path / "outbox.html"

    def torn() -> Iterator[bytes]:
        yield b"<html>"
        raise ZeroDivisionError

    write_changed(page, [b"<html>", b"</html>"])
    stamp = page.stat().st_mtime_ns
    write_changed(page, iter([b"<html></html>"]))
    assert page.stat().st_mtime_ns == stamp
    with pytest.raises(ZeroDivisionError):
        write_changed(page, torn())
    assert page.read_bytes() == b"<html></html>"
    write_changed(page, [b"other"])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {page.name: b"other"}
