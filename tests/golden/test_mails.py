"""The mails: their text to the letter, their HTML by structure, and both against each other.

Run as a script it writes the snapshots in `mails/` anew; read the difference.
"""

import re
from collections.abc import Set
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from email.message import EmailMessage
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from reports import mails
from rules.adjustments import proposals
from schemas.board import ActivityFigure, Board, Since, State, Totals, UnitStatus
from schemas.changes import Changes, Revision
from schemas.excuses import Excuse
from schemas.explanation import Explanation, Origin
from schemas.findings import Finding, Severity
from schemas.flags import Flag, FlagSeverity, Matter
from schemas.integrity import Head
from schemas.notices import Attachment, Mail
from schemas.period import Period
from schemas.registry import Budget, Entry, LedgerRow, Recorded, Unit
from schemas.settings import Body
from schemas.texts import say
from schemas.watch import Lapse, Watched

SNAPSHOTS = Path(__file__).parent / "mails"
BODY = Body(contact="Nguyễn Thị Hạnh, điện thoại 080 48 463, hanh@cema.example")
OCTOBER = Period(2021, 10)
DEADLINE = date(2021, 11, 5)
EXPECTED = 43 / 60
ORIGIN = "60% đến hết quý III, 95% cả năm; các tháng khác chia đều"
SCHOOL = Unit("HVDT", "Học viện Dân tộc")


def _finding(
    rule: str, severity: Severity, cell: str | None = "G7", sheet: str | None = "Giải ngân"
) -> Finding:
    message = say(
        f"finding.{rule}",
        label="Giải ngân lũy kế",
        code="HVDT.3",
        name="Bồi dưỡng kiến thức dân tộc",
        value="1.250",
        limit="1.200",
        sheet=sheet,
    )
    return Finding(rule, severity, message, "HVDT.xlsx", sheet, cell)


WARNING = _finding("unchanged", Severity.WARNING, "G9")
INFO = _finding("recognised-by-name", Severity.INFO, "A11")
ERRORS = [
    _finding("over-budget", Severity.ERROR, "G7"),
    _finding("estimate-below-disbursed", Severity.ERROR, "H8"),
    _finding("missing-activity", Severity.ERROR, None),
    *(_finding("required", Severity.ERROR, f"G{row}") for row in range(10, 20)),
]


def _flag(activity: str | None, rule: str, severity: FlagSeverity, shortfall: str) -> Flag:
    return Flag(
        unit="HVDT",
        activity=activity,
        rule=rule,
        version="1",
        severity=severity,
        actual=0.2,
        expected=EXPECTED,
        shortfall=Decimal(shortfall),
        needed_per_month=Decimal("555.123457"),
        small=False,
    )


UNIT_FLAG = _flag(None, "below-pace", FlagSeverity.LOW, "1012.345679")
FLAGS = [
    UNIT_FLAG,
    _flag("HVDT.1", "no-disbursement", FlagSeverity.CRITICAL, "860"),
    _flag("HVDT.2", "below-pace", FlagSeverity.LOW, "516.666667"),
    replace(
        _flag("HVDT.2", "stalled", FlagSeverity.WATCH, "516.666667"),
        facts=(
            ("months", "2"),
            ("since_day", "2021-08-31"),
            ("stopped_amount", "343.333333"),
            ("before_amount", "343.333333"),
        ),
    ),
]
BESIDE = [
    replace(
        _flag("HVDT.2", rule, FlagSeverity.WATCH, "0"),
        actual=None,
        expected=None,
        shortfall=None,
        needed_per_month=None,
        matter=Matter.OTHER,
        facts=facts,
    )
    for rule, facts in (
        (
            "estimate-implausible",
            (
                ("estimate_amount", "1200"),
                ("needed_amount", "428.333334"),
                ("best_amount", "61.2"),
            ),
        ),
        (
            "promise-broken",
            (("promised_day", "2021-10-25"), ("said", "Khai giảng 02 lớp trước ngày 25/10/2021.")),
        ),
    )
]


