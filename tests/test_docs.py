"""The documents, tested: complete, current, and their commands run."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

import dondoc
import licences
import reliability
from conftest import Demo
from reports.dictionary import dictionary
from rules.catalogue import RULES
from schemas.forms import FORMS
from schemas.notices import Delivery, NoticeKind
from schemas.settings import Settings, secret_names
from schemas.texts import under
from tasks import rulebook
from tasks.catcher import catching

HOUSE = Path(__file__).parents[1]
DOCUMENTS = sorted([*HOUSE.glob("*.md"), *HOUSE.glob("docs/**/*.md"), *HOUSE.glob("examples/*.md")])
COMMANDS = [name for name in dondoc.app if not name.startswith("-")]


def _read(name: str) -> str:
    return (HOUSE / name).read_text("utf-8")


def _rows(name: str) -> dict[str, tuple[str, ...]]:
    """Of every table row whose first cell is `code`: that code -> the other cells."""
    found = re.findall(r"^\| `([^`]+)` \| (.*) \|$", _read(name), re.MULTILINE)
    return {code: tuple(rest.split(" | ")) for code, rest in found}


def _settings(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _settings(kind, f"{prefix}{name}.")
        else:
            assert field.default is not PydanticUndefined
            yield f"{prefix}{name}", field.default


def _plain(value: Any) -> Any:
    """A default as TOML would give it."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, BaseModel):
        return {key: _plain(one) for key, one in value if one is not None}
    return float(value) if isinstance(value, Decimal) else value


# --- complete -----------------------------------------------------------------------------------


def test_the_commands_are_those_of_the_contract() -> None:
    assert {"init", "demo", "open", "collect", "status", "report", "remind", "outbox"} < set(
        COMMANDS
    )
    assert {"approve", "deliver", "explain", "serve", "doctor"} < set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    assert re.search(rf"^\| `dondoc {command}\b", _read("README.md"), re.MULTILINE)
    (example, _leaves) = _rows("docs/operations.md")[f"dondoc {command}"]
    assert f"`dondoc {command}" in example


def test_no_command_is_documented_that_does_not_exist() -> None:
    for document in DOCUMENTS:
        for command in re.findall(r"`(?:\.venv/bin/)?dondoc ([a-z]+)", document.read_text("utf-8")):
            assert command in COMMANDS, f"{document.name}: dondoc {command}"


@pytest.mark.parametrize(("key", "default"), list(_settings(Settings)))
def test_every_setting_is_documented_with_its_default(key: str, default: Any) -> None:
    (said, _meaning) = _rows("docs/operations.md")[key]
    if default is None:
        assert said == "none"
    else:
        assert tomllib.loads(f"value = {said.strip('`')}")["value"] == _plain(default)


def test_no_setting_is_documented_that_does_not_exist() -> None:
    section = _read("docs/operations.md").partition("\n## Settings\n")[2].partition("\n## ")[0]
    documented = set(re.findall(r"^\| `([a-z_.]+)` \|", section, re.MULTILINE))
    assert documented == {key for key, _ in _settings(Settings)}


def test_a_new_workspace_shows_every_setting_with_its_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DONDOC_LETTER__PDF")  # the tests' own
    text = re.sub(
        r"^# (?=[a-z_]+ = )", "", _read("examples/new-workspace.toml"), flags=re.MULTILINE
    )
    settings = Settings(**tomllib.loads(text))
    examples = {"mail.host", "mail.user", "mail.sender", "approval.standing", "approval.answerable"}
    examples |= {"mailbox.host", "mailbox.user", "mailbox.done"}
    for key, default in _settings(Settings):
        value: Any = settings
        for part in key.split("."):
            value = getattr(value, part)
        secret = key in secret_names()
        assert secret or (value == default) is (key not in examples), key


def test_every_flow_is_documented_with_its_schedule() -> None:
    deployments = yaml.safe_load(_read("prefect.yaml"))["deployments"]
    rows = _rows("docs/operations.md")
    for deployment in deployments:
        (schedule, _what) = rows[deployment["name"]]
        assert (schedule == "none") is ("schedules" not in deployment)
        assert f"`{deployment['name']}`" in _read("docs/architecture.md")


def test_every_flag_rule_is_documented() -> None:
    rows = _rows("docs/operations.md")
    for rule in RULES:
        assert len(rows[rule.name]) == 3
    assert set(under("flag")) <= set(rows)


