"""Says what rates divide by, and a rate itself where it may not exist."""

from reports.numbers import NOTHING, percent
from schemas.board import Board
from schemas.registry import Denominator
from schemas.texts import say


def key(basis: Denominator | None) -> str:
    """The key of what a rate divides by, in [denominator] and among the labels of mails."""
    return basis or "mixed"


def named(basis: Denominator | None) -> str:
    """What a rate divides by, within a sentence."""
    return say(f"denominator.{key(basis)}")


def note(board: Board) -> str:
    """One sentence on what the board's rates divide by."""
    basis, sources = board.basis(), ", ".join(board.sources_by_plan)
    return say(f"denominator.note-{key(basis)}", sources=sources)


def beside(sentence: str, board: Board) -> str:
    """The sentence, and the note after it."""
    return f"{sentence} {note(board)}"


def ratio(rate: float | None, *, reported: bool = True) -> str:
    """A rate as printed; "không xác định" of an empty denominator, a dash where nothing was
    reported."""
    if rate is None and reported:
        return say("denominator.undefined")
    return percent(rate) if reported else NOTHING


def rated(rate: float | None, basis: Denominator | None) -> str:
    """A reported rate with what it divides by: `45,67% dự toán sau điều chỉnh`."""
    if rate is None:
        return ratio(rate)
    return say("denominator.rated", rate=ratio(rate), basis=named(basis))


def beside_rate(board: Board, unit: str | None = None) -> str:
    """What to say in brackets behind the rate of the unit, or of the body: the other rate, over the
    plan or the whole budget, or both where the funding sources differ; empty where plan and whole
    budget do not differ."""
    rates = board.two_rates(unit)
    if rates is None:
        return ""
    both = dict(zip((Denominator.PLAN, Denominator.TOTAL), rates, strict=True))
    others = [
        say("denominator.other", basis=named(basis), rate=ratio(rate))
        for basis, rate in both.items()
        if basis is not board.divided_by(unit)
    ]
    return f" ({'; '.join(others)})"
