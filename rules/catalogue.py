"""The rules that flag, in the order in which their flags are shown."""

from rules import below_average, below_pace, no_disbursement, stalled
from schemas.flags import Rule

RULES: tuple[Rule, ...] = (
    no_disbursement.RULE,
    below_pace.RULE,
    below_average.RULE,
    stalled.RULE,
)
