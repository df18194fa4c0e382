"""What the report pages say, part by part: `make golden` writes the parts anew."""

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import lxml.etree
import lxml.html
import pytest

HOUSE = Path(__file__).parents[2]
sys.path[:0] = [str(HOUSE / "tests")]

from boards import BODY, PACE, Shown  # noqa: E402
from reports import explained, pages  # noqa: E402
from schemas.changes import Changes, Revision  # noqa: E402
from schemas.excuses import Excuse  # noqa: E402
from schemas.notices import Delivery  # noqa: E402
from schemas.pages import Line  # noqa: E402
from schemas.period import Period  # noqa: E402
from schemas.registry import Recorded  # noqa: E402

html: Any = lxml.html  # its types know nothing
SNAPSHOTS = Path(__file__).parent / "pages"
OCTOBER = Period(2021, 10)
SHOWN = Shown(10, each=3)
CHANGES = Changes(
    newly_low=("DV0005",),
    recovered=("DV0002",),
    silent=("DV0008",),
    revisions=(Revision("DV0003", "DV0003.1", Period(2021, 9), Decimal("700.5"), Decimal("690")),),
)
LINES = [
    (Line(OCTOBER, 10, 9, 2, Decimal("27000.5"), Decimal("16500")), "2021-10/bao-cao-2021-10.html"),
    (Line(Period(2021, 9), 10, 10, 0, Decimal(27000), Decimal(14000)), "2021-09/b.html"),
    (Line(Period(2020, 12), 9, 9, 0, Decimal(20000), Decimal(19000)), "2020-12/b.html"),
]
PAGES = {
    "month": SHOWN.month_page(CHANGES),
    "unit": SHOWN.unit_page(5),
    "outbox": SHOWN.outbox_page(
        SHOWN.notice(1, 5),
        SHOWN.notice(2, 10, Delivery.APPROVED),
        SHOWN.notice(3, 2, Delivery.SENT),
    ),
    "index": pages.index_page(BODY, LINES, SHOWN.months(), PACE),
}
BLOCKS = ("h1", "h2", "h3", "p", "li", "tr", "caption", "summary", "dt", "dd", "text", "iframe")


def _words(element: Any) -> str:
    return " ".join(element.text_content().split())


def _lines(page: bytes) -> Iterator[str]:
    """The page's text, a line for each block; rows of tables with bars between their cells."""
    root = html.fromstring(page)
    for element in root.find("body").iter(*BLOCKS):
        name = element.tag
        if name == "tr":
            yield "| " + " | ".join(_words(cell) for cell in element)
        elif name == "iframe":
            yield f"[{element.get('title')}]"
        elif words := _words(element):
            mark = {"h1": "# ", "h2": "\n## ", "h3": "### ", "li": "- ", "text": "  ~ "}
            yield mark.get(name, "") + words


def _text(name: str) -> str:
    return "\n".join(_lines(PAGES[name])) + "\n"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_it_said(name: str) -> None:
    assert _text(name) == (SNAPSHOTS / f"{name}.txt").read_text("utf-8"), "run `make golden`"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_lets_nothing_in_and_handles_nothing_inline(name: str) -> None:
    root = html.fromstring(PAGES[name])
    policy = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none'; ")
    assert ("unsafe" in policy) is (name == "outbox")  # mails bear their styles inline
    assert not root.xpath("//@*[starts-with(name(), 'on')]")
    assert not root.xpath("//@style")
    assert not root.xpath("//@src | //link | //script[@src]")
    assert all(not href.startswith(("http", "//")) for href in root.xpath("//@href"))


@pytest.mark.parametrize("name", PAGES)
def test_identifiers_are_unique_and_labels_lead_somewhere(name: str) -> None:
    root = html.fromstring(PAGES[name])
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert set(root.xpath("//@aria-labelledby | //@for")) <= set(ids)
    assert len(root.xpath("//h1")) == 1


def test_every_figure_of_every_activity_is_on_the_page() -> None:
    text = _text("month")
    for activity in SHOWN.board.activities:
        row = next(line for line in text.splitlines() if line.startswith(f"| {activity.code} "))
        assert (
            f"{activity.disbursed:,f}".rstrip("0").rstrip(".").translate(str.maketrans(",.", ".,"))
            in row
        )


