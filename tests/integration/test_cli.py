"""The front door as the shell sees it: exit status, one sentence on stderr, JSON on stdout."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ministry import DISBURSED, OPENING, PERIOD, Workspace, run

DONDOC = Path(sys.executable).with_name("dondoc")
COMMANDS = (
    "init", "demo", "open", "collect", "status", "report", "remind", "outbox", "approve",
    "deliver", "explain", "forecast", "reproduce", "texts", "serve", "doctor", "verify",
    "backup", "restore", "watch",
)  # fmt: skip


def shell(
    *arguments: object, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [DONDOC, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=os.environ | environment,
        timeout=120,
        check=False,
    )


def imported_by(*arguments: object) -> set[str]:
    """The packages that a command has imported when it ends."""
    code = (
        "import sys, atexit\n"
        "atexit.register(lambda: print(*{m.partition('.')[0] for m in sys.modules},"
        " file=sys.stderr))\n"
        "import dondoc; dondoc.main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return set(ran.stderr.splitlines()[-1].split())


HEAVY = {"prefect", "great_expectations", "pandas", "matplotlib"}


@pytest.mark.parametrize("arguments", [("--help",), ("status", "--help"), ("collect", "--help")])
def test_help_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert not imported_by(*arguments) & (HEAVY | {"sqlalchemy", "openpyxl"})


def test_status_imports_nothing_heavy(reported: Workspace) -> None:
    assert not imported_by("status", PERIOD, "--workspace", reported.path) & HEAVY


def test_help_names_every_command_in_vietnamese() -> None:
    ran = run("--help")
    assert ran.status == 0
    assert all(command in ran.out for command in COMMANDS)
    assert "đôn đốc" in ran.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    ran = run(command, "--help")
    assert ran.status == 0
    assert command in ran.out
    if command not in {"init", "demo", "restore"}:
        assert "--workspace" in ran.out


def test_the_three_exit_statuses(opened: Workspace) -> None:
    here = ("--workspace", opened.path, "--today", OPENING)
    fine = shell("status", PERIOD, "--json", *here)
    assert (fine.returncode, fine.stderr) == (0, "")
    assert len(json.loads(fine.stdout)["units"]) == 4
    opened.submit("DV01", DV01_1={DISBURSED: "?"})
    person = shell("collect", PERIOD, "--json", *here)
    assert person.returncode == 1
    assert [one["state"] for one in json.loads(person.stdout)] == ["returned"]
    assert len(person.stderr.splitlines()) == 1  # the sentence for whoever must look
    refused = shell("status", "2021-14", "--json", *here)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert len(refused.stderr.splitlines()) == 1
    assert "2021-14" in refused.stderr


@pytest.mark.parametrize("command", ["open", "report"])
def test_a_month_that_has_not_begun_is_refused(opened: Workspace, command: str) -> None:
    """A year mistyped would write to every unit."""
    before = opened.outbox()
    ran = opened(command, "2031-10", "--json")
    assert (ran.status, ran.out) == (2, "")
    assert "Chưa đến tháng 10 năm 2031: hôm nay là ngày 10/11/2021" in ran.err
    assert opened.outbox() == before


def test_the_workspace_is_here_unless_told(opened: Workspace) -> None:
    assert shell("status", PERIOD, "--json", cwd=opened.path).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("status", "10-2021"),
        ("status", PERIOD, "--no-such-option"),
        ("status", PERIOD, "--today", "5/11/2021"),
        ("status", PERIOD, "thừa"),
        ("outbox", "tháng mười"),
        ("open", "2021"),
        ("report", "2021-00"),
        ("no-such-command",),
        ("approve", PERIOD),
        ("explain", PERIOD),
        ("rules", "try"),
        ("rules", "try", "--set", "below_pace.low=0.5"),
    ],
)
def test_a_wrong_call_is_refused_with_one_sentence(
    opened: Workspace, arguments: tuple[str, ...]
) -> None:
    ran = run(*arguments, "--workspace", opened.path)
    assert (ran.status, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
    assert ran.err.strip()


def test_a_folder_that_is_no_workspace_is_left_as_it_is(tmp_path: Path) -> None:
    """By a process of its own: Prefect makes its folder when it is imported."""
    ran = shell("collect", "--workspace", tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.count("\n") == 1
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[rules.pace]", '[rules.pace]\nnamed = "x"', "rules.pace.named"),
        ("[mail]", "[mial]", "mial"),
        ("[mail]", '[mail]\npassword = "mat-khau-that"', "DONDOC_MAIL__PASSWORD"),
        ("[rules]", "[rules]\nyear_target = 95", "rules.year_target"),
        ("[rules]", "[rules", "dondoc.toml"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(
    opened: Workspace, old: str, new: str, told: str
) -> None:
    opened.setting(f"\n{old}\n", f"\n{new}\n")
    ran = opened("status", PERIOD)
    assert (ran.status, ran.out) == (2, "")
    assert told in ran.err
    assert "mat-khau-that" not in ran.err


def test_a_wrong_variable_is_refused_by_name(
    opened: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_MAIL__HOTS", "x")
    ran = opened("status", PERIOD)
    assert ran.status == 2
    assert "DONDOC_MAIL__HOTS" in ran.err


def test_init_keeps_its_hands_off_what_is_there(tmp_path: Path) -> None:
    assert run("init", tmp_path / "w").status == 0
    assert {p.name for p in (tmp_path / "w").iterdir()} >= {
        "dondoc.toml", "registry.xlsx", "inbox", "archive", "reports",
    }  # fmt: skip
    before = (tmp_path / "w" / "dondoc.toml").read_bytes()
    ran = run("init", tmp_path / "w")
    assert ran.status == 2
    assert (tmp_path / "w" / "dondoc.toml").read_bytes() == before


def test_every_json_answer_is_alone_on_stdout(collected: Workspace) -> None:
    for command in (
        ("open", PERIOD), ("collect", PERIOD), ("status", PERIOD), ("remind",), ("report", PERIOD),
        ("outbox",), ("approve", PERIOD, "--by", "An"), ("explain", PERIOD, "DV01"),
    ):  # fmt: skip
        ran = collected(*command, "--json")
        assert ran.status == 0, ran.err
        json.loads(ran.out)
        assert ran.err == ""


def test_tables_fit_eighty_columns(reported: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for command in (("status", PERIOD), ("outbox",)):
        out = reported(*command).out
        table = [line for line in out.splitlines() if line.startswith(("│", "┃", "┏", "└", "┡"))]
        assert table
        assert max(map(len, table)) <= 80


def test_no_amount_is_broken_over_two_lines(
    reported: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = reported("status", PERIOD).out
    for line in out.splitlines():
        cells = [cell.strip() for cell in line.split("│")]
        if len(cells) == 9 and not cells[1]:  # the second line of a unit
            assert not any(cell[:1].isdigit() for cell in cells[4:7]), line


def test_without_a_server_none_is_started(opened: Workspace) -> None:
    ran = shell("remind", "--workspace", opened.path, "--json", "--today", OPENING)
    assert ran.returncode == 0
    assert not list((opened.path / ".prefect").glob("prefect.db*"))
    assert "127.0.0.1" not in ran.stderr + ran.stdout


def test_a_named_server_that_is_gone_is_refused(opened: Workspace) -> None:
    ran = shell("remind", "--workspace", opened.path, PREFECT_API_URL="http://127.0.0.1:9/api")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "127.0.0.1:9" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_every_run_leaves_its_row(opened: Workspace) -> None:
    from sqlalchemy import select  # noqa: PLC0415

    from schemas import tables  # noqa: PLC0415
    from tasks.desk import Desk  # noqa: PLC0415

    opened.done("collect", PERIOD)
    opened.done("remind")
    assert opened("deliver").status == 2
    desk = Desk(opened.path)
    with desk.engine.connect() as connection:
        runs = connection.execute(select(tables.run).order_by(tables.run.c.id)).all()
    desk.engine.dispose()
    assert [(r.flow, r.period) for r in runs] == [
        ("open-period", PERIOD), ("collect", PERIOD), ("remind", None), ("deliver", None),
    ]  # fmt: skip
    assert [r.outcome.partition(":")[0] for r in runs] == ["done", "done", "done", "refused"]
    assert all(r.login and r.ended_at >= r.started_at for r in runs)


def test_doctor_says_what_is_wrong_and_how_to_mend_it(opened: Workspace) -> None:
    ran = opened("doctor", "--json")
    assert ran.status == 1
    wrong = [check for check in ran.json if check["ok"] is False]
    assert [check["name"] for check in wrong] == ["mail"]
    assert "mail.host" in wrong[0]["message"]
    assert opened("doctor").out
