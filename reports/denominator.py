"""Says which funding sources' rates divide by the plan of the year, where any do."""

from schemas.board import Board
from schemas.texts import say


def note(board: Board) -> str:
    """One sentence; empty where every rate divides by the current budget."""
    sources = ", ".join(board.sources_by_plan)
    return say("denominator.note", sources=sources) if sources else ""


def beside(sentence: str, board: Board) -> str:
    """The sentence, and the note after it where there is one."""
    return f"{sentence} {note(board)}".rstrip()
