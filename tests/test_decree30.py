"""The letters, measured: every item of Decree 30/2020/NĐ-CP, in the file and in the PDF of it."""

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import drafted
from reports.letters.fields import KINDS, REMINDER, URGING, Kind
from reports.letters.layout import template
from reports.letters.template import WordTemplate, built_in
from rules.workdays import is_working_day
from schemas.board import State
from schemas.errors import DondocError
from schemas.flags import Flag, FlagSeverity, Matter
from schemas.period import Period
from schemas.registry import Denominator
from schemas.settings import Schedule, Settings
from tasks import libreoffice
from wordfile import Letter, Paragraph, R, Run, W, mm

ONE_PAGE, THREE_PAGES = "one page", "three pages"
MANY = 14
"""Activities whose table makes the letter three pages long."""
WORDS = {ONE_PAGE: drafted.reminder(), THREE_PAGES: drafted.urging(MANY)}
BOTH = pytest.mark.parametrize("length", list(WORDS))
URGED, REMINDED = Letter(WORDS[THREE_PAGES]), Letter(WORDS[ONE_PAGE])


def _set(**letter: Any) -> Settings:
    """Settings with these of `[letter]`, as from dondoc.toml."""
    given: Any = letter
    return Settings(letter=given)


@pytest.fixture
def letter(length: str) -> Letter:
    return URGED if length == THREE_PAGES else REMINDED


# --- the page -------------------------------------------------------------------------------------


@BOTH
def test_paper_margins_and_page_numbers(letter: Letter) -> None:
    assert {section.at("pgSz", "orient") for section in letter.sections} == {"portrait"}
    check_pages(letter)


def check_pages(letter: Letter) -> None:
    """Paper, margins and page numbers of every section, upright or on its side."""
    for section in letter.sections:
        sides = (section.at("pgSz", "w"), section.at("pgSz", "h"))
        if section.at("pgSz", "orient") == "landscape":
            sides = sides[::-1]
        assert [mm(side) for side in sides] == [
            pytest.approx(210, abs=0.1),
            pytest.approx(297, abs=0.1),
        ]
        for side, least, most in (("top", 20, 25), ("bottom", 20, 25), ("left", 30, 35),
                                  ("right", 15, 20)):  # fmt: skip
            assert least - 0.02 <= mm(section.at("pgMar", side)) <= most + 0.02
        assert section.at("pgNumType", "start") == "1"
        assert section.at("pgNumType", "fmt") == "decimal"
        assert section.find("titlePg") is not None
        headers = {one.node.get(W + "type"): one.node.get(R + "id")
                   for one in section.all("headerReference")}  # fmt: skip
        assert set(headers) == {"default", "first"}
        relations = {r.get("Id"): r.get("Target")
                     for r in letter.trees["word/_rels/document.xml.rels"].node}  # fmt: skip
        first = letter.trees[f"word/{relations[headers['first']]}"]
        assert not first.text
        assert not first.all("instrText")
        (number,) = letter.trees[f"word/{relations[headers['default']]}"].all("p")
        assert "PAGE" in "".join(one.node.text for one in number.all("instrText"))
        assert number.at("pPr/jc") == "center"
        assert {Run(one.node).size for one in number.all("r")} <= {13, 14}
        assert {Run(one.node).style for one in number.all("r")} == {""}
        assert mm(section.at("pgMar", "header")) < mm(section.at("pgMar", "top"))


@BOTH
def test_every_run_is_black_times_new_roman_with_a_named_substitute(letter: Letter) -> None:
    parts = [tree for name, tree in letter.trees.items() if name.startswith("word/")]
    runs = [Run(one.node) for tree in parts for one in tree.all("r")]
    assert len(runs) > 25
    assert {face for run in runs for face in run.typefaces} == {"Times New Roman"}
    assert {run.at("rPr/color") for run in runs} == {"000000"}
    marks = [one for tree in parts for one in tree.all("rPr")]
    assert all(Run(one.node).find("rFonts") is not None for one in marks)
    (font,) = letter.trees["word/fontTable.xml"].all("font")
    assert (font.node.get(W + "name"), font.at("altName")) == (
        "Times New Roman",
        "Liberation Serif",
    )
    assert all(run.text == "" or run.text == re.sub(r"[\x00-\x1f]", "", run.text) for run in runs)


