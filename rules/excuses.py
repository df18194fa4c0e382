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
    of_unit: dict[str, list[Excuse]] = {}
    for excuse in excuses:
        of_unit.setdefault(excuse.unit, []).append(excuse)
    covered = [_with(flag, _covering(flag, of_unit.get(flag.unit, ()))) for flag in flags]
    repeated: dict[tuple[str, str | None], list[Excuse | None]] = {}
    for flag in covered:
        if flag.rule != REPEAT and flag.severity is not FlagSeverity.WATCH:
            repeated.setdefault((flag.unit, flag.activity), []).append(flag.excused)
    return tuple(
        _with(flag, flag.excused or _of_all(repeated.get((flag.unit, flag.activity), ())))
        if flag.rule == REPEAT
        else flag
        for flag in covered
    )


def _with(flag: Flag, excuse: Excuse | None) -> Flag:
    return flag if flag.excused == excuse else replace(flag, excused=excuse)


def _of_all(excuses: Sequence[Excuse | None]) -> Excuse | None:
    return excuses[-1] if all(excuses) and excuses else None


def _covering(flag: Flag, of_unit: Sequence[Excuse]) -> Excuse | None:
    its = [
        one
        for one in of_unit
        if one.activity in {None, flag.activity} and one.rule in {None, flag.rule}
    ]
    return its[-1] if its else None
