"""The consolidated report, measured as the letters are; its contents, chart and template."""

import io
import re
import shutil
import struct
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

import consolidated
import test_decree30 as decree
from consolidated import UNITS, activity, board, material, nothing, project, unit
from drafted import ready
from reports.consolidated.fields import CONSOLIDATED
from reports.consolidated.finish import CHART, finished
from reports.consolidated.layout import template
from reports.letters.fields import URGING
from reports.letters.template import WordTemplate, built_in
from schemas.board import State
from schemas.errors import DondocError
from schemas.forms import IT
from schemas.settings import Settings
from tasks import libreoffice
from wordfile import Letter, Paragraph, W, mm

CONTENT = consolidated.report()
REPORT = Letter(CONTENT)
PARTS = [
    "I. TÌNH HÌNH BÁO CÁO", "II. KẾT QUẢ GIẢI NGÂN", "1. Kết quả chung", "2. Kết quả theo đơn vị",
    "3. Kết quả theo nguồn vốn", "4. Kết quả theo tháng", "III. ĐƠN VỊ, NHIỆM VỤ GIẢI NGÂN THẤP",
    "IV. NHIỆM VỤ CÔNG NGHỆ THÔNG TIN GIAI ĐOẠN 2016-2021",
    "V. THỰC HIỆN CHIẾN LƯỢC CÔNG TÁC DÂN TỘC", "VI. ĐIỀU CHỈNH DỰ TOÁN",
    "VII. KIẾN NGHỊ, ĐỀ XUẤT", "Phụ lục I KẾT QUẢ GIẢI NGÂN CÁC NHIỆM VỤ",
    "Phụ lục II CẢNH BÁO GIẢI NGÂN THẤP VÀ CĂN CỨ",
]  # fmt: skip


def _styled(letter: Letter, *styles: str) -> list[Paragraph]:
    return [one for one in letter.paragraphs if one.at("pPr/pStyle") in styles]


# --- the decree -----------------------------------------------------------------------------------


def test_pages_typeface_nation_and_issuing_body_are_measured_as_the_letters() -> None:
    decree.check_pages(REPORT)
    assert [one.at("pgSz", "orient") for one in REPORT.sections] == [
        "portrait", "landscape", "landscape",
    ]  # fmt: skip
    decree.test_every_run_is_black_times_new_roman_with_a_named_substitute(REPORT)
    decree.check_nation(REPORT, "VỤ KẾ HOẠCH - TÀI CHÍNH")
    superior, issuer = (REPORT.starting(text) for text in ("ỦY BAN DÂN TỘC", "VỤ KẾ HOẠCH"))
    assert superior.looks == (13, "")
    assert issuer.looks == (13, "bold")


def test_kind_and_title_stand_in_the_middle_with_a_rule_beneath() -> None:
    kind = REPORT.starting("BÁO CÁO")
    assert (kind.text, kind.looks, kind.align) == ("BÁO CÁO", (14, "bold"), "center")
    at = REPORT.paragraphs.index(kind)
    title, rule = REPORT.paragraphs[at + 1 : at + 3]
    assert title.text.startswith("Tình hình giải ngân kinh phí")
    assert (title.looks, title.align) == ((14, "bold"), "center")
    indents = mm(rule.at("pPr/ind", "left")), mm(rule.at("pPr/ind", "right"))
    assert rule.find("pPr/pBdr/top") is not None
    assert 1 / 3 <= (160 - sum(indents)) / 160 <= 1 / 2


def test_number_addressee_signature_and_settings() -> None:
    assert REPORT.starting("Số:").text == "Số:       /BC-KHTC"
    assert REPORT.starting("Kính gửi").text == "Kính gửi: Bộ trưởng, Chủ nhiệm Ủy ban Dân tộc"
    assert REPORT.starting("VỤ TRƯỞNG").looks == (14, "bold")
    assert REPORT.starting("Nơi nhận:").looks == (12, "bold italic")
    assert sum("./." in text for text in REPORT.texts) == 1
    paper = {
        "numbers": {"2021-10": {"bao-cao": 7}}, "addressee": "Thứ trưởng", "superior": "Bộ X",
        "signature": ["KT. Vụ trưởng", "Phó Vụ trưởng"], "signer": "Nguyễn Văn An",
    }  # fmt: skip
    given = Settings.model_validate({"consolidated": paper}).consolidated
    letter = Letter(consolidated.report(material(paper=given)))
    for text in (
        "Số: 07/BC-KHTC",
        "Kính gửi: Thứ trưởng",
        "BỘ X",
        "PHÓ VỤ TRƯỞNG",
        "Nguyễn Văn An",
    ):
        assert text in letter.texts


def test_text_is_justified_and_headings_are_bold_in_report_style() -> None:
    for one in REPORT.paragraphs:
        if one.text and one.align == "both" and one.first:
            assert one.looks[0] == 13
            assert 9.9 <= one.first <= 12.8
            assert one.before >= 6
    for one in _styled(REPORT, "Heading1", "Heading2"):
        assert one.runs[0].style == "bold"
    for one in _styled(REPORT, "Heading1"):
        title = one.runs[-1].text
        assert title == title.upper()


