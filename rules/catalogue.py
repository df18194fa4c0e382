"""The rules that flag, in the order in which their flags are shown. A new one is listed here."""

from types import ModuleType

from rules import (
    adjustment_pending,
    below_average,
    below_pace,
    below_target,
    estimate_implausible,
    milestone_overdue,
    no_disbursement,
    promise_broken,
    recovered,
    repeat,
    stalled,
    unlikely_to_finish,
)
from schemas.flags import Rule

MODULES: tuple[ModuleType, ...] = (
    no_disbursement,
    below_pace,
    below_target,
    below_average,
    unlikely_to_finish,
    stalled,
    repeat,
    estimate_implausible,
    milestone_overdue,
    adjustment_pending,
    promise_broken,
    recovered,
)
"""Each declares `RULE` and decides with `flagged(case, rules)`. A rule that spares another's flags
stands after it, one that judges by flags after all that speak of money."""

RULES: tuple[Rule, ...] = tuple(module.RULE for module in MODULES)
