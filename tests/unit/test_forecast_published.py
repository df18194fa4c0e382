"""The forecast on the statistics office's own figures, in years that it was not designed on."""

import csv
from collections import defaultdict
from pathlib import Path
from statistics import fmean, median

import pytest

from rules.forecast import outlooks
from schemas.forecast import Outlook

FILE = Path(__file__).parents[1] / "data" / "published" / "rates-2011-2021.csv"
MONTHS = {"june": 6, "september": 9, "october": 10, "december": 12}
JUDGED = range(2017, 2022)

Years = dict[int, dict[int, float]]
Column = tuple[str, int]
"""Kind and month."""


def _series() -> tuple[dict[str, Years], dict[str, str | None]]:
    courses: dict[str, Years] = defaultdict(dict)
    kinds: dict[str, str | None] = {}
    with FILE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            kinds[row["body"]] = row["kind"]
            courses[row["body"]][int(row["year"])] = {
                month: float(row[name]) / 100 for name, month in MONTHS.items() if row[name]
            }
    return courses, kinds


COURSES, KINDS = _series()


def _plain(unit: str, year: int, month: int) -> dict[str, float]:
    """The issue's plain methods, written anew without the product's code."""
    rate, past = COURSES[unit][year][month], range(year - 4, year)
    own = [c for y in past if (c := COURSES[unit].get(y)) and month in c]
    kind = [
        c
        for u, its in COURSES.items()
        if KINDS[u] == KINDS[unit]
        for y in past
        if (c := its.get(y)) and month in c
    ]
    pooled = rate / median(c[month] / c[12] for c in kind)
    found = {"linear": rate * 12 / month, "pooled": pooled}
    if own:
        found["own"] = rate / fmean(c[month] / c[12] for c in own)
        found["last"] = own[-1][12]
        found["pooled and usual"] = (pooled + fmean(c[12] for c in own)) / 2
    return found


@pytest.fixture(scope="module")
def judged() -> dict[Column, list[tuple[str, int, Outlook]]]:
    found: dict[Column, list[tuple[str, int, Outlook]]] = defaultdict(list)
    for month in (6, 9, 10):
        for year in JUDGED:
            now = {u: its[year][month] for u, its in COURSES.items() if month in its.get(year, {})}
            for unit, one in outlooks(COURSES, KINDS, year, month, now).items():
                found[str(KINDS[unit]), month].append((unit, year, one))
    return found


def test_it_is_better_than_the_best_plain_method_of_each_column(
    judged: dict[Column, list[tuple[str, int, Outlook]]],
) -> None:
    told, best = {}, {}
    for (kind, month), lines in judged.items():
        told[kind, month] = fmean(abs(one.rate - COURSES[u][y][12]) for u, y, one in lines)
        plain: dict[str, list[float]] = defaultdict(list)
        for unit, year, _ in lines:
            for name, end in _plain(unit, year, month).items():
                plain[name].append(abs(end - COURSES[unit][year][12]))
        best[kind, month] = min(map(fmean, plain.values()))
    assert len(told) == 6
    assert fmean(told.values()) < 0.95 * fmean(best.values())
    assert all(told[column] < best[column] + 0.01 for column in told)


def test_the_intervals_hold_what_they_promise(
    judged: dict[Column, list[tuple[str, int, Outlook]]],
) -> None:
    held = [
        one.low <= COURSES[unit][year][12] <= one.high
        for lines in judged.values()
        for unit, year, one in lines
        if one.low is not None and one.high is not None
    ]
    assert len(held) == sum(map(len, judged.values())) > 300
    assert 0.72 <= fmean(held) <= 0.88
