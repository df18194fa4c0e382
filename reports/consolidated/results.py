"""Says what was disbursed: in all, by unit, by funding source, by month (part II)."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise

from reports.consolidated.material import Line, Material, about, listed
from reports.denominator import key, named
from reports.letters.office import counted
from reports.mails.amounts import compared, rounded, since
from reports.numbers import NOTHING, long_date, money, percent, points
from schemas.board import UnitStatus
from schemas.course import Stand
from schemas.forms import SOURCES
from schemas.period import Period
from schemas.registry import Denominator
from schemas.texts import say

Sources = Mapping[str, Stand]


def _total(stands: Iterable[Stand]) -> Stand | None:
    parts, zero = list(stands), Decimal(0)
    if not parts:
        return None
    return Stand(
        sum((one.budget for one in parts), zero), sum((one.disbursed for one in parts), zero)
    )


def _of_these(month: Material, stands: Mapping[str, Stand]) -> Stand | None:
    """The sum over the units that report now, so that like is compared with like."""
    return _total(stands[unit.code] for unit in month.accepted if unit.code in stands)


def by_source(month: Material) -> Sources:
    """Funding source -> its sums, in the forms' order."""
    sums: dict[str, Stand] = {}
    for one in month.board.activities:
        before = sums.get(one.source, Stand(Decimal(0), Decimal(0)))
        sums[one.source] = Stand(
            before.budget + one.budget.denominator, before.disbursed + one.disbursed
        )
    return {source: sums[source] for source in SOURCES if source in sums}


def _decided_until(month: Material) -> str:
    """Until when adjustments were decided that count: the closing month has two such days."""
    period = month.board.period
    last_day, december = (long_date(one.last_day) for one in (period, period.december))
    sources = dict.fromkeys(one.source for one in month.board.activities)
    late = [source for source in sources if source in month.open_in_january]
    if not period.is_closing or len(late) == len(sources):
        return last_day
    if not late:
        return december
    told = {"december": december, "sources": ", ".join(late), "last_day": last_day}
    return say("consolidated.results.closing-until", **told)


# --- in all ---------------------------------------------------------------------------------------


def overall(month: Material) -> list[str]:
    """The body's rate against pace, last month and last year; what rates divide by; the pace."""
    board, period = month.board, month.board.period
    last_day = long_date(period.last_day)
    if board.totals.rate is None:
        return [say("consolidated.results.no-rate", last_day=last_day)]
    first = say(
        f"consolidated.results.{'rate-one' if len(month.accepted) == 1 else 'rate'}",
        last_day=last_day,
        accepted=counted(len(month.accepted)),
        units=month.accepted[0].name,
        disbursed=rounded(board.totals.disbursed_to_date),
        budget=rounded(board.totals.budget_current),
        denominator=named(board.basis()),
        rate=percent(board.totals.rate),
        comparisons="; ".join(_comparisons(month)),
    )
    missing = [
        say(f"consolidated.results.no-{what}")
        for what, known in (
            ("last-month", board.since or period.month == 1),
            ("last-year", _of_these(month, month.course.last_year_units)),
        )
        if not known
    ]
    basis = say(
        f"consolidated.results.denominator-{key(board.basis())}",
        sources=", ".join(board.sources_by_plan),
        year=period.year,
        last_day=_decided_until(month),
    )
    pace = say(
        "consolidated.results.pace",
        last_day=last_day,
        expected=percent(month.pace),
        origin=month.pace_origin,
    )
    rounding = say("consolidated.results.rounding")
    return [
        " ".join((first, *_partly(month), *missing)),
        " ".join((basis, pace, rounding)),
    ]


def _comparisons(month: Material) -> Iterator[str]:
    body, rate = month.body.name, month.board.totals.rate
    yield compared(rate, month.pace, "pace", body)
    yield from since(month.board, body)
    last_year = month.course.last_year.get(month.board.period.month)
    if last_year and last_year.rate is not None:
        yield compared(rate, last_year.rate, "last-year", body)


def _partly(month: Material) -> Iterator[str]:
    """Where the year before is known of some units only: their rate then and now."""
    then = _of_these(month, month.course.last_year_units)
    if not then or month.board.period.month in month.course.last_year:
        return
    units = [unit for unit in month.accepted if unit.code in month.course.last_year_units]
    now = _total(Stand(u.budget_current, u.disbursed_to_date or Decimal(0)) for u in units)
    yield say(
        "consolidated.results.last-year-part",
        units=listed([unit.name for unit in units]),
        rate=percent(then.rate),
        now=percent(now.rate if now else None),
    )


# --- by unit --------------------------------------------------------------------------------------


def by_unit(month: Material) -> list[str]:
    """How many reach the pace, who is first and last, whose rate did not rise."""
    rated = sorted(
        ((unit.rate, unit.name) for unit in month.accepted if unit.rate is not None),
        key=lambda pair: -pair[0],
    )
    if not rated:
        return [say("consolidated.results.units-none")]
    if len(rated) == 1:
        only = say("consolidated.results.units-only", units=rated[0][1], rate=percent(rated[0][0]))
        return [" ".join((only, *_risen(month)))]
    reached = sum(points(rate) >= points(month.pace) for rate, _ in rated)
    high, low = percent(rated[0][0]), percent(rated[-1][0])
    some = "none-in-pace" if not reached else "some" if reached < len(rated) else "all-in-pace"
    sentences = [
        say(
            f"consolidated.results.units-{some}",
            n=counted(len(rated)),
            reached=counted(reached),
            below=counted(len(rated) - reached),
        ),
        say(
            f"consolidated.results.units-{'alike' if high == low else 'extremes'}",
            highest=rated[0][1],
            high=high,
            lowest=rated[-1][1],
            low=low,
        ),
        *_risen(month),
    ]
    return [" ".join(sentences)]


