"""Says who has reported, who late, who not, and what the checks of the figures found (part I)."""

from collections.abc import Iterator
from decimal import Decimal

from reports.consolidated.material import Line, Material, about, listed
from reports.letters.office import counted
from reports.mails.amounts import rounded
from reports.numbers import long_date
from schemas.board import State
from schemas.findings import Severity
from schemas.texts import say


def reporting(month: Material) -> list[str]:
    """A paragraph on who has reported, one on who has not, one on the quality of the figures."""
    board = month.board
    if not board.units:
        return [say("consolidated.reporting.nobody", period=board.period.label.capitalize())]
    paragraphs = (" ".join(_reported(month)), " ".join(_silent(month)), _quality(month))
    return [text for text in paragraphs if text]


def silent_lines(month: Material) -> list[Line]:
    """Units without an accepted report, and those that came late."""
    units = [u for u in month.board.units if u.state is not State.ACCEPTED or u.late]
    return [
        {
            "number": n,
            "name": unit.name,
            "state": say("consolidated.late")
            if unit.state is State.ACCEPTED
            else say(f"state.{unit.state}"),
            "budget": rounded(unit.budget_current),
        }
        for n, unit in enumerate(units, 1)
    ]


def _reported(month: Material) -> Iterator[str]:
    board, accepted = month.board, month.accepted
    yield say(
        "consolidated.reporting.deadline",
        period=board.period.label,
        deadline=long_date(board.deadline),
    )
    n, units = counted(len(board.units)), board.units[0].name
    if not accepted:
        yield say("consolidated.reporting.none", n=n)
        return
    if len(accepted) < len(board.units):
        yield say("consolidated.reporting.some", n=n, accepted=counted(len(accepted)))
    else:
        key = "all-one" if len(accepted) == 1 else "all"
        yield say(f"consolidated.reporting.{key}", n=n, units=units)
    late = [unit.name for unit in accepted if unit.late]
    yield from about("reporting.late", late)
    if not late:
        yield say("consolidated.reporting.late-none")


def _silent(month: Material) -> Iterator[str]:
    silent = [unit for unit in month.board.units if unit.state is not State.ACCEPTED]
    for state in (State.MISSING, State.RETURNED, State.HELD):
        names = [unit.name for unit in silent if unit.state is state]
        yield from about(f"reporting.{state}", names)
    budget = sum((unit.budget_current for unit in silent), Decimal(0))
    yield from about("reporting.budget", [u.name for u in silent], budget=rounded(budget))


def _quality(month: Material) -> str:
    """One sentence on all versions that came, those sent back among them."""
    if not month.received:
        return say("consolidated.reporting.quality-unseen")
    n = counted(len(month.received))
    found = {
        severity: sum(f.severity is severity for one in month.received for f in one.findings)
        for severity in (Severity.ERROR, Severity.WARNING)
    }
    said = [
        say(f"consolidated.reporting.{severity}s", n=counted(count))
        for severity, count in found.items()
        if count
    ]
    if not said:
        return say("consolidated.reporting.quality-clear", n=n)
    units = {one.unit for one in month.received if any(f.severity in found for f in one.findings)}
    again = {one.unit for one in month.received if one.version > 1}
    same = "-same" if len(again) == 1 and again == units else ""
    return say(
        "consolidated.reporting.quality",
        n=n,
        found=listed(said),
        units=_who(month, units),
        again=say(f"consolidated.reporting.again{same}", units=_who(month, again)) if again else "",
    )


def _who(month: Material, units: set[str]) -> str:
    """One unit by its name, several by their number."""
    if len(units) == 1:
        (unit,) = units
        return month.names.get(unit, unit)
    return say("consolidated.reporting.count-units", n=counted(len(units)))
