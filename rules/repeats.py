"""Decides whether a row repeats figures that are not its own: another activity's plan, another
row's amount, last month's column."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from rules.numbers import fold
from schemas.forms import DISBURSEMENT, PLANS
from schemas.quality import Plan, SubmittedRow
from schemas.registry import Budget
from schemas.settings import Checks

MOST_CELLS = 5
"""Cells that a sentence names one by one."""

Found = tuple[int, str, str, Mapping[str, object]]
"""Number of the row, rule, field, what its sentence tells."""


def in_registry(budget: Budget) -> dict[str, Decimal]:
    """What the ministry would write in the budget cells of the form."""
    return {
        "budget_assigned": budget.shown_as_assigned,
        "budget_adjustment": budget.adjustment,
        "budget_current": budget.current,
    }


def amount(row: SubmittedRow, name: str) -> Decimal | None:
    """The cell's amount, None where it holds none."""
    value = row.value(name)
    return value if isinstance(value, Decimal) else None


def strange(rows: Iterable[SubmittedRow]) -> frozenset[tuple[str, Decimal]]:
    """What stands in plan cells and is not their activities' own in the registry: field and
    amount, of which nought and less is nobody's."""
    return frozenset(
        (name, written)
        for row in rows
        if row.budget and row.row.form == DISBURSEMENT.name
        for name, own in in_registry(row.budget).items()
        if (written := amount(row, name)) is not None and 0 < written != own
    )


def holds(budget: Budget, amounts: Collection[tuple[str, Decimal]]) -> bool:
    """Whether any of these amounts is the activity's plan."""
    return any(its in amounts for its in in_registry(budget).items())


class Plans:
    """Whose plans the amounts are: of all activities that are known, or that a batch, or what was
    reported `beside` it, reports on."""

    def __init__(
        self,
        rows: Sequence[SubmittedRow],
        known: Iterable[Plan],
        beside: Sequence[SubmittedRow] = (),
    ) -> None:
        its = [r for r in (*rows, *beside) if r.budget and r.row.form == DISBURSEMENT.name]
        self._rows = {r.row.code: r for r in its}
        reported = (Plan(r.row.code, r.unit, r.budget) for r in its if r.budget)
        plans = {plan.activity: plan for plan in (*reported, *known)}
        self._owners: dict[tuple[str, Decimal], list[Plan]] = defaultdict(list)
        for plan in plans.values():
            for name, amount_of_it in in_registry(plan.budget).items():
                if amount_of_it > 0:
                    self._owners[name, amount_of_it].append(plan)

    def misplaced(self, number: int, row: SubmittedRow) -> Iterator[Found]:
        """A plan cell that holds exactly another activity's plan: its own unit's first, else one
        of which there is only one; `plans-exchanged` where that one holds this one's plan."""
        if row.budget is None:
            return
        own = in_registry(row.budget)
        for name in reversed(PLANS):  # the current one says most; one sentence is enough
            written = amount(row, name)
            if written is None or written == own[name]:
                continue
            owners = self._owners.get((name, written), [])
            if row.row.code in {one.activity for one in owners}:
                continue
            exchanged = [o for o in owners if own[name] and self._written(o, name) == own[name]]
            same_unit = [o for o in owners if o.unit == row.unit]
            only = owners if len(owners) == 1 else []
            for other in (exchanged or same_unit or only)[:1]:
                rule = "plans-exchanged" if exchanged else "plan-of-another"
                told = {"other": other.activity, "unit": other.unit, "limit": own[name]}
                yield number, rule, name, told
                return

    def _written(self, plan: Plan, name: str) -> Decimal | None:
        row = self._rows.get(plan.activity)
        return amount(row, name) if row else None


def twins(numbered: Sequence[tuple[int, SubmittedRow]], checks: Checks) -> Iterator[Found]:
    """Cells of one submission that repeat the amount of another activity above them, too long to
    be equal by chance. Who spent or expects all of its budget is left alone, and who was equal
    last month already."""
    for name in ("disbursed", "estimate"):
        seen: dict[Decimal, SubmittedRow] = {}
        for number, row in numbered:
            written = amount(row, name)
            if (
                written is None
                or len(f"{written:f}".replace(".", "").strip("-0")) < checks.same_digits
                or (row.budget and written == row.budget.current)
            ):
                continue
            first = seen.setdefault(written, row)
            if first.row.code == row.row.code or _equal_before(first, row, name):
                continue
            told = {"other": first.row.code, "place": first.row.cell(name) or first.row.sheet}
            yield number, "same-as-another", name, told


def _equal_before(one: SubmittedRow, other: SubmittedRow, name: str) -> bool:
    if one.before is None or other.before is None:
        return False
    before = one.before.values.get(name)
    return before is not None and before == other.before.values.get(name)


def column_again(numbered: Sequence[tuple[int, SubmittedRow]], checks: Checks) -> Iterator[Found]:
    """The first cell of a column of disbursed figures that are last month's, of all or nearly all
    activities that rose then and have budget left. A new word on the difficulty says that somebody
    looked: such a row does not count as sent again."""
    rising = [(number, row) for number, row in numbered if _rose(row)]
    still = [(number, row) for number, row in rising if _sent_again(row)]
    if len(still) < checks.again_rising or len(still) < checks.again_share * len(rising):
        return
    cells = [row.row.cell("disbursed") or "" for _, row in still]
    more = ", …" if len(cells) > MOST_CELLS else ""
    told = {
        "count": str(len(still)),
        "total": str(len(rising)),
        "cells": ", ".join(cells[:MOST_CELLS]) + more,
    }
    yield still[0][0], "column-again", "disbursed", told


def _rose(row: SubmittedRow) -> bool:
    if len(row.earlier) < 2 or row.budget is None:
        return False
    *_, before, last = (row.earlier[month] for month in sorted(row.earlier))
    return before < last < row.budget.current


def _sent_again(row: SubmittedRow) -> bool:
    said, before = row.value("difficulty"), row.before and row.before.values.get("difficulty")
    new_words = said is not None and fold(str(said)) != fold(str(before or ""))
    return amount(row, "disbursed") == row.last and not new_words
