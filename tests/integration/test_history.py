"""Past figures in, the year's end out, through the front door."""

from pathlib import Path

import pytest

from ministry import PERIOD, Workspace

HEAD = "year,month,unit,activity,source,budget,disbursed_to_date\n"


def past(path: Path, units: list[str], years: range, *more: str) -> Path:
    """Every unit stands at 30 % in October and ends at 90 %."""
    lines = [
        f"{year},{month},{unit},,,1000,{rate}\n"
        for unit in units
        for year in years
        for month, rate in ((10, 300), (12, 900))
    ]
    path.write_text(HEAD + "".join([*lines, *more]), "utf-8")
    return path


def test_a_new_workspace_foretells_from_imported_years(
    collected: Workspace, tmp_path: Path
) -> None:
    others = [f"U{n}" for n in range(6)]
    file = past(tmp_path / "h.csv", ["DV01", *others], range(2015, 2021))
    made = collected.done("history", "import", file)
    assert (made["new"], made["replaced"], made["unchanged"]) == (84, 0, 0)
    assert set(others) <= set(made["strangers"])
    assert collected.done("history", "import", file)["unchanged"] == 84
    answer = collected.done("forecast", PERIOD)
    assert answer["period"] == PERIOD
    units = {one["code"]: one for one in answer["units"]}
    board = collected.units()
    assert list(units) == list(board)
    for code, one in units.items():
        standing = board[code]["rate"]
        if standing is None:
            assert one["rate"] is one["low"] is one["method"] is None
        else:
            assert standing <= one["low"] <= one["rate"] <= one["high"]
            assert one["error"] is not None
    text = collected("forecast", PERIOD).out
    assert "Khoảng 80%" in text
    assert max(map(len, text.splitlines()[:8])) <= 80


def test_a_period_that_only_history_knows_is_foretold(opened: Workspace, tmp_path: Path) -> None:
    assert opened("forecast", "2020-10").status == 2
    opened.done("history", "import", past(tmp_path / "h.csv", ["DV01", "X"], range(2014, 2021)))
    units = {one["code"]: one for one in opened.done("forecast", "2020-10")["units"]}
    assert units["X"]["rate"] == pytest.approx(0.9)
    assert units["DV01"]["rate"] == pytest.approx(0.9)
    assert units["DV02"]["rate"] is None


def test_nothing_of_a_faulty_file_is_taken_and_each_line_is_named(
    opened: Workspace, tmp_path: Path
) -> None:
    file = past(tmp_path / "h.csv", ["DV01"], range(2019, 2021), "2020,14,DV01,,,1,1\n", "x\n")
    ran = opened("history", "import", file)
    assert ran.status == 2
    assert "dòng 6" in ran.err
    assert "dòng 7" in ran.err
    assert opened("forecast", "2020-10").status == 2
    assert opened("history", "import", tmp_path / "none.csv").status == 2


def test_a_figure_imported_again_is_replaced(opened: Workspace, tmp_path: Path) -> None:
    file = past(tmp_path / "h.csv", ["DV01"], range(2020, 2021))
    opened.done("history", "import", file)
    file.write_text(file.read_text("utf-8").replace("1000,900", "1000,800"), "utf-8")
    made = opened.done("history", "import", file)
    assert (made["new"], made["replaced"], made["unchanged"]) == (0, 1, 1)
    units = {one["code"]: one for one in opened.done("forecast", "2020-12")["units"]}
    assert units["DV01"]["rate"] == pytest.approx(0.8)