def test_every_schema_says_what_it_brought() -> None:
    revisions = {path.name[:4] for path in (HOUSE / "migrations/versions").glob("[0-9]*.py")}
    assert set(_rows("docs/upgrade.md")) == revisions


def test_the_units_named_are_those_that_there_are() -> None:
    text = _read("docs/install.md") + _read("docs/upgrade.md") + _read("docs/operations.md")
    there = {path.name for path in (HOUSE / "deploy/systemd").glob("dondoc*.*")}
    named = set(re.findall(r"`(dondoc[\w@-]*\.(?:service|target|timer))`", text))
    assert named
    assert named <= there
    timers = re.search(r"dondoc-run@\{(.*?)\}\.timer", text)
    assert timers
    assert {f"dondoc-run@{one}.timer" for one in timers[1].split(",")} == {
        name for name in there if re.match(r"dondoc-run@.+\.timer", name)
    }


def test_every_finding_rule_is_documented() -> None:
    rules = {check.rule for form in FORMS for check in form.checks}
    rules |= set(under("finding")) | set(under("registry"))
    assert len(rules) > 40
    assert rules <= set(_rows("docs/data-dictionary.md"))


def test_every_kind_of_notice_and_state_of_delivery_is_documented() -> None:
    assert all(f"`{kind}`" in _read("docs/glossary.md") for kind in NoticeKind)
    assert all(re.search(rf"\b{state}\b", _read("docs/architecture.md")) for state in Delivery)


def test_the_diagram_of_the_outbox_has_its_states_and_no_other() -> None:
    _, _, drawn = _read("docs/architecture.md").partition("stateDiagram-v2")
    changes = re.findall(r"^ +(\S+) --> ([^:\n]+)", drawn.partition("```")[0], re.M)
    assert {state for change in changes for state in change} == {*Delivery, "[*]"}


def test_every_dependency_earns_its_line() -> None:
    project = tomllib.loads(_read("pyproject.toml"))
    declared = [
        *project["project"]["dependencies"],
        *(one for extra in project["project"]["optional-dependencies"].values() for one in extra),
        *(one for group in project["dependency-groups"].values() for one in group),
    ]
    names = {re.split(r"[\[<>=]", one)[0] for one in declared if isinstance(one, str)}
    heads = re.findall(r"^\| (`.*?`) \| ", _read("docs/decisions/dependencies.md"), re.MULTILINE)
    assert {name for head in heads for name in re.findall(r"`([^`]+)`", head)} == names


# --- current ------------------------------------------------------------------------------------


def test_the_data_dictionary_is_current() -> None:
    assert _read("docs/data-dictionary.md") == dictionary(), "run `make docs`"


def test_the_model_of_a_country_is_what_was_measured(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(_read("docs/past-one-machine.md"), "utf-8")
    program = HOUSE / "benchmarks" / "country_wide.py"
    subprocess.run([sys.executable, program, page], check=True)
    assert page.read_text("utf-8") == _read("docs/past-one-machine.md")


@pytest.mark.parametrize("name", ["rules.md", "quy-tac.vi.md"])
def test_the_pages_of_the_rules_are_current(name: str) -> None:
    assert _read(f"docs/{name}") == rulebook.pages()[name], "run `make docs`"


def test_the_page_of_licences_is_current_and_knows_each() -> None:
    page = _read("docs/licences.md")
    for name, version in licences.locked().items():
        its = licences.licence(name)
        assert its != "", name
        row = f"`{name}`" if its is None else licences.row(name, version, its)
        assert row in page, f"{name}: run `make licences`"


def test_what_the_repository_carries_of_others_has_its_licence() -> None:
    others = {
        str(path.relative_to(HOUSE))
        for folder in ("reports", "schemas", "examples", "tests", "docs")
        for path in (HOUSE / folder).rglob("*")
        if path.suffix in {".ttf", ".otf", ".woff", ".woff2"} or path.name.endswith(".min.js")
    }
    assert len(others) >= 6
    for path in others:
        told = licences.carried(path)
        assert told, path
        name, text = told
        words = {"OFL-1.1": "SIL Open Font License", "MPL-2.0": "Mozilla Public License"}[name]
        assert words.lower() in _read(text).lower()
        assert f"| {name} | `{text}` |" in _read("docs/licences.md")


def test_every_rule_has_an_example_that_it_flags_itself() -> None:
    for one in rulebook.described():
        assert one.flags, one.rule.name
        assert {flag.rule for flag in one.flags} == {one.rule.name}
        for page in ("docs/rules.md", "docs/quy-tac.vi.md"):
            assert all(f"`rules.{name}`" in _read(page) for name, _ in one.parameters)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(HOUSE)))
