"""What does not fit the months before or the rows beside, on each side of each line."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from rules.doubts import doubted
from rules.outliers import surge, swapped
from rules.repeats import strange
from schemas.forms import DISBURSEMENT, Row
from schemas.period import Period
from schemas.quality import Before, Plan, SubmittedRow
from schemas.registry import Budget
from schemas.settings import Checks

D = Decimal
DONG = D("0.000001")
CHECKS = Checks()
RISING = {1: D(10), 2: D(30), 3: D(60)}
"""Rises of 10, 20 and 30."""


def row(
    code: str = "X.1",
    values: Mapping[str, Any] | None = None,
    earlier: Mapping[int, Decimal] | None = None,
    before: Mapping[str, Any] | None = None,
    *,
    plan: int = 1000,
    plan_then: int | None = None,
    unit: str = "VT",
    month: int = 4,
    number: int = 7,
) -> SubmittedRow:
    """A row that reports `values`, of an activity whose plan is `plan`."""
    shown = {"code": code, "budget_assigned": D(plan), "budget_current": D(plan)}
    shown |= {"budget_adjustment": D(0)}
    columns = {f.name: chr(ord("A") + i) for i, f in enumerate(DISBURSEMENT.fields)}
    line = Row("disbursement", code, "Giải ngân", number, shown | dict(values or {}), columns)
    course = dict(earlier or {})
    then = None
    if course:
        said = shown | {"disbursed": course[max(course)]} | dict(before or {})
        then = Before(said, Budget(assigned=D(plan_then or plan)))
    return SubmittedRow(
        submission=unit,
        file=f"{unit}.xlsx",
        unit=unit,
        period=Period(2021, month),
        row=line,
        budget=Budget(assigned=D(plan)),
        last=course[max(course)] if course else None,
        earlier=course,
        before=then,
    )


def told(rows: Sequence[SubmittedRow], checks: Checks = CHECKS) -> list[str]:
    """`code rule@field` of every doubt."""
    return [f"{r.row.code} {rule}@{name}" for r in doubted(rows, checks) for rule, name in r.doubts]


def test_a_plan_cell_of_nought_is_nobody_elses_plan() -> None:
    left_out = row(values={"budget_adjustment": D(0), "budget_current": D(1500)})
    moved = replace(left_out, budget=Budget(assigned=D(1000), adjustment=D(500)))
    assert strange([moved]) == frozenset()
    assert strange([row(values={"budget_current": D(7)})]) == {("budget_current", D(7))}


# --- a plan that moved -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "last_month", "plan", "doubts"),
    [
        (1000, 1000, 1000, []),
        (990, 1000, 1000, ["X.1 plan-moved@budget_current"]),
        (990, 990, 1000, []),  # not moved, only wrong: budget-differs speaks
        (1000, 990, 1000, []),  # mended
        (990, 1000, 1100, []),  # there is a decision since
    ],
)
def test_a_plan_that_moves_needs_a_decision(
    written: int, last_month: int, plan: int, doubts: list[str]
) -> None:
    values = {"budget_current": D(written), "disbursed": D(70)}
    before = {"budget_current": D(last_month)}
    one = row(values=values, earlier={3: D(60)}, before=before, plan=plan, plan_then=1000)
    shown = {"budget_assigned": D(1000)}  # what the registry says of that cell is not at issue
    assert told([row(values=values | shown), one]) == doubts


def test_a_swap_is_recognised_within_a_workbook_and_across_units() -> None:
    both = {"budget_assigned": D(2000), "budget_current": D(2000)}
    back = {"budget_assigned": D(1000), "budget_current": D(1000)}
    for unit in ("VT", "VP"):
        rows = [row("X.1", both), row("X.2", back, plan=2000, unit=unit)]
        assert told(rows) == [
            "X.1 plans-exchanged@budget_current",
            "X.2 plans-exchanged@budget_current",
        ]
    rows = [row("X.1", both), row("X.2", plan=2000), row("Y.1", plan=2000, unit="VP")]
    assert told(rows) == ["X.1 plan-of-another@budget_current"]
    (doubt,) = doubted(rows, CHECKS)[0].doubts.values()
    assert (doubt["other"], doubt["unit"], doubt["limit"]) == ("X.2", "VT", D(1000))


def test_a_plan_of_a_unit_that_has_not_reported_yet_is_recognised() -> None:
    rows = [row("X.1", {"budget_current": D(2000)})]
    assert told(rows) == []
    known = [Plan("Y.1", "VP", Budget(assigned=D(2000))), Plan("X.1", "VT", Budget(D(1000)))]
    (doubt,) = doubted(rows, CHECKS, known)[0].doubts.items()
    assert doubt[0] == ("plan-of-another", "budget_current")
    assert (doubt[1]["other"], doubt[1]["unit"]) == ("Y.1", "VP")


def test_a_plan_that_several_other_units_have_is_nobody_s() -> None:
    others = [row(f"Y.{n}", plan=2000, unit=f"V{n}") for n in range(2)]
    wrong = row("X.1", {"budget_current": D(2000)})
    assert told([wrong, others[0]]) == ["X.1 plan-of-another@budget_current"]
    assert told([wrong, *others]) == []
    assert told([row("X.1", {"budget_current": D(0)}), row("X.2", plan=0)]) == []


def test_four_ministries_printed_against_each_other_s_plans() -> None:
    """April 2023: of the printed rates and the true ones, each plan is another one's."""
    plans = {"Y tế": 1170, "Giáo dục": 1260, "Văn hóa": 1360, "Tài nguyên": 1440}
    shifted = [*list(plans.values())[1:], plans["Y tế"]]
    rows = [
        row(name, {"budget_current": D(printed)}, plan=own, unit=name)
        for (name, own), printed in zip(plans.items(), shifted, strict=True)
    ]
    assert told(rows) == [f"{name} plan-of-another@budget_current" for name in plans]


