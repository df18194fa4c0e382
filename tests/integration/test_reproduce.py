"""A past report made again: the same bytes whatever changed since, and what is damaged named."""

import gzip
import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook
from pydantic import TypeAdapter

from conftest import killed_at
from flows import monthly_report as monthly_report_of
from flows.monthly_report import monthly_report
from ministry import CLOSING, DISBURSED, PERIOD, Ministry, Workspace
from reports.letters.fields import URGING
from reports.letters.template import built_in
from schemas.dossier import Dossier
from schemas.forms import DISBURSEMENT
from schemas.period import Period
from tasks import documents, workbooks
from tasks.desk import Desk
from tasks.documents import month
from tasks.dossier import gather
from tasks.explain import keep_explanations
from tasks.reported import packed, unpacked

SUMMARY, CHART = f"tong-hop-{PERIOD}.xlsx", f"tien-do-{PERIOD}.png"
PAGE, LETTER = f"bao-cao-{PERIOD}.html", "letters/DV02.docx"
WHOLE = f"bao-cao-tong-hop-{PERIOD}.docx"
PAPERS = {SUMMARY, CHART, PAGE, LETTER, "letters/nhac-nop-bao-cao.docx", WHOLE}
PAPERS |= {f"units/DV0{n}.html" for n in range(1, 5)} | {"urging DV02", "digest"}


def reproduced(workspace: Workspace, status: int = 0) -> Any:
    """The command's answer, which must have that exit status."""
    ran = workspace("reproduce", PERIOD, "--json", today=None)
    assert ran.status == status, ran.err + ran.out
    return ran.json


def outcomes(answer: Any) -> dict[str, str]:
    return {one["name"]: one["outcome"] for one in answer["documents"]}


def where(answer: Any, name: str) -> str:
    (one,) = (one for one in answer["documents"] if one["name"] == name)
    return "\n".join(one["where"])


@pytest.fixture
def paper(reported: Workspace) -> Path:
    return reported.path / "reports" / PERIOD


# --- nothing that changes later has a part in it ------------------------------------------------


def change_everything(workspace: Workspace) -> None:
    """What a busy year brings; the old report is not made anew."""
    path = workspace.path
    workspace.submit("DV01", "DV01 lần 2.xlsx", DV01_1={DISBURSED: Decimal("1111.5")})
    workspace.submit("DV04")
    workspace.done("collect", PERIOD, today=date(2021, 11, 16))
    until = ("--until", "2021-12-31", "--because", "Chờ bàn giao mặt bằng", "--by", "An")
    workspace.done("excuse", PERIOD, "DV02", *until, today=date(2021, 11, 17))
    decided = ("--decision", "99/QĐ-UBDT", "--day", "2021-10-29", "--by", "An")
    workspace.done("adjust", PERIOD, "DV01.1", "77", *decided, today=date(2021, 11, 17))
    history = path / "cu.csv"
    history.write_text(
        "year,month,unit,activity,source,budget,disbursed_to_date\n"
        "2020,10,DV02,,,5000,4000\n2020,12,DV02,,,5000,4900\n"
    )
    workspace.done("history", "import", history)
    replace(Ministry(6, {"DV02.1": Decimal(9)})).write_registry(path / "registry.xlsx")
    settings = path / "dondoc.toml"
    settings.write_text(
        'language = "en"\n[body]\nname = "Bộ Khác"\ncontact = "số máy 01"\n'
        '[letter]\nsymbol = "BK-VP"\nsigner = "Nguyễn Văn Khác"\n'
        '[schedule]\ndeadline = 9\n[rules]\nyear_target = 0.5\ndenominators = { ODA = "plan" }\n'
        '[rules.pace]\nname = "linear"\norigin = "mốc khác"\n'
        "[rules.below_pace]\nlow = 0.1\ncritical = 0.05\n"
    )
    (path / "templates").mkdir(exist_ok=True)
    (path / "templates" / "digest.txt").write_text("khác\n")
    word = path / "templates" / URGING.file
    word.write_bytes(built_in(URGING))
    (path / "texts").mkdir(exist_ok=True)
    for language in ("vi", "en"):
        own = 'msgid "flag.below-pace.title"\nmsgstr "khác"\n'
        (path / "texts" / f"{language}.po").write_text(own)


def test_no_later_change_shows_in_it(reported: Workspace, postbox: object) -> None:
    before = reproduced(reported)
    assert before["identical"]
    assert before["same_lock"]
    assert set(outcomes(before)) == PAPERS
    assert before["cells"] > 20
    assert {one["kind"] for one in before["inputs"]} >= {"registry", "submission", "template"}
    reported.done("approve", PERIOD, "--by", "An")
    reported.done("deliver", PERIOD)
    change_everything(reported)
    assert reported.done("status", PERIOD)["units"] != before  # it can still be worked in
    assert reproduced(reported) == before
    (reported.path / "registry.xlsx").write_bytes(b"not a workbook any more")
    assert reproduced(reported) == before


