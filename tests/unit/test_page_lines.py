"""The lines of a page's tables: nothing that somebody typed is more than text there."""

from markupsafe import Markup

from reports.pages.lines import heads, lines
from reports.pages.tables import Cell, row

COLUMNS = (("Đơn vị", "name"), ("Số", ""))
HOSTILE = "<b onclick='x'>\"&\u202e\n "


def test_all_that_a_line_says_is_escaped_and_on_one_line() -> None:
    told = row(Cell(HOSTILE, href=HOSTILE), Cell(HOSTILE, HOSTILE, tag=HOSTILE), anchor=HOSTILE,
               more=HOSTILE)  # fmt: skip
    said = "&lt;b onclick=&#39;x&#39;&gt;&#34;&amp;"
    assert lines(COLUMNS, [told]) == (
        f'<tr id="{said}" data-more="{said}"><th scope="row" class="name"><a href="{said}">{said}'
        f'</a></th><td data-v="{said}"><span class="tag {said}">{said}</span></td></tr>\n'
    )
    assert type(lines(COLUMNS, [])) is Markup


def test_a_cell_has_what_it_needs_and_no_more() -> None:
    assert lines(COLUMNS, [row("A", Cell("1", "", href="b")), row("C", "")]) == (
        '<tr><th scope="row" class="name">A</th><td data-v=""><a href="b">1</a></td></tr>\n'
        '<tr><th scope="row" class="name">C</th><td></td></tr>\n'
    )
    assert (
        heads(COLUMNS) == '<tr><th scope="col" class="name">Đơn vị</th><th scope="col">Số</th></tr>'
    )