def _activity(code: str, disbursed: str, **more: str | Decimal) -> ActivityFigure:
    figure = ActivityFigure(
        unit="HVDT",
        code=code,
        name="Đào tạo tiếng dân tộc thiểu số cho cán bộ, công chức công tác ở vùng dân tộc",
        source="Chi thường xuyên",
        budget=Budget(Decimal(1000), Decimal(200)),
        disbursed=Decimal(disbursed),
        last_month=None,
        estimate=None,
        proposal=None,
        difficulty=None,
        solution=None,
    )
    return replace(figure, **more)  # type: ignore[arg-type]


ACTIVITIES = (
    _activity("HVDT.1", "0"),
    _activity(
        "HVDT.2",
        "343.333333",
        difficulty="Học viên không tập trung được do dịch Covid-19.",
        solution="Chuyển sang đào tạo trực tuyến từ tháng 11; Phòng Đào tạo thực hiện.",
        proposal=Decimal("-250.5"),
    ),
    _activity("HVDT.3", "1100"),
)
SLOW = UnitStatus(
    "HVDT",
    "Học viện Dân tộc",
    State.ACCEPTED,
    True,
    Decimal(3600),
    Decimal("1443.333333"),
    (WARNING, INFO),
    (*FLAGS, *BESIDE),
)
WELL = UnitStatus(
    "TTTT", "Trung tâm Thông tin", State.ACCEPTED, False, Decimal(12000), Decimal("10234.5")
)
MISSING = UnitStatus("VKHTC", "Vụ Tổng hợp", State.MISSING, False, Decimal("980.25"), None)
RETURNED = replace(MISSING, code="BDT", name="Báo Dân tộc và Phát triển", state=State.RETURNED)
BOARD = Board(
    OCTOBER,
    DEADLINE,
    Totals(Decimal(15600), Decimal("11677.833333"), Decimal("1960.5")),
    (SLOW, WELL, MISSING, RETURNED),
    ACTIVITIES,
    Since(0.748579, 0.6812, 2),
)
GOOD = Board(
    OCTOBER,
    DEADLINE,
    Totals(Decimal(12000), Decimal("10234.5"), Decimal(0)),
    (WELL,),
    (),
    Since(0.852875, 0.852875, 1),
)
EXCUSE = Excuse(
    *("HVDT", None, None, OCTOBER, date(2021, 12, 31), "Chờ bàn giao mặt bằng khu nội trú"),
    Recorded("Vũ Đức Thắng", "thang", date(2021, 11, 9), datetime(2021, 11, 9, tzinfo=UTC)),
)
EXCUSED = replace(
    BOARD,
    units=(replace(SLOW, flags=tuple(replace(f, excused=EXCUSE) for f in SLOW.flags)), WELL),
)
CHART = Attachment("chart.png", b"\x89PNG", "image/png")
ALT = "Tỷ lệ giải ngân của 2 đơn vị đã báo cáo, so với tiến độ yêu cầu 71,67%"
SEVERITIES = {"HVDT": FlagSeverity.CRITICAL}
CHANGES = Changes(
    newly_low=("HVDT",),
    recovered=("TTTT",),
    silent=("VKHTC", "BDT"),
    revisions=(
        Revision("HVDT", "HVDT.2", OCTOBER.shift(-1), Decimal("360.5"), Decimal("343.333333")),
    ),
)


def _reminder(today: date, state: State, offset: int) -> Mail:
    return mails.reminder(BODY, SCHOOL, OCTOBER, DEADLINE, today, state, offset)


WATCHED = Watched(
    date(2021, 11, 10),
    datetime(2021, 11, 9, 10, tzinfo=UTC),
    datetime(2021, 11, 10, 10, tzinfo=UTC),
    (
        Lapse("missed", {
            "flow": "collect", "count": 3, "first": datetime(2021, 11, 10, 2, 15, tzinfo=UTC),
            "last": datetime(2021, 11, 10, 2, 45, tzinfo=UTC),
        }),
        Lapse("unapproved", {
            "notice": "urging", "period": "2021-10", "due": date(2021, 11, 5), "count": 4,
        }),
    ),
    Head(17, "ab" * 32),
)  # fmt: skip
RECURRENT = frozenset({"Chi thường xuyên"})


