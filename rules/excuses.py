"""Decides which flags an officer's recorded reasons excuse: shown still, but no reason to urge."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from schemas.excuses import Excuse
from schemas.flags import Flag, FlagSeverity
from schemas.period import Period

REPEAT = "repeat"
"""The rule that repeats what others say; rules/repeat.py, whose import would cost pandas."""


def in_force(recorded: Iterable[Excuse], period: Period) -> tuple[Excuse, ...]:
    """The excuses that hold for a period, of those recorded, in the order of recording.

    Of one matter the newest that begins by then decides, even where it is over before the
    period's last day: so an excuse is ended. The day compared is the period's last, not today's,
    so that a past period comes out the same whenever it is looked at.
    """
    newest = {one.matter: one for one in recorded if one.since <= period}
    return tuple(one for one in newest.values() if period.last_day <= one.until)


def excused(flags: Iterable[Flag], excuses: Sequence[Excuse]) -> tuple[Flag, ...]:
    """The flags, each with the excuse that covers it; of several the last one. What `repeat` says
    again is excused where all that it repeats is."""
    covered = [replace(flag, excused=_covering(flag, excuses)) for flag in flags]
    return tuple(
        replace(flag, excused=_of_repeated(flag, covered)) if flag.rule == REPEAT else flag
        for flag in covered
    )


def _of_repeated(flag: Flag, flags: Iterable[Flag]) -> Excuse | None:
    repeated = [
        one.excused
        for one in flags
        if (one.unit, one.activity) == (flag.unit, flag.activity)
        and one.rule != REPEAT
        and one.severity is not FlagSeverity.WATCH
    ]
    return flag.excused or (repeated[-1] if repeated and all(repeated) else None)


def _covering(flag: Flag, excuses: Sequence[Excuse]) -> Excuse | None:
    its = [
        one
        for one in excuses
        if one.unit == flag.unit
        and one.activity in {None, flag.activity}
        and one.rule in {None, flag.rule}
    ]
    return its[-1] if its else None
