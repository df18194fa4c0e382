"""Settings of rules tried without touching a file; a name that is none is told the nearest."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from schemas.errors import SettingsError
from schemas.settings import Rules, changed, load, names


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


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("below_pace.low=1.2", "below_pace.low: không được lớn hơn 1"),
        ("repeat.months=1", "repeat.months: không được nhỏ hơn 2"),
        ("estimate_implausible.times=0", "estimate_implausible.times: phải lớn hơn 0"),
        ("below_pace.low=thấp", "below_pace.low: phải là một số"),
        ("stalled.months=2.5", "stalled.months: phải là số nguyên"),
        ("stalled.enabled=3", "stalled.enabled: phải là true hoặc false"),
        ("pace.name=lienar", "pace.name: chỉ nhận 'linear', 'quarters' hoặc 'own'"),
        ("pace=linear", "pace: phải là một mục gồm"),
        ("pace.origin=3", "pace.origin: phải là chữ"),
        ("pace.quarters=[0.2]", "pace.quarters.1: chưa ghi"),
        ("pace.quarters=[0.5, 0.4, 0.6, 0.9]", "pace: mức phải đạt cuối quý sau"),
        ("below_average.scopes=[]", "below_average.scopes: phải có ít nhất 1 mục"),
        ("below_target.targets=[{month=9}]", "below_target.targets.0.share: chưa ghi thiết lập"),
        ("below_pace.critical=0.95", "below_pace: critical không được lớn hơn low"),
        ("below_target.low=0.4", "below_target: critical không được lớn hơn low"),
        ("stalled.months=5", "stalled: low_months không được nhỏ hơn months"),
    ],
)
def test_the_reason_is_a_sentence_that_names_where_the_value_stood(change: str, said: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)) as refused:
        changed(Rules(), [change])
    told = str(refused.value)
    assert told.startswith("Thiết lập không dùng được (--set): ")
    assert not re.search(r"Input|should|Value error|Field|dondoc\.toml", told)


def test_thresholds_may_be_equal() -> None:
    changed(Rules(), ["below_pace.critical=0.9", "stalled.months=3"])


def test_a_setting_of_the_file_is_refused_in_the_same_words(tmp_path: Path) -> None:
    (tmp_path / "dondoc.toml").write_text("[rules.stalled]\nmonths = 5\n[mail]\nport = 0\n")
    with pytest.raises(SettingsError) as refused:
        load(tmp_path)
    assert str(refused.value) == (
        "Thiết lập không dùng được (dondoc.toml hoặc DONDOC_…): mail.port: không được nhỏ hơn 1; "
        "rules.stalled: low_months không được nhỏ hơn months."
    )
