"""What turns a file's bytes into a `Book`, one module per format; run in a process of its own."""


class Refused(Exception):  # noqa: N818 - a fact about the file, not an error of ours
    """A file that is not read: `rule` is a key of `[finding]`, `values` fill its sentence."""

    def __init__(self, rule: str, **values: str) -> None:
        super().__init__(rule)
        self.rule, self.values = rule, values
