"""When a message that was refused for now is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.retries import next_attempt
from schemas.settings import Mail

SINCE = datetime(2021, 11, 10, 8, tzinfo=UTC)
MAIL = Mail(retry_minutes=10, retry_hours=2)


def minutes(failures: int, after: int, chance: float = 0.0) -> float | None:
    """Minutes from now to the next attempt, `after` minutes into the trouble."""
    now = SINCE + timedelta(minutes=after)
    again = next_attempt(SINCE, failures, now, chance, MAIL)
    return None if again is None else (again - now) / timedelta(minutes=1)


@pytest.mark.parametrize(("failures", "wait"), [(1, 10), (2, 20), (3, 40)])
def test_each_wait_is_twice_the_one_before(failures: int, wait: int) -> None:
    assert minutes(failures, 0) == wait


@pytest.mark.parametrize(("after", "wait"), [(39, 80), (40, 80), (41, 79), (119, 1), (120, None)])
def test_the_last_attempt_is_at_the_horizons_end(after: int, wait: int | None) -> None:
    assert minutes(4, after) == wait


def test_chance_only_lengthens_a_wait_by_a_quarter_at_the_most() -> None:
    assert minutes(1, 0, chance=1) == 12.5


@given(st.integers(1, 10_000), st.floats(0, 1), st.integers(0, 119))
def test_an_attempt_lies_ahead_and_within_the_horizon(
    failures: int, chance: float, after: int
) -> None:
    wait = minutes(failures, after, chance)
    assert wait is not None
    assert 0 < wait <= 120 - after
