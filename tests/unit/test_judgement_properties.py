"""What holds of every ministry: from decisions and paid amounts, over budgets and sums, to flags.

All rules judge, with a history behind each activity. `make soak` tries a hundred times as many.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import TypeVar

from figures import evidence, figure
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rules.budget import budgets
from rules.judge import judge
from rules.rates import beyond, by_source, by_unit, totals
from schemas.board import ActivityFigure, State, Totals, UnitStatus
from schemas.flags import Flag, FlagSeverity
from schemas.forms import DONG, SOURCES
from schemas.period import Period
from schemas.registry import Activity, Denominator, Entry, LedgerRow, Registry
from schemas.settings import Rules

RISING = [None, *FlagSeverity]
ALL = Rules()
Row = TypeVar("Row")
History = Mapping[str, Mapping[int, Decimal]]

some = settings(max_examples=max(settings().max_examples // 10, 1))
"""A ministry is judged in a tenth of a second, so fewer of them in any profile."""
dong = st.integers(0, 10**9).map(lambda n: n * DONG)
signed = st.integers(-(10**8), 10**8).map(lambda n: n * DONG)


@dataclass(frozen=True)
class Ministry:
    """Decisions on the money of a few activities, and what was paid of it month by month."""

    registry: Registry
    paid: History
    period: Period
    denominators: Mapping[str, Denominator]

    @property
    def figures(self) -> list[ActivityFigure]:
        its = budgets(self.registry, self.period, self.denominators)
        return [
            replace(
                figure(a.unit, a.code, 0, self.paid[a.code][self.period.month], a.source),
                budget=its[a.code],
            )
            for a in self.registry.activities
        ]

    @property
    def history(self) -> History:
        return {
            code: {m: amount for m, amount in course.items() if m != self.period.month}
            for code, course in self.paid.items()
        }

    def judged(self, figures: list[ActivityFigure], rules: Rules = ALL) -> tuple[Flag, ...]:
        return judge(evidence(figures, self.history, self.period), rules)


@st.composite
def ministries(draw: st.DrawFn) -> Ministry:
    """Up to eight activities of three units, of all sources, adjusted down to zero and below it,
    with months that are missing and money that came back."""
    codes = [f"N.{n}" for n in range(draw(st.integers(1, 8)))]
    period = Period(2021, draw(st.integers(1, 12)))
    activities = tuple(
        Activity(code, code, draw(st.sampled_from("ABC")), draw(st.sampled_from(SOURCES)), ())
        for code in codes
    )
    decisions = st.tuples(st.sampled_from(codes), st.sampled_from(Entry), signed, _days)
    ledger = tuple(
        LedgerRow(
            2021, code, entry, amount if entry is Entry.ADJUSTMENT else abs(amount), day, "", n
        )
        for n, (code, entry, amount, day) in enumerate(draw(st.lists(decisions, max_size=20)))
    )
    months = [m for m in range(1, period.month) if draw(st.booleans())]
    paid = {code: draw(_courses([*months, period.month])) for code in codes}
    chosen = {source: draw(st.sampled_from(Denominator)) for source in SOURCES[:2]}
    return Ministry(Registry("", (), (), activities, ledger), paid, period, chosen)


_days = st.none() | st.dates(date(2021, 1, 1), date(2021, 12, 31))


def _courses(months: list[int]) -> st.SearchStrategy[dict[int, Decimal]]:
    amounts = st.lists(dong | st.sampled_from([Decimal(0), Decimal(5)]), min_size=len(months))
    rising = st.booleans()
    return st.tuples(amounts, rising).map(
        lambda drawn: dict(zip(months, sorted(drawn[0]) if drawn[1] else drawn[0], strict=False))
    )


def body(figures: list[ActivityFigure]) -> Totals:
    return totals(
        [
            UnitStatus(unit, unit, State.ACCEPTED, False, budget, disbursed)
            for unit, (budget, disbursed) in by_unit(figures).items()
        ]
    )


def gravest(flags: tuple[Flag, ...], unit: str, activity: str | None) -> int:
    """How grave it stands with a unit or an activity, by whatever rule."""
    its = (f.severity for f in flags if (f.unit, f.activity) == (unit, activity))
    return max(map(RISING.index, its), default=0)


@some
@given(ministries())
def test_sums_by_unit_are_sums_by_source_are_the_total(ministry: Ministry) -> None:
    whole = body(ministry.figures)
    for sums in (by_unit(ministry.figures), by_source(ministry.figures)):
        assert sum(budget for budget, _ in sums.values()) == whole.budget_current
        assert sum(disbursed for _, disbursed in sums.values()) == whole.disbursed_to_date


@some
@given(ministries(), st.data())
def test_they_are_also_where_activities_came_after_the_reports(
    ministry: Ministry, data: st.DataObject
) -> None:
    """What came later is the budget that nobody has reported on, and in no rate."""
    later = set(data.draw(st.lists(st.sampled_from([f.code for f in ministry.figures]))))
    reported = [f for f in ministry.figures if f.code not in later]
    sums, registered = by_unit(reported), {f.unit: dict[str, Decimal]() for f in ministry.figures}
    for one in ministry.figures:
        registered[one.unit][one.code] = one.budget.denominator
    left = beyond(registered, reported)
    none = (Decimal(0), Decimal(0))
    units = [
        UnitStatus(
            *(unit, unit, State.ACCEPTED, False, *sums.get(unit, none)),
            beyond=tuple(left[unit]),
            budget_beyond=sum(left[unit].values(), Decimal(0)),
        )
        for unit in registered
    ]
    whole = totals(units)
    assert {code for unit in units for code in unit.beyond} == later
    for by in (sums, by_source(reported)):
        assert sum(budget for budget, _ in by.values()) == whole.budget_current
        assert sum(disbursed for _, disbursed in by.values()) == whole.disbursed_to_date
    everything = sum((f.budget.denominator for f in ministry.figures), Decimal(0))
    assert whole.budget_current + whole.budget_not_reported == everything


@some
@given(ministries(), st.integers(0, 100))
def test_splitting_an_activity_in_two_leaves_its_unit_s_rate_and_flags(
    ministry: Ministry, percent: int
) -> None:
    first, *others = ministry.figures
    share = Decimal(percent) / 100
    one = replace(
        first,
        code="one",
        budget=replace(
            first.budget,
            assigned=first.budget.assigned * share,
            carried=first.budget.carried * share,
            adjustment=first.budget.adjustment * share,
        ),
        disbursed=(first.disbursed * share).quantize(DONG),
    )
    # DONG is the least there is: what one half loses the other has
    one = replace(
        one, budget=replace(one.budget, assigned=one.budget.assigned.quantize(DONG),
                            carried=one.budget.carried.quantize(DONG),
                            adjustment=one.budget.adjustment.quantize(DONG)),
    )  # fmt: skip
    other = replace(
        first,
        code="other",
        budget=replace(
            first.budget,
            assigned=first.budget.assigned - one.budget.assigned,
            carried=first.budget.carried - one.budget.carried,
            adjustment=first.budget.adjustment - one.budget.adjustment,
        ),
        disbursed=first.disbursed - one.disbursed,
    )
    split = [one, other, *others]
    assert by_unit(split) == by_unit(ministry.figures)
    assert body(split).rate == body(ministry.figures).rate
    course = ministry.paid[first.code]
    part = {month: (amount * share).quantize(DONG) for month, amount in course.items()}
    rest = {month: amount - part[month] for month, amount in course.items()}
    parted = replace(ministry, paid={**ministry.paid, "one": part, "other": rest})
    # Earlier months are judged with the budget of now, which the halves share
    of_units = [f for f in ministry.judged(ministry.figures) if f.activity is None]
    assert [f for f in parted.judged(split) if f.activity is None] == of_units


@some
@given(ministries(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_decisions_and_months_does_not_matter(
    ministry: Ministry, random: Random
) -> None:
    def mixed(rows: Iterable[Row]) -> tuple[Row, ...]:
        known = list(rows)
        return tuple(random.sample(known, len(known)))

    registry = replace(
        ministry.registry,
        activities=mixed(ministry.registry.activities),
        ledger=mixed(ministry.registry.ledger),
    )
    paid = {code: dict(mixed(ministry.paid[code].items())) for code in mixed(ministry.paid)}
    other = replace(ministry, registry=registry, paid=paid)
    assert by_unit(other.figures) == by_unit(ministry.figures)
    assert by_source(other.figures) == by_source(ministry.figures)
    assert body(other.figures) == body(ministry.figures)
    assert Counter(other.judged(other.figures)) == Counter(ministry.judged(ministry.figures))


@some
@given(ministries(), dong)
def test_more_disbursed_is_never_graver(ministry: Ministry, more: Decimal) -> None:
    first, *others = ministry.figures
    # a unit whose sum is below zero takes from the budget of the whole
    assume(all(budget >= 0 for budget, _ in by_unit(ministry.figures).values()))
    before = ministry.judged([first, *others])
    after = ministry.judged([replace(first, disbursed=first.disbursed + more), *others])
    for activity in (first.code, None):
        assert gravest(after, first.unit, activity) <= gravest(before, first.unit, activity)


@some
@given(ministries())
def test_a_shortfall_once_paid_clears_its_flag(ministry: Ministry) -> None:
    """Of what stands still, where money may have come back, any rise over last month's figure."""
    figures = ministry.figures
    for flag in ministry.judged(figures):
        first = next(f for f in figures if flag.activity in (f.code, None) and f.unit == flag.unit)
        if flag.rule == "stalled":
            more = Decimal(dict(flag.facts)["before_amount"]) - first.disbursed + DONG
        elif flag.shortfall is None:
            continue
        else:
            more = flag.shortfall
        paid = replace(first, disbursed=first.disbursed + more)
        after = ministry.judged([paid if f is first else f for f in figures])
        still = {(f.unit, f.activity, f.rule) for f in after}
        assert (flag.unit, flag.activity, flag.rule) not in still, flag