def test_tables_repeat_their_heads_split_no_row_and_align_numbers() -> None:
    tables = [one for one in REPORT.tables() if "STT" in one.text or "Tháng" in one.text]
    assert len(tables) == 13
    for table in tables:
        head, *rows = table.all("tr")
        assert head.find("trPr/tblHeader") is not None
        assert all(row.find("trPr/cantSplit") is not None for row in (head, *rows))
        for row in rows:
            for cell in row.all("p"):
                text = Paragraph(cell.node).text
                if re.fullmatch(r"[+-]?[\d.]+(,\d+)?%?", text) and not text.isdecimal():
                    assert Paragraph(cell.node).align == "right", text


def test_captions_are_numbered_through_by_fields_whatever_is_left_out() -> None:
    captions = _styled(REPORT, "Caption")
    tables = [one.text for one in captions if one.text.startswith("Bảng")]
    assert [text.split(".")[0] for text in tables] == [f"Bảng {n}" for n in range(1, 12)]
    assert [one.text for one in captions if one.text.startswith("Hình")] == [
        "Hình 1. Tỷ lệ giải ngân các đơn vị so với tiến độ yêu cầu"
    ]
    for one in captions:
        assert "SEQ" in "".join(field.node.text for field in one.all("instrText"))
    assert [one.text for one in _styled(Letter(consolidated.report(nothing())), "Caption")] == [
        "Bảng 1. Đơn vị chưa có báo cáo được tiếp nhận hoặc báo cáo sau hạn"
    ]


# --- contents and chart ---------------------------------------------------------------------------


def test_the_contents_are_one_field_with_a_line_for_each_heading() -> None:
    lines = _styled(REPORT, "TOC1", "TOC2")
    assert [one.text for one in lines] == PARTS
    commands = [one.node.text.split() for one in lines[0].all("instrText")]
    assert commands[0][:1] == ["TOC"]
    kinds = [one.node.get(W + "fldCharType") for line in lines for one in line.all("fldChar")]
    assert (kinds[0], kinds[-1], kinds.count("begin")) == ("begin", "end", kinds.count("end"))
    marks = {one.node.get(W + "anchor") for line in lines for one in line.all("hyperlink")}
    starts = {one.node.get(W + "name") for one in REPORT.body.all("bookmarkStart")}
    assert marks == starts
    assert len(starts) == len(PARTS)


def test_the_contents_show_the_pages_that_they_are_given_each_annex_from_1() -> None:
    pages = (0, 1, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 12)
    lines = _styled(Letter(consolidated.report(pages=pages)), "TOC1", "TOC2")
    shown = [line.text.removeprefix(part) for line, part in zip(lines, PARTS, strict=True)]
    assert shown == ["1", "2", "2", "3", "4", "4", "5", "6", "7", "8", "9", "1", "1"]
    short = Letter(consolidated.report(pages=pages[1:]))  # of another template: none is right
    assert [one.text for one in _styled(short, "TOC1", "TOC2")] == PARTS


def test_the_chart_stands_in_its_size_with_its_words() -> None:
    document = REPORT.parts["word/document.xml"].decode()
    assert 'descr="Biểu đồ: VP 21,43%; KH 83,33%."' in document
    assert REPORT.parts["word/media/image1.png"] == consolidated.PNG
    wide = consolidated.PNG[:16] + struct.pack(">II", 800, 400) + consolidated.PNG[24:]
    high = consolidated.PNG[:16] + struct.pack(">II", 800, 8000) + consolidated.PNG[24:]
    for chart, millimetres in ((wide, (110, 55)), (high, (19, 190))):
        text = (
            Letter(consolidated.report(material(chart=chart))).parts["word/document.xml"].decode()
        )
        assert 'cx="{}" cy="{}"'.format(*(side * 36_000 for side in millimetres)) in text
    without = Letter(consolidated.report(material(chart=b"")))
    assert CHART not in without.parts["word/document.xml"].decode()


# --- same bytes, and anything in a name -----------------------------------------------------------


def test_the_same_facts_give_the_same_bytes_with_nothing_of_the_day() -> None:
    assert consolidated.report() == CONTENT
    assert {member.date_time for member in REPORT.members} == {(1980, 1, 1, 0, 0, 0)}
    assert built_in(CONSOLIDATED) == template(), "run `make templates`"


@pytest.mark.parametrize("name", decree.HOSTILE.values(), ids=list(decree.HOSTILE))
def test_whatever_a_name_holds_is_shown_as_text(name: str) -> None:
    one = activity("VP", 1, 1000, 300, name=name, difficulty=name, solution=name)
    low = replace(UNITS[0], name=name)
    rows = {IT.name: [("VP", project("VP.01", "Chưa", "Chưa", "Chưa", product=name, name=name))]}
    month = material(board((low, *UNITS[1:]), one), rows=rows, chart_words=name)
    letter = Letter(consolidated.report(month))
    assert " ".join(letter.texts).count(name) >= 12
    assert "word/document.xml" in letter.trees


