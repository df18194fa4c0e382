"""A dated target: each line, and the pace it would only repeat."""

from fractions import Fraction

import pytest
from figures import case, rows

from rules.below_target import due, flagged
from schemas.flags import FlagSeverity
from schemas.period import Period
from schemas.settings import Rules

WATCH, LOW, CRITICAL = FlagSeverity
SLOW_PACE = Fraction(1, 2)


@pytest.mark.parametrize(
    ("disbursed", "severity"),
    [
        (600, []), (599, [WATCH]), (540, [WATCH]), (539, [LOW]), (300, [LOW]), (299, [CRITICAL]),
    ],
)  # fmt: skip
def test_each_line_and_one_dong_under_it(disbursed: int, severity: list[FlagSeverity]) -> None:
    found = flagged(case(rows((1000, disbursed)), SLOW_PACE), Rules())
    assert list(found["severity"]) == severity
    if severity:
        assert found["expected"].iloc[0] == Fraction(3, 5)
        assert dict(found["facts"].iloc[0])["due_day"] == "2021-09-30"


@pytest.mark.parametrize(
    ("pace", "month", "flags"),
    [
        (Fraction(3, 5), 9, 0),  # the pace says the same of the same day
        (Fraction(599, 1000), 9, 1),
        (Fraction(0), 8, 0),  # no target is due yet
        (Fraction(43, 60), 10, 0),
    ],
)
def test_one_line_one_flag(pace: Fraction, month: int, flags: int) -> None:
    assert len(flagged(case(rows((1000, 100)), pace, month), Rules())) == flags


def test_without_below_pace_the_target_speaks_for_itself() -> None:
    alone = Rules.model_validate({"below_pace": {"enabled": False}})
    assert len(flagged(case(rows((1000, 100)), Fraction(1)), alone)) == 1


def test_a_target_of_the_year_takes_the_place_of_the_same_month_s() -> None:
    def target(share: str, **year: int) -> dict[str, object]:
        return {"month": 12, "share": share, "origin": "x"} | year

    both = [target("0.95"), target("1", year=2025), target("0.9", year=2024)]
    rules = Rules.model_validate({"below_target": {"targets": both}})
    shares = [
        str(one.share)
        for year in (2021, 2024, 2025)
        if (one := due(Period(year, 12), rules)) is not None
    ]
    assert shares == ["0.95", "0.9", "1"]
    assert due(Period(2021, 11), rules) is None


def test_two_targets_of_a_month_are_refused() -> None:
    twice = [{"month": 9, "share": "0.6", "origin": "x"}] * 2
    with pytest.raises(ValueError, match="một mục tiêu"):
        Rules.model_validate({"below_target": {"targets": twice}})
