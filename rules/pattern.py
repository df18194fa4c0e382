"""Decides what the past of bodies says of a year's end, by transparent methods.

Rates are fractions. Only years that are over and have a figure of December or of the closing month
count as past, and nothing of the year that is foretold or of a later one is ever looked at.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import pairwise
from statistics import fmean, median

import numpy as np

from schemas.forecast import Course, Courses, Estimates, Method

OWN_YEARS = 4
POOLED_YEARS = 3
KIND_YEARS = 2
REGRESSION_YEARS = 5
FEWEST_FITTED = 15
PULL = 0.5
"""Years of its kind that a body's own are mixed with: a body of one year is a third its kind."""
WIDEST_GAP = 3
"""Months from one known figure to the next that a straight line may bridge: a quarter."""
END = 13
"""Where a finished course holds the year's end: as the closing month says, else as December."""
_SHRINK = 30.0
"""Weight, in observations, that pulls the regression's slopes to none (ridge)."""

Maker = Callable[["Past", str, int, int, float], float | None]
"""(past, unit, year, month, standing) -> the rate that the year will end with."""


@dataclass(frozen=True, eq=False)
class Past:
    """The past of bodies that are judged alike; `courses` may hold later years, unseen."""

    courses: Courses
    estimates: Estimates = field(default_factory=dict)

    @cached_property
    def _finished(self) -> Mapping[str, Mapping[int, Course]]:
        return {
            unit: {
                year: {**_bridged(course), END: end}
                for year, course in its.items()
                if (end := year_end(course)) is not None
            }
            for unit, its in self.courses.items()
        }

    def own(self, unit: str, year: int, years: int = OWN_YEARS) -> list[Course]:
        """The unit's finished years before `year`, the earliest first."""
        its = self._finished.get(unit, {})
        return [its[y] for y in range(year - years, year) if y in its]

    @cache  # noqa: B019 - a past lives for one forecast
    def pool(self, year: int, years: int) -> Sequence[tuple[str, int, Course]]:
        """(unit, year, course) of all finished years before `year`."""
        return [
            (unit, y, its[y])
            for unit, its in self._finished.items()
            for y in range(year - years, year)
            if y in its
        ]

    @cache  # noqa: B019
    def rises(self, year: int, month: int) -> tuple[float | None, float | None]:
        """The kind's usual rise from that month to the year's end: in points, and as a factor."""
        pairs = [(c[month], c[END]) for _, _, c in self.pool(year, POOLED_YEARS) if month in c]
        points = [end - standing for standing, end in pairs]
        factors = [end / standing for standing, end in pairs if standing > 0]
        return (median(points) if points else None, median(factors) if factors else None)

    @cache  # noqa: B019
    def end(self, year: int, years: int) -> float | None:
        """Where bodies of the kind ended in so many past years (median)."""
        ends = [c[END] for _, _, c in self.pool(year, years)]
        return median(ends) if ends else None

    @cache  # noqa: B019
    def line(self, year: int, month: int) -> "_Line | None":
        """The robust line through the kind's past years, None where they are too few."""
        cases = [(u, y, c) for u, y, c in self.pool(year, REGRESSION_YEARS) if month in c]
        if len(cases) < FEWEST_FITTED:
            return None
        known = np.array([self.usual(u, y, month, c[month]) for u, y, c in cases])
        return _fitted(known, np.array([c[END] for _, _, c in cases]))

    def usual(self, unit: str, year: int, month: int, rate: float) -> list[float]:
        """Standing, the own past years' mean end and mean standing; NaN where there are none."""
        own = self.own(unit, year)
        standings = [c[month] for c in own if month in c]
        return [
            rate,
            fmean(c[END] for c in own) if own else np.nan,
            fmean(standings) if standings else np.nan,
        ]


def year_end(course: Course) -> float | None:
    """What the year ended with: its closing month where that is known, else its December."""
    return course.get(END, course.get(12))


