"""Decides which method foretells a year's end, how sure that is, by trying them on the past.

Rates are fractions. A past year is foretold with what was known at that month of that year: nothing
of it, or of a later one, is ever looked at (rolling origin).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from statistics import fmean

import numpy as np

from rules.pattern import END, METHODS, POOLED_YEARS, Past, year_end
from schemas.forecast import ENOUGH_YEARS, Courses, Estimates, Method, Outlook

TRIED_YEARS = 8
"""Years that the back-test goes back."""
HALF_LIFE = 2.0
"""Years after which a trial counts half for the interval: how far a year may stray changes."""
FEWEST_TRIED = 10
"""Forecasts that must have been tried for a method, or a kind, to be chosen by them."""
FEWEST_TOLD = 4
"""Forecasts that must have been tried for an error and an interval to be told: of four the quantile
with the finite-sample correction is the largest, of fewer there is none."""
FEWEST_TRIED_YEARS = 3
"""Years that another method must have been better in: bodies stray together within a year."""
FEWEST_BODIES = 5
"""Bodies of a kind that has a pattern of its own."""
MARGIN = 0.1
"""The combination is used unless another method's error was smaller by this share: the best of
many on a short past is often best by chance."""
COVERAGE = 0.8
USUAL_FALLS = 0.1
"""Share of past years in which the rate fell by the year's end; with fewer, what is spent is the
least that the year ends with. A rate falls where the plan is raised, or money comes back."""


def outlooks(
    past: Courses,
    kinds: Mapping[str, str | None],
    year: int,
    month: int,
    now: Mapping[str, float],
    estimates: Estimates | None = None,
    open_still: Collection[str] = (),
) -> dict[str, Outlook]:
    """Unit -> its outlook at the end of `month` of `year`, where it stands at the rate `now`.

    `past` holds what is known of any year, `kinds` the unit's kind (none: of no kind), `estimates`
    what the units themselves expected of a year. A kind too small to be tried, or of a few bodies,
    is judged by the pattern of all. A past year ended with its closing month, where that is known,
    else with its December.

    In December the year has ended as it stands, but for the units that have money that may be spent
    until the end of January (`open_still`): they are foretold by what past closing months added,
    and where none is known told as they stand, without interval or error. In the closing month the
    year has ended for all.
    """
    rest = {} if month >= END else {u: r for u, r in now.items() if month < 12 or u in open_still}
    ended = {
        unit: Outlook(rate, Method.REPORTED, 0, rate, rate, 0.0)
        for unit, rate in now.items()
        if unit not in rest
    }
    return ended | _foretold(
        _closed(past) if month == 12 else past, kinds, year, month, rest, estimates
    )


def _closed(past: Courses) -> Courses:
    """The years that tell what January adds: both ends are known."""
    return {
        unit: {year: course for year, course in its.items() if {12, END} <= course.keys()}
        for unit, its in past.items()
    }


def _foretold(
    past: Courses,
    kinds: Mapping[str, str | None],
    year: int,
    month: int,
    now: Mapping[str, float],
    estimates: Estimates | None,
) -> dict[str, Outlook]:
    said = estimates or {}
    whole = Kind(past, said)
    by_kind = {
        kind: Kind({unit: its for unit, its in past.items() if kinds.get(unit) == kind}, said)
        for kind in {kinds.get(unit) for unit in now}
    }
    found = {}
    for unit, rate in now.items():
        own = by_kind[kinds.get(unit)]
        outlook = _outlook(own if own.can_tell(year, month) else whole, unit, year, month, rate)
        found[unit] = outlook or _without_past(whole, unit, year, month, rate)
    return found


def _without_past(kind: "Kind", unit: str, year: int, month: int, rate: float) -> Outlook:
    if month == 12:
        return Outlook(rate, Method.REPORTED)
    said = METHODS[Method.ESTIMATE](kind, unit, year, month, rate)
    if said is None:
        return Outlook(rate * 12 / month, Method.LINEAR)
    return Outlook(said, Method.ESTIMATE)


def _outlook(kind: "Kind", unit: str, year: int, month: int, rate: float) -> Outlook | None:
    """None where there is no past at all, of the unit or of its kind."""
    method = kind.best(year, month)
    end = METHODS[method](kind, unit, year, month, rate)
    if end is None:
        method = Method.COMBINED
        end = METHODS[method](kind, unit, year, month, rate)
    if end is None:
        return None
    floor, ceiling = kind.bounds(year, month, rate)
    end = min(max(end, floor), ceiling)
    years = len(kind.own(unit, year))
    trials = kind.trials(method, year, month)
    if len(trials) < FEWEST_TOLD:
        return Outlook(end, method, years)
    margin = _margin(trials, year)
    low = max(floor, end - margin)
    error = _mean_error(trials, trials)
    return Outlook(end, method, years, low, end + margin, error, _held(trials))


def _held(trials: "Trials") -> float | None:
    """The share of the trials within the margin that the years before each of them told."""
    within: list[bool] = []
    for year in sorted({y for _, y in trials}):
        before = {case: strayed for case, strayed in trials.items() if case[1] < year}
        if len(before) >= FEWEST_TRIED:
            margin = _margin(before, year)
            within += [abs(one) <= margin for (_, y), one in trials.items() if y == year]
    return fmean(within) if within else None


def _margin(trials: "Trials", year: int) -> float:
    """How far 80 of 100 outcomes stray at most: split conformal prediction, recent years first.

    The quantile is raised by the finite-sample correction (n + 1) / n, with the n that so weighted
    trials are worth (Kish). Few trials all count the same: weighted they would be worth too little
    for the quantile to exist.
    """
    if len(trials) < FEWEST_TRIED:
        return sorted(map(abs, trials.values()))[-(-4 * (len(trials) + 1) // 5) - 1]
    strayed = np.array([abs(one) for one in trials.values()])
    weights = np.array([0.5 ** ((year - 1 - y) / HALF_LIFE) for _, y in trials])
    worth = weights.sum() ** 2 / (weights**2).sum()
    order = np.argsort(strayed)
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(np.interp(min(1.0, COVERAGE * (worth + 1) / worth), reached, strayed[order]))


def _mean_error(trials: "Trials", of: Iterable[tuple[str, int]]) -> float:
    return float(np.mean([abs(trials[case]) for case in of]))


Trials = Mapping[tuple[str, int], float]
"""(unit, year) -> what the outcome was above the forecast, of each forecast that was tried."""


@dataclass(frozen=True, eq=False)
class Kind(Past):
    """The past of bodies that are judged alike, and how the methods would have fared on it."""

    @cache  # noqa: B019 - a kind lives for one forecast
    def trials(self, method: Method, year: int, month: int) -> Trials:
        """Every outcome before `year` against its forecast, had it been made at that month."""
        return {
            (unit, y): ended - end
            for unit, its in self.courses.items()
            for y, course in its.items()
            if year - TRIED_YEARS <= y < year and month in course
            if (ended := year_end(course)) is not None
            if self.own(unit, y) or self.pool(y, POOLED_YEARS)
            if (end := METHODS[method](self, unit, y, month, course[month])) is not None
        }

    def can_tell(self, year: int, month: int) -> bool:
        """Whether the kind is large enough to be judged by its own past."""
        bodies = {unit for unit, _, _ in self.pool(year, TRIED_YEARS)}
        tried = self.trials(Method.COMBINED, year, month)
        return len(bodies) >= FEWEST_BODIES and len(tried) >= FEWEST_TRIED

    @cache  # noqa: B019
    def best(self, year: int, month: int) -> Method:
        """The method with the lowest mean error beside the combination's on the same trials, the
        combination unless clearly beaten; the pooled patterns where there are less than two past
        years."""
        if len({y for _, y, _ in self.pool(year, TRIED_YEARS)}) < ENOUGH_YEARS:
            return Method.POOLED
        usual = self.trials(Method.COMBINED, year, month)
        shares = {Method.COMBINED: 1.0}
        for method in METHODS:
            trials = self.trials(method, year, month)
            both = trials.keys() & usual.keys()
            enough = len(both) >= FEWEST_TRIED and len({y for _, y in both}) >= FEWEST_TRIED_YEARS
            if enough and (error := _mean_error(usual, both)):
                shares[method] = _mean_error(trials, both) / error
        best = min(shares, key=lambda method: shares[method])
        return best if shares[best] < 1 - MARGIN else Method.COMBINED

    @cache  # noqa: B019
    def _falls(self, year: int, month: int) -> tuple[float, float]:
        """The share of past cases that fell from that month on, and the highest end."""
        cases = [(c.get(month, 0.0), c[END]) for _, _, c in self.pool(year, TRIED_YEARS)]
        falls = [end < standing for standing, end in cases]
        return sum(falls) / max(len(falls), 1), max((end for _, end in cases), default=0.0)

    def bounds(self, year: int, month: int, rate: float) -> tuple[float, float]:
        """The least and the most that a body standing at `rate` can sensibly end with."""
        falls, highest = self._falls(year, month)
        return (0.0 if falls >= USUAL_FALLS else rate), max(rate, highest, 1.0)