def test_the_next_report_of_the_period_is_another_and_can_be_made_again(
    reported: Workspace,
) -> None:
    before = reproduced(reported)
    change_everything(reported)
    reported.done("report", PERIOD, today=date(2021, 11, 18))
    after = reproduced(reported)
    assert after["identical"]
    assert after["dossier"] != before["dossier"]
    assert after["business_date"] == "2021-11-18"
    assert "units/DV06.html" in outcomes(after)


def test_a_report_that_cannot_be_made_leaves_the_one_before_as_it_is(
    reported: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bytes:
        raise KeyError("DV03")

    reported.submit("DV04")
    reported.done("collect", PERIOD)
    with monkeypatch.context() as patch:
        patch.setattr(documents, "summary_workbook", broken)
        assert reported("report", PERIOD).status == 2
    assert {*outcomes(reproduced(reported)).values()} == {"identical"}


def test_the_same_report_again_is_recorded_once(reported: Workspace) -> None:
    reported.done("report", PERIOD)
    with sqlite3.connect(reported.path / "dondoc.db") as database:
        assert database.execute("SELECT count(*) FROM report").fetchone() == (1,)
        assert database.execute(
            "SELECT flow FROM report JOIN run ON report.run = run.id"
        ).fetchone() == ("monthly-report",)


def test_a_scheduled_report_that_died_before_it_was_kept_is_made_by_the_next_one(
    collected: Workspace,
) -> None:
    with killed_at(monthly_report_of, "keep_report"):
        monthly_report.fn(collected.path, "", CLOSING)
    assert [r["kind"] for r in collected.outbox(state="draft")] == ["urging", "urging"] + [
        "digest"
    ] * 2
    (made,) = monthly_report.fn(collected.path, "", CLOSING)
    assert made.drafts == 0
    assert reproduced(collected)["identical"]
    assert monthly_report.fn(collected.path, "", CLOSING) == ()


def test_neither_hash_seed_nor_zone_nor_language_of_the_machine_has_a_part(
    reported: Workspace,
) -> None:
    machine = {"PYTHONHASHSEED": "77", "TZ": "America/New_York", "LC_ALL": "C", "LANG": "C"}
    ran = subprocess.run(
        [sys.executable, "-m", "dondoc", "reproduce", PERIOD, "--workspace", reported.path],
        env=os.environ | machine, capture_output=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr


def test_a_dossier_comes_back_as_it_was_kept(collected: Workspace) -> None:
    with Desk(collected.path, CLOSING) as desk:
        board = month(desk, Period.parse(PERIOD))
        dossier = gather(desk, board, keep_explanations(desk, board), late=False)
    again = unpacked(packed(dossier))
    assert again == dossier
    assert gzip.decompress(packed(dossier)) == TypeAdapter(Dossier).dump_json(dossier)
    for its in (dossier, again):  # what is said of each row is held once where it is the same
        assert len({id(row.columns) for _, row in its.rows[DISBURSEMENT.name]}) == 1
    assert repr(again) == repr(dossier)  # 1 is 1.0, and prints otherwise
    assert "SecretStr" not in repr(dossier)


# --- what is damaged, missing, edited -----------------------------------------------------------


def test_what_lies_there_and_was_altered_is_named_to_the_cell(
    reported: Workspace, paper: Path
) -> None:
    book = load_workbook(paper / SUMMARY)
    book["Nhiệm vụ"]["D5"] = "khác"
    book.save(paper / SUMMARY)
    page = (paper / PAGE).read_text("utf-8")
    (paper / PAGE).write_text(page.replace("</h1>", " (khác)</h1>"), "utf-8")
    (paper / CHART).write_bytes((paper / CHART).read_bytes()[:-9])
    (paper / LETTER).write_bytes((paper / LETTER).read_bytes()[:-9])
    (paper / "units" / "DV03.html").unlink()
    ran = reported("reproduce", PERIOD, today=None)
    assert ran.status == 1
    assert "Nhiệm vụ D5" in ran.out
    answer = reproduced(reported, 1)
    altered = {SUMMARY: "altered", PAGE: "altered", CHART: "altered", LETTER: "altered"}
    altered |= {"units/DV03.html": "missing"}
    assert outcomes(answer) == dict.fromkeys(PAPERS, "identical") | altered
    assert "(khác)" in where(answer, PAGE)
    assert where(answer, CHART).endswith("byte")
    assert where(answer, LETTER)


def test_what_is_lost_can_be_had_again(reported: Workspace, paper: Path, tmp_path: Path) -> None:
    before = {str(p.relative_to(paper)): p.read_bytes() for p in paper.rglob("*") if p.is_file()}
    shutil.rmtree(paper)
    ran = reported("reproduce", PERIOD, "--into", tmp_path / "lại", today=None)
    assert ran.status == 1  # it is missing all the same
    again = {str(p.relative_to(tmp_path / "lại")): p.read_bytes()
             for p in (tmp_path / "lại").rglob("*") if p.is_file()}  # fmt: skip
    assert set(again) == {name for name in PAPERS if "." in name}
    assert all(before[name] == content for name, content in again.items())


def test_a_letter_that_a_person_has_edited_is_theirs(reported: Workspace, paper: Path) -> None:
    letter = Document(str(paper / LETTER))
    letter.core_properties.last_modified_by = "Văn thư"
    letter.save(str(paper / LETTER))
    shutil.copy(paper / LETTER, paper / "letters" / "DV02-da-sua-1.docx")
    answer = reproduced(reported)
    assert outcomes(answer) == dict.fromkeys(PAPERS, "identical") | {LETTER: "edited"}


@pytest.mark.parametrize("kind", ["submission", "registry", "template"])
def test_an_input_that_is_damaged_is_named(reported: Workspace, kind: str) -> None:
    one = next(one for one in reproduced(reported)["inputs"] if one["kind"] == kind)
    file = reported.path / "archive" / one["sha256"][:2] / one["sha256"]
    file.write_bytes(file.read_bytes() + b" ")
    answer = reproduced(reported, 1)
    wrong = [(i["kind"], i["name"]) for i in answer["inputs"] if i["wrong"]]
    assert wrong == [(kind, one["name"])]
    lost = {name for name, outcome in outcomes(answer).items() if outcome == "unmade"}
    assert lost == ({n for n in PAPERS if n.endswith(".docx")} if kind == "template" else set())


def test_a_figure_that_is_not_in_its_cell_is_named(
    reported: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = workbooks.read

    def read(content: bytes, name: str, *rest: Any, **named: Any) -> Any:
        found = real(content, name, *rest, **named)
        first = found.sheets[0].rows[0]
        wrong = replace(first, values={**first.values, "disbursed": Decimal(7)})
        sheet = replace(found.sheets[0], rows=(wrong, *found.sheets[0].rows[1:]))
        return replace(found, sheets=(sheet, *found.sheets[1:]))

    monkeypatch.setattr(workbooks, "read", read)
    answer = reproduced(reported, 1)
    assert len(answer["misread"]) == 3  # one a unit
    assert answer["misread"][0]["sheet"] == "Giải ngân"
    assert answer["misread"][0]["found"] == "7"
    cell = reported.cell("Giải ngân", "DV01.1", DISBURSED)
    assert answer["misread"][0]["cell"] == cell


def _record(workspace: Workspace, statement: str, *values: Any) -> None:
    with sqlite3.connect(workspace.path / "dondoc.db") as database:
        database.execute(statement, values)


def test_a_mail_that_was_altered_in_the_database_is_named(reported: Workspace) -> None:
    _record(reported, "UPDATE notice SET text = replace(text, ',', ';') WHERE kind = 'digest'")
    answer = reproduced(reported, 1)
    assert outcomes(answer)["digest"] == "altered"
    assert "bản chữ, dòng" in where(answer, "digest")


def test_other_programs_are_named_and_tolerated_while_the_bytes_are_the_same(
    reported: Workspace,
) -> None:
    _record(reported, "UPDATE report SET lock = json_set(lock, '$.xlsxwriter', '0.1')")
    answer = reproduced(reported)
    assert [(one["part"], one["then"]) for one in answer["renewed"]] == [("xlsxwriter", "0.1")]
    _record(
        reported, "UPDATE report SET documents = json_set(documents, ?, 'ab')", f'$."{SUMMARY}"'
    )
    answer = reproduced(reported, 1)
    assert outcomes(answer)[SUMMARY] == "other-lock"


def test_the_same_programs_that_make_another_document_are_found_out(
    reported: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "by_source", lambda _: {})
    answer = reproduced(reported, 1)
    assert outcomes(answer)[SUMMARY] == "differs"
    assert "Tổng hợp" in where(answer, SUMMARY)
    assert outcomes(answer)["digest"] == "differs"  # it carries the workbook
    assert SUMMARY in where(answer, "digest")


def test_without_a_report_there_is_nothing_to_make_again(collected: Workspace) -> None:
    ran = collected("reproduce", PERIOD, today=None)
    assert ran.status == 2
    assert f"dondoc report {PERIOD}" in ran.err


def test_without_its_dossier_neither(reported: Workspace) -> None:
    sha256 = reproduced(reported)["dossier"]
    (reported.path / "archive" / sha256[:2] / sha256).unlink()
    ran = reported("reproduce", PERIOD, today=None)
    assert ran.status == 2
    assert sha256 in ran.err
