"""One small invented case for each rule, which the documents show with what the rule says of it."""

from collections.abc import Mapping
from decimal import Decimal

from schemas.board import ActivityFigure
from schemas.period import Period
from schemas.registry import Budget
from schemas.rulebook import Example

YEAR = 2021


def _figure(unit: str, code: str, budget: int, disbursed: int) -> ActivityFigure:
    return ActivityFigure(
        unit=unit,
        code=code,
        name=code,
        source="Chi thường xuyên",
        budget=Budget(assigned=Decimal(budget)),
        disbursed=Decimal(disbursed),
        last_month=None,
        estimate=None,
        proposal=None,
        difficulty=None,
        solution=None,
    )


def _month(month: int, *figures: ActivityFigure) -> tuple[Period, tuple[ActivityFigure, ...]]:
    return Period(YEAR, month), figures


EXAMPLES: Mapping[str, Example] = {
    "no-disbursement": Example((_month(9, _figure("A", "A.1", 1000, 0)),)),
    "below-pace": Example(
        (
            _month(
                9,
                _figure("A", "A.1", 1000, 560),  # 93 % of the pace
                _figure("B", "B.1", 1000, 420),  # 70 %
                _figure("C", "C.1", 1000, 240),  # 40 %
            ),
        )
    ),
    "below-average": Example(
        (
            _month(
                6,
                _figure("A", "A.1", 1000, 800),
                _figure("B", "B.1", 1000, 700),
                _figure("C", "C.1", 500, 125),
            ),
        )
    ),
    "stalled": Example(
        tuple(
            _month(month, _figure("A", "A.1", 1000, disbursed))
            for month, disbursed in ((5, 250), (6, 300), (7, 300), (8, 300), (9, 300))
        )
    ),
}
"""Rule -> its case, judged by the defaults of the settings."""
