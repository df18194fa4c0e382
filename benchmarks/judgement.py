# ruff: noqa: T201 - it prints
"""All rules over 100,000 activities and 24 months at once, against a plain loop over rows.

    .venv/bin/python benchmarks/judgement.py [ACTIVITIES] [ROWS OF THE LOOP]

Two years of twelve months, invented by a fixed seed: four of five activities keep the pace, one
falls behind, stops for good or never begins, a hundredth is not reported each month.

The product judges each month in one pass over all activities; the loop judges one activity after
the other, by the same definitions written anew below. Both must come to the same flags, which is
asserted on the rows that the loop goes through. The loop is timed on those rows alone: its time for
all is reckoned from theirs. Processor time, since other work may share the machine. Rules without
evidence here (forecast, milestones, promises) judge too, and find nothing.
"""

import platform
import random
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from importlib.metadata import version
from math import ceil
from pathlib import Path

HOUSE = Path(__file__).parents[1]
sys.path.insert(0, str(HOUSE))

from rules.judge import judge  # noqa: E402
from rules.rollup import is_low  # noqa: E402
from schemas.board import ActivityFigure  # noqa: E402
from schemas.evidence import Evidence, Month  # noqa: E402
from schemas.flags import Flag  # noqa: E402
from schemas.forms import DONG, SOURCES  # noqa: E402
from schemas.period import Period  # noqa: E402
from schemas.registry import Budget  # noqa: E402
from schemas.settings import Rules  # noqa: E402

YEARS = (2020, 2021)
TO_A_UNIT = 100
RULES = Rules()
Said = tuple[str, str | None, str, str, Decimal | None]
"""Unit, activity, rule, severity, shortfall: what the two must agree in."""


def ministry(activities: int) -> list[Evidence]:
    """The evidence of each of the 24 months."""
    drawn = random.Random(5)  # noqa: S311 - no secret
    years = [
        [Month(Period(year, m), tuple(one)) for m, one in enumerate(its, 1)]
        for year in YEARS
        if (its := _year(year, activities, drawn))
    ]
    return [Evidence(tuple(year[:month])) for year in years for month in range(1, 13)]


def _year(year: int, activities: int, drawn: random.Random) -> list[list[ActivityFigure]]:
    months: list[list[ActivityFigure]] = [[] for _ in range(12)]
    for n in range(activities):
        unit, code = f"U{n // TO_A_UNIT:04d}", f"{year}.{n}"
        budget = Budget(Decimal(drawn.choice((20, 300, 900, 4000))) + drawn.randrange(10**6) * DONG)
        pace = drawn.choices((0, 3, 6, 8, 9), (2, 8, 12, 42, 36))[0]
        stops = drawn.choices((2, 5, 8, 12), (2, 3, 4, 91))[0]
        proposing, share = drawn.random() < 0.02, drawn.choice((95, 96, 97, 100))
        paid = Decimal(0)
        for month in range(1, 13):
            if month <= stops and drawn.random() > 0.03:
                paid += (budget.current * pace / 100).quantize(DONG)
            if drawn.random() < 0.01:
                continue  # nobody reported it
            share = 140 if drawn.random() < 0.01 else share
            estimate = (budget.current * share / 100).quantize(DONG)
            proposal = Decimal(-1) if proposing and month > 3 else None
            months[month - 1].append(
                ActivityFigure(
                    unit, code, code, SOURCES[n % 4], budget, paid, None, estimate, proposal,
                    None, None,
                )
            )  # fmt: skip
    return months


# --- the plain loop -------------------------------------------------------------------------------


def loop(evidence: Evidence) -> list[Said]:
    """The same month, one row after the other."""
    flags = _money(evidence)
    last = [one for n in (1, 2) if (one := evidence.before(n))]
    before = [_money(one) if one.now.figures else [] for one in last]
    return [
        *flags,
        *_repeated(flags, before),
        *_recovered(evidence, flags, before),
        *_other(evidence),
    ]


