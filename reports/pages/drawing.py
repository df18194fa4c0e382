"""Decides how the pages' charts are drawn: bars with a target mark, a year's course, a waterfall.

Lengths are percent of the chart's width, so that a chart is as wide as its page and its letters
stay as they are; heights are rem, as letters are. What each bar says stands beside it as text.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from reports.chart import LONGEST_BAR, SHOWN
from reports.numbers import money, percent, points
from schemas.board import ActivityFigure, Board, State
from schemas.pages import Month
from schemas.period import DECEMBER, Period
from schemas.texts import say

TOP, BOTTOM = 1.5, 14.0
"""Where a course's plot begins and ends."""
ABOVE, BELOW = 0.5, 1.5
"""From a point to the foot of its label."""
APART = 1.1
"""Between two labels that would else lie on each other."""
LEFT, RIGHT = 8.0, 96.0
"""Where January and December stand."""
INNER = 85.0
"""A label at a point further right would reach out of a narrow chart, were it centred there."""


@dataclass(frozen=True)
class Bar:
    """One bar: its name and figure, and from where to where it reaches; `to` None: none drawn."""

    name: str
    figure: str
    words: str
    colour: str = ""
    start: float = 0
    to: float | None = None
    href: str = ""
    whole: bool = False

    @property
    def width(self) -> float:
        """At least a line."""
        return round(max((self.to or 0) - self.start, 0.2), 3)


@dataclass(frozen=True)
class Bars:
    """Bars below each other, a mark at the target, and what the axis' two ends say."""

    bars: tuple[Bar, ...]
    axis: tuple[str, str]
    target: float | None = None


@dataclass(frozen=True)
class Course:
    """A line through the months: its points, and the label at its end."""

    kind: str
    points: tuple[tuple[float, float], ...]
    label: str
    label_x: float = 0
    label_y: float = 0
    anchor: str = "end"

    @property
    def segments(self) -> list[tuple[float, float, float, float]]:
        """From each point to the next."""
        return [(*a, *b) for a, b in zip(self.points, self.points[1:], strict=False)]


@dataclass(frozen=True)
class Trend:
    """The year's course against the pace, and against last year where it is known."""

    lines: tuple[Course, ...]
    grid: tuple[tuple[float, str], ...]
    months: tuple[tuple[float, str], ...]
    words: str
    bottom: float = BOTTOM


def progress(board: Board, expected: float, pages: Mapping[str, str]) -> Bars:
    """The body's average, then the slowest units, each against the expected pace; who has no rate
    stands last and says why. `pages` is where each unit's own page lies."""
    units = sorted(board.units, key=lambda u: (u.rate is None, u.rate or 0))[:SHOWN]
    rates = [board.totals.rate, *(u.rate for u in units)]
    longest = max(1.0, *(min(rate or 0, LONGEST_BAR) for rate in rates))
    bars = [
        Bar(
            unit.name,
            percent(unit.rate),
            gap(unit.rate, expected)
            if unit.rate is not None
            else say(
                "chart.no-budget" if unit.state is State.ACCEPTED else f"chart.{unit.state}"
            ).capitalize(),
            _colour(unit.rate, expected),
            to=_share(unit.rate, longest),
            href=pages.get(unit.code, ""),
        )
        for unit in units
    ]
    rate = board.totals.rate
    if rate is not None:
        average = Bar(
            say("chart.average"),
            percent(rate),
            gap(rate, expected),
            _colour(rate, expected),
            to=_share(rate, longest),
            whole=True,
        )
        bars.insert(0, average)
    return Bars(tuple(bars), ("0%", f"{longest:.0%}"), _share(expected, longest))


def gap(rate: float | None, expected: float) -> str:
    """`thấp hơn tiến độ yêu cầu 3,21 điểm phần trăm`, by the printed rates."""
    if rate is None:
        return ""
    difference = points(rate) - points(expected)
    key = "equal" if difference == 0 else "below" if difference < 0 else "above"
    return say(f"page.gap.{key}", gap=money(abs(difference)))


def _colour(rate: float | None, expected: float) -> str:
    return "slow" if rate is not None and points(rate) < points(expected) else "fine"


def _share(rate: float | None, longest: float) -> float | None:
    return None if rate is None else round(100 * max(0.0, min(rate, LONGEST_BAR)) / longest, 3)


def trend(months: Sequence[Month], year: int, pace: Sequence[float]) -> Trend:
    """The year's months so far against last year's and the pace; `pace` is what the end of each
    month asks for, as fractions from January on. A closing month stands after December, where
    there is one."""
    rates = {(m.year, m.month): m.rate for m in months if m.rate is not None}
    this, last = (
        [(m, rate) for (y, m), rate in sorted(rates.items()) if y == which]
        for which in (year, year - 1)
    )
    last_month = max([DECEMBER, *(m for m, _ in (*this, *last))])
    pace = pace[:last_month]
    highest = max(1.0, *(rate for _, rate in (*this, *last)), *pace) if months else 1.0
    lines = [
        _course("pace", [*enumerate(pace, 1)], last_month, highest, say("page.trend.pace")),
        _course("then", last, last_month, highest, _ending(year - 1, last)),
        _course("now", this, last_month, highest, _ending(year, this)),
    ]
    return Trend(
        lines=_labelled([line for line in lines if line.points]),
        grid=tuple((_height(tick, highest), f"{tick:.0%}") for tick in (0.0, 0.25, 0.5, 0.75, 1.0)),
        months=tuple(
            (
                _place(month, last_month),
                say("page.trend.closing") if month > DECEMBER else str(month),
            )
            for month in range(1, last_month + 1)
        ),
        words=_told(year, this, last),
    )


