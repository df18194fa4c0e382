"""Keeps what can be seen of a text that somebody typed: one line, nothing that plays tricks."""


def one_line(text: str) -> str:
    """The text on one line, without line breaks, control characters, marks that turn the direction
    of writing, and whatever else cannot be seen."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())
