"""One small invented case for each rule, which the documents show with what the rule says of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from schemas.board import ActivityFigure
from schemas.evidence import Evidence, Milestone, Month
from schemas.forecast import Method, Outlook
from schemas.forms import STRATEGY
from schemas.period import Period
from schemas.registry import Budget
from schemas.rulebook import Example

YEAR = 2021


def _figure(
    code: str,
    budget: int,
    disbursed: int,
    *,
    estimate: int | None = None,
    proposal: int | None = None,
    solution: str | None = None,
) -> ActivityFigure:
    return ActivityFigure(
        unit=code.partition(".")[0],
        code=code,
        name=code,
        source="Chi thường xuyên",
        budget=Budget(assigned=Decimal(budget)),
        disbursed=Decimal(disbursed),
        last_month=None,
        estimate=None if estimate is None else Decimal(estimate),
        proposal=None if proposal is None else Decimal(proposal),
        difficulty=None,
        solution=solution,
    )


def _months(figures: Mapping[int, tuple[ActivityFigure, ...]]) -> tuple[Month, ...]:
    """January to the last month named; nothing was reported of those that are not."""
    return tuple(
        Month(Period(YEAR, month), figures.get(month, ())) for month in range(1, max(figures) + 1)
    )


def _example(figures: Mapping[int, tuple[ActivityFigure, ...]], *changes: str) -> Example:
    return Example(Evidence(_months(figures)), changes)


def _course(budget: int, disbursed: Mapping[int, int]) -> Example:
    return _example({m: (_figure("A.1", budget, paid),) for m, paid in disbursed.items()})


def _in_the_last_month(
    figure: ActivityFigure,
    month: int,
    *,
    outlooks: Mapping[str, Outlook],
    milestones: tuple[Milestone, ...],
) -> Example:
    *before, last = _months({month: (figure,)})
    return Example(Evidence((*before, replace(last, outlooks=outlooks, milestones=milestones))))


EXAMPLES: Mapping[str, Example] = {
    "no-disbursement": _course(1000, {9: 0}),
    "below-pace": _example(
        {
            9: (
                _figure("A.1", 1000, 560),  # 93 % of the pace
                _figure("B.1", 1000, 420),  # 70 %
                _figure("C.1", 1000, 240),  # 40 %
            )
        }
    ),
    "below-target": _example(
        {6: (_figure("A.1", 1000, 430),)},
        'below_target.targets=[{month=6, share=0.5, origin="nghị quyết giả định"}]',
    ),
    "below-average": _example(
        {6: (_figure("A.1", 1000, 800), _figure("B.1", 1000, 700), _figure("C.1", 500, 125))}
    ),
    "unlikely-to-finish": _in_the_last_month(
        _figure("A.1", 1000, 450),
        8,
        outlooks={"A": Outlook(0.8, Method.COMBINED, 4, 0.72, 0.88, 0.04)},
        milestones=(),
    ),
    "stalled": _course(1000, {5: 250, 6: 300, 7: 300, 8: 300, 9: 300}),
    "repeat": _course(1000, {7: 360, 8: 410, 9: 450}),
    "estimate-implausible": _example(
        {
            month: (_figure("A.1", 1000, 50 * month, estimate=950 if month == 9 else None),)
            for month in range(1, 10)
        }
    ),
    "milestone-overdue": _in_the_last_month(
        _figure("A.1", 1000, 700),
        9,
        outlooks={},
        milestones=(
            Milestone("A", "A.1", "A.1-2", STRATEGY.name, date(YEAR, 9, 15), (), Decimal(60)),
        ),
    ),
    "adjustment-pending": _example(
        {month: (_figure("A.1", 1000, 70 * month, proposal=-200),) for month in (8, 9)}
    ),
    "promise-broken": _example(
        {
            8: (
                _figure("A.1", 1000, 550, solution="Nghiệm thu, thanh toán trước ngày 20/9/2021."),
            ),
            9: (_figure("A.1", 1000, 550),),
        }
    ),
    "recovered": _course(1000, {8: 400, 9: 620}),
}
"""Rule -> its case, judged by the defaults of the settings but for its changes."""
