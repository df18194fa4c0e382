"""The benchmark itself: every build makes the same month, and the table is written."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]


@pytest.mark.soak  # a Prefect server, and the straightforward build is what it is
def test_every_build_makes_the_same_month(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, HOUSE / "benchmarks" / "month.py", "--quick", "--folder", tmp_path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    kept = json.loads((tmp_path / "results" / "month.json").read_text("utf-8"))
    assert {one["build"] for one in kept["rounds"]} == {
        "straightforward", "floor", "ours", "ours, with a server", "ours, 1 Dask worker",
        "ours, 2 Dask workers", "ours, 2 Prefect workers",
    }  # fmt: skip
    assert "| straightforward | 12 |" in ran.stdout
    assert (tmp_path / "results" / "month.png").is_file()
