"""Past figures in, the year's end out, through the front door."""

import hashlib
from pathlib import Path

import pytest

from ministry import PERIOD, Ministry, Workspace, create

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
    assert "1 đơn vị được dự báo theo số nạp từ tệp" in text
    assert "(năm 2015-2020)" in text
    assert "khoảng 80% chứa 100% số kết quả" in text
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
    assert units["DV01"]["low"] is units["DV01"]["error"] is None  # until 31 January
    assert "còn nguồn vốn được giải ngân đến hết ngày 31/01" in " ".join(
        opened("forecast", "2020-12").out.split()
    )
    with file.open("a", encoding="utf-8") as lines:
        lines.write("2020,13,DV01,,,1000,870\n2020,12,X,,chi thuong xuyen,1000,500\n")
    opened.done("history", "import", file)
    units = {one["code"]: one for one in opened.done("forecast", "2020-12")["units"]}
    closed = {"rate": 0.87, "low": 0.87, "high": 0.87, "method": "reported", "error": 0}
    assert units["DV01"] == {"code": "DV01", **closed}
    assert (units["X"]["rate"], units["X"]["error"]) == (0.5, 0)  # recurrent money is over


def test_both_databases_hold_the_same_past(database: str, tmp_path: Path) -> None:
    workspace = create(tmp_path / "w", Ministry(3))
    file = past(tmp_path / "h.csv", ["DV01", "X", "Y", "Z", "V"], range(2016, 2021))
    assert workspace.done("history", "import", file)["new"] == 50
    assert workspace.done("history", "import", file)["unchanged"] == 50
    units = {one["code"]: one for one in workspace.done("forecast", "2020-10")["units"]}
    assert units["DV01"]["rate"] == units["X"]["rate"] == pytest.approx(0.9)
    assert units["X"]["low"] == units["X"]["high"] == pytest.approx(0.9)
    assert (workspace.path / "dondoc.db").exists() == (database == "sqlite")


def test_parts_take_the_place_of_a_whole_and_a_whole_of_its_parts(
    opened: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "h.csv"
    whole, parts = (
        "2020,12,DV01,,,1000,900\n",
        ("2020,12,DV01,a,,600,300\n2020,12,DV01,b,,400,400\n"),
    )
    other = "2020,12,DV02,,,100,50\n"
    for lines, new, replaced, rate in (
        (whole + other, 2, 0, 0.9),
        (parts, 2, 1, 0.7),
        (whole, 1, 2, 0.9),
    ):
        file.write_text(HEAD + lines, "utf-8")
        made = opened.done("history", "import", file)
        assert (made["new"], made["replaced"], made["unchanged"]) == (new, replaced, 0)
        units = {one["code"]: one for one in opened.done("forecast", "2020-12")["units"]}
        assert units["DV01"]["rate"] == pytest.approx(rate)
        assert units["DV02"]["rate"] == pytest.approx(0.5)


def test_what_comes_after_the_period_changes_nothing(opened: Workspace, tmp_path: Path) -> None:
    others = [f"U{n}" for n in range(6)]
    opened.done("history", "import", past(tmp_path / "h.csv", others, range(2014, 2021)))
    before = opened.done("forecast", "2019-10")
    later = tmp_path / "later.csv"
    later.write_text(
        HEAD + "".join(f"{y},12,{u},,,1000,100\n" for u in others for y in (2019, 2020)), "utf-8"
    )
    assert opened.done("history", "import", later)["replaced"] == 12
    assert opened.done("forecast", "2019-10") == before


def test_a_figure_without_a_workbook_is_explained_and_marked_as_imported(
    opened: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "sổ cũ.csv"
    lines = "2019,10,X,a,Đầu tư công,600,300\n2019,10,X,a,ODA,100,0\n2019,10,X,b,ODA,400.5,400\n"
    file.write_text(f"{HEAD}{lines}2020,10,DV01,,,1000,250\n", "utf-8")
    assert opened("explain", "2019-10", "X").status == 2
    opened.done("history", "import", file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()

    whole, a, b = opened.done("explain", "2019-10", "X")
    assert (whole["activity"], a["activity"], b["activity"]) == (None, "a", "b")
    assert (whole["budget_current"], whole["disbursed_to_date"]) == (1100.5, 700)
    assert (a["budget_current"], a["disbursed_to_date"], a["rate"]) == (700, 300, 300 / 700)
    assert [line["line"] for line in whole["imported"]] == [2, 3, 4]
    assert {(line["file"], line["sha256"]) for line in a["imported"]} == {("sổ cũ.csv", digest)}
    text = opened("explain", "2019-10", "X", "b").out
    assert "Số nạp từ tệp số liệu cũ, không có báo cáo của đơn vị kèm theo" in text
    assert f"tệp sổ cũ.csv, dòng 4, SHA-256 {digest}" in text
    assert "99,88%" in text
    assert "registry.xlsx" not in text
    assert opened("explain", "2019-10", "X", "c").status == 2
    # a unit that the registry knows, and asks in that year, but that has no workbook of then
    known, *_ = opened.done("explain", "2020-10", "DV01")
    assert (known["name"], known["disbursed_to_date"]) == (opened.ministry.name("DV01"), None)
    assert known["imported"][0]["disbursed_to_date"] == 250
    text = opened("explain", "2020-10", "DV01").out
    assert "giải ngân lũy kế 250 triệu đồng, tỷ lệ 25,00%" in text
    assert "toàn đơn vị: dự toán 1.000, giải ngân 250 triệu đồng: tệp sổ cũ.csv, dòng 5" in text
    assert "01/QĐ-UBDT" in text  # and its budget of then, by the registry


def test_a_report_takes_the_place_of_what_was_imported(opened: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "h.csv"
    file.write_text(f"{HEAD}2021,10,DV01,,,1000,250\n", "utf-8")
    opened.done("history", "import", file)
    before, *parts = opened.done("explain", PERIOD, "DV01")
    assert before["imported"][0]["disbursed_to_date"] == 250
    assert [part["imported"] for part in parts] == [[], []]
    opened.submit("DV01")
    opened.done("collect", PERIOD)
    whole, *_ = opened.done("explain", PERIOD, "DV01")
    assert whole["disbursed_to_date"] == float(opened.ministry.disbursed("DV01"))
    assert whole["imported"] == []
