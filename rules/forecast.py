"""Decides what the year will end with: transparent methods, tried on the past before one is used.

Rates are fractions. Only years that are over and have a December figure count as past, and nothing
of the year that is foretold or of a later one is ever looked at.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean, median

import numpy as np

from schemas.forecast import Course, Courses, Method, Outlook

OWN_YEARS = 4
POOLED_YEARS = 3
REGRESSION_YEARS = 5
TRIED_YEARS = 8
"""Years that the back-test goes back."""
FEWEST_TRIED = 10
"""Forecasts that must have been tried for an error and an interval to be told."""
FEWEST_FITTED = 15
MARGIN = 0.1
"""The combination is used unless another method's error was smaller by this share: the best of
many on a short past is often best by chance."""
COVERAGE = 0.8
_SHRINK = 30.0
"""Weight, in observations, that pulls the regression's slopes to none (ridge)."""

Maker = Callable[["Kind", str, int, int, float], float | None]


def outlooks(
    past: Courses,
    kinds: Mapping[str, str | None],
    year: int,
    month: int,
    now: Mapping[str, float],
    estimates: Mapping[str, float] | None = None,
) -> dict[str, Outlook]:
    """Unit -> its outlook at the end of `month` of `year`, where it stands at the rate `now`.

    `past` holds what is known of any year, `kinds` the unit's kind (none: of no kind), `estimates`
    what the unit itself expects, for who has no past to go by. A kind too small to be tried is
    judged by the pattern of all.
    """
    whole = Kind(past)
    by_kind = {
        kind: Kind({unit: its for unit, its in past.items() if kinds.get(unit) == kind})
        for kind in {kinds.get(unit) for unit in now}
    }
    found = {}
    for unit, rate in now.items():
        own = by_kind[kinds.get(unit)]
        kind = own if len(own.errors(Method.COMBINED, year, month)) >= FEWEST_TRIED else whole
        outlook = _outlook(kind, unit, year, month, rate)
        if outlook is None:
            said = (estimates or {}).get(unit)
            outlook = (
                Outlook(rate * 12 / month, Method.LINEAR)
                if said is None
                else Outlook(max(rate, said), Method.ESTIMATE)
            )
        found[unit] = outlook
    return found


def _outlook(kind: "Kind", unit: str, year: int, month: int, rate: float) -> Outlook | None:
    """None where there is no past at all, of the unit or of its kind."""
    method = kind.best(year, month)
    end = METHODS[method](kind, unit, year, month, rate)
    if end is None:
        return None
    years = len(kind.own(unit, year))
    errors = kind.errors(method, year, month)
    if len(errors) < FEWEST_TRIED:
        return Outlook(end, method, years)
    share = min(1.0, COVERAGE * (len(errors) + 1) / len(errors))
    margin = float(np.quantile(np.abs(errors), share))
    low = max(min(rate, end), end - margin)
    return Outlook(end, method, years, low, end + margin, float(np.mean(np.abs(errors))))


@dataclass(frozen=True, eq=False)
class Kind:
    """The past of bodies that are judged alike."""

    past: Courses

    def own(self, unit: str, year: int, years: int = OWN_YEARS) -> list[Course]:
        """The unit's finished years before `year`."""
        its = self.past.get(unit, {})
        return [its[y] for y in range(year - years, year) if 12 in its.get(y, {})]

    def pool(self, year: int, years: int) -> list[tuple[str, int, Course]]:
        """(unit, year, course) of all finished years before `year`."""
        return [
            (unit, y, its[y])
            for unit, its in self.past.items()
            for y in range(year - years, year)
            if 12 in its.get(y, {})
        ]

    @cache  # noqa: B019 - a kind lives for one forecast
    def errors(self, method: Method, year: int, month: int) -> Sequence[float]:
        """What the outcome was above the forecast, had it been made in each year before `year`
        with what was known then (rolling origin)."""
        return [
            course[12] - end
            for unit, y, course in self.pool(year, TRIED_YEARS)
            if month in course
            if self.own(unit, y) or self.pool(y, POOLED_YEARS)
            if (end := METHODS[method](self, unit, y, month, course[month])) is not None
        ]

    @cache  # noqa: B019
    def best(self, year: int, month: int) -> Method:
        """The method with the lowest mean error, the combination unless clearly beaten."""
        usual = self.errors(Method.COMBINED, year, month)
        if not usual:
            return Method.COMBINED
        line = float(np.mean(np.abs(usual))) * (1 - MARGIN)
        tried = {m: self.errors(m, year, month) for m in METHODS}
        means = {m: np.mean(np.abs(e)) for m, e in tried.items() if len(e) >= len(usual)}
        best = min(means, key=lambda m: means[m])
        return best if means[best] < line else Method.COMBINED

    @cache  # noqa: B019
    def rises(self, year: int, month: int) -> tuple[float | None, float | None]:
        """The kind's usual rise from that month to December: in points, and as a factor."""
        pairs = [(c[month], c[12]) for _, _, c in self.pool(year, POOLED_YEARS) if month in c]
        points = [end - standing for standing, end in pairs]
        factors = [end / standing for standing, end in pairs if standing > 0]
        return (median(points) if points else None, median(factors) if factors else None)

    @cache  # noqa: B019
    def line(self, year: int, month: int) -> "_Line | None":
        """The robust line through the kind's past years, None where they are too few."""
        cases = [(u, y, c) for u, y, c in self.pool(year, REGRESSION_YEARS) if month in c]
        if len(cases) < FEWEST_FITTED:
            return None
        known = np.array([self.usual(u, y, month, c[month]) for u, y, c in cases])
        return _fitted(known, np.array([c[12] for _, _, c in cases]))

    def usual(self, unit: str, year: int, month: int, rate: float) -> list[float]:
        """Standing, the own past years' mean end and mean standing; NaN where there are none."""
        own = self.own(unit, year)
        standings = [c[month] for c in own if month in c]
        return [
            rate,
            fmean(c[12] for c in own) if own else np.nan,
            fmean(standings) if standings else np.nan,
        ]


