"""The letters of a month, as `report` writes them into the workspace."""

import io
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from ministry import CLOSING, DEADLINE, PERIOD, Workspace
from reports.amount_in_words import in_words
from reports.consolidated.fields import CONSOLIDATED
from reports.letters.fields import URGING, Kind
from reports.letters.package import is_untouched
from reports.letters.template import built_in
from rules.course import course as course_of
from schemas import tables
from schemas.board import State
from schemas.course import Stand
from schemas.forms import DISBURSEMENT, Row
from schemas.period import Period
from schemas.settings import Pace
from schemas.submission import Submission
from schemas.texts import say
from tasks import course, libreoffice, submissions
from tasks.board import board
from tasks.desk import Desk
from wordfile import Letter

LOW = "DV02"
ENDS = (10, 600), (12, 900)
"""What was paid by a year's October, and by its end."""
REMINDER = "nhac-nop-bao-cao"
REPORT = f"bao-cao-tong-hop-{PERIOD}.docx"


def _folder(workspace: Workspace) -> Path:
    return workspace.path / "reports" / PERIOD / "letters"


def _files(workspace: Workspace) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in _folder(workspace).iterdir()}


def _template(workspace: Workspace, old: str, new: str, kind: Kind = URGING) -> Path:
    """The workspace's own template: ours, changed."""
    with zipfile.ZipFile(io.BytesIO(built_in(kind))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    document = parts["word/document.xml"].decode()
    assert old in document
    parts["word/document.xml"] = document.replace(old, new).encode()
    path = workspace.path / "templates" / kind.file
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return path


def _saved_by_a_person(path: Path, text: str) -> bytes:
    """The letter with a text of their own, as a word processor would save it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["docProps/core.xml"] = parts["docProps/core.xml"].replace(b">dondoc<", b">Van thu<")
    parts["word/document.xml"] = parts["word/document.xml"].replace(b"./.", text.encode())
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return path.read_bytes()


def test_a_letter_for_each_low_unit_and_one_to_those_who_are_silent(reported: Workspace) -> None:
    urged = {row["unit"] for row in reported.outbox("urging")}
    files = _files(reported)
    assert set(files) == {f"{unit}.docx" for unit in urged} | {f"{REMINDER}.docx"}
    letter = Letter(files[f"{LOW}.docx"])
    name = reported.ministry.name(LOW)
    assert f"Kính gửi: Thủ trưởng {name}" in letter.texts
    explained = reported("explain", PERIOD, LOW, "--reported").out.splitlines()
    said = {line.strip() for line in explained if line.strip()}
    annex = letter.texts[letter.texts.index("II. CĂN CỨ SỐ LIỆU VÀ CẢNH BÁO") + 1 :]
    assert len(annex) > 8
    assert set(annex) <= said  # word for word
    silent = reported.ministry.units[-1]
    assert reported.ministry.name(silent) in " ".join(Letter(files[f"{REMINDER}.docx"]).texts)


def test_reporting_again_gives_the_same_bytes_and_before_the_deadline_nobody_is_reminded(
    reported: Workspace,
) -> None:
    before = _files(reported)
    answer = reported.done("report", PERIOD)
    assert _files(reported) == before
    words = {Path(p).name for p in answer["documents"] if p.endswith(".docx")}
    assert words == {*before, REPORT}
    reported.done("report", PERIOD, today=DEADLINE)
    assert f"{REMINDER}.docx" not in _files(reported)


def test_a_letter_that_nobody_needs_any_more_goes(reported: Workspace) -> None:
    folder = _folder(reported)
    (folder / f"{REMINDER}.pdf").write_bytes(b"%PDF")
    (folder / "ghi chú.docx").write_bytes(b"somebody's own")
    reported.submit(reported.ministry.units[-1])
    reported.done("collect", PERIOD)
    reported.done("report", PERIOD)
    files = _files(reported)
    assert not [name for name in files if name.startswith(REMINDER)]
    assert files["ghi chú.docx"] == b"somebody's own"
    assert f"{LOW}.docx" in files


def test_what_a_person_changed_in_a_letter_is_kept_aside(reported: Workspace) -> None:
    path = _folder(reported) / f"{LOW}.docx"
    ours = path.read_bytes()
    theirs = [_saved_by_a_person(path, "Trân trọng cảm ơn./.")]
    answer = reported("report", PERIOD)
    assert f"{LOW}-da-sua-1.docx" in answer.out
    theirs.append(_saved_by_a_person(path, "Trân trọng kính chào./."))
    reported.done("report", PERIOD)
    kept = [_files(reported)[f"{LOW}-da-sua-{n}.docx"] for n in (1, 2)]
    assert kept == theirs
    assert path.read_bytes() == ours


@pytest.mark.parametrize("name", [f"{LOW}.docx", f"{REMINDER}.docx"])
def test_of_two_reports_at_once_neither_takes_away_what_the_other_looks_at(
    reported: Workspace, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Another one comes to its end while this one looks at a letter that is to be another, or to
    go."""
    reported.submit(reported.ministry.units[-1])
    reported.done("collect", PERIOD)
    theirs = _saved_by_a_person(_folder(reported) / f"{LOW}.docx", "Trân trọng cảm ơn./.")
    looked_at = _files(reported)[name]
    others: list[str] = []

    def look(content: bytes) -> bool:
        if content == looked_at and not others:
            others.append(name)
            reported.done("report", PERIOD)
        return is_untouched(content)

    monkeypatch.setattr("tasks.letters.is_untouched", look)
    reported.done("report", PERIOD)
    assert others
    files = _files(reported)
    assert files.keys() == {f"{LOW}.docx", f"{LOW}-da-sua-1.docx"}
    assert files[f"{LOW}-da-sua-1.docx"] == theirs
    reported.done("report", PERIOD)
    assert _files(reported) == files


def test_a_template_of_the_workspace_takes_the_place_of_ours(reported: Workspace) -> None:
    own = "còn thiếu {{ shortfall }} triệu đồng, bằng chữ: {{ shortfall_words }}"
    _template(reported, "thông báo để đơn vị biết, nghiêm túc thực hiện", own)
    reported.done("report", PERIOD)
    texts = Letter(_files(reported)[f"{LOW}.docx"]).texts
    said = next(text for text in texts if text.startswith("Ủy ban Dân tộc còn thiếu"))
    figure, _, words = said.partition(" triệu đồng, bằng chữ: ")
    amount = Decimal(figure.rpartition(" ")[2].replace(".", "").replace(",", "."))
    assert words == f"{in_words(int(amount * 1_000_000))} đồng."
    assert "templates/cong-van-don-doc.docx" in reported("doctor").out


def test_an_unknown_field_is_refused_before_anything_is_drafted(collected: Workspace) -> None:
    _template(collected, "{{ answer_by }}", "{{ answer_bye }}")
    ran = collected("report", PERIOD)
    assert ran.status == 2
    assert "answer_bye" in ran.err
    assert "có thể ý là answer_by." in ran.err
    assert "templates/cong-van-don-doc.docx" in ran.err
    assert not collected.outbox("urging")
    assert not collected.outbox("digest")
    assert not _folder(collected).exists()
    assert "answer_bye" in collected("doctor").out


def test_with_and_without_libreoffice(reported: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_LETTER__PDF", "true")
    monkeypatch.setattr(libreoffice, "installed", lambda: None)
    ran = reported("report", PERIOD)
    assert ran.status == 0
    assert "LibreOffice" in ran.out
    assert "LibreOffice" in reported("doctor").out
    batches = []

    def convert(documents: dict[str, bytes]) -> dict[str, bytes]:
        batches.append(set(documents))
        return {name: b"%PDF" for name in documents if name != LOW}

    monkeypatch.setattr(libreoffice, "installed", lambda: "/usr/bin/soffice")
    monkeypatch.setattr(libreoffice, "to_pdf", convert)
    ran = reported("report", PERIOD)
    assert f"Chưa lập được bản PDF của: {LOW}" in ran.out
    assert f"{REMINDER}.pdf" in _files(reported)
    assert f"{LOW}.pdf" not in _files(reported)
    reported.done("report", PERIOD)
    assert batches[1:] == [{Path(REPORT).stem}, {LOW}]  # what is there already is not made again


def test_of_two_reports_at_once_the_older_leaves_no_pdf_of_what_the_newer_took_away(
    reported: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newer one comes to its end while the older one's letters are printed."""
    monkeypatch.setenv("DONDOC_LETTER__PDF", "true")
    printed: list[set[str]] = []

    def convert(documents: dict[str, bytes]) -> dict[str, bytes]:
        printed.append(set(documents))
        if len(printed) == 1:
            reported.submit(reported.ministry.units[-1])
            reported.done("collect", PERIOD)
            reported.done("report", PERIOD)
        return {name: b"%PDF" + content for name, content in documents.items()}

    monkeypatch.setattr(libreoffice, "installed", lambda: "/usr/bin/soffice")
    monkeypatch.setattr(libreoffice, "to_pdf", convert)
    reported.done("report", PERIOD)
    assert REMINDER in printed[0]
    files = _files(reported)
    assert files == {f"{LOW}.docx": files[f"{LOW}.docx"],
                     f"{LOW}.pdf": b"%PDF" + files[f"{LOW}.docx"]}  # fmt: skip


# --- the consolidated report ----------------------------------------------------------------------


def test_the_report_says_what_the_months_figures_are(
    reported: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = reported.path / "reports" / PERIOD / REPORT
    content = path.read_bytes()
    texts = " ".join(Letter(content).texts)
    totals = reported.done("status", PERIOD)["totals"]
    assert f"đạt {totals['rate'] * 100:.2f}%".replace(".", ",") in texts
    silent = reported.ministry.name(reported.ministry.units[-1])
    assert f"{silent} chưa gửi báo cáo." in texts
    assert f"{reported.ministry.name(LOW)} (" in texts
    assert "chậm nhất ngày" in texts
    assert path.name in (path.parent / f"bao-cao-{PERIOD}.html").read_text("utf-8")
    reported.done("report", PERIOD)
    assert path.read_bytes() == content
    monkeypatch.setenv("DONDOC_LANGUAGE", "en")
    reported.done("report", PERIOD)
    assert path.read_bytes() == content  # Vietnamese by decree


def test_the_reports_template_is_the_workspaces_own_or_refused(reported: Workspace) -> None:
    path = reported.path / "reports" / PERIOD / REPORT
    _template(reported, "xem xét, chỉ đạo", "xem xét, cho ý kiến", CONSOLIDATED)
    reported.done("report", PERIOD)
    assert any("xem xét, cho ý kiến./." in text for text in Letter(path.read_bytes()).texts)
    assert f"templates/{CONSOLIDATED.file}" in reported("doctor").out
    kept = _saved_by_a_person(path, "Kính trình./.")
    _template(reported, "{{ leader }}", "{{ leadr }}", CONSOLIDATED)
    ran = reported("report", PERIOD)
    assert ran.status == 2
    assert "leadr" in ran.err
    assert path.read_bytes() == kept
    (reported.path / "templates" / CONSOLIDATED.file).unlink()
    assert "da-sua-1.docx" in reported("report", PERIOD).out
    assert path.with_name(f"{path.stem}-da-sua-1.docx").read_bytes() == kept


def test_a_printed_report_tells_its_contents_the_pages(
    reported: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_LETTER__PDF", "true")
    path = reported.path / "reports" / PERIOD / REPORT
    headings = len([one for one in Letter(path.read_bytes()).paragraphs
                    if str(one.at("pPr/pStyle")).startswith("Heading")])  # fmt: skip
    links = b"".join(b"/Title<FEFF>\n/Dest[%d 0 R" % (n + 1) for n in range(headings))
    kids = b" ".join(b"%d 0 R" % (n + 1) for n in range(headings))
    printed: list[set[str]] = []
    lines = []

    def convert(documents: dict[str, bytes]) -> dict[str, bytes]:
        printed.append(set(documents))
        lines.append(len(Letter(documents[path.stem]).texts))
        return dict.fromkeys(documents, b"<</Type/Pages\n/Kids[ %b ]\n" % kids + links)

    monkeypatch.setattr(libreoffice, "installed", lambda: "/usr/bin/soffice")
    monkeypatch.setattr(libreoffice, "to_pdf", convert)
    reported.done("report", PERIOD)
    assert path.stem in printed[0]
    assert printed[1:] == [{path.stem}]
    assert lines[0] < lines[1] - 10  # the annexes' lines move none of the pages that it says
    contents = [one.text for one in Letter(path.read_bytes()).paragraphs
                if str(one.at("pPr/pStyle")).startswith("TOC")]  # fmt: skip
    assert [line[-1] for line in contents[:3]] == ["1", "2", "3"]
    before = path.read_bytes(), path.with_suffix(".pdf").read_bytes()
    reported.done("report", PERIOD)
    assert len(printed) == 2  # nothing has changed, nothing is printed
    assert (path.read_bytes(), path.with_suffix(".pdf").read_bytes()) == before
    _template(reported, "xem xét, chỉ đạo", "xem xét, cho ý kiến", CONSOLIDATED)
    reported.done("report", PERIOD)
    assert printed[2:] == [{path.stem}]  # its headings are on the pages where they were
    assert path.read_bytes() != before[0]


def test_the_course_of_the_year_rests_on_accepted_reports_and_the_imported_past(
    collected: Workspace,
) -> None:
    period, paid = Period.parse(PERIOD), Decimal(40)
    (collected.path / "past.csv").write_text(
        "year,month,unit,activity,source,budget,disbursed_to_date\n"
        "2020,10,DV01,,,1000,600\n2021,9,DV01,,,1,1\n2021,8,DV01,,,1000,30\n",
        encoding="utf-8",
    )
    collected.done("history", "import", collected.path / "past.csv")
    with Desk(collected.path, CLOSING) as desk:
        mine = (a for a in desk.registry.activities if a.unit == "DV01")
        its = [a for a in mine if a.runs_in(period.year)]
        rows = tuple(
            Row(DISBURSEMENT.name, one.code, "Giải ngân", n,
                {f.name: None for f in DISBURSEMENT.fields} | {"code": one.code, "disbursed": paid},
                {"disbursed": "G"})
            for n, one in enumerate(its, 7)
        )  # fmt: skip
        september = Submission(
            "chín.xlsx", "cd" * 32, "DV01", period.shift(-1), State.ACCEPTED, (),
            {DISBURSEMENT.name: rows},
        )  # fmt: skip
        submissions.store(desk, [september], answers=False)
        now = board(desk, period)
        before = {(unit, source): stand for unit, source, stand in course.by_source(desk, period)}
        found = course_of(period, course.sums(desk, period), before)
    budgets = {one.code: one.budget.denominator for one in now.activities if one.unit == "DV01"}
    of_unit = Stand(sum(budgets.values(), Decimal(0)), paid * len(its))
    assert found.last_month == {"DV01": of_unit}  # the workbook goes before the imported line
    assert found.months[8] == Stand(Decimal(1000), Decimal(30))
    assert found.months[10].disbursed == now.totals.disbursed_to_date
    assert found.within[9] == paid * len(its) - 30
    assert found.last_year_units == {"DV01": Stand(Decimal(1000), Decimal(600))}
    assert found.last_year == {}  # the others' October 2020 is not known
    by_source = found.last_month_sources
    assert {source for _, source in by_source} == {one.source for one in its}
    assert sum(stand.disbursed for stand in by_source.values()) == of_unit.disbursed


@pytest.mark.parametrize(("pace", "years", "rests_on"), [
    ("own", (2019, 2020), "own"), ("own", (2020,), "targets"), ("linear", (), "linear"),
])  # fmt: skip
def test_what_the_pace_rests_on_is_that_of_the_pace_that_judges(
    collected: Workspace, monkeypatch: pytest.MonkeyPatch, pace: str, years: tuple[int, ...],
    rests_on: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("DONDOC_RULES__PACE__NAME", pace)
    past = [f"{y},{month},DV01,,,1000,{amount}\n" for y in years for month, amount in ENDS]
    file = collected.path / "past.csv"
    file.write_text(f"year,month,unit,activity,source,budget,disbursed_to_date\n{''.join(past)}")
    collected.done("history", "import", file)
    collected.done("report", PERIOD)
    with Desk(collected.path) as desk, desk.engine.connect() as connection:
        notice = tables.notice.c
        mail = connection.scalars(
            select(notice.text).where(notice.kind == "urging", notice.unit == LOW)
        ).one()
    letter = Letter(_files(collected)[f"{LOW}.docx"]).texts
    whole = Letter((collected.path / "reports" / PERIOD / REPORT).read_bytes()).texts
    sources = {"targets": Pace().origin, "own": say("pace.own"), "linear": say("pace.linear")}
    before = ("Tiến độ yêu cầu: ", "Tiến độ yêu cầu lấy theo ", "Tiến độ yêu cầu đến hết ")
    for said, lead in zip((mail, *map("\n".join, (letter, whole))), before, strict=True):
        (line,) = [one for one in said.split("\n") if lead in one]
        assert [name for name, source in sources.items() if source in line] == [rests_on]
