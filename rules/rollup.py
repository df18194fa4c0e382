"""Decides what a unit's flags come to: how grave, urged or not."""

from collections.abc import Iterable

from schemas.board import Board
from schemas.flags import Flag, FlagSeverity, gravest


def calls_for_letter(flags: Iterable[Flag]) -> bool:
    """Whether any flag is `low` or `critical` on an amount that is not small."""
    return any(f.severity is not FlagSeverity.WATCH and not f.small for f in flags)


def urged(board: Board) -> dict[str, FlagSeverity]:
    """The units of a board that call for a letter -> their gravest reason for it."""
    reasons = {
        unit.code: gravest(flag for flag in unit.flags if calls_for_letter([flag]))
        for unit in board.units
    }
    return {code: severity for code, severity in reasons.items() if severity}
