"""`dondoc inspect`: what would be understood, with nothing stored; and what `collect` prints."""

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ministry import DEADLINE, DISBURSED, PERIOD, Cells, Workspace, run


def inspect(workspace: Workspace, file: Path, *more: str) -> tuple[int, list[dict[str, Any]]]:
    arguments = ("inspect", file, "--workspace", workspace.path, "--today", DEADLINE, "--json")
    ran = run(*map(str, (*arguments, *more)))
    return ran.status, list(ran.json)


def laid_aside(workspace: Workspace, unit: str, folder: Path, **changes: Cells) -> Path:
    """A filled workbook outside the workspace."""
    sent = workspace.submit(unit, f"{unit}.xlsx", **changes)
    target: Path = sent.rename(folder / sent.name)
    return target


def stored(workspace: Workspace) -> set[Path]:
    kept = ("inbox", "archive", "reports")
    return {p for name in kept for p in (workspace.path / name).rglob("*") if p.is_file()}


def test_a_good_file_would_be_accepted_and_leaves_nothing(
    opened: Workspace, tmp_path: Path
) -> None:
    file = laid_aside(opened, "DV01", tmp_path)
    before = stored(opened)
    status, (one,) = inspect(opened, file)
    (submission,) = one["submissions"]
    assert (status, submission["state"]) == (0, "accepted"), submission
    assert (submission["unit"], submission["period"]) == ("DV01", PERIOD)
    (sheet,) = one["sheets"]
    assert sheet["columns"]["disbursed"] == "G"
    assert [row["code"] for row in sheet["rows"]] == ["DV01.1", "DV01.2"]
    assert "total" in {skipped["reason"] for skipped in sheet["skipped"]}
    assert stored(opened) == before
    assert opened.units()["DV01"]["state"] == "missing"


def test_findings_of_validation_are_told_too(opened: Workspace, tmp_path: Path) -> None:
    file = laid_aside(opened, "DV01", tmp_path, DV01_1={DISBURSED: 1260})
    status, (one,) = inspect(opened, file)
    (submission,) = one["submissions"]
    assert (status, submission["state"]) == (1, "returned")
    assert "over-budget" in {f["rule"] for f in submission["findings"]}


def test_a_person_is_told_in_eighty_columns(opened: Workspace, tmp_path: Path) -> None:
    file = laid_aside(opened, "DV03", tmp_path, DV03_1={DISBURSED: "?"})
    ran = run("inspect", str(file), "--workspace", str(opened.path), "--today", str(DEADLINE))
    assert ran.status == 1
    assert "DV03 2021-10: sẽ bị trả lại để sửa" in ran.out
    assert ran.err.strip() == "Tệp chưa thể được tiếp nhận như hiện nay."
    told = [line for line in ran.out.splitlines() if not line.startswith(("  Lỗi", "  Lưu ý"))]
    assert max(map(len, told)) <= 80


def test_each_file_of_an_archive_is_shown(opened: Workspace, tmp_path: Path) -> None:
    archive = tmp_path / "hai.zip"
    with zipfile.ZipFile(archive, "w") as package:
        for unit in ("DV01", "DV02"):
            package.write(laid_aside(opened, unit, tmp_path), f"tháng 10/{unit}.xlsx")
    _, answer = inspect(opened, archive)
    assert [one["file"] for one in answer] == [
        "hai.zip/tháng 10/DV01.xlsx", "hai.zip/tháng 10/DV02.xlsx",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.pdf", b"%PDF-1.7"), ("a.xlsx", b""), ("a.zip", b"PK\x05\x06" + b"\0" * 18)],
)
def test_what_cannot_be_read_would_be_held(
    opened: Workspace, tmp_path: Path, name: str, content: bytes
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    status, (one,) = inspect(opened, file)
    assert (status, one["format"], one["sheets"]) == (1, None, [])
    (submission,) = one["submissions"]
    assert submission["state"] == "held"
    assert submission["findings"]


def test_no_such_file_is_refused_with_one_sentence(opened: Workspace, tmp_path: Path) -> None:
    ran = run("inspect", str(tmp_path / "không có.xlsx"), "--workspace", str(opened.path))
    assert (ran.status, ran.out) == (2, "")
    assert "Không mở được tệp" in ran.err
    assert ran.err.count("\n") == 1


def test_a_pipe_is_no_file(opened: Workspace, tmp_path: Path) -> None:
    pipe = tmp_path / "a.xlsx"
    os.mkfifo(pipe)
    ran = run("inspect", str(pipe), "--workspace", str(opened.path))
    assert ran.status == 2, ran


def test_a_name_commands_no_terminal(opened: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "a\x1b]0;b\x07\nc.csv"
    file.write_text("a,b\n1,2\n")
    _, (one,) = inspect(opened, file)
    assert one["file"] == "a_]0;b__c.csv"


def test_a_sheet_commands_no_terminal_either(opened: Workspace) -> None:
    path = opened.submit("DV01", DV01_1={DISBURSED: "?"})
    content = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            target.writestr(
                name, part.replace("Giải ngân".encode(), "a\x9b2J\u202e&#10;b".encode())
            )
    ran = run("collect", PERIOD, "--workspace", str(opened.path), "--today", str(DEADLINE))
    assert "DV01 2021-10 - Trả lại để sửa" in ran.out
    assert all(line.isprintable() for line in ran.out.splitlines())
    assert len(ran.out.splitlines()) == 2


def test_collect_prints_one_line_a_file(opened: Workspace) -> None:
    opened.submit("DV01", "tốt.xlsx")
    opened.submit("DV02", "sai.xlsx", DV02_1={DISBURSED: "?"})
    (opened.path / "inbox" / "ảnh.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    ran = run("collect", PERIOD, "--workspace", str(opened.path), "--today", str(DEADLINE))
    first, *lines = ran.out.splitlines()
    assert first == "Đã thu 3 tệp."
    by_file = {line.partition(":")[0]: line.partition(": ")[2] for line in lines}
    assert by_file.keys() == {"tốt.xlsx", "sai.xlsx", "ảnh.png"}
    assert by_file["tốt.xlsx"].startswith("DV01 2021-10 - Đã tiếp nhận")
    assert by_file["sai.xlsx"].startswith("DV02 2021-10 - Trả lại để sửa (1 lỗi")
    assert "Chờ xác định (1 lỗi): " in by_file["ảnh.png"]