def test_links_resolve(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text("utf-8"))
    for link in links:
        assert link.startswith("https://") or (document.parent / link).exists(), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(HOUSE)))
def test_named_files_exist(document: Path) -> None:
    named = re.findall(
        r"`((?:flows|tasks|rules|reports|schemas|migrations|tests|examples|docs)/[\w./-]*)`",
        document.read_text("utf-8"),
    )
    of_a_workspace = ("reports/PERIOD", "reports/2021")
    for name in named:
        if not name.startswith(of_a_workspace) and "NAME" not in name:
            assert (HOUSE / name).exists(), name


def test_reliability_is_told_as_it_was_measured() -> None:
    lines = [reliability.Shown(**one) for one in json.loads(_read("docs/reliability.json"))]
    assert reliability.page(lines) == _read("docs/reliability.md")
    for line in lines:
        file, _, name = line.test.partition("::")
        assert f"def {name.partition('[')[0]}(" in _read(file), line.test


def test_the_decisions_are_numbered_without_a_gap() -> None:
    names = sorted(path.name[:4] for path in (HOUSE / "docs/decisions").glob("[0-9]*.md"))
    assert names == [f"{number:04d}" for number in range(1, len(names) + 1)]


# --- their commands run -------------------------------------------------------------------------


def _commands(name: str) -> list[tuple[str, int]]:
    """The lines of the fenced sh blocks, with the exit status that their comment promises."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", _read(name), re.MULTILINE | re.DOTALL)
    lines = [line.partition("  # ") for block in blocks for line in block.splitlines()]
    promised = [re.search(r"exit status (\d)", comment) for _, _, comment in lines]
    return [
        (command.strip(), int(said[1]) if said else 0)
        for (command, _, _), said in zip(lines, promised, strict=True)
    ]


@pytest.mark.parametrize("name", ["README.md", "README.vi.md"])
def test_the_commands_of_the_readme_run(name: str, demo: Demo, tmp_path: Path) -> None:
    commands = _commands(name)
    assert [command for command, _ in commands[:2]] == ["make demo", "make test"]
    shutil.copytree(demo.workspace, tmp_path / "demo")  # what `make demo` left
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "dondoc").symlink_to(Path(sys.executable).with_name("dondoc"))
    with catching(tmp_path / "mail") as mail:
        for command, promised in commands[2:]:
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=tmp_path,
                env=os.environ | mail,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == promised, f"{command}\n{done.stdout}{done.stderr}"
    assert len(commands) > 6


def test_the_demo_shows_the_month_it_played(demo: Demo) -> None:
    for unit in ("VP", "TTTT", "HVDT", "KHTC"):
        assert re.search(rf"│ {unit} +│", demo.output)
    assert "58,41%" in demo.output  # 51142.2 of 87555.4, see tests/unit/test_sample.py
    mails = list((demo.workspace / "mail").glob("*.eml"))
    assert f"{len(mails)} thư đã gửi" in demo.output
    assert len(mails) == 23
    assert max(len(line) for line in demo.output.splitlines() if line.startswith("│")) <= 80


def test_what_the_programme_writes_is_its_owners_alone(
    demo: Demo, shown: Callable[..., None]
) -> None:
    """The umask of who ran it notwithstanding: Prefect's files too, which the server wrote."""
    written = [demo.workspace, *demo.workspace.rglob("*")]
    kinds = {"files": 0, "folders": 0}
    for path in written:
        assert not path.is_symlink()
        kinds["folders" if path.is_dir() else "files"] += 1
        wanted = 0o700 if path.is_dir() else 0o600
        assert path.stat().st_mode & 0o777 == wanted, path
    assert (demo.workspace / ".prefect" / "prefect.db").exists()
    assert kinds["files"] > 100
    shown(
        "secrets", "another account looks into a workspace", "files are 0600 and folders 0700",
        f"{kinds['files']} files and {kinds['folders']} folders of a demo: all",
    )  # fmt: skip
