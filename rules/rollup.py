"""Decides what a unit's flags come to: how grave, urged or not, recovered or not."""

from collections.abc import Iterable

from schemas.flags import Flag, FlagSeverity


def calls_for_letter(flags: Iterable[Flag]) -> bool:
    """Whether any flag is `low` or `critical` on an amount that is not small."""
    return any(f.severity is not FlagSeverity.WATCH and not f.small for f in flags)


def recovered(now: Iterable[Flag], before: Iterable[Flag], accepted: Iterable[str]) -> set[str]:
    """The codes of `accepted` units that called for a letter a month ago and no longer do.

    `now` and `before` are all units' flags of the two months. A unit that has not reported is
    without flags too, but nobody knows whether it recovered.
    """
    return (_urged(before) - _urged(now)) & set(accepted)


def _urged(flags: Iterable[Flag]) -> set[str]:
    return {flag.unit for flag in flags if calls_for_letter([flag])}