@some
@given(ministries(), st.integers(2, 1000))
def test_scaling_all_money_changes_no_rate(ministry: Ministry, factor: int) -> None:
    scaled = replace(
        ministry,
        registry=replace(
            ministry.registry,
            ledger=tuple(
                replace(row, amount=row.amount * factor) for row in ministry.registry.ledger
            ),
        ),
        paid={
            code: {m: amount * factor for m, amount in course.items()}
            for code, course in ministry.paid.items()
        },
    )
    assert [f.rate for f in scaled.figures] == [f.rate for f in ministry.figures]
    assert body(scaled.figures).rate == body(ministry.figures).rate

    of_any_size = Rules(small_amount=Decimal(0))  # the one threshold that is an amount

    def said(of: Ministry) -> list[tuple[object, ...]]:
        return [
            (f.unit, f.activity, f.rule, f.severity, f.actual, f.expected)
            for f in of.judged(of.figures, of_any_size)
        ]

    assert said(scaled) == said(ministry)


@some
@given(ministries())
def test_what_still_is_short_of_is_what_it_lacks_to_the_pace(ministry: Ministry) -> None:
    figures = {f.code: f for f in ministry.figures}
    for flag in ministry.judged(ministry.figures):
        if flag.rule == "stalled":
            short = flag.shortfall is not None
            assert short == ((flag.actual or 0) < (flag.expected or 0)), flag
            assert short or flag.severity is FlagSeverity.WATCH
            if flag.shortfall is not None:
                budget = figures[flag.activity or ""].budget.denominator
                rate = (figures[flag.activity or ""].disbursed + flag.shortfall) / budget
                assert float(rate) >= (flag.expected or 0)