@dataclass(frozen=True)
class _Line:
    means: np.ndarray
    weights: np.ndarray

    def at(self, known: Sequence[float]) -> float:
        filled = np.where(np.isnan(known), self.means, known)
        return float(self.weights @ np.r_[1.0, filled - self.means])


def _fitted(known: np.ndarray, ends: np.ndarray) -> _Line:
    """Ridge regression with Huber's weights: a body that leaps does not bend the line."""
    there = ~np.isnan(known)
    means = np.where(there, known, 0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    design = np.c_[np.ones(len(known)), np.where(there, known, means) - means]
    penalty = np.diag([0.0, *[_SHRINK * 1e-4] * known.shape[1]])
    trust = np.ones(len(ends))
    weights = np.zeros(design.shape[1])
    for _ in range(20):
        weighted = design * trust[:, None]
        weights = np.linalg.solve(weighted.T @ design + penalty, weighted.T @ ends)
        apart = np.abs(ends - design @ weights)
        spread = 1.4826 * float(np.median(apart)) + 1e-8
        trust = np.minimum(1.0, spread / np.maximum(apart, 1e-12))
    return _Line(means, weights)


# --- the methods ----------------------------------------------------------------------------------


def _linear(kind: Kind, unit: str, year: int, month: int, rate: float) -> float | None:  # noqa: ARG001
    return rate * 12 / month


def _own_factor(kind: Kind, unit: str, year: int, month: int, rate: float) -> float | None:
    factors = [c[12] / c[month] for c in kind.own(unit, year) if c.get(month, 0) > 0]
    return rate * median(factors) if factors else None


def _own_rise(kind: Kind, unit: str, year: int, month: int, rate: float) -> float | None:
    rises = [c[12] - c[month] for c in kind.own(unit, year) if month in c]
    return rate + fmean(rises) if rises else None


def _pooled_factor(kind: Kind, unit: str, year: int, month: int, rate: float) -> float | None:  # noqa: ARG001
    factor = kind.rises(year, month)[1]
    return None if factor is None else rate * factor


def _pooled_rise(kind: Kind, unit: str, year: int, month: int, rate: float) -> float | None:  # noqa: ARG001
    rise = kind.rises(year, month)[0]
    return None if rise is None else rate + rise


def _last_end(kind: Kind, unit: str, year: int, month: int, rate: float) -> float | None:  # noqa: ARG001
    own = kind.own(unit, year, 1)
    return max(rate, own[0][12]) if own else None


def _usual_end(kind: Kind, unit: str, year: int, month: int, rate: float) -> float | None:  # noqa: ARG001
    ends = [c[12] for c in kind.own(unit, year)]
    return max(rate, median(ends)) if ends else None


def _regression(kind: Kind, unit: str, year: int, month: int, rate: float) -> float | None:
    line = kind.line(year, month)
    return max(rate, line.at(kind.usual(unit, year, month, rate))) if line else None


def _combined(kind: Kind, unit: str, year: int, month: int, rate: float) -> float | None:
    ends = [end for make in _MEMBERS if (end := make(kind, unit, year, month, rate)) is not None]
    return median(ends) if ends else None


_MEMBERS: tuple[Maker, ...] = (
    _own_factor, _own_rise, _pooled_factor, _pooled_rise, _last_end, _usual_end, _regression,
)  # fmt: skip
METHODS: Mapping[Method, Maker] = {
    Method.LINEAR: _linear,
    Method.OWN_FACTOR: _own_factor,
    Method.OWN_RISE: _own_rise,
    Method.POOLED_FACTOR: _pooled_factor,
    Method.POOLED_RISE: _pooled_rise,
    Method.LAST_END: _last_end,
    Method.USUAL_END: _usual_end,
    Method.REGRESSION: _regression,
    Method.COMBINED: _combined,
}