def test_of_very_many_activities_each_unit_shows_its_own() -> None:
    many = Shown(4, each=500)
    root = html.fromstring(many.month_page())
    assert not root.xpath("//section[@id='nhiem-vu']")
    assert "2000 nhiệm vụ" in root.text_content()
    (row,) = root.xpath("//tr[@id='u-DV0004']")
    assert "DV0004.499 Nhiệm vụ 499" in row.get("data-more")  # the search finds the unit by it
    unit = html.fromstring(many.unit_page(4))
    assert len(unit.xpath("//section[@id='nhiem-vu']//tr[@id]")) == 500


def test_of_very_many_flags_each_unit_shows_its_own() -> None:
    board = SHOWN.board
    many = replace(board.units[4], flags=board.units[4].flags * 501)
    month = html.fromstring(
        SHOWN.month_page(board=replace(board, units=(*board.units[:4], many, *board.units[5:])))
    )
    (section,) = month.xpath("//section[@id='giai-ngan-thap']")
    assert "Kỳ này có 1506 cảnh báo" in section.text_content()
    assert len(section.xpath(".//table")) == 1  # how many of each kind there are


def test_a_recorded_excuse_stands_beside_its_flag() -> None:
    on = datetime(2021, 11, 2, tzinfo=UTC)
    recorded = Recorded("Vũ Đức Thắng", "thang", on.date(), on)
    because = Excuse("DV0005", None, None, OCTOBER, date(2021, 12, 31), "Chờ mặt bằng", recorded)
    board = SHOWN.board
    excused = replace(
        board.units[4], flags=tuple(replace(f, excused=because) for f in board.units[4].flags)
    )
    month = replace(board, units=(*board.units[:4], excused, *board.units[5:]))
    text = html.fromstring(SHOWN.unit_page(5, month, excused)).text_content()
    assert text.count(explained.excuse(because)) == len(excused.flags) == 3


def test_of_very_many_approved_letters_some_are_only_listed() -> None:
    listed = replace(SHOWN.notice(2, 10, Delivery.APPROVED), html="")
    root = html.fromstring(SHOWN.outbox_page(SHOWN.notice(1, 5), listed))
    assert "1 thư chờ phê duyệt, 1 thư đã duyệt" in root.text_content()
    assert "Còn 1 thư đã duyệt khác" in root.text_content()
    assert len(root.xpath("//iframe")) == 1
    assert len(root.xpath("//section[@id='tat-ca']//tbody/tr")) == 2


def test_the_line_of_a_period_is_read_back_from_its_page() -> None:
    line = pages.line_of(PAGES["month"][:2000])
    assert line
    assert line.period == OCTOBER
    assert line.disbursed == SHOWN.board.totals.disbursed_to_date
    assert (line.units, line.reported, line.low) == (10, 9, 2)
    assert pages.line_of(PAGES["index"][:2000]) is None


def test_every_column_says_how_narrow_it_may_become() -> None:
    """Without a class a telephone breaks its words after any letter."""
    for name, page in PAGES.items():
        heads = html.document_fromstring(page.decode()).xpath("//thead//th")
        assert heads or name == "outbox"
        assert not [th.text_content() for th in heads if not th.get("class")], name


def test_a_page_is_well_formed_but_for_what_html_leaves_open() -> None:
    for page in PAGES.values():
        text = re.sub(rb"<(meta|input)([^>]*)>", rb"<\1\2/>", page)
        text = re.sub(rb"<(style|script)>.*?</\1>", b"", text, flags=re.DOTALL)
        text = text.replace(b" hidden>", b">").replace(b"<!DOCTYPE html>", b"")
        assert lxml.etree.fromstring(text).tag == "html"


def write_snapshots() -> None:
    """Replaces the snapshots by what is rendered now."""
    SNAPSHOTS.mkdir(exist_ok=True)
    for name in PAGES:
        (SNAPSHOTS / f"{name}.txt").write_text(_text(name), encoding="utf-8")


if __name__ == "__main__":
    write_snapshots()
