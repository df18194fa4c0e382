"""The doctor names each thing that is broken, with its remedy, whatever else is broken too."""

import json
import shutil
import sqlite3
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert

import imap
from ministry import OPENING, Workspace
from postbox import PASSWORD, Postbox
from schemas import tables
from tasks.desk import Desk
from tasks.watch import plans

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

Told = list[tuple[str, str]]
"""[check, what its sentence must say]."""


@dataclass
class Patient:
    """A workspace in the ward, and what keeps its illnesses up while the doctor looks."""

    workspace: Workspace
    monkeypatch: pytest.MonkeyPatch
    ward: ExitStack
    folder: Path
    box: Postbox = field(default_factory=Postbox)

    @property
    def path(self) -> Path:
        return self.workspace.path

    def examined(self) -> list[dict[str, Any]]:
        ran = self.workspace("doctor", "--json", today=OPENING)
        assert ran.status == (1 if any(one["ok"] is False for one in ran.json) else 0), ran.err
        assert ran.err.count("\n") == ran.status
        checks: list[dict[str, Any]] = ran.json
        return checks


@pytest.fixture
def patient(
    opened: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Patient]:
    """A healthy workspace with its mail server."""
    with ExitStack() as ward:
        box = ward.enter_context(Postbox(login=True))
        for name, value in box.settings().items():
            monkeypatch.setenv(name, value)
        yield Patient(opened, monkeypatch, ward, tmp_path, box)


# --- the illnesses ------------------------------------------------------------------------------


def unknown_setting(its: Patient) -> Told:
    its.workspace.setting("[schedule]\n", "[schedule]\ndeadlin = 5\n")
    return [("settings", "schedule.deadlin"), ("settings", "schedule.deadline")]


def secret_in_the_settings(its: Patient) -> Told:
    its.workspace.setting("[mail]\n", '[mail]\npassword = "x"\n')
    return [("settings", "DONDOC_MAIL__PASSWORD_FILE")]


def open_secret_file(its: Patient) -> Told:
    path = its.folder / "mat-khau"
    path.write_text(PASSWORD)
    path.chmod(0o640)
    its.monkeypatch.delenv("DONDOC_MAIL__PASSWORD")
    its.monkeypatch.setenv("DONDOC_MAIL__PASSWORD_FILE", str(path))
    return [("settings", f"chmod 600 {path}"), ("mail", "DONDOC_MAIL__PASSWORD")]


def unknown_variable(its: Patient) -> Told:
    its.monkeypatch.setenv("DONDOC_SCHEDULE__DEADLIN", "5")
    return [("settings", "DONDOC_SCHEDULE__DEADLINE")]


def broken_wording(its: Patient) -> Told:
    (its.path / "texts").mkdir()
    (its.path / "texts" / "vi.po").write_text('msgid "mail.greetin"\nmsgstr "Xin chào"\n', "utf-8")
    return [("texts", "mail.greeting")]


def no_database(its: Patient) -> Told:
    (its.path / "dondoc.db").write_bytes(b"not a database" * 100)
    return [("database", "dondoc.db")]


def database_gone(its: Patient) -> Told:
    its.monkeypatch.setenv("DONDOC_DATABASE_URL", "postgresql+psycopg://an@127.0.0.1:9/x")
    return [("database", "DONDOC_DATABASE_URL")]


def table_gone(its: Patient) -> Told:
    with sqlite3.connect(its.path / "dondoc.db") as database:
        database.execute("drop table run")
    database.close()
    return [("clock", "no such table: run"), ("clock", "dondoc verify")]


def newer_schema(its: Patient) -> Told:
    with sqlite3.connect(its.path / "dondoc.db") as database:
        database.execute("update alembic_version set version_num = '9999'")
    database.close()
    return [("database", "9999"), ("database", "cài phiên bản dondoc mới hơn")]


def network_disk(its: Patient) -> Told:
    mounts = its.folder / "mountinfo"
    lines = f"22 1 0:21 / / rw - ext4 sda rw\n23 22 0:22 / {its.folder} rw - nfs4 fs:/x rw\n"
    mounts.write_text(lines)
    its.monkeypatch.setattr("tasks.disk.MOUNTS", mounts)
    return [("disk", "nfs4"), ("disk", "PostgreSQL")]


def missing_folder(its: Patient) -> Told:
    shutil.rmtree(its.path / "inbox")
    return [("folder", str(its.path / "inbox"))]


def full_disk(its: Patient) -> Told:
    usage = shutil.disk_usage(its.path)._replace(free=100 * 2**20)
    its.monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    return [("disk", "100 MB"), ("disk", "1024 MB")]


def open_to_others(its: Patient) -> Told:
    its.path.chmod(0o755)
    (its.path / "registry.xlsx").chmod(0o644)
    return [("modes", "registry.xlsx"), ("modes", f"chmod -R go= {its.path}")]


