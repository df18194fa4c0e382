"""Builds figures and rows for the tests of the rules, from the few numbers that matter."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from rules.case import Case
from schemas.board import ActivityFigure
from schemas.evidence import Evidence, Month
from schemas.flags import Flag, FlagSeverity, Matter
from schemas.period import Period
from schemas.registry import Budget

History = Mapping[str, Mapping[int, Decimal]]
"""Activity -> month -> what it had disbursed by then."""


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


def case(rows: pd.DataFrame, expected: Fraction = Fraction(0), month: int = 10) -> Case:
    """Rows before a rule at the end of a month of 2021 by which the pace expects that share."""
    months = tuple(Month(Period(2021, n)) for n in range(1, month + 1))
    full = rows.assign(unit=[f"U{n}" for n in range(len(rows))], activity=None, source="ODA")
    return Case(full, full, Evidence(months), dict.fromkeys(range(month + 1), expected))


def evidence(
    figures: Sequence[ActivityFigure], history: History, period: Period, **more: Any
) -> Evidence:
    """A month, and the year's earlier months of the same activities with other figures."""
    earlier = [
        Month(
            Period(period.year, month),
            tuple(
                replace(f, disbursed=history[f.code][month])
                for f in figures
                if month in history.get(f.code, {})
            ),
        )
        for month in range(1, period.month)
    ]
    return Evidence((*earlier, Month(period, tuple(figures))), **more)


def course(*months: Iterable[ActivityFigure], **more: Any) -> Evidence:
    """January, February, ... of 2021, each with its own figures."""
    return Evidence(
        tuple(Month(Period(2021, n), tuple(one)) for n, one in enumerate(months, 1)), **more
    )


def flag(
    unit: str = "A",
    severity: FlagSeverity = FlagSeverity.LOW,
    *,
    small: bool = False,
    rule: str = "below-pace",
    matter: Matter = Matter.MONEY,
) -> Flag:
    """A flag of which only unit, severity, size and matter count."""
    half, one = 0.5, Decimal(1)
    return Flag(unit, None, rule, "1", severity, 0.1, half, one, one, small, matter=matter)
