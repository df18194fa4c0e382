"""Rules tried on how past years ended, through the front door."""

from pathlib import Path
from typing import Any

import pytest

from ministry import PERIOD, Ministry, Workspace, create
from reports.backtest_chart import backtest_chart
from rules.backtest import scored
from schemas.backtest import BackTest
from schemas.settings import Rules

HEAD = "year,month,unit,activity,source,budget,disbursed_to_date\n"
COURSES = {  # month -> triệu đồng of 1000; the pace asks for 20, 40, 60 % at the quarters' ends
    "GOOD": {3: 250, 6: 450, 9: 700, 12: 960},
    "LATE": {3: 100, 6: 300, 9: 500, 12: 949},
    "EDGE": {3: 150, 6: 390, 9: 590, 12: 950},
    "GONE": {3: 0, 6: 100},
}


def past(file: Path, *lines: str, years: range = range(2019, 2021), until: int = 12) -> Path:
    """The four courses in each year, LATE's money in two activities, GOOD's by source."""
    rows = []
    for year in years:
        for unit, course in COURSES.items():
            for month, amount in course.items():
                if month > until:
                    continue
                if unit == "LATE":
                    half = amount / 2
                    rows += [f"{year},{month},{unit},{a},ODA,500,{half}" for a in ("L.1", "L.2")]
                elif unit == "GOOD":
                    rows += [
                        f"{year},{month},{unit},,{s},500,{amount / 2}"
                        for s in ("ODA", "Đầu tư công")
                    ]
                else:
                    rows.append(f"{year},{month},{unit},,,1000,{amount}")
    file.write_text(HEAD + "\n".join([*rows, *lines]) + "\n", "utf-8")
    return file


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = create(tmp_path_factory.mktemp("past") / "w", Ministry(2))
    for rule in ("below_average", "unlikely_to_finish"):
        workspace.setting(f"[rules.{rule}]\n", f"[rules.{rule}]\nenabled = false\n")
    workspace.done("history", "import", past(workspace.path / "past.csv"))
    return workspace


def backtest(workspace: Workspace, *arguments: object) -> Any:
    return workspace.done("rules", "backtest", *arguments, today=None)


def scores(level: Any) -> dict[tuple[str | None, str], Any]:
    return {(one["rule"], one["from"]): one for one in level["rules"]}


def test_every_stored_month_before_december_is_tried_on_how_the_year_ended(
    bare: Workspace,
) -> None:
    """A year: LATE (94,9 %) is low at 50, 75, 83 % of the pace; EDGE ends on the target, low at
    75 %, then watched twice; GOOD never flagged; GONE has no December."""
    today = backtest(bare)["today"]
    found = scores(today["units"])
    any_flag, low = found[None, "watch"], found[None, "low"]
    assert (any_flag["flagged"], any_flag["flagged_low"]) == (12, 6)
    assert (any_flag["unflagged"], any_flag["unflagged_low"]) == (6, 0)
    assert (any_flag["precision"], any_flag["recall"]) == (0.5, 1)
    assert (low["flagged"], low["flagged_low"], low["precision"]) == (8, 6, 0.75)
    assert (low["low_ends"], low["caught"], low["lead"]) == (2, 2, 9)
    march = today["units"]["months"][0]
    assert (march["period"], march["judged"], march["flagged"], march["unknown"]) == (
        "2019-03", 4, 3, 1,
    )  # fmt: skip
    assert today["without_end"] == [{"year": y, "unit": "GONE"} for y in (2019, 2020)]
    assert today["unfinished"] == []


def test_activities_are_tried_where_the_history_names_them(bare: Workspace) -> None:
    activities = backtest(bare)["today"]["activities"]
    assert {one["judged"] for one in activities["months"]} == {2}
    low = scores(activities)[None, "low"]
    assert (low["flagged"], low["flagged_low"], low["low_ends"]) == (12, 12, 4)


def test_another_threshold_is_set_beside_todays(bare: Workspace) -> None:
    """Low below 80 % of the pace: LATE at 83 % in September is only watched."""
    both = backtest(bare, "--set", "below_pace.low=0.8")
    today, tried = (scores(both[which]["units"])[None, "low"] for which in ("today", "tried"))
    assert (today["flagged"], tried["flagged"]) == (8, 6)
    assert (today["flagged_low"], tried["flagged_low"]) == (6, 4)
    assert backtest(bare)["tried"] is None


def test_years_can_be_chosen_and_one_that_is_not_stored_is_refused(bare: Workspace) -> None:
    months = backtest(bare, 2020)["today"]["units"]["months"]
    assert [one["period"] for one in months] == ["2020-03", "2020-06", "2020-09"]
    assert bare("rules", "backtest", 2010).status == 2