def _urging(flags: list[Flag], board: Board = BOARD, adjustable: Set[str] = RECURRENT) -> Mail:
    answer_by = date(2021, 11, 17)
    slow = Explanation(
        unit="HVDT",
        activity="HVDT.2",
        name="",
        source=None,
        budget_current=Decimal(1200),
        disbursed_to_date=Decimal("343.333333"),
        plan=Decimal(1000),
        denominator=Decimal(1200),
        judged_by=None,
        registry="",
        flags=(),
        decisions=(
            LedgerRow(2021, "HVDT.2", Entry.ASSIGNED, Decimal(1000), None, "989/QĐ-UBDT", 7),
            LedgerRow(2021, "HVDT.2", Entry.CARRIED, Decimal(200), None, None, 8),
        ),
        disbursed_origin=Origin("HVDT tháng 10.xlsx", "", "Giải ngân", "G8", 1),
    )
    return mails.urging(
        BODY, SCHOOL, board.period, board, flags, answer_by, ORIGIN, EXPECTED, (slow,), adjustable
    )


def _returned(findings: list[Finding]) -> Mail:
    return mails.returned(BODY, SCHOOL, OCTOBER, DEADLINE, findings, "HVDT tháng 10.xlsx")


def _receipt(status: UnitStatus, received: date) -> Mail:
    return mails.receipt(BODY, Unit(status.code, status.name), OCTOBER, DEADLINE, status, received)


def _unread(*, stands: bool) -> Mail:
    finding = _finding("encrypted", Severity.ERROR, None, None)
    args = (BODY, SCHOOL, OCTOBER, DEADLINE, [finding], "HVDT tháng 10.xlsx")
    return mails.unread(*args, stands=stands)


MAILS = {
    "blank-form": mails.blank_form(BODY, SCHOOL, OCTOBER, DEADLINE, 3),
    "receipt-late": _receipt(SLOW, date(2021, 11, 8)),
    "receipt-clear": _receipt(WELL, DEADLINE),
    "return": _returned([WARNING, *ERRORS]),
    "return-converted": mails.returned(
        BODY, SCHOOL, OCTOBER, DEADLINE, ERRORS[:2], "HVDT tháng 10.xls", converted_from="xls"
    ),
    "return-whole": _returned([_finding("encrypted", Severity.ERROR, None, None)]),
    "return-unread": _unread(stands=False),
    "return-unread-beside": _unread(stands=True),
    "reminder-before": _reminder(date(2021, 11, 2), State.MISSING, -3),
    "reminder-today": _reminder(DEADLINE, State.RETURNED, 0),
    "reminder-overdue": _reminder(date(2021, 11, 10), State.MISSING, 3),
    "reminder-overdue-returned": _reminder(date(2021, 11, 10), State.RETURNED, 3),
    "urging": _urging(FLAGS),
    "urging-unit": _urging([UNIT_FLAG]),
    "digest": mails.digest(
        BODY,
        BOARD,
        SEVERITIES,
        CHANGES,
        CHART,
        ALT,
        EXPECTED,
        ("Tổng hợp giải ngân 2021-10.xlsx", "Công văn đôn đốc HVDT.docx"),
        proposals(ACTIVITIES, OCTOBER, Fraction(43, 60), {"ODA": "30/10"}),
        "reports/2021-10/bao-cao-2021-10.html",
    ),
    "digest-excused": mails.digest(BODY, EXCUSED, {}, Changes(), None, "", EXPECTED),
    "digest-good": mails.digest(BODY, GOOD, {}, Changes(), None, "", EXPECTED),
    "unit-digest": mails.unit_digest(BODY, BOARD, SLOW, CHANGES, EXPECTED, 0.3512),
    "unit-digest-good": mails.unit_digest(BODY, BOARD, WELL, Changes(), EXPECTED, None),
    "unit-digest-returned": mails.unit_digest(
        BODY, BOARD, replace(RETURNED, findings=tuple(ERRORS)), CHANGES, EXPECTED, 0.5
    ),
    "watch": mails.watch(BODY, WATCHED),
    "watch-well": mails.watch(BODY, replace(WATCHED, lapses=())),
}


