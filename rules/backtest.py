"""Decides how well flags foretold who would end the year low."""

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import mean

from schemas.backtest import YEAR_END, Counts, Judged, Level, MonthScore, RuleScore
from schemas.flags import FlagSeverity
from schemas.period import Period

SEVERITIES = tuple(FlagSeverity)


def scored(judged: Sequence[Judged], rules: Iterable[str]) -> Level:
    """What the flags came to, month by month and rule by rule (`rules`: their names, in order).

    A unit that is flagged in a month counts once however many flags it has. What has no known
    outcome is counted in the months only.
    """
    months: dict[Period, list[Judged]] = {}
    for one in judged:
        months.setdefault(one.period, []).append(one)
    known = [one for one in judged if one.low is not None]
    scores = [_score(known, rule, severity) for rule in (None, *rules) for severity in SEVERITIES]
    return Level(
        tuple(_month(period, months[period]) for period in sorted(months)),
        tuple(score for score in scores if score.counts.flagged),
    )


def _month(period: Period, judged: Sequence[Judged]) -> MonthScore:
    known = [one for one in judged if one.low is not None]
    return MonthScore(
        period,
        judged=len(judged),
        flags=sum(len(one.flags) for one in judged),
        flagged=sum(bool(one.flags) for one in judged),
        unknown=len(judged) - len(known),
        counts={severity: counts(known, None, severity) for severity in SEVERITIES},
    )


def _score(known: Sequence[Judged], rule: str | None, severity: FlagSeverity) -> RuleScore:
    """A year that ended low is caught by its first flag; the rest of its flags come later."""
    first: dict[tuple[str, str | None, int], int | None] = {}
    for one in sorted(known, key=lambda one: one.period):
        key = one.unit, one.activity, one.period.year
        if one.low and first.get(key) is None:
            first[key] = one.period.month if _flagged(one, rule, severity) else None
    leads = [YEAR_END - month for month in first.values() if month is not None]
    return RuleScore(
        rule,
        severity,
        counts(known, rule, severity),
        low_ends=len(first),
        caught=len(leads),
        lead=mean(leads) if leads else None,
    )


def counts(known: Iterable[Judged], rule: str | None, severity: FlagSeverity) -> Counts:
    """Flagged by `rule` (None: by any) from `severity` on, or not; and how many of each ended
    low."""
    found = Counter((_flagged(one, rule, severity), bool(one.low)) for one in known)
    return Counts(
        flagged=found[True, True] + found[True, False],
        flagged_low=found[True, True],
        unflagged=found[False, True] + found[False, False],
        unflagged_low=found[False, True],
    )


def _flagged(one: Judged, rule: str | None, severity: FlagSeverity) -> bool:
    from_here = SEVERITIES[SEVERITIES.index(severity) :]
    return any(rule in {None, name} and grave in from_here for name, grave in one.flags)
