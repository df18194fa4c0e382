"""Writes the lines of a table as HTML: nearly all of every page, and slow where a template does
it."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from markupsafe import Markup, escape

from reports.pages.tables import Cell, Column, Row
from reports.visible import one_line

_SPECIAL = re.compile("[&<>'\"]")


def lines(columns: Sequence[Column], rows: Iterable[Row]) -> Markup:
    """A line for each row; all that it says is escaped, and stands on one line."""
    kinds = [_kind(kind) for _, kind in columns]
    return Markup("".join(_line(kinds, one) for one in rows))  # noqa: S704 - escaped


@lru_cache(maxsize=100)  # every unit's page has the same
def heads(columns: tuple[Column, ...]) -> Markup:
    """The line of the columns' labels."""
    cells = "".join(f'<th scope="col"{_kind(kind)}>{_said(label)}</th>' for label, kind in columns)
    return Markup(f"<tr>{cells}</tr>")  # noqa: S704 - likewise


def told(its: Iterable[tuple[int | None, str]]) -> Markup:
    """Lines of an explanation, each with its depth; None of a heading."""
    return Markup(  # noqa: S704 - likewise
        "".join(
            f"<h3>{_escaped(text)}</h3>\n"
            if depth is None
            else f'<p class="i{depth}">{_escaped(text)}</p>\n'
            for depth, text in its
        )
    )


def _kind(kind: str) -> str:
    return f' class="{_said(kind)}"' if kind else ""


def _line(kinds: Sequence[str], one: Row) -> str:
    anchor = f' id="{_said(one.anchor)}"' if one.anchor else ""
    more = f' data-more="{_said(one.more)}"' if one.more else ""
    (kind, head), *others = zip(kinds, one.cells, strict=True)
    cells = "".join(f"<td{kind}{_order(cell)}>{_shown(cell)}</td>" for kind, cell in others)
    return f'<tr{anchor}{more}><th scope="row"{kind}>{_linked(head)}</th>{cells}</tr>\n'


def _order(cell: Cell) -> str:
    return "" if cell.value is None else f' data-v="{_said(cell.value)}"'


def _shown(cell: Cell) -> str:
    if cell.tag:
        return f'<span class="tag {_said(cell.tag)}">{_said(cell.text)}</span>'
    return _linked(cell)


def _linked(cell: Cell) -> str:
    text = _said(cell.text)
    return f'<a href="{_said(cell.href)}">{text}</a>' if cell.href else text


@lru_cache(maxsize=5_000)  # codes, names and words stand in many cells
def _said(text: str) -> str:
    return _escaped(text)


def _escaped(text: str) -> str:
    text = one_line(text)
    return escape(text) if _SPECIAL.search(text) else text