class _Reader(HTMLParser):
    """What a person sees of the HTML, and the elements it is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._hidden = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in ("style", "title"):
            self._hidden = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = ""

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"\d[\d.,/]*\d|\d", text))


each = pytest.mark.parametrize("name", MAILS)


@each
def test_text_is_the_snapshot(name: str) -> None:
    mail = MAILS[name]
    expected = (SNAPSHOTS / f"{name}.txt").read_text(encoding="utf-8")
    assert f"{mail.subject}\n\n{mail.text}" == expected


def test_no_snapshot_is_left_over() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.txt")} == set(MAILS)


@each
def test_html_and_text_state_the_same_numbers(name: str) -> None:
    mail = MAILS[name]
    seen = _Reader(mail.html)
    alternatives = " ".join(image["alt"] or "" for image in seen.all("img"))
    in_html, in_text = _numbers(f"{seen.text} {alternatives}"), _numbers(mail.text)
    list_numbers = set(re.findall(r"^(\d+)\. ", mail.text, re.MULTILINE))
    assert in_html <= in_text
    assert in_text - list_numbers <= in_html


@each
def test_html_is_inlined_dark_ready_and_self_contained(name: str) -> None:
    html = MAILS[name].html
    seen = _Reader(html)
    assert {"name": "color-scheme", "content": "light dark"} in seen.all("meta")
    assert all("style" in td for td in seen.all("td"))
    assert html.count("<style>") == 1
    assert "@media (prefers-color-scheme: dark)" in html
    assert not re.search(r"https?:|url\(|<link|<script|@import", html)
    assert all(
        image["alt"] and (image["src"] or "").startswith("cid:") for image in seen.all("img")
    )


@each
def test_nothing_is_kept_on_one_line_that_a_telephone_cannot_hold(name: str) -> None:
    """Three figures stand side by side at 360 pixels: some 18 letters, and no words at all."""
    document: Any = lxml.html.document_fromstring(MAILS[name].html)  # type: ignore[no-untyped-call]
    for element in document.iter():
        if "white-space: nowrap" in str(element.get("style", "")):
            assert len(element.text_content().strip()) <= 18


@each
def test_every_mail_says_who_sends_it_and_whom_to_ask(name: str) -> None:
    mail = MAILS[name]
    assert mail.subject.startswith("[Ủy ban Dân tộc] ")
    assert len(mail.subject) <= 90
    for part in (mail.text, _Reader(mail.html).text):
        assert part.rstrip().endswith(BODY.contact)
        assert BODY.finance in part
        assert "None" not in part
        assert "phê bình" not in part.lower()
    automatic = "tự động" in mail.text
    assert automatic is not name.startswith(("urging", "digest", "unit-digest"))


def test_the_letter_closes_once() -> None:
    for name in ("urging", "urging-unit"):
        assert MAILS[name].text.count("./.") == 1
        assert MAILS[name].html.count("./.") == 1


def test_the_return_tells_ten_errors_before_any_warning() -> None:
    text = MAILS["return"].text
    assert "10. " in text
    assert "11. " not in text
    assert "… và 3 lỗi khác trong tệp kèm theo." in text
    assert "… và 1 cảnh báo khác trong tệp kèm theo." in text
    assert WARNING.message not in text


def test_the_return_of_ten_errors_leaves_none_out() -> None:
    text = _returned(ERRORS[:10]).text
    assert "10. " in text
    assert "khác trong tệp kèm theo" not in text


def test_without_the_marked_workbook_the_return_tells_all() -> None:
    text = mails.returned(
        BODY, SCHOOL, OCTOBER, DEADLINE, [WARNING, *ERRORS], "HVDT.ods", marked=False
    ).text
    assert "14. " in text
    assert "đánh dấu" not in text
    assert "kèm theo" not in text


def test_a_converted_file_is_announced_once_in_each_part() -> None:
    mail = MAILS["return-converted"]
    for part in (mail.text, _Reader(mail.html).text):
        assert part.count("bản đã chuyển sang dạng .xlsx") == 1
        assert "bảng tính Excel 97-2003 (.xls)" in part
    assert "chuyển sang" not in MAILS["return"].text + MAILS["return"].html


@pytest.mark.parametrize(
    "text", ["=HYPERLINK('http://x.vn','<b>')", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "<i>"]
)
def test_what_a_cell_holds_is_quoted_as_text(text: str) -> None:
    message = say("finding.not-a-number", label="Giải ngân lũy kế", value=text)
    told = Finding("not-a-number", Severity.ERROR, message, text, text, "G7")
    mail = mails.returned(BODY, SCHOOL, OCTOBER, DEADLINE, [told], text)
    seen = _Reader(mail.html)
    assert message in mail.text
    assert message in seen.text
    assert f"{text}, ô G7" in seen.text
    assert not seen.all("b") + seen.all("i") + seen.all("a")


def test_an_unreadable_file_is_not_called_marked() -> None:
    assert "đánh dấu" not in MAILS["return-whole"].text
    assert "Toàn bộ tệp: " in MAILS["return-whole"].text


def test_reminders_follow_the_deadline() -> None:
    assert "còn 3 ngày làm việc" in MAILS["reminder-before"].text
    assert "còn 1 ngày làm việc" in _reminder(date(2021, 11, 4), State.MISSING, -1).text
    assert "Hôm nay, ngày 05 tháng 11 năm 2021" in MAILS["reminder-today"].text
    assert "đã quá 1 ngày làm việc" in _reminder(date(2021, 11, 8), State.MISSING, 1).text
    with pytest.raises(KeyError):
        _reminder(DEADLINE, State.ACCEPTED, 0)


def test_the_urging_letter_counts_each_activity_once() -> None:
    text = MAILS["urging"].text
    assert "còn 2 nhiệm vụ giải ngân chậm" in text
    assert "1.376,7 triệu đồng" in text  # 860 + 516.666667, neither the unit's nor the stall's
    assert "tối thiểu 1.110,2 triệu đồng" in text
    assert "chậm nhất ngày 17 tháng 11 năm 2021" in text
    assert "HVDT.3" not in text


def test_a_letter_on_the_whole_unit_names_its_own_shortfall() -> None:
    text = MAILS["urging-unit"].text
    assert "1.012,3 triệu đồng" in text
    assert "các nhiệm vụ được giao" in text


def test_in_december_no_month_is_left_to_count_on() -> None:
    december = replace(BOARD, period=Period(2021, 12))
    text = _urging([replace(flag, needed_per_month=None) for flag in FLAGS], december).text
    assert "tối thiểu" not in text
    assert "từng tháng" not in text
    assert "hoàn tất hồ sơ thanh toán" in text


def test_an_adjustment_is_asked_for_only_where_the_law_still_allows_it() -> None:
    assert "đề xuất điều chỉnh dự toán" in MAILS["urging"].text
    assert "đề xuất điều chỉnh dự toán" not in _urging(FLAGS, adjustable=frozenset()).text
    other = replace(BOARD.activities[1], source="Đầu tư công")
    board = replace(BOARD, activities=(BOARD.activities[0], other, *BOARD.activities[2:]))
    text = _urging(FLAGS, board).text
    assert "kinh phí thuộc nguồn vốn Chi thường xuyên không có khả năng" in text


def test_who_is_low_by_forecast_is_told_so_and_nothing_is_summed_up() -> None:
    foretold = replace(
        UNIT_FLAG,
        rule="unlikely-to-finish",
        expected=0.95,
        facts=(("foretold_rate", "0.6"), ("high_rate", "0.7")),
    )
    text = _urging([foretold]).text
    assert "Dự báo cả năm đạt 60,00%, cao nhất 70,00%" in text
    assert "còn thiếu so với mức cần đạt" not in text
    assert "Mức cần đạt xác định" not in text


def test_a_level_that_no_pace_asks_for_names_its_rule() -> None:
    target = replace(
        FLAGS[2],
        rule="below-target",
        expected=0.8,
        facts=(("due_day", "2021-09-30"), ("origin", "Nghị quyết 1")),
    )
    text = _urging([FLAGS[1], target]).text
    assert "xác định theo tiến độ yêu cầu; riêng HVDT.2 theo cảnh báo" in text
    assert "(Nghị quyết 1)." in text


def test_gaps_are_those_of_the_printed_rates() -> None:
    text = MAILS["digest"].text
    assert "đạt 74,86% (trên kế hoạch giao trong năm: 77,85%); cao hơn tiến độ" in text
    assert "cao hơn tiến độ yêu cầu (71,67%) 3,19 điểm phần trăm" in text
    assert "bằng kỳ trước (85,29%)" in MAILS["digest-good"].text


def test_a_quiet_month_says_so_with_counts() -> None:
    text = MAILS["digest-good"].text
    assert "Tất cả 1 đơn vị đã báo cáo." in text
    assert "Không có đơn vị nào giải ngân thấp, trong 1 đơn vị và 0 nhiệm vụ đã xét." in text


def test_a_month_without_a_low_unit_counts_reports_units_and_activities() -> None:
    """12 of 12 units, 47 activities that have a budget to judge, none low."""
    units = tuple(replace(WELL, code=f"DV{n}") for n in range(12))
    activities = [_activity(f"DV0.{n}", "1100") for n in range(48)]
    activities[7] = replace(activities[7], budget=Budget())  # nothing to judge
    board = replace(GOOD, units=units, activities=tuple(activities))
    mail = mails.digest(BODY, board, {}, Changes(), None, "", EXPECTED)
    for part in (mail.text, mail.html):
        assert "Tất cả 12 đơn vị đã báo cáo." in part
        assert "Không có đơn vị nào giải ngân thấp, trong 12 đơn vị và 47 nhiệm vụ đã xét." in part
        assert "12/12" in part


def test_a_month_without_reports_has_no_rate() -> None:
    empty = Board(OCTOBER, DEADLINE, Totals(Decimal(0), Decimal(0), Decimal(1)), (MISSING,))
    mail = mails.digest(BODY, empty, {}, Changes(), None, "", EXPECTED)
    assert mail.subject == "[Ủy ban Dân tộc] Bản tin giải ngân tháng 10 năm 2021 - chưa có số liệu"
    assert "Còn 1 trên 1 đơn vị chưa có báo cáo được tiếp nhận: Vụ Tổng hợp" in mail.text
    assert "Chưa xét được đơn vị nào." in mail.text
    assert "Không có đơn vị nào giải ngân thấp" not in mail.text


def test_the_digest_of_a_unit_tells_nothing_of_the_others() -> None:
    """But for the body's average, which its letter names too."""
    mail = MAILS["unit-digest"]
    for part in (mail.text, mail.html):
        for other in (WELL, MISSING, RETURNED):
            assert other.name not in part
        assert "bình quân chung của Ủy ban Dân tộc (74,86%)" in part
        assert "11.677,8" not in part
        assert "10.234,5" not in part
    assert not mail.images
    assert "Kỳ trước đã báo cáo" not in MAILS["unit-digest"].text  # others did
    assert "kỳ trước (35,12%)" in mail.text
    assert "-250,5" in mail.text