# --- the heading ----------------------------------------------------------------------------------


@BOTH
def test_nation_motto_and_issuing_body(letter: Letter) -> None:
    check_nation(letter, "ỦY BAN DÂN TỘC")


def check_nation(letter: Letter, issuer: str) -> None:
    """Nation, motto and issuing body, in a table without lines."""
    nation = letter.starting("CỘNG HÒA")
    assert nation.text == "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    assert nation.align == "center"
    assert nation.looks in {(12, "bold"), (13, "bold")}
    motto = letter.starting("Độc lập")
    assert motto.text == "Độc lập - Tự do - Hạnh phúc"
    assert motto.looks in {(13, "bold"), (14, "bold")}
    assert motto.align == "center"
    body = letter.starting(issuer)
    assert body.looks in {(12, "bold"), (13, "bold")}
    assert body.align == "center"
    first = letter.paragraphs.index(body)
    assert first < letter.paragraphs.index(nation) < letter.paragraphs.index(motto)
    (heading, *_) = letter.tables()
    assert {heading.at(f"tblPr/tblBorders/{side}") for side in ("top", "insideV")} == {"nil"}
    widths = [mm(one.at("tcPr/tcW", "w")) for one in heading.all("tc")[:2]]
    assert sum(widths) == pytest.approx(160, abs=0.2)
    assert widths[0] / 160 == pytest.approx(0.4, abs=0.03)


def test_superior_body_stands_above_where_there_is_one() -> None:
    above = _set(superior="Chính phủ")
    letter = Letter(drafted.urging(settings=above))
    superior = letter.starting("CHÍNH PHỦ")
    assert superior.looks in {(12, ""), (13, "")}
    assert letter.texts.index("CHÍNH PHỦ") + 1 == letter.texts.index("ỦY BAN DÂN TỘC")
    assert "CHÍNH PHỦ" not in URGED.texts


@BOTH
def test_number_date_and_subject_left_open_as_an_office_leaves_them(letter: Letter) -> None:
    number = letter.starting("Số:")
    assert number.text == "Số:       /UBDT-VP"
    assert number.looks == (13, "")
    assert number.align == "center"
    day = letter.starting("Hà Nội, ngày")
    assert day.text == "Hà Nội, ngày      tháng 11 năm 2021"
    assert day.looks in {(13, "italic"), (14, "italic")}
    assert day.align == "center"
    subject = letter.starting("V/v ")
    assert subject.looks in {(12, ""), (13, "")}
    assert subject.align == "center"
    assert subject.before == 6
    assert letter.paragraphs.index(subject) == letter.paragraphs.index(number) + 1


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2021, 11, 5), "Hà Nội, ngày 05 tháng 11 năm 2021"),
        (date(2022, 2, 10), "Hà Nội, ngày 10 tháng 02 năm 2022"),
        (date(2022, 3, 1), "Hà Nội, ngày 01 tháng 3 năm 2022"),
    ],
)
def test_number_and_date_filled_from_the_settings(day: date, said: str) -> None:
    given = _set(numbers={"2021-10": {"HV": 5, "nhac-nop": 123}}, dates={"2021-10": day})
    letter = Letter(drafted.urging(settings=given))
    assert letter.starting("Số:").text == "Số: 05/UBDT-VP"
    assert letter.starting("Hà Nội").text == said
    reminder = Letter(drafted.reminder(settings=given))
    assert reminder.starting("Số:").text == "Số: 123/UBDT-VP"
    note = letter.starting("(Kèm theo Công văn")  # its blanks stay open in an electronic file
    assert note.text == (
        "(Kèm theo Công văn số      /UBDT-VP ngày      tháng      năm      của Ủy ban Dân tộc)"
    )


# --- addressees, text, signature ------------------------------------------------------------------


def test_one_addressee_stands_on_the_line_of_kinh_gui() -> None:
    for letter, unit in ((URGED, "Học viện Dân tộc"), (REMINDED, "Vụ Địa phương I")):
        to = letter.starting("Kính gửi:")
        assert to.text == f"Kính gửi: Thủ trưởng {unit}"
        assert to.looks in {(13, ""), (14, "")}


