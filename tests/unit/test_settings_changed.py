"""Settings of rules tried without touching a file; a name that is none is told the nearest."""

import re
from decimal import Decimal

import pytest

from schemas.errors import SettingsError
from schemas.settings import Rules, changed, names


def test_a_change_is_a_setting_as_in_toml() -> None:
    tried = changed(Rules(), ["below_pace.low=0.8", "rules.stalled.months = 3", "pace.name=linear"])
    assert (tried.below_pace.low, tried.stalled.months) == (Decimal("0.8"), 3)
    assert tried.pace.name == "linear"
    assert tried.below_pace.critical == Rules().below_pace.critical
    assert changed(Rules(), []) == Rules()
    by_plan = changed(Rules(), ['denominators={"ODA"="plan"}'])
    assert by_plan.denominators == {"ODA": "plan"}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("below_pace.lwo=0.8", "gần nhất: rules.below_pace.low"),
        ("bellow_pace.low=0.8", "gần nhất: rules.below_pace"),
        ("below_pace.low", "tên=giá trị"),
        ("below_pace.low=1.2", "below_pace.low"),
        ("below_pace.low=thấp", "below_pace.low"),
        ("year_target.more=1", "gần nhất: rules.year_target"),
        (
            'below_target.targets=[{month=9, shar=0.6, origin="x"}]',
            "gần nhất: rules.below_target.targets.share",
        ),
        (
            'below_target.targets=[{month=13, share=0.6, origin="x"}]',
            "below_target.targets.0.month",
        ),
        ("below_average.scopes=[]", "below_average.scopes"),
        ('below_average.scopes=["sorce"]', "below_average.scopes.0"),
        ("repeat.month=2", "gần nhất: rules.repeat.months"),
    ],
)
def test_what_is_no_setting_is_refused_with_the_nearest(change: str, word: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(word)):
        changed(Rules(), [change])


def test_every_setting_has_a_name() -> None:
    assert {"rules.below_pace.low", "mail.host", "timezone", "rules.denominators"} < set(names())