def test_a_recorded_reason_stands_beside_the_unit_s_flag() -> None:
    (slow, _) = EXCUSED.units
    text = mails.unit_digest(BODY, EXCUSED, slow, Changes(), EXPECTED, None).text
    assert "Có lý do đã ghi nhận nên không đôn đốc đến hết 31/12/2021" in text


def test_a_unit_s_digest_names_ten_of_each_and_counts_the_rest() -> None:
    flags = tuple(replace(FLAGS[1], activity=f"HVDT.{n}", shortfall=Decimal(n)) for n in range(25))
    its = tuple(_activity(f"HVDT.{n}", "10", proposal=Decimal(n + 1)) for n in range(25))
    unit = replace(SLOW, flags=flags, findings=(WARNING,) * 25)
    mail = mails.unit_digest(BODY, replace(BOARD, activities=its), unit, Changes(), EXPECTED, None)
    assert "Đơn vị có 25 nhiệm vụ giải ngân chậm, còn thiếu 300 triệu đồng" in mail.text
    for rest in (
        "… và 15 nhiệm vụ khác có cảnh báo.",
        "… và 15 nội dung khác.",
        "… và 15 đề xuất khác.",
    ):
        assert rest in mail.text
        assert rest in mail.html
    assert "HVDT.24" in mail.text.split("Cảnh báo\n")[1].splitlines()[0]  # the gravest first


