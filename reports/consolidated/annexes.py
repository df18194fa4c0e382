"""Lists every activity and every flag with its rule and parameters: the report's annexes."""

from decimal import Decimal

from reports.consolidated.material import Line, Material, grouped
from reports.explained import parameter, sentence
from reports.mails.amounts import ROUNDED, rounded, signed
from reports.numbers import decimals, percent
from schemas.flags import Flag, Matter
from schemas.texts import say

ORIGIN = "pace.origin"
"""The one parameter that judges nothing: it says where others come from."""


def activity_lines(month: Material) -> list[Line]:
    """Every activity of the accepted units."""
    return grouped(
        month.names,
        [
            (
                one.unit,
                {
                    "code": one.code,
                    "name": one.name,
                    "source": one.source,
                    "budget": rounded(one.budget.denominator),
                    "disbursed": rounded(one.disbursed),
                    "rate": percent(one.rate),
                    "estimate": rounded(one.estimate),
                    "proposal": signed(one.proposal) if one.proposal else "",
                },
            )
            for one in month.board.activities
        ],
    )


def estimate(month: Material) -> str:
    """The sum of what the units expect of the year."""
    said = [one.estimate for one in month.board.activities if one.estimate is not None]
    return rounded(sum(said, Decimal(0)) if said else None)


def flag_lines(month: Material) -> list[Line]:
    """Every flag, each unit's under its name."""
    names = {one.code: one.name for one in month.board.activities}
    return grouped(
        month.names,
        [
            (
                flag.unit,
                {
                    "name": f"{flag.activity} - {names.get(flag.activity, flag.activity)}"
                    if flag.activity
                    else say("consolidated.whole-unit"),
                    "warning": say(f"flag.{flag.rule}.title"),
                    "severity": ""
                    if flag.matter is Matter.PRAISE
                    else say(f"severity.{flag.severity}"),
                    "said": sentence(flag, places=ROUNDED),
                    "rule": _rule(flag),
                },
            )
            for unit in month.board.units
            for flag in unit.flags
        ],
    )


def _rule(flag: Flag) -> str:
    """Name, version and parameters; what each parameter is, and where the pace comes from, stands
    below the table."""
    values = "; ".join(
        f"{name} = {decimals(value)}" for name, value in flag.parameters if name != ORIGIN
    )
    return f"{flag.rule} {flag.version}" + (f": {values}" if values else "")


def parameters(month: Material) -> list[str]:
    """Each parameter that a flag was judged by, in words, with its origin."""
    flags = (flag for unit in month.board.units for flag in unit.flags)
    used = dict.fromkeys(pair for flag in flags for pair in flag.parameters)
    return [parameter(name, value) for name, value in used]
