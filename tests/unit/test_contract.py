"""How a machine's answer is written: the same JSON, with a line for each of many."""

import json
from decimal import Decimal

import pytest

from reports.contract import plain, written

UNIT = {"code": "DV01", "name": "Vụ Tổng hợp", "rate": 0.5, "flags": [{"rule": "stalled"}]}


@pytest.mark.parametrize(
    "answer",
    [
        {"period": "2021-10", "totals": {"rate": None}, "units": [UNIT, UNIT], "beyond": []},
        [UNIT, {"amount": Decimal("1.5")}],
        {},
        [],
        None,
    ],
)
def test_an_answer_is_the_same_however_it_is_written(answer: object) -> None:
    assert json.loads(written(answer)) == json.loads(json.dumps(answer, default=plain))


def test_each_unit_has_a_line() -> None:
    lines = written({"period": "2021-10", "units": [UNIT, UNIT]}).splitlines()
    assert [line.strip(" ,") for line in lines[3:5]] == [json.dumps(UNIT, ensure_ascii=False)] * 2
