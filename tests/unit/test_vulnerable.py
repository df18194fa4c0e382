"""What pip-audit found is told as it is: where nothing was asked, nothing is claimed."""

import json
from typing import Any

import pytest

from vulnerable import UNREACHABLE, told

SAFE = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "2", "vulns": [{"id": "X-1", "fix_versions": ["3", "4"]}]}
UNKNOWN = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "lines", "status"),
    [
        ([UNKNOWN, UNKNOWN], [UNREACHABLE], 0),
        ([SAFE], ["0 known vulnerabilities in 1 packages; not audited: none"], 0),
        (
            [SAFE, BAD, UNKNOWN],
            [
                "b 2: X-1, mended in 3 or 4",
                "1 known vulnerabilities in 2 packages; not audited: c",
            ],
            1,
        ),
    ],
)
def test_the_answer_is_told(packages: list[Any], lines: list[str], status: int) -> None:
    assert told(json.dumps({"dependencies": packages})) == (lines, status)


def test_an_answer_that_broke_off_claims_nothing() -> None:
    assert told("") == ([UNREACHABLE], 0)