def test_several_addressees_stand_below_each_on_a_line_of_its_own() -> None:
    letter = Letter(drafted.reminder(("Vụ Tổng hợp", "Vụ Pháp chế", "Thanh tra")))
    head = letter.starting("Kính gửi:")
    assert head.text == "Kính gửi:"
    at = letter.paragraphs.index(head)
    its = letter.paragraphs[at + 1 : at + 4]
    assert [one.text for one in its] == [
        "- Thủ trưởng Vụ Tổng hợp;", "- Thủ trưởng Vụ Pháp chế;", "- Thủ trưởng Thanh tra.",
    ]  # fmt: skip
    # under the colon: "Kính gửi" is 16.2 mm wide in 13 pt
    assert {round(one.left - one.hanging - head.left, 1) for one in its} == {16.2}
    many = Letter(drafted.reminder([f"Vụ Địa phương {n}" for n in range(1, 9)]))
    assert many.starting("Kính gửi:").text == (
        "Kính gửi: Thủ trưởng các đơn vị (danh sách tại Phụ lục kèm theo)"
    )


@BOTH
def test_the_text_is_justified_with_indented_first_lines(letter: Letter) -> None:
    main = letter.main()
    assert len(main) > 6
    for one in main:
        assert one.align == "both" or one.text == "Đơn vị tính: triệu đồng"
        assert one.looks[0] in {13, 14}
        if one.align == "both":
            assert 9.9 <= one.first <= 12.8
            assert one.before >= 6
            assert one.at("pPr/spacing", "lineRule") == "auto"
            assert 240 <= int(one.at("pPr/spacing", "line") or 0) <= 360
    assert main[-1].text == "Trân trọng./."
    assert sum("./." in text for text in letter.texts) == 1


def test_grounds_are_cited_in_italics_only_where_the_settings_name_them() -> None:
    cited = ("Căn cứ văn bản thứ nhất", "Căn cứ văn bản thứ hai.")
    letter = Letter(drafted.urging(settings=_set(grounds=cited)))
    first, second, opening = letter.main()[:3]
    assert [first.text, second.text] == ["Căn cứ văn bản thứ nhất;", "Căn cứ văn bản thứ hai."]
    assert {first.looks, second.looks} == {(13, "italic")}
    assert opening.text.startswith("Trên cơ sở báo cáo tháng 10 năm 2021")
    usual = " ".join(URGED.texts)
    assert URGED.main()[0].text.startswith("Thực hiện chỉ đạo của Lãnh đạo Ủy ban Dân tộc")
    assert not re.search(r"(NQ|CĐ|NĐ|CT|QH\d+)[-/]?(CP|TTg|\d)", usual)  # no law's number


@BOTH
def test_each_request_has_an_actor_an_act_and_a_working_day(letter: Letter) -> None:
    requests = [text for text in letter.texts if re.match(r"\d\. ", text)]
    assert [text[0] for text in requests] == [str(n) for n in range(1, len(requests) + 1)]
    assert len(requests) >= 2
    for text in requests:
        assert re.match(r"\d\. Thủ trưởng đơn vị ", text)
        days = re.findall(r"chậm nhất ngày (\d+) tháng (\d+) năm (\d+)", text)
        assert days
        for day, month, year in days:
            assert is_working_day(date(int(year), int(month), int(day)), Schedule())


