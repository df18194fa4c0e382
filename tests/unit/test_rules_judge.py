"""The rules together: figures in, flags out, in order, exact to the đồng."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from figures import History, evidence, figure
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rules import catalogue
from rules import judge as judging
from schemas.board import ActivityFigure
from schemas.flags import Flag, FlagSeverity
from schemas.forms import DONG
from schemas.period import Period
from schemas.registry import Budget
from schemas.settings import (
    BelowAverage,
    BelowPace,
    NoDisbursement,
    Recovered,
    Repeat,
    Rules,
    Stalled,
)

OCTOBER = Period(2021, 10)
RULES = Rules(repeat=Repeat(enabled=False), recovered=Recovered(enabled=False))
ONLY_PACE = Rules(below_average=BelowAverage(enabled=False), stalled=Stalled(enabled=False))
RISING = [None, *FlagSeverity]


def judge(
    figures: Sequence[ActivityFigure], history: History, period: Period, rules: Rules
) -> tuple[Flag, ...]:
    return judging.judge(evidence(figures, history, period), rules)


dong = st.integers(0, 10**12).map(lambda n: n * DONG)
months = st.integers(1, 12)
unhurried = settings(deadline=None, max_examples=20)  # a judgement takes 40 ms


@st.composite
def ministries(draw: st.DrawFn) -> list[ActivityFigure]:
    """Up to a dozen activities of four units; zero budgets and overspending included."""
    numbers = range(draw(st.integers(1, 12)))
    return [
        figure(draw(st.sampled_from("ABCD")), f"N.{n}", draw(dong), draw(dong)) for n in numbers
    ]


def brief(flags: tuple[Flag, ...]) -> list[tuple[str, str | None, str, str]]:
    return [(f.unit, f.activity, f.rule, f.severity.value) for f in flags]


def test_a_month_by_hand() -> None:
    figures = [
        figure("B", "B.1", 100, 0),
        figure("A", "A.1", 1000, 990),
        figure("B", "B.2", 200, 100),
        figure("C", "C.1", 300, 200),
        figure("A", "A.2", 0, 0),
    ]
    history = {
        "B.2": {7: Decimal(90), 8: Decimal(100), 9: Decimal(100)},
        "C.1": {8: Decimal(150), 9: Decimal(150)},
    }
    flags = judge(figures, history, OCTOBER, RULES)
    assert brief(flags) == [
        ("B", None, "below-pace", "critical"),
        ("B", None, "below-average", "low"),
        ("B", "B.1", "no-disbursement", "critical"),
        ("B", "B.2", "below-pace", "low"),
        ("B", "B.2", "stalled", "watch"),
        ("C", None, "below-pace", "watch"),
        ("C", None, "below-average", "watch"),
        ("C", "C.1", "below-pace", "watch"),
    ]
    unit, average, untouched, slow, still, *_ = flags
    assert unit == Flag(
        unit="B",
        activity=None,
        rule="below-pace",
        version="2",
        severity=FlagSeverity.CRITICAL,
        actual=100 / 300,
        expected=43 / 60,
        shortfall=Decimal(115),  # 300 x 43/60 - 100
        needed_per_month=Decimal("92.5"),  # (300 x 0.95 - 100) / 2
        small=False,
        parameters=(
            ("from_month", "3"),
            ("pace.name", "quarters"),
            ("pace.quarters", "0.2; 0.4; 0.6; 0.95"),
            ("pace.origin", RULES.pace.origin),
            ("pace.years", "2"),
            ("below_pace.low", "0.9"),
            ("below_pace.critical", "0.5"),
        ),
    )
    assert average.expected == 1290 / 1600
    # 141.875 would reach today's average; the others stand at 1190/1300, where both meet.
    assert average.shortfall == Decimal("174.615385")
    assert untouched.shortfall == Decimal("71.666667")  # rounded up
    assert untouched.needed_per_month == Decimal("47.5")
    assert (slow.shortfall, slow.expected) == (Decimal("43.333334"), 43 / 60)
    assert (still.shortfall, still.expected) == (Decimal("43.333334"), 43 / 60)
    assert dict(still.facts)["since_day"] == "2021-08-31"


def test_nothing_given_nothing_said() -> None:
    assert judge([], {}, OCTOBER, RULES) == ()


def test_all_well_nothing_said() -> None:
    assert judge([figure("A", "A.1", 100, 90)], {}, OCTOBER, RULES) == ()


@pytest.mark.parametrize("budget", [0, -5])
def test_no_budget_no_flag(budget: int) -> None:
    still = {"A.1": dict.fromkeys(range(1, 10), Decimal(5))}
    assert judge([figure("A", "A.1", budget, 5)], still, OCTOBER, RULES) == ()


def test_one_mistake_one_flag() -> None:
    zero = [figure("A", "A.1", 100, 0)]
    assert {f.rule for f in judge(zero, {}, OCTOBER, RULES)} == {"no-disbursement"}
    lenient = Rules(no_disbursement=NoDisbursement(enabled=False))
    assert {f.rule for f in judge(zero, {}, OCTOBER, lenient)} == {"below-pace"}


@pytest.mark.parametrize(
    ("rule", "settings"),
    [
        ("no_disbursement", NoDisbursement(enabled=False)),
        ("below_pace", BelowPace(enabled=False)),
        ("below_average", BelowAverage(enabled=False)),
        ("stalled", Stalled(enabled=False)),
    ],
)
def test_a_rule_that_is_switched_off_says_nothing(rule: str, settings: object) -> None:
    figures = [
        figure("A", "A.1", 100, 0),
        figure("B", "B.1", 100, 20),
        figure("C", "C.1", 100, 90),
    ]
    history = {"B.1": dict.fromkeys(range(1, 10), Decimal(20))}
    name = rule.replace("_", "-")
    assert name in {f.rule for f in judge(figures, history, OCTOBER, RULES)}
    off = RULES.model_copy(update={rule: settings})
    assert name not in {f.rule for f in judge(figures, history, OCTOBER, off)}


def test_every_rule_switched_off() -> None:
    off = {rule.section: {"enabled": False} for rule in catalogue.RULES}
    assert judge([figure("A", "A.1", 1, 0)], {}, OCTOBER, Rules.model_validate(off)) == ()


@pytest.mark.parametrize(("budget", "small"), [("49.999999", True), ("50", False)])
def test_small_amounts_are_flagged_and_marked(budget: str, small: bool) -> None:
    flags = judge([figure("A", "A.1", budget, 0)], {}, OCTOBER, RULES)
    assert [f.small for f in flags] == [small, small]


def test_a_unit_of_small_amounts_is_not_small() -> None:
    figures = [figure("A", f"A.{n}", 30, 0) for n in (1, 2)]
    assert [f.small for f in judge(figures, {}, OCTOBER, RULES)] == [False, True, True]


@pytest.mark.parametrize(
    ("month", "disbursed", "needed"),
    [
        (9, "50", "15"),
        (11, "50", "45"),
        (12, "50", None),
        (9, "50.000001", "15"),  # 14.9999996.. rounded up
        (5, "0", "13.571429"),
    ],
)
def test_needed_per_month_counts_up_to_the_year_s_target(
    month: int, disbursed: str, needed: str | None
) -> None:
    flags = judge([figure("A", "A.1", 100, disbursed)], {}, Period(2021, month), RULES)
    assert flags
    assert {f.needed_per_month for f in flags} == {None if needed is None else Decimal(needed)}


def test_nothing_more_is_needed_past_the_target_though_the_average_is_higher() -> None:
    figures = [figure(unit, unit, 100, paid) for unit, paid in (("A", 96), ("B", 100), ("C", 100))]
    flags = judge(figures, {}, OCTOBER, RULES)
    assert brief(flags) == [("A", None, "below-average", "watch")]
    assert flags[0].needed_per_month == 0


def test_history_of_other_activities_and_years_of_gaps_do_no_harm() -> None:
    history = {"X": {1: Decimal(1)}, "A.1": {2: Decimal(30)}}
    flags = judge([figure("A", "A.1", 100, 30)], history, OCTOBER, RULES)
    assert {f.rule for f in flags} == {"below-pace"}


@unhurried
@given(ministries(), months, st.randoms(use_true_random=False))
def test_the_order_of_rows_only_orders_the_flags(
    figures: list[ActivityFigure], month: int, random: Random
) -> None:
    mixed = random.sample(figures, len(figures))
    period = Period(2021, month)
    assert Counter(judge(mixed, {}, period, RULES)) == Counter(judge(figures, {}, period, RULES))


@unhurried
@given(ministries(), months)
def test_units_come_as_given_each_before_its_activities(
    figures: list[ActivityFigure], month: int
) -> None:
    flags = judge(figures, {}, Period(2021, month), RULES)
    units = list(dict.fromkeys(f.unit for f in figures))
    codes = [None, *(f.code for f in figures)]
    rules = [rule.name for rule in catalogue.RULES]
    places = [(units.index(f.unit), codes.index(f.activity), rules.index(f.rule)) for f in flags]
    assert places == sorted(set(places))


@unhurried
@given(ministries(), months)
def test_splitting_an_activity_leaves_the_units_flags(
    figures: list[ActivityFigure], month: int
) -> None:
    first, *others = figures
    whole = replace(first, budget=Budget(first.budget.current * 2), disbursed=first.disbursed * 2)
    parts = [replace(first, code=code) for code in "xy"]

    def of_units(given: list[ActivityFigure]) -> list[Flag]:
        flags = judge(given, {}, Period(2021, month), RULES)
        return [f for f in flags if f.activity is None]

    assert of_units([*parts, *others]) == of_units([whole, *others])


@unhurried
@given(ministries(), months, st.integers(2, 1000))
def test_money_of_another_size_has_the_same_rates(
    figures: list[ActivityFigure], month: int, factor: int
) -> None:
    larger = [
        replace(f, budget=Budget(f.budget.current * factor), disbursed=f.disbursed * factor)
        for f in figures
    ]

    def judged(given: list[ActivityFigure]) -> list[tuple[object, ...]]:
        flags = judge(given, {}, Period(2021, month), RULES)
        return [(f.unit, f.activity, f.rule, f.severity, f.actual, f.expected) for f in flags]

    assert judged(larger) == judged(figures)


@unhurried
@given(dong.filter(bool), dong, dong, st.integers(7, 12))
def test_more_disbursed_is_never_graver(
    budget: Decimal, paid: Decimal, more: Decimal, month: int
) -> None:
    def gravest(disbursed: Decimal) -> int:
        flags = judge([figure("A", "A.1", budget, disbursed)], {}, Period(2021, month), ONLY_PACE)
        return max((RISING.index(f.severity) for f in flags), default=0)

    assert gravest(paid + more) <= gravest(paid)


@unhurried
@given(dong.filter(bool), dong, months)
def test_paying_the_shortfall_clears_the_flag_and_one_dong_less_does_not(
    budget: Decimal, paid: Decimal, month: int
) -> None:
    def judged(disbursed: Decimal) -> tuple[Flag, ...]:
        return judge([figure("A", "A.1", budget, disbursed)], {}, Period(2021, month), ONLY_PACE)

    flags = judged(paid)
    assume(flags)
    assert judged(paid + flags[0].asked) == ()
    assert judged(paid + flags[0].asked - DONG)


@unhurried
@given(ministries(), st.integers(1, 11))
def test_paying_what_is_needed_each_month_reaches_the_target(
    figures: list[ActivityFigure], month: int
) -> None:
    by_code = {f.code: f for f in figures}
    for flag in judge(figures, {}, Period(2021, month), RULES):
        if flag.activity is not None:
            assert flag.needed_per_month is not None
            end = by_code[flag.activity].disbursed + (12 - month) * flag.needed_per_month
            assert end >= RULES.year_target * by_code[flag.activity].budget.current


@unhurried
@given(ministries(), months)
def test_a_flag_says_what_was_short(figures: list[ActivityFigure], month: int) -> None:
    for flag in judge(figures, {}, Period(2021, month), RULES):
        assert flag.actual is not None
        assert flag.expected is not None
        assert flag.actual <= flag.expected
        assert flag.asked > 0
        assert flag.asked % DONG == 0


def test_a_pace_that_has_too_few_years_says_so_in_its_parameters() -> None:
    slow = [figure("A", "A.1", 100, 1)]
    own = Rules.model_validate({"pace": {"name": "own"}})
    past = {10: {year: Fraction(1, 2) for year in (2019, 2020)}}
    named = [
        dict(flag.parameters)["pace.name"]
        for shares in ({}, past)
        for flag in judging.judge(evidence(slow, {}, OCTOBER, shares=shares), own)
        if flag.rule == "below-pace" and flag.activity
    ]
    assert named == ["own/quarters", "own"]


def test_the_past_figures_count_as_they_are_known_now() -> None:
    """September is judged with October's knowledge: a figure put right leaves no run behind."""
    slow = [figure("A", "A.1", 100, 40)]
    history = {"A.1": {8: Decimal(20), 9: Decimal(30)}}
    right = {"A.1": {8: Decimal(20), 9: Decimal(60)}}
    rules = [
        {f.rule for f in judging.judge(evidence(slow, past, OCTOBER), Rules())}
        for past in (history, right)
    ]
    assert ["repeat" in found for found in rules] == [True, False]
