"""What flags came to, counted by hand."""

from rules.backtest import scored
from schemas.backtest import Counts, Judged
from schemas.flags import FlagSeverity
from schemas.period import Period

WATCH, LOW = FlagSeverity.WATCH, FlagSeverity.LOW


def judged(unit: str, month: int, low: bool | None, *flags: tuple[str, FlagSeverity]) -> Judged:
    return Judged(Period(2020, month), unit, None, flags, low)


SEEN = [
    # A ended low: watched in March, low in June by two rules, not flagged in September
    judged("A", 3, True, ("pace", WATCH)),
    judged("A", 6, True, ("pace", LOW), ("average", WATCH)),
    judged("A", 9, True),
    # B ended well, though flagged low in June
    judged("B", 3, False),
    judged("B", 6, False, ("pace", LOW)),
    judged("B", 9, False),
    # C ended low and was never flagged; of D nobody knows the end
    judged("C", 6, True),
    judged("D", 6, None, ("pace", LOW)),
]


def test_flagged_and_unflagged_are_counted_by_how_their_year_ended() -> None:
    found = {(s.rule, s.severity): s for s in scored(SEEN, ["pace", "average", "idle"]).rules}
    assert list(found) == [(None, WATCH), (None, LOW), ("pace", WATCH), ("pace", LOW),
                           ("average", WATCH)]  # fmt: skip
    anything = found[None, WATCH]
    assert anything.counts == Counts(flagged=3, flagged_low=2, unflagged=4, unflagged_low=2)
    assert anything.counts.precision == 2 / 3
    assert anything.counts.recall == 2 / 4
    assert anything.counts.base == 4 / 7
    assert found[None, LOW].counts == Counts(2, 1, 5, 3)
    assert found["average", WATCH].counts == Counts(1, 1, 6, 3)


def test_the_lead_is_from_the_first_flag_to_december() -> None:
    found = {(s.rule, s.severity): s for s in scored(SEEN, ["pace", "average"]).rules}
    told = {key: (s.low_ends, s.caught, s.lead) for key, s in found.items()}
    assert told[None, WATCH] == (2, 1, 9)
    assert told[None, LOW] == (2, 1, 6)
    assert told["average", WATCH] == (2, 1, 6)


def test_each_year_of_a_unit_is_caught_by_itself() -> None:
    again = [Judged(Period(2021, 4), "A", None, (("pace", WATCH),), True)]
    (first, *_) = scored([*SEEN, *again], []).rules
    assert (first.low_ends, first.caught, first.lead) == (3, 2, (9 + 8) / 2)


def test_an_unknown_outcome_is_flagged_in_its_month_and_counted_nowhere_else() -> None:
    march, june, _ = scored(SEEN, ["pace"]).months
    assert (march.judged, march.flags, march.flagged, march.unknown) == (2, 1, 1, 0)
    assert (june.judged, june.flags, june.flagged, june.unknown) == (4, 4, 3, 1)
    assert june.counts[WATCH] == june.counts[LOW] == Counts(2, 1, 1, 1)


def test_without_an_outcome_or_a_flag_there_is_no_precision() -> None:
    nothing = scored([judged("D", 6, None, ("pace", LOW))], ["pace"])
    assert nothing.rules == ()
    counts = nothing.months[0].counts[WATCH]
    assert counts.precision is counts.recall is counts.base is None
