"""What the year will end with: each method by hand, and that none looks ahead."""

from collections.abc import Mapping
from random import Random

import pytest

from rules.forecast import METHODS, Kind, outlooks
from schemas.forecast import Method

Years = dict[int, dict[int, float]]

OWN: Years = {
    2017: {6: 0.4, 12: 0.8},
    2018: {6: 0.5, 12: 0.9},
    2019: {6: 0.2, 12: 0.7},
    2020: {6: 0.3, 12: 0.9},
}
OTHER: Years = {2018: {6: 0.4, 12: 0.6}, 2019: {6: 0.5, 12: 1.0}, 2020: {6: 0.25, 12: 0.75}}


@pytest.mark.parametrize(
    ("method", "end"),
    [
        (Method.LINEAR, 0.70),  # 0.35 x 12/6
        (Method.OWN_FACTOR, 0.875),  # factors 2, 1.8, 3.5, 3: median 2.5
        (Method.OWN_RISE, 0.825),  # (0.4 + 0.4 + 0.5 + 0.6) / 4 = 0.475
        (Method.POOLED_FACTOR, 0.875),  # 1.8, 3.5, 3; 1.5, 2, 3: median 2.5
        (Method.POOLED_RISE, 0.85),  # 0.4, 0.5, 0.6; 0.2, 0.5, 0.5: median 0.5
        (Method.LAST_END, 0.90),
        (Method.USUAL_END, 0.85),  # 0.8, 0.9, 0.7, 0.9
        (Method.REGRESSION, None),  # six years are too few for a line
        (Method.COMBINED, 0.8625),  # of .825 .85 .85 .875 .875 .9
    ],
)
def test_each_method_by_hand(method: Method, end: float | None) -> None:
    kind = Kind({"A": OWN, "B": OTHER})
    assert METHODS[method](kind, "A", 2021, 6, 0.35) == (
        None if end is None else pytest.approx(end)
    )


def test_what_is_spent_is_not_taken_back() -> None:
    kind = Kind({"A": OWN, "B": OTHER})
    assert METHODS[Method.LAST_END](kind, "A", 2021, 11, 0.95) == 0.95
    assert METHODS[Method.USUAL_END](kind, "A", 2021, 11, 0.95) == 0.95


def _bodies(count: int, seed: int = 5) -> dict[str, Years]:
    """Bodies that rise from a third of their end in June to their end, give or take."""
    random = Random(seed)  # noqa: S311 - a made-up course
    bodies: dict[str, Years] = {}
    for n in range(count):
        usual = random.uniform(0.6, 1.0)
        bodies[f"U{n}"] = {
            year: {6: (end := usual + random.gauss(0, 0.05)) / 3 + random.gauss(0, 0.02), 12: end}
            for year in range(2010, 2022)
        }
    return bodies


def _standing(bodies: Mapping[str, Years], year: int) -> dict[str, float]:
    return {unit: years[year][6] for unit, years in bodies.items()}


def test_the_future_is_not_looked_at() -> None:
    bodies = _bodies(12)
    now = _standing(bodies, 2018)
    known = outlooks(bodies, {}, 2018, 6, now)
    changed = {
        unit: {y: c if y < 2018 else {6: 9.0, 12: 9.0} for y, c in years.items()}
        for unit, years in bodies.items()
    }
    assert outlooks(changed, {}, 2018, 6, now) == known
    without = {u: {y: c for y, c in years.items() if y < 2018} for u, years in bodies.items()}
    assert outlooks(without, {}, 2018, 6, now) == known


def test_intervals_hold_what_they_promise_and_better_than_linear() -> None:
    bodies = _bodies(60)
    held, wrong, linear = [], [], []
    for year in (2019, 2020, 2021):
        for unit, one in outlooks(bodies, {}, year, 6, _standing(bodies, year)).items():
            end = bodies[unit][year][12]
            assert one.low is not None
            assert one.high is not None
            assert bodies[unit][year][6] <= one.low <= one.rate <= one.high
            held.append(one.low <= end <= one.high)
            wrong.append(abs(one.rate - end))
            linear.append(abs(bodies[unit][year][6] * 2 - end))
    assert 0.72 <= sum(held) / len(held) <= 0.88
    assert sum(wrong) < sum(linear) / 3


def test_a_new_body_goes_by_its_kind_and_a_kind_too_small_by_all() -> None:
    bodies = _bodies(12)
    kinds = dict.fromkeys(bodies, "Bộ") | {"N": "Bộ", "S": "Tỉnh"}
    found = outlooks(bodies, kinds, 2021, 6, {"N": 0.3, "S": 0.3})
    assert found["N"] == found["S"]
    assert found["N"].years == 0
    assert found["N"].error is not None


def test_without_any_past_a_body_is_taken_at_its_word_or_goes_on_as_it_went() -> None:
    found = outlooks({}, {}, 2021, 6, {"A": 0.3, "B": 0.3, "C": 0.5}, {"A": 0.95, "C": 0.4})
    assert (found["A"].method, found["A"].rate) == (Method.ESTIMATE, 0.95)
    assert found["B"].method is Method.LINEAR
    assert found["B"].rate == pytest.approx(0.6)
    assert found["C"].rate == 0.5
    assert all(one.low is one.high is one.error is None for one in found.values())


def test_another_method_is_taken_only_where_it_was_clearly_better() -> None:
    """All end where they ended last year, however the rest of the year went."""
    random = Random(1)  # noqa: S311
    bodies: dict[str, Years] = {
        f"U{n}": {y: {6: random.uniform(0, 0.4), 12: 0.5 + 0.01 * n} for y in range(2012, 2022)}
        for n in range(40)
    }
    kind = Kind(bodies)
    assert kind.best(2021, 6) in {Method.LAST_END, Method.USUAL_END}
    assert Kind(_bodies(30)).best(2013, 12) is Method.COMBINED  # December: all know the end


def test_december_is_what_it_is() -> None:
    bodies = _bodies(12)
    found = outlooks(bodies, {}, 2021, 12, {"U1": bodies["U1"][2021][12]})["U1"]
    assert found.rate == pytest.approx(bodies["U1"][2021][12])
