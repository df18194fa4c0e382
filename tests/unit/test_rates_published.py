"""The rates that others printed come out of their plans and paid amounts, to the last digit.

Where the tables are from, and how they were trimmed: `tests/data/published/README.md`.
"""

import csv
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from figures import evidence, figure
from openpyxl import load_workbook

from reports.numbers import points
from rules import below_average
from rules.catalogue import RULES
from rules.judge import judge
from rules.rates import by_unit, totals
from schemas.board import ActivityFigure, State, Totals, UnitStatus
from schemas.period import Period
from schemas.settings import Rules

DATA = Path(__file__).parents[1] / "data"
CREDITS = ("budget_keur", "obligated_to_date_keur", "printed_obligated_pct")
PAYMENTS = ("obligated_to_date_keur", "paid_to_date_keur", "printed_paid_of_obligated_pct")
ONLY_AVERAGE = Rules.model_validate(
    {r.section: {"enabled": False} for r in RULES if r != below_average.RULE}
)
Row = dict[str, str]


def table(name: str) -> list[Row]:
    with (DATA / "published" / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def printed(plan: str, paid: str, as_printed: str) -> Decimal | None:
    """What the product prints of an activity with these amounts, with as many decimals."""
    its = figure("A", "A.1", plan, paid).rate
    return None if its is None else points(its, len(as_printed.partition(".")[2]))


def body(figures: Iterable[ActivityFigure]) -> Totals:
    return totals(
        [
            UnitStatus(unit, unit, State.ACCEPTED, False, budget, disbursed)
            for unit, (budget, disbursed) in by_unit(figures).items()
        ]
    )


def spain(columns: tuple[str, str, str]) -> list[tuple[str, str, str]]:
    """Plan, paid and rate where one was printed, with the nought that Spain leaves out of 2.0."""
    rows = [tuple(row[name] for name in columns) for row in table("spain-2014-2018.csv")]
    return [(plan, paid, f"{Decimal(p):.1f}") for plan, paid, p in rows if plan and p not in "-"]


def test_spain_obligated_of_its_credits() -> None:
    rows = spain(CREDITS)
    # what is above 100 % the source prints as nil (README): the product prints what it is
    above = [row for row in rows if Decimal(row[1]) > Decimal(row[0])]
    assert {p for _, _, p in above} == {"0.0"}
    assert all(printed(*row) >= 100 for row in above)  # type: ignore[operator]
    agree = [printed(*row) == Decimal(row[2]) for row in rows if row not in above]
    assert (len(above), Counter(agree)) == (14, {True: 949})


def test_spain_paid_of_what_it_obligated() -> None:
    rows = spain(PAYMENTS)
    # of nothing obligated the source prints nil: the product knows no rate of nothing
    nothing = [row for row in rows if Decimal(row[0]) == 0]
    assert {printed(*row) for row in nothing} == {None}
    agree = [printed(*row) == Decimal(row[2]) for row in rows if row not in nothing]
    assert (len(nothing), Counter(agree)) == (5, {True: 958})


def test_spain_prints_its_halves_upwards() -> None:
    halves = [
        row
        for row in spain(CREDITS)
        if Decimal(row[0]) and Decimal(row[1]) * 2000 % Decimal(row[0]) == 0
        if Decimal(row[1]) * 2000 // Decimal(row[0]) % 2
    ]
    assert [printed(*row) for row in halves] == [Decimal(p) for _, _, p in halves]
    assert len(halves) == 2


def test_spain_s_totals_come_out_of_its_bodies() -> None:
    def of(row: Row) -> tuple[str, ...]:
        return tuple(row[name] for name in ("sector", "scope", "year", "month"))

    compared = 0
    for _, its in groupby(sorted(table("spain-2014-2018.csv"), key=of), key=of):
        rows = list(its)
        bodies = [
            figure(row["body"], row["body"], row[CREDITS[0]], row[CREDITS[1]])
            for row in rows
            if row["level"] == "body"
        ]
        (whole,) = (row for row in rows if row["level"] == "total")
        reckoned = body(bodies)
        assert reckoned.budget_current == Decimal(whole[CREDITS[0]])
        assert reckoned.disbursed_to_date == Decimal(whole[CREDITS[1]])
        if reckoned.disbursed_to_date <= reckoned.budget_current:
            assert points(reckoned.rate or 0, 1) == Decimal(whole[CREDITS[2]])
            compared += 1
    assert compared == 29


def test_vietnam_s_statistics_office_by_the_plan_of_the_month_before() -> None:
    columns = ("plan_of_month_before_bnvnd", "realised_to_date_bnvnd", "printed_pct_of_plan")
    rows = [tuple(row[name] for name in columns) for row in table("statistics-2018-2021.csv")]
    agree = Counter(printed(plan, paid, p) == Decimal(p) for plan, paid, p in rows)
    assert agree == {True: 461}


def test_the_press_where_it_prints_plan_and_paid_and_rate() -> None:
    columns = ("plan_bn_vnd", "disbursed_bn_vnd", "rate_pct_printed")
    rows = [tuple(row[name] for name in columns) for row in table("press-2021-2025.csv")]
    agree = Counter(printed(plan, paid, p) == Decimal(p) for plan, paid, p in rows)
    assert agree == {True: 6}


@pytest.mark.parametrize(
    ("year", "average", "below", "low", "committee"),
    [
        ("2011", "112.59", 29, 1, "375.26"),
        ("2012", "124.45", 33, 1, "265.28"),
        ("2013", "122.70", 32, 1, "124.13"),
        ("2014", "113.27", 27, 2, "93.22"),
    ],
)
def test_vietnam_s_ministries_their_order_and_who_is_below_the_average(
    year: str, average: str, below: int, low: int, committee: str
) -> None:
    """Against `tests/data/worked/ministries.xlsx`, where a spreadsheet's formulas say it."""
    rows = [
        r for r in table("ministries-2011-2014.csv") if (r["year"], r["scope"]) == (year, "total")
    ]
    figures = [
        figure(r["body"], r["body"], r["estimate_mvnd"], r["final_mvnd"])
        for r in rows
        if r["final_mvnd"]  # three have an estimate and no final account
    ]
    sheet = load_workbook(DATA / "worked" / "ministries.xlsx", data_only=True)[year]
    reckoned: list[list[Any]] = [
        [cell.value for cell in cells] for cells in sheet.iter_rows(min_row=4)
    ]
    whole = body(figures)
    assert whole.rate == pytest.approx(sheet["D1"].value, rel=1e-14)
    assert points(whole.rate or 0) == Decimal(average)

    assert [f.code for f in figures] == [name for name, *_ in reckoned]
    for one, (name, _, _, its, as_printed, *_) in zip(figures, reckoned, strict=True):
        assert one.rate == pytest.approx(its, rel=1e-14), name
        assert points(one.rate or 0) == Decimal(repr(as_printed)), name
    highest_first = sorted(figures, key=lambda f: -(f.rate or 0))
    places = {name: place for name, _, _, _, _, place, _ in reckoned}
    assert [places[f.code] for f in highest_first] == sorted(places.values())

    flags = judge(evidence(figures, {}, Period(int(year), 12)), ONLY_AVERAGE)
    said = {flag.unit: flag.severity.value for flag in flags}
    assert said == {row[0]: row[6] for row in reckoned if row[6] != "-"}
    assert Counter(said.values()) == {"watch": below, "low": low}
    by_name = {f.code: f for f in figures}
    assert points(by_name["Uỷ ban Dân tộc"].rate or 0) == Decimal(committee)
