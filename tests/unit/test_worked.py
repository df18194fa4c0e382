"""The product comes to what the worked examples come to, to the last decimal.

`tests/data/worked/examples.xlsx` has a sheet for each: what is given, and formulas that a person
can follow. Their values are LibreOffice's (`tests/data/make_worked.py`), none is the product's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest
from figures import evidence
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from reports.numbers import points
from rules.budget import budgets
from rules.judge import judge
from rules.rates import by_source, by_unit, totals
from rules.rollup import calls_for_letter
from rules.workdays import deadline
from schemas.board import ActivityFigure, State, Totals, UnitStatus, rate
from schemas.flags import Flag
from schemas.forms import DISBURSEMENT, DONG
from schemas.period import Period
from schemas.registry import Activity, Budget, Entry, LedgerRow, Registry, Unit
from schemas.settings import Rules, Schedule, changed

FILE = Path(__file__).parents[1] / "data" / "worked" / "examples.xlsx"
NOTHING = "-"
"""Stands where there is no rate, no flag, or no month left."""


def _area(sheet: Worksheet, columns: str, first: int, last: int) -> Iterator[list[Any]]:
    for cells in sheet[f"{columns[0]}{first}:{columns[-1]}{last}"]:
        if cells[0].value is not None:
            yield [cell.value for cell in cells]


def _exact(amount: float) -> Decimal:
    return Decimal(repr(amount)).quantize(DONG)


@dataclass(frozen=True)
class Worked:
    """What a sheet gives, and what the product makes of it."""

    sheet: Worksheet

    @cached_property
    def period(self) -> Period:
        return Period(self.sheet["A5"].value, self.sheet["B5"].value)

    @cached_property
    def rules(self) -> Rules:
        return changed(Rules(), [f"{k}={v}" for k, v in _area(self.sheet, "AB", 8, 12)])

    @cached_property
    def paid(self) -> dict[str, dict[int, Decimal]]:
        course: dict[str, dict[int, Decimal]] = {}
        for code, month, amount in _area(self.sheet, "AC", 35, 60):
            course.setdefault(code, {})[month] = _exact(amount)
        return course

    @cached_property
    def registry(self) -> Registry:
        decisions = list(_area(self.sheet, "AG", 15, 33))
        sources = dict.fromkeys(self.paid, "Chi thường xuyên")
        sources |= {code: source for code, _, source, *_ in decisions}
        years = {code: its for code, *its in _area(self.sheet, "DF", 8, 12)}
        activities = tuple(
            Activity(
                code, code, code.partition(".")[0], source, (DISBURSEMENT.name,),
                first_year=years.get(code, [None])[0], last_year=years.get(code, [None])[-1],
            )
            for code, source in sorted(sources.items())
        )  # fmt: skip
        ledger = tuple(
            LedgerRow(year, code, Entry(kind), _exact(amount), day and day.date(), str(n), n)
            for n, (code, _, _, kind, amount, day, year) in enumerate(decisions)
        )
        units = tuple(Unit(code, code) for code in dict.fromkeys(a.unit for a in activities))
        return Registry("", units, (), activities, ledger)

    @cached_property
    def budgets(self) -> dict[str, Budget]:
        return budgets(self.registry, self.period, self.rules.denominators)

    @cached_property
    def figures(self) -> tuple[ActivityFigure, ...]:
        return tuple(
            ActivityFigure(
                a.unit, a.code, a.name, a.source, self.budgets[a.code],
                self.paid[a.code][self.period.month], None, None, None, None, None,
            )
            for a in self.registry.activities
            if a.runs_in(self.period.year)
        )  # fmt: skip

    @cached_property
    def flags(self) -> tuple[Flag, ...]:
        history = {
            code: {m: amount for m, amount in course.items() if m < self.period.month}
            for code, course in self.paid.items()
        }
        return judge(evidence(self.figures, history, self.period), self.rules)

    @cached_property
    def body(self) -> Totals:
        return totals(
            [
                UnitStatus(unit, unit, State.ACCEPTED, False, budget, disbursed)
                for unit, (budget, disbursed) in by_unit(self.figures).items()
            ]
        )

    def flag(self, whom: str, rule: str) -> Flag | None:
        unit, activity = whom.partition(".")[0], whom if "." in whom else None
        its = [f for f in self.flags if (f.unit, f.activity, f.rule) == (unit, activity, rule)]
        assert len(its) < 2
        return its[0] if its else None

    def figure(self, code: str) -> ActivityFigure:
        return next(f for f in self.figures if f.code == code)

    def comes_to(self, what: str) -> object:  # noqa: PLR0911 - one line for each thing that is told
        """What the product says of `what`, in the words of a sheet's column H."""
        told, _, of = what.partition(" ")
        match told:
            case "plan":
                return self.budgets[of].plan
            case "total":
                return self.budgets[of].current
            case "paid":
                code, *month = of.split(" ")
                return self.paid.get(code, {}).get(
                    int(month[0]) if month else self.period.month, Decimal(0)
                )
            case "budget":
                return self.budgets[of].denominator
            case "rate" | "printed" | "printed-1":
                return _printed(told, self.figure(of).rate)
            case "reported":
                its = self.registry.activities_of(of.partition(".")[0], self.period.year)
                return "yes" if of in {a.code for a in its} else "no"
            case "unit-budget":
                return by_unit(self.figures)[of][0]
            case "unit-rate" | "unit-printed":
                budget, disbursed = by_unit(self.figures)[of]
                return _printed(told, rate(disbursed, budget))
            case "source-rate":
                budget, disbursed = by_source(self.figures)[of]
                return _printed(told, rate(disbursed, budget))
            case "body-rate" | "body-printed":
                return _printed(told, self.body.rate)
            case "letter":
                flags = [f for f in self.flags if f.unit == of]
                return "yes" if calls_for_letter(flags) else "no"
            case "deadline":
                return deadline(self.period, Schedule())
        return _of_flag(told, self.flag(*of.split(" ")))


