"""What the year will end with: each method by hand, and that none looks ahead."""

from collections.abc import Mapping
from random import Random

import pytest

from rules.forecast import Kind, Trials, _held, _margin, outlooks
from rules.pattern import METHODS, Past
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
        # own shares of June 1/2, 5/9, 2/7, 1/3, half the kind's 1/2.5: 0.35 / (1.87460 / 4.5)
        (Method.OWN_FACTOR, 0.840178),
        (Method.OWN_RISE, 0.827778),  # 0.35 + (0.4 + 0.4 + 0.5 + 0.6, half the kind's 0.5) / 4.5
        (Method.POOLED_FACTOR, 0.875),  # 1.8, 3.5, 3; 1.5, 2, 3: median 2.5
        (Method.POOLED_RISE, 0.85),  # 0.4, 0.5, 0.6; 0.2, 0.5, 0.5: median 0.5
        (Method.LAST_END, 0.90),
        (Method.USUAL_END, 0.825),  # (0.8 + 0.9 + 0.7 + 0.9, half the kind's 0.825) / 4.5
        (Method.KIND_END, 0.825),  # 0.7, 0.9; 1.0, 0.75
        (Method.REGRESSION, None),  # six years are too few for a line
        (Method.POOLED, 0.85),  # of .825 .85 .875
        (Method.COMBINED, 0.840178),  # of .825 .825 .8278 .8402 .85 .875 .9
    ],
)
def test_each_method_by_hand(method: Method, end: float | None) -> None:
    kind = Kind({"A": OWN, "B": OTHER})
    assert METHODS[method](kind, "A", 2021, 6, 0.35) == (
        None if end is None else pytest.approx(end, abs=1e-6)
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
    said = {("A", 2021, 6): 0.95, ("C", 2021, 6): 0.4, ("B", 2021, 5): 0.9}
    found = outlooks({}, {}, 2021, 6, {"A": 0.3, "B": 0.3, "C": 0.5}, said)
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


@pytest.mark.parametrize(
    ("other", "years", "best"),
    [(0.091, 3, "combined"), (0.089, 3, "last-end"), (0.089, 2, "combined")],
)
def test_clearly_better_is_by_a_tenth_over_three_years(
    other: float, years: int, best: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = {Method.COMBINED: 0.1, Method.LAST_END: other}

    def trials(_: Kind, method: Method, *__: int) -> Trials:
        return {(f"U{n}", 2020 - n % years): error.get(method, 0.2) for n in range(20)}

    monkeypatch.setattr(Kind, "trials", trials)
    assert Kind(_bodies(12)).best(2021, 6) == best


def test_december_is_what_it_is() -> None:
    bodies = _bodies(12)
    found = outlooks(bodies, {}, 2021, 12, {"U1": 0.7})["U1"]
    assert found.method is Method.REPORTED
    assert (found.rate, found.low, found.high, found.error) == (0.7, 0.7, 0.7, 0.0)


@pytest.mark.parametrize(("fallen", "low"), [(4, True), (3, False)])
def test_below_what_is_spent_only_where_a_tenth_of_the_past_fell(fallen: int, low: bool) -> None:
    """Of 36 past cases 4 are a tenth, 3 are not."""
    bodies: dict[str, Years] = {
        f"U{n}": {y: {10: 0.8, 12: 0.9} for y in (2018, 2019, 2020)} for n in range(12)
    }
    for n in range(fallen):
        bodies[f"U{n}"][2020] = {10: 0.8, 12: 0.2}
    assert Kind(bodies).bounds(2021, 10, 0.8) == ((0.0 if low else 0.8), 1.0)
    one = outlooks(bodies, {}, 2021, 10, {"U1": 0.8})["U1"]
    assert one.low is not None
    assert (one.low < 0.8) is low


def test_a_leap_does_not_carry_the_forecast_away() -> None:
    bodies: dict[str, Years] = {"A": {2020: {6: 0.0001, 12: 1.2}}, "B": {2020: {6: 0.001, 12: 0.9}}}
    found = outlooks(bodies, {}, 2021, 6, {"A": 0.5, "C": 1.5})
    assert found["A"].rate == 1.2
    assert found["C"].rate == 1.5


def test_less_than_two_years_go_by_the_pooled_pattern() -> None:
    bodies = _bodies(12)
    for years, method in ((1, Method.POOLED), (2, Method.COMBINED)):
        past = {u: {y: c for y, c in its.items() if y >= 2021 - years} for u, its in bodies.items()}
        one = outlooks(past, {}, 2021, 6, _standing(bodies, 2021))["U1"]
        assert one.method is method
        assert (one.error is None) is (method is Method.POOLED)
        assert one.held is None  # a year before the one tried would tell


def test_short_gaps_of_past_years_are_bridged_and_long_ones_are_not() -> None:
    quarters = {2020: {6: 0.3, 9: 0.6, 12: 0.9}}
    (course,) = Past({"A": quarters}).own("A", 2021)
    assert course[10] == pytest.approx(0.7)
    assert course[11] == pytest.approx(0.8)
    assert 3 not in course  # nothing is known before June
    end = METHODS[Method.OWN_RISE](Past({"A": quarters}), "A", 2021, 10, 0.65)
    assert end == pytest.approx(0.85)


def test_what_was_bridged_is_not_tried() -> None:
    """October between September and December leans on the December that it would foretell."""
    bodies: dict[str, Years] = {
        f"U{n}": {y: {9: 0.5, 12: 0.8 + n / 100} for y in range(2015, 2021)} for n in range(12)
    }
    one = outlooks(bodies, {}, 2021, 10, {"U1": 0.6})["U1"]
    assert one.method is Method.COMBINED
    assert one.error is None
    assert Kind(bodies).trials(Method.COMBINED, 2021, 10) == {}
    assert len(Kind(bodies).trials(Method.COMBINED, 2021, 9)) == 60


def test_a_past_year_is_foretold_without_what_came_after_it() -> None:
    bodies = _bodies(12)
    before = Kind(bodies).trials(Method.COMBINED, 2021, 6)
    tried = {case: error for case, error in before.items() if case[1] == 2016}
    changed = {
        u: {y: c if y <= 2016 else {6: 9.0, 12: 9.0} for y, c in its.items()}
        for u, its in bodies.items()
    }
    again = Kind(changed).trials(Method.COMBINED, 2021, 6)
    assert {case: error for case, error in again.items() if case[1] == 2016} == tried
    assert again != before
    assert len(tried) == 12


def test_the_margin_by_hand() -> None:
    """Four trials of one year: 0.8 x 5/4 of them is all; of nine, 0.8 x 10/9 is eight."""
    assert _margin(_trials(2020, 0.1, -0.3, 0.2, 0.05), 2021) == 0.3
    nine = _trials(2020, *((-1) ** n * n / 100 for n in range(1, 10)))
    assert _margin(nine, 2021) == pytest.approx(0.08)


def test_recent_years_count_more_for_the_margin() -> None:
    calm, wild = [0.01] * 20, [0.2] * 20
    assert _margin(_trials(2020, *calm) | _trials(2013, *wild), 2021) < 0.02
    assert _margin(_trials(2013, *calm) | _trials(2020, *wild), 2021) == pytest.approx(0.2)


def test_what_the_interval_would_have_held() -> None:
    """Ten trials of 2018 tell 0.8 x 11/10 of them, between the 8th and the 9th, for 2019."""
    first = _trials(2018, *(n / 100 for n in range(1, 11)))
    assert _margin(first, 2019) == pytest.approx(0.088)
    assert _held(first) is None
    assert _held(first | _trials(2019, 0.087, 0.089, -0.01, 0.5)) == 0.5
    assert _held({case: one for case, one in first.items() if one < 0.1}) is None


def _trials(year: int, *strayed: float) -> dict[tuple[str, int], float]:
    return {(f"U{n}", year): one for n, one in enumerate(strayed)}


def test_who_has_proved_right_is_believed() -> None:
    """Estimates that came true are taken, the combination where a unit has made none; estimates
    of all the year's budget, as units like them, are not."""
    bodies = _bodies(12)
    true = {(u, y, 6): its[y][12] for u, its in bodies.items() for y in (2018, 2019, 2020)}
    now = {("U1", 2021, 6): 0.77}
    found = outlooks(bodies, {}, 2021, 6, _standing(bodies, 2021), true | now)
    assert (found["U1"].method, found["U1"].rate) == (Method.ESTIMATE, 0.77)
    assert found["U1"].error == pytest.approx(0)
    assert found["U2"].method in {Method.COMBINED, Method.REGRESSION}
    hopes = dict.fromkeys(true, 1.0) | now
    one = outlooks(bodies, {}, 2021, 6, _standing(bodies, 2021), hopes)["U1"]
    assert one.method is not Method.ESTIMATE


def test_a_kind_of_few_bodies_is_judged_by_all() -> None:
    bodies = _bodies(14)
    few, enough = (
        {u: "Bộ" if n < count else "Tỉnh" for n, u in enumerate(bodies)} for count in (4, 5)
    )
    now = {"U1": 0.3}
    assert outlooks(bodies, few, 2021, 6, now) == outlooks(bodies, {}, 2021, 6, now)
    assert outlooks(bodies, enough, 2021, 6, now) != outlooks(bodies, {}, 2021, 6, now)


def test_a_past_year_ended_with_its_closing_month_where_that_is_known() -> None:
    closing = {"A": {2020: {6: 0.3, 12: 0.8, 13: 0.9}}, "B": {2020: {6: 0.3, 12: 0.8}}}
    past = Past(closing)
    assert METHODS[Method.LAST_END](past, "A", 2021, 6, 0.3) == 0.9
    assert METHODS[Method.LAST_END](past, "B", 2021, 6, 0.3) == 0.8
    rise = METHODS[Method.OWN_RISE](Past({"A": closing["A"]}), "A", 2021, 6, 0.3)
    assert rise == pytest.approx(0.9)
    only = Past({"A": {2020: {6: 0.3, 13: 0.9}}})
    assert METHODS[Method.LAST_END](only, "A", 2021, 6, 0.3) == 0.9
    tried = Kind({u: {2019: {6: 0.3, 12: 0.8}, **its} for u, its in closing.items()})
    assert tried.trials(Method.LAST_END, 2021, 6) == {
        ("A", 2020): pytest.approx(0.1),
        ("B", 2020): 0.0,
    }


def test_december_is_no_end_for_who_may_spend_in_january() -> None:
    """Past closing months added 0.05; without any nobody knows how far January goes."""
    now, still = {"A": 0.4, "C": 0.4}, {"A"}
    years = {y: {6: 0.3, 12: 0.8, 13: 0.85} for y in range(2015, 2021)}
    found = outlooks({"A": years}, {}, 2021, 12, now, open_still=still)
    one = found["A"]
    assert one.method is not Method.REPORTED
    assert one.low is not None
    assert one.high is not None
    assert 0.4 <= one.low <= one.rate <= one.high
    assert one.rate > 0.4
    assert (found["C"].rate, found["C"].error) == (0.4, 0.0)
    decembers = {"A": {y: {6: 0.3, 12: 0.8} for y in range(2015, 2021)}}
    open_ = outlooks(decembers, {}, 2021, 12, now, open_still=still)["A"]
    assert (open_.method, open_.rate) == (Method.REPORTED, 0.4)
    assert open_.low is open_.high is open_.error is None
    closed = outlooks(decembers, {}, 2021, 13, now, open_still=still)["A"]
    assert (closed.low, closed.high, closed.error) == (0.4, 0.4, 0.0)


@pytest.mark.parametrize(("units", "years", "told"), [(1, 10, True), (4, 3, True), (3, 2, False)])
def test_a_small_workspace_is_told_an_interval_from_four_trials_on(
    units: int, years: int, told: bool
) -> None:
    past = {
        u: {y: c for y, c in its.items() if 2021 - years <= y < 2021}
        for u, its in _bodies(units).items()
    }
    found = outlooks(past, {}, 2021, 6, dict.fromkeys(past, 0.3))
    assert {one.error is not None for one in found.values()} == {told}
    assert {one.high is not None for one in found.values()} == {told}


def test_few_trials_are_told_by_their_order_alone() -> None:
    """Of six the 0.8 x 7, rounded up, is the largest, whichever year it was."""
    six = _trials(2020, 0.1, 0.2, 0.3) | _trials(2012, 0.5, 0.4, 0.01)
    assert _margin(six, 2021) == 0.5
    eight = _trials(2020, *(n / 10 for n in range(1, 9)))
    assert _margin(eight, 2021) == 0.8
