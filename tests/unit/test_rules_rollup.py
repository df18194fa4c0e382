"""What a unit's flags come to."""

import pytest
from figures import flag

from rules.rollup import calls_for_letter
from schemas.flags import FlagSeverity, gravest

WATCH, LOW, CRITICAL = FlagSeverity


def test_a_unit_is_as_grave_as_its_gravest_flag() -> None:
    assert gravest([]) is None
    assert gravest([flag(severity=WATCH)]) is WATCH
    assert gravest([flag(severity=s) for s in (LOW, CRITICAL, WATCH)]) is CRITICAL
    assert gravest([flag(severity=s) for s in (WATCH, LOW)]) is LOW


@pytest.mark.parametrize(
    ("severity", "small", "letter"),
    [
        (WATCH, False, False),
        (LOW, False, True),
        (CRITICAL, False, True),
        (LOW, True, False),
        (CRITICAL, True, False),
    ],
)
def test_low_and_critical_call_for_a_letter_unless_small(
    severity: FlagSeverity, small: bool, letter: bool
) -> None:
    assert calls_for_letter([flag(severity=severity, small=small)]) is letter
    assert calls_for_letter([flag(severity=WATCH), flag(severity=severity, small=small)]) is letter
    assert not calls_for_letter([])
