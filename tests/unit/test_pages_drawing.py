"""How the pages' charts are drawn: lengths by hand, marks where the target is, labels apart."""

import itertools
from dataclasses import replace
from decimal import Decimal

import pytest
from figures import figure

from boards import Shown
from reports.pages import drawing
from reports.pages.drawing import ABOVE, APART, BELOW, BOTTOM, TOP
from schemas.board import ActivityFigure, Board, State, Totals, UnitStatus
from schemas.pages import Month
from schemas.period import Period
from schemas.registry import Budget

PACE = [min(n, 12) / 12 for n in range(1, 14)]


def _unit(code: str, budget: int, disbursed: int | None) -> UnitStatus:
    state = State.MISSING if disbursed is None else State.ACCEPTED
    paid = None if disbursed is None else Decimal(disbursed)
    return UnitStatus(code, f"Vụ {code}", state, False, Decimal(budget), paid)


def _board(*units: UnitStatus) -> Board:
    totals = Totals(Decimal(1000), Decimal(400), Decimal(0))
    return Board(Period(2021, 10), Period(2021, 11).last_day, totals, units)


def test_bars_stand_from_the_slowest_up_with_the_silent_last_and_the_average_first() -> None:
    drawn = drawing.progress(
        _board(_unit("A", 100, 80), _unit("B", 100, None), _unit("C", 100, 20)), 0.5, {"A": "a"}
    )
    assert [b.name for b in drawn.bars] == ["Bình quân chung", "Vụ C", "Vụ A", "Vụ B"]
    assert [b.to for b in drawn.bars] == [40, 20, 80, None]
    assert [b.colour for b in drawn.bars[:3]] == ["slow", "slow", "fine"]
    assert [b.figure for b in drawn.bars] == ["40,00%", "20,00%", "80,00%", "–"]
    assert drawn.bars[1].words == "Thấp hơn tiến độ yêu cầu 30 điểm phần trăm"
    assert drawn.bars[3].words == "Chưa báo cáo"
    assert [b.href for b in drawn.bars] == ["", "", "a", ""]
    assert drawn.target == 50
    assert drawn.axis == ("0%", "100%")


def test_a_wild_rate_does_not_flatten_the_others() -> None:
    drawn = drawing.progress(_board(_unit("A", 100, 900), _unit("B", 100, 50)), 0.5, {})
    assert [b.to for b in drawn.bars] == [32, 40, 100]  # of an axis that ends at 125 %
    assert drawn.bars[2].figure == "900,00%"
    assert drawn.axis == ("0%", "125%")
    assert drawn.target == 40


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (0.4999, "Thấp hơn tiến độ yêu cầu 0,01 điểm phần trăm"),
        (0.49996, "Bằng tiến độ yêu cầu"),  # as printed: 50,00%
        (0.5001, "Cao hơn tiến độ yêu cầu 0,01 điểm phần trăm"),
        (None, ""),
    ],
)
def test_a_gap_is_that_of_the_printed_rates(rate: float | None, words: str) -> None:
    assert drawing.gap(rate, 0.5) == words


def test_a_course_runs_through_its_months_against_pace_and_last_year() -> None:
    months = [Month(2021, 1, Decimal(100), Decimal(0)), Month(2021, 2, Decimal(100), Decimal(50))]
    months += [Month(2020, m, Decimal(100), Decimal(8 * m)) for m in range(1, 13)]
    drawn = drawing.trend(months, 2021, PACE)
    lines = {line.kind: line for line in drawn.lines}
    assert lines.keys() == {"pace", "then", "now"}
    assert lines["now"].points == ((8.0, BOTTOM), (16.0, (TOP + BOTTOM) / 2))
    assert lines["now"].label == "2021: 50,00%"
    assert lines["then"].label == "2020: 96,00%"
    assert lines["pace"].points[-1] == (96.0, TOP)
    assert len(lines["then"].segments) == 11
    assert drawn.words == (
        "Đến hết tháng 02 năm 2021, tỷ lệ giải ngân đạt 50,00%. "
        "Cùng kỳ năm 2020, tính trên mọi đơn vị có số liệu khi đó, đạt 16,00%."
    )