def test_the_gravest_stand_first_whatever_the_registry_s_order() -> None:
    mild = replace(SLOW, code="A", name="Nhẹ", flags=(replace(UNIT_FLAG, unit="A"),))
    worse = replace(mild, code="B", name="Nặng")
    larger = replace(
        mild, code="C", name="Lớn", flags=(replace(UNIT_FLAG, unit="C", shortfall=Decimal(9999)),)
    )
    units = (mild, worse, larger)
    severities = dict.fromkeys("AC", FlagSeverity.LOW) | {"B": FlagSeverity.CRITICAL}
    silent = tuple(
        replace(MISSING, code=f"S{n}", name=f"Vắng {n}", budget_current=Decimal(n))
        for n in (1, 3, 2)
    )
    board = replace(BOARD, units=(*units, *silent), activities=())
    text = mails.digest(BODY, board, severities, Changes(), None, "", EXPECTED).text
    listed = [line[2:].partition(" (")[0] for line in text.splitlines() if line.startswith("- ")]
    assert [n for n in listed if n in {"Nhẹ", "Nặng", "Lớn"}] == ["Nặng", "Lớn", "Nhẹ"]
    assert [n for n in listed if n.startswith("Vắng")] == ["Vắng 3", "Vắng 2", "Vắng 1"]


