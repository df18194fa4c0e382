"""What differs between two judgements."""

from dataclasses import replace
from decimal import Decimal

from figures import flag

from rules.trial import differences
from schemas.flags import FlagSeverity
from schemas.period import Period

OCTOBER = Period(2021, 10)


def test_new_gone_and_changed_are_told_and_the_same_is_not() -> None:
    same, gone, new = flag("A"), flag("B"), flag("C")
    graver, milder = flag("D", FlagSeverity.CRITICAL), flag("D", FlagSeverity.WATCH)
    more = replace(flag("E"), shortfall=Decimal(2))
    other_rule = flag("A", rule="stalled")
    found = differences(
        OCTOBER, [same, gone, graver, flag("E")], [same, new, milder, more, other_rule]
    )
    assert [(one.today, one.tried) for one in found] == [
        (None, new), (graver, milder), (flag("E"), more), (None, other_rule), (gone, None),
    ]  # fmt: skip
    assert {one.period for one in found} == {OCTOBER}
    assert differences(OCTOBER, [same], [same]) == []