def test_no_label_lies_on_another() -> None:
    pace_and_last_year_end_together = [
        Month(2021, 10, Decimal(100), Decimal(83)),
        *(Month(2020, m, Decimal(1200), Decimal(100 * m)) for m in range(1, 13)),
    ]
    drawn = drawing.trend(pace_and_last_year_end_together, 2021, PACE)
    heights = sorted(line.label_y for line in drawn.lines)
    assert all(b - a >= APART for a, b in itertools.pairwise(heights))


def test_a_label_stands_above_its_end_or_below_where_another_line_passes() -> None:
    (pace, now) = drawing.trend([Month(2021, 6, Decimal(100), Decimal(10))], 2021, PACE).lines
    assert pace.label_y == pytest.approx(TOP - ABOVE)
    assert now.label_y == pytest.approx(now.points[-1][1] + BELOW)


def test_the_closing_month_stands_after_december() -> None:
    months = [Month(2021, m, Decimal(100), Decimal(7 * m)) for m in range(1, 14)]
    drawn = drawing.trend(months, 2021, PACE)
    now = next(line for line in drawn.lines if line.kind == "now")
    assert drawn.months[-2:] == ((88.67, "12"), (96.0, "CL"))
    assert now.points[-1][0] == 96.0
    assert drawn.words == ("Đến hết kỳ chỉnh lý quyết toán năm 2021, tỷ lệ giải ngân đạt 91,00%.")


def test_a_year_without_figures_says_so() -> None:
    drawn = drawing.trend([], 2021, PACE)
    assert [line.kind for line in drawn.lines] == ["pace"]
    assert drawn.words == "Chưa có số liệu giải ngân của năm 2021."


def _adjusted(code: str, source: str, budget: Budget, proposal: int | None) -> ActivityFigure:
    asked = None if proposal is None else Decimal(proposal)
    return replace(figure("A", code, 0, 0, source), budget=budget, proposal=asked)


def test_a_waterfall_leads_from_what_was_assigned_to_what_is_proposed() -> None:
    drawn = drawing.adjustments(
        [
            _adjusted("1", "ODA", Budget(Decimal(1000), Decimal(50), Decimal(-30)), None),
            _adjusted("2", "CTMTQG", Budget(Decimal(500), Decimal(0), Decimal(10)), 20),
            _adjusted("3", "ODA", Budget(Decimal(500)), -20),
        ]
    )
    assert drawn
    # levels: 2000, +50 = 2050, -30 = 2020, +10 = 2030, then -20 = 2010, +20 = 2030
    assert [(b.name, b.figure) for b in drawn.bars] == [
        ("Dự toán giao trong năm", "2.000"),
        ("Chuyển nguồn", "+50"),
        ("Điều chỉnh, ODA", "-30"),
        ("Điều chỉnh, CTMTQG", "+10"),
        ("Dự toán sau điều chỉnh", "2.030"),
        ("Đề xuất, ODA", "-20"),
        ("Đề xuất, CTMTQG", "+20"),
        ("Nếu chấp thuận mọi đề xuất", "2.030"),
    ]
    # the axis goes from 1900 (twice the span of 50 below the lowest) to 2050
    assert drawn.axis == ("1.900", "2.050")
    assert [(b.start, b.to) for b in drawn.bars[:4]] == [
        (0, 66.667),
        (66.667, 100),
        (80, 100),
        (80, 86.667),
    ]
    assert [b.colour for b in drawn.bars] == [
        "sum", "more decided", "less decided", "more decided",
        "sum", "less asked", "more asked", "sum",
    ]  # fmt: skip


def test_without_adjustments_there_is_no_waterfall() -> None:
    assert drawing.adjustments([_adjusted("1", "ODA", Budget(Decimal(1000)), None)]) is None
    assert drawing.adjustments([]) is None


def test_what_changes_nothing_in_sum_is_drawn_all_the_same() -> None:
    its = [
        _adjusted("1", "ODA", Budget(Decimal(1000), adjustment=Decimal(-30)), None),
        _adjusted("2", "CTMTQG", Budget(Decimal(500), adjustment=Decimal(30)), None),
    ]
    drawn = drawing.adjustments(its)
    assert drawn
    assert [b.figure for b in drawn.bars] == ["1.500", "-30", "+30", "1.500"]


def test_the_same_month_gives_the_same_bytes() -> None:
    assert Shown(3).month_page() == Shown(3).month_page()
    assert Shown(3).unit_page(1) == Shown(3).unit_page(1)