def wrong_registry(its: Patient) -> Told:
    path = its.path / "registry.xlsx"
    book = load_workbook(path)
    book["Liên hệ"]["C2"] = "không phải địa chỉ"
    book.save(path)
    return [("registry", "Liên hệ")]


def mail_server_gone(its: Patient) -> Told:
    its.monkeypatch.setenv("DONDOC_MAIL__PORT", "9")
    return [("mail", "127.0.0.1:9")]


def wrong_mail_password(its: Patient) -> Told:
    its.monkeypatch.setenv("DONDOC_MAIL__PASSWORD", "sai")
    return [("mail", "535")]


def no_relay(its: Patient) -> Told:
    its.box.at_rcpt["dondoc@ubdt.vn"] = "554 5.7.1 relay access denied"
    return [("mail", "554 5.7.1 relay access denied"), ("mail", "mail.sender")]


def wrong_mailbox_password(its: Patient) -> Told:
    mailbox = its.ward.enter_context(imap.own_box(its.folder))
    for name, value in mailbox.settings().items():
        its.monkeypatch.setenv(name, value)
    its.monkeypatch.setenv("DONDOC_MAILBOX__PASSWORD", "sai")
    return [("mailbox", "AUTHENTICATIONFAILED")]


def no_typefaces(its: Patient) -> Told:
    its.monkeypatch.setattr("tasks.checkup.FACES", ("Mat.ttf",))
    return [("fonts", "Mat.ttf"), ("fonts", "cài lại")]


def drifting_clock(its: Patient) -> Told:
    its.monkeypatch.setattr("tasks.disk.ahead", lambda _: 3600.0)
    return [("clock", "chậm 3600 giây"), ("clock", "NTP")]


def run_to_come(its: Patient) -> Told:
    with Desk(its.path) as desk, desk.writer.begin() as connection:
        row = {"flow": "collect", "business_date": OPENING, "login": "x"}
        row |= {"started_at": datetime.now(UTC) + timedelta(days=1)}
        connection.execute(insert(tables.run), row)
    return [("clock", "lần chạy gần nhất")]


def named_server_gone(its: Patient) -> Told:
    its.monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    return [("schedules", "PREFECT_API_URL")]


def serve_died(its: Patient) -> Told:
    note = {"url": "http://127.0.0.1:9/api", "page": ""}
    (its.path / ".prefect").mkdir(exist_ok=True)
    (its.path / ".prefect" / "server.json").write_text(json.dumps(note))
    return [("schedules", "dondoc serve")]


def empty_server_for_everybody(its: Patient) -> Told:
    """It listens on every address, asks for nothing, and nobody works for it."""
    url = its.ward.enter_context(prefect({}))
    its.monkeypatch.setenv("PREFECT_API_URL", url)
    return [
        ("schedules", "monthly-report"), ("worker", "khởi động lại"),
        ("page", "DONDOC_SERVER_AUTH"), ("page", "TLS"),
    ]  # fmt: skip


def other_versions(its: Patient) -> Told:
    lock = its.folder / "requirements.txt"
    lock.write_text(
        "pandas==0.1 \\\n    --hash=sha256:00\nno-such-library==1.0 \\\n    --hash=sha256:00\n"
        "colorama==1.0 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n"
    )
    its.monkeypatch.setattr("tasks.installed.LOCK", lock)
    return [("versions", "(lock: 0.1)"), ("versions", "no-such-library - (lock: 1.0)"),
            ("versions", "make install")]  # fmt: skip


def scheduler_gone(its: Patient) -> Told:
    its.workspace.setting('# scheduler = ""', 'scheduler = "tcp://127.0.0.1:9"')
    return [("crew", "tcp://127.0.0.1:9 (crew.scheduler) không trả lời")]


def nobody_may(its: Patient) -> Told:
    person = '[access.people.lan]\nname = "Lan"\nroles = ["clerk"]\n'
    its.workspace.setting("\n[access]\n", f"\n{person}")
    return [("access", "officer")]


ILLNESSES: tuple[Callable[[Patient], Told], ...] = (
    unknown_setting, secret_in_the_settings, open_secret_file, unknown_variable, broken_wording,
    no_database, database_gone, table_gone, newer_schema, network_disk, missing_folder, full_disk,
    open_to_others, wrong_registry, mail_server_gone, wrong_mail_password, no_relay,
    wrong_mailbox_password, no_typefaces, drifting_clock, run_to_come, named_server_gone,
    serve_died, empty_server_for_everybody, other_versions, nobody_may, scheduler_gone,
)  # fmt: skip

TOGETHER: tuple[Callable[[Patient], Told], ...] = (
    unknown_setting, broken_wording, newer_schema, network_disk, missing_folder, full_disk,
    open_to_others, wrong_registry, no_relay, wrong_mailbox_password, no_typefaces, drifting_clock,
    empty_server_for_everybody, other_versions, nobody_may,
)  # fmt: skip
"""Those that one workspace can have at once."""


