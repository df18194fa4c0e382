"""Decides what a unit's flags come to: how grave, low or not, urged or excused."""

from collections.abc import Callable, Iterable

from schemas.board import Board
from schemas.flags import Flag, FlagSeverity, gravest


def is_low(flag: Flag) -> bool:
    """Whether a flag is `low` or `critical` on an amount that is not small."""
    return flag.severity is not FlagSeverity.WATCH and not flag.small


def calls_for_letter(flags: Iterable[Flag]) -> bool:
    """Whether any flag is low and has no recorded excuse."""
    return any(is_low(flag) and flag.excused is None for flag in flags)


def urged(board: Board) -> dict[str, FlagSeverity]:
    """The units of a board that call for a letter -> their gravest reason for it."""
    return _gravest(board, lambda flag: calls_for_letter([flag]))


def low(board: Board) -> dict[str, FlagSeverity]:
    """The units that are low, excused or not -> their gravest reason for it."""
    return _gravest(board, is_low)


def _gravest(board: Board, matters: Callable[[Flag], bool]) -> dict[str, FlagSeverity]:
    reasons = {unit.code: gravest(filter(matters, unit.flags)) for unit in board.units}
    return {code: severity for code, severity in reasons.items() if severity}
