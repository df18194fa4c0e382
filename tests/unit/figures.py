"""Builds figures and rows for the tests of the rules, from the few numbers that matter."""

from decimal import Decimal

import pandas as pd

from schemas.board import ActivityFigure
from schemas.flags import Flag, FlagSeverity
from schemas.registry import Budget


def figure(
    unit: str, code: str, budget: object, disbursed: object, source: str = "ODA"
) -> ActivityFigure:
    """An activity of `unit`; amounts in triệu đồng, as anything Decimal reads."""
    return ActivityFigure(
        unit=unit,
        code=code,
        name=f"Nhiệm vụ {code}",
        source=source,
        budget=Budget(assigned=Decimal(str(budget))),
        disbursed=Decimal(str(disbursed)),
        last_month=None,
        estimate=None,
        proposal=None,
        difficulty=None,
        solution=None,
    )


def rows(*pairs: tuple[int, int]) -> pd.DataFrame:
    """Rows of (budget, disbursed) in đồng."""
    return pd.DataFrame(list(pairs), columns=["budget", "disbursed"], dtype="int64")


def flag(
    unit: str = "A",
    severity: FlagSeverity = FlagSeverity.LOW,
    *,
    small: bool = False,
    rule: str = "below-pace",
) -> Flag:
    """A flag of which only unit, severity and size matter."""
    return Flag(unit, None, rule, "1", severity, 0.1, 0.5, Decimal(1), Decimal(1), small)