@contextmanager
def prefect(answers: dict[str, list[dict[str, Any]]], auth: str = "") -> Iterator[str]:
    """What the doctor asks of Prefect's server, on every address of this machine."""
    authorized = f"Basic {b64encode(auth.encode()).decode()}" if auth else None

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say("true")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked = self.path.removeprefix("/api/")
            if authorized and self.headers["Authorization"] != authorized:
                self._say("{}", 401)
                return
            pool = asked.startswith("work_pools/")  # one that nobody has made is none
            status = 404 if pool and asked not in answers else 200
            self._say(json.dumps(answers.get(asked, [])), status)

        def _say(self, text: str, status: int = 200) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("0.0.0.0", 0), Handler) as server:  # noqa: S104 - what is told of
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/api"
        server.shutdown()
        thread.join()


def test_a_healthy_workspace_has_nothing_wrong(patient: Patient) -> None:
    checks = patient.examined()
    assert [one for one in checks if one["ok"] is False] == []
    names = {"settings", "database", "folder", "disk", "modes", "registry", "mail", "fonts",
             "clock", "versions"}  # fmt: skip
    assert {one["name"] for one in checks if one["ok"]} >= names
    assert patient.box.taken == []


@pytest.mark.parametrize("illness", ILLNESSES, ids=lambda one: one.__name__)
def test_each_thing_that_is_broken_is_named_with_its_remedy(
    patient: Patient, illness: Callable[[Patient], Told]
) -> None:
    told = illness(patient)
    wrong = [one for one in patient.examined() if one["ok"] is False]
    for name, sentence in told:
        assert any(one["name"] == name and sentence in one["message"] for one in wrong), wrong
    assert {one["name"] for one in wrong} == {name for name, _ in told}


def test_a_workspace_broken_in_every_way_at_once_is_told_of_each(
    patient: Patient, shown: Callable[..., None]
) -> None:
    told = [(illness, illness(patient)) for illness in TOGETHER]
    wrong = [one for one in patient.examined() if one["ok"] is False]
    named = 0
    for _, sentences in told:
        for name, sentence in sentences:
            assert any(one["name"] == name and sentence in one["message"] for one in wrong), name
        named += 1
    assert named > 12
    shown(
        "installation", f"a workspace broken in {len(TOGETHER)} ways at once",
        "doctor names each with its remedy",
        f"{named} of {len(TOGETHER)} named ({len(ILLNESSES)} one by one: each a test)",
    )  # fmt: skip


def test_an_older_schema_is_told_of_and_left_alone(patient: Patient) -> None:
    with sqlite3.connect(patient.path / "dondoc.db") as database:
        database.execute("update alembic_version set version_num = '0009'")
    database.close()
    (check,) = (one for one in patient.examined() if one["name"] == "database")
    assert check["ok"] is None
    assert "0009" in check["message"]
    with sqlite3.connect(patient.path / "dondoc.db") as database:
        assert database.execute("select * from alembic_version").fetchall() == [("0009",)]
    database.close()


def test_a_server_with_all_its_schedules_and_a_worker_is_well(patient: Patient) -> None:
    pool = {"work_pool_name": "dondoc", "paused": False, "schedules": [{"active": True}]}
    flows = [pool | {"name": plan.flow} for plan in plans()]
    answers = {"deployments/filter": flows}
    answers["work_pools/dondoc/workers/filter"] = [{"status": "OFFLINE"}, {"status": "ONLINE"}]
    patient.monkeypatch.setattr("tasks.server._bound_beyond", lambda _: False)
    patient.monkeypatch.setenv("DONDOC_SERVER_AUTH", "an:mat-khau")
    for auth in ("an:mat-khau", ""):  # the second lets everybody of this machine in
        url = patient.ward.enter_context(prefect(answers, auth))
        patient.monkeypatch.setenv("PREFECT_API_URL", url)
        checks = {one["name"]: one for one in patient.examined()}
        assert (checks["schedules"]["ok"], checks["worker"]["ok"]) == (True, True)
        assert ("page" in checks) is (not auth)
    assert url in checks["page"]["message"]


def test_a_mail_server_that_puts_us_off_is_a_note(patient: Patient) -> None:
    patient.box.at_rcpt["dondoc@ubdt.vn"] = "450 4.2.0 greylisted"
    found = [one["ok"] for one in patient.examined() if one["name"] == "mail"]
    assert found == [True, None]


def test_no_workspace_is_made_by_looking(tmp_path: Path) -> None:
    checks = Workspace(tmp_path)("doctor", "--json").json
    assert [(one["name"], one["ok"]) for one in checks] == [("settings", False)]
    assert [*tmp_path.iterdir()] == []
