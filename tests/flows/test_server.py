"""Flows as real runs on a Prefect server: they complete, are seen, and stay few."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from email.message import Message
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.error import HTTPError
from urllib.parse import quote, quote_plus, unquote
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

import dasked
import imap
from ministry import CLOSING, OPENING, PERIOD, Ministry, Workspace, create
from postbox import Postbox
from schemas.listening import Listening
from tasks.server import free_port, server

DIFFICULT = "Chờ thẩm định hồ sơ"
"""What every clerk of the ministry types into a cell."""
DONDOC = Path(sys.executable).with_name("dondoc")
SECRETS = {
    "DONDOC_MAIL__PASSWORD": "Bi-mat/thu?1+1=2",
    "DONDOC_MAILBOX__PASSWORD": "Bi-mat/hop&thu-2",
    "DONDOC_DATABASE_URL": "Bi-mat%2Fcsdl~so-3",
    "DONDOC_SERVER_AUTH": "Bi-mat/trang#so-4",
}
AUTH = {"DONDOC_SERVER_AUTH": f"an:{SECRETS['DONDOC_SERVER_AUTH']}"}
"""What the server asks for, as it is told to it and to whoever comes."""
AUTHORIZED = f"Basic {b64encode(AUTH['DONDOC_SERVER_AUTH'].encode()).decode()}"


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server keeps its things."""
    return tmp_path_factory.mktemp("prefect")


@pytest.fixture(scope="session")
def api(home: Path) -> Iterator[str]:
    with ExitStack() as stack:
        with patch.dict(os.environ, AUTH):
            url = stack.enter_context(server(home, Listening(port=free_port())))
        yield url


def ask(api: str, what: str, **filters: Any) -> list[dict[str, Any]]:
    request = Request(
        f"{api}/{what}/filter",
        data=json.dumps(filters).encode(),
        headers={"Content-Type": "application/json", "Authorization": AUTHORIZED},
    )
    with urlopen(request, timeout=30) as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return found