def _printed(told: str, its: float | None) -> object:
    if its is None:
        return NOTHING
    return points(its, 1 if told.endswith("-1") else 2) if "printed" in told else round(its, 12)


def _of_flag(told: str, flag: Flag | None) -> object:
    if told == "severity":
        return flag.severity.value if flag else NOTHING
    assert flag, "no flag of which more could be said"
    match told:
        case "expected":
            return flag.expected and round(flag.expected, 12)
        case "shortfall":
            return NOTHING if flag.shortfall is None else flag.shortfall
        case "needed":
            return NOTHING if flag.needed_per_month is None else flag.needed_per_month
        case "small":
            return "yes" if flag.small else "no"
    raise AssertionError(f"nothing is known of {told}")


def _as(told: object, value: object) -> object:
    """A cell's value as exact as what it is compared with."""
    match told, value:
        case Decimal(), int() | float():
            return _exact(float(value))
        case float(), int() | float():
            return round(float(value), 12)
        case date(), datetime():
            return value.date()
    return value


@cache
def _sheets(*, values: bool) -> dict[str, Worksheet]:
    return {sheet.title: sheet for sheet in load_workbook(FILE, data_only=values)}


@pytest.mark.parametrize("name", _sheets(values=True))
def test_the_product_comes_to_what_the_sheet_comes_to(name: str) -> None:
    sheet, formulas = _sheets(values=True)[name], _sheets(values=False)[name]
    worked = Worked(sheet)
    compared = 0
    for row, (what, value) in enumerate(_area(sheet, "HI", 5, 60), 5):
        assert str(formulas[f"I{row}"].value).startswith("="), f"{what} is no formula"
        told = worked.comes_to(what)
        assert _as(told, value) == told, f"{sheet['A1'].value}: {what}"
        compared += 1
    assert compared


def test_each_example_says_what_it_shows_and_how_well_that_is_known() -> None:
    sheets = _sheets(values=True).values()
    assert len(sheets) >= 25
    for sheet in sheets:
        assert sheet["A1"].value
        assert len(sheet["A2"].value) > 20
        assert sheet["A3"].value[:2] in {"[S", "[K", "[?", "[C", "[P"}
