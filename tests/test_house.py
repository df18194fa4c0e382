"""The architecture, tested: what import-linter cannot say of the house."""

import ast
import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

HOUSE = Path(__file__).parents[1]
LOCKS = ("requirements.txt", "requirements-dask.txt", "requirements-dev.txt")
ROOMS = ("flows", "tasks", "rules", "reports", "schemas", "migrations")
MODULES = [
    HOUSE / "dondoc.py",
    *(path for room in ROOMS for path in sorted((HOUSE / room).rglob("*.py"))),
]
DEPLOYMENTS: list[dict[str, Any]] = yaml.safe_load((HOUSE / "prefect.yaml").read_text("utf-8"))[
    "deployments"
]

every_deployment = pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda d: d["name"])


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _flows() -> Iterator[tuple[Path, ast.FunctionDef]]:
    """Every function decorated with `flow(...)`."""
    for path in sorted((HOUSE / "flows").glob("*.py")):
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(d, ast.Call) and isinstance(d.func, ast.Name) and d.func.id == "flow"
                for d in node.decorator_list
            ):
                yield path, node


@pytest.mark.parametrize("name", ["dondoc", *ROOMS])
def test_each_room_resolves_inside_the_house(name: str) -> None:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).is_relative_to(HOUSE)
    assert not Path(spec.origin).is_relative_to(HOUSE / ".venv")


def test_no_flow_is_named_like_a_room_or_a_module_of_the_standard_library() -> None:
    files = {path.stem for path in (HOUSE / "flows").glob("*.py")} - {"__init__"}
    assert len(files) >= 6
    assert not files & {"dondoc", *ROOMS}
    assert not files & sys.stdlib_module_names


def test_no_room_hides_a_module_of_the_standard_library() -> None:
    assert not {"dondoc", *ROOMS} & sys.stdlib_module_names


def test_every_module_opens_with_what_it_decides_or_touches() -> None:
    assert len(MODULES) > 50
    silent = [
        path.relative_to(HOUSE)
        for path in MODULES
        if not re.match(r"[^.:]+[.:]", ast.get_docstring(_tree(path)) or "")
    ]
    assert not silent


def test_no_module_is_a_drawer() -> None:
    drawers = {"utils", "helpers", "common", "manager"}
    assert not [path for path in MODULES if drawers & set(re.split(r"[_.]", path.name))]


def test_rules_open_no_file_print_nothing_and_ask_no_clock() -> None:
    reaching = {"open", "print", "input", "now", "today", "read_csv", "read_excel", "to_excel"}
    for path in sorted((HOUSE / "rules").glob("*.py")):
        called = {ast.unparse(n.func) for n in ast.walk(_tree(path)) if isinstance(n, ast.Call)}
        assert not {name.rpartition(".")[2] for name in called} & reaching, path.name


def test_a_flow_decides_nothing_about_data() -> None:
    flows = list(_flows())
    assert {flow.name for _, flow in flows} == {
        deployment["entrypoint"].rpartition(":")[2] for deployment in DEPLOYMENTS
    }
    forbidden = (ast.If, ast.IfExp, ast.Try, ast.Match, ast.While)
    found = [
        f"{path.name}:{node.lineno}"
        for path, flow in flows
        for node in ast.walk(flow)
        if isinstance(node, forbidden)
    ]
    assert not found


@every_deployment
def test_each_deployment_is_a_flow_of_its_own_name(deployment: dict[str, Any]) -> None:
    from prefect import Flow  # noqa: PLC0415 - three seconds
    from prefect.flows import load_flow_from_entrypoint  # noqa: PLC0415

    path, _, function = deployment["entrypoint"].partition(":")
    flow: Flow[..., Any] = load_flow_from_entrypoint(str(HOUSE / path) + ":" + function)
    assert isinstance(flow, Flow)
    assert flow.name == deployment["name"] == function.replace("_", "-")
    assert Path(path).stem == function
    assert "workspace" in flow.parameters.properties
    assert deployment["description"]


@every_deployment
def test_each_schedule_follows_the_clock_of_vietnam(deployment: dict[str, Any]) -> None:
    for schedule in deployment.get("schedules", ()):
        assert schedule["timezone"] == "Asia/Ho_Chi_Minh"
        assert isinstance(schedule["day_or"], bool)
        assert len(schedule["cron"].split()) == 5


def test_every_occasion_of_the_month_is_scheduled_but_the_persons() -> None:
    scheduled = {d["name"] for d in DEPLOYMENTS if d.get("schedules")}
    assert scheduled == {"open-period", "collect", "remind", "monthly-report", "deliver", "watch"}
    persons = {"approve", "release", "adjust", "excuse"}
    assert {d["name"] for d in DEPLOYMENTS} - scheduled == persons


