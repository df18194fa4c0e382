"""Tries thresholds on stored months: reads, judges, and stores nothing."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from rules.backtest import scored
from rules.trial import differences
from schemas.backtest import YEAR_END, BackTest, Judged
from schemas.board import ActivityFigure
from schemas.errors import DondocError
from schemas.flags import Flag, Matter
from schemas.period import Period
from schemas.settings import Rules
from schemas.texts import say
from schemas.trial import Difference, RuleInForce
from tasks import storage
from tasks.archive import write_whole
from tasks.desk import Desk
from tasks.figures import named

Key = tuple[str, str | None]
"""Unit and activity; None: the whole unit."""
Sums = Mapping[Key, tuple[Decimal, Decimal]]
"""Budget and disbursed to date, in triệu đồng, where there is a budget."""


def try_rules(
    desk: Desk, periods: Sequence[Period], tried: Rules | None = None
) -> list[Difference]:
    """What would be flagged otherwise in the periods, period by period; where nothing else is
    `tried`, every flag as it is."""
    from tasks.months import Months  # noqa: PLC0415 - imports pandas

    months, today = Months(desk), desk.settings.rules
    found: list[Difference] = []
    for period in periods:
        flags = months.flags(period, today)
        if tried is None:
            found += [Difference(period, flag, flag) for flag in flags]
        else:
            found += differences(period, flags, months.flags(period, tried))
    return found


def backtest(desk: Desk, years: Sequence[int], rules: Rules) -> BackTest:
    """The rules tried on every stored month before December of the `years` (none named: of all).

    Each month is judged by what was known at its end; only then is the year's end looked at.
    Raises DondocError where nothing is stored of the years.
    """
    from rules.catalogue import RULES  # noqa: PLC0415 - imports pandas
    from tasks.months import Months  # noqa: PLC0415

    months = Months(desk)
    known = [period for period in months.known() if not years or period.year in years]
    if not known:
        raise DondocError(
            "Chưa có kỳ nào để thử quy tắc; hãy thu báo cáo (dondoc collect) hoặc nạp số liệu các "
            "năm trước (dondoc history import)."
        )
    ends: dict[int, Sums] = {}
    for period in known:  # in order: the closing month after December
        if period.month >= YEAR_END:
            ends[period.year] = _closed(
                ends.get(period.year, {}), _sums(months.figures(period, rules))
            )
    seen: list[Judged] = []
    for period in known:
        if period.month < YEAR_END:
            sums, flags = _sums(months.figures(period, rules)), months.flags(period, rules)
            seen += _judged(period, sums, flags, ends.get(period.year), rules)
    names = [rule.name for rule in RULES]
    return BackTest(
        target=rules.year_target,
        units=scored([one for one in seen if one.activity is None], names),
        activities=scored([one for one in seen if one.activity is not None], names),
        unfinished=tuple(sorted({period.year for period in known} - ends.keys())),
        without_end=tuple(
            dict.fromkeys(
                (one.period.year, one.unit)
                for one in seen
                if one.low is None and one.activity is None and one.period.year in ends
            )
        ),
    )


def draw(today: BackTest, tried: BackTest | None, file: Path) -> None:
    """Write the back-test's picture, whole or not at all; raises DondocError where it cannot."""
    from reports.backtest_chart import backtest_chart  # noqa: PLC0415 - imports matplotlib

    named = (
        [("", today)]
        if tried is None
        else [
            (say("backtest.chart.today"), today),
            (say("backtest.chart.tried"), tried),
        ]
    )
    try:
        write_whole(file, backtest_chart(named))
    except OSError as error:
        raise DondocError(f"Không ghi được {file}: {storage.why(error)}.") from error


def _sums(figures: Sequence[ActivityFigure]) -> Sums:
    """What can have a rate: units, and the activities that are named."""
    sums: dict[Key, tuple[Decimal, Decimal]] = {}
    for one in figures:
        for key in ((one.unit, None), (one.unit, named(one.code))):
            if key[1] != "":
                budget, disbursed = sums.get(key, (Decimal(0), Decimal(0)))
                sums[key] = budget + one.budget.denominator, disbursed + one.disbursed
    return {key: its for key, its in sums.items() if its[0] > 0}


def _closed(december: Sums, closing: Sums) -> Sums:
    """Each unit as the closing month says, else as December does."""
    closed = {unit for unit, _ in closing}
    return {**{key: its for key, its in december.items() if key[0] not in closed}, **closing}


def _judged(
    period: Period, sums: Sums, flags: Sequence[Flag], ends: Sums | None, rules: Rules
) -> list[Judged]:
    its: dict[Key, list[Flag]] = {key: [] for key in sums}
    for flag in flags:
        if flag.matter is not Matter.PRAISE:
            its.setdefault((flag.unit, flag.activity), []).append(flag)
    return [
        Judged(
            period,
            *key,
            flags=tuple((flag.rule, flag.severity) for flag in found),
            low=_below(ends[key], rules) if ends and key in ends else None,
        )
        for key, found in its.items()
    ]


def _below(end: tuple[Decimal, Decimal], rules: Rules) -> bool:
    """Exactly: who ends on the target is not below it."""
    budget, disbursed = map(Fraction, end)
    return disbursed < Fraction(rules.year_target) * budget


def rules_in_force(desk: Desk) -> list[RuleInForce]:
    """Every rule with its switch and parameters, in the order in which flags are shown."""
    from rules.catalogue import RULES  # noqa: PLC0415 - imports pandas

    settings = desk.settings.rules
    return [
        RuleInForce(
            rule,
            getattr(settings, rule.section).enabled,
            tuple((name, settings.value(name)) for name in rule.parameters),
        )
        for rule in RULES
    ]