def _money(evidence: Evidence) -> list[Said]:
    month, found = evidence.now.period.month, []
    pace = _pace(month)
    units: dict[str, list[int]] = {}
    for one in evidence.now.figures:
        sums = units.setdefault(one.unit, [0, 0])
        sums[0] += _dong(one.budget.denominator)
        sums[1] += _dong(one.disbursed)
    whole, paid = sum(b for b, _ in units.values()), sum(d for _, d in units.values())
    with_budget = sum(b > 0 for b, _ in units.values())
    for unit, (budget, disbursed) in units.items():
        found += _lines(unit, None, budget, disbursed, month, pace)
        if budget > 0 and with_budget >= RULES.below_average.peers:
            average, half = Fraction(paid, whole), Fraction(RULES.below_average.low)
            if Fraction(disbursed, budget) < average:
                severity = "low" if Fraction(disbursed, budget) < half * average else "watch"
                others = Fraction(paid - disbursed, whole - budget) if whole > budget else average
                found.append(
                    (unit, None, "below-average", severity, _ask(others, budget, disbursed))
                )
    history = [{f.code: _dong(f.disbursed) for f in one.figures} for one in evidence.months]
    for one in evidence.now.figures:
        budget, disbursed = _dong(one.budget.denominator), _dong(one.disbursed)
        found += _lines(one.unit, one.code, budget, disbursed, month, pace)
        found += _stalled(one, budget, disbursed, history)
    return found


def _lines(
    unit: str, code: str | None, budget: int, disbursed: int, month: int, pace: Fraction
) -> Iterator[Said]:
    if budget <= 0:
        return
    judged = month >= RULES.from_month
    if judged and disbursed == 0:
        yield unit, code, "no-disbursement", "critical", _ask(pace, budget, disbursed)
        return
    lines = [("below-pace", pace, RULES.below_pace)] if judged else []
    due = [t for t in RULES.below_target.targets if t.month <= month]
    if due and not (judged and Fraction(due[-1].share) <= pace):
        lines.append(("below-target", Fraction(due[-1].share), RULES.below_target))
    for rule, line, its in lines:
        rate = Fraction(disbursed, budget)
        if rate < line:
            severity = (
                "critical" if rate < line * Fraction(its.critical)
                else "low" if rate < line * Fraction(its.low)
                else "watch"
            )  # fmt: skip
            yield unit, code, rule, severity, _ask(line, budget, disbursed)


def _stalled(
    one: ActivityFigure, budget: int, disbursed: int, history: Sequence[dict[str, int]]
) -> Iterator[Said]:
    month, had, still = len(history), disbursed, 0
    while still + 1 < month:
        now, then = (
            history[month - 1 - still].get(one.code),
            history[month - 2 - still].get(one.code),
        )
        if now is None or then is None or now > then:
            break
        had, still = then, still + 1
    target, pace = Fraction(RULES.year_target), _pace(month)
    if budget <= 0 or disbursed <= 0 or still < RULES.stalled.months:
        return
    asked, rate = pace - _pace(month - still), Fraction(disbursed, budget)
    if asked > 0 and rate < target:
        low = still >= RULES.stalled.low_months and rate < pace
        line = min(Fraction(had, budget) + asked, target)
        yield (
            one.unit,
            one.code,
            "stalled",
            "low" if low else "watch",
            _ask(line, budget, disbursed),
        )


def _repeated(flags: list[Said], before: list[list[Said]]) -> Iterator[Said]:
    if len(before) < RULES.repeat.months - 1:
        return
    run = [{(unit, code) for unit, code, _, grade, _ in one if grade != "watch"} for one in before]
    now: dict[tuple[str, str | None], list[Said]] = defaultdict(list)
    for flag in flags:
        if flag[3] != "watch" and all(flag[:2] in month for month in run):
            now[flag[:2]].append(flag)
    for (unit, code), its in now.items():
        yield unit, code, "repeat", "critical", max(ask for *_, ask in its if ask is not None)


