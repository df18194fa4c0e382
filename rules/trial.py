"""Decides what differs between two judgements of the same month."""

from collections.abc import Iterable

from schemas.flags import Flag
from schemas.period import Period
from schemas.trial import Difference


def differences(period: Period, today: Iterable[Flag], tried: Iterable[Flag]) -> list[Difference]:
    """The flags that are only in one, or whose severity or shortfall is another; in the order of
    the tried judgement, those that are gone last."""
    now = {_key(flag): flag for flag in today}
    then = {_key(flag): flag for flag in tried}
    pairs = [(now.get(key), then.get(key)) for key in then | now]
    return [
        Difference(period, one, other)
        for one, other in pairs
        if one is None
        or other is None
        or (one.severity, one.shortfall) != (other.severity, other.shortfall)
    ]


def _key(flag: Flag) -> tuple[str, str | None, str]:
    return flag.unit, flag.activity, flag.rule
