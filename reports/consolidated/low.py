"""Says who spends too slowly, on what, and what the units themselves say of it (part III)."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from reports.consolidated.material import Line, Material, grouped, listed
from reports.letters.office import counted
from reports.mails.amounts import counted as adding_up
from reports.mails.amounts import leading, rounded
from reports.numbers import percent
from schemas.board import ActivityFigure
from schemas.flags import Flag
from schemas.texts import say


def low(month: Material) -> list[str]:
    """Who is low, how many activities, how much is short, and whether the units told why."""
    if not month.accepted:
        return [say("consolidated.low.no-report")]
    if not month.low:
        return [" ".join((say("consolidated.low.none"), *_watched(month)))]
    names = [f"{month.names[code]} ({percent(month.board.unit(code).rate)})" for code in month.low]
    figures = _figures(month)
    short = sum(
        (flag.shortfall for flags in month.low.values() for flag in adding_up(flags)), Decimal(0)
    )
    number = {0: "none", 1: "one"}.get(len(figures), "many")
    key, n = f"consolidated.low.activities-{number}", counted(len(figures))
    sentences = [
        say(
            f"consolidated.low.{'one' if len(names) == 1 else 'many'}",
            units=listed(names),
            n=counted(len(names)),
        ),
        say(key, n=n, shortfall=rounded(short)),
        *_told([figure for figure, _ in figures]),
        *_watched(month),
    ]
    return [" ".join(sentences)]


def low_lines(month: Material) -> list[Line]:
    """The low activities, each unit's under its name; figures and reasons in one."""
    unstated = say("mail.label.unstated")
    return grouped(
        month.names,
        [
            (
                one.unit,
                {
                    "code": one.code,
                    "name": one.name,
                    "budget": rounded(one.budget.denominator),
                    "disbursed": rounded(one.disbursed),
                    "rate": percent(one.rate),
                    "expected": percent(flag.expected),
                    "shortfall": rounded(flag.shortfall),
                    "warning": "; ".join(_titles(month.low[one.unit], one.code)),
                    "difficulty": one.difficulty or unstated,
                    "solution": one.solution or unstated,
                },
            )
            for one, flag in _figures(month)
        ],
    )


def _figures(month: Material) -> list[tuple[ActivityFigure, Flag]]:
    """The low activities with that flag which asks for most, unit after unit."""
    gravest = {unit: leading(flags) for unit, flags in month.low.items()}
    return [
        (one, gravest[unit][one.code])
        for unit in month.low
        for one in month.board.activities
        if one.unit == unit and one.code in gravest[unit]
    ]


def _titles(flags: Sequence[Flag], activity: str) -> list[str]:
    return [say(f"flag.{flag.rule}.title") for flag in flags if flag.activity == activity]


def _told(figures: Sequence[ActivityFigure]) -> Iterator[str]:
    difficulties = sum(bool(one.difficulty) for one in figures)
    solutions = sum(bool(one.solution) for one in figures)
    if not figures:
        return
    if not difficulties + solutions:
        yield say("consolidated.low.told-none")
    elif difficulties == solutions == len(figures):
        yield say(f"consolidated.low.told-all{'-one' if len(figures) == 1 else ''}")
    else:
        counts = {"difficulties": counted(difficulties), "solutions": counted(solutions)}
        some = (
            "some"
            if difficulties and solutions
            else "difficulties"
            if difficulties
            else "solutions"
        )
        yield say(f"consolidated.low.told-{some}", **counts)


def _watched(month: Material) -> Iterator[str]:
    """Activities flagged that call for no letter."""
    urged = {flag.activity for flags in month.low.values() for flag in flags}
    watched = [
        (unit.name, activity)
        for unit in month.board.units
        for activity in dict.fromkeys(flag.activity for flag in unit.flags)
        if activity is not None and activity not in urged
    ]
    if watched:
        names = list(dict.fromkeys(name for name, _ in watched))
        number = "one" if len(watched) == 1 else "many"
        n = counted(len(watched))
        yield say(f"consolidated.low.watched-{number}", n=n, units=listed(names))


def low_names(month: Material) -> list[str]:
    """The names of the low units."""
    return [month.names[code] for code in month.low]
