"""Decides how parts of a text that are set apart are written: the raised mark of a footnote, or a
figure struck through, is no part of the number beside it, and plain text would make it one."""

_PLAIN = "0123456789+-=()"
_RAISED = str.maketrans(_PLAIN, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾")
_LOWERED = str.maketrans(_PLAIN, "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_STROKE = "\u0336"

RAISED, LOWERED, STRUCK = "raised", "lowered", "struck"


def set_apart(text: str, *ways: str) -> str:
    """`1` raised is `¹`; struck through, each of its letters bears a stroke."""
    if RAISED in ways:
        text = text.translate(_RAISED)
    elif LOWERED in ways:
        text = text.translate(_LOWERED)
    return "".join(letter + _STROKE for letter in text) if STRUCK in ways else text
