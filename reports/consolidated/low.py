"""Says who spends too slowly, on what, and what the units themselves say of it (part III)."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from reports.consolidated.material import Line, Material, about, grouped, listed, numbered
from reports.letters.office import counted
from reports.mails.amounts import counted as adding_up
from reports.mails.amounts import leading, rounded
from reports.numbers import percent, short_date
from schemas.board import ActivityFigure
from schemas.flags import Flag, Matter
from schemas.texts import say

RECOVERED = "recovered"
"""The rule that praises."""


def low(month: Material) -> list[str]:
    """Who is low, how many activities, how much is short, and whether the units told why."""
    if not month.accepted:
        return [say("consolidated.low.no-report")]
    if not month.low:
        return [" ".join((say("consolidated.low.none"), *_excused(month), *_besides(month)))]
    names = [f"{month.names[code]} ({percent(month.board.unit(code).rate)})" for code in month.low]
    figures = _figures(month)
    short = sum(
        (flag.asked for flags in month.low.values() for flag in adding_up(flags)), Decimal(0)
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
        *_excused(month),
        *_besides(month),
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
        for one in month.board.of(unit)
        if one.code in gravest[unit]
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


def _excused(month: Material) -> Iterator[str]:
    """Units that would be low but for a recorded reason."""
    for unit in month.board.units:
        reasons = dict.fromkeys(flag.excused for flag in unit.flags if flag.excused)
        if unit.code not in month.low and reasons:
            said = [
                say("consolidated.low.until", because=one.because, until=short_date(one.until))
                for one in reasons
                if one
            ]
            yield say("consolidated.low.excused", units=unit.name, reasons="; ".join(said))


def _besides(month: Material) -> Iterator[str]:
    """Activities flagged that call for no letter, good news, and what is flagged beside money."""
    yield from _watched(month)
    flags = [(unit.name, flag) for unit in month.board.units for flag in unit.flags]
    recovered = [name for name, flag in flags if flag.rule == RECOVERED and not flag.activity]
    yield from about("low.praised", list(dict.fromkeys(recovered)))
    if noted := sum(flag.matter is Matter.OTHER for _, flag in flags):
        yield numbered("low.noted", noted)


def _watched(month: Material) -> Iterator[str]:
    urged = {flag.activity for flags in month.low.values() for flag in flags}
    watched = [
        (unit.name, activity)
        for unit in month.board.units
        for activity in dict.fromkeys(
            flag.activity for flag in unit.flags if flag.matter is Matter.MONEY and not flag.excused
        )
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
