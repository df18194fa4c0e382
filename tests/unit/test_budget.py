"""The current budget: what counts at a period's end and what does not yet."""

from datetime import date
from decimal import Decimal

import pytest

from rules.budget import budgets
from schemas.period import Period
from schemas.registry import Activity, Budget, Denominator, Entry, LedgerRow, Registry

OCTOBER = Period(2021, 10)


def registry(*ledger: LedgerRow) -> Registry:
    activities = tuple(
        Activity(code, code, "A", "ODA", ("disbursement",)) for code in ("A.1", "A.2")
    )
    return Registry("0" * 64, (), (), activities, ledger)


def entry(
    entry: Entry, amount: str, day: date | None = None, *, year: int = 2021, code: str = "A.1"
) -> LedgerRow:
    return LedgerRow(year, code, entry, Decimal(amount), day, None, 2)


def test_an_activity_without_a_ledger_row_has_an_empty_budget() -> None:
    assert budgets(registry(), OCTOBER) == {"A.1": Budget(), "A.2": Budget()}


def test_assigned_carried_and_adjusted_are_kept_apart_and_summed_exactly() -> None:
    ledger = registry(
        entry(Entry.ASSIGNED, "100.1"),
        entry(Entry.ASSIGNED, "0.2"),
        entry(Entry.CARRIED, "30.000001"),
        entry(Entry.ADJUSTMENT, "-10.3", date(2021, 6, 1)),
        entry(Entry.ASSIGNED, "7", code="A.2"),
    )
    by_code = budgets(ledger, OCTOBER)
    assert by_code["A.1"] == Budget(Decimal("100.3"), Decimal("30.000001"), Decimal("-10.3"))
    assert by_code["A.1"].current == Decimal("120.000001")
    assert by_code["A.1"].shown_as_assigned == Decimal("130.300001")
    assert by_code["A.2"].current == Decimal(7)


@pytest.mark.parametrize(
    ("day", "adjustment"),
    [(None, 5), (date(2021, 1, 1), 5), (date(2021, 10, 31), 5), (date(2021, 11, 1), 0)],
)
def test_an_adjustment_counts_from_the_day_it_was_decided(
    day: date | None, adjustment: int
) -> None:
    ledger = registry(entry(Entry.ADJUSTMENT, "5", day))
    assert budgets(ledger, OCTOBER)["A.1"].adjustment == adjustment


@pytest.mark.parametrize("kind", [Entry.ASSIGNED, Entry.CARRIED])
def test_assigned_and_carried_amounts_count_whole_whatever_their_date(kind: Entry) -> None:
    ledger = registry(entry(kind, "5", date(2021, 12, 31)))
    assert budgets(ledger, Period(2021, 1))["A.1"].current == 5


@pytest.mark.parametrize("year", [2020, 2022])
def test_another_year_s_money_is_another_budget(year: int) -> None:
    ledger = registry(entry(Entry.ASSIGNED, "5", year=year))
    assert budgets(ledger, OCTOBER)["A.1"] == Budget()


def test_the_plan_of_the_year_leaves_out_what_was_carried_over_of_the_source_that_says_so() -> None:
    ledger = registry(
        entry(Entry.ASSIGNED, "100"),
        entry(Entry.CARRIED, "30"),
        entry(Entry.ADJUSTMENT, "-10", date(2021, 6, 1)),
    )
    total = budgets(ledger, OCTOBER)["A.1"]
    assert [total.current, total.plan, total.denominator] == [120, 90, 120]
    by_plan = budgets(ledger, OCTOBER, {"ODA": Denominator.PLAN})["A.1"]
    assert [by_plan.current, by_plan.plan, by_plan.denominator] == [120, 90, 90]
    assert budgets(ledger, OCTOBER, {"CTMTQG": Denominator.PLAN})["A.1"] == total
