"""Draws a back-test: month by month who was flagged, who ended low, and who was missed."""

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from reports.backtest import pooled, rows
from reports.chart import (
    BAR,
    DPI,
    GAP,
    GREY,
    INK,
    LINE,
    MARGIN,
    SLOW,
    TICK_SIZE,
    TITLE_SIZE,
    TRACK,
    WIDTH,
    write,
)
from reports.numbers import percent
from schemas.backtest import BackTest, Counts
from schemas.flags import FlagSeverity
from schemas.texts import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RIGHT, WRONG, MISSED = SLOW, "#FDBE85", "white"
"""Dark, light and hatched: told apart in grey print and by colour-blind readers."""
BELOW = 0.05
"""Inches between a month's words, whose ground would hide the bar's edge, and its bar."""


def backtest_chart(tests: Sequence[tuple[str, BackTest]]) -> bytes:
    """A PNG 800 pixels wide: for each month before December a bar of all units judged, in it
    those that were flagged `low` or graver and ended below the target, those flagged that did
    not, and those missed; of several named tests a bar each. The same tests give the same bytes.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - takes half a second to import

    shown = [
        (f"{label}{f', {name}' if name else ''}", counts)
        for months in zip(*(_months(test) for _, test in tests), strict=True)
        for (name, _), (label, counts) in zip(tests, months, strict=True)
    ]
    head = MARGIN + 6.3 * LINE
    height = head + len(shown) * (LINE + BELOW + BAR + GAP) + LINE + MARGIN
    figure = Figure(figsize=(WIDTH, height), dpi=DPI)
    axes = figure.add_axes((MARGIN / WIDTH, 0, 1 - 2 * MARGIN / WIDTH, 1))
    axes.set(xlim=(0, 1), ylim=(height, 0))
    axes.axis("off")
    target = percent(float(tests[0][1].target), 0)
    write(axes, 0, MARGIN, say("backtest.chart.title"), size=TITLE_SIZE, weight="bold")
    for number, (what, colour, hatch) in enumerate(
        (
            ("right", RIGHT, ""),
            ("wrong", WRONG, ""),
            ("missed", MISSED, "//////"),
            ("rest", TRACK, ""),
        )
    ):
        top = MARGIN + (1.4 + number * 1.1) * LINE
        _bar(axes, top + LINE / 2, 0, 0.06, colour, hatch)
        write(axes, 0.08, top, say(f"backtest.chart.{what}", target=target))
    top = head
    if not shown:
        write(axes, 0, top - LINE, say("backtest.chart.nothing"), style="italic", color=GREY)
    for label, counts in shown:
        top = _month(axes, label, counts, top)
    picture = BytesIO()
    figure.savefig(picture, format="png", metadata={"Software": None})
    return picture.getvalue()


def _months(test: BackTest) -> list[tuple[str, Counts]]:
    """The months whose outcome is known."""
    found = [
        (label, pooled(months, FlagSeverity.LOW))
        for label, months in rows(test.units, test.unfinished)
    ]
    return [(label, counts) for label, counts in found if counts.flagged + counts.unflagged]


def _month(axes: "Axes", label: str, counts: Counts, top: float) -> float:
    """A month's name and words, and its bar below; gives where the next one begins."""
    write(axes, 0, top, label, weight="bold")
    low = counts.flagged_low + counts.unflagged_low
    precision = say("backtest.chart.precision", part=counts.flagged_low, whole=counts.flagged)
    recall = say("backtest.chart.recall", part=counts.flagged_low, whole=low)
    write(axes, 1, top, f"{precision}; {recall}", size=TICK_SIZE, color=GREY, ha="right")
    judged = counts.flagged + counts.unflagged
    middle = top + LINE + BELOW + BAR / 2
    axes.barh(middle, 1, BAR, color=TRACK, zorder=1)
    begin = 0.0
    for number, colour, hatch in (
        (counts.flagged_low, RIGHT, ""),
        (counts.flagged - counts.flagged_low, WRONG, ""),
        (counts.unflagged_low, MISSED, "//////"),
    ):
        if number:
            _bar(axes, middle, begin, number / judged, colour, hatch)
        begin += number / judged
    return middle + BAR / 2 + GAP


def _bar(axes: "Axes", middle: float, begin: float, length: float, colour: str, hatch: str) -> None:
    axes.barh(
        middle,
        length,
        BAR,
        begin,
        color=colour,
        edgecolor=INK,
        hatch=hatch,
        linewidth=0.6,
        zorder=3,
    )
