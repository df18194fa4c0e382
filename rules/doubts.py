"""Decides which cells of Giải ngân a person should look at, since they do not fit the months
before, the decisions, or the rows beside them; what is wrong for certain is no doubt."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from rules.outliers import surge, swapped
from rules.repeats import Found, Plans, amount, column_again, in_registry, twins
from schemas.forms import BUDGETS, DISBURSEMENT, PLANS
from schemas.quality import Doubts, Plan, SubmittedRow
from schemas.registry import Budget
from schemas.settings import Checks

ZERO = Decimal(0)


def doubted(
    rows: Sequence[SubmittedRow],
    checks: Checks,
    known: Iterable[Plan] = (),
    beside: Sequence[SubmittedRow] = (),
) -> list[SubmittedRow]:
    """The rows of a batch, each with its doubts; plans are compared across all its units, with
    those that are `known` of activities that nobody has reported on yet, and with what was reported
    `beside` the batch, before it."""
    found: dict[int, dict[tuple[str, str], Mapping[str, object]]] = defaultdict(dict)
    sheets: dict[str, list[tuple[int, SubmittedRow]]] = defaultdict(list)
    plans = Plans(rows, known, beside)
    for number, row in enumerate(rows):
        if row.row.form != DISBURSEMENT.name:
            continue
        sheets[row.submission].append((number, row))
        _note(found, plans.misplaced(number, row))
        _note(found, ((number, *one) for one in _alone(row, checks)))
    for sheet in sheets.values():
        _note(found, twins(sheet, checks))
        _note(found, column_again(sheet, checks))
    return [replace(r, doubts=found[n]) if n in found else r for n, r in enumerate(rows)]


def _note(
    found: Mapping[int, dict[tuple[str, str], Mapping[str, object]]], more: Iterator[Found]
) -> None:
    for number, rule, name, told in more:
        found[number][rule, name] = told


def _alone(row: SubmittedRow, checks: Checks) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """What is doubtful of a row by itself."""
    if row.budget is None:
        return
    doubts: Doubts = {
        (rule, name): told
        for rule, name, told in (
            *_moved(row, row.budget),
            *_jumps(row, row.budget, checks),
            *_estimate(row, row.budget),
        )
    }
    yield from ((rule, name, told) for (rule, name), told in doubts.items())
    yield from _swapped(row, row.budget, {name for _, name in doubts})


def _moved(row: SubmittedRow, budget: Budget) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """A budget cell that is another than last month's and than the ledger's, which has no decision
    since."""
    if row.before is None or row.before.budget is None:
        return
    own, then = in_registry(budget), in_registry(row.before.budget)
    for name in BUDGETS:
        written, before = amount(row, name), row.before.values.get(name)
        unmoved = own[name] == then[name]
        if unmoved and None not in {written, before} and written not in {before, own[name]}:
            yield "plan-moved", name, {"limit": own[name], "last": before}


def _jumps(
    row: SubmittedRow, budget: Budget, checks: Checks
) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    disbursed = amount(row, "disbursed")
    if disbursed is None or row.last is None or not row.last < disbursed <= budget.current:
        return
    rise = disbursed - row.last
    then = row.before.budget.current if row.before and row.before.budget else ZERO
    left = then - row.last
    if left > 0 and rise - left > checks.beyond_left * then:
        yield "jump-beyond-left", "disbursed", {"rise": rise, "limit": left}
    usual = surge(disbursed, row.earlier, row.period.month, budget.current, checks)
    if usual is not None:
        yield "surge", "disbursed", {"rise": rise, "limit": usual}


def _estimate(row: SubmittedRow, budget: Budget) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """An estimate beyond the budget and what is proposed on top of it; where the disbursed figure
    lies beyond the budget too, that one speaks."""
    estimate, disbursed = amount(row, "estimate"), amount(row, "disbursed")
    room = budget.current + max(ZERO, amount(row, "proposal") or ZERO)
    beyond = disbursed is not None and disbursed > budget.current
    if estimate is not None and estimate > room and not beyond:
        yield "estimate-over-budget", "estimate", {"limit": room}


def _swapped(
    row: SubmittedRow, budget: Budget, doubtful: set[str]
) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """A cell that is wrong or doubtful, and right once two neighbouring digits change places."""
    own = in_registry(budget)
    for name in PLANS:
        written = amount(row, name)
        if written is not None and swapped(written, [own[name]]) is not None:
            yield "transposed-digits", name, {"meant": own[name]}
    disbursed, estimate = amount(row, "disbursed"), amount(row, "estimate")
    if disbursed is not None:
        falls = row.last is not None and disbursed < row.last
        if falls or disbursed > budget.current or "disbursed" in doubtful:
            meant = swapped(disbursed, [row.last, budget.current, estimate])
            if meant is not None:
                yield "transposed-digits", "disbursed", {"meant": meant}
    if estimate is not None:
        too_low = disbursed is not None and estimate < disbursed
        if too_low or estimate > budget.current:
            last = row.before.values.get("estimate") if row.before else None
            meant = swapped(estimate, [budget.current, last, disbursed])
            if meant is not None:
                yield "transposed-digits", "estimate", {"meant": meant}
