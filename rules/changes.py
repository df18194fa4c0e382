"""Decides what changed since last month: who is newly low, worse, better, recovered, silent."""

from collections.abc import Sequence

from rules.rollup import low as low_units
from schemas.board import Board, State
from schemas.changes import Changes, Revision
from schemas.flags import FlagSeverity

_GRAVITY = tuple(FlagSeverity)


def changes(now: Board, before: Board, revisions: Sequence[Revision] = ()) -> Changes:
    """The changes from one month's board to the next; the flags of `before` are those that its
    report told, so that nobody is said to have left, or to be worse than, what no report said.

    A unit is low from the severity `low` on, small amounts left aside, excused or not, and worse
    or better where that severity rose or fell. Newly low is who is low and was not, whether or
    not it reported then. Recovered is who was low, and reports now without being low; whose budget
    was taken away has recovered nothing. Who has not reported is silent and nothing else: nobody
    knows whether it recovered.
    """
    low, was_low = low_units(now), low_units(before)
    reported = {u.code for u in now.units if u.state is State.ACCEPTED}
    had_reported = {u.code for u in before.units if u.state is State.ACCEPTED}
    codes = [unit.code for unit in now.units]
    step = {
        code: _GRAVITY.index(low[code]) - _GRAVITY.index(was_low[code])
        for code in codes
        if code in low and code in was_low
    }
    return Changes(
        newly_low=tuple(c for c in codes if c in low and c not in was_low),
        worse=tuple(c for c in codes if step.get(c, 0) > 0),
        better=tuple(c for c in codes if step.get(c, 0) < 0),
        recovered=tuple(
            u.code
            for u in now.units
            if u.code in was_low and u.code not in low
            if u.code in reported and u.budget_current > 0
        ),
        silent=tuple(c for c in codes if c in had_reported and c not in reported),
        revisions=tuple(revisions),
    )