def _bridged(course: Course) -> Course:
    """The course with its short gaps filled in a straight line; every year begins at nothing."""
    known = sorted({0: 0.0, **course}.items())
    filled = dict(course)
    for (here, low), (there, high) in pairwise(known):
        if there - here <= WIDEST_GAP:
            for month in range(here + 1, there):
                filled[month] = low + (high - low) * (month - here) / (there - here)
    return filled


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


def _linear(past: Past, unit: str, year: int, month: int, rate: float) -> float | None:  # noqa: ARG001
    return rate * 12 / month


def _own_factor(past: Past, unit: str, year: int, month: int, rate: float) -> float | None:
    own = past.own(unit, year)
    shares = [c[month] / c[END] for c in own if c.get(month, 0) > 0 and c[END] > 0]
    factor = past.rises(year, month)[1]
    share = _mixed(shares, 1 / factor if factor else None)
    return rate / share if share else None


def _own_rise(past: Past, unit: str, year: int, month: int, rate: float) -> float | None:
    rises = [c[END] - c[month] for c in past.own(unit, year) if month in c]
    rise = _mixed(rises, past.rises(year, month)[0])
    return None if rise is None else rate + rise


def _mixed(own: Sequence[float], of_kind: float | None) -> float | None:
    """The mean of the body's own years and of its kind's usual figure, counted as `PULL` years."""
    if of_kind is None:
        return fmean(own) if own else None
    return (sum(own) + PULL * of_kind) / (len(own) + PULL)


def _pooled_factor(past: Past, unit: str, year: int, month: int, rate: float) -> float | None:  # noqa: ARG001
    factor = past.rises(year, month)[1]
    return None if factor is None else rate * factor


def _pooled_rise(past: Past, unit: str, year: int, month: int, rate: float) -> float | None:  # noqa: ARG001
    rise = past.rises(year, month)[0]
    return None if rise is None else rate + rise


def _last_end(past: Past, unit: str, year: int, month: int, rate: float) -> float | None:  # noqa: ARG001
    own = past.own(unit, year)
    return max(rate, own[-1][END]) if own else None


def _usual_end(past: Past, unit: str, year: int, month: int, rate: float) -> float | None:  # noqa: ARG001
    end = _mixed([c[END] for c in past.own(unit, year)], past.end(year, POOLED_YEARS))
    return None if end is None else max(rate, end)


def _kind_end(past: Past, unit: str, year: int, month: int, rate: float) -> float | None:  # noqa: ARG001
    end = past.end(year, KIND_YEARS)
    return None if end is None else max(rate, end)


def _regression(past: Past, unit: str, year: int, month: int, rate: float) -> float | None:
    line = past.line(year, month)
    return max(rate, line.at(past.usual(unit, year, month, rate))) if line else None


def _estimate(past: Past, unit: str, year: int, month: int, rate: float) -> float | None:
    said = past.estimates.get((unit, year, month))
    return None if said is None else max(rate, said)


def _median_of(*makers: Maker) -> Maker:
    def make(past: Past, unit: str, year: int, month: int, rate: float) -> float | None:
        made = [end for one in makers if (end := one(past, unit, year, month, rate)) is not None]
        return median(made) if made else None

    return make


METHODS: Mapping[Method, Maker] = {
    Method.LINEAR: _linear,
    Method.OWN_FACTOR: _own_factor,
    Method.OWN_RISE: _own_rise,
    Method.POOLED_FACTOR: _pooled_factor,
    Method.POOLED_RISE: _pooled_rise,
    Method.LAST_END: _last_end,
    Method.USUAL_END: _usual_end,
    Method.KIND_END: _kind_end,
    Method.REGRESSION: _regression,
    Method.ESTIMATE: _estimate,
    Method.POOLED: _median_of(_pooled_factor, _pooled_rise, _kind_end),
    Method.COMBINED: _median_of(
        _own_factor, _own_rise, _pooled_factor, _pooled_rise, _last_end, _usual_end, _kind_end,
        _regression,
    ),
}  # fmt: skip
