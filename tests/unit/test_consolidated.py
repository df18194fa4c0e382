"""The sentences of the consolidated report: of none, of one, of many."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from consolidated import (
    COURSE,
    FINE,
    HV,
    IDLE,
    KH,
    SLOW,
    TT,
    UNITS,
    VP,
    activity,
    amount,
    board,
    flag,
    material,
    nothing,
    project,
    received,
    unit,
    work,
)
from reports.consolidated import adjusting, annexes, it, low, results, strategy
from reports.consolidated.material import grouped, listed
from reports.consolidated.proposals import proposals
from reports.consolidated.reporting import reporting, silent_lines
from schemas.board import State
from schemas.course import Course, Stand
from schemas.excuses import Excuse
from schemas.findings import Severity
from schemas.flags import FlagSeverity, Matter
from schemas.forms import IT, STRATEGY
from schemas.period import Period
from schemas.registry import RECURRENT, Entry, LedgerRow, Recorded

LEADER = "Bộ trưởng"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], ""),
        (["A"], "A"),
        (["A", "B"], "A và B"),
        (["A", "B", "C"], "A, B và C"),
        (["Vụ A, B", "C", "D"], "Vụ A, B; C và D"),
        ([f"V{n}" for n in range(1, 11)], "V1, V2, V3, V4, V5, V6, V7, V8, V9 và V10"),
        ([f"V{n}" for n in range(1, 13)],
         "V1, V2, V3, V4, V5, V6, V7, V8, V9, V10 và 02 đơn vị khác"),
    ],
)  # fmt: skip
def test_names_in_a_row(names: list[str], said: str) -> None:
    assert listed(names) == said


def test_lines_stand_under_their_units_and_are_numbered_through() -> None:
    lines = grouped({"A": "Vụ A"}, [("A", {"x": 1}), ("A", {"x": 2}), ("B", {"x": 3})])
    assert [(one["group"], one["number"], one["x"]) for one in lines] == [
        ("Vụ A", "", ""), ("", 1, 1), ("", 2, 2), ("B", "", ""), ("", 3, 3),
    ]  # fmt: skip


# --- I. who has reported --------------------------------------------------------------------------


def _states(*states: State) -> list[str]:
    codes = ("VP", "HV", "TT", "KH")
    units = [unit(code, 100, None, state) for code, state in zip(codes, states, strict=False)]
    accepted = [replace(u, disbursed_to_date=Decimal(1)) if u.state is State.ACCEPTED else u
                for u in units]  # fmt: skip
    return reporting(material(board(tuple(accepted)), received=()))


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ((), "Tháng 10 năm 2021 không có đơn vị nào phải báo cáo."),
        ((State.ACCEPTED,), f"{VP} là đơn vị phải báo cáo duy nhất và đã có báo cáo"),
        ((State.ACCEPTED,) * 3, "Cả 03 đơn vị phải báo cáo đều đã có báo cáo được tiếp nhận."),
        ((State.ACCEPTED,) * 3, "Không có báo cáo nào gửi sau hạn."),
        ((State.ACCEPTED, State.MISSING), "Trong 02 đơn vị phải báo cáo, 01 đơn vị đã có"),
        ((State.ACCEPTED, State.MISSING), f"{HV} chưa gửi báo cáo."),
        ((State.ACCEPTED, State.MISSING), "Dự toán của đơn vị chưa có báo cáo được tiếp nhận là"),
        ((State.MISSING,) * 2, "Trong 02 đơn vị phải báo cáo, chưa đơn vị nào có báo cáo"),
        ((State.MISSING,) * 2, f"02 đơn vị chưa gửi báo cáo: {VP} và {HV}."),
        ((State.MISSING,) * 2, "Tổng dự toán của 02 đơn vị chưa có báo cáo được tiếp nhận là 200"),
        ((State.RETURNED,), f"Báo cáo của {VP} còn lỗi, đã trả lại để sửa, chưa có bản thay thế."),
        ((State.RETURNED,) * 2, "Báo cáo của 02 đơn vị còn lỗi, đã trả lại để sửa"),
        ((State.HELD,), f"Tệp gửi đến của {VP} đang chờ xác định đơn vị, kỳ báo cáo."),
    ],
)
def test_who_has_reported(states: tuple[State, ...], said: str) -> None:
    assert said in " ".join(_states(*states))


def test_all_reported_says_nothing_of_silent_units() -> None:
    assert len(_states(State.ACCEPTED, State.ACCEPTED)) == 2  # who reported; the quality


@pytest.mark.parametrize(
    ("came", "said"),
    [
        ((), "Chưa có báo cáo nào để kiểm tra chất lượng số liệu."),
        ((received("VP"), received("KH", 1, Severity.INFO)),
         "Qua kiểm tra 02 bản báo cáo nhận được, không phát hiện lỗi hoặc điểm cần lưu ý"),
        ((received("VP", 1, Severity.WARNING),),
         f"phát hiện 01 điểm cần lưu ý trong báo cáo của {VP}."),
        ((received("VP", 1, Severity.ERROR, Severity.WARNING), received("VP", 2)),
         f"01 lỗi và 01 điểm cần lưu ý trong báo cáo của {VP}; đơn vị này đã phải gửi lại báo"),
        ((received("VP", 1, Severity.ERROR), received("VP", 2), received("KH", 1, Severity.ERROR)),
         f"phát hiện 02 lỗi trong báo cáo của 02 đơn vị; {VP} đã phải gửi lại báo cáo."),
    ],
)  # fmt: skip
def test_the_quality_of_the_figures_in_one_sentence(came: tuple[object, ...], said: str) -> None:
    assert said in reporting(material(received=came))[-1]


def test_late_and_silent_units_stand_in_the_table() -> None:
    lines = silent_lines(material())
    assert [(one["name"], one["state"]) for one in lines] == [
        (VP, "Đã tiếp nhận, sau hạn"), (HV, "Chưa gửi"), (TT, "Trả lại để sửa"),
    ]  # fmt: skip


# --- II. results ----------------------------------------------------------------------------------


def test_the_rate_is_compared_with_pace_last_month_and_last_year() -> None:
    same = Stand(amount(2000), amount(1400))
    course = replace(COURSE, last_year={10: same}, last_year_units={"VP": same, "KH": same})
    said = results.overall(material(course=course))[0]
    assert (
        "02 đơn vị có báo cáo được tiếp nhận đã giải ngân 800 triệu đồng/2.000 triệu đồng" in said
    )
    assert (
        "dự toán sau điều chỉnh, đạt 40,00%; thấp hơn tiến độ yêu cầu (71,67%) 31,67 điểm" in said
    )
    assert "cao hơn kỳ trước (30,00%) 10 điểm phần trăm" in said
    assert "thấp hơn cùng kỳ năm trước (70,00%) 30 điểm phần trăm" in said


def test_who_reported_last_month_only_is_left_out_of_the_comparison_and_named() -> None:
    said = results.overall(material())[0]
    assert f"riêng 2 đơn vị có báo cáo cả hai kỳ (không gồm {HV}) đạt 40,00%, cao hơn" in said


def test_a_year_before_that_knows_some_units_only_is_compared_with_those() -> None:
    said = results.overall(material())[0]
    assert f"Cùng kỳ năm trước mới có số liệu của {KH}, đạt 70,00%; kỳ này đạt 83,33%." in said
    assert results.totals(material())["total_last_year"] == "–"


def test_without_a_past_the_report_says_so() -> None:
    said = results.overall(material(course=Course()))[0]
    assert said.endswith(
        "Chưa có số liệu kỳ trước để so sánh. Chưa có số liệu cùng kỳ năm trước để so sánh."
    )
    assert results.overall(nothing()) == [
        "Tính đến hết ngày 31 tháng 10 năm 2021, chưa có số liệu để tính tỷ lệ giải ngân."
    ]


def test_what_rates_divide_by_is_named() -> None:
    said = results.overall(material())[1]
    assert "chia cho dự toán sau điều chỉnh, gồm dự toán giao trong năm, vốn chuyển nguồn" in said


@pytest.mark.parametrize(
    ("late", "days"),
    [
        (("ODA", RECURRENT), "ngày 31 tháng 01 năm 2022."),
        ((), "ngày 31 tháng 12 năm 2021."),
        (("ODA",), "ngày 31 tháng 12 năm 2021 (nguồn vốn ODA: ngày 31 tháng 01 năm 2022)."),
    ],
)
def test_the_closing_month_says_until_when_each_source_was_adjusted(
    late: tuple[str, ...], days: str
) -> None:
    first, second, *_ = board().activities
    both = replace(first, source="ODA"), replace(second, source=RECURRENT)
    its = replace(board(), period=Period(2021, 13), activities=both)
    month = material(its, open_in_january=late, paces={13: 1.0})
    assert f"ban hành đến hết {days}" in results.overall(month)[1]


def _rates(*paid: float) -> str:
    codes = ("VP", "HV", "TT", "KH")
    units = tuple(unit(code, 100, its) for code, its in zip(codes, paid, strict=False))
    return results.by_unit(material(board(units), course=Course()))[0]


@pytest.mark.parametrize(
    ("paid", "said"),
    [
        ((), "Chưa có đơn vị nào tính được tỷ lệ giải ngân."),
        ((50,), f"{VP} là đơn vị duy nhất có số liệu, đạt 50,00%."),
        ((90, 80), "Tất cả 02 đơn vị có số liệu đều đạt tiến độ yêu cầu."),
        ((10, 20, 30), "Không đơn vị nào trong 03 đơn vị có số liệu đạt tiến độ yêu cầu."),
        ((90, 20, 30), "Trong 03 đơn vị có số liệu, 01 đơn vị đạt tiến độ yêu cầu, 02 đơn vị"),
        ((90, 20, 30), f"Tỷ lệ cao nhất là {VP} (90,00%), thấp nhất là {HV} (20,00%)."),
        ((5, 5, 5), "đạt tiến độ yêu cầu. Các đơn vị cùng đạt tỷ lệ 5,00%."),
        ((71.67, 71.66), "01 đơn vị đạt tiến độ yêu cầu, 01 đơn vị chưa đạt"),
    ],
)
def test_by_unit(paid: tuple[float, ...], said: str) -> None:
    assert said in _rates(*paid)


def test_whose_rate_did_not_rise() -> None:
    assert f"Tỷ lệ giải ngân của {VP} không tăng so với kỳ trước." in results.by_unit(material())[0]
    risen = {"VP": Stand(amount(1400), amount(299)), "KH": Stand(amount(600), amount(1))}
    said = results.by_unit(material(course=replace(COURSE, last_month=risen)))[0]
    assert "của tất cả các đơn vị có số liệu hai kỳ đều tăng so với kỳ trước." in said


def test_by_source_and_by_month() -> None:
    assert results.by_source_said(material())[0] == (
        "Tỷ lệ giải ngân theo nguồn vốn, từ cao xuống thấp: ODA 83,33%; Chi thường xuyên 30,00%; "
        "Đầu tư công 0,00%."
    )
    one = material(board(UNITS, SLOW))
    assert results.by_source_said(one) == ["Toàn bộ kinh phí thuộc nguồn Chi thường xuyên."]
    assert results.by_month(nothing()) == ["Chưa có số liệu theo tháng."]
    first = replace(COURSE, months={10: COURSE.months[10]})
    assert results.by_month(material(course=first)) == [
        "Đây là tháng đầu tiên trong năm có số liệu."
    ]
    lines = results.month_lines(material())
    assert [(line["month"], line["units"], line["within"], line["gap"]) for line in lines] == [
        ("Tháng 9 năm 2021", 3, "–", "-26,57"), ("Tháng 10 năm 2021", 2, "200", "-31,67"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("september", "said"),
    [(1100, "chưa đạt tiến độ yêu cầu ở bất kỳ tháng nào trong 02 tháng có số liệu"),
     (2899, "đạt tiến độ yêu cầu ở 1 trong 02 tháng có số liệu".replace(" 1 ", " 01 "))],
)  # fmt: skip
def test_in_how_many_months_the_pace_was_kept(september: float, said: str) -> None:
    months = {9: Stand(amount(2900), amount(september)), 10: COURSE.months[10]}
    assert said in results.by_month(material(course=replace(COURSE, months=months)))[0]


# --- III. who is low ------------------------------------------------------------------------------


def test_one_low_unit_its_activities_and_what_it_told() -> None:
    (said,) = low.low(material())
    assert said.startswith(
        f"{VP} (21,43%) giải ngân thấp, cần đôn đốc. Trong đó có 02 nhiệm vụ giải ngân thấp; tổng "
        "số còn thiếu so với mức cần đạt là 200,1 triệu đồng. Đơn vị đã nêu khó khăn, vướng mắc "
        "của 01 nhiệm vụ, giải pháp của 01 nhiệm vụ."
    )
    assert f"Ngoài ra, 01 nhiệm vụ của {KH} đang được theo dõi" in said
    assert [line["group"] or line["code"] for line in low.low_lines(material())] == [
        VP, "VP.01", "VP.02",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, "Đơn vị chưa nêu khó khăn, vướng mắc và giải pháp."),
        ({"difficulty": "Chậm."}, "khó khăn, vướng mắc của 01 nhiệm vụ, chưa nêu giải pháp."),
        ({"solution": "Sẽ trả."}, "Đơn vị đã nêu giải pháp của 01 nhiệm vụ, không nêu khó khăn"),
        ({"difficulty": "Chậm.", "solution": "Sẽ trả."}, "giải pháp của nhiệm vụ này."),
    ],
)
def test_whether_the_unit_told_why(told: dict[str, str], said: str) -> None:
    one = activity("VP", 1, 1000, 300, **told)
    units = (unit("VP", 1000, 300, State.ACCEPTED, flag(one)),)
    assert said in low.low(material(board(units, one)))[0]


def test_nobody_low_a_whole_unit_low_and_several() -> None:
    calm = board((unit("KH", 600, 500),), FINE)
    assert low.low(material(calm)) == [
        "Trong kỳ không có đơn vị nào giải ngân thấp đến mức phải đôn đốc."
    ]
    assert low.low(nothing())[0].startswith("Chưa có báo cáo được tiếp nhận để xác định")
    whole = board((unit("KH", 600, 100, State.ACCEPTED, flag("KH")),), FINE)
    assert "cảnh báo thuộc về toàn đơn vị" in low.low(material(whole))[0]
    two = board((unit("VP", 1000, 300, State.ACCEPTED, flag(SLOW)),
                 unit("KH", 600, 100, State.ACCEPTED, flag("KH"))), SLOW)  # fmt: skip
    said = low.low(material(two))[0]
    assert said.startswith(f"02 đơn vị giải ngân thấp, cần đôn đốc: {VP} (30,00%) và {KH} (16,67%)")
    assert "Trong đó có 01 nhiệm vụ giải ngân thấp; số còn thiếu" in said


def test_excuses_praise_and_what_is_flagged_beside_money() -> None:
    recorded = Recorded("An", "an", date(2021, 10, 1), datetime(2021, 10, 1, tzinfo=UTC))
    because = Excuse(
        "VP", None, None, Period(2021, 9), date(2021, 12, 31), "Chờ quyết toán", recorded
    )
    spared = replace(flag(SLOW), excused=because)
    praise = replace(flag("KH", FlagSeverity.WATCH), rule="recovered", matter=Matter.PRAISE)
    noted = replace(flag(FINE, FlagSeverity.WATCH), rule="milestone-overdue", matter=Matter.OTHER)
    its = board((unit("VP", 1000, 300, State.ACCEPTED, spared),
                 unit("KH", 600, 500, State.ACCEPTED, praise, noted)))  # fmt: skip
    (said,) = low.low(material(its, low={}))
    assert (
        f"{VP} giải ngân thấp nhưng không đôn đốc vì có lý do đã ghi nhận: Chờ quyết toán" in said
    )
    assert "(đến hết 31/12/2021)." in said
    assert f"{KH} đã khắc phục được tình trạng giải ngân thấp của kỳ trước." in said
    assert "có 01 cảnh báo cần lưu ý (Phụ lục II)." in said
    assert "Ngoài ra" not in said


# --- IV. and V. IT projects and the Strategy ------------------------------------------------------


def test_it_projects_none_one_and_many() -> None:
    assert it.it(nothing()) == ["Không có nhiệm vụ công nghệ thông tin nào được báo cáo trong kỳ."]
    rows = [("VP", project("VP.01", "Đã hoàn thành", "Chưa", "Chưa", settlement_value=amount(5)))]
    opening, steps, end = it.it(material(rows={IT.name: rows}))
    assert opening == f"{VP} báo cáo 01 nhiệm vụ công nghệ thông tin."
    assert steps == (
        "Nghiệm thu: đã hoàn thành. Bàn giao: chưa thực hiện. Thanh quyết toán: chưa thực hiện."
    )
    assert end == (
        "Giá trị quyết toán của nhiệm vụ đã có số liệu là 5 triệu đồng. "
        "Các đơn vị không nêu khó khăn, vướng mắc."
    )
    opening, steps, end = it.it(material(rows={IT.name: rows * 2}))
    assert opening == f"{VP} báo cáo 02 nhiệm vụ công nghệ thông tin."
    assert "Nghiệm thu: 02 nhiệm vụ đã hoàn thành." in steps
    assert "Tổng giá trị quyết toán của 02 nhiệm vụ đã có số liệu là 10 triệu đồng." in end
    opening, _, end = it.it(material())
    assert opening.startswith("02 đơn vị báo cáo 02 nhiệm vụ công nghệ thông tin:")
    assert "01 nhiệm vụ đã bàn giao nhưng chưa hoàn thành thanh quyết toán." in end
    assert it.span(material()) == "GIAI ĐOẠN 2016-2021"
    assert it.span(nothing()) == ""


def test_the_strategy_none_one_and_many() -> None:
    assert strategy.strategy(nothing())[0].startswith("Không có công việc nào")
    done = [("KH", work("KH.02", 100, date(2021, 9, 30)))]
    opening, progress, rest = strategy.strategy(material(rows={STRATEGY.name: done}))
    assert opening.startswith(f"{KH} báo cáo 01 công việc, sản phẩm thực hiện Chiến lược")
    assert progress == "Tất cả đã hoàn thành. Không có công việc, sản phẩm nào quá hạn."
    assert rest.startswith("Không có căn cứ pháp lý nào cần cập nhật. Từ đầu năm chưa tổ chức")
    _, progress, rest = strategy.strategy(material())
    assert progress == (
        "01 công việc, sản phẩm đã hoàn thành; 01 chưa hoàn thành. 01 công việc, sản phẩm đã quá "
        "hạn nhưng chưa hoàn thành: Công việc KH.02 (hạn 30/09/2021, đạt 60%)."
    )
    assert "01 công việc, sản phẩm có căn cứ pháp lý cần cập nhật. Từ đầu năm đã tổ chức 03" in rest


@pytest.mark.parametrize(
    ("due", "completion", "late"),
    [(date(2021, 10, 31), 99, 1), (date(2021, 11, 1), 99, 0), (date(2021, 10, 31), 100, 0),
     (None, 0, 0)],
)  # fmt: skip
def test_a_work_is_overdue_from_its_due_date_until_complete(
    due: date | None, completion: int, late: int
) -> None:
    rows = {STRATEGY.name: [("KH", work("KH.02", completion, due))]}
    assert len(strategy.overdue(material(rows=rows))) == late


# --- VI. and VII. adjustments and proposals -------------------------------------------------------


def test_adjustments_none_one_many_and_their_balance() -> None:
    assert adjusting.adjusting(nothing()) == [
        "Đến hết kỳ báo cáo chưa có quyết định điều chỉnh dự toán năm 2021.",
        "Trong kỳ không có đơn vị nào đề xuất điều chỉnh dự toán.",
    ]
    one = material(board(UNITS, IDLE))
    assert adjusting.adjusting(one)[1] == (
        f"{VP} đề xuất điều chỉnh dự toán của 01 nhiệm vụ. Tổng số đề nghị giảm là 150 triệu đồng, "
        "không có đề nghị tăng."
    )
    both = replace(IDLE, source="ODA")
    said = adjusting.adjusting(material(board(UNITS, both, FINE)))[1]
    assert "Nguồn ODA: số đề nghị tăng nằm trong số đề nghị giảm." in said
    beyond = adjusting.adjusting(material())[1]
    assert "Nguồn ODA: số đề nghị tăng vượt số đề nghị giảm 100,5 triệu đồng." in beyond
    assert [line["left"] for line in adjusting.balance_lines(material())] == [
        "+150", "-100,5", "+49,5",
    ]  # fmt: skip


def test_decided_adjustments_are_counted_with_their_sums() -> None:
    def row(change: float) -> LedgerRow:
        return LedgerRow(2021, "VP.01", Entry.ADJUSTMENT, amount(change), date(2021, 5, 1), "1", 2)

    one = adjusting.adjusting(material(decided=[row(-20)]))[0]
    assert one == (
        "Đến hết kỳ báo cáo, dự toán năm 2021 đã được điều chỉnh 01 lần, tổng số giảm 20 triệu "
        "đồng."
    )
    many = adjusting.adjusting(material(decided=[row(-20), row(50.5)]))[0]
    assert "02 lần, tổng số tăng 50,5 triệu đồng, tổng số giảm 20 triệu đồng." in many


def test_each_proposal_has_an_actor_and_a_day_and_follows_from_a_fact() -> None:
    intro, *said = proposals(material(), LEADER)
    assert intro == f"Vụ Kế hoạch - Tài chính kính đề nghị {LEADER}:"
    assert [text.split(". ")[0] for text in said] == [str(n) for n in range(1, 7)]
    assert all("chậm nhất ngày" in text for text in said)
    assert "phát hành văn bản đôn đốc Văn phòng Ủy ban nêu tại phần III" in said[0]
    assert f"Thủ trưởng 02 đơn vị ({HV} và {TT}) hoàn thành, gửi báo cáo" in said[1]
    assert "ngày 12 tháng 11 năm 2021" in said[1]
    assert "rà soát đề nghị tăng dự toán nguồn ODA" in said[2]
    assert "kinh phí đề nghị giảm của nguồn Đầu tư công" in said[3]
    assert "nhiệm vụ công nghệ thông tin đã bàn giao nêu tại phần IV" in said[4]
    assert "công việc, sản phẩm đã quá hạn nêu tại phần V" in said[5]


def test_without_a_reason_nothing_is_proposed_and_what_balances_is_decided() -> None:
    calm = material(board((unit("KH", 600, 500),), replace(FINE, proposal=None)), rows={})
    assert proposals(calm, LEADER) == ["Kết quả trong kỳ không phát sinh nội dung cần kiến nghị."]
    both = material(board((unit("KH", 600, 500),), FINE, activity(
        "KH", 2, 500, 300, "ODA", proposal=amount("-100.5"))), rows={})  # fmt: skip
    _, decide = proposals(both, LEADER)
    assert decide.startswith("1. Đồng ý để Vụ Kế hoạch - Tài chính trình quyết định điều chỉnh")
    assert "nguồn ODA" in decide


# --- annexes --------------------------------------------------------------------------------------


def test_the_annexes_list_every_activity_and_every_flag_with_its_parameters() -> None:
    lines = annexes.activity_lines(material())
    assert [line["group"] or line["code"] for line in lines] == [
        VP, "VP.01", "VP.02", KH, "KH.01",
    ]  # fmt: skip
    assert annexes.estimate(material()) == "2.000"
    assert annexes.estimate(nothing()) == "–"
    flags = [line for line in annexes.flag_lines(material()) if not line["group"]]
    assert len(flags) == 4
    assert flags[0]["rule"] == "below-pace 1: below_pace.low = 0,9"
    assert flags[2]["name"] == "Toàn đơn vị"
    assert flags[0]["said"].startswith("Đạt 30,00%, tiến độ yêu cầu là 71,67%")
    assert annexes.parameters(material())[0].startswith("mức thấp khi dưới 0,9 lần tiến độ")
