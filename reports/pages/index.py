"""Lays out the page over all periods, from what each period's own page says of itself."""

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from html import unescape

from reports.numbers import money
from reports.pages import drawing
from reports.pages.rendering import render
from reports.pages.tables import Cell, amount, count, months_table, row, share, table
from schemas.pages import Line, Month
from schemas.period import Period
from schemas.settings import Body
from schemas.texts import say

HEAD = 2000
"""Bytes of a page in which its line stands."""

_LINE = re.compile(r'<meta name="dondoc-line" content="([^"]*)">')


def line_text(line: Line) -> str:
    """The line as the period's page carries it."""
    return json.dumps(
        {
            "period": str(line.period),
            "units": line.units,
            "reported": line.reported,
            "low": line.low,
            "budget": str(line.budget),
            "disbursed": str(line.disbursed),
        }
    )


def line_of(head: bytes) -> Line | None:
    """The line that a page carries in its first `HEAD` bytes; None where it carries none."""
    found = _LINE.search(head.decode("utf-8", "replace"))
    if not found:
        return None
    said = json.loads(unescape(found[1]))
    return Line(
        Period.parse(said["period"]),
        said["units"],
        said["reported"],
        said["low"],
        Decimal(said["budget"]),
        Decimal(said["disbursed"]),
    )


def index_page(
    body: Body,
    lines: Sequence[tuple[Line, str]],
    months: Sequence[Month],
    pace: Sequence[float],
    banner: str = "",
) -> bytes:
    """All periods, the newest first, and the newest year's course against the year before;
    (line, where its page lies) of each, `months` and `pace` as on a period's page."""
    newest_first = sorted(lines, key=lambda pair: pair[0].period, reverse=True)
    newest = newest_first[0][0] if newest_first else None
    return render(
        "index",
        body,
        say("page.index.title"),
        [],
        banner=banner,
        sentence=say(
            "page.index.newest",
            period=newest.period.label,
            reported=newest.reported,
            units=newest.units,
            disbursed=money(newest.disbursed, 1),
            budget=money(newest.budget, 1),
        )
        if newest
        else say("page.index.none"),
        trend=drawing.trend(months, newest.period.year, pace) if newest else None,
        trend_table=months_table(months),
        periods=table(
            "ky-bang",
            say("page.index.caption"),
            "period:s reported:w low-units:n budget:n disbursed:n rate-of-budget:n",
            (
                row(
                    Cell(line.period.label.capitalize(), href=href),
                    Cell(f"{line.reported}/{line.units}", str(line.reported)),
                    count(line.low),
                    amount(line.budget),
                    amount(line.disbursed),
                    share(line.rate),
                )
                for line, href in newest_first
            ),
        ),
    )