def test_the_chart_is_inline() -> None:
    assert MAILS["digest"].images == (CHART,)
    assert 'src="cid:chart.png"' in MAILS["digest"].html
    assert ALT in MAILS["digest"].text


NASTY = "<script>alert('x')</script> {{ 7*7 }} {x} &amp; \"A\" \r\nBcc: y@z\x00"


def test_names_stand_as_text_whatever_they_hold() -> None:
    unit = Unit("HVDT", NASTY)
    board = replace(
        BOARD,
        units=(replace(SLOW, name=NASTY), *BOARD.units[1:]),
        activities=tuple(replace(a, name=NASTY, difficulty=NASTY) for a in ACTIVITIES),
    )
    shown = "<script>alert('x')</script> {{ 7*7 }} {x} &amp; \"A\" Bcc: y@z"
    for mail in (
        mails.urging(BODY, unit, OCTOBER, board, FLAGS, DEADLINE, NASTY, EXPECTED),
        mails.digest(BODY, board, SEVERITIES, CHANGES, None, "", EXPECTED, (NASTY,)),
        mails.returned(
            BODY,
            unit,
            OCTOBER,
            DEADLINE,
            [replace(INFO, severity=Severity.ERROR, message=NASTY)],
            NASTY,
        ),
        mails.blank_form(BODY, unit, OCTOBER, DEADLINE, 1),
    ):
        assert shown in mail.text
        assert shown in _Reader(mail.html).text
        assert not _Reader(mail.html).all("script")
        message = EmailMessage()
        message["Subject"] = mail.subject  # refuses line breaks
        assert message["Bcc"] is None


def write_snapshots() -> None:
    """Replaces the snapshots by what is rendered now."""
    SNAPSHOTS.mkdir(exist_ok=True)
    for name, mail in MAILS.items():
        path = SNAPSHOTS / f"{name}.txt"
        path.write_text(f"{mail.subject}\n\n{mail.text}", encoding="utf-8")


if __name__ == "__main__":
    write_snapshots()