@BOTH
def test_signature_and_recipients(letter: Letter) -> None:
    lines = [letter.starting(text) for text in ("TL. BỘ TRƯỞNG, CHỦ NHIỆM", "CHÁNH VĂN PHÒNG")]
    assert [one.looks for one in lines] == [(14, "bold"), (14, "bold")]
    assert {one.align for one in lines} == {"center"}
    head = letter.starting("Nơi nhận:")
    assert head.looks == (12, "bold italic")
    at = letter.texts.index("Nơi nhận:")
    its = letter.texts[at + 1 : letter.texts.index("TL. BỘ TRƯỞNG, CHỦ NHIỆM")]
    assert its == [
        "- Như trên;",
        "- Lãnh đạo Ủy ban (để báo cáo);",
        "- Vụ Kế hoạch - Tài chính;",
        "- Lưu: VT, KHTC (02).",
    ]
    assert {letter.starting(text).looks for text in its} == {(11, "")}
    assert {letter.starting(text).left for text in its} == {0}
    (table,) = [one for one in letter.tables() if "Nơi nhận:" in one.text]
    left, right = table.all("tc")
    assert Paragraph(left.all("p")[0].node).text == "Nơi nhận:"
    assert Paragraph(right.all("p")[0].node).text == lines[0].text  # level with each other
    assert mm(right.at("tcPr/tcW", "w")) >= 80  # the right half
    name = Paragraph(right.all("p")[-1].node)
    assert (name.text, name.before >= 60) == ("", True)  # room for hand, seal and name
    assert letter.main()[-1].find("pPr/keepNext") is not None


@pytest.mark.parametrize(
    "lines",
    [("Bộ trưởng, Chủ nhiệm",), ("KT. Bộ trưởng, Chủ nhiệm", "Thứ trưởng, Phó Chủ nhiệm"),
     ("TL. Bộ trưởng, Chủ nhiệm", "KT. Chánh Văn phòng", "Phó Chánh Văn phòng")],
)  # fmt: skip
def test_signature_forms_and_name_follow_the_settings(lines: tuple[str, ...]) -> None:
    signed = _set(signature=lines, signer="Nguyễn Văn An", kept="VT, TH (05)")
    letter = Letter(drafted.reminder(settings=signed))
    at = letter.texts.index(lines[0].upper())
    assert letter.texts[at : at + len(lines)] == [line.upper() for line in lines]
    assert letter.texts[at + len(lines)] == "Nguyễn Văn An"
    assert letter.starting("Nguyễn Văn An").looks == (14, "bold")
    assert "- Lưu: VT, TH (05)." in letter.texts


def test_the_annex_is_a_section_of_its_own() -> None:
    assert len(URGED.sections) == 2
    texts = URGED.texts
    at = texts.index("Phụ lục")
    title, note = texts[at + 1], texts[at + 2]
    assert URGED.starting("Phụ lục").looks == (14, "bold")
    assert (title, URGED.starting(title).looks) == (title.upper(), (13, "bold"))
    assert URGED.starting(note).looks == (13, "italic")
    assert {URGED.starting(one).align for one in (title, note)} == {"center"}
    assert URGED.starting("Phụ lục").align == "center"
    assert any("Phụ lục kèm theo" in text for text in texts[:at])
    assert len(REMINDED.sections) == 1  # one unit needs no list
    assert len(Letter(drafted.reminder(("Thanh tra", "Văn phòng"))).sections) == 2


# --- what it says ---------------------------------------------------------------------------------


def test_the_table_repeats_its_head_splits_no_row_and_aligns_numbers() -> None:
    figures = URGED.tables()[1]
    head, *rows = figures.all("tr")
    assert head.find("trPr/tblHeader") is not None
    assert [cell.text for cell in head.all("tc")] == [
        "STT", "Nhiệm vụ", "Dự toán", "Đã giải ngân", "Tỷ lệ giải ngân", "Mức cần đạt",
        "Còn thiếu", "Bình quân mỗi tháng còn lại",
    ]  # fmt: skip
    assert len(rows) == MANY + 1
    for row in (head, *rows):
        assert row.find("trPr/cantSplit") is not None
    for row in rows:
        aligned = [Paragraph(one.node).align for one in row.all("p")]
        assert aligned[2:5] == ["right"] * 3
    assert [cell.text for cell in rows[0].all("tc")] == [
        "1", "HV.01 - Xây dựng cơ sở dữ liệu về các dân tộc thiểu số, hợp phần 1", "1.049,5", "107",
        "10,20%", "71,67%", "500,3", "300,1",
    ]  # fmt: skip
    assert rows[-1].all("tc")[1].text == "Tổng cộng"
    money = URGED.starting("Đơn vị tính: triệu đồng")
    assert money.align == "right"
    assert URGED.body.node.index(money.node) + 1 == URGED.body.node.index(figures.node)


