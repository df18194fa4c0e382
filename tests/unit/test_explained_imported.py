"""What an explanation says of figures that were imported, and of flags that rest on them."""

from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from reports.explained import explanations
from rules.past import behind
from schemas.explanation import Explanation
from schemas.flags import Flag, FlagSeverity
from schemas.history import ImportedFigure, ImportedPast
from schemas.period import Period

OCTOBER = Period(2021, 10)
OWN = ImportedPast(True, "sổ.csv", "a" * 64, 2016, 2020, 60)
OTHER = ImportedPast(True, "sổ.csv", "a" * 64, 2015, 2019, 48)
FLAG = Flag(
    unit="VP",
    activity=None,
    rule="below-pace",
    version="1",
    severity=FlagSeverity.LOW,
    actual=0.4,
    expected=0.7,
    shortfall=Decimal(300),
    needed_per_month=Decimal(100),
    small=False,
    parameters=(("pace.name", "own"),),
)
WHOLE = Explanation(
    unit="VP",
    activity=None,
    name="Văn phòng",
    source=None,
    budget_current=Decimal(1000),
    disbursed_to_date=Decimal(400),
    plan=Decimal(1000),
    denominator=Decimal(1000),
    judged_by=None,
    registry="b" * 64,
    flags=(FLAG,),
)


def lines(one: Explanation) -> str:
    return "\n".join(explanations([one], OCTOBER))


def test_a_flag_judged_by_imported_years_says_so() -> None:
    past = behind({"VP": (OWN,), "X": (OTHER,), "Y": (replace(OTHER, first_year=2013),)}, "VP")
    assert [(one.own, one.first_year, one.last_year, one.lines) for one in past] == [
        (True, 2016, 2020, 60),
        (False, 2013, 2019, 96),
    ]
    text = lines(replace(WHOLE, past=past))
    assert "của đơn vị được nạp từ tệp, không có báo cáo kèm theo: năm 2016-2020, 60 dòng" in text
    assert f"năm 2013-2019, 96 dòng, tệp sổ.csv, SHA-256 {'a' * 64}" in text


@pytest.mark.parametrize(
    ("rule", "parameters", "said"),
    [
        ("below-pace", (("pace.name", "own"),), True),
        ("below-pace", (("pace.name", "quarters"),), False),
        ("no-disbursement", (), False),
    ],
)
def test_only_where_the_flag_rests_on_the_past(
    rule: str, parameters: tuple[tuple[str, str], ...], said: bool
) -> None:
    flag = replace(FLAG, rule=rule, parameters=parameters)
    assert ("nạp từ tệp" in lines(replace(WHOLE, flags=(flag,), past=(OWN,)))) is said


def test_an_imported_figure_is_marked_with_its_lines() -> None:
    line = ImportedFigure("VP.01", "ODA", Decimal(1000), Decimal(400), None, "c" * 64, 12)
    text = lines(replace(WHOLE, flags=(), imported=(line,)))
    assert "không có báo cáo của đơn vị kèm theo: dự toán 1.000 triệu đồng" in text
    assert "VP.01, ODA: dự toán 1.000, giải ngân 400 triệu đồng: tệp (không ghi tên)" in text
    assert f"dòng 12, SHA-256 {'c' * 64}" in text
    assert "registry.xlsx" not in text


def test_what_was_kept_before_there_were_imports_still_loads() -> None:
    adapter = TypeAdapter(Explanation)
    kept = adapter.dump_python(WHOLE, mode="json")
    for new in ("imported", "past"):
        del kept[new]
    assert adapter.validate_python(kept, strict=False) == WHOLE
