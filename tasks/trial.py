"""Tries other thresholds on stored months: reads, judges, and stores nothing."""

from collections.abc import Sequence

from rules.trial import differences
from schemas.period import Period
from schemas.settings import Rules
from schemas.trial import Difference, RuleInForce
from tasks.board import judged_by
from tasks.desk import Desk


def try_rules(desk: Desk, periods: Sequence[Period], tried: Rules) -> list[Difference]:
    """What would be flagged otherwise in the periods, period by period."""
    return [
        one
        for period in periods
        for one in differences(
            period,
            judged_by(desk, period, desk.settings.rules),
            judged_by(desk, period, tried),
        )
    ]


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
