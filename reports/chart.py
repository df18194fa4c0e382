"""The month's chart: each unit's disbursement rate against the expected pace, slowest first."""

import textwrap
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from reports.denominator import named
from reports.listed import and_more
from reports.numbers import percent, points
from schemas.board import Board, State, UnitStatus
from schemas.texts import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN = 40
"""Units that a page's drawing shows; of more, the slowest."""
PICTURED = 12
"""Units in the picture, which goes into a mail of less than 100 kB."""
NAMED = 3
"""The slowest units that the alternative text names, and those without figures."""

# Inches at 200 dots: 800 pixels wide, sharp where a telephone shows them as 400.
WIDTH, DPI, MARGIN = 4.0, 200, 0.1
LINE, BAR, GAP = 0.175, 0.14, 0.11
NOTE = 0.14
"""What the rates divide by, below the title."""
ABOVE = 0.02
"""Between a name and its bar."""
BASELINE = 0.74
"""Where letters stand in their line; marks above and below need the rest."""
WRAP = 36
"""Letters of a unit's name on a line; the rate stands to the right of the first."""
LONGEST_BAR = 1.25
"""A bar never passes this rate, so that one wild figure does not flatten the others."""

SIZE, TITLE_SIZE, TICK_SIZE = 9, 10, 7.5
SLOW, IN_PACE, TRACK, INK, GREY = "#A63603", "#92C5DE", "#EFEFEF", "#1A1A1A", "#595959"
"""Dark against light: told apart in grey print and by colour-blind readers."""
GREYS = 8
"""Shades from ink to white for the edges of letters. With the colours fewer than 16 in all, which
is half a byte for a dot: the picture takes a quarter of what it would in full colour."""


class _Bar(NamedTuple):
    name: str
    rate: float | None
    words: str
    """Stands in the place of the bar where there is no rate."""
    colour: str


