"""Shows how well flags foretold who would end the year low, on the terminal and for machines."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from reports.console import table
from reports.numbers import NOTHING, money, percent
from schemas.backtest import BackTest, Counts, Level, MonthScore, RuleScore
from schemas.flags import FlagSeverity
from schemas.texts import say

NAMED = 10
"""Units without a December figure that the terminal names; `--json` has them all."""


def lines(today: BackTest, tried: BackTest | None, changes: Sequence[str]) -> Iterator[Any]:
    """The tables of today's rules, of the tried ones, and what their columns count."""
    yield from _test(today, say("backtest.today"))
    if tried:
        yield ""
        yield from _test(tried, say("backtest.tried", changes=", ".join(changes)))
    yield ""
    if today.units.rules or (tried and tried.units.rules):
        yield say("backtest.meaning", target=percent(float(today.target), 0))
    yield from _left_out(today)


def _test(test: BackTest, which: str) -> Iterator[Any]:
    for what, level in (("unit", test.units), ("activity", test.activities)):
        if level.months:
            yield from _level(level, f"{say(f'backtest.{what}')}, {which}", test)


def _level(level: Level, title: str, test: BackTest) -> Iterator[Any]:
    target = percent(float(test.target), 0)
    if level.rules:
        shown = table(
            say("backtest.rules", what=title, target=target),
            ("rule", "from"),
            ("flagged", "precision", "recall", "caught", "lead"),
        )
        for one in _told(level.rules):
            shown.add_row(
                say(f"flag.{one.rule}.title") if one.rule else say("backtest.any"),
                say(f"severity.{one.severity}"),
                _number(one.counts.flagged),
                percent(one.counts.precision, 0),
                percent(one.counts.recall, 0),
                f"{_number(one.caught)}/{_number(one.low_ends)}",
                money(Decimal(one.lead), 1) if one.lead is not None else NOTHING,
            )
        yield shown
    shown = table(
        say("backtest.months", what=title, target=target),
        ("month",),
        ("judged", "flags", "from-low", "from-watch", "unflagged"),
    )
    for label, months in rows(level, test.unfinished):
        of_low, of_any = (
            pooled(months, severity) for severity in (FlagSeverity.LOW, FlagSeverity.WATCH)
        )
        known = of_any.flagged + of_any.unflagged
        shown.add_row(
            label,
            _number(sum(one.judged for one in months)),
            _number(sum(one.flags for one in months)),
            _of(of_low.flagged_low, of_low.flagged, known),
            _of(of_any.flagged_low, of_any.flagged, known),
            _of(of_any.unflagged_low, of_any.unflagged, known),
        )
    yield shown
    if (base := pooled(level.months, FlagSeverity.WATCH).base) is not None:
        yield say("backtest.base", base=percent(base, 0), target=target)


def _told(scores: Sequence[RuleScore]) -> Iterator[RuleScore]:
    """Without those that a graver severity says again: a rule that never only watches."""
    for one, graver in zip_longest(scores, scores[1:]):
        if graver is None or (one.rule, one.counts) != (graver.rule, graver.counts):
            yield one


def rows(level: Level, unfinished: Sequence[int]) -> Iterator[tuple[str, list[MonthScore]]]:
    """The finished years' months, each over all years; then each month of an unfinished one."""
    finished = [one for one in level.months if one.period.year not in unfinished]
    for month in sorted({one.period.month for one in finished}):
        yield (
            say("backtest.month", month=month),
            [one for one in finished if one.period.month == month],
        )
    for one in level.months:
        if one.period.year in unfinished:
            yield str(one.period), [one]


def pooled(months: Sequence[MonthScore], severity: FlagSeverity) -> Counts:
    """The months' counts, summed."""
    its = [one.counts[severity] for one in months]
    return Counts(
        sum(one.flagged for one in its),
        sum(one.flagged_low for one in its),
        sum(one.unflagged for one in its),
        sum(one.unflagged_low for one in its),
    )


def _number(count: int) -> str:
    return money(Decimal(count))


def _of(part: int, whole: int, known: int) -> str:
    return f"{_number(part)}/{_number(whole)}" if known else NOTHING


def _left_out(test: BackTest) -> Iterator[str]:
    for year in test.unfinished:
        yield say("backtest.unfinished", year=year)
    if test.without_end:
        named = ", ".join(f"{unit} ({year})" for year, unit in test.without_end[:NAMED])
        more = "…" if len(test.without_end) > NAMED else ""
        yield say("backtest.without-end", count=len(test.without_end), units=f"{named}{more}")


def plain(today: BackTest, tried: BackTest | None) -> dict[str, Any]:
    """`dondoc rules backtest --json`; `tried` is null where no other setting was named."""
    return {"today": _plain(today), "tried": _plain(tried) if tried else None}


def _plain(test: BackTest) -> dict[str, Any]:
    return {
        "target": test.target,
        "units": _plain_level(test.units),
        "activities": _plain_level(test.activities),
        "unfinished": test.unfinished,
        "without_end": [{"year": year, "unit": unit} for year, unit in test.without_end],
    }


def _plain_level(level: Level) -> dict[str, Any]:
    return {
        "months": [
            {
                "period": str(one.period),
                "judged": one.judged,
                "flags": one.flags,
                "flagged": one.flagged,
                "unknown": one.unknown,
                "from": {severity: _plain_counts(its) for severity, its in one.counts.items()},
            }
            for one in level.months
        ],
        "rules": [
            {
                "rule": one.rule,
                "from": one.severity,
                **_plain_counts(one.counts),
                "low_ends": one.low_ends,
                "caught": one.caught,
                "lead": one.lead,
            }
            for one in level.rules
        ],
    }


def _plain_counts(counts: Counts) -> dict[str, Any]:
    return vars(counts) | {"precision": counts.precision, "recall": counts.recall}
