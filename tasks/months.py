"""Lays a past month out for the judge: its accepted submissions, else what was imported of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import select

from schemas import tables
from schemas.board import ActivityFigure
from schemas.errors import DondocError
from schemas.flags import Flag
from schemas.period import Period
from schemas.registry import Budget
from schemas.settings import Rules
from tasks import submissions
from tasks.board import inputs_of
from tasks.desk import Desk

ZERO = Decimal(0)
SEPARATOR = "\x1f"
"""Between unit, activity and source in the code of an imported figure: no two are the same, and
no code that a person typed has it."""


@dataclass(frozen=True)
class Month:
    """What is known at a month's end; nothing later is in it."""

    figures: tuple[ActivityFigure, ...]
    earlier: Mapping[str, Mapping[int, Decimal]]
    """Activity -> the year's earlier months -> disbursed to date, in triệu đồng."""


class Months:
    """The months that a workspace knows; what was imported is read once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._submitted = frozenset(submissions.accepted_periods(desk))
        self._imported = _imported(desk)

    def known(self) -> list[Period]:
        """Every month of which there is any figure, in order."""
        return sorted(self._submitted | self._imported.keys())

    def month(self, period: Period, rules: Rules) -> Month:
        """The month as its report would see it where any submission was accepted, else as it was
        imported. Raises DondocError where nothing is known of it."""
        if period in self._submitted:
            return Month(*inputs_of(self._desk, period, rules))
        if period not in self._imported:
            raise DondocError(
                f"Kỳ {period} chưa có số liệu nào; hãy thu báo cáo (dondoc collect) hoặc nạp số "
                "liệu các năm trước (dondoc history import)."
            )
        earlier: dict[str, dict[int, Decimal]] = defaultdict(dict)
        for month in range(1, period.month):
            for one in self._imported.get(Period(period.year, month), ()):
                earlier[one.code][month] = one.disbursed
        return Month(
            tuple(
                replace(one, last_month=earlier[one.code][max(earlier[one.code])])
                if one.code in earlier
                else one
                for one in self._imported[period]
            ),
            earlier,
        )

    def flags(self, period: Period, rules: Rules) -> tuple[Flag, ...]:
        """The month's flags as these rules see it; nothing is looked up or stored."""
        return judged(self.month(period, rules), period, rules)


def judged(month: Month, period: Period, rules: Rules) -> tuple[Flag, ...]:
    """The flags of a month by what was known at its end. A figure that names no activity is part
    of its unit's, and not judged by itself."""
    from rules.judge import judge  # noqa: PLC0415 - imports pandas

    flags = judge(month.figures, month.earlier, period, rules)
    return tuple(
        replace(flag, activity=named(flag.activity)) if flag.activity else flag
        for flag in flags
        if flag.activity is None or named(flag.activity)
    )


def named(code: str) -> str:
    """The activity of a figure as it was typed; empty where an imported one names none."""
    return code.split(SEPARATOR)[1] if SEPARATOR in code else code


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