def _risen(month: Material) -> Iterator[str]:
    """As the printed rates compare."""
    both = [
        (unit, before)
        for unit in month.accepted
        if (before := _rate(month.course.last_month, unit.code)) is not None
        and unit.rate is not None
    ]
    still = [unit.name for unit, before in both if points(unit.rate or 0) <= points(before)]
    yield from about("results.not-risen", still)
    if both and not still and len(both) > 1:
        yield say("consolidated.results.risen-all")


def unit_lines(month: Material) -> list[Line]:
    """A line for each accepted unit, in the registry's order."""
    return [_unit(n, unit, month) for n, unit in enumerate(month.accepted, 1)]


def _unit(number: int, unit: UnitStatus, month: Material) -> Line:
    return {
        "number": number,
        "name": unit.name,
        "budget": rounded(unit.budget_current),
        "disbursed": rounded(unit.disbursed_to_date),
        "rate": percent(unit.rate),
        "last_month": percent(_rate(month.course.last_month, unit.code)),
        "last_year": percent(_rate(month.course.last_year_units, unit.code)),
    }


def totals(month: Material) -> Line:
    """The last line of the tables by unit and by source."""
    totals, course = month.board.totals, month.course
    last_month = _of_these(month, course.last_month)
    last_year = course.last_year.get(month.board.period.month)
    return {
        "total_budget": rounded(totals.budget_current),
        "total_disbursed": rounded(totals.disbursed_to_date),
        "total_rate": percent(totals.rate),
        "total_last_month": percent(last_month.rate if last_month else None),
        "total_last_year": percent(last_year.rate if last_year else None),
    }


def _rate(stands: Mapping[str, Stand], of: str) -> float | None:
    return stands[of].rate if of in stands else None


# --- by funding source ----------------------------------------------------------------------------


def by_source_said(month: Material) -> list[str]:
    """The sources with their rates, the highest first."""
    stands = by_source(month)
    if not stands:
        return [say("consolidated.results.sources-none")]
    if len(stands) == 1:
        return [say("consolidated.results.sources-one", sources=next(iter(stands)))]
    order = sorted(stands, key=lambda source: -(stands[source].rate or 0))
    said = [
        say("consolidated.results.source", source=source, rate=percent(stands[source].rate))
        for source in order
    ]
    return [say("consolidated.results.sources-many", sources="; ".join(said))]


def source_lines(month: Material) -> list[Line]:
    """A line for each funding source, with what its rate divides by."""
    by_plan = month.board.sources_by_plan
    return [
        {
            "number": n,
            "name": source,
            "basis": named(Denominator.PLAN if source in by_plan else Denominator.TOTAL),
            "budget": rounded(stand.budget),
            "disbursed": rounded(stand.disbursed),
            "rate": percent(stand.rate),
            "last_month": percent(before.rate if before else None),
        }
        for n, (source, stand) in enumerate(by_source(month).items(), 1)
        for before in [_of_these(month, _of_source(month, source))]
    ]


def _of_source(month: Material, source: str) -> dict[str, Stand]:
    """Unit -> where it stood in that source one month before."""
    stands = month.course.last_month_sources
    return {unit: stand for (unit, its), stand in stands.items() if its == source}


# --- by month -------------------------------------------------------------------------------------


def by_month(month: Material) -> list[str]:
    """The month that paid most, and in how many the pace was kept."""
    rated = {m: stand for m, stand in month.course.months.items() if stand.rate is not None}
    if not rated:
        return [say("consolidated.results.months-none")]
    if len(rated) == 1:
        return [say("consolidated.results.months-one")]
    sentences = []
    if len(within := month.course.within) > 1:
        most = max(within, key=lambda m: within[m])
        highest = Period(month.board.period.year, most).label
        sentences.append(
            say("consolidated.results.months-highest", month=highest, amount=rounded(within[most]))
        )
    reached = sum(points(stand.rate or 0) >= points(month.paces[m]) for m, stand in rated.items())
    some = "never" if not reached else "some" if reached < len(rated) else "always"
    count = {"n": counted(len(rated)), "reached": counted(reached)}
    sentences.append(say(f"consolidated.results.months-{some}", **count))
    if any(later - earlier > 1 for earlier, later in pairwise(rated)) or _changing(month):
        sentences.append(say("consolidated.results.months-note"))
    return [" ".join(sentences)]


def _changing(month: Material) -> bool:
    """Whether what was paid within the months is not what the sums rose by."""
    months = month.course.months
    return any(
        amount != months[m].disbursed - (months[m - 1].disbursed if m > 1 else 0)
        for m, amount in month.course.within.items()
        if m == 1 or m - 1 in months
    )


def month_lines(month: Material) -> list[Line]:
    """A line for each month that is known."""
    course = month.course
    return [
        {
            "month": Period(month.board.period.year, m).label.capitalize(),
            "units": course.reporting[m],
            "disbursed": rounded(stand.disbursed),
            "within": rounded(course.within.get(m)),
            "rate": percent(stand.rate),
            "expected": percent(month.paces[m]),
            "gap": NOTHING
            if stand.rate is None
            else money(points(stand.rate) - points(month.paces[m])),
            "last_year": percent(course.last_year[m].rate if m in course.last_year else None),
        }
        for m, stand in course.months.items()
    ]