def progress_chart(board: Board, expected: float) -> bytes:
    """A PNG 800 pixels wide: the average, then a bar per unit, and a line at the expected pace.

    `expected` is a fraction. Units without a rate stand last and say why. The same board gives
    the same bytes.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - takes half a second to import

    bars = [_Bar(u.name, u.rate, _why(u), _colour(u.rate, expected)) for u in _slowest_first(board)]
    left_out = len(bars) - PICTURED
    bars = bars[:PICTURED]
    if board.totals.rate is not None:
        bars.insert(0, _Bar(say("chart.average"), board.totals.rate, "", "white"))
    names = [textwrap.wrap(bar.name, WRAP) or [""] for bar in bars]

    top = MARGIN + 3 * LINE + NOTE
    height = top + sum(LINE * len(name) + ABOVE + BAR + GAP for name in names) + LINE + MARGIN
    longest = max([1.0, *(min(bar.rate or 0, LONGEST_BAR) for bar in bars)])
    figure = Figure(figsize=(WIDTH, height + LINE * (left_out > 0)), dpi=DPI)
    axes = figure.add_axes((MARGIN / WIDTH, 0, 1 - 2 * MARGIN / WIDTH, 1))
    axes.set(xlim=(0, longest), ylim=(figure.get_figheight(), 0))
    axes.axis("off")

    which = "title-closing" if board.period.is_closing else "title"  # what fits the width
    title = say(f"chart.{which}", period=board.period.label, year=board.period.year)
    write(axes, 0, MARGIN, title, size=TITLE_SIZE, weight="bold")
    basis = say("chart.basis", basis=named(board.basis()))
    write(axes, 0, MARGIN + LINE, basis, size=TICK_SIZE, color=GREY)
    edge = "right" if expected > longest / 2 else "left"
    label = say("chart.expected", rate=percent(expected))
    write(axes, expected, MARGIN + 1.6 * LINE + NOTE, label, ha=edge)
    bottom = height - LINE - MARGIN
    axes.vlines(expected, MARGIN + 2.8 * LINE + NOTE, bottom, colors=INK, linewidth=1.3, zorder=4)
    for bar, name in zip(bars, names, strict=True):
        top = _draw(axes, bar, name, top, longest)
    for tick, edge in (
        (0.0, "left"),
        (0.5, "center"),
        (1.0, "right" if longest == 1 else "center"),
    ):
        write(axes, tick, bottom, f"{tick:.0%}", size=TICK_SIZE, color=GREY, ha=edge)
    if left_out > 0:
        note = say("chart.lowest", shown=PICTURED, units=PICTURED + left_out)
        write(axes, 0, height, note, style="italic")

    drawn = BytesIO()
    figure.savefig(drawn, format="png", metadata={"Software": None})
    return _in_few_colours(drawn)


def _in_few_colours(drawn: BytesIO) -> bytes:
    """The picture with each dot in the nearest of our own colours."""
    from matplotlib.colors import to_rgb  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415 - only where something is drawn

    ink = round(255 * to_rgb(INK)[0])
    greys = [round(ink + (255 - ink) * n / (GREYS - 1)) for n in range(GREYS)]
    colours = [round(255 * part) for name in (SLOW, IN_PACE, TRACK, GREY) for part in to_rgb(name)]
    palette = Image.new("P", (1, 1))
    palette.putpalette([*colours, *(grey for grey in greys for _ in "rgb")])
    with Image.open(drawn) as full:
        few = full.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)
        picture = BytesIO()
        few.save(picture, format="png", optimize=True, dpi=(DPI, DPI))
    return picture.getvalue()


def alternative_text(board: Board, expected: float) -> str:
    """The chart in words, for readers who do not see it: the sums, the slowest, the silent."""
    if board.totals.rate is None:
        return say("chart.alternative-none", period=board.period.label)
    units = _slowest_first(board)
    slow = [u for u in units if _is_slow(u.rate, expected)]
    sentences = [
        say(
            "chart.alternative",
            units=sum(u.rate is not None for u in units),
            period=board.period.label,
            average=percent(board.totals.rate),
            expected=percent(expected),
            below=len(slow),
            basis=named(board.basis()),
        )
    ]
    if slow:
        names = ", ".join(f"{u.name} ({percent(u.rate)})" for u in slow[:NAMED])
        sentences.append(say("chart.alternative-low", names=names))
    if silent := [f"{u.name} ({_why(u)})" for u in units if u.rate is None]:
        names = and_more(silent, NAMED)
        sentences.append(say("chart.alternative-missing", names=names))
    return " ".join(sentences)


def _slowest_first(board: Board) -> list[UnitStatus]:
    return sorted(board.units, key=lambda u: (u.rate is None, u.rate or 0))


def _is_slow(rate: float | None, expected: float) -> bool:
    """As the printed rates compare."""
    return rate is not None and points(rate) < points(expected)


def _colour(rate: float | None, expected: float) -> str:
    return SLOW if _is_slow(rate, expected) else IN_PACE


def _why(unit: UnitStatus) -> str:
    """Why a unit has no rate."""
    return say("chart.no-budget" if unit.state is State.ACCEPTED else f"chart.{unit.state}")


def _draw(axes: "Axes", bar: _Bar, name: Sequence[str], top: float, longest: float) -> float:
    """One name with its rate, and the bar below; gives where the next one begins."""
    shown = percent(bar.rate) if bar.rate is not None else ""
    weight = "bold" if bar.colour == "white" else "normal"
    for number, line in enumerate(name):
        write(axes, 0, top + number * LINE, line, weight=weight)
    write(axes, longest, top, shown, ha="right", weight="bold")
    middle = top + len(name) * LINE + ABOVE + BAR / 2
    if bar.rate is None:
        write(axes, 0, middle - LINE / 2, bar.words, style="italic", color=GREY)
    else:
        axes.barh(middle, 1, BAR, color=TRACK, zorder=1)
        length = min(bar.rate, LONGEST_BAR)
        axes.barh(middle, length, BAR, color=bar.colour, edgecolor=INK, linewidth=0.6, zorder=3)
    return middle + BAR / 2 + GAP


def write(axes: "Axes", x: float, y: float, text: str, **style: Any) -> None:
    """A line of text from `y` to `y + LINE`, on a white ground where the pace line breaks off."""
    style = {"size": SIZE, "color": INK, "va": "baseline", "family": "DejaVu Sans", **style}
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 2}
    y += BASELINE * LINE
    # the grounds lie below all letters, or one would cut what hangs down from the line above it
    axes.text(x, y, text, parse_math=False, zorder=5, bbox=ground, **style | {"color": "white"})
    axes.text(x, y, text, parse_math=False, zorder=6, **style)