# --- jumps -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("disbursed", "doubts"),
    [
        (D(300), []),  # 200 was left, and a tenth of 400 on top of it
        (D(440), []),
        (D(440) + DONG, ["X.1 jump-beyond-left@disbursed"]),
        (D(1000) + DONG, []),  # over-budget speaks
    ],
)
def test_a_rise_beyond_what_was_left_of_last_month_s_budget(
    disbursed: Decimal, doubts: list[str]
) -> None:
    one = row(values={"disbursed": disbursed}, earlier={3: D(200)}, plan=1000, plan_then=400)
    assert told([one]) == doubts


def test_who_had_nothing_left_may_spend_a_new_budget_at_once() -> None:
    spent = row(values={"disbursed": D(900)}, earlier={3: D(400)}, plan=1000, plan_then=400)
    assert told([spent]) == []


@pytest.mark.parametrize(
    ("rise", "usual"), [(D(150), None), (D(150) + DONG, D(30)), (D(-1), None), (D(0), None)]
)
def test_a_surge_is_more_than_five_times_the_largest_monthly_rise(
    rise: Decimal, usual: Decimal | None
) -> None:
    assert surge(D(60) + rise, RISING, 4, D(1000), CHECKS) == usual


def test_a_surge_needs_months_to_compare_with_and_is_large() -> None:
    two = {1: D(0), 2: D(30), 3: D(60)}
    assert surge(D(999), two, 4, D(1000), CHECKS) is None
    assert surge(D(999), {2: D(20), **two, 1: D(10)}, 4, D(1000), CHECKS) is not None
    assert surge(D(999), {}, 4, D(1000), CHECKS) is None
    rise = D(151)
    assert surge(D(60) + rise, RISING, 4, D(1510), CHECKS) == 30
    assert surge(D(60) + rise, RISING, 4, D(1510) + DONG, CHECKS) is None


def test_a_gap_counts_its_months_and_december_is_no_surge() -> None:
    assert surge(D(360), RISING, 5, D(1000), CHECKS) is None
    assert surge(D(60) + 300 + DONG, RISING, 5, D(1000), CHECKS) == 30
    assert surge(D(900), RISING, 11, D(1000), CHECKS) is None  # 105 a month
    assert surge(D(9000), RISING, 11, D(1000), CHECKS) == 30
    assert surge(D(9000), RISING, 12, D(1000), CHECKS) is None


@pytest.mark.parametrize(
    ("values", "doubts"),
    [
        ({"estimate": D(1000)}, []),
        ({"estimate": D(1000) + DONG}, ["X.1 estimate-over-budget@estimate"]),
        ({"estimate": D(1200), "proposal": D(200)}, []),
        ({"estimate": D(1200), "proposal": D(199)}, ["X.1 estimate-over-budget@estimate"]),
        ({"estimate": D(1200), "proposal": D(-1)}, ["X.1 estimate-over-budget@estimate"]),
        ({"estimate": D(1200), "disbursed": D(1001)}, []),  # over-budget speaks
    ],
)
def test_an_estimate_beyond_the_budget(values: dict[str, Decimal], doubts: list[str]) -> None:
    assert told([row(values=values)]) == doubts