@pytest.mark.parametrize(
    ("activities", "listed", "what"),
    [
        (1, "Đến nay, đơn vị còn 01 nhiệm vụ", "nhiệm vụ nêu trên"),
        (40, "Đến nay, đơn vị còn 40 nhiệm vụ", "40 nhiệm vụ nêu trên"),
        (0, "Tính chung toàn đơn vị", "các nhiệm vụ được giao"),
    ],
)
def test_one_activity_and_forty_and_none_read_well(activities: int, listed: str, what: str) -> None:
    letter = Letter(drafted.urging(activities))
    assert letter.starting(listed)
    assert f"tiến độ thực hiện {what}, hoàn tất" in letter.starting("1. ").text
    assert sum(text.startswith("Tổng cộng") for text in letter.texts) == (activities > 1)


def test_the_finding_names_its_denominator() -> None:
    said = URGED.starting("Tính đến hết").text
    assert said.startswith("Tính đến hết ngày 31 tháng 10 năm 2021, Học viện Dân tộc đã giải ngân")
    assert "triệu đồng dự toán sau điều chỉnh, đạt" in said
    assert "thấp hơn bình quân chung của Ủy ban Dân tộc (55,56%)" in said
    assert "thấp hơn tiến độ yêu cầu (71,67%)" in said
    by_plan = Letter(drafted.urging(2, judged_by=Denominator.PLAN))
    assert "triệu đồng kế hoạch giao trong năm, đạt" in by_plan.starting("Tính đến hết").text
    assert "không gồm vốn chuyển nguồn" in by_plan.starting("Tiến độ yêu cầu lấy theo").text


def test_november_leaves_one_month_and_december_none() -> None:
    november = Letter(drafted.urging(2, period=Period(2021, 11))).starting("1. ").text
    assert "trong tháng 12 năm 2021 giải ngân tối thiểu" in november
    december = Letter(drafted.urging(2, period=Period(2021, 12))).starting("1. ").text
    assert "giải ngân tối thiểu" not in december
    assert "hoàn tất hồ sơ thanh toán" in december
    assert not any(
        "từng tháng" in text for text in Letter(drafted.urging(2, period=Period(2021, 12))).texts
    )
    closing = Letter(drafted.urging(2, period=Period(2021, 13)))
    requests = [text for text in closing.texts if re.match(r"\d\. ", text)]
    assert len(requests) == 2
    assert not any("tiến độ" in text or "thanh toán khối lượng" in text for text in requests)
    assert "sau thời gian chỉnh lý quyết toán" in closing.starting("V/v ").text


def test_an_adjustment_that_the_law_no_longer_allows_is_not_asked_for() -> None:
    assert URGED.starting("3. ").text.startswith("3. Thủ trưởng đơn vị đề xuất phương án")
    late = Letter(drafted.urging(adjustable=frozenset()))
    assert not any(text.startswith("3. ") for text in late.texts)


def test_the_annex_says_what_explain_says_and_what_the_unit_wrote() -> None:
    texts = URGED.texts
    assert "Đơn vị HV - Học viện Dân tộc, tháng 10 năm 2021" in texts
    assert any("Còn thiếu = 71,67% × 1.049,5 - 107 = 500,25" in text for text in texts)
    assert any("HV 10-2021.xlsx (bản 1), Giải ngân, ô G7" in text for text in texts)
    reasons = URGED.tables()[3]
    assert [cell.text for cell in reasons.all("tr")[3].all("tc")][2:] == [
        "Chậm tiến độ",
        "Hồ sơ mời thầu phải thẩm định lại do thay đổi định mức.",
        f"{drafted.SOLUTION} Đề xuất điều chỉnh dự toán: -120,5 triệu đồng.",
    ]
    silent = Letter(drafted.urging(difficulty=None, solution=None))
    assert silent.texts.count("(đơn vị chưa nêu)") == 2


