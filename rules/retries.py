"""Decides when a message that the mail server refused for now is tried again, and when no more."""

from datetime import datetime, timedelta

from schemas.settings import Mail

SPREAD = 0.25
"""Of a wait: so much may chance add, lest a thousand letters come back at one moment."""


def next_attempt(
    since: datetime, failures: int, now: datetime, chance: float, mail: Mail
) -> datetime | None:
    """When to try again after so many failures (this one counted) since `since`, the first; None
    where the horizon is over. `chance` in 0..1 spreads the wait upwards, never downwards.

    The last attempt is made when the horizon ends, so that all of it is used.
    """
    end = since + timedelta(hours=mail.retry_hours)
    if now >= end:
        return None
    doublings = min(failures - 1, 16)  # more would be past any horizon
    wait = timedelta(minutes=mail.retry_minutes << doublings)
    return min(now + wait * (1 + SPREAD * chance), end)