def run_on(api: str, workspace: Workspace, *arguments: object) -> dict[str, Any]:
    """Run a command with the server around; the flow run that it made."""
    known = {run["id"] for run in ask(api, "flow_runs")}
    ran = subprocess.run(
        [DONDOC, *map(str, arguments), "--workspace", workspace.path, "--json"],
        capture_output=True, text=True, check=False, timeout=120,
        env=os.environ | AUTH | {"PREFECT_API_URL": api},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    json.loads(ran.stdout)  # the machine's answer is as clean with a server as without
    (run,) = [one for one in ask(api, "flow_runs") if one["id"] not in known]
    return run


def tasks_of(api: str, run: dict[str, Any]) -> list[str]:
    found = ask(api, "task_runs", flow_runs={"id": {"any_": [run["id"]]}})
    assert {task["state_type"] for task in found} == {"COMPLETED"}
    given = {name for task in found for name in task["task_inputs"]}
    assert given <= {"__parents__"}  # it would look for results through all units
    return sorted(task["name"].rpartition("-")[0] for task in found)


def test_the_month_on_a_server_and_its_task_runs_do_not_grow_with_the_units(
    api: str, tmp_path: Path
) -> None:
    tasks: dict[int, dict[str, list[str]]] = {}
    for count in (4, 12):
        month = create(tmp_path / str(count), Ministry(count))
        month.done("open", PERIOD, today=OPENING)
        for unit in month.ministry.units[:-1]:
            month.submit(unit)
        tasks[count] = {}
        for command in ("collect", "report") if count == 4 else ("collect",):
            run = run_on(api, month, command, PERIOD, "--today", CLOSING)
            assert run["state_type"] == "COMPLETED"
            assert run["parameters"]["period"] == PERIOD
            tasks[count][command] = tasks_of(api, run)
            artifacts = ask(api, "artifacts", flow_runs={"id": {"any_": [run["id"]]}})
            shown = {artifact["key"]: artifact for artifact in artifacts}
            table = json.loads(shown[f"units-{PERIOD}"]["data"])
            assert len(table) == count
            assert table[0]["Đơn vị"] == "DV01 - Văn phòng Ủy ban"
            assert table[-1]["Tình trạng"] == "Chưa gửi"
            assert f"flags-{PERIOD}" in shown
            assert (f"collected-{PERIOD}" in shown) == (command == "collect")
            if command == "collect":
                taken = json.loads(shown[f"collected-{PERIOD}"]["data"])
                assert [row["Đơn vị"] for row in taken] == month.ministry.units[:-1]
                assert {row["Tình trạng"] for row in taken} == {"Đã tiếp nhận"}
            assert (f"documents-{PERIOD}" in shown) == (command == "report")
        with sqlite3.connect(month.path / "dondoc.db") as database:
            runs = database.execute("select flow, outcome from run order by id").fetchall()
        database.close()
        flows = ["open-period", "collect", "monthly-report"][: 1 + len(tasks[count])]
        assert runs == [(flow, "done") for flow in flows]
    assert tasks[4]["collect"] == tasks[12]["collect"]
    assert tasks[4]["collect"]
    assert tasks[4]["report"]


def test_a_run_that_fails_says_so_on_the_server_and_in_its_row(api: str, tmp_path: Path) -> None:
    month = create(tmp_path / "w", Ministry(1))
    month.done("open", PERIOD, today=OPENING)
    known = {run["id"] for run in ask(api, "flow_runs")}
    ran = subprocess.run(
        [DONDOC, "deliver", "--workspace", month.path, "--today", str(OPENING)],
        capture_output=True, text=True, check=False, timeout=120,
        env=os.environ | AUTH | {"PREFECT_API_URL": api},
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (2, "")
    assert len(ran.stderr.splitlines()) == 1
    assert "mail.host" in ran.stderr
    (run,) = [one for one in ask(api, "flow_runs") if one["id"] not in known]
    assert run["state_type"] == "FAILED"
    with sqlite3.connect(month.path / "dondoc.db") as database:
        ((flow, outcome),) = database.execute("select flow, outcome from run where id > 1")
    database.close()
    assert flow == "deliver"
    assert outcome.startswith("refused: ")
    assert "mail.host" in outcome
    assert {r["state"] for r in month.outbox()} == {"approved"}


# --- by Dask's workers ----------------------------------------------------------------------------


def papers(month: Workspace) -> dict[str, bytes]:
    """Every document of the month, but for what bears an instant or a Message-ID."""
    return {
        path.relative_to(month.path).as_posix(): path.read_bytes()
        for folder in ("forms", "reports")
        for path in (month.path / folder).rglob("*")
        if path.is_file() and path.name != "outbox.html" and "quality" not in path.parts
    }


def notices(month: Workspace) -> list[list[str]]:
    said = ("kind", "unit", "to", "subject", "state")
    return sorted([one[name] for name in said] for one in month.outbox())


@pytest.mark.parametrize("end", ["SIGKILL", pytest.param("SIGSTOP", marks=pytest.mark.soak)])
def test_the_month_by_workers_of_dask_is_the_same_though_scheduler_and_worker_are_lost(
    end: str,
    api: str,
    opened: Workspace,
    reported_once: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    shown: Callable[..., None],
) -> None:
    """Forms again, then a scheduler that is not there, then a worker that dies or hangs with its
    work."""
    if end == "SIGSTOP":
        monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL", "10s")
    shutil.rmtree(opened.path / "forms")
    for file in sorted((reported_once.inbox / "done" / PERIOD).iterdir()):
        shutil.copy2(file, opened.inbox)
    gone = f"tcp://127.0.0.1:{free_port()}"
    known = {run["id"] for run in ask(api, "flow_runs")}

    def words(command: str, today: date) -> list[object]:
        return [command, PERIOD, "--workspace", opened.path, "--today", today]

    with dasked.cluster(tmp_path) as cluster:
        scheduler = "DONDOC_CREW__SCHEDULER"
        there = {scheduler: cluster.address}
        ended, said = dasked.play(
            (there, words("open", OPENING)),
            ({scheduler: gone}, words("collect", OPENING)),
            (there | {"VICTIM": f"{end} {cluster.workers[0]}"}, words("collect", OPENING)),
            (there, words("report", CLOSING)),
            environment=AUTH | {"PREFECT_API_URL": api},
        )
    assert ended == [0, 2, 0, 0], said
    assert said.count("\n") == 1
    assert f"{gone} (crew.scheduler) không trả lời" in said

    assert opened.done("status", PERIOD) == reported_once.done("status", PERIOD)
    assert notices(opened) == notices(reported_once)
    mine, theirs = papers(opened), papers(reported_once)
    assert mine.keys() == theirs.keys()
    assert [name for name in mine if mine[name] != theirs[name]] == []
    runs = [one["id"] for one in ask(api, "flow_runs") if one["id"] not in known]
    batches = ask(api, "task_runs", flow_runs={"id": {"any_": runs}})
    works = {one["name"].rpartition("-")[0] for one in batches if ":" in one["name"]}
    assert works == {
        "tasks.answers:COMPOSE", "tasks.forms:FORM", "tasks.intake:READ", "tasks.letters:LETTER",
        "tasks.pages:UNIT_PAGE",
    }  # fmt: skip
    with Postbox() as box, patch.dict(os.environ, dict(box.settings())):
        opened.done("approve", PERIOD, "--by", "x")
        opened.done("deliver", PERIOD)
    sent = Counter((who, one.mail["Subject"]) for one in box.taken for who in one.recipients)
    assert set(sent.values()) == {1}
    assert sum(sent.values()) == len(notices(opened))
    shown(
        "runs", f"a Dask worker gets {end} while it has work, and a scheduler that is not there",
        "The month ends with the same figures, papers and notices; the command that finds no "
        "scheduler ends with one sentence, and nothing is lost.",
        f"{len(mine)} papers the same, {len(box.taken)} mails, each once",
    )  # fmt: skip


# --- who is let in --------------------------------------------------------------------------------


def status(url: str, method: str = "POST", **headers: str) -> tuple[int, Message]:
    """What the server says to such a call, with the headers of its answer."""
    request = Request(url, data=b"{}", method=method, headers=headers)
    try:
        with urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers
    except HTTPError as error:
        return error.code, error.headers


def test_without_the_password_no_call_is_answered(api: str, shown: Callable[..., None]) -> None:
    with urlopen(f"{api.removesuffix('/api')}/openapi.json", timeout=30) as answer:
        declared = json.load(answer)["paths"]
    calls = [
        (method, path.removeprefix("/api").format_map(defaultdict(lambda: str(uuid4()))))
        for path, methods in declared.items()
        for method in methods
        if path.removeprefix("/api") not in {"/health", "/ready"}  # they tell nothing else
    ]
    assert len(calls) > 150
    told = {status(f"{api}{path}", method.upper())[0] for method, path in calls}
    assert told == {401}
    guessed = f"Basic {b64encode(b'dondoc:dondoc').decode()}"
    assert status(f"{api}/flows/filter", Authorization=guessed)[0] == 401
    assert status(f"{api}/flows/filter", Authorization=AUTHORIZED)[0] == 200
    sockets = ("events/in", "events/out", "logs/out")
    for path in sockets:
        line = connect(
            f"ws{api.removeprefix('http')}/{path}", subprotocols=[Subprotocol("prefect")]
        )
        with line:
            line.send(json.dumps({"type": "auth", "token": "dondoc:dondoc"}))
            with pytest.raises(ConnectionClosed):
                line.recv(timeout=30)
    shown(
        "access", "another user of the machine calls Prefect's server without its password",
        "every call is refused, on the loopback too",
        f"{len(calls)} calls and {len(sockets)} sockets: 0 answered",
    )  # fmt: skip


def test_a_command_that_does_not_know_the_password_says_what_to_set(
    api: str, tmp_path: Path
) -> None:
    month = create(tmp_path / "w", Ministry(1))
    with patch.dict(os.environ, {"PREFECT_API_URL": api}):
        ran = subprocess.run(
            [DONDOC, "collect", PERIOD, "--workspace", month.path],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (2, "")
    assert len(ran.stderr.splitlines()) == 1
    assert "HTTP 401" in ran.stderr
    assert "DONDOC_SERVER_AUTH" in ran.stderr


def test_a_page_of_elsewhere_in_a_browser_gets_nothing_from_the_server(api: str) -> None:
    own = api.removesuffix("/api")
    for origin, allowed in ((own, own), ("https://evil.example", None), ("null", None)):
        asked = {"Access-Control-Request-Method": "POST", "Origin": origin}
        _, preflight = status(f"{api}/flows/filter", "OPTIONS", **asked)
        known = {"Authorization": AUTHORIZED, "Origin": origin}
        _, answer = status(f"{api}/flows/filter", **known)
        for headers in (preflight, answer):
            assert headers["Access-Control-Allow-Origin"] == allowed


# --- what is left of secrets and people -----------------------------------------------------------


def disguises(secret: str) -> set[bytes]:
    """As it is, as a part of an address, and within base64, wherever it begins there."""
    whole = {secret, unquote(secret), quote(secret, safe=""), quote_plus(secret)}
    inside = set()
    for word in {secret, unquote(secret)}:
        for before in range(3):
            coded = b64encode(b"\0" * before + word.encode()).rstrip(b"=")
            mixed = (before + len(word)) % 3 != 0  # the last sign has bits of what follows
            inside.add(coded[(0, 2, 3)[before] : len(coded) - mixed])
    return {word.encode() for word in whole} | inside


def files_below(*folders: Path) -> Iterator[tuple[Path, bytes]]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path, path.read_bytes()


def written_logs(api: str, awaited: str) -> str:
    """What runs have logged; the server writes it down in its own time."""
    for _ in range(240):
        logs = json.dumps(ask(api, "logs", limit=200), ensure_ascii=False)
        if awaited in logs:
            return logs
        time.sleep(0.25)
    raise AssertionError(logs)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it cannot see ours
def test_runs_that_fail_leave_no_secret_and_name_nobody(
    api: str, home: Path, tmp_path: Path, shown: Callable[..., None]
) -> None:
    """Each in another way, with the secrets in the variables of the very frames that fail."""
    month = create(tmp_path / "w", Ministry(1))
    month.done("open", PERIOD, today=OPENING)
    month.submit("DV01")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    said: list[str] = []
    worker = {"PREFECT_API_URL": api, "PREFECT_LOGGING_LEVEL": "INFO"}  # as `serve` has it
    around = {"TMPDIR": str(scratch)} | AUTH

    def fails_on_the_server(command: str, settings: dict[str, str]) -> str:
        ran = subprocess.run(
            [DONDOC, command, "--workspace", month.path, "--today", str(OPENING)],
            capture_output=True, text=True, check=False, timeout=120,
            env=os.environ | worker | around | settings,
        )  # fmt: skip
        assert ran.returncode == 2, ran.stdout
        said.append(ran.stdout + ran.stderr)
        return str(ran.stderr)

    def fails(command: str, settings: dict[str, str]) -> str:
        with patch.dict(os.environ, around | settings):
            ran = month(command, today=OPENING)
        assert ran.status == 2, ran.out
        said.append(ran.out + ran.err)
        return ran.err

    password = {"DONDOC_MAIL__PASSWORD": SECRETS["DONDOC_MAIL__PASSWORD"]}
    mailbox = {"DONDOC_MAILBOX__PASSWORD": SECRETS["DONDOC_MAILBOX__PASSWORD"]}
    database = f"postgresql+psycopg://an:{SECRETS['DONDOC_DATABASE_URL']}@127.0.0.1:9/x"
    gone = {"DONDOC_DATABASE_URL": database}
    unreadable = {"DONDOC_DATABASE_URL": database.replace("%2F", "/")}  # "csdl~…" for a port
    with Postbox(login=True) as box, imap.own_box(tmp_path) as mails:
        to = dict(box.settings())
        assert "127.0.0.1:9" in fails("deliver", to | password | {"DONDOC_MAIL__PORT": "9"})
        assert "AUTHENTICATIONFAILED" in fails("collect", dict(mails.settings()) | mailbox)
        assert "DONDOC_DATABASE_URL" in fails("remind", unreadable | password)
        assert "535" in fails_on_the_server("deliver", to | password)
        assert "DONDOC_DATABASE_URL" in fails_on_the_server("remind", gone | password)
        with sqlite3.connect(month.path / "dondoc.db") as rows:
            rows.execute("drop table delivery")  # a fault of ours, in the midst of sending
        rows.close()
        box.accepted = SECRETS["DONDOC_MAIL__PASSWORD"]
        assert "OperationalError" in fails_on_the_server("deliver", to | password)
    logs = written_logs(api, "OperationalError")
    traces = list(scratch.glob("dondoc-*.log"))
    assert len(traces) == 1
    everything = [*files_below(month.path, scratch, home)]
    everything += [(Path("said"), text.encode()) for text in said]
    assert any(path.name == "prefect.db" for path, _ in everything)
    for secret in SECRETS.values():
        for disguise in disguises(secret):
            found = [path for path, content in everything if disguise in content]
            assert not found, (secret, disguise, found)
    told = "\n".join([logs, *said, *(path.read_text() for path in traces)])
    for personal in ("nop.dv01@ubdt.vn", "truong.dv01@ubdt.vn", "Nguyễn Thị Nộp", DIFFICULT):
        assert personal not in told
    shown(
        "secrets", "runs fail in six ways, three of them on a Prefect server",
        "no secret is left in any file, log, table or output, and logs name nobody",
        f"4 secrets, {sum(len(disguises(s)) for s in SECRETS.values())} disguises, "
        f"{len(everything)} files: 0 found",
    )  # fmt: skip


def test_a_disguised_secret_would_be_found() -> None:
    for secret in SECRETS.values():
        plain = unquote(secret).encode()
        for before in range(6):
            for after in range(4):
                sent = b64encode(b"\0an@ubdt.vn"[:before] + plain + b"\r\n..."[:after])
                assert any(disguise in sent for disguise in disguises(secret))