def _ending(year: int, course: Sequence[tuple[int, float]]) -> str:
    return say("page.trend.end", year=year, rate=percent(course[-1][1])) if course else ""


def _told(year: int, this: Sequence[tuple[int, float]], last: Sequence[tuple[int, float]]) -> str:
    """The course in words."""
    if not this:
        return say("page.trend.none", year=year)
    month, rate = this[-1]
    words = say("page.trend.now", period=Period(year, month).label, rate=percent(rate))
    before = dict(last).get(month)
    if before is None:
        return words
    return f"{words} {say('page.trend.then', year=year - 1, rate=percent(before))}"


def _course(
    kind: str, course: Sequence[tuple[int, float]], last_month: int, highest: float, label: str
) -> Course:
    its = tuple((_place(month, last_month), _height(rate, highest)) for month, rate in course)
    return Course(kind, its, label)


def _labelled(lines: Sequence[Course]) -> tuple[Course, ...]:
    """Each line with its label at its end, below it where another line passes above, and none on
    another."""
    placed: list[Course] = []
    for line in lines:
        x, y = line.points[-1]
        over = [py for other in lines for px, py in other.points if px == x and py < y]
        label = y + BELOW if over else y - ABOVE
        near = [p.label_y for p in placed if abs(p.label_x - x) < (RIGHT - LEFT) / 2]
        while any(abs(label - other) < APART for other in near):
            label += APART / 4
        anchor = "end" if x > INNER else "middle" if over else "end" if x > LEFT * 4 else "start"
        placed.append(replace(line, label_x=x, label_y=round(label, 2), anchor=anchor))
    return tuple(placed)


def _place(month: int, last_month: int) -> float:
    return round(LEFT + (RIGHT - LEFT) * (month - 1) / (last_month - 1), 2)


def _height(rate: float, highest: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * max(rate, 0) / highest, 2)


def adjustments(activities: Sequence[ActivityFigure]) -> Bars | None:
    """From what was assigned to what is proposed: what was carried over, then what was decided and
    what units ask for, source by source; None where nothing was adjusted, or is to be.

    The axis begins so that the smallest step can be seen, and says where.
    """
    decided, asked = _decided(activities), _asked(activities)
    if not decided and not asked:
        return None
    assigned = sum((a.budget.assigned for a in activities), Decimal(0))
    changes = [change for _, change in (*decided, *asked)]
    levels = [assigned + sum(changes[:n], Decimal(0)) for n in range(len(changes) + 1)]
    low, high = min(levels), max(levels)
    origin = max(Decimal(0), low - 2 * (high - low))

    def place(amount: Decimal) -> float:
        return round(float(100 * (amount - origin) / (high - origin)), 3)

    def steps(its: Sequence[tuple[str, Decimal]], kind: str, level: Decimal) -> Iterator[Bar]:
        for name, change in its:
            ends = sorted((place(level), place(level + change)))
            level += change
            colour = "more" if change > 0 else "less"
            words = say("page.waterfall.asked") if kind == "asked" else ""
            yield Bar(name, _signed(change), words, f"{colour} {kind}", ends[0], ends[1])

    def total(which: str, amount: Decimal) -> Bar:
        name = say(f"page.waterfall.{which}")
        return Bar(name, money(amount), "", "sum", to=place(amount), whole=True)

    current = levels[len(decided)]
    bars = [total("assigned", assigned), *steps(decided, "decided", assigned)]
    bars.append(total("current", current))
    if asked:
        bars += [*steps(asked, "asked", current), total("proposed", levels[-1])]
    return Bars(tuple(bars), (money(origin, 0), money(high, 0)))


def _decided(activities: Sequence[ActivityFigure]) -> list[tuple[str, Decimal]]:
    carried = sum((a.budget.carried for a in activities), Decimal(0))
    by_source = _by_source(activities, "adjustment", lambda a: a.budget.adjustment)
    return [(say("page.waterfall.carried"), carried), *by_source] if carried else by_source


def _asked(activities: Sequence[ActivityFigure]) -> list[tuple[str, Decimal]]:
    return _by_source(activities, "proposal", lambda a: a.proposal or Decimal(0))


def _by_source(
    activities: Sequence[ActivityFigure], key: str, amount: Callable[[ActivityFigure], Decimal]
) -> list[tuple[str, Decimal]]:
    sums: dict[str, Decimal] = {}
    for one in activities:
        sums[one.source] = sums.get(one.source, Decimal(0)) + amount(one)
    return [
        (say(f"page.waterfall.{key}", source=source), change)
        for source, change in sums.items()
        if change
    ]


def _signed(change: Decimal) -> str:
    return f"+{money(change)}" if change > 0 else money(change)