def test_what_is_flagged_beside_money_closes_the_annex() -> None:
    broken = Flag(
        "HV", "HV.09", "promise-broken", "1", FlagSeverity.WATCH, None, None, None, None,
        small=False, matter=Matter.OTHER, facts=(("said", "xong {{ unit }}"),
        ("promised_day", "2021-10-20")),
    )  # fmt: skip
    texts = Letter(drafted.urging(2, noted=[broken])).texts
    title, told = texts[-2:]
    assert title == "III. NỘI DUNG KHÁC ĐỀ NGHỊ ĐƠN VỊ RÀ SOÁT"
    assert told.startswith("- HV.09: Cam kết chưa thực hiện. Kỳ trước đơn vị ghi “xong {{ unit }}”")
    assert "20/10/2021" in told
    assert not any("NỘI DUNG KHÁC" in text for text in URGED.texts)


def test_the_reminder_tells_missing_and_returned_apart() -> None:
    units = {"Vụ Tổng hợp": State.MISSING, "Thanh tra": State.RETURNED, "Văn phòng": State.RETURNED}
    texts = Letter(drafted.reminder(units)).texts
    assert any(
        text.startswith("Trong đó, 01 đơn vị chưa gửi báo cáo; 02 đơn vị đã gửi nhưng")
        for text in texts
    )
    requests = [text for text in texts if re.match(r"\d\. ", text)]
    assert ["chưa gửi báo cáo" in requests[0], "bị trả lại" in requests[1]] == [True, True]
    assert len(requests) == 3
    silent = Letter(drafted.reminder(("Vụ Tổng hợp", "Thanh tra"))).texts
    assert "Danh sách các đơn vị chưa gửi báo cáo nêu tại Phụ lục kèm theo." in silent
    assert not any(text.startswith("Trong đó") for text in silent)
    alone = Letter(drafted.reminder({"Thanh tra": State.RETURNED})).texts
    assert "1. Thủ trưởng đơn vị chỉ đạo sửa các lỗi" in " ".join(alone)


# --- the same bytes, and anything in a name -------------------------------------------------------


@BOTH
def test_the_same_facts_give_the_same_bytes_with_nothing_of_the_day(length: str) -> None:
    again = drafted.reminder() if length == ONE_PAGE else drafted.urging(MANY)
    assert again == WORDS[length]
    letter = Letter(again)
    assert {member.date_time for member in letter.members} == {(1980, 1, 1, 0, 0, 0)}
    assert b"1980-01-01T00:00:00Z" in letter.parts["docProps/core.xml"]
    assert not re.search(rb"rsid|paraId", letter.parts["word/document.xml"])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.file)
def test_the_templates_are_in_step_with_what_writes_them(kind: Kind) -> None:
    assert built_in(kind) == template(kind), "run `make templates`"


HOSTILE = {
    "html": "<script>alert(1)</script>",
    "field": "{{ unit }} {{ 7 * 7 }}",
    "command": "{% for x in y %}{% endraw %}{# gone #}",
    "formula": '=HYPERLINK("http://example.com";"x")',
    "quotes": "“Đề án” & 'dự án' \"A\" &amp; &#0; ]]> <!-- -->",
    "endless": "Dài" * 167,
    "code": "HV.01 $x^{2}_a \\alpha %s {0} {number",
}


@pytest.mark.parametrize("name", HOSTILE.values(), ids=list(HOSTILE))
def test_whatever_a_name_holds_is_shown_as_text(name: str) -> None:
    letter = Letter(drafted.urging(2, name, name, difficulty=name, solution=name))
    shown = " ".join(letter.texts)
    assert shown.count(name) >= 7
    assert name in Letter(drafted.reminder([name, "Thanh tra"])).starting("- Thủ trưởng").text


def test_what_cannot_be_seen_in_a_name_is_left_out() -> None:
    name = "Vụ\u202e Pháp\x00\x07 chế\ufffe\ud800\u200f\u2028mới"
    letter = Letter(drafted.urging(1, name, name))
    assert letter.starting("Kính gửi").text == "Kính gửi: Thủ trưởng Vụ Pháp chế mới"


# --- a clerk's own template -----------------------------------------------------------------------