@pytest.mark.parametrize("command", ["", "status"])
def test_help_costs_no_heavy_import(command: str) -> None:
    heavy = ("prefect", "great_expectations", "pandas", "sqlalchemy", "matplotlib", "yagmail")
    code = (
        "import sys, dondoc\n"
        f"sys.argv = ['dondoc', *{command.split()}, '--help']\n"
        "try:\n    dondoc.main()\n"
        "except SystemExit as done:\n    assert not done.code\n"
        f"sys.stderr.write(' '.join(m for m in {heavy} if m in sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "dondoc" in done.stdout
    assert done.stderr == ""


def test_the_locks_name_no_registry_and_agree() -> None:
    locks = [(HOUSE / name).read_text("utf-8") for name in LOCKS]
    for lock in locks:
        assert "://" not in lock
        assert not re.search(r"^--?(index|extra|find|trusted)", lock, re.MULTILINE)
    pins = [set(re.findall(r"^([\w.\[\],-]+==[^ ]+)", lock, re.MULTILINE)) for lock in locks]
    assert len(pins[0]) > 100
    assert pins[0] < pins[1] < pins[2]


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_its_hashes(name: str) -> None:
    lock = (HOUSE / name).read_text("utf-8").replace("\\\n", " ")
    assert all("--hash=sha256:" in line for line in lock.splitlines())


def _calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call in the house: where it stands, and it."""
    for path in MODULES:
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Call):
                yield f"{path.relative_to(HOUSE)}:{node.lineno}", node


def test_nothing_is_unpickled() -> None:
    """What unpickles runs what it is given. Whoever imports none of these cannot."""
    never = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
    for path in MODULES:
        for node in ast.walk(_tree(path)):
            named = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            named += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found = {name.partition(".")[0] for name in named} & never
            assert not found, f"{path.relative_to(HOUSE)} imports {found}"
    does = ("read_pickle", ".recv")  # a pipe's `recv` unpickles, its `recv_bytes` does not
    assert not [at for at, call in _calls() if ast.unparse(call.func).endswith(does)]


def test_yaml_is_read_as_data_and_nothing_is_run_as_code() -> None:
    never = {"yaml.load", "yaml.unsafe_load", "yaml.full_load", "eval", "exec", "os.system",
             "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"}  # fmt: skip
    assert not [at for at, call in _calls() if ast.unparse(call.func) in never]


def test_no_program_is_started_by_a_shell() -> None:
    starts = [
        (at, call) for at, call in _calls() if ast.unparse(call.func).startswith("subprocess")
    ]
    assert starts
    for at, call in starts:
        assert "shell" not in {one.arg for one in call.keywords}, at
        assert not isinstance(call.args[0], ast.Constant | ast.JoinedStr), at


def test_prefect_keeps_no_results() -> None:
    """Results may hold figures and addresses, and Prefect would pickle them."""
    tasks = [(at, call) for at, call in _calls() if ast.unparse(call.func) in {"task", "flow"}]
    assert len(tasks) >= len(DEPLOYMENTS)
    for at, call in tasks:
        said = {one.arg: ast.unparse(one.value) for one in call.keywords}
        assert said.get("persist_result") == "False", at
        assert not {"result_storage", "result_serializer", "cache_key_fn"} & set(said), at


def test_golden_files_can_be_written_anew() -> None:
    folders = [path for path in (HOUSE / "tests" / "golden").iterdir() if path.is_dir()]
    kept = [folder for folder in folders if folder.name != "__pycache__"]
    assert kept
    for folder in kept:
        last = _tree(folder.with_name(f"test_{folder.name}.py")).body[-1]
        assert isinstance(last, ast.If), f"nothing writes {folder} anew for `make golden`"
        assert ast.unparse(last.test) == "__name__ == '__main__'"


def test_every_excluded_line_says_why() -> None:
    for path in MODULES:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if "pragma: no " in line:
                assert re.search(r"pragma: no (cover|branch) - \w", line), f"{path}:{number}"


def test_with_a_folder_of_wheels_nothing_else_is_asked() -> None:
    said = subprocess.run(
        ["make", "--dry-run", "--always-make", "install", "WHEELS=wheels"],
        cwd=HOUSE, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    installing = [line for line in said.splitlines() if " install " in line]
    assert len(installing) == 2  # the lock, then the project
    assert all(" --no-index --find-links wheels " in line for line in installing)