def test_what_comes_later_changes_no_flag(tmp_path: Path) -> None:
    """The months up to June alone give the flags that all that came later gives for them; the
    forecast, by which a rule judges, has five years to go by, and then others."""
    known, later = range(2015, 2020), range(2021, 2023)
    other = [f"2020,{m},{u},,,1000,{9 * m}" for u in ("EDGE", "GONE") for m in (9, 12)]
    first, whole = (create(tmp_path / name, Ministry(2)) for name in ("first", "whole"))
    so_far = past(tmp_path / "so-far.csv", years=range(2020, 2021), until=6)
    for workspace in (first, whole):
        workspace.done("history", "import", past(tmp_path / "known.csv", years=known))
        workspace.done("history", "import", so_far)
    rest = tmp_path / "rest.csv"
    rest.write_text(HEAD + "\n".join(other) + "\n", "utf-8")
    whole.done("history", "import", rest)
    whole.done("history", "import", past(tmp_path / "later.csv", years=later))
    flags = first.done("rules", "try", "2020-03", "2020-06", today=None)
    assert "unlikely-to-finish" in {one["today"]["rule"] for one in flags}
    assert whole.done("rules", "try", "2020-03", "2020-06", today=None) == flags
    before, after = (backtest(w, 2020)["today"]["units"]["months"] for w in (first, whole))
    same = ("period", "judged", "flags", "flagged")
    assert [[one[key] for key in same] for one in before] == [
        [one[key] for key in same] for one in after[:2]
    ]


def test_a_year_without_december_is_flagged_but_not_tried(tmp_path: Path) -> None:
    """TWIN's activity bears the code of another unit's, and is paid from two sources: together
    they are in pace, though one by itself would not be."""
    workspace = create(tmp_path / "w", Ministry(2))
    twin = "2020,3,TWIN,L.1,ODA,500,50", "2020,3,TWIN,L.1,Đầu tư công,500,450"
    workspace.done("history", "import", past(tmp_path / "h.csv", *twin, until=9))
    flags = workspace.done("rules", "try", "2020-03", today=None)
    by_pace = {
        (one["unit"], one["today"]["activity"])
        for one in flags
        if one["today"]["rule"] == "below-pace"
    }
    assert by_pace >= {("LATE", "L.1"), ("LATE", "L.2"), ("LATE", None)}
    assert "TWIN" not in {unit for unit, _ in by_pace}
    today = backtest(workspace)["today"]
    assert today["unfinished"] == [2019, 2020]
    assert today["units"]["rules"] == []
    assert all(one["flagged"] and one["unknown"] == one["judged"]
               for one in today["units"]["months"])  # fmt: skip
    assert "Năm 2019 chưa có số liệu tháng 12" in workspace("rules", "backtest", today=None).out


def test_the_table_says_what_it_counts(bare: Workspace, tmp_path: Path) -> None:
    chart = tmp_path / "chart.png"
    out = bare("rules", "backtest", "--chart", chart, today=None).out
    assert "GONE (2019)" in out
    assert "tỷ lệ đúng là 33%" in out
    assert max(len(line) for line in out.splitlines() if line[:1] in "│┃┏└") <= 80
    assert chart.read_bytes().startswith(b"\x89PNG")
    drawn = chart.read_bytes()
    assert bare("rules", "backtest", "--chart", chart, today=None).status == 0
    assert chart.read_bytes() == drawn
    assert bare("rules", "backtest", "--chart", tmp_path, today=None).status == 2


def test_a_back_test_without_any_outcome_is_still_drawn() -> None:
    nothing = scored([], [])
    test = BackTest(Rules().year_target, nothing, nothing, (), ())
    assert backtest_chart([("", test)]).startswith(b"\x89PNG")


def test_imported_months_show_who_would_be_flagged(bare: Workspace) -> None:
    found = bare.done("rules", "try", "2019-03", today=None)
    flagged = {(one["unit"], one["today"]["activity"], one["today"]["rule"]) for one in found}
    assert flagged == {
        ("LATE", None, "below-pace"),
        ("LATE", "L.1", "below-pace"),
        ("LATE", "L.2", "below-pace"),
        ("EDGE", None, "below-pace"),
        ("GONE", None, "no-disbursement"),
    }
    assert all(one["today"] == one["tried"] for one in found)
    (changed,) = bare.done(
        "rules", "try", "2019-06", "--set", "below_pace.low=1", "--set", "stalled.enabled=false",
        today=None,
    )  # fmt: skip
    assert (changed["unit"], changed["tried"]["severity"]) == ("EDGE", "low")
    assert bare("rules", "try", "2019-04", today=None).status == 2
    text = bare("rules", "try", "2019-03", today=None).out
    assert "5 cảnh báo." in text


def test_reports_are_tried_as_imported_months_are(collected: Workspace, tmp_path: Path) -> None:
    """October by the submissions; the year has ended once December is imported."""
    (month,) = backtest(collected)["today"]["units"]["months"]
    board = collected.units()
    accepted = [code for code, unit in board.items() if unit["state"] == "accepted"]
    flagged = [
        code for code in accepted if any(f["activity"] is None for f in board[code]["flags"])
    ]
    assert (month["period"], month["judged"]) == (PERIOD, len(accepted))
    assert month["flagged"] == len(flagged) > 0
    file = tmp_path / "december.csv"
    ends = {code: 940 if code in flagged else 990 for code in accepted}
    file.write_text(
        HEAD + "".join(f"2021,12,{code},,,1000,{end}\n" for code, end in ends.items()), "utf-8"
    )
    collected.done("history", "import", file)
    units = backtest(collected)["today"]["units"]
    assert scores(units)[None, "watch"]["precision"] == 1
    assert scores(units)[None, "watch"]["recall"] == 1
    assert scores(units)[None, "watch"]["lead"] == 2