def _edited(kind: Kind, old: str, new: str) -> bytes:
    """Our template as a clerk would change it, and Word save it."""
    with zipfile.ZipFile(io.BytesIO(built_in(kind))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts["word/document.xml"].decode()
    assert old in text
    parts["word/document.xml"] = text.replace(old, new).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def test_a_clerks_change_shows_in_the_next_letter() -> None:
    torn = 'Đã đọc {{ </w:t></w:r><w:proofErr w:type="spellStart"/><w:r><w:t>unit</w:t></w:r><w:r>'
    torn += '<w:t xml:space="preserve"> }}, thông báo để đơn vị biết'
    own = _edited(URGING, "{{ body }} thông báo để đơn vị biết", torn)
    letter = Letter(drafted.urging(template=WordTemplate(URGING, own, "templates/mau.docx")))
    assert letter.starting("Đã đọc").text.startswith(
        "Đã đọc Học viện Dân tộc, thông báo để đơn vị biết"
    )


@pytest.mark.parametrize(
    ("kind", "old", "new", "named"),
    [
        (URGING, "{{ answer_by }}", "{{ answerby }}", ("answerby", "answer_by")),
        (URGING, "{{ one.shortfall }}", "{{ one.short_fall }}", ("short_fall", "one.shortfall")),
        (URGING, "{{ line.text }}", "{{ line.txt }}", ("line.txt", "line.text")),
        (REMINDER, "for one in units", "for one in unit", ("unit", "units")),
        (REMINDER, "{%p if returned %}", "{%p if retuned %}", ("retuned", "returned")),
    ],
)
def test_an_unknown_field_is_refused_with_the_nearest_known_one(
    kind: Kind, old: str, new: str, named: tuple[str, str]
) -> None:
    with pytest.raises(DondocError) as refused:
        WordTemplate(kind, _edited(kind, old, new), "templates/mau.docx")
    assert "templates/mau.docx" in str(refused.value)
    assert all(name in str(refused.value) for name in named)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04", b"%PDF-1.4", _edited(URGING, "{%p endif %}", "{%p endfor %}"),
     _edited(URGING, "{{ rate }}", "{{ rate.__class__.mro() }}")],
    ids=["empty", "torn", "pdf", "command", "reaching out"],
)  # fmt: skip
def test_a_template_that_cannot_be_used_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(DondocError, match=r"templates/mau\.docx"):
        drafted.urging(template=WordTemplate(URGING, content, "templates/mau.docx"))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.file)
def test_every_field_is_explained_to_the_clerk(kind: Kind) -> None:
    page = (Path(__file__).parents[1] / "docs/mau-cong-van.vi.md").read_text("utf-8")
    items = {f"{one}.{field}" for fields in kind.lists.values() for field in fields
             for one in ("line" if "depth" in fields else "one",)}  # fmt: skip
    assert {name for name in kind.fields | items if f"`{{{{ {name} }}}}`" not in page} == set()
    assert {name for name in kind.lists if f"`{name}`" not in page} == set()


# --- the PDF --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Word:
    """A word on a page of a PDF: mm from the left and the top edge."""

    page: int
    text: str
    left: float
    right: float
    top: float
    bottom: float


def _words(pdf: Path) -> list[Word]:
    done = subprocess.run(["pdftotext", "-bbox", pdf, "-"], capture_output=True, check=True)
    found, page = [], 0
    for line in done.stdout.decode().splitlines():
        page += "<page " in line
        if word := re.search(
            r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*)</word>', line
        ):
            x, y, right, bottom = (float(word[n]) * 25.4 / 72 for n in range(1, 5))
            found.append(Word(page, word[5], x, right, y, bottom))
    return found


def _line(words: list[Word], text: str, page: int = 1) -> tuple[float, float, float, float]:
    """Left, right, top and bottom of the words in that order on one line."""
    wanted = text.split()
    for first in words:
        level = [w for w in words if w.page == page and abs(w.bottom - first.bottom) < 0.5]
        its = sorted((w for w in level if w.left >= first.left), key=lambda w: w.left)
        its = its[: len(wanted)]
        if first.page == page and [word.text for word in its] == wanted:
            return its[0].left, its[-1].right, its[0].top, its[0].bottom
    raise AssertionError(f"{text} is on no line of page {page}")


