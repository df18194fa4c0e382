"""Decides how a bound is told: the one sentence of `too-many`, and the sizes in MB."""

from tasks.formats import Refused

MB = 2**20


def at_most(count: int, limit: int, what: str) -> None:
    """Refuses more than `limit`; `what` is a key of `[bound]` in the texts."""
    if count > limit:
        raise Refused("too-many", what=what, limit=str(limit))


def at_most_bytes(count: int, limit: int) -> None:
    """Refuses more than `limit` MB."""
    if count > limit * MB:
        raise Refused("too-big", limit=f"{limit} MB")
