"""Lays a past month out for the judge: its accepted submissions, else what was imported of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import select

from rules.judge import judge
from schemas import tables
from schemas.board import ActivityFigure
from schemas.errors import DondocError
from schemas.evidence import Evidence, Month
from schemas.flags import Flag
from schemas.period import Period
from schemas.registry import Budget
from schemas.settings import Rules
from schemas.texts import say
from tasks import submissions
from tasks.board import figures_at
from tasks.desk import Desk
from tasks.evidence import Past, evidence, looks_back, seen_back
from tasks.figures import SEPARATOR, named

ZERO = Decimal(0)


class Months:
    """The months that a workspace knows; the past is read once for all of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._submitted = frozenset(submissions.accepted_periods(desk))
        self._imported = _imported(desk)
        self._past: Past | None = None

    def known(self) -> list[Period]:
        """Every month of which there is any figure, in order."""
        return sorted(self._submitted | self._imported.keys())

    def figures(self, period: Period, rules: Rules) -> Sequence[ActivityFigure]:
        """The month as its report would see it where any submission was accepted, else as it was
        imported. Raises DondocError where nothing is known of it."""
        if period in self._submitted:
            return figures_at(self._desk, period, rules)
        if period not in self._imported:
            raise DondocError(say("period.no-figures", period=period))
        return self._imported[period]

    def flags(self, period: Period, rules: Rules) -> list[Flag]:
        """The month's flags as these rules see it by what was known at its end; nothing is looked
        up or stored. A figure that names no activity is part of its unit's, and not judged by
        itself."""
        return [
            replace(flag, activity=named(flag.activity)) if flag.activity else flag
            for flag in judge(self._evidence(period, rules), rules)
            if flag.activity is None or named(flag.activity)
        ]

    def _evidence(self, period: Period, rules: Rules) -> Evidence:
        figures = self.figures(period, rules)
        if looks_back(rules) and self._past is None:
            self._past = Past(self._desk)
        if period in self._submitted:
            return evidence(self._desk, period, figures, rules, self._past)
        months = (Period(period.year, month) for month in range(1, period.month + 1))
        found = Evidence(
            tuple(Month(one, tuple(self._imported.get(one, ()))) for one in months),
            kinds={unit.code: unit.type for unit in self._desk.registry.units},
        )
        return seen_back(found, rules, self._past) if self._past else found


def _imported(desk: Desk) -> dict[Period, Sequence[ActivityFigure]]:
    """The imported figures as the judge takes them; an activity of several sources is one."""
    sums: dict[tuple[Period, str, str, str], tuple[Decimal, Decimal]] = {}
    sources: dict[tuple[Period, str, str, str], str] = {}
    wanted = select(tables.history).order_by(tables.history.c.id)
    with desk.engine.connect() as connection:
        for row in connection.execute(wanted):
            of_whole = "" if row.activity else row.source
            key = Period(row.year, row.month), row.unit, row.activity, of_whole
            budget, disbursed = sums.get(key, (ZERO, ZERO))
            sums[key] = budget + row.budget, disbursed + row.disbursed_to_date
            sources[key] = row.source if sources.get(key, row.source) == row.source else ""
    months: dict[Period, list[ActivityFigure]] = defaultdict(list)
    for key, (budget, disbursed) in sums.items():
        period, unit, activity, _ = key
        months[period].append(
            ActivityFigure(
                unit=unit,
                code=SEPARATOR.join(key[1:]),
                name=activity,
                source=sources[key],
                budget=Budget(assigned=budget),
                disbursed=disbursed,
                last_month=None,
                estimate=None,
                proposal=None,
                difficulty=None,
                solution=None,
            )
        )
    return dict(months)