def _recovered(evidence: Evidence, flags: list[Said], before: list[list[Said]]) -> Iterator[Said]:
    def letters(its: list[Said], figures: Sequence[ActivityFigure]) -> set[str]:
        size: dict[tuple[str, str | None], Decimal] = defaultdict(Decimal)
        for one in figures:
            size[one.unit, one.code] = one.budget.denominator
            size[one.unit, None] += one.budget.denominator
        return {
            f[0] for f in its if f[3] != "watch" and size[f[:2]] >= RULES.small_amount
        }  # fmt: skip

    if before and evidence.last:
        reported = {one.unit for one in evidence.now.figures}
        was = letters(before[0], evidence.last.figures) & reported
        for unit in was - letters(flags, evidence.now.figures):
            yield unit, None, "recovered", "watch", None


def _other(evidence: Evidence) -> Iterator[Said]:
    rule, month = RULES.estimate_implausible, evidence.now.period.month
    figures = [{f.code: f for f in one.figures} for one in evidence.months]
    for one in evidence.now.figures:
        its = [f[one.code].disbursed if one.code in f else None for f in figures]
        rises = [b - a for a, b in zip([Decimal(0), *its], its, strict=False)
                 if a is not None and b is not None]  # fmt: skip
        last = figures[-2].get(one.code) if month > 1 else None
        if one.estimate is not None and one.budget.denominator > 0:
            best, left = max([Decimal(0), *rises]), 12 - month
            beyond = one.estimate - one.disbursed > left * rule.times * best
            changed = (
                last is not None
                and last.estimate is not None
                and last.budget.current == one.budget.current
                and abs(one.estimate - last.estimate) > rule.change * one.budget.current
            )
            if (left > 0 and len(rises) >= rule.months and beyond) or changed:
                yield one.unit, one.code, "estimate-implausible", "watch", None
        if one.proposal and last and last.proposal:
            yield one.unit, one.code, "adjustment-pending", "watch", None


def _pace(month: int) -> Fraction:
    targets = [Fraction(0), *map(Fraction, RULES.pace.quarters)]
    at, step = divmod(month, 3)
    return (
        targets[at] + (targets[at + 1] - targets[at]) * Fraction(step, 3) if step else targets[at]
    )


def _dong(amount: Decimal) -> int:
    return int(amount / DONG)


def _ask(line: Fraction, budget: int, disbursed: int) -> Decimal:
    return ceil(line * budget - disbursed) * DONG


# --- side by side ---------------------------------------------------------------------------------


def said(flag: Flag) -> Said:
    """What the loop says of the same."""
    return flag.unit, flag.activity, flag.rule, flag.severity.value, flag.shortfall


def main() -> None:
    """Print what either takes, after they have come to the same."""
    activities = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    sample = int(sys.argv[2]) if len(sys.argv) > 2 else 2_000
    few = ministry(sample)
    began = time.process_time()
    plain = [loop(one) for one in few]
    looped = time.process_time() - began
    for one, flags in zip(few, plain, strict=True):
        ours = {said(flag) for flag in judge(one, RULES)}
        assert ours == set(flags), (one.now.period, sorted(map(str, ours ^ set(flags)))[:5])
    evidence, held = ministry(activities), _peak()
    began, flagged, low = time.process_time(), 0, 0
    for one in evidence:
        flags = judge(one, RULES)
        flagged += len(flags)
        low += len({flag.activity for flag in flags if flag.activity and is_low(flag)})
    took = time.process_time() - began
    rows = sum(len(one.now.figures) for one in evidence)
    reckoned = looped * activities / sample
    print(
        f"{activities:,} activities x {len(evidence)} months, all rules: {took:.0f} s of the "
        f"processor, {took / rows * 1e6:.0f} µs a row,\n{flagged:,} flags, {low / rows:.0%} of the "
        f"rows low; "
        f"memory {held:,.0f} MB for the figures, {_peak() - held:,.0f} MB more to judge.\n"
        f"A plain loop over rows: {looped:.1f} s for {sample:,} activities, the same "
        f"{sum(map(len, plain)):,} flags, so {reckoned:.0f} s for all: "
        f"{reckoned / took:.1f} times as long.\n"
        f"Python {platform.python_version()}, pandas {version('pandas')}, {platform.machine()}"
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