# --- the same figures --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "doubts"),
    [
        (D("123.4"), ["X.2 same-as-another@disbursed"]),
        (D("12.3"), []),  # three digits
        (D(12300), []),
        (D(0), []),
    ],
)
def test_two_activities_with_the_same_long_figure(figure: Decimal, doubts: list[str]) -> None:
    values = {"disbursed": figure}
    rows = [row("X.1", values, plan=20000), row("X.2", values, plan=30000)]
    assert told(rows) == doubts


def test_equal_figures_that_are_no_copies() -> None:
    spent = {"disbursed": D(1234), "estimate": D(1234)}
    assert told([row("X.1", spent, plan=1234), row("X.2", spent, plan=1234)]) == []
    assert told([row("X.1", spent, plan=9000, unit="A"), row("X.2", spent, plan=8000)]) == []
    always = [
        row(code, spent, {3: D(1111)}, {"estimate": D(1234)}, plan=plan)
        for code, plan in (("X.1", 9000), ("X.2", 8000))
    ]
    assert told(always) == []
    assert told([row("X.1", spent, plan=9000), row("X.2", spent, plan=8000)]) == [
        "X.2 same-as-another@disbursed",
        "X.2 same-as-another@estimate",
    ]


def month(still: int, rising: int, **values: Any) -> list[SubmittedRow]:
    """Activities that rose from 100 to 200: so many stand still now, so many go on."""
    return [
        row(
            f"X.{n}",
            {"disbursed": D(200) if n < still else D(300 + n)} | values,
            {2: D(100), 3: D(200)},
            {"difficulty": "Chờ hồ sơ"},
            number=7 + n,
        )
        for n in range(still + rising)
    ]


@pytest.mark.parametrize(
    ("still", "rising", "doubts"),
    [
        (2, 0, []),
        (3, 0, ["X.0 column-again@disbursed"]),
        (9, 1, ["X.0 column-again@disbursed"]),
        (8, 1, []),  # 89 %
    ],
)
def test_last_month_s_column_sent_again(still: int, rising: int, doubts: list[str]) -> None:
    assert told(month(still, rising)) == doubts


def test_new_words_or_a_spent_budget_are_no_column_again() -> None:
    assert told(month(3, 0, difficulty="chờ  hồ sơ"))  # the words of last month
    assert told(month(3, 0, difficulty="Nhà thầu dừng thi công")) == []
    spent = [
        row(f"X.{n}", {"disbursed": D(200)}, {2: D(100), 3: D(200)}, plan=200) for n in range(3)
    ]
    assert told(spent) == []


# --- transposed digits -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant", "found"),
    [
        ("1432", "1423", True),
        ("1432.5", "1423.5", True),
        ("142.53", "145.23", True),  # across the comma
        ("1423", "1423", False),
        ("1432", "1324", False),  # a difference by 9, and no swap of neighbours
        ("2413", "1423", False),
        ("21", "12", False),  # too short
        ("210", "120", False),
        ("-1432", "1423", False),
        ("432", "1423", False),
        ("1201", "1210", True),
    ],
)
def test_two_neighbouring_digits_changed_places(written: str, meant: str, found: bool) -> None:
    assert (swapped(D(written), [None, D(meant)]) is not None) is found


@pytest.mark.parametrize(
    ("values", "earlier", "doubts"),
    [
        ({"disbursed": D(413)}, {3: D(431)}, ["X.1 transposed-digits@disbursed"]),
        ({"disbursed": D(431)}, {3: D(413)}, []),  # it rises as usual
        ({"disbursed": D(412)}, {3: D(431)}, []),
        ({"disbursed": D(1243)}, {}, ["X.1 transposed-digits@disbursed"]),  # the budget is 1234
        ({"estimate": D(1324)}, {}, ["estimate-over-budget", "transposed-digits"]),
        ({"budget_assigned": D(2134)}, {}, ["X.1 transposed-digits@budget_assigned"]),
        ({"budget_assigned": D(1235)}, {}, []),
    ],
)
def test_swapped_digits_are_told_where_the_figure_is_suspicious_anyway(
    values: dict[str, Decimal], earlier: dict[int, Decimal], doubts: list[str]
) -> None:
    found = told([row(values=values, earlier=earlier, plan=1234)])
    assert found == [d if "@" in d else f"X.1 {d}@estimate" for d in doubts]