def test_what_cannot_be_seen_in_a_name_is_left_out() -> None:
    name = "Vụ\u202e Pháp\x00\x07 chế\ufffe\ud800\u200f\u2028mới"
    units = (replace(UNITS[0], name=name), replace(UNITS[1], name=name))
    texts = Letter(consolidated.report(material(board(units)))).texts
    assert "Vụ Pháp chế mới" in texts
    assert any("Vụ Pháp chế mới chưa gửi báo cáo." in text for text in texts)


def test_five_hundred_silent_units_are_counted_and_listed_in_the_table() -> None:
    units = tuple(replace(unit("VP", 1, None, State.MISSING), code=f"U{n}", name=f"Đơn vị {n}")
                  for n in range(500))  # fmt: skip
    texts = Letter(consolidated.report(material(board(units), received=()))).texts
    assert any("Đơn vị 9 và 490 đơn vị khác" in text for text in texts)
    assert "Đơn vị 499" in texts


# --- a clerk's own template -----------------------------------------------------------------------


def _edited(*changes: tuple[str, str]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(built_in(CONSOLIDATED))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for old, new in changes:
        hit = [name for name, part in parts.items() if old.encode() in part]
        assert hit
        for name in hit:
            parts[name] = parts[name].replace(old.encode(), new.encode())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("{{ leader }}", "{{ leadr }}", ("leadr", "leader")),
        ("{{ one.within }}", "{{ one.withn }}", ("one.withn", "one.within")),
        ("for text in low_said", "for text in low_sad", ("low_sad", "low_said")),
    ],
)
def test_an_unknown_field_is_refused_with_the_nearest_known_one(
    old: str, new: str, named: tuple[str, str]
) -> None:
    with pytest.raises(DondocError) as refused:
        WordTemplate(CONSOLIDATED, _edited((old, new)), "templates/bao-cao-tong-hop.docx")
    assert all(name in str(refused.value) for name in named)


def test_a_word_processor_of_another_tongue_has_other_styles_of_the_same_names() -> None:
    own = _edited(('"Heading1"', '"u1"'), ('"TOC1"', '"Mucluc1"'), ("II. KẾT QUẢ", "II. SỐ LIỆU"))
    letter = Letter(consolidated.report(template=WordTemplate(CONSOLIDATED, own, "mau.docx")))
    lines = [one.text for one in _styled(letter, "Mucluc1", "TOC2")]
    assert lines == [part.replace("II. KẾT QUẢ", "II. SỐ LIỆU") for part in PARTS]


def test_captions_are_counted_anew_though_a_word_processor_saved_other_numbers() -> None:
    own = _edited(("{{ table_units }}", "12"), ("{{ table_balances }}", "12"))
    letter = Letter(consolidated.report(template=WordTemplate(CONSOLIDATED, own, "mau.docx")))
    assert [one.text for one in _styled(letter, "Caption")] == [
        one.text for one in _styled(REPORT, "Caption")
    ]


def test_a_template_without_contents_and_chart_goes_without() -> None:
    plain = ready(URGING)
    assert plain is not None
    content = built_in(URGING)
    assert Letter(finished(content, consolidated.PNG)).texts == Letter(content).texts


def test_every_field_is_explained_to_the_clerk() -> None:
    page = (Path(__file__).parents[1] / "docs/mau-bao-cao.vi.md").read_text("utf-8")
    items = {f"one.{field}" for fields in CONSOLIDATED.lists.values() for field in fields
             if fields != CONSOLIDATED.lists["addressees"]}  # fmt: skip
    named = {name for name in CONSOLIDATED.fields | items if f"`{{{{ {name} }}}}`" not in page}
    assert named == set()
    assert {name for name in CONSOLIDATED.lists if f"`{name}`" not in page} == set()


# --- the PDF --------------------------------------------------------------------------------------


def test_the_printed_pages_are_those_that_the_contents_show(tmp_path: Path) -> None:
    if not (libreoffice.installed() and shutil.which("pdftotext")):
        pytest.skip("LibreOffice (soffice) or poppler is not on this machine")
    draft = libreoffice.to_pdf({"draft": CONTENT})["draft"]
    pages = libreoffice.headings(draft)
    assert len(pages) == len(PARTS)
    report = consolidated.report(pages=tuple(pages))
    printed = libreoffice.to_pdf({"report": report})["report"]
    assert libreoffice.headings(printed) == pages  # their numbers move nothing
    file = tmp_path / "report.pdf"
    file.write_bytes(printed)
    words = decree._words(file)
    for part, page in zip(PARTS, pages, strict=True):
        first = " ".join(part.split()[:2])
        assert decree._line(words, first, page + 1), part
    shown = {w.page: w.text for w in words if w.bottom < 19}
    assert shown[2] == "2"
    assert 1 not in shown
    assert pages[-2] + 1 not in shown  # an annex's first page