@pytest.fixture(scope="module")
def portable(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each letter as LibreOffice sees it, in one run."""
    if not (libreoffice.installed() and shutil.which("pdftotext")):
        pytest.skip("LibreOffice (soffice) or poppler is not on this machine")
    hostile = drafted.urging(2, " ".join(HOSTILE.values()), HOSTILE["endless"])
    folder = tmp_path_factory.mktemp("pdf")
    made = libreoffice.to_pdf({**WORDS, "hostile": hostile, "-twin": WORDS[ONE_PAGE]})
    for name, content in made.items():
        (folder / f"{name}.pdf").write_bytes(content)
    return {name: folder / f"{name}.pdf" for name in made}


@pytest.mark.parametrize(("length", "pages", "annex"), [(ONE_PAGE, 1, 0), (THREE_PAGES, 3, 1)])
def test_positions_on_the_printed_page(
    portable: dict[str, Path], length: str, pages: int, annex: int
) -> None:
    words = _words(portable[length])
    nation = _line(words, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    motto = _line(words, "Độc lập - Tự do - Hạnh phúc")
    body = _line(words, "ỦY BAN DÂN TỘC")
    number = _line(words, "Số: /UBDT-VP")
    day = _line(words, "Hà Nội, ngày tháng 11 năm 2021")

    def middle(line: tuple[float, float, float, float]) -> float:
        return (line[0] + line[1]) / 2

    assert nation[1] <= 190.5  # within the right margin
    assert nation[0] > 90  # the right of the page
    assert nation[2] == pytest.approx(20, abs=1.5)
    assert body[2] == pytest.approx(nation[2], abs=0.5)
    assert middle(motto) == pytest.approx(middle(nation), abs=0.5)
    assert middle(day) == pytest.approx(middle(nation), abs=0.5)
    assert middle(number) == pytest.approx(middle(body), abs=0.5)
    assert day[3] == pytest.approx(number[3], abs=0.3)  # one line
    # rules as the file draws them against the texts as they are printed
    issuers, mottos = Letter(WORDS[length]).rules()
    assert mottos.length == pytest.approx(motto[1] - motto[0], rel=0.02)
    assert 1 / 3 <= issuers.length / (body[1] - body[0]) <= 1 / 2
    ends = [word.page for word in words if word.text == "trọng./."]
    assert ends == [pages]
    signature = _line(words, "TL. BỘ TRƯỞNG, CHỦ NHIỆM", pages)
    assert signature[0] > 105
    assert _line(words, "Nơi nhận:", pages)[2] == pytest.approx(signature[2], abs=1)
    if annex:
        title = _line(words, "Phụ lục", pages + 1)
        assert middle(title) == pytest.approx(110, abs=0.5)
    # the number stands in the middle of the top margin, from page 2, anew in the annex
    shown = {w.page: w.text for w in words if w.bottom < 19}
    last = max(word.page for word in words)
    expected = {page: str(page) for page in range(2, pages + 1)}
    expected |= {page: str(page - pages) for page in range(pages + 2, last + 1)}
    assert shown == expected
    assert all((w.left + w.right) / 2 == pytest.approx(110, abs=0.5)
               for w in words if w.bottom < 19)  # fmt: skip


def test_the_typefaces_are_embedded_and_have_every_letter(portable: dict[str, Path]) -> None:
    command: list[Any] = ["pdffonts", portable[THREE_PAGES]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [line.split() for line in done.stdout.splitlines()[2:]]
    names = {row[0].partition("+")[2] for row in rows}
    assert names
    # no third typeface stands in for a letter with Vietnamese marks
    assert all(name.startswith(("LiberationSerif", "TimesNewRoman")) for name in names), names
    assert all("+" in row[0] and row[-5] == "yes" for row in rows)


def test_a_pdf_is_the_same_bytes_again_and_hostile_names_open(portable: dict[str, Path]) -> None:
    assert set(portable) == {*WORDS, "hostile", "-twin"}
    assert portable["-twin"].read_bytes() == portable[ONE_PAGE].read_bytes()
    text = " ".join(word.text for word in _words(portable["hostile"]))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "{{ unit }}" in text
